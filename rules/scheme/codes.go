package scheme

import (
	"maps"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Codes are the code lists that {code:NAME} can name: list name -> members.
// The lists that are built in, gb2260, gb2260-2 and gb2260-4, need not be in
// it; a list of the same name takes the place of a built-in one.
type Codes map[string][]string

// codeList is the members of a code list. It is safe for concurrent use.
type codeList struct {
	class    *class // of the characters of all members
	min, max int    // characters
	size     int64  // members
	has      func(text string) bool
	// name is what a code stands for and empty where the list does not say;
	// obsolete says that it was withdrawn, which does not make it wrong.
	name     func(code string) string
	obsolete func(code string) bool
}

// list finds a code list by its name; a configured one wins over a built-in
// one.
func (c Codes) list(name string) (*codeList, bool) {
	if members, ok := c[name]; ok {
		return newCodeList(members), true
	}
	l, ok := builtinCodes()[name]
	return l, ok
}

// names lists the code lists, for hints.
func (c Codes) names() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(c)), maps.Keys(builtinCodes()))
	slices.Sort(names)
	return slices.Compact(names)
}

// newCodeList makes a list of configured members. They are composed as keys
// are (NFC), so that they are found however they were typed.
func newCodeList(members []string) *codeList {
	set := make(map[string]struct{}, len(members))
	l := &codeList{class: &class{}}
	for _, m := range members {
		m = norm.NFC.String(m)
		if _, twice := set[m]; twice || m == "" {
			continue // Check reports it
		}
		set[m] = struct{}{}
		n := utf8.RuneCountInString(m)
		if l.min == 0 || n < l.min {
			l.min = n
		}
		l.max = max(l.max, n)
		for i := range len(m) {
			if m[i] < utf8.RuneSelf {
				l.class.ascii[m[i]] = true
			} else {
				l.class.wide = true
			}
		}
	}
	l.size = int64(len(set))
	l.has = func(text string) bool { _, ok := set[text]; return ok }
	l.name = func(string) string { return "" }
	l.obsolete = func(string) bool { return false }
	return l
}
