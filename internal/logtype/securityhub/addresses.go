package securityhub

import (
	"strconv"
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
)

// addresses finds the two sides of what a finding reports: in ASFF's Action and Network objects, or in
// the product fields that GuardDuty fills (aws/guardduty/service/action/..., formerly action/...). The
// remote side is the source unless the resource made the connection.
func addresses(a *event.Args) {
	fields := map[string]string{}
	decode.EachJSONMember(a.Bytes(0), func(k string, v []byte) bool {
		k = strings.TrimPrefix(strings.TrimPrefix(k, "aws/guardduty/"), "service/")
		if strings.HasPrefix(k, "action/") || strings.HasPrefix(k, "resource/") {
			fields[strings.ReplaceAll(k, "_", "")] = string(decode.JSONText(v))
		}
		return true
	})
	network, action := a.Bytes(1), a.Bytes(2)
	find := func(field, path string) string {
		for _, kind := range []string{"networkConnectionAction", "awsApiCallAction", "kubernetesApiCallAction", "rdsLoginAttemptAction",
			"portProbeAction/portProbeDetails.0"} {
			if v := fields["action/"+kind+"/"+field]; v != "" {
				return v
			}
		}
		for _, kind := range []string{"NetworkConnectionAction", "AwsApiCallAction", "PortProbeAction.PortProbeDetails"} {
			if v := decode.JSONPath(action, kind+"."+path); len(v) > 0 {
				return string(v)
			}
		}
		return ""
	}
	remote := find("remoteIpDetails/ipAddressV4", "RemoteIpDetails.IpAddressV4")
	if remote == "" {
		remote = find("remoteIpDetails/ipAddressV6", "RemoteIpDetails.IpAddressV6")
	}
	remotePort, localPort := find("remotePortDetails/port", "RemotePortDetails.Port"), find("localPortDetails/port", "LocalPortDetails.Port")
	country, city := find("remoteIpDetails/country/countryName", "RemoteIpDetails.Country.CountryName"), find("remoteIpDetails/city/cityName", "RemoteIpDetails.City.CityName")
	local, public := fields["resource/instanceDetails/networkInterfaces.0/privateIpAddress"], fields["resource/instanceDetails/networkInterfaces.0/publicIp"]
	if local == "" {
		local = find("localIpDetails/ipAddressV4", "LocalIpDetails.IpAddressV4")
	}
	direction := strings.ToLower(find("connectionDirection", "ConnectionDirection"))
	domain := fields["action/dnsRequestAction/domain"]
	if domain == "" {
		domain = string(decode.JSONPath(action, "DnsRequestAction.Domain"))
	}
	transport := find("protocol", "Protocol")
	actionType := fields["action/actionType"]
	if actionType == "" {
		actionType = string(decode.JSONPath(action, "ActionType"))
	}

	if network != nil {
		n := func(path string) string { return string(decode.JSONPath(network, path)) }
		if direction == "" {
			direction = map[string]string{"IN": "inbound", "OUT": "outbound"}[n("Direction")]
		}
		if transport == "" {
			transport = n("Protocol")
		}
		// here the sides are named already
		if src, dst := first(n("SourceIpV4"), n("SourceIpV6")), first(n("DestinationIpV4"), n("DestinationIpV6")); remote == "" && (src != "" || dst != "") {
			a.Set(0, src)
			port(a, 1, n("SourcePort"))
			a.Set(4, dst)
			port(a, 5, n("DestinationPort"))
			finish(a, direction, transport, first(domain, n("DestinationDomain")), actionType)
			return
		}
	}
	switch {
	case direction != "":
	case domain != "":
		direction = "outbound"
	case remote != "":
		direction = "inbound"
	}
	if local == "" && (remote != "" || domain != "") {
		local = string(decode.JSONPath(a.Bytes(3), "Details.AwsEc2Instance.IpV4Addresses[0]"))
	}
	src, dst := 0, 4
	if direction == "outbound" {
		src, dst = 4, 0
	}
	a.Set(src, remote)
	port(a, src+1, remotePort)
	a.Set(src+2, country)
	a.Set(src+3, city)
	a.Set(dst, local)
	port(a, dst+1, localPort)
	nat := 8
	if direction == "outbound" {
		nat = 13
	}
	a.Set(nat, public)
	finish(a, direction, transport, domain, actionType)
}

func finish(a *event.Args, direction, transport, domain, action string) {
	a.Set(9, direction)
	a.Set(10, strings.ToLower(transport))
	a.Set(11, domain)
	a.Set(12, action)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func port(a *event.Args, i int, v string) {
	if n, err := strconv.ParseUint(v, 10, 16); err == nil {
		a.SetInt(i, int64(n))
	}
}
