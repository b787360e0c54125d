package plan

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// The entries of an index are those of the link rows, by hash and then in the
// order of the rows, whatever the hashes: many equal ones, and all from one
// corner.
func TestIndexIsSorted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var writes []Write
		var want []crosswalk.IndexEntry
		hashes := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 3), rapid.Uint64Range(1<<63-2, 1<<63+2))
		for i := range rapid.IntRange(0, 40).Draw(t, "links") {
			w := Write{Link: crosswalk.Link{Source: i / 20 * 1000, Key: fmt.Sprintf("K%0*d", i%7+1, i)}}
			for range rapid.IntRange(0, 3).Draw(t, "entries") {
				x := rules.IndexHash{Index: rapid.Uint8Range(0, 1).Draw(t, "index"), Hash: hashes.Draw(t, "hash")}
				w.Index = append(w.Index, x)
				if x.Index == 1 {
					want = append(want, crosswalk.IndexEntry{Hash: x.Hash, Source: w.Link.Source, Key: w.Link.Key})
				}
			}
			writes = append(writes, w)
		}
		slices.SortStableFunc(want, func(x, y crosswalk.IndexEntry) int { return cmp.Compare(x.Hash, y.Hash) })
		p := &Plan{Links: int64(len(writes)), body: func(bool) iter.Seq2[*Write, error] {
			return func(yield func(*Write, error) bool) {
				for i := range writes {
					if !yield(&writes[i], nil) {
						return
					}
				}
			}
		}}
		entries, n, err := p.Index(1)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Collect(entries)
		if n != len(want) {
			t.Errorf("%d entries, want %d", n, len(want))
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("the entries differ (-want +got):\n%s", diff)
		}
	})
}

// Index hashes of a batch come back as they were.
func TestIndexHashes(t *testing.T) {
	t.Parallel()
	want := []rules.IndexHash{{Index: 0, Hash: 0}, {Index: 2, Hash: 1<<64 - 1}, {Index: 1, Hash: 0x0102030405060708}}
	var packed []byte
	for _, x := range want {
		packed = appendIndexHash(packed, x)
	}
	if got := appendIndexHashes(nil, packed); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A pool gives IDs back as they were added, also across its blocks and after
// some were forgotten.
func TestIDPool(t *testing.T) {
	t.Parallel()
	var p idPool
	id := func(i int) string { return fmt.Sprintf("N-%d%s", i, strings.Repeat("x", i%5)) }
	add := func(from, to int) {
		for i := from; i < to; i++ {
			if ref := p.addString(id(i)); ref != idRef(i+1) {
				t.Fatalf("ID %d is %d", i, ref)
			}
		}
	}
	check := func(n int) {
		if p.len() != n {
			t.Fatalf("%d IDs, want %d", p.len(), n)
		}
		for i := range n {
			if got := p.get(idRef(i + 1)); got != id(i) {
				t.Fatalf("ID %d is %q, want %q", i, got, id(i))
			}
		}
	}
	add(0, 2*batchRows+10)
	check(2*batchRows + 10)
	for _, n := range []int{2*batchRows + 1, 2 * batchRows, batchRows + 7, 0} {
		p.truncate(n)
		check(n)
		add(n, n+batchRows+3)
		check(n + batchRows + 3)
	}
	if got := p.get(0); got != "" {
		t.Errorf("no ID is %q", got)
	}
}
