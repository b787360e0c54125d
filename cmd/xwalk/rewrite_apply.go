package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// applyRewrite carries out what was looked at, or writes it as SQL.
func (e *env) applyRewrite(ctx context.Context, w *rewriting, o *rewriteOptions) error {
	job, err := e.unfinished(ctx, w, o)
	if err != nil {
		return err
	}
	resumed := job.Run > 0
	report := &rewriteReport{title: title("Rewrite, not carried out", w.f), serial: w.serial, found: w.reports(), changes: o.changes}
	totals := totalsOf(report.found)
	switch {
	case resumed:
	case totals.Blocked > 0 || totals.NeedDDL > 0 && !o.allowDDL:
		report.next = e.afterLook(totals, o)
		if err := e.printRewrite(report); err != nil {
			return err
		}
		return codeError(exitRefused)
	case totals.pending() == 0:
		report.next = []string{"Nothing to do: every reference that has an answer says it already.", "Nothing was written."}
		return e.printRewrite(report)
	}
	if err := e.oneScript(w, o); err != nil {
		return err
	}
	if !resumed {
		if job.Run, job.Crosswalk, report.serial, err = e.rewriteRun(ctx, w, o); err != nil {
			return err
		}
	}
	report.run, report.resumed = job.Run, resumed
	if o.emit != "" {
		return e.emitSQL(ctx, job, w, o)
	}
	report.results, err = e.writeReferences(ctx, job, w)
	if err != nil {
		again := fmt.Sprintf("run %d is under way; %s goes on from there", job.Run, e.command(append([]string{"rewrite"}, withFlags(o)...)...))
		if ctx.Err() != nil {
			e.tell("%s", again)
			return err
		}
		return fmt.Errorf("%w\n  hint: %s", err, again)
	}
	return e.printApplied(w, report)
}

// withFlags is the command line of a rewrite again.
func withFlags(o *rewriteOptions) []string {
	words := append(slices.Clone(o.names), "--apply")
	if o.allowDDL {
		words = append(words, "--allow-ddl")
	}
	return words
}

// oneScript refuses to write SQL for several databases into one file, and for
// files, for which there is none.
func (e *env) oneScript(w *rewriting, o *rewriteOptions) error {
	if o.emit == "" {
		return nil
	}
	var names []string
	for _, r := range w.refs {
		if !slices.Contains(names, r.Database.Name) {
			names = append(names, r.Database.Name)
		}
	}
	switch {
	case len(names) == 0:
		return usage("files are not rewritten with SQL; --apply makes their copies")
	case len(names) > 1:
		return usage("each database needs a script of its own: %s\n  hint: name one: %s", strings.Join(names, ", "), e.command("rewrite", names[0], "--emit-sql", "FILE"))
	}
	return nil
}

// unfinished finds out whether this rewrite was begun before and interrupted.
// Then the job has its run.
func (e *env) unfinished(ctx context.Context, w *rewriting, o *rewriteOptions) (rewrite.Job, error) {
	job := rewrite.Job{Actor: e.actor(), Surveyed: w.surveyed, Tables: w.tables, AllowDDL: o.allowDDL}
	if len(w.refs) == 0 {
		return job, nil
	}
	found, err := rewrite.FindUnfinished(ctx, w.refs)
	if err != nil || len(found) == 0 {
		return job, err
	}
	snap, done, err := e.openReadOnly(ctx, w.f)
	if err != nil {
		return job, err
	}
	defer done()
	runs, err := snap.Runs(ctx)
	if err != nil {
		return job, err
	}
	for _, u := range found {
		if !slices.ContainsFunc(runs, func(r crosswalk.RunInfo) bool { return r.Run == u.Run && r.Digest == u.Crosswalk }) {
			return job, &rewriteError{fmt.Sprintf("%s: a rewrite of another crosswalk was interrupted here (its run %d); nothing was written\n  hint: end or undo it with the configuration that it was begun with", strings.Join(u.References, ", "), u.Run)}
		}
		if u.Undoing {
			return job, &rewriteError{fmt.Sprintf("the undo of run %d was interrupted; nothing was written\n  hint: %s carries it to its end", u.Run, e.command("rewrite", "--undo", strconv.FormatInt(u.Run, 10)))}
		}
		for _, name := range u.References {
			if !slices.ContainsFunc(w.refs, func(r *rewrite.Reference) bool { return r.Name() == name }) {
				return job, &rewriteError{fmt.Sprintf("run %d rewrites %s too, and was interrupted there\n  hint: name that reference too, or none, so that it goes on", u.Run, name)}
			}
		}
		if job.Run > 0 && job.Run != u.Run {
			return job, &rewriteError{fmt.Sprintf("the rewrites of runs %d and %d were both interrupted\n  hint: name the references of one of them, so that it goes on", job.Run, u.Run)}
		}
		job.Run, job.Crosswalk = u.Run, u.Crosswalk
	}
	w.keepOnly(found)
	job.Surveyed = w.surveyed
	return job, nil
}

// keepOnly leaves references out that an interrupted rewrite was not about.
func (w *rewriting) keepOnly(found []rewrite.Unfinished) {
	about := func(name string) bool {
		return slices.ContainsFunc(found, func(u rewrite.Unfinished) bool { return slices.Contains(u.References, name) })
	}
	w.later = len(w.refs)
	w.refs = slices.DeleteFunc(w.refs, func(r *rewrite.Reference) bool { return !about(r.Name()) })
	w.surveyed = slices.DeleteFunc(w.surveyed, func(s *rewrite.Surveyed) bool { return !about(s.Name) })
	w.later -= len(w.refs)
}

// rewriteError is a rewrite that is refused.
type rewriteError struct{ text string }

func (e *rewriteError) Error() string { return e.text }

// rewriteRun makes the crosswalk's run of the rewrite: it says which
// references follow, and takes the new numbers of a source's own key for IDs
// of that source.
func (e *env) rewriteRun(ctx context.Context, w *rewriting, o *rewriteOptions) (run int64, digest string, serial int64, err error) {
	rs, err := w.f.Numbering()
	if err != nil {
		return 0, "", 0, err
	}
	environment, err := w.f.Environment()
	if err != nil {
		return 0, "", 0, err
	}
	_, res, err := e.run(ctx, w.f, rs, o.writeOptions, func(store *crosswalk.Store, m migrate.Options) (*plan.Plan, migrate.Result, error) {
		m.Doing = "rewrite"
		p, res, err := migrate.Run(ctx, store, m, func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			if err := w.current(ctx, snap); err != nil {
				return nil, err
			}
			return plan.Rewrite(ctx, snap, rs, w.rewriting(), plan.Options{Environment: environment, Actor: e.actor(), Reason: o.reason})
		})
		if err != nil {
			return p, res, err
		}
		digest, err = digestOf(ctx, store, res.Run)
		return p, res, err
	})
	return res.Run, digest, res.Serial, err
}

// current refuses what was looked at in a crosswalk that is another by now.
func (w *rewriting) current(ctx context.Context, snap *crosswalk.Snapshot) error {
	head := snap.Head()
	if head.Serial != w.serial {
		return &rewriteError{"somebody else wrote into the crosswalk meanwhile, so numbers may have changed; nothing was rewritten. Run the same again"}
	}
	if head.Run == w.head {
		return nil
	}
	runs, err := snap.Runs(ctx)
	if err == nil && slices.ContainsFunc(runs[w.head:], func(r crosswalk.RunInfo) bool { return r.Kind == "rewrite" }) {
		err = &rewriteError{"somebody else rewrites references at this time; nothing was rewritten. Run the same again when that is done"}
	}
	return err
}

// digestOf is the digest of a run, which tells this crosswalk from others.
func digestOf(ctx context.Context, store *crosswalk.Store, run int64) (digest string, err error) {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	runs, err := snap.RunsOf(ctx, []int64{run})
	if err != nil {
		return "", err
	}
	return runs[0].Digest, nil
}

// rewriting is what the crosswalk's run is about.
func (w *rewriting) rewriting() plan.Rewriting {
	var all plan.Rewriting
	for _, r := range w.refs {
		all.References = append(all.References, crosswalk.Rewritten{Reference: r.Name(), RefersTo: r.RefersTo, InPlace: r.Write == rewrite.InPlace})
		if r.OwnKey && r.Write == rewrite.InPlace {
			all.Adopt = append(all.Adopt, r.RefersTo)
		}
	}
	for _, f := range w.files {
		for _, r := range f.References {
			all.References = append(all.References, crosswalk.Rewritten{Reference: f.NameOf(&r), RefersTo: r.RefersTo})
		}
	}
	return all
}

// writeReferences rewrites the databases and then the files.
func (e *env) writeReferences(ctx context.Context, job rewrite.Job, w *rewriting) (results []rewrite.Result, err error) {
	progress := e.progress()
	defer progress.Done()
	job.Progress = func(reference string, done, total int64) { progress.Tell("rewriting "+reference, done, total) }
	results = []rewrite.Result{}
	if len(w.refs) > 0 {
		if results, err = rewrite.Apply(ctx, job); err != nil {
			return results, err
		}
	}
	for _, c := range w.copies {
		if c.Current {
			continue
		}
		more, err := c.File.Rewrite(ctx, w.tables, func(done, total int64) { progress.Tell("writing "+c.File.Out, done, total) })
		if err != nil {
			return results, err
		}
		results = append(results, more...)
	}
	return results, nil
}

// printApplied prints what became of the references.
func (e *env) printApplied(w *rewriting, r *rewriteReport) error {
	r.title = title(fmt.Sprintf("Rewritten as run %d", r.run), w.f)
	var contended int64
	for _, x := range r.results {
		contended += x.Contended
	}
	if r.resumed {
		r.next = append(r.next, "This carried an interrupted rewrite to its end.")
	}
	if w.later > 0 {
		r.next = append(r.next, fmt.Sprintf("It was not about %s; the same command takes what there is to do.", count(int64(w.later), "more reference")))
	}
	if contended > 0 {
		r.next = append(r.next, fmt.Sprintf("%s changed by somebody else meanwhile and left alone; the same command takes them.", count(contended, "row was", "rows were")))
	}
	if totalsOf(r.found).Orphans > 0 {
		r.next = append(r.next, "Rows without an answer stayed as they are.")
	}
	for _, c := range w.copies {
		r.next = append(r.next, fmt.Sprintf("%s is the copy of %s.", c.File.Out, c.File.Path))
	}
	if len(w.refs) > 0 {
		words := []string{"rewrite", "--undo", strconv.FormatInt(r.run, 10)}
		if slices.ContainsFunc(r.results, func(x rewrite.Result) bool { return len(x.DDL) > 0 }) {
			words = append(words, "--allow-ddl")
		}
		r.next = append(r.next, e.command(words...)+" puts the old values back.")
	}
	return e.printRewrite(r)
}

// emitSQL writes the script.
func (e *env) emitSQL(ctx context.Context, job rewrite.Job, w *rewriting, o *rewriteOptions) error {
	write := func(to io.Writer) error { return rewrite.Script(ctx, to, job) }
	if o.emit == "-" {
		if err := write(e.stdout); err != nil {
			return err
		}
	} else if err := writeFile(o.emit, write); err != nil {
		return err
	}
	e.tell("wrote the SQL of run %d to %s, which holds old and new numbers: keep it as confidential as the sources", job.Run, o.emit)
	e.tell("run it with %s; until then the references are as they were", client(w.refs[0], o.emit))
	e.tell("the crosswalk counts run %d as carried out: %s takes it back, whether the script was run or not", job.Run, e.command("rewrite", "--undo", strconv.FormatInt(job.Run, 10)))
	if len(w.files) > 0 {
		e.tell("files are not in it: name them with --apply")
	}
	return nil
}

// client is the command of a database's own client that runs a script.
func client(r *rewrite.Reference, script string) string {
	switch r.Database.Dialect.String() {
	case "postgres":
		return "psql -X -v ON_ERROR_STOP=1 -f " + script
	case "mysql":
		return "mysql DATABASE < " + script
	}
	return "sqlite3 -bail FILE < " + script
}
