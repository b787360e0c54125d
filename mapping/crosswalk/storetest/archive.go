package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Archive writes the crosswalk in dsn as an archive.
func Archive(t testing.TB, dsn string) []byte {
	t.Helper()
	w := &world{t: t, dsn: dsn}
	w.open()
	return w.archive()
}

// Load loads an archive into the empty crosswalk in dsn.
func Load(t testing.TB, dsn string, text []byte) {
	t.Helper()
	w := &world{t: t, dsn: dsn}
	w.open()
	if err := w.load(text); err != nil {
		t.Fatal(err)
	}
}

func (w *world) archive() []byte {
	w.t.Helper()
	v, err := w.store.Snapshot(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = v.Close() }()
	var out bytes.Buffer
	m, err := v.WriteArchive(w.t.Context(), &out, func(int64) {})
	if err != nil {
		w.t.Fatal(err)
	}
	if head := v.Head(); m.Run != head.Run || m.Serial != head.Serial || m.Digest != head.Digest || m.Environment != head.Environment {
		w.t.Errorf("the manifest says %+v of the head %+v", m, head)
	}
	return out.Bytes()
}

func opened(t testing.TB, in io.ReaderAt, size int) *archive.Reader {
	t.Helper()
	a, err := archive.Open(in, int64(size))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) load(text []byte) error {
	w.t.Helper()
	a := opened(w.t, bytes.NewReader(text), len(text))
	if err := a.Check(w.t.Context(), func(int64) {}); err != nil {
		w.t.Fatal(err)
	}
	lease := w.acquire("import")
	defer w.release(lease)
	return lease.Load(w.t.Context(), a, "production", func(int64) {})
}

// testArchive moves a crosswalk with all of its past into another database,
// while a run is being written, and goes on there.
func testArchive(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := Past()
	for _, j := range jobs {
		w.apply(j)
	}
	if err := w.store.SkipReviews(t.Context(), []string{"v2", "v1"}, "ann", "later\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Approve(t.Context(), crosswalk.Approval{Plan: "p8", Actor: "bob"}); err != nil {
		t.Fatal(err)
	}
	text, dump := w.archive(), w.dump()
	if again := w.archive(); !bytes.Equal(again, text) {
		t.Error("the same crosswalk made another archive")
	}
	next := &Job{
		Start: crosswalk.RunStart{Kind: "apply", Plan: "p8", Base: 6, Environment: "production", Sources: []crosswalk.Source{{No: 4, Name: "late", KeyRule: "{}"}}},
		Batches: [][]crosswalk.Link{
			{{Source: 1, Key: "C0004", Canonical: "CUST-00000012", Replaces: true, Rule: "next"}, {Source: 1, Key: "Z", Canonical: "CUST-00000999"}},
			{{Source: 4, Key: "1", Canonical: "CUST-00001000"}},
		},
		Index:  []crosswalk.IndexEntry{{Hash: 3, Source: 1, Key: "Z"}},
		Finish: crosswalk.Finish{Changed: true, Counters: map[string]uint64{"CUST-": 1000}},
	}
	w.now = Begun
	lease := w.acquire("apply")
	run, err := next.begin(t.Context(), lease)
	if err == nil {
		err = next.write(t.Context(), run, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	if again := w.archive(); !bytes.Equal(again, text) {
		t.Error("a run that is being written changed the archive")
	}
	w.release(lease)

	moved := newWorld(t, s)
	if err := moved.load(text); err != nil {
		t.Fatal(err)
	}
	same(t, "the tables of the loaded crosswalk", moved.dump(), dump)
	if again := moved.archive(); !bytes.Equal(again, text) {
		t.Error("the loaded crosswalk made another archive")
	}
	if err := moved.load(text); !errors.Is(err, crosswalk.ErrNotEmpty) {
		t.Errorf("loading it twice: %v, want ErrNotEmpty", err)
	}
	w.apply(next)
	moved.apply(next)
	same(t, "the tables after the next run", moved.dump(), w.dump())
}

// testLoadRefused loads what must not be loaded.
func testLoadRefused(t *testing.T, s Suite) {
	w := newWorld(t, s)
	nothing := w.archive()
	if err := w.load(nothing); err != nil {
		t.Fatalf("the archive of an empty crosswalk: %v", err)
	}
	w.apply(History()[0])
	text := w.archive()

	w.wipe()
	empty := w.dump()
	lease := w.acquire("import")
	a := opened(t, bytes.NewReader(text), len(text))
	if err := lease.Load(t.Context(), a, "test", func(int64) {}); !errors.Is(err, crosswalk.ErrEnvironment) {
		t.Errorf("into another environment: %v", err)
	}
	a.Manifest.Schema++
	if err := lease.Load(t.Context(), a, "production", func(int64) {}); !errors.Is(err, archive.ErrNewer) {
		t.Errorf("of newer tables: %v", err)
	}
	a = opened(t, bytes.NewReader(text), len(text))
	a.Manifest.Tables[3].Columns[0].Name = "other"
	if err := lease.Load(t.Context(), a, "production", func(int64) {}); err == nil {
		t.Error("other columns were loaded")
	}
	w.release(lease)
	same(t, "the tables after what was refused", w.dump(), empty)

	if err := w.store.Decide(t.Context(), []crosswalk.Decision{{
		Left: crosswalk.NamedKey{Source: "a", Key: "1"}, Right: crosswalk.NamedKey{Source: "b", Key: "1"}, Verdict: crosswalk.Same, Actor: "ann",
	}}, false); err != nil {
		t.Fatal(err)
	}
	if err := w.load(text); !errors.Is(err, crosswalk.ErrNotEmpty) {
		t.Errorf("where people have decided: %v", err)
	}
}

// cutReader fails from its n-th read on.
type cutReader struct {
	*bytes.Reader
	left int
}

var errCut = errors.New("the disk is gone")

func (r *cutReader) ReadAt(p []byte, at int64) (int, error) {
	if r.left--; r.left < 0 {
		return 0, errCut
	}
	return r.Reader.ReadAt(p, at)
}

// testLoadStops stops a load at every read of its archive. Nobody sees
// anything of it, and the archive, or a run, comes into the crosswalk as if
// it had been empty.
func testLoadStops(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := Past()
	for _, j := range jobs {
		w.apply(j)
	}
	text, whole := w.archive(), w.dump()
	w.wipe()
	w.apply(jobs[0])
	first := w.dump()
	w.wipe()
	for n := 0; ; n++ {
		in := &cutReader{Reader: bytes.NewReader(text), left: 1 << 30}
		a := opened(t, in, len(text))
		in.left = n * 7
		lease := w.acquire("import")
		err := lease.Load(t.Context(), a, "production", func(int64) {})
		if err == nil {
			same(t, "after a load that was not stopped", w.dump(), whole)
			w.release(lease)
			break
		}
		if !errors.Is(err, errCut) {
			t.Fatal(err)
		}
		w.crash()
		w.open()
		v := w.snapshot()
		if head := v.Head(); head != (crosswalk.Head{}) {
			t.Fatalf("the head of a load that was stopped at %d: %+v", n, head)
		}
		if diff := cmp.Diff([]string(nil), seen(t.Context(), v)); diff != "" {
			t.Fatalf("of a load that was stopped at %d is seen:\n%s", n, diff)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
		if n%2 == 0 {
			continue // the next load removes what is left
		}
		w.apply(jobs[0])
		same(t, fmt.Sprintf("after a run on a load that was stopped at %d", n), w.dump(), first)
		w.wipe()
	}
}

// loadFile loads an archive and prints a line after each batch.
func loadFile(ctx context.Context, dsn, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	a, err := archive.Open(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	store, err := crosswalk.Open(ctx, dsn, crosswalk.Options{})
	if err != nil {
		return err
	}
	holder, err := self()
	if err != nil {
		return err
	}
	lease, err := store.Acquire(ctx, holder, "import")
	if err != nil {
		return err
	}
	if err := lease.Load(ctx, a, "production", func(rows int64) { fmt.Println(rows) }); err != nil {
		return err
	}
	return lease.Release(ctx)
}

// testLoadKill kills a process that loads an archive, after some of its
// batches, and loads it again.
func testLoadKill(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, j := range Past() {
		w.apply(j)
	}
	text, whole := w.archive(), w.dump()
	path := filepath.Join(t.TempDir(), "archive.zip")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, lines := range []int{1, 3, 9} {
		w.wipe()
		cmd := command(t, "load", w.dsn, 0)
		cmd.Env = append(cmd.Env, envArchive+"="+path)
		said := killAfter(t, cmd, lines)
		if err := w.load(text); err != nil && !errors.Is(err, crosswalk.ErrNotEmpty) { // it may have ended before the blow
			t.Fatalf("after a load that was killed after %q: %v", said, err)
		}
		same(t, fmt.Sprintf("killed after %q", said), w.dump(), whole)
	}
}

// seen is what a reader finds in a crosswalk that should look empty.
func seen(ctx context.Context, v *crosswalk.Snapshot) (found []string) {
	note := func(what any, err error) { found = append(found, fmt.Sprint(what, err)) }
	for l, err := range v.Links(ctx, crosswalk.Query{Sources: []int{1, 2, 3}}) {
		note(l, err)
	}
	links, err := v.ByKeys(ctx, []crosswalk.SourceKey{{Source: 1, Key: "C0004"}})
	if len(links) > 0 || err != nil {
		note(links, err)
	}
	for n, err := range v.Numbers(ctx) {
		note(n, err)
	}
	if reviews, err := v.Reviews(ctx); len(reviews) > 0 || err != nil {
		note(reviews, err)
	}
	if sources, err := v.Sources(ctx); len(sources) > 0 || err != nil {
		note(sources, err)
	}
	if keys, err := v.ByIndex(ctx, "email", []uint64{3, 0x0123456789ABCDE}); len(keys) > 0 || err != nil {
		note(keys, err)
	}
	if known, err := v.KnownOf(ctx, []string{"CUST-00000012", "K-7"}); len(known) > 0 || err != nil {
		note(known, err)
	}
	return found
}
