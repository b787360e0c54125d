package storetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

func testLease(t *testing.T, s Suite) {
	w := newWorld(t, s)
	lease, err := w.store.Acquire(t.Context(), "alpha/7", "apply")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.store.Acquire(t.Context(), "beta/8", "sync")
	var locked *crosswalk.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("a second lease: %v; want a LockedError", err)
	}
	if locked.Holder != "alpha/7" || locked.Kind != "apply" || !locked.Expires.After(locked.Since) || time.Since(locked.Since).Abs() > time.Hour {
		t.Errorf("LockedError %+v", locked)
	}
	if !strings.Contains(err.Error(), "alpha/7") {
		t.Errorf("%q does not name the holder", err)
	}
	for range 2 {
		w.release(lease)
	}
	again, err := w.store.Acquire(t.Context(), "beta/8", "sync")
	if err != nil {
		t.Fatal(err)
	}
	w.release(lease) // must not touch the other one's lease
	if _, err := w.store.Acquire(t.Context(), "gamma/9", "sync"); !errors.As(err, &locked) || locked.Holder != "beta/8" {
		t.Errorf("after a late release of an old lease: %v", err)
	}
	w.release(again)

	// Of many who try at once, one at a time gets it.
	var inside, taken atomic.Int32
	var tries sync.WaitGroup
	for i := range 16 {
		tries.Go(func() {
			for {
				l, err := w.store.Acquire(t.Context(), fmt.Sprintf("crowd/%d", i), "apply")
				var locked *crosswalk.LockedError
				if errors.As(err, &locked) {
					time.Sleep(time.Millisecond)
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) > 1 {
					t.Error("two hold the lease")
				}
				taken.Add(1)
				inside.Add(-1)
				if err := l.Release(t.Context()); err != nil {
					t.Error(err)
				}
				return
			}
		})
	}
	tries.Wait()
	if taken.Load() != 16 {
		t.Errorf("%d of 16 got the lease", taken.Load())
	}
}

func testFencing(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()
	w.apply(jobs[0])
	lease := w.acquire("apply")
	j := jobs[1]
	run, err := j.begin(t.Context(), lease)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.write(t.Context(), run, 1); err != nil {
		t.Fatal(err)
	}
	second, err := lease.Begin(t.Context(), j.Start) // resumes; run is as good
	if err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE xwalk_lease SET expires = 0") // the holder was paused
	thief, err := w.store.Acquire(t.Context(), "thief/2", "apply")
	if err != nil {
		t.Fatal(err)
	}
	want := w.dump()
	if err := j.write(t.Context(), run, all); !errors.Is(err, crosswalk.ErrLost) {
		t.Errorf("WriteLinks after the lease was lost: %v; want ErrLost", err)
	}
	if _, err := second.Publish(t.Context(), j.Finish); !errors.Is(err, crosswalk.ErrLost) {
		t.Errorf("Publish after the lease was lost: %v; want ErrLost", err)
	}
	if _, err := lease.Begin(t.Context(), startOther(j.Start)); !errors.Is(err, crosswalk.ErrLost) {
		t.Errorf("Begin after the lease was lost: %v; want ErrLost", err)
	}
	same(t, "after attempts without the lease", w.dump(), want)
	w.release(lease)
	if _, err := j.begin(t.Context(), thief); err != nil {
		t.Errorf("the new holder: %v", err)
	}
	w.release(thief)
	if _, err := j.begin(t.Context(), thief); !errors.Is(err, crosswalk.ErrLost) {
		t.Errorf("Begin after Release: %v; want ErrLost", err)
	}
}

func testTakeover(t *testing.T, s Suite) {
	w := newWorld(t, s)
	gone := exec.Command(os.Args[0], "-test.run=^$")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	abandoned, err := w.store.Acquire(t.Context(), fmt.Sprintf("%s/%d", host(t), gone.Process.Pid), "apply")
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.store.Acquire(t.Context(), fmt.Sprintf("%s/%d", host(t), os.Getpid()), "apply")
	if err != nil {
		t.Fatalf("a lease whose holder is dead: %v", err)
	}
	w.release(abandoned)
	var locked *crosswalk.LockedError
	if _, err := w.store.Acquire(t.Context(), host(t)+"/1", "apply"); !errors.As(err, &locked) {
		t.Errorf("a lease whose holder lives: %v; want a LockedError", err)
	}
	w.release(second)
	// The same number on another machine says nothing.
	far, err := w.store.Acquire(t.Context(), fmt.Sprintf("faraway/%d", gone.Process.Pid), "apply")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Acquire(t.Context(), host(t)+"/1", "apply"); !errors.As(err, &locked) {
		t.Errorf("a lease of another machine: %v; want a LockedError", err)
	}
	w.exec("UPDATE xwalk_lease SET expires = 0")
	next, err := w.store.Acquire(t.Context(), host(t)+"/1", "apply")
	if err != nil {
		t.Errorf("an expired lease of another machine: %v", err)
	} else {
		w.release(next)
	}
	w.release(far)
}

func testOpen(t *testing.T, s Suite) {
	dsn := s.DSN(t)
	if _, err := crosswalk.OpenReadOnly(t.Context(), dsn, crosswalk.Options{}); !errors.Is(err, crosswalk.ErrNone) {
		t.Errorf("OpenReadOnly where there is nothing: %v; want ErrNone", err)
	}
	if sqldb.Recognize(dsn) == sqldb.SQLite {
		if _, err := os.Stat(dsn); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("OpenReadOnly made a file: %v", err)
		}
	}
	w := &world{t: t, dsn: dsn}
	w.open()
	v := w.snapshot()
	if diff := v.Head(); diff != (crosswalk.Head{}) {
		t.Errorf("the head of an empty crosswalk is %+v", diff)
	}
	if got := links(t, v, crosswalk.Query{}); len(got) > 0 {
		t.Errorf("an empty crosswalk has %v", got)
	}
	if runs, err := v.Runs(t.Context()); err != nil || len(runs) > 0 {
		t.Errorf("an empty crosswalk has runs %v, %v", runs, err)
	}
	w.apply(History()[0])
	reader, err := crosswalk.OpenReadOnly(t.Context(), dsn, crosswalk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	rv, err := reader.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(links(t, rv, crosswalk.Query{})); n != 50 {
		t.Errorf("a reader sees %d links, want 50", n)
	}
	if err := rv.Close(); err != nil {
		t.Error(err)
	}
	if _, err := rv.Sources(t.Context()); err == nil {
		t.Error("a closed snapshot answers")
	}
	if _, err := reader.Acquire(t.Context(), "x/1", "apply"); err == nil {
		t.Error("a read-only store gives a lease")
	}
	w.exec("UPDATE xwalk_meta SET value = '999' WHERE name = 'schema'")
	for _, open := range []func() (*crosswalk.Store, error){
		func() (*crosswalk.Store, error) { return crosswalk.Open(t.Context(), dsn, crosswalk.Options{}) },
		func() (*crosswalk.Store, error) { return crosswalk.OpenReadOnly(t.Context(), dsn, crosswalk.Options{}) },
	} {
		if _, err := open(); !errors.Is(err, crosswalk.ErrNewer) {
			t.Errorf("tables of a newer version: %v; want ErrNewer", err)
		}
	}
}
