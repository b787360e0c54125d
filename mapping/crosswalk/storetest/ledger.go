package storetest

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// publishing starts a run that publishes, on the state that audited leaves.
func publishing(plan string) crosswalk.RunStart {
	return crosswalk.RunStart{Kind: "publish", Actor: "ann", Rules: "r2", Plan: plan, Base: 4, Environment: "production"}
}

// entry is one of source 1 or 2.
func entry(source, i int, canonical string) crosswalk.Publication {
	return crosswalk.Publication{Source: source, Key: fmt.Sprintf("C%04d", i), Canonical: canonical}
}

// publish writes a run with the entries, in two calls, and publishes it.
func (w *world) publish(start crosswalk.RunStart, entries ...crosswalk.Publication) {
	w.t.Helper()
	w.now = Begun
	lease := w.acquire("publish")
	run, err := lease.Begin(w.t.Context(), start)
	if err == nil {
		err = errors.Join(run.WritePublications(w.t.Context(), entries[:1]), run.WritePublications(w.t.Context(), entries[1:]))
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = Ended
	serial, err := run.Publish(w.t.Context(), crosswalk.Finish{Rewrote: []crosswalk.Rewritten{{Reference: "a.b", RefersTo: "legacy", InPlace: true}}})
	if err != nil || serial != start.Base {
		w.t.Fatalf("published as serial %d, %v", serial, err)
	}
	w.release(lease)
}

// published is a run with entries on the crosswalk that an erasure is tried
// on, one of them settled.
func (w *world) published() {
	w.t.Helper()
	w.publish(publishing("pub"), entry(1, 1, "CUST-00000003"), entry(1, 2, "CUST-00000006"), entry(2, 1, "CUST-00000003"))
	w.settle(crosswalk.Publication{Source: 1, Key: "C0002", Run: 6, Canonical: "CUST-00000006", State: crosswalk.Delivered, Before: "old", HadBefore: true})
}

func (w *world) settle(entries ...crosswalk.Publication) {
	w.t.Helper()
	lease := w.acquire("publish")
	if err := lease.SettlePublications(w.t.Context(), entries); err != nil {
		w.t.Fatal(err)
	}
	w.release(lease)
}

func entries(t testing.TB, seq iter.Seq2[*crosswalk.Publication, error]) (list []crosswalk.Publication) {
	t.Helper()
	for p, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, *p)
	}
	return list
}

// testLedger lets two runs publish, settles what became of it, and takes one
// back.
func testLedger(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, j := range audited() {
		w.apply(j)
	}
	w.publish(publishing("one"), entry(1, 1, "CUST-00000003"), entry(1, 2, "CUST-00000006"), entry(1, 4, "CUST-00000012"), entry(2, 1, "CUST-00000003"))
	done := func(p crosswalk.Publication, run int64, state crosswalk.PublicationState) crosswalk.Publication {
		p.Run, p.State = run, state
		return p
	}
	first := done(entry(1, 1, "CUST-00000003"), 6, crosswalk.Delivered)
	first.Before, first.HadBefore = "Ö\\n'x", true
	second := done(entry(1, 2, "CUST-00000006"), 6, crosswalk.Refused)
	second.Reason = "there is no such record"
	w.settle(second, first)
	w.publish(publishing("two"), entry(1, 1, "CUST-00000099"), entry(1, 2, "CUST-00000006"))

	v := w.snapshot()
	of6 := []crosswalk.Publication{first, second, done(entry(1, 4, "CUST-00000012"), 6, 0), done(entry(2, 1, "CUST-00000003"), 6, 0)}
	of7 := []crosswalk.Publication{done(entry(1, 1, "CUST-00000099"), 7, 0), done(entry(1, 2, "CUST-00000006"), 7, 0)}
	same := func(what string, got []crosswalk.Publication, want ...crosswalk.Publication) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	same("run 6", entries(t, v.PublicationsOf(t.Context(), 6)), of6...)
	same("run 7", entries(t, v.PublicationsOf(t.Context(), 7)), of7...)
	same("run 4", entries(t, v.PublicationsOf(t.Context(), 4)))
	same("source 1", entries(t, v.Publications(t.Context(), 1)), of7[0], of7[1], of6[2])
	same("source 2", entries(t, v.Publications(t.Context(), 2)), of6[3])
	keys := []crosswalk.SourceKey{{Source: 2, Key: "C0001"}, {Source: 1, Key: "C0001"}, {Source: 1, Key: "C0009"}}
	list, err := v.PublicationsOfKeys(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	same("by keys", list, first, of7[0], of6[3])
	counts, err := v.PublicationCounts(t.Context(), 6)
	if diff := cmp.Diff(map[crosswalk.PublicationState]int64{crosswalk.Intended: 2, crosswalk.Delivered: 1, crosswalk.Refused: 1}, counts); diff != "" || err != nil {
		t.Errorf("counts: %v, %s", err, diff)
	}
	runs, err := v.Runs(t.Context())
	if err != nil || runs[5].Published != 4 || runs[6].Published != 2 || runs[5].Serial != 4 || len(runs[5].Rewrote) != 1 || runs[5].Rewrote[0].Reference != "a.b" {
		t.Errorf("runs: %+v, %v", runs, err)
	}

	// A run that takes the second one back.
	w.publish(publishing("three"), entry(1, 1, ""))
	back := done(of7[0], 7, crosswalk.TakenBack)
	w.settle(back, done(entry(1, 1, ""), 8, crosswalk.Delivered))
	same("a view that is open", entries(t, v.Publications(t.Context(), 1)), of7[0], of7[1], of6[2])
	now := w.snapshot()
	same("after it", entries(t, now.Publications(t.Context(), 1)), done(entry(1, 1, ""), 8, crosswalk.Delivered), of7[1], of6[2])
	past, err := w.store.SnapshotAt(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = past.Close() }()
	same("before it", entries(t, past.Publications(t.Context(), 1)), done(of7[0], 7, crosswalk.Delivered), of7[1], of6[2])
	past6, err := w.store.SnapshotAt(t.Context(), 6)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = past6.Close() }()
	same("run 7 before there was one", entries(t, past6.PublicationsOf(t.Context(), 7)))

	lease := w.acquire("publish")
	for what, p := range map[string]crosswalk.Publication{
		"another number":     done(entry(1, 1, "CUST-00000004"), 6, crosswalk.Delivered),
		"no such entry":      done(entry(1, 9, "CUST-00000004"), 6, crosswalk.Delivered),
		"no such run":        done(entry(1, 1, "CUST-00000003"), 10, crosswalk.Delivered),
		"a reason with NUL":  {Source: 1, Key: "C0001", Run: 6, Canonical: "CUST-00000003", State: crosswalk.Refused, Reason: "\x00"},
		"a state that isn't": done(entry(1, 1, "CUST-00000003"), 6, 9),
	} {
		if err := lease.SettlePublications(t.Context(), []crosswalk.Publication{done(of7[1], 7, crosswalk.Delivered), p}); err == nil {
			t.Errorf("settled %s", what)
		}
	}
	w.release(lease)
	if err := lease.SettlePublications(t.Context(), []crosswalk.Publication{first}); !errors.Is(err, crosswalk.ErrLost) {
		t.Errorf("settled without the lease: %v", err)
	}
	same("and nothing else", entries(t, now.PublicationsOf(t.Context(), 7)), back, of7[1])
	if _, breaches := w.audit(); len(breaches) > 0 {
		t.Errorf("%v", breaches)
	}

	text, dump := w.archive(), w.dump()
	moved := newWorld(t, s)
	if err := moved.load(text); err != nil {
		t.Fatal(err)
	}
	if got := moved.dump(); got != dump {
		t.Errorf("archived and loaded:\n%s", cmp.Diff(strings.Split(dump, "\n"), strings.Split(got, "\n")))
	}
	for _, broken := range []string{
		"UPDATE xwalk_publication SET before_text = 'x' WHERE run_no = 6 AND id_key = 'C0004'",
		"UPDATE xwalk_publication SET run_no = 2 WHERE run_no = 7",
		"UPDATE xwalk_publication SET source_no = 9 WHERE source_no = 2",
		"DELETE FROM xwalk_publication WHERE run_no = 8",
	} {
		moved.wipe()
		if err := moved.load(text); err != nil {
			t.Fatal(err)
		}
		moved.exec(broken)
		if _, breaches := moved.audit(); !slices.ContainsFunc(breaches, func(b crosswalk.Breach) bool { return b.Table == "xwalk_publication" }) {
			t.Errorf("%s: not found", broken)
		}
	}
}

// testLedgerStopped stops a run that publishes, takes it up again, and
// discards another.
func testLedgerStopped(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, j := range audited() {
		w.apply(j)
	}
	before := w.dump()
	list := []crosswalk.Publication{entry(1, 1, "A1"), entry(1, 2, "A2"), entry(1, 4, "A4"), entry(2, 0, "A0")}
	stop := func(plan string, n int) {
		t.Helper()
		w.now = Begun
		lease := w.acquire("publish")
		run, err := lease.Begin(t.Context(), publishing(plan))
		if err == nil {
			err = run.WritePublications(t.Context(), slices.Clone(list[:n]))
		}
		if err != nil {
			t.Fatal(err)
		}
		w.crash()
		w.open()
	}
	stop("one", 3)
	v := w.snapshot()
	if got := slices.Concat(entries(t, v.Publications(t.Context(), 1)), entries(t, v.PublicationsOf(t.Context(), 6))); got != nil {
		t.Errorf("entries of a run that is not published: %v", got)
	}
	if got, err := v.PublicationsOfKeys(t.Context(), []crosswalk.SourceKey{{Source: 1, Key: "C0001"}}); err != nil || got != nil {
		t.Errorf("entries of a run that is not published: %v, %v", got, err)
	}
	if _, breaches := w.audit(); len(breaches) > 0 {
		t.Errorf("beside a run: %v", breaches)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	stop("two", 2) // which discards the first
	w.publish(publishing("two"), list...)
	resumed := w.dump()
	w.wipe()
	for _, j := range audited() {
		w.apply(j)
	}
	same(t, "the same runs again", w.dump(), before)
	w.publish(publishing("two"), list...)
	same(t, "a run that was taken up again", resumed, w.dump())

	lease := w.acquire("publish")
	run, err := lease.Begin(t.Context(), publishing("three"))
	if err != nil {
		t.Fatal(err)
	}
	if err := run.WritePublications(t.Context(), []crosswalk.Publication{entry(1, 2, "A2"), entry(1, 1, "A1")}); err == nil {
		t.Error("entries in the wrong order")
	}
	w.release(lease)
}

// testLedgerErase forgets a customer of whom something was published.
func testLedgerErase(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.erasable()
	w.published()
	job := erasing()
	w.apply(job)
	v := w.snapshot()
	got := entries(t, v.PublicationsOf(t.Context(), 6))
	if len(got) != 1 || got[0].Key != "C0002" || got[0].Before != "old" {
		t.Errorf("left: %+v", got)
	}
	if _, breaches := w.audit(); len(breaches) > 0 {
		t.Errorf("%v", breaches)
	}
	w.exec("DELETE FROM xwalk_publication")
	if _, breaches := w.audit(); len(breaches) != 1 {
		t.Errorf("without the rest: %v", breaches)
	}
}

// testLedgerPages reads more entries than a page holds, several of each key.
func testLedgerPages(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, j := range audited() {
		w.apply(j)
	}
	const n = 9000
	for run := range 2 {
		var list []crosswalk.Publication
		for i := range n {
			list = append(list, entry(1, i, fmt.Sprintf("R%d-%d", run, i)))
		}
		w.publish(publishing(fmt.Sprint(run)), list...)
	}
	v := w.snapshot()
	for what, got := range map[string][]crosswalk.Publication{"source 1": entries(t, v.Publications(t.Context(), 1)), "run 7": entries(t, v.PublicationsOf(t.Context(), 7))} {
		if len(got) != n {
			t.Errorf("%s has %d entries", what, len(got))
		}
		for i, p := range got {
			if p.Key != fmt.Sprintf("C%04d", i) || p.Canonical != fmt.Sprintf("R1-%d", i) {
				t.Fatalf("entry %d of %s is %+v", i, what, p)
			}
		}
	}
	for _, err := range v.Publications(t.Context(), 1) { // leaving it frees the connection
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if _, err := v.Sources(t.Context()); err != nil {
		t.Error(err)
	}
}
