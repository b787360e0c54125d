package where

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
)

var columns = []string{"status", "region", "level", "balance", "客户 编号", "since", `a"b`}

func parse(t *testing.T, expr string) *Filter {
	t.Helper()
	f, err := Parse(expr, "legacy.csv", columns)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestMatch(t *testing.T) {
	t.Parallel()
	row := map[string]string{
		"status": "live", "region": "110105", "level": "", "balance": "9007199254740993",
		"客户 编号": "007", "since": "2019-03-12", `a"b`: "it's",
	}
	tests := []struct {
		expr string
		want bool
	}{
		{`status = 'live'`, true},
		{`status = 'Live'`, false},
		{`status <> 'test'`, true},
		{`status != 'live'`, false},
		{`status = 'x' OR NOT status = 'x'`, true},
		{`[客户 编号] = '007'`, true},
		{`[客户 编号] = 7`, false},
		{`"客户 编号" = 007`, true},
		{"`客户 编号` > 6", true},
		{"`客户 编号` >= 7 and `客户 编号` <= 7.0", true},
		{`"a""b" = 'it''s'`, true},
		{`balance > 9007199254740992`, true},
		{`balance < 9007199254740993.00000000000000000001`, true},
		{`balance > '1e5'`, true},
		{`balance > -9007199254740994`, true},
		{`since >= '2019-01-01' and since < '2020-01-01'`, true},
		{`since < '2019-03-12'`, false},
		{`level is null`, true},
		{`level is not null`, false},
		{`level = ''`, true},
		{`level <> 'gold'`, true},
		{`level < 5`, false},
		{`level >= ''`, false},
		{`region in ('110101', '110105')`, true},
		{`region not in ('110101', '110105')`, false},
		{`region in (110105)`, true},
		{`not status = 'test' and level is null`, true},
		{`not (status = 'live' or level is null)`, false},
		{`status = 'x' or status = 'live' and level is null`, true},
		{`(status = 'x' or status = 'live') and level is not null`, false},
		{`not not status = 'live'`, true},
		{"status\n=\t'live'", true},
		{`status='live'AND region='110105'`, true},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			t.Parallel()
			f := parse(t, tt.expr)
			values := make([]mapping.Value, len(f.Columns()))
			for i, c := range f.Columns() {
				values[i].Text = row[c]
			}
			if got := f.Match(values); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNullMatchesAsEmpty(t *testing.T) {
	t.Parallel()
	null := []mapping.Value{{Null: true}}
	for expr, want := range map[string]bool{`level is null`: true, `level = ''`: true, `level <> 'a'`: true, `level > 1`: false} {
		if got := parse(t, expr).Match(null); got != want {
			t.Errorf("%s: got %v, want %v", expr, got, want)
		}
	}
}

func TestColumnsOnce(t *testing.T) {
	t.Parallel()
	f := parse(t, `status = 'a' or region = 'b' or status = 'c'`)
	if diff := cmp.Diff([]string{"status", "region"}, f.Columns()); diff != "" {
		t.Error(diff)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		expr   string
		column int
		reason string
	}{
		{``, 1, `expected a column, found the end`},
		{`status`, 7, `expected a comparison (= <> < <= > >= in, is null), found the end`},
		{`status = `, 10, `expected a value, found the end`},
		{`status = live`, 10, `expected a value, found "live"; text stands in single quotes: 'live'`},
		{`status = "live"`, 10, `expected a value, found "live"; text stands in single quotes: 'live'`},
		{`status = 1e5`, 10, `expected a value, found "1e5"; text stands in single quotes: '1e5'`},
		{`status == 'a'`, 9, `expected a value, found "="`},
		{`'a' = status`, 1, `expected a column, found 'a'`},
		{`stauts = 'a'`, 1, `legacy.csv has no column "stauts"; did you mean "status"? (it has: status, region, level, balance, 客户 编号, since, a"b)`},
		{`[客户 编号] = '1' and statsu = 'a'`, 19, `legacy.csv has no column "statsu"; did you mean "status"? (it has: status, region, level, balance, 客户 编号, since, a"b)`},
		{`status = 'a' region = 'b'`, 14, `expected "and", "or" or the end, found "region"`},
		{`(status = 'a'`, 14, `expected ")", found the end`},
		{`status in ()`, 12, `expected a value, found ")"`},
		{`status in ('a' 'b')`, 16, `expected ")", found 'b'`},
		{`status is 'a'`, 11, `expected "null", found 'a'`},
		{`status not 'a'`, 12, `expected "in", found 'a'`},
		{`status like 'a%'`, 8, `expected a comparison (= <> < <= > >= in, is null), found "like"`},
		{`status = 'a`, 10, `"'" is never closed`},
		{`[status = 'a'`, 1, `"[" is never closed`},
		{`status = 'a' ; drop table x`, 14, `';' has no meaning here`},
		{`not`, 4, `expected a column, found the end`},
		{strings.Repeat("(", 150) + `status = 'a'`, 102, `more than 100 levels deep`},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(tt.expr, "legacy.csv", columns)
			var we *Error
			if !errors.As(err, &we) {
				t.Fatalf("got error %v, want an *Error", err)
			}
			if we.Column != tt.column || we.Reason != tt.reason {
				t.Errorf("got  character %d: %s\nwant character %d: %s", we.Column, we.Reason, tt.column, tt.reason)
			}
		})
	}
}

func TestUnknownColumnIsColumnError(t *testing.T) {
	t.Parallel()
	_, err := Parse(`stauts = 'a'`, "legacy.csv", columns)
	var ce *mapping.ColumnError
	if !errors.As(err, &ce) || ce.Nearest != "status" || ce.Missing != "stauts" {
		t.Errorf("got %v, want a column error that names status", err)
	}
}

// TestOrder states the order of pairs, each of which must also hold the
// other way round.
func TestOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"1", "2", -1},
		{"10", "9", 1},
		{"-10", "9", -1},
		{"-10", "-9", -1},
		{"-0.00", "0", 0},
		{"007", "7.000", 0},
		{"0.1", "0.09", 1},
		{"1.5", "1.25", 1},
		{"9007199254740993", "9007199254740992", 1},
		{"99999999999999999999", "100000000000000000000", -1},
		{"1.", "1", 1},
		{".5", "0.6", -1},
		{"1e5", "2", -1},
		{"2019-03-12", "2019-03-02", 1},
		{"10", "9a", -1},
		{"１", "2", 1},
	}
	for _, tt := range tests {
		if got := sign(order(tt.a, tt.b)); got != tt.want {
			t.Errorf("order(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := sign(order(tt.b, tt.a)); got != -tt.want {
			t.Errorf("order(%q, %q) = %d, want %d", tt.b, tt.a, got, -tt.want)
		}
	}
}

func sign(n int) int { return min(1, max(-1, n)) }

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`status <> 'test' and (region in ('1', 2) or level is not null)`, `not not status='a''b'`,
		`[客户 编号] >= -1.50`, "`status` < \"level\"", `((((`, `status = '`, "\xff = 1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		filter, err := Parse(expr, "legacy.csv", columns)
		if err != nil {
			var we *Error
			if !errors.As(err, &we) || we.Reason == "" || we.Column < 1 {
				t.Fatalf("error without a place or reason: %#v", err)
			}
			return
		}
		values := make([]mapping.Value, len(filter.Columns()))
		negated, err := Parse("not ("+expr+")", "legacy.csv", columns)
		if err != nil {
			return // one level deeper than is allowed
		}
		if filter.Match(values) == negated.Match(values) {
			t.Errorf("%q and its negation agree", expr)
		}
	})
}
