package mapping

import (
	"context"
	"errors"
	"fmt"
)

// Publisher writes one field of a source's own records: the one that takes
// canonical IDs. Records are named by their source ID as the source has it,
// those of a composite ID by its parts.
type Publisher interface {
	// Read says what the field holds, in the order of ids. The answer is as
	// long as ids; Found is false where the source has no such record.
	Read(ctx context.Context, ids [][]string) ([]FieldValue, error)
	// Write sets the field of some records, at most a few thousand, each of
	// them once. The first answer has an entry for each write, nil where it was
	// done: a source can refuse single records, such as with [ErrNoRecord]. The
	// second error says that the others' fate is not known, because the source
	// went away. To write the same again does no harm.
	Write(ctx context.Context, writes []FieldWrite) ([]error, error)
	// Close makes what was written whole, such as a copy of a file that takes
	// its place only now, and releases the source. With abandon nothing is
	// made whole that is not yet.
	Close(ctx context.Context, abandon bool) error
}

// Copier is implemented by publishers whose source stays as it is: what they
// write goes into a copy, which takes its place in Close. Whether an earlier
// copy is still there they do not know.
type Copier interface {
	// Copy is where the copy is.
	Copy() string
}

// Narrow is implemented by publishers whose field may be too short.
type Narrow interface {
	// Width is how many characters the field takes; 0 is any number.
	Width() int
}

// FieldValue is what a field holds. Null differs from empty. Differ says that
// several records have the ID and their fields hold different texts; Text is
// one of them.
type FieldValue struct {
	Text   string
	Null   bool
	Found  bool
	Differ bool
}

// FieldWrite sets the field of a record to a text, or to nothing.
type FieldWrite struct {
	ID    []string
	Value FieldValue // only Text and Null count
}

// ErrNoRecord refuses a write to a record that the source does not have.
var ErrNoRecord = errors.New("the source has no such record")

// FieldError says that a source's field cannot take canonical IDs, and what to
// do about it.
type FieldError struct {
	Source string // file or table
	Field  string
	Why    string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: canonical IDs cannot be written into %q: %s", e.Source, e.Field, e.Why)
}
