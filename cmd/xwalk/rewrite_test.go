package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/fixtures/sampledb"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// desk is a configuration beside a database, and the program to work on it.
type desk struct {
	t    *testing.T
	d    sqldb.Dialect
	dsn  string
	file string
	vars map[string]string
}

func newDesk(t *testing.T, d sqldb.Dialect, references string) *desk {
	t.Helper()
	k := &desk{t: t, d: d, dsn: dbtest.Database(t, d), file: filepath.Join(t.TempDir(), "xwalk.yaml")}
	k.vars = map[string]string{"DSN": k.dsn, "USER": "ann"}
	address := "dsn"
	if d == sqldb.SQLite {
		address = "path"
	}
	text := fmt.Sprintf(`version: 1
canonical: { scheme: "CUST-{next:6}" }
sources:
  trading: { connector: %[1]s, %[2]s: "${DSN}", table: customers, id: customer_id, fields: { name: company_name, email: email } }
  staff: { connector: %[1]s, %[2]s: "${DSN}", table: employees, id: employee_id, fields: { given_name: first_name, family_name: last_name } }
match: { same: [[email]] }
references:
`, d, address) + references
	if err := os.WriteFile(k.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

// run runs one command line and holds it to its exit code.
func (k *desk) run(want int, args ...string) string {
	k.t.Helper()
	e, out, messages := testEnv(append(args, "-c", k.file)...)
	e.getenv = func(name string) (string, bool) { v, ok := k.vars[name]; return v, ok }
	if code := run(k.t.Context(), e); code != want {
		k.t.Fatalf("xwalk %v: exit code %d, want %d\n%s%s", args, code, want, out, messages)
	}
	return out.String()
}

func (k *desk) exec(statements ...string) {
	k.t.Helper()
	db, err := sqldb.OpenAs(k.t.Context(), k.d, k.dsn, sqldb.Options{})
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(k.t.Context(), s); err != nil {
			k.t.Fatal(err)
		}
	}
}

// column is a column of a table, in the order of another; what is NULL is -.
func (k *desk) column(name, table, order string) (all []string) {
	k.t.Helper()
	db, err := sqldb.OpenAs(k.t.Context(), k.d, k.dsn, sqldb.Options{})
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.SelectContext(k.t.Context(), &all, "SELECT coalesce(cast("+name+" AS char(20)), '-') FROM "+table+" ORDER BY "+order); err != nil {
		k.t.Fatal(err)
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// found is what the verb says of references, in JSON.
type foundRewrite struct {
	Run        *int64
	Resumed    bool
	References []struct {
		Reference                              string
		Rows, Empty, Resolvable, Orphans, Done int64
		Obstacles                              []struct{ Code, Severity string }
	}
	Results []struct {
		Reference                                           string
		Rows, Written, Unchanged, Orphans, Empty, Contended int64
	}
}

func (k *desk) rewrite(want int, args ...string) (found foundRewrite) {
	k.t.Helper()
	text := k.run(want, append([]string{"rewrite", "--format", "json"}, args...)...)
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		k.t.Fatalf("%v in %s", err, text)
	}
	return found
}

const tradingInPlace = `  - { in: trading, table: customers, column: customer_id, refers_to: trading, write: in_place }
  - { in: trading, table: orders, column: customer_id, refers_to: trading, write: in_place }
  - { in: trading, table: customer_customer_demo, column: customer_id, refers_to: trading, write: in_place }
  - { in: trading, table: orders, column: employee_id, refers_to: staff, write: employee_no }
  - { in: trading, table: employees, column: reports_to, refers_to: staff }
`

// TestRewriteOwnKey rewrites the key of a source in place, of five characters
// and behind foreign keys, with all that refers to it: what stands in the way
// is told and overcome, the next plan mints nothing, and it can be taken back.
func TestRewriteOwnKey(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			k := newDesk(t, d, tradingInPlace)
			if err := sampledb.Load(t.Context(), d, k.dsn, "trading"); err != nil {
				t.Fatal(err)
			}
			k.run(exitDone, "apply")

			// Two records are one customer, who cannot have one key twice.
			look := k.rewrite(exitRefused, "--apply", "--allow-ddl")
			if codes := codesOf(look); !slices.Contains(codes, "blocks:unique_broken") {
				t.Errorf("obstacles %v, want unique_broken", codes)
			}
			k.exec("UPDATE orders SET customer_id = 'ALPEN' WHERE customer_id = 'ALPIN'",
				"DELETE FROM customer_customer_demo WHERE customer_id = 'ALPIN'", "DELETE FROM customers WHERE customer_id = 'ALPIN'")
			k.run(exitDone, "apply")

			before := map[string][]string{}
			for _, c := range [][3]string{{"customer_id", "customers", "company_name"}, {"customer_id", "orders", "order_id"}, {"customer_id", "customer_customer_demo", "customer_type_id, customer_id"}, {"employee_id", "orders", "order_id"}, {"reports_to", "employees", "first_name"}} {
				before[c[1]+"."+c[0]] = k.column(c[0], c[1], c[2])
			}
			if look := k.rewrite(exitDone); slices.Contains(severities(look), "blocks") {
				t.Fatalf("blocked by %v", codesOf(look))
			}
			k.rewrite(exitRefused, "--apply") // without --allow-ddl
			for name, partner := range map[string]string{"customers": "trading: orders.customer_id", "orders": "trading: customers.customer_id"} {
				if out, want := k.run(exitDone, "rewrite", name), fmt.Sprintf("name %q too", partner); !strings.Contains(out, want) {
					t.Errorf("%s alone: want %s in\n%s", name, want, out)
				}
			}
			if diff := cmp.Diff(before["orders.customer_id"], k.column("customer_id", "orders", "order_id")); diff != "" {
				t.Errorf("a refusal wrote:\n%s", diff)
			}
			done := k.rewrite(exitDone, "--apply", "--allow-ddl", "--reason", "the new key")
			for i, r := range done.Results {
				if s := done.References[i]; r.Rows != s.Rows || r.Written != s.Resolvable || r.Rows != r.Written+r.Unchanged+r.Orphans+r.Empty+r.Contended {
					t.Errorf("found %+v, did %+v", s, r)
				}
			}

			// Every reference points at the customer that it pointed at.
			numbers := map[string]string{}
			now := k.column("customer_id", "customers", "company_name")
			for i, old := range before["customers.customer_id"] {
				numbers[old] = now[i]
			}
			if numbers["BERGS"] == "BERGS" || len(numbers) != 7 {
				t.Errorf("the keys are %v", numbers)
			}
			for i, got := range k.column("customer_id", "orders", "order_id") {
				old := before["orders.customer_id"][i]
				if want := numbers[old]; got != want && old != "-" {
					t.Errorf("an order of %s is now of %s, want %s", old, got, want)
				}
			}
			if got := k.column("employee_no", "orders", "order_id"); !strings.HasPrefix(got[0], "CUST-") || slices.Contains(got, "-") {
				t.Errorf("employee_no is %v", got)
			}
			if out := k.run(exitDone, "plan", "--detailed-exitcode"); !strings.Contains(out, "Nothing to do") {
				t.Errorf("the next plan:\n%s", out)
			}
			for _, id := range []string{"BERGS", numbers["BERGS"]} {
				if out := k.run(exitDone, "lookup", id, "--source", "trading", "--format", "csv"); !strings.Contains(out, numbers["BERGS"]) {
					t.Errorf("lookup of %s:\n%s", id, out)
				}
			}
			runs := k.run(exitDone, "runs", "--format", "csv")
			if again := k.rewrite(exitDone, "--apply"); again.Run != nil || k.run(exitDone, "runs", "--format", "csv") != runs {
				t.Errorf("again: %+v", again)
			}

			k.run(exitDone, "rewrite", "--undo", "--allow-ddl")
			for name, want := range before {
				table, column, _ := strings.Cut(name, ".")
				order := map[string]string{"customers": "company_name", "orders": "order_id", "customer_customer_demo": "customer_type_id, customer_id", "employees": "first_name"}[table]
				if diff := cmp.Diff(want, k.column(column, table, order)); diff != "" {
					t.Errorf("%s after the undo (-want +got):\n%s", name, diff)
				}
			}
			k.run(exitDone, "plan", "--detailed-exitcode")
			k.run(exitDone, "verify")
		})
	}
}

func codesOf(f foundRewrite) (codes []string) {
	for _, r := range f.References {
		for _, o := range r.Obstacles {
			codes = append(codes, o.Severity+":"+o.Code)
		}
	}
	return codes
}

func severities(f foundRewrite) (all []string) {
	for _, r := range f.References {
		for _, o := range r.Obstacles {
			all = append(all, o.Severity)
		}
	}
	return all
}

// interrupting cancels once a text was written a number of times.
type interrupting struct {
	bytes.Buffer
	text   string
	cancel func()
}

func (w *interrupting) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.cancel()
	}
	return w.Buffer.Write(p)
}

// TestRewriteResumed interrupts a rewrite while it writes: the same command
// carries it to its end under the same run, and no row is rewritten twice.
func TestRewriteResumed(t *testing.T) {
	t.Parallel()
	k := newDesk(t, sqldb.SQLite, "  - { in: trading, table: bills, column: customer_id, refers_to: trading, write: in_place }\n")
	if err := sampledb.Load(t.Context(), k.d, k.dsn, "trading"); err != nil {
		t.Fatal(err)
	}
	k.exec("CREATE TABLE bills (id INTEGER PRIMARY KEY, customer_id varchar(20))",
		`INSERT INTO bills (customer_id) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90000)
		SELECT CASE i % 4 WHEN 0 THEN 'BERGS' WHEN 1 THEN 'CASAB' WHEN 2 THEN 'NOONE' END FROM n`)
	k.run(exitDone, "apply")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e, _, _ := testEnv("rewrite", "--apply", "-c", k.file)
	messages := &interrupting{text: "rewriting trading: bills.customer_id", cancel: cancel}
	e.stderr, e.errTerminal = messages, true
	e.getenv = func(name string) (string, bool) { v, ok := k.vars[name]; return v, ok }
	if code := run(ctx, e); code != exitInterrupted {
		t.Fatalf("exit code %d, want %d\n%s", code, exitInterrupted, messages.String())
	}
	runs := k.run(exitDone, "runs", "--format", "csv")

	done := k.rewrite(exitDone, "--apply")
	if !done.Resumed || done.Run == nil || *done.Run != 2 || k.run(exitDone, "runs", "--format", "csv") != runs {
		t.Errorf("resumed %+v; runs were\n%s", done, runs)
	}
	counts := map[string]int{}
	for _, id := range k.column("customer_id", "bills", "id") {
		counts[id]++
	}
	numbers := []string{"-", "NOONE"}
	for _, id := range []string{"BERGS", "CASAB"} {
		numbers = append(numbers, k.canonical(id))
	}
	for _, n := range numbers {
		if counts[n] != 22500 {
			t.Errorf("%d rows have %s, want 22,500: %v", counts[n], n, counts)
		}
	}
	k.run(exitDone, "rewrite", "--undo")
	if got := k.column("customer_id", "bills", "id"); got[3] != "BERGS" || got[0] != "CASAB" || slices.Contains(got, numbers[2]) {
		t.Errorf("after the undo it begins with %v", got[:5])
	}
}

// canonical is what a source ID means.
func (k *desk) canonical(id string) string {
	k.t.Helper()
	var answers []struct {
		CanonicalID string `json:"canonical_id"`
	}
	if err := json.Unmarshal([]byte(k.run(exitDone, "lookup", id, "--source", "trading", "--format", "json")), &answers); err != nil {
		k.t.Fatal(err)
	}
	return answers[0].CanonicalID
}
