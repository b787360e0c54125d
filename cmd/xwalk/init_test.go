package main

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures"
	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// TestInitPublicData writes a configuration for public lists of persons and
// organisations, and plans with it as it is. The truth in them is not read.
func TestInitPublicData(t *testing.T) {
	t.Parallel()
	tests := []struct {
		files    []string
		ids      []string
		fields   string // of the first source
		read     int64
		linked   [2]int64 // at least, at most
		unmapped []string
	}{
		{[]string{"febrl/dataset1.csv", "febrl/dataset2.csv"}, []string{"rec_id", "rec_id"}, "given_name family_name birth_date national_id address city region postal_code", 6000, [2]int64{1200, 1400}, nil},
		{[]string{"splink/fake_1000.csv"}, []string{"unique_id"}, "given_name family_name birth_date email city", 1000, [2]int64{200, 749}, []string{"cluster"}},
		{[]string{"organisations/early_childhood.csv"}, []string{"Id"}, "name company phone address postal_code", 3337, [2]int64{1100, 2175}, []string{"True Id"}},
	}
	for _, tt := range tests {
		t.Run(tt.files[0], func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "xwalk.yaml")
			args := []string{"init", "-o", file, "--format", "json"}
			for _, f := range tt.files {
				args = append(args, filepath.Join("..", "..", "fixtures", "data", f))
			}
			var d draftJSON
			decodeRun(t, &d, nil, args...)
			for i, s := range d.Sources {
				if got := strings.Join(s.ID, "+"); got != tt.ids[i] {
					t.Errorf("the ID of %s is %s, want %s", s.Source, got, tt.ids[i])
				}
			}
			if got := strings.Join(d.Sources[0].Fields, " "); got != tt.fields {
				t.Errorf("fields are %s, want %s", got, tt.fields)
			}
			var p struct {
				Totals mapping.Totals `json:"totals"`
			}
			decodeRun(t, &p, nil, "plan", "-c", file, "--format", "json")
			if p.Totals != d.Totals {
				t.Errorf("init foresaw %+v, plan makes %+v", d.Totals, p.Totals)
			}
			if p.Totals.Read != tt.read || p.Totals.Rejected != 0 || p.Totals.Linked < tt.linked[0] || p.Totals.Linked > tt.linked[1] {
				t.Errorf("the plan's totals are %+v", p.Totals)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(string(text), "\n") {
				for _, column := range tt.unmapped {
					if code, _, _ := strings.Cut(line, "#"); strings.Contains(code, ": "+column) {
						t.Errorf("the truth is used: %s", line)
					}
				}
			}
		})
	}
	if fixtures.Febrl1.Read+fixtures.Febrl2.Read != tests[0].read {
		t.Error("the febrl files have other rows")
	}
}

// decodeRun runs xwalk and decodes its JSON.
func decodeRun(t *testing.T, into any, vars map[string]string, args ...string) {
	t.Helper()
	out, messages, code := runWith(vars, args...)
	if code != exitDone {
		t.Fatalf("xwalk %v: exit code %d\n%s", args, code, messages)
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatal(err)
	}
}

func runWith(vars map[string]string, args ...string) (out, messages string, code int) {
	e, stdout, stderr := testEnv(args...)
	e.getenv = func(k string) (string, bool) { v, ok := vars[k]; return v, ok }
	code = run(context.Background(), e)
	return stdout.String(), stderr.String(), code
}

// TestInitDatabases writes configurations for tables on servers. No password
// reaches the file or the screen.
func TestInitDatabases(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			db, err := sqldb.Open(t.Context(), dsn, sqldb.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			for _, statement := range []string{
				"CREATE TABLE kunden (kundennr VARCHAR(20), vorname VARCHAR(40), nachname VARCHAR(40), telefon VARCHAR(30), geburtsdatum DATE)",
				"INSERT INTO kunden VALUES ('K-000017', 'Jörg', 'Müller', '+49 171 5550001', '1970-02-01'), ('K-000018', 'Ute', 'Maß', '+49 171 5550002', NULL), ('K-000023', 'Kai', 'Öz', '030 5550003', '1981-12-31')",
				"CREATE TABLE contacts (id BIGINT, name VARCHAR(40), email VARCHAR(40), phone VARCHAR(40))",
				"INSERT INTO contacts VALUES (9007199254740993, 'Ann Ash', 'ann@example.com', '+44 20 7946 0001')",
			} {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			u, err := url.Parse(dsn)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "xwalk.yaml")

			// Two tables are likely, and nobody is there to ask.
			_, messages, code := runWith(nil, "init", "-o", file, dsn)
			if code != exitUsage || !strings.Contains(messages, "several tables may hold the customers:") ||
				!strings.Contains(messages, "kunden (3 rows)") || !strings.Contains(messages, "--table kunden") {
				t.Errorf("exit code %d\n%s", code, messages)
			}

			// A password becomes a variable. PostgreSQL trusts this machine, so any password will do there.
			if d == sqldb.Postgres {
				u.User = url.UserPassword(u.User.Username(), "geheim")
			} else {
				q := u.Query()
				q.Set("connectionAttributes", "token:geheim")
				u.RawQuery = q.Encode()
			}
			secret := u.String()
			args := []string{"init", "-o", file, "--table", "kunden", secret}
			vars := map[string]string{}
			if d == sqldb.MySQL {
				vars["KUNDEN_DSN"] = secret
				args = []string{"init", "-o", file, "${KUNDEN_DSN}#kunden"}
			}
			out, messages, code := runWith(vars, args...)
			text, err := os.ReadFile(file)
			if code != exitDone || err != nil {
				t.Fatalf("exit code %d, %v\n%s", code, err, messages)
			}
			if all := out + messages + string(text); strings.Contains(all, "geheim") {
				t.Errorf("the password is told:\n%s", all)
			}
			if d == sqldb.Postgres {
				name, _, _ := strings.Cut(strings.SplitAfter(out, "export ")[1], "=")
				vars[name] = secret
			}
			for _, want := range []string{"_DSN}", "table: kunden", "given_name: vorname", "K-{seq:6}", "birth_date: geburtsdatum"} {
				if !strings.Contains(string(text), want) {
					t.Errorf("the file has no %q:\n%s", want, text)
				}
			}
			var p struct {
				Totals mapping.Totals `json:"totals"`
			}
			decodeRun(t, &p, vars, "plan", "-c", file, "--format", "json")
			if p.Totals.Created != 3 {
				t.Errorf("the plan's totals are %+v", p.Totals)
			}
		})
	}
}

// TestInitAsks chooses among tables on a terminal.
func TestInitAsks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sqldb.Open(t.Context(), filepath.Join(dir, "two.db"), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "CREATE TABLE contacts (id TEXT, name TEXT, email TEXT); INSERT INTO contacts VALUES ('A1', 'Ann', 'a@example.com');"+
		"CREATE TABLE members (id TEXT, name TEXT, email TEXT); INSERT INTO members VALUES ('B1', 'Bob', 'b@example.com')")
	if err := closing(err, db); err != nil {
		t.Fatal(err)
	}
	for answers, want := range map[string]string{"\n": "contacts", "3\nx\n2\n": "members", "members": "members", "": ""} {
		file := filepath.Join(t.TempDir(), "xwalk.yaml")
		e, _, messages := testEnv("init", "-o", file, filepath.Join(dir, "two.db"))
		e.inTerminal, e.errTerminal, e.stdin = true, true, strings.NewReader(answers)
		e.common.quiet = true
		code := run(context.Background(), e)
		text, _ := os.ReadFile(file)
		if want == "" {
			if code != exitUsage || !strings.Contains(messages.String(), "no table was chosen") {
				t.Errorf("without an answer: exit code %d\n%s", code, messages)
			}
			continue
		}
		if code != exitDone || !strings.Contains(string(text), "table: "+want+"\n") {
			t.Errorf("answers %q: exit code %d, want the table %s\n%s", answers, code, want, messages)
		}
	}
}

// TestInitWritesOnce writes where another init has written while this one was
// looking at its sources.
func TestInitWritesOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "xwalk.yaml")
	steps := []struct {
		force bool
		text  string
		want  string
		ok    bool
	}{
		{false, "first", "first", true},
		{false, "second", "first", false},
		{true, "third", "third", true},
	}
	for _, s := range steps {
		o := &initOptions{out: path, force: s.force}
		if err := o.write(s.text); (err == nil) != s.ok {
			t.Errorf("write %q: %v", s.text, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != s.want {
			t.Errorf("after %q the file says %q, %v; want %q", s.text, got, err, s.want)
		}
	}
}
