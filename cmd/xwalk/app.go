package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/migrate"
)

// run carries out one command line and returns the exit code.
func run(ctx context.Context, e *env) int {
	app := newApp(e)
	args, err := arrange(app, e.args)
	if err == nil {
		err = app.RunContext(ctx, append([]string{"xwalk"}, args...))
	}
	var stopped *migrate.PartialError
	switch {
	case err == nil || ctx.Err() == nil:
	case errors.As(err, &stopped): // whatever the interrupt made fail
		err = &migrate.PartialError{Done: stopped.Done, Total: stopped.Total, Err: ctx.Err()}
	default:
		err = ctx.Err()
	}
	return exit(err, e.stderr, e.messages())
}

func newApp(e *env) *cli.App {
	app := &cli.App{
		Name:  "xwalk",
		Usage: "gives every customer one number, and remembers every number the customer ever had",
		UsageText: `xwalk COMMAND [options] [arguments]

   xwalk plan                    what would happen, without changing anything
   xwalk apply                   do it
   xwalk lookup C001             which customer is this?`,
		Description: "Options stand before or after arguments; -- ends them. Settings are in xwalk.yaml, see docs/configuration.md.\n" +
			"Exit codes: 0 done; 1 failed, or something was not found; 2 wrong usage or configuration; 3 refused or unreachable; 130 interrupted.",
		Flags:          append(e.commonFlags(), helpFlag()),
		Before:         func(*cli.Context) error { return e.common.check() },
		HideHelp:       true, // the library's own help flag and command are shared between apps
		HideVersion:    true,
		Writer:         e.stdout,
		ErrWriter:      e.stderr,
		ExitErrHandler: func(*cli.Context, error) {}, // main alone exits
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return usage("%v", err) },
		Commands: []*cli.Command{
			initCommand(e), profileCommand(e), matchCommand(e),
			planCommand(e), approveCommand(e), applyCommand(e),
			lookupCommand(e), explainCommand(e), historyCommand(e),
			reviewCommand(e),
			mergeCommand(e), splitCommand(e), renumberCommand(e), retireCommand(e), restoreCommand(e), eraseCommand(e),
			translateCommand(e), rewriteCommand(e),
			publishCommand(e),
			undoCommand(e), verifyCommand(e), rekeyCommand(e),
			exportCommand(e), importCommand(e),
			runsCommand(e), connectorsCommand(e), versionCommand(e), helpCommand(),
		},
	}
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return unknownVerb(app, c.Args().First())
		}
		return cli.ShowAppHelp(c)
	}
	for _, c := range app.Commands {
		c.HideHelp = true
		c.Flags = append(c.Flags, helpFlag())
		c.OnUsageError = app.OnUsageError
		c.CustomHelpTemplate = cli.CommandHelpTemplate + "\nEVERYWHERE:\n" +
			"   -c FILE, --format text|json|csv, --actor NAME, --quiet, --verbose, --no-color (xwalk --help)\n"
	}
	return app
}

func helpFlag() cli.Flag {
	return &cli.BoolFlag{DisableDefaultText: true, Name: "help", Aliases: []string{"h"}, Usage: "show this"}
}

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:        "help",
		Usage:       "what a command does, with examples",
		UsageText:   "xwalk help [COMMAND]",
		Description: "   xwalk help plan",
		Action: func(c *cli.Context) error {
			switch c.NArg() {
			case 0:
				return cli.ShowAppHelp(c)
			case 1:
				if c.App.Command(c.Args().First()) == nil {
					return unknownVerb(c.App, c.Args().First())
				}
				return cli.ShowCommandHelp(c, c.Args().First())
			}
			return usage("help takes one command")
		},
	}
}

// commonFlags may stand anywhere on the command line.
func (e *env) commonFlags() []cli.Flag {
	o := &e.common
	return []cli.Flag{
		&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Value: "xwalk.yaml", Usage: "the configuration `FILE`", Destination: &o.config},
		&cli.StringFlag{Name: "format", Value: "text", Usage: "how results are printed: text, json or csv", Destination: &o.format},
		&cli.StringFlag{Name: "actor", Usage: "`NAME` of who answers for a run (default: $XWALK_ACTOR, else the user)", Destination: &o.actor},
		&cli.BoolFlag{DisableDefaultText: true, Name: "quiet", Aliases: []string{"q"}, Usage: "no messages and no progress, only results", Destination: &o.quiet},
		&cli.BoolFlag{DisableDefaultText: true, Name: "verbose", Usage: "say what is being done", Destination: &o.verbose},
		&cli.BoolFlag{DisableDefaultText: true, Name: "no-color", Usage: "no colours (NO_COLOR does the same)", Destination: &o.noColor},
	}
}

// laterVerbs are known words of the design that this version does not carry
// out; naming one is no spelling mistake.
var laterVerbs = map[string]bool{
	"sync": true, "completion": true,
}

func unknownVerb(app *cli.App, name string) error {
	if laterVerbs[name] {
		return usage("xwalk %s is not in this version yet", name)
	}
	var known []string
	for _, c := range app.Commands {
		known = append(known, c.Name)
	}
	hint := "xwalk --help lists the commands"
	if near := diag.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return usage("there is no command %q\n  hint: %s", name, hint)
}

// arrange puts a command line into the order that the library needs: common
// flags, verb, the verb's flags, --, arguments. People put flags where they
// think of them (xwalk lookup C001 --format json), the library stops reading
// them at the first argument.
func arrange(app *cli.App, args []string) ([]string, error) {
	common := flagNames(app.Flags)
	verb := findVerb(app, common, args)
	own := map[string]flagName{}
	if verb != nil {
		own = flagNames(verb.Flags)
	}
	var commonArgs, verbArgs, rest []string
	seenVerb := false
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			rest = append(rest, args[i+1:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			if verb != nil && !seenVerb {
				seenVerb = true
				continue
			}
			rest = append(rest, a)
			continue
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(a, "-"), "=")
		f, mine := own[name]
		into := &verbArgs
		if !mine {
			var known bool
			if f, known = common[name]; !known {
				return nil, unknownFlag(a, verb, own, common)
			}
			into = &commonArgs
		}
		if !hasValue && f.takesValue {
			if i++; i == len(args) {
				return nil, usage("%s needs a value", a)
			}
			value, hasValue = args[i], true
		}
		out := "--" + f.primary
		if hasValue {
			out += "=" + value
		}
		*into = append(*into, out)
	}
	if slices.Contains(verbArgs, "--help") {
		rest = nil // else the library looks for help on them
	}
	out := commonArgs
	if verb != nil {
		out = append(append(out, verb.Name), verbArgs...)
		if len(rest) > 0 {
			out = append(out, "--")
		}
	}
	return append(out, rest...), nil
}

// flagName is what a spelling of a flag stands for.
type flagName struct {
	primary    string
	takesValue bool
}

func flagNames(flags []cli.Flag) map[string]flagName {
	names := map[string]flagName{}
	for _, f := range flags {
		_, isBool := f.(*cli.BoolFlag)
		for _, n := range f.Names() {
			names[n] = flagName{f.Names()[0], !isBool}
		}
	}
	return names
}

// findVerb is the command that the first argument names. Flags before it are
// common ones, whose values are skipped.
func findVerb(app *cli.App, common map[string]flagName, args []string) *cli.Command {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return nil
		}
		if len(a) > 1 && a[0] == '-' {
			name, _, hasValue := strings.Cut(strings.TrimLeft(a, "-"), "=")
			if common[name].takesValue && !hasValue {
				i++
			}
			continue
		}
		return app.Command(a)
	}
	return nil
}

func unknownFlag(flag string, verb *cli.Command, own, common map[string]flagName) error {
	var known []string
	for _, set := range []map[string]flagName{own, common} {
		for n, f := range set {
			if n == f.primary {
				known = append(known, "--"+n)
			}
		}
	}
	slices.Sort(known)
	name, _, _ := strings.Cut(flag, "=")
	if strings.TrimLeft(flag, "-") == "version" {
		return usage("unknown option %s\n  hint: it is a command: xwalk version", flag)
	}
	hint := "xwalk --help lists the options"
	if verb != nil {
		hint = fmt.Sprintf("xwalk %s --help lists the options", verb.Name)
	}
	if near := diag.Nearest("--"+strings.TrimLeft(name, "-"), known); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return usage("unknown option %s\n  hint: %s; an argument that starts with - goes after --", name, hint)
}
