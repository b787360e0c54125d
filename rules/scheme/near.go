package scheme

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// SlipKind is a sort of mistake by which one number is written for another.
type SlipKind uint8

// The kinds of slips, the likeliest for any one number first: there are a few
// ways to swap two characters of a number and hundreds to replace one.
const (
	SlipCase       SlipKind = iota // small letters for capitals, or capitals for small ones
	SlipSeparator                  // hyphens or other separators left out or added
	SlipZeros                      // leading zeros of a run of digits left out or added
	SlipLookalike                  // a character for one that looks like it
	SlipSwap                       // ab for ba
	SlipJump                       // abc for cba
	SlipTwin                       // aa for bb
	SlipSubstitute                 // one character for another
	SlipExtra                      // a character too many
	SlipMissing                    // a character left out
)

// Slip is a number that may have been meant, and the one mistake that makes
// the number that was written out of it: Wrote stands there, from character At
// on (counted from 1), in the place of Meant. At is 0 where the mistake
// runs through the whole number: Wrote and Meant are then single characters,
// or empty.
type Slip struct {
	ID           string
	Kind         SlipKind
	At           int
	Wrote, Meant string
}

// String says the slip in words, such as "2 and 3 swapped at character 7".
func (s Slip) String() string {
	switch s.Kind {
	case SlipCase:
		switch {
		case s.At == 0 && s.Wrote == "a":
			return "small letters for capitals"
		case s.At == 0:
			return "capitals for small letters"
		}
		return fmt.Sprintf("%s for %s at character %d", s.Wrote, s.Meant, s.At)
	case SlipSeparator:
		switch {
		case s.At == 0 && s.Wrote == "":
			return "hyphens left out"
		case s.At == 0:
			return "hyphens or other separators added"
		}
	case SlipZeros:
		if s.Wrote == "" {
			return fmt.Sprintf("%s left out before character %d", zeros(len(s.Meant)), s.At)
		}
		return fmt.Sprintf("%s too many at character %d", zeros(len(s.Wrote)), s.At)
	case SlipLookalike:
		if s.At == 0 {
			return fmt.Sprintf("every %s for %s", s.Wrote, s.Meant)
		}
	case SlipSwap:
		first, second := halves(s.Wrote)
		return fmt.Sprintf("%s and %s swapped at character %d", first, second, s.At)
	case SlipJump:
		first, rest := halves(s.Wrote)
		_, last := halves(rest)
		return fmt.Sprintf("%s and %s swapped around character %d", first, last, s.At+1)
	}
	switch {
	case s.Wrote == "":
		return fmt.Sprintf("%s left out before character %d", visible(s.Meant), s.At)
	case s.Meant == "":
		return fmt.Sprintf("%s too many at character %d", visible(s.Wrote), s.At)
	}
	return fmt.Sprintf("%s for %s at character %d", visible(s.Wrote), visible(s.Meant), s.At)
}

// halves cuts a text after its first character.
func halves(s string) (first, rest string) {
	for i := range s {
		if i > 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

func zeros(n int) string {
	if n == 1 {
		return "a leading zero"
	}
	return fmt.Sprintf("%d leading zeros", n)
}

// visible names the characters that a sentence swallows.
func visible(s string) string {
	switch s {
	case " ":
		return "a space"
	case "-":
		return "a hyphen"
	}
	return s
}

const (
	// fullNear is the length up to which every slip is tried: about 6,000
	// numbers at the most. Beyond it, what replaces, adds or drops arbitrary
	// characters is left out.
	fullNear = MaxCanonical
	// groupedNear is the length up to which two hyphens may have been left out.
	groupedNear = 32
	// between are the characters that stand between the groups of a number.
	between = "-./_ "
	// alike lists characters that people and scanners take for each other, in
	// pairs.
	alike = "O0 I1 L1 IL S5 Z2 B8 G6 Q0 D0 o0 i1 l1 lI s5 z2"
)

// Neighbours yields the numbers that are one slip away from id: those of which
// id may be a mistyped spelling. Each comes once, as the likeliest slip that
// leads to it, and id itself never does. The characters that may have been
// meant are 0-9 and A-Z, a-z where id has small letters, separators, and the
// other characters of id. id is a key, as a [Keyer] makes them.
func Neighbours(id string) iter.Seq[Slip] {
	return func(yield func(Slip) bool) {
		n := near{id: []rune(id), seen: map[string]bool{id: true}, yield: yield}
		n.alphabet = alphabetOf(n.id)
		for _, slips := range []func(){n.cases, n.separated, n.zeros, n.lookalikes, n.swaps} {
			slips()
		}
		if len(n.id) <= fullNear {
			for _, slips := range []func(){n.jumps, n.twins, n.substitutes, n.extras, n.missing} {
				slips()
			}
		}
	}
}

// near makes the neighbours of one number.
type near struct {
	id       []rune
	alphabet []rune // the characters that may have been meant
	seen     map[string]bool
	yield    func(Slip) bool
	stopped  bool
}

// add yields the number in which meant stands for the width characters at i.
// Keys have no outer spaces: one that stands for something else there would be
// a character too many under another name.
func (n *near) add(kind SlipKind, i, width int, meant ...rune) {
	if n.stopped {
		return
	}
	id := string(slices.Concat(n.id[:i], meant, n.id[i+width:]))
	if kind != SlipMissing && strings.Trim(id, " ") != id {
		return
	}
	n.emit(Slip{ID: id, Kind: kind, At: i + 1, Wrote: string(n.id[i : i+width]), Meant: string(meant)})
}

// whole yields a number that differs from the one written throughout.
func (n *near) whole(kind SlipKind, id, wrote, meant string) {
	n.emit(Slip{ID: id, Kind: kind, Wrote: wrote, Meant: meant})
}

func (n *near) emit(s Slip) {
	if n.stopped || s.ID == "" || n.seen[s.ID] {
		return
	}
	n.seen[s.ID] = true
	n.stopped = !n.yield(s)
}

// cases turns all letters, and then each, into the other case.
func (n *near) cases() {
	id := string(n.id)
	n.whole(SlipCase, mapASCII(id, 'a', 'z'), "a", "A")
	n.whole(SlipCase, mapASCII(id, 'A', 'Z'), "A", "a")
	for i, r := range n.id {
		if isASCIILetter(r) {
			n.add(SlipCase, i, 1, r^0x20)
		}
	}
}

func isASCIILetter(r rune) bool { return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' }

// separated leaves out separators, one of them or all, and puts in one hyphen
// or two: numbers are copied with their groups run together, and typed in
// groups.
func (n *near) separated() {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(between, r) {
			return -1
		}
		return r
	}, string(n.id))
	for i, r := range n.id {
		if strings.ContainsRune(between, r) {
			n.add(SlipSeparator, i, 1)
			n.add(SlipSeparator, i, 1, '-')
		}
	}
	n.whole(SlipSeparator, plain, "-", "")
	if len(n.id) > fullNear {
		return
	}
	for i := range len(n.id) + 1 {
		n.add(SlipSeparator, i, 0, '-')
	}
	for i := 1; i < len(n.id) && len(n.id) <= groupedNear; i++ {
		for k := i + 1; k < len(n.id); k++ {
			n.whole(SlipSeparator, string(n.id[:i])+"-"+string(n.id[i:k])+"-"+string(n.id[k:]), "", "-")
		}
	}
}

// zeros puts zeros before each run of digits, up to the longest number that
// there is, and leaves out those that stand there.
func (n *near) zeros() {
	for i := 0; i < len(n.id); i++ {
		if !isDigitRune(n.id[i]) || i > 0 && isDigitRune(n.id[i-1]) {
			continue
		}
		end := i
		for end+1 < len(n.id) && n.id[end] == '0' && isDigitRune(n.id[end+1]) {
			end++
			n.add(SlipZeros, i, end-i)
		}
		for k := 1; k <= fullNear-len(n.id); k++ {
			n.add(SlipZeros, i, 0, []rune(strings.Repeat("0", k))...)
		}
	}
}

func isDigitRune(r rune) bool { return '0' <= r && r <= '9' }

// lookalikes replaces a character, or every one of its kind, by those that
// look like it.
func (n *near) lookalikes() {
	for pair := range strings.FieldsSeq(alike) {
		for _, p := range [...][2]rune{{rune(pair[0]), rune(pair[1])}, {rune(pair[1]), rune(pair[0])}} {
			if !slices.Contains(n.alphabet, p[1]) {
				continue
			}
			for i, r := range n.id {
				if r == p[0] {
					n.add(SlipLookalike, i, 1, p[1])
				}
			}
			if !slices.Contains(n.id, p[1]) {
				n.whole(SlipLookalike, strings.ReplaceAll(string(n.id), string(p[0]), string(p[1])), string(p[0]), string(p[1]))
			}
		}
	}
}

func (n *near) swaps() {
	for i := 1; i < len(n.id); i++ {
		n.add(SlipSwap, i-1, 2, n.id[i], n.id[i-1])
	}
}

func (n *near) jumps() {
	for i := 2; i < len(n.id); i++ {
		n.add(SlipJump, i-2, 3, n.id[i], n.id[i-1], n.id[i-2])
	}
}

func (n *near) twins() {
	for i := 1; i < len(n.id); i++ {
		if n.id[i] != n.id[i-1] {
			continue
		}
		for _, r := range n.alphabet {
			n.add(SlipTwin, i-1, 2, r, r)
		}
	}
}

func (n *near) substitutes() {
	for i := range n.id {
		for _, r := range n.alphabet {
			n.add(SlipSubstitute, i, 1, r)
		}
	}
}

func (n *near) extras() {
	for i := range n.id {
		n.add(SlipExtra, i, 1)
	}
}

func (n *near) missing() {
	for i := range len(n.id) + 1 {
		for _, r := range n.alphabet {
			n.add(SlipMissing, i, 0, r)
		}
	}
}

func alphabetOf(id []rune) []rune {
	all := []rune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" + between)
	if slices.ContainsFunc(id, func(r rune) bool { return 'a' <= r && r <= 'z' }) {
		all = append(all, []rune("abcdefghijklmnopqrstuvwxyz")...)
	}
	for _, r := range id {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}
