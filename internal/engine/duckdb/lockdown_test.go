package duckdb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hostile are statements that must not run. The first block is accept/core-lockdown.
const hostile = `
select * from read_text('/etc/passwd')
select * from read_csv('/etc/passwd')
select * from '/etc/hostname'
select * from glob('/etc/*')
copy (select 1) to '/tmp/ashiato-should-not-exist'
copy events to 'x.parquet'
attach '/tmp/x.db' as x
install httpfs
load httpfs
set enable_external_access=true
pragma database_list
drop view events
export database '/tmp/x'
with recursive t(x) as (select 1 union all select x+1 from t) select count(*) from t
select count(*) from range(100000000000) a, range(1000) b
select getenv('HOME')
call pragma_version()

explain select 1
explain analyze copy flows to '$DIR/stolen.parquet'
explain analyze select 1
copy flows to '$DIR/stolen.parquet'
copy (select * from flows) to '$DIR/stolen.csv'
copy flows from '$DIR/a.parquet'
select * from enable_logging()
select * from enable_logging('QueryLog')
select * from enable_profiling()
select * from disable_optimizer()
select * from duckdb_views()
select * from duckdb_settings()
select * from duckdb_tables()
select * from duckdb_functions()
select * from duckdb_secrets()
select * from duckdb_logs
select * from duckdb_external_file_cache()
select * from duckdb_views
select * from pg_catalog.pg_tables
select * from pg_tables
select * from information_schema.tables
select * from information_schema.columns
select * from system.information_schema.tables
select * from sqlite_master
select * from pragma_table_info('flows')
select * from pragma_version()
select * from checkpoint()
select * from force_checkpoint()
from '$DIR/a.parquet'
select * from '$DIR/a.parquet'
select * from "$DIR/a.parquet"
from 'x.parquet'
select * from 'a.csv' limit 1
select * from main."/etc/passwd"
select * from "memory"."main"."flows"
select * from temp.flows
select * from temp.main.flows
select * from read_parquet('$DIR/a.parquet')
select * from read_parquet(['$DIR/a.parquet'])
select * from parquet_scan('$DIR/a.parquet')
select * from parquet_metadata('$DIR/a.parquet')
select * from parquet_schema('$DIR/a.parquet')
select * from parquet_file_metadata('$DIR/a.parquet')
select * from parquet_kv_metadata('$DIR/a.parquet')
select * from read_blob('$DIR/*')
select * from read_json('$DIR/a.json')
select * from read_ndjson_objects('$DIR/a.json')
select * from read_duckdb('$DIR/a.db')
select * from sniff_csv('/etc/passwd')
select * from seq_scan('flows')
select * from query('select 1')
select * from query_table('flows')
select * from query_table(['/etc/passwd'])
select * from histogram('flows', bytes)
select * from histogram_values(flows, bytes)
select * from json_execute_serialized_sql(json_serialize_sql('select 1'))
select json_serialize_sql('select 1')
select json_deserialize_sql('{}')
select json_serialize_plan('select 1')
select * from summary((select 1))
select * from repeat(1, 100000000000)
select * from repeat_row(1, num_rows=100000000000)
select * from test_all_types()
select * from sql_auto_complete('sel')
select * from which_secret('x', 's3')
select current_setting('memory_limit')
select getvariable('x')
select current_query()
select write_log('x')
select nextval('x')
select pg_sleep(10)
select sleep_ms(10000)
select repeat('x', 4000000000)
select length(repeat(action, 1000000)) from flows
select list_resize([1], 4000000000)
select lpad('x', 2000000000, 'y')
select lpad('x', bytes::int, 'y') from flows
select rpad('x', 1000000000, 'y')
select printf('%1000000000d', 1)
select printf('%*d', 1000000000, 1)
select format('{:>1000000000}', 'x')
select format('{:{}}', 'x', 1000000000)
select format(action, 1) from flows
with a as (select lpad('a', 10000, 'a') x), b as (select replace(x, 'a', x) x from a), c as (select replace(x, 'a', x) x from b) select length(x) from c
select main.replace('a', 'a', 'b')
select regexp_replace(action, 'A', action, 'g') from flows
select 9e999
select bar(1, 0, 2, 1000000000)
select bitstring('1', 4000000000)
select len(range(1000000000))
select len(generate_series(1, 1000000000))
select len(range(0, bytes * 100000000)) from flows
select len(generate_series(timestamp '2000-01-01', timestamp '2026-01-01', interval 1 microsecond))
select list_sum(list_transform(range(100000000), x -> x + 1))
select list_transform(range(1000), x -> list_transform(range(1000), y -> x * y))
select list_transform(tags, a -> list_transform(tags, b -> list_transform(tags, c -> a || b || c))) from flows
select system.main.range(1000000000)
select main.range(1000000000)
select system.levenshtein('a', 'b')
select * from system.main.range(10)
select main.getenv('HOME')
select "getenv"('HOME')
select GETENV('HOME')
select 'HOME'.getenv()
select action.upper() from flows
select count(*) from range(10000000) a, range(10000000) b
select count(*) from range(10000001)
select * from generate_series(1, 100000000000)

with read_text as (select 1) select * from read_text('/etc/passwd')
with "/etc/passwd" as (select * from "/etc/passwd") select * from "/etc/passwd"
select * from (with "/etc/passwd" as (select 1 as a) select * from "/etc/passwd") x, "/etc/passwd" y
with a as (select * from b), b as (select 1) select * from a
with a as (select 1) select * from main.a
with recursive "/etc/passwd"(x) as (select 1 union all select * from (select * from '/etc/hostname') h) select * from "/etc/passwd"
with recursive "/etc/passwd"(x) as (select * from "/etc/passwd" union all select 1) select * from "/etc/passwd"
with recursive t as (select * from read_text('/etc/passwd')) select * from t
with a as materialized (select * from read_text('/etc/passwd')) select * from a

select 1 where exists (select * from read_text('/etc/passwd'))
select 1 where 1 in (select size from read_text('/etc/passwd'))
select 1 where 1 = any (select size from read_text('/etc/passwd'))
select (select content from read_text('/etc/passwd'))
select count(*) from flows group by (select size from read_text('/etc/passwd'))
select count(*) from flows having count(*) > (select size from read_text('/etc/passwd'))
select 1 order by (select size from read_text('/etc/passwd'))
select 1 limit (select size from read_text('/etc/passwd'))
select 1 limit 1 offset (select size from read_text('/etc/passwd'))
select * from flows qualify row_number() over (order by getenv('x')) = 1
select row_number() over (partition by (select size from read_text('/etc/passwd'))) from flows
select sum(bytes) over (rows between (select size from read_text('/etc/passwd')) preceding and current row) from flows
select sum(bytes) over w from flows window w as (order by getenv('x'))
select sum(bytes) filter (where getenv('x') = 'y') from flows
select string_agg(action, ',' order by getenv('x')) from flows
select lag(bytes, 1, getenv('x')::bigint) over () from flows
select * from flows, lateral (select * from read_text('/etc/passwd')) x
select * from flows f, lateral (select getenv(f.action)) x
select * from flows join read_text('/etc/passwd') r on true
select * from flows join nothing on getenv('x') = s
select * from (values (getenv('x')))
values ((select content from read_text('/etc/passwd')))
select list_transform(tags, x -> getenv(x)) from flows
select [getenv(x) for x in tags] from flows
select list_filter(tags, lambda x: getenv(x) = 'a') from flows
select columns(c -> getenv(c) = 'x') from flows
select columns('a.*')::int, getenv('x') from flows
select * replace (getenv('x') as action) from flows
select * exclude (action), getenv(action) from flows
select case when getenv('x') = 'a' then 1 else 2 end
select case getenv('x') when 'a' then 1 end
select getenv('x') between 'a' and 'b'
select cast(getenv('x') as int)
select try(getenv('x'))
select coalesce(getenv('x'), 'a')
select not getenv('x')::bool
select {'a': getenv('x')}
select map {'a': getenv('x')}
select [getenv('x')]
select tags[getenv('x')::int] from flows
select tags[1:getenv('x')::int] from flows
select getenv('x') collate nocase
select getenv('x') is null
select getenv('x') like 'a'
select 'a' like getenv('x')
select distinct on (getenv('x')) 1
select unnest([getenv('x')])
select * from unnest([getenv('x')])
select * from range((select size from read_text('/etc/passwd')))
select * from json_each(getenv('x'))
select * from json_each((select content from read_text('/etc/passwd')))
select 1 union select size from read_text('/etc/passwd')
select 1 except (select size from read_text('/etc/passwd'))
select * from flows pivot (sum(bytes) for action in (select content from read_text('/etc/passwd')))
select * from (select * from read_text('/etc/passwd')) pivot (count(*) for size in (1, 2))
select * from flows pivot (sum(getenv('x')::int) for action in ('ACCEPT'))
pivot flows on action using sum(bytes)
pivot read_text('/etc/passwd') on size in (1) using count(*)
unpivot (select * from read_text('/etc/passwd')) on size into name n value v
select * from flows tablesample reservoir(getenv('x') rows)
select * from flows at (timestamp => now())
summarize '/etc/passwd'
describe '/etc/passwd'
describe select * from read_text('/etc/passwd')
describe read_text
select * from (describe select getenv('x'))
select * from (show tables)
select * from (show databases)
show databases
show schemas
show all tables_x
table '/etc/passwd'
table duckdb_settings

prepare p as select 1
execute p
deallocate p
create table x (a int)
create table x as select 1
create view x as select 1
create temp view flows as select 1
create or replace temp view flows as select 1
create macro m() as 1
create function m() as 1
create schema x
create sequence s
create type e as enum ('a')
create secret (type s3)
insert into flows values (1)
insert into flows select * from flows
update flows set bytes = 1
delete from flows
truncate flows
merge into flows using flows f on true when matched then delete
alter table flows rename to x
vacuum
analyze
checkpoint
use memory
use temp
begin transaction
begin; select 1
commit
set memory_limit = '100GB'
set session threads = 100
set variable x = 1
reset memory_limit
detach temp
import database '$DIR'
export database '$DIR'
comment on view flows is 'x'
load '$DIR/x.duckdb_extension'
install '$DIR/x.duckdb_extension'
force install httpfs
update extensions
call enable_logging()
call duckdb_settings()
pragma table_info('flows')
pragma enable_profiling
pragma version
select * into x from flows
select 1 into x
select 1; drop view flows
select 1; select 2
select 1;;select 2;
select ?
select $1
select $name
select 1 limit ?
with x as (insert into flows values (1) returning *) select * from x
with x as (delete from flows returning *) select * from x
select/**/*/**/from/**/read_text/**/('/etc/passwd')
select * from read_text ('/etc/passwd')
select * from "read_text"('/etc/passwd')
select * from READ_TEXT('/etc/passwd')
select * from U&"read_text"('/etc/passwd')
select * from $$/etc/passwd$$
select * from e'/etc/passwd'
`

func hostileStatements(dir string) []string {
	var out []string
	for _, l := range strings.Split(strings.ReplaceAll(hostile, "$DIR", dir), "\n") {
		if strings.TrimSpace(l) != "" {
			out = append(out, l)
		}
	}
	return append(out, "with \"\u212a\" as (select 1) select * from k", "with k as (select 1) select * from \"\u212a\"",
		"select 1 /* */ ; -- x\n drop view flows", "select 1\x00; drop view flows", "select '\xff'", "select *\u00a0from\u00a0read_text('/etc/passwd')",
		"\ufeffselect * from read_text('/etc/passwd')", "select * from \uff52ead_text('/etc/passwd')",
		strings.Repeat("(", 100000)+"select 1", "select "+strings.Repeat("(", 50000)+"1"+strings.Repeat(")", 50000),
		"select "+strings.Repeat("not ", 200000)+"true", "select "+strings.Repeat("- ", 100000)+"1",
		"select "+strings.Repeat("[", 20000)+strings.Repeat("]", 20000), "select 1 "+strings.Repeat("union select 1 ", 40000),
		"select 1 -- "+strings.Repeat("x", 2<<20), strings.Repeat("select * from (", 5000)+"select 1"+strings.Repeat(")", 5000))
}

func TestHostileStatements(t *testing.T) {
	e, cat := lake(t, Options{MaxShort: 2 * time.Second, MemoryLimit: 512 << 20})
	dir := filepath.Dir(cat.Tables[0].Branches[0].Files[0])
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range hostileStatements(dir) {
		short := q[:min(len(q), 120)]
		start := time.Now()
		got, err := ask(e, cat, q)
		if err == nil {
			t.Errorf("ran: %s\n%s", short, got[:min(len(got), 200)])
			continue
		}
		if k := kindOf(err); k == "" || k == KindInternal {
			t.Errorf("%s: kind %q: %v", short, k, err)
		}
		if strings.Contains(err.Error(), dir) {
			t.Errorf("%s: the error tells the directory: %v", short, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: took %v", short, took)
		}
	}
	after, err := os.ReadDir(dir)
	if err != nil || len(after) != len(before) {
		t.Errorf("the directory had %d files and has %d, %v", len(before), len(after), err)
	}
	if got, err := ask(e, cat, "select count(*) from flows"); got != "1000" || err != nil {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

// TestWallsAlone checks that the settings hold without the walk, as far as
// settings can.
func TestWallsAlone(t *testing.T) {
	e, _ := lake(t, Options{})
	for _, q := range []string{"SELECT * FROM read_text('/etc/passwd')", "COPY (SELECT 1) TO '/tmp/ashiato-should-not-exist'",
		"SET enable_external_access = true", "SET allowed_directories = ['/']", "SET memory_limit = '100GB'", "INSTALL httpfs", "LOAD httpfs",
		"ATTACH '/tmp/ashiato-should-not-exist.db' AS x", "SET lock_configuration = false", "SELECT * FROM '/etc/hostname'"} {
		if _, err := e.db.Exec(q); err == nil {
			t.Errorf("ran: %s", q)
		}
	}
}
