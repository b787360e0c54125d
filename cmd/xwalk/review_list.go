package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/review"
)

// reviewJSON is a review in the words of the contract. Group is the smallest
// ID of the reviews that hang together. SinceRun is null in a plan.
type reviewJSON struct {
	Review   string             `json:"review"`
	Score    float64            `json:"score"`
	Group    string             `json:"group"`
	Rule     string             `json:"rule"`
	SinceRun *int64             `json:"since_run"`
	Status   string             `json:"status"` // open, decided, answered, closed
	Left     reviewSide         `json:"left"`
	Right    reviewSide         `json:"right"`
	Evidence []mapping.Evidence `json:"evidence"`

	ClaimedBy    string `json:"claimed_by"`
	ClaimedUntil string `json:"claimed_until,omitempty"`
	Verdict      string `json:"verdict,omitempty"` // also one that follows from other pairs
	DecidedBy    string `json:"decided_by,omitempty"`
	Decided      string `json:"decided,omitempty"`
	Reason       string `json:"reason,omitempty"`
	ClosedRun    int64  `json:"closed_run,omitempty"`
	ChangedRun   int64  `json:"changed_run,omitempty"` // after which the evidence is not of the records as they are
	Skipped      []skip `json:"skipped,omitempty"`
}

type skip struct {
	Actor   string `json:"actor"`
	Reason  string `json:"reason"`
	Skipped string `json:"skipped"`
}

type reviewSide struct {
	Source      string              `json:"source"`
	SourceID    string              `json:"source_id"`
	CanonicalID string              `json:"canonical_id"`
	Kind        string              `json:"kind"`
	Status      string              `json:"status"`
	Fields      map[string][]string `json:"fields,omitempty"`
}

func reviewOf(i *review.Item) reviewJSON {
	r := reviewJSON{
		Review: i.ID, Score: i.Score, Group: i.Group, Rule: i.Rule, Status: statusOf(i), Left: reviewSideOf(&i.Left), Right: reviewSideOf(&i.Right),
		Evidence: i.Evidence, ClaimedBy: i.ClaimedBy, ClosedRun: i.Closed,
		ChangedRun: i.Outdated(),
	}
	if i.SinceRun > 0 {
		r.SinceRun = &i.SinceRun
	}
	if !i.ClaimedUntil.IsZero() {
		r.ClaimedUntil = stamp(i.ClaimedUntil)
	}
	if d := i.Decided; d != nil {
		r.Verdict, r.DecidedBy, r.Decided, r.Reason = d.Verdict.String(), d.Actor, stamp(d.Decided), d.Reason
	} else if i.Follows != crosswalk.Withdrawn {
		r.Verdict = i.Follows.String()
	}
	for _, s := range i.Skips {
		r.Skipped = append(r.Skipped, skip{s.Actor, s.Reason, stamp(s.Skipped)})
	}
	return r
}

func reviewSideOf(s *review.Side) reviewSide {
	return reviewSide{s.Source, s.SourceID, s.Canonical, s.Kind.String(), s.State.String(), s.Fields}
}

// statusOf is where a review stands: open, decided by a person, answered by
// what was decided of others, or closed by a run.
func statusOf(i *review.Item) string {
	switch {
	case i.Closed > 0:
		return "closed"
	case i.Decided != nil:
		return "decided"
	case i.Follows != crosswalk.Withdrawn:
		return "answered"
	}
	return "open"
}

// reviewRow is a review as one line of a table.
type reviewRow struct {
	Review         string `csv:"review"`
	Group          string `csv:"group"`
	Score          string `csv:"score"`
	Rule           string `csv:"rule"`
	Status         string `csv:"status"`
	LeftSource     string `csv:"left_source"`
	LeftID         string `csv:"left_id"`
	LeftCanonical  string `csv:"left_canonical"`
	LeftName       string `csv:"left_name"`
	RightSource    string `csv:"right_source"`
	RightID        string `csv:"right_id"`
	RightCanonical string `csv:"right_canonical"`
	RightName      string `csv:"right_name"`
	Evidence       string `csv:"evidence"`
	ClaimedBy      string `csv:"claimed_by"`
	Verdict        string `csv:"verdict"`
	DecidedBy      string `csv:"decided_by"`
	Reason         string `csv:"reason"`
	SinceRun       int64  `csv:"since_run"`
}

func reviewRowOf(i *review.Item) reviewRow {
	j := reviewOf(i)
	n := report.Neutral
	return reviewRow{
		review.SheetID(i.ID), review.SheetID(i.Group), review.SheetScore(i.Score), n(i.Rule), j.Status,
		n(i.Left.Source), n(i.Left.SourceID), n(i.Left.Canonical), n(i.Left.Name()),
		n(i.Right.Source), n(i.Right.SourceID), n(i.Right.Canonical), n(i.Right.Name()),
		n(review.EvidenceText(i.Evidence)), n(i.ClaimedBy), j.Verdict, n(j.DecidedBy), n(j.Reason), i.SinceRun,
	}
}

// onScreen is how many reviews a list on the screen has unless it is asked
// for more.
const onScreen = 50

func (e *env) listReviews(ctx context.Context, o *reviewOptions) error {
	return e.onDesk(ctx, o, func(d *review.Desk) error {
		all := d.Select(o.filter(e.actor()))
		items := o.cut(all, e.common.format == "text")
		switch e.common.format {
		case "json":
			out := make([]reviewJSON, len(items))
			for k, i := range items {
				out[k] = reviewOf(i)
			}
			return printJSON(e.stdout, out)
		case "csv":
			rows := make([]reviewRow, len(items))
			for k, i := range items {
				rows[k] = reviewRowOf(i)
			}
			return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
		}
		if err := e.reviewTable(items).Write(e.stdout, e.style(), ""); err != nil {
			return err
		}
		if open := d.Select(review.Filter{}); len(all) == 0 && !o.decided {
			e.tell("%s", nothingListed(len(open)))
			return nil
		}
		e.tellListed(o, len(items), all)
		return nil
	})
}

// cut keeps as many items as the options want.
func (o *reviewOptions) cut(items []*review.Item, screen bool) []*review.Item {
	limit := o.limit
	if screen && !o.limited {
		limit = onScreen
	}
	if limit > 0 && len(items) > limit {
		return items[:limit]
	}
	return items
}

// reviewTable lists reviews for people, with a bracket around each group.
func (e *env) reviewTable(items []*review.Item) *report.Table {
	s := e.style()
	t := &report.Table{Right: []bool{false, false, true}}
	if len(items) > 0 {
		t.Header = []string{"", "review", "score", "left", "", "right", "", "proposed by", ""}
	}
	for k, i := range items {
		t.Add(bracket(items, k), i.ID, scoreText(i.Score), i.Left.Source+" "+i.Left.SourceID, i.Left.Name(),
			i.Right.Source+" "+i.Right.SourceID, i.Right.Name(), i.Rule, remark(i))
	}
	t.Paint = func(_, column int, cell string) string {
		switch column {
		case 0, 7:
			return s.Dim(cell)
		case 1:
			return s.Bold(cell)
		case 8:
			return s.Yellow(cell)
		}
		return cell
	}
	return t
}

// bracket draws what holds the reviews of a group together.
func bracket(items []*review.Item, k int) string {
	above := k > 0 && items[k-1].Group == items[k].Group
	below := k+1 < len(items) && items[k+1].Group == items[k].Group
	switch {
	case above && below:
		return "│"
	case above:
		return "└"
	case below:
		return "┌"
	}
	return ""
}

// scoreText is a score for people; where nothing was weighed there is none.
func scoreText(score float64) string {
	if score == 0 {
		return "–"
	}
	return report.Likely(score, 3)
}

// remark is what people have done about a review.
func remark(i *review.Item) string {
	var words []string
	switch d := i.Decided; {
	case d != nil:
		words = append(words, d.Verdict.String()+", "+d.Actor)
	case i.Follows != crosswalk.Withdrawn:
		words = append(words, i.Follows.String()+", follows from others")
	}
	if i.ClaimedBy != "" {
		words = append(words, "with "+i.ClaimedBy)
	}
	if i.Outdated() > 0 {
		words = append(words, "changed since")
	}
	if n := len(i.Skips); n > 0 {
		last := i.Skips[n-1]
		text := "passed over by " + last.Actor
		if last.Reason != "" {
			text += ": " + last.Reason
		}
		words = append(words, text)
	}
	return strings.Join(words, "; ")
}

// nothingListed says why a list is empty: nothing is open, or the options let
// none of the open reviews pass.
func nothingListed(open int) string {
	if open == 0 {
		return "there is nothing to decide"
	}
	return "there are no such reviews; " + count(int64(open), "review") + " open"
}

// tellListed sums a list up.
func (e *env) tellListed(o *reviewOptions, listed int, all []*review.Item) {
	if len(all) == 0 {
		e.tell("there are no such reviews")
		return
	}
	groups, claimed := map[string]bool{}, 0
	for _, i := range all {
		groups[i.Group] = true
		if i.ClaimedBy != "" {
			claimed++
		}
	}
	text := count(int64(len(all)), "review") + " in " + count(int64(len(groups)), "group")
	if listed < len(all) {
		text += fmt.Sprintf(", %s of them listed (--limit 0 lists all)", report.Number(int64(listed)))
	}
	if claimed > 0 {
		text += fmt.Sprintf("; somebody works on %s", report.Number(int64(claimed)))
	}
	if !o.decided {
		text += ". " + e.command(o.words("next")...) + " gives you one"
	}
	e.tell("%s", text)
}

// words is a command line of review that works on the same plan.
func (o *reviewOptions) words(words ...string) []string {
	words = append([]string{"review"}, words...)
	if o.plan != "" {
		words = append(words, "--plan", o.plan)
	}
	return words
}
