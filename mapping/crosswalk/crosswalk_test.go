package crosswalk_test

import (
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk/storetest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

var dialects = []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL}

func TestMain(m *testing.M) { storetest.Main(m) }

func TestStore(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, storetest.Suite{DSN: func(t testing.TB) string { return dbtest.Database(t, d) }})
		})
	}
}

// TestSameEverywhere replays one history in every database: all tables must
// end up equal, digests included.
func TestSameEverywhere(t *testing.T) {
	t.Parallel()
	var first string
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			dsn := dbtest.Database(t, d)
			storetest.Replay(t, dsn, storetest.History())
			dump, err := storetest.Dump(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = dump
			} else if dump != first {
				t.Errorf("the tables differ from those in SQLite:\n%s\n--- SQLite:\n%s", dump, first)
			}
		})
	}
}
