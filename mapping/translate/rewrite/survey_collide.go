package rewrite

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// collisions finds texts that look alike and mean different things. It takes
// sixteen bytes for each pair of a look and a meaning.
type collisions struct {
	wanted bool
	fold   fold // how much of a text's look counts
	seed   maphash.Seed
	pairs  []pair
	room   int // how many pairs are gathered before doubles are thrown out
	shared map[uint64]bool
}

// pair is a look and a meaning, as hashes.
type pair struct{ look, means uint64 }

// add takes a text and what it means into account.
func (c *collisions) add(text, means []byte) {
	if !c.wanted {
		return
	}
	if c.pairs == nil {
		c.seed, c.room = maphash.MakeSeed(), 1<<16
	}
	c.pairs = append(c.pairs, pair{c.hash(text), maphash.Bytes(c.seed, means)})
	if len(c.pairs) == c.room {
		c.compact()
		c.room = max(c.room, 2*len(c.pairs))
	}
}

func (c *collisions) hash(text []byte) uint64 { return maphash.Bytes(c.seed, c.fold.text(text)) }

// compact throws doubles out.
func (c *collisions) compact() {
	slices.SortFunc(c.pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.look, b.look), cmp.Compare(a.means, b.means)) })
	c.pairs = slices.Compact(c.pairs)
}

// settle keeps the looks that mean several things. It reports whether there
// are any.
func (c *collisions) settle() bool {
	c.compact()
	c.shared = map[uint64]bool{}
	for i := 1; i < len(c.pairs); i++ {
		if c.pairs[i].look == c.pairs[i-1].look {
			c.shared[c.pairs[i].look] = true
		}
	}
	c.pairs = nil
	return len(c.shared) > 0
}

// collides reports whether a text's look means several things.
func (c *collisions) collides(text []byte) bool { return c.shared[c.hash(text)] }

// fold is what a collation does not tell apart, beside spaces at the end.
type fold uint8

const (
	foldNothing fold = iota
	foldASCII        // A and a
	foldCase         // É and é too
	foldAccents      // and E
)

// foldOf is what a column's collation does not tell apart, as far as its name
// and kind say.
func foldOf(d sqldb.Dialect, c *Column) fold {
	switch {
	case c == nil || !c.Folds || c.OnlyBlanks:
		return foldNothing
	case d == sqldb.SQLite:
		return foldASCII
	case d == sqldb.MySQL && !strings.Contains(c.Collation, "_as"), strings.Contains(c.Collation, "level1"):
		return foldAccents
	default:
		return foldCase
	}
}

// text is what counts of a text.
func (f fold) text(text []byte) []byte {
	text = bytes.TrimRight(text, " ")
	switch f {
	case foldNothing:
		return text
	case foldASCII:
		return bytes.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, text)
	case foldAccents:
		text = bytes.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.Bytes(text))
	}
	return bytes.ToLower(text)
}
