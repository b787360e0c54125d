package sqldb

import (
	"context"
	"database/sql/driver"
	"strconv"
	"strings"
)

// sqliteRows is how many rows of so many columns go best into one statement:
// about fifty, within the limit of parameters that every build of SQLite has.
func sqliteRows(columns int) int { return max(1, min(50, 999/columns)) }

// keptStatements bounds the prepared statements of one load.
const keptStatements = 32

// insertPrepared loads with prepared statements of up to size rows each.
//
// Binding a parameter costs as much as storing it, and most columns of a
// batch hold one value throughout (a source, a run, a NULL). So a column
// whose cells in one statement are all equal is bound once.
func (b *bulk) insertPrepared(conn driver.ConnPrepareContext, size int) error {
	// Statements are short, so the context is asked between them: handing it
	// to the driver would start a goroutine for each.
	ctx := context.WithoutCancel(b.ctx)
	stmts := map[string]driver.Stmt{}
	closeAll := func() {
		for key, s := range stmts {
			_ = s.Close()
			delete(stmts, key)
		}
	}
	defer closeAll()

	r := &Row{dialect: b.dialect, params: true, cells: make([]cell, 0, size*len(b.columns))}
	shared := make([]bool, len(b.columns))
	key := make([]byte, len(b.columns)+1)
	args := make([]driver.NamedValue, 0, cap(r.cells))
	var done int64
	for i := 0; i < b.n; {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		rows := min(size, b.n-i)
		r.cells = r.cells[:0]
		for range rows {
			b.row(i, r)
			if err := r.end(len(b.columns)); err != nil {
				return err
			}
			i++
		}
		args = shareCells(args[:0], r.cells, shared)
		for c, s := range shared {
			key[c] = '-'
			if s {
				key[c] = '='
			}
		}
		key[len(shared)] = byte(rows)
		stmt := stmts[string(key)]
		if stmt == nil {
			if len(stmts) == keptStatements {
				closeAll()
			}
			var err error
			if stmt, err = conn.PrepareContext(ctx, b.insertShared(rows, shared)); err != nil {
				return err
			}
			stmts[string(key)] = stmt
		}
		res, err := stmt.(driver.StmtExecContext).ExecContext(ctx, args)
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

// shareCells finds the columns whose cells are all equal and appends the
// arguments for insertShared: the shared ones, then the others row by row.
func shareCells(args []driver.NamedValue, cells []cell, shared []bool) []driver.NamedValue {
	columns := len(shared)
	add := func(c *cell) {
		args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: c.value()})
	}
	for c := range columns {
		shared[c] = true
		for i := c + columns; i < len(cells) && shared[c]; i += columns {
			shared[c] = cells[i].same(&cells[c])
		}
		if shared[c] {
			add(&cells[c])
		}
	}
	for i := 0; i < len(cells); i += columns {
		for c := range columns {
			if !shared[c] {
				add(&cells[i+c])
			}
		}
	}
	return args
}

// insertShared is an INSERT of so many rows whose shared columns have one
// parameter each for all rows. They stand first, as ?1, ?2, …: a plain ?
// counts on from there, and costs SQLite less than a numbered one.
func (b *bulk) insertShared(rows int, shared []bool) string {
	var first, rest []string
	for c, name := range b.columns {
		if shared[c] {
			first = append(first, name)
		} else {
			rest = append(rest, name)
		}
	}
	var one strings.Builder
	for c := range b.columns {
		one.WriteByte("(,"[min(c, 1)])
		one.WriteByte('?')
		if c < len(first) {
			one.WriteString(strconv.Itoa(c + 1))
		}
	}
	one.WriteByte(')')
	return "INSERT INTO " + b.dialect.Table(b.table) + " (" + b.dialect.Columns(append(first, rest...)) + ") VALUES " +
		strings.Repeat(one.String()+",", rows-1) + one.String()
}
