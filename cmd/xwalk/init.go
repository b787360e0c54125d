package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/discover"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/connectors/all"
)

type initOptions struct {
	out   string
	table string
	force bool
}

// check settles which file is written; config is the common -c.
func (o *initOptions) check(config string, configGiven bool) error {
	switch {
	case o.out == "-":
		return usage("-o -: init writes a file, as relative paths start from it")
	case o.out != "" && configGiven && filepath.Clean(o.out) != filepath.Clean(config):
		return usage("-c %s and -o %s: both name the file to write; keep one", config, o.out)
	}
	o.out = cmp.Or(o.out, config)
	if _, err := os.Stat(filepath.Dir(o.out)); err != nil {
		return usage("write %s: the folder does not exist", o.out)
	}
	info, err := os.Stat(o.out)
	switch {
	case err == nil && info.IsDir():
		return usage("%s is a folder; name a file in it: -o %s", o.out, filepath.Join(o.out, "xwalk.yaml"))
	case err == nil && !o.force:
		return o.taken()
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("write %s: %w", o.out, err)
	}
	return o.tryFolder()
}

// tryFolder sees that files can be made beside the one to write, before
// anything is read, which may take hours.
func (o *initOptions) tryFolder() error {
	tmp, err := createBeside(o.out)
	if err != nil {
		return err
	}
	return errors.Join(tmp.Close(), os.Remove(tmp.Name()))
}

// createBeside makes a temporary file in the folder of path. Its own name is
// nothing that a message should tell.
func createBeside(path string) (*os.File, error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".xwalk-init-*.yaml")
	if err == nil {
		return tmp, nil
	}
	var place *fs.PathError
	if errors.As(err, &place) {
		err = place.Err
	}
	return nil, usage("write %s: the folder takes no files: %v\n  hint: -o FILE writes elsewhere", path, err)
}

func (o *initOptions) taken() error {
	return usage("%s is there already and stays as it is\n  hint: --force replaces it, -o FILE writes another", o.out)
}

// write writes the file. No secret is in it and it belongs into version
// control, so it is as readable as a new file of this user is. Sources may
// take hours to look at: a file that somebody else wrote meanwhile stays too.
func (o *initOptions) write(text string) error {
	f, err := os.OpenFile(o.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist) && o.force:
		return o.replace(text)
	case errors.Is(err, fs.ErrExist):
		return o.taken()
	case err != nil:
		return fmt.Errorf("write %s: %w", o.out, err)
	}
	_, err = io.WriteString(f, text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", o.out, errors.Join(err, os.Remove(o.out)))
	}
	return nil
}

// replace keeps the permissions that the file has.
func (o *initOptions) replace(text string) error {
	info, err := os.Stat(o.out)
	if err != nil {
		return fmt.Errorf("write %s: %w", o.out, err)
	}
	if err := writeFile(o.out, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		return err
	}
	if err := os.Chmod(o.out, info.Mode().Perm()); err != nil {
		return fmt.Errorf("write %s: %w", o.out, err)
	}
	return nil
}

func initCommand(e *env) *cli.Command {
	o := &initOptions{}
	return &cli.Command{
		Name:      "init",
		Usage:     "look at files or databases and write a commented xwalk.yaml",
		UsageText: "xwalk init [-o FILE] [--force] [--table NAME] SOURCE…",
		Description: `Finds the customers' number, the fields, schemes, encodings and rules by which
customers can be told to be the same, writes them down with what was seen, and
says what it was unsure of. "xwalk plan" accepts the file as it is. The sources
are read to the end, three times or so, and nothing in them is changed.

A SOURCE is a file, a pattern, a folder, an SQLite file, or a database. Its table
stands behind #, or is chosen with --table. A password is not written down: the
file names a variable instead. '${NAME}' takes the address from a variable.

   xwalk init customers.csv shop.db
   xwalk init exports/                            every table in the folder
   xwalk init 'exports/*.csv' -o crm/xwalk.yaml
   xwalk init shop.db#customers shop.db#resellers
   xwalk init 'postgres://ann:secret@db.example/crm' --table contacts
   xwalk init '${CRM_DSN}#contacts'               the password stays out of the history`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write `FILE` (default: that of -c, xwalk.yaml)", Destination: &o.out},
			&cli.BoolFlag{DisableDefaultText: true, Name: "force", Usage: "replace the file if it is there", Destination: &o.force},
			&cli.StringFlag{Name: "table", Usage: "the table or view `NAME` of the one database that is named", Destination: &o.table},
		},
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usage("init needs a source to look at: a file, a folder or a database\n  hint: xwalk init customers.csv; xwalk init --help shows more")
			}
			if err := o.check(e.common.config, c.IsSet("config")); err != nil {
				return err
			}
			e.common.config = o.out // what the next commands are told to use
			return e.init(c.Context, o, c.Args().Slice())
		},
	}
}

func (e *env) init(ctx context.Context, o *initOptions, args []string) error {
	find := discover.Options{Registry: all.Registry(), Table: o.table, Getenv: e.getenv}
	if e.inTerminal && e.errTerminal {
		find.Choose = e.chooseTable
	}
	places, notes, err := discover.Find(ctx, args, find)
	if err != nil {
		return err
	}
	for _, n := range notes {
		e.tell("%s", n)
	}
	d, err := e.draft(ctx, places, filepath.Dir(o.out))
	if err != nil {
		return err
	}
	if err := e.rehearse(ctx, d, o.out); err != nil {
		return err
	}
	if err := o.write(d.YAML()); err != nil {
		return err
	}
	return e.printDraft(d, o.out)
}

// draft reads every place. What was named must be readable, all of it is told
// at once; what a pattern or folder brought along may be left out.
func (e *env) draft(ctx context.Context, places []discover.Place, dir string) (*discover.Draft, error) {
	progress := e.progress()
	defer progress.Done()
	var sources []*discover.Source
	var left []discover.Doubt
	var problems ui.Problems
	for _, p := range places {
		s, err := discover.Look(ctx, p, func(done, total int64) { progress.Tell("looking at "+p.Name, done, total) })
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err == nil:
			sources = append(sources, s)
		case p.Gathered:
			text, _, _ := strings.Cut(err.Error(), "\n")
			left = append(left, discover.Doubt{Text: "left out: " + text})
		default:
			problems = append(problems, err)
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		for _, t := range left {
			problems = append(problems, usage("%s", t.Text))
		}
		return nil, problems.Err()
	}
	d := discover.Compose(sources, dir)
	d.Left = left
	return d, nil
}

// chooseTable asks on the terminal.
func (e *env) chooseTable(database string, tables []discover.Choice) (string, error) {
	fmt.Fprintf(e.stderr, "Which table of %s holds the customers?\n", database)
	for i, t := range tables {
		fmt.Fprintf(e.stderr, "  %2d  %s (%s)\n", i+1, t.Table, t.Size())
	}
	in := bufio.NewReader(e.stdin)
	for {
		fmt.Fprintf(e.stderr, "Number or name [1]: ")
		answer, err := in.ReadString('\n')
		answer = strings.TrimSpace(answer)
		if err != nil && answer == "" {
			return "", usage("no table was chosen\n  hint: --table %s chooses one", tables[0].Table)
		}
		if answer == "" {
			return tables[0].Table, nil
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(tables) {
			return tables[n-1].Table, nil
		}
		for _, t := range tables {
			if t.Table == answer {
				return answer, nil
			}
		}
		fmt.Fprintf(e.stderr, "There is no %s; 1 to %d, or a name from the list.\n", answer, len(tables))
	}
}
