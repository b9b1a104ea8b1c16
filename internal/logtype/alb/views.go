package alb

import "ashiato/internal/logtype"

// access has the table of AWS's "Create the table for ALB access logs" page. Where AWS's regular
// expression yields a dash or an empty string for an absent value, so does this.
const access = `SELECT "type", strftime("timestamp", '%Y-%m-%dT%H:%M:%S.%fZ') AS "time", resource_name AS elb,
 COALESCE(source_ip, '') AS client_ip, source_port::INTEGER AS client_port, COALESCE(destination_ip, '') AS target_ip, destination_port::INTEGER AS target_port,
 request_processing_time, target_processing_time, response_processing_time,
 http_response_status_code::INTEGER AS elb_status_code, COALESCE(target_status_code::VARCHAR, '-') AS target_status_code,
 http_request_bytes AS received_bytes, http_response_bytes AS sent_bytes,
 COALESCE(http_request_method, '-') AS request_verb,
 COALESCE(url_original, request, COALESCE(url_scheme || '://', '') || COALESCE(url_domain, '') || COALESCE(':' || url_port::VARCHAR, '') || COALESCE(url_path, '') || COALESCE('?' || url_query, '')) AS request_url,
 COALESCE('HTTP/' || http_version, '- ') AS request_proto,
 COALESCE(user_agent_original, '-') AS user_agent, COALESCE(tls_cipher, '-') AS ssl_cipher, COALESCE(tls_version, '-') AS ssl_protocol,
 COALESCE(target_group_arn, '-') AS target_group_arn, COALESCE(trace_id, '-') AS trace_id, COALESCE(tls_client_server_name, '-') AS domain_name,
 COALESCE(chosen_cert_arn, '-') AS chosen_cert_arn, COALESCE(matched_rule_priority::VARCHAR, '-') AS matched_rule_priority,
 strftime(event_start, '%Y-%m-%dT%H:%M:%S.%fZ') AS request_creation_time, COALESCE(actions_executed, '-') AS actions_executed,
 COALESCE(redirect_url, '-') AS redirect_url, COALESCE(error_code, '-') AS lambda_error_reason, COALESCE(target_port_list, '-') AS target_port_list,
 COALESCE(target_status_code_list, '-') AS target_status_code_list, COALESCE(classification, '-') AS classification,
 COALESCE(classification_reason, '-') AS classification_reason, conn_trace_id, transformed_host, transformed_uri, request_transform_status,
 strftime("timestamp", '%Y/%m/%d') AS "day", cloud_account_id AS "account", cloud_region AS region, "timestamp"
FROM aws_alb`

var views = []logtype.View{
	{Name: "alb_access_logs", Docs: "https://docs.aws.amazon.com/athena/latest/ug/create-alb-access-logs-table.html", SQL: access},
	{Name: "alb_logs", Docs: "https://docs.aws.amazon.com/athena/latest/ug/application-load-balancer-logs.html", SQL: access}, // the name the page used before
}
