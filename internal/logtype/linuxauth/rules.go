package linuxauth

import (
	"fmt"
	"regexp"
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

var instance = regexp.MustCompile(`\bi-[0-9a-f]{8,17}\b`)

var rules = []event.Rule{
	{From: []string{"event_action"}, To: []string{"event_kind", "event_category", "event_type"}, Fn: func(a *event.Args) {
		c, known := classes[a.Str(0)]
		if !known {
			c = [2]string{"host", "info"}
		}
		a.Set(0, "event")
		a.SetList(1, strings.Split(c[0], " ")...)
		a.SetList(2, strings.Split(c[1], " ")...)
	}},
	{From: []string{"event_action"}, To: []string{"event_outcome"}, Fn: func(a *event.Args) { a.Set(0, unknown) }}, // where no template has said
	{From: []string{"aws_cloudwatch_log_stream"}, To: []string{"cloud_instance_id"}, Fn: func(a *event.Args) { a.Set(0, instance.FindString(a.Str(0))) }},
}

// classes are ECS categories and types of the actions.
var classes = map[string][2]string{
	"ssh_login": {"authentication", "start"}, "ssh_login_continues": {"authentication", "info"}, "ssh_invalid_user": {"authentication", "info"},
	"ssh_user_not_allowed": {"authentication", "info"}, "ssh_max_attempts": {"authentication", "end"}, "ssh_key_command_failed": {"authentication", "info"},
	"ssh_disconnect": {"session network", "end connection"}, "ssh_disconnect_forced": {"network", "connection end"}, "ssh_disconnect_received": {"network", "connection end"},
	"ssh_connection": {"network", "connection start"}, "ssh_connection_closed": {"network", "connection end"}, "ssh_connection_reset": {"network", "connection end"},
	"ssh_connection_dropped": {"network", "connection denied"}, "ssh_timeout": {"network", "connection end"},
	"ssh_negotiation_failed": {"network", "connection protocol"}, "ssh_bad_protocol": {"network", "connection protocol"}, "ssh_reverse_lookup": {"network", "info"},
	"ssh_server_started": {"process", "start"}, "ssh_server_stopped": {"process", "end"},
	"authentication_failed": {"authentication", "start"}, "authentication_succeeded": {"authentication", "start"},
	"session_opened": {"session", "start"}, "session_closed": {"session", "end"}, "session_removed": {"session", "end"},
	"sudo_command": {"process", "start"}, "sudo_authentication": {"authentication", "start"}, "sudo_denied": {"authentication", "info"},
	"su": {"authentication", "start"}, "login": {"authentication", "start"}, "login_root": {"authentication", "start"},
	"user_added": {"iam", "user creation"}, "user_changed": {"iam", "user change"}, "user_deleted": {"iam", "user deletion"},
	"password_changed": {"iam", "user change"}, "account_locked": {"iam", "user change"}, "account_unlocked": {"iam", "user change"},
	"group_added": {"iam", "group creation"}, "group_changed": {"iam", "group change"}, "group_deleted": {"iam", "group deletion"},
	"group_member_added": {"iam", "group change"}, "group_member_removed": {"iam", "group change"},
	"cron_command": {"process", "start"}, "cron": {"process", "info"},
}

// message says what happened: the program's own words where no template has taken them apart.
func message(get logtype.Getter) string {
	program := get("process_name")
	if program == "" {
		program = "syslog"
	}
	var m string
	switch action := get("event_action"); {
	case action == "" && get("syslog_message") == "" && get("repeat_count") != "":
		return fmt.Sprintf("on %s the last message came %s more times", get("host_name"), get("repeat_count"))
	case action == "":
		m = program + " on " + get("host_name") + ": " + get("syslog_message")
	default:
		m = program + " on " + get("host_name") + ": " + strings.ReplaceAll(action, "_", " ")
		who := " for "
		if strings.HasPrefix(action, "su") || strings.HasPrefix(action, "group_") || action == "password_changed" {
			who = " by "
		}
		for _, part := range [...][2]string{
			{"user_name", who}, {"pam_ruser", " by "}, {"user_effective_name", " as "}, {"user_target_name", " of "}, {"group_name", " group "},
			{"process_command_line", " running "}, {"source_ip", " from "}, {"source_address", " from "}, {"ssh_method", " with "}, {"event_reason", ": "},
		} {
			if v := get(part[0]); v != "" {
				m += part[1] + v
			}
		}
		if o := get("event_outcome"); o != unknown {
			m += " (" + o + ")"
		}
	}
	if n := get("repeat_count"); n != "" {
		m += ", " + n + " times"
	}
	return m
}
