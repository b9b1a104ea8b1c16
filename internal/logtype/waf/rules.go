package waf

import (
	"bytes"
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
)

var rules = []event.Rule{
	{From: []string{"event_action"}, To: []string{"event_kind", "event_category", "event_type", "event_outcome"}, Fn: classify},
	{From: []string{"webacl_id", "http_source_name"}, To: []string{"cloud_account_id", "cloud_region", "rule_ruleset"}, Fn: fromACL},
	{From: []string{"rule_group_list", "rule_name"}, To: []string{"rule_id"}, Fn: matchedRule},
	{From: []string{"http_source_name"}, To: []string{"resource_type"}, Fn: func(a *event.Args) { a.Set(0, sources[a.Str(0)]) }},
	{From: []string{"http_request_country"}, To: []string{"source_geo_country_iso_code"}, Fn: func(a *event.Args) {
		if c := a.Str(0); c != "-" { // WAF's way to say that it does not know
			a.Set(0, c)
		}
	}},
	{From: []string{"http_request_http_version"}, To: []string{"http_version"}, Fn: func(a *event.Args) {
		a.Set(0, strings.TrimPrefix(a.Str(0), "HTTP/"))
	}},
	{From: []string{"http_request_headers", "http_request_host"},
		To: []string{"url_domain", "user_agent_original", "http_request_referrer", "x_forwarded_for"}, Fn: fromHeaders},
}

// classify follows the terminating action. CAPTCHA and CHALLENGE are terminating only when the request
// carried no valid token: it was not let through.
func classify(a *event.Args) {
	switch a.Str(0) {
	case "ALLOW":
		a.Set(0, "event")
		a.SetList(1, "web")
		a.SetList(2, "access", "allowed")
		a.Set(3, "success")
	case "BLOCK":
		a.Set(0, "alert")
		a.SetList(1, "web", "intrusion_detection")
		a.SetList(2, "access", "denied")
		a.Set(3, "failure")
	case "CAPTCHA", "CHALLENGE":
		a.Set(0, "event")
		a.SetList(1, "web")
		a.SetList(2, "access", "denied")
		a.Set(3, "failure")
	default:
		a.Set(0, "event")
		a.SetList(1, "web")
		a.SetList(2, "access", "info")
		a.Set(3, "unknown")
	}
}

// fromACL takes account, region and name of the web ACL from its ARN:
// arn:aws:wafv2:REGION:ACCOUNT:(regional|global)/webacl/NAME/ID, or arn:aws:waf-regional:REGION:ACCOUNT:webacl/ID
// and arn:aws:waf::ACCOUNT:webacl/ID of WAF Classic, which has no name there. Classic may also log the
// bare id.
func fromACL(a *event.Args) {
	id, source := a.Str(0), a.Str(1)
	parts := strings.SplitN(id, ":", 6)
	if len(parts) < 6 {
		if source == "CF" {
			a.Set(1, "global")
		}
		a.Set(2, id)
		return
	}
	region, resource := parts[3], strings.Split(parts[5], "/")
	if resource[0] == "global" || parts[2] == "waf" {
		region = "global"
	}
	a.Set(0, parts[4])
	a.Set(1, region)
	switch {
	case len(resource) >= 4:
		a.Set(2, resource[2])
	default:
		a.Set(2, resource[len(resource)-1])
	}
}

// matchedRule finds the rule inside a rule group that ended the evaluation; outside of groups it is
// the terminating rule itself.
func matchedRule(a *event.Args) {
	inner := ""
	if list := a.Bytes(0); bytes.Contains(list, []byte(`"terminatingRule":{`)) || bytes.Contains(list, []byte(`"terminatingRule": {`)) {
		decode.EachJSONPath(list, "terminatingRule.ruleId", func(v []byte) {
			if inner == "" {
				inner = string(decode.JSONText(v))
			}
		})
	}
	if inner == "" {
		inner = a.Str(1)
	}
	a.Set(0, inner)
}

// sources maps httpSourceName to the CloudFormation type of the protected resource.
var sources = map[string]string{
	"CF": "AWS::CloudFront::Distribution", "ALB": "AWS::ElasticLoadBalancingV2::LoadBalancer", "APIGW": "AWS::ApiGateway::Stage",
	"APPSYNC": "AWS::AppSync::GraphQLApi", "COGNITOIDP": "AWS::Cognito::UserPool", "COGNITO_IDP": "AWS::Cognito::UserPool",
	"APPRUNNER": "AWS::AppRunner::Service", "VERIFIED_ACCESS": "AWS::EC2::VerifiedAccessInstance", "AMPLIFY": "AWS::Amplify::App",
}

func fromHeaders(a *event.Args) {
	var host, agent, referrer, forwarded []byte
	eachHeader(a.Bytes(0), func(name, value []byte) {
		switch {
		case host == nil && is(name, "host"):
			host = value
		case agent == nil && is(name, "user-agent"):
			agent = value
		case referrer == nil && is(name, "referer"):
			referrer = value
		case is(name, "x-forwarded-for"):
			// a repeated header is one list (RFC 9110, 5.3)
			if forwarded != nil {
				forwarded = append(append(bytes.Clone(forwarded), ", "...), value...)
			} else {
				forwarded = value
			}
		}
	})
	if host == nil {
		host = a.Bytes(1)
	}
	a.Set(0, string(withoutPort(host)))
	a.Set(1, string(agent))
	a.Set(2, string(referrer))
	a.Set(3, string(forwarded))
}

func is(name []byte, want string) bool {
	return len(name) == len(want) && strings.EqualFold(string(name), want)
}

func withoutPort(host []byte) []byte {
	i := bytes.LastIndexByte(host, ':')
	if i < 0 || bytes.IndexByte(host[i:], ']') >= 0 || bytes.IndexByte(host, ':') != i && host[0] != '[' {
		return host
	}
	return host[:i]
}

// eachHeader goes through [{"name":"host","value":"..."}, ...]. The way AWS writes it is read without
// allocation; any other way by the general JSON walker.
func eachHeader(list []byte, f func(name, value []byte)) {
	b := list
	for {
		i := bytes.IndexByte(b, '{')
		if i < 0 {
			return
		}
		b = b[i:]
		name, rest, ok := member(b, `{"name":"`)
		if !ok {
			break
		}
		value, rest, ok := member(rest, `,"value":"`)
		if !ok || len(rest) == 0 || rest[0] != '}' {
			break
		}
		f(name, value)
		b = rest[1:]
	}
	decode.EachJSONElement(append([]byte("["), b...), func(e []byte) {
		f(decode.JSONPath(e, "name"), decode.JSONPath(e, "value"))
	})
}

// member reads a string after a fixed start and returns its text and what follows its closing quote.
func member(b []byte, start string) (text, rest []byte, ok bool) {
	if len(b) < len(start) || string(b[:len(start)]) != start {
		return nil, nil, false
	}
	b = b[len(start):]
	for i := 0; ; i++ {
		n := bytes.IndexAny(b[i:], `"\`)
		if n < 0 {
			return nil, nil, false
		}
		if i += n; b[i] == '"' {
			text = b[:i]
			if bytes.IndexByte(text, '\\') >= 0 {
				text = event.AppendJSONUnescaped(nil, text)
			}
			return text, b[i+1:], true
		}
		i++
	}
}
