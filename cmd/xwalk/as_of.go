package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// asOf is a moment of the past, as people name it: a run, or a time.
type asOf string

func (a *asOf) flag() cli.Flag {
	return &cli.StringFlag{Name: "as-of", Usage: "what was known after a run, or at a time: `TIME|RUN`", Destination: (*string)(a)}
}

// asOfHelp says how a moment is written.
const asOfHelp = `--as-of answers as the crosswalk would have then. RUN is the number of a run: what
it left. TIME is 2026-01-31T12:00:00Z or "2026-01-31 12:00" (UTC); a day alone is
its end, in UTC. What had been published by then counts; a time to come is now.`

// check refuses what is neither a run nor a time.
func (a asOf) check() error {
	if a == "" {
		return nil
	}
	_, _, err := a.moment()
	return err
}

// moment is the run that a names, or the time: run is -1 then.
func (a asOf) moment() (run int64, at time.Time, err error) {
	text := strings.TrimSpace(string(a))
	number, named := strings.CutPrefix(text, "run:")
	if run, err := strconv.ParseInt(number, 10, 64); err == nil && run >= 0 {
		return run, time.Time{}, nil
	}
	if !named {
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			return -1, day.AddDate(0, 0, 1).Add(-time.Second), nil
		}
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
			if at, err := time.Parse(layout, text); err == nil {
				return -1, at, nil
			}
		}
	}
	return 0, time.Time{}, usage("--as-of %s: expected the number of a run (%s lists them), or a time such as 2026-01-31 or 2026-01-31T12:00:00Z", string(a), "xwalk runs")
}

// openAsOf opens the crosswalk of f and a view of it at the moment a, of the
// present without one; done closes both.
func (e *env) openAsOf(ctx context.Context, f *config.File, a asOf) (snap *crosswalk.Snapshot, done func(), err error) {
	if a == "" {
		return e.openReadOnly(ctx, f)
	}
	run, at, err := a.moment()
	if err != nil {
		return nil, nil, err
	}
	store, err := e.openStoreReadOnly(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	if snap, err = e.snapshotAsOf(ctx, store, run, at); err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return snap, func() { _ = errors.Join(snap.Close(), store.Close()) }, nil
}

// snapshotAsOf opens a view of what a run left, or where run is below 0, of
// what had been published at a time.
func (e *env) snapshotAsOf(ctx context.Context, store *crosswalk.Store, run int64, at time.Time) (*crosswalk.Snapshot, error) {
	now, err := store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = now.Close() }()
	if run < 0 {
		if run, err = now.RunAt(ctx, at); err != nil {
			return nil, err
		}
	}
	if last := now.Head().Run; run > last {
		return nil, usage("--as-of: there is no run %d yet; the last one is run %d", run, last)
	}
	snap, err := store.SnapshotAt(ctx, run)
	if err != nil {
		return nil, err
	}
	then, err := snap.RunsOf(ctx, []int64{run})
	if err != nil {
		return nil, errors.Join(err, snap.Close())
	}
	if e.common.format == "text" {
		e.tellAsOf(then)
	}
	return snap, nil
}

// tellAsOf says to people which moment the answers are of.
func (e *env) tellAsOf(then []crosswalk.RunInfo) {
	if len(then) == 0 {
		e.tell("as of before the first run")
		return
	}
	e.tell("as of run %d (%s), published %s", then[0].Run, then[0].Kind, stamp(then[0].Finished))
}
