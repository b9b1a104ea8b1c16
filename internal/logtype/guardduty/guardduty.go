// Package guardduty is the log type aws.guardduty: findings as exported to S3, as EventBridge events
// and as replies of the API, whose keys the AWS CLI prints with capitals.
package guardduty

import (
	"regexp"
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:       "aws.guardduty",
		Title:      "Amazon GuardDuty",
		Docs:       "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html",
		Keys:       []string{`/GuardDuty/`},
		LogGroups:  []string{`(?i)^/aws/events/.*guardduty`},
		Sniff:      sniff,
		Framing:    logtype.JSON,
		Arrays:     []string{"Findings", "findings"},
		Roots:      []string{"detail"},
		CloudWatch: true,
		Times:      []string{"event_end", "event_created"},
		Columns:    logtype.Columns(mappings),
		Fields:     logtype.Fields(mappings),
		Rules:      rules,
		Message:    message,
		Views:      views,
	}
}

var findingARN = regexp.MustCompile(`^arn:aws[a-z-]*:guardduty:[^:]*:[^:]*:detector/[^/]+/finding/`)

func sniff(s *logtype.Sample) bool {
	return s.Has("accountId", "type", "id") && (findingARN.MatchString(s.Text("arn")) || findingARN.MatchString(s.Text("detail.arn")))
}

// both returns paths as findings have them and as the CLI prints them: every key capitalised.
func both(paths ...string) []string {
	out := paths
	for _, p := range paths {
		parts := strings.Split(p, ".")
		for i, part := range parts {
			parts[i] = strings.ToUpper(part[:1]) + part[1:]
		}
		out = append(out, strings.Join(parts, "."))
	}
	return out
}

var mappings = []logtype.Mapping{
	logtype.Map("@timestamp", event.Time, both("updatedAt")...).In(event.RFC3339Milli),
	logtype.Map("event.created", event.Time, both("createdAt")...).In(event.RFC3339Milli),
	logtype.Map("event.id", 0),
	logtype.Map("id", event.Keyword, both("id")...).Called("finding_id"),
	logtype.Map("schemaVersion", event.Keyword, both("schemaVersion")...),
	logtype.Map("cloud.account.id", event.Keyword, both("accountId")...),
	logtype.Map("cloud.region", event.Keyword, both("region")...),
	logtype.Map("partition", event.Keyword, both("partition")...),
	logtype.Map("arn", event.Keyword, both("arn")...),
	logtype.Map("rule.id", event.Keyword, both("type")...),
	logtype.Map("rule.name", event.Keyword, both("title")...),
	logtype.Map("rule.description", event.Text, both("description")...),
	logtype.Map("severity", event.Float, both("severity")...),
	logtype.Map("confidence", event.Float, both("confidence")...),
	logtype.Map("associatedAttackSequenceArn", event.Keyword, both("associatedAttackSequenceArn")...),
	logtype.Map("resource", event.JSON, both("resource")...),
	logtype.Map("service", event.JSON, both("service")...),
	logtype.Map("resource.type", event.Keyword, both("resource.resourceType")...),
	logtype.Map("cloud.instance.id", event.Keyword, both("resource.instanceDetails.instanceId")...),
	logtype.Map("user.access_key_id", event.Keyword, both("resource.accessKeyDetails.accessKeyId")...),
	logtype.Map("user.id", event.Keyword, both("resource.accessKeyDetails.principalId", "resource.kubernetesDetails.kubernetesUserDetails.uid")...),
	logtype.Map("user.name", event.Keyword, both("resource.accessKeyDetails.userName", "resource.kubernetesDetails.kubernetesUserDetails.username", "resource.rdsDbUserDetails.user")...),
	logtype.Map("user.type", event.Keyword, both("resource.accessKeyDetails.userType")...),
	logtype.Map("orchestrator.cluster.name", event.Keyword, both("resource.eksClusterDetails.name", "resource.ecsClusterDetails.name")...),
	logtype.Map("orchestrator.namespace", event.Keyword, both("resource.kubernetesDetails.kubernetesWorkloadDetails.namespace")...),
	logtype.Map("orchestrator.resource.type", event.Keyword, both("resource.kubernetesDetails.kubernetesWorkloadDetails.type")...),
	logtype.Map("orchestrator.resource.name", event.Keyword, both("resource.kubernetesDetails.kubernetesWorkloadDetails.name")...),
	logtype.Map("container.id", event.Keyword, both("resource.containerDetails.id")...),
	logtype.Map("container.name", event.Keyword, both("resource.containerDetails.name")...),
	logtype.Map("container.image.name", event.Keyword, both("resource.containerDetails.image")...),
	logtype.Map("service.archived", event.Keyword, both("service.archived")...),
	logtype.Map("service.count", event.Int, both("service.count")...),
	logtype.Map("service.detectorId", event.Keyword, both("service.detectorId")...),
	logtype.Map("event.start", event.Time, both("service.eventFirstSeen")...),
	logtype.Map("event.end", event.Time, both("service.eventLastSeen")...),
	logtype.Map("service.featureName", event.Keyword, both("service.featureName")...),
	logtype.Map("service.resourceRole", event.Keyword, both("service.resourceRole")...),
	logtype.Map("event.action", event.Keyword, both("service.action.actionType")...),
	logtype.Map("service.action.awsApiCallAction.api", event.Keyword, both("service.action.awsApiCallAction.api")...).Called("api"),
	logtype.Map("service.action.awsApiCallAction.serviceName", event.Keyword, both("service.action.awsApiCallAction.serviceName")...).Called("api_service_name"),
	logtype.Map("error.code", event.Keyword, both("service.action.awsApiCallAction.errorCode")...),
	logtype.Map("user_agent.original", event.Keyword, both("service.action.awsApiCallAction.userAgent", "service.action.kubernetesApiCallAction.userAgent")...),
	logtype.Map("dns.question.name", event.Keyword, both("service.action.dnsRequestAction.domain")...),
	logtype.Map("process.name", event.Keyword, both("service.runtimeDetails.process.name")...),
	logtype.Map("process.executable", event.Keyword, both("service.runtimeDetails.process.executablePath")...),
	logtype.Map("process.pid", event.Int, both("service.runtimeDetails.process.pid")...),
	logtype.Map("file.hash.sha256", event.Keyword, both("service.runtimeDetails.process.executableSha256")...),
	logtype.Map("severity_label", event.Keyword).Also("severitylabel", "severity.label"),
	logtype.Map("ThreatPurpose", event.Keyword), logtype.Map("ResourceTypeAffected", event.Keyword), logtype.Map("ThreatFamilyName", event.Keyword),
	logtype.Map("DetectionMechanism", event.Keyword), logtype.Map("Artifact", event.Keyword),
	logtype.Map("event.kind", 0), logtype.Map("event.category", 0), logtype.Map("event.type", 0), logtype.Map("event.severity", 0),
	logtype.Map("source.ip", 0).Also("source.address"), logtype.Map("source.port", 0), logtype.Map("source.geo.country_name", 0), logtype.Map("source.geo.city_name", 0),
	logtype.Map("source.as.number", 0), logtype.Map("source.as.organization.name", 0),
	logtype.Map("destination.ip", 0).Also("destination.address"), logtype.Map("destination.port", 0), logtype.Map("destination.nat.ip", 0), logtype.Map("source.nat.ip", 0),
	logtype.Map("destination.geo.country_name", 0), logtype.Map("destination.geo.city_name", 0),
	logtype.Map("destination.as.number", 0), logtype.Map("destination.as.organization.name", 0),
	logtype.Map("network.direction", 0), logtype.Map("network.transport", 0),
	logtype.Map("resource.arn", 0), logtype.Map("resource.name", 0),
	logtype.Map("threat.tactic.name", 0), logtype.Map("threat.technique.id", 0),
}
