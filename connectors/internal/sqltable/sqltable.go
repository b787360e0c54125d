// Package sqltable is what the SQL connectors share: it reads a table, or
// the result of a query, as records of text.
//
// A pass opens a connection of its own and reads one statement in one
// read-only transaction, row by row as the server sends them: memory is
// bounded by a row and the connection's buffers. Rows come in the database's
// own order; nothing is sorted.
//
// How a value becomes text:
//
//   - NULL is NULL, and apart from empty.
//   - Text is as stored, in UTF-8. Bytes that are not UTF-8 make the row a
//     [*mapping.RecordError].
//   - Integers and decimals have all their digits, MySQL's ZEROFILL columns
//     their zeros. Floats are the shortest text that reads back as the same
//     number, in plain digits from 1e-6 up to 1e21.
//   - Binary values of 16 bytes are a UUID's text, others lower-case
//     hexadecimal digits. MySQL's BIT columns are numbers.
//   - Dates and times are as the database prints them, to the microsecond.
//     The session's time zone is UTC.
//   - Everything else (JSON, enumerations, arrays, …) is as the database
//     prints it.
package sqltable

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Settings are the settings of a SQL connector: where the database is, and
// either a table or a query.
type Settings struct {
	Dialect sqldb.Dialect
	DSN     string
	Table   string
	Query   string
}

// Open checks that the database answers and has what is asked for.
func Open(ctx context.Context, set Settings, req connectors.Request) (mapping.Source, error) {
	if (set.Table == "") == (set.Query == "") {
		return nil, errors.New("set either table or query")
	}
	s := &source{set: set, name: set.Table, where: req.Where}
	if s.name == "" {
		s.name = req.Name
	}
	db, err := sqldb.OpenAs(ctx, set.Dialect, set.DSN, sqldb.Options{ReadOnly: true, Stream: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	if err := s.look(ctx, db); err != nil {
		return nil, err
	}
	if err := s.choose(ctx, db, req.Columns); err != nil {
		return nil, err
	}
	if s.set.Table != "" && s.where == "" {
		return table{s}, nil
	}
	return s, nil
}

// source is a table or query that can be read.
type source struct {
	set     Settings
	name    string // for places: the table, or the source's name
	where   string
	columns []string // all that there are
	wanted  []column
}

// column is a wanted column: how it is selected, and how what comes is made
// text. length is how many characters a text has room for, 0 for no limit.
type column struct {
	name     string
	typeName string // as the driver names the type
	length   int64
	expr     string
	decode   decoder
}

// Columns lists the columns of the table or query.
func (s *source) Columns(context.Context) ([]string, error) { return s.columns, nil }

// look finds out which columns there are.
func (s *source) look(ctx context.Context, db *sqldb.DB) error {
	if s.set.Table != "" {
		columns, err := sqldb.TableColumns(ctx, db, s.set.Table)
		for _, c := range columns {
			s.columns = append(s.columns, c.Name)
		}
		return err
	}
	rows, err := db.QueryxContext(ctx, s.selectSQL("*", "", 0))
	if err != nil {
		return s.refused(ctx, db, "query", err)
	}
	defer func() { _ = rows.Close() }()
	if s.columns, err = rows.Columns(); err != nil {
		return db.Explain(err)
	}
	return rows.Err()
}

// choose settles how the wanted columns are read, and has the database check
// the filter.
func (s *source) choose(ctx context.Context, db *sqldb.DB, names []string) error {
	for _, name := range names {
		at := slices.IndexFunc(s.columns, func(c string) bool { return strings.TrimSpace(c) == strings.TrimSpace(name) })
		if at < 0 {
			return &mapping.ColumnError{Source: s.name, Missing: name, Columns: s.columns, Nearest: diag.Nearest(name, s.columns)}
		}
		s.wanted = append(s.wanted, column{name: s.columns[at], expr: db.Dialect.Quote(s.columns[at])})
	}
	rows, err := db.QueryxContext(ctx, s.selectSQL(s.exprs(), s.where, 0))
	if err != nil {
		return s.refused(ctx, db, "filter", err)
	}
	defer func() { _ = rows.Close() }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return db.Explain(err)
	}
	for i := range s.wanted {
		c := &s.wanted[i]
		c.typeName = types[i].DatabaseTypeName()
		if n, ok := types[i].Length(); ok && n > 0 && n < math.MaxInt32 {
			c.length = n
		}
		c.expr, c.decode = convert(db.Dialect, c.typeName, c.expr)
	}
	return rows.Err()
}

// refused says what the database has against the query or filter.
func (s *source) refused(ctx context.Context, db *sqldb.DB, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch sqldb.Classify(err) {
	case sqldb.Unreachable, sqldb.Cut:
		return db.Explain(err)
	}
	if what == "filter" && s.where == "" {
		return fmt.Errorf("read %s: %w", s.name, err)
	}
	return fmt.Errorf("the %s was refused by the %w", what, db.Explain(err))
}

// exprs is the list of what is selected; a source of no columns still has
// rows.
func (s *source) exprs() string {
	if len(s.wanted) == 0 {
		return "1"
	}
	exprs := make([]string, len(s.wanted))
	for i, c := range s.wanted {
		exprs[i] = c.expr
	}
	return strings.Join(exprs, ", ")
}

// selectSQL selects exprs under a filter, at most limit rows where limit is
// not negative. Line ends keep a comment in the query or filter from hiding
// what follows it.
func (s *source) selectSQL(exprs, where string, limit int) string {
	var b strings.Builder
	b.WriteString("SELECT " + exprs + " FROM ")
	if s.set.Table != "" {
		b.WriteString(s.set.Dialect.Table(s.set.Table))
	} else {
		b.WriteString("(" + strings.TrimRight(s.set.Query, "; \t\r\n") + "\n) AS xwalk_query")
	}
	if where != "" {
		b.WriteString(" WHERE (" + where + "\n)")
	}
	if limit >= 0 {
		fmt.Fprintf(&b, " LIMIT %d", limit)
	}
	return b.String()
}

// countedExactly is how many rows are counted before an estimate is good
// enough.
const countedExactly = 200_000

// table is a whole table, which can say how many rows it has. To count the
// rows of a query, or under a filter, would cost as much as reading them.
type table struct{ *source }

// Count is the number of rows: exact for small tables and in SQLite, else as
// the server estimates it.
func (s table) Count(ctx context.Context) (int64, error) {
	db, err := sqldb.OpenAs(ctx, s.set.Dialect, s.set.DSN, sqldb.Options{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	limit := countedExactly
	if s.set.Dialect == sqldb.SQLite {
		limit = -1
	}
	var n int64
	if err := db.GetContext(ctx, &n, "SELECT COUNT(*) FROM ("+s.selectSQL("1", "", limit)+") AS xwalk_count"); err != nil {
		return 0, db.Explain(err)
	}
	if limit < 0 || n < int64(limit) {
		return n, nil
	}
	var estimate sql.NullFloat64
	switch s.set.Dialect {
	case sqldb.Postgres:
		err = db.GetContext(ctx, &estimate, "SELECT reltuples FROM pg_class WHERE oid = to_regclass($1)", s.set.Dialect.Table(s.set.Table))
	default:
		err = db.GetContext(ctx, &estimate, "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", s.set.Table)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, db.Explain(err)
	}
	return max(n, int64(estimate.Float64)), nil
}
