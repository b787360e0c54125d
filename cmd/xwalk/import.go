package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

type importOptions struct {
	writeOptions
	file      string
	source    string
	columns   string
	dryRun    bool
	decisions bool
	override  bool
	archive   string
}

func (o *importOptions) check() error {
	if o.archive != "" && (o.file != "" || o.source != "" || o.columns != "" || o.reason != "" || o.dryRun || o.changes || o.decisions || o.override) {
		return usage("--archive FILE loads a whole crosswalk: no other option of import, and no other file, goes with it")
	}
	if o.decisions && (o.source != "" || o.columns != "" || o.reason != "" || o.dryRun || o.changes) {
		return usage("--decisions takes over verdicts with their reasons, without a run: --source, --columns, --reason, --changes and --dry-run do not go with it")
	}
	if o.override && !o.decisions {
		return usage("--override goes with --decisions")
	}
	if o.columns != "" && len(strings.Split(o.columns, ",")) != 2 {
		return usage("--columns %s: expected the headers of the old and the new number, such as --columns old,new", o.columns)
	}
	return o.writeOptions.check()
}

func importCommand(e *env) *cli.Command {
	o := &importOptions{}
	return &cli.Command{
		Name:      "import",
		Usage:     "take over an existing old-to-new list",
		UsageText: "xwalk import FILE [--source NAME] [--columns OLD,NEW]\n   xwalk import --decisions FILE [--override]\n   xwalk import --archive FILE",
		Description: `FILE is a CSV with a header. Each line says that a source ID has a canonical ID
already; conflicts with another line or with the crosswalk are named and left out.
Without --source the file has a column "source", as xwalk export writes it.

   xwalk import numbers.csv --source legacy --columns old,new
   xwalk import links.csv                    a list made by xwalk export
   xwalk import numbers.csv --source legacy --dry-run
   xwalk import --decisions decisions.csv    what people decided, made by xwalk export --decisions
   xwalk import --archive crosswalk.zip      a whole crosswalk, made by xwalk export --archive

An archive goes into a crosswalk in which there is nothing yet, in whatever kind of
database: all of it, with its past, or nothing. It is checked to the last byte first.`,
		Flags: append(o.flags(),
			&cli.StringFlag{Name: "source", Usage: "whose IDs the list holds: a source, or SOURCE.NUMBER", Destination: &o.source},
			&cli.StringFlag{Name: "columns", Usage: "the headers of the old and the new number (default: source_id,canonical_id, else old,new)", Destination: &o.columns},
			&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "show what it would do, without doing it", Destination: &o.dryRun},
			&cli.BoolFlag{DisableDefaultText: true, Name: "decisions", Usage: "the list holds people's verdicts and not numbers", Destination: &o.decisions},
			&cli.BoolFlag{DisableDefaultText: true, Name: "override", Usage: "with --decisions: replace contrary verdicts of others", Destination: &o.override},
			&cli.StringFlag{Name: "archive", Usage: "load the whole crosswalk that is in `FILE`", Destination: &o.archive},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 && (o.archive == "" || c.NArg() > 1) {
				return usage("import takes one file: xwalk import FILE")
			}
			o.file = c.Args().First()
			if err := o.check(); err != nil {
				return err
			}
			if o.archive != "" {
				return e.importArchive(c.Context, o.archive)
			}
			if o.decisions {
				return e.importDecisions(c.Context, o)
			}
			return e.importList(c.Context, o)
		},
	}
}

func (e *env) importList(ctx context.Context, o *importOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	if o.source != "" {
		if err := e.knownSpace(ctx, f, rs, o.source); err != nil {
			return err
		}
	}
	given, broken, err := readList(ctx, o)
	if err != nil {
		return err
	}
	work := func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
		return e.planImport(ctx, f, rs, snap, given, broken)
	}
	if o.dryRun {
		snap, done, err := e.openOrNone(ctx, f)
		if err != nil {
			return err
		}
		defer done()
		p, err := work(ctx, snap)
		if err != nil {
			return err
		}
		r := reportOf(p)
		r.Title = title("Import plan", f)
		r.Next = append(r.Next, "Nothing was written; the same without --dry-run takes the list over.")
		return e.printRun(r, o.changes)
	}
	return e.writing(ctx, f, rs, o.writeOptions, func(store *crosswalk.Store, m migrate.Options) (*plan.Plan, migrate.Result, error) {
		return migrate.Run(ctx, store, m, work)
	})
}

// knownSpace refuses a name that neither the configuration nor the crosswalk
// knows: every line of the list would be rejected.
func (e *env) knownSpace(ctx context.Context, f *config.File, rs *rules.Ruleset, name string) error {
	var names []string
	for i, s := range rs.Sources() {
		names = append(names, s)
		for _, also := range rs.AlsoSpaces(i) {
			names = append(names, also.Name)
		}
	}
	if slices.Contains(names, name) {
		return nil
	}
	snap, done, err := e.openOrNone(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	if snap != nil {
		stored, err := snap.Sources(ctx)
		if err != nil {
			return err
		}
		for _, s := range stored {
			if s.Name == name {
				return nil
			}
		}
	}
	hint := "it has: " + strings.Join(names, ", ")
	if near := diag.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return usage("%s has no source %q\n  hint: %s", f.Path, name, hint)
}

func (e *env) planImport(ctx context.Context, f *config.File, rs *rules.Ruleset, snap *crosswalk.Snapshot, given []plan.Given, broken []mapping.Reject) (*plan.Plan, error) {
	environment, err := f.Environment()
	if err != nil {
		return nil, err
	}
	p, err := plan.Import(ctx, snap, rs, given, plan.Options{Policy: f.Policy, Environment: environment})
	if err != nil {
		return nil, err
	}
	addBroken(p, broken)
	return p, nil
}

// addBroken adds the lines that could not even be read, so that the run
// accounts for every line of the list.
func addBroken(p *plan.Plan, broken []mapping.Reject) {
	p.Rejects = append(slices.Clone(broken), p.Rejects...)
	for _, r := range broken {
		one := mapping.Counts{Read: 1, Rejected: 1}
		p.Totals.Add(one)
		i := slices.IndexFunc(p.Sources, func(s plan.SourceCount) bool { return s.Name == r.Source })
		if i < 0 {
			i = len(p.Sources)
			p.Sources = append(p.Sources, plan.SourceCount{Name: r.Source})
		}
		p.Sources[i].Counts.Add(one)
	}
}

// readList reads the list with the csv connector, so that a list from any
// spreadsheet is understood: its encoding, its separator, its header names
// spelt a little differently. Lines that cannot be read come back apart.
func readList(ctx context.Context, o *importOptions) ([]plan.Given, []mapping.Reject, error) {
	var src mapping.Source
	var err error
	for _, columns := range columnsOf(o) {
		src, err = config.OpenFile(ctx, all.Registry()["csv"], o.file, columns)
		var missing *mapping.ColumnError
		if !errors.As(err, &missing) || missing.Missing == "source" { // the two IDs are there
			break
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w%s", err, importHint(o, err))
	}
	whose := cmp.Or(o.source, o.file) // of lines that do not say
	var given []plan.Given
	var broken []mapping.Reject
	for rec, err := range src.Records(ctx) {
		var re *mapping.RecordError
		if errors.As(err, &re) {
			broken = append(broken, mapping.Reject{Source: whose, Place: re.Place.String(), SourceID: re.SourceID, Reason: re.Reason})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		g := plan.Given{Source: o.source, SourceID: rec.Values[0].Text, Canonical: strings.TrimSpace(rec.Values[1].Text), Place: rec.Place.String()}
		if len(rec.Values) > 2 {
			g.Source = strings.TrimSpace(rec.Values[2].Text)
		}
		given = append(given, g)
	}
	return given, broken, nil
}

// columnsOf are the headers to try, the likeliest last so that its absence
// is what an error speaks of.
func columnsOf(o *importOptions) [][]string {
	pairs := [][]string{{"old", "new"}, {"source_id", "canonical_id"}}
	if o.columns != "" {
		from, to, _ := strings.Cut(o.columns, ",")
		pairs = [][]string{{strings.TrimSpace(from), strings.TrimSpace(to)}}
	}
	if o.source == "" {
		for i := range pairs {
			pairs[i] = append(pairs[i], "source")
		}
	}
	return pairs
}

func importHint(o *importOptions, err error) string {
	var missing *mapping.ColumnError
	if !errors.As(err, &missing) {
		return ""
	}
	has := func(column string) bool { return slices.Contains(missing.Columns, column) }
	switch {
	case has("left_source") && has("verdict"):
		return "\n  hint: it is a list of verdicts: xwalk import --decisions FILE"
	case has("review") && has("verdict"):
		return "\n  hint: it is a sheet of reviews: xwalk review import FILE"
	case o.source == "" && missing.Missing == "source" && !has("source"):
		return "\n  hint: say whose IDs these are: --source NAME"
	}
	return "\n  hint: name the headers of the old and the new number: --columns OLD,NEW"
}
