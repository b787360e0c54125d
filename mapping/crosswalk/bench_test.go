package crosswalk_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// benchLinks is how many links the benchmarks load; run them with
// -benchtime 1x.
const benchLinks = 1_000_000

// BenchmarkLoad loads links into an empty crosswalk and publishes them, with
// nothing kept for matching and with hashes and fields, and reads them back.
func BenchmarkLoad(b *testing.B) {
	for _, d := range dialects {
		for _, keep := range []struct {
			name          string
			match, fields int
		}{{"nothing", 0, 0}, {"fields", 32, 120}} {
			b.Run(fmt.Sprintf("%s/keep=%s", d, keep.name), func(b *testing.B) {
				links := make([]crosswalk.Link, benchLinks)
				for b.Loop() {
					b.StopTimer()
					for i := range links {
						links[i] = crosswalk.Link{
							Source: 1 + i*2/benchLinks, Key: fmt.Sprintf("C%08d", i), Canonical: fmt.Sprintf("CUST-%08d-%02d", i*7%benchLinks, i%97),
							Rule: []string{"created", "same: email", "same: phone, name"}[i%3], RowHash: uint64(i) * 0x9E3779B97F4A7C15,
						}
						if keep.match > 0 {
							links[i].Match = bytes.Repeat([]byte{byte(i)}, keep.match)
							links[i].Fields = fmt.Appendf(nil, `{"name":["%0*d"]}`, keep.fields-13, i)
						}
					}
					store, err := crosswalk.Open(b.Context(), dbtest.Database(b, d), crosswalk.Options{})
					if err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					start := time.Now()
					load(b, store, links)
					b.ReportMetric(time.Since(start).Seconds(), "load-s")
					start = time.Now()
					read(b, store, crosswalk.Query{Match: keep.match > 0, Fields: keep.fields > 0})
					b.ReportMetric(time.Since(start).Seconds(), "read-s")
					b.StopTimer()
					if err := store.Close(); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
			})
		}
	}
}

func load(b *testing.B, store *crosswalk.Store, links []crosswalk.Link) {
	lease, err := store.Acquire(b.Context(), "bench/1", "apply")
	if err != nil {
		b.Fatal(err)
	}
	run, err := lease.Begin(b.Context(), crosswalk.RunStart{Kind: "apply", Plan: "p", Sources: []crosswalk.Source{{No: 1, Name: "a"}, {No: 2, Name: "b"}}})
	if err != nil {
		b.Fatal(err)
	}
	const batch = 50_000
	for i := 0; i < len(links); i += batch {
		if err := run.WriteLinks(b.Context(), links[i:min(i+batch, len(links))]); err != nil {
			b.Fatal(err)
		}
	}
	start := time.Now()
	if _, err := run.Publish(b.Context(), crosswalk.Finish{Changed: true}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(start).Seconds(), "publish-s")
	if err := lease.Release(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func read(b *testing.B, store *crosswalk.Store, q crosswalk.Query) {
	v, err := store.Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = v.Close() }()
	n := 0
	for _, err := range v.Links(b.Context(), q) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != benchLinks {
		b.Fatalf("read %d links", n)
	}
}
