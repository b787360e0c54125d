package sqltable

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// records are what a table holds of one ID: how many rows, what their fields
// hold, and the ID as the driver yields it, in each of its forms.
type records struct {
	rows  int64
	value mapping.FieldValue
	raw   [][]any
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// keyOf tells IDs apart. No part of one that is asked for holds a NUL.
func keyOf(id []string) string { return strings.Join(id, "\x00") }

// find reads the rows whose IDs are among ids; lock keeps others from changing
// them before the transaction ends. What the database compares by its own
// rules, this compares once more, byte by byte.
func (p *publisher) find(ctx context.Context, q queryer, ids [][]string, lock bool) (map[string]*records, error) {
	asked := make(map[string]bool, len(ids))
	var targets []target
	for _, id := range ids {
		if key := keyOf(id); !asked[key] && len(id) == len(p.form.ids) && strings.Count(key, "\x00") == len(id)-1 {
			asked[key] = true
			targets = append(targets, target{id: id})
		}
	}
	query, args := p.form.selection(targets, lock)
	if query == "" {
		return nil, nil
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		if len(ids) > 1 && isRefusal(ctx, err) && !lock {
			return p.findHalves(ctx, q, ids)
		}
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	found := map[string]*records{}
	for rows.Next() {
		cells := make([]any, len(p.wanted))
		into := make([]any, len(cells))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		if err := p.gather(found, asked, cells); err != nil {
			return nil, err
		}
	}
	return found, rows.Err()
}

// findHalves finds out about the IDs that the database can be asked for, where
// it could not be asked for all of them at once: its encoding may lack a
// letter of one.
func (p *publisher) findHalves(ctx context.Context, q queryer, ids [][]string) (map[string]*records, error) {
	all := map[string]*records{}
	half := len(ids) / 2
	for _, part := range [...][][]string{ids[:half], ids[half:]} {
		found, err := p.find(ctx, q, part, false)
		if err != nil && (len(part) > 1 || !isRefusal(ctx, err)) {
			return nil, err
		}
		for key, r := range found {
			all[key] = r
		}
	}
	return all, nil
}

// gather adds a row to what was found, if it is of an ID that was asked for.
func (p *publisher) gather(found map[string]*records, asked map[string]bool, cells []any) error {
	last := len(cells) - 1
	parts := make([]string, last)
	for i, cell := range cells[:last] {
		if cell == nil {
			return nil
		}
		text, err := p.wanted[i].decode(cell)
		if err != nil {
			return nil // the source cannot read it either
		}
		parts[i] = text
	}
	key := keyOf(parts)
	if !asked[key] {
		return nil
	}
	value := mapping.FieldValue{Found: true, Null: cells[last] == nil}
	if !value.Null {
		var err error
		if value.Text, err = p.field().decode(cells[last]); err != nil {
			return fmt.Errorf("column %q %w", p.field().name, err)
		}
	}
	r := found[key]
	if r == nil {
		r = &records{value: value}
		found[key] = r
	}
	r.rows++
	if r.value.Text != value.Text || r.value.Null != value.Null {
		r.value.Differ = true
	}
	if raw := cells[:last]; p.db.Dialect == sqldb.SQLite || len(r.raw) == 0 {
		if !slices.ContainsFunc(r.raw, func(o []any) bool { return sameCells(o, raw) }) {
			r.raw = append(r.raw, raw)
		}
	}
	return nil
}

// sameCells compares values with their types.
func sameCells(a, b []any) bool {
	return slices.EqualFunc(a, b, func(x, y any) bool {
		bx, ok := x.([]byte)
		by, both := y.([]byte)
		if ok || both {
			return ok == both && string(bx) == string(by)
		}
		return x == y
	})
}
