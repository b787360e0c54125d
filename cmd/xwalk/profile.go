package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/discover"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/profile"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

type profileOptions struct {
	columns cli.StringSlice
	table   string
}

func profileCommand(e *env) *cli.Command {
	o := &profileOptions{}
	return &cli.Command{
		Name:      "profile",
		Usage:     "show how sources number their customers, and what is wrong with the numbers",
		UsageText: "xwalk profile [SOURCE…] [--column C]",
		Description: `Reads sources and says in which schemes their numbers are written, which ones are
damaged, stand twice or belong to nobody, how customers spread over regions and
dates, what is missing in between, and what the other columns hold. Values of
those are masked. Nothing is written anywhere.

SOURCE is a source of xwalk.yaml; without any, all of them. Else it is a file, a
pattern or a database, and no xwalk.yaml is needed.

   xwalk profile                              every source of xwalk.yaml
   xwalk profile legacy                       one of them
   xwalk profile export.csv                   a file that nothing is known about
   xwalk profile 'exports/*.csv'              several
   xwalk profile sqlite:shop.db --table customers
   xwalk profile export.csv --column code     the numbers are in column code
   xwalk profile legacy --format json         every figure, for programs`,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "column", Usage: "the column `C` that holds numbers; several times for several", Destination: &o.columns},
			&cli.StringFlag{Name: "table", Usage: "the `TABLE` of a database that is not in xwalk.yaml", Destination: &o.table},
		},
		Action: func(c *cli.Context) error { return e.profile(c.Context, c.Args().Slice(), o) },
	}
}

// subject is one thing to profile.
type subject struct {
	name  string
	open  func(ctx context.Context, columns []string) (mapping.Source, error)
	ids   []profile.ID // as configured
	codes scheme.Codes
	place *discover.Place // of what is not configured
}

func (e *env) profile(ctx context.Context, args []string, o *profileOptions) error {
	subjects, err := e.subjects(ctx, args, o)
	if err != nil {
		return err
	}
	var profiles []*profile.Profile
	var problems ui.Problems
	for _, s := range subjects {
		p, err := e.look(ctx, s, o.columns.Value())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		profiles = append(profiles, p)
	}
	if err := e.printProfiles(profiles); err != nil {
		return err
	}
	return problems.Err()
}

func (e *env) printProfiles(profiles []*profile.Profile) error {
	switch e.common.format {
	case "json":
		return profile.JSON(e.stdout, profiles)
	case "csv":
		return profile.CSV(e.stdout, profiles)
	}
	for i, p := range profiles {
		if i > 0 {
			fmt.Fprintln(e.stdout)
		}
		if err := p.Text(e.stdout, profile.TextOptions{Style: e.style(), ASCII: !e.unicode()}); err != nil {
			return err
		}
	}
	return nil
}

// unicode reports whether the locale takes more than ASCII. Where nothing is
// said about it, it does.
func (e *env) unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale, _ := e.getenv(name); locale != "" {
			locale = strings.ToLower(locale)
			return strings.Contains(locale, "utf") || !strings.Contains(locale, ".") && locale != "c" && locale != "posix"
		}
	}
	return true
}

// subjects finds what the arguments name: sources of the configuration where
// there is one, else files and databases.
func (e *env) subjects(ctx context.Context, args []string, o *profileOptions) ([]subject, error) {
	f, err := e.load()
	var missing *config.MissingError
	switch {
	case errors.As(err, &missing) && len(args) > 0 && e.common.config == "xwalk.yaml":
		f = &config.File{}
	case err != nil:
		return nil, err
	}
	if len(args) == 0 {
		args = f.Names()
	}
	var subjects []subject
	var places []string
	for _, arg := range args {
		if s, ok := f.Find(arg); ok {
			subjects = append(subjects, configured(f, s))
			continue
		}
		if names := f.Names(); len(names) > 0 && isName(arg) {
			return nil, notSource(f.Path, arg, names)
		}
		places = append(places, arg)
	}
	if len(places) == 0 {
		if o.table != "" {
			return nil, usage("--table %s: it chooses a table of a database that is not in %s", o.table, e.common.config)
		}
		return subjects, nil
	}
	found, notes, err := discover.Find(ctx, places, discover.Options{Registry: all.Registry(), Table: o.table, Getenv: e.getenv})
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		e.tell("%s", n)
	}
	for _, p := range found {
		subjects = append(subjects, subject{name: p.String(), open: p.Open, place: &p})
	}
	return subjects, nil
}

// isName reports whether an argument names nothing that is there and does not
// look like the place of anything either.
func isName(arg string) bool {
	_, err := os.Stat(arg)
	return errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(arg, `./\*?[:$#`)
}

// notSource says that there is no source of that name, and which there are,
// the nearest first.
func notSource(file, name string, names []string) error {
	hint := ""
	if near := diag.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("\n  hint: did you mean %q?", near)
		i := slices.Index(names, near)
		names = slices.Concat(names[i:i+1], names[:i], names[i+1:])
	}
	return usage("%s is no source of %s (it has: %s) and no file%s", name, file, strings.Join(names, ", "), hint)
}

func configured(f *config.File, s config.Source) subject {
	rule, also := f.IDRules(s.Name)
	ids := []profile.ID{{Name: s.Name, Rule: rule}}
	for _, a := range also {
		ids = append(ids, profile.ID{Name: s.Name + "." + a.Name, Rule: a.ID})
	}
	return subject{name: s.Name, open: s.Open, ids: ids, codes: f.Codes()}
}

// look profiles one subject. Columns given by hand are its numbers; where
// nothing says which are, they are found by what they hold.
func (e *env) look(ctx context.Context, s subject, columns []string) (*profile.Profile, error) {
	progress := e.progress()
	defer progress.Done()
	tell := func(done, total int64) { progress.Tell("reading "+s.name, done, total) }
	if s.place != nil && len(columns) == 0 {
		found, err := discover.Look(ctx, *s.place, tell)
		var none *discover.NoIDError
		switch {
		case err == nil:
			return found.Profile(), nil
		case !errors.As(err, &none):
			return nil, err
		}
	}
	ids := s.ids
	if len(columns) > 0 {
		ids = s.named(columns)
	}
	wanted, alike, err := s.columns(ctx, ids)
	if err != nil {
		return nil, err
	}
	src, err := s.open(ctx, wanted)
	if err != nil {
		return nil, err
	}
	p, err := profile.Look(ctx, src, wanted, profile.Options{Source: s.name, IDs: ids, Codes: s.codes, Progress: tell})
	if err != nil {
		return nil, err
	}
	p.Alike = alike
	if r, ok := src.(connectors.Recognizer); ok {
		recognized, err := r.Recognized(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range recognized {
			p.Settings = append(p.Settings, profile.Setting{Key: r.Key, Value: r.Value})
		}
	}
	return p, nil
}

// named are the ID spaces in columns named by hand, with the schemes that are
// configured for them.
func (s subject) named(columns []string) []profile.ID {
	var ids []profile.ID
	for _, c := range columns {
		id := profile.ID{Name: s.name, Rule: rules.IDRule{Columns: []string{c}}}
		for _, known := range s.ids {
			if slices.Equal(known.Rule.Columns, id.Rule.Columns) {
				id = known
			}
		}
		ids = append(ids, id)
	}
	return ids
}

// columns are the columns to read: all that can be told apart by name, and
// those of the IDs whatever they are, so that opening says what is wrong.
// Those that cannot be told apart are alike.
func (s subject) columns(ctx context.Context, ids []profile.ID) (wanted, alike []string, err error) {
	src, err := s.open(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	looker, ok := src.(connectors.Looker)
	if !ok {
		return nil, nil, fmt.Errorf("%s: its connector cannot say which columns there are", s.name)
	}
	names, err := looker.Columns(ctx)
	if err != nil {
		return nil, nil, err
	}
	wanted, alike = discover.Distinct(names)
	for _, id := range ids {
		for _, c := range id.Rule.Columns {
			if !slices.Contains(wanted, c) {
				wanted = append(wanted, c)
			}
		}
	}
	return wanted, alike, nil
}
