package infer

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// manyKinds of schemes in one column are seen where there is none: among
// e-mail addresses and names. Of so many, each has to explain a fifth.
const manyKinds = 6

// ranked is a proposal that compiles, and which IDs of the sample it reads.
type ranked struct {
	Candidate
	compiled *scheme.Scheme
	bits     float64 // how much it leaves open
	reads    []bool
	n        int
}

// rank compiles the proposals, counts what each reads, and keeps those that
// explain enough of what none before them does.
func (a *analysis) rank(found []proposal, all []string) []Candidate {
	list := a.compile(found, all)
	slices.SortStableFunc(list, func(x, y *ranked) int {
		return cmp.Or(cmp.Compare(y.n, x.n), cmp.Compare(x.bits, y.bits), strings.Compare(x.Scheme, y.Scheme))
	})
	list = specificFirst(dropWidths(dropParts(list), all))
	least := a.least
	for {
		left := count(list, len(all))
		worst := -1
		for i, r := range list {
			if r.Covers < least && (worst < 0 || r.Covers <= list[worst].Covers) {
				worst = i
			}
		}
		if worst < 0 && len(list) > manyKinds && least < len(all)/5 {
			// So many kinds are no numbering.
			least = len(all) / 5
			continue
		}
		if worst < 0 {
			return finish(list, left, all)
		}
		list = slices.Delete(list, worst, worst+1)
	}
}

func (a *analysis) compile(found []proposal, all []string) []*ranked {
	var list []*ranked
	seen := map[string]bool{}
	for _, p := range found {
		text := cmp.Or(p.text, text(p.fields))
		if seen[text] || p.constant() {
			continue
		}
		seen[text] = true
		s, err := scheme.Compile(text, a.codes)
		if err != nil {
			continue
		}
		r := &ranked{Candidate: Candidate{Scheme: text, Family: cmp.Or(p.family, family(p.fields)), Notes: p.notes}, compiled: s, bits: p.bits()}
		r.reads = make([]bool, len(all))
		for i, id := range all {
			if r.reads[i] = s.Match(id); r.reads[i] {
				r.n++
			}
		}
		list = append(list, r)
	}
	return list
}

// constant reports whether the proposal has no token: one ID is no scheme.
func (p *proposal) constant() bool {
	return p.text == "" && !slices.ContainsFunc(p.fields, func(f field) bool { return f.token != "" })
}

// bits is about how many bits an ID of the proposal leaves open.
func (p *proposal) bits() float64 {
	if p.text != "" {
		return 0
	}
	n := 0.0
	for _, f := range p.fields {
		width := float64(f.max)
		if f.open {
			width = float64(f.min + 20)
		}
		switch f.token {
		case "seq":
			n += width * math.Log2(10)
		case "letters", "alnum", "hex", "base32":
			n += width * map[string]float64{"letters": 4.7, "alnum": 5.2, "hex": 4, "base32": 5}[f.token]
		case "date", "code", "unix", "unixms":
			n += 10
		}
	}
	return n
}

// specificFirst puts a scheme before those that would read most of its IDs
// though they say less about them.
func specificFirst(list []*ranked) []*ranked {
	var out []*ranked
	for _, r := range list {
		at := len(out)
		for i, before := range out {
			if 2*both(r, before) > r.n && r.bits < before.bits {
				at = i
				break
			}
		}
		out = slices.Insert(out, at, r)
	}
	return out
}

// dropParts leaves out what is merely the part of another scheme's IDs that
// happens to look regular, such as those of {alnum:4} that are letters only:
// saying so must save more than it costs to say which IDs they are.
func dropParts(list []*ranked) []*ranked {
	return slices.DeleteFunc(slices.Clone(list), func(r *ranked) bool {
		return slices.ContainsFunc(list, func(whole *ranked) bool {
			return whole.n > r.n && 10*both(r, whole) >= 9*r.n && whole.bits-r.bits < math.Log2(float64(whole.n)/float64(r.n))+2
		})
	})
}

// dropWidths leaves out what another scheme reads to the last ID and is but a
// width of it, as C{seq:6} is of C{seq}: unless its numbers are filled up to
// that width with zeros, it says nothing more about them.
func dropWidths(list []*ranked, all []string) []*ranked {
	return slices.DeleteFunc(slices.Clone(list), func(r *ranked) bool {
		return slices.ContainsFunc(list, func(whole *ranked) bool {
			return whole.n > r.n && whole.anyWidth() == r.anyWidth() && both(r, whole) == r.n && !r.padded(all)
		})
	})
}

// padded reports whether numbers that the scheme reads begin with zeros.
func (r *ranked) padded(all []string) bool {
	zeros := 0
	for i, id := range all {
		if !r.reads[i] {
			continue
		}
		parts, err := r.compiled.Parse(id)
		if err == nil && slices.ContainsFunc(parts.Parts, zeroed) {
			zeros++
		}
	}
	return 20*zeros > r.n
}

// zeroed reports a number that is filled up with zeros.
func zeroed(p scheme.Part) bool {
	return strings.HasPrefix(p.Name, "seq") && len(p.Text) > 1 && p.Text[0] == '0'
}

// widths are the numbers of characters in a scheme.
var widths = regexp.MustCompile(`\{(seq|letters|alnum|hex|base32):[0-9+-]+`)

// anyWidth is the scheme without the widths of its tokens.
func (r *ranked) anyWidth() string { return widths.ReplaceAllString(r.Scheme, "{$1") }

// both counts the IDs that both read.
func both(a, b *ranked) int {
	n := 0
	for i := range a.reads {
		if a.reads[i] && b.reads[i] {
			n++
		}
	}
	return n
}

// count fills in Covers and says how many IDs nothing reads.
func count(list []*ranked, n int) (left int) {
	for _, r := range list {
		r.Covers = 0
	}
next:
	for i := range n {
		for _, r := range list {
			if r.reads[i] {
				r.Covers++
				continue next
			}
		}
		left++
	}
	return left
}

// finish lists the candidates, {any} among them where too much is left over.
func finish(list []*ranked, left int, all []string) []Candidate {
	var out []Candidate
	for _, r := range list {
		out = append(out, r.Candidate)
	}
	if readable := countAny(all, list); float64(left) > unexplained*float64(len(all)) && readable > 0 {
		out = append(out, Candidate{
			Scheme: "{any}", Covers: readable, Family: "any",
			Notes: []string{"No pattern explains these IDs, so they are taken as they come."},
		})
	}
	for i := range out {
		out[i].Share = float64(out[i].Covers) / float64(len(all))
	}
	return out
}

func countAny(all []string, list []*ranked) int {
	anything, err := scheme.Compile("{any}", nil)
	if err != nil {
		return 0
	}
	n := 0
	for i, id := range all {
		if !slices.ContainsFunc(list, func(r *ranked) bool { return r.reads[i] }) && anything.Match(id) {
			n++
		}
	}
	return n
}
