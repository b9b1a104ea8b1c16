package cloudtrail

import "ashiato/internal/logtype"

// views has the table of AWS's "Query AWS CloudTrail logs" page for Athena, structs included.
var views = []logtype.View{{
	Name: "cloudtrail",
	Docs: "https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html",
	SQL: `SELECT event_version AS eventversion,
 struct_pack("type" := user_type, principalid := user_id, arn := user_arn, accountid := user_identity_account_id,
  invokedby := user_identity_invoked_by, accesskeyid := user_access_key_id, username := user_identity_user_name,
  onbehalfof := user_identity_on_behalf_of,
  sessioncontext := struct_pack(
   attributes := struct_pack(mfaauthenticated := session_mfa_authenticated, creationdate := strftime(session_creation_date, '%Y-%m-%dT%H:%M:%SZ')),
   sessionissuer := struct_pack("type" := session_issuer_type, principalid := session_issuer_principal_id, arn := session_issuer_arn, accountid := session_issuer_account_id, username := session_issuer_user_name),
   ec2roledelivery := session_ec2_role_delivery, webidfederationdata := session_web_id_federation_data)) AS useridentity,
 strftime("timestamp", '%Y-%m-%dT%H:%M:%SZ') AS eventtime, event_provider AS eventsource, event_action AS eventname, cloud_region AS awsregion,
 source_address AS sourceipaddress, user_agent_original AS useragent, error_code AS errorcode, error_message AS errormessage,
 request_parameters AS requestparameters, response_elements AS responseelements, additional_event_data AS additionaleventdata,
 request_id AS requestid, event_id AS eventid, from_json(resources, '[{"ARN":"VARCHAR","accountId":"VARCHAR","type":"VARCHAR"}]') AS resources,
 event_type_native AS eventtype, api_version AS apiversion, read_only AS readonly, cloud_account_id AS recipientaccountid,
 service_event_details AS serviceeventdetails, shared_event_id AS sharedeventid, vpc_endpoint_id AS vpcendpointid,
 vpc_endpoint_account_id AS vpcendpointaccountid, event_category_native AS eventcategory, addendum,
 session_credential_from_console AS sessioncredentialfromconsole, edge_device_details AS edgedevicedetails,
 struct_pack(tlsversion := tls_version, ciphersuite := tls_cipher, clientprovidedhostheader := tls_client_server_name) AS tlsdetails,
 cloud_account_id AS "account", cloud_region AS region, strftime("timestamp", '%Y') AS "year", strftime("timestamp", '%m') AS "month", strftime("timestamp", '%d') AS "day",
 "timestamp"
FROM aws_cloudtrail`,
}}
