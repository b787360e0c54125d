package rewrite

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// field is a value as it goes back into the database: nothing, a number
// (SQLite alone), or bytes, which are a text unless binary is set.
type field struct {
	null, whole, real, binary bool
	n                         int64
	float                     float64
	bytes                     []byte
}

// set takes a value as the driver yields it. Its bytes are copied to arena.
func (f *field) set(v driver.Value, arena *[]byte) error {
	*f = field{}
	from := len(*arena)
	switch v := v.(type) {
	case nil:
		f.null = true
		return nil
	case int64:
		f.whole, f.n = true, v
		return nil
	case string:
		*arena = append(*arena, v...)
	case []byte:
		f.binary = true
		*arena = append(*arena, v...)
	case float64:
		f.real, f.float = true, v
		return nil
	default:
		return fmt.Errorf("a value came as %T, which was not expected", v)
	}
	f.bytes = (*arena)[from:len(*arena):len(*arena)]
	return nil
}

// put hands the value to a load.
func (f *field) put(d sqldb.Dialect, row *sqldb.Row) {
	switch {
	case f.null:
		row.Null()
	case f.whole:
		row.Int(f.n)
	case f.real:
		row.Float(f.float)
	case f.binary && d != sqldb.Postgres:
		row.Bytes(f.bytes)
	default:
		row.Text(string(f.bytes))
	}
}

// text is the value for people and for translation.
func (f *field) text() []byte {
	switch {
	case f.whole:
		return strconv.AppendInt(nil, f.n, 10)
	case f.real:
		return strconv.AppendFloat(nil, f.float, 'g', -1, 64)
	}
	return f.bytes
}

// row is a row of a table as a reference sees it. It belongs to the scanner
// and holds until the next one.
type row struct {
	key     []field // as it is written back, in the order of the table's key
	parts   []field // the reference's columns, as text
	present field   // what stands in the target; NULL where that is yet to be added
	last    field   // what a rewrite wrote last into this very row, of references in place
}

// ours reports whether what stands in the row was written by a rewrite, and
// so means a canonical ID, whatever it looks like.
func (r *row) ours() bool { return !r.last.null && bytes.Equal(r.present.text(), r.last.text()) }

// id is the source ID that the row holds; false where it holds none.
func (r *row) id() ([]byte, bool) {
	if len(r.parts) == 1 {
		return r.parts[0].text(), !r.parts[0].null
	}
	parts := make([]string, len(r.parts))
	for i := range r.parts {
		if r.parts[i].null {
			return nil, false
		}
		parts[i] = strings.TrimSpace(string(r.parts[i].text()))
	}
	return []byte(scheme.JoinParts(parts)), true
}

// scan reads the rows of a reference.
type scan struct {
	ref   *Reference
	table *Table
	// journal is the table that remembers what was written into this
	// reference's rows, up to an entry; empty: nothing was.
	journal string
	upTo    int64
}

// keyColumns are what identifies a row: its key, or SQLite's rowid. A table
// that has neither has none.
func keyColumns(t *Table) []string {
	if len(t.Key) > 0 || t.RowID == "" {
		return t.Key
	}
	return []string{t.RowID}
}

// rows yields the rows that meet the reference's condition, in the order of
// their keys, as one statement sees them: nothing that is written meanwhile
// shows. Memory is bounded by one row and the connection's buffers.
//
// It is one statement and not a page after the other, because the order of
// keys is then the database's business alone, whatever its collations.
func (s *scan) rows(ctx context.Context, db *sqldb.DB) iter.Seq2[*row, error] {
	return func(yield func(*row, error) bool) {
		if err := s.read(ctx, db, yield); err != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			yield(nil, err)
		}
	}
}

func (s *scan) read(ctx context.Context, db *sqldb.DB, yield func(*row, error) bool) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return db.Explain(err)
	}
	defer func() { _ = conn.Close() }()
	// An error that Raw is told of would make the connection useless.
	var readErr error
	err = conn.Raw(func(c any) error {
		readErr = s.stream(ctx, c.(driver.QueryerContext), db.Dialect, yield)
		return nil
	})
	if err == nil {
		err = readErr
	}
	if err != nil {
		return s.explain(db, err)
	}
	return nil
}

func (s *scan) stream(ctx context.Context, conn driver.QueryerContext, d sqldb.Dialect, yield func(*row, error) bool) error {
	// Closing the rows would read all that is still to come, were the
	// statement not cancelled first.
	ctx, cancel := context.WithCancel(ctx)
	rows, err := conn.QueryContext(ctx, s.query(d), nil)
	if err != nil {
		cancel()
		return err
	}
	defer func() {
		cancel()
		_ = rows.Close()
	}()
	r := &row{key: make([]field, len(keyColumns(s.table))), parts: make([]field, len(s.ref.Columns))}
	fields := make([]*field, 0, len(rows.Columns()))
	for i := range r.key {
		fields = append(fields, &r.key[i])
	}
	for i := range r.parts {
		fields = append(fields, &r.parts[i])
	}
	fields = append(fields, &r.present, &r.last)
	cells := make([]driver.Value, len(fields))
	var arena []byte
	for {
		switch err := rows.Next(cells); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		arena = arena[:0]
		for i, f := range fields {
			if err := f.set(cells[i], &arena); err != nil {
				return err
			}
		}
		if !yield(r, nil) {
			return nil
		}
	}
}

// query selects key, parts, present and last.
func (s *scan) query(d sqldb.Dialect) string {
	keys := keyColumns(s.table)
	list := make([]string, 0, len(keys)+len(s.ref.Columns)+2)
	order := make([]string, len(keys))
	for i, k := range keys {
		c, _ := s.table.Column(k)
		order[i] = "t." + keyName(d, s.table, k)
		list = append(list, verbatim(d, &c, order[i]))
	}
	for _, name := range s.ref.Columns {
		list = append(list, s.textOf(d, name))
	}
	target, there := s.table.Column(s.ref.Target())
	switch quoted := "t." + d.Quote(target.Name); {
	case !there:
		list = append(list, "NULL")
	case d == sqldb.SQLite:
		list = append(list, "+"+quoted)
	default:
		list = append(list, exact(d, &target, quoted))
	}
	list = append(list, s.lastWritten(d))
	q := "SELECT " + strings.Join(list, ", ") + " FROM " + d.Table(s.ref.Table) + " t" + condition(s.ref.Where)
	if len(order) > 0 {
		q += " ORDER BY " + strings.Join(order, ", ")
	}
	return q
}

// textOf is a column of the reference as text.
func (s *scan) textOf(d sqldb.Dialect, name string) string {
	c, _ := s.table.Column(name)
	return exact(d, &c, "t."+d.Quote(name))
}

// lastWritten is what the journal has as the last text of a row.
func (s *scan) lastWritten(d sqldb.Dialect) string {
	if s.journal == "" || s.ref.Write != InPlace {
		return "NULL"
	}
	table := "t"
	if d == sqldb.SQLite {
		table = "+t" // without the affinity of its column, by which no index of the journal could be used
	}
	return "(SELECT j.new_value FROM " + d.Quote(s.journal) + " j WHERE " + joinKey(d, "j", table, s.table) +
		" AND j.seq <= " + strconv.FormatInt(s.upTo, 10) + " ORDER BY j.seq DESC LIMIT 1)"
}

// keyName writes a key column in SQL; SQLite's rowid is a word of its own.
func keyName(d sqldb.Dialect, t *Table, name string) string {
	if len(t.Key) == 0 {
		return name
	}
	return d.Quote(name)
}

// joinKey says that a row of a journal is about a row of the table.
func joinKey(d sqldb.Dialect, journal, table string, t *Table) string {
	var parts []string
	for i, k := range keyColumns(t) {
		parts = append(parts, fmt.Sprintf("%s.k%d = %s.%s", journal, i+1, table, keyName(d, t, k)))
	}
	return strings.Join(parts, " AND ")
}

// exact is a column as the text that tells values apart byte for byte,
// whatever the column's collation and type.
func exact(d sqldb.Dialect, c *Column, quoted string) string {
	switch {
	case d == sqldb.Postgres:
		return quoted + `::text COLLATE "C"`
	case d == sqldb.SQLite:
		return "CAST(" + quoted + " AS TEXT) COLLATE BINARY"
	case binaryType(c.Type):
		return "CAST(" + quoted + " AS BINARY)"
	default:
		return "CAST(CONVERT(CAST(" + quoted + " AS CHAR) USING utf8mb4) AS BINARY)"
	}
}

// verbatim is a key column as a load takes it back: PostgreSQL's types read
// what they print, MySQL's texts come and go as the bytes of their own
// character set, SQLite's values have types of their own.
func verbatim(d sqldb.Dialect, c *Column, quoted string) string {
	switch {
	case d == sqldb.Postgres:
		return quoted + "::text"
	case d == sqldb.SQLite:
		return "+" + quoted
	case c.Collation != "" || binaryType(c.Type):
		return "CAST(" + quoted + " AS BINARY)"
	default:
		return "CAST(" + quoted + " AS CHAR)"
	}
}
