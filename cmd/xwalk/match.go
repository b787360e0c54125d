package main

import (
	"context"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

type matchOptions struct {
	estimate bool
	truth    string
	source   string
	save     string
	show     bool
	limit    int
	model    string // the file that --show names
}

func (o *matchOptions) check(args []string) error {
	jobs := 0
	for _, is := range []bool{o.estimate, o.truth != "", o.save != "", o.show} {
		if is {
			jobs++
		}
	}
	switch {
	case jobs != 1:
		return usage("match takes one of --estimate, --truth COLUMN, --save FILE and --show [FILE]")
	case o.source != "" && o.truth == "":
		return usage("--source goes with --truth: it says whose column holds the truth")
	case o.limit < 0:
		return usage("--limit %d: expected a number of clusters, 0 for all", o.limit)
	case o.save == "-":
		return usage("--save -: a model goes to a file")
	case len(args) > 1, len(args) == 1 && !o.show:
		return usage("match takes no arguments but for the file of --show")
	}
	if len(args) == 1 {
		o.model = args[0]
	}
	return nil
}

func matchCommand(e *env) *cli.Command {
	o := &matchOptions{}
	return &cli.Command{
		Name:      "match",
		Usage:     "what matching would cost, how good it is, and what it weighs by",
		UsageText: "xwalk match --estimate | --truth COLUMN [--source NAME] | --save FILE | --show [FILE]",
		Description: `Looks at matching alone. Nothing is written but the file of --save.

--estimate counts the pairs that each rule would look at, before any is
compared. --truth does what a plan would do if there was no crosswalk yet, and
scores it: COLUMN says which records really are one customer, equal values being
one. The column is read for the score alone; where it is mapped as a field the
command refuses, since matching would see it.

   xwalk match --estimate
   xwalk match --truth cluster              false merges and missed pairs too
   xwalk match --truth cluster --format json --limit 0
   xwalk match --save model.json            then in xwalk.yaml: match: { model: model.json }
   xwalk match --show                       the model of the crosswalk, or of a file`,
		Flags: []cli.Flag{
			&cli.BoolFlag{DisableDefaultText: true, Name: "estimate", Usage: "count the pairs, compare none", Destination: &o.estimate},
			&cli.StringFlag{Name: "truth", Usage: "score against the `COLUMN` that says who is who", Destination: &o.truth},
			&cli.StringFlag{Name: "source", Usage: "with --truth: only records of this source count", Destination: &o.source},
			&cli.IntFlag{Name: "limit", Value: 10, Usage: "with --truth: how many false merges, and missed pairs of each kind, to list; 0 for all", Destination: &o.limit},
			&cli.StringFlag{Name: "save", Usage: "estimate a model from the sources and save it to `FILE`", Destination: &o.save},
			&cli.BoolFlag{DisableDefaultText: true, Name: "show", Usage: "print the model of the crosswalk, or of the FILE after it", Destination: &o.show},
		},
		Action: func(c *cli.Context) error {
			if err := o.check(c.Args().Slice()); err != nil {
				return err
			}
			switch {
			case o.estimate:
				return e.estimate(c.Context)
			case o.truth != "":
				return e.matchTruth(c.Context, o)
			case o.save != "":
				return e.saveModel(c.Context, o)
			}
			return e.showModel(c.Context, o)
		},
	}
}

// estimate is also `plan --estimate`.
func (e *env) estimate(ctx context.Context) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	if !rs.Matches() {
		return noMatching(f)
	}
	snap, done, err := e.openOrNone(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	in, err := inputs(ctx, f, rs)
	if err != nil {
		return err
	}
	progress := e.progress()
	forecast, err := plan.Estimate(ctx, snap, rs, in, plan.Options{Policy: f.Policy, Progress: tellProgress(progress)})
	progress.Done()
	if err != nil {
		return err
	}
	return e.printForecast(forecastOf(forecast))
}

func noMatching(f *config.File) error {
	return usage("%s has no rule that joins records\n  hint: write match: { similar: { merge: 0.99, review: 0.80 } }, or lines of match.same", f.Path)
}

// match does what a plan would, up to the clusters.
func (e *env) match(ctx context.Context, f *config.File, rs *rules.Ruleset, in []plan.Input) (*plan.Matched, error) {
	progress := e.progress()
	defer progress.Done()
	return plan.Match(ctx, rs, in, plan.Options{Policy: f.Policy, Progress: tellProgress(progress)})
}

func (e *env) saveModel(ctx context.Context, o *matchOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	switch _, model, on := rs.Similar(); {
	case !on:
		return usage("%s does not switch probabilistic matching on, so there is no model to save\n  hint: write match: { similar: { merge: 0.99, review: 0.80 } }", f.Path)
	case model != nil:
		return usage("%s names a model, so none would be estimated\n  hint: take match.model out of it first", f.Path)
	}
	in, err := inputs(ctx, f, rs)
	if err != nil {
		return err
	}
	m, err := e.match(ctx, f, rs, in)
	if err != nil {
		return err
	}
	if m.Model == nil {
		return usage("the sources have no records to estimate a model from")
	}
	if err := writeFile(o.save, func(w io.Writer) error { _, err := w.Write(m.Model.Write()); return err }); err != nil {
		return err
	}
	e.tell("saved the model to %s; to weigh by it from now on: match: { model: %s }", o.save, o.save)
	return e.printModel(m.Model)
}

func (e *env) showModel(ctx context.Context, o *matchOptions) error {
	content, where, err := e.readModel(ctx, o.model)
	if err != nil {
		return err
	}
	m, err := similar.Read(content)
	if err != nil {
		return usage("%s: %v", where, err)
	}
	return e.printModel(m)
}

// readModel is the model in a file, or without one that of the crosswalk.
func (e *env) readModel(ctx context.Context, path string) (content []byte, where string, err error) {
	if path != "" {
		if content, err = os.ReadFile(path); err != nil {
			return nil, "", usage("read the model: %v", err)
		}
		return content, path, nil
	}
	f, err := e.load()
	if err != nil {
		return nil, "", err
	}
	snap, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return nil, "", err
	}
	defer done()
	if content, err = snap.Model(ctx); err != nil {
		return nil, "", err
	}
	if len(content) == 0 {
		return nil, "", usage("the crosswalk holds no model: no run has matched by match.similar yet\n  hint: %s shows the one in a file", e.command("match", "--show", "FILE"))
	}
	return content, "the model in the crosswalk", nil
}
