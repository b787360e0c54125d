package conntest

import (
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
)

// Suite is what a connector states about itself and about its form of the
// sample table.
type Suite struct {
	// Open opens the sample as req asks. It is called often, and must leave
	// errors to its caller: some checks expect them.
	Open func(tb testing.TB, req connectors.Request) (mapping.Source, error)

	// NoNull says that the form has no NULL apart from empty, as CSV: both
	// are then expected as empty text.
	NoNull bool

	// Bad are the data rows, counted from 1 among all data rows and in
	// ascending order, that the connector's form of the sample adds to Rows
	// and that cannot be used. Each must come as a [*mapping.RecordError].
	Bad []int64

	// Place is where a data row stands. Nil means row n of table customers.
	Place func(row int64) mapping.Place

	// Where is the filter, in the connector's own language, that keeps the
	// records whose code is 007. Empty means code = '007'.
	Where string

	patience time.Duration // how long goroutines have to end
}

// Run checks that a connector keeps every promise of [mapping.Source] and
// [connectors.Request].
func Run(t *testing.T, s Suite) {
	t.Helper()
	s = s.withDefaults()
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) { c.run(t, s) })
	}
}

func (s Suite) withDefaults() Suite {
	if s.Place == nil {
		s.Place = func(row int64) mapping.Place { return mapping.Place{File: "customers", Row: row} }
	}
	if s.Where == "" {
		s.Where = sampleFilter
	}
	if s.patience == 0 {
		s.patience = 5 * time.Second
	}
	return s
}

// check is one promise. It takes a testing.TB so that the suite's own test
// can watch it fail.
type check struct {
	name string
	run  func(tb testing.TB, s Suite)
}

func checks() []check {
	return []check{
		{"every record once and in order", checkRecords},
		{"second pass", checkSecondPass},
		{"columns in any order and twice", checkColumnOrder},
		{"no columns", checkNoColumns},
		{"missing column", checkMissingColumn},
		{"strings outlive the step", checkStringsStay},
		{"filter", checkWhere},
		{"filter that matches nothing", checkWhereNothing},
		{"filter that cannot be read", checkWhereBroken},
		{"cancelled before", checkCancelledBefore},
		{"cancelled in the middle", checkCancelledMiddle},
		{"break at every pair", checkBreak},
		{"nothing keeps running", checkGoroutines},
		{"looks at its columns", checkLooker},
		{"counts", checkCounter},
	}
}
