package translate

import (
	"context"
	"errors"
	"io"

	"github.com/xwalk-id/xwalk/mapping/charset"
)

// Field is a column of a file, or a path in JSON, and how it is translated.
type Field struct {
	// Names are the columns; several make one composite ID. A JSON path is
	// names with dots between them; [] stands for every element of an array.
	Names []string
	Column
	// Add is the name of a column that takes the translation, so that the old
	// text stays; empty: the column itself does.
	Add string
}

// Stream says how a file or stream is translated.
type Stream struct {
	Name      string // for messages
	Delimiter byte   // of CSV; 0: the text shows it
	Charset   charset.Charset
	Fields    []Field
	Diverted  io.Writer // where a field's Missing is Divert
	Progress  func(bytes int64)
}

// Tally counts what became of a field's IDs.
type Tally struct {
	Field      string           `json:"field"`
	Cells      int64            `json:"cells"` // that hold an ID
	Translated int64            `json:"translated"`
	Unchanged  int64            `json:"unchanged"` // IDs that were the answer already
	Missing    map[string]int64 `json:"missing"`   // by status
	Examples   []Example        `json:"examples"`  // of what is missing, a few of each status
}

// Example is an ID that is missing, and its place.
type Example struct {
	Line   int64  `json:"line"`
	ID     string `json:"id"`
	Status string `json:"status"`
}

// Summary is what became of a stream.
type Summary struct {
	Records  int64    `json:"records"`
	Broken   int64    `json:"broken"`
	Diverted int64    `json:"diverted"`
	Fields   []Tally  `json:"fields"`
	Notes    []string `json:"notes,omitempty"`
}

// MissingError says that a field whose Missing is Fail has IDs without an
// answer. Nothing after the first of them was written.
type MissingError struct {
	Summary *Summary
	Field   string
	First   Example
}

func (e *MissingError) Error() string { return "" }

// CSV translates delimited text; see package delimited for what stays.
func CSV(ctx context.Context, dst io.Writer, src io.Reader, s Stream) (*Summary, error) {
	return nil, errors.New("translate.CSV: to be written")
}

// JSONLines translates JSON documents, one a line or one after the other; all
// other bytes stay. A number that is an ID becomes a text.
func JSONLines(ctx context.Context, dst io.Writer, src io.Reader, s Stream) (*Summary, error) {
	return nil, errors.New("translate.JSONLines: to be written")
}
