// Package archive is the file format of a whole crosswalk: a ZIP file, not
// compressed, with one file of JSON lines for each table and manifest.json.
// Equal tables make equal bytes, wherever they were stored.
//
// A row is an object on a line of its own, its members in the order of the
// columns. A member that is not there is NULL. The last member, crc32c, is the
// CRC-32C (Castagnoli) of the line before it, in hexadecimal: it tells which
// line is damaged. The manifest has the SHA-256 of each file, and the ZIP
// file's comment the one of everything before the comment.
//
// The package knows nothing of what the tables mean.
package archive

import (
	"errors"
	"fmt"
	"hash/crc32"
)

// Format is the version of the format that this package writes. It reads this
// one and those before.
const Format = 1

// Type is what a column holds.
type Type string

// The types. Integers that may have more than 53 bits are texts in JSON, for
// many programs read a JSON number as a floating-point one.
const (
	Text Type = "text" // a JSON string
	Int  Type = "int"  // a JSON number
	Long Type = "long" // an integer of 64 bits, as a JSON string
	Real Type = "real" // a JSON number, the shortest that reads back the same
	Blob Type = "blob" // Base64 in a JSON string
)

// Column is a column of a table. Null says that a row may lack it.
type Column struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
	Null bool   `json:"null,omitempty"`
}

// Table describes a table of an archive. SHA256 is the digest of its file.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Rows    int64    `json:"rows"`
	SHA256  string   `json:"sha256"`
}

// Manifest says what an archive holds.
type Manifest struct {
	Format      int     `json:"format"`
	Schema      int     `json:"schema"` // version of the tables
	Environment string  `json:"environment"`
	Run         int64   `json:"run"` // the last one
	Serial      int64   `json:"serial"`
	Digest      string  `json:"digest"` // of the last run, chained over all
	Tables      []Table `json:"tables"`
}

// Table is the table with a name, nil where there is none.
func (m *Manifest) Table(name string) *Table {
	for i := range m.Tables {
		if m.Tables[i].Name == name {
			return &m.Tables[i]
		}
	}
	return nil
}

// ErrNewer says that a newer xwalk wrote the archive.
var ErrNewer = errors.New("the archive was written by a newer xwalk; use that version")

// DamageError says what is wrong with an archive, and where as far as that is
// known: in a line of a table's file, or in a file.
type DamageError struct {
	File   string // within the archive; empty: the archive itself
	Line   int64  // from 1; 0: no line in particular
	Reason string
}

func (e *DamageError) Error() string {
	switch {
	case e.File == "":
		return "the archive is damaged: " + e.Reason
	case e.Line == 0:
		return fmt.Sprintf("the archive is damaged: %s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("the archive is damaged: %s, line %d: %s", e.File, e.Line, e.Reason)
}

const (
	manifestFile = "manifest.json"
	tableSuffix  = ".jsonl"
	comment      = "xwalk archive, SHA-256 of all before this comment: "
	commentBytes = len(comment) + 64
	checkMember  = `,"crc32c":"`
	checkBytes   = len(checkMember) + 8 + len(`"}`)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)
