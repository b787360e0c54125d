package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// testSupersede replaces all links of a range of keys, and all but a few, and
// refuses to replace a link that is not there, also where another one is there
// in its place.
func testSupersede(t *testing.T, s Suite) {
	const n = 1700
	link := func(i int, canonical string) crosswalk.Link {
		return crosswalk.Link{Source: 1, Key: fmt.Sprintf("C%05d", i), Canonical: canonical, Rule: "r"}
	}
	w := newWorld(t, s)
	first := &Job{Start: startOf("first", 0), Finish: crosswalk.Finish{Changed: true}, Batches: [][]crosswalk.Link{nil}}
	for i := range n {
		first.Batches[0] = append(first.Batches[0], link(2*i, "A"))
	}
	w.apply(first)
	for _, c := range []struct {
		name    string
		another func(i int) bool // a link that is not replaced, or is new
		missing bool             // a replaced link that is not there
	}{
		{"all", func(int) bool { return false }, false},
		{"all but a few", func(i int) bool { return i%701 == 5 }, false},
		{"new ones between them", func(i int) bool { return i%2 == 1 && i%10 == 1 }, false},
		{"one that is not there", func(i int) bool { return i == 602 }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := links(t, w.snapshot(), crosswalk.Query{})
			there := map[string]bool{}
			for _, l := range before {
				there[l.Key] = true
			}
			var batch []crosswalk.Link
			for i := range 2 * n {
				l := link(i, c.name)
				l.Replaces = there[l.Key]
				switch {
				case c.missing && c.another(i): // the link beside it is in its place
					l = link(i+1, c.name)
					l.Replaces = true
				case l.Replaces && c.another(i), !l.Replaces && !c.another(i):
					continue
				}
				if len(batch) == 0 || batch[len(batch)-1].Key < l.Key {
					batch = append(batch, l)
				}
			}
			head := w.snapshot().Head()
			start := startOf(c.name, head.Serial)
			lease := w.acquire("apply")
			defer w.release(lease)
			run, err := lease.Begin(t.Context(), start)
			if err != nil {
				t.Fatal(err)
			}
			err = run.WriteLinks(t.Context(), slices.Clone(batch))
			if c.missing {
				if !errors.Is(err, crosswalk.ErrStale) {
					t.Fatalf("replacing what is not there gives %v", err)
				}
				if diff := cmp.Diff(before, links(t, w.snapshot(), crosswalk.Query{})); diff != "" {
					t.Errorf("it changed (-before +after):\n%s", diff)
				}
				return
			}
			if err == nil {
				_, err = run.Publish(t.Context(), crosswalk.Finish{Changed: true})
			}
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for _, l := range slices.Concat(before, batch) {
				want[l.Key] = l.Canonical
			}
			got := map[string]string{}
			for _, l := range links(t, w.snapshot(), crosswalk.Query{}) {
				got[l.Key] = l.Canonical
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("links (-want +got):\n%s", diff)
			}
			past, err := w.store.SnapshotAt(t.Context(), head.Run)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = past.Close() }()
			if diff := cmp.Diff(before, links(t, past, crosswalk.Query{})); diff != "" {
				t.Errorf("as it was (-want +got):\n%s", diff)
			}
		})
	}
}
