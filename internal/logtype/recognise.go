package logtype

import (
	"bytes"
	"fmt"
	"regexp"

	"ashiato/internal/decode"
)

// HeadSize is how many bytes of an object recognition looks at.
const HeadSize = 256 << 10

// Sample is the start of an object, for Type.Sniff.
type Sample struct {
	Key      string
	IsJSON   bool
	Record   []byte           // JSON: the first record, perhaps cut off
	Envelope *decode.Envelope // JSON: what is around it, nil for nothing
	Lines    [][]byte         // text: the first lines that are not empty, at most 20
}

// Has reports whether the first record, or the object at its key "detail", has all the given paths.
func (s *Sample) Has(paths ...string) bool {
	return s.IsJSON && (hasAll(s.Record, "", paths) || hasAll(s.Record, "detail.", paths))
}

func hasAll(record []byte, prefix string, paths []string) bool {
	for _, p := range paths {
		found := false
		decode.EachJSONPath(record, prefix+p, func([]byte) { found = true })
		if !found {
			return false
		}
	}
	return true
}

// Text returns the text at a path of the first record.
func (s *Sample) Text(path string) string { return string(decode.JSONPath(s.Record, path)) }

// AnyLine reports whether one of the first lines matches.
func (s *Sample) AnyLine(re *regexp.Regexp) bool {
	for _, l := range s.Lines {
		if re.Match(l) {
			return true
		}
	}
	return false
}

// FirstLine returns the first line that does not start with one of the comment prefixes.
func (s *Sample) FirstLine(comments ...string) []byte {
next:
	for _, l := range s.Lines {
		for _, c := range comments {
			if bytes.HasPrefix(l, []byte(c)) {
				continue next
			}
		}
		return l
	}
	return nil
}

func newSample(key string, head []byte, arrays []string) *Sample {
	s := &Sample{Key: key}
	if s.Record, s.Envelope, s.IsJSON = decode.FirstRecord(head, arrays); s.IsJSON {
		return s
	}
	head = bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	for len(head) > 0 && len(s.Lines) < 20 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		if line = bytes.TrimRight(line, "\r"); len(line) > 0 {
			s.Lines = append(s.Lines, line)
		}
		head = rest
	}
	return s
}

// Unrecognised is the reason of an object whose type is not known.
type Unrecognised struct{ Why string }

func (u *Unrecognised) Error() string { return u.Why }

// Recognise decides an object's type by its key and the head of its plain bytes. The error, an
// *Unrecognised, says why there is none.
func (c *Catalog) Recognise(obj *Object, head []byte) (*Compiled, error) {
	s := newSample(obj.Key, head, c.arrays)
	if s.IsJSON && s.Envelope != nil && s.Envelope.Array == decode.CloudWatchArray {
		return c.recogniseCloudWatch(obj, s)
	}
	var byKey *Compiled
	for _, t := range c.Types {
		for _, re := range t.keys {
			if !re.MatchString(obj.Key) {
				continue
			}
			if t.Sniff == nil || t.Sniff(s) {
				return t, nil
			}
			byKey = t
		}
	}
	return c.bySniff(s, byKey)
}

// bySniff decides by content alone. byKey is the type that the key names, nil for none: JSON under such a key
// is taken for it even when the first record is damaged and tells nothing.
func (c *Catalog) bySniff(s *Sample, byKey *Compiled) (*Compiled, error) {
	var found *Compiled
	for _, t := range c.Types {
		if t.Sniff == nil || !t.Sniff(s) {
			continue
		}
		if found != nil {
			return nil, &Unrecognised{fmt.Sprintf("the content could be %s or %s: name the type with --type", found.Name, t.Name)}
		}
		found = t
	}
	switch {
	case found != nil:
		return found, nil
	case byKey != nil && byKey.Framing == JSON && s.IsJSON:
		return byKey, nil
	case byKey != nil:
		return nil, &Unrecognised{fmt.Sprintf("the name says %s, but the content does not look like it", byKey.Name)}
	}
	return nil, &Unrecognised{"no log type recognises this content: name the type with --type"}
}

// recogniseCloudWatch decides by log group and stream where the first message agrees, then by the
// object's key, then by the message, and last by the group alone: people name log groups as they like.
func (c *Catalog) recogniseCloudWatch(obj *Object, s *Sample) (*Compiled, error) {
	group, stream, _ := cloudWatchHead(s.Envelope.Head)
	message := decode.JSONPath(s.Record, "message")
	inner := newSample(obj.Key, message, c.arrays)
	var byGroup *Compiled
	for _, t := range c.Types {
		for _, re := range t.groups {
			if !re.MatchString(group + ":" + stream) {
				continue
			}
			if t.Sniff == nil || t.Sniff(inner) {
				return t, nil
			}
			if byGroup == nil {
				byGroup = t
			}
		}
	}
	for _, t := range c.Types {
		for _, re := range t.keys {
			if re.MatchString(obj.Key) && t.Sniff != nil && t.Sniff(inner) {
				return t, nil
			}
		}
	}
	t, err := c.bySniff(inner, nil)
	if err != nil && byGroup != nil {
		return byGroup, nil
	}
	return t, err
}

// cloudWatchHead reads the members before logEvents.
func cloudWatchHead(head []byte) (group, stream, owner string) {
	closed := append(bytes.Clone(head), "[]}"...)
	decode.EachJSONMember(closed, func(key string, v []byte) bool {
		switch key {
		case "logGroup":
			group = string(decode.JSONText(v))
		case "logStream":
			stream = string(decode.JSONText(v))
		case "owner":
			owner = string(decode.JSONText(v))
		}
		return true
	})
	return group, stream, owner
}

var (
	keyAccount = regexp.MustCompile(`(?:^|[/_=])(\d{12})(?:[/_]|$)`)
	keyRegion  = regexp.MustCompile(`(?:^|[/_=])((?:us|af|ap|ca|cn|eu|il|me|mx|sa)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-\d)(?:[/_]|$)`)
)

// KeyAccountRegion returns the account id and region that an object key names, empty when it does not.
func KeyAccountRegion(key string) (account, region string) {
	if m := keyAccount.FindStringSubmatch(key); m != nil {
		account = m[1]
	}
	if m := keyRegion.FindStringSubmatch(key); m != nil {
		region = m[1]
	}
	return account, region
}
