package review_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/review"
	"github.com/xwalk-id/xwalk/rules"
)

const (
	legacy3 = "C1,Ann Lee,lee@example.com\nC2,Bob Ray,ray@example.com\nC3,Eve Moe,moe@example.com"
	shop3   = "U1,Robert Lee,lee@example.com\nU2,Rita Ray,ray@example.com\nU3,Carl Moe,moe@example.com\nU4,Joan Lee,lee@example.com"
)

// A review goes from doubt to verdict to the run that carries it out, in every
// store.
func TestFromDoubtToCustomer(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn, legacy3, shop3)
		w.apply()
		d := w.desk(false)
		if len(d.Items) != 4 {
			t.Fatalf("%d reviews, want 4", len(d.Items))
		}
		i := find(t, d, "C2", "U2")
		if i.Rule != "same: email, confirmed by name" || i.SinceRun != 1 || i.Left.Canonical != "N-0002" || i.Right.Canonical != "N-0005" ||
			i.Left.Name() != "Bob Ray" || len(i.Evidence) != 1 || !i.Pending() {
			t.Errorf("the review reads %+v", i)
		}
		w.mustSay(i, crosswalk.Same, "ann")
		w.mustSay(find(t, d, "C3", "U3"), crosswalk.Different, "bob")
		if i := find(t, w.desk(false), "C2", "U2"); i.Pending() || i.Decided.Actor != "ann" || i.Decided.Review != i.ID || !i.Decided.Decided.Equal(now) {
			t.Errorf("decided, the review reads %+v", i)
		}
		w.apply()
		d = w.desk(false)
		if diff := cmp.Diff([]string{"C1 U1", "C1 U4"}, slices.Sorted(slices.Values(pending(d)))); diff != "" {
			t.Errorf("left after the run (-want +got):\n%s", diff)
		}
		closed, err := d.Find(t.Context(), i.ID)
		if err != nil || closed[0].Closed != 2 || closed[0].Left.Canonical != "N-0002" || closed[0].Right.Canonical != "N-0002" {
			t.Errorf("closed, the review reads %+v, %v", closed, err)
		}
		w.apply()
		if again := w.desk(false); len(again.Items) != 2 {
			t.Errorf("a later run raises %d reviews, want 2", len(again.Items))
		}
	})
}

// Three colleagues take turns at the same reviews: each review is decided by
// one of them, once, and none is left.
func TestThreeColleagues(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		const n = 30
		w := newWorld(t, dsn, "", "")
		legacy, shop := doubts(n)
		w.legacy, w.shop = lines(legacy), lines(shop)
		w.apply()
		var mu sync.Mutex
		by := map[string]string{}
		var group sync.WaitGroup
		work := func(actor string) error {
			for {
				d, done, err := open(t, w.store)
				if err != nil {
					return err
				}
				id, err := w.store.ClaimReview(t.Context(), review.Turns(d.Select(review.Filter{}), actor), actor, 30*time.Minute)
				if err != nil || id == "" {
					done()
					return err
				}
				mu.Lock()
				if other, taken := by[id]; taken {
					mu.Unlock()
					done()
					return fmt.Errorf("%s and %s were given %s", other, actor, id)
				}
				by[id] = actor
				mu.Unlock()
				items, err := d.Find(t.Context(), id)
				if err == nil {
					_, err = review.Record(t.Context(), w.store, []review.Answer{{Item: items[0], Verdict: crosswalk.Same, Actor: actor}}, false)
				}
				done()
				if err != nil {
					return err
				}
			}
		}
		for _, actor := range []string{"ann", "bob", "cy"} {
			group.Go(func() {
				if err := work(actor); err != nil {
					t.Errorf("%s: %v", actor, err)
				}
			})
		}
		group.Wait()
		if len(by) != n {
			t.Errorf("%d reviews were decided, want %d", len(by), n)
		}
		d := w.desk(false)
		if left := pending(d); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		for k := range d.Items {
			if i := &d.Items[k]; i.Decided == nil || i.Decided.Actor != by[i.ID] {
				t.Errorf("review %s was given to %s and is decided %+v", i.ID, by[i.ID], i.Decided)
			}
		}
	})
}

// open is desk for goroutines, which may not end a test.
func open(t *testing.T, store *crosswalk.Store) (*review.Desk, func(), error) {
	snap, err := store.Snapshot(t.Context())
	if err != nil {
		return nil, nil, err
	}
	d, err := review.Open(t.Context(), snap, nil)
	return d, func() { _ = snap.Close() }, err
}

// What is passed over is free for others, comes last, and last of all for
// whoever passed it over.
func TestSkip(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn, legacy3, shop3)
		w.apply()
		next := func(actor string) string {
			t.Helper()
			d := w.desk(false)
			id, err := w.store.ClaimReview(t.Context(), review.Turns(d.Select(review.Filter{}), actor), actor, 30*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		skip := func(actor, id string) {
			t.Helper()
			if err := w.store.SkipReviews(t.Context(), []string{id}, actor, "ask the branch"); err != nil {
				t.Fatal(err)
			}
		}
		var seen []string
		for range 4 {
			id := next("ann")
			if slices.Contains(seen, id) {
				t.Fatalf("%s comes again before all were shown (%v)", id, seen)
			}
			seen = append(seen, id)
			skip("ann", id)
		}
		if id := next("ann"); id != seen[0] {
			t.Errorf("then comes %s, want the one passed over first, %s", id, seen[0])
		}
		skip("ann", seen[0])
		if id := next("ann"); id != seen[1] {
			t.Errorf("then comes %s, want %s", id, seen[1])
		}
		if id := next("bob"); id == seen[1] || id == "" {
			t.Errorf("bob is given %q, on which ann works", id)
		}
		d := w.desk(false)
		items, err := d.Find(t.Context(), seen[0])
		if err != nil || len(items[0].Skips) != 1 || items[0].Skips[0].Reason != "ask the branch" || !items[0].Skips[0].Skipped.Equal(now) {
			t.Errorf("passed over: %+v, %v", items, err)
		}
	})
}

// A verdict of somebody else stands until it is overridden; one's own may be
// changed and taken back.
func TestContrary(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn, legacy3, shop3)
		w.apply()
		item := func() *review.Item { return find(t, w.desk(false), "C2", "U2") }
		w.mustSay(item(), crosswalk.Same, "ann")
		recorded, err := review.Record(t.Context(), w.store, []review.Answer{{Item: item(), Verdict: crosswalk.Same, Actor: "bob"}}, false)
		if err != nil || !recorded[0].Again || recorded[0].By != "ann" {
			t.Errorf("bob says the same: %+v, %v", recorded, err)
		}
		var contrary crosswalk.ContraryErrors
		for _, v := range []crosswalk.Verdict{crosswalk.Different, crosswalk.Withdrawn} {
			if err := w.say(item(), v, "bob", false); !errors.As(err, &contrary) || contrary[0].Before.Actor != "ann" {
				t.Errorf("bob says %s: %v", v, err)
			}
		}
		w.mustSay(item(), crosswalk.Different, "ann")
		if err := w.say(item(), crosswalk.Same, "bob", true); err != nil {
			t.Error(err)
		}
		w.mustSay(item(), crosswalk.Withdrawn, "bob")
		if i := item(); !i.Pending() {
			t.Errorf("taken back, the review reads %+v", i)
		}
	})
}

// A verdict that a run carried out can be taken back: the review is there
// again although no run raises it.
func TestReopen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir()+"/crosswalk.db", legacy3, shop3)
	w.apply()
	i := find(t, w.desk(false), "C2", "U2")
	w.mustSay(i, crosswalk.Different, "ann")
	w.apply()
	if got := pending(w.desk(false)); slices.Contains(got, "C2 U2") {
		t.Errorf("decided, and still asked: %v", got)
	}
	w.mustSay(i, crosswalk.Withdrawn, "ann")
	w.apply()
	if got := pending(w.desk(false)); !slices.Contains(got, "C2 U2") {
		t.Errorf("taken back, and not asked: %v", got)
	}
	w.mustSay(i, crosswalk.Same, "ann")
	w.apply()
	d := w.desk(false)
	if found, err := d.Find(t.Context(), i.ID); err != nil || found[0].Right.Canonical != "N-0002" || slices.Contains(pending(d), "C2 U2") {
		t.Errorf("decided anew: %+v, %v", found, err)
	}
}

// The doubts of a plan are decided before there is anything in the crosswalk,
// and the first run knows it.
func TestPlanFirst(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn, legacy3, shop3)
		d := w.desk(true)
		same, different := find(t, d, "C2", "U2"), find(t, d, "C3", "U3")
		if same.SinceRun != 0 || same.Right.Name() != "Rita Ray" || same.Left.Canonical != "N-0002" {
			t.Errorf("the review reads %+v", same)
		}
		others, err := d.Others(t.Context(), same)
		if err != nil || len(others) != 0 {
			t.Errorf("other records: %+v, %v", others, err)
		}
		content := same.Content()
		w.mustSay(same, crosswalk.Same, "ann")
		w.mustSay(different, crosswalk.Different, "ann")
		if got := slices.Sorted(slices.Values(pending(w.desk(true)))); !slices.Equal(got, []string{"C1 U1", "C1 U4"}) {
			t.Errorf("the next plan asks about %v", got)
		}
		w.apply()
		d = w.desk(false)
		found, err := d.Find(t.Context(), same.ID, different.ID)
		if err != nil {
			t.Fatal(err)
		}
		if f := found[0]; f.Left.Canonical != "N-0002" || f.Right.Canonical != "N-0002" || f.Decided == nil || f.Content() != content {
			t.Errorf("after the run: %+v", f)
		}
		if found[1].Left.Canonical == found[1].Right.Canonical {
			t.Errorf("different, and both are %s", found[1].Left.Canonical)
		}
	})
}

// Where fields are not kept there is nothing to show, and it is still noticed
// when a record changes.
func TestKeepKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir()+"/crosswalk.db", legacy3, shop3)
	w.keep = rules.KeepKeys
	w.apply()
	i := find(t, w.desk(false), "C2", "U2")
	if len(i.Compare()) > 0 || i.Left.Name() != "" {
		t.Errorf("fields are shown: %+v", i.Compare())
	}
	before := i.Content()
	w.apply()
	if after := find(t, w.desk(false), "C2", "U2").Content(); after != before {
		t.Errorf("nothing changed, and the content goes from %s to %s", before, after)
	}
	w.legacy.rows[1][1] = "Bobby Ray"
	w.apply()
	if after := find(t, w.desk(false), "C2", "U2").Content(); after == before {
		t.Errorf("the record changed, and the content stays %s", before)
	}
}

func TestHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir()+"/crosswalk.db", legacy3, shop3)
	w.policy.Reviews = "hold"
	w.apply()
	d := w.desk(false)
	i := find(t, d, "C2", "U2")
	same, different := d.Outcome(i, nil)
	if i.Right.Canonical != "" || same != "shop U2 joins N-0002" || !strings.HasPrefix(different, "shop U2 gets a number of its own") {
		t.Errorf("%+v\nsame: %s\ndifferent: %s", i, same, different)
	}
	w.mustSay(i, crosswalk.Same, "ann")
	w.apply()
	found, err := w.desk(false).Find(t.Context(), i.ID)
	if err != nil || found[0].Right.Canonical != "N-0002" {
		t.Errorf("after the run: %+v, %v", found, err)
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir()+"/crosswalk.db", legacy3, shop3)
	w.apply()
	d := w.desk(false)
	known := d.Items[0].ID
	_, err := d.Find(t.Context(), "nothing", known, "r"+known, "none")
	var unknown *review.UnknownError
	if !errors.As(err, &unknown) || !slices.Equal(unknown.IDs, []string{"nothing", "none"}) || err.Error() != "the crosswalk has no review nothing, none" {
		t.Errorf("%v", err)
	}
	if found, err := d.Find(t.Context(), " R"+strings.ToUpper(known), known); err != nil || len(found) != 1 || found[0].ID != known {
		t.Errorf("%+v, %v", found, err)
	}
}

// fillIn exports the reviews and puts verdicts into the sheet, by left ID.
func fillIn(t *testing.T, items []*review.Item, verdicts map[string]string) []review.Filled {
	t.Helper()
	var sheet strings.Builder
	if err := review.Export(&sheet, items); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(sheet.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(row []string, column string) string { return row[slices.Index(rows[0], column)] }
	var filled []review.Filled
	for n, row := range rows[1:] {
		filled = append(filled, review.Filled{
			Place: mapping.Place{File: "sheet.csv", Line: int64(n + 2)}, Review: at(row, "review"), Content: at(row, "content"),
			Verdict: verdicts[at(row, "left_id")+" "+at(row, "right_id")],
		})
	}
	return filled
}

func TestImport(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn,
			"C1,Ann,1@example.com\nC2,Ann,2@example.com\nC3,Ann,3@example.com\nC4,Ann,4@example.com\nC5,Ann,5@example.com\nC6,Ann,6@example.com\nC7,Ann,7@example.com",
			"U1,Bob,1@example.com\nU2,Bob,2@example.com\nU3,Bob,3@example.com\nU4,Bob,4@example.com\nU5,Bob,5@example.com\nU6,Bob,6@example.com\nU7,Bob,7@example.com")
		w.apply()
		d := w.desk(false)
		filled := fillIn(t, d.Select(review.Filter{}), map[string]string{
			"C1 U1": "是", "C2 U2": "NO", "C3 U3": "Same", "C4 U4": "相同", "C5 U5": "skip", "C6 U6": "yes",
		})
		filled = append(filled, review.Filled{Place: mapping.Place{File: "sheet.csv", Line: 9}, Review: "r00ff00ff00", Content: "c1", Verdict: "same"})

		// Meanwhile a record changes, and a colleague decides two of them.
		w.legacy.rows[2][1] = "Anne"
		w.apply()
		w.mustSay(find(t, d, "C4", "U4"), crosswalk.Different, "bob")
		w.mustSay(find(t, d, "C6", "U6"), crosswalk.Same, "bob")

		d = w.desk(false)
		sheet, err := d.Import(t.Context(), filled, "ann", false)
		if err != nil {
			t.Fatal(err)
		}
		// And another while the sheet is being checked.
		w.mustSay(find(t, d, "C2", "U2"), crosswalk.Same, "cy")
		if err := sheet.Record(t.Context(), w.store, "ann", false); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{"rows": fmt.Sprint(sheet.Rows), "blank": fmt.Sprint(sheet.Blank), "skip": fmt.Sprint(len(sheet.Skip))}
		for _, a := range sheet.Answers {
			got[a.Item.Left.SourceID] = a.Verdict.String()
		}
		for _, a := range sheet.Again {
			got[a.Item.Left.SourceID] = "again"
		}
		for _, r := range sheet.Refused {
			id := r.Review
			if items, err := d.Find(t.Context(), r.Review); err == nil {
				id = items[0].Left.SourceID
			}
			got[id] = r.Reason
		}
		want := map[string]string{
			"rows": "8", "blank": "1", "skip": "1", "C1": "same", "C6": "again",
			"C2":         "cy decided same before; --override replaces that",
			"C3":         "the records changed since the export: look at it again",
			"C4":         "bob decided different before; --override replaces that",
			"00ff00ff00": "there is no such review",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if left := pending(w.desk(false)); !slices.Equal(slices.Sorted(slices.Values(left)), []string{"C3 U3", "C5 U5", "C7 U7"}) {
			t.Errorf("left open: %v", left)
		}
		sheet, err = w.desk(false).Import(t.Context(), filled, "ann", true)
		if err != nil {
			t.Fatal(err)
		}
		if err := sheet.Record(t.Context(), w.store, "ann", true); err != nil || len(sheet.Answers) != 2 || len(sheet.Refused) != 2 {
			t.Errorf("with override: %d answers, refused %+v, %v", len(sheet.Answers), sheet.Refused, err)
		}
	})
}

// A sheet that comes back after its verdicts were carried out changes nothing.
func TestImportAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir()+"/crosswalk.db", legacy3, shop3)
	w.apply()
	d := w.desk(false)
	filled := fillIn(t, d.Select(review.Filter{}), map[string]string{"C2 U2": "same", "C3 U3": "different"})
	take := func() *review.Sheet {
		t.Helper()
		sheet, err := w.desk(false).Import(t.Context(), filled, "ann", false)
		if err != nil {
			t.Fatal(err)
		}
		if err := sheet.Record(t.Context(), w.store, "ann", false); err != nil {
			t.Fatal(err)
		}
		return sheet
	}
	if s := take(); len(s.Answers) != 2 || len(s.Refused) != 0 {
		t.Errorf("first: %+v", s)
	}
	w.apply()
	if s := take(); len(s.Answers) != 0 || len(s.Again) != 2 || len(s.Refused) != 0 {
		t.Errorf("again: %+v", s)
	}
}

func TestOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir()+"/crosswalk.db", "C1,Ann Lee,lee@example.com\nC2,Ann Lee,lee@example.com", "U1,Robert Lee,lee@example.com")
	w.apply()
	d := w.desk(false)
	i := &d.Items[0]
	others, err := d.Others(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for id, sides := range others {
		for k := range sides {
			got[id] = append(got[id], sides[k].SourceID)
		}
	}
	other := map[string]string{"C1": "C2", "C2": "C1"}[i.Left.SourceID]
	if diff := cmp.Diff(map[string][]string{"N-0001": {other}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	same, _ := d.Outcome(i, others)
	if want := "N-0002 becomes N-0001, which stands for both from then on; N-0002 still answers"; same != want {
		t.Errorf("same: %s, want %s", same, want)
	}
}
