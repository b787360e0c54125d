package plan

import (
	"fmt"
	"strings"
)

// CapacityError says that a canonical scheme has too few numbers left for the
// customers that this run would found.
type CapacityError struct {
	Scheme   string
	Prefix   string // empty where all numbers of the scheme share one
	Capacity uint64 // numbers of the prefix in all, without reserved ones
	Left     uint64 // of them before the run
	Wanted   int    // by the run, of the prefix
	Drawn    bool   // they are drawn, and draws no longer find a free one
}

func (e *CapacityError) Error() string {
	what := "the canonical scheme " + e.Scheme
	if e.Prefix != "" {
		what += " under " + e.Prefix
	}
	const way = "Nothing was written, and nothing is ever cut or widened: choose a wider scheme under canonical.scheme (numbers that were issued stay)"
	if e.Drawn {
		return fmt.Sprintf("%s is too full to draw from: it holds %d numbers in all, %d were drawn before and this run needs %d new ones. %s",
			what, e.Capacity, e.Capacity-e.Left, e.Wanted, way)
	}
	left := ""
	if e.Left != e.Capacity {
		left = fmt.Sprintf(" of which %d are left", e.Left)
	}
	return fmt.Sprintf("%s has too few numbers left: it holds %d in all%s and this run needs %d new ones. %s", what, e.Capacity, left, e.Wanted, way)
}

// Clash is a number that a record would carry over and that is another's.
type Clash struct {
	Number string
	Record string // as people find it
	Owner  string // the record that has the number, or its customer
}

// ClashError says that numbers carried over from records are not different.
type ClashError struct {
	Total int
	First []Clash
}

func (e *ClashError) Error() string {
	var b strings.Builder
	are := "numbers would be given twice"
	if e.Total == 1 {
		are = "number would be given twice"
	}
	fmt.Fprintf(&b, "%d %s:", e.Total, are)
	for _, c := range e.First {
		fmt.Fprintf(&b, "\n  %s for %s is that of %s", c.Number, c.Record, c.Owner)
	}
	if more := e.Total - len(e.First); more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	b.WriteString("\nNothing was written. Add {next}, {random} or {source} to the scheme so that the numbers differ, or write policy: { collisions: reject } to reject the later record of each")
	return b.String()
}
