package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Who approves a plan has approved that plan, once.
func testApprove(t *testing.T, s Suite) {
	w := newWorld(t, s)
	approve := func(plan, actor, reason string) error {
		_, err := w.store.Approve(t.Context(), crosswalk.Approval{Plan: plan, Actor: actor, Reason: reason})
		return err
	}
	for _, a := range [][3]string{{"aa", "bob", "seen"}, {"aa", "Bob", ""}, {"aa", "安", "好"}, {"ab", "bob", ""}, {"aa", "bob", "once more"}} {
		if err := approve(a[0], a[1], a[2]); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
	}
	for what, a := range map[string][3]string{
		"no plan": {"", "bob", ""}, "nobody": {"aa", "", ""}, "a long name": {"aa", strings.Repeat("x", 256), ""}, "a NUL": {"aa", "x", "\x00"},
	} {
		if err := approve(a[0], a[1], a[2]); err == nil {
			t.Errorf("%s can approve", what)
		}
	}
	snap, err := w.store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	got, err := snap.Approvals(t.Context(), "aa")
	if err != nil {
		t.Fatal(err)
	}
	want := []crosswalk.Approval{
		{Plan: "aa", Actor: "Bob", Approved: Begun.Add(time.Minute)},
		{Plan: "aa", Actor: "bob", Reason: "seen", Approved: Begun},
		{Plan: "aa", Actor: "安", Reason: "好", Approved: Begun.Add(2 * time.Minute)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("approvals (-want +got):\n%s", diff)
	}
	if none, err := snap.Approvals(t.Context(), "ac"); err != nil || len(none) > 0 {
		t.Errorf("of another plan: %v, %v", none, err)
	}
}
