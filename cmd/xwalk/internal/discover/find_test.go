package discover

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// folder makes files in a new folder. A name that ends in .db becomes a
// database, its content being SQL.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".db") {
			execute(t, path, content)
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func execute(t *testing.T, dsn, script string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), dsn, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for statement := range strings.SplitSeq(script, ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

const (
	persons = "id,name,email\n1,Ann,ann@example.com\n"
	shopSQL = "CREATE TABLE customers (id TEXT, name TEXT, email TEXT); INSERT INTO customers VALUES ('U1', 'Ann', 'a@example.com');" +
		"CREATE TABLE orders (id INTEGER, customer_id TEXT, total REAL); INSERT INTO orders VALUES (1, 'U1', 2.5);" +
		"CREATE TABLE xwalk_link (name TEXT, email TEXT, phone TEXT)"
	twoSQL = "CREATE TABLE contacts (id TEXT, name TEXT, email TEXT); INSERT INTO contacts VALUES ('1', 'Ann', 'a@example.com');" +
		"CREATE TABLE accounts (id TEXT, name TEXT, phone TEXT, tax_id TEXT); INSERT INTO accounts VALUES ('1', 'ACME', '1', '2');" +
		"INSERT INTO accounts VALUES ('2', 'ACME', '1', '2')"
)

// TestFind reads arguments. DIR stands for the folder of the files.
func TestFind(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"a.csv": persons, "b.tsv": strings.ReplaceAll(persons, ",", "\t"), "north/list.csv": persons, "south/list.csv": persons, "empty/x.md": "# x",
		"shop.db": shopSQL, "two.db": twoSQL, "with#hash.csv": persons, "ann:1@x=${CRM}": persons, "客户 2024.csv": persons, "mixed/notes.md": "# x", "mixed/a.csv": persons, "mixed/shop.db": shopSQL,
		"lone/things.db": "CREATE TABLE things (code TEXT); INSERT INTO things VALUES ('1')",
		"unclear/a.csv":  persons, "unclear/two.db": twoSQL, "unclear/old.db": "CREATE TABLE xwalk_link (id TEXT)",
	})
	tests := []struct {
		name  string
		args  []string
		table string
		want  []string // name: connector path-or-table
		notes []string
	}{
		{name: "a path", args: []string{"DIR/a.csv"}, want: []string{"a: csv DIR/a.csv"}},
		{name: "a quoted pattern", args: []string{"DIR/*.?sv"}, want: []string{"a: csv DIR/a.csv", "b: csv DIR/b.tsv", "with_hash: csv DIR/with#hash.csv", "客户_2024: csv DIR/客户 2024.csv"}},
		{name: "one name in two folders", args: []string{"DIR/*/list.csv"}, want: []string{"north_list: csv DIR/north/list.csv", "south_list: csv DIR/south/list.csv"}},
		{
			name: "a folder", args: []string{"DIR/mixed"}, want: []string{"a: csv DIR/mixed/a.csv", "shop: sqlite DIR/mixed/shop.db table customers"},
			notes: []string{
				"DIR/mixed: took a.csv, shop.db", "DIR/mixed: left out notes.md",
				"DIR/mixed/shop.db: took the table customers; no other of its 2 tables looks like customers",
			},
		},
		{
			name: "a folder with an unclear database", args: []string{"DIR/unclear"}, want: []string{"a: csv DIR/unclear/a.csv"},
			notes: []string{"DIR/unclear: took a.csv, old.db, two.db", "left out: DIR/unclear/old.db: there is no table in the database", "left out: DIR/unclear/two.db: several tables may hold the customers"},
		},
		{
			name: "one likely table", args: []string{"sqlite:DIR/shop.db"}, want: []string{"shop: sqlite DIR/shop.db table customers"},
			notes: []string{"DIR/shop.db: took the table customers; no other of its 2 tables looks like customers"},
		},
		{name: "a table behind #", args: []string{"DIR/two.db#accounts", "sqlite:DIR/two.db?table=contacts"}, want: []string{"two_accounts: sqlite DIR/two.db table accounts", "two_contacts: sqlite DIR/two.db table contacts"}},
		{name: "the only table", args: []string{"DIR/lone/things.db"}, want: []string{"things: sqlite DIR/lone/things.db table things"}},
		{name: "--table", args: []string{"DIR/two.db", "DIR/a.csv"}, table: "contacts", want: []string{"two: sqlite DIR/two.db table contacts", "a: csv DIR/a.csv"}},
		{name: "# in a file's name", args: []string{"DIR/with#hash.csv"}, want: []string{"with_hash: csv DIR/with#hash.csv"}},
		{name: "a file named like an address", args: []string{"DIR/ann:1@x=${CRM}"}, want: []string{"ann_1_x___CRM: csv DIR/ann:1@x=${CRM}"}},
		{name: "named twice", args: []string{"DIR/a.csv", "DIR/./a.csv"}, want: []string{"a: csv DIR/a.csv"}, notes: []string{"DIR/./a.csv is named twice; once is enough"}},
		{name: "a server's table", args: []string{"postgres://ann:secret@db:5432/crm?sslmode=disable&table=people"}, want: []string{"crm: postgres postgres://db:5432/crm table people"}},
		{name: "a server by its variable", args: []string{"${CRM}#people"}, want: []string{"crm: mysql mysql://db/crm table people"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var args []string
			for _, a := range tt.args {
				args = append(args, strings.Replace(a, "DIR", dir, 1))
			}
			places, notes, err := Find(t.Context(), args, Options{Registry: all.Registry(), Table: tt.table, Getenv: func(name string) (string, bool) {
				return "mysql://ann:secret@db/crm", name == "CRM"
			}})
			if err != nil {
				t.Fatal(err)
			}
			var got, said []string
			for _, p := range places {
				got = append(got, strings.ReplaceAll(p.Name+": "+p.Connector()+" "+p.String(), dir, "DIR"))
			}
			for _, n := range notes {
				said = append(said, strings.ReplaceAll(n, dir, "DIR"))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, said); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"a.csv": persons, "empty/x.md": "# x", "two.db": twoSQL, "none.db": "CREATE TABLE xwalk_link (id TEXT)"})
	tests := []struct {
		args  []string
		table string
		want  string
	}{
		{[]string{"DIR/aa.csv"}, "", `did you mean "DIR/a.csv"?`},
		{[]string{"DIR/*.xyz"}, "", "DIR/*.xyz: no file fits the pattern"},
		{[]string{"DIR/[.csv"}, "", "the pattern cannot be read"},
		{[]string{"DIR/empty"}, "", "no file in the folder holds a table"},
		{[]string{"DIR/two.db"}, "", "several tables may hold the customers:\n    accounts (2 rows)\n    contacts (1 row)\n  hint: choose with --table accounts"},
		{[]string{"DIR/none.db"}, "", "there is no table in the database"},
		{[]string{"DIR/a.csv"}, "x", "--table x: there are 0 databases, not one"},
		{[]string{"oracle://ann:secret@db/crm"}, "", "there is no such kind of database"},
		{[]string{"postgres://ann:sec%zzret@db/crm"}, "", "the address cannot be read"},
		{[]string{"${NONE}"}, "", "the variable is not set"},
		{[]string{"${NONE"}, "", "open ${NONE: file does not exist"},
		{[]string{"ann:secret@tcp(db)/crm"}, "", "no address of a database"},
		{[]string{"host=db password=secret*"}, "", "no address of a database"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			var args []string
			for _, a := range tt.args {
				args = append(args, strings.Replace(a, "DIR", dir, 1))
			}
			_, _, err := Find(t.Context(), args, Options{Registry: all.Registry(), Table: tt.table, Getenv: func(string) (string, bool) { return "", false }})
			if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir, "DIR"), tt.want) {
				t.Fatalf("got error %v, want it to contain %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec%zzret") {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
}

// TestFindAsks has a person choose among likely tables.
func TestFindAsks(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			execute(t, dsn, twoSQL)
			var asked []Choice
			choose := func(_ string, tables []Choice) (string, error) {
				asked = tables
				return tables[1].Table, nil
			}
			places, _, err := Find(t.Context(), []string{dsn}, Options{Registry: all.Registry(), Choose: choose})
			if err != nil {
				t.Fatal(err)
			}
			if len(asked) != 2 || asked[0].Table != "accounts" || asked[0].Rows != 2 || asked[1].Rows != 1 {
				t.Errorf("asked for %+v", asked)
			}
			columns, err := places[0].Columns(t.Context())
			if diff := cmp.Diff([]string{"id", "name", "email"}, columns); diff != "" || err != nil {
				t.Errorf("columns of the chosen table: %v\n%s", err, diff)
			}
		})
	}
	stop := errors.New("enough")
	dir := folder(t, map[string]string{"two.db": twoSQL})
	_, _, err := Find(t.Context(), []string{dir + "/two.db"}, Options{Registry: all.Registry(), Choose: func(string, []Choice) (string, error) { return "", stop }})
	if !errors.Is(err, stop) {
		t.Errorf("the person's error is lost: %v", err)
	}
}
