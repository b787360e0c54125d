//go:build unix

package migrate_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/crosswalk/storetest"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/rules"
)

// crashWorld makes many links, so that a run takes a while. Its customers are
// numbered by canonical, or as usual where that is empty.
func crashWorld(t testing.TB, dsn, canonical string) *world {
	w := newWorld(t, dsn, rules.Config{
		Canonical: rules.Canonical{Scheme: canonical, Secret: "a secret of sixteen"}, Matching: true, Same: same("email"),
		Sources: []rules.Source{source("crm", "email", "region", "created")},
	})
	rows := 60_000
	if long {
		rows = 200_000
	}
	s := &sheet{header: []string{"id", "email", "region", "created"}}
	for i := range rows {
		s.rows = append(s.rows, []string{fmt.Sprintf("C%d", i), fmt.Sprintf("p%d@x.example", i/2*2), fmt.Sprintf("R%d", i%7), fmt.Sprintf("2024-%02d-01", 1+i%12)})
	}
	w.sheets["crm"] = s
	return w
}

// dump is all that the crosswalk holds.
func (w *world) dump() string {
	w.t.Helper()
	text, err := storetest.Dump(w.t.Context(), w.dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// head is the last published run.
func (w *world) head() int64 {
	w.t.Helper()
	snap, _, done := w.view()
	defer done()
	return snap.Head().Run
}

// forgetLease lets the lease expire of a holder that seems to be alive.
func (w *world) forgetLease() { w.exec("UPDATE xwalk_lease SET expires = 0") }

// exec runs a statement behind the crosswalk's back.
func (w *world) exec(query string) {
	w.t.Helper()
	db, err := sqldb.Open(w.t.Context(), w.dsn, sqldb.Options{})
	if err == nil {
		_, err = db.ExecContext(w.t.Context(), query)
		_ = db.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// The environment of the process that is killed.
const (
	crashDSN       = "XWALK_TEST_CRASH_DSN"
	crashCanonical = "XWALK_TEST_CRASH_CANONICAL"
	crashPause     = "XWALK_TEST_CRASH_PAUSE" // it stops itself after its first batch
	crashKind      = "XWALK_TEST_CRASH_KIND"  // a run of this kind kills itself
	crashAt        = "XWALK_TEST_CRASH_AT"    // at so many calls of the driver
	crashLate      = "XWALK_TEST_CRASH_LATE"  // after the call has been carried out
)

// TestCrashChild is the process that other tests kill; alone it does nothing.
func TestCrashChild(t *testing.T) {
	dsn := os.Getenv(crashDSN)
	if dsn == "" {
		t.Skip("run by other tests")
	}
	if kind := os.Getenv(crashKind); kind != "" {
		runAndDie(t, dsn, kind)
		return
	}
	w := crashWorld(t, dsn, os.Getenv(crashCanonical))
	w.wait = time.Minute
	w.started = func() {
		fmt.Println("writing")
		if os.Getenv(crashPause) != "" { // between two batches, with no transaction open
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			time.Sleep(100 * time.Millisecond) // it takes effect soon, not at once
		}
	}
	w.apply()
}

func crashChild(t *testing.T, env ...string) *exec.Cmd {
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	child.Env = append(os.Environ(), env...)
	return child
}

// A run that is killed at any moment and made again ends as one that was not.
func TestKilledRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		killAndRepeat(t, dsn, "", pick(1, 12, 200))
	})
}

// Numbers that are drawn, and those of many counters, are the same after a
// kill.
func TestKilledNumbering(t *testing.T) {
	t.Parallel()
	for _, canonical := range []string{"N-{hash:4}", "N{field:region}{date:YYMM}{next:5}{check:mod97-10}"} {
		t.Run(canonical, func(t *testing.T) {
			t.Parallel()
			killAndRepeat(t, filepath.Join(t.TempDir(), "crosswalk.db"), canonical, pick(1, 1, 10))
		})
	}
}

// killAndRepeat kills a run at random moments, again and again, and compares
// each end with that of a run that nobody disturbed.
func killAndRepeat(t *testing.T, dsn, canonical string, kills int) {
	whole := crashWorld(t, "", canonical)
	begun := time.Now()
	whole.apply()
	takes := time.Since(begun)
	want := whole.dump()
	finish := func() {
		w := crashWorld(t, dsn, canonical)
		w.wait = time.Minute // a server may take a moment to notice that the child is gone
		if w.open().Close(); w.head() == 0 {
			w.apply()
		}
		if got := w.dump(); got != want {
			t.Fatalf("after kills (-want +got):\n%s", firstDifference(want, got))
		}
		if p, err := w.dry(); err != nil || !p.Empty() {
			t.Errorf("once more: %v, %+v", err, p)
		}
	}
	for range kills {
		child := crashChild(t, crashDSN+"="+dsn, crashCanonical+"="+canonical)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan() && !strings.Contains(lines.Text(), "writing"); {
			continue
		}
		time.Sleep(rand.N(takes))
		_ = child.Process.Kill()
		_ = child.Wait()
		if w := crashWorld(t, dsn, canonical); w.open().Close() == nil && w.head() > 0 {
			finish()
			dsn = dbtest.Database(t, sqldb.Recognize(dsn))
		}
	}
	finish()
}

// firstDifference is where two long texts part.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d:\n- %s\n+ %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines and %d", len(w), len(g))
}

// A crosswalk that cannot be written says so, and stays as it is.
func TestReadOnlyStore(t *testing.T) {
	t.Parallel()
	for d, readOnly := range map[sqldb.Dialect]func(dsn string) string{
		sqldb.SQLite: func(dsn string) string { return "file:" + dsn + "?mode=ro" },
		sqldb.MySQL:  func(dsn string) string { return dsn + "?tx_read_only=1" },
	} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			w := secondRun(t, dbtest.Database(t, d))
			before := w.dump()
			w.dsn = readOnly(w.dsn)
			_, _, err := w.try()
			if err == nil || !strings.Contains(strings.ToLower(strings.ReplaceAll(err.Error(), "-", " ")), "read") {
				t.Errorf("writing gives %v", err)
			}
			if got := w.dump(); got != before {
				t.Errorf("it was written to (-before +after):\n%s", firstDifference(before, got))
			}
		})
	}
}

// Readers see nothing of a run that was interrupted, another plan discards
// it, and the same plan goes on where it stopped.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := crashWorld(t, dsn, "")
		w.interrupt()
		_, res, err := w.try()
		if err != nil || !res.Resumed || res.Run != 1 {
			t.Fatalf("going on gives %+v, %v", res, err)
		}
		whole := crashWorld(t, "", "")
		whole.apply()
		if !cmp.Equal(whole.links(), w.links()) {
			t.Error("the resumed run is not what an uninterrupted one is")
		}
	})
}

// interrupt stops the first run in its middle.
func (w *world) interrupt() {
	w.t.Helper()
	w.cut = 30_000
	_, _, err := w.try()
	w.cut = 0
	var partial *migrate.PartialError
	if !errors.As(err, &partial) || !errors.Is(err, context.Canceled) || partial.Done == 0 || partial.Done >= partial.Total {
		w.t.Fatalf("an interrupted run gives %v", err)
	}
	if got := w.links(); len(got) != 0 {
		w.t.Fatalf("readers see %d links of it", len(got))
	}
}

func TestAnotherPlanDiscardsAnUnfinishedRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := crashWorld(t, dsn, "")
		w.interrupt()
		w.sheets["crm"] = table("id,email,region,created\nX1,a@x.example,,\nX2,b@x.example,,")
		_, res, err := w.try()
		if err != nil || res.Resumed || res.Run != 1 {
			t.Fatalf("another plan gives %+v, %v", res, err)
		}
		expect(t, w, "crm X1=N-000001", "crm X2=N-000002")
	})
}

// A process that was paused, and wakes when another one has taken its lease
// and done its work, writes nothing.
func TestPausedProcess(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		child := crashChild(t, crashDSN+"="+dsn, crashCanonical+"=", crashPause+"=1")
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && !strings.Contains(lines.Text(), "writing") {
			continue
		}
		w := crashWorld(t, dsn, "")
		w.wait = 2 * time.Minute // until it is sure that the other one is gone
		w.apply()
		want := w.dump()
		if err := child.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		for lines.Scan() {
			said.WriteString(lines.Text())
		}
		_ = child.Wait()
		if w.dump() != want {
			t.Errorf("the paused process has written; it says %s", said.String())
		}
	})
}

// Two that share nothing but a server take turns: the lease goes by the
// server's clock, and a holder of another machine is waited for.
func TestAnotherMachine(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := secondRun(t, dsn)
		store := w.open()
		defer store.Close()
		lease, err := store.Acquire(t.Context(), "another.example/4711", "apply")
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = w.try()
		var locked *crosswalk.LockedError
		if !errors.As(err, &locked) || locked.Holder != "another.example/4711" {
			t.Fatalf("beside another machine: %v", err)
		}
		if err := lease.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		p := w.apply()
		expectCounts(t, p, mapping.Counts{Read: 9, Created: 3, Linked: 1, Unchanged: 2, Updated: 3, Retired: 2})
	})
}
