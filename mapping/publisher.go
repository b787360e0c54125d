package mapping

import "context"

// Publisher writes one field of a source's own records: the one that takes
// canonical IDs. Records are named by their source ID as the source has it,
// those of a composite ID by its parts.
type Publisher interface {
	// Read says what the field holds, in the order of ids. The answer is as
	// long as ids; Found is false where the source has no such record.
	Read(ctx context.Context, ids [][]string) ([]FieldValue, error)
	// Write sets the field of some records, at most a few thousand. The first
	// answer has an entry for each write, nil where it was done: a source can
	// refuse single records. The second error says that the others' fate is
	// not known, because the source went away. To write the same again does no
	// harm.
	Write(ctx context.Context, writes []FieldWrite) ([]error, error)
	// Close makes what was written whole, such as a copy of a file that takes
	// its place only now, and releases the source. With abandon nothing is
	// made whole that is not yet.
	Close(ctx context.Context, abandon bool) error
}

// FieldValue is what a field holds. Null differs from empty.
type FieldValue struct {
	Text  string
	Null  bool
	Found bool
}

// FieldWrite sets the field of a record to a text, or to nothing.
type FieldWrite struct {
	ID    []string
	Value FieldValue // Found does not count
}
