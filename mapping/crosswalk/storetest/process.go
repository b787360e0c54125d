package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// The environment of a child process: what it shall do, and where.
const (
	envRole = "XWALK_STORETEST_ROLE"
	envDSN  = "XWALK_STORETEST_DSN"
	envSelf = "XWALK_STORETEST_NUMBER"
	// envArchive is the archive to load.
	envArchive = "XWALK_STORETEST_ARCHIVE"
)

// Main is the TestMain of a package that runs the suite: parts of it start
// the test program again, as a process that is killed or has company.
func Main(m *testing.M) {
	role := os.Getenv(envRole)
	if role == "" {
		os.Exit(m.Run())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := child(ctx, role, os.Getenv(envDSN)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(ctx context.Context, role, dsn string) error {
	switch role {
	case "link":
		n, err := strconv.Atoi(os.Getenv(envSelf))
		if err != nil {
			return err
		}
		return linkOne(ctx, dsn, n)
	case "big":
		return applyBig(ctx, dsn)
	case "decide":
		return decideMany(ctx, dsn)
	case "load":
		return loadFile(ctx, dsn, os.Getenv(envArchive))
	default:
		return fmt.Errorf("no role %q", role)
	}
}

// command starts the test program in a role.
func command(t testing.TB, role, dsn string, number int) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), envRole+"="+role, envDSN+"="+dsn, fmt.Sprintf("%s=%d", envSelf, number))
	cmd.Stderr = t.Output()
	return cmd
}

func self() (string, error) {
	name, err := os.Hostname()
	return fmt.Sprintf("%s/%d", name, os.Getpid()), err
}

// linkOne opens the crosswalk, creating it if need be, and links one key in
// a run of its own. While others are in the way it tries again.
func linkOne(ctx context.Context, dsn string, n int) error {
	holder, err := self()
	if err != nil {
		return err
	}
	for {
		err := tryLinkOne(ctx, dsn, holder, n)
		var locked *crosswalk.LockedError
		var un *mapping.UnreachableError // a server takes so many connections and no more
		if !errors.As(err, &locked) && !errors.As(err, &un) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func tryLinkOne(ctx context.Context, dsn, holder string, n int) error {
	store, err := crosswalk.Open(ctx, dsn, crosswalk.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	lease, err := store.Acquire(ctx, holder, "apply")
	if err != nil {
		return err
	}
	defer func() { _ = lease.Release(ctx) }()
	v, err := store.Snapshot(ctx)
	if err != nil {
		return err
	}
	if err := v.Close(); err != nil {
		return err
	}
	run, err := lease.Begin(ctx, startOf(fmt.Sprint(n), v.Head().Serial))
	if err != nil {
		return err
	}
	if err := run.WriteLinks(ctx, []crosswalk.Link{{Source: 1, Key: fmt.Sprintf("K%03d", n), Canonical: fmt.Sprintf("CUST-%03d", v.Head().Serial)}}); err != nil {
		return err
	}
	_, err = run.Publish(ctx, crosswalk.Finish{Changed: true, Counters: map[string]uint64{"CUST-": uint64(v.Head().Serial)}})
	return err
}

// crowd is how many processes open one crosswalk at once.
const crowd = 64

func testCrowd(t *testing.T, s Suite) {
	dsn := s.DSN(t)
	var children sync.WaitGroup
	for n := range crowd {
		cmd := command(t, "link", dsn, n)
		children.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Errorf("process %d: %v", n, err)
			}
		})
	}
	children.Wait()
	w := &world{t: t, dsn: dsn}
	w.open()
	v := w.snapshot()
	runs, err := v.Runs(t.Context())
	if err != nil || len(runs) != crowd || v.Head().Serial != crowd {
		t.Errorf("%d runs, serial %d, %v; want %d of each", len(runs), v.Head().Serial, err, crowd)
	}
	numbers := map[string]bool{}
	all := links(t, v, crosswalk.Query{})
	for _, l := range all {
		numbers[l.Canonical] = true
	}
	if len(all) != crowd || len(numbers) != crowd {
		t.Errorf("%d links to %d numbers; want %d of each", len(all), len(numbers), crowd)
	}
}

// applyBig carries out the big job and says how far it is.
func applyBig(ctx context.Context, dsn string) error {
	holder, err := self()
	if err != nil {
		return err
	}
	now := Begun
	store, err := crosswalk.Open(ctx, dsn, crosswalk.Options{Now: func() time.Time { return now }})
	if err != nil {
		return err
	}
	lease, err := store.Acquire(ctx, holder, "apply")
	if err != nil {
		return err
	}
	j := big()
	run, err := j.begin(ctx, lease)
	if err != nil {
		return err
	}
	for range len(j.Batches) {
		fmt.Println(run.Done)
		if err := j.write(ctx, run, 1); err != nil {
			return err
		}
	}
	fmt.Println("publish")
	now = Ended
	if _, err := run.Publish(ctx, j.Finish); err != nil {
		return err
	}
	return lease.Release(ctx)
}

// killAfter starts a process and kills it when it has written some lines. It
// returns the last of them.
func killAfter(t *testing.T, cmd *exec.Cmd, lines int) string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewScanner(out)
	for range lines {
		reader.Scan()
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	return reader.Text()
}

// testKill kills a process that writes, at several moments, and resumes its
// run at once: a dead holder need not be waited for.
func testKill(t *testing.T, s Suite) {
	j := big()
	w := newWorld(t, s)
	want := w.uninterrupted([]*Job{j})
	for _, lines := range []int{1, 2, 13, len(j.Batches), len(j.Batches) + 1} {
		w.wipe()
		cmd := command(t, "big", w.dsn, 0)
		said := killAfter(t, cmd, lines)
		w.finishBig(j)
		same(t, fmt.Sprintf("killed after %q", said), w.dump(), want)
	}
}

// finishBig goes on where a killed process stopped, if it stopped.
func (w *world) finishBig(j *Job) {
	w.t.Helper()
	holder, err := self()
	if err != nil {
		w.t.Fatal(err)
	}
	// A server may still be ending the dead one's transaction.
	var lease *crosswalk.Lease
	for deadline := time.Now().Add(10 * time.Second); lease == nil; {
		lease, err = w.store.Acquire(w.t.Context(), holder, "apply")
		var locked *crosswalk.LockedError
		if err != nil && (!errors.As(err, &locked) || time.Now().After(deadline)) {
			w.t.Fatal(err)
		}
	}
	v := w.snapshot()
	published := v.Head().Run > 0
	if err := v.Close(); err != nil {
		w.t.Fatal(err)
	}
	if !published {
		run, err := j.begin(w.t.Context(), lease)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := j.write(w.t.Context(), run, all); err != nil {
			w.t.Fatal(err)
		}
		w.now = Ended
		if _, err := run.Publish(w.t.Context(), j.Finish); err != nil {
			w.t.Fatal(err)
		}
	}
	w.release(lease)
}
