package app

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ashiato/internal/engine/scan"
	"ashiato/internal/event"
	"ashiato/internal/service"
)

var differentialSeed = flag.Uint64("differential-seed", 20261020, "of TestDifferential's logs and questions")

// madeTrail is a CloudTrail object of n records: letters in both cases, wildcards' characters, other scripts,
// values that are absent, null or of another type, and some records without an id.
func madeTrail(r *rand.Rand, n int) []byte {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	var records []string
	for i := range n {
		user := pick("alice", "Alice", "ALICE", "bob", "svc_backup", "svc-backup", "50%", "a*b", `back\\slash`, "田中", "renée", "Жук", "x y", "q?", "and", "it's")
		var m []string
		add := func(name, value string) { m = append(m, strconv.Quote(name)+":"+value) }
		add("eventVersion", `"1.11"`)
		add("eventTime", fmt.Sprintf(`"2026-10-%02dT%02d:%02d:%02dZ"`, 18+r.IntN(3), r.IntN(24), r.IntN(60), r.IntN(60)))
		add("eventName", strconv.Quote(pick("GetObject", "getobject", "PutObject", "AssumeRole", "ConsoleLogin", "DeleteTrail", "Describe_Instances")))
		add("eventSource", strconv.Quote(pick("s3", "sts", "signin", "ec2")+".amazonaws.com"))
		if r.IntN(10) > 0 {
			add("awsRegion", strconv.Quote(pick("us-east-1", "eu-west-1", "ap-northeast-1")))
		}
		add("sourceIPAddress", strconv.Quote(pick("203.0.113."+strconv.Itoa(r.IntN(40)), "10.0."+strconv.Itoa(r.IntN(3))+".7", "2001:db8::"+strconv.Itoa(r.IntN(9)), "2001:DB8:0:0::A", "cloudformation.amazonaws.com", "AWS Internal", "::ffff:10.0.1.7")))
		add("userAgent", strconv.Quote(pick("aws-cli/2.15", "Boto3/1.3 (x)", "Mozilla/5.0 (Windows NT 10.0)", "", "[S3Console/0.4]")))
		switch r.IntN(4) {
		case 0:
			add("errorCode", strconv.Quote(pick("AccessDenied", "Client.UnauthorizedOperation", "accessdenied")))
			add("errorMessage", `"User is not authorized"`)
		case 1:
			add("errorCode", "null")
		}
		switch r.IntN(5) {
		case 0:
			add("userIdentity", `{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}`)
		case 1:
			add("userIdentity", fmt.Sprintf(`{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/%[1]s/s%[2]d","principalId":"AROA:%[1]s","accessKeyId":"ASIA%[2]d","sessionContext":{"sessionIssuer":{"userName":"%[1]s"}}}`, user, i%7))
		default:
			add("userIdentity", fmt.Sprintf(`{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/%[1]s","userName":"%[1]s","accountId":"%[2]d"}`, user, 111122223333+i%3))
		}
		if r.IntN(3) == 0 {
			add("resources", fmt.Sprintf(`[{"ARN":"arn:aws:s3:::Bucket-%d/k","type":"AWS::S3::Object"},{"ARN":"arn:aws:s3:::bucket-%d","accountId":"111122223333"}]`, i%5, i%7))
		}
		if i == 0 || r.IntN(20) > 0 { // the first tells the log type
			add("eventID", fmt.Sprintf(`"%08X-0000-4000-8000-%012x"`, i, r.Uint32()))
		}
		add("requestParameters", pick("null", `{"bucketName":"b","key":"a/b"}`, `{"roleArn":"arn:aws:iam::1:role/x"}`))
		records = append(records, "{"+strings.Join(m, ",")+"}")
	}
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

// madeFlows is a flow log of n records, without data in some.
func madeFlows(r *rand.Rand, n int) []byte {
	var b bytes.Buffer
	for i := range n {
		at := 1792281600 + r.IntN(3*86400)
		if r.IntN(12) == 0 {
			fmt.Fprintf(&b, "2 123456789012 eni-%d - - - - - - - %d %d - NODATA\n", r.IntN(9), at, at+60)
			continue
		}
		src, dst := fmt.Sprintf("10.0.%d.%d", r.IntN(4), r.IntN(250)), fmt.Sprintf("198.51.100.%d", r.IntN(30))
		if r.IntN(5) == 0 {
			src, dst = fmt.Sprintf("2001:db8::%x", r.IntN(300)), "2001:db8:1::5"
		}
		size := r.Int64N(1 << r.IntN(59))
		if i%100 == 99 { // beyond what a double holds exactly
			size = 1<<53 + int64(i/100%3)
		}
		fmt.Fprintf(&b, "2 123456789012 eni-%d %s %s %d %d %d %d %d %d %d %s OK\n", r.IntN(9), src, dst, r.IntN(65536), []int{22, 80, 443, 3389}[r.IntN(4)], []int{1, 6, 17}[r.IntN(3)], r.IntN(100), size, at, at+60, []string{"ACCEPT", "REJECT"}[r.IntN(2)])
	}
	return b.Bytes()
}

// question is the same predicate twice.
type question struct{ kql, sql string }

// asker makes questions.
type asker struct {
	*rand.Rand
	fields []askField
}

type askField struct {
	field, column string
	kind          event.Kind
	values        []string
}

// related and event.id are columns of events that are no columns of the files.
func askFields(t *testing.T, a *App) []askField {
	t.Helper()
	var out []askField
	for _, f := range event.Common {
		out = append(out, askField{field: f, column: event.SQLName(f), kind: event.CommonKind(f)})
	}
	for _, r := range scan.Related {
		kind := event.List
		if r.Field == "related.ip" {
			kind = event.IP
		}
		out = append(out, askField{field: r.Field, column: event.SQLName(r.Field), kind: kind})
	}
	out = slices.DeleteFunc(out, func(f askField) bool {
		// Security Hub's records have a member network.protocol, which KQL finds in them and events does not have
		return f.field == "network.protocol" || f.field == "event.ingested" || f.field == "event.id" || f.field == "event.dataset" || f.field == "event.module"
	})
	var exprs []string
	for i := range out {
		f := &out[i]
		if f.field == "@timestamp" {
			f.column = event.ColTimestamp
		}
		values := "list(DISTINCT " + f.column + "::VARCHAR) FILTER (WHERE " + f.column + " IS NOT NULL)"
		if f.list() {
			values = "list_distinct(flatten(list(" + f.column + ")))"
		}
		exprs = append(exprs, "coalesce(list_sort("+values+"), []) AS "+f.column)
	}
	var b bytes.Buffer
	if _, err := a.SQL(context.Background(), service.SQLRequest{SQL: "SELECT " + strings.Join(exprs, ", ") + " FROM events"}, &b); err != nil {
		t.Fatal(err)
	}
	row := map[string][]string{}
	if err := json.Unmarshal(b.Bytes(), &row); err != nil {
		t.Fatal(err)
	}
	for i := range out {
		out[i].values = row[out[i].column]
	}
	out = append(out, askField{field: "event.dataset", column: "event_dataset", values: []string{"aws.cloudtrail", "aws.vpcflow", "aws.waf"}})
	return out
}

func (f askField) list() bool { return f.kind == event.List || strings.HasPrefix(f.column, "related_") }

// text quotes a text as KQL does.
func (q *asker) text(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s) + `"`
}

// pattern writes a text with some characters replaced by wildcards, as a word of KQL and for LIKE.
func (q *asker) pattern(s string) (kql, like string) {
	var k, l strings.Builder
	literals := 0
	for _, r := range s {
		switch n := q.IntN(12); {
		case n == 0:
			k.WriteByte('*')
			l.WriteByte('%')
			if q.IntN(2) == 0 {
				continue
			}
		case n == 1:
			k.WriteByte('?')
			l.WriteByte('_')
			continue
		}
		literals++
		if r < 0x80 && !(r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z') {
			k.WriteByte('\\')
		}
		k.WriteRune(r)
		if strings.ContainsRune(`%_\`, r) {
			l.WriteByte('\\')
		}
		l.WriteRune(r)
	}
	if literals == 0 || q.IntN(3) == 0 {
		k.WriteString("*x*")
		l.WriteString("%x%")
	}
	if q.IntN(2) == 0 {
		k.WriteByte('*')
		l.WriteByte('%')
	}
	if !strings.ContainsAny(l.String(), "%_") {
		k.WriteByte('*')
		l.WriteByte('%')
	}
	return k.String(), quoteText(strings.ToLower(l.String()))
}

// recase changes the case of some letters.
func (q *asker) recase(s string) string {
	switch q.IntN(4) {
	case 0:
		return strings.ToUpper(s)
	case 1:
		return strings.ToLower(s)
	}
	return s
}

// any makes a condition on $x one on a column, or on any element of a list.
func (f askField) any(condition string) string {
	if f.list() {
		return fmt.Sprintf("coalesce(len(list_filter(%s, x -> %s)) > 0, false)", f.column, strings.ReplaceAll(condition, "$x", "x"))
	}
	return "coalesce(" + strings.ReplaceAll(condition, "$x", f.column) + ", false)"
}

func (q *asker) atom() question {
	f := q.fields[q.IntN(len(q.fields))]
	for len(f.values) == 0 && q.IntN(10) > 0 {
		f = q.fields[q.IntN(len(q.fields))]
	}
	if len(f.values) == 0 || q.IntN(12) == 0 {
		return question{f.field + ": *", f.column + " IS NOT NULL"}
	}
	v := f.values[q.IntN(len(f.values))]
	switch f.kind {
	case event.Int:
		return q.number(f, v)
	case event.Time:
		return q.time(f, v)
	case event.IP:
		return q.address(f, v)
	case event.Text:
		k, l := q.pattern(v)
		if strings.Trim(k, "*") == "" {
			k, l = "user*", "'user%'"
		}
		return question{f.field + ": " + k, f.any("lower($x) LIKE '%' || " + l + ` || '%' ESCAPE '\'`)}
	}
	switch q.IntN(5) {
	case 0, 1:
		k, l := q.pattern(v)
		return question{f.field + ": " + q.recase(k), f.any("lower($x) LIKE " + l + ` ESCAPE '\'`)}
	case 2: // values in a list
		var k, s []string
		for range 1 + q.IntN(4) {
			v := f.values[q.IntN(len(f.values))]
			k, s = append(k, q.text(q.recase(v))), append(s, quoteText(strings.ToLower(v)))
		}
		if f.list() {
			return question{f.field + ": (" + strings.Join(k, " or ") + ")", fmt.Sprintf("coalesce(list_has_any(list_transform(%s, x -> lower(x)), [%s]), false)", f.column, strings.Join(s, ", "))}
		}
		return question{f.field + ": (" + strings.Join(k, " or ") + ")", f.any("lower($x) IN (" + strings.Join(s, ", ") + ")")}
	case 4:
		// an address field is of kind IP in some log types, and then compared by number
		if _, err := strconv.ParseFloat(v, 64); err != nil && v != "" && !f.list() && !strings.HasSuffix(f.field, ".address") {
			op := comparisons[q.IntN(4)]
			return question{f.field + " " + op + " " + q.text(q.recase(v)), f.any("lower($x) " + op + " " + quoteText(strings.ToLower(v)))}
		}
	case 3:
		if v != "" && q.IntN(2) == 0 {
			v = string([]rune(v)[:len([]rune(v))-1]) // no match, mostly
		}
	}
	if f.list() && q.IntN(2) == 0 {
		return question{f.field + ": " + q.text(q.recase(v)), fmt.Sprintf("coalesce(list_contains(list_transform(%s, x -> lower(x)), %s), false)", f.column, quoteText(strings.ToLower(v)))}
	}
	return question{f.field + ": " + q.text(q.recase(v)), f.any("lower($x) = " + quoteText(strings.ToLower(v)))}
}

var comparisons = []string{">", ">=", "<", "<="}

func (q *asker) number(f askField, v string) question {
	switch q.IntN(4) {
	case 0:
		return question{f.field + ": " + v, f.any("$x = " + v)}
	case 1:
		k, l := q.pattern(v)
		return question{f.field + ": " + k, f.any("$x::VARCHAR LIKE " + l + ` ESCAPE '\'`)}
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return question{f.field + ": " + v, f.any("$x = " + v)}
	}
	n += q.Int64N(3) - 1
	op := comparisons[q.IntN(4)]
	if q.IntN(3) == 0 {
		hi := n + q.Int64N(1000)
		return question{fmt.Sprintf("%s: [%d TO %d}", f.field, n, hi), f.any(fmt.Sprintf("($x >= %d AND $x < %d)", n, hi))}
	}
	return question{fmt.Sprintf("%s %s %d", f.field, op, n), f.any(fmt.Sprintf("$x %s %d", op, n))}
}

func (q *asker) time(f askField, v string) question {
	t, err := time.Parse("2006-01-02 15:04:05.999999", v)
	if err != nil {
		panic(err)
	}
	layout, length := "2006-01-02T15:04:05.000000Z", time.Microsecond
	switch q.IntN(4) {
	case 0:
		layout, length = "2006-01-02", 24*time.Hour
	case 1:
		layout, length = "2006-01-02T15", time.Hour
	case 2:
		layout, length = "2006-01-02T15:04:05Z", time.Second
	}
	t = t.Truncate(length)
	at := func(t time.Time) string { return t.Format("TIMESTAMP '2006-01-02 15:04:05.000000'") }
	start, end, text := at(t), at(t.Add(length)), `"`+t.Format(layout)+`"`
	switch q.IntN(5) {
	case 0:
		return question{f.field + " > " + text, f.any("$x >= " + end)}
	case 1:
		return question{f.field + " >= " + text, f.any("$x >= " + start)}
	case 2:
		return question{f.field + " < " + text, f.any("$x < " + start)}
	case 3:
		return question{f.field + " <= " + text, f.any("$x < " + end)}
	}
	return question{f.field + ": " + text, f.any("($x >= " + start + " AND $x < " + end + ")")}
}

func (q *asker) address(f askField, v string) question {
	a, err := netip.ParseAddr(v)
	if err != nil {
		panic(err)
	}
	switch q.IntN(4) {
	case 0:
		s := v
		if a.Is6() && q.IntN(2) == 0 {
			s = strings.ToUpper(a.StringExpanded())
		}
		return question{f.field + `: "` + s + `"`, f.any("$x = " + quoteText(v))}
	case 1:
		k, l := q.pattern(v)
		return question{f.field + ": " + k, f.any("lower($x) LIKE " + l + ` ESCAPE '\'`)}
	}
	n := fmt.Sprintf("%s/%d", v, q.IntN(a.BitLen()+1))
	return question{f.field + ": " + n, f.any("ip_in_cidr($x, " + quoteText(n) + ")")}
}

func (q *asker) question(depth int) question {
	if depth == 0 || q.IntN(3) == 0 {
		return q.atom()
	}
	a := q.question(depth - 1)
	switch q.IntN(3) {
	case 0:
		return question{"not (" + a.kql + ")", "NOT (" + a.sql + ")"}
	case 1:
		b := q.question(depth - 1)
		return question{"(" + a.kql + " and " + b.kql + ")", "(" + a.sql + " AND " + b.sql + ")"}
	}
	b := q.question(depth - 1)
	return question{"(" + a.kql + " or " + b.kql + ")", "(" + a.sql + " OR " + b.sql + ")"}
}

// sqlCounts counts the events of several predicates at once.
func sqlCounts(t *testing.T, a *App, qs []question) []int64 {
	t.Helper()
	var exprs []string
	for i, q := range qs {
		exprs = append(exprs, fmt.Sprintf("count_if(%s) AS q%d", q.sql, i))
	}
	var b bytes.Buffer
	if _, err := a.SQL(context.Background(), service.SQLRequest{SQL: "SELECT " + strings.Join(exprs, ",\n") + " FROM events"}, &b); err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(exprs, "\n"))
	}
	row := map[string]int64{}
	d := json.NewDecoder(&b)
	if err := d.Decode(&row); err != nil {
		t.Fatal(err)
	}
	out := make([]int64, len(qs))
	for i := range qs {
		out[i] = row[fmt.Sprintf("q%d", i)]
	}
	return out
}

// withMade is a lake of all samples and some thousand events made from a seed, in several segments.
func withMade(t *testing.T, r *rand.Rand) *App {
	a, dir := withSamples(t), t.TempDir()
	for i := range 3 {
		for name, b := range map[string][]byte{"CloudTrail_%d.json": madeTrail(r, 800), "flow_%d.log": madeFlows(r, 900)} {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf(name, i)), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		res, err := a.Ingest(context.Background(), service.IngestRequest{Paths: []string{dir}}, nil)
		if err != nil || res.Rejects > 0 {
			why, _ := a.Rejects(context.Background(), service.RejectsRequest{})
			t.Fatalf("%+v, %v, %+v", res, err, why.Groups)
		}
	}
	return a
}

// TestDifferential asks the same in KQL and in SQL: two engines that share no code but the files must agree.
func TestDifferential(t *testing.T) {
	seed := *differentialSeed
	r := rand.New(rand.NewPCG(seed, 1))
	a := withMade(t, r)
	q := &asker{r, askFields(t, a)}
	t.Run("counts", func(t *testing.T) { compareCounts(t, a, q) })
	t.Run("histograms", func(t *testing.T) { compareHistograms(t, a, q) })
	t.Run("facets", func(t *testing.T) { compareFacets(t, a, q) })
	t.Run("ids", func(t *testing.T) { compareIDs(t, a) })
	if t.Failed() {
		t.Logf("to repeat: go test ./internal/app -run TestDifferential -differential-seed %d", seed)
	}
}

func compareCounts(t *testing.T, a *App, q *asker) {
	qs := []question{
		{"network.bytes > 9007199254740992", "network_bytes > 9007199254740992"},
		{"network.bytes < 9007199254740993", "network_bytes < 9007199254740993"},
		{"network.bytes >= 9007199254740993", "network_bytes >= 9007199254740993"},
		{"network.bytes >= 1e3", "network_bytes >= 1000"},
		{"event.id: *", "event_id IS NOT NULL"},
		{"not event.id: *", "event_id IS NULL"},
		{`user.name: ""`, "coalesce(user_name = '', false)"},
	}
	rounds, each := 30, 20
	if testing.Short() {
		rounds = 8
	}
	misses, found := 0, 0
	for range rounds {
		for i := range each {
			qs = append(qs, q.question(i%4))
		}
		want := sqlCounts(t, a, qs)
		for i, x := range qs {
			n, err := a.Count(context.Background(), service.Query{Query: x.kql})
			if err != nil {
				t.Errorf("%s: %v", x.kql, err)
				continue
			}
			if n.Count != want[i] {
				t.Errorf("%d in KQL, %d in SQL:\n%s\n%s", n.Count, want[i], x.kql, x.sql)
				if misses++; misses > 30 {
					t.FailNow()
				}
			}
			if n.Count > 0 {
				found++
			}
		}
		qs = qs[:0]
	}
	if found < rounds*each/3 {
		t.Errorf("only %d of %d questions found something: the test tests too little", found, rounds*each)
	}
}

// rows runs a statement and returns "first column|second column" of its rows, sorted.
func rows(t *testing.T, a *App, sql string) []string {
	t.Helper()
	var b bytes.Buffer
	if _, err := a.SQL(context.Background(), service.SQLRequest{SQL: sql}, &b); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var out []string
	for line := range bytes.Lines(b.Bytes()) {
		var row struct{ K, N json.RawMessage }
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		k := string(row.K)
		if s := ""; json.Unmarshal(row.K, &s) == nil {
			k = s
		}
		out = append(out, k+"|"+string(row.N))
	}
	slices.Sort(out)
	return out
}

func compareHistograms(t *testing.T, a *App, q *asker) {
	for i := range 12 {
		x := q.question(i % 3)
		h, err := a.Histogram(context.Background(), service.HistogramRequest{Query: service.Query{Query: x.kql, From: "2026-10-01"}, Interval: time.Hour})
		if err != nil {
			t.Errorf("%s: %v", x.kql, err)
			continue
		}
		var got []string
		for _, b := range h.Buckets {
			got = append(got, fmt.Sprintf("%d|%d", b.Start, b.Count))
		}
		slices.Sort(got)
		sql := "SELECT epoch_us(date_trunc('hour', timestamp)) AS k, count(*) AS n FROM events WHERE timestamp >= TIMESTAMP '2026-10-01' AND (" + x.sql + ") GROUP BY 1"
		if want := rows(t, a, sql); !slices.Equal(got, want) {
			t.Errorf("%s\n%s\n%v\n%v", x.kql, sql, got, want)
		}
	}
}

func compareFacets(t *testing.T, a *App, q *asker) {
	for i := range 4 {
		x := q.question(i % 3)
		var fs []askField
		var names []string
		for len(fs) < 5 {
			f := q.fields[q.IntN(len(q.fields))]
			if f.kind != event.Time && !strings.HasPrefix(f.field, "related.") {
				fs, names = append(fs, f), append(names, f.field)
			}
		}
		facets, err := a.Values(context.Background(), service.ValuesRequest{Query: service.Query{Query: x.kql}, Fields: names, N: maxValues})
		if err != nil {
			t.Errorf("%s: %v", x.kql, err)
			continue
		}
		for i, f := range fs {
			from := "SELECT " + f.column + "::VARCHAR AS k FROM events WHERE " + x.sql
			if f.list() {
				from = "SELECT unnest(" + f.column + ") AS k FROM events WHERE " + x.sql
			}
			sql := fmt.Sprintf("SELECT k, count(*) AS n FROM (%s) WHERE k IS NOT NULL GROUP BY 1 ORDER BY n DESC, k LIMIT %d", from, maxValues)
			var got []string
			for _, v := range facets[i].Values {
				got = append(got, fmt.Sprintf("%s|%d", v.Value, v.Count))
			}
			slices.Sort(got)
			if want := rows(t, a, sql); !slices.Equal(got, want) {
				t.Errorf("%s by %s\n%s\n%v\n%v", x.kql, f.field, sql, got, want)
			}
			sql = fmt.Sprintf("SELECT count(%[1]s) AS k, count(*) AS n FROM events WHERE %[2]s", f.column, x.sql)
			if want, got := rows(t, a, sql)[0], fmt.Sprintf("%d|%d", facets[i].With, facets[i].With+facets[i].Without); got != want {
				t.Errorf("%s by %s: with|all is %s, in SQL %s", x.kql, f.field, got, want)
			}
		}
	}
}

// compareIDs looks every tenth event up by its id, among them some of types with ids that have none.
func compareIDs(t *testing.T, a *App) {
	for _, from := range []string{"events WHERE hash(event_id) % 50 = 0", "aws_cloudtrail WHERE event_id = object_id || '-' || object_offset"} {
		ids := rows(t, a, "SELECT event_id AS k, 1 AS n FROM "+from)
		if len(ids) == 0 {
			t.Errorf("no event in %s", from)
		}
		for _, id := range ids[:min(len(ids), 60)] {
			id = strings.TrimSuffix(id, "|1")
			for _, text := range []string{id, strings.ToUpper(id)} {
				if n, err := a.Count(context.Background(), service.Query{Query: `event.id: "` + text + `"`}); err != nil || n.Count != 1 {
					t.Errorf("%d events have the id %s (%v)", n.Count, text, err)
				}
			}
			if _, err := a.Event(context.Background(), "", id); err != nil {
				t.Errorf("event %s: %v", id, err)
			}
		}
	}
}

// TestRangesOnPaths compares values of the record that no column holds.
func TestRangesOnPaths(t *testing.T) {
	a := open(t)
	record := `{"eventVersion":"1.11","eventTime":"2026-10-20T00:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"X","eventID":"i%d","requestParameters":{"n":%d,"s":"%c"},"extra":{"m":%d}}`
	var all []string
	for i := range 10 {
		all = append(all, fmt.Sprintf(record, i, i, 'a'+i, -i))
	}
	if err := os.WriteFile(a.dir+"/trail.json", []byte(`{"Records":[`+strings.Join(all, ",")+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Ingest(context.Background(), service.IngestRequest{Paths: []string{a.dir + "/trail.json"}}, nil); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int64{
		"requestParameters.n > 7": 2, "requestParameters.n >= 7": 3, "requestParameters.n < 2": 2, "requestParameters.n: [2 TO 4]": 3,
		"requestParameters.n: 7": 1, `requestParameters.s > "C"`: 7, "extra.m < -7": 2, "extra.m <= -7": 3, "extra.m: *": 10,
		"requestParameters.none > 1": 0, "requestParameters > 1": 0, "not extra.m < -7": 8,
	} {
		if n, err := a.Count(context.Background(), service.Query{Query: query}); err != nil || n.Count != want {
			t.Errorf("%s: %d, want %d (%v)", query, n.Count, want, err)
		}
	}
}
