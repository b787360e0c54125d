package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/charset"
	"github.com/xwalk-id/xwalk/mapping/delimited"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

type translateOptions struct {
	file      string // empty: standard input
	out       string // empty: standard output
	source    string
	to        string
	columns   texts
	add       texts
	missing   string
	split     string
	pattern   string
	none      texts
	several   string
	delimiter string
	encoding  string
	input     string

	shape   translate.Shape
	policy  translate.Missing
	aside   string // where records are diverted to
	choose  translate.Choice
	comma   byte
	charset charset.Charset
}

// texts are the values of a flag that may be given several times. Commas are
// part of them.
type texts []string

// Set adds a value.
func (t *texts) Set(value string) error {
	*t = append(*t, value)
	return nil
}

func (t *texts) String() string { return strings.Join(*t, ", ") }

// check reads what the flags say.
func (o *translateOptions) check(args []string) error {
	switch {
	case len(args) > 1:
		return usage("translate takes one file; run it once for each, or name the file that you mean")
	case len(args) == 1 && args[0] != "-":
		o.file = args[0]
	}
	if o.out == "-" || o.out == "/dev/stdout" {
		o.out = ""
	}
	if len(o.columns) == 0 {
		return usage("--column is missing: which column holds the numbers? (in JSON a path, such as customer.id)")
	}
	if !slices.Contains([]string{"", "csv", "json", "jsonl"}, o.input) {
		return usage("--input %s: expected csv or jsonl", o.input)
	}
	if err := o.checkPolicies(); err != nil {
		return err
	}
	o.shape = translate.Shape{Split: o.split, None: o.none}
	var err error
	if o.pattern != "" {
		if o.shape.Pattern, err = translate.ParsePattern(o.pattern); err != nil {
			return usage("--%v", err)
		}
	}
	if o.comma, err = delimited.ParseDelimiter(o.delimiter); err != nil {
		return usage("--%v", err)
	}
	if o.charset, err = charset.Lookup(o.encoding); err != nil {
		return usage("--encoding: %v", err)
	}
	return nil
}

// checkPolicies reads --missing and --several.
func (o *translateOptions) checkPolicies() error {
	policy, file, hasFile := strings.Cut(o.missing, ":")
	switch {
	case policy == "divert" && hasFile && file != "" && file != "-":
		o.policy, o.aside = translate.Divert, file
	case policy == "divert":
		return usage("--missing divert:FILE needs the file that takes the records")
	case o.missing == "fail":
		o.policy = translate.Fail
	case o.missing == "keep":
		o.policy = translate.Keep
	case o.missing == "empty":
		o.policy = translate.Empty
	default:
		return usage("--missing %s: expected fail, keep, empty or divert:FILE", o.missing)
	}
	choices := map[string]translate.Choice{"": translate.Refuse, "error": translate.Refuse, "oldest": translate.Oldest, "newest": translate.Newest}
	choice, known := choices[o.several]
	switch {
	case !known:
		return usage("--several %s: expected error, oldest or newest", o.several)
	case o.several != "" && o.to == "":
		return usage("--several chooses among the IDs that a customer has in a source: it goes with --to SOURCE")
	}
	o.choose = choice
	return nil
}

func translateCommand(e *env) *cli.Command {
	o := &translateOptions{}
	return &cli.Command{
		Name:  "translate",
		Usage: "put canonical IDs into the place of source IDs in a file or stream",
		UsageText: "xwalk translate [FILE] --source S[.also] --column C… [--to SOURCE] [-o FILE]\n" +
			"      [--missing fail|keep|empty|divert:FILE] [--add COLUMN] [--split SEP] [--pattern RE] [--none VALUE…]",
		Description: `Reads CSV or TSV of any dialect and encoding, or JSON, and writes the same bytes but
for the IDs of the columns that are named: quotes, line ends, encoding and broken
records stay. Without FILE, standard input goes to standard output.
Nothing but the crosswalk is opened, and only for reading.

   xwalk translate orders.csv --source shop --column customer_id -o orders.new.csv
   xwalk translate cases.csv --column ContactId=contacts --column AccountId=accounts -o new.csv
   zcat log.csv.gz | xwalk translate --source shop --column customer | gzip > new.csv.gz
   xwalk translate t.csv --source legacy --to salesforce --column no    into another source's IDs
   xwalk translate t.csv --to legacy --column customer                  canonical IDs back into legacy's
   xwalk translate t.csv --source shop --column id --add customer_no    the old number stays
   xwalk translate t.csv --source shop --column 'branch|no' --add customer_no   an ID of two columns
   xwalk translate t.csv --source shop --column watchers --split ';'    a list in one cell
   xwalk translate t.csv --source shop --column url --pattern '/customers/(\d+)'
   xwalk translate orders.jsonl --source shop --column customer.id --column 'lines[].buyer'

What is missing was never seen, or is gone, or has no ID in --to SOURCE. --missing
says what is done about it: fail (nothing is written from there on, and with -o no
file at all), keep, empty, or divert:FILE, which takes the whole records.

It ends with a count: on standard output with -o, else on standard error.
docs/translate.md tells more. Exit code 1: something was missing, under fail.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "source", Usage: "whose IDs stand in the columns: a `SOURCE` or SOURCE.NUMBER", Destination: &o.source},
			&cli.GenericFlag{Name: "column", Usage: "the column that holds them, several times for several; `C`=SOURCE gives one a source of its own", Value: &o.columns},
			&cli.StringFlag{Name: "to", Usage: "write this `SOURCE`'s IDs instead of canonical IDs", Destination: &o.to},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`, whole or not at all; a name that ends in .gz is compressed", Destination: &o.out},
			&cli.StringFlag{Name: "missing", Value: "fail", Usage: "`WHAT` becomes of IDs without an answer: fail, keep, empty or divert:FILE", Destination: &o.missing},
			&cli.GenericFlag{Name: "add", Usage: "keep the column, and put the new IDs into a new last `COLUMN`; one for each --column", Value: &o.add},
			&cli.StringFlag{Name: "split", Usage: "cells are lists of IDs with this `SEP` between them", Destination: &o.split},
			&cli.StringFlag{Name: "pattern", Usage: "the ID is what the group of this regular expression `RE` matches; the rest of the text stays", Destination: &o.pattern},
			&cli.GenericFlag{Name: "none", Usage: "a `VALUE` that means nobody, such as 0; may be repeated", Value: &o.none},
			&cli.StringFlag{Name: "several", Usage: "which ID of --to is taken where a customer has several: `WHICH` is error, oldest or newest", Destination: &o.several},
			&cli.StringFlag{Name: "delimiter", Usage: "of CSV: `SIGN`, or comma, tab, semicolon, pipe (default: the text shows it)", Destination: &o.delimiter},
			&cli.StringFlag{Name: "encoding", Usage: "of CSV: `NAME` such as gb18030 (default: the text shows it)", Destination: &o.encoding},
			&cli.StringFlag{Name: "input", Usage: "`KIND` of text: csv or jsonl (default: by the file's name, else csv)", Destination: &o.input},
		},
		Action: func(c *cli.Context) error {
			if err := o.check(c.Args().Slice()); err != nil {
				return err
			}
			return e.translate(c.Context, o)
		},
	}
}

func (e *env) translate(ctx context.Context, o *translateOptions) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	in, err := e.openText(ctx, o)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := o.checkFiles(in, e.common.config); err != nil {
		return err
	}
	t := &translation{options: o, in: in, progress: e.progress()}
	if o.out == "" && e.outTerminal {
		t.progress = nil // it would stand between the lines
	}
	defer t.progress.Done()
	fields, err := o.fields(in)
	if err != nil {
		return err
	}
	t.progress.Tell("reading the crosswalk", 0, 0)
	snap, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	if err := t.loadTables(ctx, snap, fields); err != nil {
		return err
	}
	if o.out == "" {
		// Go ends a program whose standard output was closed at once, which
		// would leave half a file of diverted records.
		signal.Ignore(syscall.SIGPIPE)
	}
	in.tell = func(disk int64) {
		const mb = 1 << 20
		t.progress.Tell("translating "+in.name+", in MB", disk/mb, in.size/mb)
	}
	sum, err := t.run(ctx, e)
	t.progress.Done()
	var path *translate.PathError
	var names *delimited.NamesError
	switch {
	case errors.Is(err, syscall.EPIPE) && o.out == "":
		return codeError(exitClosed)
	case errors.As(err, &path):
		return usage("%v", path)
	case errors.As(err, &names):
		return usage("%v", names)
	}
	if err == nil && !in.json {
		// A look at the rest of the text is help for people: that it cannot be
		// had is no failure.
		notes, _ := translate.Mentions(ctx, in.start, !in.more, t.stream, t.names)
		sum.Notes = append(sum.Notes, notes...)
	}
	return e.tellTranslation(t, sum, err)
}

// exitClosed is what shells say of a program whose reader went away.
const exitClosed = 128 + 13

// run carries the text through, into files that are there only when it
// succeeds.
func (t *translation) run(ctx context.Context, e *env) (sum *translate.Summary, err error) {
	o := t.options
	work := func(out, aside io.Writer) error {
		s := t.stream
		s.Diverted = aside
		carry := translate.CSV
		if t.in.json {
			carry = translate.JSONLines
		}
		sum, err = carry(ctx, out, t.in, s)
		return err
	}
	into := func(path string, with func(io.Writer) error) error {
		if path == "" {
			return with(nil)
		}
		var failed error
		written := writeFileAs(path, t.in.mode, func(w io.Writer) error {
			failed = compressing(path, w, with)
			return failed
		})
		if failed != nil {
			return failed // its own message, without the file's name before it
		}
		return written
	}
	err = into(o.out, func(out io.Writer) error {
		if out == nil {
			out = e.stdout
		}
		return into(o.aside, func(aside io.Writer) error { return work(out, aside) })
	})
	return sum, err
}

// checkFiles refuses outputs that are the input, the configuration, or each
// other.
func (o *translateOptions) checkFiles(in *textInput, configuration string) error {
	if o.out != "" && o.out == o.aside {
		return usage("-o and --missing divert: name the same file, %s", o.out)
	}
	settings, _ := os.Stat(configuration)
	for _, path := range []string{o.out, o.aside} {
		info, err := os.Stat(path)
		switch {
		case path == "" || err != nil:
		case in.info != nil && os.SameFile(info, in.info) && info.Mode().IsRegular():
			return usage("%s is the file that is read, and translating it twice would be a mistake: write to another one and put it in its place when all is well", path)
		case settings != nil && os.SameFile(info, settings):
			return usage("%s is the configuration; write to another file", path)
		}
	}
	return nil
}
