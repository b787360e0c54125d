package sqltable

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Records streams the rows. The driver is used without database/sql's row
// scanning, which would convert and copy each value once more.
func (s *source) Records(ctx context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		if err := s.read(ctx, yield); err != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			yield(mapping.Record{}, err)
		}
	}
}

// read makes one pass. Its error is the last pair; errors of records, and
// that the consumer had enough, are not errors of the pass.
func (s *source) read(ctx context.Context, yield func(mapping.Record, error) bool) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	db, err := sqldb.OpenAs(ctx, s.set.Dialect, s.set.DSN, sqldb.Options{ReadOnly: true, Stream: true, MaxConns: 1})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()

	conn, err := db.Conn(ctx)
	if err != nil {
		return db.Explain(err)
	}
	defer func() { _ = conn.Close() }()
	err = conn.Raw(func(c any) error { return s.stream(ctx, c, yield) })
	if err != nil {
		return db.Explain(fmt.Errorf("read %s: %w", s.name, err))
	}
	return nil
}

// stream runs the statement in a transaction of its own and passes on its
// rows.
func (s *source) stream(ctx context.Context, conn any, yield func(mapping.Record, error) bool) error {
	// Closing the rows would read all that is still to come, were the
	// statement not cancelled first.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	opts := driver.TxOptions{ReadOnly: true}
	if s.set.Dialect != sqldb.SQLite {
		opts.Isolation = driver.IsolationLevel(sql.LevelRepeatableRead)
	}
	tx, err := conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, s.selectSQL(s.exprs(), s.where, -1), nil)
	if err != nil {
		return err
	}
	defer func() {
		cancel()
		_ = rows.Close()
	}()
	return s.yieldRows(ctx, rows, yield)
}

// yieldRows passes on every row until the last one or until the consumer has
// enough.
func (s *source) yieldRows(ctx context.Context, rows driver.Rows, yield func(mapping.Record, error) bool) error {
	cells := make([]driver.Value, len(rows.Columns()))
	rec := mapping.Record{Values: make([]mapping.Value, len(s.wanted))}
	for n := int64(1); ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch err := rows.Next(cells); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("after %d rows: %w", n-1, err)
		}
		rec.Place = mapping.Place{File: s.name, Row: n}
		if err := s.decode(rec.Values, cells); err != nil {
			if !yield(mapping.Record{}, &mapping.RecordError{Place: rec.Place, Reason: err.Error()}) {
				return nil
			}
			continue
		}
		if !yield(rec, nil) {
			return nil
		}
	}
}

// decode makes the text of a row.
func (s *source) decode(values []mapping.Value, cells []driver.Value) error {
	for i := range values {
		if cells[i] == nil {
			values[i] = mapping.Value{Null: true}
			continue
		}
		text, err := s.wanted[i].decode(cells[i])
		if err != nil {
			return fmt.Errorf("column %q %w", s.wanted[i].name, err)
		}
		values[i] = mapping.Value{Text: text}
	}
	return nil
}
