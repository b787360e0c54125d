// Package connectors says what a connector is and keeps the list of them.
//
// A connector reads the records of one kind of source: a CSV file, a table in
// PostgreSQL, an object of a CRM. It knows nothing of rules: it is told which
// columns are wanted and yields their values as text, in its own order.
//
// Adding one means one folder with a Spec and an Open function, a conformance
// test (package conntest) and one line in package all. Help texts, the checks
// of xwalk.yaml and shell completion come from the Spec and its Config.
package connectors

import (
	"context"
	"fmt"
	"reflect"
	"sort"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Request says what is wanted of a source. Columns are looked up by name
// (headers trimmed); a missing one is a [*mapping.ColumnError] from Open.
// Where is the source's filter as the user wrote it, or empty. Dir is the
// folder that relative paths start from.
type Request struct {
	Name    string // the source's name, for messages
	Columns []string
	Where   string
	Dir     string
}

// Looker is implemented by sources that can say which columns they have.
type Looker interface {
	Columns(ctx context.Context) ([]string, error)
}

// Recognizer is implemented by sources that find out settings which the
// configuration left open. It lists only those of which the source has
// evidence, in the order of the Config.
type Recognizer interface {
	Recognized(ctx context.Context) ([]Recognition, error)
}

// Recognition is a setting that was found out. Usual says that nobody would
// write it down: it is what such sources mostly have.
type Recognition struct {
	Key, Value string
	Usual      bool
}

// Table is a table or view that a source can read, named as the setting
// `table` names it.
type Table struct {
	Name    string
	Columns []string
}

// Spec describes one connector. Config is a zero value of its settings
// struct, whose yaml tags and doc tags are the keys and their help.
type Spec struct {
	Name    string
	Summary string
	Config  any
	// Open makes a source from settings. decode fills a settings struct from
	// the configuration, strictly. Open reaches out to the source far enough
	// to fail on a missing file, server or column.
	Open func(ctx context.Context, decode func(into any) error, req Request) (mapping.Source, error)
	// Tables lists what there is to choose from in a database; nil where a
	// source has nothing to choose. Of the request only Dir counts.
	Tables func(ctx context.Context, decode func(into any) error, req Request) ([]Table, error)
	// Publish opens the source to write canonical IDs into it; nil where the
	// connector cannot.
	Publish func(ctx context.Context, decode func(into any) error, req PublishRequest) (mapping.Publisher, error)
	// Database says where a database is, for those who work in its other
	// tables; nil where a source is none.
	Database func(decode func(into any) error, dir string) (Database, error)
}

// PublishRequest says which field of a source takes canonical IDs. Of the
// embedded request Columns are those of the source ID, in their order.
type PublishRequest struct {
	Request
	Field string
	// Out is the file that a source which is a file is copied to; empty: the
	// source's own name with .published before its extension.
	Out string
}

// Database is where a database is, and which of its tables a source is; Table
// is empty for a source that is a query.
type Database struct {
	Dialect sqldb.Dialect
	DSN     string
	Table   string
}

// Define makes a Spec from a typed Open function; defaults fill the settings
// that the configuration leaves out.
func Define[C any](name, summary string, defaults C, open func(ctx context.Context, cfg C, req Request) (mapping.Source, error)) Spec {
	return Spec{
		Name: name, Summary: summary, Config: defaults,
		Open: func(ctx context.Context, decode func(into any) error, req Request) (mapping.Source, error) {
			cfg := defaults
			if err := decode(&cfg); err != nil {
				return nil, err
			}
			return open(ctx, cfg, req)
		},
	}
}

// DefineDatabase is Define for databases, which hold several tables.
func DefineDatabase[C any](name, summary string, open func(ctx context.Context, cfg C, req Request) (mapping.Source, error),
	tables func(ctx context.Context, cfg C, req Request) ([]Table, error),
	database func(cfg C, dir string) (Database, error),
) Spec {
	var defaults C
	s := Define(name, summary, defaults, open)
	s.Tables = func(ctx context.Context, decode func(into any) error, req Request) ([]Table, error) {
		var cfg C
		if err := decode(&cfg); err != nil {
			return nil, err
		}
		return tables(ctx, cfg, req)
	}
	s.Database = func(decode func(into any) error, dir string) (Database, error) {
		var cfg C
		if err := decode(&cfg); err != nil {
			return Database{}, err
		}
		return database(cfg, dir)
	}
	return s
}

// Publishing is spec with a way to write canonical IDs into its sources.
func Publishing[C any](spec Spec, publish func(ctx context.Context, cfg C, req PublishRequest) (mapping.Publisher, error)) Spec {
	defaults := spec.Config.(C)
	spec.Publish = func(ctx context.Context, decode func(into any) error, req PublishRequest) (mapping.Publisher, error) {
		cfg := defaults
		if err := decode(&cfg); err != nil {
			return nil, err
		}
		return publish(ctx, cfg, req)
	}
	return spec
}

// Setting is one key that a connector understands.
type Setting struct {
	Key     string
	Doc     string
	Default any
}

// Settings lists the keys of s's Config in the order of its fields, from the
// tags `yaml:"key"` and `doc:"text"`.
func (s Spec) Settings() []Setting {
	v := reflect.ValueOf(s.Config)
	out := make([]Setting, 0, v.NumField())
	for i := range v.NumField() {
		f := v.Type().Field(i)
		out = append(out, Setting{Key: f.Tag.Get("yaml"), Doc: f.Tag.Get("doc"), Default: v.Field(i).Interface()})
	}
	return out
}

// Registry is a set of connectors by name.
type Registry map[string]Spec

// NewRegistry makes a registry; two connectors of one name are a programming
// error and panic.
func NewRegistry(specs ...Spec) Registry {
	r := make(Registry, len(specs))
	for _, s := range specs {
		if _, dup := r[s.Name]; dup {
			panic(fmt.Sprintf("connectors: %q is registered twice", s.Name))
		}
		r[s.Name] = s
	}
	return r
}

// Names lists the connectors in alphabetical order.
func (r Registry) Names() []string {
	names := make([]string, 0, len(r))
	for n := range r {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
