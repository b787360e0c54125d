package migrate_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// save writes a plan to a file and opens it again.
func save(t *testing.T, p *plan.Plan) (saved *plan.Plan, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "saved.plan")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.WriteTo(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if saved, err = plan.Open(path); err != nil {
		t.Fatal(err)
	}
	return saved, path
}

// peopledPlan is a saved plan of ann's, in every store.
func peopledPlan(t *testing.T, dsn string) (*world, *plan.Plan, string) {
	w := twoSources(t, dsn)
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,b@x.example,Bo")
	w.sheets["shop"] = table("id,email,name\n1,a@x.example,Al")
	p, err := w.dry()
	if err != nil {
		t.Fatal(err)
	}
	p.Author = "ann"
	saved, path := save(t, p)
	return w, saved, path
}

func TestApproval(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w, p, path := peopledPlan(t, dsn)
		store := w.open()
		defer store.Close()
		o := migrate.Options{Actor: "ann", Rules: p.Rules, Approval: true}
		var refused *migrate.ApprovalError
		if _, err := migrate.Apply(t.Context(), store, p, o); !errors.As(err, &refused) {
			t.Fatalf("without an approval: %v", err)
		}
		if _, err := migrate.Approve(t.Context(), store, p, o); !errors.As(err, &refused) {
			t.Fatalf("the author's own approval: %v", err)
		}
		if got := w.links(); len(got) > 0 {
			t.Fatalf("what was refused wrote %v", got)
		}
		for _, actor := range []string{"carl", "bob", "carl"} {
			if _, err := migrate.Approve(t.Context(), store, p, migrate.Options{Actor: actor, Rules: p.Rules, Reason: "seen"}); err != nil {
				t.Fatal(err)
			}
		}

		// Another file is another plan, however it came about.
		edited := edit(t, path, "N-000001", "N-000009")
		if _, err := migrate.Apply(t.Context(), store, edited, o); !errors.As(err, &refused) {
			t.Fatalf("an edited plan: %v", err)
		}

		res, err := migrate.Apply(t.Context(), store, p, o)
		if err != nil || !slices.Equal(res.Approved, []string{"bob", "carl"}) {
			t.Fatalf("applied: %+v, %v", res, err)
		}
		snap, err := store.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer snap.Close()
		runs, err := snap.Runs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"bob", "carl"}, runs[0].Approved); diff != "" {
			t.Errorf("the run's approvals (-want +got):\n%s", diff)
		}
	})
}

// edit replaces bytes of a plan file by as many others, and makes its checksum
// right again.
func edit(t *testing.T, path, before, after string) *plan.Plan {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.ReplaceAll(b[:len(b)-sha256.Size], []byte(before), []byte(after))
	sum := sha256.Sum256(body)
	edited := filepath.Join(t.TempDir(), "edited.plan")
	if err := os.WriteFile(edited, append(body, sum[:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := plan.Open(edited)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A plan file that is replaced after it was opened is not applied.
func TestPlanFileReplacedWhileInUse(t *testing.T) {
	t.Parallel()
	w, p, path := peopledPlan(t, "")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.ReplaceAll(b[:len(b)-sha256.Size], []byte("N-000001"), []byte("N-000009"))
	sum := sha256.Sum256(body)
	if err := os.WriteFile(path, append(body, sum[:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	store := w.open()
	defer store.Close()
	_, err = migrate.Apply(t.Context(), store, p, migrate.Options{Rules: p.Rules})
	var damaged *plan.FileError
	if !errors.As(err, &damaged) {
		t.Errorf("applied with %v", err)
	}
	if got := w.links(); len(got) > 0 {
		t.Errorf("readers see %v", got)
	}
}

// Nobody applies a saved plan beside another writer.
func TestSavedPlanWaitsForTheLease(t *testing.T) {
	t.Parallel()
	w, p, _ := peopledPlan(t, "")
	store := w.open()
	defer store.Close()
	lease, err := store.Acquire(t.Context(), "elsewhere/1", "sync")
	if err != nil {
		t.Fatal(err)
	}
	_, err = migrate.Apply(t.Context(), store, p, migrate.Options{Rules: p.Rules})
	var locked *crosswalk.LockedError
	if !errors.As(err, &locked) {
		t.Errorf("a locked crosswalk gives %v", err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := migrate.Apply(t.Context(), store, p, migrate.Options{Rules: p.Rules}); err != nil {
		t.Error(err)
	}
}
