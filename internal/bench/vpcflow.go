package bench

import "fmt"

// serverPorts are what is listened on, most usual first.
var serverPorts = []int{443, 80, 3306, 5432, 6379, 53, 8080, 9092, 22, 123, 389, 3389, 9200, 2049, 8443, 25}

// flowFields is the header line: the 29 fields of version 5 in the order of AWS's documentation.
const flowFields = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path\n"

// perPlace is how many machines an account has in a region.
const perPlace = 240

// machine is a network interface with what hangs on it, written out.
type machine struct {
	head    string // "5 account eni "
	address string
	where   string // " vpc subnet instance "
	region  string // " region az - - "
	server  int    // port it listens on
	nat     bool   // its packets carry another machine's address
}

type vpcFlow struct {
	w        *world
	machines [][]machine // by account and region
	skew     zipf
	peers    zipf
}

func newVPCFlow(w *world) generator {
	v := &vpcFlow{w: w, skew: newZipf(perPlace), peers: newZipf(len(w.public))}
	for a := range w.accounts {
		for r := range w.regions {
			v.machines = append(v.machines, machines(w, a, r))
		}
	}
	return v
}

func machines(w *world, a, r int) []machine {
	var out []machine
	id := func(prefix string, what, i int) string {
		return string(appendHex([]byte(prefix), mixAll(w.seed, 90, uint64(what), uint64(a), uint64(r), uint64(i)), 17))
	}
	for i := range perPlace {
		net := i % 12
		out = append(out, machine{
			head:    "5 " + w.accounts[a] + " " + id("eni-", 1, i) + " ",
			address: fmt.Sprintf("10.%d.%d.%d", 20+a*8+r, net*4, 10+i/12),
			where:   " " + id("vpc-", 2, net/6) + " " + id("subnet-", 3, net) + " " + id("i-", 4, i) + " ",
			region:  " " + w.regions[r] + " " + zones[r] + "-az" + string(rune('1'+net%3)) + " - - ",
			server:  serverPorts[i%len(serverPorts)], nat: i%40 == 7,
		})
	}
	return out
}

func (v *vpcFlow) fill(o *object, first, n int64) {
	a, r := v.w.place(o.rnd)
	pool := v.machines[a*len(v.w.regions)+r]
	o.plain = append(o.plain, flowFields...)
	end := int64(0)
	for i := range n {
		end = v.w.curve.draw(o.rnd, first+i) / 1000
		start := len(o.plain)
		v.line(o, pool, end, o.planted(first+i))
		o.record(start, end*1000)
		o.plain = append(o.plain, '\n')
	}
	account, region := v.w.accounts[a], v.w.regions[r]
	id := appendHex(nil, mixAll(v.w.seed, 91, uint64(a), uint64(r)), 17)
	o.key = fmt.Sprintf("AWSLogs/%s/vpcflowlogs/%s/%s%s_vpcflowlogs_%s_fl-%s_%s_%s.log.gz", account, region, dateOf(end*1000, "2006/01/02/"), account, region,
		id, dateOf(end*1000, "20060102T1504Z"), appendHex(nil, o.pcg.Uint64(), 8))
}

// line appends one record: a machine as server or client of an address outside or of another machine.
func (v *vpcFlow) line(o *object, pool []machine, end int64, p *plant) {
	m := &pool[v.skew.draw(o.rnd)]
	dst := append(o.plain, m.head...)
	begin := end - int64(10+o.n(51))
	if p == nil && o.n(250) == 0 { // an interval without traffic
		dst = append(dst, "- - - - - - - "...)
		dst = appendInt(append(appendInt(dst, begin), ' '), end)
		dst = append(append(append(dst, " - NODATA"...), m.where...), "- - - -"...)
		o.plain = append(append(dst, m.region...), "- - - -"...)
		return
	}
	peer, service := v.w.public[v.peers.draw(o.rnd)], "-"
	inside := o.percent(55)
	switch {
	case p != nil:
		peer, inside = p.text, false
	case inside:
		peer = pool[v.skew.draw(o.rnd)].address
	case o.percent(25):
		service = []string{"S3", "AMAZON", "DYNAMODB", "EC2", "CLOUDFRONT"}[v.w.thing12.draw(o.rnd)%5]
	}
	ingress := o.percent(52)
	port, other, protocol, flags := m.server, 32768+o.n(28000), 6, []int{0, 2, 3, 18, 19, 1}[v.w.thing12.draw(o.rnd)%6]
	action := "ACCEPT"
	if !inside && ingress && o.percent(12) { // scans from outside
		action, flags = "REJECT", 2
		port = o.n(65536)
		if o.percent(60) {
			port = serverPorts[v.w.thing12.draw(o.rnd)]
		}
	}
	if port == 53 || port == 123 {
		protocol, flags = 17, 0
	}
	packets := o.skewed(12)
	size := packets*(40+o.n(1400)) + 20
	if action == "REJECT" {
		packets = 1 + o.n(3)
		size = 44 * packets
	}
	src, dst2, srcPort, dstPort := peer, m.address, other, port
	if !ingress {
		src, dst2, srcPort, dstPort = m.address, peer, port, other
	}
	dst = append(append(append(append(dst, src...), ' '), dst2...), ' ')
	for _, x := range [...]int{srcPort, dstPort, protocol, packets, size} {
		dst = append(appendInt(dst, int64(x)), ' ')
	}
	dst = append(appendInt(append(appendInt(dst, begin), ' '), end), ' ')
	dst = append(append(append(dst, action...), " OK"...), m.where...)
	dst = append(appendInt(dst, int64(flags)), " IPv4 "...)
	if m.nat { // the addresses of the packet differ from those of the interface
		inner := pool[v.skew.draw(o.rnd)].address
		if ingress {
			dst2 = inner
		} else {
			src = inner
		}
	}
	dst = append(append(append(append(dst, src...), ' '), dst2...), m.region...)
	direction := "- " + service + " egress 8"
	if ingress {
		direction = service + " - ingress -"
	} else if inside {
		direction = "- - egress 1"
	}
	o.plain = append(dst, direction...)
}
