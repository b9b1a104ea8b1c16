package rdspostgresql_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/rdspostgresql"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, rdspostgresql.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/postgresql.log")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, rdspostgresql.Type(), data)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, rdspostgresql.Type(), catalog, nil)
}

func FuzzParse(f *testing.F) { logtypetest.Fuzz(f, rdspostgresql.Type()) }

const head = "2026-01-01 00:00:00 UTC:203.0.113.1(5432):alice@shop:[7]:LOG:  "

// TestSessionTime is defect D4: an hour has 3,600 seconds.
func TestSessionTime(t *testing.T) {
	for clock, want := range map[string][2]string{"1:00:00.000": {"3600", "3600000000000"}, "0:01:02.345": {"62.345", "62345000000"}, "100:00:01.5": {"360001.5", "360001500000000"}} {
		r := logtypetest.Read(t, rdspostgresql.Type(), "x", []byte(head+"disconnection: session time: "+clock+" user=alice database=shop host=203.0.113.1 port=5432"))
		r.Expect(t, 0, map[string]string{"postgresql_session_time_seconds": want[0], "event_duration": want[1], "event_type": "end"})
	}
}

func TestZones(t *testing.T) {
	for zone, want := range map[string]string{"UTC": "2026-01-01T09:00:00.000000Z", "GMT": "2026-01-01T09:00:00.000000Z", "JST": "2026-01-01T00:00:00.000000Z",
		"EST": "2026-01-01T14:00:00.000000Z", "+09": "2026-01-01T00:00:00.000000Z", "-0330": "2026-01-01T12:30:00.000000Z"} {
		r := logtypetest.Read(t, rdspostgresql.Type(), "x", []byte("2026-01-01 09:00:00 "+zone+"::@:[1]:LOG:  x"))
		r.Expect(t, 0, map[string]string{"timestamp": want})
	}
	r := logtypetest.Read(t, rdspostgresql.Type(), "x", []byte("2026-01-01 09:00:00 QQQ::@:[1]:LOG:  x"))
	if len(r.Rejects) != 1 || !strings.Contains(r.Rejects[0].Reason, "QQQ") {
		t.Errorf("%v", r.Rejects)
	}
}

func TestAuthentication(t *testing.T) {
	for line, want := range map[string]string{
		"LOG:  connection authorized: user=alice database=shop":             "success",
		`FATAL:  password authentication failed for user "alice"`:           "failure",
		`FATAL:  PAM authentication failed for user "alice"`:                "failure",
		`FATAL:  no pg_hba.conf entry for host "203.0.113.1", user "alice"`: "failure",
		`FATAL:  role "nobody" does not exist`:                              "failure",
	} {
		r := logtypetest.Read(t, rdspostgresql.Type(), "x", []byte("2026-01-01 00:00:00 UTC:203.0.113.1(5432):alice@shop:[7]:"+line))
		r.Expect(t, 0, map[string]string{"event_outcome": want, "event_category": "authentication,database", "event_type": "start", "user_name": "alice", "source_ip": "203.0.113.1", "source_port": "5432"})
	}
}

func BenchmarkRead(b *testing.B) {
	logtypetest.Bench(b, rdspostgresql.Type(), func(i int) string {
		return fmt.Sprintf("2026-01-01 00:%02d:%02d UTC:10.0.0.%d(5%04d):app@shop:[%d]:LOG:  duration: %d.%03d ms  statement: SELECT * FROM orders WHERE id = %d", i/60%60, i%60, i%250, i%10000, i%500, i%90, i%1000, i)
	})
}
