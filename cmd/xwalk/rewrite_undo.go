package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// undoneJSON is the undo of a rewrite for programs.
type undoneJSON struct {
	Run        *int64           `json:"run"` // of the undo
	Undid      int64            `json:"undid"`
	Applied    bool             `json:"applied"`
	References []rewrite.Undone `json:"references"`
	Files      []string         `json:"files"` // copies, which are left
	// Untouched says that no database knows of the rewrite.
	Untouched bool `json:"untouched,omitempty"`
}

// undoRewrite puts the old values of a rewrite back.
func (e *env) undoRewrite(ctx context.Context, o *rewriteOptions) error {
	o.names = nil
	w, err := e.references(o)
	if err != nil {
		return err
	}
	info, err := e.toUndo(ctx, w, o)
	if err != nil {
		return err
	}
	refs, files, err := w.of(info)
	if err != nil {
		return err
	}
	result := undoneJSON{Undid: info.Run, References: []rewrite.Undone{}, Files: files}
	if len(refs) > 0 {
		result.References, err = rewrite.Undo(ctx, refs, info.Run, info.Digest, o.allowDDL, o.dryRun)
		if errors.Is(err, rewrite.ErrUnknownRun) { // of a script that nobody ran
			result.References, result.Untouched, err = []rewrite.Undone{}, true, nil
		}
		if err != nil {
			return err
		}
	}
	if !o.dryRun {
		run, err := e.undoRun(ctx, w, o, info.Run)
		if err != nil {
			return fmt.Errorf("%w\n  hint: the old values are back, and the crosswalk does not say so yet: run the same again", err)
		}
		result.Run, result.Applied = &run, true
	}
	return e.printUndone(w, o, &result)
}

// toUndo finds the run that is to be undone.
func (e *env) toUndo(ctx context.Context, w *rewriting, o *rewriteOptions) (crosswalk.RunInfo, error) {
	environment, err := w.f.Environment()
	if err != nil {
		return crosswalk.RunInfo{}, err
	}
	snap, done, err := e.openReadOnly(ctx, w.f)
	if err != nil {
		return crosswalk.RunInfo{}, err
	}
	defer done()
	if err := ofEnvironment(snap, environment); err != nil {
		return crosswalk.RunInfo{}, err
	}
	runs, err := snap.Runs(ctx)
	if err != nil {
		return crosswalk.RunInfo{}, err
	}
	inForce := rewritesInForce(runs)
	switch {
	case o.run == 0 && len(inForce) == 0:
		return crosswalk.RunInfo{}, fmt.Errorf("there is no rewrite to undo")
	case o.run == 0:
		return inForce[len(inForce)-1], nil
	}
	for _, r := range inForce {
		if r.Run == o.run {
			return r, nil
		}
	}
	var numbers []string
	for _, r := range inForce {
		numbers = append(numbers, strconv.FormatInt(r.Run, 10))
	}
	hint := "no rewrite is in force"
	if len(numbers) > 0 {
		hint = "rewrites in force: run " + strings.Join(numbers, ", ")
	}
	return crosswalk.RunInfo{}, fmt.Errorf("run %d is no rewrite that is in force\n  hint: %s; %s lists all runs", o.run, hint, e.command("runs"))
}

// rewritesInForce are the rewrites that were not undone, oldest first.
func rewritesInForce(runs []crosswalk.RunInfo) []crosswalk.RunInfo {
	undone := map[int64]bool{}
	for _, r := range runs {
		undone[r.Undid] = true
	}
	return slices.DeleteFunc(slices.Clone(runs), func(r crosswalk.RunInfo) bool { return r.Kind != "rewrite" || r.Undid > 0 || undone[r.Run] })
}

// of finds the references that a run rewrote, and the copies that it made.
func (w *rewriting) of(run crosswalk.RunInfo) (refs []*rewrite.Reference, files []string, err error) {
	files = []string{}
	var lost []string
	for _, x := range run.Rewrote {
		i := slices.IndexFunc(w.refs, func(r *rewrite.Reference) bool { return r.Name() == x.Reference })
		if i >= 0 {
			if !slices.Contains(refs, w.refs[i]) {
				refs = append(refs, w.refs[i])
			}
			continue
		}
		f := slices.IndexFunc(w.files, func(f *rewrite.File) bool { return strings.HasPrefix(x.Reference, f.Name+": ") })
		switch {
		case f < 0:
			lost = append(lost, x.Reference)
		case !slices.Contains(files, w.files[f].Out):
			files = append(files, w.files[f].Out)
		}
	}
	if len(lost) > 0 {
		return nil, nil, usage("run %d rewrote %s, which the configuration does not name any more\n  hint: name it under references again; to undo it, xwalk has to know where it is", run.Run, strings.Join(lost, ", "))
	}
	return refs, files, nil
}

// undoRun makes the crosswalk's run of the undo.
func (e *env) undoRun(ctx context.Context, w *rewriting, o *rewriteOptions, undid int64) (int64, error) {
	rs, err := w.f.Numbering()
	if err != nil {
		return 0, err
	}
	environment, err := w.f.Environment()
	if err != nil {
		return 0, err
	}
	_, res, err := e.run(ctx, w.f, rs, o.writeOptions, func(store *crosswalk.Store, m migrate.Options) (*plan.Plan, migrate.Result, error) {
		m.Doing = "rewrite"
		return migrate.Run(ctx, store, m, func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.UndoRewrite(ctx, snap, rs, undid, plan.Options{Environment: environment, Actor: e.actor(), Reason: o.reason})
		})
	})
	return res.Run, err
}

// printUndone prints what is again as it was.
func (e *env) printUndone(w *rewriting, o *rewriteOptions, r *undoneJSON) error {
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, r)
	case "csv":
		type row struct {
			Reference string `csv:"reference"`
			Restored  int64  `csv:"restored"`
			Kept      int64  `csv:"kept"`
		}
		rows := []row{}
		for _, x := range r.References {
			rows = append(rows, row{report.Neutral(x.Name), x.Restored, x.Kept})
		}
		return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
	}
	s, out := e.style(), e.stdout
	head := fmt.Sprintf("Undo of the rewrite of run %d, not carried out", r.Undid)
	if r.Run != nil {
		head = fmt.Sprintf("Undid the rewrite of run %d as run %d", r.Undid, *r.Run)
	}
	fmt.Fprintf(out, "%s\n\n", s.Bold(title(head, w.f)))
	t := &report.Table{Header: []string{"reference", "restored", "kept"}, Right: []bool{false, true, true}}
	var kept int64
	for _, x := range r.References {
		t.Add(x.Name, report.Number(x.Restored), report.Number(x.Kept))
		kept += x.Kept
	}
	if len(r.References) > 0 {
		if err := t.Write(out, s, "  "); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	var next []string
	if r.Untouched {
		next = append(next, "No database knows of this rewrite, so there was nothing to put back. Do not run a script of it any more.")
	}
	for _, x := range r.References {
		next = append(next, x.Left...)
	}
	if kept > 0 {
		next = append(next, fmt.Sprintf("%s changed since and kept.", count(kept, "row was", "rows were")))
	}
	for _, f := range r.Files {
		next = append(next, f+" is left; its file never changed.")
	}
	if o.dryRun {
		next = append(next, "Nothing was written; the same without --dry-run does it.")
	}
	for _, n := range next {
		fmt.Fprintf(out, "%s %s\n", s.Cyan("→"), report.Clean(n))
	}
	return nil
}
