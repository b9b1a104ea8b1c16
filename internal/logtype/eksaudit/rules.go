package eksaudit

import (
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

var rules = []event.Rule{
	{From: []string{"audit_id", "stage"}, To: []string{"event_id"}, Fn: func(a *event.Args) {
		if id := a.Str(0); id != "" {
			a.Set(0, id+"_"+a.Str(1)) // one request gives an event per stage
		}
	}},
	{From: []string{"event_action", "orchestrator_resource_type", "object_ref_subresource", "decision", "http_response_status_code", "stage"},
		To: []string{"event_kind", "event_category", "event_type", "event_outcome", "orchestrator_type"}, Fn: classify},
	{From: []string{"timestamp", "stage_timestamp"}, To: []string{"event_duration"}, Fn: func(a *event.Args) {
		from, ok := a.Int(0)
		to, ok2 := a.Int(1)
		if ok && ok2 && to >= from {
			a.SetInt(0, (to-from)*1000) // ns, as ECS has it
		}
	}},
	{From: []string{"source_ips"}, To: []string{"source_ip"}, Fn: func(a *event.Args) {
		done := false // the first is the client, the others are proxies
		decode.EachJSONElement(a.Bytes(0), func(v []byte) {
			if !done {
				a.Set(0, string(decode.JSONText(v)))
				done = true
			}
		})
	}},
	{From: []string{"user_name", "user_extra", "user_id"}, To: []string{"user_type", "user_arn", "user_access_key_id", "user_session_name", "cloud_account_id", "cloud_instance_id"}, Fn: who},
	{From: []string{"aws_cloudwatch_log_group"}, To: []string{"orchestrator_cluster_name"}, Fn: func(a *event.Args) {
		if rest, ok := strings.CutPrefix(a.Str(0), "/aws/eks/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			a.Set(0, name)
		}
	}},
}

// who tells what kind of user acts. IAM principals carry their ARN in user.extra.
func who(a *event.Args) {
	name, extra, uid := a.Str(0), a.Bytes(1), a.Str(2)
	kind := "User"
	switch {
	case name == "system:anonymous":
		kind = "Anonymous"
	case strings.HasPrefix(name, "system:serviceaccount:"):
		kind = "ServiceAccount"
	case strings.HasPrefix(name, "system:node:"):
		kind = "Node"
		if host := strings.TrimPrefix(name, "system:node:"); strings.HasPrefix(host, "i-") {
			id, _, _ := strings.Cut(host, ".")
			a.Set(5, id)
		}
	case strings.HasPrefix(name, "system:"), strings.HasPrefix(name, "eks:"):
		kind = "System"
	case name == "":
		kind = ""
	}
	a.Set(0, kind)
	arn := string(decode.JSONPath(extra, "arn[0]"))
	a.Set(1, arn)
	a.Set(2, string(decode.JSONPath(extra, "accessKeyId[0]")))
	a.Set(3, string(decode.JSONPath(extra, "sessionName[0]")))
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		a.Set(4, parts[4])
	} else if rest, ok := strings.CutPrefix(uid, "aws-iam-authenticator:"); ok {
		account, _, _ := strings.Cut(rest, ":")
		a.Set(4, account)
	}
}

func classify(a *event.Args) {
	verb, resource, sub, decision, stage := a.Str(0), a.Str(1), a.Str(2), a.Str(3), a.Str(5)
	code, hasCode := a.Int(4)
	a.Set(0, "event")
	a.Set(4, "kubernetes")

	category := []string{"api"}
	var types []string
	switch verb {
	case "get", "list", "watch", "head", "options", "proxy":
		types = []string{"access"}
	case "create", "post":
		types = []string{"creation"}
	case "update", "patch", "put", "bind", "escalate", "impersonate", "approve", "sign":
		types = []string{"change"}
	case "delete", "deletecollection":
		types = []string{"deletion"}
	default:
		types = []string{"info"}
	}
	switch {
	case sub == "exec" || sub == "attach" || sub == "ephemeralcontainers":
		category = []string{"api", "process"}
		types = []string{"start"}
	case sub == "portforward" || sub == "proxy":
		category = []string{"api", "network"}
		types = []string{"start"}
	case resource == "serviceaccounts" && sub == "token":
		category = []string{"api", "authentication", "iam"}
	case resource == "tokenreviews":
		category, types = []string{"api", "authentication"}, []string{"info"}
	case strings.HasSuffix(resource, "accessreviews") || resource == "selfsubjectrulesreviews":
		category, types = []string{"api", "iam"}, []string{"info"}
	case iam[resource]:
		category = []string{"api", "iam"}
	case strings.HasSuffix(resource, "webhookconfigurations") || resource == "customresourcedefinitions" || resource == "apiservices":
		category = []string{"api", "configuration"}
	}

	outcome := "success"
	switch {
	case decision == "forbid" || hasCode && code >= 400 || stage == "Panic":
		outcome = "failure"
	case !hasCode && decision == "":
		outcome = "unknown"
	}
	switch {
	case decision == "forbid" || code == 401 && hasCode || code == 403 && hasCode:
		types = append(types, "denied")
	case decision == "allow":
		types = append(types, "allowed")
	}
	a.SetList(1, category...)
	a.SetList(2, types...)
	a.Set(3, outcome)
}

var iam = map[string]bool{"roles": true, "rolebindings": true, "clusterroles": true, "clusterrolebindings": true, "serviceaccounts": true,
	"certificatesigningrequests": true, "users": true, "groups": true}

func message(get logtype.Getter) string {
	var b strings.Builder
	user := get("user_name")
	if user == "" {
		user = "someone"
	}
	b.WriteString(user)
	if e := get("user_effective_name"); e != "" {
		b.WriteString(" as " + e)
	}
	b.WriteString(" asked to " + get("event_action"))
	switch r := get("orchestrator_resource_type"); {
	case r != "":
		b.WriteString(" " + r)
		if s := get("object_ref_subresource"); s != "" {
			b.WriteString("/" + s)
		}
		if n := get("orchestrator_resource_name"); n != "" {
			b.WriteString(" " + n)
		}
		if n := get("orchestrator_namespace"); n != "" {
			b.WriteString(" in " + n)
		}
	case get("url_original") != "":
		b.WriteString(" " + get("url_original"))
	}
	if s := get("source_ip"); s != "" {
		b.WriteString(" from " + s)
	}
	code := get("http_response_status_code")
	switch {
	case get("event_outcome") == "failure" && strings.Contains(get("event_type"), "denied"):
		b.WriteString(": denied")
	case get("event_outcome") == "failure":
		b.WriteString(": failed")
	case get("event_outcome") == "success":
		b.WriteString(": done")
	}
	if code != "" {
		b.WriteString(" (" + code + ")")
	}
	return b.String()
}
