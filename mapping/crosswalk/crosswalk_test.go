package crosswalk_test

import (
	"bytes"
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

// TestArchiveMoves moves a crosswalk from one kind of store to the next, and
// back: the archive stays the same to the last byte.
func TestArchiveMoves(t *testing.T) {
	t.Parallel()
	first := dbtest.Database(t, sqldb.SQLite)
	storetest.Replay(t, first, storetest.Past())
	want := storetest.Archive(t, first)
	for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.MySQL, sqldb.SQLite} {
		dsn := dbtest.Database(t, d)
		storetest.Load(t, dsn, want)
		if got := storetest.Archive(t, dsn); !bytes.Equal(got, want) {
			t.Fatalf("the archive made from %v differs from the one that was loaded", d)
		}
	}
}
