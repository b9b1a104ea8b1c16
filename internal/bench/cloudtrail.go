package bench

import (
	"strconv"
	"strings"
)

// Picks that a record makes at most once.
const (
	pickThing = iota
	pickTarget
	pickBucket
	pickKey
	picks
)

// keysPerBucket is how many keys of a bucket are used.
const keysPerBucket = 4

// trailEvent is the record being made.
type trailEvent struct {
	w               *world
	r               rnd
	account, region int
	ms              int64
	picked          [picks]int32 // 1 + index, 0: not drawn yet
	request, unique [2]uint64
}

// pick draws from a pool, the same for the rest of the record.
func (e *trailEvent) pick(what int) int {
	if e.picked[what] == 0 {
		z := e.w.thing100
		switch what {
		case pickTarget:
			z = e.w.roleSkew
		case pickBucket:
			z = e.w.bucketSkew
		case pickKey: // a bucket has few keys, so that parameters repeat; hard data make each one unique
			e.picked[what] = int32(1 + (e.pick(pickBucket)*keysPerBucket+e.r.n(keysPerBucket))%len(e.w.keys))
			return int(e.picked[what] - 1)
		}
		e.picked[what] = int32(1 + z.draw(e.r))
	}
	return int(e.picked[what] - 1)
}

func (e *trailEvent) thing() int  { return e.pick(pickThing) }
func (e *trailEvent) target() int { return e.pick(pickTarget) }

// period is how long a session's credentials live, ms.
func (e *trailEvent) period() int64 {
	if e.w.hard {
		return hourMillis / 2
	}
	return 12 * hourMillis
}

func (e *trailEvent) sessionHash(role, session int) uint64 {
	return mixAll(e.w.seed, hashSession, uint64(e.account), uint64(role), uint64(session), uint64(e.ms/e.period()))
}

func (e *trailEvent) appendAROA(dst []byte, role int) []byte {
	return appendBase32(append(dst, "AROA"...), mixAll(e.w.seed, hashRole, uint64(e.account), uint64(role)), 17)
}

func (e *trailEvent) appendAIDA(dst []byte, user int) []byte {
	return appendBase32(append(dst, "AIDA"...), mixAll(e.w.seed, hashUser, uint64(e.account), uint64(user)), 17)
}

// appendSession appends a session's name in one of the usual forms; hard ones change with the credentials.
func (e *trailEvent) appendSession(dst []byte, role, session int) []byte {
	h := mixAll(e.w.seed, hashSession, uint64(role), uint64(session))
	if e.w.hard {
		h = e.sessionHash(role, session)
	}
	switch (role + session) % 4 {
	case 0:
		return appendHex(append(dst, "i-"...), h, 17)
	case 1:
		return append(dst, e.w.users[(role+session)%len(e.w.users)]...)
	case 2:
		return appendInt(append(dst, "botocore-session-"...), int64(1_791_000_000+h%1_000_000))
	}
	return appendInt(append(append(dst, e.w.roles[role]...), '-'), int64(h%10_000))
}

// compiledCall is a call made ready.
type compiledCall struct {
	call
	params, response, extra, resource []part
	source                            string
}

type cloudTrail struct {
	e     trailEvent
	calls []compiledCall
	skew  zipf
	serve []string // services that assume roles
}

func newCloudTrail(w *world) generator {
	c := &cloudTrail{e: trailEvent{w: w}, serve: []string{"ec2", "lambda", "ecs-tasks", "eks", "cloudtrail", "config"}}
	var weights []int
	for _, t := range calls {
		weights = append(weights, t.weight)
		c.calls = append(c.calls, compiledCall{call: t, source: t.service + ".amazonaws.com",
			params: must(t.params), response: must(t.response), extra: must(t.extra), resource: must(t.resource)})
	}
	c.skew = weighted(weights)
	return c
}

// must compiles a template of the table above: a wrong one is a broken invariant that any test finds.
func must(s string) []part {
	if s == "" {
		return nil
	}
	p, err := compile(s)
	if err != nil {
		panic(err)
	}
	return p
}

func (c *cloudTrail) fill(o *object, first, n int64) {
	e := &c.e
	e.r = o.rnd
	e.account, e.region = e.w.place(o.rnd)
	o.plain = append(o.plain, `{"Records":[`...)
	for i := range n {
		if i > 0 {
			o.plain = append(o.plain, ',')
		}
		e.ms = e.w.curve.draw(o.rnd, first+i) / 1000 * 1000
		start := len(o.plain)
		c.one(o, o.planted(first+i))
		o.record(start, e.ms)
		if len(o.ids) > 0 && o.ids[len(o.ids)-1].SHA256 == "" {
			o.ids[len(o.ids)-1].SHA256 = hashOf(o.plain[start:])
		}
	}
	o.plain = append(o.plain, "]}"...)
	at := e.ms + 300_000
	account, region := e.w.accounts[e.account], e.w.regions[e.region]
	key := append([]byte("AWSLogs/"+account+"/CloudTrail/"+region+"/"), dateOf(at, "2006/01/02/")...)
	key = append(append(key, account+"_CloudTrail_"+region+"_"...), dateOf(at, "20060102T1504Z_")...)
	for range 16 {
		key = append(key, base64Digits[o.n(62)])
	}
	o.key = string(key) + ".json.gz"
}

// who is the principal of a record.
type who struct {
	kind    byte // 'r'ole, 'u'ser, 's'ervice, root '0'
	id      int  // role or user
	session int
	service string
}

func (c *cloudTrail) who(t *compiledCall, p *plant) who {
	e := &c.e
	switch x := e.r.n(1000); {
	case t.flags&signIn != 0:
		if x < 20 {
			return who{kind: '0'}
		}
	case p != nil:
	case t.flags&byAWS != 0 && x < 600:
		return who{kind: 's', service: c.serve[e.w.thing12.draw(e.r)%len(c.serve)]}
	case x < 2:
		return who{kind: '0'}
	case x < 850:
		return who{kind: 'r', id: e.w.roleSkew.draw(e.r), session: e.w.thing12.draw(e.r)}
	}
	return who{kind: 'u', id: e.w.userSkew.draw(e.r)}
}

// one appends a record.
func (c *cloudTrail) one(o *object, p *plant) {
	e := &c.e
	e.picked = [picks]int32{}
	t := &c.calls[c.skew.draw(e.r)]
	e.request = [2]uint64{e.r.pcg.Uint64(), e.r.pcg.Uint64()}
	e.unique = [2]uint64{e.r.pcg.Uint64(), e.r.pcg.Uint64()}
	w := c.who(t, p)
	code, message := c.failure(t, w)
	dst := append(o.plain, `{"eventVersion":"1.11","userIdentity":`...)
	dst = c.identity(dst, w, p)
	dst = append(appendSeconds(append(dst, `,"eventTime":"`...), e.ms), `","eventSource":"`...)
	dst = append(append(append(append(dst, t.source...), `","eventName":"`...), t.name...), `","awsRegion":"`...)
	dst = append(append(dst, e.w.regions[e.region]...), `","sourceIPAddress":"`...)
	dst = c.origin(dst, w, p)
	if code != "" {
		dst = append(append(dst, `","errorCode":"`...), code...)
		o.tally.denied += int64(strings.Count(code, "AccessDenied"))
	}
	if message != "" {
		dst = c.message(append(dst, `","errorMessage":"`...), message, t, w)
	}
	failed := code != "" || message != ""
	dst = member(append(dst, '"'), `,"requestParameters":`, t.params, e, true)
	switch {
	case failed && t.flags&signIn != 0:
		dst = append(dst, `,"responseElements":{"ConsoleLogin":"Failure"}`...)
	case failed:
		dst = append(dst, `,"responseElements":null`...)
	default:
		dst = member(dst, `,"responseElements":`, t.response, e, true)
	}
	dst = member(dst, `,"additionalEventData":`, t.extra, e, false)
	dst = c.ids(dst, o, t, p)
	if !failed {
		dst = member(dst, `,"resources":`, t.resource, e, false)
	}
	o.plain = c.tail(dst, t, w)
	if strings.HasPrefix(t.name, "Describe") {
		o.tally.describe++
	}
}

// member appends a member of the record: null for an empty template where always is set, else nothing.
func member(dst []byte, name string, parts []part, e *trailEvent, always bool) []byte {
	switch {
	case parts != nil:
		return appendParts(append(dst, name...), parts, e)
	case always:
		return append(append(dst, name...), "null"...)
	}
	return dst
}

func (c *cloudTrail) ids(dst []byte, o *object, t *compiledCall, p *plant) []byte {
	e := &c.e
	if t.flags&signIn == 0 {
		dst = append(dst, `,"requestID":"`...)
		if t.flags&s3ID != 0 {
			dst = appendBase32(dst, e.request[0], 16)
		} else {
			dst = appendUUID(dst, e.request[0], e.request[1])
		}
		dst = append(dst, '"')
	}
	dst = append(dst, `,"eventID":"`...)
	from := len(dst)
	dst = e.r.appendUUID(dst)
	if p != nil && p.what == "id" {
		o.ids = append(o.ids, sampledID{ID: string(dst[from:])})
	}
	return strconv.AppendBool(append(dst, `","readOnly":`...), t.flags&readOnly != 0)
}

func (c *cloudTrail) tail(dst []byte, t *compiledCall, w who) []byte {
	e := &c.e
	kind, category := "AwsApiCall", "Management"
	if t.flags&signIn != 0 {
		kind = "AwsConsoleSignIn"
	}
	if t.flags&data != 0 {
		category = "Data"
	}
	dst = append(append(append(dst, `,"eventType":"`...), kind...), `","managementEvent":`...)
	dst = append(strconv.AppendBool(dst, t.flags&data == 0), `,"recipientAccountId":"`...)
	dst = append(append(dst, e.w.accounts[e.account]...), '"')
	if w.kind == 's' {
		dst = append(appendUUID(append(dst, `,"sharedEventID":"`...), e.unique[0], e.unique[1]), '"')
	}
	dst = append(append(append(dst, `,"eventCategory":"`...), category...), '"')
	if w.kind != 's' {
		dst = append(append(dst, `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"`...), t.service...)
		dst = append(append(append(dst, '.'), e.w.regions[e.region]...), `.amazonaws.com"}`...)
	}
	return append(dst, '}')
}
