package profile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// sampleLimit is how many distinct numbers schemes are proposed from.
const sampleLimit = 10_000

// collector gathers the numbers of one ID space.
type collector struct {
	id     ID
	cols   []int
	keyer  scheme.Keyer
	set    *scheme.Set // as configured
	folds  bool
	ids    arena
	hashes []uint64 // of the keys
	sample *tally   // of the keys
	blank  []int64  // the lines of the first ones
	blanks int64
	faults []fault
	parts  []string
}

// fault is an ID that has no key.
type fault struct {
	reason string
	rows   int64
	lines  []int64
}

var errNullPart = errors.New("has a part that is NULL")

func newCollector(id ID, columns []string, codes scheme.Codes) (*collector, error) {
	c := &collector{id: id, sample: newTally(sampleLimit)}
	var err error
	if c.cols, err = columnsOf(id, columns); err != nil {
		return nil, err
	}
	if c.keyer, err = id.Rule.Key.Compile(); err != nil {
		return nil, fmt.Errorf("profile %s: %w", id.Name, err)
	}
	schemes := make([]*scheme.Scheme, len(id.Rule.Schemes))
	for i, text := range id.Rule.Schemes {
		if schemes[i], err = scheme.Compile(text, codes); err != nil {
			return nil, fmt.Errorf("profile %s: scheme %s: %w", id.Name, text, err)
		}
	}
	c.set = scheme.NewSet(schemes...)
	c.folds = c.set.Folds()
	return c, nil
}

// maxExpected bounds what is set aside for a source that says how large it is.
const maxExpected = 1 << 24

// expect makes room for so many rows, so that growing leaves no garbage.
func (c *collector) expect(rows int64) {
	c.hashes = make([]uint64, 0, max(0, min(rows+rows/50, maxExpected)))
}

func (c *collector) observe(b *batch) {
	for row := range b.lines {
		text, blank, err := c.text(b, row)
		if blank {
			if c.blanks++; len(c.blank) < maxPlaces {
				c.blank = append(c.blank, b.lines[row])
			}
			continue
		}
		var key string
		if err == nil {
			key, err = c.key(text)
		}
		if err != nil {
			c.fault(err.Error(), b.lines[row])
			continue
		}
		h := sum64(key)
		c.sample.add(h, key, 1, b.lines[row])
		c.hashes = append(c.hashes, h)
		c.ids.add(text, b.lines[row])
	}
}

// text is the ID of a row as it was received; the parts of a composite one
// are joined.
func (c *collector) text(b *batch, row int) (text string, blank bool, err error) {
	if len(c.cols) == 1 {
		v := b.column(row, c.cols[0])
		return v.Text, v.Null || isBlank(v.Text), nil
	}
	c.parts = c.parts[:0]
	blank = true
	for _, col := range c.cols {
		v := b.column(row, col)
		if v.Null {
			err = errNullPart
		}
		blank = blank && isBlank(v.Text)
		c.parts = append(c.parts, v.Text)
	}
	return scheme.JoinParts(c.parts), blank && err == nil, err
}

// key is the key of an ID as received. It may be used by several goroutines
// at once.
func (c *collector) key(text string) (string, error) {
	key, err := c.bareKey(text)
	if err != nil || !c.folds {
		return key, err
	}
	key, _ = c.set.Key(key)
	return key, nil
}

// bareKey is the key before schemes fold spellings.
func (c *collector) bareKey(text string) (string, error) {
	if len(c.cols) == 1 {
		return c.keyer.Key(text)
	}
	parts, err := scheme.SplitParts(text)
	if err != nil {
		return "", err
	}
	for i, part := range parts {
		if isBlank(part) {
			parts[i] = ""
			continue
		}
		if parts[i], err = c.keyer.Key(part); err != nil {
			return "", err
		}
	}
	return scheme.JoinParts(parts), nil
}

func (c *collector) fault(reason string, line int64) {
	i := 0
	for i < len(c.faults) && c.faults[i].reason != reason {
		i++
	}
	if i == len(c.faults) {
		if i == maxReasons {
			return
		}
		c.faults = append(c.faults, fault{reason: reason})
	}
	f := &c.faults[i]
	if f.rows++; len(f.lines) < maxPlaces {
		f.lines = append(f.lines, line)
	}
}

func isBlank(text string) bool { return text == "" || text[0] <= ' ' && strings.TrimSpace(text) == "" }

// shareOf is n of rows, 0 of none.
func shareOf(n, rows int64) float64 {
	if rows == 0 {
		return 0
	}
	return float64(n) / float64(rows)
}
