package alb

import (
	"math"
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/accesslog"
)

var rules = []event.Rule{
	{From: []string{"http_response_status_code", "actions_executed"}, To: []string{"event_kind", "event_category", "event_type", "event_outcome", "event_action"}, Fn: func(a *event.Args) {
		status, ok := a.Int(0)
		accesslog.Classify(a, status, ok)
		actions := a.Str(1)
		a.Set(4, actions[strings.LastIndexByte(actions, ',')+1:]) // the one that ended the request
	}},
	{From: []string{"resource_name", "target_group_arn"}, To: []string{"cloud_account_id", "cloud_region", "resource_arn", "resource_type"}, Fn: balancer},
	{From: []string{"type"}, To: []string{"network_protocol"}, Fn: func(a *event.Args) {
		switch t := a.Str(0); t {
		case "http", "https", "h2":
			a.Set(0, "http")
		case "ws", "wss":
			a.Set(0, "websocket")
		case "grpc", "grpcs":
			a.Set(0, "grpc")
		}
	}},
	{From: []string{"request_processing_time", "target_processing_time", "response_processing_time"}, To: []string{"event_duration"}, Fn: duration},
}

// balancer names the load balancer's account, region and ARN, which the target group's ARN gives away.
func balancer(a *event.Args) {
	name := a.Str(0)
	if name == "" {
		return
	}
	a.Set(3, "AWS::ElasticLoadBalancingV2::LoadBalancer")
	// arn:partition:elasticloadbalancing:region:account:targetgroup/name/id
	part := strings.SplitN(a.Str(1), ":", 6)
	if len(part) < 6 || part[2] != "elasticloadbalancing" {
		return
	}
	a.Set(0, part[4])
	a.Set(1, part[3])
	a.SetList(2, strings.Join(part[:5], ":")+":loadbalancer/"+name)
}

// duration adds up the three times, in nanoseconds; -1 says that a step was not reached.
func duration(a *event.Args) {
	sum, known := 0.0, false
	for i := range 3 {
		if v, ok := a.Float(i); ok && v >= 0 {
			sum += v
			known = true
		}
	}
	if known && sum < 1e6 {
		a.SetInt(0, int64(math.Round(sum*1e6))*1000)
	}
}

func message(get logtype.Getter) string {
	name := get("resource_name")
	if part := strings.Split(name, "/"); len(part) == 3 {
		name = part[1]
	}
	m := accesslog.Message(get, "through load balancer "+name)
	switch {
	case get("error_code") != "":
		m += " (" + get("error_code") + ")"
	case get("destination_ip") != "":
		m += " from " + get("destination_ip")
	}
	return m
}
