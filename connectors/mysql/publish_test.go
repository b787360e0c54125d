package mysql

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
	return sqltest.Publisher(sqldb.MySQL, column, dbtest.MySQL,
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
	dsn := dbtest.MySQL(t)
	sqltest.PublishByTypes(t, sqldb.MySQL, dsn, [][]string{ // a type, and values of it
		{"TINYINT(1)", "1", "0"},
		{"INT(6) ZEROFILL", "42", "7"},
		{"BIGINT PRIMARY KEY", "-9223372036854775808", "9223372036854775807"},
		{"BIGINT(20) UNSIGNED ZEROFILL", "18446744073709551615", "7"},
		{"DECIMAL(65,30)", "12345678901234567890.123456789012345678901234567890", "0"},
		{"DECIMAL(8,0) ZEROFILL", "42"},
		{"FLOAT", "0.1", "16777216"},
		{"DOUBLE", "0.1", "1001", "1e300"},
		{"BIT(20)", "b'101'", "b'0'"},
		{"YEAR", "2024", "0"},
		{"VARCHAR(10)", "'C1'", "'c1'", "'C1 '", "'é'", "'e'"},
		{"VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_german1_ci", "'ä'", "'Ä'", "'a'"},
		{"VARCHAR(10) CHARACTER SET gbk", "'王'", "'玉'"},
		{"VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "'C1'", "'C1 '", "'😀'"},
		{"CHAR(10)", "'C1'", "'c1'"},
		{"BINARY(16)", "UNHEX('0190b5f27c1e7d4a9b1c3f2e8a6d5c4b')", "UNHEX('00')"},
		{"VARBINARY(20)", "'C1'", "'c1'", "'C1 '"},
		{"ENUM('a','b')", "'a'", "'b'"},
		{"DATE", "'2024-02-29'"},
		{"DATETIME(6)", "'2019-03-12 08:30:00.5'"},
		{"JSON", `'{"id": 7}'`},
	}, func(ctx context.Context, dsn, table string, req connectors.PublishRequest) (mapping.Publisher, error) {
		return Publish(ctx, Config{DSN: dsn, Table: table}, req)
	}, func(ctx context.Context, dsn, table string, req connectors.Request) (mapping.Source, error) {
		return Open(ctx, Config{DSN: dsn, Table: table}, req)
	})
}
