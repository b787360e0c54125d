package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// testDecideBeside decides before, while and after a run is written, which
// also crashes in its middle: neither touches the other.
func testDecideBeside(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()[:2]
	plain := w.uninterrupted(jobs)
	w.crashAfter(jobs, 1)
	w.decide(verdict("a 1", crosswalk.Same, "a 2"))
	lease := w.acquire("apply")
	run, err := jobs[1].begin(t.Context(), lease)
	if err != nil {
		t.Fatal(err)
	}
	if err := jobs[1].write(t.Context(), run, all); err != nil {
		t.Fatal(err)
	}
	w.decide(verdict("a 3", crosswalk.Same, "a 4"))
	w.now = Ended
	if _, err := run.Publish(t.Context(), jobs[1].Finish); err != nil {
		t.Fatal(err)
	}
	w.release(lease)
	cut := func(dump string) string {
		_, links, _ := strings.Cut(dump, "\nsource (")
		links, _, _ = strings.Cut(links, "\ndecision (")
		return links
	}
	same(t, "links and reviews of a run beside decisions", cut(w.dump()), cut(plain))
	w.checkChain(2)

	// The run's digest covers the last decision that was there.
	var stored, effects string
	raw := rawDB(t, w.dsn)
	if err := raw.GetContext(t.Context(), &stored, "SELECT digest FROM xwalk_decision WHERE decision_no = 2"); err != nil {
		t.Fatal(err)
	}
	if err := raw.GetContext(t.Context(), &effects, "SELECT effects FROM xwalk_run WHERE run_no = 2"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(effects, `"decided":"`+stored+`"`) {
		t.Errorf("the effects of the run do not name decision %s: %s", stored, effects)
	}
	w.exec("UPDATE xwalk_decision SET reason = 'forged' WHERE decision_no = 1")
	if got := w.brokenDecision(2); got != 1 {
		t.Errorf("a forged decision 1 breaks the chain at %d", got)
	}
}

// testDecideCrowd lets several people, each with a store of their own, decide
// at once while a run of many batches is written.
func testDecideCrowd(t *testing.T, s Suite) {
	w := newWorld(t, s)
	const people, each = 4, 25
	var crowd sync.WaitGroup
	for p := range people {
		store, err := crosswalk.Open(t.Context(), w.dsn, crosswalk.Options{})
		if err != nil {
			t.Fatal(err)
		}
		crowd.Go(func() {
			defer func() { _ = store.Close() }()
			for i := range each {
				// The first of the two is everybody's.
				decisions := []crosswalk.Decision{
					verdict("all 0", crosswalk.Same, fmt.Sprintf("all %d", i+1)), verdict(fmt.Sprintf("p%d 0", p), crosswalk.Same, fmt.Sprintf("p%d %d", p, i+1)),
				}
				if err := store.Decide(t.Context(), decisions, false); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	w.apply(big())
	crowd.Wait()
	w.checkChain((people + 1) * each)
	if n := len(links(t, w.snapshot(), crosswalk.Query{})); n != 24*500 {
		t.Errorf("%d links, want %d", n, 24*500)
	}
}

// killBatch is how many decisions the child that is killed records at once.
const killBatch = 7

func killDecisions(from int) (batch []crosswalk.Decision) {
	for i := range killBatch {
		d := verdict(fmt.Sprintf("a %d", from+i), crosswalk.Different, fmt.Sprintf("b %d", from+i))
		d.Review = fmt.Sprint(from + i)
		batch = append(batch, d)
	}
	return batch
}

// decideMany records decisions until it is killed, and says how far it is.
func decideMany(ctx context.Context, dsn string) error {
	store, err := crosswalk.Open(ctx, dsn, crosswalk.Options{})
	if err != nil {
		return err
	}
	for done := 0; ; done += killBatch {
		fmt.Println(done)
		if err := store.Decide(ctx, killDecisions(done), false); err != nil {
			return err
		}
	}
}

// testDecideKill kills a process that decides, at several moments. Whole
// batches are there, and doing the same again goes on behind them.
func testDecideKill(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, lines := range []int{1, 2, 9, 20} {
		w.wipe()
		cmd := command(t, "decide", w.dsn, 0)
		said := killAfter(t, cmd, lines)
		// A decision that waits for the dead one's transaction sees its end.
		w.decide(verdict("z 1", crosswalk.Same, "z 2"))
		n := len(w.log()) - 1
		if n%killBatch != 0 || n < (lines-1)*killBatch {
			t.Errorf("%d decisions of a process that was killed after %q", n, said)
		}
		var again []crosswalk.Decision
		for from := 0; from <= n; from += killBatch {
			again = append(again, killDecisions(from)...)
		}
		w.decide(again...)
		w.checkChain(len(again) + 1)
		if !slices.IsSortedFunc(again[:n], func(a, b crosswalk.Decision) int { return int(a.No - b.No) }) {
			t.Errorf("decisions that were recorded before have the numbers %v", short(again[:n]))
		}
	}
}
