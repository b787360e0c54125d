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
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

type undoOptions struct {
	writeOptions
	run    int64
	dryRun bool
}

func undoCommand(e *env) *cli.Command {
	o := &undoOptions{}
	return &cli.Command{
		Name:      "undo",
		Usage:     "reverse a run",
		UsageText: "xwalk undo RUN [--dry-run] [--reason WHY]",
		Description: `Puts everything that a run changed back to what it was before: links, merges,
reviews, the verdicts of a steward's act. The undo is a run of its own, and can be
undone itself. What later runs changed stays, and the report says which run it
was; to reverse that too, undo the later runs first, the newest first. Numbers
are never freed: one that nobody has any more answers "gone", and the source ID
that it was issued for gets it back from the next apply.

   xwalk runs                          which run was it?
   xwalk undo 3 --dry-run              look first
   xwalk undo 3 --reason "wrong file"
   xwalk undo 3 --dry-run --changes    every single change

Exit code 0 also where something was kept; 1 where something could not be
reversed; 3 for a run that cannot be undone (erase, rekey), and while its numbers
are published into sources or written into references: then it lists what takes
them back, in order. What publish and rewrite did, they undo themselves.`,
		Flags: append(o.flags(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "show what it would do, without doing it", Destination: &o.dryRun},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("undo takes the number of one run: xwalk undo 3; %s lists them", e.command("runs"))
			}
			var err error
			if o.run, err = strconv.ParseInt(c.Args().First(), 10, 64); err != nil || o.run < 1 {
				return usage("undo %s: expected the number of a run; %s lists them", c.Args().First(), e.command("runs"))
			}
			if err := o.check(); err != nil {
				return err
			}
			return e.undo(c.Context, o)
		},
	}
}

// errNothingLeft ends an undo that would make an empty run.
var errNothingLeft = errors.New("nothing is left to undo")

func (e *env) undo(ctx context.Context, o *undoOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	if o.dryRun {
		snap, done, err := e.openReadOnly(ctx, f)
		if err != nil {
			return err
		}
		defer done()
		p, err := e.planUndo(ctx, f, rs, snap, o)
		if err != nil {
			return e.undoError(f, o, p, err)
		}
		return e.printUndo(f, o, p, migrate.Result{})
	}
	// No crosswalk is made to undo something in it.
	_, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return err
	}
	done()
	p, res, err := e.run(ctx, f, rs, o.writeOptions, func(store *crosswalk.Store, m migrate.Options) (*plan.Plan, migrate.Result, error) {
		return migrate.Run(ctx, store, m, func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			p, err := e.planUndo(ctx, f, rs, snap, o)
			if err == nil && p.Empty() {
				err = errNothingLeft
			}
			return p, err
		})
	})
	if err != nil {
		return e.undoError(f, o, p, err)
	}
	return e.printUndo(f, o, p, res)
}

func (e *env) planUndo(ctx context.Context, f *config.File, rs *rules.Ruleset, snap *crosswalk.Snapshot, o *undoOptions) (*plan.Plan, error) {
	environment, err := f.Environment()
	if err != nil {
		return nil, err
	}
	return plan.Undo(ctx, snap, rs, o.run, plan.Options{Environment: environment, Actor: e.actor(), Reason: o.reason})
}

// undoError prints the report of an undo that has nothing to do, and says
// where runs are listed to whoever asked for one that there is not.
func (e *env) undoError(f *config.File, o *undoOptions, p *plan.Plan, err error) error {
	var nothing *plan.NothingError
	var none *plan.NoRunError
	var used *plan.InUseError
	switch {
	case errors.Is(err, errNothingLeft), errors.As(err, &nothing):
		if nothing != nil {
			e.tell("%s", nothing)
		}
		return e.printUndo(f, o, p, migrate.Result{})
	case errors.As(err, &used):
		order := ""
		for _, u := range used.Uses {
			order += "\n    " + e.command(u.Kind, "--undo", strconv.FormatInt(u.Run, 10))
		}
		return fmt.Errorf("%w\n  hint: take it back in this order:%s\n    %s", err, order, e.command("undo", strconv.FormatInt(o.run, 10)))
	case errors.As(err, &none):
		return fmt.Errorf("%w\n  hint: %s lists all of them", err, e.command("runs"))
	}
	return err
}

// printUndo prints what became of a run. A result without a run says that
// nothing was written.
func (e *env) printUndo(f *config.File, o *undoOptions, p *plan.Plan, res migrate.Result) error {
	r, u := reportOf(p), p.Undo
	switch {
	case res.Run > 0:
		r.Title = title(fmt.Sprintf("Undid run %d as run %d", u.Run, res.Run), f)
		r.Number, r.Serial, r.Applied, r.Resumed = res.Run, res.Serial, true, res.Resumed
		r.Next = append(r.Next, fmt.Sprintf("%s would do it again.", e.command("undo", strconv.FormatInt(res.Run, 10))))
		if u.Links+u.Numbers > 0 {
			r.Next = append(r.Next, "The sources are as they were: the next "+e.command("apply")+" decides anew about what is in them.")
		}
	case o.dryRun && !p.Empty():
		r.Title = title(fmt.Sprintf("Undo of run %d, not carried out", u.Run), f)
		r.Next = append(r.Next, "Nothing was written; the same without --dry-run does it.")
	default:
		r.Title = title(fmt.Sprintf("Nothing to undo of run %d", u.Run), f)
		r.Next = append(r.Next, "Nothing was written.")
	}
	if later := laterRuns(u); later != "" {
		r.Next = append(r.Next, "To reverse what was kept too, undo "+later+" first, the newest first.")
	}
	r.Reversal = true
	r.Facts = undoFacts(u, o.changes)
	if err := e.printRun(r, o.changes || e.common.format == "csv"); err != nil {
		return err
	}
	if len(u.Failed) > 0 {
		return codeError(exitFailed)
	}
	return nil
}

// laterRuns names the runs that changed what was kept.
func laterRuns(u *plan.Undone) string {
	var runs []int64
	for _, k := range u.Kept {
		if !slices.Contains(runs, k.ByRun) {
			runs = append(runs, k.ByRun)
		}
	}
	slices.Sort(runs)
	var names []string
	for _, run := range slices.Backward(runs) {
		names = append(names, strconv.FormatInt(run, 10))
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return "run " + names[0]
	case len(names) > 2*report.Samples:
		names = append(names[:2*report.Samples], "…")
	}
	return "runs " + strings.Join(names, ", ")
}

// undoFacts are the three buckets: reversed, kept and failed.
func undoFacts(u *plan.Undone, all bool) []report.Fact {
	var parts []string
	for _, part := range []struct {
		n    int64
		what string
	}{{u.Links, "link"}, {u.Numbers, "number"}, {u.Reviews, "review"}, {u.Verdicts, "verdict"}} {
		if part.n > 0 {
			parts = append(parts, count(part.n, part.what))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing"}
	}
	facts := []report.Fact{{Key: "undo", Value: u, Label: "reversed", Text: strings.Join(parts, ", ")}}
	list := func(label string, n int, line func(i int) string) {
		facts = append(facts, report.Fact{Label: label, Text: report.Number(int64(n))})
		for i := range n {
			if i == 2*report.Samples && !all {
				facts = append(facts, report.Fact{Text: fmt.Sprintf("… and %s more (--changes lists them all)", report.Number(int64(n-i)))})
				break
			}
			facts = append(facts, report.Fact{Text: line(i)})
		}
	}
	list("kept", len(u.Kept), func(i int) string {
		k := u.Kept[i]
		who := k.ByKind
		if k.ByActor != "" {
			who += ", " + k.ByActor
		}
		return report.Clean(fmt.Sprintf("%s: %s in run %d (%s)", thing(k.Source, k.SourceID, k.CanonicalID), k.Detail, k.ByRun, who))
	})
	list("failed", len(u.Failed), func(i int) string {
		x := u.Failed[i]
		return report.Clean(fmt.Sprintf("%s: %s", thing(x.Source, x.SourceID, x.CanonicalID), x.Reason))
	})
	return facts
}

func thing(source, id, canonical string) string {
	if source == "" {
		return canonical
	}
	return fmt.Sprintf("%s %s → %s", source, id, canonical)
}
