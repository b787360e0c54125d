package crosswalk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
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

const selectNumber = "SELECT canonical, state, into_number, survivor, from_run FROM @number WHERE "

// Number returns what is noted about a canonical ID that is not simply the
// ID of an ordinary customer; ok is false when nothing is.
func (v *Snapshot) Number(ctx context.Context, canonical string) (n Number, ok bool, err error) {
	var row numberRow
	err = v.use(func() error {
		return v.tx.GetContext(ctx, &row, v.store.sql(selectNumber+"canonical = ?"), canonical)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Number{}, false, nil
	case err != nil:
		return Number{}, false, v.store.fail("look up a canonical ID", err)
	}
	return row.number(), true, nil
}

// Numbers yields what is noted about canonical IDs, in their order.
func (v *Snapshot) Numbers(ctx context.Context) iter.Seq2[Number, error] {
	return func(yield func(Number, error) bool) {
		for after, more := "", true; more; {
			var rows []numberRow
			err := v.use(func() error {
				return v.tx.SelectContext(ctx, &rows, v.store.sql(selectNumber+fmt.Sprintf("canonical > ? ORDER BY canonical LIMIT %d", pageRows)), after)
			})
			if err != nil {
				yield(Number{}, v.store.fail("read the numbers", err))
				return
			}
			for i := range rows {
				if !yield(rows[i].number(), nil) {
					return
				}
				after = rows[i].Canonical
			}
			more = len(rows) == pageRows
		}
	}
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
		for _, table := range [...]string{"link", "link_past", "number"} {
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

// LinksByCanonicalRange yields every canonical ID from low to high,
// inclusive, that has ever been issued: those of links and of their past
// versions, given, merged and retired ones. Each comes once, in the order of
// bytes. What an unpublished run would issue is not among them.
func (v *Snapshot) LinksByCanonicalRange(ctx context.Context, low, high string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if v.head.Run == 0 {
			return // nothing was ever issued; a first load has no index yet
		}
		cursors := []*idCursor{{v: v, table: "link"}, {v: v, table: "link_past"}, {v: v, table: "number"}}
		for _, c := range cursors {
			c.after, c.high, c.from = low, high, true
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
