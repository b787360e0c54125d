package migrate_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// crowd is a source of n made-up customers, every tenth with the e-mail of
// another.
type crowd struct{ n int }

func (c crowd) Records(context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		values := make([]mapping.Value, 2)
		for i := range c.n {
			person := i
			if i%10 == 0 {
				person = i / 2
			}
			values[0].Text = fmt.Sprintf("C%07d", i)
			values[1].Text = fmt.Sprintf("person%d@mail.example", person)
			if !yield(mapping.Record{Place: mapping.Place{File: "crowd", Line: int64(i + 2), Row: int64(i + 1)}, Values: values}, nil) {
				return
			}
		}
	}
}

// BenchmarkRun measures planning and applying the first run and a second one
// that finds nothing to do, into SQLite; per record.
func BenchmarkRun(b *testing.B) {
	const n = 1_000_000
	for name, keep := range map[string]rules.Keep{"nothing": rules.KeepNothing, "fields": rules.KeepFields} {
		cfg := rules.Config{Matching: true, Same: same("email"), Keep: keep, Sources: []rules.Source{source("crowd", "email")}}
		b.Run("keep="+name, func(b *testing.B) {
			for b.Loop() {
				w := newWorld(b, "", cfg)
				for _, step := range []string{"first", "again"} {
					start := b.Elapsed()
					if _, err := w.runCrowd(n); err != nil {
						b.Fatal(err)
					}
					b.ReportMetric((b.Elapsed() - start).Seconds(), step+"-s")
				}
			}
		})
	}
}

func (w *world) runCrowd(n int) (*plan.Plan, error) {
	rs := w.ruleset()
	p, _, err := w.runWith(rs, []plan.Input{{Name: "crowd", Source: crowd{n}}})
	return p, err
}
