package rewrite

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// examples counts rows and keeps a few of them for people.
type examples struct {
	rows int64
	some []string
}

func (e *examples) add(example func() string) {
	e.rows++
	if len(e.some) < keptExamples {
		if text := example(); !slices.Contains(e.some, text) {
			e.some = append(e.some, text)
		}
	}
}

func (e *examples) String() string { return strings.Join(e.some, "; ") }

// powers are what SQLite takes for a number beside digits alone.
var powers = regexp.MustCompile(`^[0-9]+E-?[0-9]+$`)

// made is what new texts are made of.
type made struct {
	digits  bool   // every one is digits alone
	longest string // of those that are digits alone, the largest number
	zeros   string // digits that begin with a zero: a number column would lose it
	power   string // as 1E5 is: a number column of SQLite would make a number of it
	other   string // something else than digits
	seen    bool

	narrowest int // the length of the shortest
}

// add takes a text into account.
func (m *made) add(text []byte) {
	if !m.seen {
		m.seen, m.digits, m.narrowest = true, true, len(text)
	}
	m.narrowest = min(m.narrowest, len(text))
	rest := bytes.TrimLeft(text, "0123456789")
	switch {
	case len(rest) > 0:
		m.digits = false
		if m.other == "" {
			m.other = string(text)
		}
		if m.power == "" && len(rest) < len(text) && powers.Match(text) {
			m.power = string(text)
		}
	case len(text) > 1 && text[0] == '0':
		if m.zeros == "" {
			m.zeros = string(text)
		}
	default:
		if cmp.Or(cmp.Compare(len(text), len(m.longest)), strings.Compare(string(text), m.longest)) > 0 {
			m.longest = string(text)
		}
	}
}

// number writes a count and what is counted: 1 row, 1,234 rows.
func number(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Number(n) + " " + many
}
