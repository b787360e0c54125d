package translate_test

import (
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// A number counts as canonical beside a source's own IDs only while looks tell
// the one from the other.
func TestNumbersBesideOwnIDs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		own  string // an ID of the customer 001
		want translate.Answer
	}{
		"IDs of another form":              {"A1", translate.Answer{Text: "003", Status: translate.Live}},
		"an ID that is its own number":     {"001", translate.Answer{Text: "003", Status: translate.Live}},
		"an ID written like a free number": {"009", translate.Answer{Text: "003", Status: translate.Live}},
		"an ID written like another's":     {"002", translate.Answer{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, err := crosswalk.Open(t.Context(), dbtest.SQLite(t), crosswalk.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			lease, err := store.Acquire(t.Context(), "ann", "test")
			if err != nil {
				t.Fatal(err)
			}
			run, err := lease.Begin(t.Context(), crosswalk.RunStart{
				Kind: "apply", Plan: "p", Sources: []crosswalk.Source{{No: 1, Name: "shop"}, {No: 2, Name: "desk"}},
			})
			if err == nil {
				err = run.WriteLinks(t.Context(), []crosswalk.Link{
					{Source: 1, Key: c.own, Canonical: "001", Rule: "test"},
					{Source: 2, Key: "D2", Canonical: "002", Rule: "test"},
					{Source: 2, Key: "D3", Canonical: "003", Rule: "test"},
				})
			}
			if err == nil {
				_, err = run.Publish(t.Context(), crosswalk.Finish{Changed: true})
			}
			if err != nil {
				t.Fatal(err)
			}
			snap, err := store.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = snap.Close() }()
			table, err := translate.Load(t.Context(), snap, translate.Options{From: "shop", Both: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := table.Find([]byte("003")); got != c.want {
				t.Errorf("003 beside %s: got %+v, want %+v", c.own, got, c.want)
			}
			if got := table.Find([]byte(c.own)); got.Text != "001" {
				t.Errorf("%s: got %+v", c.own, got)
			}
		})
	}
}
