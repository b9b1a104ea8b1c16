// Package duckdb runs users' SQL over Parquet files with DuckDB inside the
// process, locked down.
//
// It knows nothing of the lake: a [Catalog] says which tables exist, which files
// they are made of and which trusted views lie over them. [Engine.Query] runs
// exactly one SELECT (or SHOW TABLES, DESCRIBE, SUMMARIZE) over such a catalog
// and streams the rows.
//
// Three walls stand between a user's text and the machine:
//
//  1. The instance itself: no external access but the directories in
//     [Options.Dirs], no extensions, memory and temp limits, configuration
//     locked before the first user statement (engine.go).
//  2. The statement: DuckDB's own parser turns the text into JSON with
//     json_serialize_sql, which refuses everything but SELECT. The tree is walked
//     with allow-lists of node kinds, tables, table functions and functions
//     (check*.go, functions.go). Whatever the walk does not know is refused.
//  3. The connection: each query gets a fresh one whose temporary views are the
//     tables the statement names and nothing else, so no other catalog is there
//     to be found (catalog.go).
//
// Neither wall alone is enough; LAKE-NOTES.md section 2 lists what slips through
// the settings. The text that runs is the text that was checked.
//
// A query ends by itself, by its context, at its time limit, or when the process
// uses far more memory than it was given; each end is an [*Error] with a kind
// and, where there is one, advice. DuckDB is interrupted through its bindings,
// since the driver's own way sleeps half a second.
package duckdb
