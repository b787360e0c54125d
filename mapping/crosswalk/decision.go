package crosswalk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Verdict is what a person decided of two source IDs.
type Verdict uint8

// The verdicts.
const (
	Withdrawn Verdict = iota // an earlier verdict of the pair no longer holds
	Same                     // one customer
	Different                // never one customer
)

var verdictNames = [...]string{"withdrawn", "same", "different"}

// String is the verdict's name.
func (v Verdict) String() string { return name(verdictNames[:], int(v)) }

// NamedKey names a source ID by its source's name, which it has before the
// crosswalk knows the source.
type NamedKey struct{ Source, Key string }

// Compare orders by the bytes of the source's name and then of the key.
func (k NamedKey) Compare(o NamedKey) int {
	return cmp.Or(strings.Compare(k.Source, o.Source), strings.Compare(k.Key, o.Key))
}

// Decision is a person's verdict on two source IDs. Left is the lesser of the
// two, by source name and then by key. No counts decisions as they were
// recorded, from 1; of those of one pair the last is in force.
type Decision struct {
	No          int64
	Left, Right NamedKey
	Verdict     Verdict
	Review      string // the review that it answers; may be empty
	Actor       string
	Reason      string
	Decided     time.Time // to the second
}

// pair is what a decision is about.
type pair struct{ left, right NamedKey }

// Redacted reports whether the decision is about somebody who was erased
// since: the key is empty then, and so are Review and Reason.
func (d *Decision) Redacted() bool { return d.Left.Key == "" || d.Right.Key == "" }

func (d *Decision) pair() pair { return pair{d.Left, d.Right} }

// Decide records decisions, at once and all or none. It needs no lease, and
// changes neither the serial nor a link: the next run carries them out. The
// claims of the reviews that they name end.
//
// A verdict that is in force already is not recorded again, whoever gave it,
// and neither is the withdrawal of none. Without override, one that would end
// a verdict of somebody else, or a newer one, is refused: the error is
// [ContraryErrors] and nothing is recorded.
//
// Left and Right are put in order. No and Decided are filled in: with those of
// the decision that is in force then, which may be an older one, and with 0
// where there was none to withdraw. A Decided that is set is kept: the
// decision comes from another crosswalk.
func (s *Store) Decide(ctx context.Context, decisions []Decision, override bool) error {
	made := slices.Clone(decisions)
	now := s.now()
	for i := range made {
		if err := made[i].prepare(now); err != nil {
			return fmt.Errorf("record decision %d of %d: %w", i+1, len(made), err)
		}
	}
	var done []Decision
	err := s.deciding(ctx, func(tx *sqldb.Tx, last int64) error {
		done = slices.Clone(made)
		return s.decide(ctx, tx, last, done, override)
	})
	var contrary ContraryErrors
	switch {
	case errors.As(err, &contrary):
		return contrary
	case err != nil:
		return s.fail("record decisions", err)
	}
	copy(decisions, done)
	s.dialect.durable(ctx, s)
	return nil
}

// prepare puts the two source IDs in order, fills in the time and checks.
func (d *Decision) prepare(now time.Time) error {
	if d.Left.Compare(d.Right) > 0 {
		d.Left, d.Right = d.Right, d.Left
	}
	if d.Decided.IsZero() {
		d.Decided = now
	}
	d.Decided = d.Decided.UTC().Truncate(time.Second)
	return d.Check()
}

// Check says why a decision cannot be recorded: it does not make sense, or
// some store could not keep it as it is.
func (d *Decision) Check() error {
	for _, key := range [...]NamedKey{d.Left, d.Right} {
		if key.Source == "" || key.Key == "" {
			return errors.New("a source or an ID is empty")
		}
		if err := cmp.Or(checkKey(key.Source), checkKey(key.Key)); err != nil {
			return fmt.Errorf("%s %s: %w", key.Source, key.Key, err)
		}
	}
	switch year := d.Decided.Year(); {
	case d.Left == d.Right:
		return fmt.Errorf("%s %s stands on both sides", d.Left.Source, d.Left.Key)
	case d.Verdict > Different:
		return fmt.Errorf("there is no verdict %d", d.Verdict)
	case d.Actor == "":
		return errors.New("nobody answers for it: it has no actor")
	case year < 1 || year > 9999:
		return fmt.Errorf("its time has the year %d", year)
	}
	if err := cmp.Or(checkKey(d.Review), checkText(d.Actor), checkText(d.Reason)); err != nil {
		return fmt.Errorf("%s %s and %s %s: %w", d.Left.Source, d.Left.Key, d.Right.Source, d.Right.Key, err)
	}
	return nil
}

// recordVerdicts records the decisions of a run, and returns the numbers of
// those that were not in force already.
func (r *Run) recordVerdicts(ctx context.Context, tx *sqldb.Tx, decisions []Decision) (numbers []int64, err error) {
	if len(decisions) == 0 {
		return nil, nil
	}
	s := r.lease.store
	last, err := s.metaNumber(ctx, tx, lastDecision)
	if err != nil {
		return nil, err
	}
	made := slices.Clone(decisions)
	if err := s.decide(ctx, tx, last, made, true); err != nil {
		return nil, err
	}
	for i := range made {
		if made[i].No > last {
			numbers = append(numbers, made[i].No)
		}
	}
	return numbers, nil
}

// lastDecision is the name in xwalk_meta of the number of the last decision.
const lastDecision = "decisions"

// deciding runs fn in a transaction, which people who decide and claim take
// turns at: last is the number of the last decision. It does without the
// lease, so that nobody waits for a run longer than for one of its batches.
func (s *Store) deciding(ctx context.Context, fn func(tx *sqldb.Tx, last int64) error) error {
	if s.readOnly {
		return errors.New("it was opened for reading only")
	}
	return patiently(ctx, func() error {
		return s.inTx(ctx, func(tx *sqldb.Tx) error {
			if err := s.dialect.began(ctx, tx); err != nil {
				return err
			}
			// Nothing is read before: the wait for this lock must not end
			// with a view from before it.
			if err := s.lockMeta(ctx, tx, lastDecision); err != nil {
				return err
			}
			last, err := s.metaNumber(ctx, tx, lastDecision)
			if err != nil {
				return err
			}
			return fn(tx, last)
		})
	})
}

// decide numbers and stores those of decisions that are new, after last.
func (s *Store) decide(ctx context.Context, tx *sqldb.Tx, last int64, decisions []Decision, override bool) error {
	force, err := s.inForce(ctx, tx, decisions)
	if err != nil {
		return err
	}
	var contrary ContraryErrors
	var fresh []Decision
	for i := range decisions {
		d := &decisions[i]
		before := force[d.pair()]
		switch {
		case d.Verdict == before.Verdict:
			d.No, d.Decided = before.No, before.Decided
			continue
		case !override && before.contrary(d):
			contrary = append(contrary, &ContraryError{Index: i, Before: before, Now: d.Verdict})
			continue
		}
		d.No = last + 1 + int64(len(fresh))
		fresh = append(fresh, *d)
		force[d.pair()] = *d
	}
	if len(contrary) > 0 {
		return contrary
	}
	if err := s.storeDecisions(ctx, tx, last, fresh); err != nil {
		return err
	}
	return s.dropClaims(ctx, tx, decisions)
}

// contrary reports whether next, which says something else than d, takes
// more than its actor's word.
func (d *Decision) contrary(next *Decision) bool {
	return d.Verdict != Withdrawn && (d.Actor != next.Actor || next.Decided.Before(d.Decided))
}

// storeDecisions adds decisions that are numbered from last+1 on, each with
// a digest that is chained to the one before, like those of runs.
func (s *Store) storeDecisions(ctx context.Context, tx *sqldb.Tx, last int64, fresh []Decision) error {
	if len(fresh) == 0 {
		return nil
	}
	prev, err := s.decisionDigest(ctx, tx, last)
	if err != nil {
		return err
	}
	digests := make([]string, len(fresh))
	for i := range fresh {
		content := fresh[i].content()
		if prev, err = chain(prev, fresh[i].No, content[:]); err != nil {
			return err
		}
		digests[i] = prev
	}
	columns := []string{"decision_no", "left_source", "left_key", "right_source", "right_key", "verdict", "review", "actor", "reason", "decided", "digest"}
	if err := sqldb.BulkInsert(ctx, tx, s.table("decision"), columns, len(fresh), func(i int, dst *sqldb.Row) {
		d := &fresh[i]
		dst.Int(d.No)
		for _, text := range []string{d.Left.Source, d.Left.Key, d.Right.Source, d.Right.Key} {
			dst.Text(text)
		}
		dst.Int(int64(d.Verdict))
		for _, text := range []string{d.Review, d.Actor, d.Reason, d.Decided.Format(time.RFC3339), digests[i]} {
			dst.Text(text)
		}
	}); err != nil {
		return err
	}
	return s.setMeta(ctx, tx, lastDecision, fmt.Sprint(last+int64(len(fresh))))
}

// content is the digest of what a decision says.
func (d *Decision) content() [sha256.Size]byte {
	var buf []byte
	for _, text := range []string{
		d.Left.Source, d.Left.Key, d.Right.Source, d.Right.Key, d.Verdict.String(), d.Review, d.Actor, d.Reason, d.Decided.Format(time.RFC3339),
	} {
		buf = appendText(buf, text)
	}
	return sha256.Sum256(buf)
}

// left is the digest of what is left of a decision that was redacted, and of
// the digest that it was recorded with.
func (d *Decision) left(digest string) (string, error) {
	content := d.content()
	return chain(digest, d.No, content[:])
}

// decisionDigest is the digest of a decision, which covers all before it;
// empty for number 0.
func (s *Store) decisionDigest(ctx context.Context, q queryer, no int64) (digest string, err error) {
	if no == 0 {
		return "", nil
	}
	if err := q.GetContext(ctx, &digest, s.sql("SELECT digest FROM @decision WHERE decision_no = ?"), no); err != nil {
		return "", fmt.Errorf("the digest of decision %d: %w", no, err)
	}
	return digest, nil
}

// lastDigest is the digest of the last decision, empty before the first.
func (s *Store) lastDigest(ctx context.Context, q queryer) (string, error) {
	last, err := s.metaNumber(ctx, q, lastDecision)
	if err != nil {
		return "", err
	}
	return s.decisionDigest(ctx, q, last)
}

// ContraryError says that a verdict would end another one, which takes an
// override. Index is its place among the decisions that were to be recorded.
type ContraryError struct {
	Index  int
	Before Decision
	Now    Verdict
}

func (e *ContraryError) Error() string {
	b := &e.Before
	what := "are the same customer"
	if b.Verdict == Different {
		what = "are different customers"
	}
	return fmt.Sprintf("%s decided on %s that %s %s and %s %s %s", b.Actor, b.Decided.UTC().Format(time.RFC3339),
		b.Left.Source, b.Left.Key, b.Right.Source, b.Right.Key, what)
}

// ContraryErrors are all of them that stood in the way, by Index.
type ContraryErrors []*ContraryError

// Error prints each on a line of its own.
func (e ContraryErrors) Error() string { return errors.Join(e.Unwrap()...).Error() }

// Unwrap returns each.
func (e ContraryErrors) Unwrap() []error {
	all := make([]error, len(e))
	for i := range e {
		all[i] = e[i]
	}
	return all
}
