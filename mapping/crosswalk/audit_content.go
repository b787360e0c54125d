package crosswalk

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// contents recomputes the digests of what published runs wrote, by run and in
// hexadecimal, from what is stored of it now. It reads all links: the versions
// that a run wrote stand wherever their keys do.
func (s *Store) contents(ctx context.Context, q auditRead, runs []int64) (map[int64]string, error) {
	rules, err := s.ruleTexts(ctx, q, "1 = 1")
	if err != nil {
		return nil, err
	}
	tables, err := s.auditTables(ctx, q, rules)
	if err != nil {
		return nil, err
	}
	written := make(map[int64]*content, len(runs))
	for _, no := range runs {
		written[no] = newContent()
	}
	if err := s.eachRow(ctx, q, tables, func(_ *versioned, row *storedRow) error {
		if c := written[row.from]; c != nil {
			c.add(row.text)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	digests := make(map[int64]string, len(runs))
	for in, args := range inLists(runs) {
		rows, err := s.auditedRuns(ctx, q, "run_no"+in, "", args...)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			digests[rows[i].No] = rows[i].content(written[rows[i].No])
		}
	}
	return digests, nil
}

// add adds a row, or what a run says of itself.
func (c *content) add(text []byte) {
	if c.buf = append(c.buf, text...); len(c.buf) > 1<<10 {
		c.flush()
	}
}

// auditTables are the tables whose rows the digests of runs cover, in the
// order in which they do.
func (s *Store) auditTables(ctx context.Context, q auditRead, rules map[int64]string) ([]*versioned, error) {
	strict := s.db.Dialect == sqldb.SQLite
	var tables []*versioned
	for source := math.MinInt32; ; {
		next, err := s.nextSource(ctx, q, source)
		if err != nil {
			return nil, err
		}
		if next == nil {
			break
		}
		source = *next
		links := &linkEncoder{source: source, rules: rules}
		t := &versioned{table: "@link", past: "@link_past", bySource: true, source: source, key: "id_key", cells: linkCheckCells, strict: strict}
		t.encode = func(row *storedRow, buf []byte, cells []driver.Value) []byte { return links.encode(t, row, buf, cells) }
		tables = append(tables, t)
	}
	numbers := &versioned{table: "@number", past: "@number_past", key: "canonical", cells: "canonical, state, into_number, survivor, from_run, row_sum", strict: strict}
	numbers.encode = func(row *storedRow, buf []byte, cells []driver.Value) []byte {
		return encodeNumber(numbers, row, buf, cells)
	}
	reviews := &versioned{
		table: "@review", key: "review", strict: strict,
		cells: "review, left_source, left_key, right_source, right_key, score, evidence, from_run, until_run, row_sum",
	}
	reviews.encode = func(row *storedRow, buf []byte, cells []driver.Value) []byte {
		return encodeReview(reviews, row, buf, cells)
	}
	return append(tables, numbers, reviews), nil
}

// nextSource is the next source that a link, or a past version of one, is of.
func (s *Store) nextSource(ctx context.Context, q queryer, after int) (*int, error) {
	var first *int
	for _, table := range [...]string{"@link", "@link_past"} {
		var next *int
		if err := q.GetContext(ctx, &next, s.sql("SELECT MIN(source_no) FROM "+table+" WHERE source_no > ?"), after); err != nil {
			return nil, err
		}
		if next != nil && (first == nil || *next < *first) {
			first = next
		}
	}
	return first, nil
}

// ruleTexts are rules by their numbers.
func (s *Store) ruleTexts(ctx context.Context, q queryer, where string, args ...any) (map[int64]string, error) {
	var rows []struct {
		No   int64  `db:"rule_no"`
		Rule string `db:"rule"`
	}
	err := q.SelectContext(ctx, &rows, s.sql("SELECT rule_no, rule FROM @rule WHERE "+where), args...)
	rules := make(map[int64]string, len(rows))
	for _, r := range rows {
		rules[r.No] = r.Rule
	}
	return rules, err
}

const linkCheckCells = "id_key, verbatim, canonical, state, kind, rule_no, from_run, since_run, row_hash, row_sum, match_keys, fields"

// linkEncoder writes the links of a source as appendLink does.
type linkEncoder struct {
	source int
	rules  map[int64]string
}

func (e *linkEncoder) encode(t *versioned, row *storedRow, buf []byte, cells []driver.Value) []byte {
	buf = binary.AppendUvarint(buf, uint64(e.source))
	buf, row.keyAt = row.appendCell(buf, cells[0], t)
	if cells[1] == nil {
		buf = append(buf, 0)
	} else {
		var at span
		buf, at = row.appendCell(buf, cells[1], t)
		if verbatim := buf[at.begin:at.end]; len(verbatim) == 0 || string(verbatim) == string(buf[row.keyAt.begin:row.keyAt.end]) {
			row.problem = "it repeats its key"
		}
	}
	buf, row.idAt = row.appendCell(buf, cells[2], t)
	state, kind, rule := row.number(cells[3]), row.number(cells[4]), row.number(cells[5])
	if state < 0 || state > int64(Void) || kind < 0 || kind > int64(Household) {
		row.problem = "its state or kind is none"
	}
	row.state = State(state)
	buf = append(buf, byte(state), byte(kind))
	text, ok := e.rules[rule]
	if !ok {
		row.problem = "its rule is not in the table of rules"
	}
	buf = appendText(buf, text)
	row.from = row.number(cells[6])
	since := row.from
	if cells[7] != nil {
		if since = row.number(cells[7]); since >= row.from || since < 1 {
			row.problem = "it has its canonical ID since a run that was not before it"
		}
	}
	buf = binary.AppendUvarint(buf, uint64(row.from))
	buf = binary.AppendUvarint(buf, uint64(since))
	buf = binary.BigEndian.AppendUint64(buf, uint64(row.number(cells[8])))
	row.sum = row.number(cells[9])
	buf = row.appendOptional(buf, cells[10], t.strict, false)
	return row.appendOptional(buf, cells[11], t.strict, true)
}

// appendOptional writes a cell as the function of that name does.
func (r *storedRow) appendOptional(buf []byte, v driver.Value, strict, isText bool) []byte {
	switch v := v.(type) {
	case nil:
		return append(buf, 0)
	case string:
		if strict && !isText {
			r.problem = "bytes in it are stored as a text"
		}
		return append(binary.AppendUvarint(buf, uint64(len(v))+1), v...)
	case []byte:
		if strict && isText {
			r.problem = "a text in it is stored as bytes"
		}
		return append(binary.AppendUvarint(buf, uint64(len(v))+1), v...)
	default:
		r.problem = "a text in it is none"
		return append(buf, 0)
	}
}

// encodeNumber writes a number as the digest of its run covers it.
func encodeNumber(t *versioned, row *storedRow, buf []byte, cells []driver.Value) []byte {
	buf = appendText(buf, "number")
	buf, row.keyAt = row.appendCell(buf, cells[0], t)
	state := row.number(cells[1])
	if state < 0 || state > int64(Gone) {
		row.problem = "its state is none"
	}
	row.state = State(state)
	buf = appendText(buf, NumberState(state).String())
	buf, row.intoAt = row.appendCell(buf, cells[2], t)
	buf, row.idAt = row.appendCell(buf, cells[3], t)
	row.from = row.number(cells[4])
	row.storedSum(cells[5])
	return buf
}

// encodeReview writes a review as the digest of its run covers it.
func encodeReview(t *versioned, row *storedRow, buf []byte, cells []driver.Value) []byte {
	buf = appendText(buf, "review")
	buf, row.keyAt = row.appendCell(buf, cells[0], t)
	buf = appendText(buf, strconv.FormatInt(row.number(cells[1]), 10))
	buf, _ = row.appendCell(buf, cells[2], t)
	buf = appendText(buf, strconv.FormatInt(row.number(cells[3]), 10))
	buf, _ = row.appendCell(buf, cells[4], t)
	buf = appendText(buf, strconv.FormatFloat(row.real(cells[5]), 'g', -1, 64))
	buf, _ = row.appendCell(buf, cells[6], t)
	row.from, row.until = row.number(cells[7]), row.number(cells[8])
	row.storedSum(cells[9])
	return buf
}

// runCheck is a row of xwalk_run.
type runCheck struct {
	No          int64  `db:"run_no"`
	Kind        string `db:"kind"`
	Base        int64  `db:"base"`
	Serial      int64  `db:"serial"`
	Actor       string `db:"actor"`
	Reason      string `db:"reason"`
	Environment string `db:"environment"`
	Started     string `db:"started"`
	Finished    string `db:"finished"`
	Rules       string `db:"rules"`
	Plan        string `db:"plan"`
	Totals      string `db:"totals"`
	Effects     string `db:"effects"`
	Prev        string `db:"prev"`
	Content     string `db:"content"`
	Digest      string `db:"digest"`
	Discarding  int64  `db:"discarding"`
	Done        int64  `db:"done"`
	State       []byte `db:"hash_state"`
}

// auditedRuns reads runs, oldest first.
func (s *Store) auditedRuns(ctx context.Context, q queryer, where, limit string, args ...any) (rows []runCheck, err error) {
	err = q.SelectContext(ctx, &rows, s.sql("SELECT run_no, kind, base, serial, actor, reason, environment, started, finished, rules, plan, "+
		"totals, effects, prev, content, digest, discarding, done, hash_state FROM @run WHERE "+where+" ORDER BY run_no"+limit), args...)
	return rows, err
}

// content ends the digest of what the run wrote with what it says of itself.
func (r *runCheck) content(c *content) string {
	c.run(r)
	return hex.EncodeToString(c.sum())
}
