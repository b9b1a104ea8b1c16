package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"ashiato/internal/engine/duckdb"
	"ashiato/internal/lake"
	"ashiato/internal/query/kql"
	"ashiato/internal/service"
)

// kqlError turns an error of the query language, or of what runs it, into a service's. source is the
// query.
func kqlError(err error, source string) error {
	var k *kql.Error
	if !errors.As(err, &k) {
		return lakeError(err)
	}
	if k.Query != "" {
		source = k.Query
	}
	return &service.Error{Kind: service.Invalid, Message: k.Msg, Hint: k.Hint, Position: service.At(source, k.Pos)}
}

// lakeError says what to do about a segment that cannot be opened and about a disk that takes no more.
func lakeError(err error) error {
	var s *lake.SidecarError
	var known *service.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e := service.Wrap(service.Unavailable, "the disk is full", err)
		e.Hint = "make room, or take another --data directory, and run it again: nothing is lost or doubled"
		return e
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		e := service.Wrap(service.Unavailable, "the data directory cannot be written", err)
		e.Hint = "let this user write to it, or take another --data directory, and run it again: nothing is lost or doubled"
		return e
	case !errors.As(err, &s):
		return err
	}
	e := service.Wrap(service.Internal, "a part of the lake cannot be read", err)
	e.Hint = "ashiato repair makes side-cars again from the data"
	return e
}

// sqlError does the same for SQL.
func sqlError(err error, source string) error {
	var d *duckdb.Error
	if !errors.As(err, &d) {
		return err
	}
	e := &service.Error{Message: d.Msg, Hint: d.Hint}
	switch d.Kind {
	case duckdb.KindDenied:
		e.Kind = service.Denied
	case duckdb.KindInvalid:
		e.Kind = service.Invalid
	case duckdb.KindTimeout, duckdb.KindMemory:
		e.Kind = service.TooLarge
	case duckdb.KindCancelled:
		if errors.Is(err, context.Canceled) {
			return context.Canceled
		}
		e.Kind = service.Unavailable
	default:
		e.Kind = service.Internal
	}
	if d.Line > 0 {
		e.Position = service.AtLine(source, d.Line, d.Col)
	}
	return e
}

func invalid(format string, args ...any) *service.Error {
	return &service.Error{Kind: service.Invalid, Message: fmt.Sprintf(format, args...)}
}
