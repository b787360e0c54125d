package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

func testClaim(t *testing.T, s Suite) {
	w := newWorld(t, s)
	reviews := []string{"v2", "v1", "V1", "v1 "}
	claim := func(actor, want string, of ...string) {
		t.Helper()
		if of == nil {
			of = reviews
		}
		got, err := w.store.ClaimReview(t.Context(), of, actor, 30*time.Minute)
		if err != nil || got != want {
			t.Errorf("%s is given %q, %v; want %q", actor, got, err, want)
		}
	}
	answer := func(review string, v crosswalk.Verdict) {
		t.Helper()
		d := verdict("a "+review, v, "b 1")
		d.Review = review
		w.decide(d)
	}
	claim("ann", "v2")
	claim("bob", "v1")
	claim("ann", "v2") // her own first
	claim("cyd", "V1")
	claim("Ann", "v1 ")
	claim("dan", "")
	claim("dan", "", []string{}...)
	claim("ann", "", "v1", "V1")
	claims, err := w.snapshot().Claims(t.Context())
	if err != nil || len(claims) != 4 {
		t.Fatalf("claims %v, %v; want four", claims, err)
	}
	for i, want := range []string{"V1 cyd", "v1 bob", "v1  Ann", "v2 ann"} {
		c := claims[i]
		if got := c.Review + " " + c.Actor; got != want || time.Until(c.Until) > 31*time.Minute || time.Until(c.Until) < 20*time.Minute {
			t.Errorf("claim %d is %q until %v; want %q for half an hour", i, got, c.Until, want)
		}
	}
	// A decision ends the claim, whosever it is, and the review with it, also
	// for those who hold an old list.
	answer("v2", crosswalk.Same)
	claim("ann", "")
	answer("v1", crosswalk.Different)
	claim("bob", "")
	answer("v1", crosswalk.Withdrawn) // bob thinks again
	claim("dan", "v1")
	// A claim that ran out is anybody's.
	w.exec("UPDATE xwalk_claim SET expires = 1")
	if claims, err := w.snapshot().Claims(t.Context()); err != nil || len(claims) > 0 {
		t.Errorf("claims that ran out: %v, %v", claims, err)
	}
	claim("ann", "v1")
	// An own one counts before an earlier one of the list.
	claim("eve", "v1 ", "v1 ")
	claim("eve", "v1 ")

	if _, err := w.store.ClaimReview(t.Context(), reviews, "", time.Hour); err == nil {
		t.Error("nobody claimed a review")
	}
	if got, err := w.store.ClaimReview(t.Context(), []string{"short"}, "ann", time.Millisecond); err != nil || got != "short" {
		t.Errorf("a short claim: %q, %v", got, err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		got, err := w.store.ClaimReview(t.Context(), []string{"short"}, "bob", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if got == "short" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a claim of a millisecond has lasted ten seconds")
		}
	}
}

func testSkip(t *testing.T, s Suite) {
	w := newWorld(t, s)
	skip := func(actor, reason string, reviews ...string) {
		t.Helper()
		if err := w.store.SkipReviews(t.Context(), reviews, actor, reason); err != nil {
			t.Fatal(err)
		}
	}
	for actor, review := range map[string]string{"ann": "v1", "bob": "v2"} {
		if got, err := w.store.ClaimReview(t.Context(), []string{review}, actor, time.Hour); err != nil || got != review {
			t.Fatalf("%s is given %q, %v; want %q", actor, got, err, review)
		}
	}
	skip("ann", "问分店", "v2", "v1")
	w.now = Ended
	skip("bob", "", "v1")
	skip("ann", "again", "v2")
	v := w.snapshot()
	got, err := v.Skips(t.Context())
	want := []crosswalk.Skip{
		{Review: "v1", Actor: "ann", Reason: "问分店", No: 2, Skipped: Begun},
		{Review: "v1", Actor: "bob", No: 3, Skipped: Ended},
		{Review: "v2", Actor: "ann", Reason: "again", No: 4, Skipped: Ended},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Skips: %v (-want +got):\n%s", err, diff)
	}
	// Only one's own claim ends.
	claims, err := v.Claims(t.Context())
	if err != nil || len(claims) != 1 || claims[0].Review != "v2" || claims[0].Actor != "bob" {
		t.Errorf("claims %v, %v; want bob's alone", claims, err)
	}
	for name, err := range map[string]error{
		"no actor":        w.store.SkipReviews(t.Context(), []string{"v1"}, "", ""),
		"a broken reason": w.store.SkipReviews(t.Context(), []string{"v1"}, "ann", "\x00"),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// testClaimCrowd shares reviews between three colleagues. They decide what
// they are given, or put it off, and look only now and then at what the
// others have decided.
func testClaimCrowd(t *testing.T, s Suite) {
	w := newWorld(t, s)
	const colleagues, shared = 3, 1000
	var reviews []string
	for i := range shared {
		reviews = append(reviews, fmt.Sprintf("v%04d", i))
	}
	var mu sync.Mutex
	given := map[string]string{}
	var crowd sync.WaitGroup
	for c := range colleagues {
		actor := fmt.Sprintf("colleague %d", c)
		store, err := crosswalk.Open(t.Context(), w.dsn, crosswalk.Options{})
		if err != nil {
			t.Fatal(err)
		}
		crowd.Go(func() {
			defer func() { _ = store.Close() }()
			left := slices.Clone(reviews)
			for n := 1; ; n++ {
				review, err := store.ClaimReview(t.Context(), left, actor, time.Hour)
				if err != nil {
					t.Error(err)
					return
				}
				if review == "" {
					return
				}
				mu.Lock()
				if before, ok := given[review]; ok {
					t.Errorf("%s was given to %s and then to %s", review, before, actor)
				}
				given[review] = actor
				mu.Unlock()
				left = slices.DeleteFunc(left, func(r string) bool { return r == review })
				if n%20 == 0 {
					left = undecided(t, store, left)
				}
				if n%3 == 0 {
					continue // put off
				}
				d := verdict("a "+review, crosswalk.Same, "b "+review)
				d.Review, d.Actor = review, actor
				if err := store.Decide(t.Context(), []crosswalk.Decision{d}, false); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	crowd.Wait()
	if len(given) != len(reviews) {
		t.Errorf("%d of %d reviews were given", len(given), len(reviews))
	}
	log := w.ask((*crosswalk.Snapshot).DecisionLog)
	for _, d := range log {
		if diff := cmp.Diff(given[d.Review], d.Actor); diff != "" {
			t.Errorf("%s was decided by somebody else (-given +decided):\n%s", d.Review, diff)
		}
	}
	w.checkChain(len(log))
}

// undecided are the reviews that nobody has decided yet.
func undecided(t testing.TB, store *crosswalk.Store, reviews []string) []string {
	v, err := store.Snapshot(t.Context())
	if err != nil {
		t.Error(err)
		return nil
	}
	defer func() { _ = v.Close() }()
	decisions, err := v.Decisions(t.Context())
	if err != nil {
		t.Error(err)
	}
	done := map[string]bool{}
	for _, d := range decisions {
		done[d.Review] = true
	}
	return slices.DeleteFunc(reviews, func(r string) bool { return done[r] })
}
