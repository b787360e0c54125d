package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/discover"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/translate/publish"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// The exit codes that scripts rely on.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2 // wrong usage or configuration, a missing file or column
	exitRefused     = 3 // stale plan, locked, a guard, a server that is not there
	exitPending     = 4 // plan --detailed-exitcode: changes or reviews
	exitInterrupted = 130
)

// usageError is a command line that cannot be carried out.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// codeError ends the program with a code; what there is to say was said.
type codeError int

func (e codeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// exit prints err to w and says which code the program ends with.
func exit(err error, w io.Writer, s report.Style) int {
	var code codeError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		var stopped *migrate.PartialError
		if errors.As(err, &stopped) {
			fmt.Fprintf(w, "interrupted after %s of %s links; nobody sees them yet, and the same command goes on from there\n",
				report.Number(stopped.Done), report.Number(stopped.Total))
			return exitInterrupted
		}
		var published *publish.StoppedError
		if errors.As(err, &published) {
			fmt.Fprintf(w, "interrupted after %s of %s records; the same command goes on from there\n",
				report.Number(published.Done), report.Number(published.Total))
			return exitInterrupted
		}
		fmt.Fprintln(w, "interrupted")
		return exitInterrupted
	}
	ui.Error(w, s, err)
	return classify(err)
}

func classify(err error) int {
	var many ui.Problems
	if errors.As(err, &many) {
		// What has to be mended counts for more than what may come back.
		codes := map[int]bool{}
		for _, e := range many {
			codes[classify(e)] = true
		}
		for _, c := range []int{exitUsage, exitRefused} {
			if codes[c] {
				return c
			}
		}
		return exitFailed
	}
	var (
		wrong       *usageError
		list        diag.List
		missing     *config.MissingError
		column      *mapping.ColumnError
		unreachable *mapping.UnreachableError
		guard       *plan.GuardError
		stale       *migrate.StaleError
		approval    *migrate.ApprovalError
		planFile    *plan.FileError
		locked      *crosswalk.LockedError
		capacity    *plan.CapacityError
		clash       *plan.ClashError
		keyRule     *plan.KeyRuleError
		source      *config.OpenError
		disk        *fs.PathError
		argument    *discover.ArgumentError
		noID        *discover.NoIDError
		contrary    crosswalk.ContraryErrors
		damage      *archive.DamageError
		final       *plan.FinalError
		act         *plan.ActError
		used        *plan.InUseError
		field       *mapping.FieldError
		taken       *publish.RefusedError
		refused     *rewriteError
		blocked     *rewrite.BlockedError
		busy        *rewrite.LockedError
		unfinished  *rewrite.UnfinishedError
		ddl         *rewrite.DDLError
		condition   *rewrite.ConditionError
	)
	switch {
	case errors.As(err, &unreachable), errors.As(err, &guard), errors.As(err, &stale), errors.As(err, &approval), errors.As(err, &planFile), errors.As(err, &locked), errors.As(err, &capacity), errors.As(err, &clash),
		errors.As(err, &contrary), errors.As(err, &damage), errors.Is(err, archive.ErrNewer), errors.Is(err, crosswalk.ErrNotEmpty), errors.As(err, &final), errors.As(err, &act), errors.As(err, &used), errors.As(err, &taken), errors.As(err, &refused), errors.As(err, &blocked), errors.As(err, &busy), errors.As(err, &unfinished), errors.As(err, &ddl), errors.Is(err, crosswalk.ErrStale), errors.Is(err, crosswalk.ErrLost), errors.Is(err, crosswalk.ErrNewer),
		errors.Is(err, crosswalk.ErrEnvironment), errors.Is(err, crosswalk.ErrCollation):
		return exitRefused
	case errors.As(err, &wrong), errors.As(err, &list), errors.As(err, &missing), errors.As(err, &column), errors.As(err, &keyRule),
		errors.As(err, &argument), errors.As(err, &noID), errors.As(err, &field), errors.As(err, &condition),
		errors.Is(err, fs.ErrNotExist), errors.Is(err, crosswalk.ErrNone):
		return exitUsage
	case errors.As(err, &source) && !errors.As(err, &disk): // a setting or filter that it cannot use
		return exitUsage
	}
	return exitFailed
}
