package profile

import (
	"errors"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// reading is what IDs of one scheme say, component by component. It is for
// one goroutine.
type reading struct {
	scheme *scheme.Scheme
	tokens []token
	rows   int64
	least  string // of its keys, byte by byte
	// components says that the rest is filled in, by token:
	components bool
	tallies    []*tally
	dates      []*calendar
	readers    []func(string) (day, bool)
	counts     counts
	details    map[string]*tally // what is inside machine IDs
	read       scheme.Parts
	parts      []string
}

func newReading(s *scheme.Scheme) *reading {
	return &reading{scheme: s, tokens: tokensOf(s.String())}
}

// describe prepares r for the components of IDs; counter is the token that
// counts, or -1.
func (r *reading) describe(counter int) {
	n := len(r.tokens)
	r.components, r.counts.counter = true, counter
	r.tallies, r.dates, r.readers, r.parts = make([]*tally, n), make([]*calendar, n), make([]func(string) (day, bool), n), make([]string, n)
	for i, t := range r.tokens {
		switch t.role() {
		case category:
			r.tallies[i] = newTally(tallyLimit)
		case dated:
			if r.readers[i] = t.reader(); r.readers[i] != nil {
				r.dates[i] = &calendar{}
			}
		case inside:
			r.dates[i] = &calendar{}
		}
		if counter >= 0 && i != counter && slices.Contains([]role{category, dated, number}, t.role()) {
			r.counts.within = append(r.counts.within, i)
		}
	}
}

// within names the components within whose values the counter may count.
func (r *reading) within() []string {
	var names []string
	for _, i := range r.counts.within {
		names = append(names, r.tokens[i].name)
	}
	return names
}

// add takes a key that the scheme reads. Repeated keys are counted once in
// what is said about sequences, as their values are equal.
func (r *reading) add(key string) {
	r.take(key, 1)
	if !r.components {
		return
	}
	if !r.scheme.ParseInto(&r.read, key) {
		return // another spelling of a key
	}
	clear(r.parts)
	next := 0
	for _, part := range r.read.Parts {
		for next < len(r.tokens) && r.tokens[next].name != part.Name {
			next++ // an optional part that is not there
		}
		if next == len(r.tokens) {
			return
		}
		r.parts[next] = part.Text
		next++
	}
	for i, text := range r.parts {
		if text == "" {
			continue
		}
		switch {
		case r.tallies[i] != nil:
			r.tallies[i].add(sum64(text), text, 1, 0)
		case r.readers[i] != nil:
			if d, ok := r.readers[i](text); ok {
				r.dates[i].add(d)
			}
		case r.dates[i] != nil:
			r.look(i, text)
		}
	}
	if r.counts.counter >= 0 && r.parts[r.counts.counter] != "" {
		r.counts.add(r.parts)
	}
}

func (r *reading) take(key string, rows int64) {
	if r.rows == 0 || key < r.least {
		r.least = strings.Clone(key)
	}
	r.rows += rows
}

// look takes a machine ID apart.
func (r *reading) look(i int, text string) {
	for _, d := range scheme.Details(r.tokens[i].kind, text) {
		if d.Name == "id15" {
			continue // the ID once more
		}
		if strings.HasPrefix(d.Name, "time") {
			if at, ok := (token{arg: "YYYY-MM-DD"}).reader()(d.Text); ok {
				r.dates[i].add(at)
			}
			continue
		}
		if r.details == nil {
			r.details = map[string]*tally{}
		}
		t := r.details[d.Name]
		if t == nil {
			t = newTally(tallyLimit)
			r.details[d.Name] = t
		}
		t.add(sum64(d.Text), d.Text, 1, 0)
	}
}

func (r *reading) merge(o *reading) {
	if o.rows > 0 {
		r.take(o.least, o.rows)
	}
	if !r.components {
		return
	}
	for i := range r.tokens {
		if r.tallies[i] != nil {
			r.tallies[i].merge(o.tallies[i])
		}
		if r.dates[i] != nil {
			r.dates[i].merge(o.dates[i])
		}
	}
	for name, t := range o.details {
		if r.details == nil {
			r.details = map[string]*tally{}
		}
		if r.details[name] == nil {
			r.details[name] = newTally(tallyLimit)
		}
		r.details[name].merge(t)
	}
	r.counts.merge(&o.counts)
}

// failedCheck is the check system that a key fails though it fits otherwise;
// empty for one that has another shape.
func failedCheck(s *scheme.Scheme, key string) string {
	_, err := s.Parse(key)
	var m *scheme.MatchError
	if errors.As(err, &m) {
		return m.Check
	}
	return ""
}
