package crosswalk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// BenchmarkAudit checks a crosswalk of many links, beside what loading them
// took; run it with -benchtime 1x.
func BenchmarkAudit(b *testing.B) {
	for _, d := range dialects {
		b.Run(d.String(), func(b *testing.B) {
			for b.Loop() {
				store, err := crosswalk.Open(b.Context(), dbtest.Database(b, d), crosswalk.Options{})
				if err != nil {
					b.Fatal(err)
				}
				links := make([]crosswalk.Link, benchLinks)
				for i := range links {
					links[i] = crosswalk.Link{
						Source: 1 + i*2/benchLinks, Key: fmt.Sprintf("C%08d", i), Canonical: fmt.Sprintf("CUST-%08d-%02d", i*7%benchLinks, i%97),
						Rule: []string{"created", "same: email", "same: phone, name"}[i%3], RowHash: uint64(i) * 0x9E3779B97F4A7C15,
					}
				}
				start := time.Now()
				load(b, store, links)
				b.ReportMetric(time.Since(start).Seconds(), "load-s")
				start = time.Now()
				found, err := store.Audit(b.Context(), func(breach crosswalk.Breach) { b.Errorf("%+v", breach) }, nil)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(start).Seconds(), "audit-s")
				if found.Links != benchLinks {
					b.Errorf("found %d links", found.Links)
				}
				if err := store.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
