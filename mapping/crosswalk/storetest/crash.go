package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// uninterrupted is the dump of a crosswalk in which the jobs simply ran.
func (w *world) uninterrupted(jobs []*Job) string {
	w.t.Helper()
	w.wipe()
	for _, j := range jobs {
		w.apply(j)
	}
	return w.dump()
}

// crashAfter carries out jobs but the last, and n batches of the last, and
// crashes.
func (w *world) crashAfter(jobs []*Job, n int) {
	w.t.Helper()
	w.wipe()
	last := len(jobs) - 1
	for _, j := range jobs[:last] {
		w.apply(j)
	}
	w.now = Begun
	run, err := jobs[last].begin(w.t.Context(), w.acquire("apply"))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := jobs[last].write(w.t.Context(), run, n); err != nil {
		w.t.Fatal(err)
	}
	w.crash()
	w.open()
}

func testResume(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, last := range []int{0, 1} {
		jobs := History()[:last+1]
		want := w.uninterrupted(jobs)
		j := jobs[last]
		for n := range len(j.Batches) + 2 {
			w.crashAfter(jobs, n)
			w.now = Ended // a later clock must not change the run's start
			lease := w.acquire("apply")
			run, err := j.begin(t.Context(), lease)
			if err != nil {
				t.Fatal(err)
			}
			done := 0
			for _, batch := range j.Batches[:min(n, len(j.Batches))] {
				done += len(batch)
			}
			if run.No != int64(last+1) || !run.Started.Equal(Begun) || run.Done != int64(done) {
				t.Errorf("resumed after %d batches: run %d of %v with %d done; want run %d of %v with %d", n, run.No, run.Started, run.Done, last+1, Begun, done)
			}
			if err := j.write(t.Context(), run, all); err != nil {
				t.Fatal(err)
			}
			if _, err := run.Publish(t.Context(), j.Finish); err != nil {
				t.Fatal(err)
			}
			w.release(lease)
			same(t, fmt.Sprintf("resumed after %d batches", n), w.dump(), want)
		}
	}
}

func testDiscard(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, last := range []int{0, 1} {
		history := History()
		jobs := history[:last+1]
		other := &Job{
			Start: startOther(jobs[last].Start), Finish: crosswalk.Finish{Changed: true},
			Batches: [][]crosswalk.Link{{{Source: 1, Key: "C0007", Canonical: "CUST-00009999", Rule: "another", Replaces: last > 0}}},
		}
		want := w.uninterrupted(append(slices.Clone(history[:last]), other))
		for n := range len(jobs[last].Batches) + 2 {
			w.crashAfter(jobs, n)
			w.apply(other)
			same(t, fmt.Sprintf("another plan after %d batches", n), w.dump(), want)
		}
	}
}

// big is a run of many batches, which takes long enough to be cut.
func big() *Job {
	j := &Job{Start: startOf("big", 0), Finish: crosswalk.Finish{Changed: true}}
	for b := range 24 {
		var batch []crosswalk.Link
		for i := range 500 {
			batch = append(batch, crosswalk.Link{
				Source: 1, Key: fmt.Sprintf("C%03d%05d", b, i), Canonical: fmt.Sprintf("CUST-%03d%05d", b, i),
				Rule: fmt.Sprintf("rule %d", b), Fields: []byte(strings.Repeat("x", 50)),
			})
		}
		j.Batches = append(j.Batches, batch)
	}
	return j
}

// testCut makes a run fail in its middle for outer reasons and resumes it.
func testCut(t *testing.T, s Suite) {
	j := big()
	w := newWorld(t, s)
	want := w.uninterrupted([]*Job{j})
	w = newWorld(t, s)
	if w.store.Dialect() == sqldb.SQLite {
		w.fullDisk(j)
	} else {
		w.cutConnections(j)
	}
	w.crash()
	w.open()
	w.apply(j)
	same(t, "resumed", w.dump(), want)
}

// fullDisk writes j into a file that cannot grow enough.
func (w *world) fullDisk(j *Job) {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	dsn := w.dsn
	w.dsn = "file:" + dsn + "?_pragma=max_page_count(300)"
	w.open()
	w.dsn = dsn
	run, err := j.begin(w.t.Context(), w.acquire("apply"))
	if err != nil {
		w.t.Fatal(err)
	}
	err = j.write(w.t.Context(), run, all)
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		w.t.Fatalf("writing to a full disk: %v", err)
	}
	w.checkBoundary(run)
}

// kill are the statements that end all connections to a database but one.
var kill = map[sqldb.Dialect]string{
	sqldb.Postgres: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%xwalk%'",
	sqldb.MySQL:    "SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
}

// cutConnections writes j while somebody ends its connections all the time.
func (w *world) cutConnections(j *Job) {
	w.t.Helper()
	run, err := j.begin(w.t.Context(), w.acquire("apply"))
	if err != nil {
		w.t.Fatal(err)
	}
	admin := rawDB(w.t, w.dsn)
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			var stmts []string
			_ = admin.SelectContext(ctx, &stmts, kill[admin.Dialect])
			for _, stmt := range stmts {
				if strings.HasPrefix(stmt, "KILL ") {
					_, _ = admin.ExecContext(ctx, stmt)
				}
			}
		}
	}()
	// A connection that is cut between two transactions is simply replaced,
	// so this goes on until one is cut within.
	err = j.write(w.t.Context(), run, all)
	for tries := 0; err == nil && tries < 50; tries++ {
		w.t.Log("every transaction got through; trying again")
		_, err = run.Publish(w.t.Context(), crosswalk.Finish{Changed: true, Marks: map[int]string{99: "fails"}})
	}
	cancel()
	<-done
	var un *mapping.UnreachableError
	if !errors.As(err, &un) {
		w.t.Fatalf("writing over connections that are cut: %v; want an UnreachableError", err)
	}
	w.checkBoundary(run)
}

// checkBoundary makes sure that a failed run left whole batches.
func (w *world) checkBoundary(run *crosswalk.Run) {
	w.t.Helper()
	db := rawDB(w.t, w.dsn)
	var links, done int64
	for try := 0; ; try++ {
		err := db.GetContext(w.t.Context(), &links, "SELECT COUNT(*) FROM xwalk_link")
		if err == nil {
			err = db.GetContext(w.t.Context(), &done, "SELECT done FROM xwalk_run")
		}
		if err == nil {
			break
		}
		if try == 10 {
			w.t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	// A commit whose answer was lost counts although the run does not know.
	if links != done || links%500 != 0 || done < run.Done || done > run.Done+500 {
		w.t.Errorf("%d links are there, %d are said to be, and the run knows of %d", links, done, run.Done)
	}
}
