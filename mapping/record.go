package mapping

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// Value is one cell of a record: text, or NULL. Numbers, dates and binaries
// arrive as text already; no stage ever holds an ID as a number.
type Value struct {
	Text string
	Null bool
}

// Place says where a record stands in its source. File is the file or table
// as the user named it. Line is 1-based; 0 means that only Row is known. Row
// counts the data rows of the source from 1, whether or not they were good.
type Place struct {
	File string
	Line int64
	Row  int64
}

// String is "legacy.csv:12" for files and "customers row 12" for tables.
func (p Place) String() string {
	switch {
	case p.Line > 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	case p.Row > 0:
		return fmt.Sprintf("%s row %d", p.File, p.Row)
	default:
		return p.File
	}
}

// Record is one row of a source. Values[i] belongs to the i-th column that
// was asked for. The slice is only valid until the stream's next step; the
// strings in it stay valid.
type Record struct {
	Place  Place
	Values []Value
}

// Source streams the records of one source.
//
// Records yields every record once, in the source's own order. A yielded
// [*RecordError] concerns that record alone and the stream goes on; any other
// error is the last pair yielded. Cancelling ctx ends the stream with
// ctx.Err(). Breaking out of the loop releases what the stream holds. Records
// may be called again for a second pass.
type Source interface {
	Records(ctx context.Context) iter.Seq2[Record, error]
}

// Counter is implemented by sources that know, exactly or nearly, how many
// records they hold without reading them; progress shows it.
type Counter interface {
	Count(ctx context.Context) (int64, error)
}

// RecordError is one record that cannot be used, with its place and a reason
// that a person can act on. SourceID is empty where it could not be read.
// The reason never quotes personal data.
type RecordError struct {
	Place    Place
	SourceID string
	Reason   string
}

func (e *RecordError) Error() string {
	if e.SourceID == "" {
		return fmt.Sprintf("%s: %s", e.Place, e.Reason)
	}
	return fmt.Sprintf("%s: %s: %s", e.Place, e.SourceID, e.Reason)
}

// IsRecordError reports whether err concerns one record alone.
func IsRecordError(err error) bool {
	var re *RecordError
	return errors.As(err, &re)
}

// ColumnError says that a source lacks a column that the configuration
// names. Nearest is the likeliest existing spelling, or empty.
type ColumnError struct {
	Source  string // file or table
	Missing string
	Columns []string
	Nearest string
}

func (e *ColumnError) Error() string {
	msg := fmt.Sprintf("%s has no column %q", e.Source, e.Missing)
	if e.Nearest != "" {
		msg += fmt.Sprintf("; did you mean %q?", e.Nearest)
	}
	if len(e.Columns) > 0 {
		msg += " (it has: " + strings.Join(e.Columns, ", ") + ")"
	}
	return msg
}

// UnreachableError says that a server or service could not be reached or
// would not let us in; the message names no password.
type UnreachableError struct {
	What string // "postgres server db.example:5432"
	Err  error
}

func (e *UnreachableError) Error() string { return fmt.Sprintf("%s: %v", e.What, e.Err) }

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }
