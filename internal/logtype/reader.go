package logtype

import (
	"bytes"
	"errors"

	"ashiato/internal/decode"
	"ashiato/internal/event"
)

// Sink receives what a Reader finds. Its methods return only errors that must stop the reading.
type Sink interface {
	// Row is called after each record that became a row of the batch.
	Row() error
	// Reject takes bytes that could not become an event, with the position of the record in the
	// object (counting from 0) and the offset of its plain bytes.
	Reject(data []byte, position int64, offset int64, reason error) error
}

// Reader parses objects of one type into a batch. One goroutine uses it.
type Reader struct {
	c        *Compiled
	json     *decode.JSONParser
	batch    *event.Batch
	sink     Sink
	obj      Object
	objectID []byte
	line     LineParser
	position int64
	skip     int64
	bytes    int64 // of records that became rows
	account  []byte
	regionOf []byte
	message  []byte
	env      *decode.Envelope
}

// NewReader returns a reader for one goroutine that fills batch.
func (c *Compiled) NewReader(batch *event.Batch) *Reader {
	return &Reader{c: c, json: c.json.Clone(), batch: batch}
}

// TakeBytes returns how many bytes the records had that became rows since the last call.
func (r *Reader) TakeBytes() int64 {
	n := r.bytes
	r.bytes = 0
	return n
}

// Read parses the object in w. objectID goes to every row. Records are numbered from position on: an
// archive's members share one object. Those numbered below skip are parsed but not kept: an object that has
// grown since it was last taken in goes on where it ended. It returns how many records w has, rejects included.
func (r *Reader) Read(w *decode.Window, obj Object, objectID string, position, skip int64, sink Sink) (records int64, err error) {
	r.obj, r.objectID, r.sink, r.position, r.skip, r.env = obj, []byte(objectID), sink, position, skip, nil
	account, region := KeyAccountRegion(obj.Key)
	r.account, r.regionOf = []byte(account), []byte(region)
	if r.c.Line != nil {
		r.line = r.c.Line(&r.obj)
	}
	head := bytes.TrimLeft(w.Head(64), " \t\r\n\xEF\xBB\xBF")
	isJSON := len(head) > 0 && head[0] == '{' && (r.c.CloudWatch || len(r.c.Fields) > 0)
	if r.c.Framing == JSON || isJSON {
		err = decode.EachJSON(w, append([]string{decode.CloudWatchArray}, r.c.Arrays...), r)
	} else {
		err = decode.EachLine(w, r.c.First, r)
	}
	return r.position - position, err
}

// Record parses one framed record (decode.Handler).
func (r *Reader) Record(buf []byte, at int, offset int64, env *decode.Envelope) (end int, err error) {
	if env != nil && env.Array == decode.CloudWatchArray {
		return r.cloudWatch(buf, at, offset, env)
	}
	row := r.batch.Begin(buf)
	if !r.isJSON(buf[at:]) {
		err = r.line.Parse(row, at, len(buf))
		return len(buf), r.finish(row, at, len(buf), offset, err)
	}
	end, err = r.json.Parse(row, buf, at)
	if err != nil {
		row.Abort()
		return at, err
	}
	return end, r.finish(row, at, end, offset, nil)
}

// isJSON reports whether a record is to be parsed by the type's JSON fields. Text types may have them
// beside their lines, for the JSON and Parquet variants of the same log.
func (r *Reader) isJSON(record []byte) bool {
	return r.c.Framing == JSON || len(r.c.Fields) > 0 && len(record) > 0 && record[0] == '{'
}

// finish completes a parsed row, or rejects its record.
func (r *Reader) finish(row *event.Row, start, end int, offset int64, parseErr error) error {
	if parseErr == ErrNotRecord {
		row.Abort()
		return nil
	}
	position := r.position
	r.position++
	if position < r.skip {
		row.Abort()
		return nil
	}
	if parseErr == nil {
		r.complete(row, position)
		parseErr = row.Commit(start, end)
	}
	if parseErr != nil {
		data := row.Data()[start:end]
		row.Abort()
		return r.sink.Reject(data, position, offset, parseErr)
	}
	r.bytes += int64(end - start)
	return r.sink.Row()
}

func (r *Reader) complete(row *event.Row, position int64) {
	row.SetText(event.CObjectID, r.objectID)
	row.SetInt(event.CObjectOffset, position)
	if r.c.account >= 0 && len(r.account) > 0 && !row.Has(r.c.account) {
		row.SetText(r.c.account, r.account)
	}
	if r.c.region >= 0 && len(r.regionOf) > 0 && !row.Has(r.c.region) {
		row.SetText(r.c.region, r.regionOf)
	}
	if r.obj.LogGroup != "" && r.c.group >= 0 {
		row.SetText(r.c.group, []byte(r.obj.LogGroup))
		row.SetText(r.c.stream, []byte(r.obj.LogStream))
	}
	for _, c := range r.c.times {
		if !row.Has(event.CTimestamp) && row.Has(c) {
			row.SetInt(event.CTimestamp, row.Int(c))
		}
	}
	if r.obj.EventTime != 0 && !row.Has(event.CTimestamp) {
		row.SetInt(event.CTimestamp, r.obj.EventTime)
	}
}

// Reject passes bytes that are no record on to the sink (decode.Handler).
func (r *Reader) Reject(data []byte, offset int64, reason error) error {
	position := r.position
	r.position++
	if position < r.skip {
		return nil
	}
	return r.sink.Reject(data, position, offset, reason)
}

var errNoMessage = errors.New("CloudWatch log event without a message")

// cloudWatch parses one element of logEvents: its message is the record. Control messages, which
// CloudWatch Logs sends to test the destination, are skipped.
func (r *Reader) cloudWatch(buf []byte, at int, offset int64, env *decode.Envelope) (int, error) {
	if r.env != env {
		r.env = env
		r.obj.LogGroup, r.obj.LogStream, r.obj.Owner = cloudWatchHead(env.Head)
		if len(r.obj.Owner) == 12 && len(r.account) == 0 {
			r.account = []byte(r.obj.Owner)
		}
		if r.c.Line != nil {
			r.line = r.c.Line(&r.obj)
		}
	}
	end, err := decode.SkipValue(buf, at)
	if err != nil {
		return at, err
	}
	if bytes.Contains(env.Head, []byte(`"CONTROL_MESSAGE"`)) {
		return end, nil
	}
	var message []byte
	r.obj.EventTime = 0
	decode.EachJSONMember(buf[at:end], func(key string, v []byte) bool {
		switch key {
		case "message":
			message = decode.JSONText(v)
		case "timestamp":
			if ms, ok := event.ParseInt(v); ok {
				r.obj.EventTime = ms * 1000
			}
		}
		return true
	})
	if message == nil {
		return end, r.Reject(buf[at:end], offset, errNoMessage)
	}
	// rows refer to their buffer until they are committed, so the copy may be reused for the next one
	r.message = append(r.message[:0], bytes.TrimRight(message, "\r\n")...)
	row := r.batch.Begin(r.message)
	if !r.isJSON(r.message) {
		err = r.line.Parse(row, 0, len(r.message))
		return end, r.finish(row, 0, len(r.message), offset, err)
	}
	stop, err := r.json.Parse(row, r.message, 0)
	if err == nil && len(bytes.TrimSpace(r.message[stop:])) > 0 {
		err = &decode.SyntaxError{At: stop, Msg: "text after the JSON record"}
	}
	if err != nil {
		row.Abort()
		return end, r.Reject(r.message, offset, err)
	}
	return end, r.finish(row, 0, stop, offset, nil)
}
