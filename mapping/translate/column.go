package translate

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// Missing is what becomes of an ID that has no answer.
type Missing uint8

// What becomes of it.
const (
	Fail   Missing = iota // nothing is done
	Keep                  // it stays as it is
	Empty                 // its place becomes empty
	Divert                // its record goes elsewhere
)

// Shape is how IDs stand in a text. The zero shape is a text that is one ID.
// Space around an ID belongs to the text, not to the ID.
type Shape struct {
	// Split separates the IDs of a list, such as ";". Empty: there is one.
	Split string
	// Pattern finds the ID in a text, or in every element of a list: its one
	// group is the ID, what it matches around the group stays. It may match
	// several times. A text that it does not match refers to nobody.
	Pattern *regexp.Regexp
	// None are texts that mean no reference, besides blank ones: "0", "N/A".
	// Space around does not count.
	None []string
}

// Column translates texts of one column.
type Column struct {
	Table   *Table
	Shape   Shape
	Missing Missing
}

// Outcome counts what became of the IDs of a text. A text that is none counts
// nowhere.
type Outcome struct {
	IDs        int // that stood in the text
	Translated int // of them, those that have an answer
	Unchanged  int // of those, the ones that were the answer already
	Redirected int // of those that have an answer, the ones whose customer had another number before
	Lost       []Loss
}

// Loss is an ID without an answer.
type Loss struct {
	ID     string
	Status Status
}

// Translate appends to dst what text becomes, and adds to o what became of its
// IDs. changed says whether it is another text. Nothing outside of the IDs
// changes. An ID without an answer stays, unless Missing is Empty: then an ID
// that a pattern found leaves its place empty, and one of a list goes with one
// separator. What Fail and Divert ask for is the caller's to do, who sees the
// losses in o.
//
// A text that is one ID with an answer takes no allocation.
func (c *Column) Translate(dst, text []byte, o *Outcome) (out []byte, changed bool) {
	var room [8]edit
	edits := c.edits(room[:0], text, o)
	at := 0
	for _, e := range edits {
		dst = append(dst, text[at:e.from]...)
		dst = append(dst, e.text...)
		at = e.to
	}
	return append(dst, text[at:]...), len(edits) > 0
}

// edit puts a text into the place of text[from:to].
type edit struct {
	from, to int
	text     string
}

// edits appends what is to be done to a text, from its start to its end.
func (c *Column) edits(list []edit, text []byte, o *Outcome) []edit {
	if c.Shape.isNone(bytes.TrimSpace(text)) {
		return list
	}
	if c.Shape.Split != "" {
		return c.listEdits(list, text, o)
	}
	list, _ = c.elementEdits(list, text, 0, len(text), o)
	return list
}

// isNone reports whether a text, without space around it, refers to nobody.
func (s *Shape) isNone(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	for _, none := range s.None {
		if strings.TrimSpace(none) == string(text) {
			return true
		}
	}
	return false
}

// listEdits goes through the elements of a list.
func (c *Column) listEdits(list []edit, text []byte, o *Outcome) []edit {
	first, kept := len(list), 0
	gap := -1   // where the elements removed so far start, while none was kept
	before := 0 // where the element before ended
	for from, more := 0, true; more; {
		end, next := len(text), len(text)
		i := bytes.Index(text[from:], []byte(c.Shape.Split))
		if more = i >= 0; more {
			end, next = from+i, from+i+len(c.Shape.Split)
		}
		start := from + leadingSpace(text[from:end])
		if gap >= 0 {
			list = append(list, edit{gap, start, ""})
			gap = -1
		}
		var gone bool
		list, gone = c.elementEdits(list, text, from, end, o)
		switch {
		case !gone:
			kept++
		case kept > 0:
			list[len(list)-1] = edit{before, end, ""}
		default:
			list, gap = list[:len(list)-1], start
		}
		before, from = end, next
	}
	if kept == 0 {
		list = append(list[:first], edit{0, len(text), ""})
	}
	return list
}

func leadingSpace(text []byte) int {
	return len(text) - len(bytes.TrimLeftFunc(text, unicode.IsSpace))
}

// elementEdits goes through text[from:to]: one ID, or what the pattern finds
// there. gone says that all of it was to become empty; that edit is the last.
func (c *Column) elementEdits(list []edit, text []byte, from, to int, o *Outcome) (_ []edit, gone bool) {
	if c.Shape.Pattern == nil {
		before := len(list)
		if list = c.idEdit(list, text, from, to, o); len(list) > before {
			if e := &list[before]; e.text == "" {
				e.from, e.to, gone = from, to, true
			}
		}
		return list, gone
	}
	for _, m := range c.Shape.Pattern.FindAllSubmatchIndex(text[from:to], -1) {
		if m[2] >= 0 {
			list = c.idEdit(list, text, from+m[2], from+m[3], o)
		}
	}
	return list, false
}

// idEdit looks the ID up that stands in text[from:to] with space around it.
func (c *Column) idEdit(list []edit, text []byte, from, to int, o *Outcome) []edit {
	from += leadingSpace(text[from:to])
	id := bytes.TrimSpace(text[from:to])
	if c.Shape.isNone(id) {
		return list
	}
	answer := c.Table.Find(id)
	o.count(id, answer)
	if answer.Text == "" && c.Missing != Empty || answer.Text == string(id) {
		return list
	}
	return append(list, edit{from, from + len(id), answer.Text})
}

// count counts what became of one ID.
func (o *Outcome) count(id []byte, a Answer) {
	o.IDs++
	if a.Text == "" {
		o.Lost = append(o.Lost, Loss{string(id), a.Status})
		return
	}
	o.Translated++
	if a.Text == string(id) {
		o.Unchanged++
	}
	if a.Status == Redirected {
		o.Redirected++
	}
}

// ParsePattern reads a capture pattern: a regular expression with one group,
// such as _(\d+)$ or /customers/([^/?]+).
func ParsePattern(text string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(text)
	var wrong *syntax.Error
	switch {
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("pattern %s: %s in %s (the syntax is that of RE2: without look-around and back-references)", text, wrong.Code, wrong.Expr)
	case err != nil:
		return nil, fmt.Errorf("pattern %s: %w", text, err)
	case re.NumSubexp() == 0:
		return nil, fmt.Errorf(`pattern %s has no group: put the ID in parentheses, as in _(\d+)$`, text)
	case re.NumSubexp() > 1:
		return nil, fmt.Errorf("pattern %s has %d groups, one of which is the ID: write the others as (?:…)", text, re.NumSubexp())
	}
	return re, nil
}
