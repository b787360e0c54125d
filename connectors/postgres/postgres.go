// Package postgres reads customers from a table or query of a PostgreSQL
// database. Package sqltable says how each type of column becomes text.
package postgres

import (
	"context"
	"errors"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/internal/sqltable"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Config says which database, and what of it. Either Table or Query is set.
type Config struct {
	DSN   string `yaml:"dsn" doc:"the database: postgres://user:password@host:5432/database; TLS is on unless it says sslmode=disable or the server is on this machine"`
	Table string `yaml:"table" doc:"a table or view, also schema.table"`
	Query string `yaml:"query" doc:"a SELECT instead of a table"`
}

// Spec describes the connector.
func Spec() connectors.Spec {
	return connectors.Publishing(connectors.DefineDatabase("postgres", "PostgreSQL databases (table or query)", Open, Tables, Database), Publish)
}

// Open connects once to check that the columns and the filter are right. A
// server that is not there is a [*mapping.UnreachableError].
func Open(ctx context.Context, cfg Config, req connectors.Request) (mapping.Source, error) {
	set, err := settings(cfg)
	if err != nil {
		return nil, err
	}
	return sqltable.Open(ctx, set, req)
}

// Tables lists the tables and views of the database.
func Tables(ctx context.Context, cfg Config, _ connectors.Request) ([]connectors.Table, error) {
	set, err := settings(cfg)
	if err != nil {
		return nil, err
	}
	return sqltable.Tables(ctx, set)
}

// Publish opens a table so that a field of its records can be written.
func Publish(ctx context.Context, cfg Config, req connectors.PublishRequest) (mapping.Publisher, error) {
	set, err := settings(cfg)
	if err != nil {
		return nil, err
	}
	return sqltable.Publish(ctx, set, req)
}

// Database says where the database is, and which table the source is.
func Database(cfg Config, _ string) (connectors.Database, error) {
	set, err := settings(cfg)
	return connectors.Database{Dialect: set.Dialect, DSN: set.DSN, Table: set.Table}, err
}

func settings(cfg Config) (sqltable.Settings, error) {
	if cfg.DSN == "" {
		return sqltable.Settings{}, errors.New("dsn is not set")
	}
	return sqltable.Settings{Dialect: sqldb.Postgres, DSN: cfg.DSN, Table: cfg.Table, Query: cfg.Query}, nil
}
