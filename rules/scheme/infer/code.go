package infer

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// list is a code list that IDs are searched for.
type list struct {
	name    string
	reads   *scheme.Scheme
	digits  bool // digits only
	min     int  // in bytes; codes of several widths are looked for in runs of their own only
	max     int
	members int // of a configured list
	same    int // the leading characters that tell codes apart
}

// lists are the configured code lists by name, and the built-in regions.
func (a *analysis) lists() []list {
	if a.listed != nil {
		return a.listed
	}
	a.listed = []list{}
	for _, name := range slices.Sorted(maps.Keys(a.codes)) {
		l := list{name: name, digits: true, members: len(a.codes[name])}
		for i, m := range a.codes[name] {
			if i == 0 {
				l.min = len(m)
			}
			l.min, l.max = min(l.min, len(m)), max(l.max, len(m))
			for j := range len(m) {
				l.digits = l.digits && kindOf(m[j]) == digitRun
			}
		}
		l.same = l.max
		a.addList(l)
	}
	for _, l := range []list{{name: "gb2260", min: 6, max: 6, same: 4}, {name: "gb2260-4", min: 4, max: 4, same: 4}} {
		l.digits = true
		if _, configured := a.codes[l.name]; !configured {
			a.addList(l)
		}
	}
	return a.listed
}

func (a *analysis) addList(l list) {
	s, err := scheme.Compile("{code:"+l.name+"}", a.codes)
	if err == nil && l.min > 0 {
		l.reads = s
		a.listed = append(a.listed, l)
	}
}

// findCode looks for a code list whose members the digits from byte from on
// are.
func (a *analysis) findCode(runs []string, from, to int, threshold float64) (name string, width int, note string, ok bool) {
	for _, l := range a.lists() {
		if !l.digits || l.min != l.max || from+l.max > to {
			continue
		}
		if holds, nats := l.judge(runs, from); nats >= threshold {
			return l.name, l.max, l.note(holds), true
		}
	}
	return "", 0, "", false
}

func (l *list) note(holds float64) string {
	return fmt.Sprintf("%s %% have a code of the list %s there, more than chance gives.", percent(holds), l.name)
}

// judge weighs whether the runs have codes at a place; nats is 0 where too
// few have.
func (l *list) judge(runs []string, at int) (holds, nats float64) {
	good := 0
	var values []string
	for i, r := range runs {
		v := r[at : at+l.max]
		if i == 32 && good < 24 {
			return 0, 0
		}
		if l.reads.Match(v) {
			good++
		}
		if i < 4*looked {
			values = append(values, v)
		}
	}
	holds = float64(good) / float64(len(runs))
	if holds < fieldHolds {
		return 0, 0
	}
	slices.Sort(values)
	cut := len(values) / 50
	values = slices.Compact(values[cut : len(values)-cut])
	distinct, members := map[string]bool{}, map[string]bool{}
	for _, v := range values {
		distinct[v[:l.same]] = true
		if l.reads.Match(v) {
			members[v[:l.same]] = true
		}
	}
	if len(distinct) < 2 {
		return holds, 0
	}
	chance := l.chanceBetween(values[0], values[len(values)-1])
	return holds, -math.Log(l.chanceBetween("", "")) + evidence(len(members), len(distinct), chance)
}

// chanceBetween is the part of the numbers from low to high that are codes;
// of all numbers where low is empty.
func (l *list) chanceBetween(low, high string) float64 {
	from, to := uint64(0), uint64(pow10(l.max))-1
	if low != "" {
		from, _ = strconv.ParseUint(low, 10, 64)
		to, _ = strconv.ParseUint(high, 10, 64)
	}
	const steps = 2000
	n, good := min(to-from+1, steps), 0
	for i := range n {
		v := from + uint64(float64(to-from+1)*(float64(i)+0.5)/float64(n))
		if l.reads.Match(fmt.Sprintf("%0*d", l.max, v)) {
			good++
		}
	}
	return max(float64(good), 0.5) / float64(n)
}

// codeOfLetters recognises a configured list in runs of letters.
func (a *analysis) codeOfLetters(runs []string) (list, float64, bool) {
	for _, l := range a.lists() {
		if l.digits || l.members == 0 {
			continue
		}
		good := 0
		distinct := map[string]bool{}
		for _, r := range runs {
			if len(r) <= l.max && l.reads.Match(r) {
				good++
				distinct[r] = true
			}
		}
		holds := float64(good) / float64(len(runs))
		chance := min(1, float64(l.members)/math.Pow(26, float64(l.max)))
		if holds >= fieldHolds && len(distinct) >= 2 && evidence(len(distinct), len(distinct), chance) >= dateEvidence/2 {
			return l, holds, true
		}
	}
	return list{}, 0, false
}
