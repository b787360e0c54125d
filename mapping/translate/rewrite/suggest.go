package rewrite

import (
	"context"
	"errors"
)

// Suggestion is a column that seems to hold a source's IDs.
type Suggestion struct {
	Reference Reference
	// Share of its values, of those looked at, that are IDs of the source.
	Share   float64
	Sampled int64
	// Why: "declared foreign key", "name", "values".
	Why []string
	// Values that the source does not have, a few of them.
	Others []string
}

// Own is the table and the column that hold a source's own IDs, so that
// foreign keys to it are recognised.
type Own struct {
	Space   string
	Table   string
	Columns []string
}

// Suggest looks through the tables of a database for columns that hold IDs of
// the spaces in tables. Known references are left out. It reads a bounded
// sample of each column, from several places of its table.
func Suggest(ctx context.Context, db Database, own []Own, known []*Reference, tables Tables) ([]Suggestion, error) {
	return nil, errors.New("rewrite.Suggest: to be written")
}
