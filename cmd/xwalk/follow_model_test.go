package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// TestFollowModel lets random acts of many kinds follow each other: people add
// and edit rows, stewards merge and split, references are rewritten, numbers
// published, all of it is taken back, or killed, or done twice at once. After
// each act everything must mean whom it is known to mean.
func TestFollowModel(t *testing.T) {
	t.Parallel()
	seeds, acts, dialects := []uint64{1, 2, 3, 4, 5, 6}, 16, []sqldb.Dialect{sqldb.SQLite}
	if os.Getenv("LONG") != "" {
		seeds, acts, dialects = nil, 60, []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL}
		first := uint64(len(os.Getenv("LONG"))) // any other text tries other seeds
		for i := range uint64(24) {
			seeds = append(seeds, first*1000+i)
		}
	}
	for _, d := range dialects {
		for _, seed := range seeds {
			t.Run(fmt.Sprintf("%s %d", d, seed), func(t *testing.T) {
				t.Parallel()
				newLife(t, d, seed).live(acts)
			})
		}
	}
}

// The ways in which a life's references follow.
var followings = []string{
	`  - { in: shop, table: orders, column: customer_id, refers_to: shop, write: customer_no }
  - { in: shop, table: notes, column: object, where: "kind = 'shop'", refers_to: shop, write: object_no }
  - { in: shop, table: notes, column: object, where: "kind = 'crm'", refers_to: crm, write: object_no }
`,
	`  - { in: shop, table: orders, column: customer_id, refers_to: shop, write: in_place }
  - { in: shop, table: notes, column: object, where: "kind = 'shop'", refers_to: shop, write: in_place }
  - { in: shop, table: notes, column: object, where: "kind = 'crm'", refers_to: crm, write: in_place }
`,
	`  - { in: shop, table: customers, column: id, refers_to: shop, write: in_place }
  - { in: shop, table: orders, column: customer_id, refers_to: shop, write: in_place }
  - { in: shop, table: notes, column: object, where: "kind = 'shop'", refers_to: shop, write: in_place }
  - { in: shop, table: notes, column: object, where: "kind = 'crm'", refers_to: crm, write: object_no }
`,
}

// life is a world that a test knows everything about.
type life struct {
	*testing.T
	*desk
	db      *sqldb.DB
	rnd     *rand.Rand
	program string
	ownKey  bool // the shop's own key is rewritten
	inPlace bool
	persons []*person
	rows    []*reference
	groups  int
	runs    []oneRun // that are in force, oldest first
	seen    int64    // the last run that is noted
	log     []string
}

// person is a record of a source. Its name never changes and tells it apart.
type person struct {
	source, id, name string
	group            int
	known            bool // the crosswalk has it
	gone             bool
	now              string
	was              map[string]bool // numbers that it had
	typed            string          // what people have put into its number last
	emptied          bool            // they did so after it was published
}

// reference is a row that means a person.
type reference struct {
	table  string
	no     int
	to     *person
	typed  string // what people have written there last
	edited bool   // they did so when it had been rewritten
}

// oneRun is a run that can be undone.
type oneRun struct {
	run    int64
	kind   string
	groups map[*person]person // as they were before
}

func newLife(t *testing.T, d sqldb.Dialect, seed uint64) *life {
	l := &life{T: t, rnd: rand.New(rand.NewPCG(seed, 7))} //nolint:gosec // a test that can be repeated
	how := int(seed) % len(followings)
	l.ownKey, l.inPlace = how == 2, how > 0
	scheme := "CUST-{next:4}"
	if how == 1 {
		scheme = "{next:3}" // numbers look like the shop's
	}
	dir := t.TempDir()
	l.desk = &desk{t: t, d: d, dsn: dbtest.Database(t, d), file: filepath.Join(dir, "xwalk.yaml")}
	l.vars = map[string]string{"DSN": l.dsn, "USER": "ann"}
	address := "dsn"
	if d == sqldb.SQLite {
		address = "path"
	}
	source := fmt.Sprintf(`connector: %s, %s: "${DSN}", id: id, fields: { name: name, email: email }, publish: { field: number }`, d, address)
	text := fmt.Sprintf("version: 1\ncrosswalk: crosswalk.db\ncanonical: { scheme: %q }\nsources:\n  shop: { %s, table: customers }\n  crm: { %s, table: members }\nmatch: { same: [[email]] }\nreferences:\n%s",
		scheme, source, source, followings[how])
	self, err := os.Executable()
	l.program = filepath.Join(dir, "xwalk")
	if err == nil {
		err = os.Symlink(self, l.program)
	}
	if err == nil {
		err = os.WriteFile(l.file, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	bound := ""
	if how == 2 && seed%2 == 0 {
		bound = ", FOREIGN KEY (customer_id) REFERENCES customers (id)"
	}
	l.exec("CREATE TABLE customers (id varchar(40) PRIMARY KEY, name varchar(40), email varchar(40), number varchar(40))",
		"CREATE TABLE members (id varchar(40) PRIMARY KEY, name varchar(40), email varchar(40), number varchar(40))",
		"CREATE TABLE orders (no int PRIMARY KEY, customer_id varchar(40)"+bound+")",
		"CREATE TABLE notes (no int PRIMARY KEY, kind varchar(9), object varchar(40))")
	if l.db, err = sqldb.OpenAs(t.Context(), d, l.dsn, sqldb.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.db.Close()
		if t.Failed() {
			t.Logf("acts:\n%s", strings.Join(l.log, "\n"))
		}
	})
	return l
}

// table is where a source keeps its records.
func (p *person) table() string {
	return map[string]string{"shop": "customers", "crm": "members"}[p.source]
}

// try runs a command line in this process.
func (l *life) try(args ...string) (code int, out, messages string) {
	e, o, m := testEnv(append(args, "-c", l.file)...)
	e.getenv = func(name string) (string, bool) { v, ok := l.vars[name]; return v, ok }
	code = run(l.Context(), e)
	l.log = append(l.log, fmt.Sprintf("%s: %d %s", strings.Join(args, " "), code, firstLine(m.String())))
	return code, o.String(), m.String()
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// do runs a command line that must end with one of some codes.
func (l *life) do(codes []int, args ...string) (code int, out string) {
	l.Helper()
	code, out, messages := l.try(args...)
	if !slices.Contains(codes, code) {
		l.Fatalf("xwalk %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, messages)
	}
	return code, out
}

var done, doneOrRefused = []int{exitDone}, []int{exitDone, exitRefused}

// read reads a table, by one of its columns; what is NULL is empty.
func (l *life) read(table, key string) map[string]map[string]string {
	l.Helper()
	rows, err := l.db.QueryxContext(l.Context(), "SELECT * FROM "+table)
	if err != nil {
		l.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]map[string]string{}
	for rows.Next() {
		cells := map[string]any{}
		if err := rows.MapScan(cells); err != nil {
			l.Fatal(err)
		}
		row := map[string]string{}
		for name, v := range cells {
			switch v := v.(type) {
			case nil:
			case []byte:
				row[name] = string(v)
			default:
				row[name] = fmt.Sprint(v)
			}
		}
		all[row[key]] = row
	}
	if err := rows.Err(); err != nil {
		l.Fatal(err)
	}
	return all
}

// state is what the tables hold.
type state struct{ customers, members, orders, notes map[string]map[string]string }

func (l *life) state() state {
	l.Helper()
	return state{l.read("customers", "name"), l.read("members", "name"), l.read("orders", "no"), l.read("notes", "no")}
}

// record is a person's row.
func (s *state) record(p *person) map[string]string {
	if p.source == "shop" {
		return s.customers[p.name]
	}
	return s.members[p.name]
}

// of is what a reference says, and what stands beside it.
func (s *state) of(r *reference) (value, beside string) {
	row := s.notes[fmt.Sprint(r.no)]
	if r.table == "orders" {
		row = s.orders[fmt.Sprint(r.no)]
		return row["customer_id"], row["customer_no"]
	}
	return row["object"], row["object_no"]
}

// change changes rows as people do.
func (l *life) change(statement string, args ...any) {
	l.Helper()
	l.log = append(l.log, fmt.Sprint(append([]any{statement}, args...)...))
	if _, err := l.db.ExecContext(l.Context(), l.db.Rebind(statement), args...); err != nil {
		l.Fatalf("%s: %v", statement, err)
	}
}

// look asks the crosswalk for the number of every person that it knows, and
// holds it to the groups.
func (l *life) look() {
	l.Helper()
	byGroup, groupOf := map[int]string{}, map[string]int{}
	for _, source := range []string{"shop", "crm"} {
		var asked []*person
		args := []string{"lookup", "--source", source, "--format", "json", "--"}
		for _, p := range l.persons {
			if p.source == source && p.known {
				asked, args = append(asked, p), append(args, p.id)
			}
		}
		if len(asked) == 0 {
			continue
		}
		e, out, messages := testEnv(append([]string{"-c", l.file}, args...)...)
		e.getenv = func(name string) (string, bool) { v, ok := l.vars[name]; return v, ok }
		if code := run(l.Context(), e); code != exitDone && code != exitFailed {
			l.Fatalf("lookup: %d\n%s", code, messages)
		}
		var answers []struct {
			SourceID     string `json:"source_id"`
			Canonical    string `json:"canonical_id"`
			Status       string
			ResolvedFrom string `json:"resolved_from"`
		}
		if err := json.Unmarshal(out.Bytes(), &answers); err != nil || len(answers) != len(asked) {
			l.Fatalf("%d answers for %d IDs: %v\n%s", len(answers), len(asked), err, out)
		}
		for i, p := range asked {
			a := answers[i]
			if gone := a.Status == "gone"; gone != p.gone {
				l.Fatalf("%s %s is %s", p.source, p.id, a.Status)
			}
			if p.gone {
				continue
			}
			p.now = a.Canonical
			p.was[p.now] = true
			if other, ok := byGroup[p.group]; ok && other != p.now {
				l.Fatalf("%s %s has %s, and others of its customer have %s", p.source, p.id, p.now, other)
			}
			if other, ok := groupOf[p.now]; ok && other != p.group {
				l.Fatalf("%s %s has %s, which is another customer's", p.source, p.id, p.now)
			}
			byGroup[p.group], groupOf[p.now] = p.now, p.group
		}
	}
}

// check holds the world to what is known of it, whatever was done last.
func (l *life) check() {
	l.Helper()
	l.look()
	l.do(done, "verify")
	s := l.state()
	for _, p := range l.persons {
		row := s.record(p)
		if id := row["id"]; id != p.id && (!l.ownKey || p.source != "shop" || !p.was[id]) {
			l.Fatalf("the key of %s is %s", p.name, id)
		}
		if number := row["number"]; number != p.typed && !p.was[number] {
			l.Fatalf("the number of %s is %s, which it never had", p.name, number)
		}
	}
	for _, r := range l.rows {
		if v, _ := s.of(r); v != r.typed && v != r.to.id && (!l.inPlace || !r.to.was[v]) {
			l.Fatalf("%s %d says %s, and means %s (typed %s, %v)", r.table, r.no, v, r.to.name, r.typed, slices.Sorted(maps.Keys(r.to.was)))
		}
	}
}

// followed holds the references to what a rewrite that came to its end makes
// of them.
func (l *life) followed() {
	l.Helper()
	s := l.state()
	for _, r := range l.rows {
		if p := r.to; p.known && !p.gone {
			got, beside := s.of(r)
			if !l.inPlace || l.ownKey && p.source == "crm" {
				got = beside
			}
			if got != p.now {
				l.Fatalf("%s %d says %s after a rewrite, and means %s, who is %s", r.table, r.no, got, p.name, p.now)
			}
		}
	}
	for _, p := range l.persons {
		if l.ownKey && p.source == "shop" && p.known && !p.gone && s.record(p)["id"] != p.now {
			l.Fatalf("the key of %s is %s after a rewrite, want %s", p.name, s.record(p)["id"], p.now)
		}
	}
}

// told holds the fields of the sources to what a publish makes of them.
func (l *life) told(all bool) {
	l.Helper()
	s := l.state()
	for _, p := range l.persons {
		if got := s.record(p)["number"]; p.known && !p.gone && (all || !p.emptied) && got != p.now {
			l.Fatalf("the number of %s is %s after a publish, want %s", p.name, got, p.now)
		}
	}
}
