package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

// actOptions are the flags of a steward's acts.
type actOptions struct {
	writeOptions
	dryRun bool
}

func (o *actOptions) flags() []cli.Flag {
	return slices.Concat(
		slices.DeleteFunc(o.writeOptions.flags(), func(f cli.Flag) bool { return f.Names()[0] == "changes" }),
		[]cli.Flag{&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "show what it would do, without doing it", Destination: &o.dryRun}},
	)
}

// check asks for a reason: a steward answers for what no rule decided.
func (o *actOptions) check(verb string) error {
	if o.reason == "" && !o.dryRun {
		return usage("say why: xwalk %s … --reason WHY\n  hint: --dry-run shows first what it would do, without a reason", verb)
	}
	return o.writeOptions.check()
}

// actPlan plans one act: it finds what the command line means in the crosswalk as it
// is, and plans.
type actPlan func(ctx context.Context, l *finder, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error)

// steward carries an act out, or shows what it would do. It opens the
// crosswalk and the rules, and no source. done is the verb in the past tense.
func (e *env) steward(ctx context.Context, o *actOptions, verb, done string, issues bool, a actPlan) error {
	actor := e.actor()
	if actor == "" {
		return usage("xwalk %s needs somebody who answers for it: --actor NAME", verb)
	}
	f, err := e.load()
	if err != nil {
		return err
	}
	compile := f.Numbering
	if issues {
		compile = f.Issuing
	}
	rs, err := compile()
	if err != nil {
		return err
	}
	environment, err := f.Environment()
	if err != nil {
		return err
	}
	work := func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
		if err := ofEnvironment(snap, environment); err != nil {
			return nil, err
		}
		l, err := newFinder(ctx, snap, "")
		if err != nil {
			return nil, err
		}
		return a(ctx, l, rs, plan.Options{Policy: f.Policy, Environment: environment, Actor: actor, Reason: o.reason})
	}
	// What is refused shows here, before the crosswalk is locked or made.
	p, err := e.tryAct(ctx, f, work)
	var nothing *plan.NothingError
	if errors.As(err, &nothing) {
		return e.printAct(p, &report.Run{Title: title(titled(verb), f)}, "Nothing to do: "+nothing.Why+".")
	}
	if err != nil {
		return err
	}
	if o.dryRun {
		return e.printAct(p, &report.Run{Title: title(titled(verb)+", not carried out", f)}, "Nothing was written; the same with --reason WHY in the place of --dry-run does it.")
	}
	p, res, err := e.carryOutAct(ctx, f, rs, o, work)
	if err != nil {
		return err
	}
	next := e.command("undo", fmt.Sprint(res.Run)) + " takes it back."
	return e.printAct(p, &report.Run{Title: title(fmt.Sprintf("%s as run %d", done, res.Run), f), Number: res.Run, Serial: res.Serial, Applied: true, Resumed: res.Resumed}, next)
}

// titled is a verb as a title begins.
func titled(verb string) string { return strings.ToUpper(verb[:1]) + verb[1:] }

// tryAct plans an act on the crosswalk as it is.
func (e *env) tryAct(ctx context.Context, f *config.File, work func(context.Context, *crosswalk.Snapshot) (*plan.Plan, error)) (*plan.Plan, error) {
	snap, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return nil, err
	}
	defer done()
	return work(ctx, snap)
}

func (e *env) carryOutAct(ctx context.Context, f *config.File, rs *rules.Ruleset, o *actOptions, work func(context.Context, *crosswalk.Snapshot) (*plan.Plan, error)) (*plan.Plan, migrate.Result, error) {
	store, err := e.openStore(ctx, f)
	if err != nil {
		return nil, migrate.Result{}, err
	}
	var once sync.Once
	p, res, err := migrate.Run(ctx, store, migrate.Options{
		Actor: e.actor(), Reason: o.reason, Rules: rs.Digest(), Wait: o.wait,
		Waiting: func(l *crosswalk.LockedError) {
			once.Do(func() { e.tell("waiting for %s, which is writing (%s)", l.Holder, l.Kind) })
		},
	}, work)
	return p, res, closing(err, store)
}

// printAct prints the report of an act; head says what the plan does not.
func (e *env) printAct(p *plan.Plan, head *report.Run, next string) error {
	r := reportOf(p)
	r.Act, r.Title, r.Number, r.Applied, r.Resumed, r.Next = true, head.Title, head.Number, head.Applied, head.Resumed, []string{next}
	if head.Applied {
		r.Serial = head.Serial
	}
	return e.printRun(r, true)
}

// customerOf finds the customer that an ID of the command line means: its
// canonical ID.
func (l *finder) customerOf(ctx context.Context, id string) (string, error) {
	answers, err := l.byID(ctx, []string{id})
	if err != nil {
		return "", err
	}
	var numbers, candidates []string
	for _, a := range answers {
		if a.CanonicalID == "" {
			continue
		}
		if !slices.Contains(numbers, a.CanonicalID) {
			numbers = append(numbers, a.CanonicalID)
		}
		candidates = append(candidates, candidate(a.Source, a.SourceID, a.CanonicalID))
	}
	switch len(numbers) {
	case 0:
		return "", lost(answers[0])
	case 1:
		return numbers[0], nil
	}
	return "", ambiguous(id, candidates)
}

// targetOf finds what an ID of the command line means: a customer, where it is
// a canonical ID, or else one link.
func (l *finder) targetOf(ctx context.Context, id string) (plan.Target, error) {
	links, err := l.snap.ByKeys(ctx, l.keysOf(id))
	if err != nil {
		return plan.Target{}, err
	}
	number := canonicalKey(id)
	if number != "" {
		known, err := l.snap.Known(ctx, number)
		if err != nil {
			return plan.Target{}, err
		}
		if !known {
			number = ""
		}
	}
	if number == "" && len(links) == 1 {
		return plan.Target{Link: links[0].ID()}, nil
	}
	var mentioned []string
	if number != "" {
		mentioned = []string{number}
	}
	if err := l.learn(ctx, links, mentioned); err != nil {
		return plan.Target{}, err
	}
	var candidates []string
	for i := range links {
		if k := &links[i]; number == "" || l.current(k.Canonical) != l.current(number) {
			candidates = append(candidates, candidate(l.names[k.Source], k.Verbatim, l.current(k.Canonical)))
		}
	}
	switch {
	case number != "" && len(candidates) == 0: // a number that stayed canonical is the customer's
		return plan.Target{Number: number}, nil
	case number != "":
		return plan.Target{}, ambiguous(id, append(candidates, "the canonical ID "+number))
	case len(candidates) == 0:
		return plan.Target{}, l.noTarget(ctx, id)
	}
	return plan.Target{}, ambiguous(id, candidates)
}

// noTarget is the error of an ID that means no link and no customer.
func (l *finder) noTarget(ctx context.Context, id string) error {
	answers, err := l.byID(ctx, []string{id})
	if err != nil {
		return err
	}
	if erased, err := l.wasErased(ctx, answers); err != nil || erased {
		return cmp.Or(err, fmt.Errorf("%s was erased, and what was erased is nowhere any more\n  hint: xwalk history %s says when, by whom and why", id, id))
	}
	return lost(answer{Asked: id})
}

func candidate(source, id, number string) string {
	text := source + ":" + id
	if number != "" && number != id {
		text += " → " + number
	}
	return strings.TrimPrefix(text, ":")
}

// lost is the error of an ID that means no customer.
func lost(a answer) error {
	switch {
	case a.Review != "":
		return fmt.Errorf("%s has no number yet, it %s\n  hint: xwalk review list shows what is to be decided", a.Asked, waiting(a.Review))
	case a.Contested:
		return fmt.Errorf("two customers hold %s, so it means neither\n  hint: name another number of the customer", a.Asked)
	}
	return fmt.Errorf("%s was not found\n  hint: xwalk lookup %s --near lists known numbers that are one slip away", a.Asked, a.Asked)
}

// ambiguous refuses an ID that means several things.
func ambiguous(id string, candidates []string) error {
	slices.Sort(candidates)
	return usage("%s is ambiguous: %s\n  hint: name its source, such as SOURCE:%s, or the canonical ID", id, strings.Join(slices.Compact(candidates), ", "), id)
}

// linkKeys reads the source IDs of --links: SOURCE:ID. A comma inside of an ID
// is none that separates two, since no source's name follows.
func (l *finder) linkKeys(items []string) ([]crosswalk.SourceKey, error) {
	var texts []string
	for _, item := range items {
		if _, _, ok := l.spaceOf(item); !ok && len(texts) > 0 {
			texts[len(texts)-1] += "," + item
		} else {
			texts = append(texts, item)
		}
	}
	var keys []crosswalk.SourceKey
	for _, text := range texts {
		s, id, ok := l.spaceOf(text)
		if !ok {
			var names []string
			for _, s := range l.spaces {
				names = append(names, l.names[s.no])
			}
			return nil, usage("--links %s: expected SOURCE:ID\n  hint: sources are %s", text, strings.Join(names, ", "))
		}
		key, err := s.keys.Key(id)
		if err != nil {
			return nil, usage("--links %s: the ID %s", text, err)
		}
		keys = append(keys, crosswalk.SourceKey{Source: s.no, Key: key})
	}
	return keys, nil
}

// spaceOf cuts SOURCE:ID.
func (l *finder) spaceOf(text string) (s space, id string, ok bool) {
	name, id, _ := strings.Cut(strings.TrimSpace(text), ":")
	k := slices.IndexFunc(l.spaces, func(s space) bool { return l.names[s.no] == name })
	if k < 0 {
		return space{}, "", false
	}
	return l.spaces[k], id, true
}
