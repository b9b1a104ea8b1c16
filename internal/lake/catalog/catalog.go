// Package catalog is the source of truth of one workspace's lake: which segments there are, which
// objects have been taken in, and what was rejected. It changes only in transactions.
package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3" // registers the SQLite driver too
	"golang.org/x/sys/unix"

	"ashiato/internal/lake/segment"
)

// Catalog is an open catalog. It is safe for concurrent use, from several processes too.
type Catalog struct{ db *sql.DB }

const schemaVersion = 1

const schema = `
CREATE TABLE IF NOT EXISTS segments (
 id TEXT PRIMARY KEY, dataset TEXT NOT NULL, day TEXT NOT NULL, rows INTEGER NOT NULL,
 min_time INTEGER NOT NULL, max_time INTEGER NOT NULL, bytes INTEGER NOT NULL, raw_bytes INTEGER NOT NULL,
 created INTEGER NOT NULL, dead INTEGER, layout INTEGER NOT NULL REFERENCES layouts(id));
CREATE TABLE IF NOT EXISTS layouts (id INTEGER PRIMARY KEY, columns TEXT NOT NULL UNIQUE);
CREATE INDEX IF NOT EXISTS segments_by_type ON segments(dataset, day);
CREATE TABLE IF NOT EXISTS objects (
 id TEXT PRIMARY KEY, uri TEXT NOT NULL, dataset TEXT NOT NULL, bytes INTEGER NOT NULL, plain_bytes INTEGER NOT NULL,
 records INTEGER NOT NULL, events INTEGER NOT NULL, rejects INTEGER NOT NULL, duplicates INTEGER NOT NULL, taken INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
 id TEXT PRIMARY KEY, object TEXT NOT NULL, uri TEXT NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_by_uri ON deliveries(uri);
CREATE TABLE IF NOT EXISTS rejects (
 id INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL, uri TEXT NOT NULL, dataset TEXT NOT NULL, position INTEGER NOT NULL,
 offset INTEGER NOT NULL, reason TEXT NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL, taken INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS rejects_by_reason ON rejects(dataset, reason);
CREATE TABLE IF NOT EXISTS retention (dataset TEXT PRIMARY KEY, days INTEGER NOT NULL) WITHOUT ROWID;
`

// Open opens or creates the catalog in a file.
func Open(path string) (*Catalog, error) {
	// created here so that only its owner can read it: rejects hold bytes of logs
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	f.Close()
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=20000&_txlock=immediate"
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	var version int
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		db.Close()
		return nil, fmt.Errorf("open catalog %s: %w", path, err)
	}
	switch {
	case version > schemaVersion:
		db.Close()
		return nil, fmt.Errorf("catalog %s has version %d; this program knows up to %d: use a newer one", path, version, schemaVersion)
	case version < schemaVersion:
		if _, err := db.Exec(schema + fmt.Sprintf("PRAGMA user_version = %d;", schemaVersion)); err != nil {
			db.Close()
			return nil, fmt.Errorf("set up catalog %s: %w", path, err)
		}
	}
	return &Catalog{db}, nil
}

// OpenReadOnly opens an existing catalog for reading.
func OpenReadOnly(path string) (*Catalog, error) {
	options := "?mode=ro&_busy_timeout=20000"
	if frozen(path) {
		options += "&immutable=1"
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+options)
	if err != nil {
		return nil, err
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_master WHERE name = 'segments'").Scan(&n); err != nil || n == 0 {
		db.Close()
		return nil, errors.Join(err, fmt.Errorf("no catalog in %s", path))
	}
	return &Catalog{db}, nil
}

// frozen reports that the catalog lies on a read-only file system and is complete without a write-ahead log.
// SQLite cannot share such a one in its usual way, which needs a file beside it.
func frozen(path string) bool {
	var fs unix.Statfs_t
	if unix.Statfs(path, &fs) != nil || fs.Flags&unix.ST_RDONLY == 0 {
		return false
	}
	st, err := os.Stat(path + "-wal")
	return err != nil || st.Size() == 0
}

// fault adds the system's name to an error of SQLite about a disk that is full or read-only.
func fault(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) {
		switch e.Code {
		case sqlite3.ErrFull:
			return fmt.Errorf("%w (%w)", err, syscall.ENOSPC)
		case sqlite3.ErrReadonly:
			return fmt.Errorf("%w (%w)", err, syscall.EROFS)
		}
	}
	return err
}

// Close closes the catalog.
func (c *Catalog) Close() error { return c.db.Close() }

// Object is an object that was taken in.
type Object struct {
	ID         string // hash of its bytes as delivered
	URI        string
	Dataset    string // empty when no log type recognised it
	Bytes      int64  // as delivered
	PlainBytes int64  // after decompression
	Records    int64
	Events     int64
	Rejects    int64
	Duplicates int64
	Taken      time.Time
}

// Delivery says that an object's bytes came under a name.
type Delivery struct{ ID, Object, URI string }

// Reject is a record that could not become an event.
type Reject struct {
	ID       int64     `json:"id"`
	Object   string    `json:"object_id"`
	URI      string    `json:"uri"`
	Dataset  string    `json:"type"`
	Position int64     `json:"position"`
	Offset   int64     `json:"offset"`
	Reason   string    `json:"reason"`
	Size     int64     `json:"bytes"` // of the record; Data may be cut
	Data     []byte    `json:"data,omitempty"`
	Taken    time.Time `json:"taken"`
}

// Commit is one step of taking in: all of it becomes visible, or nothing.
type Commit struct {
	Segments   []segment.Info
	Objects    []Object
	Deliveries []Delivery
	Rejects    []Reject
	Replayed   []int64 // rejects that became events and go away
}

// Apply makes a commit durable.
func (c *Catalog) Apply(ctx context.Context, k *Commit) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("commit to the catalog: %w", err)
	}
	defer tx.Rollback()
	now := time.Now().UnixMicro()
	exec := func(query string, args ...any) {
		if err == nil {
			_, err = tx.ExecContext(ctx, query, args...)
		}
	}
	for _, s := range k.Segments {
		if err == nil {
			err = insertSegment(ctx, tx, s, now)
		}
	}
	for _, o := range k.Objects {
		exec("INSERT INTO objects VALUES (?,?,?,?,?,?,?,?,?,?)", o.ID, o.URI, o.Dataset, o.Bytes, o.PlainBytes, o.Records, o.Events, o.Rejects, o.Duplicates, now)
	}
	for _, d := range k.Deliveries {
		exec("INSERT OR REPLACE INTO deliveries VALUES (?,?,?,?)", d.ID, d.Object, d.URI, now)
	}
	for _, r := range k.Rejects {
		exec("INSERT INTO rejects (object, uri, dataset, position, offset, reason, size, data, taken) VALUES (?,?,?,?,?,?,?,?,?)",
			r.Object, r.URI, r.Dataset, r.Position, r.Offset, r.Reason, r.Size, r.Data, now)
	}
	for _, id := range k.Replayed {
		exec("DELETE FROM rejects WHERE id = ?", id)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("commit to the catalog: %w", fault(err))
	}
	return nil
}

func insertSegment(ctx context.Context, tx *sql.Tx, s segment.Info, now int64) error {
	if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO layouts (columns) VALUES (?)", s.Layout); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO segments (id, dataset, day, rows, min_time, max_time, bytes, raw_bytes, created, layout)
 VALUES (?,?,?,?,?,?,?,?,?, (SELECT id FROM layouts WHERE columns = ?))`, s.ID, s.Dataset, s.Day, s.Rows, s.MinTime, s.MaxTime, s.Bytes, s.RawBytes, now, s.Layout)
	return err
}

// Swap replaces segments by others that hold the same events. The old ones stay readable until Sweep.
func (c *Catalog) Swap(ctx context.Context, old []string, with []segment.Info) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	now := time.Now().UnixMicro()
	for _, id := range old {
		r, err := tx.ExecContext(ctx, "UPDATE segments SET dead = ? WHERE id = ? AND dead IS NULL", now, id)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fmt.Errorf("segment %s is not live any more", id))
		}
	}
	for _, s := range with {
		if err := insertSegment(ctx, tx, s, now); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Dead returns segments that were replaced or expired before a time, for their files to be deleted.
func (c *Catalog) Dead(ctx context.Context, before time.Time) ([]segment.Info, error) {
	return c.segments(ctx, "WHERE dead IS NOT NULL AND dead <= ?", before.UnixMicro())
}

// Forget removes dead segments whose files are gone.
func (c *Catalog) Forget(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if _, err := c.db.ExecContext(ctx, "DELETE FROM segments WHERE id = ? AND dead IS NOT NULL", id); err != nil {
			return err
		}
	}
	return nil
}

// Segments returns the live segments, newest event first.
func (c *Catalog) Segments(ctx context.Context) ([]segment.Info, error) {
	return c.segments(ctx, "WHERE dead IS NULL ORDER BY max_time DESC, segments.id")
}

// Known reports whether a segment is in the catalog, live or dead.
func (c *Catalog) Known(ctx context.Context, id string) (bool, error) {
	var n int
	err := c.db.QueryRowContext(ctx, "SELECT count(*) FROM segments WHERE id = ?", id).Scan(&n)
	return n > 0, err
}

func (c *Catalog) segments(ctx context.Context, where string, args ...any) ([]segment.Info, error) {
	rows, err := c.db.QueryContext(ctx, "SELECT segments.id, dataset, day, rows, min_time, max_time, bytes, raw_bytes, columns FROM segments JOIN layouts ON layouts.id = layout "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	defer rows.Close()
	var out []segment.Info
	for rows.Next() {
		var s segment.Info
		if err := rows.Scan(&s.ID, &s.Dataset, &s.Day, &s.Rows, &s.MinTime, &s.MaxTime, &s.Bytes, &s.RawBytes, &s.Layout); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Delivered reports whether a delivery (Delivery.ID) has been taken in.
func (c *Catalog) Delivered(ctx context.Context, id string) (bool, error) {
	var n int
	err := c.db.QueryRowContext(ctx, "SELECT count(*) FROM deliveries WHERE id = ?", id).Scan(&n)
	return n > 0, err
}

// ObjectByID returns an object that was taken in, nil when there is none with that hash.
func (c *Catalog) ObjectByID(ctx context.Context, id string) (*Object, error) {
	return c.object(ctx, "WHERE id = ?", id)
}

// LastAt returns the object that was last taken in under a name, nil when there is none.
func (c *Catalog) LastAt(ctx context.Context, uri string) (*Object, error) {
	return c.object(ctx, "WHERE id = (SELECT object FROM deliveries WHERE uri = ? ORDER BY seen DESC LIMIT 1)", uri)
}

func (c *Catalog) object(ctx context.Context, where string, args ...any) (*Object, error) {
	var o Object
	var taken int64
	err := c.db.QueryRowContext(ctx, "SELECT id, uri, dataset, bytes, plain_bytes, records, events, rejects, duplicates, taken FROM objects "+where, args...).
		Scan(&o.ID, &o.URI, &o.Dataset, &o.Bytes, &o.PlainBytes, &o.Records, &o.Events, &o.Rejects, &o.Duplicates, &taken)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	o.Taken = time.UnixMicro(taken)
	return &o, err
}

// RejectQuery narrows Rejects. Zero fields do not narrow.
type RejectQuery struct {
	ID      int64
	Dataset string
	Object  string
	Limit   int
	After   int64 // ids above
	Data    bool  // with the records' bytes
}

// Rejects returns rejects in order of id.
func (c *Catalog) Rejects(ctx context.Context, q RejectQuery) ([]Reject, error) {
	data := "x''"
	if q.Data {
		data = "data"
	}
	if q.Limit <= 0 {
		q.Limit = 1000
	}
	rows, err := c.db.QueryContext(ctx, "SELECT id, object, uri, dataset, position, offset, reason, size, "+data+`, taken FROM rejects
 WHERE (?1 = 0 OR id = ?1) AND (?2 = '' OR dataset = ?2) AND (?3 = '' OR object = ?3) AND id > ?4 ORDER BY id LIMIT ?5`, q.ID, q.Dataset, q.Object, q.After, q.Limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Reject
	for rows.Next() {
		var r Reject
		var taken int64
		if err := rows.Scan(&r.ID, &r.Object, &r.URI, &r.Dataset, &r.Position, &r.Offset, &r.Reason, &r.Size, &r.Data, &taken); err != nil {
			return nil, err
		}
		r.Taken = time.UnixMicro(taken).UTC()
		out = append(out, r)
	}
	return out, rows.Err()
}

// RejectCount is how many rejects of a type have a reason.
type RejectCount struct {
	Dataset string `json:"type"`
	Reason  string `json:"reason"`
	Count   int64  `json:"count"`
}

// RejectCounts groups rejects by type and reason, most frequent first.
func (c *Catalog) RejectCounts(ctx context.Context) ([]RejectCount, error) {
	rows, err := c.db.QueryContext(ctx, "SELECT dataset, reason, count(*) FROM rejects GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1000")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []RejectCount
	for rows.Next() {
		var r RejectCount
		if err := rows.Scan(&r.Dataset, &r.Reason, &r.Count); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// TypeStatus sums up what the lake holds of one log type.
type TypeStatus struct {
	Dataset    string     `json:"type"`
	Events     int64      `json:"events"`
	Days       int64      `json:"days"`
	Segments   int64      `json:"segments"`
	Bytes      int64      `json:"bytes"`
	RawBytes   int64      `json:"raw_bytes"`
	Objects    int64      `json:"objects"`
	ObjectSize int64      `json:"object_bytes"`
	Rejects    int64      `json:"rejects"`
	Duplicates int64      `json:"duplicates"`
	First      *time.Time `json:"first_event,omitempty"`
	Last       *time.Time `json:"last_event,omitempty"`
	LastTaken  *time.Time `json:"last_taken_in,omitempty"`
}

// Status sums up per log type, those without events but with rejects included.
func (c *Catalog) Status(ctx context.Context) ([]TypeStatus, error) {
	rows, err := c.db.QueryContext(ctx, `
WITH s AS (SELECT dataset, sum(rows) AS events, count(DISTINCT day) AS days, count(*) AS segments, sum(bytes) AS bytes, sum(raw_bytes) AS raw, min(min_time) AS first, max(max_time) AS last FROM segments WHERE dead IS NULL GROUP BY 1),
 o AS (SELECT dataset, count(*) AS objects, sum(bytes) AS bytes, sum(duplicates) AS duplicates, max(taken) AS taken FROM objects GROUP BY 1),
 r AS (SELECT dataset, count(*) AS rejects FROM rejects GROUP BY 1),
 t AS (SELECT dataset FROM s UNION SELECT dataset FROM o UNION SELECT dataset FROM r)
SELECT t.dataset, coalesce(s.events,0), coalesce(s.days,0), coalesce(s.segments,0), coalesce(s.bytes,0), coalesce(s.raw,0), coalesce(o.objects,0), coalesce(o.bytes,0),
 coalesce(r.rejects,0), coalesce(o.duplicates,0), s.first, s.last, o.taken
FROM t LEFT JOIN s USING (dataset) LEFT JOIN o USING (dataset) LEFT JOIN r USING (dataset) ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	defer rows.Close()
	var out []TypeStatus
	for rows.Next() {
		var s TypeStatus
		var first, last, taken sql.NullInt64
		if err := rows.Scan(&s.Dataset, &s.Events, &s.Days, &s.Segments, &s.Bytes, &s.RawBytes, &s.Objects, &s.ObjectSize, &s.Rejects, &s.Duplicates, &first, &last, &taken); err != nil {
			return nil, err
		}
		s.First, s.Last, s.LastTaken = timeOf(first), timeOf(last), timeOf(taken)
		out = append(out, s)
	}
	return out, rows.Err()
}

func timeOf(us sql.NullInt64) *time.Time {
	if !us.Valid {
		return nil
	}
	t := time.UnixMicro(us.Int64).UTC()
	return &t
}
