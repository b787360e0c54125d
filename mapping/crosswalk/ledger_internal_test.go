package crosswalk

import (
	"bytes"
	"io"
	"testing"

	"github.com/xwalk-id/xwalk/mapping/archive"
)

// TestBeforeLedger reads tables that have no ledger yet as if it were empty,
// takes an archive of them into newer tables, and brings them up to date.
func TestBeforeLedger(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		old, err := open(t.Context(), dsn, Options{}, false, migrations[:ledgerVersion-1])
		if err != nil {
			t.Fatal(err)
		}
		lease, err := old.Acquire(t.Context(), "elsewhere/1", "apply")
		if err != nil {
			t.Fatal(err)
		}
		entry := []Publication{{Source: 1, Key: "1", Canonical: "C1"}}
		run, err := lease.Begin(t.Context(), RunStart{Kind: "apply", Sources: []Source{{No: 1, Name: "a", KeyRule: "{}"}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := run.WriteLinks(t.Context(), []Link{{Source: 1, Key: "1", Canonical: "C1", Rule: "new"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := run.Publish(t.Context(), Finish{Changed: true}); err != nil {
			t.Fatal(err)
		}
		if err := lease.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}

		var text bytes.Buffer
		reading, err := OpenReadOnly(t.Context(), dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := reading.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for p, err := range v.Publications(t.Context(), 1) {
			t.Errorf("an entry where there is no ledger: %v, %v", p, err)
		}
		for p, err := range v.PublicationsOf(t.Context(), 1) {
			t.Errorf("an entry where there is no ledger: %v, %v", p, err)
		}
		if found, err := v.PublicationsOfKeys(t.Context(), []SourceKey{{1, "1"}}); err != nil || found != nil {
			t.Errorf("an entry where there is no ledger: %v, %v", found, err)
		}
		if _, err := v.WriteArchive(t.Context(), &text, func(int64) {}); err != nil {
			t.Fatal(err)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
		audit := func(s *Store) {
			t.Helper()
			if _, err := s.Audit(t.Context(), func(b Breach) { t.Errorf("%+v", b) }, nil); err != nil {
				t.Error(err)
			}
		}
		audit(reading)
		if err := reading.Close(); err != nil {
			t.Error(err)
		}

		s, err := Open(t.Context(), dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		audit(s)
		if lease, err = s.Acquire(t.Context(), "elsewhere/1", "publish"); err != nil {
			t.Fatal(err)
		}
		if run, err = lease.Begin(t.Context(), RunStart{Kind: "publish", Base: 1}); err != nil {
			t.Fatal(err)
		}
		if err := run.WritePublications(t.Context(), entry); err != nil {
			t.Error(err)
		}
		if _, err := run.Publish(t.Context(), Finish{}); err != nil {
			t.Error(err)
		}
		if err := lease.Release(t.Context()); err != nil {
			t.Error(err)
		}
		audit(s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		loadOld(t, text.Bytes())
	})
}

// loadOld loads an archive of older tables into a new crosswalk.
func loadOld(t *testing.T, text []byte) {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir()+"/new.db", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	a, err := archive.Open(io.NewSectionReader(bytes.NewReader(text), 0, int64(len(text))), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	lease, err := s.Acquire(t.Context(), "elsewhere/1", "import")
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.Load(t.Context(), a, "", func(int64) {}); err != nil {
		t.Error(err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.Audit(t.Context(), func(b Breach) { t.Errorf("loaded: %+v", b) }, nil); err != nil {
		t.Error(err)
	}
}
