package crosswalk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

func parseInt(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// numberRow is a row of xwalk_number.
type numberRow struct {
	Canonical string `db:"canonical"`
	State     int    `db:"state"`
	Into      string `db:"into_number"`
	Survivor  string `db:"survivor"`
	FromRun   int64  `db:"from_run"`
}

func (r *numberRow) number() Number {
	return Number{Canonical: r.Canonical, State: NumberState(r.State), Into: r.Into, Survivor: r.Survivor, FromRun: r.FromRun}
}

const numberColumns = "canonical, state, into_number, survivor, from_run"

// numbers reads the rows of xwalk_number that count at the head and meet a
// condition, with a limit the first so many by canonical ID.
func (v *Snapshot) numbers(ctx context.Context, limit int, where string, args ...any) ([]Number, error) {
	end := ""
	if limit > 0 {
		end = fmt.Sprintf(" ORDER BY canonical LIMIT %d", limit)
	}
	query := "SELECT " + numberColumns + " FROM @number WHERE " + where
	if v.writing {
		query += " AND from_run <= ?"
		args = append(slices.Clone(args), v.head.Run)
	}
	if v.past {
		// Each half has its own limit, so that its index gives the rows in
		// order and the database sorts no more than it returns.
		query = "SELECT " + numberColumns + " FROM (" + query + end + ") AS a UNION ALL SELECT " + numberColumns +
			" FROM (SELECT " + numberColumns + " FROM @number_past WHERE " + where + " AND from_run <= ? AND until_run > ?" + end + ") AS b"
		args = append(append(args, args...), v.head.Run)
	}
	var rows []numberRow
	if err := v.use(func() error { return v.tx.SelectContext(ctx, &rows, v.store.sql(query+end), args...) }); err != nil {
		return nil, err
	}
	numbers := make([]Number, len(rows))
	for i := range rows {
		numbers[i] = rows[i].number()
	}
	return numbers, nil
}

// Number returns what is noted about a canonical ID that is not simply the
// ID of an ordinary customer; ok is false when nothing is.
func (v *Snapshot) Number(ctx context.Context, canonical string) (n Number, ok bool, err error) {
	found, err := v.numbers(ctx, 0, "canonical = ?", canonical)
	if err != nil || len(found) == 0 {
		return Number{}, false, v.store.fail("look up a canonical ID", err)
	}
	return found[0], true, nil
}

// Numbers yields what is noted about canonical IDs, in their order.
func (v *Snapshot) Numbers(ctx context.Context) iter.Seq2[Number, error] {
	return v.allNumbers(ctx, "read the numbers", "canonical > ?")
}

// Merged yields the canonical IDs that mean another number now, in their
// order. Links keep the number that they were given; this says what it
// means.
func (v *Snapshot) Merged(ctx context.Context) iter.Seq2[Number, error] {
	return v.allNumbers(ctx, "read the merged numbers", fmt.Sprintf("state = %d AND canonical > ?", Merged))
}

// allNumbers yields numbers, a page at a time: where has a place for the last
// canonical ID of the page before.
func (v *Snapshot) allNumbers(ctx context.Context, doing, where string) iter.Seq2[Number, error] {
	return func(yield func(Number, error) bool) {
		for after, more := "", true; more; {
			page, err := v.numbers(ctx, pageRows, where, after)
			if err != nil {
				yield(Number{}, v.store.fail(doing, err))
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
				after = page[i].Canonical
			}
			more = len(page) == pageRows
		}
	}
}

// NumbersOf is [Snapshot.Number] for many canonical IDs at once: what is noted
// about those of them that are not simply the ID of an ordinary customer, in
// their order.
func (v *Snapshot) NumbersOf(ctx context.Context, ids []string) ([]Number, error) {
	return v.numbersBy(ctx, "canonical", ids)
}

// MergedInto returns the canonical IDs that mean one of survivors now, in
// their order.
func (v *Snapshot) MergedInto(ctx context.Context, survivors []string) ([]Number, error) {
	return v.numbersBy(ctx, "survivor", survivors)
}

func (v *Snapshot) numbersBy(ctx context.Context, column string, ids []string) ([]Number, error) {
	var numbers []Number
	for in, args := range inLists(ids) {
		found, err := v.numbers(ctx, 0, column+in, args...)
		if err != nil {
			return nil, v.store.fail("look up canonical IDs", err)
		}
		numbers = append(numbers, found...)
	}
	slices.SortFunc(numbers, func(a, b Number) int { return strings.Compare(a.Canonical, b.Canonical) })
	return numbers, nil
}

// Known reports whether a canonical ID has ever been issued, whatever became
// of it.
func (v *Snapshot) Known(ctx context.Context, canonical string) (bool, error) {
	for id, err := range v.LinksByCanonicalRange(ctx, canonical, canonical) {
		return err == nil && id == canonical, err
	}
	return false, nil
}

// KnownOf lists those of the canonical IDs that have ever been issued, whatever
// became of them, in the order of bytes. None of ids may be empty.
func (v *Snapshot) KnownOf(ctx context.Context, ids []string) ([]string, error) {
	if v.head.Run == 0 {
		return nil, nil // nothing was ever issued; a first load has no index yet
	}
	var known []string
	for in, args := range inLists(ids) {
		where := "canonical" + in
		if v.writing {
			where += " AND from_run <= ?"
			args = append(args, v.head.Run)
		}
		for _, table := range v.numberTables() {
			var found []string
			err := v.use(func() error {
				return v.tx.SelectContext(ctx, &found, v.store.sql("SELECT DISTINCT canonical FROM @"+table+" WHERE "+where), args...)
			})
			if err != nil {
				return nil, v.store.fail("look up canonical IDs", err)
			}
			known = append(known, found...)
		}
	}
	slices.Sort(known)
	return slices.Compact(known), nil
}

// numberTables are the tables that between them have every canonical ID that
// was issued. What stands in xwalk_number_past has a newer row in
// xwalk_number, which only a view of the past does not see.
func (v *Snapshot) numberTables() []string {
	tables := []string{"link", "link_past", "number"}
	if v.past {
		tables = append(tables, "number_past")
	}
	return tables
}

// LinksByCanonicalRange yields every canonical ID from low to high,
// inclusive, that has ever been issued: those of links and of their past
// versions, given, merged and retired ones. Each comes once, in the order of
// bytes. What an unpublished run would issue is not among them.
func (v *Snapshot) LinksByCanonicalRange(ctx context.Context, low, high string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if v.head.Run == 0 {
			return // nothing was ever issued; a first load has no index yet
		}
		var cursors []*idCursor
		for _, table := range v.numberTables() {
			cursors = append(cursors, &idCursor{v: v, table: table, after: low, high: high, from: true})
		}
		last := ""
		for {
			var first *idCursor
			for _, c := range cursors {
				if err := c.fill(ctx); err != nil {
					yield("", v.store.fail("look up a range of canonical IDs", err))
					return
				}
				if len(c.ids) > 0 && (first == nil || c.ids[0] < first.ids[0]) {
					first = c
				}
			}
			if first == nil {
				return
			}
			id := first.ids[0]
			first.ids = first.ids[1:]
			if id != last && id != "" && !yield(id, nil) {
				return
			}
			last = id
		}
	}
}

// idCursor reads the canonical IDs of one table, page by page.
type idCursor struct {
	v           *Snapshot
	table       string
	after, high string
	from        bool // after itself is wanted
	ids         []string
	done        bool
}

func (c *idCursor) fill(ctx context.Context) error {
	if len(c.ids) > 0 || c.done {
		return nil
	}
	v := c.v
	op := ">"
	if c.from {
		op = ">="
	}
	where, args := "canonical "+op+" ? AND canonical <= ?", []any{c.after, c.high}
	if v.writing {
		where += " AND from_run <= ?"
		args = append(args, v.head.Run)
	}
	c.ids = nil
	if err := v.use(func() error {
		return v.tx.SelectContext(ctx, &c.ids, v.store.sql("SELECT DISTINCT canonical FROM @"+c.table+" WHERE "+where+
			fmt.Sprintf(" ORDER BY canonical LIMIT %d", pageRows)), args...)
	}); err != nil {
		return err
	}
	c.done = len(c.ids) < pageRows
	if n := len(c.ids); n > 0 {
		c.after, c.from = c.ids[n-1], false
	}
	return nil
}
