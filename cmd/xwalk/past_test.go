package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// TestStoresTellTheSamePast takes customers through a merge, a split, an undo
// and a rename in each kind of store: what each says of every moment, the
// histories and the archive are the same to the last byte.
func TestStoresTellTheSamePast(t *testing.T) {
	t.Parallel()
	var first string
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			dir := t.TempDir()
			dsn := dbtest.Database(t, d)
			write := func(name, text string) {
				t.Helper()
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("xwalk.yaml", fmt.Sprintf(`version: 1
crosswalk: ${DSN}
canonical: { scheme: "CUST-{next:6}" }
sources:
  legacy: { connector: csv, path: %[1]s/legacy.csv, id: no, fields: { name: name, email: mail } }
  shop: { connector: csv, path: %[1]s/shop.csv, id: no, fields: { name: name, email: mail } }
match: { same: [[email]] }
`, filepath.ToSlash(dir)))
			write("legacy.csv", "no,name,mail\nC001,Ann Lee,ann@example.com\nC002,Bob,bob@example.com\n")
			write("shop.csv", "no,name,mail\n1007,Ann Lee,lee@example.com\n1008,Bob,bob@example.com\n")
			month := 1
			xwalk := func(args ...string) string {
				t.Helper()
				e, out, messages := testEnv(append(args, "-c", filepath.Join(dir, "xwalk.yaml"))...)
				vars := map[string]string{"DSN": dsn, "XWALK_NOW": fmt.Sprintf("2026-%02d-05T10:00:00Z", month), "USER": "ann"}
				e.getenv = func(k string) (string, bool) { v, ok := vars[k]; return v, ok }
				if code := run(context.Background(), e); code != exitDone {
					t.Fatalf("xwalk %v: exit code %d\n%s", args, code, messages)
				}
				return out.String()
			}
			for _, act := range [][]string{
				{"apply"},
				{"merge", "C001", "shop:1007", "--reason", "phoned"},
				{"apply"},
				{"split", "CUST-000001", "--links", "shop:1007", "--reason", "twins"},
				{"undo", "4", "--reason", "no twins"},
			} {
				if month == 3 {
					write("legacy.csv", "no,name,mail\nC001,Ann Li,ann@example.com\nC002,Bob,bob@example.com\nC003,Cy,cy@example.com\n")
				}
				xwalk(act...)
				month++
			}
			var told strings.Builder
			for run := 1; run <= 5; run++ {
				told.WriteString(xwalk("export", "--as-of", fmt.Sprint(run)))
				for _, day := range []string{"04", "05"} {
					at := fmt.Sprintf("2026-%02d-%s", run, day)
					if run == 1 && day == "04" {
						continue // nothing was there
					}
					told.WriteString(xwalk("lookup", "1007", "C001", "CUST-000003", "--as-of", at, "--format", "csv"))
				}
			}
			for _, id := range []string{"C001", "shop:1007", "CUST-000001", "CUST-000003"} {
				told.WriteString(xwalk("history", id, "--format", "json"))
			}
			told.WriteString(xwalk("export", "--archive", "-"))
			if first == "" {
				first = told.String()
			} else if told.String() != first {
				t.Errorf("it tells another past than SQLite:\n%q\n--- SQLite:\n%q", told.String(), first)
			}
		})
	}
}
