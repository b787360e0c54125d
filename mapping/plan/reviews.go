package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
)

// addReviews writes down what people must decide, keyed by source IDs: the
// matcher's doubts, records that strayed from their customers, and pairs of
// which a person took the verdict back. It closes reviews that are answered,
// and those of records that were held and now have a number.
func (b *builder) addReviews(ctx context.Context, res match.Result, sc *scored) error {
	apart := b.apart()
	reopened, err := b.reopened(ctx, apart, sc)
	if err != nil {
		return err
	}
	open, raised := map[string]bool{}, map[string]bool{}
	for _, r := range b.openReviews {
		open[r.ID] = true
	}
	raise := func(v Review) {
		raised[v.ID] = true
		if !open[v.ID] && b.decided.verdict(v.Left.key(), v.Right.key()) == crosswalk.Withdrawn {
			open[v.ID] = true
			b.plan.Reviews = append(b.plan.Reviews, v)
		}
	}
	for _, r := range res.Reviews {
		if b.status[r.A] != dead && b.status[r.B] != dead && !b.shareNumber(r.A, r.B) { // else no number could be made for it
			raise(b.doubtReview(r, sc))
		}
	}
	for _, r := range b.strays {
		raise(b.strayReview(r, sc))
	}
	for _, v := range b.toldReviews(apart, sc) {
		raise(v)
	}
	again := map[string]bool{}
	for _, v := range reopened {
		again[v.ID] = true
		raise(v)
	}
	return b.closeReviews(ctx, apart, again, raised)
}

// closeReviews closes the open reviews that need no answer any more. again
// tells those that wait for another verdict than the one that was taken back,
// raised those that were found in doubt in this run.
func (b *builder) closeReviews(ctx context.Context, apart map[[2]string]bool, again, raised map[string]bool) error {
	numbers, err := b.reviewedNumbers(ctx)
	if err != nil {
		return err
	}
	released := map[crosswalk.SourceKey]bool{}
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			if b.status[n] == held && b.number[n] != 0 {
				released[crosswalk.SourceKey{Source: b.sources[i].no, Key: string(b.table.key(n))}] = true
			}
		}
	}
	dropped := map[crosswalk.SourceKey]bool{} // held records that are gone
	for i := range b.retired {
		dropped[b.retired[i].ID()] = b.retired[i].State == crosswalk.Held
	}
	for _, r := range b.openReviews {
		left, right := numbers[r.Left], numbers[r.Right]
		joined := left != "" && left == right
		switch {
		case b.decided.verdict(r.Left, r.Right) != crosswalk.Withdrawn,
			!again[r.ID] && !raised[r.ID] && b.answered(r),
			!again[r.ID] && joined && !b.staysOpen(r),
			!joined && apart[[2]string{left, right}],
			(released[r.Left] || released[r.Right]) && !raised[r.ID],
			(b.isReborn(r.Left) || b.isReborn(r.Right)) && !raised[r.ID],
			dropped[r.Left] || dropped[r.Right]:
			b.plan.Closed = append(b.plan.Closed, r.ID)
		}
	}
	return nil
}

// reviewedNumbers are the canonical IDs that the records of open reviews end
// with in this plan; those that have none are left out.
func (b *builder) reviewedNumbers(ctx context.Context) (map[crosswalk.SourceKey]string, error) {
	numbers := map[crosswalk.SourceKey]string{}
	var unread []crosswalk.SourceKey
	for _, r := range b.openReviews {
		for _, k := range [...]crosswalk.SourceKey{r.Left, r.Right} {
			if n, found := b.find(k); found {
				numbers[k] = b.endNumber(n)
			} else {
				unread = append(unread, k)
			}
		}
	}
	if len(unread) == 0 {
		return numbers, nil
	}
	links, err := b.snap.ByKeys(ctx, unread)
	if err != nil {
		return nil, err
	}
	ending := b.ending()
	for i := range links {
		if id := links[i].ID(); links[i].State == crosswalk.Live && !ending[id] {
			numbers[id] = b.live(links[i].Canonical)
		}
	}
	return numbers, nil
}

// reopened are reviews of the pairs of which a person took the verdict back,
// for somebody to decide again: what the rules think of them was decided
// before, so nothing else would ask. They are as they were raised before,
// where they were.
func (b *builder) reopened(ctx context.Context, apart map[[2]string]bool, sc *scored) (list []Review, err error) {
	var ids []string
	for _, v := range b.decided.withdrawn {
		left, right := b.endNumber(v.a), b.endNumber(v.b)
		if left == "" || right == "" || apart[[2]string{left, right}] {
			continue
		}
		r := b.reviewOf(match.Review{A: v.a, B: v.b}, sc)
		r.Rule = rules.ReopenedRule
		list = append(list, r)
		ids = append(ids, r.ID)
	}
	if len(list) == 0 {
		return nil, nil
	}
	stored, err := b.snap.ReviewsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	before := map[string]*crosswalk.Review{}
	for i := range stored {
		before[stored[i].ID] = &stored[i]
	}
	for i := range list {
		r := &list[i]
		if s := before[r.ID]; s != nil {
			r.Score, r.Evidence = s.Score, slices.DeleteFunc(mapping.DecodeEvidence(s.Evidence), func(e mapping.Evidence) bool {
				return e.On == mapping.OnRule || e.On == linkEvidence || e.On == verdictEvidence
			})
		}
		r.Evidence = slices.Insert(r.Evidence, 0, mapping.Evidence{On: verdictEvidence, Says: "a person took back what was decided of them"})
	}
	return list, nil
}

// verdictEvidence marks a review of two records of which a verdict was taken
// back.
const verdictEvidence = "verdict"

// endNumber is the canonical ID that a record ends with in this plan.
func (b *builder) endNumber(n node) string {
	if b.number[n] != 0 {
		return b.live(b.ids.get(b.number[n]))
	}
	if b.prior == nil {
		return ""
	}
	return b.live(b.ids.get(b.prior[n].number))
}

// survivor is what a canonical ID means before this run.
func (b *builder) survivor(id string) string {
	if s, merged := b.merged[id]; merged {
		return s
	}
	return id
}

func (b *builder) side(n node) ReviewSide {
	batch, row := b.table.at(n)
	s := ReviewSide{Key: string(b.table.key(n)), SourceID: b.table.verbatim(n), CanonicalID: b.ids.get(b.number[n])}
	if b.number[n] == 0 && b.prior != nil {
		s.CanonicalID = b.ids.get(b.prior[n].number)
	}
	if batch.source >= 0 {
		s.Source, s.Space = b.inputs[batch.source].Name, b.sources[batch.source].no
	} else {
		s.Space = int(batch.origin[row])
		s.Source = b.spaceName(s.Space)
	}
	s.Fields, _ = rules.DecodeFields(b.appendFields(nil, n)) // our own encoding
	return s
}

func (s *ReviewSide) key() crosswalk.SourceKey {
	return crosswalk.SourceKey{Source: s.Space, Key: s.Key}
}

// reviewID names a pair of source records, whatever numbers they have and
// whichever of them ranks first this time.
func reviewID(left, right ReviewSide) string {
	return ReviewID(crosswalk.NamedKey{Source: left.Source, Key: left.Key}, crosswalk.NamedKey{Source: right.Source, Key: right.Key})
}

// ReviewID is the ID of the review of two source IDs, in either order.
func ReviewID(left, right crosswalk.NamedKey) string {
	if left.Compare(right) > 0 {
		left, right = right, left
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", left.Source, left.Key, right.Source, right.Key))
	return hex.EncodeToString(sum[:5])
}
