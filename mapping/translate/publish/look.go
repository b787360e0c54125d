package publish

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// batchRecords is how many records are looked at, written and settled at a
// time.
const batchRecords = 1000

// candidate is a live link whose field may have to be written.
type candidate struct {
	key, verbatim, canonical string
	entry                    crosswalk.Publication // the last one in force; zero where there is none
}

// looker compares the links of a source with the ledger and with the source.
type looker struct {
	*job
	*target
	snap   *crosswalk.Snapshot
	merged bool // some numbers mean others
	intend func([]crosswalk.Publication) error
	batch  []candidate
}

// look goes through the live links of a source, in the order of their keys,
// and hands over what is to be written into the ledger.
func (j *job) look(ctx context.Context, snap *crosswalk.Snapshot, t *target, intend func([]crosswalk.Publication) error) error {
	t.report.Counts = Counts{}
	if t.no == 0 {
		return nil // nothing of it was ever applied
	}
	l := &looker{job: j, target: t, snap: snap, intend: intend, batch: make([]candidate, 0, batchRecords)}
	for _, err := range snap.Merged(ctx) {
		if err != nil {
			return err
		}
		l.merged = true
		break
	}
	published := openLedger(ctx, snap, t.no)
	defer published.close()
	for link, err := range snap.Links(ctx, crosswalk.Query{Sources: []int{t.no}, Live: true, Fields: t.adopted != nil}) {
		if err != nil {
			return err
		}
		if t.stands(link) {
			continue
		}
		c := candidate{key: link.Key, verbatim: link.Verbatim, canonical: link.Canonical}
		entry, err := published.at(link.Key, l.left)
		if err != nil {
			return err
		}
		if entry != nil {
			c.entry = *entry
		}
		if err := l.add(ctx, c); err != nil {
			return err
		}
	}
	if _, err := published.at(afterAll, l.left); err != nil {
		return err
	}
	return l.flush(ctx)
}

// left counts a field whose customer is gone.
func (l *looker) left(entry *crosswalk.Publication) {
	if entry.Canonical != "" {
		l.target.report.Gone++
	}
}

func (l *looker) add(ctx context.Context, c candidate) error {
	l.target.report.Links++
	l.batch = append(l.batch, c)
	if len(l.batch) < batchRecords {
		return nil
	}
	return l.flush(ctx)
}

// flush looks at a batch.
func (l *looker) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.resolve(ctx); err != nil {
		return err
	}
	known := func(c *candidate) bool {
		return c.entry.State == crosswalk.Delivered && c.entry.Canonical == c.canonical && c.entry.Key != ""
	}
	open := l.batch[:0]
	for i := range l.batch {
		if c := &l.batch[i]; known(c) && !l.copies && !l.o.Overwrite {
			l.target.report.Unchanged++
		} else {
			open = append(open, *c)
		}
	}
	values, ours, err := l.read(ctx, open)
	if err != nil {
		return err
	}
	var entries []crosswalk.Publication
	for i := range open {
		c, v := &open[i], values[i]
		change := Change{SourceID: c.verbatim, CanonicalID: c.canonical, Before: text(v)}
		change.Outcome, change.Reason = l.judge(c.canonical, v, ours)
		if change.Outcome == Already && known(c) {
			change.Outcome = Unchanged
		}
		if change.Outcome == Written {
			if err := l.fits(c.canonical); err != nil {
				return err
			}
		}
		switch change.Outcome {
		case Written, Already:
			entries = append(entries, crosswalk.Publication{
				Source: l.no, Key: c.key, Canonical: c.canonical, Before: v.Text, HadBefore: !v.Null,
			})
			if l.lease != nil { // it is counted, and told, when it is delivered
				l.expect(&change)
				continue
			}
		}
		if err := l.tell(l.target, &change); err != nil {
			return err
		}
	}
	l.batch = l.batch[:0]
	l.progress("looking at "+l.Source, l.target.report.Links, 0)
	return l.intend(entries)
}

// expect counts what is going to be done, for the announcement.
func (l *looker) expect(c *Change) {
	c.Source = l.Source
	*l.target.report.count(c.Outcome)++
	l.job.report.example(c)
}

// resolve makes the numbers of a batch those that they mean now.
func (l *looker) resolve(ctx context.Context) error {
	if !l.merged {
		return nil
	}
	ids := make([]string, len(l.batch))
	for i := range l.batch {
		ids[i] = l.batch[i].canonical
	}
	numbers, err := l.snap.NumbersOf(ctx, ids)
	if err != nil {
		return err
	}
	means := make(map[string]string, len(numbers))
	for _, n := range numbers {
		if n.State == crosswalk.Merged {
			means[n.Canonical] = n.Survivor
		}
	}
	for i := range l.batch {
		if survivor, ok := means[l.batch[i].canonical]; ok {
			l.batch[i].canonical = survivor
		}
	}
	return nil
}

// read asks the source what the fields hold, and the crosswalk which of that
// are canonical IDs.
func (l *looker) read(ctx context.Context, open []candidate) ([]mapping.FieldValue, map[string]bool, error) {
	ids := make([]string, len(open))
	for i := range open {
		ids[i] = open[i].verbatim
	}
	values, _, err := l.fields(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	ours, err := oursOf(ctx, l.snap, values)
	return values, ours, err
}

// parts are what an ID is to a publisher; an ID that is none of its source
// gets parts that no record has.
func parts(verbatim string, n int) []string {
	if n == 1 {
		return []string{verbatim}
	}
	split, err := scheme.SplitParts(verbatim)
	if err != nil || len(split) != n {
		return []string{verbatim}
	}
	return split
}

// text is what a field holds, nil for nothing.
func text(v mapping.FieldValue) *string {
	if v.Null || !v.Found {
		return nil
	}
	return &v.Text
}

// spelled is a field's text as a canonical ID would be spelled; empty where it
// cannot be one.
func spelled(v mapping.FieldValue) string {
	id := strings.ToUpper(strings.TrimSpace(v.Text))
	if len(id) > crosswalk.MaxKey {
		return ""
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return ""
		}
	}
	return id
}

// oursOf says which of some texts are canonical IDs, also ones that are none
// any more.
func oursOf(ctx context.Context, snap *crosswalk.Snapshot, values []mapping.FieldValue) (map[string]bool, error) {
	var asked []string
	for _, v := range values {
		if id := spelled(v); id != "" {
			asked = append(asked, id)
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	known, err := snap.KnownOf(ctx, asked)
	ours := make(map[string]bool, len(known))
	for _, id := range known {
		ours[id] = true
	}
	return ours, err
}

const differing = "several records have this ID, and their fields differ"

// judge says what is to become of a field.
func (l *looker) judge(canonical string, v mapping.FieldValue, ours map[string]bool) (Outcome, string) {
	switch {
	case !v.Found:
		return Missing, mapping.ErrNoRecord.Error()
	case holds(v, canonical):
		return Already, ""
	case strings.ContainsRune(v.Text, 0):
		return Conflict, "the field holds a NUL, which the ledger cannot keep"
	case l.o.Overwrite:
		return Written, ""
	case v.Differ:
		return Conflict, differing
	case v.Null, strings.TrimSpace(v.Text) == "", ours[spelled(v)]:
		return Written, ""
	default:
		return Conflict, "the field holds what is no canonical ID"
	}
}

// holds reports whether a field, of every record that has the ID, holds a text.
func holds(v mapping.FieldValue, text string) bool {
	return v.Found && !v.Null && !v.Differ && v.Text == text
}

// fits refuses a field that is too narrow.
func (l *looker) fits(canonical string) error {
	if n := utf8.RuneCountInString(canonical); l.width > 0 && n > l.width {
		return &mapping.FieldError{Source: l.Source, Field: l.Field, Why: fmt.Sprintf(
			"%s has %d characters and the field takes %d; widen it to 50, which takes all of them. Nothing was written", canonical, n, l.width)}
	}
	return nil
}
