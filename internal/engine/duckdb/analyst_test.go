package duckdb

import (
	"os"
	"testing"
)

// TestAnalystSQL runs what analysts write. want "*" means: it runs.
func TestAnalystSQL(t *testing.T) {
	e, cat := lake(t, Options{})
	for _, c := range []struct{ q, want string }{
		{"select 1 as a, 'x', null, true, 1.50, date '2026-10-01', timestamp '2026-10-01 12:30:00.123456'", "1,x,,true,1.50,2026-10-01,2026-10-01 12:30:00.123456"},
		{"select count(*) > 0 as ok from flows", "true"},
		{"select action, count(*) as n from flows group by action order by n desc", "ACCEPT,666\nREJECT,334"},
		{"select action, sum(bytes) from flows group by all having sum(bytes) > 10 order by all", "*"},
		{"with t as (select * from flows), u as materialized (select action from t) select count(*) from u", "1000"},
		{"with recursive t(x) as (select 1 union all select x + 1 from t where x < 10) select sum(x) from t", "55"},
		{"with recursive t(a, b) using key (a) as (select 1, 0 union select a, b + 1 from t where b < 5) select * from t", "*"},
		{"select * from (select bytes, row_number() over (partition by action order by bytes desc, timestamp) as rn from flows) where rn = 1", "*"},
		{"select bytes from flows qualify row_number() over (partition by action order by bytes desc, timestamp) <= 2", "*"},
		{"select sum(bytes) over w, lag(bytes, 1) over w, first_value(bytes) over w, ntile(4) over w from flows window w as (order by timestamp rows between 3 preceding and current row) limit 3", "*"},
		{"select tag, count(*) from (select unnest(tags) as tag from flows) group by 1 order by 1", "x,1000\ny0,500\ny1,500"},
		{"select t.tag, count(*) from flows cross join unnest(tags) as t(tag) group by 1 order by 1", "x,1000\ny0,500\ny1,500"},
		{"select count(*) from flows, unnest(tags) t(tag) where tag = 'x'", "1000"},
		{"select raw ->> '$.a.b', raw -> '$.l', raw.a.b, json_extract_string(raw, '$.a.b'), json_extract(raw, '$.l[0]')::int from flows order by timestamp limit 1", `0,"[1,2]","""0""",0,1`},
		{"select key, value from flows, json_each(raw) order by timestamp limit 2", "*"},
		{"select regexp_extract(source_ip, '^(\\d+)\\.', 1), regexp_matches(action, '(?i)accept'), regexp_replace(action, 'A', 'B', 'g'), action similar to 'A.*' from flows order by timestamp limit 1", "10,false,REJECT,false"},
		{"select list_transform(tags, x -> upper(x)), list_filter(tags, lambda x: x = 'x'), [x || '!' for x in tags if x <> 'x'], len(tags), tags[1], list_contains(tags, 'x') from flows order by timestamp limit 1", `"[""X"",""Y0""]","[""x""]","[""y0!""]",2,x,true`},
		{"select list_reduce([1,2,3], (a, b) -> a + b), list_sort([3,1,2]), list_aggregate([1,2], 'sum'), flatten([[1],[2]])", "*"},
		{"select who.name, who['id'], struct_extract(who, 'name') from flows order by timestamp limit 1", "u0,0,u0"},
		{"select date_trunc('hour', timestamp) as h, count(*) from flows group by h order by h", "2026-10-01 12:00:00.000000,1000"},
		{"select time_bucket(interval 5 minute, timestamp) b, count(*) from flows group by b order by b limit 1", "*"},
		{"select count(*) from flows where timestamp between timestamp '2026-10-01 12:00:00' and timestamp '2026-10-01 12:00:00' + interval '1 minute'", "61"},
		{"select count(*) from flows where timestamp > now() - interval 7 day", "*"},
		{"select extract(year from timestamp), year(timestamp), strftime(timestamp, '%Y'), epoch(timestamp), timestamp at time zone 'Asia/Tokyo', dayname(timestamp) from flows limit 1", "*"},
		{"select * from (select action, bytes from flows) pivot (sum(bytes) for action in ('ACCEPT', 'REJECT'))", "*"},
		{"pivot (select action, bytes from flows) on action in ('ACCEPT', 'REJECT') using sum(bytes)", "*"},
		{"unpivot (select 1 as a, 2 as b) on a, b into name n value v", "a,1\nb,2"},
		{"select action from flows union select srcaddr from vpcflow where false union all select 'x' except select 'y' intersect select 'z' order by 1", "*"},
		{"select count(*) from flows f where exists (select 1 from vpcflow v where v.srcaddr = f.source_ip and v.action = 'REJECT')", "*"},
		{"select count(*) from flows where source_ip in (select srcaddr from vpcflow) and action not in ('x') and bytes = any (select bytes from flows)", "1000"},
		{"select f.action, x.m from (select distinct action from flows) f, lateral (select max(bytes) m from flows g where g.action = f.action) x order by 1", "*"},
		{"select f.action from flows f left join vpcflow v on f.source_ip = v.srcaddr and f.action = v.action semi join nothing n on n.s = f.action", ""},
		{"select count(*) from flows f asof join flows g on f.timestamp >= g.timestamp", "1000"},
		{"select action, approx_quantile(bytes, 0.9), median(bytes), quantile_cont(bytes, [0.5, 0.9]), arg_max(source_ip, bytes), count(distinct source_ip), count(*) filter (where bytes > 10), string_agg(distinct action, ',' order by action), list(bytes order by bytes)[1:2], mode(action), histogram(action), any_value(action) from flows group by rollup (action)", "*"},
		{"select action, grouping(action), count(*) from flows group by grouping sets ((action), ()) order by 3", "*"},
		{"select columns('.*_ip'), * exclude (raw, tags, who) replace (bytes / 2 as bytes) from flows limit 1", "*"},
		{"select distinct on (action) action, bytes from flows order by action, bytes", "*"},
		{"select * from flows using sample 10", "*"},
		{"select * from (values (1, 'a'), (2, 'b')) t(n, s) where n = 2", "2,b"},
		{"from flows select count(*) where action ilike 'acc%' and action like 'A%' and source_ip glob '10.*'", "666"},
		{"select case when bytes > 100 then 'big' else 'small' end k, if(bytes > 1, 1, 2), coalesce(null, 1), nullif(1, 1), ifnull(null, 2), try_cast('a' as int), try('x'::int), cast('1' as decimal(10, 2)) from flows limit 1", "*"},
		{"select d::date from range(timestamp '2026-10-01', timestamp '2026-10-04', interval 1 day) t(d)", "2026-10-01\n2026-10-02\n2026-10-03"},
		{"select unnest(generate_series(date '2026-10-01', date '2026-10-03', interval '1 day'))::date", "2026-10-01\n2026-10-02\n2026-10-03"},
		{"select unnest(range(3)), sum(i) from range(10) t(i)", "0,45\n1,45\n2,45"},
		{"select map {'a': 1}['a'], map_keys(map {'a': 1}), {'a': 1, 'b': [1, 2]}, interval 90 minute, time '12:30:00', '\\x41'::blob, uuid '00112233-4455-6677-8899-aabbccddeeff', 170141183460469231731687303715884105727", `1,"[""a""]","{""a"":1,""b"":[1,2]}",01:30:00,12:30:00,41,00112233-4455-6677-8899-aabbccddeeff,170141183460469231731687303715884105727`},
		{"select current_date = today(), current_timestamp is not null, now() is not null, typeof(now())", "true,true,true,TIMESTAMP WITH TIME ZONE"},
		{"select replace(action, 'A', bytes::varchar), replace('a.b', '.', '-'), regexp_replace('aa', 'a', 'b', 'g'), regexp_replace(action, 'A', source_ip) from flows order by timestamp limit 1", "REJECT,a-b,bb,REJECT"},
		{"select count(*) from flows limit 5 offset 0", "1000"},
		{"select levenshtein('amazon', 'amaz0n'), jaro_winkler_similarity('a', 'a')", "1,1"},
		{"select format('{}-{:05d}', 'a', 7), printf('%5.2f%%', 1.5), lpad('7', 3, '0'), 'a' || 'b', position('b' in 'ab'), substring('abc' from 2 for 1), trim(both 'x' from 'xax'), overlay_free from (select 1 as overlay_free)", "a-00007,\" 1.50%\",007,ab,2,b,a,1"},
		{"select 1 -- comment; with semicolon", "1"},
		{"select ';' as \"a;b\" ; ", ";"},
		{"select sum(a), avg(a), stddev(a), sum(a::decimal(18,3)), bool_and(a > 0) from (values (1), (2)) t(a)", "3,1.5,0.7071067811865476,3.000,true"},
	} {
		got, err := ask(e, cat, c.q)
		if err != nil || c.want != "*" && got != c.want {
			t.Errorf("%s\n got %q, %v\nwant %q", c.q, got, err, c.want)
		}
	}
}

func TestAthenaFunctions(t *testing.T) {
	e, cat := lake(t, Options{})
	for _, c := range []struct{ q, want string }{
		{"from_iso8601_timestamp('2026-10-01T12:30:00Z')", "2026-10-01 12:30:00.000000"},
		{"from_iso8601_timestamp('2026-10-01T12:30:00.5+09:00')", "2026-10-01 03:30:00.500000"},
		{"from_iso8601_date('2026-10-01')", "2026-10-01"},
		{"date(from_iso8601_timestamp('2026-10-01T12:30:00Z'))", "2026-10-01"},
		{"to_iso8601(timestamp '2026-10-01 12:30:00')", "2026-10-01T12:30:00.000Z"},
		{"date_parse('2026-10-01 12:30:09', '%Y-%m-%d %H:%i:%s')", "2026-10-01 12:30:09.000000"},
		{"date_parse('01/Oct/2026:1:02:03 PM', '%d/%b/%Y:%l:%i:%s %p')", "2026-10-01 13:02:03.000000"},
		{"date_parse('2026-10-01T12:30:09.123456Z', '%Y-%m-%dT%H:%i:%s.%fZ')", "2026-10-01 12:30:09.123456"},
		{"date_format(timestamp '2026-10-01 13:05:09', '%Y/%m/%d %H:%i:%s %W %M %p %T %%')", "2026/10/01 13:05:09 Thursday October PM 13:05:09 %"},
		{"parse_datetime('2026-10-01T12:30:09+0900', 'yyyy-MM-dd''T''HH:mm:ssZ')", "2026-10-01 03:30:09.000000"},
		{"parse_datetime('[01/Oct/2026:12:30:09 +0000]', '[dd/MMM/yyyy:HH:mm:ss Z]')", "2026-10-01 12:30:09.000000"},
		{"format_datetime(timestamp '2026-10-01 13:05:09', 'yyyy-MM-dd EEE hh:mm a')", "2026-10-01 Thu 01:05 PM"},
		{"from_unixtime(1790858400)", "2026-10-01 12:40:00.000000"},
		{"from_unixtime(1790858400.25)", "2026-10-01 12:40:00.250000"},
		{"to_unixtime(timestamp '2026-10-01 12:40:00')", "1790858400"},
		{"date_diff('minute', timestamp '2026-10-01 12:00:00', timestamp '2026-10-01 12:40:00')", "40"},
		{"date_add('day', -2, timestamp '2026-10-03 12:00:00')", "2026-10-01 12:00:00.000000"},
		{"date_add('hour', 2, timestamp '2026-10-03 12:00:00')", "2026-10-03 14:00:00.000000"},
		{"date_add(date '2026-10-03', interval 1 day)", "2026-10-04 00:00:00.000000"},
		{"at_timezone(from_iso8601_timestamp('2026-10-01T00:00:00Z'), 'Asia/Tokyo')", "2026-10-01 09:00:00.000000"},
		{"day_of_week(date '2026-10-01'), day_of_year(date '2026-10-01'), week_of_year(date '2026-10-01')", "4,274,40"},
		{"json_extract_scalar('{\"a\":{\"b\":\"x\"}}', '$.a.b')", "x"},
		{"json_extract_scalar('{\"a\":{\"b\":\"x\"}}', '$.a')", `""`},
		{"json_format(json_parse('{\"a\": 1}')), json_array_length('[1,2]'), json_size('{\"a\":{\"b\":1}}', '$.a')", "\"{\"\"a\"\": 1}\",2,1"},
		{"cardinality([1,2,3]), element_at([1,2], 2), element_at(map {'a': 7}, 'a'), element_at([1], 9)", "3,2,7,"},
		{"array_join([1,2,null,3], '-'), array_join(['a', null], ',', '?')", "1-2-3,\"a,?\""},
		{"array_max([1,3,2]), array_distinct([1,1]), arrays_overlap([1],[1,2]), array_union([1],[1]), slice([1,2,3,4], 2, 2)", "3,[1],true,[1],\"[2,3]\""},
		{"array_sort(array_except([1,2,3],[2])), array_remove([1,2,1], 1), sequence(1, 3), contains([1,2], 2), contains(['a'], 'a')", "\"[1,3]\",[2],\"[1,2,3]\",true,true"},
		{"contains('10.0.0.0/8', '10.1.2.3'), contains('10.0.0.0/8', '11.1.2.3'), contains('a 10.1.2.3 b', '10.1.2.3'), contains('2001:db8::/32', '2001:db8::1')", "true,false,true,true"},
		{"ip_in_cidr('10.1.2.3', '10.0.0.0/8'), ip_in_cidr('::ffff:10.1.2.3', '10.0.0.0/8'), ip_in_cidr('x', '10.0.0.0/8'), ip_in_cidr('2001:db8::1', '2001:db8::/32'), ip_in_cidr('1.1.1.1', '2001:db8::/32')", "true,true,,true,false"},
		{"is_ipv4('1.2.3.4'), is_ipv6('1.2.3.4'), is_ipv6('::1'), is_ip('s3.amazonaws.com'), is_private_ip('192.168.1.1'), is_private_ip('8.8.8.8')", "true,false,true,false,true,false"},
		{"split_part('a/b/c', '/', 2), split('a,b', ','), regexp_like('abc', '^a'), regexp_count('aXbX', 'X'), strpos('abc', 'c')", "b,\"[\"\"a\"\",\"\"b\"\"]\",true,2,3"},
		{"url_extract_host('https://a.example.com:8443/p/q?x=1&y=2#f'), url_extract_path('https://a/p/q?x=1'), url_extract_query('https://a/p?x=1&y=2'), url_extract_parameter('https://a/?x=1&y=%20z', 'y'), url_extract_port('https://a:8443/')", "a.example.com,/p/q,x=1&y=2,\" z\",8443"},
		{"url_decode('a%20b'), url_encode('a b'), to_hex(to_utf8('A')), from_utf8(from_base64('QQ==')), codepoint('A')", "a b,a%20b,41,A,65"},
		{"approx_distinct(x), approx_percentile(x, 0.5), arbitrary(1), count_if(x > 1), map_agg(x, x), array_agg(x), max_by(x, x), every(x > 0) from (values (1), (2)) t(x)", "*"},
		{"try(cast('x' as int)), typeof(1), levenshtein_distance('a', 'b')", ",INTEGER,1"},
	} {
		got, err := ask(e, cat, "select "+c.q)
		if err != nil || c.want != "*" && got != c.want {
			t.Errorf("%s\n got %q, %v\nwant %q", c.q, got, err, c.want)
		}
	}
	if got, err := ask(e, cat, "select count(*) from flows where contains('10.0.1.0/24', source_ip) and timestamp >= date_parse('2026-10-01', '%Y-%m-%d')"); got != "250" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestEveryFunctionKnown fails for allowed names that this DuckDB does not have:
// the list stays reviewed when DuckDB changes.
func TestEveryFunctionKnown(t *testing.T) {
	e, _ := lake(t, Options{})
	rows, err := e.db.Query("SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', 'macro', 'table_macro')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	known := set(`alias coalesce grouping grouping_id row unnest <=> position rank_dense date
		cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank row_number`) // the parser's own
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		known[n] = true
	}
	for _, n := range allowedNames() {
		if !known[n] {
			t.Errorf("the allow-list has %s, which does not exist", n)
		}
	}
	if p := os.Getenv("DUCKDB_UNLISTED"); p != "" { // for the review of a new DuckDB
		for _, n := range sortedKeys(known) {
			if !allowed[n] {
				t.Log(n)
			}
		}
	}
}
