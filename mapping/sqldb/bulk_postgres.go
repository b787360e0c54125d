package sqldb

import (
	"context"
	"database/sql/driver"
)

// copyChunk is how many bytes of rows are handed to the driver at a time.
const copyChunk = 64 << 10

// copyIn loads with COPY. The rows are escaped here and not by the driver,
// which saves a conversion and an allocation for each cell.
func (b *bulk) copyIn(conn driver.ConnPrepareContext) (err error) {
	// The load is cancelled between chunks, see below; a context that the
	// driver watches would start a goroutine for each chunk.
	ctx := context.WithoutCancel(b.ctx)
	stmt, err := conn.PrepareContext(ctx,
		"COPY "+b.dialect.Table(b.table)+" ("+b.dialect.Columns(b.columns)+") FROM STDIN")
	if err != nil {
		return err
	}
	// Close ends the COPY, also after an error: the connection could not roll
	// back in the middle of one.
	defer func() {
		if closeErr := stmt.Close(); err == nil {
			err = closeErr
		}
	}()

	out := stmt.(interface {
		CopyData(ctx context.Context, line string) (driver.Result, error)
	})
	flush := func(r *Row) error {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		// The driver adds the last line's end.
		_, err := out.CopyData(ctx, string(r.text[:len(r.text)-1]))
		r.text = r.text[:0]
		return err
	}
	r := &Row{dialect: b.dialect, text: make([]byte, 0, copyChunk+copyChunk/4)}
	for i := range b.n {
		b.row(i, r)
		if err := r.end(len(b.columns)); err != nil {
			return err
		}
		if len(r.text) >= copyChunk || i == b.n-1 {
			if err := flush(r); err != nil {
				return err
			}
		}
	}
	// An Exec without values waits for the server's answer.
	res, err := stmt.(interface {
		Exec(v []driver.Value) (driver.Result, error)
	}).Exec(nil)
	if err != nil {
		return err
	}
	stored, err := res.RowsAffected()
	if err != nil {
		return err
	}
	return b.checkCount(stored)
}
