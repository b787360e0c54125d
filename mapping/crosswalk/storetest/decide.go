package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// verdict is ann's decision of two source IDs, each as "source key".
func verdict(left string, v crosswalk.Verdict, right string) crosswalk.Decision {
	return crosswalk.Decision{Left: named(left), Right: named(right), Verdict: v, Actor: "ann"}
}

func named(text string) crosswalk.NamedKey {
	source, key, _ := strings.Cut(text, " ")
	return crosswalk.NamedKey{Source: source, Key: key}
}

// decide records decisions, which must work.
func (w *world) decide(decisions ...crosswalk.Decision) []crosswalk.Decision {
	w.t.Helper()
	if err := w.store.Decide(w.t.Context(), decisions, false); err != nil {
		w.t.Fatal(err)
	}
	return decisions
}

// log is everything that was decided, in short.
func (w *world) log() []string { return short(w.ask((*crosswalk.Snapshot).DecisionLog)) }

// inForce is what counts of it.
func (w *world) inForce() []string { return short(w.ask((*crosswalk.Snapshot).Decisions)) }

// ask asks a snapshot for decisions and closes it.
func (w *world) ask(question func(*crosswalk.Snapshot, context.Context) ([]crosswalk.Decision, error)) []crosswalk.Decision {
	w.t.Helper()
	v := w.snapshot()
	decisions, err := question(v, w.t.Context())
	if err := errors.Join(err, v.Close()); err != nil {
		w.t.Fatal(err)
	}
	return decisions
}

func short(decisions []crosswalk.Decision) (out []string) {
	for _, d := range decisions {
		out = append(out, fmt.Sprintf("%d %s: %s %s %s %s %s", d.No, d.Actor, d.Left.Source, d.Left.Key, d.Verdict, d.Right.Source, d.Right.Key))
	}
	return out
}

func testDecide(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.apply(History()[0])
	before := w.snapshot()
	decisions := []crosswalk.Decision{
		{Left: named("shop 7"), Right: named("legacy C1"), Verdict: crosswalk.Different, Review: "v1", Actor: "ann", Reason: "两个人"},
		verdict("legacy c1", crosswalk.Same, "legacy C1"),
		verdict("legacy C1 ", crosswalk.Same, "legacy C1"),
		verdict("legacy C1", crosswalk.Same, "legacy C1\u00a0"),
		verdict("not.yet É", crosswalk.Same, "not.yet E\u0301"),
	}
	w.now = Begun.Add(999 * time.Millisecond)
	w.decide(decisions...)
	want := []crosswalk.Decision{
		{No: 1, Left: named("legacy C1"), Right: named("shop 7"), Verdict: crosswalk.Different, Review: "v1", Actor: "ann", Reason: "两个人", Decided: Begun},
		{No: 2, Left: named("legacy C1"), Right: named("legacy c1"), Verdict: crosswalk.Same, Actor: "ann", Decided: Begun},
		{No: 3, Left: named("legacy C1"), Right: named("legacy C1 "), Verdict: crosswalk.Same, Actor: "ann", Decided: Begun},
		{No: 4, Left: named("legacy C1"), Right: named("legacy C1\u00a0"), Verdict: crosswalk.Same, Actor: "ann", Decided: Begun},
		{No: 5, Left: named("not.yet E\u0301"), Right: named("not.yet É"), Verdict: crosswalk.Same, Actor: "ann", Decided: Begun},
	}
	if diff := cmp.Diff(want, decisions); diff != "" {
		t.Errorf("what Decide filled in (-want +got):\n%s", diff)
	}
	v := w.snapshot()
	if log, err := v.DecisionLog(t.Context()); err != nil || !cmp.Equal(want, log) {
		t.Errorf("DecisionLog: %v (-want +got):\n%s", err, cmp.Diff(want, log))
	}
	inForce := []crosswalk.Decision{want[2], want[3], want[1], want[0], want[4]}
	if got, err := v.Decisions(t.Context()); err != nil || !cmp.Equal(inForce, got) {
		t.Errorf("Decisions: %v (-want +got):\n%s", err, cmp.Diff(inForce, got))
	}
	if log, err := before.DecisionLog(t.Context()); err != nil || len(log) > 0 {
		t.Errorf("a snapshot from before sees %v, %v", log, err)
	}
	if diff := cmp.Diff(before.Head(), v.Head()); diff != "" {
		t.Errorf("deciding moved the head (-before +after):\n%s", diff)
	}

	// The same again, by whomever, is nothing new.
	w.now = Ended
	again := verdict("legacy C1", crosswalk.Different, "shop 7")
	again.Actor = "bob"
	if got := w.decide(again, again)[1]; got.No != 1 || !got.Decided.Equal(Begun) {
		t.Errorf("the same verdict again is %+v; want number 1 of %v", got, Begun)
	}
	if got := w.decide(verdict("shop 1", crosswalk.Withdrawn, "shop 2"))[0]; got.No != 0 {
		t.Errorf("withdrawing nothing is %+v", got)
	}
	// People may change their own mind, twice in one go too.
	w.decide(verdict("legacy C1", crosswalk.Same, "shop 7"), verdict("shop 7", crosswalk.Withdrawn, "legacy C1"), verdict("legacy C1", crosswalk.Withdrawn, "legacy c1"))
	if diff := cmp.Diff([]string{"3 ann: legacy C1 same legacy C1 ", "4 ann: legacy C1 same legacy C1\u00a0", "5 ann: not.yet E\u0301 same not.yet É"}, w.inForce()); diff != "" {
		t.Errorf("in force after two were withdrawn (-want +got):\n%s", diff)
	}
	// What was withdrawn can be decided by anybody, at another time too.
	other := crosswalk.Decision{Left: named("legacy C1"), Right: named("shop 7"), Verdict: crosswalk.Same, Actor: "bob", Decided: Begun.Add(-time.Hour)}
	if got := w.decide(other)[0]; got.No != 9 || !got.Decided.Equal(other.Decided) {
		t.Errorf("a decision from elsewhere is %+v; want number 9 of %v", got, other.Decided)
	}
	w.checkChain(9)
	reader, err := crosswalk.OpenReadOnly(t.Context(), w.dsn, crosswalk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	if err := reader.Decide(t.Context(), []crosswalk.Decision{verdict("a 1", crosswalk.Same, "a 2")}, false); err == nil {
		t.Error("a read-only store takes decisions")
	}
}

// testDecideRefused gives wrong decisions after a right one: nothing stays.
func testDecideRefused(t *testing.T, s Suite) {
	w := newWorld(t, s)
	long := strings.Repeat("x", crosswalk.MaxKey+1)
	for name, d := range map[string]crosswalk.Decision{
		"one ID on both sides": verdict("a 1", crosswalk.Same, "a 1"),
		"no source":            verdict(" 1", crosswalk.Same, "a 1"),
		"no key":               verdict("a 1", crosswalk.Same, "a"),
		"a long source":        verdict("a 1", crosswalk.Same, long+" 1"),
		"a long key":           verdict("a "+long, crosswalk.Same, "a 1"),
		"a NUL":                verdict("a 1\x00", crosswalk.Same, "a 1"),
		"no UTF-8":             verdict("a 1", crosswalk.Same, "a \xff"),
		"no verdict":           verdict("a 1", crosswalk.Different+1, "a 2"),
		"no actor":             {Left: named("a 1"), Right: named("a 2"), Verdict: crosswalk.Same},
		"a broken reason":      {Left: named("a 1"), Right: named("a 2"), Verdict: crosswalk.Same, Actor: "ann", Reason: "\x00"},
		"a long review":        {Left: named("a 1"), Right: named("a 2"), Verdict: crosswalk.Same, Actor: "ann", Review: long},
	} {
		err := w.store.Decide(t.Context(), []crosswalk.Decision{verdict("a 8", crosswalk.Same, "a 9"), d}, true)
		if err == nil || !strings.Contains(err.Error(), "decision 2 of 2") {
			t.Errorf("%s: %v; want an error that names the decision", name, err)
		}
	}
	if log := w.log(); len(log) > 0 {
		t.Errorf("recorded all the same: %q", log)
	}
	if err := w.store.Decide(t.Context(), nil, false); err != nil {
		t.Errorf("no decision at all: %v", err)
	}
}

func testContrary(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.decide(verdict("a 1", crosswalk.Same, "a 2"), verdict("a 3", crosswalk.Different, "a 4"), verdict("a 5", crosswalk.Same, "a 6"))
	w.now = Ended
	bob := []crosswalk.Decision{
		verdict("b 1", crosswalk.Same, "b 2"),
		verdict("a 2", crosswalk.Different, "a 1"),
		verdict("a 3", crosswalk.Different, "a 4"),
		verdict("a 5", crosswalk.Withdrawn, "a 6"),
	}
	for i := range bob {
		bob[i].Actor = "bob"
	}
	given := slices.Clone(bob)
	err := w.store.Decide(t.Context(), bob, false)
	if diff := cmp.Diff(given, bob); diff != "" {
		t.Errorf("refused decisions were changed (-want +got):\n%s", diff)
	}
	var one *crosswalk.ContraryError
	var all crosswalk.ContraryErrors
	if !errors.As(err, &one) || !errors.As(err, &all) {
		t.Fatalf("contrary decisions: %v; want ContraryErrors", err)
	}
	ann := verdict("a 1", crosswalk.Same, "a 2")
	ann.No, ann.Decided = 1, Begun
	if diff := cmp.Diff(&crosswalk.ContraryError{Index: 1, Before: ann, Now: crosswalk.Different}, one); diff != "" {
		t.Errorf("the first one (-want +got):\n%s", diff)
	}
	if len(all) != 2 || all[1].Index != 3 || all[1].Now != crosswalk.Withdrawn {
		t.Errorf("%d contrary decisions, the last %+v; want two", len(all), all[len(all)-1])
	}
	if want := "ann decided on 2024-05-17T08:30:00Z that a 1 and a 2 are the same customer"; one.Error() != want {
		t.Errorf("it says %q, want %q", one.Error(), want)
	}
	if log := w.log(); len(log) != 3 {
		t.Errorf("after a refusal: %q", log)
	}
	if err := w.store.Decide(t.Context(), bob, true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"5 bob: a 1 different a 2", "2 ann: a 3 different a 4", "4 bob: b 1 same b 2"}, w.inForce()); diff != "" {
		t.Errorf("in force after an override (-want +got):\n%s", diff)
	}
	// An old list must not undo what its own author thinks by now.
	old := bob[1]
	old.Verdict, old.Decided = crosswalk.Same, Begun
	if err := w.store.Decide(t.Context(), []crosswalk.Decision{old}, false); !errors.As(err, &one) {
		t.Errorf("an older verdict of the same actor: %v; want a ContraryError", err)
	}
	w.checkChain(6)
}

// testDecideFails lets recording fail late: nothing of it may stay, and no
// number is lost.
func testDecideFails(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.decide(verdict("a 1", crosswalk.Same, "a 2"))
	w.exec("ALTER TABLE xwalk_claim RENAME TO xwalk_claim_away")
	answer := verdict("a 5", crosswalk.Same, "a 6")
	answer.Review = "v1"
	if err := w.store.Decide(t.Context(), []crosswalk.Decision{verdict("a 3", crosswalk.Same, "a 4"), answer}, false); err == nil {
		t.Error("deciding without the table of claims: no error")
	}
	w.exec("ALTER TABLE xwalk_claim_away RENAME TO xwalk_claim")
	if diff := cmp.Diff([]string{"1 ann: a 1 same a 2"}, w.log()); diff != "" {
		t.Errorf("after a failure (-want +got):\n%s", diff)
	}
	w.decide(answer)
	w.checkChain(2)
}

// checkChain computes the digests of all decisions from their texts, and
// holds the numbers to be 1 to n.
func (w *world) checkChain(n int) {
	w.t.Helper()
	if broken := w.brokenDecision(n); broken != 0 {
		w.t.Errorf("the chain of %d decisions breaks at number %d:\n%s", n, broken, strings.Join(w.log(), "\n"))
	}
}

// brokenDecision is the first decision that is not what its digest says, 0
// when all are, as the format is documented: SHA-256 over the digest before,
// the number, and the SHA-256 of the texts, each after its length.
func (w *world) brokenDecision(n int) int64 {
	w.t.Helper()
	log := w.ask((*crosswalk.Snapshot).DecisionLog)
	var stored []string
	if err := rawDB(w.t, w.dsn).SelectContext(w.t.Context(), &stored, "SELECT digest FROM xwalk_decision ORDER BY decision_no"); err != nil {
		w.t.Fatal(err)
	}
	var prev []byte
	for i, d := range log {
		var texts []byte
		for _, text := range []string{
			d.Left.Source, d.Left.Key, d.Right.Source, d.Right.Key, d.Verdict.String(), d.Review, d.Actor, d.Reason, d.Decided.Format(time.RFC3339),
		} {
			texts = append(binary.AppendUvarint(texts, uint64(len(text))), text...)
		}
		content := sha256.Sum256(texts)
		sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(prev, uint64(d.No)), content[:]...))
		if d.No != int64(i)+1 || stored[i] != hex.EncodeToString(sum[:]) {
			return int64(i) + 1
		}
		prev = sum[:]
	}
	if len(log) != n {
		return int64(len(log)) + 1
	}
	return 0
}
