package bench

import (
	"fmt"
	"testing"
)

func TestPeek(t *testing.T) {
	for _, k := range kinds {
		p, err := newProducer(k.Name, 20000, 7, false)
		if err != nil {
			t.Fatal(err)
		}
		var o object
		g := k.generator(p.world)
		p.fill(g, &o, 0)
		fmt.Println(o.key, len(o.plain)/len(o.start))
		for i := range 6 {
			fmt.Println(string(o.plain[o.start[i]:o.end[i]]))
		}
	}
}
