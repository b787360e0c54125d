package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

type rekeyOptions struct {
	writeOptions
	source string
	dryRun bool
}

func rekeyCommand(e *env) *cli.Command {
	o := &rekeyOptions{}
	return &cli.Command{
		Name:      "rekey",
		Usage:     "make the keys of a source anew after an edit of its key rule",
		UsageText: "xwalk rekey SOURCE [--reason TEXT] [--dry-run]",
		Description: `After an edit of id.key, or of the schemes that write several spellings as one,
the keys in the crosswalk are not those that the records get, and plan refuses.
rekey makes them anew from the IDs as they were received. SOURCE is a source, with
its further numbers, or one SOURCE.NUMBER. Every number stays.

Where two IDs get one key, a live one comes first, then one that has the key
already, then the one that was issued first. If both are of one customer, nothing
more is to be done. If not, the other keeps its old key, which no record has any
more, and a review asks whether the two are the same. IDs without a key under the
new rule keep the old one. Decisions and open reviews are carried over.

It is not undone: put the rule back and rekey again.

   xwalk rekey legacy --dry-run
   xwalk rekey legacy --reason "the CRM ignores case"`,
		Flags: append(o.flags(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "show what it would do, without doing it", Destination: &o.dryRun},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("rekey takes one source: xwalk rekey SOURCE")
			}
			o.source = c.Args().First()
			if err := o.check(); err != nil {
				return err
			}
			return e.rekey(c.Context, o)
		},
	}
}

func (e *env) rekey(ctx context.Context, o *rekeyOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	if err := e.knownSpace(ctx, f, rs, o.source); err != nil {
		return err
	}
	environment, err := f.Environment()
	if err != nil {
		return err
	}
	dsn, err := f.Crosswalk()
	if err != nil {
		return err
	}
	// Looking first leaves no run where no rule has changed.
	look, err := crosswalk.OpenReadOnly(ctx, dsn, crosswalk.Options{})
	if err != nil {
		return err
	}
	work := func(store *crosswalk.Store) func(context.Context, *crosswalk.Snapshot) (*plan.Plan, error) {
		return func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Rekey(ctx, snap, store.Snapshot, rs, o.source, plan.Options{Environment: environment, Actor: e.actor(), Reason: o.reason})
		}
	}
	done, err := e.lookRekey(ctx, f, o, look, work(look))
	if err := closing(err, look); err != nil || done {
		return err
	}
	return e.carryOutRekey(ctx, f, rs, o, work)
}

// lookRekey plans without the lease; done says that this was all there was to
// do.
func (e *env) lookRekey(ctx context.Context, f *config.File, o *rekeyOptions, store *crosswalk.Store, work func(context.Context, *crosswalk.Snapshot) (*plan.Plan, error)) (done bool, err error) {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = closing(err, snap) }()
	p, err := work(ctx, snap)
	if err != nil || !p.Empty() && !o.dryRun {
		return false, err
	}
	r := rekeyReport(f, p, "What rekey would do")
	if p.Empty() {
		r.Next = []string{fmt.Sprintf("The keys of %s are made by the rules of %s already; there is nothing to do.", o.source, f.Path)}
	} else {
		r.Next = []string{"Nothing was written; the same without --dry-run does it."}
	}
	return true, e.printRun(r, o.changes)
}

func (e *env) carryOutRekey(ctx context.Context, f *config.File, rs *rules.Ruleset, o *rekeyOptions,
	work func(*crosswalk.Store) func(context.Context, *crosswalk.Snapshot) (*plan.Plan, error),
) error {
	store, err := e.openStore(ctx, f)
	if err != nil {
		return err
	}
	progress := e.progress()
	p, res, err := migrate.Run(ctx, store, migrate.Options{
		Actor: e.actor(), Reason: o.reason, Rules: rs.Digest(), Progress: tellProgress(progress), Wait: o.wait,
	}, work(store))
	progress.Done()
	if err == nil {
		r := rekeyReport(f, p, fmt.Sprintf("Rekeyed in run %d", res.Run))
		r.Number, r.Serial, r.Applied, r.Resumed = res.Run, res.Serial, true, res.Resumed
		r.Next = e.toDecide(r.Totals.ReviewsOpen)
		err = e.printRun(r, o.changes) // walks the crosswalk for the list of changes
	}
	return closing(err, store)
}

func rekeyReport(f *config.File, p *plan.Plan, what string) *report.Run {
	r := reportOf(p)
	r.Title = title(what, f)
	list := p.Rekeyed
	if list == nil {
		list = []plan.Rekeyed{}
	}
	r.Facts = []report.Fact{{Key: "rekeyed", Value: list}}
	for i := range list {
		k := &list[i]
		var parts []string
		for _, part := range [...]struct {
			n    int64
			what string
		}{
			{k.Rekeyed, "get another key"},
			{k.Joined, "say what another of their customer says"},
			{k.Collided, "keep their old key, since another customer has the new one"},
			{k.Unreadable, "keep their old key, since they have none under the new rule"},
		} {
			if part.n > 0 {
				parts = append(parts, report.Number(part.n)+" "+part.what)
			}
		}
		if parts == nil {
			parts = append(parts, "none changes")
		}
		r.Facts = append(r.Facts, report.Fact{Label: k.Space, Text: fmt.Sprintf("%s: %s", count(k.Links, "ID"), strings.Join(parts, ", "))})
	}
	return r
}
