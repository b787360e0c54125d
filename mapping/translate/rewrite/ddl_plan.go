package rewrite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// roomy is how wide columns become that take canonical IDs: as wide as those
// can be, and more where lists ask for it.
const roomy = 50

// planner works out which columns and constraints have to change before the
// rows of some references can.
type planner struct {
	db       *sqldb.DB
	d        sqldb.Dialect
	tasks    []*task
	journals []*entry // of earlier runs
	tables   map[string]*Table
	steps    []*step
	retyped  []columnOf // whose type changes, and those that foreign keys bind to them
	dropped  []string   // names of foreign keys, with their tables
}

// columnOf is a column of a table.
type columnOf struct{ table, column string }

// plan is the list of steps, in their order.
func (p *planner) plan(ctx context.Context) ([]*step, error) {
	p.tables = map[string]*Table{}
	for _, t := range p.tasks {
		p.tables[t.table.Full] = t.table
	}
	for _, t := range p.tasks {
		if !t.wantsType() {
			continue
		}
		if err := p.bind(ctx, columnOf{t.table.Full, t.target.Name}, t.target.Kind != Text); err != nil {
			return nil, err
		}
	}
	p.dropForeign()
	for _, c := range p.retyped {
		p.retype(c)
	}
	p.addColumns()
	for i, s := range p.steps {
		s.No, s.State = i+1, stepPlanned
	}
	return p.steps, nil
}

// wantsType reports whether the survey found that the target's type has to
// change.
func (t *task) wantsType() bool {
	return t.target != nil && slices.ContainsFunc(t.surveyed.Obstacles, func(o Obstacle) bool {
		what, how, _ := strings.Cut(o.Code, "_")
		return (what == "column" || what == "target") && (how == "narrow" || how == "type")
	})
}

// bind adds a column whose type changes, with all that foreign keys bind to
// it where they would not fit each other any more.
func (p *planner) bind(ctx context.Context, c columnOf, bound bool) error {
	if slices.Contains(p.retyped, c) {
		return nil
	}
	p.retyped = append(p.retyped, c)
	if !bound && p.d != sqldb.MySQL {
		return nil
	}
	t := p.tables[c.table]
	if t == nil {
		var err error
		if t, err = Inspect(ctx, p.db, c.table); err != nil {
			return err
		}
		p.tables[c.table] = t
	}
	for _, f := range append(slices.Clone(t.Foreign), t.Referred...) {
		for i := range f.Columns {
			child, parent := columnOf{f.Table, f.Columns[i]}, columnOf{f.Parent, f.Refers[i]}
			other := child
			switch {
			case f.Table == c.table && t.Same(f.Columns[i], c.column):
				other = parent
			case f.Parent != c.table || !t.Same(f.Refers[i], c.column):
				continue
			}
			if err := p.bind(ctx, other, bound); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropForeign drops the foreign keys that would refuse what is about to
// happen: those between columns of other types, and in PostgreSQL those of
// which both ends are rewritten and that do not carry new numbers over. MySQL
// and SQLite leave the others unchecked in our session.
func (p *planner) dropForeign() {
	for _, name := range sortedNames(p.tables) {
		t := p.tables[name]
		for _, f := range append(slices.Clone(t.Foreign), t.Referred...) {
			if id := f.Table + " " + f.Name; p.inTheWay(&f) && !slices.Contains(p.dropped, id) {
				p.dropped = append(p.dropped, id)
				p.steps = append(p.steps, &step{Passing: true, Forward: f.Drop, Backward: f.Create})
			}
		}
	}
}

func (p *planner) inTheWay(f *ForeignKey) bool {
	if f.Drop == "" {
		return false
	}
	for i := range f.Columns {
		child, parent := columnOf{f.Table, f.Columns[i]}, columnOf{f.Parent, f.Refers[i]}
		changes := func(c columnOf) bool {
			return p.indexOf(c) >= 0 && (p.d == sqldb.MySQL || p.kindOf(c) != Text)
		}
		if changes(child) || changes(parent) {
			return true
		}
		if p.d == sqldb.Postgres && f.stands() && p.pending(child, parent) {
			return true
		}
	}
	return false
}

// stands reports whether a foreign key of PostgreSQL refuses to have its ends
// rewritten one after the other.
func (f *ForeignKey) stands() bool { return f.Enforced && f.OnUpdate != "CASCADE" }

// pending reports whether both ends of a foreign key are rewritten in place,
// and there is something to write.
func (p *planner) pending(child, parent columnOf) bool {
	children, parents := inPlace(p.tasks, child), inPlace(p.tasks, parent)
	return len(children) > 0 && len(parents) > 0 &&
		slices.ContainsFunc(slices.Concat(children, parents), func(t *task) bool { return t.surveyed.Pending() })
}

func (p *planner) indexOf(c columnOf) int {
	return slices.IndexFunc(p.retyped, func(o columnOf) bool { return o.table == c.table && sameName(p.d, o.column, c.column) })
}

func (p *planner) kindOf(c columnOf) ColumnKind {
	column, _ := p.tables[c.table].Column(c.column)
	return column.Kind
}

// inPlace are the tasks that rewrite a column in place.
func inPlace(tasks []*task, c columnOf) []*task {
	var found []*task
	for _, t := range tasks {
		if t.ref.Write == InPlace && t.table.Full == c.table && t.table.Same(t.ref.Columns[0], c.column) {
			found = append(found, t)
		}
	}
	return found
}

// width is how wide a column becomes: so that all that is bound together fits.
func (p *planner) width() int {
	width := roomy
	for _, t := range p.tasks {
		width = max(width, t.surveyed.Widest)
	}
	for _, c := range p.retyped {
		column, _ := p.tables[c.table].Column(c.column)
		if column.Kind == Text {
			width = max(width, column.Width)
		}
	}
	return width
}

// retype gives a column another type, and the journals that know its rows by
// it.
func (p *planner) retype(c columnOf) {
	t := p.tables[c.table]
	column, _ := t.Column(c.column)
	if column.Kind == Text && column.Width == 0 {
		return // it takes everything
	}
	table, name := p.d.Table(t.Full), p.d.Quote(column.Name)
	if p.d == sqldb.Postgres {
		p.add("ALTER TABLE "+table+" "+p.postgresType(&column, name, true), "ALTER TABLE "+table+" "+p.postgresType(&column, name, false))
	} else {
		p.add("ALTER TABLE "+table+" MODIFY COLUMN "+name+" "+p.mysqlType(&column)+strings.TrimPrefix(column.Definition, column.Type),
			"ALTER TABLE "+table+" MODIFY COLUMN "+name+" "+column.Definition)
	}
	for i, k := range keyColumns(t) {
		if t.Same(k, column.Name) {
			p.retypeJournals(t, &column, fmt.Sprintf("k%d", i+1))
		}
	}
}

func (p *planner) add(forward, backward string) {
	p.steps = append(p.steps, &step{Forward: forward, Backward: backward})
}

// retypeJournals gives the key columns of a table's journals its new type, for
// values of different types are compared slowly or not at all.
func (p *planner) retypeJournals(t *Table, column *Column, key string) {
	var names []string
	for _, task := range p.tasks {
		if task.table.Full == t.Full {
			names = append(names, task.Journal)
		}
	}
	for _, e := range p.journals {
		if e.Table == t.Full && e.State != undone {
			names = append(names, e.Journal)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		table := "ALTER TABLE " + p.d.Quote(name) + " "
		if p.d == sqldb.Postgres {
			// It compares no values of different types, so both change at once.
			bare := *column
			bare.Default = ""
			last := p.steps[len(p.steps)-1]
			last.Forward += "; " + table + p.postgresType(&bare, key, true)
			last.Backward += "; " + table + p.postgresType(&bare, key, false)
			continue
		}
		back := column.Type
		if column.Collation != "" {
			back += " COLLATE " + column.Collation
		}
		p.add(table+"MODIFY COLUMN "+key+" "+p.mysqlType(column), table+"MODIFY COLUMN "+key+" "+back)
	}
}

// postgresType is the part of ALTER TABLE that makes a column roomy, or what
// it was. A default is dropped meanwhile, for it has the type of the column.
func (p *planner) postgresType(c *Column, name string, forward bool) string {
	typ, using := fmt.Sprintf("character varying(%d)", p.width()), " USING "+name+"::text"
	if !forward {
		typ, using = c.Type, " USING CAST("+name+" AS "+c.Type+")"
	}
	if c.Kind == Text { // wider texts are there at once, unless an expression has to be worked out for each row
		using = ""
	}
	if c.Collation != "" {
		typ += " COLLATE " + p.d.Quote(c.Collation)
	}
	text := "ALTER COLUMN " + name + " TYPE " + typ + using
	if c.Default != "" {
		text = "ALTER COLUMN " + name + " DROP DEFAULT, " + text + ", ALTER COLUMN " + name + " SET DEFAULT " + c.Default
	}
	return text
}

// mysqlType is the roomy type of a column, with its character set; numbers
// become texts that are compared byte for byte.
func (p *planner) mysqlType(c *Column) string {
	text := fmt.Sprintf("varchar(%d)", p.width())
	switch {
	case c.Kind != Text:
		text += " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
	case c.Collation != "" && !strings.Contains(c.Definition, " COLLATE ") && !strings.Contains(c.Definition, " CHARACTER SET "):
		text += " COLLATE " + c.Collation
	}
	return text
}

// addColumns adds the columns that take canonical IDs.
func (p *planner) addColumns() {
	var added []columnOf
	for _, t := range p.tasks {
		c := columnOf{t.table.Full, t.ref.Target()}
		if t.target != nil || slices.Contains(added, c) {
			continue
		}
		added = append(added, c)
		width := roomy
		for _, o := range p.tasks {
			if o.table.Full == c.table && o.ref.Target() == c.column {
				width = max(width, o.surveyed.Widest)
			}
		}
		table := "ALTER TABLE " + p.d.Table(c.table)
		typ := fmt.Sprintf("VARCHAR(%d)", width)
		if p.d == sqldb.SQLite {
			typ = "TEXT"
		}
		p.add(table+" ADD COLUMN "+p.d.Quote(c.column)+" "+typ+" NULL", dropColumn(p.d, c.table, c.column))
	}
}

func sortedNames(tables map[string]*Table) []string {
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// dropColumn takes back that a column was added.
func dropColumn(d sqldb.Dialect, table, column string) string {
	return "ALTER TABLE " + d.Table(table) + " DROP COLUMN " + d.Quote(column)
}
