package crosswalk

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite/vtab"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// linkColumns are the columns of xwalk_link, in the order of linkRows.cell.
var linkColumns = []string{
	"source_no", "id_key", "verbatim", "canonical", "state", "kind", "rule_no",
	"from_run", "since_run", "row_hash", "row_sum", "match_keys", "fields",
}

var linkColumnList = strings.Join(linkColumns, ", ")

// The columns that linkRows tells apart.
const (
	colSource = iota
	colKey
	colVerbatim
	colCanonical
	colState
	colKind
	colRule
	colFrom
	colSince
	colHash
	colSum
	colMatch
	colFields
)

// linkRows are links of one run as rows: links[i] has the checksum sums[i],
// and its rule the number rules[links[i].Rule].
type linkRows struct {
	links []Link
	sums  []int64
	rules map[string]int64
}

// cell is what stands in a column of row i: a string, []byte, int64 or nil.
func (r *linkRows) cell(i, column int) any {
	l := &r.links[i]
	switch column {
	case colSource:
		return int64(l.Source)
	case colKey:
		return l.Key
	case colVerbatim:
		if l.Verbatim == "" || l.Verbatim == l.Key {
			return nil
		}
		return l.Verbatim
	case colCanonical:
		return l.Canonical
	case colState:
		return int64(l.State)
	case colKind:
		return int64(l.Kind)
	case colRule:
		return r.rules[l.Rule]
	case colFrom:
		return l.FromRun
	case colSince:
		if l.SinceRun == l.FromRun {
			return nil
		}
		return l.SinceRun
	case colHash:
		return int64(l.RowHash)
	case colSum:
		return r.sums[i]
	case colMatch:
		if l.Match == nil {
			return nil
		}
		return l.Match
	default:
		if l.Fields == nil {
			return nil
		}
		return string(l.Fields)
	}
}

// bulkLinks inserts rows the way that servers like.
func bulkLinks(ctx context.Context, s *Store, tx *sqldb.Tx, rows *linkRows) error {
	return sqldb.BulkInsert(ctx, tx, s.table("link"), linkColumns, len(rows.links), func(i int, dst *sqldb.Row) {
		for c := range linkColumns {
			switch v := rows.cell(i, c).(type) {
			case string:
				dst.Text(v)
			case int64:
				dst.Int(v)
			case []byte:
				dst.Bytes(v)
			default:
				dst.Null()
			}
		}
	})
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

// feeds are the batches that are being inserted at this moment. A virtual
// table is known to the whole process, so a statement says by a ticket which
// batch it means.
var feeds feedRegistry

type feedRegistry struct {
	next atomic.Int64
	rows sync.Map // ticket -> *linkRows
}

func (f *feedRegistry) add(rows *linkRows) int64 {
	ticket := f.next.Add(1)
	f.rows.Store(ticket, rows)
	return ticket
}

func (f *feedRegistry) drop(ticket int64) { f.rows.Delete(ticket) }

// The driver reads its list of modules without a lock whenever it opens a
// connection, so the module is there before anything can be opened.
var _ = registerFeed()

func registerFeed() struct{} {
	if err := vtab.RegisterModule(nil, "xwalk_feed", feedModule{}); err != nil {
		panic(err)
	}
	return struct{}{}
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
		if rows, ok := feeds.rows.Load(vals[0]); ok {
			c.rows = rows.(*linkRows)
			c.n = len(c.rows.links)
		}
	}
	return nil
}

func (c *feedCursor) Next() error                           { c.i++; return nil }
func (c *feedCursor) Eof() bool                             { return c.i >= c.n }
func (c *feedCursor) Column(column int) (vtab.Value, error) { return c.rows.cell(c.i, column), nil }
func (c *feedCursor) Rowid() (int64, error)                 { return int64(c.i), nil }
func (c *feedCursor) Close() error                          { return nil }
