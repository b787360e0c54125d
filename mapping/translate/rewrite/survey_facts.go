package rewrite

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// examples counts rows and keeps a few of them for people.
type examples struct {
	rows int64
	some []string
}

func (e *examples) add(rows int64, example string) {
	e.rows += rows
	if len(e.some) < keptExamples {
		e.some = append(e.some, example)
	}
}

func (e *examples) String() string { return strings.Join(e.some, "; ") }

// made is what new texts are made of.
type made struct {
	digits  bool   // every one is digits alone
	longest string // of those that are digits alone, the largest number
	zeros   string // digits that begin with a zero: a number column would lose it
	power   string // digits and an E: a number column of SQLite would make a number of it
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
	rest := strings.TrimLeft(string(text), "0123456789")
	switch {
	case rest != "":
		m.digits, m.other = false, string(text)
		if exponent, ok := strings.CutPrefix(rest, "E"); ok && len(rest) < len(text) && strings.Trim(exponent, "0123456789") == "" {
			m.power = string(text)
		}
	case len(text) > 1 && text[0] == '0':
		m.zeros = string(text)
	default:
		if cmp.Or(cmp.Compare(len(text), len(m.longest)), strings.Compare(string(text), m.longest)) > 0 {
			m.longest = string(text)
		}
	}
}

// finals finds the new texts that come from several old ones. It takes eight
// bytes for each old text.
type finals struct {
	wanted bool
	hashes []uint64
	shared map[uint64]bool
}

var finalSeed = maphash.MakeSeed()

func hashFinal(text string) uint64 { return maphash.String(finalSeed, text) }

func (f *finals) add(text string) {
	if f.wanted {
		f.hashes = append(f.hashes, hashFinal(text))
	}
}

// settle keeps the hashes that stand for several old texts.
func (f *finals) settle() {
	slices.Sort(f.hashes)
	f.shared = map[uint64]bool{}
	for i := 1; i < len(f.hashes); i++ {
		if f.hashes[i] == f.hashes[i-1] {
			f.shared[f.hashes[i]] = true
		}
	}
	f.hashes = nil
}

// number writes a count and what is counted: 1 row, 1,234 rows.
func number(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Number(n) + " " + many
}
