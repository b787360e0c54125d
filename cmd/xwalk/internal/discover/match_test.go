package discover

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/profile"
)

// source makes a source of fields, each with a column of its own name.
func source(name string, rows int64, kind string, fields ...string) *Source {
	s := &Source{Place: Place{Name: name}, Rows: rows, Kind: Kind{Word: kind}}
	for _, f := range fields {
		role, sample, _ := strings.Cut(f, "=")
		distinct := rows
		if sample == "repeated" {
			distinct = rows / 50
		}
		s.Fields = append(s.Fields, Field{Role: role, Columns: []FieldColumn{{Name: role}}})
		s.columns = append(s.columns, column{
			profile.Column{Name: role, Rows: rows, Distinct: distinct}, lookAt(strings.Split(sample, "|")),
		})
	}
	return s
}

const residents = "national_id=999999199605180016|999999195811020023|999999198803270034"

func TestSameLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		sources []*Source
		want    []string // a line that is off starts with #
	}{
		{"nothing in common", []*Source{source("a", 10, "person", "city")}, nil},
		{"proven numbers", []*Source{source("a", 10, "person", "name", residents)}, []string{"[national_id]"}},
		{"one source proves its numbers, the other does not", []*Source{source("a", 10, "person", "name", residents), source("b", 10, "person", "national_id=1234567")}, []string{"{ fields: [national_id], confirm: [name] }"}},
		{"unproven numbers and birth dates", []*Source{source("a", 10, "person", "name", "birth_date", "national_id=1234567")}, []string{"{ fields: [national_id], confirm: [birth_date] }", "[name, birth_date]"}},
		{"an e-mail and no name", []*Source{source("a", 10, "person", "email")}, []string{"# [email]"}},
		{"parts of a name", []*Source{source("a", 10, "person", "given_name", "family_name", "email", "phone")}, []string{"{ fields: [email], confirm: [name] }", "[phone, name]"}},
		{"persons and companies", []*Source{source("a", 10, "person", "name", "phone", "city"), source("b", 10, "company", "name", "phone")}, []string{"{ fields: [phone, name], kind: person }", "{ fields: [phone, name], confirm: [city], kind: company }"}},
		{"one switchboard", []*Source{source("a", 1000, "person", "name", "phone=repeated")}, []string{"# [phone, name]"}},
		{"days that many were born on", []*Source{source("a", 10_000, "person", "name", "birth_date=repeated")}, []string{"[name, birth_date]"}},
		{"many rows", []*Source{source("a", 200_000, "person", "name", "birth_date")}, []string{"# [name, birth_date]"}},
		{"companies", []*Source{source("a", 10, "company", "name", "address", "tax_id=91999999MA0000101C|91999999MA0000102F")}, []string{"{ fields: [tax_id], kind: company }", "{ fields: [name, address], kind: company }"}},
		{"the employers' numbers", []*Source{source("a", 10, "person", "name", "tax_id=91999999MA0000101C|91999999MA0000102F")}, []string{"# [tax_id]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, l := range sameLines(tt.sources) {
				text := l.String()
				if l.Off {
					text = "# " + text
				}
				got = append(got, text)
			}
			for _, role := range differing(sameLines(tt.sources)) {
				if !slices.ContainsFunc(got, func(l string) bool { return !strings.HasPrefix(l, "#") && strings.Contains(l, "["+role+"]") }) {
					t.Errorf("differ: %s, and no line uses it", role)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCanonicalScheme(t *testing.T) {
	t.Parallel()
	numbered := func(scheme string, rows int64) *Source {
		s := source("a", rows, "person")
		s.ID.Schemes = []profile.Fit{{Scheme: scheme}}
		return s
	}
	for want, s := range map[string]*Source{
		"CUST-{next:8}-{check:mod97-10}":  numbered("C{seq}", 1_000_000),
		"CID-{next:8}-{check:mod97-10}":   numbered("cust-{seq:4}", 10),
		"CUST-{next:10}-{check:mod97-10}": numbered("{seq}", 300_000_000),
	} {
		if got := canonicalScheme([]*Source{s}); got != want {
			t.Errorf("%s rows of %s: %s, want %s", number(s.Rows), s.ID.Schemes[0].Scheme, got, want)
		}
	}
}

// TestRehearsed sets guards that let through what was seen.
func TestRehearsed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		linked, rejected, reviews int64
		cluster                   int
		want                      Guard
		doubts                    int
	}{
		{0, 0, 0, 1, Guard{.3, .01, 20}, 0},
		{200, 5, 50, 20, Guard{.3, .01, 20}, 0},
		{450, 9, 51, 2, Guard{.6, .02, 20}, 3},
		{990, 500, 0, 21, Guard{1, .63, 30}, 3},
	} {
		d := Compose([]*Source{source("a", 1000, "person", "name", "email")}, ".")
		d.Rehearsed(Rehearsal{
			Totals:  mapping.Totals{Counts: mapping.Counts{Read: 1000, Linked: tt.linked, Rejected: tt.rejected}, ReviewsOpen: tt.reviews},
			Cluster: tt.cluster, Lines: map[string]int64{"same: email, confirmed by name": tt.linked},
		})
		if d.Guard != tt.want || len(d.Doubts()) != tt.doubts || d.Same[0].Joined != tt.linked {
			t.Errorf("%+v: guards %+v, doubts %v, joined %d", tt, d.Guard, d.Doubts(), d.Same[0].Joined)
		}
	}
}

// TestVariables names variables for addresses with passwords.
func TestVariables(t *testing.T) {
	t.Parallel()
	place := func(name, dsn, variable string) *Source {
		s := source(name, 1, "person")
		s.DSN, s.Variable = dsn, variable
		return s
	}
	d := Compose([]*Source{
		place("shop_a", "postgres://ann:geheim@db/shop", ""),
		place("shop_b", "postgres://ann:geheim@db/shop", ""),
		place("客户", "mysql://db/crm?password=geheim", ""),
		place("2nd", "mysql://ann:geheim@db/two", ""),
		place("open", "mysql://root@localhost/open", ""),
		place("given", "mysql://root@localhost/given", "MY_DSN"),
	}, ".")
	var got []string
	for _, v := range d.Variables {
		got = append(got, fmt.Sprintf("%s=%s", v.Name, v.Masked))
	}
	slices.Sort(got)
	want := []string{
		"MY_DSN=mysql://root@localhost/given", "SHOP_A_DSN=postgres://ann:…@db/shop", "SOURCE_2ND_DSN=mysql://ann:…@db/two", "SOURCE_DSN=mysql://db/crm?password=…",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if text := d.YAML(); strings.Contains(text, "geheim") || strings.Count(text, "${SHOP_A_DSN}") != 2 || !strings.Contains(text, `dsn: "mysql://root@localhost/open"`) {
		t.Errorf("the file:\n%s", text)
	}
}
