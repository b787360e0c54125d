package crosswalk

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// selection is a SELECT of many rows of one table.
type selection struct {
	cells, from, where string
	args               []any
	order              string // by what the first limit rows are the first: a key of the table
	limit              int    // 0: all, in any order
}

// rawConn is a connection, or a transaction, that gives its driver away.
type rawConn interface {
	Raw(fn func(driverConn any) error) error
}

// selectRows hands over the rows as the driver has them: a Scan per row would
// take longer than the database needs to find it. The cells are only good
// until each returns.
func selectRows(ctx context.Context, s *Store, conn rawConn, sel *selection, each func(cells []driver.Value) error) error {
	query := "SELECT " + sel.cells + " FROM " + sel.from + " WHERE " + sel.where
	if sel.limit > 0 {
		query += fmt.Sprintf(" ORDER BY %s LIMIT %d", sel.order, sel.limit)
	}
	return queryRaw(ctx, conn, s.sql(query), sel.args, each)
}

// queryRaw runs a statement on the driver itself.
func queryRaw(ctx context.Context, conn rawConn, query string, args []any, each func(cells []driver.Value) error) error {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	var readErr error
	if err := conn.Raw(func(conn any) error {
		readErr = eachRow(ctx, conn.(driver.QueryerContext), query, named, each)
		return nil // a lost connection told to Raw would wait for the transaction for ever
	}); err != nil {
		return err
	}
	return readErr
}

func eachRow(ctx context.Context, conn driver.QueryerContext, query string, args []driver.NamedValue, each func(cells []driver.Value) error) error {
	rows, err := conn.QueryContext(ctx, query, args)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	cells := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(cells); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := each(cells); err != nil {
			return err
		}
	}
}
