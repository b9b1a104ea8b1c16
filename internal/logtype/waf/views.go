package waf

import "ashiato/internal/logtype"

// views has the table of AWS's "Query AWS WAF logs" pages for Athena. AWS names it waf_logs in its
// queries and after the way of partitioning in its statements.
var views = []logtype.View{{
	Name: "waf_logs",
	Docs: "https://docs.aws.amazon.com/athena/latest/ug/create-waf-table-partition-projection.html",
	SQL: `SELECT epoch_ms("timestamp") AS "timestamp", format_version::INTEGER AS formatversion, webacl_id AS webaclid,
 rule_name AS terminatingruleid, rule_category AS terminatingruletype, event_action AS "action",
 from_json(terminating_rule_match_details, '[{"conditionType":"VARCHAR","sensitivityLevel":"VARCHAR","location":"VARCHAR","matchedData":["VARCHAR"]}]') AS terminatingrulematchdetails,
 http_source_name AS httpsourcename, resource_name AS httpsourceid,
 from_json(rule_group_list, '[{"ruleGroupId":"VARCHAR","terminatingRule":{"ruleId":"VARCHAR","action":"VARCHAR","ruleMatchDetails":[{"conditionType":"VARCHAR","sensitivityLevel":"VARCHAR","location":"VARCHAR","matchedData":["VARCHAR"]}]},"nonTerminatingMatchingRules":[{"ruleId":"VARCHAR","action":"VARCHAR","overriddenAction":"VARCHAR","ruleMatchDetails":[{"conditionType":"VARCHAR","sensitivityLevel":"VARCHAR","location":"VARCHAR","matchedData":["VARCHAR"]}],"challengeResponse":{"responseCode":"VARCHAR","solveTimestamp":"VARCHAR"},"captchaResponse":{"responseCode":"VARCHAR","solveTimestamp":"VARCHAR"}}],"excludedRules":"VARCHAR"}]') AS rulegrouplist,
 from_json(rate_based_rule_list, '[{"rateBasedRuleId":"VARCHAR","limitKey":"VARCHAR","maxRateAllowed":"INTEGER"}]') AS ratebasedrulelist,
 from_json(non_terminating_matching_rules, '[{"ruleId":"VARCHAR","action":"VARCHAR","ruleMatchDetails":[{"conditionType":"VARCHAR","sensitivityLevel":"VARCHAR","location":"VARCHAR","matchedData":["VARCHAR"]}],"challengeResponse":{"responseCode":"VARCHAR","solveTimestamp":"VARCHAR"},"captchaResponse":{"responseCode":"VARCHAR","solveTimestamp":"VARCHAR"}}]') AS nonterminatingmatchingrules,
 from_json(request_headers_inserted, '[{"name":"VARCHAR","value":"VARCHAR"}]') AS requestheadersinserted,
 http_response_status_code::VARCHAR AS responsecodesent,
 struct_pack(clientip := source_ip, country := http_request_country, headers := from_json(http_request_headers, '[{"name":"VARCHAR","value":"VARCHAR"}]'),
  uri := url_path, args := url_query, httpversion := http_request_http_version, httpmethod := http_request_method, requestid := http_request_id,
  fragment := url_fragment, scheme := url_scheme, host := http_request_host) AS httprequest,
 from_json(labels, '[{"name":"VARCHAR"}]') AS labels,
 from_json(captcha_response, '{"responseCode":"VARCHAR","solveTimestamp":"VARCHAR","failureReason":"VARCHAR"}') AS captcharesponse,
 from_json(challenge_response, '{"responseCode":"VARCHAR","solveTimestamp":"VARCHAR","failureReason":"VARCHAR"}') AS challengeresponse,
 tls_client_ja3 AS ja3fingerprint, ja4_fingerprint AS ja4fingerprint, oversize_fields AS oversizefields,
 http_request_body_bytes::INTEGER AS requestbodysize, request_body_size_inspected_by_waf::INTEGER AS requestbodysizeinspectedbywaf,
 cloud_region AS region, strftime("timestamp", '%Y/%m/%d') AS "date", strftime("timestamp", '%Y/%m/%d') AS "day", strftime("timestamp", '%Y/%m/%d/%H/%M') AS log_time
FROM aws_waf`,
}}
