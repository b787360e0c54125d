package main

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReviewUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"review", "xwalk review list | next", exitDone},
		{"review --help", "--override", exitDone},
		{"help review", "--override", exitDone},
		{"review lst", `did you mean "list"?`, exitUsage},
		{"review zzzzzzz", "it is one of list, next, show, same, different, skip, reopen, export, import", exitUsage},
		{"review list x", "expected: xwalk review list", exitUsage},
		{"review same", "expected: xwalk review same ID…", exitUsage},
		{"review import", "expected: xwalk review import FILE", exitUsage},
		{"review export a b", "expected: xwalk review export [FILE]", exitUsage},
		{"review next --reason x", "--reason means nothing to xwalk review next", exitUsage},
		{"review show a --limit 3", "--limit means nothing to xwalk review show", exitUsage},
		{"review --now skip a", "--now means nothing to xwalk review skip", exitUsage},
		{"review list --mine --claimed", "exclude each other", exitUsage},
		{"review list --min 0.9 --max 0.8", "expected scores from 0 to 1", exitUsage},
		{"review list --min 80", "expected scores from 0 to 1", exitUsage},
		{"review list --limit=-1", "expected how many", exitUsage},
		{"review list --kind firm", "expected person, company or household", exitUsage},
		{"review same a --wait=-1s --now", "expected a length of time", exitUsage},
		{"review same a --now --plan p", "a plan is made again instead", exitUsage},
		{"review export --format json", "review export writes CSV", exitUsage},
	} {
		e, out, messages := testEnv(strings.Fields(c.args)...)
		code := run(context.Background(), e)
		if text := out.String() + messages.String(); code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("xwalk %s: exit code %d, want %d and %q in\n%s", c.args, code, c.code, c.want, text)
		}
	}
}

// Flags may stand before and after the sub-command and its arguments.
func TestReviewArranged(t *testing.T) {
	t.Parallel()
	want := []string{"--actor=ann", "review", "--reason=why", "--override", "--", "same", "r1", "r2"}
	for _, in := range []string{
		"review same r1 r2 --reason why --override --actor ann",
		"--actor ann review --reason why --override same r1 r2",
		"review --reason=why same --override r1 --actor=ann r2",
	} {
		e, _, _ := testEnv()
		got, err := arrange(newApp(e), strings.Fields(in))
		if err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}
