package scheme

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
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

// codeKey makes members what they are in keys: NFC, full-width letters and
// digits folded. Outer space stays, as the middle of an ID keeps it.
var codeKey = Keyer{keepSpace: true}

// CodeProblem is a member of a code list that no ID could have, or a list that
// is wrong as a whole; Member counts from 0 and is then -1.
type CodeProblem struct {
	List    string
	Member  int
	Message string
	Hint    string
}

// Check finds all problems of the lists, in the order of their names.
func (c Codes) Check() []CodeProblem {
	var problems []CodeProblem
	for _, list := range slices.Sorted(maps.Keys(c)) {
		add := func(member int, message, hint string) {
			problems = append(problems, CodeProblem{list, member, message, hint})
		}
		if len(c[list]) == 0 {
			add(-1, fmt.Sprintf("the code list %s is empty", list), "list its codes: [N, S]")
		}
		first := map[string]int{}
		for i, member := range c[list] {
			key, err := codeKey.Key(member)
			at, twice := first[key]
			switch {
			case err != nil:
				add(i, fmt.Sprintf("code %d of the list %s %s", i+1, list, err), "take it out of the list")
			case twice:
				add(i, fmt.Sprintf("code %d of the list %s is code %d again", i+1, list, at+1), "take one of them out")
			default:
				first[key] = i
			}
		}
	}
	return problems
}

// newCodeList makes a list of configured members; those that Check reports are
// left out.
func newCodeList(members []string) *codeList {
	set := make(map[string]struct{}, len(members))
	l := &codeList{class: &class{}}
	for _, member := range members {
		key, err := codeKey.Key(member)
		if err != nil {
			continue
		}
		set[key] = struct{}{}
		n := utf8.RuneCountInString(key)
		if l.min == 0 || n < l.min {
			l.min = n
		}
		l.max = max(l.max, n)
		for i := range len(key) {
			if key[i] < utf8.RuneSelf {
				l.class.ascii[key[i]] = true
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
