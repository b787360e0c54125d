package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// because is what makes a record one customer with another: what a person
// said, the values that agree on a line of match.same, or how the two were
// weighed.
type because struct {
	With     *party   `json:"with,omitempty"` // nil: nobody is left to compare with
	Decision *decided `json:"decision,omitempty"`
	Line     string   `json:"line,omitempty"` // of match.same
	Agree    []agree  `json:"agree,omitempty"`
	*weighed
	Unable string `json:"unable,omitempty"` // why there is no more to show
}

// party is one of two records that are compared.
type party struct {
	Source      string `json:"source"`
	SourceID    string `json:"source_id"`
	CanonicalID string `json:"canonical_id,omitempty"`
}

// agree is a field in which two records agree.
type agree struct {
	On    string `json:"on"`
	Left  string `json:"left"`
	Right string `json:"right"`
}

// weighed is a comparison by match.similar. Evidence starts with the prior;
// the sum of its weights is Weight, in bits.
type weighed struct {
	Model       string             `json:"model"`
	Prior       float64            `json:"prior"`
	Weight      float64            `json:"weight"`
	Probability float64            `json:"probability"`
	Evidence    []mapping.Evidence `json:"evidence"`
}

// reviewReason is why a person has to decide about a record.
type reviewReason struct {
	Review string   `json:"review"`
	Rule   string   `json:"rule,omitempty"` // what proposed the match
	Doubts []string `json:"doubts,omitempty"`
	Score  float64  `json:"score"`
	Left   party    `json:"left"`
	Right  party    `json:"right"`
	Since  act      `json:"since"`
	*weighed
}

// whys tells why records are one customer, from what the crosswalk kept of
// them.
type whys struct {
	*finder
	rules  *rules.Ruleset           // nil where the configuration cannot be read without secrets
	models map[int64]*similar.Model // by run
	// decisions are those in force; nil: not read yet.
	decisions map[[2]crosswalk.NamedKey]crosswalk.Decision
}

func newWhys(f *finder, rs *rules.Ruleset) *whys {
	return &whys{finder: f, rules: rs, models: map[int64]*similar.Model{}}
}

// Sentences for what cannot be shown.
const (
	unableRules  = "the configuration cannot be read, so nothing can be said of the values"
	unableFields = "the crosswalk keeps no fields of these records (privacy.keep), so there is nothing to compare"
	unableOff    = "match.similar is not in the configuration, so the two are not weighed"
	unableModel  = "the crosswalk holds no model of that run"
	unableMoved  = "none of the customer's other records agrees any more: what stood in them has changed"
)

// mostCompared is how many records of one customer are compared with each
// other; of more, the first ones.
const mostCompared = 40

// tree says how a customer's records hang together: what joins each to one of
// those before it, the strongest tie first. The first founds the customer and
// has nothing; nor have records whose rule compares nothing, such as those
// that carried the customer's number. ruleOf is by link.
func (w *whys) tree(ctx context.Context, links []*crosswalk.Link, ruleOf []string) ([]*because, error) {
	out := make([]*because, len(links))
	var in, waiting []int
	for i := range links {
		switch {
		case i >= mostCompared || ruleOf[i] == "also":
		case i > 0 && (compares(ruleOf[i]) || founds(ruleOf[i])): // a founder that was merged has a reason too
			waiting = append(waiting, i)
		default:
			in = append(in, i)
		}
	}
	for len(waiting) > 0 {
		best, at := (*because)(nil), 0
		for k, i := range waiting {
			b, err := w.tie(ctx, links, ruleOf[i], i, in)
			if err != nil {
				return nil, err
			}
			if best == nil || b.stronger(best) {
				best, at = b, k
			}
		}
		i := waiting[at]
		out[i] = best
		in, waiting = append(in, i), slices.Delete(waiting, at, at+1)
	}
	return out, nil
}

// compares reports whether links with a rule were joined by looking at values,
// or by a person who did.
func compares(rule string) bool {
	_, _, exact := rules.LineFields(rule)
	return exact || rule == rules.SimilarRule || rule == rules.DecidedRule
}

// stronger puts what a person said before what agrees, and that before what is
// only alike.
func (b *because) stronger(other *because) bool {
	if r, o := b.rank(), other.rank(); r != o {
		return r > o
	}
	return b.weighed != nil && other.weighed != nil && b.Weight > other.Weight
}

func (b *because) rank() int {
	switch {
	case b.Decision != nil:
		return 3
	case len(b.Agree) > 0:
		return 2
	case b.weighed != nil:
		return 1
	}
	return 0
}

// tie is the strongest tie between a link and those that hang together.
func (w *whys) tie(ctx context.Context, links []*crosswalk.Link, rule string, i int, in []int) (*because, error) {
	best := &because{Unable: unableMoved}
	for _, k := range in {
		b, err := w.between(ctx, links[i], links[k], rule)
		if err != nil {
			return nil, err
		}
		if b.stronger(best) || best.rank() == 0 && b.Unable != "" {
			best = b
		}
	}
	return best, nil
}

// between is what joins a link that came about by a rule to another.
func (w *whys) between(ctx context.Context, l, o *crosswalk.Link, rule string) (*because, error) {
	d, err := w.decision(ctx, l, o)
	if err != nil {
		return nil, err
	}
	if d != nil && d.Verdict == crosswalk.Same.String() {
		return &because{With: w.party(o), Decision: d}, nil
	}
	switch {
	case w.rules == nil:
		return &because{Unable: unableRules}, nil
	case len(l.Fields) == 0 || len(o.Fields) == 0:
		return &because{Unable: unableFields}, nil
	}
	if fields, confirm, exact := rules.LineFields(rule); exact {
		if agreed, ok := w.rules.AgreeOn(fields, w.kept(l), w.kept(o)); ok {
			for _, role := range confirm {
				confirmed, _ := w.rules.AgreeOn([]string{role}, w.kept(l), w.kept(o))
				agreed = append(agreed, confirmed...)
			}
			return &because{With: w.party(o), Line: rule, Agree: agreements(agreed)}, nil
		}
	}
	for _, a := range w.rules.Agreements(w.kept(l), w.kept(o)) {
		if len(a.Contradict) == 0 {
			return &because{With: w.party(o), Line: a.Line, Agree: agreements(a.Agree)}, nil
		}
	}
	x, unable, err := w.weigh(ctx, l, o, max(l.SinceRun, o.SinceRun))
	if err != nil || x == nil {
		return &because{Unable: unable}, err
	}
	return &because{With: w.party(o), weighed: x}, nil
}

// decision is what a person said of two records, nil where nobody did.
func (w *whys) decision(ctx context.Context, a, b *crosswalk.Link) (*decided, error) {
	if w.decisions == nil {
		list, err := w.snap.Decisions(ctx)
		if err != nil {
			return nil, err
		}
		w.decisions = map[[2]crosswalk.NamedKey]crosswalk.Decision{}
		for _, d := range list {
			w.decisions[[2]crosswalk.NamedKey{d.Left, d.Right}] = d
		}
	}
	one, two := crosswalk.NamedKey{Source: w.names[a.Source], Key: a.Key}, crosswalk.NamedKey{Source: w.names[b.Source], Key: b.Key}
	d, ok := w.decisions[[2]crosswalk.NamedKey{one, two}]
	if !ok {
		d, ok = w.decisions[[2]crosswalk.NamedKey{two, one}]
	}
	if !ok {
		return nil, nil
	}
	return &decided{Verdict: d.Verdict.String(), Actor: d.Actor, Reason: d.Reason, At: stamp(d.Decided)}, nil
}

// weigh compares two records by the model of a run, or says why it cannot.
func (w *whys) weigh(ctx context.Context, a, b *crosswalk.Link, run int64) (x *weighed, unable string, err error) {
	switch {
	case w.rules == nil:
		return nil, unableRules, nil
	case len(w.rules.TraitRoles()) == 0:
		return nil, unableOff, nil
	case len(a.Fields) == 0 || len(b.Fields) == 0:
		return nil, unableFields, nil
	}
	m, err := w.model(ctx, run)
	if err != nil || m == nil {
		return nil, unableModel, err
	}
	left := w.rules.TraitsOf(nil, w.names[a.Source], fieldsOf(a))
	right := w.rules.TraitsOf(nil, w.names[b.Source], fieldsOf(b))
	e := m.Explain(w.rules.TraitRoles(), similar.Kind(a.Kind), left, right)
	return &weighed{
		Model: m.Version(), Prior: e.Prior, Weight: e.Weight, Probability: similar.Probability(e.Weight), Evidence: plan.WeightEvidence(e),
	}, "", nil
}

// model is the one that was in force after a run; nil where there was none.
func (w *whys) model(ctx context.Context, run int64) (*similar.Model, error) {
	if m, known := w.models[run]; known {
		return m, nil
	}
	content, err := w.snap.ModelOf(ctx, run)
	if err != nil {
		return nil, err
	}
	var m *similar.Model
	if len(content) > 0 {
		if m, err = similar.Read(content); err != nil {
			return nil, err
		}
	}
	w.models[run] = m
	return m, nil
}

func (w *whys) kept(l *crosswalk.Link) rules.Kept {
	return rules.Kept{Source: w.names[l.Source], Key: l.Key, Kind: rules.Kind(l.Kind), Fields: fieldsOf(l)}
}

func (w *whys) party(l *crosswalk.Link) *party {
	return &party{Source: w.names[l.Source], SourceID: l.Verbatim, CanonicalID: w.current(l.Canonical)}
}

func agreements(list []rules.Agreement) []agree {
	out := make([]agree, len(list))
	for i, a := range list {
		out[i] = agree{On: a.Role, Left: a.Left, Right: a.Right}
	}
	return out
}

// reviews are the open reviews that some links are in.
func (w *whys) reviewsOf(ctx context.Context, links []*crosswalk.Link) ([]crosswalk.Review, error) {
	all, err := w.snap.Reviews(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r crosswalk.Review) bool {
		return !slices.ContainsFunc(links, func(l *crosswalk.Link) bool { return l.ID() == r.Left || l.ID() == r.Right })
	}), nil
}

// review tells why a review was raised, as the run that raised it saw it.
func (w *whys) review(ctx context.Context, r crosswalk.Review) (reviewReason, error) {
	out := reviewReason{Review: r.ID, Score: r.Score, Since: act{Run: r.FromRun}}
	var x weighed
	for _, e := range mapping.DecodeEvidence(r.Evidence) {
		switch {
		case e.On == mapping.OnRule:
			out.Rule = e.Says
		case e.On == "" && e.Weight == 0:
			out.Doubts = append(out.Doubts, e.Says)
		default:
			if e.On == onPrior {
				x.Prior = e.Weight
			}
			x.Weight += e.Weight
			x.Evidence = append(x.Evidence, e)
		}
	}
	links, err := w.snap.ByKeys(ctx, []crosswalk.SourceKey{r.Left, r.Right})
	if err != nil {
		return out, err
	}
	side := func(k crosswalk.SourceKey) party {
		if i := slices.IndexFunc(links, func(l crosswalk.Link) bool { return l.ID() == k }); i >= 0 {
			return *w.party(&links[i])
		}
		return party{Source: w.names[k.Source], SourceID: k.Key}
	}
	out.Left, out.Right = side(r.Left), side(r.Right)
	if len(x.Evidence) > 0 {
		x.Probability = similar.Probability(x.Weight)
		m, err := w.model(ctx, r.FromRun)
		if err != nil {
			return out, err
		}
		if m != nil {
			x.Model = m.Version()
		}
		out.weighed = &x
	}
	return out, nil
}

// onPrior marks the evidence of what is known before anything is compared.
const onPrior = "prior"

// compared says what holds the live links of a customer together, and which
// reviews ask about them. The first links of e are those given.
func (x *explainer) compared(ctx context.Context, e *explanation, links []*crosswalk.Link) error {
	w := newWhys(x.finder, x.rules)
	var live []*crosswalk.Link
	var at []int // places in e.Links, the founder's first
	for i, l := range links {
		if _, adopted := plan.AdoptedFrom(l); l.State == crosswalk.Live && !adopted {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(i, k int) int { return cmp.Compare(links[i].SinceRun, links[k].SinceRun) })
	if i := slices.IndexFunc(at, func(i int) bool { return founds(e.Links[i].Rule) }); i > 0 {
		at[0], at[i] = at[i], at[0]
	}
	var ruleOf []string
	for _, i := range at {
		live = append(live, links[i])
		ruleOf = append(ruleOf, e.Links[i].Rule)
	}
	ties, err := w.tree(ctx, live, ruleOf)
	if err != nil {
		return err
	}
	for k, i := range at {
		e.Links[i].Because = ties[k]
	}
	e.Reviews, err = x.reviewReasons(ctx, w, links)
	return err
}

func (x *explainer) reviewReasons(ctx context.Context, w *whys, links []*crosswalk.Link) ([]reviewReason, error) {
	reviews, err := w.reviewsOf(ctx, links)
	if err != nil || len(reviews) == 0 {
		return nil, err
	}
	var runs []int64
	for _, r := range reviews {
		runs = append(runs, r.FromRun)
	}
	infos, err := x.snap.RunsOf(ctx, runs)
	if err != nil {
		return nil, err
	}
	for _, r := range infos {
		x.runs[r.Run] = r
	}
	var out []reviewReason
	for _, r := range reviews {
		reason, err := w.review(ctx, r)
		if err != nil {
			return nil, err
		}
		reason.Since = x.act(r.FromRun)
		out = append(out, reason)
	}
	return out, nil
}
