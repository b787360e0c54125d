package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

// env is the world as a verb sees it, so that tests can run verbs in-process.
type env struct {
	args                     []string // without the program's name
	stdin                    io.Reader
	stdout, stderr           io.Writer
	inTerminal               bool
	outTerminal, errTerminal bool
	getenv                   func(string) (string, bool)
	clock                    func() time.Time

	common commonOptions
}

// commonOptions are the flags that every verb takes.
type commonOptions struct {
	config  string
	format  string
	actor   string
	quiet   bool
	verbose bool
	noColor bool
}

func (o *commonOptions) check() error {
	switch o.format {
	case "text", "json", "csv":
	default:
		return usage("--format %s: expected text, json or csv", o.format)
	}
	if o.quiet && o.verbose {
		return usage("--quiet and --verbose contradict each other")
	}
	return nil
}

// now is the clock of runs; XWALK_NOW fixes it.
func (e *env) now() (func() time.Time, error) {
	text, set := e.getenv("XWALK_NOW")
	if !set || text == "" {
		return e.clock, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, usage("XWALK_NOW is %q, expected a time such as 2026-01-31T12:00:00Z", text)
	}
	return func() time.Time { return at }, nil
}

// openStore opens the crosswalk for writing, and makes it where it is missing.
func (e *env) openStore(ctx context.Context, f *config.File) (*crosswalk.Store, error) {
	dsn, err := f.Crosswalk()
	if err != nil {
		return nil, err
	}
	now, err := e.now()
	if err != nil {
		return nil, err
	}
	return crosswalk.Open(ctx, dsn, crosswalk.Options{Now: now})
}

// actor is who answers for a run.
func (e *env) actor() string {
	if e.common.actor != "" {
		return e.common.actor
	}
	for _, name := range []string{"XWALK_ACTOR", "USER", "LOGNAME", "USERNAME"} {
		if who, _ := e.getenv(name); who != "" {
			return who
		}
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// style is for standard output, messages for standard error.
func (e *env) style() report.Style    { return report.Style{Colour: e.outTerminal && e.colour()} }
func (e *env) messages() report.Style { return report.Style{Colour: e.errTerminal && e.colour()} }

func (e *env) colour() bool {
	if noColor, _ := e.getenv("NO_COLOR"); noColor != "" {
		return false
	}
	dumb, _ := e.getenv("TERM")
	return !e.common.noColor && dumb != "dumb"
}

func (e *env) progress() *ui.Progress {
	return &ui.Progress{W: e.stderr, Terminal: e.errTerminal && !e.common.quiet, Verbose: e.common.verbose}
}

// tell prints a message for people, unless --quiet.
func (e *env) tell(format string, args ...any) {
	if !e.common.quiet {
		fmt.Fprintf(e.stderr, format+"\n", args...)
	}
}

// load reads the configuration. Warnings about the rules matter to the verbs
// that use them, so those verbs print them.
func (e *env) load() (*config.File, error) {
	return config.Load(e.common.config, all.Registry(), e.getenv)
}

// loadRules is load, with the compiled rules, for the verbs that plan:
// warnings are told.
func (e *env) loadRules() (*config.File, *rules.Ruleset, error) {
	f, err := e.load()
	if err != nil {
		return nil, nil, err
	}
	if !e.common.quiet {
		ui.Warnings(e.stderr, e.messages(), f.Warnings)
	}
	rs, err := f.Ruleset()
	return f, rs, err
}

// openStoreReadOnly opens the crosswalk for reading, where there is one.
func (e *env) openStoreReadOnly(ctx context.Context, f *config.File) (*crosswalk.Store, error) {
	dsn, err := f.Crosswalk()
	if err != nil {
		return nil, err
	}
	return crosswalk.OpenReadOnly(ctx, dsn, crosswalk.Options{})
}

// openReadOnly opens the crosswalk of f and a view of it; done closes both.
func (e *env) openReadOnly(ctx context.Context, f *config.File) (snap *crosswalk.Snapshot, done func(), err error) {
	store, err := e.openStoreReadOnly(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	snap, err = store.Snapshot(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return snap, func() { _ = errors.Join(snap.Close(), store.Close()) }, nil
}

// openOrNone is openReadOnly where having no crosswalk yet is no error: snap
// is nil then.
func (e *env) openOrNone(ctx context.Context, f *config.File) (snap *crosswalk.Snapshot, done func(), err error) {
	snap, done, err = e.openReadOnly(ctx, f)
	if errors.Is(err, crosswalk.ErrNone) {
		return nil, func() {}, nil
	}
	return snap, done, err
}

// inputs opens every source of f for the columns that the rules read. Its
// error tells of all sources, so that nobody mends them one by one.
func inputs(ctx context.Context, f *config.File, rs *rules.Ruleset) ([]plan.Input, error) {
	var in []plan.Input
	var problems ui.Problems
	for i, s := range f.Sources { // in the order of the ruleset
		src, err := s.Open(ctx, rs.Columns(i))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		in = append(in, plan.Input{Name: s.Name, Source: src, Filtered: s.Filtered(), Query: s.Query()})
	}
	return in, problems.Err()
}

// writeFile writes path whole or not at all, for its owner only: what xwalk
// writes is as confidential as the customers' records.
func writeFile(path string, write func(io.Writer) error) error {
	return writeFileAs(path, 0o600, write)
}

// writeFileAs is writeFile for those who may read what it was made from. A
// symbolic link stays, and what it leads to is replaced. A database never is:
// that would be a slip.
func writeFileAs(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	info, err := os.Stat(path)
	switch {
	case path == "/dev/stdout": // may lead to a file, which is not to be replaced
		return write(os.Stdout)
	case path == "/dev/stderr":
		return write(os.Stderr)
	case err == nil && info.IsDir():
		return usage("write %s: it is a folder; name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		// A pipe or /dev/null cannot be replaced, only written to.
		return writeThrough(path, write)
	case err == nil && isDatabase(path):
		return usage("write %s: it is an SQLite database; write to another file", path)
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return usage("write %s: the folder does not exist", path)
		}
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = errors.Join(f.Close(), os.Remove(f.Name()))
		}
	}()
	if err := write(f); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := errors.Join(f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

// isDatabase reports whether a file is an SQLite database.
func isDatabase(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	const magic = "SQLite format 3\x00"
	start := make([]byte, len(magic))
	_, err = io.ReadFull(f, start)
	return err == nil && string(start) == magic
}

func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return errors.Join(write(f), f.Close())
}

// closing closes c and is err, or c's error when there is none yet.
func closing(err error, c io.Closer) error {
	if e := c.Close(); err == nil {
		return e
	}
	return err
}
