package discover

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Options says how places are found.
type Options struct {
	Registry connectors.Registry
	// Table is the table to read of the one database that is named; empty
	// where the address says it or the database shows it.
	Table string
	// Getenv resolves an address given as ${NAME}.
	Getenv func(string) (string, bool)
	// Choose has a person choose among the tables of a database, the
	// likeliest first; nil where there is nobody to ask.
	Choose func(database string, tables []Choice) (table string, err error)
}

// ArgumentError says that an argument names nothing that can be read. Hint
// says what to write instead, or is empty.
type ArgumentError struct {
	Argument string // without password
	Problem  string
	Hint     string
}

func (e *ArgumentError) Error() string {
	text := e.Argument + ": " + e.Problem
	if e.Argument == "" {
		text = e.Problem
	}
	if e.Hint != "" {
		text += "\n  hint: " + e.Hint
	}
	return text
}

// Find turns arguments into places, in the order of the arguments and, within
// a pattern or folder, of the names. Notes say what was left out and why. An
// argument is
//
//   - a path, or a pattern such as exports/*.csv, also quoted
//   - a folder: every file in it that holds a table
//   - sqlite:FILE, or the path of an SQLite file
//   - postgres://… or mysql://…, or ${NAME} of a variable that holds one
//
// A table is chosen by ?table=NAME or #NAME behind the address, by
// [Options.Table], by being the only one or the only likely one, or by a person. Its error is
// an [*ArgumentError] or that of opening a place.
func Find(ctx context.Context, args []string, o Options) (places []Place, notes []string, err error) {
	f := &finder{Options: o, seen: map[string]bool{}}
	for _, arg := range args {
		if err := f.argument(ctx, arg); err != nil {
			return nil, nil, err
		}
	}
	if databases := f.databases(); o.Table != "" && databases != 1 {
		return nil, nil, &ArgumentError{
			Problem: fmt.Sprintf("--table %s: there are %d databases, not one", o.Table, databases),
			Hint:    "write the table behind the database that it is in: shop.db#" + o.Table,
		}
	}
	if f.places, err = f.chooseTables(ctx); err != nil {
		return nil, nil, err
	}
	name(f.places)
	return f.places, f.notes, nil
}

type finder struct {
	Options
	places []Place
	notes  []string
	seen   map[string]bool // what is in places
}

func (f *finder) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

// add adds a place once.
func (f *finder) add(p Place) {
	key := p.Path + "\x00" + p.DSN + "\x00" + p.Table
	if abs, err := filepath.Abs(p.Path); p.Path != "" && err == nil {
		key = abs + "\x00" + p.Table
	}
	if f.seen[key] {
		f.note("%s is named twice; once is enough", p)
		return
	}
	f.seen[key] = true
	f.places = append(f.places, p)
}

func (f *finder) argument(ctx context.Context, arg string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, _, ok := variable(arg); ok || isServer(arg) {
		return f.server(arg)
	}
	path, table := arg, ""
	if rest, ok := strings.CutPrefix(arg, "sqlite:"); ok {
		path, table = cutTable(rest)
	} else if before, after := cutTable(arg); after != "" && !exists(arg) {
		path, table = before, after
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return f.folder(path)
	case err == nil:
		f.file(path, table, strings.HasPrefix(arg, "sqlite:"))
		return nil
	case mayHoldPassword(arg):
		return &ArgumentError{
			Problem: "there is no such file, and it is no address of a database", // which is not repeated
			Hint:    "addresses start with postgres:// or mysql://, as in postgres://user:password@host/database",
		}
	case strings.ContainsAny(path, "*?["):
		return f.pattern(path)
	case errors.Is(err, fs.ErrNotExist):
		return f.missing(path)
	}
	return fmt.Errorf("look at %s: %w", arg, err)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// missing has the connector say that a file is not there: it knows names
// that are near.
func (f *finder) missing(path string) error {
	if strings.Contains(path, "://") {
		scheme, _, _ := strings.Cut(path, "://")
		return &ArgumentError{
			Argument: scheme + "://…", Problem: "there is no such kind of database",
			Hint: "databases are sqlite:FILE, postgres://user:password@host/database and mysql://user:password@host/database",
		}
	}
	p := Place{Label: path, Path: path, spec: f.Registry["csv"]}
	_, err := p.Open(context.Background(), nil)
	return err
}

// file adds one file that somebody named.
func (f *finder) file(path, table string, sqlite bool) {
	p := f.place(path)
	p.Table = table
	if sqlite || table != "" {
		p.spec = f.Registry["sqlite"]
	}
	f.add(p)
}

// gather adds one file that a pattern or folder brought along.
func (f *finder) gather(path string) {
	p := f.place(path)
	p.Gathered = true
	f.add(p)
}

// place is a file, read by the connector that its first bytes tell.
func (f *finder) place(path string) Place {
	p := Place{Label: path, Path: path, spec: f.Registry["csv"]}
	if isSQLite(path) {
		p.spec = f.Registry["sqlite"]
	}
	return p
}

const sqliteMagic = "SQLite format 3\x00"

func isSQLite(path string) bool {
	h, err := os.Open(path)
	if err != nil {
		return false
	}
	defer h.Close()
	start := make([]byte, len(sqliteMagic))
	_, err = io.ReadFull(h, start)
	return err == nil && bytes.Equal(start, []byte(sqliteMagic))
}

// pattern adds the files that a pattern fits.
func (f *finder) pattern(pattern string) error {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return &ArgumentError{Argument: pattern, Problem: "the pattern cannot be read", Hint: `* and ? stand for any characters, [a-z] for one of them`}
	}
	paths = slices.DeleteFunc(paths, isFolder)
	if len(paths) == 0 {
		return &ArgumentError{Argument: pattern, Problem: "no file fits the pattern", Hint: "ls " + filepath.Dir(pattern) + " shows what there is"}
	}
	slices.Sort(paths)
	for _, path := range paths {
		f.gather(path)
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// tableFiles are the endings of text files that hold tables.
var tableFiles = []string{".csv", ".tsv", ".tab", ".psv", ".txt"}

// folder adds the files of a folder that look like tables, and says which
// ones it leaves out.
func (f *finder) folder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	var taken, left []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		plain := strings.TrimSuffix(strings.ToLower(e.Name()), ".gz")
		switch {
		case strings.HasPrefix(e.Name(), "."), isFolder(path):
		case slices.Contains(tableFiles, filepath.Ext(plain)), isSQLite(path):
			taken = append(taken, e.Name())
			f.gather(path)
		default:
			left = append(left, e.Name())
		}
	}
	if len(taken) == 0 {
		return &ArgumentError{Argument: dir, Problem: "no file in the folder holds a table", Hint: "it may end in " + strings.Join(tableFiles, ", ") + " (or .gz behind), or be an SQLite database"}
	}
	f.note("%s: took %s", dir, strings.Join(taken, ", "))
	if len(left) > 0 {
		f.note("%s: left out %s", dir, strings.Join(left, ", "))
	}
	return nil
}

func (f *finder) databases() (n int) {
	for _, p := range f.places {
		if p.spec.Tables != nil && p.Table == "" {
			n++
		}
	}
	return n
}

// server adds a database on a server.
func (f *finder) server(arg string) error {
	p := Place{}
	dsn := arg
	if name, table, ok := variable(arg); ok {
		value, set := f.Getenv(name)
		if !set || value == "" {
			return &ArgumentError{Argument: arg, Problem: "the variable is not set", Hint: "export " + name + "=postgres://user:password@host/database"}
		}
		if !isServer(value) {
			return &ArgumentError{Argument: arg, Problem: "the variable holds no address of a database", Hint: "it starts with postgres:// or mysql://"}
		}
		p.Variable, p.Table, dsn = name, table, value
	}
	d, err := splitDSN(dsn)
	if err != nil {
		return err
	}
	p.DSN, p.Label = d.dsn, d.label
	p.Table = cmp.Or(p.Table, d.table)
	p.spec = f.Registry[sqldb.Recognize(dsn).String()]
	f.add(p)
	return nil
}
