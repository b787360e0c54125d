package delimited

import (
	"context"
	"errors"
	"io"

	"github.com/xwalk-id/xwalk/mapping/charset"
)

// Options say how a text is edited.
type Options struct {
	// Delimiter is one ASCII sign; 0: the text shows it.
	Delimiter byte
	// Charset is the text's encoding; Unknown: the text shows it.
	Charset charset.Charset
	// Columns are the cells that are handed out, by the names in the header.
	Columns []string
	// Add are names of columns that every record gets at its end, in this order.
	Add []string
	// Diverted takes, where it is not nil, the header and the records that
	// [Batch.Divert] takes out, byte for byte.
	Diverted io.Writer
	// Workers is how many batches are edited at once; 0: as many as there are
	// processors.
	Workers int
}

// Batch is some records one after the other. It and what it hands out are
// good until the function that it is given to returns.
type Batch struct {
	_ int
}

// Len is how many records there are. Broken ones are not among them: they
// pass through as they are.
func (b *Batch) Len() int { return 0 }

// Line is the line that a record starts in, counted from 1.
func (b *Batch) Line(record int) int64 { return 0 }

// Cell is the text of a cell in UTF-8, without its quotes. column counts
// Options.Columns.
func (b *Batch) Cell(record, column int) []byte { return nil }

// Set makes text, in UTF-8, the content of a cell: column counts
// Options.Columns and goes on with Options.Add. What was quoted stays quoted,
// and what has to be is. The batch keeps no text.
func (b *Batch) Set(record, column int, text []byte) {}

// Divert takes a record out, into Options.Diverted.
func (b *Batch) Divert(record int) {}

// Stats say what was done.
type Stats struct {
	Records  int64 // without the header
	Broken   int64 // passed through as they are
	Diverted int64
	Header   []string
	// FirstBroken are the first few, each with its place and reason.
	FirstBroken []string
}

// Edit copies src to dst and lets edit change cells. It calls edit from
// several goroutines; worker counts from 0 up to Workers and says which, so
// that each can have scratch of its own. Batches are written in their order. A
// column that the header lacks is a [*mapping.ColumnError]; text that the
// encoding cannot write is an error that names the line.
func Edit(ctx context.Context, dst io.Writer, src io.Reader, name string, o Options, edit func(worker int, b *Batch) error) (Stats, error) {
	return Stats{}, errors.New("delimited.Edit: to be written")
}
