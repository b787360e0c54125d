package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/rules"
)

// References are the columns elsewhere that hold source IDs and must follow.
type References struct {
	Tables []TableReference // one for each column, in the order of the file
	Files  []FileReference  // one for each file, with all its columns
	unset  diag.List
}

// References are what `references` says. Nothing of them is resolved yet but
// the names of columns and ID spaces; its error is what cannot be of those.
func (f *File) References() (References, error) {
	return f.references, f.references.unset.Err()
}

// Spaces are the ID spaces that references refer to, each once.
func (r References) Spaces() []string {
	var all []string
	for _, t := range r.Tables {
		all = append(all, t.ref.RefersTo)
	}
	for _, f := range r.Files {
		for _, c := range f.columns {
			all = append(all, c.refersTo)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// entry is what references of tables and of files have in common.
type entry struct {
	o       *object
	path    string
	columns []columnEntry
	shape   translate.Shape
	where   value
	keep    bool
}

// columnEntry is one column, or the parts of a composite ID.
type columnEntry struct {
	names    []string
	refersTo string
	node     *yaml.Node
}

// references decodes `references`. What its variables lack concerns the verbs
// that use references, not those that use the rules.
func (d *decoder) references(n *yaml.Node, f *File, reg connectors.Registry) {
	ofRules := d.unset
	d.unset = nil
	for i, e := range d.list(n, "references", "references") {
		d.oneReference(e, index("references", i), f, reg)
	}
	f.references.unset, d.unset = d.unset, ofRules
}

// oneReference decodes one entry: columns of a table, through the connection
// of a source or one of its own, or columns of a file.
func (d *decoder) oneReference(n *yaml.Node, path string, f *File, reg connectors.Registry) {
	o, ok := d.object(n, path)
	if !ok {
		return
	}
	e := &entry{o: o, path: path}
	connector, in := o.take("connector"), o.take("in")
	d.entry(e, f)
	switch {
	case connector != nil && in != nil:
		d.report(follow(in), "config.conflict", "keep the one you mean", "%s has both connector and in", path)
		o.ignoreRest()
	case in != nil:
		d.borrowed(e, in, f)
	case connector != nil:
		d.ownConnector(e, connector, f, reg)
	default:
		d.report(o.node, "config.missing_key", "in: SOURCE borrows a source's connection; connector: csv opens files", "%s needs the key %q or %q", path, "in", "connector")
		o.ignoreRest()
	}
}

// ignoreRest leaves keys alone of which it is not known what they may be.
func (o *object) ignoreRest() { o.each(func(*yaml.Node, *yaml.Node) {}) }

// ownConnector decodes a reference that says itself how it is reached.
func (d *decoder) ownConnector(e *entry, n *yaml.Node, f *File, reg connectors.Registry) {
	known := []string{"csv", "jsonl"}
	for _, name := range reg.Names() {
		if reg[name].Database != nil {
			known = append(known, name)
		}
	}
	name, ok := d.name(n, e.path+".connector")
	spec, isConnector := reg[name]
	switch {
	case !ok:
	case name == "csv" || name == "jsonl":
		d.fileReference(e, name == "jsonl", f)
		return
	case isConnector && spec.Database != nil:
		s := Source{Name: name, spec: spec, known: true, key: follow(n), dir: f.Dir, resolver: f.resolver, doc: f.doc}
		d.tableReference(e, s, "", f)
		return
	case laterConnectors[name]:
		d.report(follow(n), "config.not_yet", "known: "+strings.Join(known, ", "), "%s.connector: references in %s are not followed in this version yet", e.path, name)
	default:
		d.badValue(follow(n), e.path+".connector", known)
	}
	e.o.ignoreRest()
}

// entry decodes the keys that all references have.
func (d *decoder) entry(e *entry, f *File) {
	o, path := e.o, e.path
	column, columns, refersTo := o.take("column"), o.take("columns"), o.take("refers_to")
	switch {
	case column != nil && columns != nil:
		d.report(follow(columns), "config.conflict", "column and refers_to name one reference, columns: { COLUMN: SOURCE } several", "%s has both column and columns", path)
	case columns != nil:
		d.columnMap(e, columns, f)
		if refersTo != nil {
			d.report(follow(refersTo), "config.conflict", "columns says of each column what it refers to: columns: { COLUMN: SOURCE }", "%s has both columns and refers_to", path)
		}
	case column != nil:
		d.oneColumn(e, column, refersTo, f)
	default:
		d.report(o.node, "config.missing_key", "the column that holds source IDs", "%s needs the key %q", path, "column")
	}
	if n := o.take("where"); n != nil {
		e.where = d.lazy(n, path+".where")
	}
	if n := o.take("none"); n != nil {
		e.shape.None = d.texts(n, path+".none")
	}
	if n := o.take("split"); n != nil {
		if e.shape.Split, _ = d.text(n, path+".split"); e.shape.Split == "" {
			d.report(follow(n), "config.bad_value", `such as split: ";"`, "%s.split is empty", path)
		}
	}
	if n := o.take("pattern"); n != nil {
		e.shape.Pattern = d.pattern(n, path+".pattern")
	}
	if n := o.take("keep"); n != nil {
		e.keep = d.boolean(n, path+".keep")
	}
	for _, c := range e.columns {
		if len(c.names) > 1 && (e.shape.Split != "" || e.shape.Pattern != nil) {
			d.report(c.node, "config.conflict", "split and pattern find IDs in the text of one column", "%s: the parts of a composite ID stand in columns of their own", path)
		}
	}
}

// oneColumn decodes column and refers_to.
func (d *decoder) oneColumn(e *entry, column, refersTo *yaml.Node, f *File) {
	c := columnEntry{node: follow(column)}
	if c.node.Kind == yaml.SequenceNode {
		c.names = d.columnNames(column, e.path+".column")
	} else if name, ok := d.name(column, e.path+".column"); ok {
		c.names = []string{name}
	}
	if dup := firstTwice(c.names); dup != "" {
		d.report(c.node, "config.conflict", "", "%s.column names %s twice", e.path, dup)
	}
	if refersTo == nil {
		d.report(e.o.node, "config.missing_key", "the source whose IDs stand in the column", "%s needs the key %q", e.path, "refers_to")
		return
	}
	c.refersTo = d.space(refersTo, e.path+".refers_to", c, f)
	if len(c.names) > 0 && c.refersTo != "" {
		e.columns = append(e.columns, c)
	}
}

// columnMap decodes several columns with what each refers to.
func (d *decoder) columnMap(e *entry, n *yaml.Node, f *File) {
	path := e.path + ".columns"
	o, ok := d.object(n, path)
	if !ok {
		return
	}
	if len(o.keys) == 0 {
		d.report(o.node, "config.missing_key", "columns: { COLUMN: SOURCE }", "%s is empty", path)
	}
	o.each(func(key, v *yaml.Node) {
		if strings.TrimSpace(key.Value) == "" {
			d.report(key, "config.bad_value", "", "%s: found nothing, expected a column", path)
			return
		}
		c := columnEntry{names: []string{key.Value}, node: key}
		if c.refersTo = d.space(v, join(path, key.Value), c, f); c.refersTo != "" {
			e.columns = append(e.columns, c)
		}
	})
}

// space decodes an ID space: SOURCE or SOURCE.NUMBER. The crosswalk may know
// one that the file has no more.
func (d *decoder) space(n *yaml.Node, path string, c columnEntry, f *File) string {
	name, ok := d.name(n, path)
	if !ok {
		return ""
	}
	known := f.spaces()
	i := slices.IndexFunc(known, func(s space) bool { return s.name == name })
	if i < 0 {
		names := f.Spaces()
		hint := "known: " + strings.Join(names, ", ") + "; one that was taken out of the file is known to the crosswalk"
		if near := diag.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		d.warn(follow(n), "config.unknown_source", hint, "%s: the file has no source %s", path, d.describe(follow(n), path))
		return name
	}
	if parts := known[i].id.Columns; len(parts) != len(c.names) && len(c.names) > 0 {
		d.report(c.node, "config.conflict", fmt.Sprintf("the ID is made of %s: column: [%s]", oneOrMore(len(parts), "column"), strings.Join(parts, ", ")),
			"%s: an ID of %s has %s, found %d", path, name, oneOrMore(len(parts), "part"), len(c.names))
	}
	return name
}

// space is an ID space of the file: a source, or a further number of one.
type space struct {
	name   string
	source int
	id     rules.IDRule
}

// Spaces are the ID spaces of the file: its sources, each followed by its
// further numbers.
func (f *File) Spaces() []string {
	var names []string
	for _, s := range f.spaces() {
		names = append(names, s.name)
	}
	return names
}

func (f *File) spaces() []space {
	var all []space
	for i, s := range f.rules.Sources {
		all = append(all, space{s.Name, i, s.ID})
		for _, a := range s.Also {
			all = append(all, space{s.Name + "." + a.Name, i, a.ID})
		}
	}
	return all
}

func (d *decoder) pattern(n *yaml.Node, path string) *regexp.Regexp {
	s, ok := d.name(n, path)
	if !ok {
		return nil
	}
	p, err := translate.ParsePattern(s)
	if err != nil {
		d.report(follow(n), "config.bad_value", `such as pattern: '^Name_(\d+)$'; single quotes keep backslashes`, "%s: %v", path, err)
	}
	return p
}

// refuse reports keys that this kind of reference cannot have.
func (d *decoder) refuse(o *object, path, hint string, keys ...string) {
	for _, key := range keys {
		if n, ok := o.values[key]; ok {
			o.taken[key] = true
			d.report(follow(n), "config.conflict", hint, "%s cannot have the key %q", path, key)
		}
	}
}

func firstTwice(names []string) string {
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return n
		}
	}
	return ""
}

func oneOrMore(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
