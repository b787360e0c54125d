package profile

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

const (
	maxExamples = 10
	maxWritten  = 4 // ways of writing one number that are shown
)

// repeated is a key that several rows have.
type repeated struct {
	hash    uint64
	n       int64
	written atomic.Uint64 // hash of the ID as first met
	folded  atomic.Bool   // it is written in several ways
}

// repeats are the repeated keys in the order of their hashes.
type repeats struct{ keys []repeated }

func newRepeats(sorted []uint64) *repeats {
	r := &repeats{}
	for start := 0; start < len(sorted); {
		end := start + 1
		for end < len(sorted) && sorted[end] == sorted[start] {
			end++
		}
		if n := end - start; n > 1 {
			r.keys = append(r.keys, repeated{})
			k := &r.keys[len(r.keys)-1]
			k.hash, k.n = sorted[start], int64(n)
		}
		start = end
	}
	return r
}

// index finds the key of that hash; it is -1 for another. Hashes are spread
// evenly, so the search starts where the key should be.
func (r *repeats) index(hash uint64) int {
	if len(r.keys) == 0 {
		return -1
	}
	i := int(hash >> 32 * uint64(len(r.keys)) >> 32)
	for i > 0 && r.keys[i].hash > hash {
		i--
	}
	for i < len(r.keys)-1 && r.keys[i].hash < hash {
		i++
	}
	if r.keys[i].hash != hash {
		return -1
	}
	return i
}

// spelling notes how a row writes the key.
func (k *repeated) spelling(hash uint64) {
	if !k.written.CompareAndSwap(0, hash) && k.written.Load() != hash {
		k.folded.Store(true)
	}
}

// worst are the hashes of the keys with the most rows.
func (r *repeats) worst() map[uint64]bool {
	return pick(r.keys, func(*repeated) bool { return true })
}

// folded are the hashes of keys that are written in several ways, and how
// many such keys there are.
func (r *repeats) folded() (examples map[uint64]bool, n int64) {
	for i := range r.keys {
		if r.keys[i].folded.Load() {
			n++
		}
	}
	return pick(r.keys, func(k *repeated) bool { return k.folded.Load() }), n
}

func pick(keys []repeated, want func(*repeated) bool) map[uint64]bool {
	var best []*repeated
	for i := range keys {
		k := &keys[i]
		if !want(k) || len(best) == maxExamples && best[maxExamples-1].n >= k.n {
			continue
		}
		best = append(best, k)
		slices.SortStableFunc(best, func(a, b *repeated) int { return cmp.Compare(b.n, a.n) })
		best = best[:min(len(best), maxExamples)]
	}
	picked := map[uint64]bool{}
	for _, k := range best {
		picked[k.hash] = true
	}
	return picked
}

// group is IDs that belong together: rows of one key, or keys that are
// written nearly alike.
type group struct {
	ids   []string // different ones, in natural order
	lines []int64  // the first ones
	rows  int64
}

// groups collects the members of a few groups from several goroutines. What
// it keeps does not depend on their order.
type groups struct {
	mu sync.Mutex
	by map[uint64]*group
}

func (g *groups) add(hash uint64, id string, line int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by == nil {
		g.by = map[uint64]*group{}
	}
	m := g.by[hash]
	if m == nil {
		m = &group{}
		g.by[hash] = m
	}
	m.rows++
	if i, found := slices.BinarySearchFunc(m.ids, id, scheme.Compare); !found {
		m.ids = cut(slices.Insert(m.ids, i, strings.Clone(id)), maxWritten)
	}
	i, _ := slices.BinarySearch(m.lines, line)
	m.lines = cut(slices.Insert(m.lines, i, line), maxPlaces)
}

func cut[T any](list []T, n int) []T { return list[:min(len(list), n)] }

// sorted lists the groups, those of most rows first.
func (g *groups) sorted() []*group {
	var list []*group
	for _, m := range g.by {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), scheme.Compare(a.ids[0], b.ids[0]))
	})
	return list
}

func (p placer) places(lines []int64) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = p.place(l)
	}
	return out
}

// appendLoose writes a key without what people leave out or change when they
// copy a number: upper case, no separators but between digits, no leading
// zeros.
func appendLoose(dst []byte, key string) []byte {
	for i := 0; i < len(key); i++ {
		c := key[i]
		switch {
		case c-'0' <= 9:
			if c == '0' && (len(dst) == 0 || dst[len(dst)-1]-'0' > 9) && i+1 < len(key) && key[i+1]-'0' <= 9 {
				continue // a leading zero
			}
			dst = append(dst, c)
		case 'a' <= c && c <= 'z':
			dst = append(dst, c^0x20)
		case c == '-' || c == ' ' || c == '.' || c == '/' || c == '_':
			if len(dst) > 0 && dst[len(dst)-1]-'0' <= 9 && i+1 < len(key) && key[i+1]-'0' <= 9 {
				dst = append(dst, '-')
			}
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
