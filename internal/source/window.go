package source

import (
	"cmp"
	"container/heap"
	"iter"
	"time"
)

// windowSize is how many entries are held to bring them into order: about 40 MB,
// and a few days of a large organisation.
const windowSize = 100_000

// sorted yields the objects of in by (time in the key, key), as far as a sliding
// window of n entries can tell. Errors pass at once.
func sorted(in iter.Seq2[Object, error], n int) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		var w window
		for o, err := range in {
			if err != nil {
				if !yield(Object{}, err) {
					return
				}
				continue
			}
			s, _ := stampOf(o.Key)
			heap.Push(&w, timed{s.at, o})
			if len(w) > n && !yield(heap.Pop(&w).(timed).o, nil) {
				return
			}
		}
		for len(w) > 0 {
			if !yield(heap.Pop(&w).(timed).o, nil) {
				return
			}
		}
	}
}

type timed struct {
	at time.Time // zero without a stamp: these come first
	o  Object
}

// window is a heap, the earliest on top.
type window []timed

func (w window) Len() int { return len(w) }
func (w window) Less(i, j int) bool {
	return cmp.Or(w[i].at.Compare(w[j].at), cmp.Compare(w[i].o.Key, w[j].o.Key)) < 0
}
func (w window) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w *window) Push(x any)   { *w = append(*w, x.(timed)) }
func (w *window) Pop() any {
	last := len(*w) - 1
	x := (*w)[last]
	(*w)[last] = timed{}
	*w = (*w)[:last]
	return x
}
