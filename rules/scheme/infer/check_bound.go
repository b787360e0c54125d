package infer

import (
	"math"
	"slices"
	"strconv"

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
	// tests bounds how many systems, zones, places and shapes are tried for
	// one sample, and falsely is the chance that any of them is proposed
	// where there is none.
	tests   = 1e5
	falsely = 1e-6
)

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
