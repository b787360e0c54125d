package config

import (
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/mapping/charset"
	"github.com/xwalk-id/xwalk/mapping/delimited"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// FileReference is a file whose columns hold source IDs, of one entry or of
// several.
type FileReference struct {
	columns   []fileColumn
	json      bool
	delimiter byte
	charset   charset.Charset
	path, out value
	file      *File
}

type fileColumn struct {
	names    []string
	refersTo string
	where    value
	shape    translate.Shape
	keep     bool
}

// Name is the file as the configuration names it.
func (r FileReference) Name() string { return r.path.node.Value }

// Keep reports whether every sync makes the copy anew.
func (r FileReference) Keep() bool {
	return slices.ContainsFunc(r.columns, func(c fileColumn) bool { return c.keep })
}

// Resolve says where the file is and where its copy goes. Its error is a
// [diag.List].
func (r FileReference) Resolve() (*rewrite.File, error) {
	f := r.file
	file := &rewrite.File{Name: r.Name(), JSON: r.json, Delimiter: r.delimiter, Charset: r.charset}
	text, err := f.resolveValue(r.path)
	if err != nil {
		return nil, err
	}
	file.Path = f.beside(text)
	file.Out = rewrite.RewrittenName(file.Path)
	if r.out.node != nil {
		if text, err = f.resolveValue(r.out); err != nil {
			return nil, err
		}
		file.Out = f.beside(text)
	}
	if file.Out == file.Path {
		return nil, diag.List{f.doc.at(r.out.node, "config.conflict", "the file stays as it is; out names its copy", r.out.path+" is the file itself")}
	}
	for _, c := range r.columns {
		where, err := f.resolveValue(c.where)
		if err != nil {
			return nil, err
		}
		file.References = append(file.References, rewrite.FileReference{
			Columns: c.names, RefersTo: c.refersTo, Where: where, Shape: c.shape, Keep: c.keep,
		})
	}
	return file, nil
}

// beside makes a path one from the working directory.
func (f *File) beside(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(f.Dir, path)
}

// fileReference decodes the rest of a reference of a file. Entries for one file are
// carried out in one pass.
func (d *decoder) fileReference(e *entry, json bool, f *File) {
	o := e.o
	d.refuse(o, e.path, "a file stays as it is; out names its copy, in which the columns are translated", "write")
	d.refuse(o, e.path, "a file has no keys that could break", "unique_with")
	d.refuse(o, e.path, "a file is named by path", "table")
	r := FileReference{json: json, file: f}
	if n := o.need("path", "the file; relative to xwalk.yaml"); n != nil {
		r.path = d.filePath(n, e.path+".path")
	}
	if n := o.take("out"); n != nil {
		r.out = d.filePath(n, e.path+".out")
	}
	if n := o.take("encoding"); n != nil {
		d.fileSetting(n, e.path+".encoding", func(s string) (err error) { r.charset, err = charset.Lookup(s); return err })
	}
	if json {
		d.refuse(o, e.path, "JSON Lines have no delimiter", "delimiter")
		if n := e.where.node; n != nil {
			d.report(n, "config.conflict", "conditions are for tables and for csv; put the documents that are meant into a file of their own", "%s cannot have the key %q", e.path, "where")
		}
	} else if n := o.take("delimiter"); n != nil {
		d.fileSetting(n, e.path+".delimiter", func(s string) (err error) { r.delimiter, err = delimited.ParseDelimiter(s); return err })
	}
	o.close()
	if r.path.node == nil {
		return
	}
	for _, c := range e.columns {
		r.columns = append(r.columns, fileColumn{c.names, c.refersTo, e.where, e.shape, e.keep})
	}
	d.addFile(e, r, f)
}

// filePath is a path whose references are resolved late.
func (d *decoder) filePath(n *yaml.Node, path string) value {
	v := d.lazy(n, path)
	if v.node != nil && strings.TrimSpace(v.node.Value) == "" {
		d.report(v.node, "config.bad_value", "", "%s: found nothing, expected a file", path)
		return value{}
	}
	return v
}

// fileSetting decodes a setting of which parse knows the values.
func (d *decoder) fileSetting(n *yaml.Node, path string, parse func(string) error) {
	if s, ok := d.text(n, path); ok {
		if err := parse(s); err != nil {
			d.report(follow(n), "config.bad_value", "", "%s: %v", path, err)
		}
	}
}

// addFile joins the entries of one file, and holds the files apart.
func (d *decoder) addFile(e *entry, r FileReference, f *File) {
	out := ""
	if r.out.node != nil {
		out = f.beside(r.out.node.Value)
		if d.taken(r, out, e, f) {
			return
		}
	}
	i := slices.IndexFunc(f.references.Files, func(o FileReference) bool { return f.beside(o.Name()) == f.beside(r.Name()) })
	if i < 0 {
		f.references.Files = append(f.references.Files, r)
		return
	}
	first := &f.references.Files[i]
	switch {
	case first.json != r.json || first.delimiter != r.delimiter || first.charset != r.charset:
		d.report(r.path.node, "config.conflict", "entries for one file are carried out in one pass", "%s: %s is opened otherwise by %s", e.path, r.Name(), strings.TrimSuffix(first.path.path, ".path"))
	case first.out.node != nil && r.out.node != nil && f.beside(first.out.node.Value) != out:
		d.report(r.out.node, "config.conflict", "entries for one file are carried out in one pass", "%s: %s has another out in %s", e.path, r.Name(), strings.TrimSuffix(first.path.path, ".path"))
	case first.out.node == nil:
		first.out = r.out
	}
	first.columns = append(first.columns, r.columns...)
}

// taken reports an out that is the file itself, another reference's file or
// copy, or a source's file.
func (d *decoder) taken(r FileReference, out string, e *entry, f *File) bool {
	whose := ""
	if out == f.beside(r.Name()) {
		whose = "the file itself"
	}
	for _, o := range f.references.Files {
		other := f.beside(o.Name())
		switch {
		case out == other:
			whose = "the file of " + strings.TrimSuffix(o.path.path, ".path")
		case o.out.node != nil && f.beside(o.out.node.Value) == out && other != f.beside(r.Name()):
			whose = "the copy of " + strings.TrimSuffix(o.path.path, ".path")
		}
	}
	for _, s := range f.Sources {
		for i := 0; i+1 < len(s.given); i += 2 {
			if s.given[i].Value == "path" && f.beside(follow(s.given[i+1]).Value) == out {
				whose = "the file of source " + s.Name
			}
		}
	}
	if whose == "" {
		return false
	}
	d.report(r.out.node, "config.conflict", "name a new file", "%s.out is %s", e.path, whose)
	return true
}
