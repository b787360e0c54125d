package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/report"
)

// decisionRow is a decision in a list that travels. IDs are keys.
type decisionRow struct {
	LeftSource  string `csv:"left_source" json:"left_source"`
	LeftID      string `csv:"left_id" json:"left_id"`
	RightSource string `csv:"right_source" json:"right_source"`
	RightID     string `csv:"right_id" json:"right_id"`
	Verdict     string `csv:"verdict" json:"verdict"`
	Actor       string `csv:"actor" json:"actor"`
	Reason      string `csv:"reason" json:"reason"`
	Decided     string `csv:"decided" json:"decided"`
}

// decisionColumns are the headers of such a list.
var decisionColumns = []string{"left_source", "left_id", "right_source", "right_id", "verdict", "actor", "reason", "decided"}

// exportDecisions writes the verdicts in force.
func (e *env) exportDecisions(ctx context.Context, snap *crosswalk.Snapshot, w io.Writer) error {
	decisions, err := snap.Decisions(ctx)
	if err != nil {
		return err
	}
	rows := make([]decisionRow, len(decisions))
	for i, d := range decisions {
		rows[i] = decisionRow{
			d.Left.Source, d.Left.Key, d.Right.Source, d.Right.Key, d.Verdict.String(), d.Actor, d.Reason, stamp(d.Decided),
		}
	}
	if e.common.format == "json" {
		return printJSON(w, rows)
	}
	return gocsv.MarshalCSV(rows, csv.NewWriter(w))
}

// takenJSON is what import --decisions did, for programs.
type takenJSON struct {
	Read  int `json:"read" csv:"read"`
	New   int `json:"new" csv:"new"`
	Known int `json:"known" csv:"known"`
}

// importDecisions records the verdicts of a list, all or none.
func (e *env) importDecisions(ctx context.Context, o *importOptions) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	list, err := e.readDecisions(ctx, o.file)
	if err != nil {
		return err
	}
	store, err := e.openStore(ctx, f)
	if err != nil {
		return err
	}
	taken, err := e.takeDecisions(ctx, store, f, list, o.override)
	if err := closing(err, store); err != nil {
		return err
	}
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, taken)
	case "csv":
		return gocsv.MarshalCSV([]takenJSON{taken}, csv.NewWriter(e.stdout))
	}
	fmt.Fprintf(e.stdout, "Decisions: %s read, %s new, %s known before.\n",
		report.Number(int64(taken.Read)), report.Number(int64(taken.New)), report.Number(int64(taken.Known)))
	if taken.New > 0 {
		fmt.Fprintf(e.stdout, "→ %s shows what they change, and the next run carries them out.\n", e.command("plan"))
	}
	return nil
}

// takeDecisions records the decisions of a list and counts the new ones.
func (e *env) takeDecisions(ctx context.Context, store *crosswalk.Store, f *config.File, list *decisionList, override bool) (takenJSON, error) {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return takenJSON{}, err
	}
	log, err := snap.DecisionLog(ctx)
	if err == nil {
		err = e.noteStrangers(ctx, snap, f, list)
	}
	if err := closing(err, snap); err != nil {
		return takenJSON{}, err
	}
	last := int64(0)
	if len(log) > 0 {
		last = log[len(log)-1].No
	}
	err = store.Decide(ctx, list.decisions, override)
	var contrary crosswalk.ContraryErrors
	if errors.As(err, &contrary) {
		return takenJSON{}, errors.Join(list.contrary(contrary), err)
	}
	if err != nil {
		return takenJSON{}, err
	}
	taken := takenJSON{Read: len(list.decisions)}
	fresh := map[int64]bool{}
	for _, d := range list.decisions {
		if d.No > last && !fresh[d.No] {
			fresh[d.No] = true
			taken.New++
		}
	}
	taken.Known = taken.Read - taken.New
	return taken, nil
}

// noteStrangers tells of sources that neither the configuration nor the
// crosswalk knows. Their decisions wait for them, or their names are wrong.
func (e *env) noteStrangers(ctx context.Context, snap *crosswalk.Snapshot, f *config.File, list *decisionList) error {
	known := map[string]bool{}
	rs, err := f.Ruleset()
	if err != nil {
		return err
	}
	for i, name := range rs.Sources() {
		known[name] = true
		for _, also := range rs.AlsoSpaces(i) {
			known[also.Name] = true
		}
	}
	stored, err := snap.Sources(ctx)
	if err != nil {
		return err
	}
	for _, s := range stored {
		known[s.Name] = true
	}
	var strangers []string
	for _, d := range list.decisions {
		for _, name := range [...]string{d.Left.Source, d.Right.Source} {
			if !known[name] {
				known[name] = true
				strangers = append(strangers, name)
			}
		}
	}
	if len(strangers) > 0 {
		slices.Sort(strangers)
		e.tell("note: no source is called %s yet; decisions about its records wait for it", strings.Join(strangers, " or "))
	}
	return nil
}

// decisionList is a list as it was read: places[i] is where decisions[i]
// stands.
type decisionList struct {
	decisions []crosswalk.Decision
	places    []mapping.Place
	problems  diag.List
}

// readDecisions reads a list with the csv connector, as people may have had
// it in a spreadsheet. The error tells of all its problems.
func (e *env) readDecisions(ctx context.Context, file string) (*decisionList, error) {
	src, err := config.OpenFile(ctx, all.Registry()["csv"], file, decisionColumns)
	if err != nil {
		return nil, fmt.Errorf("%w\n  hint: it must be a list as %s writes it", err, e.command("export", "--decisions"))
	}
	list := &decisionList{}
	for rec, err := range src.Records(ctx) {
		var re *mapping.RecordError
		switch {
		case errors.As(err, &re):
			list.problem(re.Place, "decisions.broken_row", "%s", re.Reason)
		case err != nil:
			return nil, err
		default:
			list.add(rec, e.actor())
		}
	}
	list.disagreements()
	return list, list.problems.Err()
}

func (l *decisionList) problem(place mapping.Place, code, format string, args ...any) {
	l.problems = append(l.problems, diag.Diagnostic{
		Pos: diag.Pos{File: place.File, Line: int(place.Line)}, Code: code, Message: fmt.Sprintf(format, args...),
	})
}

// add takes a row. Where it names nobody, actor answers for it.
func (l *decisionList) add(rec mapping.Record, actor string) {
	cell := func(i int) string { return rec.Values[i].Text }
	d := crosswalk.Decision{
		Left: crosswalk.NamedKey{Source: cell(0), Key: cell(1)}, Right: crosswalk.NamedKey{Source: cell(2), Key: cell(3)},
		Actor: cmp.Or(cell(5), actor), Reason: cell(6),
	}
	switch cell(4) {
	case crosswalk.Same.String():
		d.Verdict = crosswalk.Same
	case crosswalk.Different.String():
		d.Verdict = crosswalk.Different
	default:
		l.problem(rec.Place, "decisions.verdict", "the verdict is %q, expected same or different", cell(4))
		return
	}
	if text := cell(7); text != "" {
		var err error
		if d.Decided, err = time.Parse(time.RFC3339, text); err != nil {
			l.problem(rec.Place, "decisions.time", "decided is %q, expected a time such as 2026-01-31T12:00:00Z", text)
			return
		}
	}
	if err := d.Check(); err != nil {
		l.problem(rec.Place, "decisions.row", "%v", err)
		return
	}
	l.decisions = append(l.decisions, d)
	l.places = append(l.places, rec.Place)
}

// disagreements finds pairs that the list calls same in one row and different
// in another.
func (l *decisionList) disagreements() {
	first := map[[2]crosswalk.NamedKey]int{}
	for i, d := range l.decisions {
		pair := [2]crosswalk.NamedKey{d.Left, d.Right}
		if d.Left.Compare(d.Right) > 0 {
			pair[0], pair[1] = pair[1], pair[0]
		}
		at, seen := first[pair]
		if !seen {
			first[pair] = i
		} else if before := l.decisions[at]; before.Verdict != d.Verdict {
			l.problem(l.places[i], "decisions.disagree", "it says %s of %s %s and %s %s; %s says %s", d.Verdict,
				pair[0].Source, pair[0].Key, pair[1].Source, pair[1].Key, l.places[at], before.Verdict)
		}
	}
}

// contrary are the rows that would end what somebody else decided.
func (l *decisionList) contrary(errs crosswalk.ContraryErrors) diag.List {
	var list diag.List
	for _, c := range errs {
		place := l.places[c.Index]
		list = append(list, diag.Diagnostic{
			Pos: diag.Pos{File: place.File, Line: int(place.Line)}, Code: "decisions.contrary",
			Message: fmt.Sprintf("it says %s, and %v", c.Now, c),
		})
	}
	if len(list) > 0 {
		list[len(list)-1].Hint = "nothing was recorded; talk to them, and replace their verdicts with --override"
	}
	return list
}
