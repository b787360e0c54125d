package crosswalk

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"slices"
)

// links reads all versions of the links, numbers and reviews, in one pass.
func (a *auditor) links(ctx context.Context) error {
	rules := make(map[int64]string, len(a.did.rules))
	stored, err := a.store.ruleTexts(ctx, a.q, "1 = 1")
	if err != nil {
		return err
	}
	for no, rule := range stored {
		rules[no] = rule
	}
	for no, made := range a.did.rules { // a rule that was changed is one breach, and not one for each of its links
		rules[no] = made.rule
	}
	tables, err := a.store.auditTables(ctx, a.q, rules)
	if err != nil {
		return err
	}
	pass := &rowPass{auditor: a}
	if err := a.store.eachRow(ctx, a.q, tables, pass.row); err != nil {
		return err
	}
	pass.end()
	for _, run := range a.did.closed {
		a.breach(3, "review", "", run, "a review that run %d closed is missing, or was closed by another run", run)
	}
	slices.Sort(a.live)
	a.found.Customers = int64(len(slices.Compact(a.live)))
	a.live = nil
	return nil
}

// rowPass follows the versions of a key from one to the next.
type rowPass struct {
	*auditor
	table  *versioned
	last   storedRow // the version before; its key and ID are ours
	key    []byte
	id     []byte // its canonical ID
	filled int64  // the run whose digest is being added to
	into   *content
}

func (p *rowPass) row(t *versioned, row *storedRow) error {
	p.looked()
	p.check(t, row)
	p.follow(t, row)
	switch {
	case row.from > p.head && (p.open == nil || row.from != p.open.No), row.from < 1:
		p.breach(8, p.of(t, row), p.where(t, row), row.from, "it is of run %d, which was not published", row.from)
		return nil
	case p.into == nil || p.filled != row.from:
		p.fill(row.from)
	}
	p.into.add(row.text)
	atHead := row.from <= p.head && (row.until == 0 || row.until > p.head)
	switch t.table {
	case "@link":
		p.count[row.from]++
		p.link(t, row, atHead)
	case "@number":
		p.number(row)
	default:
		p.review(row)
	}
	return nil
}

// fill goes on with the digest of a run.
func (p *rowPass) fill(run int64) {
	if p.into != nil {
		p.into.flush()
		p.into.buf = nil
	}
	p.filled = run
	if p.into = p.written[run]; p.into == nil {
		p.into = newContent()
		p.written[run] = p.into
	}
}

// of and where name a row.
func (p *rowPass) of(t *versioned, row *storedRow) string {
	if row.past {
		return t.past[1:]
	}
	return t.table[1:]
}

func (p *rowPass) where(t *versioned, row *storedRow) string {
	if t.table == "@link" {
		return p.place(t.source, row.key)
	}
	return string(row.key)
}

// check compares a row with its own checksum.
func (p *rowPass) check(t *versioned, row *storedRow) {
	what := row.problem
	switch {
	case what != "":
	case row.unsummed:
		if !p.did.sums[row.from] {
			return
		}
		what = "its checksum is missing"
	case t.table == "@link" && int64(crc32.Checksum(row.text, castagnoli)) == row.sum, t.table != "@link" && rowSum(row.text, row.from) == row.sum:
		return
	default:
		what = "it is not what was written: its checksum is of something else"
	}
	p.breach(3, p.of(t, row), p.where(t, row), row.from, "%s", what)
}

// follow makes sure that a version begins where the one before it ended, and
// that one is the newest.
func (p *rowPass) follow(t *versioned, row *storedRow) {
	if t != p.table || !bytes.Equal(row.key, p.key) {
		p.end()
		p.table, p.key = t, append(p.key[:0], row.key...)
	} else if t.past != "" {
		switch {
		case p.last.until == 0:
			p.breach(3, p.of(t, row), p.where(t, row), row.from, "it comes after the newest version of its key, of run %d", p.last.from)
		case p.last.until == row.from && t.table == "@link":
			p.stays(t, row)
		case p.last.until != row.from:
			p.breach(3, p.of(t, &p.last), p.where(t, row), p.last.from, "the version of run %d ends at run %d, and the next one is of run %d", p.last.from, p.last.until, row.from)
		}
	} else if p.last.until == 0 || p.last.until > row.from {
		p.breach(3, p.of(t, row), p.where(t, row), row.from, "it was raised by run %d while it was open", row.from)
	}
	p.last, p.id = *row, append(p.id[:0], row.id...)
	if row.until == 0 && row.past || row.until < 0 || row.until != 0 && row.until < row.from || t.past != "" && row.until == row.from && row.past ||
		row.until > p.head && (p.open == nil || row.until != p.open.No) {
		p.breach(3, p.of(t, row), p.where(t, row), row.from, "it counts from run %d until run %d", row.from, row.until)
	}
	if t.past != "" && !row.past && row.until != 0 {
		p.breach(3, p.of(t, row), p.where(t, row), row.from, "it is the newest version and ended at run %d", row.until)
	}
}

// stays makes sure that no automatic run moved a live link to another number.
func (p *rowPass) stays(t *versioned, row *storedRow) {
	if p.last.state == Live && row.state == Live && p.did.automatic[row.from] && !bytes.Equal(p.id, row.id) {
		p.breach(12, p.of(t, row), p.where(t, row), row.from, "run %d moved it from %s to %s by itself", row.from, p.id, row.id)
	}
}

// end looks at the last version of a key.
func (p *rowPass) end() {
	if t := p.table; t != nil && t.past != "" && p.last.past {
		p.last.key = p.key
		p.breach(3, p.of(t, &p.last), p.where(t, &p.last), p.last.from, "what superseded it in run %d is missing", p.last.until)
	}
	p.table = nil
}

func (p *rowPass) link(t *versioned, row *storedRow, atHead bool) {
	if !atHead {
		p.found.Past++
	} else {
		p.found.Links++
	}
	if _, known := p.names[t.source]; !known && row.from <= p.head {
		p.breach(2, p.of(t, row), p.where(t, row), row.from, "it is of source %d, which is not in the table of sources", t.source)
	}
	if len(row.id) == 0 {
		if row.state != Held && row.state != Contested && row.state != Void {
			p.breach(2, p.of(t, row), p.where(t, row), row.from, "it is %s and has no canonical ID", row.state)
		}
		return
	}
	if len(p.marks) == 0 && (!atHead || row.state != Live) {
		return
	}
	id := maphash.Bytes(auditSeed, row.id)
	m := p.marks[id]
	if m != nil {
		m.issued = true
	}
	if !atHead || row.state != Live {
		return
	}
	if m != nil && m.retired && m.state == Merged {
		id, m = m.survivor, p.marks[m.survivor]
	}
	if m != nil && m.retired {
		p.breach(2, p.of(t, row), p.where(t, row), row.from, "it is live and its canonical ID %s is %s", row.id, m.state)
	}
	p.live = append(p.live, id)
}

func (p *rowPass) number(row *storedRow) {
	p.found.Numbers++
	if m := p.marks[maphash.Bytes(auditSeed, row.key)]; m != nil && NumberState(row.state) == Given {
		m.issued = true
	}
	if pointing := len(row.id) > 0 && len(row.into) > 0; pointing != (NumberState(row.state) == Merged) || (!pointing && len(row.id)+len(row.into) > 0) {
		p.breach(4, "number", string(row.key), row.from, "it is %s, was merged into %q and means %q", NumberState(row.state), row.into, row.id)
	}
}

func (p *rowPass) review(row *storedRow) {
	p.found.Reviews++
	if row.until == 0 {
		p.found.ReviewsOpen++
		return
	}
	hash := closing(row.key, row.until)
	if _, closed := p.did.closed[hash]; !closed {
		p.breach(3, "review", string(row.key), row.from, "it was closed by run %d, which closed no such review", row.until)
	}
	delete(p.did.closed, hash)
}

// marks are the numbers that were merged or retired, and those that they
// mean, by the hash of the number.
type marks map[uint64]*numberMark

type numberMark struct {
	retired        bool // it is of xwalk_number; otherwise only a survivor
	state          NumberState
	issued         bool // some link or number has it
	walked         bool // what it was merged into leads to its survivor
	into, survivor uint64
}

// eachRetired reads the numbers that were merged or retired.
func (a *auditor) eachRetired(ctx context.Context, each func(n *Number)) error {
	for after, more := "", true; more; {
		var rows []numberRow
		if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT "+numberColumns+" FROM @number WHERE "+fmt.Sprintf("state <> %d AND canonical > ? ORDER BY canonical LIMIT %d", Given, pageRows)), after); err != nil {
			return err
		}
		for i := range rows {
			n := rows[i].number()
			each(&n)
			after = n.Canonical
		}
		more = len(rows) == pageRows
	}
	return nil
}

// retired notes which numbers do not mean a customer of their own.
func (a *auditor) retired(ctx context.Context) error {
	a.marks = marks{}
	return a.eachRetired(ctx, func(n *Number) {
		m := a.marks.of(n.Canonical)
		m.retired, m.state = true, n.State
		if n.State == Merged {
			m.into, m.survivor = maphash.String(auditSeed, n.Into), maphash.String(auditSeed, n.Survivor)
			a.marks.of(n.Survivor)
		}
	})
}

func (m marks) of(canonical string) *numberMark {
	hash := maphash.String(auditSeed, canonical)
	if m[hash] == nil {
		m[hash] = &numberMark{}
	}
	return m[hash]
}

// survivors makes sure that each merged number points directly at one that
// was not merged, and that what it was merged into leads there.
func (a *auditor) survivors(ctx context.Context) error {
	return a.eachRetired(ctx, func(n *Number) {
		if n.State != Merged {
			return
		}
		m, survivor := a.marks.of(n.Canonical), a.marks.of(n.Survivor)
		what := ""
		switch {
		case survivor.retired && survivor.state == Merged:
			what = "which was merged itself"
		case !survivor.issued && !survivor.retired:
			what = "which was never issued"
		default:
			what = a.marks.leads(m)
		}
		if what != "" {
			a.breach(4, "number", n.Canonical, n.FromRun, "it was merged into %s and means %s, %s", n.Into, n.Survivor, what)
		}
	})
}

// leads follows what a number was merged into, and says what is wrong with
// the way.
func (m marks) leads(from *numberMark) string {
	var way []*numberMark
	for at := from; !at.walked; {
		way = append(way, at)
		if len(way) > len(m) {
			return "and the merges go round in a circle"
		}
		next := m[at.into]
		switch {
		case next != nil && next.retired && next.state == Merged:
			if next.survivor != from.survivor {
				return "and what it was merged into means another number"
			}
			at = next
			continue
		case at.into != from.survivor:
			return "and what it was merged into is a number of its own"
		}
		break
	}
	for _, at := range way {
		at.walked = true
	}
	return ""
}
