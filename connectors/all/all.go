// Package all is the one list of built-in connectors. A connector that is
// not in it does not exist for xwalk.
package all

import (
	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/csv"
	"github.com/xwalk-id/xwalk/connectors/mysql"
	"github.com/xwalk-id/xwalk/connectors/postgres"
	"github.com/xwalk-id/xwalk/connectors/sqlite"
)

// Registry lists the built-in connectors.
func Registry() connectors.Registry {
	return connectors.NewRegistry(
		csv.Spec(),
		mysql.Spec(),
		postgres.Spec(),
		sqlite.Spec(),
	)
}
