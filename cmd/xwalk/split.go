package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

type splitOptions struct {
	actOptions
	id     string
	links  cli.StringSlice
	number string
}

func splitCommand(e *env) *cli.Command {
	o := &splitOptions{}
	return &cli.Command{
		Name:      "split",
		Usage:     "take records out of a customer, to be one of their own",
		UsageText: "xwalk split ID --links SOURCE:ID,… --reason WHY [--number NEW] [--dry-run]",
		Description: `The records named by --links leave the customer of ID. What was merged comes
apart as it was: a number all of whose records leave goes with them, and is in
force again. Records that have no number to take along get a new one, the next
of canonical.scheme or the one that --number says. Later runs do not join the
two again.

   xwalk split CUST-000001 --links shop:1009 --dry-run
   xwalk split C001 --links shop:1009,crm:77 --reason "father and son"
   xwalk split C001 --links legacy.code:K7 --links shop:1009 --reason …

Further numbers (legacy.code) follow the records that they stand at, where that
is clear; else they stay unless they are named.`,
		Flags: append(o.flags(),
			&cli.StringSliceFlag{Name: "links", Usage: "`SOURCE:ID` that leaves; may be repeated, or separated by commas", Destination: &o.links},
			&cli.StringFlag{Name: "number", Usage: "the canonical ID of those that leave, where they need a new one", Destination: &o.number},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("split which customer? xwalk split ID --links SOURCE:ID,… --reason WHY")
			}
			if o.id = c.Args().First(); len(o.links.Value()) == 0 {
				return usage("split %s: say which records leave: --links SOURCE:ID,…\n  hint: xwalk lookup lists the records of a canonical ID", o.id)
			}
			if err := o.check("split"); err != nil {
				return err
			}
			return e.steward(c.Context, &o.actOptions, "split", "Split", o.number == "", o.plan)
		},
	}
}

func (o *splitOptions) plan(ctx context.Context, l *finder, rs *rules.Ruleset, with plan.Options) (*plan.Plan, error) {
	number, err := l.customerOf(ctx, o.id)
	if err != nil {
		return nil, err
	}
	links, err := l.linkKeys(o.links.Value())
	if err != nil {
		return nil, err
	}
	return plan.Split(ctx, l.snap, rs, number, links, strings.ToUpper(o.number), with)
}
