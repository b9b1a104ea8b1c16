package event

// ecsKinds lists the ECS 8.x fields that log types may map to, with their kinds. Arrays in ECS are
// lists here. A test holds every log type to this table.
var ecsKinds = map[string]Kind{
	"event.kind": Keyword, "event.category": List, "event.type": List, "event.action": Keyword,
	"event.outcome": Keyword, "event.severity": Int, "event.code": Keyword, "event.duration": Int,
	"event.id": Keyword, "event.reason": Keyword, "event.provider": Keyword, "event.created": Time,
	"event.start": Time, "event.end": Time, "event.risk_score_norm": Float,
	"cloud.provider": Keyword, "cloud.account.id": Keyword, "cloud.account.name": Keyword,
	"cloud.region": Keyword, "cloud.availability_zone": Keyword, "cloud.instance.id": Keyword,
	"cloud.service.name": Keyword,
	"user.id":            Keyword, "user.name": Keyword, "user.type": Keyword, "user.arn": Keyword, "user.domain": Keyword,
	"user.access_key_id": Keyword, "user.session_name": Keyword, "user.target.name": Keyword,
	"user.effective.name": Keyword, "user.group.name": Keyword,
	"user_agent.original": Keyword, "user_agent.name": Keyword, "user_agent.os.name": Keyword, "user_agent.device.name": Keyword,
	"source.ip": IP, "source.port": Int, "source.bytes": Int, "source.packets": Int, "source.domain": Keyword, "source.address": Keyword,
	"source.geo.country_iso_code": Keyword, "source.geo.city_name": Keyword, "source.geo.country_name": Keyword,
	"source.as.number": Int, "source.as.organization.name": Keyword,
	"destination.ip": IP, "destination.port": Int, "destination.bytes": Int, "destination.packets": Int,
	"destination.domain": Keyword, "destination.address": Keyword, "destination.nat.ip": IP, "source.nat.ip": IP,
	"destination.geo.country_iso_code": Keyword, "destination.geo.city_name": Keyword, "destination.geo.country_name": Keyword,
	"destination.as.number": Int, "destination.as.organization.name": Keyword,
	"client.ip": IP, "client.port": Int,
	"network.bytes": Int, "network.packets": Int, "network.transport": Keyword, "network.protocol": Keyword,
	"network.type": Keyword, "network.direction": Keyword, "network.iana_number": Keyword, "network.application": Keyword,
	"url.full": Keyword, "url.original": Keyword, "url.scheme": Keyword, "url.domain": Keyword, "url.port": Int, "url.path": Keyword, "url.query": Keyword,
	"http.request.method": Keyword, "http.request.bytes": Int, "http.request.referrer": Keyword, "http.request.id": Keyword,
	"http.request.mime_type": Keyword, "http.version": Keyword,
	"http.response.status_code": Int, "http.response.bytes": Int, "http.response.body.bytes": Int, "http.response.mime_type": Keyword,
	"dns.question.name": Keyword, "dns.question.type": Keyword, "dns.question.class": Keyword, "dns.response_code": Keyword,
	"dns.answers.data": List, "dns.answers.type": List, "dns.answers.class": List, "dns.type": Keyword, "dns.resolved_ip": List,
	"tls.version": Keyword, "tls.version_protocol": Keyword, "tls.cipher": Keyword, "tls.client.server_name": Keyword, "tls.client.ja3": Keyword,
	"resource.arn": List, "resource.type": Keyword, "resource.name": Keyword,
	"host.name": Keyword, "host.hostname": Keyword, "host.id": Keyword, "host.ip": IP,
	"process.name": Keyword, "process.pid": Int, "process.command_line": Keyword, "process.executable": Keyword, "process.thread.id": Int,
	"container.id": Keyword, "container.name": Keyword, "container.image.name": Keyword,
	"orchestrator.cluster.name": Keyword, "orchestrator.namespace": Keyword, "orchestrator.resource.name": Keyword,
	"orchestrator.resource.type": Keyword, "orchestrator.type": Keyword, "orchestrator.api_version": Keyword,
	"file.path": Keyword, "file.name": Keyword, "file.size": Int,
	"error.code": Keyword, "error.message": Text,
	"rule.id": Keyword, "rule.name": Keyword, "rule.description": Text, "rule.ruleset": Keyword, "rule.version": Keyword, "rule.category": Keyword,
	"threat.indicator.ip": IP, "threat.tactic.name": List, "threat.technique.id": List,
	"vulnerability.id": Keyword, "service.name": Keyword, "service.node.name": Keyword,
	"log.level": Keyword, "observer.name": Keyword, "observer.ingress.interface.id": Keyword,
	"aws.cloudwatch.log_group": Keyword, "aws.cloudwatch.log_stream": Keyword,
	"db.name": Keyword, "db.statement": Text,
	"url.fragment": Keyword, "http.request.body.bytes": Int, "tls.server.subject": Keyword, "tls.server.issuer": Keyword, "file.hash.sha256": Keyword, "file.hash.md5": Keyword, "vulnerability.severity": Keyword, "observer.version": Keyword,
	"trace.id": Keyword, "user.target.id": Keyword, "group.name": Keyword, "group.id": Keyword,
	"log.syslog.priority": Int, "log.syslog.msgid": Keyword, "log.syslog.structured_data": Keyword,
}

// ECSKind returns the kind of an ECS field, and whether it is one that log types may use.
func ECSKind(field string) (Kind, bool) {
	k, ok := ecsKinds[field]
	return k, ok
}

// Common lists the fields of the virtual table events, in order: what every log type shares.
// Log types fill those that apply to them; the others read as null.
var Common = []string{
	"@timestamp", "event.ingested", "event.id", "event.dataset", "event.module", "event.kind", "event.category",
	"event.type", "event.action", "event.outcome", "event.severity", "event.code", "event.duration",
	"cloud.account.id", "cloud.account.name", "cloud.region", "cloud.availability_zone", "cloud.instance.id", "cloud.service.name",
	"user.id", "user.name", "user.type", "user.arn", "user.access_key_id", "user.session_name", "user.target.name", "user_agent.original",
	"source.ip", "source.port", "source.bytes", "source.packets", "source.domain", "source.address",
	"destination.ip", "destination.port", "destination.bytes", "destination.packets", "destination.domain", "destination.address",
	"network.bytes", "network.packets", "network.transport", "network.protocol", "network.type", "network.direction",
	"url.full", "url.domain", "url.path", "url.query",
	"http.request.method", "http.request.referrer", "http.response.status_code", "http.response.bytes",
	"dns.question.name", "dns.question.type", "dns.response_code", "tls.version", "tls.cipher",
	"resource.arn", "resource.type", "resource.name", "host.name", "process.name", "process.pid",
	"orchestrator.cluster.name", "orchestrator.namespace", "orchestrator.resource.type", "orchestrator.resource.name",
	"error.code", "error.message", "rule.id", "rule.name", "object.id", "object.offset",
}

// CommonKind returns the kind of a field of Common.
func CommonKind(field string) Kind {
	switch field {
	case "@timestamp", "event.ingested":
		return Time
	case "object.offset":
		return Int
	}
	return ecsKinds[field]
}
