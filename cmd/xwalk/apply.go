package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

type applyOptions struct {
	writeOptions
	plan string
	buildOptions
	strict bool
}

// writeOptions are the flags of verbs that make a run.
type writeOptions struct {
	reason  string
	changes bool
	wait    time.Duration
}

func (o *writeOptions) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "reason", Usage: "`WHY`, kept with the run", Destination: &o.reason},
		&cli.BoolFlag{DisableDefaultText: true, Name: "changes", Usage: "list every change", Destination: &o.changes},
		o.waitFlag(),
	}
}

func (o *writeOptions) waitFlag() cli.Flag {
	return &cli.DurationFlag{Name: "wait", Value: 30 * time.Second, Usage: "how long to wait while another process writes", Destination: &o.wait}
}

func (o *writeOptions) check() error {
	if o.wait < 0 {
		return usage("--wait %s: expected a length of time such as 30s", o.wait)
	}
	return nil
}

func (o *applyOptions) check() error {
	if o.plan != "" && o.given() {
		return usage("--allow and --numbers-from belong to the making of a plan: xwalk plan --allow … -o %s", o.plan)
	}
	if o.plan == "" && o.strict {
		return usage("--strict goes with a saved plan: xwalk apply PLAN --strict; apply alone reads the sources as they are now")
	}
	if err := checkAllow(o.allow.Value()); err != nil {
		return err
	}
	return o.writeOptions.check()
}

func applyCommand(e *env) *cli.Command {
	o := &applyOptions{}
	return &cli.Command{
		Name:      "apply",
		Usage:     "do it: write the links into the crosswalk",
		UsageText: "xwalk apply [PLAN]",
		Description: `Without PLAN, plans and carries the plan out at once, under one lock. With PLAN,
carries out exactly what was saved, whatever the sources say by then, or
refuses when the crosswalk or the rules have changed since (exit code 3).
Afterwards it tells how many records have moved on; the next run takes them.
With --strict it looks before, and refuses when any has.
Under policy.approve: other it takes a PLAN that somebody else approved.
An apply that was interrupted is carried on by the next one.

   xwalk apply --reason "cut-over"     plan and do it
   xwalk apply monday.plan             do what "xwalk plan -o monday.plan" showed
   xwalk apply monday.plan --strict    … unless the sources have moved on
   xwalk apply --allow joined          although more records join than the guard allows`,
		Flags: append(append(o.writeOptions.flags(), o.buildOptions.flags()...),
			&cli.BoolFlag{DisableDefaultText: true, Name: "strict", Usage: "with PLAN: refuse when the sources have moved on since", Destination: &o.strict}),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return usage("apply takes one plan, not %d", c.NArg())
			}
			o.plan = c.Args().First()
			if err := o.check(); err != nil {
				return err
			}
			return e.apply(c.Context, o)
		},
	}
}

func (e *env) apply(ctx context.Context, o *applyOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	if o.plan != "" {
		return e.applySaved(ctx, f, rs, o)
	}
	if f.Policy.Approve {
		return &migrate.ApprovalError{Why: fmt.Sprintf("policy.approve asks for another person to approve what is done; nothing was written. Run %s, let somebody else run %s, then %s",
			e.command("plan", "-o", "FILE"), e.command("approve", "FILE"), e.command("apply", "FILE"))}
	}
	// What is missing shows here, before a crosswalk is made or locked.
	in, err := inputs(ctx, f, rs)
	if err != nil {
		return err
	}
	return e.writing(ctx, f, rs, o.writeOptions, func(store *crosswalk.Store, m migrate.Options) (*plan.Plan, migrate.Result, error) {
		return migrate.Run(ctx, store, m, func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return e.build(ctx, f, rs, snap, in, &o.buildOptions)
		})
	})
}

// applySaved carries a saved plan out.
func (e *env) applySaved(ctx context.Context, f *config.File, rs *rules.Ruleset, o *applyOptions) error {
	saved, err := plan.Open(o.plan)
	if err != nil {
		return err
	}
	m, err := e.runOptions(f, rs)
	if err != nil {
		return err
	}
	// What is refused is refused before a crosswalk is made or locked.
	approved, err := e.stillGood(ctx, f, saved, m)
	if err == nil {
		err = migrate.CheckApproved(approved, m)
	}
	var missing *migrate.ApprovalError
	if errors.As(err, &missing) {
		return fmt.Errorf("%w. Let somebody else than %s look at it and run %s", err, saved.Author, e.command("approve", o.plan))
	}
	if err != nil {
		return err
	}
	if o.strict {
		if err := e.standStill(ctx, f, rs, saved); err != nil {
			return err
		}
	}
	_, res, err := e.run(ctx, f, rs, o.writeOptions, func(store *crosswalk.Store, m migrate.Options) (*plan.Plan, migrate.Result, error) {
		res, err := migrate.Apply(ctx, store, saved, m)
		return saved, res, err
	})
	if err != nil {
		return err
	}
	r := e.applied(f, saved, res)
	if err := e.tellMoved(ctx, f, rs, saved, res.Run, r); err != nil {
		return err
	}
	return e.printRun(r, o.changes)
}

// runOptions are what the configuration and the command line say of a run.
func (e *env) runOptions(f *config.File, rs *rules.Ruleset) (migrate.Options, error) {
	environment, err := f.Environment()
	return migrate.Options{
		Actor: e.actor(), Rules: rs.Digest(), Sections: rs.Sections(), Environment: environment, Approval: f.Policy.Approve,
	}, err
}

// writing lets do make a run of the crosswalk, and prints the report.
func (e *env) writing(ctx context.Context, f *config.File, rs *rules.Ruleset, o writeOptions,
	do func(*crosswalk.Store, migrate.Options) (*plan.Plan, migrate.Result, error),
) error {
	p, res, err := e.run(ctx, f, rs, o, do)
	if err != nil {
		return err
	}
	return e.printRun(e.applied(f, p, res), o.changes)
}

// applied is what there is to tell of a run.
func (e *env) applied(f *config.File, p *plan.Plan, res migrate.Result) *report.Run {
	r := reportOf(p)
	r.Title = title(fmt.Sprintf("Applied as run %d", res.Run), f)
	r.Number, r.Serial, r.Applied, r.Resumed, r.ApprovedBy = res.Run, res.Serial, true, res.Resumed, res.Approved
	r.Next = e.afterApply(p, r)
	return r
}

// run opens the crosswalk for writing and lets do make a run of it.
func (e *env) run(ctx context.Context, f *config.File, rs *rules.Ruleset, o writeOptions,
	do func(*crosswalk.Store, migrate.Options) (*plan.Plan, migrate.Result, error),
) (*plan.Plan, migrate.Result, error) {
	m, err := e.runOptions(f, rs)
	if err != nil {
		return nil, migrate.Result{}, err
	}
	store, err := e.openStore(ctx, f)
	if err != nil {
		return nil, migrate.Result{}, err
	}
	progress := e.progress()
	var once sync.Once
	m.Reason, m.Wait, m.Progress = o.reason, o.wait, tellProgress(progress)
	m.Waiting = func(l *crosswalk.LockedError) {
		once.Do(func() { e.tell("waiting for %s, which is writing (%s)", l.Holder, l.Kind) })
	}
	p, res, err := do(store, m)
	progress.Done()
	return p, res, closing(err, store)
}

func (e *env) afterApply(p *plan.Plan, r *report.Run) []string {
	var next []string
	if r.Resumed {
		next = append(next, "This carried an interrupted run to its end.")
	}
	if len(r.ApprovedBy) > 0 {
		next = append(next, "Approved by "+strings.Join(r.ApprovedBy, ", ")+".")
	}
	if len(r.Rejects) > 0 {
		next = append(next, "Rejected records were left out: mend them in their source and run "+e.command("apply")+" again.")
	}
	if p.Empty() {
		next = append(next, "Nothing had changed.")
	} else {
		next = append(next, "Find a customer with "+e.command("lookup", "ID")+"; "+e.command("export")+" writes the old-to-new list.")
	}
	return append(next, e.toDecide(r.Totals.ReviewsOpen)...)
}

// toDecide says where the possible matches are decided, where some are open.
func (e *env) toDecide(open int64) []string {
	if open == 0 {
		return nil
	}
	return []string{"Possible matches wait for a person: " + e.command("review", "next") + " gives you one, " + e.command("review", "list") + " lists them."}
}
