package sqldb

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Row takes the cells of one row, in the order of the columns, one call each.
// It belongs to [BulkInsert] and is only good inside its callback.
type Row struct {
	dialect Dialect
	cells   int                 // of the row being written
	values  []driver.NamedValue // statements with parameters
	text    []byte              // COPY and LOAD DATA
}

// Text adds a text cell. PostgreSQL refuses a NUL in it and bytes that are
// not UTF-8.
func (r *Row) Text(s string) {
	r.next()
	if r.values != nil {
		r.value(s)
		return
	}
	r.text = appendEscaped(r.text, s)
}

// Bytes adds a binary cell; nil is NULL.
func (r *Row) Bytes(b []byte) {
	if b == nil {
		r.Null()
		return
	}
	r.next()
	switch {
	case r.values != nil:
		r.value(b)
	case r.dialect == Postgres:
		r.text = append(r.text, `\\x`...)
		r.text = hex.AppendEncode(r.text, b)
	default:
		r.text = appendEscaped(r.text, b)
	}
}

// Int adds an integer cell.
func (r *Row) Int(n int64) {
	r.next()
	if r.values != nil {
		r.value(n)
		return
	}
	r.text = strconv.AppendInt(r.text, n, 10)
}

// Null adds a NULL.
func (r *Row) Null() {
	r.next()
	if r.values != nil {
		r.value(nil)
		return
	}
	r.text = append(r.text, `\N`...)
}

// next separates a cell from the one before it.
func (r *Row) next() {
	if r.cells > 0 && r.values == nil {
		r.text = append(r.text, '\t')
	}
	r.cells++
}

func (r *Row) value(v any) {
	r.values = append(r.values, driver.NamedValue{Ordinal: len(r.values) + 1, Value: v})
}

// end closes a row and checks that it had as many cells as there are columns.
func (r *Row) end(columns int) error {
	if r.cells != columns {
		return fmt.Errorf("a row of %d cells for %d columns", r.cells, columns)
	}
	r.cells = 0
	if r.values == nil {
		r.text = append(r.text, '\n')
	}
	return nil
}

// appendEscaped writes s as COPY and LOAD DATA read it.
func appendEscaped[S string | []byte](buf []byte, s S) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var c byte
		switch s[i] {
		case '\\':
			c = '\\'
		case '\n':
			c = 'n'
		case '\r':
			c = 'r'
		case '\t':
			c = 't'
		case 0:
			c = '0'
		default:
			continue
		}
		buf = append(append(buf, s[from:i]...), '\\', c)
		from = i + 1
	}
	return append(buf, s[from:]...)
}

// BulkInsert adds n rows to table within tx, the fastest way that the dialect
// has: COPY for PostgreSQL, LOAD DATA LOCAL for MySQL and, where the server
// refuses that, multi-row INSERTs, and prepared multi-row INSERTs for SQLite
// (which likes the rows in primary-key order). row is called once for each
// row, 0 to n-1, and writes its cells into dst.
//
// Either all rows are in, exactly as given, or there is an error, and tx must
// be rolled back: a count that differs and every warning is an error.
func BulkInsert(ctx context.Context, tx *Tx, table string, columns []string, n int, row func(i int, dst *Row)) error {
	if n == 0 {
		return nil
	}
	b := &bulk{ctx: ctx, dialect: tx.db.Dialect, table: table, columns: columns, n: n, row: row}
	err := tx.conn.Raw(func(conn any) error {
		switch b.dialect {
		case Postgres:
			return b.copyIn(conn.(driver.ConnPrepareContext))
		case MySQL:
			return b.loadData(conn.(mysqlConn), tx.db)
		default:
			return b.insert(conn.(driver.ConnPrepareContext), sqliteRows(len(columns)))
		}
	})
	if err != nil {
		return fmt.Errorf("load %d rows into %s: %w", n, table, err)
	}
	return nil
}

// bulk is one load.
type bulk struct {
	ctx     context.Context
	dialect Dialect
	table   string
	columns []string
	n       int
	row     func(i int, dst *Row)
}

// insertInto is a multi-row INSERT of rows rows.
func (b *bulk) insertInto(rows int) string {
	one := "(" + strings.Repeat("?,", len(b.columns)-1) + "?)"
	return "INSERT INTO " + b.dialect.Table(b.table) + " (" + b.dialect.Columns(b.columns) + ") VALUES " +
		strings.Repeat(one+",", rows-1) + one
}

// sqliteRows is how many rows of so many columns go best into one statement:
// about fifty, within the limit of parameters that every build of SQLite has.
func sqliteRows(columns int) int { return max(1, min(50, 999/columns)) }

// insert loads with prepared statements of up to size rows each.
func (b *bulk) insert(conn driver.ConnPrepareContext, size int) error {
	// Statements are short, so the context is asked between them: handing it
	// to the driver would start a goroutine for each.
	ctx := context.WithoutCancel(b.ctx)
	r := &Row{dialect: b.dialect, values: make([]driver.NamedValue, 0, size*len(b.columns))}
	var stmt driver.Stmt
	prepared := 0
	defer func() {
		if stmt != nil {
			_ = stmt.Close()
		}
	}()
	var done int64
	for i := 0; i < b.n; {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		rows := min(size, b.n-i)
		if rows != prepared {
			if stmt != nil {
				_ = stmt.Close()
				stmt = nil
			}
			var err error
			if stmt, err = conn.PrepareContext(ctx, b.insertInto(rows)); err != nil {
				return err
			}
			prepared = rows
		}
		r.values = r.values[:0]
		for range rows {
			b.row(i, r)
			if err := r.end(len(b.columns)); err != nil {
				return err
			}
			i++
		}
		res, err := stmt.(driver.StmtExecContext).ExecContext(ctx, r.values)
		if err != nil {
			return err
		}
		affected, err := res.RowsAffected()
		if err != nil {
			return err
		}
		done += affected
	}
	return b.checkCount(done)
}

// checkCount compares what the database says it stored with what was sent.
func (b *bulk) checkCount(stored int64) error {
	if stored != int64(b.n) {
		return fmt.Errorf("the database stored %d rows", stored)
	}
	return nil
}
