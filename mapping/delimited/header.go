package delimited

import (
	"bytes"
	"fmt"
	"slices"
	"unicode"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
)

// Name is a column's name without what a header has around it without meaning
// it: space, and invisible characters.
func Name(field []byte) string {
	return string(bytes.TrimFunc(field, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	}))
}

// NamesError says that a text's columns cannot be named so.
type NamesError struct{ Why string }

func (e *NamesError) Error() string { return e.Why }

func wrongNames(format string, values ...any) error {
	return &NamesError{fmt.Sprintf(format, values...)}
}

// Find says where the columns of these names stand in a header, whose names
// are trimmed. One that is not there is a [*mapping.ColumnError]; one that is
// there twice is an error too. Messages call the text by its name.
func Find(text string, header, names []string) ([]int, error) {
	at := make([]int, len(names))
	for i, name := range names {
		name = Name([]byte(name))
		at[i] = slices.Index(header, name)
		if at[i] < 0 {
			return nil, &mapping.ColumnError{Source: text, Missing: name, Columns: header, Nearest: diag.Nearest(name, header)}
		}
		if next := slices.Index(header[at[i]+1:], name); next >= 0 {
			return nil, wrongNames("%s has two columns named %q, the %s and the %s; rename one of them",
				text, name, ordinal(at[i]+1), ordinal(at[i]+next+2))
		}
	}
	return at, nil
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
