package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// erasing is a run that forgets the customer of C0001, whose keys are in the
// reviews, the decisions and the index of [History].
func erasing() *Job {
	return &Job{
		Start: crosswalk.RunStart{Kind: "erase", Actor: "ann", Reason: "asked to be", Rules: "r2", Plan: "forget", Base: 4, Environment: "production"},
		Finish: crosswalk.Finish{
			Changed: true, Erase: []crosswalk.SourceKey{{Source: 2, Key: "C0001"}, {Source: 1, Key: "C0001"}, {Source: 3, Key: "C0001"}},
			Numbers: []crosswalk.Number{{Canonical: "CUST-00000003", State: crosswalk.Gone}},
			Totals:  mapping.Totals{Customers: 23, ReviewsOpen: 0},
		},
	}
}

// erasable is a crosswalk with a past, and a salt that is always the same.
func (w *world) erasable() {
	w.t.Helper()
	for _, j := range audited() {
		w.apply(j)
	}
	if err := w.store.SkipReviews(w.t.Context(), []string{"v1"}, "ann", "ask C0001"); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.store.ClaimReview(w.t.Context(), []string{"v1"}, "bob", time.Hour); err != nil {
		w.t.Fatal(err)
	}
	w.exec("INSERT INTO xwalk_meta (name, value) VALUES ('erase_salt', '" + strings.Repeat("a5", 32) + "')")
}

// testErase lets a run forget a customer: what named it is gone, and all else
// is as it was.
func testErase(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.erasable()
	before := strings.Split(w.dump(), "\n")
	w.apply(erasing())
	after := strings.Split(w.dump(), "\n")

	var left []string // other rows that are not there any more
	table := ""
	for _, line := range before {
		if !strings.HasPrefix(line, " ") {
			table, _, _ = strings.Cut(line, " ")
		}
		if !slices.Contains(after, line) && !strings.Contains(line, `"C0001"`) {
			left = append(left, table+line)
		}
	}
	// The page of the index that has the entry, and the number's row, which is
	// in the past now; head and serial.
	for _, prefix := range []string{`match 1 1 `, `match 1 2 `, `number "CUST-00000003" 1 "K-7" "K-7" 1`, `meta "head" "5"`, `meta "serial" "4"`} {
		left = slices.DeleteFunc(left, func(line string) bool { return strings.HasPrefix(line, prefix) })
	}
	if len(left) > 0 {
		t.Errorf("rows of others are not as they were:\n%s", strings.Join(left, "\n"))
	}
	for _, line := range after {
		if strings.Contains(line, `"C0001"`) || strings.HasPrefix(line, ` "v1"`) || strings.Contains(line, "ask C0001") {
			t.Errorf("this is left: %s", line)
		}
	}

	v := w.snapshot()
	gone, err := v.ErasedOf(t.Context(), []crosswalk.SourceKey{{Source: 1, Key: "C0001"}, {Source: 2, Key: "C0001"}, {Source: 3, Key: "C0004"}, {Source: 1, Key: "C0002"}})
	want := map[crosswalk.SourceKey]crosswalk.Erased{
		{Source: 1, Key: "C0001"}: {Source: 1, Canonical: "CUST-00000003", Run: 6},
		{Source: 2, Key: "C0001"}: {Source: 2, Canonical: "CUST-00000003", Run: 6},
	}
	if err != nil || !cmp.Equal(want, gone) {
		t.Errorf("ErasedOf: %v, %v", gone, err)
	}
	is, err := v.Erased(t.Context(), 1)
	if err != nil || is == nil {
		t.Fatalf("Erased: %v", err)
	}
	if _, ok := is("C0001"); !ok {
		t.Error("Erased does not tell C0001")
	}
	if _, ok := is("C0002"); ok {
		t.Error("Erased tells C0002")
	}
	if is, err := v.Erased(t.Context(), 4); err != nil || is != nil {
		t.Errorf("Erased of a source without any: %v", err)
	}
	for i := range uint64(233) { // the others of a page are still found
		hash := i * 0x0123456789ABCDE
		keys, err := v.ByIndex(t.Context(), "email", []uint64{hash})
		var want []crosswalk.SourceKey
		for k := int(i) * 3; k < int(i)*3+3; k++ {
			if k != 1 {
				want = append(want, crosswalk.SourceKey{Source: 1, Key: fmt.Sprintf("C%04d", k)})
			}
		}
		if err != nil || !cmp.Equal(want, keys) {
			t.Fatalf("by hash %d: %v, %v", i, keys, err)
		}
	}
	log, err := v.DecisionLog(t.Context())
	if err != nil || len(log) != 2 || !log[0].Redacted() || log[0].Verdict != crosswalk.Different || log[0].Actor == "" || log[0].Reason != "" || log[1].Right.Key != " 7" {
		t.Errorf("decisions: %+v, %v", log, err)
	}
	if said, err := v.Decisions(t.Context()); err != nil || len(said) != 0 {
		t.Errorf("decisions in force: %+v, %v", said, err)
	}
	if known, err := v.Known(t.Context(), "CUST-00000003"); err != nil || !known {
		t.Errorf("its number is known: %v, %v", known, err)
	}
	w.auditErased(t)
}

// auditErased checks that the erased crosswalk keeps every promise, and that
// what is altered in it is found, also in what is left of earlier runs.
func (w *world) auditErased(t *testing.T) {
	t.Helper()
	if _, breaches := w.audit(); len(breaches) > 0 {
		t.Errorf("after it: %v", breaches)
	}
	for _, change := range [...][2]string{
		{"UPDATE xwalk_link SET row_hash = row_hash + 1 WHERE source_no = 2 AND id_key = 'C0010'", "UPDATE xwalk_link SET row_hash = row_hash - 1 WHERE source_no = 2 AND id_key = 'C0010'"},
		{"UPDATE xwalk_link SET row_hash = row_hash + 1, row_sum = 0 WHERE source_no = 2 AND id_key = 'C0010'", ""},
		{"UPDATE xwalk_decision SET actor = 'eve' WHERE decision_no = 1", "UPDATE xwalk_decision SET actor = 'ann' WHERE decision_no = 1"},
		{"UPDATE xwalk_erased SET canonical = 'CUST-00000006' WHERE source_no = 2", "UPDATE xwalk_erased SET canonical = 'CUST-00000003' WHERE source_no = 2"},
	} {
		w.exec(change[0])
		if _, breaches := w.audit(); len(breaches) == 0 {
			t.Errorf("nobody finds: %s", change[0])
		}
		if change[1] == "" {
			return // what came last
		}
		w.exec(change[1])
		if _, breaches := w.audit(); len(breaches) > 0 {
			t.Errorf("put back by %s: %v", change[1], breaches)
		}
	}
}

// testEraseTwice forgets one customer after another: what is left of a run is
// amended again.
func testEraseTwice(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.erasable()
	w.apply(erasing())
	second := erasing()
	second.Start.Plan, second.Start.Base = "forget more", 5
	second.Finish.Erase = []crosswalk.SourceKey{{Source: 1, Key: "C0007"}, {Source: 2, Key: "C0007"}}
	second.Finish.Numbers = []crosswalk.Number{{Canonical: "CUST-00000021", State: crosswalk.Gone}}
	second.Finish.Totals.Customers = 22
	w.apply(second)
	if _, breaches := w.audit(); len(breaches) > 0 {
		t.Errorf("after two: %v", breaches)
	}
}

// testEraseDamaged does not make good, by forgetting somebody, what was altered
// before.
func testEraseDamaged(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.erasable()
	w.exec("DELETE FROM xwalk_link WHERE source_no = 2 AND id_key = 'C0016'")
	w.apply(erasing())
	if _, breaches := w.audit(); !slices.ContainsFunc(breaches, func(b crosswalk.Breach) bool { return b.Run == 1 }) {
		t.Errorf("a link that was taken away is forgotten, too: %v", breaches)
	}
}

// testEraseCut stops a run that forgets at any moment: then it has happened
// whole or not at all, and doing it again ends like one that was not stopped.
func testEraseCut(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.erasable()
	w.apply(erasing())
	want := w.dump()
	cuts := []time.Duration{0, time.Millisecond, 3 * time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond}
	if testing.Short() {
		cuts = cuts[:3]
	}
	for _, after := range cuts {
		w.wipe()
		w.erasable()
		w.now = Begun
		lease := w.acquire("erase")
		j := erasing()
		run, err := j.begin(t.Context(), lease)
		if err != nil {
			t.Fatal(err)
		}
		w.now = Ended
		ctx, cancel := context.WithTimeout(t.Context(), after)
		_, err = run.Publish(ctx, j.Finish)
		cancel()
		w.crash() // whatever it was doing
		w.open()
		v := w.snapshot()
		published := v.Head().Run == 6
		if err == nil && !published {
			t.Errorf("cut after %s: it says that it was published", after)
		}
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		if !published {
			if got := w.dump(); !strings.Contains(got, `"C0001"`) {
				t.Errorf("cut after %s, and some of it is done", after)
			}
			w.apply(erasing())
		}
		same(t, "cut after "+after.String(), w.dump(), want)
	}
}

// testEraseUnknown refuses to forget what is not there, and forgets nothing.
func testEraseUnknown(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.erasable()
	before := w.dump()
	lease := w.acquire("erase")
	j := erasing()
	j.Finish.Erase = append(j.Finish.Erase, crosswalk.SourceKey{Source: 1, Key: "C9999"})
	run, err := j.begin(t.Context(), lease)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Publish(t.Context(), j.Finish); err == nil {
		t.Error("no error")
	}
	if _, err := lease.Begin(t.Context(), startOther(j.Start)); err != nil {
		t.Fatal(err)
	}
	w.release(lease)
	w.exec("DELETE FROM xwalk_run WHERE run_no = 6")
	same(t, "after it was refused", w.dump(), before)
}
