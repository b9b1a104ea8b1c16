package s3access

import (
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/accesslog"
)

var rules = []event.Rule{
	{From: []string{"event_action", "http_response_status_code", "error_code"}, To: []string{"event_kind", "event_category", "event_type", "event_outcome", "cloud_service_name"}, Fn: classify},
	{From: []string{"user_id"}, To: []string{"user_arn", "user_name", "user_type", "user_session_name"}, Fn: who},
	{From: []string{"resource_name", "event_action", "url_domain"}, To: []string{"resource_arn", "resource_type", "cloud_region"}, Fn: bucket},
	{From: []string{"total_time"}, To: []string{"event_duration"}, Fn: func(a *event.Args) {
		if ms, ok := a.Int(0); ok && ms >= 0 && ms < 1e9 {
			a.SetInt(0, ms*1e6)
		}
	}},
}

// classify reads operations such as REST.PUT.OBJECT, REST.GET.BUCKETPOLICY and S3.EXPIRE.OBJECT.
func classify(a *event.Args) {
	status, known := a.Int(1)
	accesslog.Classify(a, status, known)
	a.Set(4, "s3")
	if !known {
		a.Set(3, "success") // a lifecycle action of S3 itself
		if a.Str(2) != "" {
			a.Set(3, "failure")
		}
	}
	part := strings.Split(a.Str(0), ".")
	if len(part) < 3 {
		return
	}
	verb, thing := part[1], part[2]
	object := strings.HasPrefix(thing, "OBJECT") || strings.HasPrefix(thing, "PART") || strings.HasPrefix(thing, "UPLOAD") || strings.HasPrefix(thing, "COPY")
	if object {
		a.SetList(1, "web", "file")
	} else {
		a.SetList(1, "web", "configuration")
	}
	var kind string
	switch {
	case verb == "GET" || verb == "HEAD" || verb == "OPTIONS" || thing == "OBJECT_GET" || thing == "PART_GET":
		kind = "access"
	case verb == "DELETE" || verb == "EXPIRE":
		kind = "deletion"
	case thing == "OBJECT" && (verb == "PUT" || verb == "POST" || verb == "COPY") || verb == "COPY" || thing == "BUCKET" && verb == "PUT" || verb == "CREATE":
		kind = "creation"
	case verb == "PUT" || verb == "POST" || strings.HasPrefix(verb, "TRANSITION"):
		kind = "change"
	default:
		kind = "info"
	}
	if status >= 500 {
		a.SetList(2, kind, "error")
	} else {
		a.SetList(2, kind)
	}
}

// who names the requester: an ARN, a canonical user id or a service ("svc:delivery.logs.amazonaws.com").
func who(a *event.Args) {
	id := a.Str(0)
	part := strings.SplitN(id, ":", 6)
	switch {
	case len(part) == 6 && part[0] == "arn":
		a.Set(0, id)
		kind, name, _ := strings.Cut(part[5], "/")
		name = name[strings.LastIndexByte(name, '/')+1:]
		switch kind {
		case "user":
			a.Set(2, "IAMUser")
		case "assumed-role":
			a.Set(2, "AssumedRole")
			a.Set(3, name)
		case "federated-user":
			a.Set(2, "FederatedUser")
		case "root":
			a.Set(2, "Root")
			name = "root"
		}
		a.Set(1, name)
	case id == "AmazonS3", strings.HasPrefix(id, "svc:"), strings.HasSuffix(id, ".amazonaws.com"):
		a.Set(1, strings.TrimPrefix(id, "svc:"))
		a.Set(2, "AWSService")
	case id != "":
		a.Set(1, id)
	}
}

// bucket gives the bucket's ARN and its region, which the host header names unless it is the global one.
func bucket(a *event.Args) {
	name, host := a.Str(0), a.Str(2)
	if name == "" {
		return
	}
	partition := "aws"
	if strings.HasSuffix(host, ".amazonaws.com.cn") {
		partition = "aws-cn"
	}
	if strings.HasSuffix(a.Str(1), ".OBJECT") {
		a.Set(1, "AWS::S3::Object")
	} else {
		a.Set(1, "AWS::S3::Bucket")
	}
	rest := host
	if i := strings.LastIndex(host, ".amazonaws.com"); i >= 0 {
		rest = host[:i]
		region := rest[strings.LastIndexByte(rest, '.')+1:]
		for _, prefix := range []string{"s3-website-", "s3-"} {
			region = strings.TrimPrefix(region, prefix)
		}
		if isRegion(region) {
			a.Set(2, region)
			if strings.HasPrefix(region, "us-gov-") {
				partition = "aws-us-gov"
			}
		}
	}
	a.SetList(0, "arn:"+partition+":s3:::"+name)
}

// isRegion reports whether s has the form of ap-northeast-1.
func isRegion(s string) bool {
	part := strings.Split(s, "-")
	last := part[len(part)-1]
	return len(part) >= 3 && len(part[0]) == 2 && len(last) == 1 && last[0] >= '1' && last[0] <= '9'
}

func message(get logtype.Getter) string {
	who := get("user_name")
	if who == "" {
		who = "somebody without credentials"
	}
	m := who + " called " + get("event_action") + " on " + get("resource_name")
	if k := get("key"); k != "" {
		m += "/" + k
	}
	if ip := get("source_ip"); ip != "" {
		m += " from " + ip
	}
	if s := get("http_response_status_code"); s != "" {
		m += ": " + s
	}
	if e := get("error_code"); e != "" {
		m += " " + e
	}
	return m
}
