package rewrite_test

import (
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// client is the database's own client, which reads SQL from its input.
func client(t testing.TB, d sqldb.Dialect, dsn string) *exec.Cmd {
	t.Helper()
	name := map[sqldb.Dialect]string{sqldb.Postgres: "psql", sqldb.MySQL: "mysql", sqldb.SQLite: "sqlite3"}[d]
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	if d == sqldb.SQLite {
		return exec.CommandContext(t.Context(), name, dsn)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if d == sqldb.Postgres {
		return exec.CommandContext(t.Context(), name, "-X", "-q", dsn)
	}
	args := []string{"--user=" + u.User.Username()}
	if socket := u.Query().Get("socket"); socket != "" {
		args = append(args, "--socket="+socket)
	} else {
		args = append(args, "--protocol=tcp", "--host="+u.Hostname(), "--port="+u.Port())
	}
	cmd := exec.CommandContext(t.Context(), name, append(args, strings.TrimPrefix(u.Path, "/"))...)
	password, _ := u.User.Password()
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+password)
	return cmd
}

// runScript has the database's own client carry out a job's script.
func runScript(t testing.TB, d sqldb.Dialect, dsn string, job rewrite.Job) string {
	t.Helper()
	var text strings.Builder
	if err := rewrite.Script(t.Context(), &text, job); err != nil {
		t.Fatal(err)
	}
	cmd := client(t, d, dsn)
	cmd.Stdin = strings.NewReader(text.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, text.String())
	}
	return text.String()
}

// A script leaves what a rewrite does: the rows, the columns, and a journal by
// which it can be undone.
func TestScriptDoesWhatApplyDoes(t *testing.T) {
	t.Parallel()
	seeds := map[sqldb.Dialect]uint64{sqldb.SQLite: 6, sqldb.Postgres: 2, sqldb.MySQL: 2}
	for d, n := range seeds {
		if os.Getenv("LONG") != "" {
			n *= 20
		}
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			for seed := range n {
				scriptAndApply(t, seed, d)
			}
		})
	}
}

func scriptAndApply(t *testing.T, seed uint64, d sqldb.Dialect) {
	g, path := newGraphWorld(t, seed, d, dbtest.Database(t, d))
	s, _ := newGraphWorld(t, seed, d, dbtest.Database(t, d))
	tables, err := g.translations(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	before := s.dump(t)
	want, err := rewrite.Apply(t.Context(), g.survey(t, tables))
	if err != nil {
		t.Fatal(err)
	}
	text := runScript(t, d, s.dsn, s.survey(t, tables))
	named := regexp.MustCompile(`xwalk_test_[0-9a-f]+`)
	dump := func(g *graph) string { return named.ReplaceAllString(strings.Join(g.dump(t), "\n"), "database") }
	if diff := cmp.Diff(dump(g), dump(s)); diff != "" {
		t.Fatalf("seed %d: script and apply differ (-apply +script):\n%s\n%s", seed, diff, text)
	}
	s.checkReferences(t)
	got, err := rewrite.Apply(t.Context(), s.survey(t, tables)) // it is finished: this says what the journal has
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i].DDL, want[i].After, want[i].Resumed, got[i].Resumed, got[i].After = nil, nil, false, false, nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seed %d: the journal's counts (-apply +script):\n%s", seed, diff)
	}
	if _, err := rewrite.Undo(t.Context(), s.references(), 1, "this one", true, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, s.dump(t)); diff != "" {
		t.Errorf("seed %d: the undo left (-before +after):\n%s", seed, diff)
	}
}
