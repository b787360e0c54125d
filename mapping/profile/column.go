package profile

import (
	"unicode/utf8"
)

// Column is what a column holds. Distinct is exact up to some thousands and
// an estimate beyond. Sample is distinct values, chosen by their hashes, in
// natural order; it is never to be shown.
type Column struct {
	Name     string   `json:"column"`
	Rows     int64    `json:"rows"` // readable ones
	Blank    int64    `json:"blank"`
	Null     int64    `json:"null"` // of the blank ones
	Distinct int64    `json:"distinct"`
	Exact    bool     `json:"exact"` // Distinct is
	Content  Content  `json:"content"`
	Shortest int      `json:"shortest"` // in characters, blanks left out
	Longest  int      `json:"longest"`
	Frequent []Common `json:"frequent,omitempty"`
	Sample   []string `json:"-"`
}

// Common is a value that many rows have. It is masked unless it is a
// placeholder, which is nobody's.
type Common struct {
	Value       string  `json:"value"`
	Rows        int64   `json:"rows"`
	Share       float64 `json:"share"` // of the rows with a value
	Exact       bool    `json:"exact"` // Rows is
	Placeholder bool    `json:"placeholder"`
}

const maxFrequent = 10

// sketch is a column being read, in memory that does not grow with it.
type sketch struct {
	col               int
	blank, null       int64
	filled            int64
	shortest, longest int
	tally             *tally
	frequent          frequent
}

func newSketch(col int) *sketch {
	s := &sketch{col: col, tally: newTally(tallyLimit)}
	s.tally.over = &s.frequent
	return s
}

func (s *sketch) observe(b *batch) {
	for row := range b.lines {
		v := b.column(row, s.col)
		if v.Null || isBlank(v.Text) {
			s.blank++
			if v.Null {
				s.null++
			}
			continue
		}
		h := sum64(v.Text)
		if !s.tally.exact() {
			s.frequent.add(h, v.Text, 1)
		}
		if !s.tally.add(h, v.Text, 1, 0) {
			s.measure(v.Text)
		}
		s.filled++
	}
}

// measure counts the characters of a text where that can matter.
func (s *sketch) measure(text string) {
	if s.filled > 0 && len(text) <= s.longest && len(text) >= s.shortest*utf8.UTFMax {
		return
	}
	n := utf8.RuneCountInString(text)
	s.longest = max(s.longest, n)
	if s.filled == 0 || n < s.shortest {
		s.shortest = n
	}
}

// column is the finished profile of the column; id says that it holds numbers.
func (s *sketch) column(name string, rows int64, id bool) Column {
	c := Column{
		Name: name, Rows: rows, Blank: s.blank, Null: s.null, Distinct: s.tally.distinct(), Exact: s.tally.exact(),
		Shortest: s.shortest, Longest: s.longest, Sample: s.tally.texts(),
	}
	c.Content = contentOf(s.tally)
	if id {
		return c // its duplicates are told of as numbers
	}
	top := s.tally.top(maxFrequent)
	if !c.Exact {
		top = s.frequent.top(maxFrequent)
	}
	for _, t := range top {
		if t.n < 2 { // nothing is frequent
			break
		}
		value, none := c.Content.shown(t.text)
		c.Frequent = append(c.Frequent, Common{Value: value, Rows: t.n, Share: shareOf(t.n, s.filled), Exact: c.Exact, Placeholder: none})
	}
	return c
}
