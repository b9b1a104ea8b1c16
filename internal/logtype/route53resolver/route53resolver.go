// Package route53resolver is the log type aws.route53resolver: Route 53 Resolver (VPC DNS) query logs,
// DNS Firewall decisions included.
package route53resolver

import (
	"net/netip"
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:  "aws.route53resolver",
		Title: "Route 53 Resolver query logs",
		Docs:  "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html",
		Keys:  []string{`(?i)vpcdnsquerylogs`},
		Sniff: func(s *logtype.Sample) bool {
			return s.Has("query_name", "query_type") && (s.Has("query_timestamp") || s.Has("srcids"))
		},
		LogGroups:  []string{`(?i)(route-?53-?resolver|vpc-?dns|dns-?quer(y|ies))`},
		Framing:    logtype.JSON,
		CloudWatch: true,
		Columns:    logtype.Columns(mappings),
		Fields:     logtype.Fields(mappings),
		Rules:      rules,
		Message:    message,
		Views:      views,
	}
}

var mappings = []logtype.Mapping{
	logtype.Map("@timestamp", event.Time, "query_timestamp"),
	logtype.Map("version", event.Keyword, "version"),
	logtype.Map("cloud.account.id", event.Keyword, "account_id"),
	logtype.Map("cloud.region", event.Keyword, "region"),
	logtype.Map("vpc_id", event.Keyword, "vpc_id"),
	logtype.Map("query_name", event.Keyword, "query_name"),
	logtype.Map("dns.question.type", event.Keyword, "query_type"),
	logtype.Map("dns.question.class", event.Keyword, "query_class"),
	logtype.Map("dns.response_code", event.Keyword, "rcode"),
	logtype.Map("answers", event.JSON, "answers"),
	logtype.Map("source.ip", event.IP, "srcaddr").Also("source.address"),
	logtype.Map("source.port", event.Int, "srcport"),
	logtype.Map("transport", event.Keyword, "transport"),
	logtype.Map("cloud.instance.id", event.Keyword, "srcids.instance", `srcids\instance`, "instance").Also("srcids_instance"),
	logtype.Map("resolver_endpoint", event.Keyword, "srcids.resolver_endpoint", `srcids\resolver_endpoint`, "resolver_endpoint"),
	logtype.Map("resolver_network_interface", event.Keyword, "srcids.resolver_network_interface", `srcids\resolver_network_interface`, "resolver_network_interface"),
	logtype.Map("firewall_rule_action", event.Keyword, "firewall_rule_action"),
	logtype.Map("rule.ruleset", event.Keyword, "firewall_rule_group_id"),
	logtype.Map("firewall_domain_list_id", event.Keyword, "firewall_domain_list_id"),
	logtype.Map("firewall_protection", event.Keyword, "firewall_protection"),
	logtype.Map("event.kind", 0), logtype.Map("event.category", 0), logtype.Map("event.type", 0), logtype.Map("event.outcome", 0), logtype.Map("event.action", 0),
	logtype.Map("dns.question.name", 0), logtype.Map("dns.type", 0),
	logtype.Map("dns.answers.data", 0), logtype.Map("dns.answers.type", 0), logtype.Map("dns.answers.class", 0), logtype.Map("dns.resolved_ip", 0),
	logtype.Map("network.transport", 0), logtype.Map("network.protocol", 0), logtype.Map("network.type", 0),
}

var rules = []event.Rule{
	{From: []string{"query_name"}, To: []string{"dns_question_name"}, Fn: func(a *event.Args) {
		name := a.Str(0)
		if len(name) > 1 {
			name = strings.TrimSuffix(name, ".") // the root's own name is a dot
		}
		a.Set(0, name)
	}},
	{From: []string{"answers"}, To: []string{"dns_answers_data", "dns_answers_type", "dns_answers_class", "dns_resolved_ip"}, Fn: answers},
	{From: []string{"transport"}, To: []string{"network_transport"}, Fn: func(a *event.Args) { a.Set(0, strings.ToLower(a.Str(0))) }},
	{From: []string{"source_ip"}, To: []string{"network_type"}, Fn: func(a *event.Args) {
		switch ip := a.Str(0); {
		case strings.Contains(ip, ":"):
			a.Set(0, "ipv6")
		case ip != "":
			a.Set(0, "ipv4")
		}
	}},
	{From: []string{"dns_response_code", "firewall_rule_action"},
		To: []string{"event_kind", "event_category", "event_type", "event_outcome", "event_action", "dns_type", "network_protocol"}, Fn: classify},
}

// answers lists every record of the answer, not only the first.
func answers(a *event.Args) {
	var data, types, classes, ips []string
	decode.EachJSONElement(a.Bytes(0), func(e []byte) {
		d, t := string(decode.JSONPath(e, "Rdata")), string(decode.JSONPath(e, "Type"))
		data, types, classes = append(data, d), append(types, t), append(classes, string(decode.JSONPath(e, "Class")))
		if t == "A" || t == "AAAA" {
			if ip, err := netip.ParseAddr(d); err == nil {
				ips = append(ips, ip.String())
			}
		}
	})
	a.SetList(0, data...)
	a.SetList(1, types...)
	a.SetList(2, classes...)
	a.SetList(3, ips...)
}

// classify: a query that DNS Firewall stopped is denied whatever the response code says (a blocked one
// may be answered with NOERROR and an override).
func classify(a *event.Args) {
	code, firewall := a.Str(0), a.Str(1)
	kind, outcome, action, types := "event", "success", "query", []string{"protocol", "info"}
	switch code {
	case "NOERROR":
	case "":
		outcome = "unknown"
	default:
		outcome = "failure"
	}
	switch firewall {
	case "BLOCK":
		kind, outcome, action, types = "alert", "failure", "block", []string{"protocol", "denied"}
	case "ALERT":
		kind, action, types = "alert", "alert", []string{"protocol", "allowed"}
	case "ALLOW":
		types = []string{"protocol", "allowed"}
	}
	a.Set(0, kind)
	a.SetList(1, "network")
	if kind == "alert" {
		a.SetList(1, "network", "intrusion_detection")
	}
	a.SetList(2, types...)
	a.Set(3, outcome)
	a.Set(4, action)
	if code != "" {
		a.Set(5, "answer")
	} else {
		a.Set(5, "query")
	}
	a.Set(6, "dns")
}

func message(get logtype.Getter) string {
	who := get("source_ip")
	if i := get("cloud_instance_id"); i != "" {
		who += " (" + i + ")"
	}
	s := who + " asked for " + get("dns_question_type") + " " + get("dns_question_name")
	switch {
	case get("firewall_rule_action") == "BLOCK":
		return s + ": blocked by DNS Firewall"
	case get("dns_answers_data") != "":
		s += ": " + get("dns_answers_data")
	case get("dns_response_code") != "":
		s += ": " + get("dns_response_code")
	}
	if get("firewall_rule_action") == "ALERT" {
		s += " (DNS Firewall alert)"
	}
	return s
}

const viewSQL = `SELECT "version", cloud_account_id AS account_id, cloud_region AS region, vpc_id, strftime("timestamp", '%Y-%m-%dT%H:%M:%SZ') AS query_timestamp,
 query_name, dns_question_type AS query_type, dns_question_class AS query_class, dns_response_code AS rcode,
 from_json(answers, '[{"Rdata":"VARCHAR","Type":"VARCHAR","Class":"VARCHAR"}]') AS answers, source_ip AS srcaddr, source_port::INTEGER AS srcport, transport,
 struct_pack(instance := cloud_instance_id, resolver_endpoint := resolver_endpoint) AS srcids,
 firewall_rule_action, rule_ruleset AS firewall_rule_group_id, firewall_domain_list_id,
 strftime("timestamp", '%Y/%m/%d') AS "date", vpc_id AS vpc, "timestamp"
FROM aws_route53resolver`

// views has the table of AWS's "Query Amazon Route 53 resolver query logs" page for Athena, under its
// name and the one that much published material uses.
var views = []logtype.View{
	{Name: "r53_rlogs", SQL: viewSQL, Docs: "https://docs.aws.amazon.com/athena/latest/ug/querying-r53-resolver-logs-creating-the-table.html"},
	{Name: "r53dns", SQL: viewSQL, Docs: "https://docs.aws.amazon.com/athena/latest/ug/querying-r53-resolver-logs-creating-the-table.html"},
}
