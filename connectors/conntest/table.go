package conntest

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/where"
)

// Table is a source in memory that keeps all the promises of a connector. A
// row whose number of values is not that of Columns is a broken record.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]mapping.Value
}

// Sample is the sample table.
func Sample() Table { return Table{Name: "customers", Columns: ColumnNames(), Rows: Rows()} }

// NewTable makes a table of text without NULLs.
func NewTable(name string, columns []string, rows ...[]string) Table {
	t := Table{Name: name, Columns: columns}
	for _, row := range rows {
		values := make([]mapping.Value, len(row))
		for i, cell := range row {
			values[i].Text = cell
		}
		t.Rows = append(t.Rows, values)
	}
	return t
}

// Open answers a request on t, with the errors of a real connector. Its
// filters are those of file connectors.
func (t Table) Open(req connectors.Request) (mapping.Source, error) {
	src := &tableSource{table: t}
	var err error
	if src.wanted, err = t.indexes(req.Columns); err != nil {
		return nil, err
	}
	if req.Where == "" {
		return src, nil
	}
	if src.filter, err = where.Parse(req.Where, t.Name, t.Columns); err != nil {
		return nil, err
	}
	src.tested, err = t.indexes(src.filter.Columns())
	return src, err
}

func (t Table) indexes(names []string) ([]int, error) {
	at := make([]int, len(names))
	for i, name := range names {
		if at[i] = slices.Index(t.Columns, strings.TrimSpace(name)); at[i] < 0 {
			return nil, &mapping.ColumnError{Source: t.Name, Missing: name, Columns: t.Columns, Nearest: diag.Nearest(name, t.Columns)}
		}
	}
	return at, nil
}

type tableSource struct {
	table  Table
	wanted []int
	filter *where.Filter
	tested []int
}

func (s *tableSource) Columns(context.Context) ([]string, error) { return s.table.Columns, nil }

func (s *tableSource) Count(context.Context) (int64, error) { return int64(len(s.table.Rows)), nil }

func (s *tableSource) Records(ctx context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		for i, row := range s.table.Rows {
			if err := ctx.Err(); err != nil {
				yield(mapping.Record{}, err)
				return
			}
			place := mapping.Place{File: s.table.Name, Row: int64(i + 1)}
			var ok bool
			switch {
			case len(row) != len(s.table.Columns):
				ok = yield(mapping.Record{}, &mapping.RecordError{Place: place, Reason: "broken by the test"})
			case s.filter != nil && !s.filter.Match(pick(row, s.tested)):
				ok = true
			default:
				ok = yield(mapping.Record{Place: place, Values: pick(row, s.wanted)}, nil)
			}
			if !ok {
				return
			}
		}
	}
}

func pick(row []mapping.Value, at []int) []mapping.Value {
	values := make([]mapping.Value, len(at))
	for i, j := range at {
		values[i] = row[j]
	}
	return values
}
