package infer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// layouts are the dates that numbers carry, without separators.
var layouts = sync.OnceValue(func() []layout {
	return readLayouts(
		"YYYYMMDDhhmmss", "YYMMDDhhmmss", "YYYYMMDDhhmm", "YYMMDDhhmm", "YYYYMMDDhh",
		"YYYYMMDD", "DDMMYYYY", "MMDDYYYY", "YYYYMM", "YYMMDD", "DDMMYY", "MMDDYY", "MMYYYY", "YYYY", "YYMM", "MMYY",
	)
})

// layout is a date layout and the chance that digits, picked at random, are a
// plausible date in it.
type layout struct {
	text   string
	reads  *scheme.Scheme
	year   int // where YYYY stands, or -1
	chance float64
}

// Customers are registered and born in these years; numbers with years
// outside of them are taken for no dates.
const (
	firstYear = 1900
	lastYear  = 2049
)

func readLayouts(texts ...string) []layout {
	var all []layout
	for _, text := range texts {
		s, err := scheme.Compile("{date:"+text+"}", nil)
		if err != nil {
			continue
		}
		all = append(all, layout{text, s, strings.Index(text, "YYYY"), chanceOf(text)})
	}
	return all
}

// chanceOf counts the dates of a lifetime among all numbers.
func chanceOf(text string) float64 {
	p := 1.0
	for _, part := range []struct {
		word   string
		chance float64
	}{{"YYYY", 0.0070}, {"MM", 0.12}, {"DD", 0.305}, {"hh", 0.24}, {"mm", 0.6}, {"ss", 0.6}} {
		if strings.Contains(text, part.word) {
			p *= part.chance
		}
	}
	return p
}

func (l *layout) plausible(text string) bool {
	if !l.reads.Match(text) {
		return false
	}
	if l.year < 0 {
		return true
	}
	y, err := strconv.Atoi(text[l.year : l.year+4])
	return err == nil && firstYear <= y && y <= lastYear
}

// Thresholds of evidence, in nats.
const (
	dateEvidence = 8
	codeEvidence = 10
	fieldHolds   = 0.85 // the least part of the IDs that a field must read
	looked       = 600  // how many distinct values are looked at
)

// dateAt is a date that was found in runs of digits.
type dateAt struct {
	at     int
	layout *layout
	holds  float64 // part of the runs that have one
	nats   float64
}

// findDate looks for a date at any place of the first width digits of runs,
// each of which is at least as long. alone says that these digits stand
// between separators, where years are usual.
func findDate(runs []string, width int, alone bool) (dateAt, bool) {
	var found []dateAt
	all := layouts()
	for i := range all {
		l := &all[i]
		for at := 0; at+len(l.text) <= width; at++ {
			if d, ok := l.judge(runs, at, width, alone); ok {
				found = append(found, d)
			}
		}
	}
	if len(found) == 0 {
		return dateAt{}, false
	}
	best := slices.MaxFunc(found, func(a, b dateAt) int {
		return cmp.Or(
			cmp.Compare(len(a.layout.text), len(b.layout.text)),
			cmp.Compare(math.Round(50*a.holds), math.Round(50*b.holds)),
			cmp.Compare(math.Round(a.nats), math.Round(b.nats)),
			cmp.Compare(b.at, a.at))
	})
	// A longer layout must not read digits beside a date as parts of it.
	for _, d := range found {
		if longer := len(best.layout.text) - len(d.layout.text); d.holds > best.holds+0.01+0.005*float64(longer) {
			best = d
		}
	}
	return best, true
}

// judge weighs whether the runs have dates at a place, against two other
// explanations: digits picked at random, and a counter that happens to pass
// through dates.
func (l *layout) judge(runs []string, at, width int, alone bool) (dateAt, bool) {
	n := len(l.text)
	if !l.promising(runs, at) {
		return dateAt{}, false
	}
	held := 0
	var values []string
	for i, r := range runs {
		v := r[at : at+n]
		if l.plausible(v) {
			held++
		}
		if i < 4*looked {
			values = append(values, v)
		}
	}
	holds := float64(held) / float64(len(runs))
	if holds < fieldHolds {
		return dateAt{}, false
	}
	slices.Sort(values)
	cut := len(values) / 50
	if !l.varied(values) {
		return dateAt{}, false
	}
	values = slices.Compact(values[cut : len(values)-cut])
	good := 0
	for _, v := range values {
		if l.plausible(v) {
			good++
		}
	}
	nats := -math.Log(l.chance) + evidence(good, len(values), l.chanceBetween(values[0], values[len(values)-1]))
	switch {
	case alone && n == width && l.text == "YYYY":
		nats += 4
	case at+n < width && l.text == "YYYY" && restarts(runs, at+n, values):
		nats += 4
	}
	return dateAt{at, l, holds, nats}, nats >= dateEvidence
}

// promising looks at the first runs only.
func (l *layout) promising(runs []string, at int) bool {
	first := runs[:min(len(runs), 32)]
	good := 0
	for _, r := range first {
		if l.plausible(r[at : at+len(l.text)]) {
			good++
		}
	}
	return float64(good) >= 0.75*float64(len(first))
}

// chanceBetween is the part of the numbers from low to high that are
// plausible dates: what a counter passes through by chance.
func (l *layout) chanceBetween(low, high string) float64 {
	from, err1 := strconv.ParseUint(low, 10, 64)
	to, err2 := strconv.ParseUint(high, 10, 64)
	if err1 != nil || err2 != nil || to < from {
		return 1
	}
	const steps = 1500
	n, good := min(to-from+1, steps), 0
	for i := range n {
		v := from + uint64(float64(to-from+1)*(float64(i)+0.5)/float64(n))
		if l.plausible(fmt.Sprintf("%0*d", len(l.text), v)) {
			good++
		}
	}
	return float64(good) / float64(n)
}

// varied reports whether the smallest parts of the dates vary as those of
// dates do: hours that are always 00 are the leading zeros of something else,
// and so are days that never get beyond the 20th.
func (l *layout) varied(values []string) bool {
	for _, word := range []string{"hh", "mm", "ss", "DD"} {
		at := strings.Index(l.text, word)
		if at < 0 {
			continue
		}
		var count [100]int
		for _, v := range values {
			if w, err := strconv.Atoi(v[at : at+2]); err == nil {
				count[w]++
			}
		}
		distinct, late := 0, 0
		for w, n := range count {
			if n > len(values)/200 {
				distinct++
			}
			if w >= 26 && w <= 31 {
				late += n
			}
		}
		days := word == "DD"
		if !days && distinct < min(8, len(values)) || days && (distinct < min(6, len(values)/40) || len(values) >= 200 && late < len(values)/20) {
			return false
		}
	}
	return true
}

// restarts reports whether what follows a year starts low again every year,
// as a counter that runs through several years cannot.
func restarts(runs []string, at int, years []string) bool {
	if len(years) < 2 {
		return false
	}
	var tails []string
	for _, r := range runs[:min(len(runs), 4*looked)] {
		tails = append(tails, r[at:])
	}
	slices.Sort(tails)
	return tails[len(tails)*49/50][0] < '5'
}

// farOff reports whether many of the dates have years of two digits that stand
// for times to come or long ago, 31 to 68. Where codes of regions explain the
// digits as well, they are those.
func (d dateAt) farOff(runs []string) bool {
	year := strings.Index(d.layout.text, "YY")
	if year < 0 || d.layout.year >= 0 {
		return false
	}
	far := 0
	for _, r := range runs {
		if y := r[d.at+year : d.at+year+2]; "31" <= y && y <= "68" {
			far++
		}
	}
	return 10*far >= len(runs)
}
