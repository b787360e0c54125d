package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

type renumberOptions struct {
	actOptions
	id, to string
}

func renumberCommand(e *env) *cli.Command {
	o := &renumberOptions{}
	return &cli.Command{
		Name:      "renumber",
		Usage:     "give a customer another number",
		UsageText: "xwalk renumber ID --reason WHY [--to NEW] [--dry-run]",
		Description: `The customer of ID gets another canonical ID, the next of canonical.scheme or the
one that --to says, which must never have been issued. The old number redirects.

   xwalk renumber C001 --dry-run
   xwalk renumber CUST-000666 --reason "asked for another number"
   xwalk renumber CUST-000007 --to CUST-VIP-7 --reason …`,
		Flags: append(o.flags(),
			&cli.StringFlag{Name: "to", Usage: "the `NUMBER` to give (default: the next one)", Destination: &o.to},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("renumber which customer? xwalk renumber ID --reason WHY")
			}
			o.id = c.Args().First()
			if err := o.check("renumber"); err != nil {
				return err
			}
			return e.steward(c.Context, &o.actOptions, "renumber", "Renumbered", o.to == "", o.plan)
		},
	}
}

func (o *renumberOptions) plan(ctx context.Context, l *finder, rs *rules.Ruleset, with plan.Options) (*plan.Plan, error) {
	number, err := l.customerOf(ctx, o.id)
	if err != nil {
		return nil, err
	}
	return plan.Renumber(ctx, l.snap, rs, number, strings.ToUpper(o.to), with)
}
