package history_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/crosswalk/storetest"
	"github.com/xwalk-id/xwalk/mapping/history"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// TestOf replays runs with everything in them, in every kind of store, and
// tells what happened to some IDs. Decisions stand between the runs that did
// not know of them and the first that did.
func TestOf(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			storetest.Replay(t, dsn, storetest.Past())
			store, err := crosswalk.OpenReadOnly(t.Context(), dsn, crosswalk.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			snap, err := store.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = snap.Close() })
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					events, err := history.Of(t.Context(), snap, c.keys, c.ids)
					if err != nil {
						t.Fatal(err)
					}
					var got []string
					for _, e := range events {
						what := fmt.Sprintf("%d %s %s: %s %s %s %s (%s)", e.Run, e.RunKind, e.Actor, e.Event, e.Source, e.SourceID, e.Canonical, e.Detail)
						got = append(got, strings.Join(strings.Fields(what), " "))
						if e.At.IsZero() {
							t.Errorf("%s has no time", what)
						}
					}
					if diff := cmp.Diff(c.want, got); diff != "" {
						t.Errorf("events (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

var cases = []struct {
	name string
	keys []crosswalk.SourceKey
	ids  []string
	want []string
}{
	{"never seen", []crosswalk.SourceKey{{Source: 1, Key: "X"}}, []string{"X"}, nil},
	{
		"a record that people were asked about",
		[]crosswalk.SourceKey{{Source: 1, Key: "C0001"}},
		nil,
		[]string{
			"1 apply ann: given K-7 ()",
			"1 apply ann: merged CUST-00000003 (into K-7)",
			"1 apply ann: linked legacy C0001\u200b CUST-00000003 (same: email)",
			"1 apply ann: review_raised legacy C0001 (v1: the same as shop C0002?)",
			"2 sync bot: review_closed legacy C0001 (v1)",
			"2 sync bot: gone K-7 ()",
			"0 ann: said_different legacy C0001 (not the same as shop C0002 (review v1))",
			"0 bob: said_same legacy C0001 (the same as new 7)",
			"4 apply ann: updated legacy C0001\u200b CUST-00000003 ()",
			"4 apply ann: review_raised legacy C0001 (v1: the same as shop C0002?)",
			"0 bob: withdrawn legacy C0001 (the verdict on new 7)",
			"5 merge ann: redirected CUST-00000003 (means CUST-00000021)",
			"5 merge ann: merged K-7 (into CUST-00000021)",
			"5 merge ann: review_closed legacy C0001 (v1)",
			"5 merge ann: review_raised legacy C0001 (v1: the same as ?)",
			"7 apply ann: review_closed legacy C0001 (v1)",
			"7 apply ann: said_different legacy C0001 (not the same as shop C0009)",
		},
	},
	{
		"a link that moves and comes back",
		[]crosswalk.SourceKey{{Source: 1, Key: "C0006"}},
		nil,
		[]string{
			"1 apply ann: linked legacy C0006\u200b CUST-00000018 (same: email)",
			"2 sync bot: retired legacy C0006\u200b CUST-00000018 (version 2)",
			"4 apply ann: updated legacy C0006\u200b CUST-00000018 ()",
			"5 merge ann: moved legacy C0006 CUST-00000021 (was CUST-00000018)",
			"6 undo ann: moved legacy C0006 CUST-00000018 (was CUST-00000021)",
			"7 apply ann: retired legacy C0006 CUST-00000018 (act)",
		},
	},
	{
		"a link that becomes void",
		[]crosswalk.SourceKey{{Source: 2, Key: "C0024"}},
		nil,
		[]string{
			"2 sync bot: linked shop C0024 CUST-00000072 (created)",
			"6 undo ann: void shop C0024 CUST-00000072 ()",
		},
	},
	{
		"a merged number, in force again", nil,
		[]string{"CUST-00000063"},
		[]string{
			"1 apply ann: linked legacy C0021\u200b CUST-00000063 (same: email)",
			"2 sync bot: linked shop C0021\u200b CUST-00000063 (same: email)",
			"5 merge ann: merged CUST-00000063 (into CUST-00000021)",
			"6 undo ann: in_force CUST-00000063 (meant CUST-00000021)",
		},
	},
}
