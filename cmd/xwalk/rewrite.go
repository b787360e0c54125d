package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

type rewriteOptions struct {
	writeOptions
	names    []string // of references; with suggest of sources
	apply    bool
	allowDDL bool
	undo     bool
	run      int64 // to undo; 0: the last one
	dryRun   bool
	emit     string
	orphans  string
	suggest  bool
}

func rewriteCommand(e *env) *cli.Command {
	o := &rewriteOptions{}
	return &cli.Command{
		Name:      "rewrite",
		Usage:     "make references follow: write canonical IDs where others hold source IDs",
		UsageText: "xwalk rewrite [REFERENCE…] [--apply [--allow-ddl] | --emit-sql FILE | --undo [RUN] | --suggest [SOURCE…]]",
		Description: `Carries out the references of xwalk.yaml: columns of other tables and files that
hold the sources' IDs. By itself it looks only, and tells of each reference how
many rows would follow, which have no answer, and what stands in the way.
A REFERENCE is named as the report names it, or by its table, database or file.

   xwalk rewrite --suggest             which columns hold customers' numbers?
   xwalk rewrite                       look; nothing is written
   xwalk rewrite orders --changes      one table, with every row that has no answer
   xwalk rewrite --apply               do it
   xwalk rewrite --apply --allow-ddl   … with changes of columns and constraints
   xwalk rewrite --undo                put the old values of the last rewrite back
   xwalk rewrite shop --emit-sql s.sql write the SQL for whoever may run it

--apply writes in batches, with a journal of the old values in the same
database; where it is interrupted the same command goes on. If something stands
in the way of one reference, nothing at all is written (exit code 3). Rows
without an answer stay as they are, and do not stop the others. Files stay as
they are: a copy has the new numbers.

Where a source's own key is rewritten in place, the new numbers become IDs of
that source in the crosswalk before anything is written, so the next plan knows
them. So does --emit-sql, which changes nothing in the databases (reading them
is enough): the crosswalk counts its script as carried out. If it never is,
xwalk rewrite --undo RUN takes the numbers back.`,
		Flags: append(o.flags(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "apply", Usage: "do it", Destination: &o.apply},
			&cli.BoolFlag{DisableDefaultText: true, Name: "allow-ddl", Usage: "change columns and constraints where it must be", Destination: &o.allowDDL},
			&cli.StringFlag{Name: "emit-sql", Usage: "write the SQL to `FILE` instead; - is standard output", Destination: &o.emit},
			&cli.BoolFlag{DisableDefaultText: true, Name: "undo", Usage: "put the old values of a rewrite back: of run RUN, or of the last one", Destination: &o.undo},
			&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "with --undo: show what it would do", Destination: &o.dryRun},
			&cli.BoolFlag{DisableDefaultText: true, Name: "suggest", Usage: "look for references in the sources' databases", Destination: &o.suggest},
			&cli.StringFlag{Name: "orphans", Usage: "write the rows without an answer to `FILE`, as CSV", Destination: &o.orphans},
		),
		Action: func(c *cli.Context) error {
			if err := o.take(c.Args().Slice()); err != nil {
				return err
			}
			switch {
			case o.suggest:
				return e.suggest(c.Context, o)
			case o.undo:
				return e.undoRewrite(c.Context, o)
			}
			return e.rewrite(c.Context, o)
		},
	}
}

// take checks the flags together with the arguments.
func (o *rewriteOptions) take(args []string) error {
	o.names = args
	modes := 0
	for _, on := range []bool{o.apply, o.emit != "", o.undo, o.suggest} {
		if on {
			modes++
		}
	}
	switch {
	case modes > 1:
		return usage("--apply, --emit-sql, --undo and --suggest exclude each other")
	case o.dryRun && !o.undo:
		return usage("--dry-run goes with --undo; without --apply, rewrite looks only")
	case o.allowDDL && (o.suggest || modes == 0):
		return usage("--allow-ddl goes with --apply; the look names the references that need it")
	case o.orphans != "" && (o.undo || o.suggest):
		return usage("--orphans lists what a look or --apply finds without an answer")
	}
	if o.undo && len(args) > 0 {
		run, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || run < 1 || len(args) > 1 {
			return usage("--undo %s: expected the number of one run", strings.Join(args, " "))
		}
		o.run = run
	}
	return o.check()
}

// rewriting is one call of the verb: the references that it is about, and what
// was found out about them.
type rewriting struct {
	f        *config.File
	refs     []*rewrite.Reference
	owners   map[*rewrite.Reference]string // the table or view that the source reads whose IDs it holds
	files    []*rewrite.File
	tables   rewrite.Tables
	serial   int64                   // of the crosswalk that tables are from
	head     int64                   // its last run
	surveyed []*rewrite.Surveyed     // of refs, in their order
	copies   []*rewrite.Copy         // of files, likewise
	later    int                     // how many more references were left out
	unnamed  []config.TableReference // those that the command line leaves out
}

// reports are what was found out about all references.
func (w *rewriting) reports() []*rewrite.Surveyed {
	all := slices.Clone(w.surveyed)
	for _, c := range w.copies {
		all = append(all, c.Surveyed...)
	}
	return all
}

// rewrite looks at the references, and carries them out if that is wanted.
func (e *env) rewrite(ctx context.Context, o *rewriteOptions) error {
	w, err := e.references(o)
	if err != nil {
		return err
	}
	if err := e.survey(ctx, w); err != nil {
		return err
	}
	if o.orphans != "" {
		if err := e.writeOrphans(o.orphans, w.reports()); err != nil {
			return err
		}
	}
	if o.apply || o.emit != "" {
		return e.applyRewrite(ctx, w, o)
	}
	return e.printLook(w, o)
}

// references resolves the references that the command line names, or all.
func (e *env) references(o *rewriteOptions) (*rewriting, error) {
	f, err := e.load()
	if err != nil {
		return nil, err
	}
	if !e.common.quiet {
		ui.Warnings(e.stderr, e.messages(), f.Warnings)
	}
	all, err := f.References()
	if err != nil {
		return nil, err
	}
	if len(all.Tables)+len(all.Files) == 0 {
		return nil, e.noReferences(f)
	}
	chosen, err := choose(all, o.names)
	if err != nil {
		return nil, err
	}
	w, err := resolve(f, chosen)
	if err != nil {
		return nil, err
	}
	for _, t := range all.Tables {
		if !slices.ContainsFunc(chosen.Tables, func(c config.TableReference) bool { return c.Name() == t.Name() }) {
			w.unnamed = append(w.unnamed, t)
		}
	}
	return w, nil
}

// resolve finds out where the references are. Its error tells of all that
// cannot be known, each once.
func resolve(f *config.File, chosen config.References) (*rewriting, error) {
	w := &rewriting{f: f, owners: map[*rewrite.Reference]string{}}
	var problems ui.Problems
	told := map[string]bool{}
	collect := func(err error) {
		if err != nil && !told[err.Error()] {
			told[err.Error()] = true
			problems = append(problems, err)
		}
	}
	for _, t := range chosen.Tables {
		ref, err := t.Resolve()
		collect(err)
		w.refs = append(w.refs, ref)
		if err == nil {
			w.owners[ref] = t.OwnerTable()
		}
	}
	for _, t := range chosen.Files {
		file, err := t.Resolve()
		collect(err)
		w.files = append(w.files, file)
	}
	return w, problems.Err()
}

// noReferences is the error of a configuration without any.
func (e *env) noReferences(f *config.File) error {
	source := f.Sources[0].Name
	for _, s := range f.Sources {
		if s.IsDatabase() {
			return usage(`%s names no references to rewrite
  hint: %s looks for them; they are written like this:
  references:
    - { in: %s, table: orders, column: customer_id, refers_to: %s }`, f.Path, e.command("rewrite", "--suggest"), s.Name, s.Name)
		}
	}
	return usage(`%s names no references to rewrite
  hint: they are written like this:
  references:
    - { connector: csv, path: orders.csv, column: customer_id, refers_to: %s }`, f.Path, source)
}

// choose picks the references that names mean: as reports name them, or their
// table, database or file.
func choose(all config.References, names []string) (config.References, error) {
	if len(names) == 0 {
		return all, nil
	}
	var out config.References
	var known []string
	means := func(words ...string) bool {
		known = append(known, words...)
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(names, w) })
	}
	for _, t := range all.Tables {
		_, column, _ := strings.Cut(t.Name(), ": ")
		if means(t.Name(), column, t.Table(), t.Database()) {
			out.Tables = append(out.Tables, t)
		}
	}
	for _, f := range all.Files {
		if means(f.Name()) {
			out.Files = append(out.Files, f)
		}
	}
	for _, n := range names {
		if slices.Contains(known, n) {
			continue
		}
		hint := "xwalk rewrite lists them"
		if near := diag.Nearest(n, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return out, usage("there is no reference %q\n  hint: %s", n, hint)
	}
	return out, nil
}

// survey finds out what there is to rewrite. It writes nothing.
func (e *env) survey(ctx context.Context, w *rewriting) error {
	if err := e.loadTables(ctx, w); err != nil {
		return err
	}
	progress := e.progress()
	defer progress.Done()
	var err error
	if len(w.refs) > 0 {
		w.surveyed, err = rewrite.Survey(ctx, w.refs, w.tables, func(reference string, rows int64) {
			progress.Tell("looking at "+reference, rows, 0)
		})
		w.hintAtUnnamed()
		if err == nil {
			err = e.tryOwnKeys(ctx, w)
		}
	}
	for _, f := range w.files {
		if err != nil {
			return err
		}
		var c *rewrite.Copy
		c, err = f.Survey(ctx, w.tables, func(done, total int64) { progress.Tell("looking at "+f.Name, done, total) })
		w.copies = append(w.copies, c)
	}
	return err
}

// hintAtUnnamed says of obstacles that a further reference would overcome when
// the file has that reference, and the command line leaves it out.
func (w *rewriting) hintAtUnnamed() {
	for _, s := range w.surveyed {
		for i := range s.Obstacles {
			o := &s.Obstacles[i]
			for _, t := range w.unnamed {
				_, column, _ := strings.Cut(t.Name(), ": ")
				if t.Database() == s.Reference.Database.Name && strings.HasSuffix("."+strings.ToLower(o.Partner), "."+strings.ToLower(column)) {
					o.Hint = fmt.Sprintf("name %q too, or no reference at all", t.Name())
				}
			}
		}
	}
}

// tryOwnKeys finds out whether the crosswalk can take the new numbers of
// sources' own keys for IDs of theirs, and tells where it cannot. Nothing is
// written.
func (e *env) tryOwnKeys(ctx context.Context, w *rewriting) error {
	w.findViews()
	about := w.rewriting()
	if len(about.Adopt) == 0 {
		return nil
	}
	rs, err := w.f.Numbering()
	if err != nil {
		return err
	}
	environment, err := w.f.Environment()
	if err != nil {
		return err
	}
	snap, done, err := e.openReadOnly(ctx, w.f)
	if err != nil {
		return err
	}
	defer done()
	_, err = plan.Rewrite(ctx, snap, rs, about, plan.Options{Environment: environment})
	var refused *plan.ActError
	if !errors.As(err, &refused) {
		return err
	}
	for _, s := range w.surveyed {
		if s.Reference.OwnKey && s.Reference.Write == rewrite.InPlace {
			s.Obstacles = append(s.Obstacles, rewrite.Obstacle{Code: "own_key", Severity: rewrite.Blocks.String(), Detail: refused.Why, Hint: refused.Hint})
		}
	}
	return nil
}

// findViews finds the references that are a source's own key through a view
// that the source reads. A column of another table of the view counts too: to
// know the new numbers as that source's then does no harm.
func (w *rewriting) findViews() {
	for _, s := range w.surveyed {
		owner := sqldb.SplitName(w.owners[s.Reference])
		for _, view := range s.Table.Views {
			parts := sqldb.SplitName(view)
			if strings.EqualFold(parts[len(parts)-1], owner[len(owner)-1]) {
				s.Reference.OwnKey = true
			}
		}
	}
}

// loadTables loads the translations that the references need, all out of one
// view of the crosswalk.
func (e *env) loadTables(ctx context.Context, w *rewriting) error {
	environment, err := w.f.Environment()
	if err != nil {
		return err
	}
	snap, done, err := e.openReadOnly(ctx, w.f)
	if err != nil {
		return err
	}
	defer done()
	if err := ofEnvironment(snap, environment); err != nil {
		return err
	}
	w.serial, w.head = snap.Head().Serial, snap.Head().Run
	w.tables = rewrite.Tables{}
	for _, s := range w.spaces() {
		t, err := translate.Load(ctx, snap, translate.Options{From: s.name, Both: s.both})
		if err != nil {
			return e.unknownSpace(err)
		}
		w.tables[s.name] = t
	}
	if !slices.ContainsFunc(w.refs, func(r *rewrite.Reference) bool { return r.Write == rewrite.InPlace }) {
		return nil
	}
	adopted, err := snap.Adopted(ctx)
	if err != nil {
		return err
	}
	for _, r := range w.refs {
		r.Adopted = adopted[r.RefersTo]
	}
	// What was rewritten in place before may have another number by now.
	w.tables[""], err = translate.Load(ctx, snap, translate.Options{})
	return err
}

// neededSpace is an ID space that references refer to. both: a column that is
// rewritten in place may hold canonical IDs already.
type neededSpace struct {
	name string
	both bool
}

func (w *rewriting) spaces() []neededSpace {
	var all []neededSpace
	add := func(name string, both bool) {
		i := slices.IndexFunc(all, func(s neededSpace) bool { return s.name == name })
		if i < 0 {
			all = append(all, neededSpace{name, both})
		} else if both {
			all[i].both = true
		}
	}
	for _, r := range w.refs {
		add(r.RefersTo, r.Write == rewrite.InPlace)
	}
	for _, f := range w.files {
		for _, r := range f.References {
			add(r.RefersTo, false)
		}
	}
	return all
}

// unknownSpace says what to do about a source that the crosswalk lacks.
func (e *env) unknownSpace(err error) error {
	var unknown *translate.UnknownSpaceError
	if !errors.As(err, &unknown) {
		return err
	}
	if unknown.Nearest != "" {
		return usage("%v", err)
	}
	return usage("%v\n  hint: %s puts the customers of a source into it", err, e.command("apply"))
}
