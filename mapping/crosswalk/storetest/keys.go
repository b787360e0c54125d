package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// alike are keys that are different, however much they look alike.
var alike = []string{
	"C001", "c001", "C001 ", " C001", "C001\t", "C001\u00a0", "\uff23\uff10\uff10\uff11", "C00\uff11", "C001\u200b", "\ufeffC001",
	"Müller", "Mu\u0308ller", "muller", "MÜLLER", "Straße", "Strasse", "STRASSE", "ß", "ss", "æ", "ae", "ﬁ", "fi", "İ", "i", "ı", "I",
	"😀", "😁", "\U00020000", "张伟", "張偉", "a\\b", "a'b", `a"b`, "a%b", "a_b", "a\nb", "a\r\nb", "\\N", "-", "0", "00", "1", "01", "1.0", "1e0",
	"\u007f", "\u0080", "\uffff", "\U0010ffff", "\x01",
	strings.Repeat("x", 255), strings.Repeat("x", 254) + "X", strings.Repeat("é", 127), strings.Repeat("😀", 63),
}

func startOf(plan string, base int64) crosswalk.RunStart {
	return crosswalk.RunStart{
		Kind: "apply", Actor: "ann", Rules: "r", Plan: plan, Base: base,
		Sources: []crosswalk.Source{{No: 1, Name: "legacy"}, {No: 2, Name: "shop"}},
	}
}

// linksOf are links of source 1, in order.
func linksOf(keys []string) []crosswalk.Link {
	keys = slices.Sorted(slices.Values(keys))
	out := make([]crosswalk.Link, len(keys))
	for i, k := range keys {
		out[i] = crosswalk.Link{Source: 1, Key: k, Verbatim: k, Canonical: fmt.Sprintf("CUST-%04d", i), Rule: "created"}
	}
	return out
}

func testKeys(t *testing.T, s Suite) {
	w := newWorld(t, s)
	batch := linksOf(alike)
	w.apply(&Job{Start: startOf("p", 0), Batches: [][]crosswalk.Link{batch}, Finish: crosswalk.Finish{Changed: true}})
	v := w.snapshot()
	want := slices.Clone(batch)
	for i := range want {
		want[i].FromRun, want[i].SinceRun = 1, 1
	}
	if diff := cmp.Diff(want, links(t, v, crosswalk.Query{})); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	for _, l := range want {
		got, err := v.ByKeys(t.Context(), []crosswalk.SourceKey{l.ID()})
		if err != nil || len(got) != 1 || got[0].Canonical != l.Canonical {
			t.Errorf("ByKeys(%q) = %v, %v; want %s alone", l.Key, got, err, l.Canonical)
		}
	}
	for _, absent := range []string{"C001  ", "C0", "", "C002", "\uff43001", "mÜller"} {
		if got, err := v.ByKeys(t.Context(), []crosswalk.SourceKey{{Source: 1, Key: absent}}); err != nil || len(got) != 0 {
			t.Errorf("ByKeys(%q) = %v, %v; want nothing", absent, got, err)
		}
	}
}

func testRefused(t *testing.T, s Suite) {
	w := newWorld(t, s)
	good := crosswalk.Link{Source: 1, Key: "k", Canonical: "CUST-1"}
	for name, change := range map[string]func(l *crosswalk.Link){
		"NUL in the key":          func(l *crosswalk.Link) { l.Key = "a\x00b" },
		"no key":                  func(l *crosswalk.Link) { l.Key = "" },
		"a long key":              func(l *crosswalk.Link) { l.Key = strings.Repeat("x", 256) },
		"no UTF-8":                func(l *crosswalk.Link) { l.Key = "a\xffb" },
		"NUL in the verbatim ID":  func(l *crosswalk.Link) { l.Verbatim = "a\x00" },
		"no canonical ID":         func(l *crosswalk.Link) { l.Canonical = "" },
		"a long canonical ID":     func(l *crosswalk.Link) { l.Canonical = strings.Repeat("C", 256) },
		"fields that are no text": func(l *crosswalk.Link) { l.Fields = []byte{0xff} },
		"a source of nobody's":    func(l *crosswalk.Link) { l.Source = 9 },
		"no source":               func(l *crosswalk.Link) { l.Source = 0 },
	} {
		lease := w.acquire(name)
		run, err := lease.Begin(t.Context(), startOf("p", 0))
		if err != nil {
			t.Fatal(err)
		}
		bad := good
		change(&bad)
		if err := run.WriteLinks(t.Context(), []crosswalk.Link{bad}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := run.Publish(t.Context(), crosswalk.Finish{Changed: true}); err == nil {
			t.Errorf("%s: a run that failed was published", name)
		}
		w.release(lease)
	}
	lease := w.acquire("order")
	for name, batch := range map[string][]crosswalk.Link{
		"out of order": {{Source: 1, Key: "b", Canonical: "X"}, {Source: 1, Key: "a", Canonical: "Y"}},
		"a key twice":  {good, good},
	} {
		run, err := lease.Begin(t.Context(), startOf("p", 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := run.WriteLinks(t.Context(), batch); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	w.release(lease)
}

// folding are statements that give a column another collation, by dialect.
var folding = map[sqldb.Dialect][][]string{
	sqldb.SQLite: {
		{"DROP TABLE xwalk_link", "CREATE TABLE xwalk_link (source_no INTEGER, id_key TEXT COLLATE NOCASE, canonical TEXT)"},
		{"DROP TABLE xwalk_link", "CREATE TABLE xwalk_link (source_no INTEGER, id_key TEXT, canonical TEXT COLLATE RTRIM)"},
	},
	sqldb.Postgres: {
		{
			"CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
			"ALTER TABLE xwalk_link ALTER COLUMN id_key TYPE text COLLATE folding",
		},
		{`ALTER TABLE xwalk_link ALTER COLUMN canonical TYPE text COLLATE "en-x-icu"`},
	},
	sqldb.MySQL: {
		{"ALTER TABLE xwalk_link MODIFY id_key VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL"},
		{"ALTER TABLE xwalk_link MODIFY canonical VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"}, // pads spaces
	},
}

func testFolding(t *testing.T, s Suite) {
	kind := newWorld(t, s).store.Dialect()
	for _, change := range folding[kind] {
		w := newWorld(t, s)
		if err := w.store.Close(); err != nil {
			t.Fatal(err)
		}
		for _, stmt := range change {
			w.exec(stmt)
		}
		_, err := crosswalk.Open(t.Context(), w.dsn, crosswalk.Options{})
		if !errors.Is(err, crosswalk.ErrCollation) {
			t.Errorf("after %s: %v; want ErrCollation", change, err)
		}
		_, err = crosswalk.OpenReadOnly(t.Context(), w.dsn, crosswalk.Options{})
		if !errors.Is(err, crosswalk.ErrCollation) {
			t.Errorf("read-only after %s: %v; want ErrCollation", change, err)
		}
	}
}
