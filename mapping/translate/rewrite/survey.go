package rewrite

import (
	"context"
	"errors"

	"github.com/xwalk-id/xwalk/mapping/translate"
)

// Severity is how much an obstacle matters.
type Severity uint8

// The severities.
const (
	Note    Severity = iota // good to know
	NeedDDL                 // overcome with --allow-ddl
	Blocks                  // nothing is written to the reference before it is settled
)

// String is note, ddl or blocks.
func (s Severity) String() string { return [...]string{"note", "ddl", "blocks"}[s] }

// Obstacle is something that stands in the way of a reference. Code is for
// programs, such as "column_narrow"; docs/rewrite.md lists them.
type Obstacle struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Detail   string `json:"detail"`
	Hint     string `json:"hint,omitempty"`
}

// Orphan is a row whose reference has no answer. Rows is how many rows have
// this value.
type Orphan struct {
	Child  string `json:"child"` // the table, and the key of the first such row
	Field  string `json:"field"`
	Key    string `json:"key"` // what stands there
	Reason string `json:"reason"`
	Rows   int64  `json:"rows"`
}

// Surveyed is what a dry run found out about a reference. Rows = Empty +
// Resolvable + Orphans; of those that are resolvable, Done have their
// canonical ID already. A row with a list counts as an orphan when any of its
// IDs has no answer.
type Surveyed struct {
	Reference *Reference `json:"-"`
	Table     *Table     `json:"-"`

	Name       string     `json:"reference"`
	RefersTo   string     `json:"refers_to"`
	Write      string     `json:"write"`
	Rows       int64      `json:"rows"`
	Empty      int64      `json:"empty"`
	Resolvable int64      `json:"resolvable"`
	Done       int64      `json:"done"`
	Redirected int64      `json:"redirected"`
	Orphans    int64      `json:"orphans"`
	Missing    []Orphan   `json:"missing"`
	Obstacles  []Obstacle `json:"obstacles"`
	// Widest is the length in characters of the longest text to be written.
	Widest int `json:"widest"`
}

// Blocked reports whether something stands in the way that allowDDL does not
// overcome.
func (s *Surveyed) Blocked(allowDDL bool) bool {
	for _, o := range s.Obstacles {
		if o.Severity == Blocks.String() || o.Severity == NeedDDL.String() && !allowDDL {
			return true
		}
	}
	return false
}

// Tables are the translations that references need, by RefersTo.
type Tables map[string]*translate.Table

// Survey looks at references and writes nothing. It opens each database once.
// All references of a configuration are looked at together, for they can
// stand in each other's way.
func Survey(ctx context.Context, refs []*Reference, tables Tables, progress func(reference string, rows int64)) ([]*Surveyed, error) {
	return nil, errors.New("rewrite.Survey: to be written")
}
