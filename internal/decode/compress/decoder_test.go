package compress

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/quick"

	"github.com/klauspost/compress/gzip"
)

func TestGunzip(t *testing.T) {
	big := cloudTrail(2000)
	hello := []byte("hello")
	var named bytes.Buffer
	w := gzip.NewWriter(&named)
	w.Name, w.Comment, w.Extra = "a.json", "c", []byte("extra")
	w.Write(hello)
	w.Close()

	lying := bytes.Clone(gz(t, hello))
	copy(lying[len(lying)-4:], "\xff\xff\xff\xff")
	cases := []struct {
		name string
		src  []byte
		max  int
		want []byte
		err  error
	}{
		{"whole", gz(t, big), len(big), big, nil},
		{"empty member", gz(t, nil), 10, nil, nil},
		{"header fields", named.Bytes(), 10, hello, nil},
		{"members", join(gz(t, hello), gz(t, big)), 1 << 30, join(hello, big), nil},
		{"padding", join(gz(t, hello), make([]byte, 5)), 10, hello, nil},
		{"garbage", join(gz(t, hello), []byte("xyz")), 10, hello, nil},
		{"too large", gz(t, big), len(big) - 1, nil, ErrUseReader},
		{"members too large", join(gz(t, hello), gz(t, hello)), 9, nil, ErrUseReader},
		{"not gzip", hello, 10, nil, ErrUseReader},
		{"packed twice", gz(t, gz(t, hello)), 1 << 20, nil, ErrUseReader},
		{"no trailer", gz(t, hello)[:len(gz(t, hello))-3], 10, hello, ErrTruncated},
		{"bad checksum", flip(gz(t, hello), -8), 10, hello, ErrCorrupt},
		{"lying length", lying, 1 << 30, hello, ErrCorrupt},
		{"header only", gz(t, hello)[:10], 10, nil, ErrTruncated},
	}
	var d Decoder
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := d.Gunzip([]byte("before"), c.src, c.max)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if string(got) != "before"+string(c.want) {
				t.Errorf("%d bytes, want %d", len(got)-6, len(c.want))
			}
		})
	}
	got, err := d.Gunzip(nil, cut(gz(t, big), 0.6), 1<<30)
	if !errors.Is(err, ErrTruncated) || len(got) == 0 || !bytes.HasPrefix(big, got) {
		t.Errorf("truncated: %d bytes, %v", len(got), err)
	}
}

func TestGunzipDoesNotAllocate(t *testing.T) {
	src := gz(t, cloudTrail(200))
	var d Decoder
	var buf []byte
	allocs := testing.AllocsPerRun(20, func() {
		var err error
		if buf, err = d.Gunzip(buf[:0], src, 1<<30); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations an object", allocs)
	}
}

// A lying trailer must not make us reserve much more than the object deserves.
func TestGunzipGrowthIsCapped(t *testing.T) {
	src := bytes.Clone(gz(t, []byte("hello")))
	copy(src[len(src)-4:], "\x00\x00\x00\x70")
	var d Decoder
	got, _ := d.Gunzip(nil, src, 1<<31-1)
	if cap(got) > 1<<20 {
		t.Errorf("reserved %d bytes", cap(got))
	}
}

func TestGunzipRoundTrip(t *testing.T) {
	var d Decoder
	if err := quick.Check(func(plain []byte) bool {
		got, err := d.Gunzip(nil, gz(t, plain), 1<<20)
		return err == nil && bytes.Equal(got, plain)
	}, nil); err != nil {
		t.Error(err)
	}
}

// FuzzGunzip compares the fast path with the streaming one.
func FuzzGunzip(f *testing.F) {
	hello := []byte("hello")
	f.Add(gz(f, hello))
	f.Add(join(gz(f, hello), gz(f, hello), []byte{0, 0}))
	var d Decoder
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := d.Gunzip(nil, src, 1<<20)
		if errors.Is(err, ErrUseReader) {
			return
		}
		z, zerr := NewReader(bytes.NewReader(src), int64(len(src)), Limits{})
		if zerr != nil {
			t.Fatal(zerr)
		}
		defer z.Close()
		want, zerr := io.ReadAll(z)
		if (err == nil) != (zerr == nil) || err == nil && !bytes.Equal(got, want) {
			t.Fatalf("fast: %d bytes, %v; streaming: %d bytes, %v", len(got), err, len(want), zerr)
		}
	})
}

// benchObject is one CloudTrail object of nearly usual size: 5 MB plain.
func benchObject(b *testing.B) (src []byte, plain int) {
	data := cloudTrail(5000)
	src = gz(b, data)
	b.Logf("%d bytes of gzip, %d plain", len(src), len(data))
	return src, len(data)
}

func BenchmarkGunzip(b *testing.B) {
	src, plain := benchObject(b)
	var d Decoder
	var buf []byte
	b.SetBytes(int64(plain))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = d.Gunzip(buf[:0], src, 64<<20); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	src, plain := benchObject(b)
	buf := make([]byte, 256<<10)
	b.SetBytes(int64(plain))
	b.ReportAllocs()
	for b.Loop() {
		z, err := NewReader(bytes.NewReader(src), int64(len(src)), Limits{})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = z.Read(buf)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		z.Close()
	}
}
