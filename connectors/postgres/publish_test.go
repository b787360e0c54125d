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
