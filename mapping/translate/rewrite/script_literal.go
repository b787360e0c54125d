package rewrite

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// literalText writes a text as SQL, in a way that no setting of the server or
// the client makes another text of it: what is more than plain letters, digits
// and a little punctuation is written as its bytes.
func literalText(d sqldb.Dialect, text []byte) string {
	if plain(text) {
		return "'" + string(text) + "'"
	}
	digits := hex.EncodeToString(text)
	switch d {
	case sqldb.Postgres:
		return "convert_from(decode('" + digits + "', 'hex'), 'UTF8')"
	case sqldb.MySQL:
		return "CONVERT(X'" + digits + "' USING utf8mb4)"
	default:
		return "CAST(X'" + digits + "' AS TEXT)"
	}
}

// literalBytes is literalText for what need not be a text: MySQL's columns of
// bytes hold anything.
func literalBytes(d sqldb.Dialect, value []byte) string {
	if d != sqldb.MySQL || plain(value) {
		return literalText(d, value)
	}
	return "X'" + hex.EncodeToString(value) + "'"
}

// plain reports whether a text means the same between quotes everywhere. A
// colon begins a variable of psql's, a backslash an escape here and none
// there.
func plain(text []byte) bool {
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', strings.IndexByte(" -_.,;/|@+=()#*", c) >= 0:
		default:
			return false
		}
	}
	return true
}

func literalBool(d sqldb.Dialect, b bool) string {
	switch {
	case d == sqldb.Postgres:
		return fmt.Sprint(b)
	case b:
		return "1"
	default:
		return "0"
	}
}

// insertSQL adds an entry to the journal.
func insertSQL(d sqldb.Dialect, e *entry) string {
	text := func(s string) string { return literalText(d, []byte(s)) }
	whole := func(n int64) string { return fmt.Sprint(n) }
	values := []string{
		text(e.Crosswalk), whole(e.Run), whole(int64(e.No)), "COALESCE(MAX(turn), 0) + 1", text(e.Reference), text(e.RefersTo), text(e.Digest), text(e.Table), text(e.Target),
		text(e.Keys), text(e.Journal), text(planned), whole(e.First), whole(e.Last), whole(e.Cursor), literalBool(d, e.Overlap), whole(e.Broken),
		whole(e.Read), whole(e.Empty), "0", whole(e.Unchanged), whole(e.Orphans), "0", "0", "0", text(e.Actor), whole(e.Started), whole(e.Started),
	}
	names := make([]string, len(entryColumns))
	for i, c := range entryColumns {
		names[i] = c.name
	}
	return "INSERT INTO " + journalTable + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + journalTable
}
