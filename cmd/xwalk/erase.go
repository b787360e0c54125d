package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

type eraseOptions struct {
	writeOptions
	ids    []string
	source string
	dryRun bool
	yes    bool
}

func (o *eraseOptions) check() error {
	switch {
	case len(o.ids) == 0:
		return usage("erase whom? xwalk erase ID… --reason TEXT")
	case o.reason == "" && !o.dryRun:
		return usage("erase needs a --reason, such as the number of the request; it is kept, so it must not name the person")
	}
	return o.writeOptions.check()
}

func eraseCommand(e *env) *cli.Command {
	o := &eraseOptions{}
	return &cli.Command{
		Name:      "erase",
		Usage:     "forget a person, for good",
		UsageText: "xwalk erase ID… --reason TEXT [--source NAME] [--dry-run | --yes]",
		Description: `ID is a canonical ID, also a merged one, or a source ID. The whole customer is
forgotten: fields, keys and source IDs with all that they ever were, the reviews
about them, and the keys and reasons of the decisions. The customer's numbers
answer "gone" from then on and are never issued again; so do the source IDs, by a
keyed hash. A record that is read again with one of them is rejected as erased.
Other customers, and all runs, stay as they are, and verify still passes.

This cannot be undone. On a terminal xwalk asks first, elsewhere it needs --yes.
Saved plans, exports, reports and backups are not the crosswalk's: see docs/privacy.md.

   xwalk erase C001 --dry-run
   xwalk erase C001 --reason "request 2026-17"
   xwalk erase CUST-00000007-12 CUST-00000010-81 --reason "requests of May" --yes`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "reason", Usage: "`WHY`, kept with the run", Destination: &o.reason},
			&cli.StringFlag{Name: "source", Usage: "the IDs are of this source, or SOURCE.NUMBER", Destination: &o.source},
			&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "say what would go, without doing it", Destination: &o.dryRun},
			&cli.BoolFlag{DisableDefaultText: true, Name: "yes", Usage: "do not ask", Destination: &o.yes},
			o.waitFlag(),
		},
		Action: func(c *cli.Context) error {
			o.ids = c.Args().Slice()
			if err := o.check(); err != nil {
				return err
			}
			return e.erase(c.Context, o)
		},
	}
}

func (e *env) erase(ctx context.Context, o *eraseOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	look, before, err := e.lookErase(ctx, f, rs, o)
	if err != nil {
		return err
	}
	if look.Empty() {
		return e.purgeErased(ctx, f, o, before)
	}
	if o.dryRun {
		r := e.eraseReport(f, look, "What erase would forget")
		r.Next = []string{"Nothing was erased; the same without --dry-run does it."}
		return e.printRun(r, false)
	}
	if err := e.agreeErase(ctx, f, o, look); err != nil {
		return err
	}
	return e.carryOutErase(ctx, f, rs, o, look)
}

// lookErase plans without the lease. Before are the answers for IDs that were
// erased earlier.
func (e *env) lookErase(ctx context.Context, f *config.File, rs *rules.Ruleset, o *eraseOptions) (*plan.Plan, []answer, error) {
	snap, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	return e.planErase(ctx, snap, f, rs, o)
}

func (e *env) planErase(ctx context.Context, snap *crosswalk.Snapshot, f *config.File, rs *rules.Ruleset, o *eraseOptions) (*plan.Plan, []answer, error) {
	environment, err := f.Environment()
	if err != nil {
		return nil, nil, err
	}
	l, err := newFinder(ctx, snap, o.source)
	if err != nil {
		return nil, nil, err
	}
	numbers, keys, before, err := l.subjects(ctx, o.ids)
	if err != nil {
		return nil, nil, err
	}
	p, err := plan.Erase(ctx, snap, rs, numbers, keys, plan.Options{Environment: environment, Actor: e.actor(), Reason: o.reason})
	return p, before, err
}

// subjects are the customers that ids name: canonical IDs, and source IDs
// that have none. Before are those that were erased earlier.
func (f *finder) subjects(ctx context.Context, ids []string) (numbers []string, keys []crosswalk.SourceKey, before []answer, err error) {
	for _, id := range ids {
		links, err := f.snap.ByKeys(ctx, f.keysOf(id))
		if err != nil {
			return nil, nil, nil, err
		}
		answers, err := f.byID(ctx, []string{id})
		if err != nil {
			return nil, nil, nil, err
		}
		var found, named []string
		for _, a := range answers {
			if a.CanonicalID != "" && !slices.Contains(found, a.CanonicalID) {
				found = append(found, a.CanonicalID)
				named = append(named, strings.TrimSpace(a.Source+" "+a.SourceID)+" is "+a.CanonicalID)
			}
		}
		erased, err := f.wasErased(ctx, answers)
		switch {
		case err != nil:
			return nil, nil, nil, err
		case len(found) > 1:
			return nil, nil, nil, usage("%s names %d customers (%s): say which by --source, or by the canonical ID", id, len(found), strings.Join(named, ", "))
		case erased:
			before = append(before, answers...)
		case len(links) > 0: // also without a number
			for i := range links {
				keys = append(keys, links[i].ID())
			}
		case len(found) > 0:
			numbers = append(numbers, found[0])
		default:
			return nil, nil, nil, fmt.Errorf("%s is not in the crosswalk: nothing was erased", id)
		}
	}
	return numbers, keys, before, nil
}

// agreeErase shows what goes and asks.
func (e *env) agreeErase(ctx context.Context, f *config.File, o *eraseOptions, p *plan.Plan) error {
	if o.yes {
		return nil
	}
	if !e.inTerminal || !e.errTerminal {
		return usage("erase cannot be undone, so it asks first, and this is no terminal\n  hint: look with --dry-run, then say --yes")
	}
	r := e.eraseReport(f, p, "What erase will forget")
	if err := r.Text(e.stderr, report.TextOptions{Style: e.messages()}); err != nil {
		return err
	}
	fmt.Fprint(e.stderr, "This cannot be undone. Erase? Only yes will do: ")
	said := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(e.stdin).ReadString('\n') // no answer is no
		said <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case answer := <-said:
		if !strings.EqualFold(answer, "yes") {
			return errors.New("nothing was erased")
		}
		return nil
	}
}

func (e *env) carryOutErase(ctx context.Context, f *config.File, rs *rules.Ruleset, o *eraseOptions, agreed *plan.Plan) error {
	store, err := e.openStore(ctx, f)
	if err != nil {
		return err
	}
	m := migrate.Options{Actor: e.actor(), Reason: o.reason, Rules: rs.Digest(), Wait: o.wait}
	p, res, err := migrate.Run(ctx, store, m, func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
		p, _, err := e.planErase(ctx, snap, f, rs, o)
		if err == nil && p.Digest != agreed.Digest {
			err = &migrate.StaleError{Why: "what belongs to these customers has just changed"}
		}
		return p, err
	})
	if err := closing(err, store); err != nil {
		return err
	}
	r := e.eraseReport(f, p, fmt.Sprintf("Erased in run %d", res.Run))
	r.Number, r.Serial, r.Applied = res.Run, res.Serial, true
	if res.Unpurged != nil {
		r.Notes = append(r.Notes, unpurged(res.Unpurged))
	}
	r.Next = []string{
		"A record that comes again with one of these IDs is rejected as erased. Delete it in its source, too.",
		"Saved plans, exports, reports and backups may still name them.",
	}
	return e.printRun(r, false)
}

func unpurged(err error) string {
	return fmt.Sprintf("it is gone from the tables, but the crosswalk's file may still hold some of its bytes (%v): run the same command again, which clears them", err)
}

// purgeErased ends an erase of those who were erased before.
func (e *env) purgeErased(ctx context.Context, f *config.File, o *eraseOptions, before []answer) error {
	for _, a := range before {
		e.tell("%s was erased before; there is nothing left of it to erase", a.Asked)
	}
	if o.dryRun {
		return nil
	}
	store, err := e.openStore(ctx, f)
	if err != nil {
		return err
	}
	return closing(store.Purge(ctx), store)
}

// erasedJSON is what an erase takes, in numbers.
type erasedJSON struct {
	Customers int64          `json:"customers"`
	Numbers   []string       `json:"numbers"`
	SourceIDs map[string]int `json:"source_ids"`
	Versions  int64          `json:"versions"`
	Reviews   int64          `json:"reviews"`
	Decisions int64          `json:"decisions"`
}

// eraseReport tells what goes by counts and canonical IDs, and no value.
func (e *env) eraseReport(f *config.File, p *plan.Plan, what string) *report.Run {
	names := map[int]string{}
	for _, s := range p.Spaces {
		names[s.No] = s.Name
	}
	x := erasedJSON{Numbers: []string{}, SourceIDs: map[string]int{}}
	for _, n := range p.Numbers {
		x.Numbers = append(x.Numbers, n.Canonical)
	}
	var order, ids []string
	if p.Erase != nil {
		x.Customers, x.Versions, x.Reviews, x.Decisions = p.Erase.Customers, p.Erase.Versions, p.Erase.Reviews, p.Erase.Decisions
		for _, k := range p.Erase.Keys {
			if name := names[k.Source]; x.SourceIDs[name] == 0 {
				order = append(order, name)
			}
			x.SourceIDs[names[k.Source]]++
		}
	}
	for _, name := range order {
		ids = append(ids, fmt.Sprintf("%s %d", name, x.SourceIDs[name]))
	}
	r := &report.Run{Title: title(what, f), Serial: p.Serial, Totals: p.Totals, Notes: p.Notes}
	r.Facts = []report.Fact{{Key: "erased", Value: x, Label: "customers", Text: report.Number(x.Customers)}}
	for _, line := range [...][2]string{
		{"numbers, gone from now on", strings.Join(x.Numbers, ", ")},
		{"source IDs", strings.Join(ids, ", ")},
		{"versions of their links", report.Number(x.Versions)},
		{"reviews", report.Number(x.Reviews)},
		{"decisions that lose their keys", report.Number(x.Decisions)},
	} {
		r.Facts = append(r.Facts, report.Fact{Label: line[0], Text: line[1]})
	}
	return r
}
