package profile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/csv"
	"github.com/xwalk-id/xwalk/fixtures/makedata"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/profile"
	"github.com/xwalk-id/xwalk/rules"
)

// BenchmarkProfile profiles a million customers of ten columns, to be
// compared with doing nothing but reading the same file.
func BenchmarkProfile(b *testing.B) {
	path := filepath.Join(b.TempDir(), "customers.csv")
	makeCustomers(b, path, 1_000_000)
	jobs := []struct {
		name string
		do   func(ctx context.Context, src mapping.Source, columns []string) error
	}{
		{"read", func(ctx context.Context, src mapping.Source, _ []string) error {
			for _, err := range src.Records(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"profile", func(ctx context.Context, src mapping.Source, columns []string) error {
			_, err := profile.Look(ctx, src, columns, profile.Options{
				IDs: []profile.ID{{Name: "crm", Rule: rules.IDRule{Columns: []string{"customer_no"}, Schemes: []string{"C{seq:7+}"}}}},
			})
			return err
		}},
	}
	for _, job := range jobs {
		b.Run(job.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				src, columns := openCSV(b, path)
				if err := job.do(b.Context(), src, columns); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func makeCustomers(b *testing.B, path string, rows int64) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(makedata.Options{Rows: rows, Seed: 1}.WriteCSV(b.Context(), f), f.Close()); err != nil {
		b.Fatal(err)
	}
}

// openCSV opens a file for all of its columns.
func openCSV(tb testing.TB, path string) (mapping.Source, []string) {
	tb.Helper()
	open := func(columns []string) mapping.Source {
		src, err := csv.Open(tb.Context(), csv.Config{Path: path}, connectors.Request{Columns: columns})
		if err != nil {
			tb.Fatal(err)
		}
		return src
	}
	columns, err := open(nil).(connectors.Looker).Columns(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return open(columns), columns
}
