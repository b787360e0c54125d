package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

func testEnv(args ...string) (*env, *bytes.Buffer, *bytes.Buffer) {
	var out, messages bytes.Buffer
	return &env{
		args: args, stdin: strings.NewReader(""), stdout: &out, stderr: &messages,
		getenv: func(string) (string, bool) { return "", false }, clock: time.Now,
	}, &out, &messages
}

func TestArrange(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                     "",
		"plan":                                 "plan",
		"plan -o x":                            "plan --output=x",
		"plan --output=x --changes":            "plan --output=x --changes",
		"lookup C001 --format json":            "--format=json lookup -- C001",
		"-c my.yaml lookup C001":               "--config=my.yaml lookup -- C001",
		"lookup -c my.yaml C001":               "--config=my.yaml lookup -- C001",
		"--quiet lookup --source a C1 C2 -q":   "--quiet --quiet lookup --source=a -- C1 C2",
		"lookup -- -5 --format":                "lookup -- -5 --format",
		"lookup A -- -5":                       "lookup -- A -5",
		"lookup -":                             "lookup -- -",
		"export -o -":                          "export --output=-",
		"apply p.plan --reason=a=b":            "apply --reason=a=b -- p.plan",
		"apply --reason -x p":                  "apply --reason=-x -- p",
		"runs show 3 --format csv":             "--format=csv runs -- show 3",
		"apply --allow joined --allow cluster": "apply --allow=joined --allow=cluster",
		"--quiet=false plan":                   "--quiet=false plan",
		"plan --help":                          "plan --help",
		"lookup -h":                            "lookup --help",
		"--help":                               "--help",
		"help plan":                            "help -- plan",
		"--format json plan":                   "--format=json plan",
		"--config plan plan":                   "--config=plan plan",
		"nonsense --quiet":                     "--quiet nonsense",
		"lookup plan":                          "lookup -- plan",
	} {
		e, _, _ := testEnv()
		got, err := arrange(newApp(e), strings.Fields(in))
		if err != nil {
			t.Errorf("arrange(%s): %v", in, err)
			continue
		}
		if diff := cmp.Diff(strings.Fields(want), got); diff != "" && len(got)+len(want) > 0 {
			t.Errorf("arrange(%s) (-want +got):\n%s", in, diff)
		}
	}
}

func TestArrangeRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plan --chnages":      "did you mean --changes?",
		"plan --formt json":   "did you mean --format?",
		"--chnages plan":      "did you mean --changes?",
		"plan -o":             "-o needs a value",
		"plan --zzzzzzzzz":    "xwalk plan --help lists the options",
		"lookup -5":           "an argument that starts with - goes after --",
		"export --sourc=a":    "did you mean --source?",
		"--unheard-of-option": "xwalk --help lists the options",
	} {
		e, _, _ := testEnv()
		_, err := arrange(newApp(e), strings.Fields(in))
		if err == nil || !strings.Contains(err.Error(), want) || classify(err) != exitUsage {
			t.Errorf("arrange(%s) = %v, want %q", in, err, want)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"", "COMMANDS", exitDone},
		{"--help", "COMMANDS", exitDone},
		{"plan --help", "--detailed-exitcode", exitDone},
		{"help lookup", "--email", exitDone},
		{"lookup C1 --help", "--email", exitDone},
		{"help", "COMMANDS", exitDone},
		{"help pln", `did you mean "plan"?`, exitUsage},
		{"version", "xwalk ", exitDone},
		{"version --format json", `"system"`, exitDone},
		{"pln", `did you mean "plan"?`, exitUsage},
		{"sync", "xwalk sync is not in this version yet", exitUsage},
		{"plan --format yaml", "expected text, json or csv", exitUsage},
		{"plan --quiet --verbose", "contradict", exitUsage},
		{"plan extra", "plan takes no arguments", exitUsage},
		{"plan --allow everything", "expected joined, rejected, cluster, vanished", exitUsage},
		{"plan -o -", "a plan goes to a file", exitUsage},
		{"apply a b", "one plan", exitUsage},
		{"apply p --allow joined", "belong to the making of a plan", exitUsage},
		{"lookup", "look up what?", exitUsage},
		{"import", "one file", exitUsage},
		{"import f --columns a", "headers of the old and the new number", exitUsage},
		{"export --columns olld", "did you mean old?", exitUsage},
		{"export --customers --columns old", "do not go with it", exitUsage},
		{"export --since x", "since", exitUsage},
		{"runs show", "xwalk runs show RUN", exitUsage},
		{"runs show x", "the number of a run", exitUsage},
		{"connectors check", "check SOURCE", exitUsage},
		{"plan -c none.yaml", `there is no configuration file "none.yaml"`, exitUsage},
	} {
		e, out, messages := testEnv(strings.Fields(c.args)...)
		if code := run(context.Background(), e); code != c.code || !strings.Contains(out.String()+messages.String(), c.want) {
			t.Errorf("xwalk %s: exit code %d, want %d, and %q in\n%s%s", c.args, code, c.code, c.want, out, messages)
		}
		if c.code != exitDone && out.Len() > 0 {
			t.Errorf("xwalk %s: an error on standard output: %s", c.args, out)
		}
	}
}

func TestEveryVerbHasAnExample(t *testing.T) {
	t.Parallel()
	e, _, _ := testEnv()
	for _, c := range newApp(e).Commands {
		if !strings.Contains(c.Description, "   xwalk "+c.Name) {
			t.Errorf("the help of %s has no example", c.Name)
		}
		if laterVerbs[c.Name] {
			t.Errorf("%s is here and yet to come", c.Name)
		}
	}
}

func TestExit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code int
	}{
		{nil, 0},
		{codeError(4), 4},
		{errors.New("boom"), 1},
		{usage("wrong"), 2},
		{diag.List{{Code: "config.x"}}, 2},
		{&config.MissingError{Path: "x", Err: fs.ErrNotExist}, 2},
		{&mapping.ColumnError{Source: "a.csv", Missing: "no"}, 2},
		{fmt.Errorf("open: %w", fs.ErrNotExist), 2},
		{crosswalk.ErrNone, 2},
		{&plan.KeyRuleError{}, 2},
		{&archive.DamageError{}, 3},
		{archive.ErrNewer, 3},
		{crosswalk.ErrNotEmpty, 3},
		{&config.OpenError{Source: "a", Err: errors.New("unknown encoding")}, 2},
		{&config.OpenError{Source: "a", Err: &fs.PathError{Op: "open", Path: "a.csv", Err: fs.ErrPermission}}, 1},
		{&config.OpenError{Source: "a", Err: &mapping.UnreachableError{What: "server", Err: errors.New("refused")}}, 3},
		{ui.Problems{&mapping.UnreachableError{What: "server", Err: errors.New("refused")}, &mapping.ColumnError{}}, 2},
		{ui.Problems{errors.New("other"), &mapping.UnreachableError{What: "server", Err: errors.New("refused")}}, 3},
		{&plan.CapacityError{Scheme: "C{next:2}", Capacity: 99}, 3},
		{&mapping.UnreachableError{What: "server", Err: errors.New("refused")}, 3},
		{&plan.GuardError{Guard: "joined"}, 3},
		{&migrate.StaleError{Why: "x"}, 3},
		{&migrate.PartialError{Err: crosswalk.ErrLost}, 3},
		{&crosswalk.LockedError{}, 3},
		{&rewrite.DDLError{Database: "database", Statement: "ALTER TABLE"}, 3},
		{crosswalk.ErrNewer, 3},
		{crosswalk.ErrEnvironment, 3},
		{context.Canceled, 130},
		{&migrate.PartialError{Err: context.Canceled}, 130},
	} {
		wrapped := c.err
		if wrapped != nil {
			wrapped = fmt.Errorf("source shop: %w", c.err)
		}
		var b bytes.Buffer
		if got := exit(wrapped, &b, report.Style{}); got != c.code {
			t.Errorf("exit(%v) = %d, want %d", c.err, got, c.code)
		}
		var quiet codeError
		if spoke, silent := b.Len() > 0, wrapped == nil || errors.As(wrapped, &quiet); spoke == silent {
			t.Errorf("exit(%v) printed %q", c.err, b.String())
		}
	}
}

func TestInterruptedBeforeItStarts(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e, _, messages := testEnv("plan", "-c", "none.yaml")
	if code := run(ctx, e); code != exitInterrupted || !strings.Contains(messages.String(), "interrupted") {
		t.Errorf("exit code %d: %s", code, messages)
	}
}

func TestInterruptedSaysWhatIsKept(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	exit(&migrate.PartialError{Done: 20_000, Total: 300_000, Err: context.Canceled}, &b, report.Style{})
	if want := "interrupted after 20,000 of 300,000 links; nobody sees them yet, and the same command goes on from there\n"; b.String() != want {
		t.Errorf("printed %q, want %q", b.String(), want)
	}
}

func TestCommandIsShellSafe(t *testing.T) {
	t.Parallel()
	e, _, _ := testEnv()
	e.common.config = "my file.yaml"
	if got, want := e.command("apply", "it's.plan"), "`xwalk apply 'it'\\''s.plan' -c 'my file.yaml'`"; got != want {
		t.Errorf("command = %s, want %s", got, want)
	}
}

// silence is a standard input that says nothing; once read, it interrupts.
type silence struct{ interrupt func() }

func (s silence) Read([]byte) (int, error) {
	s.interrupt()
	select {}
}

func TestInterruptedWhileItWaits(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	e, _, _ := testEnv("lookup", "-")
	e.stdin = silence{cancel}
	if code := run(ctx, e); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
}
