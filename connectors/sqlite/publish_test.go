package sqlite

import (
	"context"
	"testing"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/conntest"
	"github.com/xwalk-id/xwalk/connectors/internal/sqltest"
	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

func TestPublisher(t *testing.T) {
	t.Parallel()
	conntest.RunPublisher(t, publisherSuite("TEXT"))
}

func publisherSuite(column string) conntest.PublisherSuite {
	return sqltest.Publisher(sqldb.SQLite, column, dbtest.SQLite,
		func(ctx context.Context, dsn string, req connectors.PublishRequest) (mapping.Publisher, error) {
			return Publish(ctx, Config{Path: dsn, Table: "customers"}, req)
		},
		func(ctx context.Context, dsn string, req connectors.Request) (mapping.Source, error) {
			return Open(ctx, Config{Path: dsn, Table: "customers"}, req)
		})
}

// TestPublishByTypes finds records by IDs of each type.
func TestPublishByTypes(t *testing.T) {
	t.Parallel()
	dsn := dbtest.SQLite(t)
	sqltest.PublishByTypes(t, sqldb.SQLite, dsn, [][]string{ // a type, and values of it
		{"", "1", "1.5", "'01'", "'a'", "'A'", "x'00ff'", "'1.0'", "-1", "9223372036854775807", "1e300"},
		{"INTEGER PRIMARY KEY", "7", "-7", "70"},
		{"INTEGER", "7", "'seven'", "7.5", "'07x'"},
		{"REAL", "1001", "1001.5", "0.1", "1e30"},
		{"TEXT COLLATE NOCASE", "'c1'", "'C1'", "'C1 '", "'é'", "'É'"},
		{"TEXT COLLATE RTRIM UNIQUE", "'c1'", "'C1'"},
		{"BLOB", "x'0190b5f27c1e7d4a9b1c3f2e8a6d5c4b'", "x'00ff'", "'00ff '"},
		{"NUMERIC", "12", "'12a'", "12.25"},
		{"DATE", "'2024-02-29'", "20240229"},
	}, func(ctx context.Context, dsn, table string, req connectors.PublishRequest) (mapping.Publisher, error) {
		return Publish(ctx, Config{Path: dsn, Table: table}, req)
	}, func(ctx context.Context, dsn, table string, req connectors.Request) (mapping.Source, error) {
		return Open(ctx, Config{Path: dsn, Table: table}, req)
	})
}
