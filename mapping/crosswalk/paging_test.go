package crosswalk

import (
	"context"
	"fmt"
	"testing"
)

// TestPaging reads more of everything than one page holds, while a run in
// the making has superseded some of it.
func TestPaging(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		s, err := Open(t.Context(), dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		lease, err := s.Acquire(t.Context(), "elsewhere/1", "apply")
		if err != nil {
			t.Fatal(err)
		}
		const each = 3*pageRows + pageRows/2
		start := RunStart{Kind: "apply", Plan: "first", Sources: []Source{{No: 1, Name: "a"}, {No: 2, Name: "b"}}}
		var batch, second []Link
		var numbers []Number
		for source := 1; source <= 2; source++ {
			for i := range each {
				l := Link{Source: source, Key: fmt.Sprintf("K%06d", i), Canonical: fmt.Sprintf("N%d-%06d", source, i), Rule: "r"}
				batch = append(batch, l)
				numbers = append(numbers, Number{Canonical: l.Canonical})
				switch i % 3 {
				case 0:
					l.Replaces, l.Canonical = true, "moved"
					second = append(second, l)
				case 1:
					l.Key += "new"
					second = append(second, l)
				}
			}
		}
		first, err := lease.Begin(t.Context(), start)
		if err == nil {
			err = first.WriteLinks(t.Context(), batch)
		}
		if err == nil {
			_, err = first.Publish(t.Context(), Finish{Changed: true, Numbers: numbers})
		}
		start.Base, start.Plan = 1, "second"
		var run *Run
		if err == nil {
			run, err = lease.Begin(t.Context(), start)
		}
		if err == nil {
			err = run.WriteLinks(t.Context(), second[:10])
		}
		if err != nil {
			t.Fatal(err)
		}
		early, err := s.Snapshot(t.Context()) // before most of it is written
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = early.Close() }()
		if err := run.WriteLinks(t.Context(), second[10:]); err != nil {
			t.Fatal(err)
		}
		v, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = v.Close() }()
		links := func(v *Snapshot) {
			t.Helper()
			i := 0
			for l, err := range v.Links(t.Context(), Query{}) {
				if err != nil {
					t.Fatal(err)
				}
				if i >= len(batch) || l.ID() != batch[i].ID() || l.Canonical != batch[i].Canonical || l.FromRun != 1 {
					t.Fatalf("link %d is %+v", i, l)
				}
				i++
			}
			if i != len(batch) {
				t.Errorf("%d links, want %d", i, len(batch))
			}
		}
		links(v)
		links(early)
		i := 0
		for id, err := range v.LinksByCanonicalRange(t.Context(), "A", "zzz") {
			if err != nil {
				t.Fatal(err)
			}
			if i >= len(numbers) || id != numbers[i].Canonical {
				t.Fatalf("canonical ID %d is %s", i, id)
			}
			i++
		}
		if i != len(numbers) {
			t.Errorf("%d canonical IDs, want %d", i, len(numbers))
		}
		i = 0
		for n, err := range v.Numbers(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if n.Canonical != numbers[i].Canonical {
				t.Fatalf("number %d is %s", i, n.Canonical)
			}
			i++
		}
		if i != len(numbers) {
			t.Errorf("%d numbers, want %d", i, len(numbers))
		}

		// Views of before see nothing of what is published, however late they
		// begin to read.
		late, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = late.Close() }()
		if _, err := run.Publish(t.Context(), Finish{Changed: true}); err != nil {
			t.Fatal(err)
		}
		links(late)
		links(v)

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := lease.Release(ended); err != nil {
			t.Errorf("Release after the end of its context: %v", err)
		}
		again, err := s.Acquire(t.Context(), "elsewhere/2", "apply")
		if err != nil {
			t.Fatalf("after Release: %v", err)
		}
		if err := again.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
