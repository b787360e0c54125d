package profile

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// tally counts texts: all of them up to limit, beyond that those whose hashes
// start with level zero bits, level growing as it must. Those it counts
// exactly, and they are a fair sample of the distinct texts, which is what
// the number of distinct texts is estimated by. What is left at the end
// depends on the texts alone, not on their order.
type tally struct {
	slots []slot
	used  int
	limit int
	level uint
	over  *frequent // takes over what was counted when not all can be; may be nil
}

// slot is one text; n is 0 where there is none.
type slot struct {
	hash  uint64
	n     int64
	first int64 // line
	text  string
}

// tallyLimit is how many texts a tally counts; its estimates of more are
// right within 2 to 3 %.
const tallyLimit = 4096

func newTally(limit int) *tally { return &tally{limit: limit} }

// wants reports whether texts of this hash are counted.
func (t *tally) wants(hash uint64) bool { return bits.LeadingZeros64(hash) >= int(t.level) }

// add counts a text n times, first seen on a line. It is true for a text that
// was counted before.
func (t *tally) add(hash uint64, text string, n, line int64) (known bool) {
	if !t.wants(hash) {
		return false
	}
	if 2*t.used >= len(t.slots) {
		t.resize(max(16, 2*len(t.slots)))
	}
	s := t.find(hash)
	if s.n > 0 {
		s.n += n
		s.first = min(s.first, line)
		return true
	}
	*s = slot{hash: hash, n: n, first: line, text: strings.Clone(text)}
	if t.used++; t.used > t.limit {
		t.thin()
	}
	return false
}

func (t *tally) find(hash uint64) *slot {
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.n == 0 || s.hash == hash {
			return s
		}
	}
}

// thin raises the level until half of the room is free.
func (t *tally) thin() {
	if t.level == 0 && t.over != nil {
		for _, s := range t.slots {
			if s.n > 0 {
				t.over.add(s.hash, s.text, s.n)
			}
		}
	}
	for t.used > t.limit {
		t.raise(t.level + 1)
	}
	t.resize(len(t.slots))
}

// raise counts what a higher level leaves; resize then drops the rest.
func (t *tally) raise(level uint) {
	t.level, t.used = level, 0
	for i := range t.slots {
		if t.slots[i].n > 0 && t.wants(t.slots[i].hash) {
			t.used++
		}
	}
}

// resize moves what is still wanted into a table of n slots, a power of two.
func (t *tally) resize(n int) {
	old := t.slots
	t.slots = make([]slot, n)
	for _, s := range old {
		if s.n > 0 && t.wants(s.hash) {
			*t.find(s.hash) = s
		}
	}
}

// merge adds what o counted.
func (t *tally) merge(o *tally) {
	if o.level > t.level {
		t.raise(o.level)
		t.resize(max(16, len(t.slots)))
	}
	for _, s := range o.slots {
		if s.n > 0 {
			t.add(s.hash, s.text, s.n, s.first)
		}
	}
}

// exact reports whether every text was counted.
func (t *tally) exact() bool { return t.level == 0 }

// distinct is how many texts there are, estimated unless exact.
func (t *tally) distinct() int64 { return int64(t.used) << t.level }

// texts are the counted ones, in natural order.
func (t *tally) texts() []string {
	out := make([]string, 0, t.used)
	for _, s := range t.slots {
		if s.n > 0 {
			out = append(out, s.text)
		}
	}
	slices.SortFunc(out, scheme.Compare)
	return out
}

// top are the most frequent of the counted texts, at most n of them, equal
// ones in natural order.
func (t *tally) top(n int) []slot {
	all := make([]slot, 0, t.used)
	for _, s := range t.slots {
		if s.n > 0 {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b slot) int {
		if c := cmp.Compare(b.n, a.n); c != 0 {
			return c
		}
		return scheme.Compare(a.text, b.text)
	})
	return all[:min(n, len(all))]
}
