package sqldb

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Row takes the cells of one row, in the order of the columns, one call each.
// It belongs to [BulkInsert] and is only good inside its callback.
type Row struct {
	dialect Dialect
	params  bool   // cells become parameters of a statement, not text
	written int    // cells of the row being written
	cells   []cell // with params: the rows of a statement, one after the other
	text    []byte // without: rows as COPY and LOAD DATA read them
}

// cell is one value for a parameter.
type cell struct {
	kind  cellKind
	n     int64
	real  float64
	text  string
	bytes []byte
}

type cellKind uint8

const (
	cellNull cellKind = iota
	cellInt
	cellFloat
	cellText
	cellBytes
)

// Text adds a text cell. PostgreSQL refuses a NUL in it and bytes that are
// not UTF-8.
func (r *Row) Text(s string) {
	if r.params {
		r.add(cell{kind: cellText, text: s})
		return
	}
	r.separate()
	r.text = appendEscaped(r.text, s)
}

// Bytes adds a binary cell; nil is NULL. b must stay as it is until
// BulkInsert returns.
func (r *Row) Bytes(b []byte) {
	switch {
	case b == nil:
		r.Null()
	case r.params:
		r.add(cell{kind: cellBytes, bytes: b})
	case r.dialect == Postgres:
		r.separate()
		r.text = append(r.text, `\\x`...)
		r.text = hex.AppendEncode(r.text, b)
	default:
		r.separate()
		r.text = appendEscaped(r.text, b)
	}
}

// Int adds an integer cell.
func (r *Row) Int(n int64) {
	if r.params {
		r.add(cell{kind: cellInt, n: n})
		return
	}
	r.separate()
	r.text = strconv.AppendInt(r.text, n, 10)
}

// Float adds a floating-point cell, to the last bit.
func (r *Row) Float(f float64) {
	if r.params {
		r.add(cell{kind: cellFloat, real: f})
		return
	}
	r.separate()
	r.text = strconv.AppendFloat(r.text, f, 'g', -1, 64)
}

// Null adds a NULL.
func (r *Row) Null() {
	if r.params {
		r.add(cell{})
		return
	}
	r.separate()
	r.text = append(r.text, `\N`...)
}

func (r *Row) add(c cell) {
	r.written++
	r.cells = append(r.cells, c)
}

// separate puts a tab between a cell and the one before it.
func (r *Row) separate() {
	if r.written > 0 {
		r.text = append(r.text, '\t')
	}
	r.written++
}

// end closes a row and checks that it had as many cells as there are columns.
func (r *Row) end(columns int) error {
	if r.written != columns {
		return fmt.Errorf("a row of %d cells for %d columns", r.written, columns)
	}
	r.written = 0
	if !r.params {
		r.text = append(r.text, '\n')
	}
	return nil
}

// value is c as a driver takes it.
func (c *cell) value() driver.Value {
	switch c.kind {
	case cellInt:
		return c.n
	case cellFloat:
		return c.real
	case cellText:
		return c.text
	case cellBytes:
		return c.bytes
	default:
		return nil
	}
}

// same reports whether c and o are equal; binary cells count as different,
// for comparing them would cost more than it saves.
func (c *cell) same(o *cell) bool {
	return c.kind == o.kind && c.n == o.n && c.real == o.real && c.text == o.text && c.kind != cellBytes
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
	// Raw closes a connection that is lost, or whose user panics, and for that
	// waits until the transaction is over. So it is not told of errors, and a
	// panic ends the transaction.
	var loadErr error
	returned := false
	err := tx.conn.Raw(func(conn any) error {
		defer func() {
			if !returned {
				go func() { _ = tx.Tx.Rollback() }()
			}
		}()
		switch b.dialect {
		case Postgres:
			loadErr = b.copyIn(conn.(driver.ConnPrepareContext))
		case MySQL:
			loadErr = b.loadData(conn.(mysqlConn), tx.db)
		default:
			loadErr = b.insertPrepared(conn.(driver.ConnPrepareContext), sqliteRows(len(columns)))
		}
		returned = true
		return nil
	})
	if err == nil {
		err = loadErr
	}
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

// checkCount compares what the database says it stored with what was sent.
func (b *bulk) checkCount(stored int64) error {
	if stored != int64(b.n) {
		return fmt.Errorf("the database stored %d rows", stored)
	}
	return nil
}
