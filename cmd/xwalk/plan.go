package main

import (
	"context"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

type planOptions struct {
	out      string
	changes  bool
	detailed bool
	estimate bool
	buildOptions
}

// buildOptions are the flags of verbs that read the sources and work out who is
// who.
type buildOptions struct {
	allow       cli.StringSlice
	numbersFrom string
	redecide    bool // of plan alone
}

func (o *buildOptions) flags() []cli.Flag {
	return []cli.Flag{
		allowFlag(&o.allow),
		&cli.StringFlag{Name: "numbers-from", Usage: "customers keep the numbers that they had in `EXPORT`, written by xwalk export at a rehearsal", Destination: &o.numbersFrom},
	}
}

// given reports whether one of the flags was.
func (o *buildOptions) given() bool { return len(o.allow.Value()) > 0 || o.numbersFrom != "" }

func (o *planOptions) check() error {
	if o.out == "-" {
		return usage("-o -: a plan goes to a file; the report is what is printed")
	}
	if o.estimate && (o.out != "" || o.changes || o.detailed || o.numbersFrom != "" || o.redecide) {
		return usage("--estimate only counts what matching would compare; leave the other options out")
	}
	if o.redecide && o.numbersFrom != "" {
		return usage("--redecide decides about numbers that this crosswalk issued; --numbers-from does not go with it")
	}
	return checkAllow(o.allow.Value())
}

func planCommand(e *env) *cli.Command {
	o := &planOptions{}
	return &cli.Command{
		Name:      "plan",
		Usage:     "dry run: show what apply would do, without changing anything",
		UsageText: "xwalk plan [-o FILE] [--changes]",
		Description: `Reads every source, works out who is who and which numbers they would get, and
prints the report. Nothing is written anywhere, but for FILE with -o.

   xwalk plan                          the report
   xwalk plan --changes | less         every single change
   xwalk plan -o monday.plan           save it; "xwalk apply monday.plan" does exactly this
   xwalk plan --numbers-from signed.csv  the numbers of the rehearsal that signed.csv exports
   xwalk plan --detailed-exitcode      exit code 0: nothing to do, 4: changes or reviews pending

Issued numbers do not move by themselves, so edited rules decide new and changed
records only. --redecide decides all of them anew, as if nothing was linked yet,
and shows what would move; numbers stay where they can, and what people decided
holds. Save it and apply the file to carry it out.

   xwalk plan --redecide --changes     every merge, split and record that moves
   xwalk plan --redecide -o new.plan   save it for "xwalk apply new.plan"`,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "save the plan to `FILE`, as confidential as the sources", Destination: &o.out},
			&cli.BoolFlag{DisableDefaultText: true, Name: "changes", Usage: "list every change", Destination: &o.changes},
			&cli.BoolFlag{DisableDefaultText: true, Name: "detailed-exitcode", Usage: "exit with 4 when changes or reviews are pending", Destination: &o.detailed},
			&cli.BoolFlag{DisableDefaultText: true, Name: "estimate", Usage: "only count the pairs that matching would compare", Destination: &o.estimate},
			&cli.BoolFlag{DisableDefaultText: true, Name: "redecide", Usage: "decide every record anew by the rules as they are now", Destination: &o.redecide},
		}, o.flags()...),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usage("plan takes no arguments; to save the plan: xwalk plan -o %s", c.Args().First())
			}
			if err := o.check(); err != nil {
				return err
			}
			if o.estimate {
				return e.estimate(c.Context)
			}
			return e.plan(c.Context, o)
		},
	}
}

func allowFlag(into *cli.StringSlice) cli.Flag {
	return &cli.StringSliceFlag{Name: "allow", Usage: "`GUARD` to overrule this once: joined, rejected, cluster or vanished", Destination: into}
}

func (e *env) plan(ctx context.Context, o *planOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	snap, done, err := e.openOrNone(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	p, err := e.build(ctx, f, rs, snap, nil, &o.buildOptions)
	if err != nil {
		return err
	}
	r := reportOf(p)
	r.Title = title("Plan", f)
	pending := !p.Empty() || r.Pending()
	switch {
	case p.Empty() && len(r.Rejects) > 0:
		r.Next = append(r.Next, "Nothing to apply; the rejected records wait to be mended in their source.")
	case p.Empty():
		r.Next = append(r.Next, "Nothing to do: the crosswalk already says all of this.")
		r.Next = append(r.Next, e.toDecide(r.Totals.ReviewsOpen)...)
	case o.out != "":
		if f.Policy.Approve {
			r.Next = append(r.Next, "Let somebody else look at it and run "+e.command("approve", o.out)+".")
		}
		r.Next = append(r.Next, "Run "+e.command("apply", o.out)+" to carry out exactly this.")
		if len(p.Reviews) > 0 {
			r.Next = append(r.Next, "The possible matches can be decided before: "+e.command("review", "list", "--plan", o.out)+".")
		}
	case o.redecide:
		r.Next = append(r.Next, "Nothing of this happens by itself: "+e.command("plan", "--redecide", "-o", "FILE")+" saves it, and "+e.command("apply", "FILE")+" carries it out.")
	case f.Policy.Approve:
		r.Next = append(r.Next, "Run "+e.command("plan", "-o", "FILE")+" to save it; somebody else approves it with "+e.command("approve", "FILE")+", and "+e.command("apply", "FILE")+" carries it out.")
	default:
		r.Next = append(r.Next, "Run "+e.command("apply")+" to carry this out, or "+e.command("plan", "-o", "FILE")+" to save it first.")
	}
	if o.out != "" {
		if err := writeFile(o.out, func(w io.Writer) error { _, err := p.WriteTo(w); return err }); err != nil {
			return err
		}
		e.tell("saved the plan to %s", o.out)
	}
	if err := e.printRun(r, o.changes); err != nil {
		return err
	}
	if o.detailed && pending {
		return codeError(exitPending)
	}
	return nil
}

// build works a plan out. in are the opened sources, or nil to open them.
func (e *env) build(ctx context.Context, f *config.File, rs *rules.Ruleset, snap *crosswalk.Snapshot, in []plan.Input, o *buildOptions) (*plan.Plan, error) {
	environment, err := f.Environment()
	if err != nil {
		return nil, err
	}
	if err := ofEnvironment(snap, environment); err != nil {
		return nil, err
	}
	promises, err := readPromises(ctx, o.numbersFrom)
	if err != nil {
		return nil, err
	}
	if in == nil {
		if in, err = inputs(ctx, f, rs); err != nil {
			return nil, err
		}
	}
	progress := e.progress()
	defer progress.Done()
	work := plan.Build
	if o.redecide {
		work = plan.Redecide
	}
	return work(ctx, snap, rs, in, plan.Options{
		Policy: f.Policy, Environment: environment, Allow: o.allow.Value(), Progress: tellProgress(progress), Actor: e.actor(),
		NumbersFrom: promises,
	})
}

// ofEnvironment refuses to work something out for the crosswalk of another
// environment: it could not be carried out. snap is nil where there is none.
func ofEnvironment(snap *crosswalk.Snapshot, environment string) error {
	if snap == nil {
		return nil
	}
	return snap.Head().CheckEnvironment(environment)
}
