package bench

import (
	"fmt"
	"time"
)

// site is what the made web logs have in common: clients, paths and what answers.
type site struct {
	w       *world
	paths   []string
	skew    zipf
	clients zipf
	agents  []string
}

func newSite(w *world) site {
	s := site{w: w, clients: newZipf(len(w.public)), skew: newZipf(400),
		agents: []string{agents[5], agents[8], "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
			"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "okhttp/4.12.0", "curl/8.9.1", "python-requests/2.32.3", "Mozilla/5.0 (compatible; example-bot/2.1; +https://bot.example.com)"}}
	for i := range 400 {
		h := mixAll(w.seed, 100, uint64(i))
		s.paths = append(s.paths, []string{"/api/v1/" + stores[h%10] + "/", "/static/" + roleOf[h%10] + ".js?v=", "/products/", "/cart?item=", "/login?next=/account/"}[i%5]+
			string(appendInt(nil, int64(h>>32%5000))))
	}
	return s
}

var (
	hosts    = []string{"shop.example.com", "api.example.com", "www.example.net"}
	methods  = []string{"GET", "GET", "GET", "GET", "GET", "POST", "POST", "PUT", "HEAD", "DELETE"}
	statuses = []int{200, 200, 200, 200, 200, 200, 200, 200, 301, 304, 304, 400, 401, 403, 404, 404, 500, 502}
)

// alb writes lines of Application Load Balancers.
type alb struct{ site }

func newALB(w *world) generator { return &alb{newSite(w)} }

func (g *alb) fill(o *object, first, n int64) {
	a, r := g.w.place(o.rnd)
	account, region := g.w.accounts[a], g.w.regions[r]
	which := o.n(3)
	lb := fmt.Sprintf("%s/%s", []string{"shop-web", "api-edge", "www"}[which], appendHex(nil, mixAll(g.w.seed, 101, uint64(a), uint64(r), uint64(which)), 16))
	tail := fmt.Sprintf(" arn:aws:elasticloadbalancing:%s:%s:targetgroup/%s ", region, account, lb)
	cert := fmt.Sprintf(`" "%s" "arn:aws:acm:%s:%s:certificate/%s" `, hosts[which], region, account, appendUUID(nil, mix(uint64(a)), mix(uint64(r))))
	ms := int64(0)
	for i := range n {
		ms = g.w.curve.draw(o.rnd, first+i)
		start := len(o.plain)
		o.plain = g.line(o.plain, o.rnd, ms, a*100+which*10, "app/"+lb, hosts[which], tail, cert)
		o.record(start, ms)
		o.plain = append(o.plain, '\n')
	}
	o.key = fmt.Sprintf("AWSLogs/%s/elasticloadbalancing/%s/%s%s_elasticloadbalancing_%s_app.%s_%s_198.18.0.%d_%s.log.gz", account, region, dateOf(ms, "2006/01/02/"), account, region,
		lb[:len(lb)-17]+"."+lb[len(lb)-16:], dateOf(ms+300_000, "20060102T1504Z"), 1+which, appendBase32(nil, o.pcg.Uint64(), 8))
}

func appendMicros(dst []byte, us int64) []byte {
	return time.UnixMicro(us).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
}

// appendThousandths appends n/1000 with three decimals.
func appendThousandths(dst []byte, n int) []byte {
	dst = append(appendInt(dst, int64(n/1000)), '.')
	return append(dst, '0'+byte(n/100%10), '0'+byte(n/10%10), '0'+byte(n%10))
}

func (g *alb) line(dst []byte, r rnd, ms int64, target int, lb, host, group, cert string) []byte {
	us := ms*1000 + int64(r.n(1000))
	status := statuses[r.n(len(statuses))]
	took := r.skewed(11)
	address := fmt.Appendf(nil, "10.30.%d.%d:8080", target%60, 10+r.n(24))
	dst = append(dst, []string{"h2 ", "h2 ", "https ", "http "}[r.n(4)]...)
	dst = append(append(append(appendMicros(dst, us), ' '), lb...), ' ')
	dst = append(append(dst, g.w.public[g.clients.draw(r)]...), ':')
	dst = append(append(append(appendInt(dst, int64(1024+r.n(64000))), ' '), address...), " 0.00"...)
	dst = append(append(dst, '0'+byte(r.n(3))), ' ')
	dst = append(appendThousandths(dst, took), " 0.000 "...)
	dst = append(appendInt(append(appendInt(dst, int64(status)), ' '), int64(status)), ' ')
	dst = append(appendInt(append(appendInt(dst, int64(100+r.n(900))), ' '), int64(r.skewed(17))), ` "`...)
	dst = append(append(append(append(dst, methods[r.n(len(methods))]...), " https://"...), host...), ":443"...)
	dst = append(append(dst, g.paths[g.skew.draw(r)]...), ` HTTP/2.0" "`...)
	dst = append(append(dst, g.agents[g.w.thing12.draw(r)%len(g.agents)]...), `" TLS_AES_128_GCM_SHA256 TLSv1.3`...)
	dst = append(append(dst, group...), `"Root=1-`...)
	dst = append(appendHex(dst, uint64(ms/1000)<<32, 8), '-')
	dst = append(appendHex(dst, r.pcg.Uint64(), 24), cert...)
	dst = append(appendInt(dst, int64(r.n(40))), ' ')
	dst = append(appendMicros(dst, us-int64(took)*1000), ` "forward" "-" "-" "`...)
	dst = append(append(append(dst, address...), `" "`...), fmt.Sprintf(`%d" "-" "-" TID_`, status)...)
	return append(appendHex(dst, r.pcg.Uint64(), 32), ` "-" "-" "-"`...)
}

// waf writes the log of a web ACL before a load balancer.
type waf struct{ site }

func newWAF(w *world) generator { return &waf{newSite(w)} }

var countries = []string{"JP", "US", "DE", "GB", "FR", "IN", "BR", "NL", "SG", "CN"}

var wafRules = []struct{ id, kind, action, match string }{
	{"AWS-AWSManagedRulesSQLiRuleSet", "MANAGED_RULE_GROUP", "BLOCK", `{"conditionType":"SQL_INJECTION","sensitivityLevel":"HIGH","location":"QUERY_STRING","matchedData":["10","AND","1"]}`},
	{"AWS-AWSManagedRulesCommonRuleSet", "MANAGED_RULE_GROUP", "BLOCK", `{"conditionType":"XSS","sensitivityLevel":"LOW","location":"QUERY_STRING","matchedData":["<","script"]}`},
	{"rate-per-address", "RATE_BASED", "BLOCK", ""},
	{"bots", "REGULAR", "CAPTCHA", ""},
}

func (g *waf) fill(o *object, first, n int64) {
	a, r := g.w.place(o.rnd)
	account, region := g.w.accounts[a], g.w.regions[r]
	which := o.n(len(hosts))
	acl := "edge-" + roleOf[a]
	head := fmt.Sprintf(`,"formatVersion":1,"webaclId":"arn:aws:wafv2:%s:%s:regional/webacl/%s/%s"`, region, account, acl, appendUUID(nil, mixAll(7, uint64(a)), mixAll(9, uint64(r))))
	source := fmt.Sprintf(`,"httpSourceName":"ALB","httpSourceId":"%s-app/%s/%s","ruleGroupList":[{"ruleGroupId":"AWS#AWSManagedRulesCommonRuleSet","terminatingRule":null,"nonTerminatingMatchingRules":[],"excludedRules":null,"customerConfig":null}],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":null`,
		account, []string{"shop-web", "api-edge", "www"}[which], appendHex(nil, mixAll(g.w.seed, 101, uint64(a), uint64(r), uint64(which)), 16))
	ms := int64(0)
	for i := range n {
		ms = g.w.curve.draw(o.rnd, first+i)
		start := len(o.plain)
		o.plain = g.line(o.plain, o.rnd, ms, hosts[which], head, source)
		o.record(start, ms)
		o.plain = append(o.plain, '\n')
	}
	o.key = fmt.Sprintf("AWSLogs/%s/WAFLogs/%s/%s/%s%s_waflogs_%s_%s_%s_%s.log.gz", account, region, acl, dateOf(ms, "2006/01/02/15/04/"), account, region, acl,
		dateOf(ms, "20060102T1504Z"), appendHex(nil, o.pcg.Uint64(), 8))
}

func (g *waf) line(dst []byte, r rnd, ms int64, host, head, source string) []byte {
	client := g.clients.draw(r)
	country := countries[mix(uint64(client))%uint64(len(countries))]
	dst = append(appendInt(append(dst, `{"timestamp":`...), ms), head...)
	if r.percent(6) {
		rule := wafRules[r.n(len(wafRules))]
		dst = append(append(append(dst, `,"terminatingRuleId":"`...), rule.id...), `","terminatingRuleType":"`...)
		dst = append(append(append(append(dst, rule.kind...), `","action":"`...), rule.action...), `","terminatingRuleMatchDetails":[`...)
		dst = append(append(dst, rule.match...), ']')
	} else {
		dst = append(dst, `,"terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","terminatingRuleMatchDetails":[]`...)
	}
	dst = append(append(append(dst, source...), `,"labels":[{"name":"awswaf:clientip:geo:country:`...), country...)
	dst = appendHex(append(dst, `"}],"ja3Fingerprint":"`...), mixAll(g.w.seed, 110, uint64(client%40)), 32)
	dst = append(append(dst, `","requestBodySize":0,"requestBodySizeInspectedByWAF":0,"httpRequest":{"clientIp":"`...), g.w.public[client]...)
	dst = append(append(append(dst, `","country":"`...), country...), `","headers":[{"name":"Host","value":"`...)
	dst = append(append(append(dst, host...), `"},{"name":"User-Agent","value":"`...), g.agents[g.w.thing12.draw(r)%len(g.agents)]...)
	dst = append(append(append(dst, `"},{"name":"Referer","value":"https://`...), host...), `/"}],"uri":"`...)
	dst = append(append(dst, g.paths[g.skew.draw(r)]...), `","args":"","httpVersion":"HTTP/2.0","httpMethod":"`...)
	dst = append(append(dst, methods[r.n(len(methods))]...), `","requestId":"1-`...)
	dst = append(appendHex(dst, uint64(ms/1000)<<32, 8), '-')
	return append(appendHex(dst, r.pcg.Uint64(), 24), `"}}`...)
}
