package translate

import (
	"errors"
	"regexp"
)

// Missing is what becomes of an ID that has no answer.
type Missing uint8

// What becomes of it.
const (
	Fail   Missing = iota // nothing is done
	Keep                  // it stays as it is
	Empty                 // its place becomes empty
	Divert                // its record goes elsewhere
)

// Shape is how IDs stand in a text. The zero shape is a text that is one ID.
type Shape struct {
	// Split separates the IDs of a list, such as ";". Empty: there is one.
	Split string
	// Pattern finds the ID in a text: its one group is the ID, what it matches
	// around the group stays. A text that it does not match refers to nobody.
	Pattern *regexp.Regexp
	// None are texts that mean no reference, besides the empty one: "0", "N/A".
	None []string
}

// Column translates texts of one column.
type Column struct {
	Table   *Table
	Shape   Shape
	Missing Missing
}

// Outcome counts what became of the IDs of a text. A text that is none counts
// nowhere.
type Outcome struct {
	IDs        int // that stood in the text
	Translated int // that became another text, or were the answer already
	Lost       []Loss
}

// Loss is an ID without an answer.
type Loss struct {
	ID     string
	Status Status
}

// Translate appends to dst what text becomes. changed says whether that is
// another text.
func (c *Column) Translate(dst, text []byte, o *Outcome) (out []byte, changed bool) {
	return append(dst, text...), false
}

// ParsePattern reads a capture pattern: a regular expression with one group.
func ParsePattern(text string) (*regexp.Regexp, error) {
	return nil, errors.New("translate.ParsePattern: to be written")
}
