package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"github.com/gocarina/gocsv"
	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/report"
)

func connectorsCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "connectors",
		Usage:     "which systems can be read, with which settings; is a source as configured?",
		UsageText: "xwalk connectors [check SOURCE]",
		Description: `   xwalk connectors                    every connector and its settings
   xwalk connectors check shop         open the source "shop", read its first records`,
		Action: func(c *cli.Context) error {
			args := c.Args().Slice()
			switch {
			case len(args) == 0:
				return e.connectors()
			case len(args) == 2 && args[0] == "check":
				return e.checkSource(c.Context, args[1])
			}
			return usage("expected: xwalk connectors, or xwalk connectors check SOURCE")
		},
	}
}

type connectorJSON struct {
	Connector string        `json:"connector"`
	Summary   string        `json:"summary"`
	Settings  []settingJSON `json:"settings"`
	Publish   bool          `json:"publish"` // it can take canonical IDs
}

type settingJSON struct {
	Key     string `json:"key"`
	Doc     string `json:"doc"`
	Default any    `json:"default"`
}

type connectorRow struct {
	Connector string `csv:"connector"`
	Setting   string `csv:"setting"`
	Default   string `csv:"default"`
	Doc       string `csv:"doc"`
}

func (e *env) connectors() error {
	reg := all.Registry()
	switch e.common.format {
	case "json":
		var out []connectorJSON
		for _, name := range reg.Names() {
			c := connectorJSON{Connector: name, Summary: reg[name].Summary, Settings: []settingJSON{}, Publish: reg[name].Publish != nil}
			for _, s := range reg[name].Settings() {
				c.Settings = append(c.Settings, settingJSON(s))
			}
			out = append(out, c)
		}
		return printJSON(e.stdout, out)
	case "csv":
		var out []connectorRow
		for _, name := range reg.Names() {
			for _, s := range reg[name].Settings() {
				out = append(out, connectorRow{name, s.Key, defaultOf(s), s.Doc})
			}
		}
		return gocsv.MarshalCSV(out, csv.NewWriter(e.stdout))
	}
	st := e.style()
	for i, name := range reg.Names() {
		if i > 0 {
			fmt.Fprintln(e.stdout)
		}
		fmt.Fprintf(e.stdout, "%s  %s\n", st.Bold(name), reg[name].Summary)
		t := &report.Table{Paint: func(_, column int, cell string) string {
			if column > 0 {
				return st.Dim(cell)
			}
			return cell
		}}
		for _, s := range reg[name].Settings() {
			doc := s.Doc
			if d := defaultOf(s); d != "" {
				doc += " (default " + d + ")"
			}
			t.Add(s.Key, doc)
		}
		if reg[name].Publish != nil {
			t.Add("publish", "{ field: COLUMN }: where xwalk publish writes canonical IDs")
		}
		if err := t.Write(e.stdout, st, "  "); err != nil {
			return err
		}
	}
	return nil
}

func defaultOf(s connectors.Setting) string {
	if d := fmt.Sprint(s.Default); d != "0" && d != "false" && d != "[]" {
		return d
	}
	return ""
}

// sampleRecords is how many records a check reads at most.
const sampleRecords = 1000

// checkJSON is what a check of a source found.
type checkJSON struct {
	Source    string           `json:"source" csv:"source"`
	Connector string           `json:"connector" csv:"connector"`
	Columns   []string         `json:"columns" csv:"-"`
	Read      int64            `json:"read" csv:"read"`
	Complete  bool             `json:"complete" csv:"complete"`
	Rejects   []mapping.Reject `json:"rejects" csv:"-"`
}

// checkSource opens one source with the columns that the rules need and
// reads its first records.
func (e *env) checkSource(ctx context.Context, name string) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	s, ok := f.Find(name)
	if !ok {
		hint := "it has: " + strings.Join(f.Names(), ", ")
		if near := diag.Nearest(name, f.Names()); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return usage("%s has no source %q\n  hint: %s", f.Path, name, hint)
	}
	columns, err := f.Columns(name)
	if err != nil {
		return err
	}
	src, err := s.Open(ctx, columns)
	if err != nil {
		return err
	}
	c := checkJSON{Source: name, Connector: s.Connector(), Columns: columns, Complete: true, Rejects: []mapping.Reject{}}
	for _, err := range src.Records(ctx) {
		var re *mapping.RecordError
		switch {
		case errors.As(err, &re):
			c.Rejects = append(c.Rejects, mapping.Reject{Source: name, Place: re.Place.String(), SourceID: re.SourceID, Reason: re.Reason})
		case err != nil:
			return err
		}
		if c.Read++; c.Read == sampleRecords {
			c.Complete = false
			break
		}
	}
	return e.printCheck(c)
}

func (e *env) printCheck(c checkJSON) error {
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, c)
	case "csv":
		return gocsv.MarshalCSV([]checkJSON{c}, csv.NewWriter(e.stdout))
	}
	s := e.style()
	amount := fmt.Sprintf("all %s records", report.Number(c.Read))
	if !c.Complete {
		amount = fmt.Sprintf("the first %s records", report.Number(c.Read))
	}
	fmt.Fprintf(e.stdout, "%s %s (%s) opens, has the columns %s, and %s were read\n",
		s.Green("✓"), c.Source, c.Connector, strings.Join(c.Columns, ", "), amount)
	for _, r := range c.Rejects {
		fmt.Fprintf(e.stdout, "%s %s: %s\n", s.Red("✗"), report.Clean(r.Place), report.Clean(r.Reason))
	}
	return nil
}
