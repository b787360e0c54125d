package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"xwalk": main})
}

// TestScripts drives the real program through fixtures/scripts: one page per
// case, with its files, what it prints and how it ends.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "fixtures", "scripts"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			fixtures, err := filepath.Abs(filepath.Join("..", "..", "fixtures"))
			if err != nil {
				return err
			}
			e.Setenv("FIXTURES", fixtures)
			e.Setenv("XWALK_NOW", "2026-01-31T12:00:00Z")
			e.Setenv("XWALK_ACTOR", "ann")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":   exits,
			"gb18030": gb18030,
			"sqlite":  sqlite,
			"query":   query,
			"mode":    mode,
			"damage":  damage,
		},
	})
}

// exits CODE COMMAND… runs a command and holds it to its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// gb18030 FILE… rewrites UTF-8 files as Chinese systems export them.
func gb18030(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text, err := simplifiedchinese.GB18030.NewEncoder().String(ts.ReadFile(name))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// sqlite FILE SCRIPT makes a database.
func sqlite(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	db, err := sqldb.Open(ctx, ts.MkAbs(args[0]), sqldb.Options{})
	ts.Check(err)
	_, err = db.ExecContext(ctx, ts.ReadFile(args[1]))
	ts.Check(errors.Join(err, db.Close()))
}

// query FILE SELECT prints what a database holds, as its shell does.
func query(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	db, err := sqldb.Open(ctx, ts.MkAbs(args[0]), sqldb.Options{ReadOnly: true})
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	rows, err := db.QueryContext(ctx, args[1])
	ts.Check(err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	ts.Check(err)
	for rows.Next() {
		cells, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			dest[i] = &cells[i]
		}
		ts.Check(rows.Scan(dest...))
		texts := make([]string, len(cells))
		for i, c := range cells {
			texts[i] = c.String
		}
		fmt.Fprintln(ts.Stdout(), strings.Join(texts, "|"))
	}
	ts.Check(rows.Err())
}

// damage FILE OLD NEW replaces the first OLD in a file of any kind by NEW.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o600))
}

// mode FILE PERMISSIONS holds a file to its permissions.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := strconv.FormatInt(int64(info.Mode().Perm()), 8); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}
