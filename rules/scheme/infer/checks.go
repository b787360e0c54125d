package infer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

const (
	// leastBodies are needed before a check is looked for.
	leastBodies = 12
	// tried is how many IDs of a shape a system is tried on.
	tried = 400
)

// found is a check system with where it stands and what it covers.
type found struct {
	system string
	site   site
	zone   zone
	holds  int // of n bodies
	n      int
	chance float64
}

func (f found) rate() float64 { return float64(f.holds) / float64(f.n) }

// searched is how many IDs of a sample are searched for check systems.
const searched = 2000

// grouping is a way to put IDs together that may have one check system.
type grouping struct {
	shaped bool    // of one shape
	wide   bool    // of one length
	least  float64 // share of the sample
}

// groupings are tried in this order. A shape that most IDs have may be of
// varying width. Where letters and digits are mixed, IDs have a length in
// common and no shape; and of several schemes of one shape, the length tells.
var groupings = []grouping{{shaped: true, least: 0.4}, {wide: true}, {shaped: true}, {shaped: true, wide: true}}

// checked finds check systems in the pool and explains the IDs that hold
// them.
func (a *analysis) checked(pool []string) ([]proposal, []string) {
	var out []proposal
	for _, s := range sites(pool) {
		for _, g := range groupings {
			key := func(id string) string { return g.key(id, s) }
			part := pool[:min(len(pool), searched)]
			least := max(leastBodies, int(max(leastShare, g.least)*float64(len(part))))
			for _, b := range buckets(part, least, key) {
				f, ok := bestCheck(b.ids, s, g.shaped)
				if !ok {
					continue
				}
				if len(part) < len(pool) {
					b.ids = slices.DeleteFunc(slices.Clone(pool), func(id string) bool { return key(id) != b.key })
				}
				proposals, gone := a.explainChecked(b.ids, f)
				if len(proposals) > 0 {
					out = append(out, proposals...)
					pool = without(pool, gone)
				}
			}
		}
	}
	return out, pool
}

// key is what IDs of one group have in common, the check left out.
func (g grouping) key(id string, s site) string {
	from, ok := s.at(id)
	if !ok {
		return ""
	}
	before, after := id[:from], id[from+s.width:]
	key := shape(before, !g.shaped) + "\x00" + shape(after, !g.shaped)
	if g.wide {
		key += "\x00" + string(chunkWidths(id))
	}
	return key
}

// bestCheck is the system that fits IDs of one shape best, if any does.
func bestCheck(ids []string, s site, shaped bool) (found, bool) {
	zones := []zone{zoneBefore}
	switch {
	case s.first && shaped:
		zones = []zone{zoneAfter, zoneAfterDigits}
	case s.first:
		zones = []zone{zoneAfter}
	case shaped:
		zones = []zone{zoneBefore, zoneDigits, zoneRest, zoneChunk}
	}
	part := ids[:min(len(ids), tried)]
	var best found
	checks := make([]string, len(part))
	bodies := make([]string, len(part))
	before := make([]string, len(part))
	for k, z := range zones {
		for i, id := range part {
			from, _ := s.at(id)
			checks[i], bodies[i] = id[from:from+s.width], z.of(id, from, s.width)
		}
		if k > 0 && slices.Equal(bodies, before) {
			continue
		}
		if k == 0 {
			copy(before, bodies)
		}
		for _, system := range systems() {
			if system.width != s.width {
				continue
			}
			f, ok := system.test(bodies, checks)
			// Of systems that agree, the general one stands before its namesakes.
			if ok && float64(f.holds) > 1.02*float64(best.holds) {
				f.site, f.zone = s, z
				best = f
			}
		}
	}
	return best, best.n > 0
}

// system is a check system and the width of its checks.
type system struct {
	name  string
	width int
	chars string // that checks are written with
}

// systems are all check systems, the one of resident numbers behind the
// standard that it follows.
func systems() []system {
	var all []system
	for _, name := range scheme.CheckSystems() {
		_, chars, width := scheme.CheckAlphabet(name)
		all = append(all, system{name, width, chars})
	}
	slices.SortStableFunc(all, func(a, b system) int {
		return cmp.Compare(strings.Count(a.name, "gb"), strings.Count(b.name, "gb"))
	})
	return all
}

// explainChecked explains the IDs that hold a check, and says which IDs are
// done with: those, and the ones of the same lengths that fail it.
func (a *analysis) explainChecked(ids []string, f found) ([]proposal, []string) {
	var holding, bodies, gone []string
	good, bad := map[int]int{}, map[int]int{}
	fails := func(id string) bool {
		from, _ := f.site.at(id)
		return !scheme.CheckHolds(f.system, f.zone.of(id, from, f.site.width), id[from:from+f.site.width])
	}
	for _, id := range ids {
		if fails(id) {
			bad[len(id)]++
			continue
		}
		from, _ := f.site.at(id)
		good[len(id)]++
		holding = append(holding, id)
		bodies = append(bodies, id[:from]+string(mark)+id[from+f.site.width:])
	}
	for _, id := range ids {
		if !fails(id) || good[len(id)] >= bad[len(id)] {
			gone = append(gone, id)
		}
	}
	note := f.note(len(holding), len(holding)+sum(bad, good))
	var out []proposal
	for _, p := range a.structures(bodies) {
		fields, ok := f.place(p.fields)
		if !ok {
			continue
		}
		out = append(out, proposal{fields: fields, ids: holding, notes: append([]string{note}, p.notes...)})
	}
	return out, gone
}

// sum counts the IDs that fail though others of their length hold.
func sum(bad, good map[int]int) int {
	n := 0
	for w, k := range bad {
		if good[w] >= k {
			n += k
		}
	}
	return n
}

func (f found) note(holding, of int) string {
	text := fmt.Sprintf("The check %s over %s holds for %s %% of the %d IDs of this shape; chance gives %s %%, and the odds of so many by chance are below 1 in 10^%d.",
		f.system, zoneWords[f.zone], percent(float64(holding)/float64(of)), of, percent(f.chance),
		int(evidence(f.holds, f.n, f.chance)/math.Ln10-math.Log10(tests)))
	if f.system == "mod11-2" {
		text += " For resident numbers it is called gb11643."
	}
	return text
}
