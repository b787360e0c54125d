package translate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/delimited"
)

// MentionBytes is how much of a text [Mentions] is to be given.
const MentionBytes = 256 << 10

// Mentions tells which other columns of delimited text hold IDs that the
// fields' tables know: alone, or as words of a text. They are not translated,
// and nobody would notice. text is the start of what is translated as s says,
// whole says that it is all. names are what the IDs of a table are called. A
// number of less than six digits counts for nothing, since quantities and the
// like look alike.
func Mentions(ctx context.Context, text []byte, whole bool, s Stream, names map[*Table]string) ([]string, error) {
	if !whole {
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	o := delimited.Options{Delimiter: s.Delimiter, Charset: s.Charset, Workers: 1}
	all, err := delimited.Edit(ctx, io.Discard, bytes.NewReader(text), s.Name, o, func(int, *delimited.Batch) error { return nil })
	if err != nil {
		return nil, err
	}
	seen := map[string]int{}
	for _, name := range all.Header {
		seen[name]++
	}
	for _, name := range all.Header {
		translated := slices.ContainsFunc(s.Fields, func(f Field) bool { return slices.Contains(f.Names, name) })
		if name != "" && seen[name] == 1 && !translated {
			o.Columns = append(o.Columns, name)
		}
	}
	m := mentions{found: make([]mention, len(o.Columns))}
	for _, name := range slices.Sorted(maps.Values(names)) {
		for table, of := range names {
			if of == name {
				m.spaces = append(m.spaces, mentionSpace{name, table})
			}
		}
	}
	stats, err := delimited.Edit(ctx, io.Discard, bytes.NewReader(text), s.Name, o, func(_ int, b *delimited.Batch) error {
		for record := range b.Len() {
			for column := range o.Columns {
				m.look(column, b.Cell(record, column))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	where := ""
	if !whole {
		where = fmt.Sprintf(", in the first %d records", stats.Records)
	}
	var notes []string
	for column, found := range m.found {
		if found.count > 0 {
			ids, left := "1 ID", "it is left as it is"
			if found.count > 1 {
				ids, left = fmt.Sprintf("%d IDs", found.count), "they are left as they are"
			}
			notes = append(notes, fmt.Sprintf("column %s mentions %s of %s, such as %s%s; %s",
				o.Columns[column], ids, strings.Join(found.names, " or "), found.example, where, left))
		}
	}
	return notes, nil
}

type mentions struct {
	spaces []mentionSpace
	found  []mention // by column
}

type mentionSpace struct {
	name  string
	table *Table
}

// mention is what one column was seen to hold.
type mention struct {
	count   int64
	example string
	names   []string
}

// look looks for IDs in a cell.
func (m *mentions) look(column int, cell []byte) {
	if cell = bytes.TrimSpace(cell); m.is(column, cell) {
		return
	}
	for _, word := range bytes.Fields(cell) {
		if len(word) < len(cell) || bytes.ContainsAny(word[:1], mentionMarks) || bytes.ContainsAny(word[len(word)-1:], mentionMarks) {
			m.is(column, bytes.Trim(word, mentionMarks))
		}
	}
}

// mentionMarks stand around words.
const mentionMarks = `.,;:!?()[]{}<>"'`

// is counts a text that is an ID.
func (m *mentions) is(column int, id []byte) bool {
	if len(id) == 0 || len(id) > 255 || len(id) < 6 && !bytes.ContainsFunc(id, func(r rune) bool { return r < '0' || r > '9' }) {
		return false
	}
	known := false
	f := &m.found[column]
	for _, s := range m.spaces {
		if a := s.table.own(id); a.Text == "" || a.Text == string(id) {
			continue
		}
		known = true
		if !slices.Contains(f.names, s.name) {
			f.names = append(f.names, s.name)
		}
	}
	if known {
		if f.count++; f.count == 1 {
			f.example = string(id)
		}
	}
	return known
}
