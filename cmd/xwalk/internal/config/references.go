package config

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/connectors"
)

// oneReference checks one entry of `references`: files through a connector of
// its own, or a table through the connection of a source.
func (d *decoder) oneReference(n *yaml.Node, path string, f *File, reg connectors.Registry) {
	o, ok := d.object(n, path)
	if !ok {
		return
	}
	connector, in := o.take("connector"), o.take("in")
	s := Source{dir: f.Dir, resolver: f.resolver, doc: f.doc}
	switch {
	case connector != nil && in != nil:
		d.report(follow(in), "config.conflict", "keep the one you mean", "%s has both connector and in", path)
	case connector != nil:
		s.spec, s.known = d.connector(connector, path+".connector", reg)
	case in != nil:
		d.sourceName(in, path+".in", f)
	default:
		d.report(o.node, "config.missing_key", "in: SOURCE borrows a source's connection; connector: csv opens files", "%s needs the key %q or %q", path, "in", "connector")
	}
	for _, key := range []string{"refers_to", "write", "out"} {
		if n := o.take(key); n != nil {
			d.name(n, join(path, key))
		}
	}
	for _, key := range []string{"column", "none", "unique_with"} {
		if n := o.take(key); n != nil {
			d.texts(n, join(path, key))
		}
	}
	if n := o.take("where"); n != nil {
		d.lazy(n, path+".where")
	}
	if n := o.take("keep"); n != nil {
		d.boolean(n, path+".keep")
	}
	if n := o.take("columns"); n != nil {
		if c, ok := d.object(n, path+".columns"); ok {
			c.each(func(key, v *yaml.Node) { d.name(v, path+".columns."+key.Value) })
		}
	}
	if !slices.ContainsFunc([]string{"column", "columns"}, func(k string) bool { return o.values[k] != nil }) {
		d.report(o.node, "config.missing_key", "the column that holds source IDs", "%s needs the key %q", path, "column")
	}
	if o.values["column"] != nil && o.values["refers_to"] == nil {
		d.report(o.node, "config.missing_key", "the source whose IDs stand in the column", "%s needs the key %q", path, "refers_to")
	}
	if in != nil {
		s.known = false
		if n := o.take("table"); n != nil {
			d.name(n, path+".table")
		}
		o.close()
		return
	}
	d.settings(o, path, &s)
}
