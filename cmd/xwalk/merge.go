package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

type mergeOptions struct {
	actOptions
	ids      []string
	keep     string
	override bool
}

func mergeCommand(e *env) *cli.Command {
	o := &mergeOptions{}
	return &cli.Command{
		Name:      "merge",
		Usage:     "make one customer of several",
		UsageText: "xwalk merge ID ID… --reason WHY [--keep ID] [--override] [--dry-run]",
		Description: `An ID is a canonical ID or a source ID (C001, legacy:C001) of the customer. The
number that was issued first survives, the others redirect to it, and later runs
keep the customers together. Reviews between them are answered by it. "xwalk
split" takes apart what was merged.

   xwalk merge C001 shop:1009 --dry-run            look first
   xwalk merge C001 shop:1009 --reason "same person, phoned"
   xwalk merge CUST-000001 CUST-000007 --keep CUST-000007 --reason …

A verdict of somebody else that two of their records are different stands against it,
unless --override (exit code 3).`,
		Flags: append(o.flags(),
			&cli.StringFlag{Name: "keep", Usage: "`ID` of the customer whose number survives (default: the number issued first)", Destination: &o.keep},
			&cli.BoolFlag{DisableDefaultText: true, Name: "override", Usage: "although somebody decided that they are different", Destination: &o.override},
		),
		Action: func(c *cli.Context) error {
			o.ids = c.Args().Slice()
			if len(o.ids) < 2 {
				return usage("merge which customers? xwalk merge ID ID… --reason WHY")
			}
			if err := o.check("merge"); err != nil {
				return err
			}
			err := e.steward(c.Context, &o.actOptions, "merge", "Merged", false, o.plan)
			if contrary(err) {
				return fmt.Errorf("%w\n  hint: nothing was written; talk to them, and merge with --override", err)
			}
			return err
		},
	}
}

func (o *mergeOptions) plan(ctx context.Context, l *finder, rs *rules.Ruleset, with plan.Options) (*plan.Plan, error) {
	var numbers []string
	for _, id := range o.ids {
		n, err := l.customerOf(ctx, id)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	keep := ""
	if o.keep != "" {
		var err error
		if keep, err = l.customerOf(ctx, o.keep); err != nil {
			return nil, fmt.Errorf("--keep: %w", err)
		}
		if n := canonicalKey(o.keep); l.current(n) != n {
			return nil, usage("--keep %s: that number redirects to %s and cannot survive\n  hint: xwalk split brings back what was merged", o.keep, keep)
		}
	}
	return plan.Merge(ctx, l.snap, rs, numbers, keep, o.override, with)
}
