// Package cloudtrail is the log type aws.cloudtrail: management, data, network-activity, Insight and
// service events.
package cloudtrail

import (
	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:  "aws.cloudtrail",
		Title: "AWS CloudTrail",
		Docs:  "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
		Keys:  []string{`/CloudTrail(-Insight|-NetworkActivity)?/`, `_CloudTrail(-Insight|-NetworkActivity)?_`},
		Sniff: func(s *logtype.Sample) bool {
			return s.Has("eventTime", "eventID") && (s.Has("eventSource") || s.Has("insightDetails") || s.Has("eventVersion"))
		},
		LogGroups:  []string{`(?i)cloudtrail`},
		Framing:    logtype.JSON,
		Arrays:     []string{"Records"},
		Roots:      []string{"detail"},
		CloudWatch: true,
		Columns:    columns,
		Fields:     fields,
		Rules:      rules,
		Message:    message,
		Views:      views,
	}
}

var columns = []event.Column{
	{Field: "event.id", Native: []string{"eventID"}},
	{Field: "event.action", Native: []string{"eventName"}},
	{Field: "event.provider", Native: []string{"eventSource"}},
	{Field: "event.kind"}, {Field: "event.category"}, {Field: "event.type"}, {Field: "event.outcome"},
	{Field: "cloud.account.id", Native: []string{"recipientAccountId"}},
	{Field: "cloud.region", Native: []string{"awsRegion"}},
	{Field: "cloud.service.name"}, {Field: "cloud.instance.id"},
	{Field: "user.id", Native: []string{"userIdentity.principalId"}},
	{Field: "user.type", Native: []string{"userIdentity.type"}},
	{Field: "user.arn", Native: []string{"userIdentity.arn"}},
	{Field: "user.access_key_id", Native: []string{"userIdentity.accessKeyId"}},
	{Field: "user.name"}, {Field: "user.session_name"}, {Field: "user.target.name"},
	{Field: "source.address", Native: []string{"sourceIPAddress"}},
	{Field: "source.ip"},
	{Field: "user_agent.original", Native: []string{"userAgent"}},
	{Field: "error.code", Native: []string{"errorCode"}},
	{Field: "error.message", Native: []string{"errorMessage"}},
	{Field: "tls.version", Native: []string{"tlsDetails.tlsVersion"}},
	{Field: "tls.cipher", Native: []string{"tlsDetails.cipherSuite"}},
	{Field: "tls.client.server_name", Native: []string{"tlsDetails.clientProvidedHostHeader"}},
	{Field: "resource.arn"}, {Field: "resource.type"}, {Field: "resource.name"},
	{Field: "eventVersion"}, {Field: "eventType", Name: "event_type_native"}, {Field: "eventCategory", Name: "event_category_native"}, {Field: "apiVersion"},
	{Field: "readOnly"}, {Field: "managementEvent"}, {Field: "requestID"}, {Field: "sharedEventID"},
	{Field: "vpcEndpointId"}, {Field: "vpcEndpointAccountId"}, {Field: "sessionCredentialFromConsole"},
	{Field: "userIdentity.accountId"}, {Field: "userIdentity.userName"}, {Field: "userIdentity.invokedBy"},
	{Field: "userIdentity.identityProvider"}, {Field: "userIdentity.credentialId"}, {Field: "userIdentity.onBehalfOf", Kind: event.JSON},
	{Field: "userIdentity.sessionContext.attributes.mfaAuthenticated", Name: "session_mfa_authenticated"},
	{Field: "userIdentity.sessionContext.attributes.creationDate", Name: "session_creation_date", Kind: event.Time},
	{Field: "userIdentity.sessionContext.sessionIssuer.type", Name: "session_issuer_type"},
	{Field: "userIdentity.sessionContext.sessionIssuer.principalId", Name: "session_issuer_principal_id"},
	{Field: "userIdentity.sessionContext.sessionIssuer.arn", Name: "session_issuer_arn"},
	{Field: "userIdentity.sessionContext.sessionIssuer.accountId", Name: "session_issuer_account_id"},
	{Field: "userIdentity.sessionContext.sessionIssuer.userName", Name: "session_issuer_user_name"},
	{Field: "userIdentity.sessionContext.sourceIdentity", Name: "session_source_identity"},
	{Field: "userIdentity.sessionContext.ec2RoleDelivery", Name: "session_ec2_role_delivery"},
	{Field: "userIdentity.sessionContext.webIdFederationData", Name: "session_web_id_federation_data", Kind: event.JSON},
	{Field: "requestParameters", Kind: event.JSON}, {Field: "responseElements", Kind: event.JSON},
	{Field: "additionalEventData", Kind: event.JSON}, {Field: "resources", Kind: event.JSON},
	{Field: "serviceEventDetails", Kind: event.JSON}, {Field: "insightDetails", Kind: event.JSON},
	{Field: "addendum", Kind: event.JSON}, {Field: "edgeDeviceDetails", Kind: event.JSON},
	{Field: "responseElements.ConsoleLogin", Name: "console_login"},
}

var fields = []decode.Field{
	{Path: "eventTime", Column: "timestamp"}, {Path: "eventID", Column: "event_id"}, {Path: "eventName", Column: "event_action"},
	{Path: "eventSource", Column: "event_provider"}, {Path: "recipientAccountId", Column: "cloud_account_id"}, {Path: "awsRegion", Column: "cloud_region"},
	{Path: "userIdentity.principalId", Column: "user_id"}, {Path: "userIdentity.type", Column: "user_type"}, {Path: "userIdentity.arn", Column: "user_arn"},
	{Path: "userIdentity.accessKeyId", Column: "user_access_key_id"}, {Path: "sourceIPAddress", Column: "source_address"},
	{Path: "userAgent", Column: "user_agent_original"}, {Path: "errorCode", Column: "error_code"}, {Path: "errorMessage", Column: "error_message"},
	{Path: "tlsDetails.tlsVersion", Column: "tls_version"}, {Path: "tlsDetails.cipherSuite", Column: "tls_cipher"},
	{Path: "tlsDetails.clientProvidedHostHeader", Column: "tls_client_server_name"},
	{Path: "eventVersion", Column: "event_version"}, {Path: "eventType", Column: "event_type_native"}, {Path: "eventCategory", Column: "event_category_native"},
	{Path: "apiVersion", Column: "api_version"}, {Path: "readOnly", Column: "read_only"}, {Path: "managementEvent", Column: "management_event"},
	{Path: "requestID", Column: "request_id"}, {Path: "sharedEventID", Column: "shared_event_id"}, {Path: "vpcEndpointId", Column: "vpc_endpoint_id"},
	{Path: "vpcEndpointAccountId", Column: "vpc_endpoint_account_id"}, {Path: "sessionCredentialFromConsole", Column: "session_credential_from_console"},
	{Path: "userIdentity.accountId", Column: "user_identity_account_id"}, {Path: "userIdentity.userName", Column: "user_identity_user_name"},
	{Path: "userIdentity.invokedBy", Column: "user_identity_invoked_by"}, {Path: "userIdentity.identityProvider", Column: "user_identity_identity_provider"},
	{Path: "userIdentity.credentialId", Column: "user_identity_credential_id"}, {Path: "userIdentity.onBehalfOf", Column: "user_identity_on_behalf_of"},
	{Path: "userIdentity.sessionContext.attributes.mfaAuthenticated", Column: "session_mfa_authenticated"},
	{Path: "userIdentity.sessionContext.attributes.creationDate", Column: "session_creation_date"},
	{Path: "userIdentity.sessionContext.sessionIssuer.type", Column: "session_issuer_type"},
	{Path: "userIdentity.sessionContext.sessionIssuer.principalId", Column: "session_issuer_principal_id"},
	{Path: "userIdentity.sessionContext.sessionIssuer.arn", Column: "session_issuer_arn"},
	{Path: "userIdentity.sessionContext.sessionIssuer.accountId", Column: "session_issuer_account_id"},
	{Path: "userIdentity.sessionContext.sessionIssuer.userName", Column: "session_issuer_user_name"},
	{Path: "userIdentity.sessionContext.sourceIdentity", Column: "session_source_identity"},
	{Path: "userIdentity.sessionContext.ec2RoleDelivery", Column: "session_ec2_role_delivery"},
	{Path: "userIdentity.sessionContext.webIdFederationData", Column: "session_web_id_federation_data"},
	{Path: "requestParameters", Column: "request_parameters"}, {Path: "responseElements", Column: "response_elements"},
	{Path: "responseElements.ConsoleLogin", Column: "console_login"},
	{Path: "additionalEventData", Column: "additional_event_data"}, {Path: "resources", Column: "resources"},
	{Path: "serviceEventDetails", Column: "service_event_details"}, {Path: "insightDetails", Column: "insight_details"},
	{Path: "addendum", Column: "addendum"}, {Path: "edgeDeviceDetails", Column: "edge_device_details"},
}
