package config

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
)

// Source says how to reach one source.
type Source struct {
	Name     string
	spec     connectors.Spec
	known    bool         // spec is
	given    []*yaml.Node // keys and values of the connector's settings, in turn
	where    value
	publish  publication
	path     string
	key      *yaml.Node // its name, in the file
	dir      string
	doc      document
	resolver resolver
}

// Connector is the name of the source's connector.
func (s Source) Connector() string { return s.spec.Name }

// IsDatabase reports whether the source is in a database, which may hold
// other tables too.
func (s Source) IsDatabase() bool { return s.spec.Database != nil }

// Filtered reports whether a filter hides some of the source's records, so
// that a record not seen has not necessarily vanished.
func (s Source) Filtered() bool { return s.where.node != nil }

// Query is the query or table that the source is read by, as the file names
// it; empty for a source that is read whole.
func (s Source) Query() string {
	for i := 0; i+1 < len(s.given); i += 2 {
		if key := s.given[i].Value; key == "query" || key == "table" {
			return key + " " + follow(s.given[i+1]).Value
		}
	}
	return ""
}

// Open resolves the source's settings and opens it for the given columns. A
// setting that cannot be resolved or used is a [diag.List], anything else an
// [*OpenError]: of a [*mapping.ColumnError] where a column is missing, of a
// [*mapping.UnreachableError] where a server is not there.
func (s Source) Open(ctx context.Context, columns []string) (mapping.Source, error) {
	where, err := s.filter()
	if err != nil {
		return nil, err
	}
	src, err := s.spec.Open(ctx, s.decode, connectors.Request{Name: s.Name, Columns: columns, Where: where, Dir: s.dir})
	if err != nil {
		return nil, s.notOpened(err, s.key)
	}
	return src, nil
}

// filter is `where`, resolved.
func (s Source) filter() (string, error) {
	if s.where.node == nil {
		return "", nil
	}
	where, err := expand(s.where.node.Value, s.resolver.resolve)
	if err != nil {
		return "", diag.List{s.doc.at(s.where.node, err.code, err.hint, s.where.path+" "+err.message)}
	}
	return where, nil
}

// Database says where the source's database is, and which of its tables the
// source is. ok is false where the source is none.
func (s Source) Database() (db connectors.Database, ok bool, err error) {
	if s.spec.Database == nil {
		return connectors.Database{}, false, nil
	}
	db, err = s.spec.Database(s.decode, s.dir)
	return db, true, err
}

// OpenError says that a source could not be opened as it is configured.
type OpenError struct {
	Source string   // empty for a file of no source
	Pos    diag.Pos // where the source stands in the configuration
	Err    error
}

func (e *OpenError) Error() string {
	text := e.Err.Error()
	if e.Source != "" {
		text = fmt.Sprintf("source %s: %s", e.Source, text)
	}
	if e.Pos.Line > 0 {
		text = fmt.Sprintf("%s: %s", e.Pos, text)
	}
	return text
}

// Unwrap returns the cause.
func (e *OpenError) Unwrap() error { return e.Err }

// decode fills a connector's settings struct.
func (s Source) decode(into any) error {
	var problems diag.List
	resolved := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i+1 < len(s.given); i += 2 {
		key, v := s.given[i], s.given[i+1]
		r, err := s.resolved(v, !isText(into, key.Value))
		if err != nil {
			problems = append(problems, s.doc.at(v, err.code, err.hint, s.path+"."+key.Value+" "+err.message))
			continue
		}
		resolved.Content = append(resolved.Content, key, r)
	}
	if err := problems.Err(); err != nil {
		return err
	}
	return loadSettings(resolved, into, s.doc, s.path)
}

// isText reports whether a setting is text in the settings struct into
// points at.
func isText(into any, key string) bool {
	t := reflect.TypeOf(into).Elem()
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("yaml") == key {
			return t.Field(i).Type.Kind() == reflect.String
		}
	}
	return false
}

// resolved is n with its references replaced. With retype what they became
// is typed anew, so that "${PORT}" may fill a number; without, it stays text,
// also where it reads null or 007.
func (s Source) resolved(n *yaml.Node, retype bool) (*yaml.Node, *refError) {
	n = follow(n)
	c := *n
	if n.Kind == yaml.ScalarNode {
		if !hasRefs(n.Value) {
			return &c, nil
		}
		text, err := expand(n.Value, s.resolver.resolve)
		if err != nil {
			return nil, err
		}
		c.Value = text
		if retype {
			c.Tag, c.Style = "", 0
		}
		return &c, nil
	}
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, e := range n.Content {
		r, err := s.resolved(e, retype)
		if err != nil {
			return nil, err
		}
		c.Content[i] = r
	}
	return &c, nil
}

// loadSettings decodes strictly and places what the decoder finds.
func loadSettings(n *yaml.Node, into any, doc document, path string) error {
	err := n.Load(into, yaml.WithKnownFields())
	if err == nil {
		return nil
	}
	var many *yaml.LoadErrors
	if !errors.As(err, &many) {
		return diag.List{{Pos: diag.Pos{File: doc.file}, Code: "config.wrong_type", Message: fmt.Sprintf("%s: a setting has the wrong type", path)}}
	}
	var problems diag.List
	for _, e := range many.Errors {
		// The decoder's own message quotes the value, which may be a secret.
		p := diag.Diagnostic{
			Pos: diag.Pos{File: doc.file, Line: e.Mark.Line, Column: e.Mark.Column}, Code: "config.wrong_type",
			Message: fmt.Sprintf("%s: the value does not fit the setting", path),
			Snippet: doc.line(e.Mark.Line), Width: 1,
		}
		if _, wants, ok := strings.Cut(e.Message, " into "); ok {
			p.Message = fmt.Sprintf("%s: found a value that does not fit, expected %s", path, goWords(wants))
		}
		problems = append(problems, p)
	}
	return problems
}

// goWords says a Go type in words.
func goWords(t string) string {
	switch {
	case strings.HasPrefix(t, "int"), strings.HasPrefix(t, "uint"):
		return "a whole number"
	case strings.HasPrefix(t, "float"):
		return "a number"
	case strings.HasPrefix(t, "bool"):
		return "true or false"
	case strings.HasPrefix(t, "[]"):
		return "a list"
	case strings.HasPrefix(t, "string"):
		return "text"
	}
	return t
}

// settings gathers what is left in a source's mapping for its connector, and
// checks the keys, and the types of the values that are already known.
func (d *decoder) settings(o *object, path string, s *Source) {
	s.path = path
	if !s.known { // its connector is unknown, so its settings are too
		for _, k := range o.keys {
			o.taken[k.Value] = true
		}
		return
	}
	settings := s.spec.Settings()
	t := reflect.TypeOf(s.spec.Config)
	fixed := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i, set := range settings {
		if _, has := o.values[set.Key]; !has || o.taken[set.Key] {
			o.asked = append(o.asked, set.Key)
			continue
		}
		n := follow(o.take(set.Key))
		key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: set.Key}
		s.given = append(s.given, key, n)
		if d.settingFits(n, t.Field(i).Type, join(path, set.Key)) {
			fixed.Content = append(fixed.Content, key, n)
		}
	}
	o.close()
	if err := loadSettings(fixed, reflect.New(t).Interface(), d.document, path); err != nil {
		var problems diag.List
		errors.As(err, &problems)
		d.problems = append(d.problems, problems...)
	}
}

// settingFits reports a value whose form does not fit a setting of type t. It
// is false also for values with references, which cannot be judged yet.
func (d *decoder) settingFits(n *yaml.Node, t reflect.Type, path string) bool {
	if n.Kind == yaml.ScalarNode && hasRefs(n.Value) {
		return false
	}
	wants, scalar := "text", true
	switch t.Kind() {
	case reflect.Bool:
		wants = "true or false"
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Int32, reflect.Uint32:
		wants = "a whole number"
	case reflect.String:
	default:
		return n.Kind != yaml.ScalarNode && !deepRefs(n)
	}
	fits := scalar == (n.Kind == yaml.ScalarNode) && !isNull(n)
	if wants == "true or false" {
		fits = fits && (n.Value == "true" || n.Value == "false")
	}
	if wants == "a whole number" {
		fits = fits && n.Tag == "!!int"
	}
	if !fits {
		d.wrongType(n, path, wants, "")
	}
	return fits
}

func deepRefs(n *yaml.Node) bool {
	n = follow(n)
	if n.Kind == yaml.ScalarNode {
		return hasRefs(n.Value)
	}
	for _, c := range n.Content {
		if deepRefs(c) {
			return true
		}
	}
	return false
}

// OpenFile opens one file with a connector that reads files, outside of any
// configuration; path starts from the working directory. Its error is an
// [*OpenError].
func OpenFile(ctx context.Context, spec connectors.Spec, path string, columns []string) (mapping.Source, error) {
	src, err := spec.Open(ctx, Settings("path", path), connectors.Request{Name: path, Columns: columns, Dir: "."})
	if err != nil {
		return nil, &OpenError{Err: err}
	}
	return src, nil
}

// Settings decodes settings that no file holds, given as keys and values in
// turn, into a connector's settings struct.
func Settings(pairs ...string) func(into any) error {
	settings := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, text := range pairs {
		settings.Content = append(settings.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text})
	}
	return func(into any) error { return settings.Load(into, yaml.WithKnownFields()) }
}
