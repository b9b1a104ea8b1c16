// Package compress turns a delivered object into its plain bytes.
//
// How an object is packed is read from its first bytes, never from its name:
// gzip, bzip2, zip, zstd or nothing. One nested layer (gzip in gzip, gzip in
// zip, zip in gzip) is unpacked as well, because log shippers compress what AWS
// had compressed already; anything deeper is an error.
//
// Objects are hostile input. What an object may cost is bounded by Limits:
// total plain bytes, ratio of plain to compressed bytes, number of zip members,
// zstd window. Everything decoded before an error is handed out first, so that
// a truncated object gives all the records it still holds.
//
// Decoder.Gunzip is the fast path for whole objects in memory; Reader streams
// and knows all formats.
package compress

import (
	"bytes"
	"errors"
)

// Errors that Read, Next, NewReader and Gunzip wrap.
var (
	// ErrTruncated: the object ends in the middle of compressed data.
	ErrTruncated = errors.New("compressed data is truncated")
	// ErrCorrupt: structure or checksum of compressed data is wrong.
	ErrCorrupt = errors.New("compressed data is corrupt")
	// ErrTooLarge: a bound of Limits was passed; probably a decompression bomb.
	ErrTooLarge = errors.New("decompressed data exceeds the limit")
	// ErrNested: more than one layer of compression inside another.
	ErrNested = errors.New("compression is nested too deeply")
	// ErrUnsupported: a known container with a feature we do not read, such as
	// an encrypted zip member.
	ErrUnsupported = errors.New("compression feature is not supported")
	// ErrUseReader: Gunzip declines (not gzip, larger than max, or packed
	// twice) and NewReader should be used on the same bytes.
	ErrUseReader = errors.New("object needs the streaming reader")
)

// Format is how an object is packed.
type Format uint8

// The formats that Sniff tells apart.
const (
	Plain Format = iota
	Gzip
	Bzip2
	Zip
	Zstd
)

// String returns the lower-case name of the format.
func (f Format) String() string {
	switch f {
	case Gzip:
		return "gzip"
	case Bzip2:
		return "bzip2"
	case Zip:
		return "zip"
	case Zstd:
		return "zstd"
	}
	return "plain"
}

// sniffLen is the number of leading bytes that Sniff looks at: the bzip2 header
// and the magic of its first block.
const sniffLen = 10

// Sniff recognises the format from the first bytes of an object (10 are enough).
// A bare "BZh" is text: the block magic after it must be there too.
func Sniff(head []byte) Format {
	switch {
	case len(head) >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8:
		return Gzip
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return Zip
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")),
		len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte("\x2a\x4d\x18")): // skippable frame
		return Zstd
	case len(head) >= sniffLen && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9' &&
		(bytes.Equal(head[4:10], []byte("\x31\x41\x59\x26\x53\x59")) ||
			bytes.Equal(head[4:10], []byte("\x17\x72\x45\x38\x50\x90"))): // first block, or end of an empty stream
		return Bzip2
	}
	return Plain
}

// Limits bound what a hostile object can cost. Zero fields mean the defaults.
type Limits struct {
	// MaxRatio is the largest allowed quotient of plain to compressed bytes,
	// looked at once more than 64 MiB have come out. Default 1000: text logs
	// reach 5 to 40, a run of zeros 1032.
	MaxRatio int64
	// MaxBytes bounds the plain bytes of one object, all zip members together.
	// Default 64 GiB.
	MaxBytes int64
	// MaxMembers bounds the entries of a zip archive. Default 10,000.
	MaxMembers int
}

const (
	defaultMaxRatio   = 1000
	defaultMaxBytes   = 64 << 30
	defaultMaxMembers = 10_000

	// ratioGrace is how much may come out before the ratio counts: small
	// objects of one repeated line are legitimate and cheap.
	ratioGrace = 64 << 20

	// maxZstdWindow is the window the zstd command accepts without --long.
	maxZstdWindow = 128 << 20
)

func (l Limits) withDefaults() Limits {
	if l.MaxRatio <= 0 {
		l.MaxRatio = defaultMaxRatio
	}
	if l.MaxBytes <= 0 {
		l.MaxBytes = defaultMaxBytes
	}
	if l.MaxMembers <= 0 {
		l.MaxMembers = defaultMaxMembers
	}
	return l
}
