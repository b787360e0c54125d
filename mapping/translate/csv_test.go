package translate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	one := func(missing Missing, add string) []Field {
		return []Field{{Names: []string{"id"}, Column: Column{Table: known(), Missing: missing}, Add: add}}
	}
	const in = "id,n\nC1,a\r\n\" C2 \",b\n\n,c\nC3,d\nC4,e\nX,f\n=\"C5\",g\nN1,h"
	tests := []struct {
		name     string
		fields   []Field
		in       string
		want     string
		diverted string
		lost     string // the error
		tallies  []Tally
	}{
		{
			"keep", one(Keep, ""), in, "id,n\nN1,a\r\n\" N2 \",b\n\n,c\nN1,d\nC4,e\nX,f\n=\"N5\",g\nN1,h", "", "",
			[]Tally{{Field: "id", Cells: 7, Translated: 5, Unchanged: 1, Redirected: 1, Missing: map[string]int64{"gone": 1, "not_found": 1}, Examples: []Example{{7, "C4", "gone"}, {8, "X", "not_found"}}}},
		},
		{
			"empty", one(Empty, ""), in, "id,n\nN1,a\r\n\" N2 \",b\n\n,c\nN1,d\n,e\n,f\n=\"N5\",g\nN1,h", "", "",
			[]Tally{{Field: "id", Cells: 7, Translated: 5, Unchanged: 1, Redirected: 1, Missing: map[string]int64{"gone": 1, "not_found": 1}, Examples: []Example{{7, "C4", "gone"}, {8, "X", "not_found"}}}},
		},
		{
			"divert", one(Divert, ""), in, "id,n\nN1,a\r\n\" N2 \",b\n\n,c\nN1,d\n=\"N5\",g\nN1,h", "id,n\nC4,e\nX,f\n", "",
			[]Tally{{Field: "id", Cells: 7, Translated: 5, Unchanged: 1, Redirected: 1, Missing: map[string]int64{"gone": 1, "not_found": 1}, Examples: []Example{{7, "C4", "gone"}, {8, "X", "not_found"}}}},
		},
		{
			"fail", one(Fail, ""), in, "id,n\nN1,a\r\n\" N2 \",b\n\n,c\nN1,d\n", "id,n\n", "id: C4 in line 7 is gone",
			[]Tally{{Field: "id", Cells: 7, Translated: 5, Unchanged: 1, Redirected: 1, Missing: map[string]int64{"gone": 1, "not_found": 1}, Examples: []Example{{7, "C4", "gone"}, {8, "X", "not_found"}}}},
		},
		{
			"beside", one(Keep, "new"), "id,n\nC1,a\n,b\nX,c\nN1,d\n", "id,n,new\nC1,a,N1\n,b,\nX,c,X\nN1,d,N1\n", "", "",
			[]Tally{{Field: "id", Cells: 3, Translated: 2, Unchanged: 1, Missing: map[string]int64{"not_found": 1}, Examples: []Example{{4, "X", "not_found"}}}},
		},
		{
			"several columns",
			[]Field{
				{Names: []string{"branch", "no"}, Column: Column{Table: known(), Missing: Empty}, Add: "customer"},
				{Names: []string{"also"}, Column: Column{Table: known(), Missing: Keep, Shape: Shape{Split: ";"}}},
			},
			"branch,no,also\n01, A,C1;C2\n,,\n02,B,X;C3\n", "branch,no,also,customer\n01, A,N1;N2,N7\n,,,\n02,B,X;N1,\n", "", "",
			[]Tally{
				{Field: "branch|no", Cells: 2, Translated: 1, Missing: map[string]int64{"not_found": 1}, Examples: []Example{{4, "02|B", "not_found"}}},
				{Field: "also", Cells: 2, Translated: 3, Redirected: 1, Missing: map[string]int64{"not_found": 1}, Examples: []Example{{4, "X", "not_found"}}},
			},
		},
		{
			"the first of two that fail",
			[]Field{
				{Names: []string{"b"}, Column: Column{Table: known()}},
				{Names: []string{"a"}, Column: Column{Table: known()}},
			},
			"a,b\nC1,C1\nX,C2\nC3,Y\n", "a,b\nN1,N1\n", "a,b\n", "a: X in line 3 is not found",
			[]Tally{
				{Field: "b", Cells: 3, Translated: 2, Missing: map[string]int64{"not_found": 1}, Examples: []Example{{4, "Y", "not_found"}}},
				{Field: "a", Cells: 3, Translated: 2, Redirected: 1, Missing: map[string]int64{"not_found": 1}, Examples: []Example{{3, "X", "not_found"}}},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, diverted bytes.Buffer
			sum, err := CSV(t.Context(), &out, strings.NewReader(tt.in), Stream{Name: "x.csv", Fields: tt.fields, Diverted: &diverted})
			if out.String() != tt.want {
				t.Errorf("got  %q\nwant %q", out.String(), tt.want)
			}
			if tt.diverted != "" && diverted.String() != tt.diverted {
				t.Errorf("diverted %q, want %q", diverted.String(), tt.diverted)
			}
			var missing *MissingError
			if errors.As(err, &missing) != (tt.lost != "") || err != nil && err.Error() != tt.lost {
				t.Errorf("error %v, want %s", err, tt.lost)
			}
			if diff := cmp.Diff(tt.tallies, sum.Fields); diff != "" {
				t.Errorf("tallies (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCSVOfManyBatches: what is counted and written does not depend on how the
// batches of a long file fall.
func TestCSVOfManyBatches(t *testing.T) {
	t.Parallel()
	var in, want, failed strings.Builder
	in.WriteString("id,text\n")
	want.WriteString("id,text\n")
	const rows, first = 200_000, 99_000
	var redirected int64
	for i := range rows {
		id, to := fmt.Sprintf("C%d", 1+i%3), fmt.Sprintf("N%d", 1+i%3%2)
		if i%3 == 1 {
			to = "N2"
		}
		if i >= first && i%1000 == 0 {
			id, to = "X", "X"
		}
		if id == "C3" {
			redirected++
		}
		if i == first {
			failed.WriteString(want.String())
		}
		fmt.Fprintf(&in, "%s,\"%d, and more\"\n", id, i)
		fmt.Fprintf(&want, "%s,\"%d, and more\"\n", to, i)
	}
	tally := Tally{
		Field: "id", Cells: rows, Translated: rows - 101, Redirected: redirected, Missing: map[string]int64{"not_found": 101},
		Examples: []Example{{99_002, "X", "not_found"}, {100_002, "X", "not_found"}, {101_002, "X", "not_found"}},
	}
	for _, missing := range []Missing{Keep, Fail} {
		var out bytes.Buffer
		sum, err := CSV(t.Context(), &out, strings.NewReader(in.String()), Stream{Name: "x", Fields: []Field{{Names: []string{"id"}, Column: Column{Table: known(), Missing: missing}}}})
		if missing == Fail {
			want = failed
		}
		if out.String() != want.String() || (err != nil) != (missing == Fail) {
			t.Errorf("%d bytes were written, want %d; %v", out.Len(), want.Len(), err)
		}
		if diff := cmp.Diff(tally, sum.Fields[0]); diff != "" || sum.Records != rows {
			t.Errorf("%d records (-want +got):\n%s", sum.Records, diff)
		}
	}
}

func TestCSVRefuses(t *testing.T) {
	t.Parallel()
	field := func(add string, missing Missing, names ...string) Field {
		return Field{Names: names, Column: Column{Table: known(), Missing: missing}, Add: add}
	}
	for _, c := range []struct {
		fields []Field
		want   string
	}{
		{[]Field{field("", Keep, "a", "b")}, "a and b make one ID; name a column to add that takes its translation"},
		{[]Field{field("", Keep, "a"), field("", Keep, "a")}, "column a is to be translated twice; name a column to add for one of them"},
		{[]Field{field("", Divert, "a")}, "records are to be diverted, but nothing says where to"},
		{[]Field{field("", Keep, "c")}, `x has no column "c"; did you mean "a"? (it has: a, b)`},
	} {
		_, err := CSV(t.Context(), &bytes.Buffer{}, strings.NewReader("a,b\n1,2\n"), Stream{Name: "x", Fields: c.fields})
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
