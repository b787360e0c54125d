package rewrite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Script writes the job as SQL for the database's own client, psql, mysql or
// sqlite3: one script for each database, one after the other. It reads the
// databases and changes nothing. Run, a script does what [Apply] does: it
// keeps the same journal, so [Undo] takes it back and later rewrites know what
// it wrote. It rewrites the rows that hold the IDs which were there when it
// was written, also those that were added since. What is in the way of Apply
// is an error here too.
func Script(ctx context.Context, out io.Writer, j Job) error {
	for _, s := range j.Surveyed {
		if s.Blocked(j.AllowDDL) {
			return &BlockedError{s.Name, s.Obstacles}
		}
	}
	buffer := bufio.NewWriter(out)
	for _, b := range databases(references(j.Surveyed)) {
		s := &script{work: work{job: &j, database: b, results: make([]Result, len(j.Surveyed))}, out: buffer}
		if err := s.write(ctx); err != nil {
			return err
		}
	}
	return buffer.Flush()
}

// script writes the script of one database.
type script struct {
	work
	out  *bufio.Writer
	maps []*becomes
	// indexed are the journals that have an index by the keys of rows, as far
	// as MySQL must be told.
	indexed []string
}

// write reads the database and writes its script.
func (s *script) write(ctx context.Context) error {
	db, err := sqldb.OpenAs(ctx, s.database.Dialect, s.database.DSN, sqldb.Options{ReadOnly: true, Stream: true})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	s.site, s.d = &site{db: db}, db.Dialect
	if err := s.plan(ctx); err != nil {
		return err
	}
	for _, t := range s.tasks {
		m, err := s.collect(ctx, t)
		if err != nil {
			return err
		}
		s.maps = append(s.maps, m)
	}
	s.head()
	s.mappings()
	s.journals()
	s.columns()
	s.rows()
	s.tail()
	return nil
}

// plan finds out what Apply would do.
func (s *script) plan(ctx context.Context) error {
	list, err := entries(ctx, s.db)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !e.resolved() || e.Run == s.job.Run && e.Crosswalk == s.job.Crosswalk {
			return &UnfinishedError{e.Run, s.db.Label, "has been begun"}
		}
	}
	s.others = list
	if err := s.makeTasks(nil); err != nil {
		return err
	}
	p := &planner{db: s.db, d: s.d, tasks: s.tasks, journals: s.others}
	s.ddl = &ddl{db: s.db, crosswalk: s.job.Crosswalk, run: s.job.Run}
	if s.ddl.steps, err = p.plan(ctx); err != nil {
		return err
	}
	if len(s.ddl.steps) > 0 && !s.job.AllowDDL {
		return fmt.Errorf("columns or constraints of the %s have to change, which --allow-ddl allows: %s", s.db.Label, s.ddl.steps[0].Forward)
	}
	if s.d == sqldb.MySQL {
		if err := s.db.SelectContext(ctx, &s.indexed, "SELECT DISTINCT table_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name LIKE 'xwalk\\_rewrite\\_%\\_key'"); err != nil {
			return s.db.Explain(err)
		}
	}
	return s.countBroken(ctx, func(t *task, n int64) { t.Broken = n })
}

// indexes makes the indexes by which journals are found.
func (s *script) indexes() {
	for _, t := range s.tasks {
		keys, at := t.keyAt()
		journals := []string{t.Journal}
		switch {
		case at >= 0:
			journals = s.journalsOf(t)
		case t.ref.Write != InPlace:
			continue
		}
		for _, journal := range journals {
			if !slices.Contains(s.indexed, journal) {
				s.sql(indexSQL(s.d, journal, keys))
				s.indexed = append(s.indexed, journal)
			}
		}
	}
}

// say writes a line of SQL, or several.
func (s *script) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

// sql writes a statement.
func (s *script) sql(statement string) { s.say("%s;", statement) }

// comment writes a line that does nothing.
func (s *script) comment(format string, args ...any) {
	line := strings.Map(func(r rune) rune {
		if r < ' ' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, fmt.Sprintf(format, args...))
	s.say("-- %s", strings.ReplaceAll(line, `\`, "/"))
}

// head says what the script is, and sets the session up so that nothing is
// cut, made another value, or done by half.
func (s *script) head() {
	client := map[sqldb.Dialect]string{sqldb.Postgres: "psql", sqldb.MySQL: "mysql", sqldb.SQLite: "sqlite3"}[s.d]
	s.comment("Puts canonical IDs in the place of source IDs in the %s. For %s.", s.db.Label, client)
	s.comment("Run %d of the crosswalk %s. It stops at the first error.", s.job.Run, s.job.Crosswalk)
	s.comment("To take it back: xwalk rewrite --undo %d, or the statements at the end.", s.job.Run)
	for _, t := range s.tasks {
		s.comment("%d. %s: %d rows of %d hold IDs that change", t.No, t.Reference, t.Written, t.Read)
	}
	s.say("")
	switch s.d {
	case sqldb.Postgres:
		s.say(`\set ON_ERROR_STOP on`)
		s.sql("SET client_encoding = 'UTF8'")
		s.sql("SET standard_conforming_strings = on")
		s.sql("SET statement_timeout = 0")
		s.sql("BEGIN")
		s.sql(fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", lockKey))
	case sqldb.MySQL:
		s.sql("SET NAMES utf8mb4 COLLATE utf8mb4_bin")
		s.sql("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION foreign_key_checks = 1, SESSION autocommit = 1")
		s.check("no other process rewrites references here", "GET_LOCK("+mysqlLock+", 3) = 1")
	default:
		s.say(".bail on")
		s.sql("PRAGMA foreign_keys = OFF")
		s.sql("BEGIN IMMEDIATE")
		s.sql("CREATE TEMP TABLE xwalk_check (what TEXT, holds INTEGER CHECK (holds))")
	}
	s.say("")
}

// check ends the script with an error unless a condition holds. what says what
// the condition means.
func (s *script) check(what, condition string) {
	switch s.d {
	case sqldb.Postgres:
		tag := "$xwalk$"
		for strings.Contains(condition, tag) {
			tag = "$x" + tag[1:]
		}
		s.say("DO %s BEGIN IF NOT (%s) THEN RAISE EXCEPTION USING MESSAGE = %s; END IF; END %s;", tag, condition, literalText(s.d, []byte("it does not hold that "+what)), tag)
	case sqldb.MySQL:
		s.say("SELECT IF(%s, 'ok', (SELECT 1 UNION ALL SELECT 2)) AS %s;", condition, s.d.Quote(what))
	default:
		s.say("INSERT INTO temp.xwalk_check SELECT %s, (%s);", literalText(s.d, []byte(what)), condition)
	}
}

// journals makes the journal and puts into it what is to be written.
func (s *script) journals() {
	s.comment("The journal: which rows change, what stands there, and what will.")
	for _, statement := range createJournal(s.d) {
		s.sql(statement)
	}
	for _, t := range s.tasks {
		for _, statement := range changesSQL(s.d, t) {
			s.sql(statement)
		}
		s.sql(insertSQL(s.d, t.entry))
		s.changes(t)
	}
	s.indexes()
	for _, step := range s.ddl.steps {
		s.say("INSERT INTO %s (crosswalk, run, no, passing, forward, backward, state) VALUES (%s, %d, %d, %s, %s, %s, '%s');", stepTable,
			literalText(s.d, []byte(s.job.Crosswalk)), s.job.Run, step.No, literalBool(s.d, step.Passing),
			literalText(s.d, []byte(step.Forward)), literalText(s.d, []byte(step.Backward)), stepPlanned)
	}
	s.say("")
}

// columns changes columns and constraints.
func (s *script) columns() {
	if len(s.ddl.steps) == 0 {
		return
	}
	s.comment("Columns and constraints.")
	for _, step := range s.ddl.steps {
		s.step(step, step.Forward, stepBegun, stepDone)
	}
	s.say("")
}

// step carries a step out, and keeps the journal.
func (s *script) step(step *step, statement, begun, then string) {
	mark := func(state string) {
		s.say("UPDATE %s SET state = '%s' WHERE crosswalk = %s AND run = %d AND no = %d;", stepTable, state,
			literalText(s.d, []byte(s.job.Crosswalk)), s.job.Run, step.No)
	}
	if s.d == sqldb.MySQL {
		mark(begun)
	}
	s.sql(statement)
	mark(then)
}

// rows changes the rows.
func (s *script) rows() {
	s.comment("The rows, each only where it is still as the journal has it.")
	if s.d == sqldb.MySQL {
		s.sql("SET SESSION foreign_key_checks = 0")
		s.sql("START TRANSACTION")
	}
	for _, t := range s.tasks {
		if t.target == nil {
			t.target = &Column{Name: t.ref.Target(), Kind: Text, Type: "text"}
		}
		moves := []move{forward}
		if t.Overlap {
			moves = []move{aside(s.d, forward), fromAside(s.d, forward)}
		}
		p := part{t.First - 1, maxSeq}
		if t.retyped {
			retyped := *t.target
			retyped.Kind, retyped.Type = Text, "varchar"
			t.target = &retyped
		}
		for _, m := range moves {
			s.sql(s.updateSQL(t, m, p))
			if keys, at := t.keyAt(); at >= 0 {
				for _, journal := range s.journalsOf(t) {
					s.sql(s.followSQL(t, journal, fmt.Sprintf("k%d", at+1), keys, m, p))
				}
			}
		}
		entries := fmt.Sprintf("(SELECT COUNT(*) FROM %s j WHERE %s)", s.d.Quote(t.Journal), p.sql())
		s.check("all rows of "+t.Reference+" were written", "("+s.countSQL(t, "j.new_value", p)+") = "+entries)
		s.say("UPDATE %s SET state = '%s', cursor_seq = last_seq, rows_written = %s WHERE crosswalk = %s AND run = %d AND no = %d;",
			journalTable, written, entries, literalText(s.d, []byte(s.job.Crosswalk)), s.job.Run, t.No)
	}
	if s.d == sqldb.MySQL {
		s.sql("COMMIT")
		s.sql("SET SESSION foreign_key_checks = 1")
	}
	s.say("")
}

// maxSeq is behind every entry of a journal.
const maxSeq = 1 << 62

// tail puts constraints back, looks at foreign keys, and says how it went.
func (s *script) tail() {
	for _, step := range slices.Backward(s.ddl.steps) {
		if step.Passing {
			s.step(step, step.Backward, stepLeaving, stepBack)
		}
	}
	if s.d != sqldb.Postgres {
		for _, t := range s.tasks {
			s.unbroken(t)
		}
	}
	s.say("UPDATE %s SET state = '%s' WHERE crosswalk = %s AND run = %d;", journalTable, finished, literalText(s.d, []byte(s.job.Crosswalk)), s.job.Run)
	if s.d != sqldb.MySQL {
		s.sql("COMMIT")
	}
	s.say("SELECT reference, rows_read, rows_empty, rows_unchanged, rows_orphaned, rows_written FROM %s WHERE crosswalk = %s AND run = %d ORDER BY no;",
		journalTable, literalText(s.d, []byte(s.job.Crosswalk)), s.job.Run)
	s.say("")
	s.comment("By hand, this takes the rows back (constraints in the way have to be dropped first):")
	for _, t := range slices.Backward(s.tasks) {
		s.comment("%s;", s.updateSQL(t, backward, part{t.First - 1, maxSeq}))
	}
}

// unbroken checks that no more rows break foreign keys than before.
func (s *script) unbroken(t *task) {
	var counts []string
	for i := range t.table.Foreign {
		f := &t.table.Foreign[i]
		if (f.Enforced || s.d == sqldb.SQLite) && t.bound(f.Table, f.Columns) && len(f.Refers) == len(f.Columns) {
			counts = append(counts, "("+brokenSQL(s.d, f)+")")
		}
	}
	if len(counts) > 0 {
		s.check("no more rows of "+t.table.Full+" than before break foreign keys", fmt.Sprintf("%s <= %d", strings.Join(counts, " + "), t.Broken))
	}
}

// sortedKeys are a map's keys in order.
func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
