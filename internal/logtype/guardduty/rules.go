package guardduty

import (
	"strconv"
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

var rules = []event.Rule{
	{From: []string{"finding_id", "timestamp"}, To: []string{"event_id"}, Fn: func(a *event.Args) {
		if t, ok := a.Int(1); ok && a.Bytes(0) != nil {
			a.Set(0, a.Str(0)+"_"+string(event.AppendTime(nil, t, event.RFC3339Milli)))
		}
	}},
	{From: []string{"severity"}, To: []string{"event_severity", "severity_label"}, Fn: func(a *event.Args) {
		if s, ok := a.Float(0); ok {
			a.SetInt(0, int64(s)) // the bounds of the levels are whole numbers, so cutting keeps the level
			a.Set(1, severityLabel(s))
		}
	}},
	{From: []string{"rule_id"}, To: []string{"threat_purpose", "resource_type_affected", "threat_family_name", "detection_mechanism", "artifact"}, Fn: func(a *event.Args) {
		for i, part := range splitType(a.Str(0)) {
			a.Set(i, part)
		}
	}},
	{From: []string{"rule_id", "service"}, To: []string{"event_kind", "event_category", "event_type", "threat_tactic_name", "threat_technique_id"}, Fn: classify},
	{From: []string{"service", "resource"}, To: []string{
		"source_ip", "source_port", "source_geo_country_name", "source_geo_city_name", "source_as_number", "source_as_organization_name",
		"destination_ip", "destination_port", "destination_geo_country_name", "destination_geo_city_name", "destination_as_number", "destination_as_organization_name",
		"destination_nat_ip", "network_direction", "network_transport", "source_nat_ip"}, Fn: addresses},
	{From: []string{"resource"}, To: []string{"resource_arn", "resource_name"}, Fn: resources},
}

// severityLabel: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
func severityLabel(s float64) string {
	switch {
	case s >= 9:
		return "critical"
	case s >= 7:
		return "high"
	case s >= 4:
		return "medium"
	}
	return "low"
}

// splitType cuts ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact.
func splitType(t string) [5]string {
	var p [5]string
	t, p[4], _ = strings.Cut(t, "!")
	p[0], t, _ = strings.Cut(t, ":")
	p[1], t, _ = strings.Cut(t, "/")
	p[2], p[3], _ = strings.Cut(t, ".")
	return p
}

// tactics maps threat purposes that are ATT&CK tactics to their names there.
var tactics = map[string]string{
	"CredentialAccess": "Credential Access", "DefenseEvasion": "Defense Evasion", "Discovery": "Discovery", "Execution": "Execution",
	"Exfiltration": "Exfiltration", "Impact": "Impact", "InitialAccess": "Initial Access", "Persistence": "Persistence",
	"PrivilegeEscalation": "Privilege Escalation", "Recon": "Reconnaissance",
}

func classify(a *event.Args) {
	parts, service := splitType(a.Str(0)), a.Bytes(1)
	a.Set(0, "alert")
	category := "intrusion_detection"
	switch purpose := parts[0]; {
	case purpose == "Policy":
		category = "configuration"
	case purpose == "Backdoor", purpose == "CryptoCurrency", purpose == "Trojan", parts[2] == "MaliciousFile", parts[2] == "SuspiciousFile":
		category = "malware"
	}
	types := []string{"info"}
	switch string(decode.JSONPath(service, "action.networkConnectionAction.blocked")) + string(decode.JSONPath(service, "action.dnsRequestAction.blocked")) +
		string(decode.JSONPath(service, "action.portProbeAction.blocked")) {
	case "true", "True":
		types = append(types, "denied")
	case "false", "False":
		types = append(types, "allowed")
	}
	a.SetList(1, category)
	a.SetList(2, types...)
	var tactic, technique []string
	decode.EachJSONPath(service, "detection.sequence.sequenceIndicators", func(list []byte) {
		decode.EachJSONElement(list, func(e []byte) {
			to := &tactic
			switch string(decode.JSONPath(e, "key")) {
			case "ATTACK_TACTIC":
			case "ATTACK_TECHNIQUE":
				to = &technique
			default:
				return
			}
			decode.EachJSONPath(e, "values[]", func(v []byte) { *to = append(*to, string(decode.JSONText(v))) })
		})
	})
	if t := tactics[parts[0]]; t != "" && len(tactic) == 0 {
		tactic = []string{t}
	}
	a.SetList(3, tactic...)
	a.SetList(4, technique...)
}

// actions are the parts of service.action, and of an attack sequence, that name a remote address.
var actions = []string{"action.networkConnectionAction", "action.awsApiCallAction", "action.kubernetesApiCallAction", "action.rdsLoginAttemptAction",
	"action.portProbeAction.portProbeDetails"}

// addresses: the remote side is the source unless the resource made the connection.
func addresses(a *event.Args) {
	service, resource := a.Bytes(0), a.Bytes(1)
	first := func(v []byte, paths ...string) string {
		for _, p := range paths {
			if t := decode.JSONPath(v, p); len(t) > 0 {
				return string(t)
			}
		}
		return ""
	}
	action, remote := "", ""
	for _, p := range actions {
		if remote = first(service, p+".remoteIpDetails.ipAddressV4", p+".remoteIpDetails.ipAddressV6"); remote != "" {
			action = p
			break
		}
	}
	who := action + ".remoteIpDetails"
	country, city := first(service, who+".country.countryName", who+".country.countryCode"), first(service, who+".city.cityName")
	asn, org := first(service, who+".organization.asn"), first(service, who+".organization.asnOrg")
	if remote == "" {
		who = "detection.sequence.endpoints"
		remote = first(service, who+".ip")
		country, city = first(service, who+".location.country"), first(service, who+".location.city")
		asn, org = first(service, who+".autonomousSystem.number"), first(service, who+".autonomousSystem.name")
	}
	const nic = "instanceDetails.networkInterfaces."
	local := first(resource, nic+"privateIpAddress", nic+"ipv6Addresses[0]")
	if local == "" {
		local = first(service, action+".localIpDetails.ipAddressV4", action+".localIpDetails.ipAddressV6")
	}
	remotePort, localPort := first(service, action+".remotePortDetails.port"), first(service, action+".localPortDetails.port")
	direction := strings.ToLower(first(service, "action.networkConnectionAction.connectionDirection"))
	switch {
	case direction != "":
	case decode.JSONPath(service, "action.dnsRequestAction.domain") != nil:
		direction = "outbound"
	case remote != "":
		direction = "inbound"
	}
	src, dst := 0, 6
	if direction == "outbound" {
		src, dst = 6, 0
	}
	number := func(i int, v string) {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 {
			a.SetInt(i, n)
		}
	}
	a.Set(src, remote)
	number(src+1, remotePort)
	a.Set(src+2, country)
	a.Set(src+3, city)
	number(src+4, asn)
	a.Set(src+5, org)
	a.Set(dst, local)
	number(dst+1, localPort)
	nat := 12
	if direction == "outbound" {
		nat = 15
	}
	a.Set(nat, first(resource, nic+"publicIp"))
	a.Set(13, direction)
	a.Set(14, strings.ToLower(first(service, action+".protocol", "action.dnsRequestAction.protocol")))
}

func resources(a *event.Args) {
	r := a.Bytes(0)
	var arns []string
	for _, p := range []string{"s3BucketDetails.arn", "eksClusterDetails.arn", "ecsClusterDetails.arn", "ecsClusterDetails.taskDetails.arn", "lambdaDetails.functionArn",
		"rdsDbInstanceDetails.dbInstanceArn", "ebsVolumeDetails.scannedVolumeDetails.volumeArn", "ebsSnapshotDetails.snapshotArn", "instanceDetails.iamInstanceProfile.arn"} {
		decode.EachJSONPath(r, p, func(v []byte) {
			if t := string(decode.JSONText(v)); strings.HasPrefix(t, "arn:") && len(arns) < 32 {
				arns = append(arns, t)
			}
		})
	}
	a.SetList(0, arns...)
	for _, p := range []string{"instanceDetails.instanceId", "s3BucketDetails.name", "eksClusterDetails.name", "ecsClusterDetails.name", "lambdaDetails.functionName",
		"rdsDbInstanceDetails.dbInstanceIdentifier", "containerDetails.name", "accessKeyDetails.userName", "accessKeyDetails.accessKeyId"} {
		if t := decode.JSONPath(r, p); len(t) > 0 {
			a.Set(1, string(t))
			return
		}
	}
}

func message(get logtype.Getter) string {
	var b strings.Builder
	if l := get("severity_label"); l != "" {
		b.WriteString(strings.ToUpper(l[:1]) + l[1:] + " finding ")
	}
	b.WriteString(get("rule_id"))
	if n := get("resource_name"); n != "" {
		b.WriteString(" on " + n)
	} else if u := get("user_name"); u != "" {
		b.WriteString(" on " + u)
	}
	b.WriteString(" in account " + get("cloud_account_id"))
	switch remote := get("source_ip"); {
	case get("dns_question_name") != "":
		b.WriteString(", asking for " + get("dns_question_name"))
	case get("network_direction") == "outbound" && get("destination_ip") != "":
		b.WriteString(", talking to " + get("destination_ip"))
	case remote != "":
		b.WriteString(", from " + remote)
	}
	b.WriteString(": " + get("rule_name"))
	return b.String()
}

// views has the table of AWS's "Query Amazon GuardDuty findings" page for Athena.
var views = []logtype.View{{
	Name: "gd_logs",
	Docs: "https://docs.aws.amazon.com/athena/latest/ug/querying-guardduty.html",
	SQL: `SELECT schema_version AS schemaversion, cloud_account_id AS accountid, cloud_region AS region, "partition", finding_id AS id, arn, rule_id AS "type",
 resource, service, severity::VARCHAR AS severity, strftime(event_created, '%Y-%m-%dT%H:%M:%S.%gZ') AS createdat, strftime("timestamp", '%Y-%m-%dT%H:%M:%S.%gZ') AS updatedat,
 rule_name AS title, rule_description AS description
FROM aws_guardduty`,
}}
