package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

type lookupOptions struct {
	ids    []string
	source string
	near   bool
	asOf   asOf
	fields map[string]*string // by index: what to look for
}

func (o *lookupOptions) check() error {
	given := len(o.ids) > 0
	for _, v := range o.fields {
		given = given || *v != ""
	}
	if !given {
		return usage("look up what? xwalk lookup ID…, or --email, --phone, --name")
	}
	return o.asOf.check()
}

func lookupCommand(e *env) *cli.Command {
	o := &lookupOptions{fields: map[string]*string{}}
	for _, name := range rules.Indexes {
		o.fields[name] = new(string)
	}
	return &cli.Command{
		Name:      "lookup",
		Usage:     "find customers by any number, old or new, or by e-mail, phone or name",
		UsageText: "xwalk lookup ID… [--source NAME] [--near] [--as-of TIME|RUN]\n   xwalk lookup --email TEXT | --phone TEXT | --name TEXT",
		Description: `An ID may be a source ID of any source, a further number of a record, or a
canonical ID, also a retired one. "-" reads IDs from standard input, one a line.
Nothing but the crosswalk is opened, and only for reading.

   xwalk lookup C001 U1009             two numbers, in all sources
   xwalk lookup 7 --source shop        the shop's 7 only; also: lookup shop:7
   xwalk lookup 'K-17' --source legacy.code
   xwalk lookup CUST-00000010-81 --near    which number may have been meant?
   xwalk lookup --email ann@example.com --format json
   xwalk lookup C001 --as-of 2026-01-31    what C001 meant that day; also: --as-of 3, after run 3

An ID that was never seen may be mistyped: --near lists known numbers that are
one slip away, at most five for each, and says the slip. They follow the answer
"not found", those whose check characters are right first. None of them is ever
taken for the answer.

` + asOfHelp + `

Exit code 1: at least one was not found, or is gone.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "source", Usage: "only IDs of this source, or SOURCE.NUMBER", Destination: &o.source},
			&cli.BoolFlag{DisableDefaultText: true, Name: "near", Usage: "for IDs that are not found: the known numbers one slip away", Destination: &o.near},
			o.asOf.flag(),
			&cli.StringFlag{Name: "email", Usage: "by e-mail address", Destination: o.fields["email"]},
			&cli.StringFlag{Name: "phone", Usage: "by telephone number", Destination: o.fields["phone"]},
			&cli.StringFlag{Name: "name", Usage: "by name, exact but for case and spacing", Destination: o.fields["name"]},
		},
		Action: func(c *cli.Context) error {
			var err error
			if o.ids, err = e.idsOf(c.Context, c.Args().Slice()); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			return e.lookup(c.Context, o)
		},
	}
}

// idsOf replaces "-" by the lines of standard input.
func (e *env) idsOf(ctx context.Context, args []string) ([]string, error) {
	var ids []string
	for _, a := range args {
		if a != "-" {
			ids = append(ids, a)
			continue
		}
		lines, err := e.stdinLines(ctx)
		if err != nil {
			return nil, err
		}
		ids = append(ids, lines...)
	}
	return ids, nil
}

// stdinLines are the lines of standard input that are not blank. An interrupt
// does not wait for a person or a pipe that says nothing.
func (e *env) stdinLines(ctx context.Context) ([]string, error) {
	type result struct {
		lines []string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		scanner := bufio.NewScanner(e.stdin)
		for scanner.Scan() {
			if line := strings.TrimSuffix(scanner.Text(), "\r"); strings.TrimSpace(line) != "" {
				r.lines = append(r.lines, line)
			}
		}
		r.err = scanner.Err()
		done <- r
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("read IDs from standard input: %w", r.err)
		}
		return r.lines, nil
	}
}

// openFinder reads the configuration and opens its crosswalk, as of a moment,
// to look for IDs of a source, or of all; done closes it.
func (e *env) openFinder(ctx context.Context, source string, at asOf) (f *config.File, l *finder, done func(), err error) {
	if f, err = e.load(); err != nil {
		return nil, nil, nil, err
	}
	snap, done, err := e.openAsOf(ctx, f, at)
	if err != nil {
		return nil, nil, nil, err
	}
	if l, err = newFinder(ctx, snap, source); err != nil {
		done()
		return nil, nil, nil, err
	}
	return f, l, done, nil
}

func (e *env) lookup(ctx context.Context, o *lookupOptions) error {
	f, l, done, err := e.openFinder(ctx, o.source, o.asOf)
	if err != nil {
		return err
	}
	defer done()
	answers, err := l.byID(ctx, o.ids)
	if err != nil {
		return err
	}
	if o.near {
		if answers, err = l.withNeighbours(ctx, answers, numberingOf(f)); err != nil {
			return err
		}
	}
	for _, name := range rules.Indexes {
		text := *o.fields[name]
		if text == "" {
			continue
		}
		rs, err := f.Ruleset()
		if err != nil {
			return err
		}
		if !f.Indexed() {
			return usage("--%s: privacy.keep is nothing, so the crosswalk holds nothing to find customers by but their numbers", name)
		}
		more, err := l.byField(ctx, rs.Query(name, text))
		if err != nil {
			return err
		}
		for i := range more {
			more[i].Asked = text
		}
		answers = append(answers, more...)
	}
	if err := e.printAnswers(answers); err != nil {
		return err
	}
	if !o.near && e.common.format == "text" && slices.ContainsFunc(answers, answer.unseen) {
		e.tell("hint: --near lists known numbers that are one slip away")
	}
	return failIfLost(answers)
}

// failIfLost is exit code 1 where something asked for was not found, or is
// gone.
func failIfLost(answers []answer) error {
	for _, a := range answers {
		if a.Match == matchExact && (a.Status == statusNotFound || a.Status == statusGone) {
			return codeError(exitFailed)
		}
	}
	return nil
}

// numberingOf is what the configuration knows of schemes, nil where a setting
// that it needs is missing: a look-up works without.
func numberingOf(f *config.File) *rules.Ruleset {
	rs, err := f.Numbering()
	if err != nil {
		return nil
	}
	return rs
}

func (e *env) printAnswers(answers []answer) error {
	switch e.common.format {
	case "json":
		if answers == nil {
			answers = []answer{}
		}
		return printJSON(e.stdout, answers)
	case "csv":
		// IDs leave as they are, since programs read them on; names are masked.
		return gocsv.MarshalCSV(answers, csv.NewWriter(e.stdout))
	}
	return e.printTable(answers)
}

func (e *env) printTable(answers []answer) error {
	s := e.style()
	t := &report.Table{Paint: func(row, column int, cell string) string {
		switch column {
		case 3:
			return s.Bold(cell)
		case 4:
			return paintStatus(s, answers[row].Status, cell)
		case 0, 2, 5, 7:
			return s.Dim(cell)
		}
		return cell
	}}
	for i, a := range answers {
		source, id, arrow := a.Source, a.SourceID, "→"
		if source == "" {
			id = a.Asked
			if a.Match == matchNear {
				id = cmp.Or(a.ResolvedFrom, a.CanonicalID)
			}
		}
		if a.CanonicalID == "" {
			arrow = ""
		}
		status := a.Status
		switch {
		case a.ResolvedFrom != "":
			status += " from " + a.ResolvedFrom
		case a.Review != "":
			status += ", " + waiting(a.Review)
		case a.Contested:
			status += ", two customers hold it"
		case i+1 < len(answers) && a.Match == matchExact && answers[i+1].Match == matchNear:
			status += "; did you mean"
		}
		t.Add(source, id, arrow, a.CanonicalID, strings.ReplaceAll(status, "_", " "), a.Kind, a.Name, a.Slip)
	}
	return t.Write(e.stdout, s, "")
}

func paintStatus(s report.Style, status, cell string) string {
	switch status {
	case statusLive:
		return s.Green(cell)
	case statusRedirected:
		return s.Yellow(cell)
	}
	return s.Red(cell)
}
