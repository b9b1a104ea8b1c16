// Package waf is the log type aws.waf: web ACL traffic logs of AWS WAF and AWS WAF Classic.
package waf

import (
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:  "aws.waf",
		Title: "AWS WAF",
		Docs:  "https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html",
		Keys:  []string{`aws-waf-logs-`, `_waflogs_`, `(?i)/WAFLogs/`},
		Sniff: func(s *logtype.Sample) bool {
			return s.Has("webaclId", "httpRequest") && (s.Has("terminatingRuleId") || s.Has("action"))
		},
		LogGroups:  []string{`^aws-waf-logs-`},
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
	logtype.Map("@timestamp", event.Time, "timestamp").In(event.EpochMilli),
	logtype.Map("formatVersion", event.Int, "formatVersion"),
	logtype.Map("webaclId", event.Keyword, "webaclId"),
	logtype.Map("event.action", event.Keyword, "action"),
	logtype.Map("rule.name", event.Keyword, "terminatingRuleId"),
	logtype.Map("rule.category", event.Keyword, "terminatingRuleType"),
	logtype.Map("terminatingRuleMatchDetails", event.JSON, "terminatingRuleMatchDetails"),
	logtype.Map("httpSourceName", event.Keyword, "httpSourceName"),
	logtype.Map("resource.name", event.Keyword, "httpSourceId"),
	logtype.Map("ruleGroupList", event.JSON, "ruleGroupList"),
	logtype.Map("rateBasedRuleList", event.JSON, "rateBasedRuleList"),
	logtype.Map("nonTerminatingMatchingRules", event.JSON, "nonTerminatingMatchingRules"),
	logtype.Map("requestHeadersInserted", event.JSON, "requestHeadersInserted"),
	logtype.Map("http.response.status_code", event.Int, "responseCodeSent"),
	logtype.Map("source.ip", event.IP, "httpRequest.clientIp").Also("source.address", "client.ip"),
	logtype.Map("httpRequest.country", event.Keyword, "httpRequest.country"),
	logtype.Map("httpRequest.headers", event.JSON, "httpRequest.headers"),
	logtype.Map("url.path", event.Keyword, "httpRequest.uri"),
	logtype.Map("url.query", event.Keyword, "httpRequest.args"),
	logtype.Map("httpRequest.httpVersion", event.Keyword, "httpRequest.httpVersion"),
	logtype.Map("http.request.method", event.Keyword, "httpRequest.httpMethod"),
	logtype.Map("http.request.id", event.Keyword, "httpRequest.requestId"),
	logtype.Map("url.fragment", event.Keyword, "httpRequest.fragment"),
	logtype.Map("url.scheme", event.Keyword, "httpRequest.scheme"),
	logtype.Map("httpRequest.host", event.Keyword, "httpRequest.host"),
	logtype.Map("source.as.number", event.Int, "clientAsn", "httpRequest.clientAsn"),
	logtype.Map("forwardedAsn", event.JSON, "forwardedAsn"),
	logtype.Map("cfDistributionTenantId", event.Keyword, "cfDistributionTenantId"),
	logtype.Map("labels", event.JSON, "labels"),
	logtype.Map("captchaResponse", event.JSON, "captchaResponse"),
	logtype.Map("challengeResponse", event.JSON, "challengeResponse", "challengeResponses"),
	logtype.Map("tls.client.ja3", event.Keyword, "ja3Fingerprint"),
	logtype.Map("ja4Fingerprint", event.Keyword, "ja4Fingerprint"),
	logtype.Map("oversizeFields", event.JSON, "oversizeFields"),
	logtype.Map("http.request.body.bytes", event.Int, "requestBodySize"),
	logtype.Map("requestBodySizeInspectedByWAF", event.Int, "requestBodySizeInspectedByWAF"),
	logtype.Map("x_forwarded_for", event.Keyword).Also("x-forwarded-for"),
	logtype.Map("event.kind", 0), logtype.Map("event.category", 0), logtype.Map("event.type", 0), logtype.Map("event.outcome", 0),
	logtype.Map("cloud.account.id", 0), logtype.Map("cloud.region", 0), logtype.Map("rule.ruleset", 0), logtype.Map("rule.id", 0),
	logtype.Map("resource.type", 0), logtype.Map("source.geo.country_iso_code", 0), logtype.Map("url.domain", 0), logtype.Map("user_agent.original", 0),
	logtype.Map("http.request.referrer", 0), logtype.Map("http.version", 0),
}

// message says what became of whose request and by which rule.
func message(get logtype.Getter) string {
	var b strings.Builder
	b.WriteString(get("source_ip"))
	if c := get("source_geo_country_iso_code"); c != "" {
		b.WriteString(" (" + c + ")")
	}
	b.WriteString(" requested " + get("http_request_method") + " " + get("url_domain") + get("url_path"))
	switch get("event_action") {
	case "ALLOW":
		b.WriteString(": allowed")
	case "BLOCK":
		b.WriteString(": blocked")
	case "CAPTCHA":
		b.WriteString(": sent a CAPTCHA")
	case "CHALLENGE":
		b.WriteString(": sent a challenge")
	default:
		b.WriteString(": " + get("event_action"))
	}
	of := " by"
	if r := get("rule_name"); r != "" && r != "Default_Action" {
		b.WriteString(" by rule " + r)
		of = " of"
	}
	if s := get("rule_ruleset"); s != "" {
		b.WriteString(of + " web ACL " + s)
	}
	return b.String()
}
