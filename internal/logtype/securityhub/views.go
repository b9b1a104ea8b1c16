package securityhub

import "ashiato/internal/logtype"

// views: AWS documents no table for ASFF files; this one has ASFF's attributes in lower case, as the
// JSON SerDe of Athena would show them.
var views = []logtype.View{{
	Name: "securityhub_findings",
	Docs: "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html",
	SQL: `SELECT schema_version AS schemaversion, finding_id AS id, product_arn AS productarn, product_name AS productname, company_name AS companyname,
 cloud_region AS region, generator_id AS generatorid, cloud_account_id AS awsaccountid, cloud_account_name AS awsaccountname, from_json("types", '["VARCHAR"]') AS "types",
 strftime(first_observed_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS firstobservedat, strftime(last_observed_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS lastobservedat,
 strftime(event_created, '%Y-%m-%dT%H:%M:%S.%gZ') AS createdat, strftime("timestamp", '%Y-%m-%dT%H:%M:%S.%gZ') AS updatedat,
 struct_pack("label" := severity_label_native, normalized := event_severity, product := severity_product, original := severity_original) AS severity,
 confidence, criticality, rule_name AS title, rule_description AS description, remediation, product_fields AS productfields, user_defined_fields AS userdefinedfields,
 malware, network, process, resources, struct_pack(status := compliance_status, securitycontrolid := compliance_security_control_id) AS compliance,
 verification_state AS verificationstate, workflow_state AS workflowstate, struct_pack(status := workflow_status) AS workflow, record_state AS recordstate,
 related_findings AS relatedfindings, note, vulnerabilities, "action", finding_provider_fields AS findingproviderfields, "timestamp"
FROM aws_securityhub`,
}}
