// Package securityhub is the log type aws.securityhub: findings in the AWS Security Finding Format
// (ASFF), alone, in EventBridge events and in replies of the API.
package securityhub

import (
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:  "aws.securityhub",
		Title: "AWS Security Hub (ASFF)",
		Docs:  "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html",
		Keys:  []string{`(?i)SecurityHub`},
		Sniff: func(s *logtype.Sample) bool {
			return s.Has("ProductArn", "AwsAccountId", "GeneratorId") && (s.Has("Resources") || s.Has("Types"))
		},
		LogGroups:  []string{`(?i)^/aws/events/.*security-?hub`},
		Framing:    logtype.JSON,
		Arrays:     []string{"Findings", "findings", "detail.findings", "detail.Findings", "data.Findings", "data.findings"},
		Roots:      []string{"detail"},
		CloudWatch: true,
		Times:      []string{"last_observed_at", "event_created", "first_observed_at"},
		Columns:    logtype.Columns(mappings),
		Fields:     logtype.Fields(mappings),
		Rules:      rules,
		Message:    message,
		Views:      views,
	}
}

// ASFF's names and ECS's meet in places: Severity.Normalized (0 to 100) is event.severity, so that one
// scale holds for all products; what a product itself said is Severity.Product.
var mappings = []logtype.Mapping{
	logtype.Map("@timestamp", event.Time, "UpdatedAt").In(event.RFC3339Milli),
	logtype.Map("event.created", event.Time, "CreatedAt").In(event.RFC3339Milli),
	logtype.Map("FirstObservedAt", event.Time, "FirstObservedAt").In(event.RFC3339Milli),
	logtype.Map("LastObservedAt", event.Time, "LastObservedAt").In(event.RFC3339Milli),
	logtype.Map("ProcessedAt", event.Time, "ProcessedAt").In(event.RFC3339Milli),
	logtype.Map("event.id", 0),
	logtype.Map("Id", event.Keyword, "Id").Called("finding_id"),
	logtype.Map("SchemaVersion", event.Keyword, "SchemaVersion"),
	logtype.Map("ProductArn", event.Keyword, "ProductArn"),
	logtype.Map("ProductName", event.Keyword, "ProductName"),
	logtype.Map("CompanyName", event.Keyword, "CompanyName"),
	logtype.Map("Region", event.Keyword, "Region").Called("product_region"),
	logtype.Map("GeneratorId", event.Keyword, "GeneratorId"),
	logtype.Map("cloud.account.id", event.Keyword, "AwsAccountId"),
	logtype.Map("cloud.account.name", event.Keyword, "AwsAccountName"),
	logtype.Map("Types", event.JSON, "Types"),
	logtype.Map("Severity.Label", event.Keyword, "Severity.Label").Called("severity_label_native"),
	logtype.Map("event.severity", event.Int, "Severity.Normalized").Also("event.risk_score_norm"),
	logtype.Map("Severity.Product", event.Float, "Severity.Product"),
	logtype.Map("Severity.Original", event.Keyword, "Severity.Original"),
	logtype.Map("Confidence", event.Int, "Confidence"),
	logtype.Map("Criticality", event.Int, "Criticality"),
	logtype.Map("rule.name", event.Keyword, "Title"),
	logtype.Map("rule.description", event.Text, "Description"),
	logtype.Map("Remediation", event.JSON, "Remediation"),
	logtype.Map("SourceUrl", event.Keyword, "SourceUrl"),
	logtype.Map("ProductFields", event.JSON, "ProductFields"),
	logtype.Map("UserDefinedFields", event.JSON, "UserDefinedFields"),
	logtype.Map("Malware", event.JSON, "Malware"),
	logtype.Map("Network", event.JSON, "Network"),
	logtype.Map("NetworkPath", event.JSON, "NetworkPath"),
	logtype.Map("Process", event.JSON, "Process"),
	logtype.Map("Threats", event.JSON, "Threats"),
	logtype.Map("ThreatIntelIndicators", event.JSON, "ThreatIntelIndicators"),
	logtype.Map("Resources", event.JSON, "Resources"),
	logtype.Map("Compliance", event.JSON, "Compliance"),
	logtype.Map("Compliance.Status", event.Keyword, "Compliance.Status"),
	logtype.Map("Compliance.SecurityControlId", event.Keyword, "Compliance.SecurityControlId"),
	logtype.Map("VerificationState", event.Keyword, "VerificationState"),
	logtype.Map("WorkflowState", event.Keyword, "WorkflowState"),
	logtype.Map("Workflow.Status", event.Keyword, "Workflow.Status"),
	logtype.Map("RecordState", event.Keyword, "RecordState"),
	logtype.Map("RelatedFindings", event.JSON, "RelatedFindings"),
	logtype.Map("Note", event.JSON, "Note"),
	logtype.Map("Vulnerabilities", event.JSON, "Vulnerabilities"),
	logtype.Map("PatchSummary", event.JSON, "PatchSummary"),
	logtype.Map("Action", event.JSON, "Action"),
	logtype.Map("FindingProviderFields", event.JSON, "FindingProviderFields"),
	logtype.Map("GeneratorDetails", event.JSON, "GeneratorDetails"),
	logtype.Map("Detection", event.JSON, "Detection"),
	logtype.Map("Sample", event.Keyword, "Sample"),
	logtype.Map("severity_label", event.Keyword).Also("severitylabel"),
	logtype.Map("event.kind", 0), logtype.Map("event.category", 0), logtype.Map("event.type", 0), logtype.Map("event.outcome", 0), logtype.Map("event.action", 0),
	logtype.Map("event.provider", 0), logtype.Map("rule.id", 0), logtype.Map("cloud.region", 0), logtype.Map("cloud.instance.id", 0),
	logtype.Map("consolidated_controls_view", event.Keyword),
	logtype.Map("vulnerability.id", 0),
	logtype.Map("resource.arn", 0), logtype.Map("resource.type", 0), logtype.Map("resource.name", 0),
	logtype.Map("user.name", 0), logtype.Map("user.id", 0), logtype.Map("user.access_key_id", 0), logtype.Map("user.arn", 0),
	logtype.Map("source.ip", 0).Also("source.address"), logtype.Map("source.port", 0), logtype.Map("source.geo.country_name", 0), logtype.Map("source.geo.city_name", 0),
	logtype.Map("destination.ip", 0).Also("destination.address"), logtype.Map("destination.port", 0), logtype.Map("destination.nat.ip", 0), logtype.Map("source.nat.ip", 0),
	logtype.Map("destination.geo.country_name", 0), logtype.Map("destination.geo.city_name", 0),
	logtype.Map("network.direction", 0), logtype.Map("network.transport", 0), logtype.Map("dns.question.name", 0),
}
