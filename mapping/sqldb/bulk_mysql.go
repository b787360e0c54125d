package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"
)

// mysqlConn is what a load needs of the driver's connection.
type mysqlConn interface {
	driver.ExecerContext
	driver.QueryerContext
}

// readers numbers the loads of this process: the driver keeps their readers
// under names that all connections share.
var readers atomic.Int64

// loadData loads with LOAD DATA LOCAL, or with INSERTs where the server does
// not allow that.
func (b *bulk) loadData(conn mysqlConn, db *DB) error {
	if db.noLocalInfile.Load() {
		return b.insertText(conn)
	}
	name := "xwalk" + strconv.FormatInt(readers.Add(1), 10)
	in := &rowReader{b: b, row: &Row{dialect: MySQL, text: make([]byte, 0, copyChunk+copyChunk/4)}}
	mysql.RegisterReaderHandler(name, func() io.Reader { return in })
	defer mysql.DeregisterReaderHandler(name)

	// "binary" takes the bytes as they are: binary columns could not hold
	// everything otherwise, and text columns check them still.
	res, err := conn.ExecContext(b.ctx, "LOAD DATA LOCAL INFILE 'Reader::"+name+"' INTO TABLE "+b.dialect.Table(b.table)+
		` CHARACTER SET binary FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (`+
		b.dialect.Columns(b.columns)+")", nil)
	if refusesLocalInfile(err) && in.next == 0 {
		db.noLocalInfile.Store(true)
		return b.insertText(conn)
	}
	if err != nil {
		return err
	}
	// LOAD DATA LOCAL turns errors into warnings, even in strict mode.
	if err := warnings(b.ctx, conn); err != nil {
		return err
	}
	stored, err := res.RowsAffected()
	if err != nil {
		return err
	}
	return b.checkCount(stored)
}

// refusesLocalInfile reports whether the server does not allow LOAD DATA
// LOCAL: switched off, not built in, or not known (TiDB, proxies).
func refusesLocalInfile(err error) bool {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Number {
	case 1148, 3948, 4166, 1235, 1227, 1045:
		return true
	}
	return false
}

// warnings makes an error of the first warning of the last statement.
func warnings(ctx context.Context, conn mysqlConn) error {
	rows, err := conn.QueryContext(ctx, "SHOW WARNINGS LIMIT 1", nil)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	dest := make([]driver.Value, len(rows.Columns()))
	switch err := rows.Next(dest); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	// The message quotes the value, so only its number is told.
	return fmt.Errorf("the database warned with code %v and may have changed a value", text(dest[1]))
}

func text(v driver.Value) any {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return v
}

// rowReader is the rows of a load as a file.
type rowReader struct {
	b    *bulk
	row  *Row
	next int
	text []byte // written and not yet read
}

func (r *rowReader) Read(p []byte) (int, error) {
	if len(r.text) == 0 {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

// fill writes the next chunk of rows.
func (r *rowReader) fill() error {
	if err := r.b.ctx.Err(); err != nil {
		return err
	}
	r.row.text = r.row.text[:0]
	for r.next < r.b.n && len(r.row.text) < copyChunk {
		r.b.row(r.next, r.row)
		if err := r.row.end(len(r.b.columns)); err != nil {
			return err
		}
		r.next++
	}
	r.text = r.row.text
	if len(r.text) == 0 {
		return io.EOF
	}
	return nil
}

// insertRows and insertBytes bound one INSERT; every server accepts packets
// of this size.
const (
	insertRows  = 500
	insertBytes = 512 << 10
)

// insertText loads with multi-row INSERTs, whose values the driver writes
// into the statement.
func (b *bulk) insertText(conn mysqlConn) error {
	r := &Row{dialect: b.dialect, params: true, cells: make([]cell, 0, insertRows*len(b.columns))}
	var args []driver.NamedValue
	var stored int64
	rows, size := 0, 0
	for i := range b.n {
		start := len(r.cells)
		b.row(i, r)
		if err := r.end(len(b.columns)); err != nil {
			return err
		}
		for _, c := range r.cells[start:] {
			size += 2*len(c.text) + 2*len(c.bytes) + 21
		}
		rows++
		if rows < insertRows && size < insertBytes && i < b.n-1 {
			continue
		}
		args = args[:0]
		for j := range r.cells {
			args = append(args, driver.NamedValue{Ordinal: j + 1, Value: r.cells[j].value()})
		}
		res, err := conn.ExecContext(b.ctx, b.insertInto(rows), args)
		if err != nil {
			return err
		}
		if err := warnings(b.ctx, conn); err != nil {
			return err
		}
		affected, err := res.RowsAffected()
		if err != nil {
			return err
		}
		stored += affected
		r.cells, rows, size = r.cells[:0], 0, 0
	}
	return b.checkCount(stored)
}

// insertInto is an INSERT of so many rows.
func (b *bulk) insertInto(rows int) string {
	one := "(" + strings.Repeat("?,", len(b.columns)-1) + "?)"
	return "INSERT INTO " + b.dialect.Table(b.table) + " (" + b.dialect.Columns(b.columns) + ") VALUES " +
		strings.Repeat(one+",", rows-1) + one
}
