package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// How full a prefix may become before the plan warns: a counter is near its
// end; draws meet a number in use every second time.
const (
	alarmCounted = 0.8
	alarmDrawn   = 0.5
)

// exhausted is the error of a run for which a prefix has too few numbers.
func (r *round) exhausted(founders []node, c *scheme.Canonical, gives []byte) error {
	e := &CapacityError{Scheme: c.String(), Drawn: c.Issue() != scheme.Counted}
	name := r.tallyName(c, gives)
	t := r.tallies[name]
	e.Capacity, e.Left = r.room(c, t)
	if len(c.Needs()) > 0 {
		e.Prefix = name
	}
	for _, n := range founders {
		batch, row := r.table.at(n)
		if own := r.rules.Canonical(batch.source); own.Issue() == c.Issue() && r.tallyName(own, batch.gives.at(row)) == name {
			e.Wanted++
		}
	}
	return e
}

func (r *round) tallyName(c *scheme.Canonical, gives []byte) string {
	switch c.Issue() {
	case scheme.Counted:
		return string(c.AppendPrefix(nil, gives))
	case scheme.Random, scheme.Hashed:
		return string(c.AppendTally(nil, gives))
	}
	return ""
}

// room is how many numbers a prefix has, without reserved ones and those below
// canonical.start, and how many of them were left before the run.
func (r *round) room(c *scheme.Canonical, t *tally) (all, left uint64) {
	if c.Issue() != scheme.Counted {
		return c.Capacity(), c.Capacity() - min(t.began, c.Capacity())
	}
	first := min(r.rules.Start(), t.began+1)
	return r.rules.Usable(first, c.Capacity()), r.rules.Usable(t.began+1, c.Capacity())
}

// fill is how much of a prefix is in use after the run.
type fill struct {
	name        string
	used, all   uint64
	share       float64
	of          *scheme.Canonical
	alsoCrowded int // further prefixes of the scheme that are as good as full
}

// alarm warns of schemes that have used most of what they can hold, by their
// fullest prefix.
func (r *round) alarm() {
	fullest := map[string]*fill{}
	for _, name := range slices.Sorted(maps.Keys(r.tallies)) {
		t := r.tallies[name]
		for _, c := range t.schemes {
			f := r.fill(name, c, t)
			limit := alarmCounted
			if c.Issue() != scheme.Counted {
				limit = alarmDrawn
			}
			if f.share < limit {
				continue
			}
			if old := fullest[c.String()]; old != nil {
				f.alsoCrowded = old.alsoCrowded + 1
				if old.share >= f.share {
					old.alsoCrowded++
					continue
				}
			}
			fullest[c.String()] = f
		}
	}
	for _, text := range slices.Sorted(maps.Keys(fullest)) {
		r.note("%s", fullest[text])
	}
}

func (r *round) fill(name string, c *scheme.Canonical, t *tally) *fill {
	f := &fill{name: name, of: c}
	if c.Issue() == scheme.Counted {
		f.all, _ = r.room(c, t)
		f.used = f.all - r.rules.Usable(t.last+1, c.Capacity())
	} else {
		f.all, f.used = c.Capacity(), min(t.last, c.Capacity())
	}
	f.share = 1
	if f.all > 0 {
		f.share = float64(f.used) / float64(f.all)
	}
	return f
}

// String is what the plan says of it.
func (f *fill) String() string {
	what := f.of.String()
	if len(f.of.Needs()) > 0 {
		what += " for " + f.name
	}
	percent := int(f.share*100 + 1e-9)
	text := fmt.Sprintf("%d%% of the numbers of %s are used (%d of %d): plan for a wider scheme", percent, what, f.used, f.all)
	if f.of.Issue() != scheme.Counted {
		text = fmt.Sprintf("%d%% of the numbers of %s are used (%d of %d), so most draws meet a number in use: plan for a wider scheme", percent, what, f.used, f.all)
	}
	switch f.alsoCrowded {
	case 0:
	case 1:
		text += " (1 other prefix is nearly as full)"
	default:
		text += fmt.Sprintf(" (%d other prefixes are nearly as full)", f.alsoCrowded)
	}
	return text
}
