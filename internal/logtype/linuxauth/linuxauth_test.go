package linuxauth_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/linuxauth"
	"ashiato/internal/logtype/logtypetest"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, linuxauth.Type(), catalog)
}

func TestHostile(t *testing.T) {
	files, _ := filepath.Glob("samples/*.log")
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		logtypetest.Hostile(t, linuxauth.Type(), data)
	}
}

func FuzzParse(f *testing.F) { logtypetest.Fuzz(f, linuxauth.Type()) }

const head = "Oct 20 03:15:07 web01 sshd[1]: "

// TestIPv6 is defect D7: sshd lines with an IPv6 source lost their source address.
func TestIPv6(t *testing.T) {
	for _, m := range []string{
		"Accepted publickey for root from 2001:db8::5 port 4711 ssh2: RSA SHA256:x", "Accepted password for root from 2001:db8::5 port 4711 ssh2",
		"Failed password for root from 2001:db8::5 port 4711 ssh2", "Failed none for invalid user root from 2001:db8::5 port 4711 ssh2",
		"Invalid user root from 2001:db8::5 port 4711", "Connection closed by invalid user root 2001:db8::5 port 4711 [preauth]",
		"Connection reset by authenticating user root 2001:db8::5 port 4711 [preauth]", "Disconnected from user root 2001:db8::5 port 4711",
		"error: maximum authentication attempts exceeded for invalid user root from 2001:db8::5 port 4711 ssh2 [preauth]",
		"Disconnecting authenticating user root 2001:db8::5 port 4711: Too many authentication failures [preauth]",
	} {
		r := logtypetest.Read(t, linuxauth.Type(), "x", []byte(head+m))
		r.Expect(t, 0, map[string]string{"source_ip": "2001:db8::5", "source_port": "4711", "user_name": "root", "syslog_message": ""})
	}
	for _, m := range []string{
		"Received disconnect from 2001:db8::5 port 4711:11: disconnected by user", "Unable to negotiate with 2001:db8::5 port 4711: no matching cipher found [preauth]",
		"Connection closed by 2001:db8::5 port 4711", "Did not receive identification string from 2001:db8::5 port 4711",
		"drop connection #10 from [2001:db8::5]:4711 on [2001:db8::1]:22 past MaxStartups", "banner exchange: Connection from 2001:db8::5 port 4711: invalid format",
	} {
		r := logtypetest.Read(t, linuxauth.Type(), "x", []byte(head+m))
		r.Expect(t, 0, map[string]string{"source_ip": "2001:db8::5", "source_port": "4711", "syslog_message": ""})
	}
}

// TestForgedNames: what a client calls itself must not pass for an address or another message.
func TestForgedNames(t *testing.T) {
	for _, c := range []struct{ user, format string }{
		{"root from 192.0.2.1 port 22 ssh2", "Failed password for invalid user %s from 198.51.100.77 port 4711 ssh2"},
		{"x from 192.0.2.1 port 22", "Invalid user %s from 198.51.100.77 port 4711"},
		{"root 192.0.2.1 port 22", "Connection closed by invalid user %s 198.51.100.77 port 4711 [preauth]"},
		{strings.Repeat("a from ", 40), "Invalid user %s from 198.51.100.77 port 4711"},
	} {
		r := logtypetest.Read(t, linuxauth.Type(), "x", []byte(head+fmt.Sprintf(c.format, c.user)))
		r.Expect(t, 0, map[string]string{"source_ip": "198.51.100.77", "source_port": "4711", "user_name": c.user})
	}
}

// TestYear: the year of RFC 3164 stamps comes from the object, or the CloudWatch log event.
func TestYear(t *testing.T) {
	c, err := logtype.Compile(linuxauth.Type())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct{ data, want string }{
		{"Dec 31 23:59:59 h sshd[1]: x", "2025-12-31T23:59:59.000000Z"},
		{"Jan  1 00:00:01 h sshd[1]: x", "2026-01-01T00:00:01.000000Z"},
		{"Jan 01 00:00:01 h sshd[1]: x", "2026-01-01T00:00:01.000000Z"},
		{`{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/var/log/secure","logStream":"i-0123456789abcdef0","subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":1700000000000,"message":"Nov 14 22:13:19 h sshd[1]: x\n"}]}`, "2023-11-14T22:13:19.000000Z"},
	} {
		b := event.NewBatch(c.Schema)
		obj := logtype.Object{Key: "k", ModTime: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}
		if _, err := c.NewReader(b).Read(decode.WholeWindow([]byte(v.data), decode.DefaultMaxRecord), obj, "0", 0, 0, sink{}); err != nil {
			t.Fatal(err)
		}
		c.Deriver.Run(b)
		r := logtypetest.Result{Batch: b}
		r.Expect(t, 0, map[string]string{"timestamp": v.want, "host_name": "h", "syslog_message": "x"})
		if strings.HasPrefix(v.data, "{") {
			r.Expect(t, 0, map[string]string{"cloud_instance_id": "i-0123456789abcdef0", "cloud_account_id": "111122223333", "aws_cloudwatch_log_group": "/var/log/secure"})
		}
	}
}

type sink struct{}

func (sink) Row() error { return nil }
func (sink) Reject(data []byte, _, _ int64, why error) error {
	return fmt.Errorf("%w: %s", why, data)
}

// TestSkeletons: what varies is in columns, so messages of one kind share a skeleton, and what is in
// columns is stored once.
func TestSkeletons(t *testing.T) {
	r := logtypetest.Read(t, linuxauth.Type(), "x", []byte(`2026-10-20T12:15:07.482913+09:00 web01 sshd[12]: Accepted publickey for alice from 203.0.113.24 port 51834 ssh2: RSA SHA256:abc
2026-10-20T12:15:08.000001+09:00 web02 sshd[4711]: Accepted password for bob from 2001:db8::5 port 1 ssh2: ED25519 SHA256:def
`))
	sk := r.Batch.Cols[event.CSkeleton]
	if sk.ID(0) != sk.ID(1) || bytes.Contains(sk.BytesAt(0), []byte("alice")) {
		t.Errorf("skeletons: %q, %q", sk.BytesAt(0), sk.BytesAt(1))
	}
}

func TestRejects(t *testing.T) {
	for text, reason := range map[string]string{
		"hello world":                        `"hello" is no time`,
		"Oct 32 03:15:25 web01 sshd[1]: x":   `"Oct 32 03:15:25" is no time`,
		"Oct 20 03:15:25  sshd[1]: x":        "no host after the time",
		"2026-10-20T03:15:25Z web01":         "the line ends within its head",
		"<38>1 2026-10-20T03:15:25Z web01 a": "the line ends within its head",
		"<38>1 - web01 a - - - x":            `"-" is no time`,
	} {
		r := logtypetest.Read(t, linuxauth.Type(), "x", []byte(text))
		if len(r.Rejects) != 1 || r.Rejects[0].Reason != reason {
			t.Errorf("%s: %v, want %s", text, r.Rejects, reason)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	logtypetest.Bench(b, linuxauth.Type(), func(i int) string {
		r := uint32(i) * 2654435761
		return fmt.Sprintf("Oct 20 03:%02d:%02d web%02d sshd[%d]: ", i/1000%60, i/17%60, r%20, r%30000) + []string{
			fmt.Sprintf("Failed password for invalid user u%d from 198.51.100.%d port %d ssh2", r%900, r%250, 1024+r%60000),
			fmt.Sprintf("Connection closed by authenticating user root 198.51.100.%d port %d [preauth]", r%250, 1024+r%60000),
			fmt.Sprintf("pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=198.51.100.%d  user=root", r%250),
			fmt.Sprintf("something new %d", r),
		}[i%4]
	})
}
