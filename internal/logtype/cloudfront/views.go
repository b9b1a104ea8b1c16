package cloudfront

import "ashiato/internal/logtype"

// views has the table of AWS's "Create a table for CloudFront standard logs (legacy)" page, and the one
// that the page had before, whose names older queries use. An absent text is a dash there.
var views = []logtype.View{
	{
		Name: "cloudfront_standard_logs",
		Docs: "https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-standard-logs.html",
		SQL: `SELECT "timestamp"::DATE AS "date", strftime("timestamp", '%H:%M:%S') AS "time", x_edge_location, http_response_bytes AS sc_bytes,
 COALESCE(source_ip, '-') AS c_ip, COALESCE(http_request_method, '-') AS cs_method, COALESCE(destination_domain, '-') AS cs_host, COALESCE(url_path, '-') AS cs_uri_stem,
 http_response_status_code::INTEGER AS sc_status, COALESCE(http_request_referrer, '-') AS cs_referrer, COALESCE(cs_user_agent, '-') AS cs_user_agent,
 COALESCE(url_query, '-') AS cs_uri_query, COALESCE(cs_cookie, '-') AS cs_cookie, COALESCE(event_action, '-') AS x_edge_result_type, COALESCE(http_request_id, '-') AS x_edge_request_id,
 COALESCE(url_domain, '-') AS x_host_header, COALESCE(url_scheme, '-') AS cs_protocol, http_request_bytes AS cs_bytes, time_taken::FLOAT AS time_taken,
 COALESCE(x_forwarded_for, '-') AS x_forwarded_for, COALESCE(tls_version, '-') AS ssl_protocol, COALESCE(tls_cipher, '-') AS ssl_cipher,
 COALESCE(x_edge_response_result_type, '-') AS x_edge_response_result_type, COALESCE('HTTP/' || http_version, '-') AS cs_protocol_version, COALESCE(fle_status, '-') AS fle_status,
 fle_encrypted_fields::INTEGER AS fle_encrypted_fields, source_port::INTEGER AS c_port, time_to_first_byte::FLOAT AS time_to_first_byte,
 COALESCE(x_edge_detailed_result_type, '-') AS x_edge_detailed_result_type, COALESCE(http_response_mime_type, '-') AS sc_content_type, http_response_body_bytes AS sc_content_len,
 sc_range_start, sc_range_end, resource_name AS distributionid, "timestamp"
FROM aws_cloudfront`,
	},
	{
		Name: "cloudfront_logs",
		Docs: "https://docs.aws.amazon.com/athena/latest/ug/cloudfront-logs.html",
		SQL: `SELECT "timestamp"::DATE AS "date", strftime("timestamp", '%H:%M:%S') AS "time", x_edge_location AS "location", http_response_bytes AS bytes,
 COALESCE(source_ip, '-') AS request_ip, COALESCE(http_request_method, '-') AS "method", COALESCE(destination_domain, '-') AS "host", COALESCE(url_path, '-') AS uri,
 http_response_status_code::INTEGER AS status, COALESCE(http_request_referrer, '-') AS referrer, COALESCE(cs_user_agent, '-') AS user_agent,
 COALESCE(url_query, '-') AS query_string, COALESCE(cs_cookie, '-') AS cookie, COALESCE(event_action, '-') AS result_type, COALESCE(http_request_id, '-') AS request_id,
 COALESCE(url_domain, '-') AS host_header, COALESCE(url_scheme, '-') AS request_protocol, http_request_bytes AS request_bytes, time_taken::FLOAT AS time_taken,
 COALESCE(x_forwarded_for, '-') AS xforwarded_for, COALESCE(tls_version, '-') AS ssl_protocol, COALESCE(tls_cipher, '-') AS ssl_cipher,
 COALESCE(x_edge_response_result_type, '-') AS response_result_type, COALESCE('HTTP/' || http_version, '-') AS http_version, COALESCE(fle_status, '-') AS fle_status,
 fle_encrypted_fields::INTEGER AS fle_encrypted_fields, source_port::INTEGER AS c_port, time_to_first_byte::FLOAT AS time_to_first_byte,
 COALESCE(x_edge_detailed_result_type, '-') AS x_edge_detailed_result_type, COALESCE(http_response_mime_type, '-') AS sc_content_type, http_response_body_bytes AS sc_content_len,
 sc_range_start, sc_range_end, resource_name AS distributionid, "timestamp"
FROM aws_cloudfront`,
	},
}
