package cloudfront

import (
	"math"

	"ashiato/internal/event"
	"ashiato/internal/logtype/accesslog"
)

var rules = []event.Rule{
	accesslog.StatusRule(),
	{From: []string{"cs_user_agent"}, To: []string{"user_agent_original"}, Fn: func(a *event.Args) { a.Set(0, accesslog.Unescape(a.Str(0))) }},
	{From: []string{"time_taken"}, To: []string{"event_duration"}, Fn: func(a *event.Args) {
		if v, ok := a.Float(0); ok && v >= 0 && v < 1e6 {
			a.SetInt(0, int64(math.Round(v*1e6))*1000)
		}
	}},
	{From: []string{"url_scheme"}, To: []string{"network_protocol"}, Fn: func(a *event.Args) {
		switch a.Str(0) {
		case "http", "https":
			a.Set(0, "http")
		case "ws", "wss":
			a.Set(0, "websocket")
		case "grpcs":
			a.Set(0, "grpc")
		}
	}},
	// CloudFront has no region; its other logs say global.
	{To: []string{"cloud_region"}, Fn: func(a *event.Args) { a.Set(0, "global") }},
	{From: []string{"resource_name", "cloud_account_id"}, To: []string{"resource_type", "resource_arn"}, Fn: func(a *event.Args) {
		id, account := a.Str(0), a.Str(1)
		if id == "" {
			return
		}
		a.Set(0, "AWS::CloudFront::Distribution")
		if account != "" {
			a.SetList(1, "arn:aws:cloudfront::"+account+":distribution/"+id)
		}
	}},
}
