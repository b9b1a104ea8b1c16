package accesslog

import (
	"strings"

	"ashiato/internal/logtype"
)

// Message says who requested what of whom and how it ended; server names who answered.
func Message(get logtype.Getter, server string) string {
	var b strings.Builder
	first := func(columns ...string) string {
		for _, c := range columns {
			if v := get(c); v != "" {
				return v
			}
		}
		return ""
	}
	if who := first("source_ip", "source_address"); who != "" {
		b.WriteString(who)
	} else {
		b.WriteString("somebody")
	}
	if user := get("user_name"); user != "" {
		b.WriteString(" (" + user + ")")
	}
	switch target := URL(get); {
	case get("http_request_method") != "" || target != "":
		b.WriteString(" requested")
		for _, part := range []string{get("http_request_method"), target} {
			if part != "" {
				b.WriteString(" " + part)
			}
		}
	case get("request") != "":
		b.WriteString(" sent something that is no HTTP request")
	default:
		b.WriteString(" sent an empty request")
	}
	if server != "" {
		b.WriteString(" " + server)
	}
	if status := get("http_response_status_code"); status != "" && status != "0" {
		b.WriteString(": " + status)
	} else {
		b.WriteString(": no answer")
	}
	return b.String()
}

// URL puts the parts of a request's URL together again.
func URL(get logtype.Getter) string {
	if o := get("url_original"); o != "" {
		return o
	}
	u := get("url_path")
	if q := get("url_query"); q != "" {
		u += "?" + q
	}
	if port := get("url_port"); port != "" {
		u = ":" + port + u
	}
	if domain := get("url_domain"); domain != "" {
		u = domain + u
		if scheme := get("url_scheme"); scheme != "" {
			u = scheme + "://" + u
		}
	}
	return u
}
