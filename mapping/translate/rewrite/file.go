package rewrite

import (
	"path/filepath"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/charset"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// File is a file whose columns hold source IDs. It stays as it is: a copy has
// the canonical IDs in their place.
type File struct {
	Name string // as people name it
	// Path is the file, Out its copy; one whose name ends in .gz is packed.
	Path, Out string
	JSON      bool // JSON Lines; else delimited text
	Delimiter byte // 0: the text shows it
	Charset   charset.Charset
	// References are its columns that are translated, all in one pass.
	References []FileReference
}

// FileReference is a column of a file that holds source IDs. In JSON it is a
// path; see [translate.Field].
type FileReference struct {
	Columns  []string // several hold the parts of one composite ID; a further column then takes the canonical one
	RefersTo string   // the ID space: SOURCE or SOURCE.NUMBER
	// Where is a simple comparison, for columns that mean different things in
	// different rows; rows out of it are left as they are.
	Where string
	Shape translate.Shape
	// Keep asks every sync to make the copy anew.
	Keep bool
}

// NameOf names one of the file's references for people: "cases.csv: AccountId",
// with the columns of a composite one in parentheses.
func (f *File) NameOf(r *FileReference) string {
	if len(r.Columns) == 1 {
		return f.Name + ": " + r.Columns[0]
	}
	return f.Name + ": (" + strings.Join(r.Columns, ", ") + ")"
}

// RewrittenName is the name of a file's copy where none is given: .rewritten
// before its extension, such as cases.rewritten.csv or cases.rewritten.csv.gz.
func RewrittenName(path string) string {
	dir, base := filepath.Split(path)
	name, packed := strings.CutSuffix(base, ".gz")
	ext := filepath.Ext(name)
	out := strings.TrimSuffix(name, ext) + ".rewritten" + ext
	if packed {
		out += ".gz"
	}
	return dir + out
}
