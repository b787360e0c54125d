package sqltable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// publisher writes one field of a table. What is read and what is written is
// found by the texts that the source's records have as IDs, byte for byte,
// whatever the columns' types and collations, and within the source's filter.
type publisher struct {
	*source // wanted are the ID's columns, and then the field
	db      *sqldb.DB
	form    form
	width   int
}

// Publish opens a table so that a field of its records can be written. A
// field that is missing is a [*mapping.ColumnError], one that cannot take
// canonical IDs a [*mapping.FieldError].
func Publish(ctx context.Context, set Settings, req connectors.PublishRequest) (mapping.Publisher, error) {
	if set.Table == "" || set.Query != "" {
		return nil, errors.New("a query cannot be written to: read the source by table, and by where what of it counts")
	}
	db, err := sqldb.OpenAs(ctx, set.Dialect, set.DSN, sqldb.Options{Guest: true, MaxConns: 1})
	if err != nil {
		return nil, locked(set.Table, err)
	}
	p := &publisher{source: &source{set: set, name: set.Table, where: req.Where}, db: db}
	if err := p.prepare(ctx, req); err != nil {
		_ = db.Close()
		return nil, err
	}
	return p, nil
}

// prepare looks at the columns, and has the database say whether it would let
// them be written.
func (p *publisher) prepare(ctx context.Context, req connectors.PublishRequest) error {
	columns, err := sqldb.TableColumns(ctx, p.db, p.set.Table)
	if err != nil {
		return err
	}
	for _, c := range columns {
		p.columns = append(p.columns, c.Name)
	}
	if err := p.choose(ctx, p.db, append(slices.Clone(req.Columns), req.Field)); err != nil {
		var missing *mapping.ColumnError
		if errors.As(err, &missing) && missing.Missing == req.Field {
			err = fmt.Errorf("%w; to add it: ALTER TABLE %s ADD COLUMN %s VARCHAR(50)", err, p.table(), p.db.Dialect.Quote(req.Field))
		}
		return err
	}
	described := func(c column) sqldb.Column {
		return columns[slices.IndexFunc(columns, func(d sqldb.Column) bool { return d.Name == c.name })]
	}
	ids, field := p.ids(), p.field()
	if slices.ContainsFunc(ids, func(c column) bool { return c.name == field.name }) {
		return p.unfit("it is the source's own ID; xwalk rewrite changes IDs themselves")
	}
	if err := p.checkField(described(*field)); err != nil {
		return err
	}
	field.expr, field.decode = convert(p.db.Dialect, "", p.db.Dialect.Quote(field.name))
	if p.db.Dialect == sqldb.Postgres {
		field.expr += "::text" // without the spaces that pad it
	}
	p.form = form{dialect: p.db.Dialect, table: p.table(), field: p.db.Dialect.Quote(field.name), where: p.where}
	for _, c := range ids {
		p.form.ids = append(p.form.ids, matchOf(p.db.Dialect, p.table(), c, described(c)))
	}
	for _, c := range p.wanted {
		p.form.exprs = append(p.form.exprs, c.expr)
	}
	for _, c := range columns {
		if c.OnUpdate && c.Name != field.name {
			p.form.keep = append(p.form.keep, p.db.Dialect.Quote(c.Name))
		}
	}
	if err := p.useIndex(ctx); err != nil {
		return p.db.Explain(err)
	}
	rows, err := p.db.QueryxContext(ctx, "EXPLAIN UPDATE "+p.table()+" SET "+p.form.field+" = "+p.form.field+" WHERE 1 = 0")
	if err != nil {
		return p.db.Explain(fmt.Errorf("%s cannot be written to: %w", p.set.Table, err))
	}
	defer func() { _ = rows.Close() }()
	return p.db.Explain(rows.Err())
}

// leadingIndex asks whether an index begins with a column of a table.
const leadingIndex = `SELECT EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
	WHERE i.indrelid = to_regclass($1) AND a.attname = $2 AND i.indisvalid AND i.indpred IS NULL)`

// useIndex has PostgreSQL find the few rows of a batch by the index on their
// IDs, where there is one, and not read the whole table for each, as its
// planner would.
func (p *publisher) useIndex(ctx context.Context) error {
	if p.db.Dialect != sqldb.Postgres {
		return nil
	}
	for _, c := range p.ids() {
		var indexed bool
		if err := p.db.GetContext(ctx, &indexed, leadingIndex, p.table(), c.name); err != nil {
			return err
		}
		if indexed {
			_, err := p.db.ExecContext(ctx, "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off")
			return err
		}
	}
	return nil
}

func (p *publisher) table() string  { return p.db.Dialect.Table(p.set.Table) }
func (p *publisher) ids() []column  { return p.wanted[:len(p.wanted)-1] }
func (p *publisher) field() *column { return &p.wanted[len(p.wanted)-1] }

func (p *publisher) unfit(format string, args ...any) error {
	return &mapping.FieldError{Source: p.set.Table, Field: p.field().name, Why: fmt.Sprintf(format, args...)}
}

// checkField makes sure that the field takes text, and finds out how much.
func (p *publisher) checkField(c sqldb.Column) error {
	if c.Generated {
		return p.unfit("its value is computed from other columns")
	}
	text := false
	switch field := p.field(); p.db.Dialect {
	case sqldb.SQLite:
		text = keepsText(c.Type)
	case sqldb.MySQL:
		text = c.Charset != "" && (strings.Contains(c.Type, "char") || strings.Contains(c.Type, "text"))
		if m := widthOf().FindStringSubmatch(c.Type); m != nil {
			p.width, _ = strconv.Atoi(m[1])
		}
	default:
		text = slices.Contains([]string{"TEXT", "VARCHAR", "BPCHAR"}, field.typeName) || strings.HasSuffix(c.Type, "citext")
		p.width = int(field.length)
	}
	if !text {
		return p.unfit("its type is %s, and they are texts; VARCHAR(50) takes all of them", c.Type)
	}
	return nil
}

// widthOf finds the length of a varchar(40).
var widthOf = lazy(`char\(([0-9]+)\)`)

// keepsText reports whether a column of SQLite that is declared as typ stores
// a text of digits as it is: it has the affinity TEXT, or none.
func keepsText(typ string) bool {
	typ = strings.ToUpper(typ)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(typ, w) })
	}
	switch {
	case has("INT"):
		return false
	case has("CHAR", "CLOB", "TEXT"):
		return true
	default:
		return typ == "" || has("BLOB") || typ == "ANY"
	}
}

// Width is how many characters the field takes; 0 is any number.
func (p *publisher) Width() int { return p.width }

// batchParts is how many parts of IDs one statement names.
const batchParts = 500

func (p *publisher) batch() int { return max(1, batchParts/len(p.form.ids)) }

// Read says what the field of each record holds.
func (p *publisher) Read(ctx context.Context, ids [][]string) ([]mapping.FieldValue, error) {
	values := make([]mapping.FieldValue, 0, len(ids))
	for batch := range slices.Chunk(ids, p.batch()) {
		records, err := p.find(ctx, p.db, batch, false)
		if err != nil {
			return nil, p.failed(ctx, "read", err)
		}
		for _, id := range batch {
			var v mapping.FieldValue
			if r := records[keyOf(id)]; r != nil {
				v = r.value
			}
			values = append(values, v)
		}
	}
	return values, nil
}

// Write sets the fields of some records: all of a batch in one transaction,
// and where the database refuses something, those that it does not refuse.
func (p *publisher) Write(ctx context.Context, writes []mapping.FieldWrite) ([]error, error) {
	refused := make([]error, len(writes))
	for from := 0; from < len(writes); from += p.batch() {
		to := min(from+p.batch(), len(writes))
		if err := p.write(ctx, writes[from:to], refused[from:to]); err != nil {
			return refused, p.failed(ctx, "write to", err)
		}
	}
	return refused, nil
}

// patience is how often a batch is tried that somebody else's locks kept from
// being written.
const patience = 3

func (p *publisher) write(ctx context.Context, writes []mapping.FieldWrite, refused []error) error {
	err := p.writeAll(ctx, writes, refused)
	for try := 1; try < patience && sqldb.Classify(err) == sqldb.Locked; try++ {
		err = p.writeAll(ctx, writes, refused)
	}
	if err == nil || !isRefusal(ctx, err) {
		return err
	}
	if len(writes) == 1 {
		refused[0] = err
		return nil
	}
	half := len(writes) / 2
	if err := p.write(ctx, writes[:half], refused[:half]); err != nil {
		return err
	}
	return p.write(ctx, writes[half:], refused[half:])
}

// isRefusal reports whether an error is about what was to be written, such as
// a constraint or a trigger that does not let it in.
func isRefusal(ctx context.Context, err error) bool {
	fault := sqldb.Classify(err)
	return ctx.Err() == nil && (fault == sqldb.Other || fault == sqldb.Duplicate)
}

// writeAll writes all of a batch or nothing of it.
func (p *publisher) writeAll(ctx context.Context, writes []mapping.FieldWrite, refused []error) error {
	tx, err := p.db.Begin(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	ids := make([][]string, len(writes))
	for i := range writes {
		ids[i] = writes[i].ID
	}
	records, err := p.find(ctx, tx, ids, true)
	if err != nil {
		return err
	}
	var want int64
	var targets []target
	for i := range writes {
		refused[i] = nil
		r := records[keyOf(writes[i].ID)]
		if r == nil {
			refused[i] = mapping.ErrNoRecord
			continue
		}
		want += r.rows
		for _, raw := range r.raw {
			targets = append(targets, target{writes[i].ID, raw, writes[i].Value})
		}
	}
	if len(targets) == 0 {
		return nil
	}
	query, args := p.form.update(targets)
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	got, err := res.RowsAffected()
	if err == nil && got != want {
		err = fmt.Errorf("the database changed %d rows where it holds %d", got, want)
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

// failed says what was being done when the table could not be read or
// written.
func (p *publisher) failed(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return locked(p.db.Label, p.db.Explain(fmt.Errorf("%s %s: %w", what, p.set.Table, err)))
}

// locked makes a database that others keep locked one that is not there: it
// can be tried again.
func locked(label string, err error) error {
	if sqldb.Classify(err) == sqldb.Locked {
		return &mapping.UnreachableError{What: label, Err: fmt.Errorf("somebody else keeps it locked: %w", err)}
	}
	return err
}

// Close closes the connection: what was written is whole already.
func (p *publisher) Close(context.Context, bool) error { return p.db.Close() }
