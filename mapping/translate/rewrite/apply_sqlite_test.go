package rewrite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// A rewrite leaves nothing beside an SQLite file, and the file's kind of
// journal as it was.
func TestSQLiteFileStaysAsItIs(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"delete", "wal"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.SQLite(t)
			g, path := newGraphWorld(t, 1, sqldb.SQLite, dsn)
			pragma := func(text string) (now string) {
				db, err := sqldb.Open(t.Context(), dsn, sqldb.Options{Guest: true, MaxConns: 1})
				if err == nil {
					err = db.GetContext(t.Context(), &now, text)
					_ = db.Close()
				}
				if err != nil {
					t.Fatal(err)
				}
				return now
			}
			pragma("PRAGMA journal_mode = " + mode)
			tables, err := g.translations(t.Context(), path)
			if err == nil {
				_, err = rewrite.Apply(t.Context(), g.survey(t, tables))
			}
			if err != nil {
				t.Fatal(err)
			}
			if now := pragma("PRAGMA journal_mode"); now != mode {
				t.Errorf("the file has journal mode %s, had %s", now, mode)
			}
			entries, err := os.ReadDir(filepath.Dir(dsn))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if e.Name() != filepath.Base(dsn) {
					t.Errorf("%s was left beside the database", e.Name())
				}
			}
		})
	}
}
