package securityhub

import (
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

var rules = []event.Rule{
	{From: []string{"finding_id", "timestamp", "workflow_status", "workflow_state"}, To: []string{"event_id"}, Fn: identity},
	{From: []string{"product_name", "product_fields", "product_arn"}, To: []string{"event_provider"}, Fn: func(a *event.Args) { a.Set(0, product(a.Str(0), a.Bytes(1), a.Str(2))) }},
	{From: []string{"event_severity", "severity_label_native"}, To: []string{"event_severity", "severity_label"}, Fn: severity},
	{From: []string{"types", "vulnerabilities", "compliance_status", "product_arn", "record_state"}, To: []string{"event_kind", "event_category", "event_type", "event_outcome"}, Fn: classify},
	{From: []string{"types", "generator_id", "product_arn", "vulnerabilities", "compliance_security_control_id", "product_fields"},
		To: []string{"rule_id", "vulnerability_id", "consolidated_controls_view"}, Fn: ruleOf},
	{From: []string{"resources", "product_region"}, To: []string{"resource_arn", "resource_type", "resource_name", "cloud_region", "cloud_instance_id",
		"user_name", "user_id", "user_access_key_id", "user_arn"}, Fn: resources},
	{From: []string{"product_fields", "network", "action", "resources"}, To: []string{
		"source_ip", "source_port", "source_geo_country_name", "source_geo_city_name",
		"destination_ip", "destination_port", "destination_geo_country_name", "destination_geo_city_name",
		"destination_nat_ip", "network_direction", "network_transport", "dns_question_name", "event_action", "source_nat_ip"}, Fn: addresses},
}

// identity: a finding is sent again when it is updated and when its workflow status changes.
func identity(a *event.Args) {
	t, ok := a.Int(1)
	if !ok || a.Bytes(0) == nil {
		return
	}
	status := a.Str(2)
	if status == "" {
		status = a.Str(3)
	}
	format := event.RFC3339Milli
	if t%1000 != 0 {
		format = event.RFC3339Micro // some products write microseconds
	}
	a.Set(0, a.Str(0)+"_"+string(event.AppendTime(nil, t, format))+"_"+status)
}

// product names the product that made the finding.
func product(name string, fields []byte, arn string) string {
	decode.EachJSONMember(fields, func(k string, v []byte) bool {
		if k == "aws/securityhub/ProductName" && name == "" {
			name = string(decode.JSONText(v))
		}
		return name == ""
	})
	if name == "" {
		_, name, _ = strings.Cut(arn, ":product/")
		name = name[strings.LastIndexByte(name, '/')+1:]
	}
	return name
}

// severity: labels and their normalised values are those of ASFF's Severity object.
func severity(a *event.Args) {
	n, ok := a.Int(0)
	label := a.Str(1)
	if !ok {
		if v, known := map[string]int64{"INFORMATIONAL": 0, "LOW": 1, "MEDIUM": 40, "HIGH": 70, "CRITICAL": 90}[label]; known {
			a.SetInt(0, v)
		}
	}
	if label == "" && ok {
		switch {
		case n >= 90:
			label = "CRITICAL"
		case n >= 70:
			label = "HIGH"
		case n >= 40:
			label = "MEDIUM"
		case n >= 1:
			label = "LOW"
		default:
			label = "INFORMATIONAL"
		}
	}
	a.Set(1, strings.ToLower(label))
}

func classify(a *event.Args) {
	types, compliance, arn := a.Bytes(0), a.Str(2), a.Str(3)
	kind, category, outcome := "alert", "intrusion_detection", ""
	namespace := ""
	decode.EachJSONElement(types, func(v []byte) {
		if namespace == "" {
			namespace = string(decode.JSONText(v))
		}
	})
	switch {
	case a.Bytes(1) != nil, strings.Contains(namespace, "/Vulnerabilities"), strings.HasSuffix(arn, "/inspector") && !strings.Contains(namespace, "Network Reachability"):
		category = "vulnerability"
	case compliance != "", strings.HasPrefix(namespace, "Software and Configuration Checks"):
		category = "configuration"
	case strings.HasPrefix(namespace, "Sensitive Data Identifications"):
		category = "file"
	}
	switch compliance {
	case "PASSED":
		kind, outcome = "state", "success"
	case "FAILED":
		outcome = "failure"
	case "WARNING", "NOT_AVAILABLE":
		kind, outcome = "state", "unknown"
	}
	a.Set(0, kind)
	a.SetList(1, category)
	a.SetList(2, "info")
	a.Set(3, outcome)
}

// ruleOf names the rule as each product does: Security Hub by control or generator, Inspector by CVE,
// GuardDuty and the others by finding type.
func ruleOf(a *event.Args) {
	generator, arn, control := a.Str(1), a.Str(2), a.Str(4)
	id, cve := "", ""
	if v := a.Bytes(3); v != nil {
		cve = string(decode.JSONPath(v, "Id"))
	}
	isHub := strings.HasSuffix(arn, "product/aws/securityhub")
	switch {
	case isHub:
		id = generator
	case cve != "":
		id = cve
	default:
		decode.EachJSONElement(a.Bytes(0), func(v []byte) {
			if id == "" {
				id = string(decode.JSONText(v))
			}
		})
		if strings.HasSuffix(arn, "product/aws/guardduty") {
			// TTPs/Discovery/Recon:IAMUser-ResourcePermissions stands for Recon:IAMUser/ResourcePermissions
			id = strings.Replace(id[strings.LastIndexByte(id, '/')+1:], "-", "/", 1)
		}
	}
	if id == "" {
		id = generator
	}
	a.Set(0, id)
	a.Set(1, cve)
	if isHub {
		if control != "" || strings.HasPrefix(generator, "security-control/") {
			a.Set(2, "true")
		} else {
			a.Set(2, "false")
		}
	}
}

func resources(a *event.Args) {
	var arns []string
	kind, name, region := "", "", ""
	instance, user, userID, key, userARN := "", "", "", "", ""
	set := func(to *string, v []byte) {
		if *to == "" {
			*to = string(v)
		}
	}
	decode.EachJSONElement(a.Bytes(0), func(e []byte) {
		t, id := string(decode.JSONPath(e, "Type")), string(decode.JSONPath(e, "Id"))
		set(&kind, []byte(t))
		set(&region, decode.JSONPath(e, "Region"))
		last := id[strings.LastIndexByte(id, '/')+1:]
		last = last[strings.LastIndexByte(last, ':')+1:]
		set(&name, []byte(last))
		if strings.HasPrefix(id, "arn:") && len(arns) < 32 {
			arns = append(arns, id)
		}
		switch t {
		case "AwsEc2Instance":
			set(&instance, []byte(last))
		case "AwsEc2Volume":
			set(&instance, decode.JSONPath(e, "Details.AwsEc2Volume.Attachments.InstanceId"))
		case "AwsIamAccessKey":
			const d = "Details.AwsIamAccessKey."
			set(&key, decode.JSONPath(e, d+"AccessKeyId"))
			if strings.HasPrefix(last, "AKIA") || strings.HasPrefix(last, "ASIA") {
				set(&key, []byte(last))
			}
			set(&user, decode.JSONPath(e, d+"UserName"))
			set(&user, decode.JSONPath(e, d+"PrincipalName"))
			set(&userID, decode.JSONPath(e, d+"PrincipalId"))
		case "AwsIamRole", "AwsIamUser":
			if user == "" && strings.HasPrefix(id, "arn:") {
				userARN = id
			}
			set(&user, []byte(last))
		}
	})
	a.SetList(0, arns...)
	a.Set(1, kind)
	a.Set(2, name)
	if region == "" {
		region = a.Str(1)
	}
	a.Set(3, region)
	a.Set(4, instance)
	a.Set(5, user)
	a.Set(6, userID)
	a.Set(7, key)
	a.Set(8, userARN)
}

func message(get logtype.Getter) string {
	var b strings.Builder
	b.WriteString(get("event_provider") + ": ")
	if l := get("severity_label"); l != "" {
		b.WriteString(l + " finding ")
	}
	b.WriteString(`"` + get("rule_name") + `"`)
	if n := get("resource_name"); n != "" {
		b.WriteString(" on " + get("resource_type") + " " + n)
	}
	b.WriteString(" in account " + get("cloud_account_id"))
	if s := get("source_ip"); s != "" && get("network_direction") != "outbound" {
		b.WriteString(", from " + s)
	}
	if c := get("compliance_status"); c != "" {
		b.WriteString(": " + strings.ToLower(c))
	}
	if w := get("workflow_status"); w != "" {
		b.WriteString(" (" + w + ")")
	}
	return b.String()
}
