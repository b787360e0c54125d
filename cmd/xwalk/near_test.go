package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// TestStoresExplainTheSame asks each kind of store about mistyped numbers and
// about how numbers came about: after a change of the scheme, a merge, and a
// record that is gone.
func TestStoresExplainTheSame(t *testing.T) {
	t.Parallel()
	answers := map[sqldb.Dialect]string{}
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			answers[d] = explained(t, dbtest.Database(t, d))
		})
	}
	for d, got := range answers {
		if diff := cmp.Diff(answers[sqldb.SQLite], got); diff != "" {
			t.Errorf("%s (-sqlite +%s):\n%s", d, d, diff)
		}
	}
	for _, want := range []string{
		`"slip": "O for 0 at character 3"`, `"scheme": "CUST-{next:6}-{check:luhn}"`, `"scheme": "K-{next:5}"`, `"status": "gone"`,
		`"merged": {`, `"rules_now": "changed"`, `"rules_now": "unchanged"`,
	} {
		if !strings.Contains(answers[sqldb.SQLite], want) {
			t.Errorf("the answers lack %s", want)
		}
	}
}

// explained is what people are told after some runs on the crosswalk in dsn.
func explained(t *testing.T, dsn string) string {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configure := func(scheme string) {
		t.Helper()
		write("xwalk.yaml", fmt.Sprintf(`version: 1
crosswalk: ${DSN}
canonical: { scheme: %q }
sources:
  legacy: { connector: csv, path: legacy.csv, id: { field: no, scheme: "C{seq:3}" }, fields: { email: mail } }
  shop: { connector: csv, path: shop.csv, id: id, fields: { email: mail } }
match: { same: [[email]] }
policy: { merges: auto, vanished: { retire: true } }
`, scheme))
	}
	xwalk := func(want int, args ...string) string {
		t.Helper()
		e, out, messages := testEnv(append(args, "-c", filepath.Join(dir, "xwalk.yaml"))...)
		vars := map[string]string{"DSN": dsn, "XWALK_NOW": "2026-01-31T12:00:00Z", "USER": "ann"}
		e.getenv = func(k string) (string, bool) { v, ok := vars[k]; return v, ok }
		if code := run(context.Background(), e); code != want {
			t.Fatalf("xwalk %v: exit code %d, want %d\n%s", args, code, want, messages)
		}
		return out.String()
	}
	configure("CUST-{next:6}-{check:luhn}")
	write("legacy.csv", "no,mail\nC001,ann@example.com\nC002,bo@example.com\nC003,cy@example.com\n")
	write("shop.csv", "id,mail\nU1,ann@example.com\nU2,di@example.com\nu2,ed@example.com\n")
	xwalk(exitDone, "apply")
	configure("K-{next:5}")
	write("shop.csv", "id,mail\nU1,ann@example.com\nU2,ann@example.com\nu2,ed@example.com\nU3,fi@example.com\n")
	write("legacy.csv", "no,mail\nC001,ann@example.com\nC002,bo@example.com\n")
	xwalk(exitDone, "apply", "--allow", "vanished")
	return xwalk(exitFailed, "lookup", "C0O1", "CUST-000001-7", "CUST0000034", "K00001", "Ü2", "--near", "--format", "json") +
		xwalk(exitDone, "explain", "C001", "--format", "json") +
		xwalk(exitDone, "explain", "U3", "--format", "json") +
		xwalk(exitDone, "explain", "CUST-000004-2", "--format", "json") +
		xwalk(exitFailed, "explain", "C003", "--format", "json")
}
