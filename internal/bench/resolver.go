package bench

import (
	"fmt"
	"time"
)

// resolver writes Route 53 Resolver query logs.
type resolver struct {
	w     *world
	names []string
	skew  zipf
	hosts zipf
}

func newResolver(w *world) generator {
	g := &resolver{w: w, skew: newZipf(3000), hosts: newZipf(perPlace)}
	for i := range 3000 {
		h := mixAll(w.seed, 120, uint64(i))
		g.names = append(g.names, fmt.Sprintf("%s%d.%s.%s.", roleOf[h%10], h>>8%40, stores[h>>16%10], []string{"example.com", "example.net", "example.org", "internal.example.com"}[h>>24&3]))
	}
	return g
}

func (g *resolver) fill(o *object, first, n int64) {
	a, r := g.w.place(o.rnd)
	account := g.w.accounts[a]
	vpc := string(appendHex([]byte("vpc-"), mixAll(g.w.seed, 90, 2, uint64(a), uint64(r), 0), 17))
	head := fmt.Sprintf(`{"version":"1.100000","account_id":"%s","region":"%s","vpc_id":"%s","query_timestamp":"`, account, g.w.regions[r], vpc)
	ms := int64(0)
	for i := range n {
		ms = g.w.curve.draw(o.rnd, first+i) / 1000 * 1000
		start := len(o.plain)
		o.plain = g.line(append(o.plain, head...), o.rnd, ms, a, r)
		o.record(start, ms)
		o.plain = append(o.plain, '\n')
	}
	o.key = fmt.Sprintf("AWSLogs/%s/vpcdnsquerylogs/%s/%s%s_vpcdnsquerylogs_%s_%s_%s.log.gz", account, vpc, dateOf(ms, "2006/01/02/"), vpc, account,
		dateOf(ms, "20060102T1504Z"), appendHex(nil, o.pcg.Uint64(), 8))
}

func (g *resolver) line(dst []byte, r rnd, ms int64, account, region int) []byte {
	dst = time.UnixMilli(ms).UTC().AppendFormat(dst, "2006-01-02T15:04:05Z")
	dst = append(dst, `","query_name":"`...)
	name := g.skew.draw(r)
	if r.percent(3) { // names that are asked for once
		dst = append(appendHex(dst, r.pcg.Uint64(), 12), '.')
	}
	dst = append(dst, g.names[name]...)
	six := name%5 == 3
	if six {
		dst = append(dst, `","query_type":"AAAA","query_class":"IN","rcode":"`...)
	} else {
		dst = append(dst, `","query_type":"A","query_class":"IN","rcode":"`...)
	}
	if name%17 == 16 {
		dst = append(dst, `NXDOMAIN","answers":[`...)
	} else {
		dst = append(dst, `NOERROR","answers":[`...)
		for k := range 1 + name%3 {
			if k > 0 {
				dst = append(dst, ',')
			}
			if six {
				dst = append(appendHex(append(dst, `{"Rdata":"2001:db8::a`...), mixAll(uint64(name), uint64(k)), 3), `","Type":"AAAA","Class":"IN"}`...)
			} else {
				dst = append(append(append(dst, `{"Rdata":"`...), g.w.public[(name*3+k)%len(g.w.public)]...), `","Type":"A","Class":"IN"}`...)
			}
		}
	}
	i := g.hosts.draw(r)
	dst = append(dst, `],"srcaddr":"10.`...)
	dst = fmt.Appendf(dst, `%d.%d.%d","srcport":"%d","transport":"UDP","srcids":{"instance":"i-`, 20+account*8+region, i%12*4, 10+i/12, 1024+r.n(64000))
	return append(appendHex(dst, mixAll(g.w.seed, 90, 4, uint64(account), uint64(region), uint64(i)), 17), `"}}`...)
}
