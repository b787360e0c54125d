package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

type retireOptions struct {
	actOptions
	id string
}

func retireCommand(e *env) *cli.Command {
	o := &retireOptions{}
	return &cli.Command{
		Name:      "retire",
		Usage:     "end a customer, or one source ID",
		UsageText: "xwalk retire ID --reason WHY [--dry-run]",
		Description: `A canonical ID ends with all of its links, and answers "gone". A source ID ends
alone, and its customer stays. No run brings it back, although its record may
still be in its source; "xwalk restore" does.

   xwalk retire CUST-000012 --dry-run
   xwalk retire CUST-000012 --reason "a test record"
   xwalk retire legacy:C001 --reason "a typing error"`,
		Flags: o.flags(),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("retire what? xwalk retire ID --reason WHY")
			}
			o.id = c.Args().First()
			if err := o.check("retire"); err != nil {
				return err
			}
			return e.steward(c.Context, &o.actOptions, "retire", "Retired", false, o.plan)
		},
	}
}

func (o *retireOptions) plan(ctx context.Context, l *finder, rs *rules.Ruleset, with plan.Options) (*plan.Plan, error) {
	t, err := l.targetOf(ctx, o.id)
	if err != nil {
		return nil, err
	}
	return plan.Retire(ctx, l.snap, rs, t, with)
}
