package rewrite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// graph is a generated database: tables whose columns refer to customers in
// all the ways that people think of, and what each cell truly means. It is the
// same for a seed and dialect.
type graph struct {
	r       *rand.Rand
	dialect sqldb.Dialect
	dsn     string
	spaces  map[string]*graphSpace
	tables  []*graphTable
	refs    []*graphRef
	numbers map[string]int // canonical ID in force: the customer
}

// graphSpace is an ID space. Its own table, where it has one, is a source.
type graphSpace struct {
	name    string
	no      int
	ids     []string       // of customers in force and of those that are gone
	meaning map[string]int // the customer; none where the customer is gone
	own     *graphTable
	inPlace bool // its own key is rewritten
	integer bool // its IDs are numbers
}

// graphTable is a table. Each row has a mark, which nothing refers to.
type graphTable struct {
	name    string
	columns []graphColumn
	key     []string
	foreign []string // clauses
	rows    [][]any
}

type graphColumn struct{ name, sql string }

// graphRef is a reference and, by the mark of each row that it covers, the
// customers that it means: none for an empty one, nil for an orphan.
type graphRef struct {
	*rewrite.Reference
	table *graphTable
	truth map[int][]int
	list  bool
}

const (
	graphCustomers = 40
	goneCustomer   = -1
)

func canonicalOf(customer int) string { return fmt.Sprintf("CUST-%06d", customer+1) }

func newGraph(seed uint64, d sqldb.Dialect, dsn string) *graph {
	g := &graph{
		r: rand.New(rand.NewPCG(seed, 7)), dialect: d, dsn: dsn,
		spaces: map[string]*graphSpace{}, numbers: map[string]int{},
	}
	for c := range graphCustomers {
		g.numbers[canonicalOf(c)] = c
	}
	g.space("crm", func(i int) string { return fmt.Sprintf("C%03d", i) })
	g.space("shop", func(i int) string { return fmt.Sprint(i) })
	g.space("desk", func(i int) string { return fmt.Sprint(i) })
	g.space("branch", func(i int) string { return scheme.JoinParts([]string{fmt.Sprintf("B%d|", i%3), fmt.Sprint(i)}) })
	g.ownTable("crm")
	g.ownTable("shop")
	g.link(g.spaces["crm"].own, "shop")
	g.link(g.spaces["shop"].own, "crm") // a cycle
	for i := range 2 + g.r.IntN(3) {
		g.child(i)
	}
	return g
}

// chance is true so many times out of a hundred.
func (g *graph) chance(percent int) bool { return g.r.IntN(100) < percent }

func (g *graph) space(name string, id func(i int) string) {
	s := &graphSpace{name: name, no: len(g.spaces) + 1, meaning: map[string]int{}, integer: name == "shop" || name == "desk"}
	s.inPlace = (name == "crm" || name == "shop") && g.chance(50)
	g.spaces[name] = s
	for c := range graphCustomers {
		records := g.r.IntN(3)
		if s.inPlace { // two records of one customer could not both have its number
			records = min(records, 1)
		}
		for range records {
			s.add(id(len(s.ids)+1), c)
		}
	}
	if !s.inPlace {
		for range 2 {
			s.add(id(len(s.ids)+1), goneCustomer)
		}
	}
}

func (s *graphSpace) add(id string, customer int) {
	s.ids = append(s.ids, id)
	s.meaning[id] = customer
}

// text and whole are column types that hold IDs.
func (g *graph) text(width int) string { return fmt.Sprintf("VARCHAR(%d)", width) }

func (g *graph) whole() string {
	if g.dialect == sqldb.SQLite {
		return "INT" // INTEGER PRIMARY KEY would be the rowid
	}
	return "INTEGER"
}

func (g *graph) typeOf(s *graphSpace) string {
	if s.integer {
		return g.whole()
	}
	return g.text(4 + 6*g.r.IntN(2))
}

// ownTable makes the table that is a source: its key is the space's ID, and it
// may refer to itself.
func (g *graph) ownTable(space string) {
	s := g.spaces[space]
	typ := g.typeOf(s)
	t := &graphTable{name: space + "_customers", key: []string{"no"}}
	t.columns = []graphColumn{{"mark", g.whole() + " NOT NULL"}, {"no", typ + " NOT NULL"}, {"parent", typ + " NULL"}}
	for i, id := range s.ids {
		parent := any(nil)
		if g.chance(60) {
			parent = g.r.IntN(len(s.ids))
			parent = s.ids[parent.(int)]
		}
		t.rows = append(t.rows, []any{i, id, parent})
	}
	s.own = t
	g.tables = append(g.tables, t)
	if s.inPlace {
		own := g.refer(t, space, "no")
		own.Write, own.OwnKey = rewrite.InPlace, true
	}
	self := g.refer(t, space, "parent")
	g.declare(t, s, self)
}

// declare makes a reference a declared foreign key, sometimes, and settles how
// it is written.
func (g *graph) declare(t *graphTable, s *graphSpace, r *graphRef) {
	if s.own != nil && g.chance(60) {
		rule := ""
		if g.chance(30) {
			rule = " ON UPDATE CASCADE"
		}
		if g.dialect == sqldb.MySQL && t == s.own {
			rule = "" // InnoDB does not cascade into the table itself
		}
		t.foreign = append(t.foreign, fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s (no)%s", r.Columns[0], s.own.name, rule))
		if s.inPlace {
			r.Write = rewrite.InPlace
		}
		return
	}
	if g.chance(40) {
		r.Write = rewrite.InPlace
	}
}

// refer adds a reference of a column of IDs, whose rows are there already.
func (g *graph) refer(t *graphTable, space string, columns ...string) *graphRef {
	r := &graphRef{table: t, truth: map[int][]int{}, Reference: &rewrite.Reference{
		Database: rewrite.Database{Name: "shop", Dialect: g.dialect, DSN: g.dsn},
		Table:    t.name, Columns: columns, RefersTo: space,
	}}
	at := slices.IndexFunc(t.columns, func(c graphColumn) bool { return c.name == columns[0] })
	for _, row := range t.rows {
		if len(columns) == 1 {
			r.truth[row[0].(int)] = g.meaning(space, row[at])
		}
	}
	g.refs = append(g.refs, r)
	return r
}

// meaning is what an ID truly means: nobody, a customer, or nothing known.
func (g *graph) meaning(space string, id any) []int {
	if id == nil {
		return []int{}
	}
	c, ok := g.spaces[space].meaning[fmt.Sprint(id)]
	if !ok || c == goneCustomer {
		return nil
	}
	return []int{c}
}

// link adds a column of IDs of a space to the rows of a table.
func (g *graph) link(t *graphTable, space string) {
	s := g.spaces[space]
	name := fmt.Sprintf("%s_no%d", space, len(t.columns))
	typ := s.own.columns[1].sql
	t.columns = append(t.columns, graphColumn{name, strings.TrimSuffix(typ, " NOT NULL") + " NULL"})
	for i := range t.rows {
		var id any
		if g.chance(80) {
			id = s.ids[g.r.IntN(len(s.ids))]
		}
		t.rows[i] = append(t.rows[i], id)
	}
	g.declare(t, s, g.refer(t, space, name))
}

// child makes a table that refers to customers.
func (g *graph) child(i int) {
	t := &graphTable{name: fmt.Sprintf("child%d", i)}
	t.columns = []graphColumn{{"mark", g.whole() + " NOT NULL"}}
	n := 20 + g.r.IntN(60)
	switch kind := g.r.IntN(4); kind {
	case 0:
		t.key = []string{"mark"}
	case 1:
		t.key = []string{"a", "b"}
		t.columns = append(t.columns, graphColumn{"a", g.text(10) + " NOT NULL"}, graphColumn{"b", g.whole() + " NOT NULL"})
	case 2:
		t.key = []string{"uid"}
		t.columns = append(t.columns, graphColumn{"uid", g.text(20) + " NOT NULL"})
	case 3:
		if g.dialect != sqldb.SQLite { // which has the rowid
			t.key = []string{"mark"}
		}
	}
	for m := range n {
		row := []any{m}
		if len(t.key) == 2 {
			row = append(row, fmt.Sprintf("k%d", m%7), m)
		} else if len(t.key) == 1 && t.key[0] == "uid" {
			row = append(row, fmt.Sprintf("Ü-%x\\'", m*2654435761%65536*1000+m))
		}
		t.rows = append(t.rows, row)
	}
	g.tables = append(g.tables, t)
	kinds := []func(*graphTable){
		func(t *graphTable) { g.link(t, "crm") }, func(t *graphTable) { g.link(t, "shop") },
		g.polymorphic, g.listed, g.composite, g.patterned, g.loose,
	}
	for range 1 + g.r.IntN(4) {
		at := g.r.IntN(len(kinds))
		kinds[at](t)
		kinds = slices.Delete(kinds, at, at+1)
	}
}

// column adds a column and its values.
func (g *graph) column(t *graphTable, name, sql string, value func(mark int) any) {
	t.columns = append(t.columns, graphColumn{name, sql})
	for i := range t.rows {
		t.rows[i] = append(t.rows[i], value(i))
	}
}

// polymorphic is a pair of columns that says which space an ID is of.
func (g *graph) polymorphic(t *graphTable) {
	kinds := make([]string, len(t.rows))
	g.column(t, "object_type", g.text(10), func(m int) any {
		kinds[m] = []string{"shop", "desk", "order"}[g.r.IntN(3)]
		return kinds[m]
	})
	g.column(t, "object_id", g.whole(), func(int) any {
		if g.chance(10) {
			return 0
		}
		return 1 + g.r.IntN(60)
	})
	write := []string{rewrite.InPlace, "object_customer"}[g.r.IntN(2)]
	for _, space := range []string{"shop", "desk"} {
		r := g.refer(t, space, "object_id")
		r.Where, r.Write = fmt.Sprintf("object_type = '%s' -- %s's", space, space), write
		r.Shape.None = []string{"0"}
		for m, kind := range kinds {
			if kind != space {
				delete(r.truth, m)
			} else if id := t.rows[m][len(t.rows[m])-1]; id == 0 {
				r.truth[m] = []int{}
			}
		}
	}
}

// listed is a column with several IDs in a cell.
func (g *graph) listed(t *graphTable) {
	s := g.spaces["crm"]
	truth := map[int][]int{}
	g.column(t, "members", g.text(200), func(m int) any {
		var ids []string
		truth[m] = []int{}
		for range g.r.IntN(4) {
			id := s.ids[g.r.IntN(len(s.ids))]
			if g.chance(5) {
				id = "C999"
			}
			ids = append(ids, id)
			if c := g.meaning("crm", id); c == nil || truth[m] == nil {
				truth[m] = nil
			} else {
				truth[m] = append(truth[m], c...)
			}
		}
		return strings.Join(ids, "; ")
	})
	r := g.refer(t, "crm", "members")
	r.Shape.Split, r.truth, r.list = ";", truth, true
	if g.chance(50) {
		r.Write = rewrite.InPlace
	}
}

// composite is a reference of two columns.
func (g *graph) composite(t *graphTable) {
	s := g.spaces["branch"]
	parts := make([][]string, len(t.rows))
	truth := map[int][]int{}
	for m := range t.rows {
		id := s.ids[g.r.IntN(len(s.ids))]
		parts[m], _ = scheme.SplitParts(id)
		truth[m] = g.meaning("branch", id)
	}
	g.column(t, "branch", g.text(5), func(m int) any { return parts[m][0] })
	g.column(t, "branch_no", g.whole(), func(m int) any { return parts[m][1] })
	r := g.refer(t, "branch", "branch", "branch_no")
	r.truth, r.Write = truth, "branch_customer"
}

// patterned is a column of texts that name a customer.
func (g *graph) patterned(t *graphTable) {
	s := g.spaces["crm"]
	truth := map[int][]int{}
	g.column(t, "url", g.text(100), func(m int) any {
		truth[m] = []int{}
		if g.chance(20) {
			return "https://crm.example/about?C001"
		}
		id := s.ids[g.r.IntN(len(s.ids))]
		truth[m] = g.meaning("crm", id)
		return "https://crm.example/customers/" + id + "?tab=1"
	})
	r := g.refer(t, "crm", "url")
	r.truth, r.Shape.Pattern = truth, regexp.MustCompile(`/customers/(\w+)`)
	r.Write = rewrite.InPlace
}

// loose is a reference that nothing declares, with orphans.
func (g *graph) loose(t *graphTable) {
	g.column(t, "ref", g.text(5), func(int) any {
		switch n := g.r.IntN(60); {
		case n < 3:
			return ""
		case n < 6:
			return nil
		case n < 9:
			return "n/a"
		default:
			return fmt.Sprintf("C%03d", n)
		}
	})
	r := g.refer(t, "crm", "ref")
	r.Shape.None = []string{"n/a"}
	for m, row := range t.rows {
		if v := row[len(row)-1]; v == "" || v == "n/a" {
			r.truth[m] = []int{}
		}
	}
	if g.chance(50) {
		r.Write = rewrite.InPlace
	}
}

// load makes the database.
func (g *graph) load(ctx context.Context) error {
	db, err := sqldb.OpenAs(ctx, g.dialect, g.dsn, sqldb.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	do := func(query string, args ...any) {
		if err == nil {
			if _, err = db.ExecContext(ctx, query, args...); err != nil {
				err = fmt.Errorf("%s: %w", query, err)
			}
		}
	}
	for _, t := range g.tables {
		var parts []string
		for _, c := range t.columns {
			parts = append(parts, c.name+" "+c.sql)
		}
		if t.key != nil {
			parts = append(parts, "PRIMARY KEY ("+strings.Join(t.key, ", ")+")")
		}
		if g.dialect == sqldb.SQLite {
			parts = append(parts, t.foreign...)
		}
		do("CREATE TABLE " + t.name + " (" + strings.Join(parts, ", ") + ")")
		var rows []string
		var cells []any
		for _, row := range t.rows {
			marks := make([]string, len(row))
			for i, cell := range row {
				cells = append(cells, cell)
				marks[i] = g.dialect.Placeholder(len(cells))
			}
			rows = append(rows, "("+strings.Join(marks, ", ")+")")
		}
		do("INSERT INTO "+t.name+" VALUES "+strings.Join(rows, ", "), cells...)
	}
	if g.dialect != sqldb.SQLite {
		for _, t := range g.tables {
			for _, f := range t.foreign {
				do("ALTER TABLE " + t.name + " ADD " + f)
			}
		}
	}
	return err
}

// crosswalk makes a crosswalk that knows the customers. Some of their links
// have numbers that were merged into the ones in force.
func (g *graph) crosswalk(ctx context.Context, path string) (err error) {
	store, err := crosswalk.Open(ctx, path, crosswalk.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	lease, err := store.Acquire(ctx, "test", "apply")
	if err != nil {
		return err
	}
	start := crosswalk.RunStart{Kind: "apply", Plan: "p"}
	var links []crosswalk.Link
	finish := crosswalk.Finish{Changed: true}
	for _, s := range g.spaces {
		start.Sources = append(start.Sources, crosswalk.Source{No: s.no, Name: s.name})
		for i, id := range s.ids {
			l := crosswalk.Link{Source: s.no, Key: id, Rule: "test"}
			switch c := s.meaning[id]; {
			case c == goneCustomer:
				l.Canonical, l.State = fmt.Sprintf("GONE-%s-%d", s.name, i), crosswalk.Retired
			case i%5 == 4:
				l.Canonical = fmt.Sprintf("OLD-%s-%d", s.name, i)
				finish.Numbers = append(finish.Numbers, crosswalk.Number{Canonical: l.Canonical, State: crosswalk.Merged, Into: canonicalOf(c), Survivor: canonicalOf(c)})
			default:
				l.Canonical = canonicalOf(c)
			}
			links = append(links, l)
		}
	}
	slices.SortFunc(start.Sources, func(a, b crosswalk.Source) int { return a.No - b.No })
	slices.SortFunc(links, func(a, b crosswalk.Link) int { return a.ID().Compare(b.ID()) })
	run, err := lease.Begin(ctx, start)
	if err == nil {
		err = run.WriteLinks(ctx, links)
	}
	if err == nil {
		_, err = run.Publish(ctx, finish)
	}
	if err == nil {
		err = lease.Release(ctx)
	}
	return err
}

// translations are what the references need of the crosswalk.
func (g *graph) translations(ctx context.Context, path string) (rewrite.Tables, error) {
	store, err := crosswalk.OpenReadOnly(ctx, path, crosswalk.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = snap.Close() }()
	tables := rewrite.Tables{}
	for name := range g.spaces {
		if tables[name], err = translate.Load(ctx, snap, translate.Options{From: name, Both: true}); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// references are those to carry out.
func (g *graph) references() []*rewrite.Reference {
	refs := make([]*rewrite.Reference, len(g.refs))
	for i, r := range g.refs {
		refs[i] = r.Reference
	}
	return refs
}

// newGraphWorld makes a graph's database and crosswalk.
func newGraphWorld(t testing.TB, seed uint64, d sqldb.Dialect, dsn string) (*graph, string) {
	t.Helper()
	g := newGraph(seed, d, dsn)
	path := filepath.Join(t.TempDir(), "crosswalk.db")
	if err := g.crosswalk(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := g.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g, path
}
