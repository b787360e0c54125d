package crosswalk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// What callers branch on.
var (
	// ErrNone says that there is no crosswalk yet: no file, or a database
	// without our tables.
	ErrNone = errors.New("there is no crosswalk yet; xwalk apply makes it")
	// ErrNewer says that a newer xwalk wrote the crosswalk.
	ErrNewer = errors.New("the crosswalk was written by a newer xwalk; use that version")
	// ErrLost says that another process has taken the lease over, so that
	// nothing was written.
	ErrLost = errors.New("another process has taken over the right to write; nothing more was written; run again")
	// ErrStale says that the crosswalk has changed since the plan was made.
	ErrStale = errors.New("the crosswalk has changed since the plan was made; plan again")
	// ErrEnvironment says that the crosswalk belongs to another environment.
	ErrEnvironment = errors.New("the crosswalk belongs to another environment")
	// ErrCollation says that the database does not compare keys byte for byte.
	ErrCollation = errors.New("the database does not compare texts byte for byte; " +
		"let xwalk make its own tables in a database of their own")
)

// CheckEnvironment is [ErrEnvironment] where the crosswalk belongs to another
// environment. One in which nothing was published belongs to none.
func (h Head) CheckEnvironment(environment string) error {
	return checkEnvironment(h.Environment, environment)
}

func checkEnvironment(is, configured string) error {
	if is == "" || is == configured {
		return nil
	}
	return fmt.Errorf("%w: it is %q and the configuration says %q; check `crosswalk` and `environment`", ErrEnvironment, is, configured)
}

// LockedError says that somebody who is alive holds the lease, for what, and
// since when; it lasts until Expires unless it is renewed.
type LockedError struct {
	Holder  string // "host/pid"
	Kind    string // what it is doing: "apply"
	Since   time.Time
	Expires time.Time
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("the crosswalk is being written by %s (%s, since %s); run again when it is done. "+
		"Should it have died, it stops counting at %s", e.Holder, e.Kind, e.Since.UTC().Format(time.RFC3339), e.Expires.UTC().Format(time.RFC3339))
}

// fail adds to err what was being done, which database it was and, where
// that is known, what to do about it.
func (s *Store) fail(doing string, err error) error {
	var locked *LockedError
	var un *mapping.UnreachableError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &locked), errors.As(err, &un),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, err)
	}
	hint := ""
	switch sqldb.Classify(err) {
	case sqldb.Full:
		hint = "the disk is full: make room and run again: "
	case sqldb.ReadOnly:
		hint = "it cannot be written: "
	case sqldb.Locked:
		hint = "another process keeps it locked: try again: "
	}
	if hint != "" {
		err = fmt.Errorf("%s%w", hint, err)
	}
	return fmt.Errorf("%s: %w", doing, s.db.Explain(err))
}
