package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
)

// Choice is a table that may hold customers. Rows is negative where nobody
// knows; large tables of servers are estimated.
type Choice struct {
	Table   string
	Rows    int64
	Columns []string

	score int
}

// chooseTables gives every database its table.
func (f *finder) chooseTables(ctx context.Context) ([]Place, error) {
	var out []Place
	for _, p := range f.places {
		if p.spec.Tables != nil && p.Table == "" {
			p.Table = f.Table
		}
		if p.spec.Tables != nil && p.Table == "" {
			table, err := f.choose(ctx, p)
			var unclear *ArgumentError
			if p.Gathered && errors.As(err, &unclear) {
				f.note("left out: %s: %s", unclear.Argument, strings.TrimSuffix(firstLine(unclear.Problem), ":"))
				continue
			}
			if err != nil {
				return nil, err
			}
			p.Table = table
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, &ArgumentError{Problem: "there is nothing to read: " + strings.Join(f.notes, "; ")}
	}
	return out, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// choose finds the table of a database that holds customers.
func (f *finder) choose(ctx context.Context, p Place) (string, error) {
	tables, err := p.tables(ctx)
	if err != nil {
		return "", err
	}
	tables = slices.DeleteFunc(tables, func(t connectors.Table) bool { return strings.HasPrefix(t.Name, "xwalk_") })
	if len(tables) == 0 {
		return "", &ArgumentError{Argument: p.Label, Problem: "there is no table in the database"}
	}
	choices, err := f.rank(ctx, p, tables)
	if err != nil {
		return "", err
	}
	likely := likely(choices)
	switch {
	case len(likely) == 1:
		if len(choices) > 1 {
			f.note("%s: took the table %s; no other of its %d tables looks like customers", p.Label, likely[0].Table, len(choices))
		}
		return likely[0].Table, nil
	case len(choices) == 1:
		return choices[0].Table, nil
	case len(likely) == 0:
		likely = choices
	}
	if f.Choose != nil {
		return f.Choose(p.Label, likely)
	}
	address := p.Path
	if p.DSN != "" {
		address = "ADDRESS"
	}
	return "", &ArgumentError{
		Argument: p.Label, Problem: "several tables may hold the customers:" + listed(likely),
		Hint: fmt.Sprintf("choose with --table %s, or name one or more: %s#%s …", likely[0].Table, address, likely[0].Table),
	}
}

// shownTables is how many tables an error lists.
const shownTables = 12

func listed(choices []Choice) string {
	var b strings.Builder
	for i, c := range choices {
		if i == shownTables {
			fmt.Fprintf(&b, "\n    … and %d more", len(choices)-i)
			break
		}
		fmt.Fprintf(&b, "\n    %s (%s)", c.Table, c.Size())
	}
	return b.String()
}

// Size is how many rows the table has, in words.
func (c Choice) Size() string {
	switch {
	case c.Rows < 0:
		return "rows unknown"
	case c.Rows == 1:
		return "1 row"
	}
	return number(c.Rows) + " rows"
}

// rank puts the likeliest tables first and counts the rows of those that are
// likely at all, or of the first few.
func (f *finder) rank(ctx context.Context, p Place, tables []connectors.Table) ([]Choice, error) {
	choices := make([]Choice, len(tables))
	for i, t := range tables {
		choices[i] = Choice{Table: t.Name, Columns: t.Columns, Rows: -1, score: customerScore(t)}
	}
	slices.SortStableFunc(choices, func(a, b Choice) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.Table, b.Table))
	})
	for i := range choices {
		if i >= shownTables {
			break
		}
		p.Table = choices[i].Table
		src, err := p.Open(ctx, nil)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil { // a view that is broken, or not allowed
			continue
		}
		if counter, ok := src.(mapping.Counter); ok {
			if n, err := counter.Count(ctx); err == nil {
				choices[i].Rows = n
			}
		}
	}
	return choices, ctx.Err()
}

// likelyScore is what a table of customers has at least: its name says so
// and one field, or three fields of a person or company.
const likelyScore = 3

// likely are the tables that hold customers by their names and columns and
// are not empty.
func likely(choices []Choice) []Choice {
	var out []Choice
	for _, c := range choices {
		if c.score >= likelyScore && c.Rows != 0 {
			out = append(out, c)
		}
	}
	return out
}

// customerScore says how much a table looks like customers by its name and
// the headers of its columns.
func customerScore(t connectors.Table) int {
	roles := map[string]bool{}
	for _, c := range t.Columns {
		if role := headerRole(c); identifying[role] {
			roles[role] = true
		}
	}
	score := len(roles)
	if score > 0 && namesCustomers(t.Name) {
		score += 2
	}
	return score
}
