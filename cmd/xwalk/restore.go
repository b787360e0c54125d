package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

type restoreOptions struct {
	actOptions
	id string
}

func restoreCommand(e *env) *cli.Command {
	o := &restoreOptions{}
	return &cli.Command{
		Name:      "restore",
		Usage:     "take a retirement back",
		UsageText: "xwalk restore ID --reason WHY [--dry-run]",
		Description: `Links resolve again and the number is in force again: of a customer that is gone,
or of one source ID. What ended because its record vanished from its source can
be restored too; it then stays although the record is gone.

   xwalk restore CUST-000012 --dry-run
   xwalk restore CUST-000012 --reason "no test record after all"
   xwalk restore legacy:C001 --reason …

A number that was merged is brought back by "xwalk split".`,
		Flags: o.flags(),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("restore what? xwalk restore ID --reason WHY")
			}
			o.id = c.Args().First()
			if err := o.check("restore"); err != nil {
				return err
			}
			return e.steward(c.Context, &o.actOptions, "restore", "Restored", false, o.plan)
		},
	}
}

func (o *restoreOptions) plan(ctx context.Context, l *finder, rs *rules.Ruleset, with plan.Options) (*plan.Plan, error) {
	t, err := l.targetOf(ctx, o.id)
	if err != nil {
		return nil, err
	}
	return plan.Restore(ctx, l.snap, rs, t, with)
}
