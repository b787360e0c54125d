package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
)

type exportOptions struct {
	out       string
	source    string
	live      bool
	since     int64
	columns   string
	customers bool
	decisions bool
	archive   string
	asOf      asOf
}

func (o *exportOptions) check() error {
	if o.archive != "" && (o.out != "" || o.columns != "" || o.source != "" || o.since > 0 || o.live || o.customers || o.decisions || o.asOf != "") {
		return usage("--archive FILE writes the whole crosswalk as it is: no other option of export goes with it")
	}
	if o.decisions && o.asOf != "" {
		return usage("--decisions writes the verdicts in force: --as-of does not go with it; xwalk history tells what was decided about an ID")
	}
	if o.decisions && (o.columns != "" || o.source != "" || o.since > 0 || o.live || o.customers) {
		return usage("--decisions writes one row per verdict: --source, --live, --since, --columns and --customers do not go with it")
	}
	if o.since < 0 {
		return usage("--since %d: expected the number of a run", o.since)
	}
	if o.customers && (o.columns != "" || o.source != "" || o.since > 0) {
		return usage("--customers writes one row per customer: --source, --since and --columns do not go with it")
	}
	_, err := parseColumns(o.columns)
	return cmp.Or(err, o.asOf.check())
}

// exportColumns are the columns of the export, in order.
var exportColumns = []string{"source", "source_id", "canonical_id", "status", "rule", "since_run", "since"}

// parseColumns says which columns --columns names, as indexes in
// exportColumns, under the headers that it gives them: old and new are what
// people call the source ID and the canonical ID.
func parseColumns(text string) ([]int, error) {
	if text == "" {
		return []int{0, 1, 2, 3, 4, 5, 6}, nil
	}
	var at []int
	for _, name := range strings.Split(text, ",") {
		switch name = strings.TrimSpace(name); name {
		case "old":
			at = append(at, 1)
			continue
		case "new":
			at = append(at, 2)
			continue
		}
		i := slices.Index(exportColumns, name)
		if i < 0 {
			hint := ""
			if near := diag.Nearest(name, append([]string{"old", "new"}, exportColumns...)); near != "" {
				hint = "\n  hint: did you mean " + near + "?"
			}
			return nil, usage("--columns: there is no column %q; there are %s, and old and new for the two IDs%s", name, strings.Join(exportColumns, ", "), hint)
		}
		at = append(at, i)
	}
	return at, nil
}

func exportCommand(e *env) *cli.Command {
	o := &exportOptions{}
	return &cli.Command{
		Name:      "export",
		Usage:     "write the old-to-new list",
		UsageText: "xwalk export [-o FILE] [--source NAME] [--live] [--since RUN] [--columns old,new] [--customers] [--as-of TIME|RUN]\n   xwalk export --decisions [FILE]\n   xwalk export --archive FILE",
		Description: `Writes source,source_id,canonical_id,status,rule,since_run,since as CSV (or JSON),
sorted by source and key: the same bytes from every kind of store.

   xwalk export -o links.csv
   xwalk export --source legacy --columns old,new     a two-column list
   xwalk export --since 3                             what changed in run 3 and later
   xwalk export --customers -o customers.csv          one row per customer, to load into a new CRM
   xwalk export --as-of 2026-01-31                    the list as it was at the end of that day
   xwalk export --decisions decisions.csv             what people decided, for another crosswalk to import
   xwalk export --archive crosswalk.zip               the whole crosswalk with all of its past, for import --archive

` + asOfHelp + `

An archive is a copy to keep, or to move to another database: import --archive makes
the same crosswalk of it. Equal crosswalks make equal archives. What is being written
meanwhile is not in it. docs/archive.md says what stands where.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE` instead of standard output", Destination: &o.out},
			&cli.StringFlag{Name: "source", Usage: "only this source, or SOURCE.NUMBER", Destination: &o.source},
			&cli.BoolFlag{DisableDefaultText: true, Name: "live", Usage: "only IDs that resolve", Destination: &o.live},
			&cli.Int64Flag{Name: "since", Usage: "only what was written in this `RUN` and later", Destination: &o.since},
			&cli.StringFlag{Name: "columns", Usage: "which columns, in which order: old,new or any of the names above", Destination: &o.columns},
			&cli.BoolFlag{DisableDefaultText: true, Name: "customers", Usage: "the golden records instead of the links", Destination: &o.customers},
			&cli.BoolFlag{DisableDefaultText: true, Name: "decisions", Usage: "people's verdicts in force instead of the links", Destination: &o.decisions},
			o.asOf.flag(),
			&cli.StringFlag{Name: "archive", Usage: "the whole crosswalk, into `FILE` (\"-\": standard output)", Destination: &o.archive},
		},
		Action: func(c *cli.Context) error {
			if o.decisions && o.out == "" && c.NArg() == 1 {
				o.out = c.Args().First()
			} else if c.Args().Present() {
				return usage("export takes no arguments; to write a file: xwalk export -o %s", c.Args().First())
			}
			if err := o.check(); err != nil {
				return err
			}
			if o.archive != "" {
				return e.exportArchive(c.Context, o.archive)
			}
			return e.export(c.Context, o)
		},
	}
}

func (e *env) export(ctx context.Context, o *exportOptions) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	snap, done, err := e.openAsOf(ctx, f, o.asOf)
	if err != nil {
		return err
	}
	defer done()
	write := func(w io.Writer) error { return e.exportLinks(ctx, snap, o, w) }
	switch {
	case o.decisions:
		write = func(w io.Writer) error { return e.exportDecisions(ctx, snap, w) }
	case o.customers:
		write = func(w io.Writer) error { return e.exportCustomers(ctx, snap, w) }
	}
	if o.out == "" || o.out == "-" {
		return write(e.stdout)
	}
	return writeFile(o.out, write)
}

func (e *env) exportLinks(ctx context.Context, snap *crosswalk.Snapshot, o *exportOptions, w io.Writer) error {
	columns, err := parseColumns(o.columns)
	if err != nil {
		return err
	}
	finder, err := newFinder(ctx, snap, o.source)
	if err != nil {
		return err
	}
	started, err := startTimes(ctx, snap)
	if err != nil {
		return err
	}
	survivors, err := survivorsOf(ctx, snap)
	if err != nil {
		return err
	}
	q := crosswalk.Query{Live: o.live, Since: max(0, o.since-1)}
	noted := map[string]int64{} // the run that said last what a number means
	if o.since > 0 {
		for n, err := range snap.Numbers(ctx) {
			if err != nil {
				return err
			}
			if n.FromRun >= o.since { // links that are older mean something else since
				noted[n.Canonical], q.Since = n.FromRun, 0
			}
		}
	}
	if o.source != "" {
		for _, s := range finder.spaces {
			q.Sources = append(q.Sources, s.no)
		}
	}
	headers := make([]string, len(columns))
	for i, c := range columns {
		headers[i] = exportColumns[c]
	}
	if o.columns != "" {
		headers = strings.Split(strings.ReplaceAll(o.columns, " ", ""), ",")
	}
	rows := rowWriter(w, e.common.format, headers)
	cells, picked := make([]string, len(exportColumns)), make([]string, len(columns))
	progress := e.progress()
	defer progress.Done()
	n := int64(0)
	for l, err := range snap.Links(ctx, q) {
		if err != nil {
			return err
		}
		if l.State == crosswalk.Void {
			continue
		}
		cells[0], cells[1], cells[2] = finder.names[l.Source], l.Verbatim, l.Canonical
		since := l.SinceRun
		if s, merged := survivors[l.Canonical]; merged {
			cells[2], since = s.canonical, max(since, s.run)
		}
		if max(l.FromRun, noted[l.Canonical]) < o.since {
			continue
		}
		cells[3], cells[4] = l.State.String(), l.Rule
		cells[5], cells[6] = strconv.FormatInt(since, 10), started[since]
		for i, c := range columns {
			picked[i] = cells[c]
		}
		if err := rows.write(picked); err != nil {
			return err
		}
		if n++; n%50_000 == 0 {
			progress.Tell("exporting", n, 0)
		}
	}
	return rows.end()
}

// survivor is what a merged number means since a run.
type survivor struct {
	canonical string
	run       int64
}

// survivorsOf says what merged numbers mean now; links keep the number that
// they were given.
func survivorsOf(ctx context.Context, snap *crosswalk.Snapshot) (map[string]survivor, error) {
	survivors := map[string]survivor{}
	undone, err := snap.Undone(ctx)
	if err != nil {
		return nil, err
	}
	var again []crosswalk.Number // that an undo made mean again what they had meant
	for n, err := range snap.Merged(ctx) {
		if err != nil {
			return nil, err
		}
		survivors[n.Canonical] = survivor{n.Survivor, n.FromRun}
		if undone[n.FromRun] > 0 {
			again = append(again, n)
		}
	}
	since, err := snap.MeansSince(ctx, again)
	for id, run := range since {
		survivors[id] = survivor{survivors[id].canonical, run}
	}
	return survivors, err
}

// startTimes says when each run started.
func startTimes(ctx context.Context, snap *crosswalk.Snapshot) (map[int64]string, error) {
	runs, err := snap.Runs(ctx)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]string, len(runs))
	for _, r := range runs {
		at[r.Run] = stamp(r.Started)
	}
	return at, nil
}

// rowsWriter writes a table of text. Exports run to millions of rows, so they
// do without gocsv, which takes several times as long.
type rowsWriter interface {
	write(cells []string) error
	end() error
}

func rowWriter(w io.Writer, format string, headers []string) rowsWriter {
	b := bufio.NewWriterSize(w, 1<<18)
	if format == "json" {
		return newJSONRows(b, headers)
	}
	c := &csvRows{csv: csv.NewWriter(b), out: b}
	c.err = c.csv.Write(headers)
	return c
}

type csvRows struct {
	csv *csv.Writer
	out *bufio.Writer
	err error
}

func (c *csvRows) write(cells []string) error {
	if c.err == nil {
		c.err = c.csv.Write(cells)
	}
	return c.err
}

func (c *csvRows) end() error {
	if c.csv.Flush(); c.err == nil {
		c.err = c.csv.Error()
	}
	if c.err != nil {
		return c.err
	}
	return c.out.Flush()
}

const sinceRunKey = `"since_run":`

type jsonRows struct {
	out  *bufio.Writer
	keys []string // each as `"key":`
	n    int
	buf  []byte
}

func newJSONRows(out *bufio.Writer, headers []string) *jsonRows {
	j := &jsonRows{out: out}
	for _, h := range headers {
		j.keys = append(j.keys, string(appendJSON(nil, h))+":")
	}
	return j
}

func (j *jsonRows) write(cells []string) error {
	j.buf = append(j.buf[:0], "[\n {"...)
	if j.n++; j.n > 1 {
		j.buf = append(j.buf[:0], ",\n {"...)
	}
	for i, c := range cells {
		if i > 0 {
			j.buf = append(j.buf, ", "...)
		}
		j.buf = append(j.buf, j.keys[i]...)
		if j.keys[i] == sinceRunKey { // the one column that is no text
			j.buf = append(j.buf, c...)
			continue
		}
		j.buf = appendJSON(j.buf, c)
	}
	_, err := j.out.Write(append(j.buf, '}'))
	return err
}

func (j *jsonRows) end() error {
	if j.n == 0 {
		_, _ = j.out.WriteString("[")
	}
	_, _ = j.out.WriteString("]\n")
	return j.out.Flush()
}

// appendJSON appends text as a JSON string.
func appendJSON(b []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // text always encodes
	return append(b, quoted...)
}
