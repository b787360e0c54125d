package crosswalk

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
	"modernc.org/sqlite/vtab"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// A Go program spends most of its time with SQLite on handing values over,
// one call per value. So batches of links do not go through parameters and
// rows: SQLite fetches them from a virtual table, xwalk_feed, and hands them
// out to a function, xwalk_take, which takes half the time.
//
// Both are known to every connection of the process, so a statement says by
// a ticket which batch it means.

// The driver reads its lists of modules and functions without a lock whenever
// it opens a connection, so they are there before anything can be opened.
var _ = extendSQLite()

func extendSQLite() struct{} {
	err := vtab.RegisterModule(nil, "xwalk_feed", feedModule{})
	if err == nil {
		err = sqlite.RegisterFunction("xwalk_take", &sqlite.FunctionImpl{NArgs: -1, Scalar: take, VolatileArgs: true})
	}
	if err != nil {
		panic(err)
	}
	return struct{}{}
}

// tickets are the batches that are on their way at this moment.
type tickets[T any] struct {
	next    atomic.Int64
	batches sync.Map // ticket -> *T
}

var (
	feeds tickets[linkRows]
	takes tickets[taker]
)

func (t *tickets[T]) add(batch *T) int64 {
	ticket := t.next.Add(1)
	t.batches.Store(ticket, batch)
	return ticket
}

func (t *tickets[T]) drop(ticket int64) { t.batches.Delete(ticket) }

// get is the batch of a ticket, which came from SQL and may be anything.
func (t *tickets[T]) get(ticket any) *T {
	if n, ok := ticket.(int64); ok {
		if batch, ok := t.batches.Load(n); ok {
			return batch.(*T)
		}
	}
	return nil
}

// taker receives the rows of one statement.
type taker struct {
	each func(cells []driver.Value) error
	left int // how many more are wanted
}

// take is xwalk_take(ticket, cells…): it hands a row over, and is true when
// the statement has found enough. The cells are only good during the call.
func take(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	if len(args) == 0 {
		return nil, errors.New("xwalk_take is xwalk's own")
	}
	t := takes.get(args[0])
	if t == nil {
		return nil, errors.New("xwalk_take is xwalk's own")
	}
	if err := t.each(args[1:]); err != nil {
		return nil, err
	}
	t.left--
	return t.left == 0, nil
}

// takeRows reads by a statement that has no rows but the one at which enough
// was found. CASE makes sure that only rows that meet the conditions are
// handed over.
func takeRows(ctx context.Context, s *Store, conn rawConn, sel *selection, each func(cells []driver.Value) error) error {
	t := &taker{each: each, left: sel.limit}
	ticket := takes.add(t)
	defer takes.drop(ticket)
	query := "SELECT 1 FROM " + sel.from + " WHERE " + sel.where + " AND CASE WHEN " + sel.where + " THEN xwalk_take(?, " + sel.cells + ") END"
	args := append(slices.Concat(sel.args, sel.args), ticket)
	if sel.limit > 0 {
		query += " ORDER BY " + sel.order + " LIMIT 1"
	}
	// The statement says no more than that there was enough.
	return queryRaw(ctx, conn, s.sql(query), args, func([]driver.Value) error { return nil })
}

// feedLinks inserts rows into SQLite. The statement reads them from the
// virtual table xwalk_feed; columns that hold one value throughout are
// parameters instead, because asking the virtual table for a cell is what
// costs.
func feedLinks(ctx context.Context, s *Store, tx *sqldb.Tx, rows *linkRows) error {
	if len(rows.links) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "CREATE VIRTUAL TABLE IF NOT EXISTS temp.xwalk_feed USING xwalk_feed"); err != nil {
		return err
	}
	var query strings.Builder
	query.WriteString("INSERT INTO @link (" + linkColumnList + ") SELECT ")
	var args []any
	for c, name := range linkColumns {
		if c > 0 {
			query.WriteString(", ")
		}
		if v, ok := rows.constant(c); ok {
			query.WriteString("?")
			args = append(args, v)
		} else {
			query.WriteString(name)
		}
	}
	query.WriteString(" FROM temp.xwalk_feed WHERE ticket = ?")
	ticket := feeds.add(rows)
	defer feeds.drop(ticket)
	_, err := tx.ExecContext(ctx, s.sql(query.String()), append(args, ticket)...)
	return err
}

// constant is the value of a column that is the same in every row. Byte
// slices count as different unless all are nil.
func (r *linkRows) constant(column int) (any, bool) {
	if column == colKey || column == colHash || column == colSum {
		return nil, false
	}
	first := r.cell(0, column)
	if _, ok := first.([]byte); ok {
		return nil, false
	}
	for i := range r.links {
		v := r.cell(i, column)
		if _, ok := v.([]byte); ok || v != first {
			return nil, false
		}
	}
	return first, true
}

// feedModule is the virtual table xwalk_feed: the columns of xwalk_link and
// the hidden column ticket, which a query must compare.
type feedModule struct{}

func (feedModule) Create(ctx vtab.Context, _ []string) (vtab.Table, error) {
	return feedTable{}, ctx.Declare("CREATE TABLE x (" + linkColumnList + ", ticket HIDDEN)")
}

func (m feedModule) Connect(ctx vtab.Context, args []string) (vtab.Table, error) {
	return m.Create(ctx, args)
}

type feedTable struct{}

func (feedTable) BestIndex(info *vtab.IndexInfo) error {
	for i := range info.Constraints {
		c := &info.Constraints[i]
		if c.Usable && c.Op == vtab.OpEQ && c.Column == len(linkColumns) {
			c.ArgIndex, c.Omit = 0, true
		}
	}
	return nil
}

func (feedTable) Open() (vtab.Cursor, error) { return &feedCursor{}, nil }
func (feedTable) Disconnect() error          { return nil }
func (feedTable) Destroy() error             { return nil }

// feedCursor walks over one batch; without a valid ticket over nothing.
type feedCursor struct {
	rows *linkRows
	i, n int
}

func (c *feedCursor) Filter(_ int, _ string, vals []vtab.Value) error {
	c.rows, c.i, c.n = nil, 0, 0
	if len(vals) == 1 {
		if rows := feeds.get(vals[0]); rows != nil {
			c.rows, c.n = rows, len(rows.links)
		}
	}
	return nil
}

func (c *feedCursor) Next() error                           { c.i++; return nil }
func (c *feedCursor) Eof() bool                             { return c.i >= c.n } //nolint:revive // the interface names it so
func (c *feedCursor) Column(column int) (vtab.Value, error) { return c.rows.cell(c.i, column), nil }
func (c *feedCursor) Rowid() (int64, error)                 { return int64(c.i), nil }
func (c *feedCursor) Close() error                          { return nil }
