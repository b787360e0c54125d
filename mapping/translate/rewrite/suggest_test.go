package rewrite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/fixtures/sampledb"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// officeTables are the tables of an office: three tables of customers, and
// others that refer to them or only look as if.
var officeTables = []string{
	`CREATE TABLE customers (customer_no varchar(10) PRIMARY KEY, code varchar(10), parent_no varchar(10), FOREIGN KEY (parent_no) REFERENCES customers (customer_no))`,
	`CREATE TABLE contacts (id integer PRIMARY KEY, name varchar(40))`,
	`CREATE TABLE persons (id integer PRIMARY KEY)`,
	`CREATE TABLE dealers (branch varchar(4), no varchar(6), city varchar(40), PRIMARY KEY (branch, no))`,
	`CREATE TABLE products (id integer PRIMARY KEY, name varchar(40))`,
	`CREATE TABLE orders (id integer PRIMARY KEY, cust varchar(10), contact_id integer, quantity integer, product_id integer, cents integer, status varchar(2),
		FOREIGN KEY (cust) REFERENCES customers (customer_no), FOREIGN KEY (product_id) REFERENCES products (id))`,
	`CREATE TABLE tickets (id integer PRIMARY KEY, fk_customer varchar(10), watchers varchar(200), kunde_nr varchar(10), age integer, about varchar(80))`,
	`CREATE TABLE notes (id integer PRIMARY KEY, object_type varchar(20), object_id varchar(10))`,
	`CREATE TABLE messages (id integer PRIMARY KEY, sender varchar(10), payer integer)`,
	`CREATE TABLE dealer_orders (id integer PRIMARY KEY, d_branch varchar(4), d_no varchar(6), FOREIGN KEY (d_branch, d_no) REFERENCES dealers (branch, no))`,
	`CREATE TABLE dealer_visits (id integer PRIMARY KEY, branch varchar(4), no varchar(6))`,
	`CREATE TABLE contact_profiles (contact integer PRIMARY KEY, FOREIGN KEY (contact) REFERENCES contacts (id))`,
	`CREATE TABLE profile_logs (id integer PRIMARY KEY, profile_id integer, FOREIGN KEY (profile_id) REFERENCES contact_profiles (contact))`,
	`CREATE TABLE invoice_lines (id integer PRIMARY KEY, invoice_id integer)`,
	`CREATE TABLE surveys (id integer PRIMARY KEY, contact_id integer, customer_group_id integer, customer_name varchar(40))`,
	`CREATE TABLE xwalk_rewrite_old (id integer PRIMARY KEY, customer_no varchar(10))`,
	`CREATE TABLE known_refs (id integer PRIMARY KEY, customer_no varchar(10), customer_no_canonical varchar(30))`,
	`CREATE VIEW order_view AS SELECT cust AS customer_no FROM orders`,
}

// office fills the tables and says what its customers mean.
type office struct {
	random *rand.Rand
	rows   map[string][][]any
	links  []meant
}

func (o *office) add(table string, cells ...any) { o.rows[table] = append(o.rows[table], cells) }

func (o *office) link(space, id string) {
	o.links = append(o.links, meant{Link: sampledb.Link{Space: space, ID: id, Canonical: fmt.Sprintf("CUST-%06d", len(o.links)+1)}})
}

// below is any number from 1 to n.
func (o *office) below(n int) int { return 1 + o.random.IntN(n) }

func newOffice() *office {
	o := &office{random: rand.New(rand.NewPCG(1, 2)), rows: map[string][][]any{}}
	for i := 1; i <= 500; i++ {
		no, code := fmt.Sprintf("C%05d", i), fmt.Sprintf("K-%04d", i)
		o.link("legacy", no)
		o.link("legacy.code", code)
		var parent any
		if i%3 == 0 {
			parent = fmt.Sprintf("C%05d", i/3)
		}
		o.add("customers", no, code, parent)
		o.link("people", fmt.Sprint(7*i))
		o.add("persons", 7*i)
		o.add("products", i, "Product")
	}
	for i := 1; i <= 2000; i++ {
		o.link("contacts", fmt.Sprint(i))
		o.add("contacts", i, fmt.Sprintf("Name %d", i))
	}
	for i := 1; i <= 60; i++ {
		o.link("dealers", fmt.Sprintf("B%d|%d", i%3, i))
		o.add("dealers", fmt.Sprintf("B%d", i%3), fmt.Sprint(i), "Town")
	}
	o.fillBusiness()
	return o
}

func (o *office) fillBusiness() {
	customer := func() string { return fmt.Sprintf("C%05d", o.below(500)) }
	for i := 1; i <= 900; i++ {
		o.add("orders", i, customer(), o.below(2000), o.below(50), o.below(500), 100*o.below(900_000), string(rune('A'+i%4)))
		fk := customer()
		switch i % 10 {
		case 0:
			fk = "N/A"
		case 1:
			fk = ""
		}
		watchers := fmt.Sprintf("%d;%d; %d", o.below(2000), o.below(2000), o.below(2000))
		o.add("tickets", i, fk, watchers, fmt.Sprintf("K-%04d", o.below(520)), o.below(90), "call back C00001 soon")
		kind, object := "customer", customer()
		switch i % 4 {
		case 0:
			kind, object = "contact", fmt.Sprint(o.below(2000))
		case 1:
			kind, object = "Contact", fmt.Sprint(o.below(2000))
		case 2:
			kind, object = "product", fmt.Sprint(o.below(500))
		}
		o.add("notes", i, kind, object)
		o.add("messages", i, customer(), 7*o.below(500))
		d := o.below(60)
		o.add("dealer_orders", i, fmt.Sprintf("B%d", d%3), fmt.Sprint(d))
		o.add("dealer_visits", i, fmt.Sprintf("B%d", d%3), fmt.Sprint(d))
		o.add("contact_profiles", 2*i)
		o.add("profile_logs", i, 2*o.below(900))
		o.add("invoice_lines", i, o.below(2000))
		o.add("xwalk_rewrite_old", i, customer())
		o.add("known_refs", i, customer(), "CUST-000001")
	}
}

// fill makes the tables.
func (o *office) fill(ctx context.Context, t *testing.T, db *sqldb.DB) {
	t.Helper()
	for _, s := range officeTables {
		carryOut(t, db, s)
	}
	tx, err := db.Begin(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range officeTables {
		name := strings.Fields(s)[2]
		rows := o.rows[name]
		if len(rows) == 0 {
			continue
		}
		columns, err := sqldb.TableColumns(ctx, db, name)
		if err != nil {
			t.Fatal(err)
		}
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = c.Name
		}
		err = sqldb.BulkInsert(ctx, tx, name, names, len(rows), func(i int, row *sqldb.Row) {
			for _, cell := range rows[i] {
				switch v := cell.(type) {
				case string:
					row.Text(v)
				case int:
					row.Int(int64(v))
				default:
					row.Null()
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

var officeOwn = []rewrite.Own{
	{Space: "legacy", Table: "customers", Columns: []string{"customer_no"}},
	{Space: "legacy.code", Table: "customers", Columns: []string{"code"}},
	{Space: "contacts", Table: "contacts", Columns: []string{"id"}},
	{Space: "people", Table: "persons", Columns: []string{"id"}},
	{Space: "dealers", Table: "dealers", Columns: []string{"branch", "no"}},
}

// told writes a suggestion as one line.
func told(s rewrite.Suggestion) string {
	r := s.Reference
	line := fmt.Sprintf("%s(%s) -> %s %.2f %s", r.Table, strings.Join(r.Columns, ", "), r.RefersTo, s.Share, strings.Join(s.Why, ", "))
	for name, value := range map[string]string{"where": r.Where, "split": r.Shape.Split, "none": strings.Join(r.Shape.None, "|")} {
		if value != "" {
			line += " " + name + " " + value
		}
	}
	return line
}

// TestSuggest finds every planted reference of an office, and no others but
// one that it warns of.
func TestSuggest(t *testing.T) {
	t.Parallel()
	o := newOffice()
	tables := tablesOf(t, o.links)
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			db := rewrite.Database{Name: "office", Dialect: d, DSN: dbtest.Database(t, d)}
			h, err := sqldb.Open(t.Context(), db.DSN, sqldb.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = h.Close() }()
			o.fill(t.Context(), t, h)
			known := []*rewrite.Reference{{Database: db, Table: "known_refs", Columns: []string{"customer_no"}, RefersTo: "legacy"}}
			found, err := rewrite.Suggest(t.Context(), db, officeOwn, known, tables)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range found {
				got = append(got, told(s))
			}
			kind := d.Quote("object_type")
			const byChance = "values, numbers over the whole range of the source's; 100% of any such numbers resolve, so look before you believe it"
			want := []string{
				"contact_profiles(contact) -> contacts 1.00 declared foreign key",
				"customers(parent_no) -> legacy 1.00 declared foreign key",
				"dealer_orders(d_branch, d_no) -> dealers 1.00 declared foreign key",
				"orders(cust) -> legacy 1.00 declared foreign key",
				"profile_logs(profile_id) -> contacts 1.00 declared foreign key, to contact_profiles.contact, which holds them",
				"dealer_visits(branch, no) -> dealers 1.00 name, values",
				"notes(object_id) -> contacts 1.00 name, values, where object_type says so where " + kind + " IN ('Contact', 'contact')",
				"notes(object_id) -> legacy 1.00 name, values, where object_type says so where " + kind + " = 'customer'",
				"orders(contact_id) -> contacts 1.00 name, values",
				"tickets(fk_customer) -> legacy 1.00 name, values none N/A",
				"tickets(kunde_nr) -> legacy.code 0.96 name, values",
				"messages(payer) -> people 1.00 values, numbers that resolve where 14% of any such numbers would",
				"messages(sender) -> legacy 1.00 values",
				"invoice_lines(invoice_id) -> contacts 1.00 " + byChance, // the one that is not planted
				"tickets(watchers) -> contacts 1.00 " + byChance + " split ;",
				"surveys(contact_id) -> contacts 0.00 name, the column is empty as far as we looked",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSuggestNames suggests what can be used as it is, whatever things are
// called: the table is found and so is the column.
func TestSuggestNames(t *testing.T) {
	t.Parallel()
	var links []meant
	for i := range 40 {
		links = append(links, meant{Link: sampledb.Link{Space: "shop", ID: fmt.Sprintf("K-%03d", i), Canonical: fmt.Sprintf("CUST-%03d", i)}})
	}
	tables := tablesOf(t, links)
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			q := d.Quote
			odd := q("odd `one`.\"two\" größe")
			statements := []string{
				"CREATE TABLE " + odd + " (id integer PRIMARY KEY, " + q("cust \"id\" `x`.y") + " varchar(9))",
				"CREATE TABLE " + q("select") + " (" + q("it's") + " varchar(9), " + q("it's type") + " varchar(9))",
			}
			other := "main"
			if d == sqldb.Postgres {
				other = "far.away"
				statements = append(statements, "CREATE SCHEMA "+q(other), "CREATE TABLE "+q(other)+"."+q("select")+" (customer varchar(9))")
			}
			for i := range 40 {
				id := fmt.Sprintf("K-%03d", i)
				statements = append(statements, fmt.Sprintf("INSERT INTO %s VALUES (%d, '%s')", odd, i, id))
				kind := []string{"it's", "sho\\p"}[i%2]
				if i%2 == 0 {
					id = fmt.Sprintf("Z-%03d", i)
				}
				if d == sqldb.MySQL {
					kind = strings.ReplaceAll(kind, `\`, `\\`)
				}
				statements = append(statements, fmt.Sprintf("INSERT INTO %s VALUES ('%s', '%s')", q("select"), id, strings.ReplaceAll(kind, "'", "''")))
				if d == sqldb.Postgres {
					statements = append(statements, fmt.Sprintf("INSERT INTO %s.%s VALUES ('K-%03d')", q(other), q("select"), i))
				}
			}
			db := rewrite.Database{Name: "shop", Dialect: d, DSN: dbtest.Database(t, d)}
			h, err := sqldb.Open(t.Context(), db.DSN, sqldb.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = h.Close() }()
			carryOut(t, h, statements...)
			found, err := rewrite.Suggest(t.Context(), db, nil, nil, tables)
			if err != nil {
				t.Fatal(err)
			}
			want := 2
			if d == sqldb.Postgres {
				want = 3
			}
			if len(found) != want {
				t.Errorf("got %d suggestions, want %d: %+v", len(found), want, found)
			}
			for _, s := range found {
				r := s.Reference
				if _, ok := inspect(t, h, r.Table).Column(r.Columns[0]); !ok {
					t.Errorf("%s has no column %q", r.Table, r.Columns[0])
				}
				var rows int64
				query := "SELECT COUNT(*) FROM " + d.Table(r.Table)
				if (r.Where != "") != (r.Columns[0] == "it's") {
					t.Errorf("%s: got the condition %q", r.Name(), r.Where)
				}
				if r.Where != "" {
					query += " WHERE " + r.Where
				}
				if err := h.GetContext(t.Context(), &rows, query); err != nil || rows != s.Sampled {
					t.Errorf("%s: got %d rows, %v; want %d", query, rows, err, s.Sampled)
				}
			}
		})
	}
}

// TestSuggestKnown leaves out what is a reference already: as a whole, or in
// the rows of its condition.
func TestSuggestKnown(t *testing.T) {
	t.Parallel()
	o := newOffice()
	tables := tablesOf(t, o.links)
	db := rewrite.Database{Name: "office", DSN: dbtest.SQLite(t)}
	h, err := sqldb.Open(t.Context(), db.DSN, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	o.fill(t.Context(), t, h)
	known := []*rewrite.Reference{
		{Database: db, Table: "NOTES", Columns: []string{"Object_ID"}, RefersTo: "contacts", Where: "object_type = 'contact'"},
		{Database: db, Table: "main.orders", Columns: []string{"cust"}, RefersTo: "legacy", Write: "status"},
		{Database: db, Table: "dealer_orders", Columns: []string{"d_branch", "d_no"}, RefersTo: "dealers"},
		{Database: rewrite.Database{Name: "office", DSN: "other.db"}, Table: "messages", Columns: []string{"sender"}, RefersTo: "legacy"},
		{Database: db, Table: "known_refs", Columns: []string{"customer_no"}, RefersTo: "legacy"},
	}
	found, err := rewrite.Suggest(t.Context(), db, officeOwn, known, tables)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, s := range found {
		got[s.Reference.Table+"."+s.Reference.Columns[0]+" "+s.Reference.RefersTo] = true
	}
	for name, want := range map[string]bool{
		"notes.object_id contacts": false, "notes.object_id legacy": true, "orders.cust legacy": false, "dealer_orders.d_branch dealers": false,
		"messages.sender legacy": true, "known_refs.customer_no legacy": false,
	} {
		if got[name] != want {
			t.Errorf("%s: suggested %t, want %t", name, got[name], want)
		}
	}
}

// TestSuggestFollowsKnown finds what refers to a reference that is named
// already, and looks at its own values.
func TestSuggestFollowsKnown(t *testing.T) {
	t.Parallel()
	o := newOffice()
	tables := tablesOf(t, o.links)
	db := rewrite.Database{Name: "office", DSN: dbtest.SQLite(t)}
	h, err := sqldb.Open(t.Context(), db.DSN, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	o.fill(t.Context(), t, h)
	carryOut(t, h, "DELETE FROM profile_logs WHERE id > 10")
	known := []*rewrite.Reference{{Database: db, Table: "contact_profiles", Columns: []string{"contact"}, RefersTo: "contacts"}}
	found, err := rewrite.Suggest(t.Context(), db, officeOwn, known, tables)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(s rewrite.Suggestion) bool { return s.Reference.Table == "profile_logs" })
	if i < 0 || found[i].Sampled != 10 || found[i].Share != 1 {
		t.Errorf("got %+v, want profile_logs with 10 values", found)
	}
}

// TestSuggestSmallNumbers does not take flags and quantities for IDs, and says
// where numbers fit two sources.
func TestSuggestSmallNumbers(t *testing.T) {
	t.Parallel()
	var links []meant
	for i := 1; i <= 1000; i++ {
		for _, space := range []string{"contacts", "accounts"} {
			links = append(links, meant{Link: sampledb.Link{Space: space, ID: fmt.Sprint(i), Canonical: fmt.Sprintf("%s-%d", strings.ToUpper(space), i)}})
		}
	}
	tables := tablesOf(t, links)
	db := rewrite.Database{Name: "crm", DSN: dbtest.SQLite(t)}
	h, err := sqldb.Open(t.Context(), db.DSN, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	carryOut(t, h, "CREATE TABLE contact (id INTEGER PRIMARY KEY)", "CREATE VIEW accounts AS SELECT no AS id FROM base",
		"CREATE TABLE base (no INTEGER NOT NULL UNIQUE)",
		"CREATE TABLE things (id INTEGER PRIMARY KEY, contact INTEGER, quantity INTEGER, contact_id INTEGER, customer_id INTEGER, partner_id INTEGER, age INTEGER)",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO base SELECT i FROM n",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO things SELECT i, i % 2, i % 40, i * 7 % 1000 + 1, i * 11 % 1000 + 1, 0, i % 90 FROM n")
	own := []rewrite.Own{{Space: "contacts", Table: "contact", Columns: []string{"id"}}, {Space: "accounts", Table: "accounts", Columns: []string{"id"}}}
	found, err := rewrite.Suggest(t.Context(), db, own, nil, tables)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range found {
		got = append(got, told(s))
	}
	want := []string{
		"things(contact_id) -> contacts 1.00 name, values",
		"things(customer_id) -> accounts 1.00 name, values, but 100% of any such numbers resolve, as many are IDs of contacts",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
