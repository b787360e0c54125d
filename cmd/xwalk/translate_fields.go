package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/delimited"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// translation is one text on its way.
type translation struct {
	options  *translateOptions
	in       *textInput
	stream   translate.Stream
	names    map[*translate.Table]string // whose IDs a table knows
	progress *ui.Progress
}

// translateField is a column as the command line names it.
type translateField struct {
	names  []string // several: the parts of one ID
	source string   // empty: canonical IDs
	add    string
}

// fields says what the columns of the command line are. A header that has such
// a name as a whole decides; else NAME=SOURCE is a column and its source, A|B
// the parts of one ID, and A,B are two columns.
func (o *translateOptions) fields(in *textInput) ([]translateField, error) {
	header, err := o.header(in)
	if err != nil {
		return nil, err
	}
	var fields []translateField
	for _, text := range o.columns {
		pieces := []string{text}
		if name, _ := o.columnAndSource(text, header); !slices.Contains(header, name) {
			pieces = strings.Split(text, ",")
		}
		for _, piece := range pieces {
			name, source := o.columnAndSource(piece, header)
			f := translateField{names: []string{name}, source: source}
			if strings.Contains(name, "|") && !slices.Contains(header, name) {
				f.names = strings.Split(name, "|")
			}
			if !in.json { // as headers are read
				for i, name := range f.names {
					f.names[i] = delimited.Name([]byte(name))
				}
			}
			if slices.Contains(f.names, "") {
				return nil, usage("--column %s: the name of a column is missing", text)
			}
			if f.source == "" && o.to == "" {
				return nil, usage("--source is missing: whose IDs stand in %s? (--to SOURCE without it translates canonical IDs back into that source's)", strings.Join(f.names, " and "))
			}
			fields = append(fields, f)
		}
	}
	return fields, o.pairAdded(fields)
}

// columnAndSource takes NAME=SOURCE apart.
func (o *translateOptions) columnAndSource(text string, header []string) (column, source string) {
	if at := strings.LastIndexByte(text, '='); at > 0 && !slices.Contains(header, text) {
		return text[:at], text[at+1:]
	}
	return text, o.source
}

// pairAdded gives every field its --add.
func (o *translateOptions) pairAdded(fields []translateField) error {
	if len(o.add) > 0 && len(o.add) != len(fields) {
		return usage("--column names %s and --add %d: one goes with the other, in their order", count(int64(len(fields)), "column"), len(o.add))
	}
	for i := range fields {
		if len(o.add) > 0 {
			if fields[i].add = o.add[i]; strings.TrimSpace(o.add[i]) == "" {
				return usage("--add: the name of the new column is missing")
			}
		}
		if len(fields[i].names) > 1 && (o.split != "" || o.pattern != "") {
			return usage("%s make one ID as they are: --split and --pattern are for IDs of one column", strings.Join(fields[i].names, " and "))
		}
		if f := &fields[i]; f.add == "" && len(f.names) > 1 {
			return usage("%s make one ID, which fits into neither: --add COLUMN takes its translation", strings.Join(f.names, " and "))
		}
	}
	return nil
}

// header is the text's header where a name on the command line could mean
// several things.
func (o *translateOptions) header(in *textInput) ([]string, error) {
	if in.json || !slices.ContainsFunc(o.columns, func(c string) bool { return strings.ContainsAny(c, "=|,") }) {
		return nil, nil
	}
	return in.header(delimited.Options{Delimiter: o.comma, Charset: o.charset})
}

// loadTables reads what the fields need out of the crosswalk.
func (t *translation) loadTables(ctx context.Context, snap *crosswalk.Snapshot, fields []translateField) error {
	o := t.options
	t.stream = translate.Stream{Name: t.in.name, Delimiter: o.comma, Charset: o.charset}
	t.names = map[*translate.Table]string{}
	tables := map[string]*translate.Table{}
	for _, f := range fields {
		if tables[f.source] == nil {
			// Where canonical IDs are wanted, those that stand there already stay.
			table, err := translate.Load(ctx, snap, translate.Options{From: f.source, To: o.to, Choose: o.choose, Both: o.to == "", Lazy: true})
			var unknown *translate.UnknownSpaceError
			if errors.As(err, &unknown) {
				return usage("%v", unknown)
			}
			if err != nil {
				return err
			}
			tables[f.source] = table
			t.names[table] = f.source
			if f.source == "" {
				t.names[table] = "the crosswalk"
			}
		}
		t.stream.Fields = append(t.stream.Fields, translate.Field{
			Names: f.names, Add: f.add,
			Column: translate.Column{Table: tables[f.source], Shape: o.shape, Missing: o.policy},
		})
	}
	return nil
}
