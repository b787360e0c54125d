package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/discover"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// suggestionJSON is a column that seems to be a reference, for programs.
type suggestionJSON struct {
	In       string   `json:"in"`
	Table    string   `json:"table"`
	Columns  []string `json:"column"`
	RefersTo string   `json:"refers_to"`
	Where    string   `json:"where"`
	Split    string   `json:"split"`
	None     []string `json:"none"`
	Share    float64  `json:"share"` // of the values looked at that are IDs
	Sampled  int64    `json:"sampled"`
	Why      []string `json:"why"`
	Others   []string `json:"others"` // values that are none
}

// suggestionRow is the same as one line of a table.
type suggestionRow struct {
	In       string  `csv:"in"`
	Table    string  `csv:"table"`
	Columns  string  `csv:"column"`
	RefersTo string  `csv:"refers_to"`
	Share    float64 `csv:"share"`
	Sampled  int64   `csv:"sampled"`
	Why      string  `csv:"why"`
	Others   string  `csv:"others"`
}

// searched is a database that suggestions are looked for in.
type searched struct {
	rewrite.Database
	own   []rewrite.Own
	known []*rewrite.Reference
}

// suggest looks for references in the databases of the sources.
func (e *env) suggest(ctx context.Context, o *rewriteOptions) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	databases, err := e.searchedDatabases(f, o.names)
	if err != nil {
		return err
	}
	tables, err := e.allTables(ctx, f)
	if err != nil {
		return err
	}
	progress := e.progress()
	defer progress.Done()
	var found []rewrite.Suggestion
	for _, d := range databases {
		progress.Tell("looking through "+d.Name, 0, 0)
		more, err := rewrite.Suggest(ctx, d.Database, d.own, d.known, tables)
		if err != nil {
			return err
		}
		found = append(found, more...)
	}
	progress.Done()
	return e.printSuggestions(f, found, databases)
}

// searchedDatabases are the databases of the sources that are named, or of
// all, each once.
func (e *env) searchedDatabases(f *config.File, names []string) ([]*searched, error) {
	for _, n := range names {
		if _, ok := f.Find(n); !ok {
			hint := "known: " + strings.Join(f.Names(), ", ")
			if near := diag.Nearest(n, f.Names()); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			return nil, usage("--suggest %s: there is no such source\n  hint: %s", n, hint)
		}
	}
	var all []*searched
	for _, s := range f.Sources {
		if !s.IsDatabase() {
			if slices.Contains(names, s.Name) {
				return nil, usage("--suggest %s: it is read by %s and has no other tables to look through", s.Name, s.Connector())
			}
			continue
		}
		if len(names) > 0 && !slices.Contains(names, s.Name) {
			continue
		}
		db, _, err := s.Database()
		if err != nil {
			return nil, &config.OpenError{Source: s.Name, Err: err}
		}
		i := slices.IndexFunc(all, func(d *searched) bool { return d.Dialect == db.Dialect && d.DSN == db.DSN })
		if i < 0 {
			all = append(all, &searched{Database: rewrite.Database{Name: s.Name, Dialect: db.Dialect, DSN: db.DSN}})
			i = len(all) - 1
		}
		if db.Table != "" {
			id, also := f.IDRules(s.Name)
			all[i].own = append(all[i].own, rewrite.Own{Space: s.Name, Table: db.Table, Columns: id.Columns})
			for _, a := range also {
				all[i].own = append(all[i].own, rewrite.Own{Space: s.Name + "." + a.Name, Table: db.Table, Columns: a.ID.Columns})
			}
		}
	}
	if len(all) == 0 {
		return nil, usage("no source is in a database, so there are no other tables to look through\n  hint: references in files are written by hand: { connector: csv, path: orders.csv, column: customer_id, refers_to: %s }", f.Names()[0])
	}
	return all, e.knownReferences(f, all)
}

// knownReferences adds the references that the configuration has already.
// Those that need what is not set are not known.
func (e *env) knownReferences(f *config.File, all []*searched) error {
	refs, err := f.References()
	if err != nil {
		return err
	}
	for _, t := range refs.Tables {
		ref, err := t.Resolve()
		if err != nil {
			continue
		}
		for _, d := range all {
			if d.Dialect == ref.Database.Dialect && d.DSN == ref.Database.DSN {
				d.known = append(d.known, ref)
			}
		}
	}
	return nil
}

// allTables loads every ID space of the configuration that the crosswalk has.
func (e *env) allTables(ctx context.Context, f *config.File) (rewrite.Tables, error) {
	snap, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return nil, err
	}
	defer done()
	tables := rewrite.Tables{}
	for _, name := range f.Spaces() {
		t, err := translate.Load(ctx, snap, translate.Options{From: name})
		var unknown *translate.UnknownSpaceError
		if errors.As(err, &unknown) {
			continue
		}
		if err != nil {
			return nil, err
		}
		tables[name] = t
	}
	return tables, nil
}

func (e *env) printSuggestions(f *config.File, found []rewrite.Suggestion, databases []*searched) error {
	switch e.common.format {
	case "json":
		all := []suggestionJSON{}
		for _, s := range found {
			r := s.Reference
			all = append(all, suggestionJSON{r.Database.Name, r.Table, r.Columns, r.RefersTo, r.Where, r.Shape.Split, orNone(r.Shape.None), s.Share, s.Sampled, orNone(s.Why), orNone(s.Others)})
		}
		return printJSON(e.stdout, all)
	case "csv":
		rows := []suggestionRow{}
		for _, s := range found {
			r := s.Reference
			rows = append(rows, suggestionRow{
				r.Database.Name, report.Neutral(r.Table), report.Neutral(strings.Join(r.Columns, "|")), r.RefersTo, s.Share, s.Sampled,
				strings.Join(s.Why, ";"), report.Neutral(strings.Join(s.Others, ";")),
			})
		}
		return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
	}
	if len(found) == 0 {
		var names []string
		for _, d := range databases {
			names = append(names, d.Name)
		}
		fmt.Fprintf(e.stdout, "No column of %s was found that holds customers' numbers and is not named yet.\n", strings.Join(names, ", "))
		return nil
	}
	e.tell("paste what is right into %s; what is not sure is worth a look", f.Path)
	fmt.Fprintln(e.stdout, "references:")
	for _, s := range found {
		fmt.Fprintf(e.stdout, "  # %s\n  - %s\n", report.Clean(certainty(s)), entryOf(s.Reference))
	}
	return nil
}

func orNone(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

// certainty says how sure a suggestion is, and why it is made.
func certainty(s rewrite.Suggestion) string {
	text := fmt.Sprintf("%s of %s looked at %s of %s", discover.Percent(s.Share), count(s.Sampled, "value"), plural(s.Sampled, "is an ID", "are IDs"), s.Reference.RefersTo)
	if s.Sampled == 0 {
		text = "no values to look at yet"
	}
	if len(s.Why) > 0 {
		text += " (" + strings.Join(s.Why, ", ") + ")"
	}
	if len(s.Others) > 0 {
		var quoted []string
		for _, o := range s.Others {
			quoted = append(quoted, fmt.Sprintf("%q", o))
		}
		text += "; not " + strings.Join(quoted, ", ")
	}
	return text
}

// entryOf is a reference as the configuration writes it.
func entryOf(r rewrite.Reference) string {
	column := discover.Flow(r.Columns[0])
	if len(r.Columns) > 1 {
		column = flowList(r.Columns)
	}
	text := fmt.Sprintf("{ in: %s, table: %s, column: %s, refers_to: %s", discover.Flow(r.Database.Name), discover.Flow(r.Table), column, discover.Flow(r.RefersTo))
	if r.Where != "" {
		text += ", where: " + discover.Flow(r.Where)
	}
	if r.Shape.Split != "" {
		text += ", split: " + discover.Flow(r.Shape.Split)
	}
	if len(r.Shape.None) > 0 {
		text += ", none: " + flowList(r.Shape.None)
	}
	return text + " }"
}

func flowList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = discover.Flow(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
