// Package sqlite reads customers from a table or query of an SQLite file,
// which is opened for reading only. Package sqltable says how values become
// text; as SQLite's values have types of their own, a text in an integer
// column comes as that text.
package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/internal/sqltable"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Config says which file, and what of it. Either Table or Query is set.
type Config struct {
	Path  string `yaml:"path" doc:"the SQLite file"`
	Table string `yaml:"table" doc:"a table or view"`
	Query string `yaml:"query" doc:"a SELECT instead of a table"`
}

// Spec describes the connector.
func Spec() connectors.Spec {
	return connectors.Publishing(connectors.DefineDatabase("sqlite", "SQLite files (table or query)", Open, Tables, Database), Publish)
}

// Open looks into the file to check that the columns and the filter are
// right. A file that is not there is fs.ErrNotExist.
func Open(ctx context.Context, cfg Config, req connectors.Request) (mapping.Source, error) {
	set, err := settings(cfg, req.Dir)
	if err != nil {
		return nil, err
	}
	return sqltable.Open(ctx, set, req)
}

// Tables lists the tables and views of the file.
func Tables(ctx context.Context, cfg Config, req connectors.Request) ([]connectors.Table, error) {
	set, err := settings(cfg, req.Dir)
	if err != nil {
		return nil, err
	}
	return sqltable.Tables(ctx, set)
}

// Publish opens a table so that a field of its records can be written.
func Publish(ctx context.Context, cfg Config, req connectors.PublishRequest) (mapping.Publisher, error) {
	set, err := settings(cfg, req.Dir)
	if err != nil {
		return nil, err
	}
	return sqltable.Publish(ctx, set, req)
}

// Database says where the database is, and which table the source is.
func Database(cfg Config, dir string) (connectors.Database, error) {
	set, err := settings(cfg, dir)
	return connectors.Database{Dialect: set.Dialect, DSN: set.DSN, Table: set.Table}, err
}

func settings(cfg Config, dir string) (sqltable.Settings, error) {
	if cfg.Path == "" {
		return sqltable.Settings{}, errors.New("path is not set")
	}
	path := cfg.Path
	if !filepath.IsAbs(path) && !strings.HasPrefix(path, "file:") {
		path = filepath.Join(dir, path)
	}
	return sqltable.Settings{Dialect: sqldb.SQLite, DSN: path, Table: cfg.Table, Query: cfg.Query}, nil
}
