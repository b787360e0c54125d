package sqltable

import (
	"context"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Tables lists the tables and views of a database, by name.
func Tables(ctx context.Context, set Settings) ([]connectors.Table, error) {
	db, err := sqldb.OpenAs(ctx, set.Dialect, set.DSN, sqldb.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	found, err := sqldb.Tables(ctx, db)
	if err != nil {
		return nil, err
	}
	tables := make([]connectors.Table, len(found))
	for i, t := range found {
		tables[i] = connectors.Table(t)
	}
	return tables, nil
}
