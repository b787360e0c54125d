package main

import (
	"context"
	"encoding/csv"
	"errors"

	"github.com/gocarina/gocsv"
	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/verify"
)

func verifyCommand(e *env) *cli.Command {
	sources := false
	return &cli.Command{
		Name:      "verify",
		Usage:     "check every promise against the crosswalk, and the crosswalk against the sources",
		UsageText: "xwalk verify [--sources]",
		Description: `Computes the digests of all runs anew and checks every promise on what is stored:
a value that was changed behind xwalk's back is found and named. It only reads,
and may run beside a run that is being written. It ends with 1 when a promise
does not hold.

   xwalk verify                    the crosswalk by itself
   xwalk verify --sources          read the sources too: what is new, changed or gone there
                                   since the last run; such differences are no breach
   xwalk verify --format json      every breach, for programs`,
		Flags: []cli.Flag{
			&cli.BoolFlag{DisableDefaultText: true, Name: "sources", Usage: "compare with the sources as they are now", Destination: &sources},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usage("verify takes no arguments; to ask about one number: xwalk explain %s", c.Args().First())
			}
			return e.verify(c.Context, sources)
		},
	}
}

// verifyJSON is what verify found, in the words of the contract.
type verifyJSON struct {
	Run         int64              `json:"run"`
	Serial      int64              `json:"serial"`
	OK          bool               `json:"ok"`
	Runs        int64              `json:"runs"`
	Links       int64              `json:"links"`
	PastLinks   int64              `json:"past_links"`
	Numbers     int64              `json:"numbers"`
	Reviews     int64              `json:"reviews"`
	IndexPages  int64              `json:"index_pages"`
	Decisions   int64              `json:"decisions"`
	Waiting     int64              `json:"decisions_waiting"`
	Customers   int64              `json:"customers"`
	ReviewsOpen int64              `json:"reviews_open"`
	Writing     *int64             `json:"writing"` // the run that is being written, if any
	Count       int64              `json:"breach_count"`
	Breaches    []crosswalk.Breach `json:"breaches"`
	Sources     []plan.Reconciled  `json:"sources"` // empty without --sources
}

func (e *env) verify(ctx context.Context, sources bool) error {
	r, compared, err := e.verified(ctx, sources)
	if err != nil {
		return err
	}
	switch e.common.format {
	case "json":
		err = printJSON(e.stdout, verifyOf(r, compared))
	case "csv":
		err = e.verifyCSV(r, compared, sources)
	default:
		err = e.printVerify(r, compared)
	}
	if err == nil && !r.OK() {
		return codeError(exitFailed)
	}
	return err
}

// verified checks the crosswalk and, where that is asked for, what the sources
// say. A source that cannot be read is told before anything is checked.
func (e *env) verified(ctx context.Context, sources bool) (*verify.Report, []plan.Reconciled, error) {
	f, err := e.load()
	if err != nil {
		return nil, nil, err
	}
	store, err := e.openStoreReadOnly(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = store.Close() }()
	progress := e.progress()
	defer progress.Done()
	compare := func() ([]plan.Reconciled, error) { return []plan.Reconciled{}, nil }
	if sources {
		_, rs, err := e.loadRules()
		if err != nil {
			return nil, nil, err
		}
		in, err := inputs(ctx, f, rs)
		if err != nil {
			return nil, nil, err
		}
		compare = func() (compared []plan.Reconciled, err error) {
			snap, err := store.Snapshot(ctx)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, snap.Close()) }()
			return plan.Reconcile(ctx, snap, rs, in, plan.Options{Policy: f.Policy, Progress: tellProgress(progress)})
		}
	}
	r, err := verify.Check(ctx, store, verify.Options{Progress: func(rows int64) { progress.Tell("checking rows", rows, 0) }})
	if err != nil {
		return nil, nil, err
	}
	if !r.OK() { // a comparison with what cannot be relied on tells nothing
		return r, []plan.Reconciled{}, nil
	}
	compared, err := compare()
	return r, compared, err
}

func verifyOf(r *verify.Report, compared []plan.Reconciled) verifyJSON {
	v := verifyJSON{
		Run: r.Run, Serial: r.Serial, OK: r.OK(), Runs: r.Runs, Links: r.Links, PastLinks: r.Past, Numbers: r.Numbers, Reviews: r.Reviews,
		IndexPages: r.Pages, Decisions: r.Decisions, Waiting: r.Waiting, Customers: r.Customers, ReviewsOpen: r.ReviewsOpen,
		Count: r.Count, Breaches: r.Breaches, Sources: compared,
	}
	if r.Writing > 0 {
		v.Writing = &r.Writing
	}
	return v
}

type breachRow struct {
	Promise int    `csv:"promise"`
	Table   string `csv:"table"`
	Row     string `csv:"row"`
	Run     int64  `csv:"run"`
	What    string `csv:"what"`
}

type comparedRow struct {
	Source     string `csv:"source"`
	Read       int64  `csv:"read"`
	Known      int64  `csv:"known"`
	Changed    int64  `csv:"changed"`
	Missing    int64  `csv:"missing"`
	Returned   int64  `csv:"returned"`
	Retired    int64  `csv:"retired"`
	Held       int64  `csv:"held"`
	Deleted    int64  `csv:"deleted"`
	Rejected   int64  `csv:"rejected"`
	Duplicates int64  `csv:"duplicates"`
	Extra      int64  `csv:"extra"`
	Orphan     bool   `csv:"orphan"`
}

// verifyCSV prints the breaches or, where there are none and it was asked for,
// the comparison with the sources.
func (e *env) verifyCSV(r *verify.Report, compared []plan.Reconciled, sources bool) error {
	if sources && r.OK() {
		rows := make([]comparedRow, len(compared))
		for i, c := range compared {
			rows[i] = comparedRow{
				report.Neutral(c.Source), c.Read, c.Known, c.Changed, c.Missing, c.Returned, c.Retired, c.Held, c.Deleted,
				c.Rejected, c.Duplicates, c.Extra, c.Orphan,
			}
		}
		return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
	}
	rows := make([]breachRow, len(r.Breaches))
	for i, b := range r.Breaches {
		rows[i] = breachRow{b.Promise, b.Table, report.Neutral(b.Row), b.Run, report.Neutral(b.What)}
	}
	return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
}
