package scheme

import (
	"errors"
	"slices"
	"strings"
)

// Set is the schemes of one ID space. An ID belongs to the first scheme that
// reads it; the empty set reads every ID. A set is safe for concurrent use.
//
// A set decides the key of an ID: the one spelling of numbers that have
// several. These are spellings of one number:
//   - what a token reads alike: a UUID with and without hyphens, the 15 and the
//     18 characters of a Salesforce ID, a Crockford 0 and O;
//   - forms that differ only in check characters and in the separators - . and
//     space: b1234567 and .b12345672 under [.]b{seq:7}[{check:sierra-mod11}],
//     or under two schemes of the set. The shorter one is the key;
//   - the 15 digits of an old resident number of China and the 18 characters of
//     the new one (GB 11643), where the set has a scheme for each.
//
// Forms of two schemes that could read the same text are never taken for
// spellings of one number.
type Set struct {
	schemes []*Scheme    // those that fold first
	folds   [][]spelling // by scheme and form
	forms   []setForm    // all of them, in the order in which they are tried
	plain   bool         // some form is plain
	given   []int        // the schemes in the order in which they were given
	folding int          // how many of the schemes fold
	shared  bool         // several schemes decide keys
}

// setForm is a form in a set: which of the set's schemes it is of, which of
// that scheme's forms, and how its IDs are written as keys.
type setForm struct {
	*spelling
	f          *form
	scheme, at int
}

// NewSet makes a set of schemes, in the order in which they are to be tried;
// those with IDs of several spellings come first.
func NewSet(schemes ...*Scheme) *Set {
	folds := spellings(schemes)
	rank := func(i int) int {
		if slices.ContainsFunc(folds[i], folding) {
			return 0
		}
		return 1
	}
	order := make([]int, len(schemes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(a) - rank(b) })
	s := &Set{given: make([]int, len(schemes))}
	for k, i := range order {
		s.schemes = append(s.schemes, schemes[i])
		s.folds = append(s.folds, folds[i])
		s.given[i] = k
		for at := range schemes[i].forms {
			s.forms = append(s.forms, setForm{&folds[i][at], &schemes[i].forms[at], k, at})
			s.plain = s.plain || schemes[i].forms[at].plain
		}
		s.folding += 1 - rank(i)
	}
	s.shared = len(s.Folding()) > 1
	return s
}

// Schemes lists the schemes of the set in the order in which they are tried.
func (s *Set) Schemes() []*Scheme { return s.schemes }

// Folds reports whether some IDs have other spellings, so that their keys are
// not what the key rule alone makes of them.
func (s *Set) Folds() bool { return len(s.Folding()) > 0 }

// Folding lists the schemes that decide keys, in the order in which they were
// given: a set of them alone gives every ID that they read the key that s gives
// it.
func (s *Set) Folding() []*Scheme {
	var out []*Scheme
	for _, i := range s.given {
		sc := s.schemes[i]
		takesPart := func(sp spelling) bool { return sp.folds && sc.owns(sp.into) }
		if slices.ContainsFunc(s.folds[i], folding) ||
			slices.ContainsFunc(s.folds, func(all []spelling) bool { return slices.ContainsFunc(all, takesPart) }) {
			out = append(out, sc)
		}
	}
	return out
}

// Key is the one spelling of an ID that a scheme of the set reads, and which
// of Schemes that is; at is -1 where none does, and 0 in an empty set. id has
// been through the key rule. It allocates only where the key is not the ID.
func (s *Set) Key(id string) (key string, at int) { return s.Read(nil, id) }

// Read is Key, and fills p with the components of the ID as the scheme reads
// them, unless it is nil. An empty set leaves p as it is.
func (s *Set) Read(p *Parts, id string) (key string, at int) {
	key, at, _ = s.read(p, id)
	return key, at
}

// ReadAs is Read for an ID as it was received, under a key rule. The error says
// why the ID has no key, as [Keyer.Key] does.
func (s *Set) ReadAs(k Keyer, p *Parts, verbatim string) (key string, at int, err error) {
	if s.plain && (k.dirty == nil || k.dirty == dirtyDefault) {
		// A form that reads nothing but what every key rule leaves alone has
		// read the key itself.
		if key, at, plain := s.read(p, verbatim); plain {
			return key, at, nil
		}
		if p != nil {
			*p = Parts{Parts: p.Parts[:0]}
		}
	}
	if key, err = k.Key(verbatim); err != nil {
		return "", -1, err
	}
	key, at = s.Read(p, key)
	return key, at, nil
}

// read is Read, and tells whether the form that reads the ID is plain.
func (s *Set) read(p *Parts, id string) (key string, at int, plain bool) {
	if len(s.schemes) == 0 {
		return id, 0, false
	}
	var ends layout
	for i := range s.forms {
		o := &s.forms[i]
		if !o.f.reads(id, &ends) {
			continue
		}
		key := id
		if o.folds && !o.already(o.f, id, &ends) {
			var ok bool
			if key, ok = o.write(o.f, id, &ends); !ok {
				continue
			}
			if s.shared && key != id && !s.keeps(key, o.into) {
				key = id
			}
		}
		if p != nil {
			o.f.cut(p, o.at, id, &ends)
		}
		return key, o.scheme, o.f.plain
	}
	return id, -1, false
}

// keeps reports whether a key that was written in the form into is one: no other
// scheme that decides keys reads it before. One that does takes the text for
// another number, or writes it otherwise.
func (s *Set) keeps(key string, into *form) bool {
	var ends layout
	for i, sc := range s.schemes[:s.folding] {
		if at := sc.read(key, &ends); at >= 0 {
			return s.folds[i][at].into == into
		}
	}
	return true
}

// WrongCheck tells of an ID that no scheme of the set reads whether it fits one
// but for its check characters; nil where it does not.
func (s *Set) WrongCheck(id string) *MatchError {
	for _, sc := range s.schemes {
		var m *MatchError
		if errors.As(sc.mismatch(id), &m) && m.Check != "" {
			return m
		}
	}
	return nil
}

// String lists the schemes for messages: "C{seq:4} or K-{seq:6}".
func (s *Set) String() string {
	texts := make([]string, len(s.schemes))
	for i, sc := range s.schemes {
		texts[i] = sc.String()
	}
	return strings.Join(texts, " or ")
}
