package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/translate/publish"
)

type publishOptions struct {
	writeOptions
	sources   []string
	dryRun    bool
	overwrite bool
	undo      int64
}

func (o *publishOptions) check(c *cli.Context) error {
	switch {
	case c.IsSet("undo") && o.undo < 1:
		return usage("--undo %d: expected the number of a run; xwalk runs lists them", o.undo)
	case o.undo > 0 && o.overwrite:
		return usage("--overwrite and --undo contradict each other: an undo touches only what still is as it was written")
	}
	return o.writeOptions.check()
}

func publishCommand(e *env) *cli.Command {
	o := &publishOptions{}
	return &cli.Command{
		Name:      "publish",
		Usage:     "write canonical IDs back into the sources",
		UsageText: "xwalk publish [SOURCE…] [--dry-run] [--overwrite] [--undo RUN]",
		Description: `Writes each customer's canonical ID into a field of the sources' own records:
of all sources that have

   publish: { field: canonical_no }

in the configuration, or of those that are named. Only what is new or has changed
since the last publish is written, looked at before and read back afterwards. It
says first what it is going to write. A file stays as it is; a copy of it is made
(publish.out, else legacy.published.csv).

A field that holds what is no canonical ID is somebody else's: it stays, and is
counted as a conflict. --overwrite writes into those too, and looks at every
record again, also at those that were published before.

--undo RUN puts the fields back to what they held before, where they still hold
what was written. RUN is a run of publish, or another one whose numbers were
published since.

   xwalk publish --dry-run             look first
   xwalk publish --dry-run --changes   every single record
   xwalk publish shop --reason "cut-over"
   xwalk publish --undo 7

What was interrupted the next publish carries on. Exit code 1 where a source
refused records, 3 where one is not there, or the crosswalk is of another
environment.`,
		Flags: append(o.flags(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "show what it would write, without writing it", Destination: &o.dryRun},
			&cli.BoolFlag{DisableDefaultText: true, Name: "overwrite", Usage: "write over what is no canonical ID, and look at every record again", Destination: &o.overwrite},
			&cli.Int64Flag{Name: "undo", Usage: "take back what was published by `RUN`, or of its numbers", Destination: &o.undo, DefaultText: "none"},
		),
		Action: func(c *cli.Context) error {
			o.sources = c.Args().Slice()
			if err := o.check(c); err != nil {
				return err
			}
			return e.publish(c.Context, o)
		},
	}
}

func (e *env) publish(ctx context.Context, o *publishOptions) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	targets, err := publishTargets(f, o.sources)
	if err != nil {
		return err
	}
	environment, err := f.Environment()
	if err != nil {
		return err
	}
	actor := e.actor()
	if actor == "" && !o.dryRun {
		return usage("publish needs somebody who answers for it: --actor NAME")
	}
	progress := e.progress()
	var once sync.Once
	list := e.newChangeList(o.changes)
	opts := publish.Options{
		Actor: actor, Reason: o.reason, Environment: environment, Overwrite: o.overwrite, Wait: o.wait,
		Waiting: func(l *crosswalk.LockedError) {
			once.Do(func() { e.tell("waiting for %s, which is writing (%s)", l.Holder, l.Kind) })
		},
		Progress: progress.Tell,
		Announce: func(r *publish.Report) {
			progress.Done()
			e.announce(r)
		},
		Each: list.add,
	}
	r, err := e.carryOutPublish(ctx, f, o, targets, opts)
	progress.Done()
	if err != nil {
		return err
	}
	if err := e.printPublish(f, o, r, list); err != nil {
		return err
	}
	if r.Total().Refused > 0 {
		return codeError(exitFailed)
	}
	return nil
}

// carryOutPublish publishes, or takes back, or looks what either would do. No
// crosswalk is made for it.
func (e *env) carryOutPublish(ctx context.Context, f *config.File, o *publishOptions, targets []publish.Target, opts publish.Options) (*publish.Report, error) {
	snap, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := ofEnvironment(snap, opts.Environment); err != nil {
		return nil, err
	}
	var run crosswalk.RunInfo
	if o.undo > 0 {
		if run, err = e.runNumber(ctx, snap, o.undo); err != nil {
			return nil, err
		}
	}
	switch {
	case o.dryRun && o.undo > 0:
		return publish.LookUndo(ctx, snap, run, targets, opts)
	case o.dryRun:
		return publish.Look(ctx, snap, targets, opts)
	}
	done()
	store, err := e.openStore(ctx, f)
	if err != nil {
		return nil, err
	}
	var r *publish.Report
	if o.undo > 0 {
		r, err = publish.Undo(ctx, store, run, targets, opts)
	} else {
		r, err = publish.Publish(ctx, store, targets, opts)
	}
	return r, closing(err, store)
}

// runNumber finds a run.
func (e *env) runNumber(ctx context.Context, snap *crosswalk.Snapshot, no int64) (crosswalk.RunInfo, error) {
	runs, err := snap.Runs(ctx)
	if err != nil {
		return crosswalk.RunInfo{}, err
	}
	if i := slices.IndexFunc(runs, func(r crosswalk.RunInfo) bool { return r.Run == no }); i >= 0 {
		return runs[i], nil
	}
	none := &plan.NoRunError{Run: no, Last: runs[max(0, len(runs)-report.Samples):]}
	return crosswalk.RunInfo{}, fmt.Errorf("%w\n  hint: %s lists all of them", none, e.command("runs"))
}

// publishTargets are the sources that are named, or else all that can be
// published to.
func publishTargets(f *config.File, names []string) ([]publish.Target, error) {
	var targets []publish.Target
	for _, s := range f.Sources {
		named := slices.Contains(names, s.Name)
		switch {
		case s.Publishes() == "" && named:
			return nil, usage("source %s has no field to publish to\n  hint: add to it in %s: publish: { field: canonical_no }", s.Name, f.Path)
		case s.Publishes() != "" && (named || len(names) == 0):
			targets = append(targets, publish.Target{
				Source: s.Name, Field: s.Publishes(), Parts: s.IDColumns(),
				Open: func(ctx context.Context) (mapping.Publisher, error) { return s.Publisher(ctx) },
			})
		}
	}
	for _, name := range names {
		if _, ok := f.Find(name); ok {
			continue
		}
		hint := "it has: " + strings.Join(f.Names(), ", ")
		if near := diag.Nearest(name, f.Names()); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, usage("%s has no source %q\n  hint: %s", f.Path, name, hint)
	}
	if len(targets) == 0 {
		example := f.Sources[0].Name
		for _, s := range f.Sources {
			if s.CanPublish() {
				example = s.Name
				break
			}
		}
		return nil, usage("no source has a field to publish to\n  hint: add it in %s to those that are to have the canonical IDs:\n    sources:\n      %s:\n        publish: { field: canonical_no }", f.Path, example)
	}
	return targets, nil
}
