package migrate_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// savedWorld has a plan saved in a file, with a bit of everything in it.
func savedWorld(t *testing.T) (w *world, p *plan.Plan, path string) {
	src := source("crm", "email", "name")
	src.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	w = newWorld(t, "", rules.Config{Matching: true, Same: same("email?name"), Sources: []rules.Source{src}})
	w.sheets["crm"] = table("id,email,name,code\nC1,a@x.example,Al,K1\n C2,a@x.example,Bea,K2\n客户3,c@x.example,Cy,K2\n,d@x.example,Di,")
	p, err := w.dry()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "saved.plan")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return w, p, path
}

func TestSavedPlanIsThePlan(t *testing.T) {
	t.Parallel()
	w, p, path := savedWorld(t)
	saved, err := plan.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, saved, cmpopts.IgnoreUnexported(plan.Plan{})); diff != "" {
		t.Errorf("the saved plan is another one (-made +opened):\n%s", diff)
	}
	changes := func(p *plan.Plan) (out []plan.Change) {
		for c, err := range p.Changes() {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, c)
		}
		return out
	}
	if diff := cmp.Diff(changes(p), changes(saved)); diff != "" {
		t.Errorf("its changes are others (-made +opened):\n%s", diff)
	}
	w.sheets["crm"] = nil // the sources are not read again
	store := w.open()
	defer store.Close()
	if _, err := migrate.Apply(t.Context(), store, saved, migrate.Options{Rules: saved.Rules}); err != nil {
		t.Fatal(err)
	}
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm 客户3=N-000003", "crm.code K1=N-000001", "crm.code K2= contested")

	var stale *migrate.StaleError
	if _, err := migrate.Apply(t.Context(), store, saved, migrate.Options{Rules: saved.Rules}); !errors.As(err, &stale) {
		t.Errorf("applying it twice gives %v", err)
	}
	if _, err := migrate.Apply(t.Context(), store, saved, migrate.Options{Rules: "others"}); !errors.As(err, &stale) {
		t.Errorf("applying it under other rules gives %v", err)
	}
}

// Two people who plan from the same files have the same plan file.
func TestPlanFilesAreDeterministic(t *testing.T) {
	t.Parallel()
	_, a, _ := savedWorld(t)
	_, b, _ := savedWorld(t)
	var fa, fb bytes.Buffer
	if _, err := a.WriteTo(&fa); err != nil {
		t.Fatal(err)
	}
	if _, err := b.WriteTo(&fb); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fa.Bytes(), fb.Bytes()) {
		t.Error("the files differ")
	}
}

// Every flipped byte, every cut and every addition is noticed.
func TestDamagedPlanFile(t *testing.T) {
	t.Parallel()
	_, _, path := savedWorld(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, b []byte) {
		bad := filepath.Join(t.TempDir(), "bad.plan")
		if err := os.WriteFile(bad, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Open(bad); err == nil {
			t.Errorf("%s opens", what)
		} else if !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v does not name the file", what, err)
		}
	}
	for i := 0; i < len(good); i += 1 + len(good)/300 {
		b := bytes.Clone(good)
		b[i] ^= 0x10
		try("a file with a flipped byte", b)
		try("a file cut short", good[:i])
	}
	try("a file with something behind it", append(bytes.Clone(good), 'x'))
	try("another file", []byte("id,email\n"))
}

func FuzzOpenPlan(f *testing.F) {
	f.Add([]byte("xwalk plan 2\n\x00\x00\x00\x00\x00\x00\x00\x02{}\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "p")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if p, err := plan.Open(path); err == nil {
			for _, err := range p.Writes() {
				if err != nil {
					return // a record that nobody wrote, behind a checksum that fits
				}
			}
		}
	})
}
