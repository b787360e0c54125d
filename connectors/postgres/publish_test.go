package postgres

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
	return sqltest.Publisher(sqldb.Postgres, column, dbtest.Postgres,
		func(ctx context.Context, dsn string, req connectors.PublishRequest) (mapping.Publisher, error) {
			return Publish(ctx, Config{DSN: dsn, Table: "customers"}, req)
		},
		func(ctx context.Context, dsn string, req connectors.Request) (mapping.Source, error) {
			return Open(ctx, Config{DSN: dsn, Table: "customers"}, req)
		})
}

// TestPublishByTypes finds records by IDs of each type.
func TestPublishByTypes(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	sqltest.Exec(t, sqldb.Postgres, dsn, "CREATE TYPE mood AS ENUM ('so-so', 'ok')", "CREATE DOMAIN code AS varchar(10)",
		"CREATE COLLATION und_ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
	sqltest.PublishByTypes(t, sqldb.Postgres, dsn, [][]string{ // a type, and values of it
		{"smallint", "7", "-7"},
		{"bigint PRIMARY KEY", "9223372036854775807", "-9223372036854775808", "0"},
		{"numeric", "1.50", "-12345678901234567890.123456789"},
		{"numeric(6,2)", "7", "7.5"},
		{"real", "0.1", "16777216"},
		{"double precision", "1001", "0.1", "1e15", "1e300"},
		{"char(6)", "'C1'", "'c1'"},
		{"varchar(6) UNIQUE", "'C1'", "'C1 '", "'c1'", "''"},
		{`text COLLATE "und_ci"`, "'C1'", "'c1'", "'é'", "'É'"},
		{"name", "'a name'"},
		{"boolean", "true", "false"},
		{"uuid PRIMARY KEY", "'0190B5F2-7C1E-7D4A-9B1C-3F2E8A6D5C4B'", "'00000000-0000-0000-0000-000000000001'"},
		{"bytea", `'\x0190b5f27c1e7d4a9b1c3f2e8a6d5c4b'`, `'\x00ff'`, `''`},
		{"date", "'2024-02-29'", "'0044-03-15 BC'"},
		{"timestamptz", "'2019-03-12 08:30:00.5+08'"},
		{"mood", "'so-so'", "'ok'"},
		{"code", "'007'", "'7'"},
		{"inet", "'10.0.0.1'"},
		{"jsonb", `'{"id": 12345678901234567890}'`},
	}, func(ctx context.Context, dsn, table string, req connectors.PublishRequest) (mapping.Publisher, error) {
		return Publish(ctx, Config{DSN: dsn, Table: table}, req)
	}, func(ctx context.Context, dsn, table string, req connectors.Request) (mapping.Source, error) {
		return Open(ctx, Config{DSN: dsn, Table: table}, req)
	})
}
