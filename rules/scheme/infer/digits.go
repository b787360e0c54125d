package infer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// reading is one way to read some runs of digits: which of them, by index,
// and as what fields.
type reading struct {
	rows   []int
	fields []field
	notes  []string
}

// digits finds out what runs of digits consist of. alone says that the run
// is a chunk of its own, between separators; only says that it is the whole
// ID or that nothing else of the ID varies.
func (a *analysis) digits(runs []string, alone, only bool) []reading {
	if r, ok := constant(runs, alone, only); ok {
		return []reading{r}
	}
	if readings := a.leadingDate(runs); readings != nil {
		return readings
	}
	var out []reading
	var plain []widthPlan
	for _, plan := range planWidths(runs, a.least) {
		r, part := plan.reading(runs)
		if !plan.field.open {
			r.fields, r.notes = a.cut(part, plan.field.min, alone)
		}
		if len(r.fields) == 1 && r.fields[0].token == "seq" {
			plain = append(plain, plan)
			continue
		}
		out = append(out, r)
	}
	for _, plan := range joinWidths(plain) {
		r, _ := plan.reading(runs)
		out = append(out, r)
	}
	return out
}

// reading is the runs that the plan takes.
func (p *widthPlan) reading(runs []string) (r reading, part []string) {
	r.fields = []field{p.field}
	for i, text := range runs {
		if p.has[len(text)] {
			r.rows = append(r.rows, i)
			part = append(part, text)
		}
	}
	return r, part
}

// constant recognises a number that is the same everywhere. It is a literal,
// save a year, which will be another one soon.
func constant(runs []string, alone, only bool) (reading, bool) {
	if !alone || only || len(runs) < 30 {
		return reading{}, false
	}
	counts := map[string]int{}
	top := runs[0]
	for _, r := range runs {
		counts[r]++
		if counts[r] > counts[top] || counts[r] == counts[top] && r < top {
			top = r
		}
	}
	if float64(counts[top]) < 0.9*float64(len(runs)) {
		return reading{}, false
	}
	r := reading{fields: []field{literal(top)}}
	if year, err := strconv.Atoi(top); err == nil && len(top) == 4 && 1980 <= year && year <= lastYear {
		r.fields = []field{{token: "date", arg: "YYYY"}}
		r.notes = []string{fmt.Sprintf("Taken for a year: %s stands in every ID.", top)}
	}
	for i, text := range runs {
		if text == top || r.fields[0].token != "" && len(text) == 4 {
			r.rows = append(r.rows, i)
		}
	}
	return r, true
}

// leadingDate recognises a date in front of a counter of varying width.
func (a *analysis) leadingDate(runs []string) []reading {
	var rows []int
	var widths [maxKey + 1]int
	for _, r := range runs {
		widths[len(r)]++
	}
	least, common := 0, 0
	for w, n := range widths {
		if n > 0 && float64(n) >= leastShare*float64(len(runs)) {
			if common == 0 {
				least = w
			}
			common++
		}
	}
	if common < 2 || least < 5 {
		return nil
	}
	var part []string
	for i, r := range runs {
		if len(r) >= least {
			rows = append(rows, i)
			part = append(part, r)
		}
	}
	d, ok := findDate(part, least, false)
	if !ok || d.at > 0 {
		return nil
	}
	for w, k := range widths { // each width says the same, so that no order matters
		if k < 100 || w < least {
			continue
		}
		same := slices.DeleteFunc(slices.Clone(part), func(r string) bool { return len(r) != w })
		if _, ok := d.layout.judge(same, 0, w, false); !ok {
			return nil
		}
	}
	n := len(d.layout.text)
	var tails []string
	var kept []int
	for i, r := range part {
		if len(r) > n {
			tails = append(tails, r[n:])
			kept = append(kept, rows[i])
		}
	}
	var out []reading
	for _, plan := range joinWidths(planWidths(tails, a.least)) {
		r := reading{fields: []field{{token: "date", arg: d.layout.text}, plan.field}, notes: []string{d.note()}}
		for i, tail := range tails {
			if plan.has[len(tail)] {
				r.rows = append(r.rows, kept[i])
			}
		}
		out = append(out, r)
	}
	return out
}

func (d dateAt) note() string {
	return fmt.Sprintf("%s %% have a real date %s at digit %d, where a counter or chance would not.",
		percent(d.holds), d.layout.text, d.at+1)
}

// percent writes a share for people: 99.7, and 100 only where it is all.
func percent(share float64) string {
	p := math.Floor(share*1000) / 10
	return strconv.FormatFloat(p, 'f', -1, 64)
}

// cut finds the dates, times and codes in numbers of one width.
func (a *analysis) cut(runs []string, width int, alone bool) ([]field, []string) {
	if fields, note, ok := unixTime(runs, width); ok {
		return fields, []string{note}
	}
	d, ok := findDate(runs, width, alone)
	if ok && d.at < 6 && (len(d.layout.text) < 6 || d.farOff(runs)) {
		if _, n, _, code := a.findCode(runs, 0, width, codeEvidence); code && d.at < n {
			ok = false // the longer one says more, the surer one is likelier
		}
	}
	if !ok {
		return a.codesAt(runs, 0, width, codeEvidence)
	}
	n := len(d.layout.text)
	before, notes := a.codesAt(runs, 0, d.at, codeEvidence/3)
	after, more := a.codesAt(runs, d.at+n, width, codeEvidence)
	fields := append(before, field{token: "date", arg: d.layout.text})
	return append(fields, after...), append(append(notes, d.note()), more...)
}

// codesAt is the fields of the digits from byte from to byte to: a code of a
// known list where there is one, and a number.
func (a *analysis) codesAt(runs []string, from, to int, threshold float64) ([]field, []string) {
	if from >= to {
		return nil, nil
	}
	if name, width, note, ok := a.findCode(runs, from, to, threshold); ok {
		rest, notes := plainDigits(from+width, to), []string{note}
		return append([]field{{token: "code", arg: name}}, rest...), notes
	}
	return plainDigits(from, to), nil
}

func plainDigits(from, to int) []field {
	if from >= to {
		return nil
	}
	return []field{fixed("seq", to-from)}
}

// Times that customers were registered at, in seconds since 1970: 1995 to
// 2033. What is beyond two thousand millions is a counter that starts there.
const (
	firstUnix = 788918400
	lastUnix  = 2000000000 - 1
)

// unixTime recognises Unix times, alone or in front of a counter.
func unixTime(runs []string, width int) ([]field, string, bool) {
	token, digits, unit := "unix", 10, uint64(1)
	switch width {
	case 10, 14, 15:
	case 13, 16, 17, 18, 19:
		token, digits, unit = "unixms", 13, 1000
	default:
		return nil, "", false
	}
	good := 0
	var values []uint64
	for i, r := range runs {
		v, err := strconv.ParseUint(r[:digits], 10, 64)
		if err == nil && firstUnix*unit <= v && v <= lastUnix*unit {
			good++
			if i < 4*looked {
				values = append(values, v)
			}
		}
	}
	chance := float64(lastUnix-firstUnix) / 9e9
	if float64(good) < fieldHolds*float64(len(runs)) || evidence(good, len(runs), chance) < codeEvidence || !spreadOut(values, unit) {
		return nil, "", false
	}
	fields := []field{{token: token}}
	if width > digits {
		fields = append(fields, fixed("seq", width-digits))
	}
	note := fmt.Sprintf("%s %% begin with a plausible Unix time (1995 to 2033), further apart than a counter's numbers.",
		percent(float64(good)/float64(len(runs))))
	return fields, note, true
}

// spreadOut reports whether numbers are further apart than those of a
// counter, and do not start where counters start: just above a round number.
func spreadOut(times []uint64, unit uint64) bool {
	slices.Sort(times)
	low, high := times[len(times)/50], times[len(times)-1-len(times)/50]
	distinct := uint64(len(slices.Compact(times)))
	spread := high - low
	return spread >= 30*86400*unit && spread/distinct >= 100 && low%(1e8*unit) > spread/33
}
