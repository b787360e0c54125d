package rewrite

import (
	"fmt"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// ConditionError says that the database does not take a reference's condition.
type ConditionError struct {
	Reference string
	Where     string
	Err       error // in the database's words
}

func (e *ConditionError) Error() string {
	return fmt.Sprintf("%s: the database does not take where: %s: %v", e.Reference, e.Where, e.Err)
}

// Unwrap returns what the database said.
func (e *ConditionError) Unwrap() error { return e.Err }

// explain says of an error of reading the rows what it is about: the table is
// known by then, so what the database does not understand is the condition.
func (s *scan) explain(db *sqldb.DB, err error) error {
	err = db.Explain(err)
	switch sqldb.Classify(err) {
	case sqldb.Syntax, sqldb.NoColumn, sqldb.NoTable, sqldb.Other:
		if s.ref.Where != "" {
			return &ConditionError{s.ref.Name(), s.ref.Where, err}
		}
	}
	return fmt.Errorf("read %s: %w", s.ref.Name(), err)
}
