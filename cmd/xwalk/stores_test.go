package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures"
	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// TestStoresExportTheSameBytes plans and applies two public lists of persons
// into each kind of store and compares what people get out of it.
func TestStoresExportTheSameBytes(t *testing.T) {
	t.Parallel()
	data, err := filepath.Abs("../../fixtures/data/febrl")
	if err != nil {
		t.Fatal(err)
	}
	type outcome struct {
		totals    mapping.Totals
		export    string
		decisions string
	}
	list := filepath.Join(t.TempDir(), "decisions.csv")
	if err := os.WriteFile(list, []byte(strings.Join(decisionColumns, ",")+`
dataset2,rec-9-org,dataset1,rec-1-org,different,ann,"a, b",
dataset1,REC-9,dataset1,rec-9,different,bea,,2024-05-17T10:30:00+02:00
dataset1,rec-9 ,dataset1,rec-9,different,ann,不同,
`), 0o600); err != nil {
		t.Fatal(err)
	}
	outcomes := map[sqldb.Dialect]outcome{}
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			dsn := dbtest.SQLite(t)
			if d != sqldb.SQLite {
				dsn = dbtest.Database(t, d)
			}
			file := filepath.Join(t.TempDir(), "xwalk.yaml")
			text := fmt.Sprintf(`version: 1
crosswalk: ${DSN}
canonical: { scheme: "CUST-{next:8}-{check:mod97-10}" }
sources:
  dataset1: { connector: csv, path: %[1]s/dataset1.csv, id: rec_id, fields: { soc_sec_id: soc_sec_id, birth_date: date_of_birth } }
  dataset2: { connector: csv, path: %[1]s/dataset2.csv, id: rec_id, fields: { soc_sec_id: soc_sec_id, birth_date: date_of_birth } }
match: { same: [[soc_sec_id, birth_date]] }
`, data)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			xwalk := func(args ...string) string {
				t.Helper()
				e, out, messages := testEnv(append(args, "-c", file)...)
				vars := map[string]string{"DSN": dsn, "XWALK_NOW": "2026-01-31T12:00:00Z", "USER": "ann"}
				e.getenv = func(k string) (string, bool) { v, ok := vars[k]; return v, ok }
				if code := run(context.Background(), e); code != exitDone {
					t.Fatalf("xwalk %v: exit code %d\n%s", args, code, messages)
				}
				return out.String()
			}
			var planned, applied, again struct {
				Serial  int64                     `json:"serial"`
				Sources map[string]mapping.Counts `json:"sources"`
				Totals  mapping.Totals            `json:"totals"`
			}
			decode := func(text string, into any) {
				t.Helper()
				if err := json.Unmarshal([]byte(text), into); err != nil {
					t.Fatal(err)
				}
			}
			xwalk("import", "--decisions", list)
			decode(xwalk("plan", "--format", "json"), &planned)
			decode(xwalk("apply", "--format", "json"), &applied)
			export := xwalk("export")
			decode(xwalk("apply", "--format", "json"), &again)
			if planned.Totals != applied.Totals {
				t.Errorf("planned %+v, applied %+v", planned.Totals, applied.Totals)
			}
			for _, f := range []fixtures.SourceFacts{fixtures.Febrl1, fixtures.Febrl2} {
				c := applied.Sources[f.Name]
				if !c.Balanced() || c != (mapping.Counts{Read: f.Read, Created: f.Created, Linked: f.Linked}) {
					t.Errorf("source %s: %+v, want %+v", f.Name, c, f)
				}
			}
			if applied.Totals.Customers != fixtures.FebrlCustomers {
				t.Errorf("%d customers, want %d", applied.Totals.Customers, fixtures.FebrlCustomers)
			}
			if again.Totals.Changes() || again.Serial != applied.Serial || xwalk("export") != export {
				t.Errorf("applying again changed something: %+v", again)
			}
			outcomes[d] = outcome{applied.Totals, export, xwalk("export", "--decisions")}
		})
	}
	want := outcomes[sqldb.SQLite]
	for d, got := range outcomes {
		if got.totals != want.totals {
			t.Errorf("totals in %s: %+v, in SQLite %+v", d, got.totals, want.totals)
		}
		if diff := cmp.Diff(want.export, got.export); diff != "" {
			t.Errorf("export of %s (-sqlite +%s):\n%s", d, d, diff)
		}
		if diff := cmp.Diff(want.decisions, got.decisions); diff != "" {
			t.Errorf("decisions in %s (-sqlite +%s):\n%s", d, d, diff)
		}
	}
}
