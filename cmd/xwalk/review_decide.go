package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/review"
)

// claimFor is for how long next gives a review to somebody.
const claimFor = 30 * time.Minute

// nextReview claims the next review for the actor and shows it.
func (e *env) nextReview(ctx context.Context, o *reviewOptions) error {
	actor, err := e.decider()
	if err != nil {
		return err
	}
	return e.atDesk(ctx, o, func(_ *config.File, d *review.Desk, store *crosswalk.Store) error {
		items := d.Select(o.filter(actor))
		id, err := store.ClaimReview(ctx, review.Turns(items, actor), actor, claimFor)
		if err != nil {
			return err
		}
		if id == "" {
			if len(items) > 0 {
				e.tell("colleagues work on all that are left: %s", count(int64(len(items)), "review"))
			} else {
				e.tell("there is nothing left to decide")
			}
			return e.printReviews(ctx, d, nil)
		}
		found, err := d.Find(ctx, id)
		if err != nil {
			return err
		}
		found[0].ClaimedBy = actor
		if err := e.printReviews(ctx, d, found); err != nil {
			return err
		}
		busy := 0
		for _, i := range items {
			if i.ClaimedBy != "" && i.ClaimedBy != actor {
				busy++
			}
		}
		text := fmt.Sprintf("yours for %d minutes, %s: %s, or different, or skip", int(claimFor.Minutes()), actor, e.command(o.words("same", id)...))
		if len(items) == 1 {
			text += "\nit is the last one"
		} else {
			text += fmt.Sprintf("\n%s more to decide", report.Number(int64(len(items)-1)))
		}
		if busy > 0 {
			text += fmt.Sprintf(", %s of them with colleagues", report.Number(int64(busy)))
		}
		e.tell("%s", text)
		return nil
	})
}

// recordedJSON is what became of a verdict.
type recordedJSON struct {
	Review  string `json:"review" csv:"review"`
	Verdict string `json:"verdict" csv:"verdict"`
	Status  string `json:"status" csv:"status"` // recorded, unchanged
	Actor   string `json:"actor" csv:"actor"`   // whose verdict is in force
	Left    string `json:"left" csv:"left"`
	Right   string `json:"right" csv:"right"`
}

// decideReviews records the actor's verdict on reviews, all or none.
func (e *env) decideReviews(ctx context.Context, o *reviewOptions, ids []string, verdict crosswalk.Verdict) error {
	actor, err := e.decider()
	if err != nil {
		return err
	}
	var f *config.File
	var recorded []review.Recorded
	err = e.atDesk(ctx, o, func(file *config.File, d *review.Desk, store *crosswalk.Store) error {
		f = file
		items, err := d.Find(ctx, ids...)
		if err != nil {
			return err
		}
		answers := make([]review.Answer, len(items))
		for k, i := range items {
			if verdict == crosswalk.Withdrawn && i.Decided == nil {
				return fmt.Errorf("review %s has no verdict to take back", i.ID)
			}
			answers[k] = review.Answer{Item: i, Verdict: verdict, Actor: actor, Reason: o.reason}
		}
		if recorded, err = review.Record(ctx, store, answers, o.override); err != nil {
			return overrideHint(err)
		}
		e.warnDecided(d, answers)
		return nil
	})
	if err != nil {
		return err
	}
	if o.now {
		for _, r := range recorded {
			e.tell("%s", recordedText(&r))
			if i := r.Item; i.Left.Canonical == "" || i.Right.Canonical == "" {
				e.tell("a record of review %s has no number yet; it gets one from the next %s, which reads it", i.ID, e.command("apply"))
			}
		}
		return e.carryOut(ctx, f, o)
	}
	if err := e.printRecorded(recorded); err != nil {
		return err
	}
	if fresh := slices.DeleteFunc(recorded, func(r review.Recorded) bool { return r.Again }); verdict != crosswalk.Withdrawn && len(fresh) > 0 {
		e.tellRecorded(o, len(fresh))
	}
	return nil
}

// warnDecided tells what the person may not have known.
func (e *env) warnDecided(d *review.Desk, answers []review.Answer) {
	warn := func(format string, args ...any) {
		e.tell("%s %s", e.messages().Yellow("warning:"), report.Clean(fmt.Sprintf(format, args...)))
	}
	for k := range answers {
		a := &answers[k]
		switch i := a.Item; {
		case i.ClaimedBy != "" && i.ClaimedBy != a.Actor:
			warn("%s was working on review %s", i.ClaimedBy, i.ID)
		case a.Verdict == crosswalk.Different && i.Left.Canonical != "" && i.Left.Canonical == i.Right.Canonical:
			warn("the records of review %s are both %s; no run takes a customer apart by itself", i.ID, i.Left.Canonical)
		}
	}
	for _, pair := range d.Contradictions(answers) {
		warn("%s are decided different, but other verdicts make them one customer: look at these again", pair)
	}
}

func recordedText(r *review.Recorded) string {
	left, right := sideText(&r.Item.Left), sideText(&r.Item.Right)
	text := map[crosswalk.Verdict]string{
		crosswalk.Same:      left + " and " + right + " are the same customer",
		crosswalk.Different: left + " and " + right + " are different customers",
		crosswalk.Withdrawn: left + " and " + right + " are to be decided anew",
	}[r.Verdict]
	if r.Again {
		return fmt.Sprintf("= %s  %s, as %s said before", r.Item.ID, text, r.By)
	}
	return fmt.Sprintf("✓ %s  %s", r.Item.ID, text)
}

func sideText(s *review.Side) string { return report.Clean(s.Source + " " + s.SourceID) }

func (e *env) printRecorded(recorded []review.Recorded) error {
	rows := make([]recordedJSON, len(recorded))
	for k := range recorded {
		r := &recorded[k]
		rows[k] = recordedJSON{r.Item.ID, r.Verdict.String(), "recorded", r.By, sideText(&r.Item.Left), sideText(&r.Item.Right)}
		if r.Again {
			rows[k].Status = "unchanged"
		}
	}
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, rows)
	case "csv":
		for k := range rows {
			rows[k].Review = review.SheetID(rows[k].Review)
			rows[k].Actor, rows[k].Left, rows[k].Right = report.Neutral(rows[k].Actor), report.Neutral(rows[k].Left), report.Neutral(rows[k].Right)
		}
		return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
	}
	for k := range recorded {
		if _, err := fmt.Fprintln(e.stdout, recordedText(&recorded[k])); err != nil {
			return err
		}
	}
	return nil
}

// tellRecorded says who carries so many verdicts out.
func (e *env) tellRecorded(o *reviewOptions, verdicts int) {
	if o.plan != "" {
		e.tell("%s asks about these records, so it is stale: make it again with %s, which takes the verdicts into account", o.plan, e.command("plan", "-o", o.plan))
		return
	}
	them := "it"
	if verdicts > 1 {
		them = "them"
	}
	e.tell("the next %s carries %s out; %s gives you the next one", e.command("apply"), them, e.command("review", "next"))
}

// carryOut makes a run of what was decided, without reading the sources.
func (e *env) carryOut(ctx context.Context, f *config.File, o *reviewOptions) error {
	rs, err := f.Ruleset()
	if err != nil {
		return err
	}
	environment, err := f.Environment()
	if err != nil {
		return err
	}
	work := func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
		return plan.CarryOut(ctx, snap, rs, plan.Options{Policy: f.Policy, Environment: environment})
	}
	return e.writing(ctx, f, rs, writeOptions{reason: o.reason, wait: o.wait}, func(store *crosswalk.Store, m migrate.Options) (*plan.Plan, migrate.Result, error) {
		return migrate.Run(ctx, store, m, work)
	})
}

// skipReviews passes reviews over.
func (e *env) skipReviews(ctx context.Context, o *reviewOptions, ids []string) error {
	actor, err := e.decider()
	if err != nil {
		return err
	}
	return e.atDesk(ctx, o, func(_ *config.File, d *review.Desk, store *crosswalk.Store) error {
		items, err := d.Find(ctx, ids...)
		if err != nil {
			return err
		}
		var found []string
		var recorded []recordedJSON
		for _, i := range items {
			if !i.Pending() {
				return fmt.Errorf("review %s is %s, there is nothing to pass over", i.ID, statusOf(i))
			}
			found = append(found, i.ID)
			recorded = append(recorded, recordedJSON{i.ID, "", "skipped", actor, sideText(&i.Left), sideText(&i.Right)})
		}
		if err := store.SkipReviews(ctx, found, actor, o.reason); err != nil {
			return err
		}
		switch e.common.format {
		case "json":
			return printJSON(e.stdout, recorded)
		case "csv":
			return gocsv.MarshalCSV(recorded, csv.NewWriter(e.stdout))
		}
		e.tell("passed over: %s; %s gives it last", count(int64(len(found)), "review"), e.command(o.words("next")...))
		return nil
	})
}

// overrideHint says how a contrary verdict is replaced.
func overrideHint(err error) error {
	if contrary(err) {
		return fmt.Errorf("%w\n  hint: nothing was recorded; talk to them, and replace the verdict with --override", err)
	}
	return err
}

// contrary reports whether verdicts stand against something.
func contrary(err error) bool {
	var all crosswalk.ContraryErrors
	return errors.As(err, &all)
}
