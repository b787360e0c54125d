package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

type approveOptions struct {
	plan    string
	reason  string
	changes bool
	dryRun  bool
}

func approveCommand(e *env) *cli.Command {
	o := &approveOptions{}
	return &cli.Command{
		Name:      "approve",
		Usage:     "second pair of eyes: agree that a saved plan is carried out",
		UsageText: "xwalk approve PLAN [--reason WHY]",
		Description: `Prints what the plan would do, and notes that you agree. With policy.approve:
other, "xwalk apply PLAN" asks for the agreement of another person than the one
who made the plan. It holds for this very file: a plan that is made again, or
changed by a byte, is another one. A plan that is stale cannot be approved.

   xwalk approve monday.plan --dry-run            look first, without agreeing
   xwalk approve monday.plan --reason "checked with sales"
   xwalk approve monday.plan --actor bob          as somebody else than the login`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "reason", Usage: "`WHY`, kept with the approval", Destination: &o.reason},
			&cli.BoolFlag{DisableDefaultText: true, Name: "changes", Usage: "list every change", Destination: &o.changes},
			&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "show the plan without approving it", Destination: &o.dryRun},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("approve takes one plan: xwalk approve PLAN")
			}
			o.plan = c.Args().First()
			return e.approve(c.Context, o)
		},
	}
}

func (e *env) approve(ctx context.Context, o *approveOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	m, err := e.runOptions(f, rs)
	if err != nil {
		return err
	}
	m.Reason = o.reason
	if m.Actor == "" {
		return usage("an approval needs somebody who answers for it: --actor NAME")
	}
	saved, err := plan.Open(o.plan)
	if err != nil {
		return err
	}
	// A crosswalk is made only for what can be approved.
	approved, err := e.stillGood(ctx, f, saved, m)
	if err != nil {
		return err
	}
	r := reportOf(saved)
	r.Title = title("Plan of "+saved.Author, f)
	if o.dryRun {
		r.ApprovedBy = approved
		r.Next = append(r.Next, "Nothing was approved; "+e.command("approve", o.plan)+" does.")
		return e.printRun(r, o.changes)
	}
	if err := migrate.CheckApprover(saved, m.Actor); err != nil {
		return err
	}
	store, err := e.openStore(ctx, f)
	if err != nil {
		return err
	}
	r.ApprovedBy, err = migrate.Approve(ctx, store, saved, m)
	if err := closing(err, store); err != nil {
		return err
	}
	r.Next = append(r.Next, "Approved by "+strings.Join(r.ApprovedBy, ", ")+". Run "+e.command("apply", o.plan)+" to carry out exactly this.")
	return e.printRun(r, o.changes)
}

// stillGood checks a saved plan without touching anything: it is an error
// when the plan is stale. It returns who approved it.
func (e *env) stillGood(ctx context.Context, f *config.File, saved *plan.Plan, m migrate.Options) (approved []string, err error) {
	snap, done, err := e.openOrNone(ctx, f)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := migrate.Check(ctx, snap, saved, m); err != nil {
		return nil, err
	}
	return migrate.ApprovedBy(ctx, snap, saved)
}
