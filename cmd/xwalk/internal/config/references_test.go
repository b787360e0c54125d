package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/charset"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// shops is a file with sources that references refer to.
const shops = `version: 1
canonical: { scheme: "CUST-{next:8}" }
sources:
  legacy: { connector: csv, path: legacy.csv, id: no, also: { code: code_client } }
  shop: { connector: mysql, dsn: "${SHOP_DSN}", table: customers, id: id }
  mail: { connector: mysql, dsn: "${SHOP_DSN}", query: "select Id, name from crm.` + "`People`" + ` p where id > 0", id: Id }
  branch: { connector: mysql, dsn: "${BRANCH_DSN}", table: members, id: { fields: [branch, no] } }
references:
`

func loadShops(t *testing.T, references string, vars ...string) (*File, References) {
	t.Helper()
	f, err := Load(write(t, shops+references), registry(&opened{}), env(vars...))
	if err != nil {
		t.Fatal(err)
	}
	refs, err := f.References()
	if err != nil {
		t.Fatal(err)
	}
	return f, refs
}

func TestDesignReferences(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/design.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Load(write(t, string(text)), registry(&opened{}), env("SHOP_DSN", "shop:pw@tcp(h)/db"))
	if err != nil {
		t.Fatal(err)
	}
	refs, err := f.References()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"accounts", "contacts", "legacy.code", "shop"}, refs.Spaces()); diff != "" {
		t.Errorf("spaces (-want +got):\n%s", diff)
	}
	var tables []*rewrite.Reference
	for _, r := range refs.Tables {
		ref, err := r.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, ref)
	}
	shop := rewrite.Database{Name: "shop", Dialect: sqldb.MySQL, DSN: "shop:pw@tcp(h)/db"}
	want := []*rewrite.Reference{
		{Database: shop, Table: "orders", Columns: []string{"customer_id"}, RefersTo: "shop", Write: "customer_no"},
		{
			Database: shop, Table: "notes", Columns: []string{"object_id"}, RefersTo: "shop", Write: rewrite.InPlace,
			Where: "object_type in ('contact','Contact') and object_id > 0",
		},
		{
			Database: shop, Table: "tickets", Columns: []string{"cust_code"}, RefersTo: "legacy.code", UniqueWith: []string{"ticket_no"},
			Keep: true, Shape: translate.Shape{None: []string{"", "0"}},
		},
	}
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if len(refs.Files) != 1 {
		t.Fatalf("%d files", len(refs.Files))
	}
	file, err := refs.Files[0].Resolve()
	if err != nil {
		t.Fatal(err)
	}
	wantFile := &rewrite.File{
		Name: "cases.csv", Path: filepath.Join(f.Dir, "cases.csv"), Out: filepath.Join(f.Dir, "cases.new.csv"),
		References: []rewrite.FileReference{{Columns: []string{"ContactId"}, RefersTo: "contacts"}, {Columns: []string{"AccountId"}, RefersTo: "accounts"}},
	}
	if diff := cmp.Diff(wantFile, file); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

// TestReferenceForms reads one entry in each of its forms.
func TestReferenceForms(t *testing.T) {
	t.Parallel()
	const dsn = "shop:pw@tcp(h)/db"
	db := rewrite.Database{Name: "shop", Dialect: sqldb.MySQL, DSN: dsn}
	for _, c := range []struct {
		name, entry string
		want        []*rewrite.Reference
	}{
		{
			"composite", "  - { in: shop, table: visits, column: [branch, member_no], refers_to: branch }\n",
			[]*rewrite.Reference{{Database: db, Table: "visits", Columns: []string{"branch", "member_no"}, RefersTo: "branch"}},
		},
		{
			"several columns", "  - { in: shop, table: deals, columns: { buyer: shop, seller: legacy.code }, write: in_place }\n",
			[]*rewrite.Reference{
				{Database: db, Table: "deals", Columns: []string{"buyer"}, RefersTo: "shop", Write: rewrite.InPlace},
				{Database: db, Table: "deals", Columns: []string{"seller"}, RefersTo: "legacy.code", Write: rewrite.InPlace},
			},
		},
		{
			"lists", "  - { in: shop, table: lists, column: members, refers_to: shop, split: \",\" }\n",
			[]*rewrite.Reference{{Database: db, Table: "lists", Columns: []string{"members"}, RefersTo: "shop", Shape: translate.Shape{Split: ","}}},
		},
		{
			"own key", "  - { in: shop, table: Customers, column: ID, refers_to: shop, write: in_place }\n",
			[]*rewrite.Reference{{Database: db, Table: "Customers", Columns: []string{"ID"}, RefersTo: "shop", Write: rewrite.InPlace, OwnKey: true}},
		},
		{
			"own key, with a schema, through another source of that database", "  - { in: mail, table: crm.customers, column: id, refers_to: shop }\n",
			[]*rewrite.Reference{{Database: rewrite.Database{Name: "mail", Dialect: sqldb.MySQL, DSN: dsn}, Table: "crm.customers", Columns: []string{"id"}, RefersTo: "shop", OwnKey: true}},
		},
		{
			"own key of a query", "  - { in: mail, table: people, column: id, refers_to: mail }\n",
			[]*rewrite.Reference{{Database: rewrite.Database{Name: "mail", Dialect: sqldb.MySQL, DSN: dsn}, Table: "people", Columns: []string{"id"}, RefersTo: "mail", OwnKey: true}},
		},
		{
			"a table that the query does not name", "  - { in: mail, table: peoples, column: id, refers_to: mail }\n",
			[]*rewrite.Reference{{Database: rewrite.Database{Name: "mail", Dialect: sqldb.MySQL, DSN: dsn}, Table: "peoples", Columns: []string{"id"}, RefersTo: "mail"}},
		},
		{
			"a connection of its own", "  - { connector: mysql, dsn: \"mysql://u:secret@h/erp\", table: bills, column: cust, refers_to: legacy }\n",
			[]*rewrite.Reference{{Database: rewrite.Database{Name: "erp", Dialect: sqldb.MySQL, DSN: "mysql://u:secret@h/erp"}, Table: "bills", Columns: []string{"cust"}, RefersTo: "legacy"}},
		},
		{
			"an address in a variable", "  - { connector: mysql, dsn: \"${SHOP_DSN}\", table: customers, column: id, refers_to: shop, where: \"${COND:-id > 7}\" }\n",
			[]*rewrite.Reference{{Database: rewrite.Database{Name: "SHOP_DSN", Dialect: sqldb.MySQL, DSN: dsn}, Table: "customers", Columns: []string{"id"}, RefersTo: "shop", OwnKey: true, Where: "id > 7"}},
		},
		{
			"the same column under other conditions", `  - { in: shop, table: notes, column: obj, where: "t = 'c'", refers_to: shop }
  - { in: shop, table: notes, column: obj, where: "t = 'a'", refers_to: legacy }
`,
			[]*rewrite.Reference{
				{Database: db, Table: "notes", Columns: []string{"obj"}, RefersTo: "shop", Where: "t = 'c'"},
				{Database: db, Table: "notes", Columns: []string{"obj"}, RefersTo: "legacy", Where: "t = 'a'"},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, refs := loadShops(t, c.entry, "SHOP_DSN", dsn)
			var got []*rewrite.Reference
			for _, r := range refs.Tables {
				ref, err := r.Resolve()
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, ref)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s(-want +got):\n%s", c.entry, diff)
			}
		})
	}
}

// TestFileReferences joins the entries of a file.
func TestFileReferences(t *testing.T) {
	t.Parallel()
	f, refs := loadShops(t, `  - { connector: csv, path: notes.csv, encoding: gbk, delimiter: ";", column: obj, refers_to: shop, where: "kind = 'contact'" }
  - { connector: csv, path: ./notes.csv, encoding: gbk, delimiter: ";", column: [b, n], refers_to: branch, where: "kind = 'member'", out: new/notes.csv }
  - { connector: jsonl, path: "${DIR}/events.jsonl.gz", columns: { "customer.id": shop, "items[].buyer": legacy }, keep: true, none: [0] }
`, "DIR", "/srv")
	if len(refs.Files) != 2 {
		t.Fatalf("%d files, want 2", len(refs.Files))
	}
	want := []*rewrite.File{{
		Name: "notes.csv", Path: filepath.Join(f.Dir, "notes.csv"), Out: filepath.Join(f.Dir, "new", "notes.csv"), Delimiter: ';', Charset: charset.GB18030,
		References: []rewrite.FileReference{
			{Columns: []string{"obj"}, RefersTo: "shop", Where: "kind = 'contact'"},
			{Columns: []string{"b", "n"}, RefersTo: "branch", Where: "kind = 'member'"},
		},
	}, {
		Name: "${DIR}/events.jsonl.gz", Path: "/srv/events.jsonl.gz", Out: "/srv/events.rewritten.jsonl.gz", JSON: true,
		References: []rewrite.FileReference{
			{Columns: []string{"customer.id"}, RefersTo: "shop", Keep: true, Shape: translate.Shape{None: []string{"0"}}},
			{Columns: []string{"items[].buyer"}, RefersTo: "legacy", Keep: true, Shape: translate.Shape{None: []string{"0"}}},
		},
	}}
	for i, r := range refs.Files {
		file, err := r.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[i], file); diff != "" {
			t.Errorf("file %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestReferencesResolveLate needs what a reference needs, when it is needed.
func TestReferencesResolveLate(t *testing.T) {
	t.Parallel()
	f, refs := loadShops(t, "  - { in: shop, table: orders, column: customer_id, refers_to: shop }\n  - { connector: csv, path: \"${CASES}\", column: c, refers_to: shop }\n  - { in: branch, table: t, column: c, refers_to: legacy, where: \"${COND}\" }\n", "BRANCH_DSN", "b")
	if _, err := f.Ruleset(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		resolve func() error
		want    string
	}{
		{func() error { _, err := refs.Tables[0].Resolve(); return err }, "sources.shop.dsn needs the environment variable SHOP_DSN"},
		{func() error { _, err := refs.Tables[1].Resolve(); return err }, "references[2].where needs the environment variable COND"},
		{func() error { _, err := refs.Files[0].Resolve(); return err }, "references[1].path needs the environment variable CASES"},
	} {
		if err := c.resolve(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	// A variable in a column's name concerns references, not the rules.
	f, err := Load(write(t, shops+"  - { in: shop, table: t, column: \"${COLUMN}\", refers_to: shop }\n"), registry(&opened{}), env())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Ruleset(); err != nil {
		t.Error(err)
	}
	if _, err := f.References(); err == nil || !strings.Contains(err.Error(), "needs the environment variable COLUMN") {
		t.Errorf("%v, want that COLUMN is missing", err)
	}
}

func TestReferenceProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, entry string
		want        []string
	}{
		{"unknown database", "  - { in: shp, table: t, column: c }\n", []string{`there is no source "shp"`, `did you mean "shop"?`, `references[0] needs the key "refers_to"`}},
		{"not a database", "  - { in: legacy, table: t, column: c, refers_to: shop }\n", []string{"9:11: references[0].in: legacy is read by csv, which is no database", "connector: csv and path"}},
		{"nothing to open", "  - { table: t, column: c, refers_to: shop }\n", []string{`references[0] needs the key "in" or "connector"`}},
		{"two ways to open", "  - { in: shop, connector: csv, table: t, column: c, refers_to: shop }\n", []string{"references[0] has both connector and in"}},
		{"unknown connector", "  - { connector: mysq, table: t, column: c, refers_to: shop }\n", []string{`found "mysq", expected csv, jsonl or mysql`, `did you mean "mysql"?`}},
		{"later connector", "  - { connector: salesforce, column: c, refers_to: shop }\n", []string{"[config.not_yet]"}},
		{"no table", "  - { in: shop, column: c, refers_to: shop }\n", []string{`references[0] needs the key "table"`}},
		{"no column", "  - { in: shop, table: t, refers_to: shop }\n", []string{`references[0] needs the key "column"`}},
		{"no path", "  - { connector: csv, column: c, refers_to: shop }\n", []string{`references[0] needs the key "path"`}},
		{"unknown key", "  - { connector: csv, path: p, colums: { A: shop } }\n", []string{`unknown key "colums" in references[0]`, `did you mean "column"?`}},
		{"unknown key of a table", "  - { in: shop, tble: t, column: c, refers_to: shop }\n", []string{`unknown key "tble" in references[0]`, `did you mean "table"?`}},
		{"column and columns", "  - { in: shop, table: t, column: c, columns: { A: shop }, refers_to: shop }\n", []string{"references[0] has both column and columns"}},
		{"columns and refers_to", "  - { in: shop, table: t, columns: { A: shop }, refers_to: shop }\n", []string{"references[0] has both columns and refers_to"}},
		{"no columns", "  - { in: shop, table: t, columns: {} }\n", []string{"references[0].columns is empty"}},
		{"a column twice", "  - { in: shop, table: t, column: [a, a], refers_to: branch }\n", []string{"references[0].column names a twice"}},
		{"parts", "  - { in: shop, table: t, column: c, refers_to: branch }\n", []string{"9:35: references[0].refers_to: an ID of branch has 2 parts, found 1", "column: [branch, no]"}},
		{"too many parts", "  - { in: shop, table: t, column: [a, b], refers_to: shop }\n", []string{"an ID of shop has 1 part, found 2"}},
		{"composite in place", "  - { in: shop, table: t, column: [a, b], refers_to: branch, write: in_place }\n", []string{"references[0].write: 2 columns cannot become one canonical ID in place"}},
		{"composite list", "  - { in: shop, table: t, column: [a, b], refers_to: branch, split: \",\" }\n", []string{"the parts of a composite ID stand in columns of their own"}},
		{"one target for two", "  - { in: shop, table: t, columns: { a: shop, b: shop }, write: no }\n", []string{"references[0].write: 2 references cannot write into one column"}},
		{"own column as target", "  - { in: shop, table: t, column: a, refers_to: shop, write: a }\n", []string{"references[0].write: a is the reference's own column", "in_place"}},
		{"out of a table", "  - { in: shop, table: t, column: a, refers_to: shop, out: b }\n", []string{`references[0] cannot have the key "out"`, "write: in_place"}},
		{"query", "  - { connector: mysql, dsn: x, table: t, query: q, column: a, refers_to: shop }\n", []string{`references[0] cannot have the key "query"`}},
		{"write to a file", "  - { connector: csv, path: p, column: a, refers_to: shop, write: in_place }\n", []string{`references[0] cannot have the key "write"`, "out names its copy"}},
		{"unique in a file", "  - { connector: csv, path: p, column: a, refers_to: shop, unique_with: [b] }\n", []string{`references[0] cannot have the key "unique_with"`}},
		{"condition on JSON", "  - { connector: jsonl, path: p, column: a, refers_to: shop, where: \"b = '1'\" }\n", []string{`9:69: references[0] cannot have the key "where"`, "conditions are for tables and for csv"}},
		{"delimiter of JSON", "  - { connector: jsonl, path: p, column: a, refers_to: shop, delimiter: \",\" }\n", []string{`references[0] cannot have the key "delimiter"`}},
		{"encoding", "  - { connector: csv, path: p, column: a, refers_to: shop, encoding: utf-99 }\n", []string{"references[0].encoding:", "utf-99"}},
		{"delimiter", "  - { connector: csv, path: p, column: a, refers_to: shop, delimiter: xyz }\n", []string{"references[0].delimiter:"}},
		{"out is the file", "  - { connector: csv, path: p.csv, column: a, refers_to: shop, out: ./p.csv }\n", []string{"references[0].out is the file itself"}},
		{"out is a source", "  - { connector: csv, path: p.csv, column: a, refers_to: shop, out: legacy.csv }\n", []string{"references[0].out is the file of source legacy"}},
		{"out twice", "  - { connector: csv, path: p, column: a, refers_to: shop, out: o }\n  - { connector: csv, path: q, column: a, refers_to: shop, out: o }\n", []string{"references[1].out is the copy of references[0]"}},
		{"two outs of a file", "  - { connector: csv, path: p, column: a, refers_to: shop, out: o }\n  - { connector: csv, path: p, column: b, refers_to: shop, out: u }\n", []string{"references[1]: p has another out in references[0]"}},
		{"two encodings of a file", "  - { connector: csv, path: p, column: a, refers_to: shop, encoding: gbk }\n  - { connector: csv, path: p, column: b, refers_to: shop }\n", []string{"references[1]: p is opened otherwise by references[0]"}},
		{"a reference twice", "  - { in: shop, table: t, column: a, refers_to: shop }\n  - { in: shop, table: t, column: a, refers_to: legacy }\n", []string{"references[1]: shop: t.a is a reference already, on line 9"}},
		{"split on nothing", "  - { in: shop, table: t, column: a, refers_to: shop, split: \"\" }\n", []string{"references[0].split is empty"}},
		{"pattern", "  - { in: shop, table: t, column: a, refers_to: shop, pattern: \"(\" }\n", []string{"references[0].pattern:"}},
		{"keep", "  - { in: shop, table: t, column: a, refers_to: shop, keep: yes }\n", []string{"references[0].keep", "write true"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, shops+c.entry)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("for\n%s\ngot\n%s\nwant it to contain %q", c.entry, got, want)
				}
			}
		})
	}
}

// TestReferenceWarnings tells what is allowed and likely not meant.
func TestReferenceWarnings(t *testing.T) {
	t.Parallel()
	f, _ := loadShops(t, "  - { in: shop, table: t, column: a, refers_to: legacy.cod }\n  - { in: shop, table: t, column: b, refers_to: gone, write: inplace }\n")
	got := diag.List(f.Warnings).Error()
	for _, want := range []string{`references[0].refers_to: the file has no source "legacy.cod"`, `did you mean "legacy.code"?`, `no source "gone"`, `references[1].write: inplace is taken for the name of a column`} {
		if !strings.Contains(got, want) {
			t.Errorf("warnings\n%s\nwant %q", got, want)
		}
	}
}

// TestReferenceSecrets holds that problems of references show no address.
func TestReferenceSecrets(t *testing.T) {
	t.Parallel()
	_, err := Load(write(t, shops+"  - { connector: mysql, dsn: \"mysql://u:hunter2@h/db\", tble: x, column: a, refers_to: shop }\n"), registry(&opened{}), env())
	var list diag.List
	if !errors.As(err, &list) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v, want problems without the password", err)
	}
}
