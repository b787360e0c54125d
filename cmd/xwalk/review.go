package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/review"
)

type reviewOptions struct {
	sources  cli.StringSlice
	min, max float64
	rule     string
	kind     string

	claimed, unclaimed, mine bool
	decided, newest          bool
	limit                    int
	limited                  bool // a limit was given

	plan     string
	reason   string
	override bool
	now      bool
	wait     time.Duration
}

func (o *reviewOptions) check() error {
	if o.min < 0 || o.max > 1 || o.min > 1 || o.max < o.min {
		return usage("--min %g --max %g: expected scores from 0 to 1, the lesser first", o.min, o.max)
	}
	marks := 0
	for _, set := range []bool{o.claimed, o.unclaimed, o.mine} {
		if set {
			marks++
		}
	}
	switch {
	case marks > 1:
		return usage("--claimed, --unclaimed and --mine exclude each other")
	case o.limit < 0:
		return usage("--limit %d: expected how many to list at most, 0 for all", o.limit)
	case o.kind != "" && !slices.Contains([]string{"person", "company", "household"}, o.kind):
		return usage("--kind %s: expected person, company or household", o.kind)
	case o.wait < 0:
		return usage("--wait %s: expected a length of time such as 30s", o.wait)
	case o.now && o.plan != "":
		return usage("--now carries out what is in the crosswalk; a plan is made again instead: xwalk plan")
	}
	return nil
}

// filter is what the options let pass.
func (o *reviewOptions) filter(actor string) review.Filter {
	f := review.Filter{
		Sources: o.sources.Value(), Min: o.min, Max: o.max, Rule: o.rule, Kind: o.kind,
		Claimed: o.claimed, Unclaimed: o.unclaimed, Decided: o.decided,
	}
	if o.mine {
		f.Mine = actor
	}
	return f
}

func reviewCommand(e *env) *cli.Command {
	o := &reviewOptions{}
	command := &cli.Command{
		Name:  "review",
		Usage: "possible matches that a person decides: same or different",
		UsageText: `xwalk review list | next | export [FILE] | import FILE
   xwalk review show | same | different | skip | reopen ID…`,
		Description: `   xwalk review next                        one of them, yours for 30 minutes
   xwalk review same 3f09aa12bc --reason "rang her up"
   xwalk review list --min 0.9 --source shop
   xwalk review export doubts.csv           decide in a spreadsheet,
   xwalk review import doubts.csv           and bring it back
   xwalk review list --plan monday.plan     doubts of a plan, before it is applied

A verdict is recorded at once and carried out by the next apply, or with --now at
once. It holds until a person reverses it. What somebody else decided otherwise
needs --override. Values are shown, not masked: a masked pair cannot be decided.
docs/review.md is a page for those who decide.`,
		Flags: o.flags(),
	}
	command.Action = func(c *cli.Context) error {
		args := c.Args().Slice()
		if len(args) == 0 {
			return cli.ShowCommandHelp(c, "review")
		}
		w, err := reviewWord(e.reviewWords(o), args[0])
		if err != nil {
			return err
		}
		if err := w.check(c, args[1:]); err != nil {
			return err
		}
		o.limited = c.IsSet("limit")
		if err := o.check(); err != nil {
			return err
		}
		return w.run(c.Context, args[1:])
	}
	return command
}

func (o *reviewOptions) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "plan", Usage: "the reviews of a saved plan `FILE` instead of the crosswalk's", Destination: &o.plan},
		&cli.StringSliceFlag{Name: "source", Usage: "only where one of the two records is of this source; twice: between these two", Destination: &o.sources},
		&cli.Float64Flag{Name: "min", Usage: "only with at least this score", Destination: &o.min},
		&cli.Float64Flag{Name: "max", Value: 1, Usage: "only with at most this score", Destination: &o.max},
		&cli.StringFlag{Name: "rule", Usage: "only those that a rule with this `TEXT` in it proposed: similar, email, …", Destination: &o.rule},
		&cli.StringFlag{Name: "kind", Usage: "only person, company or household", Destination: &o.kind},
		&cli.BoolFlag{DisableDefaultText: true, Name: "claimed", Usage: "only those that somebody works on", Destination: &o.claimed},
		&cli.BoolFlag{DisableDefaultText: true, Name: "unclaimed", Usage: "only those that nobody works on", Destination: &o.unclaimed},
		&cli.BoolFlag{DisableDefaultText: true, Name: "mine", Usage: "only those that you work on", Destination: &o.mine},
		&cli.BoolFlag{DisableDefaultText: true, Name: "decided", Usage: "those that have an answer and wait for the next run", Destination: &o.decided},
		&cli.BoolFlag{DisableDefaultText: true, Name: "newest", Usage: "the newest first, not the likeliest", Destination: &o.newest},
		&cli.IntFlag{Name: "limit", DefaultText: "50 on the screen, else all", Usage: "list at most `N`, 0 for all", Destination: &o.limit},
		&cli.StringFlag{Name: "reason", Usage: "`WHY`, kept with the verdict", Destination: &o.reason},
		&cli.BoolFlag{DisableDefaultText: true, Name: "override", Usage: "although somebody else decided otherwise", Destination: &o.override},
		&cli.BoolFlag{DisableDefaultText: true, Name: "now", Usage: "carry the verdict out at once", Destination: &o.now},
		&cli.DurationFlag{Name: "wait", Value: 30 * time.Second, Usage: "with --now: how long to wait while another process writes", Destination: &o.wait},
	}
}

// word is a sub-command of review: its arguments, and the flags that mean
// something to it.
type word struct {
	name     string
	takes    string // the arguments, as people see them
	min, max int    // how many of them; a negative max is any number
	flags    []string
	run      func(ctx context.Context, args []string) error
}

func (e *env) reviewWords(o *reviewOptions) []word {
	narrow := []string{"plan", "source", "min", "max", "rule", "kind", "newest"}
	listing := append(slices.Clone(narrow), "claimed", "unclaimed", "mine", "decided", "limit")
	deciding := []string{"plan", "reason", "override", "now", "wait"}
	decide := func(v crosswalk.Verdict) func(context.Context, []string) error {
		return func(ctx context.Context, ids []string) error { return e.decideReviews(ctx, o, ids, v) }
	}
	return []word{
		{"list", "", 0, 0, listing, func(ctx context.Context, _ []string) error { return e.listReviews(ctx, o) }},
		{"next", "", 0, 0, narrow, func(ctx context.Context, _ []string) error { return e.nextReview(ctx, o) }},
		{"show", "ID…", 1, -1, []string{"plan"}, func(ctx context.Context, ids []string) error { return e.showReviews(ctx, o, ids) }},
		{"same", "ID…", 1, -1, deciding, decide(crosswalk.Same)},
		{"different", "ID…", 1, -1, deciding, decide(crosswalk.Different)},
		{"skip", "ID…", 1, -1, []string{"plan", "reason"}, func(ctx context.Context, ids []string) error { return e.skipReviews(ctx, o, ids) }},
		{"reopen", "ID…", 1, -1, []string{"plan", "reason", "override"}, decide(crosswalk.Withdrawn)},
		{"export", "[FILE]", 0, 1, listing, func(ctx context.Context, args []string) error { return e.exportReviews(ctx, o, args) }},
		{"import", "FILE", 1, 1, deciding, func(ctx context.Context, args []string) error { return e.importReviews(ctx, o, args[0]) }},
	}
}

func reviewWord(words []word, name string) (word, error) {
	var known []string
	for _, w := range words {
		if w.name == name {
			return w, nil
		}
		known = append(known, w.name)
	}
	hint := "it is one of " + strings.Join(known, ", ")
	if near := diag.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return word{}, usage("there is no xwalk review %s\n  hint: %s", name, hint)
}

// check refuses arguments and flags that mean nothing here.
func (w *word) check(c *cli.Context, args []string) error {
	if len(args) < w.min || w.max >= 0 && len(args) > w.max {
		return usage("expected: %s", strings.TrimSpace("xwalk review "+w.name+" "+w.takes))
	}
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		if c.IsSet(name) && name != "help" && !slices.Contains(w.flags, name) {
			return usage("--%s means nothing to xwalk review %s", name, w.name)
		}
	}
	return nil
}

// onDesk lays out the reviews of the crosswalk, or of a saved plan, for fn.
func (e *env) onDesk(ctx context.Context, o *reviewOptions, fn func(d *review.Desk) error) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	open := e.openReadOnly
	if o.plan != "" {
		open = e.openOrNone
	}
	snap, done, err := open(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	d, err := o.desk(ctx, snap)
	if err != nil {
		return err
	}
	return fn(d)
}

// atDesk is onDesk with the store open for writing. The verdicts on a plan
// may be the first thing that a crosswalk is made for.
func (e *env) atDesk(ctx context.Context, o *reviewOptions, fn func(f *config.File, d *review.Desk, store *crosswalk.Store) error) (err error) {
	f, err := e.load()
	if err != nil {
		return err
	}
	if o.plan == "" { // opening it for writing would make one
		_, done, err := e.openReadOnly(ctx, f)
		if err != nil {
			return err
		}
		done()
	}
	store, err := e.openStore(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = closing(err, store) }()
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { err = closing(err, snap) }()
	if err := sameEnvironment(f, snap.Head()); err != nil {
		return err
	}
	d, err := o.desk(ctx, snap)
	if err != nil {
		return err
	}
	return fn(f, d, store)
}

func (o *reviewOptions) desk(ctx context.Context, snap *crosswalk.Snapshot) (*review.Desk, error) {
	var p *plan.Plan
	if o.plan != "" {
		var err error
		if p, err = plan.Open(o.plan); err != nil {
			return nil, err
		}
	}
	d, err := review.Open(ctx, snap, p)
	if err != nil {
		return nil, err
	}
	known := d.Sources()
	for _, name := range o.sources.Value() {
		if !slices.Contains(known, name) {
			return nil, usage("--source %s: there is no such source\n  hint: it is one of %s", name, strings.Join(known, ", "))
		}
	}
	if o.newest {
		d.Newest()
	}
	return d, nil
}

// sameEnvironment refuses verdicts on the crosswalk of another environment.
func sameEnvironment(f *config.File, head crosswalk.Head) error {
	name, err := f.Environment()
	if err != nil || head.Run == 0 || head.Environment == name {
		return err
	}
	return fmt.Errorf("%w: it is %q and the configuration says %q; check `crosswalk` and `environment`", crosswalk.ErrEnvironment, head.Environment, name)
}

// decider is the actor, who must have a name.
func (e *env) decider() (string, error) {
	if actor := e.actor(); actor != "" {
		return actor, nil
	}
	return "", usage("a verdict needs somebody who answers for it: --actor NAME")
}
