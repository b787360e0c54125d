package migrate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// give imports "source id number" lines.
func (w *world) give(lines ...string) *plan.Plan {
	w.t.Helper()
	var given []plan.Given
	for i, l := range lines {
		f := strings.SplitN(l, " ", 3)
		given = append(given, plan.Given{Source: f[0], SourceID: f[1], Canonical: f[2], Place: fmt.Sprintf("list.csv:%d", i+2)})
	}
	rs := w.ruleset()
	store := w.open()
	defer store.Close()
	w.clock = w.clock.Add(time.Minute)
	p, _, err := migrate.Run(w.t.Context(), store, migrate.Options{Rules: rs.Digest()}, func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
		return plan.Import(ctx, snap, rs, given, w.options())
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestImport(t *testing.T) {
	t.Parallel()
	src := source("crm", "email")
	src.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{src, source("shop", "email")}})
	p := w.give("crm C1 N-000002", "crm C2 OLD-7", "shop 7 OLD-7", "crm.code K1 OLD-7", "crm Ｃ２ OLD-7",
		"crm C3 OLD-8", "crm C3 OLD-9", "crm C4 old_4", "shp 1 OLD-1", "shop  OLD-1")
	expect(t, w, "crm C1=N-000002", "crm C2=OLD-7", "crm.code K1=OLD-7", "shop 7=OLD-7")
	expectCounts(t, p, mapping.Counts{Read: 10, Created: 2, Linked: 2, Unchanged: 1, Rejected: 5})
	if p.Totals.Customers != 2 {
		t.Errorf("customers = %d, want 2", p.Totals.Customers)
	}
	reasons := map[string]string{}
	for _, r := range p.Rejects {
		reasons[r.Place] = r.Reason
	}
	for place, want := range map[string]string{
		"list.csv:7": "OLD-9 (list.csv:8)", "list.csv:8": "OLD-8 (list.csv:7)", "list.csv:9": "canonical", "list.csv:10": `unknown source "shp"`, "list.csv:11": "missing",
	} {
		if !strings.Contains(reasons[place], want) {
			t.Errorf("%s: reason is %q, want it to name %q", place, reasons[place], want)
		}
	}

	w.sheets["crm"] = table("id,email,code\nC0,z@x.example,\nC1,a@x.example,\nC2,b@x.example,K1\nC9,c@x.example,")
	w.sheets["shop"] = table("id,email\n7,b@x.example\n8,a@x.example")
	run := w.apply()
	expect(t, w, "crm C0=N-000001", "crm C1=N-000002", "crm C2=OLD-7", "crm C9=N-000003", "crm.code K1=OLD-7", "shop 7=OLD-7", "shop 8=N-000002")
	expectCounts(t, run, mapping.Counts{Read: 6, Created: 2, Linked: 1, Updated: 3})

	p = w.give("crm C1 N-000002", "crm C1 N-000002", "crm C9 OLD-7")
	expectCounts(t, p, mapping.Counts{Read: 3, Unchanged: 2, Rejected: 1})
	if len(p.Rejects) != 1 || !strings.Contains(p.Rejects[0].Reason, "N-000003 since run 2") {
		t.Errorf("rejects are %+v", p.Rejects)
	}
}

// A number that is retired is never given to anyone else, by import neither.
func TestImportDoesNotReviveNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm")}})
	w.policy.Retire = true
	w.sheets["crm"] = table("id\n1\n2")
	w.apply()
	w.sheets["crm"] = table("id\n2")
	w.apply()
	p := w.give("crm 3 N-000001")
	expectCounts(t, p, mapping.Counts{Read: 1, Rejected: 1})
	expect(t, w, "crm 1=N-000001 retired", "crm 2=N-000002")
}

// TestImportReadsIDsAsTheSourceDoes: a list's spellings are those of the
// source, code lists of the configuration among them, and an ID that no record
// can have is none.
func TestImportReadsIDsAsTheSourceDoes(t *testing.T) {
	t.Parallel()
	src := source("crm")
	src.ID.Schemes = []string{"{code:branch}[-]{seq:3}"}
	w := newWorld(t, "", rules.Config{Codes: scheme.Codes{"branch": {"N", "S"}}, Sources: []rules.Source{src}})
	p := w.give("crm N-001 OLD-1", "crm S2 OLD-2", "crm 'S003 OLD-3")
	expect(t, w, "crm N001=OLD-1")
	want := []string{
		"S2: the ID does not fit the scheme {code:branch}[-]{seq:3}; zeros look dropped from its number: S002 would fit",
		"'S003: the ID does not fit the scheme {code:branch}[-]{seq:3}; a spreadsheet's leading apostrophe was kept: S003 would fit",
	}
	if d := cmp.Diff(want, reasons(p)); d != "" {
		t.Error(d)
	}
	w.sheets["crm"] = table("id\nN001\nS-002")
	expectCounts(t, w.apply(), mapping.Counts{Read: 2, Created: 1, Updated: 1})
	expect(t, w, "crm N001=OLD-1", "crm S002=N-000001")
}
