package rewrite

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/translate"
)

// What values must show to speak for a reference.
const (
	fewIDs      = 5    // that are different and resolve
	manyIDs     = 20   // where any number could be one
	allIDs      = 100  // where every number is one
	likelyShare = 0.5  // of the values that resolve
	namedShare  = 0.2  // where the name speaks for it too
	nearlyAll   = 0.95 // of values of numbers
)

// standIns mean "none" in many systems, compared without case.
var standIns = []string{"0", "-1", "-", "--", "n/a", "na", "n.a.", "#n/a", "none", "null", "nil", "(null)", "unknown", "unbekannt", "?", "x", "tbd", "not set", "undefined"}

// splitters are what people put between the IDs of a list.
var splitters = []string{";", ",", "|", "\n", " "}

// evidence is what the values of a column say of one space.
type evidence struct {
	rows, resolved     int64 // values, without those that mean none; in lists: their elements
	distinct, answered int   // the same, each text once
	canonical          int   // of answered: those that are canonical IDs
	numbers            bool  // what resolves is digits only
	split              string
	none, others       []string
	known              map[string]bool // texts that resolve
	chance, reach      float64         // see [space.measure]
}

func (e *evidence) share() float64 {
	if e.rows == 0 {
		return 0
	}
	return float64(e.resolved) / float64(e.rows)
}

// space is an ID space whose numbers are looked for.
type space struct {
	name  string
	table *translate.Table
	own   *Own
	held  *heldTable // where its own numbers are, if they are in this database
	names names
}

// texts are the texts of a column, and how many rows hold each.
type texts struct {
	rows     map[string]int64
	elements map[string]map[string]int64 // by what separates them; made when asked for
}

// listTexts is in how many texts of a column lists are looked for.
const listTexts = 500

// splitAt are the elements of texts taken as lists; nil where too few are.
func (t *texts) splitAt(by string) map[string]int64 {
	if found, ok := t.elements[by]; ok {
		return found
	}
	elements, lists, seen := map[string]int64{}, 0, 0
	for _, text := range slices.Sorted(maps.Keys(t.rows)) {
		if seen++; seen > listTexts {
			break
		}
		parts := strings.Split(text, by)
		if len(parts) > 1 {
			lists++
			if len(text) >= sampledText {
				parts = parts[:len(parts)-1] // it may be cut
			}
		}
		for _, p := range parts {
			if p = strings.TrimSpace(p); p != "" {
				elements[p] += t.rows[text]
			}
		}
	}
	if lists < 3 || lists*20 < min(len(t.rows), listTexts) {
		elements = nil
	}
	if t.elements == nil {
		t.elements = map[string]map[string]int64{}
	}
	t.elements[by] = elements
	return elements
}

// weigh looks the texts of a column up, and where they are no IDs the elements
// of lists.
func (sp *space) weigh(t *texts) evidence {
	e := sp.lookUp(t.rows)
	if e.share() >= likelyShare {
		sp.measure(&e, t.rows)
		return e
	}
	for _, by := range splitters {
		elements := t.splitAt(by)
		if elements == nil {
			continue
		}
		if l := sp.lookUp(elements); l.share() > max(likelyShare, e.share()+0.2) {
			l.split = by
			sp.measure(&l, elements)
			return l
		}
	}
	sp.measure(&e, t.rows)
	return e
}

func (sp *space) lookUp(rows map[string]int64) evidence {
	e := evidence{numbers: true, known: map[string]bool{}}
	list := slices.Sorted(maps.Keys(rows))
	ids := make([][]byte, len(list))
	for i, text := range list {
		ids[i] = []byte(text)
	}
	answers := make([]translate.Answer, len(ids))
	sp.table.FindAll(ids, answers)
	for i, text := range list {
		trimmed := strings.TrimSpace(text)
		found := answers[i].Status != translate.NotFound
		switch {
		case trimmed == "":
			continue
		case !found && isStandIn(trimmed):
			e.none = append(e.none, trimmed)
			continue
		}
		e.rows += rows[text]
		e.distinct++
		if !found {
			e.other(trimmed)
			continue
		}
		e.resolved += rows[text]
		e.answered++
		e.known[text] = true
		e.numbers = e.numbers && isDigits(trimmed)
		if answers[i].Text == trimmed {
			e.canonical++
		}
	}
	e.none = slices.Compact(e.none)
	return e
}

// other keeps a few of the texts that do not resolve, if they look like IDs:
// a column of names must not be told.
func (e *evidence) other(text string) {
	if len(e.others) < 3 && len(text) <= 40 && strings.ContainsAny(text, "0123456789") && !strings.ContainsAny(text, "@ ") {
		e.others = append(e.others, text)
	}
}

func isStandIn(text string) bool {
	text = strings.ToLower(text)
	return slices.Contains(standIns, text) || strings.Trim(text, "0-") == ""
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// probes are how many numbers are tried to learn how often any number
// resolves.
const probes = 400

// measure learns, where IDs are numbers, how far resolving is chance: the
// share of all numbers of the column's range that resolve, and how much of the
// space's numbers that range holds.
func (sp *space) measure(e *evidence, rows map[string]int64) {
	if !e.numbers || e.answered == 0 {
		return
	}
	low, high, width := uint64(math.MaxUint64), uint64(0), 0
	for text := range rows {
		text = strings.TrimSpace(text)
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil || !e.known[text] && isStandIn(text) {
			continue
		}
		low, high = min(low, n), max(high, n)
		if text[0] == '0' {
			width = max(width, len(text))
		}
	}
	if high < low {
		return
	}
	e.chance = sp.density(low, high, width)
	e.reach = min(1, sp.density(0, high, width)*float64(high+1)/float64(max(1, sp.table.Len())))
}

// density is the share of the numbers from low to high that are IDs, tried on
// some of them.
func (sp *space) density(low, high uint64, width int) float64 {
	random := rand.New(rand.NewPCG(low, high))
	ids := make([][]byte, probes)
	for i := range ids {
		ids[i] = fmt.Appendf(nil, "%0*d", width, low+random.Uint64N(high-low+1))
	}
	answers := make([]translate.Answer, len(ids))
	sp.table.FindAll(ids, answers)
	n := 0
	for _, a := range answers {
		if a.Status != translate.NotFound {
			n++
		}
	}
	return float64(n) / probes
}

// verdict is what all evidence together says. Strength orders suggestions;
// 0 is none.
type verdict struct {
	strength float64
	why      []string
}

// judge weighs values against names. unique says that no value occurs twice
// in the column because the database forbids it: such numbers are rather the
// table's own.
func (e *evidence) judge(name nameStrength, unique bool) verdict {
	share := e.share()
	switch {
	case e.rows == 0 && name == ownName:
		return verdict{0.6, []string{"name", "the column is empty as far as we looked"}}
	case e.answered == 0:
		return verdict{}
	case e.numbers:
		return e.judgeNumbers(name, unique)
	case name == ownName && share >= namedShare:
		return verdict{2 + share, []string{"name", "values"}}
	case name == weakName && (share >= namedShare && e.answered >= fewIDs || share >= likelyShare && e.answered >= 3):
		return verdict{1.5 + share, []string{"name", "values"}}
	case e.telling() && share >= likelyShare:
		return verdict{1 + share, []string{"values"}}
	}
	return verdict{}
}

// telling reports whether so many different texts resolve that it is no
// accident: short ones are codes of many things.
func (e *evidence) telling() bool {
	length := 0
	for text := range e.known {
		length += len(text)
	}
	if length <= 3*len(e.known) {
		return e.answered >= manyIDs
	}
	return e.answered >= fewIDs || e.answered >= 3 && e.answered == e.distinct
}

// judgeNumbers is judge where IDs are numbers, of which many resolve by
// accident.
func (e *evidence) judgeNumbers(name nameStrength, unique bool) verdict {
	share := e.share()
	n, expected := float64(e.distinct), float64(e.distinct)*e.chance
	surplus := (float64(e.answered) - expected) / math.Sqrt(max(0.5, expected*(1-e.chance)))
	percent := fmt.Sprintf("%.0f%% of any such numbers", 100*e.chance)
	switch {
	case e.answered < 3 && e.rows >= 20: // a flag, or a type
		return verdict{}
	case name == ownName && (share >= likelyShare || share >= namedShare && surplus > 5):
		return verdict{2 + share, []string{"name", "values"}}
	case name == weakName && share >= nearlyAll && e.answered >= fewIDs && e.chance > likelyShare:
		return verdict{0.4 + share, []string{"name", "values", "but " + percent + " resolve"}}
	case name == weakName && share >= nearlyAll && e.answered >= fewIDs:
		return verdict{1.4 + share, []string{"name", "values"}}
	case unique:
		return verdict{}
	case surplus > 6 && share >= likelyShare && float64(e.answered) >= n*likelyShare && e.answered >= manyIDs:
		return verdict{1 + share, []string{"values", "numbers that resolve where " + percent + " would"}}
	case share >= nearlyAll && e.reach >= 0.9 && e.answered >= allIDs:
		return verdict{0.3 + share/2, []string{"values", "numbers over the whole range of the source's; " + percent + " resolve, so look before you believe it"}}
	}
	return verdict{}
}

// byStrength orders what is found: strongest first, then by name.
func byStrength(a, b *suggested) int {
	return cmp.Or(cmp.Compare(b.strength, a.strength), strings.Compare(a.Reference.Table, b.Reference.Table),
		slices.Compare(a.Reference.Columns, b.Reference.Columns), strings.Compare(a.Reference.RefersTo, b.Reference.RefersTo))
}
