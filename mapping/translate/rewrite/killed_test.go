//go:build unix

package rewrite_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// The environment of the process that is killed.
const (
	killedSeed      = "XWALK_TEST_REWRITE_SEED"
	killedDialect   = "XWALK_TEST_REWRITE_DIALECT"
	killedDSN       = "XWALK_TEST_REWRITE_DSN"
	killedCrosswalk = "XWALK_TEST_REWRITE_CROSSWALK"
	killedUndo      = "XWALK_TEST_REWRITE_UNDO"
)

// TestRewriteChild is the process that the test below kills; alone it does
// nothing.
func TestRewriteChild(t *testing.T) {
	dsn := os.Getenv(killedDSN)
	if dsn == "" {
		t.Skip("run by another test")
	}
	seed, _ := strconv.ParseUint(os.Getenv(killedSeed), 10, 64)
	dialect, _ := strconv.Atoi(os.Getenv(killedDialect))
	g := newGraph(seed, sqldb.Dialect(dialect), dsn)
	if os.Getenv(killedUndo) != "" {
		fmt.Println("writing")
		_, err := rewrite.Undo(t.Context(), g.references(), 1, "this one", true, false)
		fmt.Println("done", err)
		return
	}
	tables, err := g.translations(t.Context(), os.Getenv(killedCrosswalk))
	if err != nil {
		t.Fatal(err)
	}
	job := g.survey(t, tables)
	fmt.Println("writing")
	_, err = rewrite.Apply(t.Context(), job)
	fmt.Println("done", err)
}

// A rewrite, and an undo, that are killed at any moment and made again end as
// ones that were not.
func TestKilledRewrite(t *testing.T) {
	t.Parallel()
	kills := map[sqldb.Dialect]int{sqldb.SQLite: 3, sqldb.Postgres: 1, sqldb.MySQL: 1}
	for d, n := range kills {
		if os.Getenv("LONG") != "" {
			n *= 30
		}
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				t.Skip("-short starts no other processes")
			}
			r := rand.New(rand.NewPCG(uint64(d), 3))
			for i := range n {
				killRewrite(t, uint64(i), d, r)
			}
		})
	}
}

func killRewrite(t *testing.T, seed uint64, d sqldb.Dialect, r *rand.Rand) {
	g, path := newGraphWorld(t, seed, d, dbtest.Database(t, d))
	before := g.dump(t)
	tables, err := g.translations(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		g.kill(t, seed, path, r, "")
	}
	unfinished, err := rewrite.FindUnfinished(t.Context(), g.references())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range unfinished {
		if u.Run != 1 || u.Crosswalk != "this one" {
			t.Errorf("an unfinished rewrite of nobody: %+v", u)
		}
	}
	if _, err := rewrite.Apply(t.Context(), g.survey(t, tables)); err != nil {
		t.Fatal(err)
	}
	g.checkReferences(t)
	if left, err := rewrite.FindUnfinished(t.Context(), g.references()); err != nil || len(left) > 0 {
		t.Errorf("still unfinished: %+v, %v", left, err)
	}
	for range 3 {
		g.kill(t, seed, path, r, "yes")
	}
	if _, err := rewrite.Undo(t.Context(), g.references(), 1, "this one", true, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, g.dump(t)); diff != "" {
		t.Errorf("seed %d: the undo left (-before +after):\n%s", seed, diff)
	}
}

// kill starts a rewrite, or an undo, in another process and kills it soon.
func (g *graph) kill(t *testing.T, seed uint64, path string, r *rand.Rand, undo string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRewriteChild$", "-test.v")
	child.Env = append(os.Environ(), killedSeed+"="+strconv.FormatUint(seed, 10), killedDialect+"="+strconv.Itoa(int(g.dialect)),
		killedDSN+"="+g.dsn, killedCrosswalk+"="+path, killedUndo+"="+undo)
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "writing" {
		continue
	}
	timer := time.AfterFunc(time.Duration(r.IntN(400))*time.Millisecond, func() { _ = child.Process.Kill() })
	for lines.Scan() {
		continue
	}
	_ = child.Wait()
	timer.Stop()
}
