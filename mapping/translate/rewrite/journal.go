package rewrite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// The tables of the journal. Each reference has a further one, whose name
// begins with that of the first: its rows' keys, old and new values.
const (
	journalTable = "xwalk_rewrite"
	stepTable    = "xwalk_rewrite_ddl"
)

// The states of an entry, in their order. A reference is read (planned), its
// changes are written (staged, parked), then constraints come back (written).
const (
	planned  = "planned"
	staged   = "staged"  // what is to be written is in the journal
	parked   = "parked"  // the values that are in each other's way stand aside
	written  = "written" // every row is
	finished = "done"
	undoing  = "undoing"
	undone   = "undone"
)

// entry is the journal's line about one reference of a run.
type entry struct {
	Crosswalk string `db:"crosswalk"`
	Run       int64  `db:"run"`
	No        int    `db:"no"`   // the order in which references are written
	Turn      int64  `db:"turn"` // the order in which entries were made, whatever clocks say
	Reference string `db:"reference"`
	RefersTo  string `db:"refers_to"`
	Digest    string `db:"digest"`
	Table     string `db:"target_table"`
	Target    string `db:"target_column"`
	Keys      string `db:"key_columns"` // JSON
	Journal   string `db:"journal"`
	State     string `db:"state"`
	First     int64  `db:"first_seq"`
	Last      int64  `db:"last_seq"`
	Cursor    int64  `db:"cursor_seq"`  // the last one that is written
	Overlap   bool   `db:"overlap"`     // new values are other rows' old ones, in a unique column
	Broken    int64  `db:"rows_broken"` // rows that broke the foreign keys in question before
	Read      int64  `db:"rows_read"`
	Empty     int64  `db:"rows_empty"`
	Written   int64  `db:"rows_written"`
	Unchanged int64  `db:"rows_unchanged"`
	Orphans   int64  `db:"rows_orphaned"`
	Contended int64  `db:"rows_contended"`
	Restored  int64  `db:"rows_restored"`
	Kept      int64  `db:"rows_kept"`
	Actor     string `db:"actor"`
	Started   int64  `db:"started"` // Unix seconds
	Finished  int64  `db:"finished"`
}

type journalColumn struct{ name, typ string }

// entryColumns are the columns of the journal and their types.
var entryColumns = []journalColumn{
	{"crosswalk", "VARCHAR(100) NOT NULL"},
	{"run", "BIGINT NOT NULL"},
	{"no", "INTEGER NOT NULL"},
	{"turn", "BIGINT NOT NULL"},
	{"reference", "TEXT NOT NULL"},
	{"refers_to", "TEXT NOT NULL"},
	{"digest", "VARCHAR(64) NOT NULL"},
	{"target_table", "TEXT NOT NULL"},
	{"target_column", "TEXT NOT NULL"},
	{"key_columns", "TEXT NOT NULL"},
	{"journal", "VARCHAR(64) NOT NULL"},
	{"state", "VARCHAR(10) NOT NULL"},
	{"first_seq", "BIGINT NOT NULL"},
	{"last_seq", "BIGINT NOT NULL"},
	{"cursor_seq", "BIGINT NOT NULL"},
	{"overlap", "BOOLEAN NOT NULL"},
	{"rows_broken", "BIGINT NOT NULL"},
	{"rows_read", "BIGINT NOT NULL"},
	{"rows_empty", "BIGINT NOT NULL"},
	{"rows_written", "BIGINT NOT NULL"},
	{"rows_unchanged", "BIGINT NOT NULL"},
	{"rows_orphaned", "BIGINT NOT NULL"},
	{"rows_contended", "BIGINT NOT NULL"},
	{"rows_restored", "BIGINT NOT NULL"},
	{"rows_kept", "BIGINT NOT NULL"},
	{"actor", "TEXT NOT NULL"},
	{"started", "BIGINT NOT NULL"},
	{"finished", "BIGINT NOT NULL"},
}

// createJournal are the statements that make the journal's two tables.
func createJournal(d sqldb.Dialect) []string {
	defs := make([]string, len(entryColumns))
	for i, c := range entryColumns {
		defs[i] = c.name + " " + c.typ
	}
	options := ""
	if d == sqldb.MySQL {
		options = " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
	}
	return []string{
		"CREATE TABLE IF NOT EXISTS " + journalTable + " (" + strings.Join(defs, ", ") + ", PRIMARY KEY (crosswalk, run, no))" + options,
		"CREATE TABLE IF NOT EXISTS " + stepTable + " (crosswalk VARCHAR(100) NOT NULL, run BIGINT NOT NULL, no INTEGER NOT NULL, " +
			"passing BOOLEAN NOT NULL, forward TEXT NOT NULL, backward TEXT NOT NULL, state VARCHAR(10) NOT NULL, " +
			"PRIMARY KEY (crosswalk, run, no))" + options,
	}
}

// digestOf tells references apart: which column of which rows means IDs of
// which space, and where they are written.
func digestOf(r *Reference) string {
	text, _ := json.Marshal([]any{r.Table, r.Columns, r.RefersTo, r.Where, r.Target()})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// journalName is the table that keeps a reference's old and new values.
func journalName(digest string) string { return journalTable + "_" + digest[:16] }

// resolved reports whether nothing of a rewrite is left to do.
func (e *entry) resolved() bool { return e.State == finished || e.State == undone }

// result is what the entry says of its reference.
func (e *entry) result() Result {
	return Result{
		Name: e.Reference, Read: e.Read, Empty: e.Empty, Written: e.Written, Unchanged: e.Unchanged,
		Orphans: e.Orphans, Contended: e.Contended,
	}
}

// entries reads the journal of a database, in the order of Turn; none where
// there is no journal yet.
func entries(ctx context.Context, db *sqldb.DB) ([]*entry, error) {
	names := make([]string, len(entryColumns))
	for i, c := range entryColumns {
		names[i] = c.name
	}
	var list []*entry
	err := db.SelectContext(ctx, &list, "SELECT "+strings.Join(names, ", ")+" FROM "+journalTable+" ORDER BY turn")
	if sqldb.Classify(err) == sqldb.NoTable {
		return nil, nil
	}
	if err != nil {
		return nil, db.Explain(fmt.Errorf("read the journal of rewrites: %w", err))
	}
	return list, nil
}

// lastInForce is the last change of a journal that no undo took out of it; 0:
// there is none, and nothing to look up for each row.
func lastInForce(list []*entry, journal string) int64 {
	var last int64
	for _, e := range list {
		if e.Journal == journal && e.State != undone && e.Last >= e.First {
			last = max(last, e.Last)
		}
	}
	return last
}

// ofRun are the entries of one run.
func ofRun(list []*entry, crosswalk string, run int64) []*entry {
	var found []*entry
	for _, e := range list {
		if e.Crosswalk == crosswalk && e.Run == run {
			found = append(found, e)
		}
	}
	return found
}

// insert adds the entry.
func (e *entry) insert(ctx context.Context, tx *sqldb.Tx) error {
	names, marks := make([]string, len(entryColumns)), make([]string, len(entryColumns))
	for i, c := range entryColumns {
		names[i], marks[i] = c.name, ":"+c.name
	}
	_, err := tx.NamedExecContext(ctx, "INSERT INTO "+journalTable+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", e)
	return err
}

// save writes what changes of an entry while its run goes on. was is how the
// journal has it: should another process have moved on meanwhile, that is an
// error.
func (e *entry) save(ctx context.Context, tx *sqldb.Tx, was entry) error {
	var sets []string
	for _, c := range entryColumns[slices.IndexFunc(entryColumns, func(c journalColumn) bool { return c.name == "state" }):] {
		if c.name != "actor" && c.name != "started" {
			sets = append(sets, c.name+" = :"+c.name)
		}
	}
	res, err := tx.NamedExecContext(ctx, "UPDATE "+journalTable+" SET "+strings.Join(sets, ", ")+
		" WHERE crosswalk = :crosswalk AND run = :run AND no = :no AND state = :was_state AND cursor_seq = :was_cursor", struct {
		*entry
		WasState  string `db:"was_state"`
		WasCursor int64  `db:"was_cursor"`
	}{e, was.State, was.Cursor})
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		err = fmt.Errorf("another process has gone on with %s", e.Reference)
	}
	return err
}

// now is the time as the journal keeps it.
func now() int64 { return time.Now().Unix() }

// FindUnfinished looks into the journals of the databases of refs.
func FindUnfinished(ctx context.Context, refs []*Reference) ([]Unfinished, error) {
	var found []Unfinished
	for _, database := range databases(refs) {
		db, err := sqldb.OpenAs(ctx, database.Dialect, database.DSN, sqldb.Options{ReadOnly: true})
		if err != nil {
			return nil, err
		}
		list, err := entries(ctx, db)
		_ = db.Close()
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if e.resolved() {
				continue
			}
			at := slices.IndexFunc(found, func(u Unfinished) bool { return u.Run == e.Run && u.Crosswalk == e.Crosswalk })
			if at < 0 {
				found = append(found, Unfinished{Run: e.Run, Crosswalk: e.Crosswalk})
				at = len(found) - 1
			}
			found[at].References = append(found[at].References, e.Reference)
			found[at].Undoing = found[at].Undoing || e.State == undoing
		}
	}
	return found, nil
}

// databases are the databases of references, each once, in their order.
func databases(refs []*Reference) []Database {
	var list []Database
	for _, r := range refs {
		if !slices.ContainsFunc(list, r.Database.same) {
			list = append(list, r.Database)
		}
	}
	return list
}

// same reports whether two databases are one.
func (b Database) same(o Database) bool { return b.Dialect == o.Dialect && b.DSN == o.DSN }
