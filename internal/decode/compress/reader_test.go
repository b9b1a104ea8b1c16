package compress

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// onlyReader hides ReadAt, so that zip has to be spooled.
type onlyReader struct{ io.Reader }

func readAll(t *testing.T, obj []byte, lim Limits) (string, *Reader, error) {
	t.Helper()
	z, err := NewReader(onlyReader{bytes.NewReader(obj)}, -1, lim)
	if err != nil {
		return "", nil, err
	}
	t.Cleanup(func() { z.Close() })
	b, err := io.ReadAll(z)
	return string(b), z, err
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestReader(t *testing.T) {
	big := cloudTrail(2000)
	hello := []byte("hello gzip\n")
	cases := []struct {
		name         string
		obj          []byte
		want         string
		format       Format
		inner        Format
		err          error
		trailing     bool
		prefixOfWant bool // some, not all, must come out before the error
		anyOutput    bool
	}{
		{name: "empty", obj: nil},
		{name: "plain", obj: []byte("BZh91 is text"), want: "BZh91 is text"},
		{name: "gzip", obj: gz(t, big), want: string(big), format: Gzip},
		{name: "gzip members", obj: join(gz(t, hello), gz(t, nil), gz(t, big)), want: string(hello) + string(big), format: Gzip},
		{name: "gzip padding", obj: join(gz(t, hello), make([]byte, 9000)), want: string(hello), format: Gzip},
		{name: "gzip garbage", obj: join(gz(t, hello), []byte("garbage")), want: string(hello), format: Gzip, trailing: true},
		{name: "gzip truncated", obj: cut(gz(t, big), 0.5), want: string(big), format: Gzip, err: ErrTruncated, prefixOfWant: true},
		{name: "gzip without trailer", obj: gz(t, hello)[:len(gz(t, hello))-8], want: string(hello), format: Gzip, err: ErrTruncated},
		{name: "gzip header cut", obj: gz(t, hello)[:6], format: Gzip, err: ErrTruncated},
		{name: "second member cut", obj: join(gz(t, hello), gz(t, hello)[:5]), want: string(hello), format: Gzip, err: ErrTruncated},
		{name: "gzip bad checksum", obj: flip(gz(t, hello), -8), want: string(hello), format: Gzip, err: ErrCorrupt},
		{name: "gzip bad data", obj: flip(gz(t, big), 200), format: Gzip, err: ErrCorrupt, anyOutput: true},
		{name: "gzip in gzip", obj: gz(t, gz(t, hello)), want: string(hello), format: Gzip, inner: Gzip},
		{name: "gzip in gzip in gzip", obj: gz(t, gz(t, gz(t, hello))), err: ErrNested},
		{name: "zstd in gzip", obj: gz(t, zst(t, hello)), want: string(hello), format: Gzip, inner: Zstd},
		{name: "bzip2", obj: bzip2Hello, want: "hello bzip2\n", format: Bzip2},
		{name: "bzip2 streams", obj: join(bzip2Hello, bzip2Hello), want: "hello bzip2\nhello bzip2\n", format: Bzip2},
		{name: "bzip2 garbage", obj: join(bzip2Hello, []byte("garbage")), want: "hello bzip2\n", format: Bzip2, trailing: true},
		{name: "bzip2 truncated", obj: cut(bzip2Hello, 0.7), format: Bzip2, err: ErrTruncated},
		{name: "bzip2 corrupt", obj: flip(bzip2Hello, -10), format: Bzip2, err: ErrCorrupt, want: "hello bzip2\n", prefixOfWant: true},
		{name: "zstd", obj: zst(t, big), want: string(big), format: Zstd},
		{name: "zstd frames", obj: join(zst(t, hello), zst(t, big)), want: string(hello) + string(big), format: Zstd},
		{name: "zstd garbage", obj: join(zst(t, hello), []byte("garbage")), want: string(hello), format: Zstd, trailing: true},
		{name: "zstd truncated", obj: cut(zst(t, big), 0.5), format: Zstd, want: string(big), err: ErrTruncated, prefixOfWant: true},
		{name: "zstd corrupt", obj: flip(zst(t, hello), -1), format: Zstd, want: string(hello), err: ErrCorrupt, prefixOfWant: true},
		{name: "zip", obj: zipped(t, member{"a.log", big}), want: string(big), format: Zip},
		{name: "zip of gzip", obj: zipped(t, member{"a.gz", gz(t, hello)}), want: string(hello), format: Zip, inner: Gzip},
		{name: "zip in gzip", obj: gz(t, zipped(t, member{"a.log", hello})), want: string(hello), format: Gzip, inner: Zip},
		{name: "zip in zip", obj: zipped(t, member{"a.zip", zipped(t, member{"b", hello})}), format: Zip, err: ErrNested},
		{name: "zip without directory", obj: zipped(t, member{"a.log", hello})[:20], err: ErrCorrupt},
		{name: "zip without members", obj: zipped(t), format: Zip},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, z, err := readAll(t, c.obj, Limits{})
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if c.prefixOfWant {
				if !strings.HasPrefix(c.want, got) {
					t.Fatalf("%d bytes, not a prefix of the plain data", len(got))
				}
				if c.err == ErrTruncated && got == "" {
					t.Fatal("nothing came out before the cut")
				}
			} else if got != c.want && !c.anyOutput {
				t.Fatalf("got %d bytes, want %d", len(got), len(c.want))
			}
			if z == nil {
				return
			}
			if z.Format() != c.format {
				t.Errorf("format %v, want %v", z.Format(), c.format)
			}
			if z.TrailingGarbage() != c.trailing {
				t.Errorf("trailing garbage %v, want %v", z.TrailingGarbage(), c.trailing)
			}
			if c.err == nil && z.Inner() != c.inner {
				t.Errorf("inner %v, want %v", z.Inner(), c.inner)
			}
		})
	}
}

func cut(b []byte, part float64) []byte { return b[:int(float64(len(b))*part)] }

func flip(b []byte, at int) []byte {
	if at < 0 {
		at += len(b)
	}
	b = bytes.Clone(b)
	b[at] ^= 0xff
	return b
}

func TestZipMembers(t *testing.T) {
	obj := zipped(t, member{"dir/", nil}, member{"a", []byte("first")}, member{"b.gz", flip(gz(t, []byte("second")), -8)},
		member{"c.gz", gz(t, []byte("third"))}, member{"../../etc/d", []byte("fourth")})
	for name, r := range map[string]io.Reader{"random access": bytes.NewReader(obj), "spooled": onlyReader{bytes.NewReader(obj)}} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			z, err := NewReader(r, int64(len(obj)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for err == nil {
				b, rerr := io.ReadAll(z)
				if wantErr := z.Entry() == "b.gz"; wantErr != errors.Is(rerr, ErrCorrupt) {
					t.Errorf("%s: %v", z.Entry(), rerr)
				}
				got = append(got, z.Entry()+"="+string(b)+"/"+z.Inner().String())
				err = z.Next()
			}
			if err != io.EOF {
				t.Fatal(err)
			}
			if want := "a=first/plain b.gz=second/gzip c.gz=third/gzip ../../etc/d=fourth/plain"; strings.Join(got, " ") != want {
				t.Errorf("got %q, want %q", got, want)
			}
			z.Close()
			if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
				t.Errorf("temporary file %s is left", left[0].Name())
			}
		})
	}
}

func TestLimits(t *testing.T) {
	zeros := make([]byte, 80<<20)
	many := make([]member, 20)
	for i := range many {
		many[i] = member{name: strings.Repeat("x", i+1), data: []byte("x")}
	}
	cases := map[string]struct {
		obj []byte
		lim Limits
	}{
		"ratio":              {gz(t, zeros), Limits{}},
		"ratio in a member":  {zipped(t, member{"bomb", zeros}), Limits{}},
		"ratio of zstd":      {zst(t, zeros), Limits{}},
		"ratio under a bomb": {gz(t, gz(t, zeros)), Limits{}},
		"bytes":              {gz(t, zeros[:2000]), Limits{MaxBytes: 1000}},
		"members":            {zipped(t, many...), Limits{MaxMembers: 10}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(t, c.obj, c.lim)
			if !errors.Is(err, ErrTooLarge) {
				t.Fatalf("error %v, want ErrTooLarge", err)
			}
		})
	}
	if _, _, err := readAll(t, gz(t, zeros[:60<<20]), Limits{}); err != nil {
		t.Errorf("60 MiB of zeros: %v", err)
	}
}

func TestSourceErrorIsNotDamage(t *testing.T) {
	obj := gz(t, cloudTrail(500))
	broken := errors.New("connection reset")
	z, err := NewReader(io.MultiReader(bytes.NewReader(obj[:len(obj)/2]), iotest.ErrReader(broken)), -1, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadAll(z)
	if !errors.Is(err, broken) || errors.Is(err, ErrTruncated) || errors.Is(err, ErrCorrupt) {
		t.Errorf("error %v", err)
	}
}

func FuzzReader(f *testing.F) {
	hello := []byte("hello\n")
	for _, b := range [][]byte{nil, hello, gz(f, hello), gz(f, gz(f, hello)), zst(f, hello), bzip2Hello, zipped(f, member{"a", gz(f, hello)}, member{"b", hello})} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, obj []byte) {
		z, err := NewReader(bytes.NewReader(obj), int64(len(obj)), Limits{MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		defer z.Close()
		for {
			n, _ := io.Copy(io.Discard, z)
			if z.Format() == Plain && n != int64(len(obj)) {
				t.Fatalf("plain object of %d bytes gave %d", len(obj), n)
			}
			if z.Next() != nil {
				return
			}
		}
	})
}
