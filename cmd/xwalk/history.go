package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/history"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

type historyOptions struct {
	id     string
	source string
}

func historyCommand(e *env) *cli.Command {
	o := &historyOptions{}
	return &cli.Command{
		Name:      "history",
		Usage:     "everything that happened to a number, by whom, when and why",
		UsageText: "xwalk history ID [--source NAME]",
		Description: `ID is a source ID, a further number of a record, or a canonical ID, also a retired
one. For a source ID: all that it ever was, what became of the numbers that it had,
and what people were asked and decided about it. For a canonical ID: the same of all
source IDs that ever had it, and of the numbers that were merged into it. Oldest
first. Fields are named where they changed; their values are not shown. Of who was
erased it says only that, by whom and when.

   xwalk history C001
   xwalk history CUST-00000010-54 --format json
   xwalk history shop:7                the shop's 7 only; also: --source shop

Exit code 1: it was never seen.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "source", Usage: "only IDs of this source, or SOURCE.NUMBER", Destination: &o.source},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("history takes one ID: xwalk history C001")
			}
			o.id = c.Args().First()
			return e.history(c.Context, o)
		},
	}
}

func (e *env) history(ctx context.Context, o *historyOptions) error {
	_, l, done, err := e.openFinder(ctx, o.source, "")
	if err != nil {
		return err
	}
	defer done()
	keys, err := l.everyKeyOf(ctx, o.id)
	if err != nil {
		return err
	}
	var numbers []string
	if n := canonicalKey(o.id); l.all && n != "" {
		numbers = append(numbers, n)
	}
	events, err := history.Of(ctx, l.snap, keys, numbers)
	if err != nil {
		return err
	}
	if err := e.printHistory(ctx, l, o.id, events); err != nil {
		return err
	}
	if len(events) == 0 {
		if e.common.format == "text" {
			e.tell("%s was never seen\nhint: %s lists known numbers that are one slip away", o.id, e.command("lookup", o.id, "--near"))
		}
		return codeError(exitFailed)
	}
	return nil
}

// everyKeyOf are the keys that id can have, also by rules that its sources had
// once.
func (f *finder) everyKeyOf(ctx context.Context, id string) ([]crosswalk.SourceKey, error) {
	now := f.spaces
	defer func() { f.spaces = now }()
	all := slices.Clone(now)
	for _, s := range now {
		texts, err := f.snap.KeyRules(ctx, s.no)
		if err != nil {
			return nil, err
		}
		for _, text := range texts {
			keys, err := rules.ParseKeyRule(text)
			if err != nil {
				return nil, fmt.Errorf("key rule of source %s in the crosswalk: %w", f.names[s.no], err)
			}
			all = append(all, space{s.no, keys})
		}
	}
	f.spaces = all
	return f.keysOf(id), nil
}

// eventJSON is an event in the words of the contract. Run is null for what a
// person decided outside of a run.
type eventJSON struct {
	Run         *int64 `json:"run" csv:"run"`
	At          string `json:"at" csv:"at"`
	Actor       string `json:"actor" csv:"actor"`
	Reason      string `json:"reason" csv:"reason"`
	RunKind     string `json:"run_kind" csv:"run_kind"`
	Event       string `json:"event" csv:"event"`
	Source      string `json:"source" csv:"source"`
	SourceID    string `json:"source_id" csv:"source_id"`
	CanonicalID string `json:"canonical_id" csv:"canonical_id"`
	Detail      string `json:"detail" csv:"detail"`
}

func (e *env) printHistory(ctx context.Context, l *finder, id string, events []history.Event) error {
	rows := make([]eventJSON, len(events))
	for i, ev := range events {
		rows[i] = eventJSON{
			At: stamp(ev.At), Actor: ev.Actor, Reason: ev.Reason, RunKind: ev.RunKind, Event: ev.Event,
			Source: ev.Source, SourceID: ev.SourceID, CanonicalID: ev.Canonical, Detail: ev.Detail,
		}
		if ev.Run > 0 {
			rows[i].Run = &events[i].Run
		}
	}
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, rows)
	case "csv":
		for i := range rows { // IDs leave as they are, since programs read them on
			rows[i].Actor, rows[i].Reason, rows[i].Detail = report.Neutral(rows[i].Actor), report.Neutral(rows[i].Reason), report.Neutral(rows[i].Detail)
		}
		return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
	}
	if len(events) == 0 {
		return nil
	}
	answers, err := l.byID(ctx, []string{id})
	if err != nil {
		return err
	}
	if err := e.printTable(answers); err != nil {
		return err
	}
	return e.printTimeline(events)
}

// printTimeline prints events for people: what one run or person did at a time
// under one line.
func (e *env) printTimeline(events []history.Event) error {
	st := e.style()
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].Run == events[0].Run && events[n].At.Equal(events[0].At) && events[n].Actor == events[0].Actor && events[n].Reason == events[0].Reason {
			n++
		}
		first := &events[0]
		who := "decided"
		if first.Run > 0 {
			who = fmt.Sprintf("run %d, %s", first.Run, first.RunKind)
		}
		if first.Actor != "" {
			who += " by " + first.Actor
		}
		if first.Reason != "" {
			who += fmt.Sprintf(": %q", first.Reason)
		}
		fmt.Fprintf(e.stdout, "\n%s  %s\n", st.Bold(stamp(first.At)), st.Dim(report.Clean(who)))
		t := &report.Table{Paint: func(_, column int, cell string) string {
			switch column {
			case 0:
				return st.Cyan(cell)
			case 4:
				return st.Dim(cell)
			}
			return cell
		}}
		for _, ev := range events[:n] {
			id, arrow := strings.TrimSpace(ev.Source+" "+ev.SourceID), "→"
			if id == "" || ev.Canonical == "" {
				arrow = ""
			}
			t.Add(eventWords[ev.Event], id, arrow, ev.Canonical, detailWords(ev))
		}
		if err := t.Write(e.stdout, st, "  "); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

// eventWords are the events for people, where they differ.
var eventWords = map[string]string{
	history.Created: "created", history.Linked: "linked", history.Updated: "record changed", history.Respelt: "spelt otherwise",
	history.Held: "held, no number yet", history.Contested: "held by two customers", history.Retired: "retired", history.Restored: "restored",
	history.Moved: "moved", history.SplitOff: "split off", history.Renumbered: "renumbered", history.Void: "void", history.Rekeyed: "another key",
	history.Given: "number given", history.Merged: "merged", history.Absorbed: "absorbed another", history.Redirected: "redirected",
	history.InForce: "in force again", history.Gone: "gone", history.ReviewRaised: "review raised", history.ReviewClosed: "review closed",
	history.SaidSame: "decided", history.SaidOther: "decided", history.Withdrawn: "withdrawn", history.Erased: "erased",
	history.Rewritten: "rewritten", history.Published: "published", history.TakenBack: "taken back",
}

// detailWords is the detail of an event for people: rules are said in words.
func detailWords(ev history.Event) string {
	switch ev.Event {
	case history.Created, history.Linked, history.Retired, history.Restored:
		rule, more, _ := strings.Cut(ev.Detail, "; ")
		words := why(rule)
		if more != "" {
			words = strings.TrimPrefix(words+"; "+more, "; ")
		}
		return words
	case history.Erased:
		return cmp.Or(ev.Detail, "what it had been is not known any more")
	}
	return ev.Detail
}
