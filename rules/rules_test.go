package rules

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// base is a configuration with most of what can be written.
func base() Config {
	field := func(role string, cols ...string) Field {
		f := Field{Role: role}
		for _, c := range cols {
			f.Columns = append(f.Columns, Column{Name: c})
		}
		return f
	}
	return Config{
		Canonical: Canonical{Scheme: "CUST-{next:8}", Start: 1, Reserved: []Range{{3, 4}, {5, 9}}},
		Matching:  true,
		Same: []Same{
			{Fields: []string{"email"}, Confirm: []string{"name"}},
			{Fields: []string{"phone", "name"}},
			{Fields: []string{"id"}, Sources: []string{"legacy", "shop"}},
		},
		Differ:       []string{"tax_id"},
		Placeholders: map[string][]string{"email": {"Nobody@Here.example"}},
		Sources: []Source{
			{
				Name: "legacy", ID: IDRule{Columns: []string{"no"}, Schemes: []string{"C{seq:4}"}},
				Also:   []Also{{Name: "code", ID: IDRule{Columns: []string{"code"}, Key: scheme.KeyRule{Case: "upper"}}}},
				Fields: []Field{field("email", "mail"), field("name", "full"), field("phone", "mobile", "home"), field("tax_id", "tax")}, Country: "CN",
			},
			{
				Name: "shop", ID: IDRule{Columns: []string{"no"}, Schemes: []string{"C{seq:4}"}},
				Fields: []Field{{Role: "email", Columns: []Column{{Name: "mails", Split: ";"}}}, field("family_name", "last"), field("given_name", "first")},
			},
		},
	}
}

func compileOK(t *testing.T, c Config) *Ruleset {
	t.Helper()
	r, problems := Compile(c)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

// read gives the facts of one row of source i; "<null>" is NULL.
func read(t *testing.T, r *Ruleset, i int, row map[string]string) (Facts, error) {
	t.Helper()
	var rec mapping.Record
	for _, c := range r.Columns(i) {
		v, ok := row[c]
		rec.Values = append(rec.Values, mapping.Value{Text: strings.TrimSuffix(v, "<null>"), Null: !ok || v == "<null>"})
	}
	var f Facts
	err := r.Reader(i).Read(rec, &f)
	return f, err
}

func lines(f Facts) (out []uint8) {
	for _, j := range f.Joins {
		out = append(out, j.Line)
	}
	return out
}

func agree(a, b Facts) (out []uint8) {
	for _, x := range a.Joins {
		for _, y := range b.Joins {
			if x.Hash == y.Hash {
				out = append(out, x.Line)
			}
		}
	}
	return out
}

func TestReadEvidence(t *testing.T) {
	t.Parallel()
	r := compileOK(t, base())
	zhang := map[string]string{"no": "C0001", "mail": "Zhang@Mail.example", "full": "张三", "mobile": "139 1278 4406", "home": "010-62784406", "code": "ab-1"}
	legacy, err := read(t, r, 0, zhang)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint8{0, 1, 1, 2}, lines(legacy)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]AlsoID{{Key: "AB-1", Verbatim: "ab-1"}}, legacy.Also); diff != "" {
		t.Errorf("also (-want +got):\n%s", diff)
	}
	for _, tc := range []struct {
		name string
		row  map[string]string
		want []uint8
	}{
		{"an e-mail of a list, whatever its case", map[string]string{"no": "C0002", "mails": "x@y.example; ZHANG@mail.example"}, []uint8{0}},
		{"the number that both sources share", map[string]string{"no": "C0001"}, []uint8{2}},
		{"another e-mail", map[string]string{"no": "C0003", "mails": "li@mail.example"}, nil},
	} {
		got, err := read(t, r, 1, tc.row)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, agree(legacy, got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestPlaceholdersAndBlanksAreNoEvidence(t *testing.T) {
	t.Parallel()
	r := compileOK(t, base())
	for _, mail := range []string{"", " ", "<null>", "nobody@here.EXAMPLE", "none@none.com"} {
		f, err := read(t, r, 0, map[string]string{"no": "C0001", "mail": mail, "full": "张三"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]uint8{2}, lines(f)); diff != "" {
			t.Errorf("e-mail %q is evidence (-want +got):\n%s", mail, diff)
		}
	}
}

func TestKindsNeverAgree(t *testing.T) {
	t.Parallel()
	c := base()
	c.Sources[0].Kind = KindRule{Column: "type", Map: map[string]string{"P": "person", "Org": "company"}}
	r := compileOK(t, c)
	row := map[string]string{"no": "C0001", "mail": "a@b.example", "type": "p"}
	person, err := read(t, r, 0, row)
	if err != nil {
		t.Fatal(err)
	}
	row["type"] = "org"
	company, err := read(t, r, 0, row)
	if err != nil {
		t.Fatal(err)
	}
	if got := agree(person, company); got != nil {
		t.Errorf("a person and a company agree on lines %v", got)
	}
	row["type"] = "alien"
	if _, err := read(t, r, 0, row); err == nil || !strings.Contains(err.Error(), "kind") {
		t.Errorf("an unknown kind gives %v", err)
	}
}

func TestRejects(t *testing.T) {
	t.Parallel()
	c := base()
	c.Sources = append(c.Sources, Source{Name: "branch", ID: IDRule{Columns: []string{"a", "b"}}})
	r := compileOK(t, c)
	for _, tc := range []struct {
		source int
		row    map[string]string
		want   string
	}{
		{0, map[string]string{"no": "<null>"}, "missing"},
		{0, map[string]string{"no": "  "}, "missing"},
		{0, map[string]string{"no": "X1"}, "C{seq:4}"},
		{0, map[string]string{"no": "C000²"}, "the ID"},
		{2, map[string]string{"a": "1", "b": "<null>"}, `part "b" of the ID is NULL`},
	} {
		_, err := read(t, r, tc.source, tc.row)
		if !mapping.IsRecordError(err) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("row %v: got %v, want a reject with %q", tc.row, err, tc.want)
		}
	}
	f, err := read(t, r, 2, map[string]string{"a": `1|2`, "b": `\x`})
	if err != nil || f.Key != `1\|2|\\x` {
		t.Errorf("composite key is %q, %v", f.Key, err)
	}
}

func TestRowHashSeesContentNotTheID(t *testing.T) {
	t.Parallel()
	r := compileOK(t, base())
	hash := func(row map[string]string) uint64 {
		f, err := read(t, r, 0, row)
		if err != nil {
			t.Fatal(err)
		}
		return f.RowHash
	}
	a := hash(map[string]string{"no": "C0001", "mail": "", "full": "x"})
	if b := hash(map[string]string{"no": " C0001 ", "mail": "", "full": "x"}); a != b {
		t.Error("the spelling of the ID changes the row hash")
	}
	for _, row := range []map[string]string{
		{"no": "C0001", "mail": "<null>", "full": "x"},
		{"no": "C0001", "mail": "x", "full": ""},
		{"no": "C0001", "mail": "", "full": "x", "code": "7"},
	} {
		if hash(row) == a {
			t.Errorf("row %v has the hash of another content", row)
		}
	}
}

func TestFieldsAreJSON(t *testing.T) {
	t.Parallel()
	r := compileOK(t, base())
	f, err := read(t, r, 0, map[string]string{"no": "C0001", "full": " \"Zoë\"\t\\O'Hara\x01 ", "mobile": "13912784406", "mail": ""})
	if err != nil {
		t.Fatal(err)
	}
	text := r.AppendFields(nil, 0, f.Fields, f.Traits)
	if !json.Valid(text) {
		t.Fatalf("fields are no JSON: %s", text)
	}
	got, err := DecodeFields(text)
	want := map[string][]string{"name": {"\"Zoë\"\t\\O'Hara\x01"}, "phone": {"+8613912784406"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("fields %v (-want +got):\n%s", err, diff)
	}
}

func TestMatchRoundTrip(t *testing.T) {
	t.Parallel()
	r := compileOK(t, base())
	f, err := read(t, r, 0, map[string]string{"no": "C0001", "mail": "a@b.example", "full": "x", "tax": "123456789"})
	if err != nil {
		t.Fatal(err)
	}
	joins, values := r.DecodeMatch(r.AppendMatch(nil, f.Joins, f.Values))
	for i := range f.Joins {
		f.Joins[i].Line = match.NoLine
	}
	if diff := cmp.Diff(f.Joins, joins); diff != "" {
		t.Errorf("joins (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(f.Values, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	for _, damaged := range [][]byte{{200, 1}, {0x80}, binary.AppendUvarint(nil, 1<<60)} {
		if j, v := r.DecodeMatch(damaged); j != nil || v != nil {
			t.Errorf("damaged evidence % x decodes", damaged)
		}
	}
}

func TestQueryFindsWhatWasIndexed(t *testing.T) {
	t.Parallel()
	r := compileOK(t, base())
	f, err := read(t, r, 0, map[string]string{"no": "C0001", "mail": "A@b.example", "full": "Zhang San", "mobile": "13912784406"})
	if err != nil {
		t.Fatal(err)
	}
	fields, err := DecodeFields(r.AppendFields(nil, 0, f.Fields, f.Traits))
	if err != nil {
		t.Fatal(err)
	}
	for index, text := range map[string]string{"email": "a@B.example ", "phone": "139-1278-4406", "name": "zhang  san"} {
		q := r.Query(index, text)
		found := false
		for _, h := range q.Hashes() {
			for _, x := range f.Index {
				found = found || Indexes[x.Index] == index && x.Hash == h
			}
		}
		if !found || !q.Matches(fields) {
			t.Errorf("%s %q: hash found %v, fields match %v", index, text, found, q.Matches(fields))
		}
		if other := r.Query(index, "13900001111"); other.Matches(fields) {
			t.Errorf("%s: another value matches", index)
		}
	}
}

func TestCompileReportsAllProblems(t *testing.T) {
	t.Parallel()
	c := base()
	c.Canonical.Scheme = "CUST-{nxt:8}"
	c.Sources[0].ID.Schemes = []string{"C{seq:4", "{any}{any}"}
	c.Sources[1].TimeZone = "Mars/Olympus"
	c.Same = append(c.Same, Same{Fields: []string{"emial"}}, Same{Fields: []string{"id"}}, Same{Fields: []string{"email"}, Sources: []string{"shpo"}})
	c.Differ = []string{"tax_di"}
	_, problems := Compile(c)
	got := map[string]bool{}
	for _, d := range problems {
		got[d.Pos.File] = true
		if d.Code == "" || d.Message == "" {
			t.Errorf("diagnostic %+v says too little", d)
		}
	}
	for _, path := range []string{
		"canonical.scheme", "sources.legacy.id.scheme[0]", "sources.legacy.id.scheme[1]", "sources.shop.timezone",
		"match.same[3].fields[0]", "match.same[4]", "match.same[5].sources[0]", "match.differ[0]",
	} {
		if !got[path] {
			t.Errorf("no problem reported at %s; got %v", path, got)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	a := compileOK(t, base()).Digest()
	c := base()
	c.Secret = "another host's secret"
	if compileOK(t, c).Digest() != a {
		t.Error("a secret changes the digest")
	}
	c = base()
	c.Same = c.Same[:1]
	if compileOK(t, c).Digest() == a {
		t.Error("another rule has the same digest")
	}
}

func TestSkipReserved(t *testing.T) {
	t.Parallel()
	r := compileOK(t, base())
	for n, want := range map[uint64]uint64{1: 1, 2: 2, 3: 10, 5: 10, 9: 10, 10: 10} {
		if got := r.SkipReserved(n); got != want {
			t.Errorf("SkipReserved(%d) = %d, want %d", n, got, want)
		}
	}
}
