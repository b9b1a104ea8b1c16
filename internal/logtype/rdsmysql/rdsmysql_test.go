package rdsmysql_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/rdsmysql"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, rdsmysql.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/mariadb.log")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, rdsmysql.Type(), data)
}

func FuzzParse(f *testing.F) { logtypetest.Fuzz(f, rdsmysql.Type()) }

// TestReturnCode is defect D3: a return code of 0 is success.
func TestReturnCode(t *testing.T) {
	const head = "20260101 12:00:00,db-1,app,203.0.113.1,1,2,"
	for line, want := range map[string]string{"QUERY,shop,'select 1',0": "success", "QUERY,shop,'select 1',1146": "failure", "CONNECT,,,0": "success",
		"FAILED_CONNECT,,,1045": "failure", "FAILED_CONNECT,,,0": "failure", "READ,shop,orders,": "unknown", "DISCONNECT,,,0": "success"} {
		logtypetest.Read(t, rdsmysql.Type(), "x", []byte(head+line)).Expect(t, 0, map[string]string{"event_outcome": want})
	}
}

func TestObjects(t *testing.T) {
	for object, want := range map[string]string{
		`'a, b',0`:             "a, b",
		`'it\'s',0`:            "it's",
		`'a\\b\nc',0`:          "a\\b\nc",
		`'unescaped ' , x',0`:  "unescaped ' , x",
		`'x',0,4`:              "x",
		`'cut off by the limi`: "cut off by the limi",
		`'',0`:                 "",
	} {
		r := logtypetest.Read(t, rdsmysql.Type(), "x", []byte("1645164733006789,db-1,app,203.0.113.1,1,2,QUERY,shop,"+object))
		r.Expect(t, 0, map[string]string{"db_statement": want, "timestamp": "2022-02-18T06:12:13.006789Z"})
	}
}

// TestCloudWatch reads recorded subscription payloads: recognised by log group and by content.
func TestCloudWatch(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	data := logtypetest.SharedFile(t, "rds/centralized-logging-3-aws_rds_cluster_myaudb_audit.json")
	if c, err := catalog.Recognise(&logtype.Object{Key: "x.gz"}, data); err != nil || c.Name != "aws.rds_mysql" {
		t.Errorf("recognised as %v, %v", c, err)
	}
	r := logtypetest.Read(t, rdsmysql.Type(), "x", data)
	if len(r.Rejects) > 0 || r.Batch.N != bytes.Count(data, []byte(`"message"`)) {
		t.Errorf("%d events, %v", r.Batch.N, r.Rejects)
	}
	r.Expect(t, 0, map[string]string{"rds_cluster_identifier": "myaudb", "rds_instance_identifier": "myaudb-instance-1", "object": "plugin", "event_action": "READ"})
	r.Expect(t, 1, map[string]string{"db_statement": "SELECT count(*) from mysql.plugin WHERE name = 'AWSAuthenticationPlugin'", "event_outcome": "success"})

	var tests []struct{ Data json.RawMessage }
	if err := json.Unmarshal(logtypetest.SharedFile(t, "rds/streamalert-cloudwatch_rds_aurora.json"), &tests); err != nil {
		t.Fatal(err)
	}
	for _, x := range tests { // their log group says CloudTrail
		if c, err := catalog.Recognise(&logtype.Object{Key: "x.gz"}, x.Data); err != nil || c.Name != "aws.rds_mysql" {
			t.Errorf("recognised as %v, %v", c, err)
		}
		if r := logtypetest.Read(t, rdsmysql.Type(), "x", x.Data); r.Batch.N != 1 || len(r.Rejects) > 0 {
			t.Errorf("%d events, %v", r.Batch.N, r.Rejects)
		}
	}
}

// TestNotSlowQuery: other logs of the same instance are no audit log.
func TestNotSlowQuery(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	data := logtypetest.SharedFile(t, "rds/centralized-logging-1-aws_rds_cluster_myaudb_slowquery.json")
	if c, err := catalog.Recognise(&logtype.Object{Key: "x.gz"}, data); err == nil && c.Name == "aws.rds_mysql" {
		t.Error("taken for an audit log")
	}
}

func BenchmarkRead(b *testing.B) {
	logtypetest.Bench(b, rdsmysql.Type(), func(i int) string {
		return fmt.Sprintf("%d,db-1,app%d,10.0.0.%d,%d,%d,QUERY,shop,'SELECT * FROM orders WHERE id = %d AND note = \\'x\\'',0", 1767225600000000+i, i%20, i%250, i%500, i, i)
	})
}
