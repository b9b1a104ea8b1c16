package s3access

import "ashiato/internal/logtype"

// views has the table of AWS's "Using Amazon S3 server access logs to identify requests" page, there
// called s3_access_logs_db.mybucket_logs. As there, quoted fields keep their quotes and an absent text is
// a dash.
var views = []logtype.View{
	{Name: "s3_access_logs", Docs: docs, SQL: table},
	{Name: "mybucket_logs", Docs: docs, SQL: table},
}

const docs = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html"

const table = `SELECT COALESCE(bucket_owner, '-') AS bucketowner, COALESCE(resource_name, '-') AS bucket_name, strftime("timestamp", '%d/%b/%Y:%H:%M:%S +0000') AS requestdatetime,
 COALESCE(source_ip, '-') AS remoteip, COALESCE(user_id, '-') AS requester, COALESCE(http_request_id, '-') AS requestid, COALESCE(event_action, '-') AS operation, COALESCE("key", '-') AS "key",
 COALESCE('"' || COALESCE(request, http_request_method || ' ' || COALESCE(url_original, COALESCE(url_path, '') || COALESCE('?' || url_query, '')) || COALESCE(' HTTP/' || http_version, '')) || '"', '-') AS request_uri,
 COALESCE(http_response_status_code::VARCHAR, '-') AS httpstatus, COALESCE(error_code, '-') AS errorcode, http_response_bytes AS bytessent, file_size AS objectsize,
 COALESCE(total_time::VARCHAR, '-') AS totaltime, COALESCE(turn_around_time::VARCHAR, '-') AS turnaroundtime,
 '"' || COALESCE(http_request_referrer, '-') || '"' AS referrer, '"' || COALESCE(user_agent_original, '-') || '"' AS useragent,
 COALESCE(version_id, '-') AS versionid, COALESCE(host_id, '-') AS hostid, COALESCE(signature_version, '-') AS sigv, COALESCE(tls_cipher, '-') AS ciphersuite,
 COALESCE(authentication_type, '-') AS authtype, COALESCE(url_domain, '-') AS endpoint, COALESCE(tls_version, '-') AS tlsversion,
 COALESCE(access_point_arn, '-') AS accesspointarn, COALESCE(acl_required, '-') AS aclrequired, COALESCE(source_region, '-') AS sourceregion,
 cloud_account_id AS "account", cloud_region AS region, strftime("timestamp", '%Y/%m/%d') AS "day", "timestamp"
FROM aws_s3access`
