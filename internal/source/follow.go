package source

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"ashiato/internal/source/s3"
)

// followFolder yields files as they appear or grow, each once its size and time
// are the same in two looks.
func followFolder(ctx context.Context, root string, opt Options) iter.Seq2[Object, error] {
	every := opt.PollEvery
	if every <= 0 {
		every = defaultPollFolder
	}
	return func(yield func(Object, error) bool) {
		f := folderState{files: map[string]seenFile{}, errors: map[string]bool{}}
		for ctx.Err() == nil {
			if !f.poll(ctx, root, yield) || !pause(ctx, every) {
				return
			}
		}
	}
}

type seenFile struct {
	size  int64
	mtime int64 // ns
	taken bool
	round int
}

type folderState struct {
	files  map[string]seenFile
	errors map[string]bool // told already
	round  int
}

// poll looks once and yields what has become stable.
func (f *folderState) poll(ctx context.Context, root string, yield func(Object, error) bool) bool {
	f.round++
	stable := func(yield func(Object, error) bool) {
		for o, err := range folderObjects(ctx, root) {
			if err != nil {
				if ctx.Err() == nil && !f.errors[err.Error()] {
					f.errors[err.Error()] = true
					if !yield(Object{}, err) {
						return
					}
				}
				continue
			}
			s, known := f.files[o.URI]
			same := known && s.size == o.Size && s.mtime == o.ModTime.UnixNano()
			take := same && !s.taken
			f.files[o.URI] = seenFile{size: o.Size, mtime: o.ModTime.UnixNano(), taken: same, round: f.round}
			if take && !yield(o, nil) {
				return
			}
		}
	}
	for o, err := range sorted(stable, windowSize) {
		if !yield(o, err) {
			return false
		}
	}
	if ctx.Err() == nil {
		for k, s := range f.files {
			if s.round != f.round { // deleted
				delete(f.files, k)
			}
		}
	}
	return true
}

// followBucket lists the whole prefix once and then looks again at the recent
// end of every stream it has seen.
func followBucket(ctx context.Context, bucket, prefix string, opt Options) iter.Seq2[Object, error] {
	every := opt.PollEvery
	if every <= 0 {
		every = defaultPollBucket
	}
	return func(yield func(Object, error) bool) {
		c, err := newS3(ctx, opt)
		if err != nil {
			yield(Object{}, err)
			return
		}
		f := bucketState{streams: map[string]*stream{}}
		take := func(list iter.Seq2[s3.Entry, error]) bool {
			fresh := func(yield func(Object, error) bool) {
				for o, err := range objects(c, list) {
					if err != nil && ctx.Err() != nil {
						return
					}
					if (err != nil || f.isNew(o)) && !yield(o, err) {
						return
					}
				}
			}
			for o, err := range sorted(fresh, windowSize) {
				if !yield(o, err) {
					return false
				}
			}
			return true
		}
		look := func(prefix, after string) bool {
			return take(c.List(ctx, bucket, prefix, max(after, opt.After)))
		}
		lookBeside := func(folder string) bool { // not below: other streams may lie there
			_, entries, err := c.Prefixes(ctx, bucket, folder)
			return take(func(yield func(s3.Entry, error) bool) {
				for _, e := range entries {
					if e.Key > opt.After && !yield(e, nil) {
						return
					}
				}
				if err != nil {
					yield(s3.Entry{}, err)
				}
			})
		}
		ok := look(prefix, "")
		if !ok {
			return
		}
		for round := 1; pause(ctx, every); round++ {
			for _, p := range f.keys() {
				s := f.streams[p]
				f.prune(s)
				if s.dated {
					ok = look(p, s.after(p))
				} else {
					ok = lookBeside(p)
				}
				if !ok {
					return
				}
			}
			if round%discoverEvery != 0 && len(f.streams) > 0 {
				continue
			}
			for _, p := range f.discover(ctx, c, bucket, prefix, yield) {
				if !look(p, "") {
					return
				}
			}
		}
	}
}

const (
	// discoverEvery is after how many looks new accounts, regions and services
	// are searched for.
	discoverEvery = 10
	// overlapDays is how far back of the newest day a stream is listed again.
	// AWS delivers most logs within minutes and re-delivers within hours; a
	// flow log of yesterday may come today.
	overlapDays = 2
	// maxDiscoverDepth bounds the folders walked above the dates.
	maxDiscoverDepth = 10
)

// stream is all keys that share what lies before their first date.
type stream struct {
	dated  bool
	newest time.Time // day
	layout string    // of the date in the key; empty when there is none
	seen   map[string]time.Time
}

type bucketState struct{ streams map[string]*stream }

// isNew notes an object and reports whether it has not been yielded before.
func (f *bucketState) isNew(o Object) bool {
	id, key := o.ID(), o.Key
	prefix := key[:strings.LastIndexByte(key, '/')+1]
	var day time.Time
	st, dated := firstStamp(key)
	if dated {
		prefix, day = key[:st.start], st.at.Truncate(24*time.Hour)
	}
	s := f.streams[prefix]
	if s == nil {
		s = &stream{dated: dated, seen: map[string]time.Time{}}
		if dated {
			s.layout = st.layout
		}
		f.streams[prefix] = s
	}
	s.dated = s.dated || dated
	if !dated || st.layout != s.layout {
		s.layout = "" // mixed: always list all of it
	}
	if day.After(s.newest) {
		s.newest = day
	}
	if _, ok := s.seen[id]; ok {
		return false
	}
	s.seen[id] = day
	return true
}

// after is the key from which on to list the stream again.
func (s *stream) after(prefix string) string {
	if s.layout == "" || s.newest.IsZero() {
		return ""
	}
	return prefix + s.newest.AddDate(0, 0, -overlapDays).Format(s.layout)
}

// prune forgets objects that will not be listed again.
func (f *bucketState) prune(s *stream) {
	if s.layout == "" {
		return
	}
	floor := s.newest.AddDate(0, 0, -overlapDays)
	for id, day := range s.seen {
		if day.Before(floor) {
			delete(s.seen, id)
		}
	}
}

// keys are the streams to list.
func (f *bucketState) keys() []string {
	out := make([]string, 0, len(f.streams))
	for p := range f.streams {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// discover walks the folders above the dates and returns those that belong to no
// known stream.
func (f *bucketState) discover(ctx context.Context, c *s3.Client, bucket, prefix string, yield func(Object, error) bool) []string {
	var fresh []string
	frontier := []string{prefix}
	for range maxDiscoverDepth {
		var next []string
		for _, p := range frontier {
			folders, _, err := c.Prefixes(ctx, bucket, p)
			if err != nil {
				if ctx.Err() == nil {
					yield(Object{}, err)
				}
				return nil
			}
			for _, d := range folders {
				switch {
				case f.streams[d] != nil:
				case f.leadsToStream(d):
					next = append(next, d)
				case !f.inStream(d):
					fresh = append(fresh, d)
				}
			}
		}
		if frontier = next; len(frontier) == 0 {
			break
		}
	}
	return fresh
}

// leadsToStream reports whether a known stream lies below folder d.
func (f *bucketState) leadsToStream(d string) bool {
	for p := range f.streams {
		if strings.HasPrefix(p, d) {
			return true
		}
	}
	return false
}

// inStream reports whether folder d belongs to a known stream, such as the 2026/
// of it.
func (f *bucketState) inStream(d string) bool {
	for p, s := range f.streams {
		rest, ok := strings.CutPrefix(d, p)
		if ok && s.dated && (strings.HasPrefix(rest, "2") || strings.HasPrefix(rest, "year=")) {
			return true
		}
	}
	return false
}
