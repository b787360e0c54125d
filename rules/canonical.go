package rules

import (
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/rules/normalize"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// found is where a source has what its canonical scheme needs.
type found struct {
	scheme.Need
	role int // in source.roles, or -1
}

// compileCanonical compiles one canonical scheme.
func (r *Ruleset) compileCanonical(p *problems, path, text string) *scheme.Canonical {
	c, err := scheme.CompileCanonical(text)
	if err != nil {
		p.scheme(path, err)
		return nil
	}
	return c
}

// compileNumbers settles how the customers that a source founds are numbered.
// path is that of the scheme in the configuration.
func (s *source) compileNumbers(p *problems, path string, c *scheme.Canonical) {
	if c == nil {
		return // reported
	}
	own, err := c.ForSource(s.Name)
	if err != nil {
		p.scheme(path, err)
		return
	}
	s.canonical = own
	for _, n := range own.Needs() {
		f := found{n, slices.IndexFunc(s.roles, func(ro role) bool { return ro.name == n.Name && n.Token == "field" })}
		if n.Token == "date" {
			f.role = slices.IndexFunc(s.roles, func(ro role) bool { return ro.name == "created" })
		}
		s.needs = append(s.needs, f)
		if f.role < 0 {
			s.checkComponent(p, path, n)
		}
	}
}

// checkSecret refuses {hash} without a secret, and a secret that is none.
func (r *Ruleset) checkSecret(p *problems) {
	i := slices.IndexFunc(r.sources, func(s *source) bool { return s.canonical != nil && s.canonical.Issue() == scheme.Hashed })
	if i < 0 {
		return
	}
	switch secret := r.cfg.Canonical.Secret; {
	case secret == "":
		path := "canonical.scheme"
		if as := r.sources[i].As; as != "" && as != "keep" {
			path = "sources." + r.sources[i].Name + ".as"
		}
		p.add(path, "rules.secret", "{hash} needs a secret, or anybody could work the numbers out", "set canonical: { secret: \"${XWALK_SECRET}\" } and keep it: another secret gives other numbers")
	case len(secret) < scheme.MinSecret:
		p.add("canonical.secret", "rules.secret", fmt.Sprintf("the secret is shorter than %d characters, so it could be found by trying", scheme.MinSecret), "make one with: openssl rand -hex 32")
	}
}

// checkComponent refuses a need that no field serves and that no ID of the
// source can serve either.
func (s *source) checkComponent(p *problems, path string, n scheme.Need) {
	for _, sc := range s.id.schemes.Schemes() {
		if n.Token == "date" && n.Says(sc) || n.Token != "date" && sc.Has(n.Name) {
			return
		}
	}
	var msg, hint string
	own := fmt.Sprintf("; or give %s numbers of its own with `as`", s.Name)
	switch n.Token {
	case "seq":
		msg = fmt.Sprintf("source %s has no {seq} in its IDs for the numbers to carry", s.Name)
		hint = "write it as in id: { field: no, scheme: \"C{seq:4}\" }" + own
	case "date":
		msg = fmt.Sprintf("source %s does not tell the date for %s: neither its IDs nor a field created", s.Name, n)
		hint = "map created under its fields" + own
	default:
		msg = fmt.Sprintf("source %s has neither a field nor a component of its IDs called %s", s.Name, n.Name)
		hint = "map it under its fields" + own
		var names []string
		for _, ro := range s.roles {
			names = append(names, ro.name)
		}
		if near := diag.Nearest(n.Name, names); near != "" {
			hint = fmt.Sprintf("did you mean {field:%s}?", near)
		}
	}
	p.list = append(p.list, diag.Diagnostic{
		Pos: diag.Pos{File: path, Column: n.Column}, Width: len([]rune(n.String())), Code: "rules.canonical",
		Message: msg, Hint: hint,
	})
}

// give collects what a canonical number would take from the record.
func (rd *Reader) give(f *Facts, values []mapping.Value) {
	s := rd.src
	parsed := rd.parse(f.Key)
	f.Gives = f.Gives[:0]
	for i, n := range s.needs {
		switch {
		case n.Token == "date":
			f.Gives = s.canonical.GiveDate(f.Gives, i, rd.date(n, parsed, values))
		case n.role >= 0:
			text := ""
			if cells := rd.cells[n.role]; len(cells) > 0 {
				text = cells[0].text
			}
			f.Gives = s.canonical.Give(f.Gives, i, text)
		default:
			text, _ := rd.components.Get(n.Name)
			f.Gives = s.canonical.Give(f.Gives, i, text)
		}
	}
}

// Gives is what canonical numbers of source i would take from a record of which
// only the key and the fields that the crosswalk keeps are known. What is
// missing is given as the lack of it, which [scheme.Canonical.Check] reports.
func (r *Ruleset) Gives(i int, key string, fields map[string][]string) []byte {
	rd := r.Reader(i)
	s := rd.src
	parsed := rd.parse(key)
	first := func(role int) string {
		if role < 0 || len(fields[s.roles[role].name]) == 0 {
			return ""
		}
		return fields[s.roles[role].name][0]
	}
	var gives []byte
	for no, n := range s.needs {
		switch {
		case n.Token == "date":
			var day time.Time
			if parsed != nil {
				day = n.Date(parsed, rd.components, s.loc)
			}
			if day.IsZero() {
				if t, ok := normalize.Time(first(n.role), s.loc, s.Dates); ok {
					day = t.In(s.loc)
				}
			}
			gives = s.canonical.GiveDate(gives, no, day)
		case n.role >= 0:
			gives = s.canonical.Give(gives, no, first(n.role))
		default:
			text, _ := rd.components.Get(n.Name)
			gives = s.canonical.Give(gives, no, text)
		}
	}
	return gives
}

// parse reads the components of a key into rd.components, and returns the
// scheme that did, or nil.
func (rd *Reader) parse(key string) *scheme.Scheme {
	for _, sc := range rd.src.id.schemes.Schemes() {
		if sc.ParseInto(&rd.components, key) {
			return sc
		}
	}
	rd.components = scheme.Parts{}
	return nil
}

// date is the day on which a customer came into being: the ID's, or that of
// the field created, in the time zone of the source.
func (rd *Reader) date(n found, parsed *scheme.Scheme, values []mapping.Value) time.Time {
	if parsed != nil {
		if t := n.Date(parsed, rd.components, rd.src.loc); !t.IsZero() {
			return t
		}
	}
	if v, ok := rd.first(n.role, values); ok {
		if t, ok := normalize.Time(strings.TrimSpace(v), rd.src.loc, rd.src.Dates); ok {
			return t.In(rd.src.loc)
		}
	}
	return time.Time{}
}

// Canonical is the scheme in which customers founded by source i are
// numbered.
func (r *Ruleset) Canonical(i int) *scheme.Canonical { return r.sources[i].canonical }

// Drawer draws the numbers of source i, whose scheme has {random} or {hash}.
// Randomness is read from random.
func (r *Ruleset) Drawer(i int, random io.Reader) (*scheme.Drawer, error) {
	c := r.Canonical(i)
	if c.Issue() == scheme.Hashed {
		return c.Drawer([]byte(r.cfg.Canonical.Secret)), nil
	}
	if random == nil {
		random = rand.Reader
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("draw random numbers: %w", err)
	}
	return c.Drawer(key), nil
}

// OneCounter reports whether all customers are numbered by one counter, so
// that no two numbers of a run can be equal.
func (r *Ruleset) OneCounter() bool {
	for _, s := range r.sources {
		c := s.canonical
		if c.Issue() != scheme.Counted || len(c.Needs()) > 0 || c.String() != r.sources[0].canonical.String() {
			return false
		}
	}
	return true
}

// KeepsNumbers reports whether the numbers of source i stay canonical.
func (r *Ruleset) KeepsNumbers(i int) bool { return r.sources[i].As == "keep" }

// Start is the first value of a new counter, at least 1.
func (r *Ruleset) Start() uint64 { return max(1, r.cfg.Canonical.Start) }

// SkipReserved is n, or the first value after n that is not reserved.
func (r *Ruleset) SkipReserved(n uint64) uint64 {
	for moved := true; moved; {
		moved = false
		for _, rg := range r.cfg.Canonical.Reserved {
			if n >= rg.From && n <= rg.To {
				n, moved = rg.To+1, true
			}
		}
	}
	return n
}

// Usable is how many counter values from low to high are not reserved.
func (r *Ruleset) Usable(low, high uint64) uint64 {
	if low > high {
		return 0
	}
	ranges := slices.SortedFunc(slices.Values(r.cfg.Canonical.Reserved), func(a, b Range) int {
		if a.From < b.From {
			return -1
		}
		return 1
	})
	left, at := high-low+1, low // at: below it, reserved values are counted
	for _, rg := range ranges {
		from, to := max(rg.From, at), min(rg.To, high)
		if from <= to {
			left -= to - from + 1
			at = to + 1
		}
	}
	return left
}

// Warnings says in what ways the canonical IDs could come to harm. Each begins
// with the scheme that it is about.
func (r *Ruleset) Warnings() []string {
	var out []string
	for _, s := range r.sources {
		for _, w := range s.canonical.Warnings() {
			if w = s.canonical.String() + ": " + w; !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}
