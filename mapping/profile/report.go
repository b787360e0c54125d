package profile

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
	"github.com/xwalk-id/xwalk/rules/scheme/infer"
)

// Verdicts on the configured schemes.
const (
	Same      = "same"      // they are what was found
	Looser    = "looser"    // they read all that was found, and say less about it
	Narrower  = "narrower"  // they refuse numbers that follow a scheme
	Different = "different" // neither reads all of the other
)

const (
	maxValues = 100 // of a distribution; dates have fewer
	// spreadShare is how many different values per row a component may have
	// for customers to be spread over it: beyond, each has one of its own.
	spreadShare = 0.5
)

// report fills in what the numbers were read as.
func (a *analysis) report(n *Numbering, r *result) {
	var damaged map[uint64]bool
	if n.AllDamaged = a.ruined; a.ruined == nil || len(a.set.Schemes()) > 0 {
		damaged = a.damage(n, r)
	}
	failed := a.exceptions(n, r, damaged)
	fit := func(f *reading, example string) Fit {
		text := f.scheme.String()
		out := Fit{Scheme: text, Rows: f.rows, Share: shareOf(f.rows, n.IDs), Check: f.check(), CheckFailed: failed[text], Example: cmp.Or(example, f.least)}
		if k := slices.IndexFunc(a.found, func(c infer.Candidate) bool { return c.Scheme == text }); k >= 0 {
			out.Family, out.Notes = a.found[k].Family, a.found[k].Notes
		}
		return out
	}
	examples := a.examples(a.foundSet)
	for i, f := range r.found {
		n.Found = append(n.Found, fit(f, examples[i]))
	}
	for _, f := range a.described(r.readings) {
		if f.rows > 0 {
			n.Components = append(n.Components, f.distributions()...)
			n.sequence(f, a.scratch)
		}
	}
	examples = a.examples(a.set)
	for i, f := range r.configured {
		n.Configured = append(n.Configured, fit(f, examples[i]))
	}
	n.agree(r)
	a.spellings(n, r)
	a.placeholders(n, r.suspects)
}

// examples are numbers of the sample, one for each scheme that reads some
// which no scheme before it does.
func (a *analysis) examples(set *scheme.Set) []string {
	list := make([]string, len(set.Schemes()))
	if len(list) == 0 {
		return nil
	}
	texts := a.sample.texts()
	for i := range texts {
		// The middle of the natural order is more typical than its ends.
		key := texts[(i+len(texts)/2)%len(texts)]
		if _, at := set.Key(key); at >= 0 && list[at] == "" {
			list[at] = key
		}
	}
	return list
}

// check is the check system of the scheme, or empty.
func (r *reading) check() string {
	for _, t := range r.tokens {
		if t.kind == "check" {
			name, _, _ := strings.Cut(t.arg, "(")
			return name
		}
	}
	return ""
}

// exceptions lists the numbers that nothing reads, those last that damage
// explains, and counts by scheme the rows that fit but for the check
// characters.
func (a *analysis) exceptions(n *Numbering, r *result, damaged map[uint64]bool) (failed map[string]int64) {
	failed = map[string]int64{}
	n.Exceptions.Rows = r.excepted
	for _, s := range r.exceptions.top(r.exceptions.limit) {
		key, err := a.key(s.text)
		if err != nil {
			continue
		}
		e := Exception{Item: Item{s.text, s.n, a.places.place(s.first)}}
		for _, f := range slices.Concat(r.configured, r.found) {
			if f.check() == "" {
				continue
			}
			if check := failedCheck(f.scheme, key); check != "" {
				if e.Why == "" {
					e.Why = "the " + check + " check fails"
				}
				failed[f.scheme.String()] += s.n << r.exceptions.level
			}
		}
		if damaged[s.hash] {
			n.Exceptions.Damaged += s.n << r.exceptions.level
		} else if len(n.Exceptions.Examples) < maxExamples {
			n.Exceptions.Examples = append(n.Exceptions.Examples, e)
		}
	}
	return failed
}

// agree compares the configured schemes with those found.
func (n *Numbering) agree(r *result) {
	if len(n.Configured) == 0 || len(n.Found) == 0 {
		return
	}
	texts := func(fits []Fit) (list []string) {
		for _, f := range fits {
			list = append(list, f.Scheme)
		}
		slices.Sort(list)
		return list
	}
	g := &Agreement{Refused: r.refused, Unexplained: r.unexplained}
	switch {
	case slices.Equal(texts(n.Configured), texts(n.Found)):
		g.Verdict = Same
	case r.refused == 0:
		g.Verdict = Looser
	case r.unexplained == 0:
		g.Verdict = Narrower
	default:
		g.Verdict = Different
	}
	n.Agreement = g
}

// distributions says how the numbers spread over the parts of a scheme.
func (r *reading) distributions() []Distribution {
	var list []Distribution
	for i, t := range r.tokens {
		d := Distribution{Scheme: r.scheme.String(), Component: t.name}
		switch {
		case r.tallies[i] != nil:
			if d.spread(r.tallies[i], r.rows) {
				for k := range d.Values {
					d.Values[k].Label = labelOf(t, d.Values[k].Text)
				}
				list = append(list, d)
			}
		case r.dates[i] != nil && r.dates[i].rows > 0:
			r.dates[i].distribution(&d)
			list = append(list, d)
		}
	}
	names := make([]string, 0, len(r.details))
	for name := range r.details {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d := Distribution{Scheme: r.scheme.String(), Component: name}
		if d.spread(r.details[name], r.rows) {
			list = append(list, d)
		}
	}
	return list
}

// spread fills in the most frequent values; it is false where customers are
// not spread over them.
func (d *Distribution) spread(t *tally, rows int64) bool {
	d.Rows, d.Distinct = rows, t.distinct()
	if !t.exact() || d.Distinct > 20 && float64(d.Distinct) > spreadShare*float64(rows) {
		return false
	}
	d.Rest = rows
	for _, s := range t.top(maxValues) {
		d.Values = append(d.Values, Value{Text: s.text, Rows: s.n, Share: shareOf(s.n, rows)})
		d.Rest -= s.n
	}
	return true
}

// sequence adds how the running numbers of a scheme run, and how much of the
// scheme is used.
func (n *Numbering) sequence(r *reading, scratch []uint64) {
	text := r.scheme.String()
	c := Capacity{Scheme: text}
	total, bounded := r.scheme.Capacity()
	if r.counts.counter >= 0 && len(r.counts.values)+len(r.counts.large) > 0 {
		s := Sequence{Scheme: text, Component: r.tokens[r.counts.counter].name}
		r.counts.sequence(&s, r.within(), scratch)
		n.Sequences = append(n.Sequences, s)
		c.Used = s.Numbers
		c.headroom(r.tokens[r.counts.counter], s)
	}
	if !bounded {
		return
	}
	c.Total = total.String()
	if c.Used == 0 || len(r.tokens) > 1 {
		c.Used = min(r.rows, n.Distinct)
	}
	c.Share = portion(big.NewInt(c.Used), total)
	n.Capacity = append(n.Capacity, c)
}

// headroom is what the largest running number leaves before the digits end.
func (c *Capacity) headroom(t token, s Sequence) {
	width := t.maxWidth()
	if width == 0 {
		return
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(width)), nil)
	limit.Sub(limit, big.NewInt(1))
	highest := new(big.Int)
	for _, r := range s.Runs {
		if r.Shape == Scattered {
			return
		}
		if m, ok := new(big.Int).SetString(r.Max, 10); ok && m.Cmp(highest) > 0 {
			highest = m
		}
	}
	c.Highest, c.Limit, c.Left = highest.String(), limit.String(), new(big.Int).Sub(limit, highest).String()
	c.PerGroup = len(s.Per) > 0
}

// maxWidth is the most digits a token can have, 0 for as many as one likes.
func (t token) maxWidth() int {
	if t.arg == "" || strings.HasSuffix(t.arg, "+") {
		return 0
	}
	_, most, found := strings.Cut(t.arg, "-")
	if !found {
		most = t.arg
	}
	n, err := strconv.Atoi(most)
	if err != nil {
		return 0
	}
	return n
}

// spellings tells what is one number but for the writing.
func (a *analysis) spellings(n *Numbering, r *result) {
	n.Spellings.Alike, n.Spellings.Folded = r.similar, r.foldedKeys
	for _, g := range r.alike.sorted() {
		n.Spellings.Examples = append(n.Spellings.Examples, Spelling{IDs: g.ids, Places: a.places.places(g.lines)})
	}
	for _, g := range r.spelled.sorted() {
		n.Spellings.Examples = append(n.Spellings.Examples, Spelling{IDs: g.ids, Places: a.places.places(g.lines), SameKey: true})
	}
}
