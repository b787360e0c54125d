// Package storetest is the conformance suite for crosswalk stores: what a
// store must do in whatever database it is kept. Every database passes all of
// it; see [Run]. [Dump] shows two crosswalks to be the same.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Suite says how to get the databases that the suite needs.
type Suite struct {
	// DSN names an empty database that is the test's own.
	DSN func(t testing.TB) string
}

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s Suite)
	}{
		{"keys compare byte for byte", testKeys},
		{"what cannot be kept exactly is refused", testRefused},
		{"a folding column is refused", testFolding},
		{"links come back as they were", testRoundTrip},
		{"queries narrow", testQuery},
		{"an unpublished run is invisible", testVisibility},
		{"readers see a run whole or not at all", testReaders},
		{"many links are superseded at once", testSupersede},
		{"numbers, counters, marks and reviews", testFinish},
		{"a run that changes nothing", testUnchanged},
		{"publishing is all or nothing", testPublishFails},
		{"stale plans and other environments", testStale},
		{"index pages", testIndex},
		{"canonical IDs ever issued", testIssued},
		{"versions of links", testHistory},
		{"the past stays answerable", testPast},
		{"runs by number", testRunsOf},
		{"an audit", testAudit},
		{"a changed value is found", testFlips},
		{"a link that moved by itself", testMoved},
		{"resume after every batch", testResume},
		{"discard after every batch", testDiscard},
		{"the lease is exclusive", testLease},
		{"a lost lease writes nothing", testFencing},
		{"dead holders", testTakeover},
		{"decisions", testDecide},
		{"decisions that are refused", testDecideRefused},
		{"decisions of somebody else", testContrary},
		{"decisions are recorded whole or not at all", testDecideFails},
		{"deciding while a run is written", testDecideBeside},
		{"many decide at once", testDecideCrowd},
		{"kill -9 while deciding", testDecideKill},
		{"claims", testClaim},
		{"reviews that are passed over", testSkip},
		{"no review is given twice", testClaimCrowd},
		{"reviews that are raised again", testReviews},
		{"models", testModel},
		{"a customer is erased", testErase},
		{"customers are erased one after another", testEraseTwice},
		{"erasing makes no damage good", testEraseDamaged},
		{"an erasure that is cut", testEraseCut},
		{"erasing what is not there", testEraseUnknown},
		{"the ledger", testLedger},
		{"the ledger of a run that was stopped", testLedgerStopped},
		{"the ledger of a customer who is erased", testLedgerErase},
		{"many entries of the ledger", testLedgerPages},
		{"approvals", testApprove},
		{"archives", testArchive},
		{"archives that are refused", testLoadRefused},
		{"archives whose loading is stopped", testLoadStops},
		{"kill -9 while an archive is loaded", testLoadKill},
		{"opening", testOpen},
		{"64 processes at once", testCrowd},
		{"kill -9", testKill},
		{"a full disk or a cut connection", testCut},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, s)
		})
	}
}

// Begun and Ended are when the runs of the suite start and finish.
var (
	Begun = time.Date(2024, 5, 17, 8, 30, 0, 0, time.UTC)
	Ended = Begun.Add(7 * time.Minute)
)

// world is a crosswalk under test, with a clock.
type world struct {
	t     testing.TB
	dsn   string
	store *crosswalk.Store
	now   time.Time
	raw   *sqldb.DB // for statements beside the store, opened when needed
}

// newWorld opens a crosswalk in a database of its own.
func newWorld(t testing.TB, s Suite) *world {
	w := &world{t: t, dsn: s.DSN(t)}
	w.open()
	return w
}

// open opens the crosswalk, again after a crash.
func (w *world) open() {
	w.t.Helper()
	store, err := crosswalk.Open(w.t.Context(), w.dsn, crosswalk.Options{Now: func() time.Time { return w.now }})
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = store
	w.now = Begun
	w.t.Cleanup(func() { _ = store.Close() })
}

// wipe makes w an empty crosswalk again, which takes less time than another
// database.
func (w *world) wipe() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	for _, table := range tables {
		w.exec("DROP TABLE xwalk_" + table.name)
	}
	for _, table := range unstable {
		w.exec("DROP TABLE xwalk_" + table)
	}
	w.open()
}

// crash ends a process as far as the database can tell, and lets its lease
// expire.
func (w *world) crash() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.exec("UPDATE xwalk_lease SET expires = 0")
}

// exec runs a statement on a connection of its own.
func (w *world) exec(query string) {
	w.t.Helper()
	if w.raw == nil {
		w.raw = rawDB(w.t, w.dsn)
	}
	if _, err := w.raw.ExecContext(w.t.Context(), query); err != nil {
		w.t.Fatal(err)
	}
}

func rawDB(t testing.TB, dsn string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), dsn, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func (w *world) acquire(what string) *crosswalk.Lease {
	w.t.Helper()
	lease, err := w.store.Acquire(w.t.Context(), "elsewhere/1", what)
	if err != nil {
		w.t.Fatal(err)
	}
	return lease
}

func (w *world) release(l *crosswalk.Lease) {
	w.t.Helper()
	if err := l.Release(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) snapshot() *crosswalk.Snapshot {
	w.t.Helper()
	v, err := w.store.Snapshot(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = v.Close() })
	return v
}

// links reads all links of a snapshot.
func links(t testing.TB, v *crosswalk.Snapshot, q crosswalk.Query) []crosswalk.Link {
	t.Helper()
	var got []crosswalk.Link
	for l, err := range v.Links(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, *l)
	}
	return got
}

// Job is a run as the suite writes it: verdicts that people give before it,
// batches of links, an index, and what Publish changes.
type Job struct {
	Decided []crosswalk.Decision
	Start   crosswalk.RunStart
	Batches [][]crosswalk.Link
	Index   []crosswalk.IndexEntry
	Finish  crosswalk.Finish
}

// begin starts j's run.
func (j *Job) begin(ctx context.Context, lease *crosswalk.Lease) (*crosswalk.Run, error) {
	return lease.Begin(ctx, j.Start)
}

// write writes the batches from run.Done on, at most n of them, and after
// the last one the index.
func (j *Job) write(ctx context.Context, run *crosswalk.Run, n int) error {
	done := int64(0)
	for _, batch := range j.Batches {
		if done < run.Done {
			done += int64(len(batch))
			continue
		}
		if n == 0 {
			return nil
		}
		if err := run.WriteLinks(ctx, slices.Clone(batch)); err != nil {
			return err
		}
		n--
		done += int64(len(batch))
	}
	if n == 0 || j.Index == nil {
		return nil
	}
	return run.WriteIndex(ctx, "email", slices.Values(j.Index))
}

// all is more batches than any job has.
const all = 1 << 30

// apply carries out a job from start to end.
func (w *world) apply(j *Job) int64 {
	w.t.Helper()
	w.now = Begun
	if err := w.store.Decide(w.t.Context(), slices.Clone(j.Decided), false); err != nil {
		w.t.Fatal(err)
	}
	lease := w.acquire("apply")
	run, err := j.begin(w.t.Context(), lease)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := j.write(w.t.Context(), run, all); err != nil {
		w.t.Fatal(err)
	}
	w.now = Ended
	serial, err := run.Publish(w.t.Context(), j.Finish)
	if err != nil {
		w.t.Fatal(err)
	}
	w.release(lease)
	return serial
}

// dump is the whole crosswalk as text.
func (w *world) dump() string {
	w.t.Helper()
	text, err := Dump(w.t.Context(), w.dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// unstable are the tables that hold the present and no history.
var unstable = [...]string{"lease", "claim", "skip"}

// tables are all others, with their keys.
var tables = [...]struct{ name, columns, order string }{
	{"meta", "name, value", "name"},
	{"run", "run_no, kind, base, serial, actor, reason, environment, started, finished, rules, plan, totals, effects, prev, content, digest, discarding, done, hash_state", "run_no"},
	{"source", "source_no, name, key_rule, shape, mark, from_run, seen_run", "source_no"},
	{"rule", "rule_no, rule, from_run", "rule_no"},
	{"link", "source_no, id_key, verbatim, canonical, state, kind, rule_no, from_run, since_run, row_hash, row_sum, match_keys, fields", "source_no, id_key"},
	{"link_past", "source_no, id_key, verbatim, canonical, state, kind, rule_no, from_run, since_run, row_hash, row_sum, match_keys, fields, until_run", "source_no, id_key, from_run"},
	{"number", "canonical, state, into_number, survivor, from_run, row_sum", "canonical"},
	{"number_past", "canonical, state, into_number, survivor, from_run, until_run, row_sum", "canonical, from_run"},
	{"counter", "prefix, last, from_run", "prefix"},
	{"index", "index_no, name, from_run", "index_no"},
	{"segment", "index_no, from_run", "index_no, from_run"},
	{"match", "index_no, from_run, low, page_no, page, row_sum", "index_no, from_run, low, page_no"},
	{"review", "review, left_source, left_key, right_source, right_key, score, evidence, from_run, until_run, row_sum", "review, from_run"},
	{"decision", "decision_no, left_source, left_key, right_source, right_key, verdict, review, actor, reason, decided, digest", "decision_no"},
	{"model", "from_run, model", "from_run"},
	{"erased", "source_no, key_hash, canonical, from_run", "source_no, key_hash"},
	{"publication", "source_no, id_key, run_no, canonical, state, before_text, had_before, reason, row_sum", "source_no, id_key, run_no"},
	{"approval", "plan, actor, reason, approved", "plan, actor"},
}

// Dump writes every row of every table of the crosswalk in dsn as text, in
// the order of the keys. The lease, the claims and what was passed over are
// left out. Crosswalks that went through the same runs and decisions have
// equal dumps, in whatever database they are.
func Dump(ctx context.Context, dsn string) (string, error) {
	db, err := sqldb.Open(ctx, dsn, sqldb.Options{ReadOnly: true})
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	var out strings.Builder
	for _, table := range tables {
		fmt.Fprintf(&out, "%s (%s)\n", table.name, table.columns)
		rows, err := db.QueryxContext(ctx, "SELECT "+table.columns+" FROM xwalk_"+table.name+" ORDER BY "+table.order)
		if err != nil {
			return "", err
		}
		for rows.Next() {
			cells, err := rows.SliceScan()
			if err != nil {
				return "", errors.Join(err, rows.Close())
			}
			for _, c := range cells {
				switch c := c.(type) {
				case []byte:
					fmt.Fprintf(&out, " %q", c)
				case string:
					fmt.Fprintf(&out, " %q", c)
				default:
					fmt.Fprintf(&out, " %v", c)
				}
			}
			out.WriteByte('\n')
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// History is a sequence of jobs that uses everything a store can do: two
// sources, IDs of every kind, superseded and retired links, numbers that
// change, indexes, reviews, decisions, models, and a run that changes nothing.
func History() []*Job {
	sources := []crosswalk.Source{
		{No: 1, Name: "legacy", KeyRule: `{"case":"upper"}`, Shape: "seq"},
		{No: 2, Name: "shop", KeyRule: "{}"},
	}
	link := func(source, i, version int) crosswalk.Link {
		key := fmt.Sprintf("C%04d", i)
		l := crosswalk.Link{
			Source: source, Key: key, Verbatim: key, Canonical: fmt.Sprintf("CUST-%08d", i*3),
			Rule: "created", RowHash: uint64(i*version) * 0x9E3779B97F4A7C15, Kind: crosswalk.Kind(i % 3),
		}
		switch i % 5 {
		case 1:
			l.Verbatim, l.Rule = " "+key+"\u200b", "same: email"
		case 2:
			l.Match, l.Fields = []byte{0, 1, 2, byte(i), 255}, []byte(`{"name":["张伟","Ö\\n"]}`)
		case 3:
			l.State = crosswalk.Held
			l.Canonical = ""
		}
		if version > 1 {
			l.Replaces, l.SinceRun, l.Rule = true, 1, fmt.Sprintf("version %d", version)
			if i%2 == 0 && l.State == crosswalk.Live {
				l.State = crosswalk.Retired
			}
		}
		return l
	}
	batch := func(source, from, to, version int) []crosswalk.Link {
		var b []crosswalk.Link
		for i := from; i < to; i++ {
			b = append(b, link(source, i, version))
		}
		return b
	}
	index := func(n int) []crosswalk.IndexEntry {
		var entries []crosswalk.IndexEntry
		for i := range n {
			entries = append(entries, crosswalk.IndexEntry{Hash: uint64(i/3) * 0x0123456789ABCDE, Source: 1, Key: fmt.Sprintf("C%04d", i)})
		}
		return entries
	}
	verdicts := []crosswalk.Decision{
		{Left: crosswalk.NamedKey{Source: "shop", Key: "C0002"}, Right: crosswalk.NamedKey{Source: "legacy", Key: "C0001"}, Verdict: crosswalk.Different, Review: "v1", Actor: "ann", Reason: "两个人\tÖ\\n"},
		{Left: crosswalk.NamedKey{Source: "legacy", Key: "C0001"}, Right: crosswalk.NamedKey{Source: "new", Key: " 7"}, Verdict: crosswalk.Same, Actor: "bob"},
	}
	mixed := slices.Concat(batch(2, 0, 5, 2), batch(2, 20, 25, 1))
	return []*Job{
		{
			Start:   crosswalk.RunStart{Kind: "apply", Actor: "ann", Reason: "first", Rules: "r1", Plan: "p1", Environment: "production", Sources: sources, Schemes: map[int]string{1: "CUST-{next:8}", 2: "S{next:6}"}},
			Batches: [][]crosswalk.Link{batch(1, 0, 10, 1), batch(1, 10, 30, 1), batch(2, 0, 20, 1)},
			Index:   index(700),
			Finish: crosswalk.Finish{
				Changed: true, Full: []int{1, 2}, Marks: map[int]string{2: "2024-05-17T08:00:00Z"},
				Counters: map[string]uint64{"CUST-": 90, "": 1<<64 - 1},
				Numbers:  []crosswalk.Number{{Canonical: "K-7"}, {Canonical: "CUST-00000003", State: crosswalk.Merged, Into: "K-7", Survivor: "K-7"}},
				Reviews:  []crosswalk.Review{{ID: "v1", Left: crosswalk.SourceKey{Source: 1, Key: "C0001"}, Right: crosswalk.SourceKey{Source: 2, Key: "C0002"}, Score: 0.1 + 0.2, Evidence: `["name"]`}, {ID: "v2", Score: 1}},
				Model:    []byte{0, 1, '\n', 255},
				Totals:   mapping.Totals{Counts: mapping.Counts{Read: 50, Created: 50}, Customers: 41, ReviewsOpen: 2},
			},
		},
		{
			Start:   crosswalk.RunStart{Kind: "sync", Actor: "bot", Rules: "r1", Plan: "p2", Base: 1, Environment: "production", Sources: sources},
			Batches: [][]crosswalk.Link{batch(1, 3, 9, 2), mixed},
			Index:   index(10),
			Finish: crosswalk.Finish{
				Changed: true, Marks: map[int]string{2: "2024-05-18T08:00:00Z"}, Counters: map[string]uint64{"CUST-": 91},
				Numbers:       []crosswalk.Number{{Canonical: "K-7", State: crosswalk.Gone}},
				ClosedReviews: []string{"v1"},
				Totals:        mapping.Totals{Counts: mapping.Counts{Read: 16, Updated: 11, Created: 5}, Customers: 45, ReviewsOpen: 1},
			},
		},
		{
			Decided: verdicts,
			Start:   crosswalk.RunStart{Kind: "sync", Actor: "bot", Rules: "r2", Plan: "p3", Base: 2, Environment: "production"},
			Finish:  crosswalk.Finish{Marks: map[int]string{2: "2024-05-19T08:00:00Z"}, Totals: mapping.Totals{Counts: mapping.Counts{Read: 50, Unchanged: 50}, Customers: 45, ReviewsOpen: 1}},
		},
		{
			Start: crosswalk.RunStart{
				Kind: "apply", Actor: "ann", Rules: "r2", Plan: "p4", Base: 2, Environment: "production",
				Sources: []crosswalk.Source{{No: 3, Name: "desk", KeyRule: "{}"}},
			},
			Batches: [][]crosswalk.Link{batch(1, 0, 12, 3), batch(3, 0, 5, 1)},
			Finish: crosswalk.Finish{
				Changed: true, Full: []int{3}, Model: []byte("second"),
				Reviews: []crosswalk.Review{{ID: "v1", Left: crosswalk.SourceKey{Source: 1, Key: "C0001"}, Right: crosswalk.SourceKey{Source: 2, Key: "C0002"}, Score: 0.9}},
				Totals:  mapping.Totals{Counts: mapping.Counts{Read: 17}, Customers: 50, ReviewsOpen: 2},
			},
		},
	}
}

// Replay carries out jobs on the crosswalk in dsn, at the suite's times.
func Replay(t testing.TB, dsn string, jobs []*Job) {
	t.Helper()
	w := &world{t: t, dsn: dsn}
	w.open()
	for _, j := range jobs {
		w.apply(j)
	}
}

// same fails the test when two dumps differ.
func same(t testing.TB, what, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// host is this machine's name, as holders give it.
func host(t testing.TB) string {
	t.Helper()
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	return name
}
