package similar

import "slices"

// givenLevel compares two given names. The first words decide: a second name
// or its initial is no first name, but one that is written in full may be what
// a person is called.
func givenLevel(sx *slot, x *form, sy *slot, y *form) int {
	if x.n < 2 && y.n < 2 || x.n == 0 || y.n == 0 || x.text == y.text {
		return nameLevel(sx, x, sy, y)
	}
	wx, wy := sx.wordsOf(x), sy.wordsOf(y)
	switch first := wordLevel(&sx.words[wx[0]], &sy.words[wy[0]]); {
	case first < nameDiffers:
		return nameLevel(sx, x, sy, y)
	case joined(&sx.words[wx[0]], y) || joined(&sy.words[wy[0]], x):
		return namePart
	case sameLetters(x.text, y.text):
		return nameEqual
	case calledBy(sx, wx[0], sy, wy[1:]), calledBy(sy, wy[0], sx, wx[1:]):
		return nameAlike
	}
	if l := textLevel(x.text, y.text, x.set, y.set); l == nameSlip {
		return l // a space where there is none
	}
	return nameDiffers
}

// calledBy reports whether a first name is one of another's further names.
func calledBy(sx *slot, first uint32, sy *slot, further []uint32) bool {
	w := &sx.words[first]
	return !w.initial && slices.ContainsFunc(further, func(i uint32) bool {
		v := &sy.words[i]
		return !v.initial && wordLevel(w, v) <= nameSlip
	})
}

// joined reports whether the words of a name, written as one, spell a word:
// zhi hong and 志红.
func joined(w *word, f *form) bool {
	same := func(s string) bool { return sameLetters(s, f.text) }
	return slices.ContainsFunc(w.pinyin, same) || slices.ContainsFunc(w.also, same)
}

// nameLevel compares two names word by word, in whatever order.
func nameLevel(sx *slot, x *form, sy *slot, y *form) int {
	switch {
	case x.text == y.text:
		return nameEqual
	case x.n == 1 && y.n == 1:
		return wordLevel(&sx.words[sx.order[x.at]], &sy.words[sy.order[y.at]])
	case x.n > y.n, x.n == y.n && x.text > y.text: // whichever record comes first
		sx, x, sy, y = sy, y, sx, x
	}
	found, worst := sx.paired(sx.wordsOf(x), sy, sy.wordsOf(y))
	switch {
	case found == 0 && sameLetters(x.text, y.text):
		return nameEqual
	case found == 0 && x.n == 1 && joined(&sx.words[sx.order[x.at]], y):
		return namePart
	case found == 0:
		return textLevel(x.text, y.text, x.set, y.set)
	case found < int(x.n):
		return nameAlike
	case x.n == y.n:
		return worst
	case worst == nameSlip:
		return nameAlike
	}
	return namePart
}

// paired finds for words of a name those of another, each once: how many have
// one, and the worst level of those that have.
func (s *slot) paired(words []uint32, other *slot, others []uint32) (found, worst int) {
	var used uint64
	for _, i := range words {
		best, at := nameAlike, -1
		for k, j := range others {
			if used>>k&1 == 0 {
				if l := wordLevel(&s.words[i], &other.words[j]); l < best {
					best, at = l, k
				}
			}
		}
		if at >= 0 {
			used |= 1 << at
			found++
			worst = max(worst, best)
		}
	}
	return found, worst
}

// twoNames is the outcome of given and family name, one way round.
type twoNames struct {
	given, family         int
	rareGiven, rareFamily float32
	sum                   float32
}

// close reports whether both names are there and at most one slip apart: the
// other way round is no closer.
func (n *twoNames) close() bool {
	return n.given != none && n.given <= nameSlip && n.family != none && n.family <= nameSlip
}

// names compares given names, family names and whole names.
func (s *scorer) names(w *weighing, a, b uint32, o *outcome) {
	var ga, fa, gb, fb uint32
	if s.given >= 0 {
		ga, _ = s.t.form(a, s.given)
		gb, _ = s.t.form(b, s.given)
		if forms := s.t.slots[s.given].forms; forms[ga].text > forms[gb].text { // whichever comes first
			a, b, ga, gb = b, a, gb, ga
		}
	}
	if s.family >= 0 {
		fa, _ = s.t.form(a, s.family)
		fb, _ = s.t.form(b, s.family)
	}
	straight := s.oneWay(w, s.given, ga, s.given, gb, s.family, fa, s.family, fb)
	s.elsewhere(w, a, b, &straight)
	best := straight
	if s.given >= 0 && s.family >= 0 && !straight.close() {
		swapped := s.oneWay(w, s.given, ga, s.family, fb, s.given, gb, s.family, fa)
		swapped.sum += w.bits[onOrder][0]
		if swapped.sum > straight.sum && swapped.sum > 0 {
			best = swapped
			o.set(onOrder, 0, 0)
		}
	}
	if x, y := s.generation(ga, fa), s.generation(gb, fb); x != y && x != 0 && y != 0 && best.given != none {
		best.given, best.rareGiven = nameDiffers, 0 // father and son, whatever they are called
	}
	if best.given != none {
		o.set(onGiven, best.given, best.rareGiven)
	}
	if best.family != none {
		o.set(onFamily, best.family, best.rareFamily)
	}
	s.further(a, b, o)
}

// generation is what a given or a family name tells of the place in the row of
// a name's bearers, 0 where neither does.
func (s *scorer) generation(given, family uint32) uint32 {
	if s.given >= 0 {
		if g := s.t.slots[s.given].forms[given].day; g != 0 {
			return g
		}
	}
	if s.family >= 0 {
		return s.t.slots[s.family].forms[family].day
	}
	return 0
}

// oneWay compares the name x1 with y1, which counts as the given name, and x2
// with y2, which counts as the family name.
func (s *scorer) oneWay(w *weighing, sx1 int, x1 uint32, sy1 int, y1 uint32, sx2 int, x2 uint32, sy2 int, y2 uint32) twoNames {
	n := twoNames{given: none, family: none}
	if x1 != 0 && y1 != 0 {
		n.given, n.rareGiven = s.name(givenLevel, sx1, x1, sy1, y1)
		n.sum += w.bits[onGiven][n.given] + n.rareGiven
	}
	if x2 != 0 && y2 != 0 {
		n.family, n.rareFamily = s.name(nameLevel, sx2, x2, sy2, y2)
		n.sum += w.bits[onFamily][n.family] + n.rareFamily
	}
	return n
}

// name compares two names.
func (s *scorer) name(levelOf func(sx *slot, x *form, sy *slot, y *form) int, sx int, x uint32, sy int, y uint32) (level int, rare float32) {
	level = nameEqual
	if sx != sy || x != y {
		level = levelOf(&s.t.slots[sx], &s.t.slots[sx].forms[x], &s.t.slots[sy], &s.t.slots[sy].forms[y])
	}
	return level, share01(level, s.rare[sx][x], s.rare[sy][y])
}

// share01 is what the rarity of two names adds at a level: all of it where
// they are equal, half of it where they are nearly, none where they differ.
func share01(level int, x, y float32) float32 {
	switch {
	case level == nameEqual:
		return min(x, y)
	case level <= nameAlike:
		return max(min(x, y), -4) / 2
	}
	return 0
}

// elsewhere takes a name that differs for a part where it stands elsewhere in
// the other's whole name: a middle name that is used, a maiden name, names in
// another order.
func (s *scorer) elsewhere(w *weighing, a, b uint32, n *twoNames) {
	if s.full < 0 || n.given != nameDiffers && n.family != nameDiffers {
		return
	}
	given, family := n.given, n.family
	switch worst, ok := s.covers(a, b); {
	case ok:
		given, family = min(given, max(worst, namePart)), min(family, namePart)
	case family == nameDiffers && given != nameDiffers && (s.within(a, s.family, b) || s.within(b, s.family, a)):
		family = namePart
	case given == nameDiffers && family != nameDiffers && (s.within(a, s.given, b) || s.within(b, s.given, a)):
		given = nameAlike
	}
	if n.given != none {
		n.sum += w.bits[onGiven][given] - w.bits[onGiven][n.given]
		n.given = given
	}
	if n.family != none {
		n.sum += w.bits[onFamily][family] - w.bits[onFamily][n.family]
		n.family = family
	}
}

// covers reports whether all words of one whole name, two at least, stand in
// the other, and the worst level at which they do.
func (s *scorer) covers(a, b uint32) (worst int, ok bool) {
	x, _ := s.t.form(a, s.full)
	y, _ := s.t.form(b, s.full)
	sl := &s.t.slots[s.full]
	short, long := sl.wordsOf(&sl.forms[x]), sl.wordsOf(&sl.forms[y])
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) < 2 {
		return 0, false
	}
	found, worst := sl.paired(short, sl, long)
	return worst, found == len(short)
}

// within reports whether the name that a has in a slot is a word of the whole
// name of b.
func (s *scorer) within(a uint32, slot int, b uint32) bool {
	x, _ := s.t.form(a, slot)
	y, _ := s.t.form(b, s.full)
	if x == 0 || y == 0 {
		return false
	}
	full := &s.t.slots[s.full]
	text := s.t.slots[slot].forms[x].text
	for _, i := range full.wordsOf(&full.forms[y]) {
		if full.words[i].text == text {
			return true
		}
	}
	return false
}

// further compares what whole names hold beyond given and family names.
func (s *scorer) further(a, b uint32, o *outcome) {
	if s.full < 0 {
		return
	}
	x, _ := s.t.form(a, s.full)
	y, _ := s.t.form(b, s.full)
	if x == 0 || y == 0 {
		return
	}
	full := &s.t.slots[s.full]
	both := false
	best := float32(-100)
	for _, i := range full.wordsOf(&full.forms[x]) {
		if s.told(a, full.words[i].text) || full.words[i].initial {
			continue
		}
		for _, j := range full.wordsOf(&full.forms[y]) {
			if s.told(b, full.words[j].text) || full.words[j].initial {
				continue
			}
			both = true
			if i == j {
				best = max(best, s.wordRare[s.full][i])
			}
		}
	}
	switch {
	case best > -100:
		o.set(onMore, moreShared, best)
	case both:
		o.set(onMore, moreDiffers, 0)
	}
}

// told reports whether a word is in a record's given or family name.
func (s *scorer) told(rec uint32, text string) bool {
	for _, i := range [2]int{s.given, s.family} {
		if i < 0 {
			continue
		}
		if no, _ := s.t.form(rec, i); no != 0 {
			sl := &s.t.slots[i]
			for _, w := range sl.wordsOf(&sl.forms[no]) {
				if sl.words[w].text == text {
					return true
				}
			}
		}
	}
	return false
}
