package discover

import (
	"context"
	"errors"
	"fmt"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
)

// Place is one thing to read customers from: a file, or a table of a
// database. Its Name is fit to be a source's name and is no other place's.
type Place struct {
	Name  string
	Label string // for people: the path, or the database's name; never a password
	Path  string // of a file, from the working directory or absolute
	DSN   string // of a server; may hold a password
	Table string
	// Variable is the ${NAME} by which the command line gave the DSN, or empty.
	Variable string
	// Gathered says that a pattern or folder brought the place along.
	Gathered bool

	spec connectors.Spec
}

// Connector is the name of the connector that reads the place.
func (p Place) Connector() string { return p.spec.Name }

// String names the place for people: "shop.db table customers".
func (p Place) String() string {
	if p.Table == "" {
		return p.Label
	}
	return p.Label + " table " + p.Table
}

// Open opens the place for the given columns. Its error is a
// [*config.OpenError].
func (p Place) Open(ctx context.Context, columns []string) (mapping.Source, error) {
	src, err := p.spec.Open(ctx, config.Settings(p.settings()...), p.request(columns))
	if err != nil {
		return nil, p.openError(ctx, err)
	}
	return src, nil
}

// Columns lists the columns of the place.
func (p Place) Columns(ctx context.Context) ([]string, error) {
	src, err := p.Open(ctx, nil)
	if err != nil {
		return nil, err
	}
	looker, ok := src.(connectors.Looker)
	if !ok {
		return nil, fmt.Errorf("%s: the connector %s cannot say which columns there are", p, p.spec.Name)
	}
	return looker.Columns(ctx)
}

// tables lists the tables that the place's database holds.
func (p Place) tables(ctx context.Context) ([]connectors.Table, error) {
	tables, err := p.spec.Tables(ctx, config.Settings(p.settings()...), p.request(nil))
	if err != nil {
		return nil, p.openError(ctx, err)
	}
	return tables, nil
}

func (p Place) request(columns []string) connectors.Request {
	return connectors.Request{Name: p.Name, Columns: columns, Dir: "."}
}

func (p Place) openError(ctx context.Context, err error) error {
	var open *config.OpenError
	if ctx.Err() != nil || errors.As(err, &open) {
		return err
	}
	return &config.OpenError{Err: err}
}

// settings are the connector's settings, keys and values in turn.
func (p Place) settings() []string {
	var s []string
	if p.Path != "" {
		s = append(s, "path", p.Path)
	}
	if p.DSN != "" {
		s = append(s, "dsn", p.DSN)
	}
	if p.Table != "" {
		s = append(s, "table", p.Table)
	}
	return s
}
