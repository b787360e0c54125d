package scheme

import "strings"

// Set is the schemes of one ID space, in the order in which they are tried.
// The empty set reads every ID. It is safe for concurrent use.
type Set struct {
	schemes []*Scheme
}

// NewSet makes a set of schemes.
func NewSet(schemes ...*Scheme) *Set { return &Set{schemes: schemes} }

// Schemes lists the schemes of the set.
func (s *Set) Schemes() []*Scheme { return s.schemes }

// Folds reports whether some IDs have other spellings, so that their keys are
// not what the key rule alone makes of them.
func (s *Set) Folds() bool { return false }

// Key is the one spelling of an ID that a scheme of the set reads, and which
// scheme that is; at is -1 where none does, and 0 in an empty set. id has been
// through the key rule. It allocates nothing where the key is the ID itself.
func (s *Set) Key(id string) (key string, at int) {
	if len(s.schemes) == 0 {
		return id, 0
	}
	for i, sc := range s.schemes {
		if sc.Match(id) {
			return id, i
		}
	}
	return id, -1
}

// String lists the schemes for messages: "C{seq:4} or K-{seq:6}".
func (s *Set) String() string {
	texts := make([]string, len(s.schemes))
	for i, sc := range s.schemes {
		texts[i] = sc.String()
	}
	return strings.Join(texts, " or ")
}
