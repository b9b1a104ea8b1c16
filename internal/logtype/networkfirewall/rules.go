package networkfirewall

import (
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

var rules = []event.Rule{
	{From: []string{"event_event_type", "event_action", "event_verdict_action", "event_revocation_check_action", "error_message"},
		To: []string{"event_kind", "event_category", "event_type", "event_outcome", "event_action"}, Fn: classify},
	{From: []string{"event_proto"}, To: []string{"network_transport"}, Fn: func(a *event.Args) { a.Set(0, strings.ToLower(a.Str(0))) }},
	{From: []string{"source_ip"}, To: []string{"network_type"}, Fn: func(a *event.Args) {
		switch ip := a.Str(0); {
		case strings.Contains(ip, ":"):
			a.Set(0, "ipv6")
		case ip != "":
			a.Set(0, "ipv4")
		}
	}},
	{From: []string{"event_http_hostname", "tls_client_server_name"}, To: []string{"url_domain"}, Fn: func(a *event.Args) {
		if h := a.Str(0); h != "" {
			a.Set(0, h)
		} else {
			a.Set(0, a.Str(1))
		}
	}},
	{From: []string{"event_dns"}, To: []string{"dns_question_name", "dns_question_type"}, Fn: question},
	{From: []string{"event_start", "event_end"}, To: []string{"event_duration"}, Fn: func(a *event.Args) {
		start, ok := a.Int(0)
		end, ok2 := a.Int(1)
		if ok && ok2 && end >= start {
			a.SetInt(0, (end-start)*1000) // ns, as ECS has it
		}
	}},
	// the region is the availability zone without its letter; what the object's name says comes first
	{From: []string{"cloud_availability_zone"}, To: []string{"cloud_region"}, Fn: func(a *event.Args) {
		if az := a.Str(0); len(az) > 2 && az[len(az)-2] >= '0' && az[len(az)-2] <= '9' {
			a.Set(0, az[:len(az)-1])
		}
	}},
}

// classify: the verdict is what became of the packet; alert.action is what the rule asked for.
func classify(a *event.Args) {
	eventType, action, verdict, revocation := a.Str(0), a.Str(1), a.Str(2), a.Str(3)
	kind, category, types, outcome := "event", []string{"network"}, []string{"connection"}, "unknown"
	switch {
	case eventType == "alert":
		kind, category, types = "alert", []string{"intrusion_detection", "network"}, []string{"info"}
	case eventType == "tls" || revocation != "" || a.Bytes(4) != nil:
		types = []string{"protocol"}
	}
	if verdict == "" {
		verdict = action
	}
	if verdict == "" {
		verdict = revocation
	}
	switch strings.ToLower(verdict) {
	case "drop", "blocked", "reject":
		types, outcome = append(types, "denied"), "failure"
	case "pass", "allowed", "alert":
		types, outcome = append(types, "allowed"), "success"
	}
	if a.Bytes(4) != nil && outcome == "unknown" {
		outcome = "failure"
	}
	a.Set(0, kind)
	a.SetList(1, category...)
	a.SetList(2, types...)
	a.Set(3, outcome)
	switch { // kept only where there is no alert.action
	case revocation != "":
		a.Set(4, strings.ToLower(revocation))
	case eventType != "":
		a.Set(4, eventType)
	case a.Bytes(4) != nil:
		a.Set(4, "tls_error")
	}
}

// question reads both shapes of Suricata's dns object: one query per record, or a list of them.
func question(a *event.Args) {
	d := a.Bytes(0)
	if d == nil {
		return
	}
	for _, prefix := range []string{"query.", "queries.", ""} {
		if name := decode.JSONPath(d, prefix+"rrname"); name != nil {
			a.Set(0, strings.TrimSuffix(string(name), "."))
			a.Set(1, string(decode.JSONPath(d, prefix+"rrtype")))
			return
		}
	}
}

func endpoint(ip, port string) string {
	switch {
	case port == "":
		return ip
	case strings.Contains(ip, ":"):
		return "[" + ip + "]:" + port
	}
	return ip + ":" + port
}

func message(get logtype.Getter) string {
	from, to := endpoint(get("source_ip"), get("source_port")), endpoint(get("destination_ip"), get("destination_port"))
	proto := get("event_proto")
	if app := get("network_protocol"); app != "" && app != "unknown" && app != "failed" {
		proto += "/" + app
	}
	name := ""
	if d := get("url_domain"); d != "" {
		name = " (" + d + ")"
	}
	firewall := get("service_node_name")
	switch {
	case get("event_kind") == "alert":
		result := "reported"
		switch get("event_outcome") {
		case "failure":
			result = "blocked"
		case "success":
			result = "let through"
		}
		return firewall + " " + result + " " + proto + " from " + from + " to " + to + name + ": " + get("rule_name")
	case get("event_revocation_check_status") != "":
		return firewall + " found the certificate of " + to + name + " " + strings.ToLower(get("event_revocation_check_status")) + " for " + from + ": " + get("event_revocation_check_action")
	case get("error_message") != "":
		return firewall + " could not inspect TLS from " + from + " to " + to + name + ": " + get("error_message")
	case get("network_bytes") != "":
		return from + " sent " + get("network_bytes") + " bytes in " + get("network_packets") + " packets to " + to + " over " + proto
	}
	return from + " to " + to + name + " over " + proto
}

// views has the tables of AWS's "Query AWS Network Firewall logs" pages for Athena.
var views = []logtype.View{
	{
		Name: "network_firewall_alert_logs",
		Docs: "https://docs.aws.amazon.com/athena/latest/ug/querying-network-firewall-logs-sample-alert-logs-table.html",
		SQL: `SELECT service_node_name AS firewall_name, cloud_availability_zone AS availability_zone, (epoch_us(event_timestamp) // 1000000)::VARCHAR AS event_timestamp,
 struct_pack("timestamp" := strftime("timestamp", '%Y-%m-%dT%H:%M:%S.%f+0000'), flow_id := event_flow_id, event_type := event_event_type,
  src_ip := source_ip, src_port := source_port::INTEGER, dest_ip := destination_ip, dest_port := destination_port::INTEGER, proto := event_proto, app_proto := network_protocol,
  sni := tls_client_server_name, tls_inspected := TRY_CAST(event_tls_inspected AS BOOLEAN), tls_error := struct_pack(error_message := error_message),
  revocation_check := from_json(event_revocation_check, '{"leaf_cert_fpr":"VARCHAR","status":"VARCHAR","action":"VARCHAR"}'),
  alert := struct_pack(alert_id := NULL::VARCHAR, alert_type := NULL::VARCHAR, "action" := CASE WHEN event_kind = 'alert' THEN event_action END,
   signature_id := TRY_CAST(rule_id AS INTEGER), rev := TRY_CAST(rule_version AS INTEGER), signature := rule_name, category := rule_category, severity := event_severity::INTEGER,
   rule_name := NULL::VARCHAR, alert_name := NULL::VARCHAR, alert_severity := NULL::VARCHAR, alert_description := NULL::VARCHAR, file_name := NULL::VARCHAR,
   file_hash := NULL::VARCHAR, packet_capture := NULL::VARCHAR, reference_links := NULL::VARCHAR[]),
  src_country := event_src_country, dest_country := event_dest_country, src_hostname := source_domain, dest_hostname := destination_domain,
  user_agent := user_agent_original, url := url_original,
  verdict := struct_pack("action" := event_verdict_action)) AS "event", "timestamp"
FROM aws_networkfirewall WHERE event_event_type IS DISTINCT FROM 'netflow'`,
	},
	{
		Name: "network_firewall_netflow_logs",
		Docs: "https://docs.aws.amazon.com/athena/latest/ug/querying-network-firewall-logs-sample-netflow-logs-table.html",
		SQL: `SELECT service_node_name AS firewall_name, cloud_availability_zone AS availability_zone, (epoch_us(event_timestamp) // 1000000)::VARCHAR AS event_timestamp,
 struct_pack("timestamp" := strftime("timestamp", '%Y-%m-%dT%H:%M:%S.%f+0000'), flow_id := event_flow_id, event_type := event_event_type,
  src_ip := source_ip, src_port := source_port::INTEGER, dest_ip := destination_ip, dest_port := destination_port::INTEGER, proto := event_proto, app_proto := network_protocol,
  tls_inspected := TRY_CAST(event_tls_inspected AS BOOLEAN),
  netflow := struct_pack(pkts := network_packets::INTEGER, bytes := network_bytes, "start" := strftime(event_start, '%Y-%m-%dT%H:%M:%S.%f+0000'),
   "end" := strftime(event_end, '%Y-%m-%dT%H:%M:%S.%f+0000'), age := event_netflow_age::INTEGER, min_ttl := event_netflow_min_ttl::INTEGER, max_ttl := event_netflow_max_ttl::INTEGER,
   tcp_flags := from_json(event_tcp, '{"syn":"BOOLEAN","fin":"BOOLEAN","rst":"BOOLEAN","psh":"BOOLEAN","ack":"BOOLEAN","urg":"BOOLEAN"}'))) AS "event", "timestamp"
FROM aws_networkfirewall WHERE event_event_type = 'netflow'`,
	},
}
