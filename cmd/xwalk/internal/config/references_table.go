package config

import (
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// TableReference is a column of a table that holds source IDs.
type TableReference struct {
	ref   rewrite.Reference // but for what is resolved late
	where value
	in    Source // whose connection is used
	// owner is the source whose IDs they are, and ownColumns what these are in
	// it; without columns the file does not know it.
	owner      Source
	ownColumns []string
	pos        diag.Pos
}

// Name names the reference for people.
func (r TableReference) Name() string { return r.ref.Name() }

// Table is the table as the file names it.
func (r TableReference) Table() string { return r.ref.Table }

// RefersTo is the ID space whose IDs the column holds.
func (r TableReference) RefersTo() string { return r.ref.RefersTo }

// Database is the name of the database that the table is in.
func (r TableReference) Database() string { return r.ref.Database.Name }

// Keep reports whether every sync refreshes the reference.
func (r TableReference) Keep() bool { return r.ref.Keep }

// Resolve is the reference with the address of its database. Its error is a
// [diag.List] or an [*OpenError].
func (r TableReference) Resolve() (*rewrite.Reference, error) {
	ref := r.ref
	if r.where.node != nil {
		var err *refError
		if ref.Where, err = expand(r.where.node.Value, r.in.resolver.resolve); err != nil {
			return nil, diag.List{r.in.doc.at(r.where.node, err.code, err.hint, r.where.path+" "+err.message)}
		}
	}
	db, _, err := r.in.Database()
	if err != nil {
		var list diag.List
		if errors.As(err, &list) {
			return nil, list
		}
		return nil, &OpenError{Source: r.ref.Database.Name, Pos: r.pos, Err: err}
	}
	ref.Database.Dialect, ref.Database.DSN = db.Dialect, db.DSN
	ref.OwnKey = r.isOwnKey(db)
	return &ref, nil
}

// OwnerTable is the table or view that the source whose IDs they are reads, if
// it is in the database of the reference; else empty.
func (r TableReference) OwnerTable() string {
	db, _, err := r.in.Database()
	own, ok, ownErr := r.owner.Database()
	if !ok || err != nil || ownErr != nil || len(r.ownColumns) != 1 || own.Dialect != db.Dialect || own.DSN != db.DSN {
		return ""
	}
	return own.Table
}

// isOwnKey reports whether the column is where the source keeps these very
// IDs. A source that reads a query has them in a column of that name of a
// table that the query names.
func (r TableReference) isOwnKey(db connectors.Database) bool {
	fold := func(s string) string { return s }
	if db.Dialect != sqldb.Postgres {
		fold = strings.ToLower
	}
	if !slices.EqualFunc(r.ownColumns, r.ref.Columns, func(a, b string) bool { return fold(a) == fold(b) }) {
		return false
	}
	own, ok, err := r.owner.Database()
	if !ok || err != nil || own.Dialect != db.Dialect || own.DSN != db.DSN {
		return false
	}
	table, theirs := sqldb.SplitName(fold(r.ref.Table)), sqldb.SplitName(fold(own.Table))
	if own.Table == "" {
		return namesTable(fold(r.owner.Query()), table[len(table)-1])
	}
	n := min(len(table), len(theirs)) // one of them may leave its schema out
	return slices.Equal(table[len(table)-n:], theirs[len(theirs)-n:])
}

// namesTable reports whether a query names a table.
func namesTable(query, name string) bool {
	return slices.Contains(strings.FieldsFunc(query, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;()=<>`\"[].", r) }), name)
}

// borrowed decodes a reference through the connection of a source.
func (d *decoder) borrowed(e *entry, in *yaml.Node, f *File) {
	name, ok := d.sourceName(in, e.path+".in", f)
	if !ok {
		e.o.ignoreRest()
		return
	}
	s, _ := f.Find(name)
	if s.known && s.spec.Database == nil {
		d.report(follow(in), "config.conflict", "a file is opened with connector: csv and path", "%s.in: %s is read by %s, which is no database whose connection could be borrowed", e.path, name, s.Connector())
		e.o.ignoreRest()
		return
	}
	d.tableReference(e, s, name, f)
}

// tableReference decodes the rest of a reference of a table. database is the name of
// the source whose connection s is; empty: s has settings of its own.
func (d *decoder) tableReference(e *entry, s Source, database string, f *File) {
	o := e.o
	table := ""
	if n := o.need("table", "the table that the column is in"); n != nil {
		table, _ = d.name(n, e.path+".table")
	}
	var uniqueWith []string
	if n := o.take("unique_with"); n != nil {
		uniqueWith = d.texts(n, e.path+".unique_with")
	}
	write := o.take("write")
	target := d.target(e, write)
	d.refuse(o, e.path, "a table is rewritten where it is: write: COLUMN or write: in_place", "out")
	if database != "" {
		o.close()
	} else {
		d.refuse(o, e.path, "name the table, and what counts of it with where", "query")
		d.settings(o, e.path, &s)
		database = d.databaseName(s)
	}
	for _, c := range e.columns {
		r := TableReference{
			ref: rewrite.Reference{
				Database: rewrite.Database{Name: database}, Table: table, Columns: c.names, RefersTo: c.refersTo,
				Shape: e.shape, UniqueWith: uniqueWith, Write: target, Keep: e.keep,
			},
			where: e.where, in: s, pos: diag.Pos{File: f.doc.file, Line: o.node.Line, Column: o.node.Column},
		}
		r.findOwner(f)
		if same := slices.IndexFunc(f.references.Tables, r.same); same >= 0 {
			d.report(c.node, "config.conflict", "two references to one column differ in where", "%s: %s is a reference already, on line %d", e.path, r.Name(), f.references.Tables[same].pos.Line)
			continue
		}
		f.references.Tables = append(f.references.Tables, r)
	}
}

// target decodes write.
func (d *decoder) target(e *entry, n *yaml.Node) string {
	if n == nil {
		return ""
	}
	path := e.path + ".write"
	s, ok := d.name(n, path)
	if !ok {
		return ""
	}
	for _, c := range e.columns {
		switch {
		case s == rewrite.InPlace && len(c.names) > 1:
			d.report(follow(n), "config.conflict", "write: COLUMN takes the canonical ID beside the parts", "%s: %d columns cannot become one canonical ID in place", path, len(c.names))
		case s != rewrite.InPlace && len(e.columns) > 1:
			d.report(follow(n), "config.conflict", "leave write out, write in_place, or make an entry for each column", "%s: %d references cannot write into one column", path, len(e.columns))
			return ""
		case slices.Contains(c.names, s):
			d.report(follow(n), "config.conflict", "write: in_place changes the reference itself", "%s: %s is the reference's own column", path, s)
		}
	}
	if near := diag.Nearest(s, []string{rewrite.InPlace}); near != "" && s != near {
		d.warn(follow(n), "config.likely_slip", `did you mean "in_place"?`, "%s: %s is taken for the name of a column", path, s)
	}
	return s
}

// findOwner finds the source whose IDs the reference holds.
func (r *TableReference) findOwner(f *File) {
	for _, s := range f.spaces() {
		if s.name == r.ref.RefersTo && s.source < len(f.Sources) {
			r.owner, r.ownColumns = f.Sources[s.source], s.id.Columns
		}
	}
}

// same reports whether two references are about the same rows of one column.
func (r TableReference) same(o TableReference) bool {
	text := func(v value) string {
		if v.node == nil {
			return ""
		}
		return v.node.Value
	}
	return r.Name() == o.Name() && text(r.where) == text(o.where)
}

// databaseName names the database of a connection that no source lends: by
// its file, its own name, or the variable that holds its address.
func (d *decoder) databaseName(s Source) string {
	for i := 0; i+1 < len(s.given); i += 2 {
		text := strings.TrimSpace(follow(s.given[i+1]).Value)
		switch s.given[i].Value {
		case "path":
			return text
		case "dsn":
			if ref, ok := parseReference(strings.TrimSuffix(strings.TrimPrefix(text, "${"), "}")); ok && !ref.file {
				return ref.name
			}
			if u, err := url.Parse(text); err == nil && len(u.Path) > 1 {
				return path.Base(u.Path)
			}
		}
	}
	return s.Name
}
