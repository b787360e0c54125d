package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/translate/publish"
)

// changeList prints every record as it comes, so that none has to be kept.
type changeList struct {
	w      io.Writer
	format string // empty: nothing is printed
	csv    *csv.Writer
	n      int
}

func (e *env) newChangeList(wanted bool) *changeList {
	l := &changeList{w: e.stdout}
	if wanted {
		l.format = e.common.format
	}
	return l
}

var changeHeader = []string{"source", "source_id", "canonical_id", "before", "outcome", "reason"}

func (l *changeList) add(c *publish.Change) error {
	l.n++
	switch l.format {
	case "csv":
		return l.row(c)
	case "json":
		start := ",\n    "
		if l.n == 1 {
			start = "{\n  \"changes\": [\n    "
		}
		text, err := encodeJSON(c, "    ")
		if err != nil {
			return err
		}
		_, err = io.WriteString(l.w, start+text)
		return err
	case "text":
		_, err := fmt.Fprintln(l.w, changeLine(c))
		return err
	}
	return nil
}

func (l *changeList) row(c *publish.Change) error {
	if l.csv == nil {
		l.csv = csv.NewWriter(l.w)
		if err := l.csv.Write(changeHeader); err != nil {
			return err
		}
	}
	if c == nil {
		return nil
	}
	before := ""
	if c.Before != nil {
		before = *c.Before
	}
	return l.csv.Write([]string{c.Source, c.SourceID, c.CanonicalID, before, string(c.Outcome), c.Reason})
}

// encodeJSON writes v with its lines after the first indented.
func encodeJSON(v any, indent string) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(indent, "  ")
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// changeLine is a record in one line.
func changeLine(c *publish.Change) string {
	text := fmt.Sprintf("%-9s %s %s → %s", c.Outcome, c.Source, c.SourceID, c.CanonicalID)
	if c.Before != nil && *c.Before != "" && *c.Before != c.CanonicalID {
		text += fmt.Sprintf(" (holds %s)", *c.Before)
	}
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	return report.Clean(text)
}

// publishJSON is what a publish prints.
type publishJSON struct {
	Run      *int64           `json:"run"`
	Applied  bool             `json:"applied"`
	Undid    *int64           `json:"undid,omitempty"`
	Resumed  int64            `json:"resumed,omitempty"`
	Sources  map[string]any   `json:"sources"`
	Examples []publish.Change `json:"examples"`
}

// publishedJSON and takenBackJSON are what became of a source.
type publishedJSON struct {
	Field string `json:"field"`
	Copy  string `json:"copy,omitempty"`
	publish.Counts
}

type takenBackJSON struct {
	Field     string `json:"field"`
	Copy      string `json:"copy,omitempty"`
	Published int64  `json:"published"`
	Restored  int64  `json:"restored"`
	Kept      int64  `json:"kept"`
	Refused   int64  `json:"refused"`
	Missing   int64  `json:"missing"`
}

// announce says what is going to be written.
func (e *env) announce(r *publish.Report) {
	for _, s := range r.Sources {
		n, what := s.Written, "writing"
		if r.Undid > 0 {
			n, what = s.Restored, "putting back"
		}
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("%s %s of %s", what, count(n, "field"), fieldOf(s))
		for _, c := range r.Examples {
			if c.Source == s.Name && (c.Outcome == publish.Written || c.Outcome == publish.Restored) {
				text += fmt.Sprintf(", such as %s → %s", c.SourceID, c.CanonicalID)
				break
			}
		}
		e.tell("%s", report.Clean(text))
	}
}

func fieldOf(s *publish.SourceReport) string {
	if s.Copy != "" {
		return fmt.Sprintf("%s.%s in %s", s.Name, s.Field, s.Copy)
	}
	return s.Name + "." + s.Field
}

func (e *env) printPublish(f *config.File, o *publishOptions, r *publish.Report, list *changeList) error {
	switch e.common.format {
	case "json":
		return e.publishAsJSON(o, r, list)
	case "csv":
		if !o.changes {
			return e.publishAsCSV(r)
		}
		err := list.row(nil)
		list.csv.Flush()
		if err == nil {
			err = list.csv.Error()
		}
		return err
	}
	if list.n > 0 && o.changes {
		fmt.Fprintln(e.stdout)
	}
	fmt.Fprintf(e.stdout, "%s\n\n", e.style().Bold(title(publishTitle(o, r), f)))
	if err := publishTable(r).Write(e.stdout, e.style(), "  "); err != nil {
		return err
	}
	if !o.changes {
		e.printExamples(r)
	}
	fmt.Fprintln(e.stdout)
	for _, next := range e.afterPublish(o, r) {
		fmt.Fprintf(e.stdout, "→ %s\n", next)
	}
	return nil
}

func (e *env) publishAsJSON(o *publishOptions, r *publish.Report, list *changeList) error {
	out := publishJSON{Applied: !o.dryRun, Resumed: r.Resumed, Sources: map[string]any{}, Examples: r.Examples}
	if r.Run > 0 {
		out.Run = &r.Run
	}
	if out.Examples == nil {
		out.Examples = []publish.Change{}
	}
	for _, s := range r.Sources {
		out.Sources[s.Name] = publishedJSON{s.Field, s.Copy, s.Counts}
		if r.Undid > 0 {
			out.Sources[s.Name] = takenBackJSON{s.Field, s.Copy, s.Links, s.Restored, s.Kept, s.Refused, s.Missing}
		}
	}
	if r.Undid > 0 {
		out.Undid = &r.Undid
	}
	text, err := encodeJSON(out, "")
	if err != nil {
		return err
	}
	if o.changes {
		start := "\n  ],"
		if list.n == 0 {
			start = "{\n  \"changes\": [],"
		}
		text = start + strings.TrimPrefix(text, "{")
	}
	_, err = fmt.Fprintln(e.stdout, text)
	return err
}

// publishRow is a source's counts.
type publishRow struct {
	Source    string `csv:"source"`
	Field     string `csv:"field"`
	Links     int64  `csv:"links"`
	Unchanged int64  `csv:"unchanged"`
	Written   int64  `csv:"written"`
	Already   int64  `csv:"already"`
	Conflicts int64  `csv:"conflicts"`
	Refused   int64  `csv:"refused"`
	Missing   int64  `csv:"missing"`
	Restored  int64  `csv:"restored"`
	Kept      int64  `csv:"kept"`
}

func (e *env) publishAsCSV(r *publish.Report) error {
	var rows []publishRow
	for _, s := range r.Sources {
		rows = append(rows, publishRow{s.Name, s.Field, s.Links, s.Unchanged, s.Written, s.Already, s.Conflicts, s.Refused, s.Missing, s.Restored, s.Kept})
	}
	return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
}

func publishTitle(o *publishOptions, r *publish.Report) string {
	switch {
	case o.dryRun && r.Undid > 0:
		return fmt.Sprintf("Taking back what was published of run %d, not carried out", r.Undid)
	case o.dryRun:
		return "Publish, not carried out"
	case r.Run == 0 && r.Undid > 0:
		return fmt.Sprintf("Nothing to take back of run %d", r.Undid)
	case r.Run == 0:
		return "Nothing to publish"
	case r.Undid > 0:
		return fmt.Sprintf("Took back what was published of run %d as run %d", r.Undid, r.Run)
	}
	return fmt.Sprintf("Published as run %d", r.Run)
}

// publishTable shows the counts; a column of zeros that nobody waits for is
// left out.
func publishTable(r *publish.Report) *report.Table {
	total := r.Total()
	type column struct {
		name string
		of   func(*publish.Counts) int64
		show bool
	}
	columns := []column{
		{"links", func(c *publish.Counts) int64 { return c.Links }, true},
		{"unchanged", func(c *publish.Counts) int64 { return c.Unchanged }, true},
		{"written", func(c *publish.Counts) int64 { return c.Written }, true},
		{"already there", func(c *publish.Counts) int64 { return c.Already }, total.Already > 0},
		{"conflicts", func(c *publish.Counts) int64 { return c.Conflicts }, true},
	}
	if r.Undid > 0 {
		columns = []column{
			{"published", func(c *publish.Counts) int64 { return c.Links }, true},
			{"restored", func(c *publish.Counts) int64 { return c.Restored }, true},
			{"kept", func(c *publish.Counts) int64 { return c.Kept }, true},
		}
	}
	columns = append(columns,
		column{"refused", func(c *publish.Counts) int64 { return c.Refused }, true},
		column{"missing", func(c *publish.Counts) int64 { return c.Missing }, true})
	t := &report.Table{Header: []string{"source", "field"}, Right: []bool{false, false}}
	for _, c := range columns {
		if c.show {
			t.Header, t.Right = append(t.Header, c.name), append(t.Right, true)
		}
	}
	for _, s := range r.Sources {
		row := []string{s.Name, s.Field}
		for _, c := range columns {
			if c.show {
				row = append(row, report.Number(c.of(&s.Counts)))
			}
		}
		t.Add(row...)
	}
	return t
}

func (e *env) printExamples(r *publish.Report) {
	if len(r.Examples) > 0 {
		fmt.Fprintln(e.stdout)
	}
	for i := range r.Examples {
		fmt.Fprintf(e.stdout, "  %s\n", changeLine(&r.Examples[i]))
	}
}

// afterPublish says what follows.
func (e *env) afterPublish(o *publishOptions, r *publish.Report) []string {
	var next []string
	t := r.Total()
	if r.Resumed > 0 {
		next = append(next, "Before that, "+count(r.Resumed, "record")+" of an interrupted run were carried to their end.")
	}
	for _, s := range r.Sources {
		if s.Copy != "" && !o.dryRun {
			next = append(next, fmt.Sprintf("%s stays as it is; the copy is %s.", s.Name, s.Copy))
		}
	}
	if t.Gone > 0 {
		next = append(next, count(t.Gone, "field")+" of customers that are gone keep what was published.")
	}
	if t.Conflicts > 0 {
		next = append(next, "A conflict is a field that holds what is no canonical ID; it stays. --overwrite writes over it.")
	}
	if t.Missing > 0 {
		next = append(next, "Missing are records that the source does not have any more, or not within its filter.")
	}
	if t.Refused > 0 {
		next = append(next, "Refused records are as they were; the next publish tries them again.")
	}
	if len(r.Others) > 0 {
		next = append(next, "It published to "+strings.Join(r.Others, ", ")+" too, which was left alone: name it, and see that it has publish in the configuration.")
	}
	switch {
	case o.dryRun:
		next = append(next, "Nothing was written; the same without --dry-run does it.")
	case r.Run > 0 && r.Undid == 0:
		next = append(next, e.command("publish", "--undo", fmt.Sprint(r.Run))+" takes it back.")
	case r.Run > 0:
		next = append(next, e.command("publish")+" writes what is to be there now.")
	}
	return next
}
