package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/verify"
)

// promises say what a breach is a breach of.
var promises = map[int]string{
	1:  "a number is issued once",
	2:  "a source ID has one answer",
	3:  "nothing that was written is changed or lost",
	4:  "retired numbers lead to their survivor in one step",
	6:  "every run accounts for what it read",
	8:  "readers see a run whole or not at all",
	10: "keys compare byte for byte",
	11: "what people decided is kept",
	12: "issued numbers do not move by themselves",
	13: "a mark moves only over what is durable",
}

// shownBreaches is how many breaches of a kind the text names.
const shownBreaches = 20

// printVerify prints what was checked, and what does not hold.
func (e *env) printVerify(r *verify.Report, compared []plan.Reconciled) error {
	if r.Run == 0 && r.OK() {
		e.tell("no run has been published yet")
		return nil
	}
	if err := e.printChecked(r); err != nil {
		return err
	}
	if err := e.printBreaches(r); err != nil {
		return err
	}
	return e.printCompared(compared)
}

// printChecked lists what was looked at. A mark says that nothing was found
// wrong with it.
func (e *env) printChecked(r *verify.Report) error {
	s := e.style()
	wrong := map[string]bool{}
	for _, b := range r.Breaches {
		wrong[strings.TrimPrefix(b.Table, "xwalk_")] = true
	}
	t := &report.Table{Right: []bool{false, false, true}, Paint: func(_, column int, cell string) string {
		switch {
		case column == 0 && cell == "✓":
			return s.Green(cell)
		case column == 0:
			return s.Red(cell)
		case column == 3:
			return s.Dim(cell)
		}
		return cell
	}}
	add := func(what string, count int64, detail string, tables ...string) {
		mark := "✓"
		for _, table := range tables {
			if wrong[table] {
				mark = "✗"
			}
		}
		t.Add(mark, what, report.Number(count), detail)
	}
	add("runs", r.Runs, fmt.Sprintf("chained from the first to run %d, serial %d", r.Run, r.Serial), "run", "meta")
	add("links", r.Links, fmt.Sprintf("with %s superseded, as their runs wrote them", report.Number(r.Past)), "link", "link_past", "source", "rule")
	add("customers", r.Customers, "as the last run left them", "number", "number_past", "counter")
	add("numbers noted", r.Numbers, "merged, retired, kept or imported", "number", "number_past")
	add("reviews", r.Reviews, report.Number(r.ReviewsOpen)+" of them open", "review")
	waiting := ""
	if r.Waiting > 0 {
		waiting = plural(r.Waiting, "1 waits", report.Number(r.Waiting)+" wait") + " for the next run"
	}
	add("decisions", r.Decisions, waiting, "decision")
	add("index pages", r.Pages, "", "match", "index", "segment")
	if err := t.Write(e.stdout, s, "  "); err != nil {
		return err
	}
	if r.Writing > 0 {
		fmt.Fprintf(e.stdout, "\nRun %d is being written and is not looked at.\n", r.Writing)
	}
	if r.OK() {
		fmt.Fprintf(e.stdout, "\nEvery promise holds.\n")
	}
	return nil
}

// printBreaches lists the breaches by kind, and says what to do.
func (e *env) printBreaches(r *verify.Report) error {
	if r.OK() {
		return nil
	}
	s, w := e.style(), e.stdout
	kinds, of := r.Kinds()
	for _, k := range kinds {
		fmt.Fprintf(w, "\n%s\n", s.Bold(fmt.Sprintf("Promise %d, %s: broken in %s", k.Promise, promises[k.Promise], cmp.Or(k.Table, "the database"))))
		list := of[k]
		for _, b := range list[:min(len(list), shownBreaches)] {
			line := b.What
			if b.Row != "" {
				line = b.Row + ": " + line
			}
			if run := fmt.Sprintf("run %d", b.Run); b.Run > 0 && b.Row != run {
				line += " (" + run + ")"
			}
			fmt.Fprintf(w, "  %s\n", report.Clean(line))
		}
		if more := len(list) - shownBreaches; more > 0 {
			fmt.Fprintf(w, "  … and %s more like these\n", report.Number(int64(more)))
		}
	}
	fmt.Fprintf(w, "\n%s. Something else than xwalk changed the crosswalk, or its disk fails.\n"+
		"Keep it as it is and write nothing to it; put back the last backup or archive for which %s\n"+
		"finds nothing, and apply again. All breaches: %s.\n",
		plural(r.Count, "1 breach", report.Number(r.Count)+" breaches"), e.command("verify"), e.command("verify", "--format", "json"))
	return nil
}

// printCompared lists what the sources say that the crosswalk does not.
func (e *env) printCompared(compared []plan.Reconciled) error {
	if len(compared) == 0 {
		return nil
	}
	s, w := e.style(), e.stdout
	t := &report.Table{
		Header: []string{"source", "read", "known", "changed", "missing", "returned", "held", "deleted", "rejected", "duplicates", "extra"},
		Right:  []bool{false, true, true, true, true, true, true, true, true, true, true},
	}
	differ := false
	for i := range compared {
		c := &compared[i]
		differ = differ || c.Differs()
		cells := []string{c.Source}
		for _, n := range [...]int64{c.Read, c.Known, c.Changed, c.Missing, c.Returned + c.Retired, c.Held, c.Deleted, c.Rejected, c.Duplicates, c.Extra} {
			cells = append(cells, report.Number(n))
		}
		t.Add(cells...)
	}
	fmt.Fprintln(w)
	if err := t.Write(w, s, ""); err != nil {
		return err
	}
	if !differ {
		fmt.Fprintf(w, "\nThe sources say what the crosswalk says.\n")
		return nil
	}
	fmt.Fprintln(w)
	for i := range compared {
		c := &compared[i]
		if c.Orphan && c.Extra > 0 {
			fmt.Fprintf(w, "%s: the configuration has no such source; its links stay.\n", report.Clean(c.Source))
			continue
		}
		for _, of := range [...]struct {
			name, what string
			count      int64
		}{
			{"missing", "without a link yet", c.Missing},
			{"changed", "changed since the last run", c.Changed},
			{"returned", "back again; the link ended", c.Returned},
			{"retired", "whose link a person ended", c.Retired},
			{"rejected", "that cannot be used", c.Rejected},
			{"extra", "with a link and no record" + filteredNote(c), c.Extra},
		} {
			if of.count == 0 {
				continue
			}
			fmt.Fprintf(w, "%s: %s %s", report.Clean(c.Source), report.Number(of.count), of.what)
			if ids := c.Examples[of.name]; len(ids) > 0 {
				fmt.Fprintf(w, ": %s", report.Clean(strings.Join(ids, ", ")))
			}
			if int64(len(c.Examples[of.name])) < of.count {
				fmt.Fprint(w, " …")
			}
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintf(w, "\nThese are no breaches: %s shows what the next run makes of them.\n", e.command("plan"))
	return nil
}

func filteredNote(c *plan.Reconciled) string {
	if c.Filtered {
		return " within the filter"
	}
	return ""
}
