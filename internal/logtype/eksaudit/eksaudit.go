// Package eksaudit is the log type aws.eks_audit: audit events of the Kubernetes API server of Amazon
// EKS, from CloudWatch Logs or as JSON lines.
package eksaudit

import (
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:  "aws.eks_audit",
		Title: "Amazon EKS audit log",
		Docs:  "https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/",
		Keys:  []string{`(?i)(eks|kube|kubernetes)[^/]*audit`, `(?i)/eks/.*audit`},
		Sniff: func(s *logtype.Sample) bool {
			return s.Has("auditID", "verb") && (s.Has("stage") || s.Has("requestURI"))
		},
		LogGroups:  []string{`^/aws/eks/[^/]+/cluster:kube-apiserver-audit`},
		Framing:    logtype.JSON,
		Arrays:     []string{"items"},
		CloudWatch: true,
		Times:      []string{"stage_timestamp", "event_created"},
		Columns:    logtype.Columns(mappings),
		Fields:     logtype.Fields(mappings),
		Rules:      rules,
		Message:    message,
	}
}

// The event time is when the API server received the request: a watch or an exec reaches its last
// stage minutes later.
var mappings = []logtype.Mapping{
	logtype.Map("@timestamp", event.Time, "requestReceivedTimestamp").In(event.RFC3339Micro),
	logtype.Map("stageTimestamp", event.Time, "stageTimestamp").In(event.RFC3339Micro),
	logtype.Map("event.created", event.Time, "timestamp", "metadata.creationTimestamp"),
	logtype.Map("event.id", 0),
	logtype.Map("auditID", event.Keyword, "auditID"),
	logtype.Map("stage", event.Keyword, "stage"),
	logtype.Map("level", event.Keyword, "level"),
	logtype.Map("kind", event.Keyword, "kind"),
	logtype.Map("apiVersion", event.Keyword, "apiVersion"),
	logtype.Map("url.original", event.Keyword, "requestURI"),
	logtype.Map("event.action", event.Keyword, "verb"),
	logtype.Map("user.name", event.Keyword, "user.username"),
	logtype.Map("user.id", event.Keyword, "user.uid"),
	logtype.Map("user.groups", event.JSON, "user.groups"),
	logtype.Map("user.extra", event.JSON, "user.extra"),
	logtype.Map("impersonatedUser", event.JSON, "impersonatedUser"),
	logtype.Map("user.effective.name", event.Keyword, "impersonatedUser.username"),
	logtype.Map("sourceIPs", event.JSON, "sourceIPs").Called("source_ips"),
	logtype.Map("user_agent.original", event.Keyword, "userAgent"),
	logtype.Map("orchestrator.resource.type", event.Keyword, "objectRef.resource"),
	logtype.Map("orchestrator.namespace", event.Keyword, "objectRef.namespace"),
	logtype.Map("orchestrator.resource.name", event.Keyword, "objectRef.name"),
	logtype.Map("objectRef.subresource", event.Keyword, "objectRef.subresource"),
	logtype.Map("objectRef.apiGroup", event.Keyword, "objectRef.apiGroup"),
	logtype.Map("orchestrator.api_version", event.Keyword, "objectRef.apiVersion"),
	logtype.Map("objectRef.uid", event.Keyword, "objectRef.uid"),
	logtype.Map("objectRef.resourceVersion", event.Keyword, "objectRef.resourceVersion"),
	logtype.Map("http.response.status_code", event.Int, "responseStatus.code"),
	logtype.Map("responseStatus.status", event.Keyword, "responseStatus.status"),
	logtype.Map("error.code", event.Keyword, "responseStatus.reason"),
	logtype.Map("error.message", event.Text, "responseStatus.message"),
	logtype.Map("requestObject", event.JSON, "requestObject"),
	logtype.Map("responseObject", event.JSON, "responseObject"),
	logtype.Map("annotations", event.JSON, "annotations"),
	logtype.Map("annotations.authorization.k8s.io/decision", event.Keyword, `annotations.authorization\k8s\io/decision`).Called("decision"),
	logtype.Map("event.reason", event.Keyword, `annotations.authorization\k8s\io/reason`),
	logtype.Map("event.kind", 0), logtype.Map("event.category", 0), logtype.Map("event.type", 0), logtype.Map("event.outcome", 0), logtype.Map("event.duration", 0),
	logtype.Map("source.ip", 0).Also("source.address"), logtype.Map("user.type", 0), logtype.Map("user.arn", 0), logtype.Map("user.access_key_id", 0), logtype.Map("user.session_name", 0),
	logtype.Map("cloud.account.id", 0), logtype.Map("cloud.region", 0), logtype.Map("cloud.instance.id", 0),
	logtype.Map("orchestrator.cluster.name", 0), logtype.Map("orchestrator.type", 0),
}
