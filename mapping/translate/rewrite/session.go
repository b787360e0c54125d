package rewrite

import (
	"context"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Session is what counts of a server's settings.
type Session struct {
	// LaxMode is MySQL's sql_mode of other sessions where it is not strict, so
	// that their writes into narrow columns are cut; ours are always strict.
	// "(empty)" stands for the empty one.
	LaxMode string
	// ForeignKeysOff says that SQLite does not enforce foreign keys by default.
	ForeignKeysOff bool
}

// InspectSession reads it.
func InspectSession(ctx context.Context, db *sqldb.DB) (Session, error) {
	var s Session
	var err error
	switch db.Dialect {
	case sqldb.MySQL:
		var mode string
		err = db.GetContext(ctx, &mode, "SELECT @@global.sql_mode")
		s.LaxMode = laxMode(mode)
	case sqldb.SQLite:
		var on bool
		err = db.GetContext(ctx, &on, "PRAGMA foreign_keys")
		s.ForeignKeysOff = !on
	}
	if err != nil {
		return Session{}, db.Explain(fmt.Errorf("read the server's settings: %w", err))
	}
	return s, nil
}

// laxMode is an sql_mode without a strict one among its parts, else empty.
func laxMode(mode string) string {
	for part := range strings.SplitSeq(mode, ",") {
		if part == "STRICT_ALL_TABLES" || part == "STRICT_TRANS_TABLES" || part == "TRADITIONAL" {
			return ""
		}
	}
	if mode == "" {
		return "(empty)"
	}
	return mode
}
