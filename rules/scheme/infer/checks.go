package infer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// A check system is proposed where the IDs of one shape hold it far more
// often than chance gives. What chance gives is measured: how often the check
// characters that are there and those that should be there would agree if
// they had been shuffled. So neither digits that are always 0 nor bodies of a
// few values look like a check. Each body counts once, and one that occurs
// with two checks counts against the system.
const (
	// holdsAtLeast is the part of a shape's IDs that must hold; the others are
	// slips.
	holdsAtLeast = 0.7
	// leastBodies are needed before a check is looked for.
	leastBodies = 12
	// tests bounds how many systems, zones, places and shapes are tried for
	// one sample, and falsely is the chance that any of them is proposed
	// where there is none.
	tests   = 1e5
	falsely = 1e-6
	// tried is how many IDs of a shape a system is tried on.
	tried = 400
)

// site is a place in IDs where check characters may stand.
type site struct {
	first bool // at the front
	chunk int  // at the end of the chunk of this number; -1: of the ID
	width int
}

// at is where the check would be in id; ok is false where there is no room.
func (s site) at(id string) (from int, ok bool) {
	switch {
	case s.first:
		from = 0
	case s.chunk < 0:
		from = len(id) - s.width
	default:
		all := chunks(id)
		if s.chunk >= len(all)-1 {
			return 0, false
		}
		if from = all[s.chunk].to - s.width; from < all[s.chunk].from {
			return 0, false
		}
	}
	return from, from >= 0 && from+s.width <= len(id) && len(id) > s.width+1 && id[from] < 0x80 && id[len(id)-1] < 0x80
}

// zone is what a check covers.
type zone uint8

const (
	zoneBefore zone = iota // all that stands before it
	zoneDigits             // the digits only
	zoneRest               // all but the letters in front
	zoneChunk              // the last chunk only
	zoneAfter              // all that stands behind it
	zoneAfterDigits
	zones
)

// wording of a zone, for notes.
var zoneWords = [zones]string{"all that stands before it", "the digits before it", "what follows the prefix", "the part before it", "all that follows it", "the digits that follow it"}

// of is the part of an ID that the zone covers, the check being at from.
func (z zone) of(id string, from, width int) string {
	before, after := id[:from], id[from+width:]
	switch z {
	case zoneBefore:
		return before
	case zoneDigits:
		return onlyDigits(before)
	case zoneAfterDigits:
		return onlyDigits(after)
	case zoneAfter:
		return after
	case zoneRest:
		i := 0
		for i < len(before) && kindOf(before[i]) == letterRun {
			i++
		}
		return before[i:]
	}
	all := chunks(before)
	if len(all) == 0 {
		return ""
	}
	return before[all[len(all)-1].from:]
}

func onlyDigits(text string) string {
	if strings.Trim(text, decimals) == "" {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if kindOf(text[i]) == digitRun {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// covers reports whether a field of a scheme, of which the check is the field
// at, belongs to the zone.
func (z zone) covers(fields []field, i, at int) bool {
	f := fields[i]
	switch z {
	case zoneDigits:
		return i < at && f.digits()
	case zoneAfterDigits:
		return i > at && f.digits()
	case zoneAfter:
		return i > at
	case zoneRest:
		return i < at && i > 0
	case zoneChunk:
		last := at - 1
		for last > 0 && fields[last].separator() {
			last--
		}
		return i < at && f.chunk == fields[last].chunk
	}
	return i < at
}

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

// sites are the places to look at: the end, the front, and the ends of the
// chunks in between.
func sites(pool []string) []site {
	most := 0
	for _, id := range pool[:min(len(pool), tried)] {
		most = max(most, len(chunks(id)))
	}
	all := []site{{chunk: -1, width: 2}, {chunk: -1, width: 1}, {first: true, width: 1}, {first: true, width: 2}}
	for c := range min(most-1, 3) {
		all = append(all, site{chunk: c, width: 1}, site{chunk: c, width: 2})
	}
	return all
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

// test weighs whether the checks belong to the bodies.
func (s system) test(bodies, checks []string) (found, bool) {
	const quick = 24
	held := 0
	for i := range min(quick, len(bodies)) {
		if scheme.CheckHolds(s.name, bodies[i], checks[i]) {
			held++
		}
	}
	if 2*held < min(quick, len(bodies)) {
		return found{}, false
	}
	type outcome struct {
		n     int
		holds bool
	}
	seen := make(map[string]*outcome, len(bodies))
	have, want := map[string]int{}, map[string]int{}
	for i, body := range bodies {
		o := seen[body]
		if o == nil {
			o = &outcome{}
			seen[body] = o
			want[scheme.CheckOf(s.name, body)]++
		}
		o.n++
		o.holds = o.n == 1 && scheme.CheckHolds(s.name, body, checks[i])
		have[checks[i]]++
	}
	f := found{system: s.name, n: len(seen)}
	for _, o := range seen {
		if o.holds {
			f.holds++
		}
	}
	if s.width == 1 && steps(bodies, checks) || s.name == "mod97-10" && lowForms(bodies, checks) {
		return found{}, false
	}
	agree := 0 // pairs of a body and a check that belong together, all with all
	for check, n := range want {
		agree += n * have[check]
	}
	f.chance = float64(agree) / float64(len(seen)) / float64(len(checks))
	enough := f.n >= leastBodies && f.rate() >= holdsAtLeast && vary(have, s.width)
	return f, enough && evidence(f.holds, f.n, f.chance) >= math.Log(tests/falsely)
}

// vary reports whether every check character takes three values or more: one
// that hardly changes is no check.
func vary(checks map[string]int, width int) bool {
	for at := range width {
		seen := map[byte]bool{}
		for check := range checks {
			seen[check[at]] = true
		}
		if len(seen) < 3 {
			return false
		}
	}
	return true
}

// steps reports whether the numbers, checks included, count in equal steps.
// Then the last digit follows from the others and may agree with a check for
// long stretches, which real checks never let a counter do.
func steps(bodies, checks []string) bool {
	var numbers []uint64
	for i := range bodies {
		if v, err := strconv.ParseUint(onlyDigits(bodies[i])+checks[i], 10, 64); err == nil {
			numbers = append(numbers, v)
		}
	}
	if slices.Sort(numbers); 2*len(numbers) < len(bodies) {
		return false
	}
	count := map[uint64]int{}
	usual := uint64(0)
	for i := 1; i < len(numbers); i++ {
		d := numbers[i] - numbers[i-1]
		count[d]++
		if count[d] > count[usual] || count[d] == count[usual] && d < usual {
			usual = d
		}
	}
	whole := 0
	for d, n := range count {
		if usual > 1 && d%usual == 0 {
			whole += n
		}
	}
	return 10*whole >= 9*(len(numbers)-1)
}

// lowForms reports whether numbers that leave the remainder 1 modulo 97, as
// those with a mod97-10 check do, are without one: they end in 00 and 01 too,
// which the standard refuses, because they merely count in steps of 97.
func lowForms(bodies, checks []string) bool {
	low, high := 0, 0
	for i, body := range bodies {
		switch want := scheme.CheckOf("mod97-10", body); {
		case want != "97" && want != "98":
		case checks[i] == want:
			high++
		case checks[i] == "00" && want == "97", checks[i] == "01" && want == "98":
			low++
		}
	}
	return low > 1 && 2*low > high
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

// place puts the check where the fields have its mark, and names what it
// covers where that is not all before it.
func (f found) place(fields []field) ([]field, bool) {
	fields = slices.Clone(fields)
	at := slices.IndexFunc(fields, func(x field) bool { return x.token == "" && x.arg == string(mark) })
	if at < 0 {
		return nil, false
	}
	fields[at] = field{token: "check", arg: f.system, chunk: fields[at].chunk}
	if f.zone == zoneBefore {
		return fields, true
	}
	for i := range fields {
		// A name is needed for what is covered, so that it cannot be a literal.
		if x := &fields[i]; i != at && f.zone.covers(fields, i, at) && x.token == "" && !x.separator() {
			if strings.Trim(x.arg, decimals) == "" {
				*x = field{token: "seq", min: len(x.arg), max: len(x.arg), chunk: x.chunk}
			} else {
				*x = field{token: "letters", min: len(x.arg), max: len(x.arg), chunk: x.chunk}
			}
		}
	}
	var zone []string
	for i, name := range names(fields) {
		if i != at && name != "" && f.zone.covers(fields, i, at) {
			zone = append(zone, name)
		}
	}
	fields[at].arg += "(" + strings.Join(zone, ",") + ")"
	return fields, len(zone) > 0
}

// digits reports whether the field is read as digits.
func (f field) digits() bool {
	switch f.token {
	case "seq", "date", "unix", "unixms":
		return true
	case "code":
		return strings.HasPrefix(f.arg, "gb2260")
	case "":
		return f.arg != "" && strings.Trim(f.arg, decimals) == ""
	}
	return false
}

func (f field) separator() bool { return f.token == "" && !strings.ContainsFunc(f.arg, isAlnum) }

func (f found) note(holding, of int) string {
	text := fmt.Sprintf("The check %s over %s holds for %s %% of the %d IDs of this shape; chance gives %s %%, and the odds of so many by chance are below 1 in 10^%d.",
		f.system, zoneWords[f.zone], percent(float64(holding)/float64(of)), of, percent(f.chance),
		int(evidence(f.holds, f.n, f.chance)/math.Ln10-math.Log10(tests)))
	if f.system == "mod11-2" {
		text += " For resident numbers it is called gb11643."
	}
	return text
}
