package bench

import (
	"fmt"
	"strings"
)

// slot appends the value of a {name} of a template. Values that a record names twice are the same both times.
type slot func(dst []byte, e *trailEvent) []byte

// part is a piece of a template: literal text, then a slot, which may be nil.
type part struct {
	text string
	slot slot
}

// compile splits a template; a {name} that slots does not have is an error.
func compile(s string) ([]part, error) {
	var out []part
	lit := ""
	for {
		before, rest, found := strings.Cut(s, "{")
		if !found {
			return append(out, part{lit + s, nil}), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || strings.ContainsAny(name, "\"\\{[:") || name == "" { // JSON's own brace
			lit, s = lit+before+"{", rest
			continue
		}
		f := slots[name]
		if f == nil {
			return nil, fmt.Errorf("template has no slot %q", name)
		}
		out = append(out, part{lit + before, f})
		lit, s = "", after
	}
}

func appendParts(dst []byte, parts []part, e *trailEvent) []byte {
	for i := range parts {
		dst = append(dst, parts[i].text...)
		if parts[i].slot != nil {
			dst = parts[i].slot(dst, e)
		}
	}
	return dst
}

// Streams of the hashes that identifiers are made of.
const (
	hashUser = iota + 10
	hashRole
	hashSession
	hashThing
	hashSecret
	hashKey
	hashToken
)

// prefixed makes EC2 identifiers of an account's pool of 100.
func prefixed(prefix string) slot {
	stream := uint64(len(prefix))<<8 | uint64(prefix[0])
	return func(dst []byte, e *trailEvent) []byte {
		dst = append(dst, prefix...)
		return appendHex(dst, mixAll(e.w.seed, hashThing, stream, uint64(e.account), uint64(e.thing())), 17)
	}
}

func hashed(stream uint64, digits int) slot {
	return func(dst []byte, e *trailEvent) []byte {
		return appendHex(dst, mixAll(e.w.seed, stream, uint64(e.account), uint64(e.thing())), digits)
	}
}

// slots are the names that templates may use.
var slots = map[string]slot{
	"account":  func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.accounts[e.account]...) },
	"region":   func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.regions[e.region]...) },
	"user":     func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.users[e.target()%len(e.w.users)]...) },
	"role":     func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.roles[e.target()]...) },
	"policy":   func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.policies[e.thing()]...) },
	"bucket":   func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.buckets[e.pick(pickBucket)]...) },
	"store":    func(dst []byte, e *trailEvent) []byte { return append(dst, stores[e.thing()%len(stores)]...) },
	"function": func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.functions[e.thing()]...) },
	"group":    func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.groups[e.thing()]...) },
	"secret":   func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.secrets[e.thing()]...) },
	"key":      appendKey,
	"session":  func(dst []byte, e *trailEvent) []byte { return e.appendSession(dst, e.target(), 0) },
	"asia": func(dst []byte, e *trailEvent) []byte {
		return appendBase32(append(dst, "ASIA"...), e.sessionHash(e.target(), 0), 16)
	},
	"aroa": func(dst []byte, e *trailEvent) []byte { return e.appendAROA(dst, e.target()) },
	"aida": func(dst []byte, e *trailEvent) []byte { return e.appendAIDA(dst, e.target()%len(e.w.users)) },
	"akia": func(dst []byte, e *trailEvent) []byte {
		return appendBase32(append(dst, "AKIA"...), mixAll(e.w.seed, hashKey, uint64(e.account), uint64(e.target())), 16)
	},
	"token": func(dst []byte, e *trailEvent) []byte {
		h := e.sessionHash(e.target(), 0)
		return append(appendBase64(append(dst, "IQoJb3JpZ2luX2Vj"...), mix(h), 96), "=="...)
	},
	"instance": prefixed("i-"), "ami": prefixed("ami-"), "sg": prefixed("sg-"), "vpc": prefixed("vpc-"), "subnet": prefixed("subnet-"),
	"volume": prefixed("vol-"), "snapshot": prefixed("snap-"),
	"itype": func(dst []byte, e *trailEvent) []byte {
		return append(dst, []string{"m7g.large", "c7i.xlarge", "t3.medium", "r7g.2xlarge"}[e.thing()&3]...)
	},
	"hex17": hashed(71, 17), "hex32": hashed(72, 32), "hex64": hashed(73, 64),
	"kms": func(dst []byte, e *trailEvent) []byte {
		h := mixAll(e.w.seed, 74, uint64(e.account), uint64(e.region), uint64(e.pick(pickBucket)%12))
		return appendUUID(dst, h, mix(h))
	},
	"sixth": func(dst []byte, e *trailEvent) []byte {
		return appendBase64(dst, mixAll(e.w.seed, hashSecret, uint64(e.account), uint64(e.thing()))&^0x3fff<<2|0x1234, 6)
	},
	"stream": appendStream,
	"id2":    appendID2,
	"size":   func(dst []byte, e *trailEvent) []byte { return appendInt(dst, int64(e.pick(pickKey)%3*512)) },
	"size2": func(dst []byte, e *trailEvent) []byte {
		return appendInt(dst, int64(mixAll(hashKey, uint64(e.pick(pickKey)))%200_000))
	},
	"port": func(dst []byte, e *trailEvent) []byte {
		return appendInt(dst, int64(serverPorts[e.thing()%len(serverPorts)]))
	},
	"ip":      func(dst []byte, e *trailEvent) []byte { return append(dst, e.w.public[e.thing()]...) },
	"private": func(dst []byte, e *trailEvent) []byte { return appendPrivate(dst, e.w.seed, e.account, e.thing()) },
	"uuid":    func(dst []byte, e *trailEvent) []byte { return appendUUID(dst, e.request[0], e.request[1]) },
	"when":    func(dst []byte, e *trailEvent) []byte { return appendSeconds(dst, e.ms) },
	"later": func(dst []byte, e *trailEvent) []byte {
		return appendSeconds(dst, e.ms/e.period()*e.period()+2*hourMillis)
	},
}

// appendKey appends an object's key: one of 240, or one of its own.
func appendKey(dst []byte, e *trailEvent) []byte {
	key := e.w.keys[e.pick(pickKey)]
	if !e.w.hard {
		return append(dst, key...)
	}
	return appendHex(append(append(dst, key...), '-'), e.unique[0], 16)
}

func appendStream(dst []byte, e *trailEvent) []byte {
	h := mixAll(e.w.seed, 75, uint64(e.account), uint64(e.thing()), uint64(e.pick(pickKey)%16))
	if e.w.hard {
		h = e.unique[0]
	}
	dst = append(dst, '0'+byte(e.thing()%3), '1'+byte(e.thing()%9))
	return appendHex(append(dst, "/[$LATEST]"...), h, 32)
}

// appendID2 appends S3's second request id, random in hard data and left out in others.
func appendID2(dst []byte, e *trailEvent) []byte {
	if !e.w.hard {
		return dst
	}
	return append(appendBase64(append(dst, `"x-amz-id-2":"`...), e.unique[1], 75), `=",`...)
}
