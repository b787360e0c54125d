package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gocarina/gocsv"
	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/report"
)

func runsCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "runs",
		Usage:     "what was done to the crosswalk, by whom and when",
		UsageText: "xwalk runs [show RUN]",
		Description: `   xwalk runs                  every run, newest last
   xwalk runs show 3           one of them, in full`,
		Action: func(c *cli.Context) error {
			args := c.Args().Slice()
			switch {
			case len(args) == 0:
				return e.runs(c.Context, 0)
			case len(args) == 2 && args[0] == "show":
				no, err := strconv.ParseInt(args[1], 10, 64)
				if err != nil || no < 1 {
					return usage("runs show %s: expected the number of a run", args[1])
				}
				return e.runs(c.Context, no)
			}
			return usage("expected: xwalk runs, or xwalk runs show RUN")
		},
	}
}

// runJSON is a run in the words of the contract.
type runJSON struct {
	Run      int64          `json:"run"`
	Kind     string         `json:"kind"`
	Serial   int64          `json:"serial"`
	Actor    string         `json:"actor"`
	Reason   string         `json:"reason"`
	Started  string         `json:"started"`
	Finished string         `json:"finished"`
	Rules    string         `json:"rules"`
	Plan     string         `json:"plan"`
	Digest   string         `json:"digest"`
	Approved []string       `json:"approved_by"`
	Totals   mapping.Totals `json:"totals"`
	Undid    int64          `json:"undid,omitempty"`
	TookBack int64          `json:"took_back,omitempty"` // the run of which it took back what was published
	// Published is how many entries of the ledger a publish wrote; Rewrote are
	// the references of a rewrite, Adopted the sources whose own key it took.
	Published int64                 `json:"published,omitempty"`
	Rewrote   []crosswalk.Rewritten `json:"rewrote,omitempty"`
	Adopted   []string              `json:"adopted,omitempty"`
}

// runRow is a run as one line of a table.
type runRow struct {
	Run       int64  `csv:"run"`
	Kind      string `csv:"kind"`
	Serial    int64  `csv:"serial"`
	Actor     string `csv:"actor"`
	Reason    string `csv:"reason"`
	Started   string `csv:"started"`
	Finished  string `csv:"finished"`
	Rules     string `csv:"rules"`
	Read      int64  `csv:"read"`
	Created   int64  `csv:"created"`
	Linked    int64  `csv:"linked"`
	Updated   int64  `csv:"updated"`
	Rejected  int64  `csv:"rejected"`
	Customers int64  `csv:"customers"`
}

// runs prints every run, or the one with number only.
func (e *env) runs(ctx context.Context, only int64) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	snap, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	infos, err := snap.Runs(ctx)
	if err != nil {
		return err
	}
	all := make([]runJSON, 0, len(infos))
	for _, r := range infos {
		if only == 0 || r.Run == only {
			all = append(all, runOf(r))
		}
	}
	if only > 0 {
		if len(all) == 0 {
			return fmt.Errorf("there is no run %d; %s lists them", only, e.command("runs"))
		}
		if e.common.format == "text" {
			return e.showRun(all[0])
		}
		if e.common.format == "json" {
			return printJSON(e.stdout, all[0])
		}
	}
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, all)
	case "csv":
		rows := make([]runRow, len(all))
		for i, r := range all {
			rows[i] = runRow{
				r.Run, r.Kind, r.Serial, report.Neutral(r.Actor), report.Neutral(r.Reason), r.Started, r.Finished, r.Rules,
				r.Totals.Read, r.Totals.Created, r.Totals.Linked, r.Totals.Updated, r.Totals.Rejected, r.Totals.Customers,
			}
		}
		return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
	}
	t := &report.Table{
		Header: []string{"run", "kind", "serial", "started", "took", "actor", "created", "linked", "updated", "rejected", "customers", "reason"},
		Right:  []bool{true, false, true, false, true, false, true, true, true, true, true},
	}
	for i, r := range all {
		took := infos[i].Finished.Sub(infos[i].Started).Round(10 * time.Millisecond)
		t.Add(strconv.FormatInt(r.Run, 10), r.Kind, strconv.FormatInt(r.Serial, 10), r.Started, took.String(), r.Actor,
			report.Number(r.Totals.Created), report.Number(r.Totals.Linked), report.Number(r.Totals.Updated),
			report.Number(r.Totals.Rejected), report.Number(r.Totals.Customers), r.Reason)
	}
	if len(t.Rows) == 0 {
		e.tell("no run has been published yet")
		return nil
	}
	return t.Write(e.stdout, e.style(), "")
}

func runOf(r crosswalk.RunInfo) runJSON {
	return runJSON{
		r.Run, r.Kind, r.Serial, r.Actor, r.Reason, stamp(r.Started), stamp(r.Finished), r.Rules, r.Plan, r.Digest,
		append([]string{}, r.Approved...), r.Totals, r.Undid, r.TookBack, r.Published, r.Rewrote, r.Adopted,
	}
}

func (e *env) showRun(r runJSON) error {
	s := e.style()
	t := &report.Table{Paint: func(_, column int, cell string) string {
		if column == 0 {
			return s.Dim(cell)
		}
		return cell
	}}
	for _, line := range [][2]string{
		{"run", strconv.FormatInt(r.Run, 10)},
		{"kind", r.Kind},
		{"serial", strconv.FormatInt(r.Serial, 10)},
		{"actor", r.Actor},
		{"reason", r.Reason},
		{"approved by", strings.Join(r.Approved, ", ")},
		{"started", r.Started},
		{"finished", r.Finished},
		{"rules", r.Rules},
		{"plan", r.Plan},
		{"digest", r.Digest},
		{"read", report.Number(r.Totals.Read)},
		{"created", report.Number(r.Totals.Created)},
		{"linked", report.Number(r.Totals.Linked)},
		{"unchanged", report.Number(r.Totals.Unchanged)},
		{"updated", report.Number(r.Totals.Updated)},
		{"review", report.Number(r.Totals.Review)},
		{"rejected", report.Number(r.Totals.Rejected)},
		{"retired", report.Number(r.Totals.Retired)},
		{"merged", report.Number(r.Totals.Merged)},
		{"customers", report.Number(r.Totals.Customers)},
		{"reviews open", report.Number(r.Totals.ReviewsOpen)},
	} {
		t.Add(line[0], line[1])
	}
	if r.Undid > 0 {
		t.Add("undid", "run "+strconv.FormatInt(r.Undid, 10))
	}
	if r.TookBack > 0 {
		t.Add("took back", fmt.Sprintf("what was published of run %d", r.TookBack))
	} else if r.Published > 0 {
		t.Add("published", count(r.Published, "source ID"))
	}
	for i, ref := range r.Rewrote {
		label := "rewrote"
		if i > 0 {
			label = ""
		}
		how := ""
		if ref.InPlace {
			how = ", in place"
		}
		t.Add(label, fmt.Sprintf("%s (%s%s)", ref.Reference, ref.RefersTo, how))
	}
	if len(r.Adopted) > 0 {
		t.Add("own key of", strings.Join(r.Adopted, ", "))
	}
	return t.Write(e.stdout, s, "")
}

// stamp is a time as outputs write it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// printJSON prints v for programs, a line per element, with IDs readable.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
