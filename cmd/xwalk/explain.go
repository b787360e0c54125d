package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

type explainOptions struct {
	id     string
	other  string // compare id with it; may be empty
	source string
	asOf   asOf
}

func explainCommand(e *env) *cli.Command {
	o := &explainOptions{}
	return &cli.Command{
		Name:      "explain",
		Usage:     "why this customer has this number",
		UsageText: "xwalk explain ID [ID] [--source NAME] [--as-of TIME|RUN]",
		Description: `ID is a source ID, a further number of a record, or a canonical ID, also a
retired one. For the customer behind it: which run issued the number, when, for
whom, and in which scheme; whether the rules have changed since (which changes no
number that was issued); why each of its source IDs belongs to it, and what
stands in them; what its records agree on, level by level where they were weighed;
why a person is asked about it; and the numbers that it had before. With two IDs:
why the two are one customer, or why not. Nothing but the crosswalk is opened,
and only for reading. The values that were compared are shown. What happened to
the ID, one event after the other, is told by xwalk history.

   xwalk explain C001
   xwalk explain CUST-00000010-54 --format json
   xwalk explain shop:7                    the shop's 7 only; also: --source shop
   xwalk explain C001 shop:7               why are these two one customer, or not?
   xwalk explain C001 --as-of 2026-01-31   why it had the number that it had that day

` + asOfHelp + `

Exit code 1: it was not found, or is gone.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "source", Usage: "only IDs of this source, or SOURCE.NUMBER", Destination: &o.source},
			o.asOf.flag(),
		},
		Action: func(c *cli.Context) error {
			if err := o.asOf.check(); err != nil {
				return err
			}
			if c.NArg() != 1 && c.NArg() != 2 {
				return usage("explain takes one ID, or two to compare: xwalk explain C001")
			}
			if o.id = c.Args().First(); c.NArg() == 2 {
				o.other = c.Args().Get(1)
				return e.explainPair(c.Context, o)
			}
			return e.explain(c.Context, o)
		},
	}
}

// explanation is why a customer has its number. Issued is nil where the ID has
// no number, and Before has the numbers that were merged into this one.
type explanation struct {
	Asked        string         `json:"asked"`
	CanonicalID  string         `json:"canonical_id"`
	Kind         string         `json:"kind"`
	Name         string         `json:"name"`
	Status       string         `json:"status"`
	ResolvedFrom string         `json:"resolved_from"`
	Review       string         `json:"review,omitempty"`
	Contested    bool           `json:"contested,omitempty"`
	Issued       *issue         `json:"issued"`
	Links        []linkReason   `json:"links"`
	Reviews      []reviewReason `json:"reviews,omitempty"` // open ones
	Before       []issue        `json:"before"`
}

// issue is how a canonical ID came about. Source and SourceID founded it, by
// Rule, which Why says in words. Scheme is empty for a number that was kept or
// imported, or whose run did not record it.
type issue struct {
	CanonicalID string `json:"canonical_id"`
	Scheme      string `json:"scheme"`
	SchemeNow   string `json:"scheme_now,omitempty"` // where the founder's source would be numbered otherwise today
	Source      string `json:"source"`
	SourceID    string `json:"source_id"`
	Rule        string `json:"rule"`
	Why         string `json:"why"`
	act
	Rules    string `json:"rules"`     // digest of the rules of that run
	RulesNow string `json:"rules_now"` // unchanged, changed, or unknown
	Merged   *act   `json:"merged,omitempty"`
}

// act is a run, as far as it answers for something.
type act struct {
	Run    int64  `json:"run"`
	Kind   string `json:"kind"`
	At     string `json:"at"`
	Actor  string `json:"actor"`
	Reason string `json:"reason,omitempty"`
}

// linkReason is why a source ID belongs to its customer, and since when. Its
// status is live, retired, contested or held, void when what linked it was
// undone, or moved when it belongs to another customer now. CanonicalID is the number that it was given, which may
// have been merged since. Asked marks the ID that was asked for.
type linkReason struct {
	Source      string      `json:"source"`
	SourceID    string      `json:"source_id"`
	CanonicalID string      `json:"canonical_id"`
	Status      string      `json:"status"`
	Asked       bool        `json:"asked,omitempty"`
	Rule        string      `json:"rule"`
	Why         string      `json:"why"`
	Since       act         `json:"since"`
	Retired     *act        `json:"retired,omitempty"`
	Undone      *act        `json:"undone,omitempty"` // status void: who undid what linked it
	Scheme      string      `json:"scheme,omitempty"` // that reads it
	Components  []component `json:"components,omitempty"`
	Because     *because    `json:"because,omitempty"` // where records were compared
	Published   *published  `json:"published,omitempty"`
}

// published is what was last written into the ID field of a source ID's own
// record, or is to be.
type published struct {
	CanonicalID string `json:"canonical_id"`
	State       string `json:"state"`
	act
}

// component is a part of a source ID and what is inside it.
type component struct {
	Name    string      `json:"name"`
	Text    string      `json:"text"`
	Details []component `json:"details,omitempty"`
}

func (e *env) explain(ctx context.Context, o *explainOptions) error {
	f, l, done, err := e.openFinder(ctx, o.source, o.asOf)
	if err != nil {
		return err
	}
	defer done()
	answers, err := l.byID(ctx, []string{o.id})
	if err != nil {
		return err
	}
	x := explainer{finder: l, rules: numberingOf(f), asked: o.id}
	explanations, err := x.explain(ctx, answers)
	if err != nil {
		return err
	}
	if err := e.printExplanations(explanations); err != nil {
		return err
	}
	if e.common.format == "text" && slices.ContainsFunc(answers, answer.unseen) {
		e.tell("hint: %s lists known numbers that are one slip away", e.command("lookup", o.id, "--near"))
	}
	return failIfLost(answers)
}

// explainer works explanations out of the history of an ID's customers.
type explainer struct {
	*finder
	rules *rules.Ruleset // nil where the configuration cannot be read without secrets
	asked string

	links, past []crosswalk.Link
	numbers     map[string]crosswalk.Number // what is noted about canonical IDs
	merged      []crosswalk.Number          // into one of the customers
	runs        map[int64]crosswalk.RunInfo
}

// explain makes one explanation for each customer that the answers name, and
// one for each source ID without a customer.
func (x *explainer) explain(ctx context.Context, answers []answer) ([]explanation, error) {
	var out []explanation
	var customers []string
	for _, a := range answers {
		if a.CanonicalID != "" && slices.Contains(customers, a.CanonicalID) {
			continue
		}
		if a.CanonicalID != "" {
			customers = append(customers, a.CanonicalID)
		}
		out = append(out, explanation{
			Asked: a.Asked, CanonicalID: a.CanonicalID, Kind: a.Kind, Name: a.Name, Status: a.Status,
			ResolvedFrom: a.ResolvedFrom, Review: a.Review, Contested: a.Contested,
			Links: []linkReason{}, Before: []issue{},
		})
	}
	if err := x.read(ctx, customers); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].CanonicalID == "" {
			continue
		}
		if err := x.fill(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, x.withoutNumber(ctx, out, answers)
}

// read fetches everything that there is to know of some customers, with a few
// queries in all.
func (x *explainer) read(ctx context.Context, customers []string) error {
	var err error
	if x.merged, err = x.snap.MergedInto(ctx, customers); err != nil {
		return err
	}
	all := slices.Clone(customers)
	for _, n := range x.merged {
		all = append(all, n.Canonical)
	}
	noted, err := x.snap.NumbersOf(ctx, all)
	if err != nil {
		return err
	}
	x.numbers = map[string]crosswalk.Number{}
	for _, n := range noted {
		x.numbers[n.Canonical] = n
	}
	if x.links, x.past, err = x.snap.History(ctx, all); err != nil {
		return err
	}
	return x.readRuns(ctx)
}

func (x *explainer) readRuns(ctx context.Context) error {
	var numbers []int64
	for _, links := range [...][]crosswalk.Link{x.links, x.past} {
		for i := range links {
			numbers = append(numbers, links[i].SinceRun, links[i].FromRun)
		}
	}
	for _, n := range x.numbers {
		numbers = append(numbers, n.FromRun)
	}
	runs, err := x.snap.RunsOf(ctx, numbers)
	if err != nil {
		return err
	}
	x.runs = map[int64]crosswalk.RunInfo{}
	for _, r := range runs {
		x.runs[r.Run] = r
	}
	return nil
}

// fill explains the number of a customer.
func (x *explainer) fill(ctx context.Context, e *explanation) error {
	e.Issued = x.issueOf(e.CanonicalID)
	mine := map[string]bool{e.CanonicalID: true}
	for _, n := range x.merged {
		if n.Survivor != e.CanonicalID {
			continue
		}
		mine[n.Canonical] = true
		if before := x.issueOf(n.Canonical); before != nil {
			merged := x.act(n.FromRun)
			before.Merged = &merged
			e.Before = append(e.Before, *before)
		}
	}
	var live []*crosswalk.Link
	seen := map[crosswalk.SourceKey]bool{}
	for i := range x.links {
		if l := &x.links[i]; mine[l.Canonical] {
			seen[l.ID()] = true
			e.Links = append(e.Links, x.reason(l, l.State.String()))
			live = append(live, l)
		}
	}
	for i := range x.past {
		if l := &x.past[i]; mine[l.Canonical] && !seen[l.ID()] {
			seen[l.ID()] = true
			e.Links = append(e.Links, x.reason(l, "moved"))
		}
	}
	if err := x.published(ctx, e, live); err != nil {
		return err
	}
	return x.compared(ctx, e, live)
}

// published adds what the source IDs of links, the first ones of e, had
// published of them.
func (x *explainer) published(ctx context.Context, e *explanation, links []*crosswalk.Link) error {
	keys := make([]crosswalk.SourceKey, len(links))
	var runs []int64
	for i, l := range links {
		keys[i] = l.ID()
	}
	entries, err := x.snap.PublicationsOfKeys(ctx, keys)
	if err != nil || len(entries) == 0 {
		return err
	}
	for i := range entries {
		runs = append(runs, entries[i].Run)
	}
	infos, err := x.snap.RunsOf(ctx, runs)
	if err != nil {
		return err
	}
	for _, r := range infos {
		x.runs[r.Run] = r
	}
	for _, p := range entries { // the last one of each stays
		if i := slices.Index(keys, p.ID()); p.State.InForce() && p.Canonical != "" {
			e.Links[i].Published = &published{p.Canonical, p.State.String(), x.act(p.Run)}
		} else if p.State.InForce() {
			e.Links[i].Published = nil // it was put back
		}
	}
	return nil
}

// versions yields the versions of links that had a canonical ID, the oldest
// first within each source ID.
func (x *explainer) versions(canonical string, yield func(*crosswalk.Link)) {
	for _, links := range [...][]crosswalk.Link{x.past, x.links} {
		for i := range links {
			if links[i].Canonical == canonical {
				yield(&links[i])
			}
		}
	}
}

// issueOf is how a canonical ID came about: the first run that gave it, and
// among the source IDs that got it then the one that founded the customer.
func (x *explainer) issueOf(canonical string) *issue {
	var first *crosswalk.Link
	x.versions(canonical, func(l *crosswalk.Link) {
		switch {
		case first == nil || l.SinceRun < first.SinceRun:
			first = l
		case l.SinceRun == first.SinceRun && founds(l.Rule) && !founds(first.Rule):
			first = l
		}
	})
	if first == nil {
		n, ok := x.numbers[canonical]
		if !ok {
			return nil
		}
		return &issue{CanonicalID: canonical, act: x.act(n.FromRun), Rules: x.runs[n.FromRun].Rules, RulesNow: x.rulesNow(n.FromRun)}
	}
	i := &issue{
		CanonicalID: canonical, Source: x.names[first.Source], SourceID: first.Verbatim, Rule: first.Rule, Why: why(first.Rule),
		act: x.act(first.SinceRun), Rules: x.runs[first.SinceRun].Rules, RulesNow: x.rulesNow(first.SinceRun),
	}
	if first.Rule == "new" {
		i.Scheme = x.runs[first.SinceRun].Schemes[first.Source]
		if now := x.schemeNow(i.Source); i.Scheme != "" && now != i.Scheme {
			i.SchemeNow = now
		}
	}
	return i
}

// rulesNow says whether the rules of a run are those of the configuration.
func (x *explainer) rulesNow(run int64) string {
	r, ok := x.runs[run]
	switch {
	case x.rules == nil || !ok:
		return "unknown"
	case r.Rules == x.rules.Digest():
		return "unchanged"
	}
	return "changed"
}

// schemeNow is the scheme in which a source's founders are numbered today.
func (x *explainer) schemeNow(source string) string {
	if x.rules == nil {
		return ""
	}
	if i := slices.Index(x.rules.Sources(), source); i >= 0 {
		return x.rules.Canonical(i).String()
	}
	return ""
}

func (x *explainer) act(run int64) act {
	r := x.runs[run]
	a := act{Run: run, Kind: r.Kind, Actor: r.Actor, Reason: r.Reason}
	if !r.Started.IsZero() {
		a.At = stamp(r.Started)
	}
	return a
}

// reason says why a link's source ID belongs to its customer: by the rule of
// the run that linked it, whatever became of the link later.
func (x *explainer) reason(l *crosswalk.Link, status string) linkReason {
	rule := l.Rule
	for i := range x.past {
		if p := &x.past[i]; p.ID() == l.ID() && p.Canonical == l.Canonical {
			rule = p.Rule
			break
		}
	}
	r := linkReason{
		Source: x.names[l.Source], SourceID: l.Verbatim, CanonicalID: l.Canonical, Status: status, Rule: rule, Why: why(rule), Since: x.act(l.SinceRun),
		Asked: slices.Contains(x.keysOf(x.asked), l.ID()),
	}
	if rule == rules.MergedIntoRule {
		r.Why = mergedWhy(l)
	}
	if olds, adopted := plan.AdoptedFrom(l); adopted {
		r.Why = "came in place of " + strings.Join(olds, ", ") + " when its source was rewritten"
	}
	if l.State == crosswalk.Retired {
		retired := x.act(l.FromRun)
		r.Retired = &retired
	}
	if l.State == crosswalk.Void {
		undone := x.act(l.FromRun)
		r.Undone = &undone
	}
	if x.rules != nil {
		r.Scheme, r.Components = x.components(r.Source, l)
	}
	return r
}

// mergedWhy says which of two records that their source merged a link is of,
// where the crosswalk keeps what the record said.
func mergedWhy(l *crosswalk.Link) string {
	fields, err := rules.DecodeFields(l.Fields)
	switch into := fields["merged_into"]; {
	case err != nil || fields == nil:
		return why(rules.MergedIntoRule)
	case len(into) > 0:
		return "the source merged it into " + strings.Join(into, "|")
	}
	return "the source merged another record into it"
}

// withoutNumber explains the source IDs among the answers that have no
// number: two customers hold it, or a person has to decide.
func (x *explainer) withoutNumber(ctx context.Context, out []explanation, answers []answer) error {
	if !slices.ContainsFunc(answers, func(a answer) bool { return a.Source != "" && a.CanonicalID == "" }) {
		return nil
	}
	links, err := x.snap.ByKeys(ctx, x.keysOf(x.asked))
	if err != nil {
		return err
	}
	links = slices.DeleteFunc(links, func(l crosswalk.Link) bool { return l.Canonical != "" || saysNothing(l) })
	x.links, x.past = links, nil
	if err := x.readRuns(ctx); err != nil {
		return err
	}
	next := 0 // the answers about source IDs are in the order of the links
	for i := range out {
		if out[i].CanonicalID == "" && next < len(links) {
			l := &links[next]
			out[i].Links = append(out[i].Links, x.reason(l, l.State.String()))
			if out[i].Reviews, err = x.reviewReasons(ctx, newWhys(x.finder, x.rules), []*crosswalk.Link{l}); err != nil {
				return err
			}
			next++
		}
	}
	return nil
}

// founds says that a source ID with this rule founds a customer.
func founds(rule string) bool { return rule == "new" || rule == "as: keep" }

// why is the rule of a link in words.
func why(rule string) string {
	if line, ok := strings.CutPrefix(rule, "same: "); ok {
		return "agrees on " + strings.ReplaceAll(line, " + ", " and ")
	}
	switch rule {
	case rules.SimilarRule:
		return "is alike"
	case rules.DecidedRule:
		return "a person said that it is the same"
	case "new":
		return "founded the customer"
	case "as: keep":
		return "founded the customer, which keeps its number"
	case "import":
		return "taken over from a list"
	case "also":
		return "a further number of a record"
	case "canonical_id":
		return "its record carried the number"
	case rules.MergedIntoRule:
		return "its source merged the two"
	case "restored":
		return "its record came back"
	case "policy.vanished":
		return "its record is gone"
	case "policy.reviews":
		return "waits for a decision"
	case "split":
		return "a steward took it out of another customer"
	case "rewrite":
		return "came in place of another ID when its source was rewritten"
	case "retire":
		return "a steward retired it"
	case "restore":
		return "a steward restored it, although its record was gone"
	}
	return fmt.Sprintf("by the rule %q", rule)
}
