package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// pairExplanation is why two records are one customer, or why they are not.
// Why says it in sentences, the weightiest first.
type pairExplanation struct {
	Left        party          `json:"left"`
	Right       party          `json:"right"`
	OneCustomer bool           `json:"one_customer"`
	Why         []string       `json:"why"`
	Agreements  []lineAgree    `json:"agreements"`
	Apart       []agree        `json:"apart"` // fields of match.differ
	Decision    *decided       `json:"decision,omitempty"`
	Reviews     []reviewReason `json:"reviews"`
	*weighed
	Unable string `json:"unable,omitempty"`
}

// lineAgree is a line of match.same on which two records agree.
type lineAgree struct {
	Line       string  `json:"line"`
	Agree      []agree `json:"agree"`
	Contradict []agree `json:"contradict,omitempty"` // confirm fields that speak against it
}

// decided is what a person said of two records.
type decided struct {
	Verdict string `json:"verdict"`
	Actor   string `json:"actor"`
	Reason  string `json:"reason,omitempty"`
	At      string `json:"at"`
}

func (e *env) explainPair(ctx context.Context, o *explainOptions) error {
	f, l, done, err := e.openFinder(ctx, o.source, o.asOf)
	if err != nil {
		return err
	}
	defer done()
	x := pairExplainer{whys: newWhys(l, numberingOf(f))}
	left, err := x.find(ctx, o.id)
	if err != nil {
		return err
	}
	right, err := x.find(ctx, o.other)
	if err != nil {
		return err
	}
	var ids []string
	for _, l := range slices.Concat(left, right) {
		ids = append(ids, l.Canonical)
	}
	if err := x.learn(ctx, nil, ids); err != nil {
		return err
	}
	out, err := x.explain(ctx, left, right)
	if err != nil {
		return err
	}
	return e.printPair(out)
}

// pairExplainer explains pairs of records.
type pairExplainer struct{ *whys }

// find is the link of a source ID, also written SOURCE:ID, or all that a
// canonical ID has.
func (x *pairExplainer) find(ctx context.Context, id string) ([]*crosswalk.Link, error) {
	links, err := x.snap.ByKeys(ctx, x.keysOf(id))
	if err != nil {
		return nil, err
	}
	if number := canonicalKey(id); len(links) == 0 && number != "" {
		if err := x.learn(ctx, nil, []string{number}); err != nil {
			return nil, err
		}
		var keys []crosswalk.SourceKey
		for _, l := range x.customers[x.current(number)] {
			keys = append(keys, l.ID())
		}
		if links, err = x.snap.ByKeys(ctx, keys); err != nil || len(links) > 0 {
			return pointers(links), err
		}
	}
	switch len(links) {
	case 0:
		return nil, fmt.Errorf("%s is not in the crosswalk, or is gone", id)
	case 1:
		return pointers(links), nil
	}
	var spellings []string
	for i := range links {
		spellings = append(spellings, x.names[links[i].Source]+":"+links[i].Verbatim)
	}
	return nil, usage("%s is an ID of several sources\n  hint: say which: %s", id, strings.Join(spellings, ", "))
}

func pointers(links []crosswalk.Link) []*crosswalk.Link {
	out := make([]*crosswalk.Link, len(links))
	for i := range links {
		out[i] = &links[i]
	}
	return out
}

// explain compares the two records that are most alike, where a canonical ID
// has several.
func (x *pairExplainer) explain(ctx context.Context, left, right []*crosswalk.Link) (*pairExplanation, error) {
	var best *pairExplanation
	var a, b *crosswalk.Link
	for _, l := range left {
		for _, r := range right {
			if l.ID() == r.ID() {
				continue
			}
			w, unable, err := x.weigh(ctx, l, r, x.snap.Head().Run)
			if err != nil {
				return nil, err
			}
			if best == nil || w != nil && (best.weighed == nil || w.Weight > best.Weight) {
				best = &pairExplanation{weighed: w, Unable: unable}
				a, b = l, r
			}
		}
	}
	if best == nil {
		return nil, usage("both are the same record")
	}
	best.Left, best.Right = *x.party(a), *x.party(b)
	best.OneCustomer = best.Left.CanonicalID != "" && best.Left.CanonicalID == best.Right.CanonicalID
	return best, x.reasons(ctx, best, a, b)
}

// reasons fills in what is recorded of two records and what the rules say.
func (x *pairExplainer) reasons(ctx context.Context, p *pairExplanation, a, b *crosswalk.Link) error {
	p.Agreements, p.Apart, p.Reviews = []lineAgree{}, []agree{}, []reviewReason{}
	var err error
	if p.Decision, err = x.decision(ctx, a, b); err != nil {
		return err
	}
	reviews, err := x.reviewsOf(ctx, []*crosswalk.Link{a})
	if err != nil {
		return err
	}
	for _, r := range reviews {
		if r.Left != b.ID() && r.Right != b.ID() {
			continue
		}
		reason, err := x.review(ctx, r)
		if err != nil {
			return err
		}
		p.Reviews = append(p.Reviews, reason)
	}
	if x.rules != nil {
		left, right := x.kept(a), x.kept(b)
		for _, l := range x.rules.Agreements(left, right) {
			p.Agreements = append(p.Agreements, lineAgree{l.Line, agreements(l.Agree), agreements(l.Contradict)})
		}
		p.Apart = append(p.Apart, agreements(x.rules.Apart(left, right))...)
	}
	p.Why = x.sentences(p, a, b)
	return nil
}

// sentences say why two records are one customer, or why not.
func (x *pairExplainer) sentences(p *pairExplanation, a, b *crosswalk.Link) []string {
	out := []string{} // an empty list in JSON
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if d := p.Decision; d != nil {
		say("%s", d.text())
	}
	if p.OneCustomer {
		for _, l := range []*crosswalk.Link{a, b} {
			say("%s %s: %s", x.names[l.Source], l.Verbatim, why(l.Rule))
		}
		if len(p.Agreements) == 0 && p.weighed != nil && p.Weight < 0 {
			say("these two alone are not alike; other records of the customer hold them together")
		}
		return out
	}
	if a.Kind != b.Kind {
		say("one is a %s and the other a %s: only equal kinds are compared", a.Kind, b.Kind)
	}
	for _, d := range p.Apart {
		say("%s differs, which match.differ takes for two customers", d.On)
	}
	for _, r := range p.Reviews {
		say("review %s waits for a person%s", r.Review, strings.Join(append([]string{""}, r.Doubts...), ": "))
	}
	if x.rules != nil && len(x.rules.MatchInput().Lines) > 0 && len(p.Agreements) == 0 {
		say("they agree on no line of match.same")
	}
	for _, l := range p.Agreements {
		if len(l.Contradict) > 0 {
			say("they agree by %s, but %s contradicts", l.Line, l.Contradict[0].On)
		} else {
			say("they agree by %s", l.Line)
		}
	}
	return append(out, x.weightSentence(p)...)
}

// weightSentence says what match.similar makes of a pair that is not one
// customer.
func (x *pairExplainer) weightSentence(p *pairExplanation) []string {
	if p.weighed == nil || x.rules == nil {
		return nil
	}
	limits, _, on := x.rules.Similar()
	if !on {
		return nil
	}
	probable := probableText(p.Probability)
	switch {
	case len(p.Evidence) == 1: // the prior
		return []string{"no field has a value in both, so nothing speaks for it"}
	case p.Weight < similar.Weight(limits.Review):
		return []string{fmt.Sprintf("not alike enough: %s probable, a review asks for %g", probable, limits.Review)}
	case p.Weight < similar.Weight(limits.Merge) && len(p.Reviews) == 0 && p.Decision == nil:
		return []string{fmt.Sprintf("alike, but not enough to join by itself: %s probable, joining asks for %g; no review: other records of the two are unlike, or other answers settle it", probable, limits.Merge)}
	case p.Weight < similar.Weight(limits.Merge):
		return []string{fmt.Sprintf("alike, but not enough to join by itself: %s probable, joining asks for %g", probable, limits.Merge)}
	case len(p.Reviews) > 0:
		return []string{fmt.Sprintf("alike enough to join: %s probable", probable)}
	}
	return []string{fmt.Sprintf("alike enough to join (%s probable), but kept apart: records of the two contradict each other, or what stands in them came later", probable)}
}

// probableText is a probability in three digits that never reads as certain.
func probableText(p float64) string {
	switch {
	case p < 0.001:
		return "less than 0.001"
	case p > 0.999:
		return "more than 0.999"
	}
	return report.Likely(p, 3)
}

func (e *env) printPair(x *pairExplanation) error {
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, x)
	case "csv":
		return gocsv.Marshal(x.rows(), e.stdout)
	}
	p := printer{w: e.stdout, s: e.style()}
	p.pair(x)
	return p.err
}

// evidenceRow is one reason for or against a match as a line of a table.
type evidenceRow struct {
	On     string `csv:"on"`
	Says   string `csv:"says"`
	Weight string `csv:"weight"`
	Left   string `csv:"left"`
	Right  string `csv:"right"`
}

func (x *pairExplanation) rows() []evidenceRow {
	rows := []evidenceRow{}
	add := func(on, says, weight, left, right string) {
		rows = append(rows, evidenceRow{on, report.Neutral(says), weight, report.Neutral(left), report.Neutral(right)})
	}
	for _, text := range x.Why {
		add("", text, "", "", "")
	}
	for _, l := range x.Agreements {
		for _, a := range l.Agree {
			add(a.On, l.Line, "", a.Left, a.Right)
		}
	}
	if x.weighed != nil {
		for _, v := range x.Evidence {
			add(v.On, v.Says, fmt.Sprintf("%.2f", v.Weight), v.Left, v.Right)
		}
	}
	return rows
}

func (p *printer) pair(x *pairExplanation) {
	what := p.s.Yellow("two customers")
	if x.OneCustomer {
		what = p.s.Green("one customer")
	}
	name := func(s *party) string { return report.Clean(strings.TrimSpace(s.text() + " " + s.CanonicalID)) }
	p.line(p.s.Bold(name(&x.Left)) + " and " + p.s.Bold(name(&x.Right)) + ": " + what)
	for _, text := range x.Why {
		p.line("  " + report.Clean(text))
	}
	for _, l := range x.Agreements {
		p.line("")
		p.line("  " + l.Line)
		p.agreements("    ", "=", l.Agree)
		p.agreements("    ", "≠", l.Contradict)
	}
	if len(x.Apart) > 0 {
		p.line("")
		p.line("  differ")
		p.agreements("    ", "≠", x.Apart)
	}
	p.line("")
	if x.weighed != nil {
		p.waterfall(x.weighed)
	} else {
		p.line("  " + x.Unable)
	}
}
