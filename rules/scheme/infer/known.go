package infer

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// wellKnown is a scheme that is the same wherever it is used.
type wellKnown struct {
	family string
	text   string
	// chance is how likely a text of the right length and characters fits.
	chance float64
	note   string
	fits   func(id string) bool              // by length and characters
	proof  func(ids []string) (bool, string) // what else the IDs must show; may be nil
	reads  *scheme.Scheme
}

// enough is the evidence that a scheme needs. A single ID suffices where its
// form says it all.
func (w *wellKnown) enough() float64 {
	if w.chance <= 1e-3 {
		return math.Ln10
	}
	return codeEvidence
}

// wellKnownSchemes are tried before anything else, in this order.
var wellKnownSchemes = sync.OnceValue(func() []wellKnown {
	all := []wellKnown{
		{family: "uuid", text: "{uuid}", chance: 1e-3, fits: hyphenated},
		{family: "uuid", text: "{uuid}", chance: 0.63, fits: ofLength(32)}, // 32 random digits often have a version
		{family: "ulid", text: "{ulid}", chance: 0.25, fits: ofLength(26), proof: ulidTimes},
		{family: "objectid", text: "{objectid}", chance: 0.9, fits: ofLength(24), proof: objectTimes},
		{family: "salesforce", text: "{salesforce}", chance: 0.9, fits: salesforceLong, proof: salesforceLike},
		{
			family: "resident", text: "{code:gb2260}{date:YYYYMMDD}{seq:3}{check:gb11643}", chance: 1e-4, fits: ofLength(18),
			note: "Resident numbers of China (GB 11643).",
		},
		{
			family: "resident15", text: "{code:gb2260}{date:YYMMDD}{seq:3}", chance: 2e-3, fits: ofLength(15),
			note: "Resident numbers of China in their old form of 15 digits (GB 11643-1989).",
		},
		{
			family: "uscc", text: "{alnum:2}{code:gb2260}{alnum:9}{check:gb32100}", chance: 2e-3, fits: ofLength(18),
			note: "Unified social credit codes of China (GB 32100).",
		},
		{family: "snowflake", text: "{snowflake}", chance: 0.9, fits: ofLength(17, 18, 19), proof: snowflakeLike},
	}
	for i := range all {
		if s, err := scheme.Compile(all[i].text, nil); err == nil {
			all[i].reads = s
		}
	}
	return slices.DeleteFunc(all, func(w wellKnown) bool { return w.reads == nil })
})

// known finds well-known schemes in the pool and takes their IDs out of it.
func (a *analysis) known(pool []string) ([]proposal, []string) {
	var out []proposal
	for _, w := range wellKnownSchemes() {
		if strings.Contains(w.text, "gb2260") && a.codes["gb2260"] != nil {
			continue // theirs is another list
		}
		var ids []string
		fits := 0
		for _, id := range pool {
			if !w.fits(id) {
				continue
			}
			if fits++; w.reads.Match(id) {
				ids = append(ids, id)
			}
		}
		if len(ids) < a.least || 10*len(ids) < fits {
			continue
		}
		p := proposal{text: w.text, family: w.family, ids: ids}
		if w.note != "" {
			p.notes = []string{w.note}
		}
		if w.proof == nil {
			if evidence(len(ids), fits, w.chance) < w.enough() {
				continue
			}
		} else {
			ok, note := w.proof(ids)
			if !ok {
				continue
			}
			p.notes = append(p.notes, note)
		}
		out = append(out, p)
		pool = without(pool, ids)
	}
	return a.prefixed(out, pool)
}

// prefixed finds machine IDs behind a word that says what they are of, such as
// user_550e8400-….
func (a *analysis) prefixed(out []proposal, pool []string) ([]proposal, []string) {
	for _, w := range wellKnownSchemes() {
		n := map[string]int{"uuid": 36, "ulid": 26, "objectid": 24}[w.family]
		if n == 0 {
			continue
		}
		prefix := func(id string) string {
			at := len(id) - n
			if at < 2 || kindOf(id[at-1]) != separatorRun || id[at-1] >= 0x80 || !w.reads.Match(id[at:]) {
				return ""
			}
			return id[:at]
		}
		for _, b := range buckets(pool, a.least, prefix) {
			p := proposal{text: escape(b.key) + w.text, family: "prefix+" + w.family, ids: b.ids}
			if w.proof != nil {
				var tails []string
				for _, id := range b.ids {
					tails = append(tails, id[len(b.key):])
				}
				ok, note := w.proof(tails)
				if !ok {
					continue
				}
				p.notes = append(p.notes, note)
			}
			out = append(out, p)
			pool = without(pool, b.ids)
		}
	}
	return out, pool
}

func ofLength(lengths ...int) func(string) bool {
	return func(id string) bool { return slices.Contains(lengths, len(id)) }
}

func hyphenated(id string) bool { return len(id) >= 36 && strings.Count(id, "-") == 4 }

// salesforceLong leaves out numbers, which the scheme would read.
func salesforceLong(id string) bool {
	return (len(id) == 15 || len(id) == 18) && strings.Trim(id, decimals) != ""
}

// leading is the values of the leading characters of IDs in an alphabet.
func leading(ids []string, n int, alphabet string) []uint64 {
	var values []uint64
	for _, id := range ids {
		v := uint64(0)
		for i := range n {
			v = v*uint64(len(alphabet)) + uint64(max(0, strings.IndexByte(alphabet, id[i])))
		}
		values = append(values, v)
	}
	slices.Sort(values)
	return values
}

// timely reports whether nearly all values are times of customers.
func timely(values []uint64, unit uint64) bool {
	low, high := values[len(values)/50], values[len(values)-1-len(values)/50]
	return firstUnix*unit <= low && high <= lastUnix*unit
}

func ulidTimes(ids []string) (bool, string) {
	upper := make([]string, len(ids))
	for i, id := range ids {
		upper[i] = strings.ToUpper(id)
	}
	if !timely(leading(upper, 10, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 1000) {
		return false, ""
	}
	return true, "The first ten characters are plausible times."
}

func objectTimes(ids []string) (bool, string) {
	lower := make([]string, len(ids))
	for i, id := range ids {
		lower[i] = strings.ToLower(id)
	}
	if !timely(leading(lower, 8, "0123456789abcdef"), 1) {
		return false, ""
	}
	return true, "The first eight digits are plausible times."
}

// salesforceLike wants 18 characters whose suffix agrees, which the scheme
// has seen to, with letters in them, or 15 of both cases behind the prefixes
// of a few objects.
func salesforceLike(ids []string) (bool, string) {
	prefixes := map[string]bool{}
	upper, lower, letters, n18 := 0, 0, 0, 0
	for _, id := range ids {
		prefixes[id[:3]] = true
		if len(id) == 18 {
			n18++
		}
		if strings.ContainsAny(id[3:15], capitals) {
			upper++
		}
		if strings.ContainsAny(id[3:15], smalls) {
			lower++
		}
		if upper+lower > 0 {
			letters++
		}
	}
	switch {
	case len(prefixes) > max(3, len(ids)/20), 4*upper < len(ids):
		return false, ""
	case 2*n18 > len(ids):
		return true, "The last three characters record the case of the others in every one."
	}
	return 4*lower > len(ids), fmt.Sprintf("15 characters of both cases behind %d object prefixes.", len(prefixes))
}

// snowflakeLike wants the ten bits of the maker, or the sequence, to be
// anything but random: few machines make numbers, and few in a millisecond.
func snowflakeLike(ids []string) (bool, string) {
	workers := map[uint64]bool{}
	low := 0
	part := ids[:min(len(ids), looked)]
	for _, id := range part {
		v := uint64(0)
		for i := range len(id) {
			v = v*10 + uint64(id[i]-'0')
		}
		workers[v>>12&1023] = true
		if v&4095 < 512 {
			low++
		}
	}
	random := 1024 * (1 - pow(1-1.0/1024, len(part)))
	few := float64(len(workers)) < 0.7*random && len(part) >= 20
	small := evidence(low, len(part), 0.125) >= codeEvidence
	return few || small, fmt.Sprintf("Read as 64-bit snowflakes they come from %d machines, which random numbers would not.", len(workers))
}

func pow(x float64, n int) float64 {
	p := 1.0
	for range n {
		p *= x
	}
	return p
}
