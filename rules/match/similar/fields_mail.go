package similar

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/rules/match/compare"
)

// mailboxes compares e-mail addresses. A local part that is made of its
// owner's name says nothing that the names do not say: namesakes have it at
// other domains, and brothers have it but for the given name.
func (s *scorer) mailboxes(w *weighing, a, b uint32, o *outcome) float32 {
	s.simple(w, onEmail, s.email, a, b, mailLevel, o)
	level := int(o.level[onEmail])
	if level == none {
		return 0
	}
	if level >= mailSlip && level <= mailAlike {
		level = s.beyondName(level, a, b)
		o.set(onEmail, level, 0)
	}
	if level == mailEqual {
		o.whose = s.whose(a, b)
	}
	if level == mailDomain {
		o.rare[onEmail] = s.domainRare(a, b)
	}
	return w.bits[onEmail][level] + o.rare[onEmail]
}

// beyondName is the level of two mailboxes that are alike, seen beside names.
func (s *scorer) beyondName(level int, a, b uint32) int {
	x, _ := s.t.form(a, s.email)
	y, _ := s.t.form(b, s.email)
	sl := &s.t.slots[s.email]
	fx, fy := &sl.forms[x], &sl.forms[y]
	ofX, ofY := s.madeOfName(a, fx.part), s.madeOfName(b, fy.part)
	named := ofX && ofY
	if fx.part == fy.part {
		named = (ofX || ofY) && domainsApart(fx, fy)
	}
	switch {
	case !named:
		return level
	case sl.order[fx.at] == sl.order[fy.at] && (fx.flags|fy.flags)&freeMail == 0:
		return mailDomain
	}
	return mailDiffers
}

// domainRare is what it adds that a domain is rarer than domains that agree
// are on average, or takes where many have it.
func (s *scorer) domainRare(a, b uint32) float32 {
	x, y, ok := s.pair(s.email, a, b)
	sl := &s.t.slots[s.email]
	rare := s.wordRare[s.email]
	if !ok || rare == nil {
		return 0
	}
	return min(mostLean, rare[sl.order[sl.forms[x].at]], rare[sl.order[sl.forms[y].at]])
}

// whose tells from the names of two records whose mailbox it is that they
// share.
func (s *scorer) whose(a, b uint32) mailOwner {
	form, _, ok := s.pair(s.email, a, b)
	if !ok {
		return anyones
	}
	local := s.t.slots[s.email].forms[form].part
	x, knownX := s.ownerOf(a, local)
	y, knownY := s.ownerOf(b, local)
	switch {
	case !knownX:
		return y
	case !knownY, x == y:
		return x
	}
	return anyones
}

// ownerOf tells whose mailbox a local part is by the name of a record; it is
// not known where there is no given name.
func (s *scorer) ownerOf(rec uint32, local string) (owner mailOwner, known bool) {
	given, family := s.firstWord(rec, s.given), s.firstWord(rec, s.family)
	switch {
	case given == nil:
		return anyones, false
	case given.toldIn(local):
		return ones, true
	case family != nil && familyMailbox(local, given, family):
		return familys, true
	}
	return anyones, true
}

// firstWord is the first word of a record's name in a slot, nil where it has
// none.
func (s *scorer) firstWord(rec uint32, slot int) *word {
	if slot < 0 {
		return nil
	}
	no, _ := s.t.form(rec, slot)
	sl := &s.t.slots[slot]
	words := sl.wordsOf(&sl.forms[no])
	if len(words) == 0 {
		return nil
	}
	return &sl.words[words[0]]
}

// familyMailbox reports whether a local part is a family name after what is no
// given name or initial: the.smiths, familie-huber.
func familyMailbox(local string, given, family *word) bool {
	at := strings.Index(local, family.text)
	return at >= 3 && len(family.text) >= 3 && !strings.HasPrefix(given.text, local[:at]) && local[0] != given.text[0]
}

// toldIn reports whether a text contains the word.
func (w *word) toldIn(text string) bool {
	in := func(s string) bool { return len(s) >= 3 && strings.Contains(text, s) }
	return in(w.text) || slices.ContainsFunc(w.also, in) || slices.ContainsFunc(w.pinyin, in)
}

// madeOfName reports whether a local part is made of words and initials of the
// record's name and nothing else.
func (s *scorer) madeOfName(rec uint32, local string) bool {
	var buf [16]string
	words := buf[:0]
	for _, slot := range [2]int{s.given, s.family} {
		if slot < 0 {
			continue
		}
		no, _ := s.t.form(rec, slot)
		sl := &s.t.slots[slot]
		for _, i := range sl.wordsOf(&sl.forms[no]) {
			w := &sl.words[i]
			words = appendUpTo(words, w.text)
			words = appendUpTo(words, w.also...)
			words = appendUpTo(words, w.pinyin...)
		}
	}
	return len(words) > 0 && spelled(local, words, 0)
}

// appendUpTo appends texts as long as there is room for them.
func appendUpTo(list []string, texts ...string) []string {
	return append(list, texts[:min(len(texts), cap(list)-len(list))]...)
}

// spelled reports whether a text is made of words and of their first letters,
// each at most once.
func spelled(text string, words []string, used uint32) bool {
	text = strings.TrimLeft(text, "._-")
	if text == "" {
		return used != 0
	}
	for i, w := range words {
		if used>>i&1 != 0 || w == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(text, w); ok && spelled(rest, words, used|1<<i) {
			return true
		}
		if _, n := utf8.DecodeRuneInString(w); strings.HasPrefix(text, w[:n]) && spelled(text[n:], words, used|1<<i) {
			return true
		}
	}
	return false
}

// mailLevel compares two mailboxes.
func mailLevel(x, y *form) int {
	if x.text == y.text {
		return mailEqual
	}
	sameDomain := domain(x) == domain(y)
	if local := compare.Signature(x.part) ^ compare.Signature(y.part); bits.OnesCount64(local) <= 4 && bits.OnesCount64(x.set^y.set) <= 12 {
		if l := mailSlips(x, y); l != mailDiffers {
			return l
		}
	}
	switch {
	case x.part == y.part && len(x.part) >= 4 && (x.flags|y.flags)&desk == 0:
		return mailLocal
	case sameDomain && (x.flags|y.flags)&freeMail == 0:
		return mailDomain
	}
	return mailDiffers
}

// mailSlips tells slips from other mailboxes. Where names are taken, people
// add digits, points and initials: those are no slips.
func mailSlips(x, y *form) int {
	short := min(len(x.part), len(y.part))
	local := compare.Distance(x.part, y.part, 2)
	if local > 2 || local == 2 && short < 6 || local > 0 && !sameButLetters(x.part, y.part) {
		return mailDiffers
	}
	domainX, domainY := domain(x), domain(y)
	other := compare.Distance(domainX, domainY, 5)
	switch {
	case other > 0 && domainsApart(x, y):
		return mailDiffers
	case local == 0 && short >= 3 && other <= 2, other == 0 && local == 1 && short >= 4, local+other <= 2 && short >= 6:
		return mailSlip
	case local+other <= max(2, (short+min(len(domainX), len(domainY)))/5) && (local == 0 || short >= 4):
		return mailAlike
	}
	return mailDiffers
}

// domainsApart reports whether two different domains are surely no slip of
// each other, because both are known ones.
func domainsApart(x, y *form) bool {
	return x.flags&y.flags&freeMail != 0 || compare.Distance(domain(x), domain(y), 2) > 2
}

// sameButLetters reports whether two local parts start alike and have the same
// digits and punctuation in the same order.
func sameButLetters(x, y string) bool {
	if firstRune(x) != firstRune(y) {
		return false
	}
	for {
		x, y = strings.TrimLeftFunc(x, isLetter), strings.TrimLeftFunc(y, isLetter)
		if x == "" || y == "" || x[0] != y[0] {
			return x == y
		}
		x, y = x[1:], y[1:]
	}
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= utf8.RuneSelf }

func domain(f *form) string { return f.text[min(len(f.part)+1, len(f.text)):] }
