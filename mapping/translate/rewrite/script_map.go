package rewrite

import (
	"context"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// becomes is what the texts of a reference become: those that stood there,
// and those that an earlier rewrite wrote, which mean something else. A
// composite ID is its parts, each with its length before it.
type becomes struct {
	texts, ours map[string]string
}

// collect reads the texts of a reference that are to change.
func (s *script) collect(ctx context.Context, t *task) (*becomes, error) {
	from := &scan{ref: t.ref, table: t.table, upTo: lastInForce(s.others, t.Journal)}
	if from.upTo > 0 {
		from.journal = t.Journal
	}
	m := &becomes{map[string]string{}, map[string]string{}}
	var buffer []byte
	for r, err := range from.rows(ctx, s.db) {
		if err != nil {
			return nil, err
		}
		t.Read++
		var write bool
		if buffer, write = t.translate(r, buffer[:0]); !write {
			continue
		}
		if why := t.refuses(buffer); why != "" {
			return nil, fmt.Errorf("rewrite %s: %s", t.Reference, why)
		}
		t.Written++
		into := m.texts
		if r.ours() {
			into = m.ours
		}
		into[packParts(r.parts)] = string(buffer)
	}
	if t.unique() {
		for _, text := range m.texts {
			if _, old := m.texts[packText(text)]; old {
				t.Overlap = true
			}
		}
	}
	return m, nil
}

// packParts puts the parts of an ID into one text that tells them apart.
func packParts(parts []field) string {
	var b strings.Builder
	for i := range parts {
		b.WriteString(packText(string(parts[i].text())))
	}
	return b.String()
}

func packText(text string) string { return fmt.Sprintf("%d:%s", len(text), text) }

func unpackParts(packed string) (parts []string) {
	for packed != "" {
		var n int
		length, rest, _ := strings.Cut(packed, ":")
		_, _ = fmt.Sscan(length, &n)
		parts, packed = append(parts, rest[:n]), rest[n:]
	}
	return parts
}

// rowsPerInsert is how many rows of the mapping one statement holds.
const rowsPerInsert = 500

// mappings writes the temporary table of what becomes of which text.
func (s *script) mappings() {
	widest := 1
	for _, t := range s.tasks {
		widest = max(widest, len(t.ref.Columns))
	}
	text := map[sqldb.Dialect]string{sqldb.Postgres: `text COLLATE "C"`, sqldb.MySQL: "LONGBLOB", sqldb.SQLite: "TEXT COLLATE BINARY"}[s.d]
	columns := ""
	for i := range widest {
		columns += fmt.Sprintf("p%d %s, ", i+1, text)
	}
	s.comment("What becomes of which text.")
	s.say("CREATE TEMPORARY TABLE xwalk_map (no INTEGER NOT NULL, ours INTEGER NOT NULL, %snew_text %s);", columns, text)
	for i, t := range s.tasks {
		s.insertMap(t, widest, 0, s.maps[i].texts)
		s.insertMap(t, widest, 1, s.maps[i].ours)
	}
	switch s.d {
	case sqldb.MySQL:
		s.sql("CREATE INDEX xwalk_map_text ON xwalk_map (no, p1(64))")
	case sqldb.SQLite:
		s.sql("CREATE INDEX temp.xwalk_map_text ON xwalk_map (no, p1)")
	default:
		s.sql("ANALYZE xwalk_map")
	}
	s.say("")
}

func (s *script) insertMap(t *task, widest, ours int, texts map[string]string) {
	for i, packed := range sortedKeys(texts) {
		if i%rowsPerInsert == 0 {
			if i > 0 {
				s.say(";")
			}
			_, _ = s.out.WriteString("INSERT INTO xwalk_map VALUES\n")
		} else {
			_, _ = s.out.WriteString(",\n")
		}
		_, _ = fmt.Fprintf(s.out, "(%d, %d", t.No, ours)
		parts := unpackParts(packed)
		for p := range widest {
			if p < len(parts) {
				_, _ = s.out.WriteString(", " + literalBytes(s.d, []byte(parts[p])))
			} else {
				_, _ = s.out.WriteString(", NULL")
			}
		}
		_, _ = s.out.WriteString(", " + literalBytes(s.d, []byte(texts[packed])) + ")")
	}
	if len(texts) > 0 {
		s.say(";")
	}
}

// changes puts into the journal which rows of a reference are to change.
func (s *script) changes(t *task) {
	d := s.d
	var keys, into, join []string
	for i, k := range keyColumns(t.table) {
		keys = append(keys, "t."+keyName(d, t.table, k))
		into = append(into, fmt.Sprintf("k%d", i+1))
	}
	from := &scan{ref: t.ref, table: t.table, upTo: t.First - 1}
	for i, name := range t.ref.Columns {
		join = append(join, fmt.Sprintf("%s = m.p%d", from.textOf(d, name), i+1))
	}
	old, conditions := "NULL", []string{fmt.Sprintf("m.no = %d", t.No), t.ref.Where}
	if t.target != nil {
		column := "t." + d.Quote(t.target.Name)
		if old = exact(d, t.target, column); d == sqldb.SQLite {
			old = column
		}
		if t.ref.Write != InPlace {
			conditions = append(conditions, "NOT ("+holds(d, t.target, "m.new_text")+")")
		}
	}
	if t.First > 1 && t.ref.Write == InPlace {
		from.journal = t.Journal
		conditions = append(conditions, fmt.Sprintf("m.ours = CASE WHEN %s = %s THEN 1 ELSE 0 END", from.lastWritten(d), exact(d, t.target, "t."+d.Quote(t.target.Name))))
	}
	s.say("INSERT INTO %s (seq, %s, old_value, new_value) SELECT %d + ROW_NUMBER() OVER (ORDER BY %s), %s, %s, m.new_text FROM %s t JOIN xwalk_map m ON %s%s;",
		d.Quote(t.Journal), strings.Join(into, ", "), t.First-1, strings.Join(keys, ", "), strings.Join(keys, ", "), old,
		d.Table(t.table.Full), strings.Join(join, " AND "), condition(conditions...))
	s.say("UPDATE %s SET state = '%s', last_seq = (SELECT COALESCE(MAX(seq), %d) FROM %s) WHERE crosswalk = %s AND run = %d AND no = %d;",
		journalTable, staged, t.First-1, d.Quote(t.Journal), literalText(d, []byte(s.job.Crosswalk)), s.job.Run, t.No)
	s.say("SELECT %s AS reference, COUNT(*) AS rows_to_write, %d AS expected FROM %s WHERE seq >= %d;",
		literalText(d, []byte(t.Reference)), t.Written, d.Quote(t.Journal), t.First)
}
