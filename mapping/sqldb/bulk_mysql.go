package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
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

// insertBytes bounds one INSERT; every server accepts packets of this size.
const insertBytes = 512 << 10

// insertText loads with multi-row INSERTs, whose values the driver writes
// into the statement.
func (b *bulk) insertText(conn mysqlConn) error {
	r := &Row{dialect: b.dialect, values: make([]driver.NamedValue, 0, 500*len(b.columns))}
	var stored int64
	rows, size := 0, 0
	for i := range b.n {
		start := len(r.values)
		b.row(i, r)
		if err := r.end(len(b.columns)); err != nil {
			return err
		}
		for _, v := range r.values[start:] {
			size += valueBytes(v.Value)
		}
		rows++
		if rows < 500 && size < insertBytes && i < b.n-1 {
			continue
		}
		res, err := conn.ExecContext(b.ctx, b.insertInto(rows), r.values)
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
		r.values, rows, size = r.values[:0], 0, 0
	}
	return b.checkCount(stored)
}

// valueBytes is about how much room v takes in a statement.
func valueBytes(v driver.Value) int {
	switch v := v.(type) {
	case string:
		return 2*len(v) + 3
	case []byte:
		return 2*len(v) + 12
	default:
		return 21
	}
}
