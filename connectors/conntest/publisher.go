package conntest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
)

// PublisherSuite is what a connector that can be published to states about
// itself.
type PublisherSuite struct {
	// Make makes a source of text columns and rows; "" in column canonical_no
	// is NULL where the source has NULLs.
	Make func(tb testing.TB, columns []string, rows [][]string) PublisherSource
	// NoNull says that the source has no NULL apart from empty.
	NoNull bool
	// Refused is a text that the source of Make refuses in canonical_no; empty:
	// there is none.
	Refused string
}

// PublisherSource is a source that can be published to. Rows reads all of it
// as it is by now: its copy, where it is published into one.
type PublisherSource struct {
	Open func(req connectors.PublishRequest) (mapping.Publisher, error)
	Rows func() [][]string
}

// RunPublisher checks that a connector keeps every promise of
// [mapping.Publisher].
func RunPublisher(t *testing.T, s PublisherSuite) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(tb testing.TB, s PublisherSuite)
	}{
		{"writes what it reads back, and nothing else", checkPublish},
		{"writing again changes nothing", checkPublishAgain},
		{"unknown records are told", checkPublishUnknown},
		{"a refusal names its record alone", checkPublishRefused},
		{"composite IDs", checkPublishComposite},
		{"hostile IDs and texts", checkPublishHostile},
		{"records that share an ID", checkPublishShared},
		{"more than a batch", checkPublishMany},
		{"filter", checkPublishWhere},
		{"cancelled", checkPublishCancelled},
		{"field that is missing or the ID", checkPublishField},
		{"abandoned", checkPublishAbandoned},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, s) })
	}
}

var publishColumns = []string{"code", "branch", "name", "canonical_no", "note"}

func publishRows() [][]string {
	return [][]string{
		{"C001", "01", "Ann, the \"first\"", "", "a note"},
		{"c001", "01", "Bob", "", ""},
		{"C001 ", "02", "Cyd", "", "tab\there"},
		{"C002", "02", "Dé 王", "OLD-1", "two\nlines"},
		{"007", "03", "Eve", "", "007"},
		{"7", "03", "Fay", "", "7"},
	}
}

// published is a source with a publisher for it.
type published struct {
	mapping.Publisher
	tb     testing.TB
	source PublisherSource
}

func openPublished(tb testing.TB, source PublisherSource, req connectors.PublishRequest) *published {
	tb.Helper()
	if req.Field == "" {
		req.Field = "canonical_no"
	}
	if req.Columns == nil {
		req.Columns = []string{"code"}
	}
	req.Name = "sample"
	p, err := source.Open(req)
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	return &published{p, tb, source}
}

// set writes, and returns what was refused.
func (p *published) set(writes ...mapping.FieldWrite) []error {
	p.tb.Helper()
	refused, err := p.Write(p.tb.Context(), writes)
	if err != nil {
		p.tb.Fatalf("write: %v", err)
	}
	if len(refused) != len(writes) {
		p.tb.Fatalf("write: %d answers for %d writes", len(refused), len(writes))
	}
	return refused
}

// is holds the publisher to what it reads.
func (p *published) is(want []mapping.FieldValue, ids ...[]string) {
	p.tb.Helper()
	got, err := p.Read(p.tb.Context(), ids)
	if err != nil {
		p.tb.Fatalf("read: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.tb.Errorf("fields (-want +got):\n%s", diff)
	}
}

// closed closes the publisher and holds the source to its rows.
func (p *published) closed(want [][]string) {
	p.tb.Helper()
	if err := p.Close(p.tb.Context(), false); err != nil {
		p.tb.Fatalf("close: %v", err)
	}
	p.sourceIs(want)
}

// sourceIs holds the source to its rows, in any order: a database may move one
// that is written.
func (p *published) sourceIs(want [][]string) {
	p.tb.Helper()
	got := p.source.Rows()
	slices.SortFunc(want, slices.Compare)
	slices.SortFunc(got, slices.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		p.tb.Errorf("rows (-want +got):\n%s", diff)
	}
}

func noneRefused(tb testing.TB, refused []error) {
	tb.Helper()
	for i, err := range refused {
		if err != nil {
			tb.Errorf("write %d was refused: %v", i, err)
		}
	}
}

func id(parts ...string) []string { return parts }

func write(text string, parts ...string) mapping.FieldWrite {
	return mapping.FieldWrite{ID: parts, Value: mapping.FieldValue{Text: text}}
}

func holds(text string) mapping.FieldValue { return mapping.FieldValue{Text: text, Found: true} }

// nothing is what a field holds that nobody has set.
func (s PublisherSuite) nothing() mapping.FieldValue {
	return mapping.FieldValue{Null: !s.NoNull, Found: true}
}

func checkPublish(tb testing.TB, s PublisherSuite) {
	p := openPublished(tb, s.Make(tb, publishColumns, publishRows()), connectors.PublishRequest{})
	p.is([]mapping.FieldValue{holds("OLD-1"), s.nothing(), {}, s.nothing()}, id("C002"), id("C001"), id("C0011"), id("C001"))
	noneRefused(tb, p.set(write("CUST-1", "C001"), write("CUST-2", "C002"), write("CUST-7", "007")))
	p.is([]mapping.FieldValue{holds("CUST-1"), s.nothing(), s.nothing(), holds("CUST-2"), holds("CUST-7"), s.nothing()},
		id("C001"), id("c001"), id("C001 "), id("C002"), id("007"), id("7"))
	noneRefused(tb, p.set(mapping.FieldWrite{ID: id("C002"), Value: mapping.FieldValue{Null: true}}))
	p.is([]mapping.FieldValue{s.nothing()}, id("C002"))
	want := publishRows()
	want[0][3], want[3][3], want[4][3] = "CUST-1", "", "CUST-7"
	p.closed(want)
}

func checkPublishAgain(tb testing.TB, s PublisherSuite) {
	source := s.Make(tb, publishColumns, publishRows())
	want := publishRows()
	want[0][3], want[1][3] = "CUST-1", "CUST-2"
	for range 2 {
		p := openPublished(tb, source, connectors.PublishRequest{})
		for range 2 {
			noneRefused(tb, p.set(write("CUST-2", "c001"), write("CUST-1", "C001")))
		}
		p.closed(want)
	}
	p := openPublished(tb, source, connectors.PublishRequest{})
	p.is([]mapping.FieldValue{holds("CUST-1"), holds("CUST-2")}, id("C001"), id("c001"))
	p.closed(want)
}

func checkPublishUnknown(tb testing.TB, s PublisherSuite) {
	p := openPublished(tb, s.Make(tb, publishColumns, publishRows()), connectors.PublishRequest{})
	refused := p.set(write("CUST-1", "nobody"), write("CUST-2", "C002"), write("CUST-3", "CUST-2"))
	for i, unknown := range []bool{true, false, true} {
		if errors.Is(refused[i], mapping.ErrNoRecord) != unknown {
			tb.Errorf("write %d: got %v; unknown is %v", i, refused[i], unknown)
		}
	}
	want := publishRows()
	want[3][3] = "CUST-2"
	p.closed(want)
}

func checkPublishRefused(tb testing.TB, s PublisherSuite) {
	if s.Refused == "" {
		return
	}
	p := openPublished(tb, s.Make(tb, publishColumns, publishRows()), connectors.PublishRequest{})
	refused := p.set(write("CUST-1", "C001"), write(s.Refused, "C002"), write("CUST-3", "007"), write("CUST-4", "nobody"), write(s.Refused, "7"))
	for i, want := range []bool{false, true, false, true, true} {
		if (refused[i] != nil) != want || want && errors.Is(refused[i], mapping.ErrNoRecord) != (i == 3) {
			tb.Errorf("write %d: got %v", i, refused[i])
		}
	}
	want := publishRows()
	want[0][3], want[4][3] = "CUST-1", "CUST-3"
	p.closed(want)
}

func checkPublishComposite(tb testing.TB, s PublisherSuite) {
	p := openPublished(tb, s.Make(tb, publishColumns, publishRows()), connectors.PublishRequest{Request: connectors.Request{Columns: id("branch", "code")}})
	p.is([]mapping.FieldValue{s.nothing(), {}, holds("OLD-1"), {}}, id("01", "C001"), id("02", "C001"), id("02", "C002"), id("C002", "02"))
	refused := p.set(write("CUST-1", "01", "c001"), write("CUST-2", "03", "C001"), write("CUST-3", "03", "7"))
	if refused[0] != nil || !errors.Is(refused[1], mapping.ErrNoRecord) || refused[2] != nil {
		tb.Errorf("refused: %v", refused)
	}
	want := publishRows()
	want[1][3], want[5][3] = "CUST-1", "CUST-3"
	p.closed(want)
}

// hostileTexts look like something else to somebody on the way.
func hostileTexts() []string {
	return []string{
		"it's", `a"b`, "a`b", `back\slash`, `\`, `\'`, "50%", "a_b", "{a,NULL}", "NULL", "null", "{}", "$1", "?", ":x", "'; --", "a;b",
		"ß", "ss", "\u00e9", "e\u0301", "ﬀ", "Ｃ００１", "王小明", "😀", "a\tb", "-1", "+1", "1.0", "1e5", "0x1F", "00", "0", "true", "a|b", " lead", "trail ",
	}
}

func checkPublishHostile(tb testing.TB, s PublisherSuite) {
	var rows, want [][]string
	var writes []mapping.FieldWrite
	var ids [][]string
	var values []mapping.FieldValue
	all := hostileTexts()
	for i, text := range all {
		rows = append(rows, []string{text, fmt.Sprint(i), text, "", text})
		to := all[len(all)-1-i]
		want = append(want, []string{text, fmt.Sprint(i), text, to, text})
		writes, ids, values = append(writes, write(to, text)), append(ids, id(text)), append(values, holds(to))
	}
	p := openPublished(tb, s.Make(tb, publishColumns, rows), connectors.PublishRequest{})
	noneRefused(tb, p.set(writes...))
	p.is(values, ids...)
	p.is(make([]mapping.FieldValue, 6), id("IT'S"), id("1"), id("1.00"), id("trail"), id("lead"), id("王小"))
	p.closed(want)
}

func checkPublishShared(tb testing.TB, s PublisherSuite) {
	rows := append(publishRows(), id("C001", "09", "Ann again", "", ""), id("C002", "09", "Dé again", "OLD-2", ""))
	p := openPublished(tb, s.Make(tb, publishColumns, rows), connectors.PublishRequest{})
	got, err := p.Read(tb.Context(), [][]string{{"C001"}, {"C002"}})
	if err != nil || got[0].Differ || !got[1].Differ || !got[1].Found {
		tb.Errorf("two records of one ID: %+v, %v; the first two are the same, the others differ", got, err)
	}
	noneRefused(tb, p.set(write("CUST-1", "C001"), write("CUST-2", "C002")))
	p.is([]mapping.FieldValue{holds("CUST-1"), holds("CUST-2")}, id("C001"), id("C002"))
	want := slices.Concat(publishRows(), rows[len(rows)-2:])
	want[0][3], want[6][3], want[3][3], want[7][3] = "CUST-1", "CUST-1", "CUST-2", "CUST-2"
	p.closed(want)
}

func checkPublishMany(tb testing.TB, s PublisherSuite) {
	const n = 1203
	var rows, want, ids [][]string
	var writes []mapping.FieldWrite
	var values []mapping.FieldValue
	for i := range n {
		code, number := fmt.Sprintf("K%d", i), fmt.Sprintf("CUST-%d", n-i)
		rows, want = append(rows, id(code, "", "", "", "")), append(want, id(code, "", "", number, ""))
		writes, ids, values = append(writes, write(number, code)), append(ids, id(code)), append(values, holds(number))
	}
	slices.Reverse(writes)
	p := openPublished(tb, s.Make(tb, publishColumns, rows), connectors.PublishRequest{})
	noneRefused(tb, p.set(writes...))
	p.is(values, ids...)
	p.closed(want)
}

func checkPublishWhere(tb testing.TB, s PublisherSuite) {
	req := connectors.PublishRequest{Request: connectors.Request{Where: "branch = '02'"}}
	p := openPublished(tb, s.Make(tb, publishColumns, publishRows()), req)
	p.is([]mapping.FieldValue{{}, holds("OLD-1")}, id("C001"), id("C002"))
	if refused := p.set(write("CUST-1", "C001"), write("CUST-2", "C002")); !errors.Is(refused[0], mapping.ErrNoRecord) || refused[1] != nil {
		tb.Errorf("refused: %v", refused)
	}
	want := publishRows()
	want[3][3] = "CUST-2"
	p.closed(want)
}

func checkPublishCancelled(tb testing.TB, s PublisherSuite) {
	p := openPublished(tb, s.Make(tb, publishColumns, publishRows()), connectors.PublishRequest{})
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	if _, err := p.Read(ctx, [][]string{{"C001"}}); !errors.Is(err, context.Canceled) {
		tb.Errorf("read: got %v, want ctx.Err()", err)
	}
	if _, err := p.Write(ctx, []mapping.FieldWrite{write("CUST-1", "C001")}); !errors.Is(err, context.Canceled) {
		tb.Errorf("write: got %v, want ctx.Err()", err)
	}
	p.closed(publishRows())
}

func checkPublishField(tb testing.TB, s PublisherSuite) {
	source := s.Make(tb, publishColumns, publishRows())
	for _, req := range []connectors.PublishRequest{
		{Field: "code", Request: connectors.Request{Columns: id("code")}},
		{Field: "canonical_no", Request: connectors.Request{Columns: id("branch", "cod")}},
	} {
		p, err := source.Open(req)
		var unfit *mapping.FieldError
		var missing *mapping.ColumnError
		if !errors.As(err, &unfit) && !errors.As(err, &missing) {
			tb.Errorf("open with field %q and ID %q: got %v", req.Field, req.Columns, err)
		}
		if err == nil {
			_ = p.Close(tb.Context(), true)
		}
	}
}

func checkPublishAbandoned(tb testing.TB, s PublisherSuite) {
	p := openPublished(tb, s.Make(tb, publishColumns, publishRows()), connectors.PublishRequest{})
	if _, copies := p.Publisher.(mapping.Copier); !copies {
		return
	}
	noneRefused(tb, p.set(write("CUST-1", "C001")))
	if err := p.Close(tb.Context(), true); err != nil {
		tb.Errorf("close: %v", err)
	}
	p.sourceIs(publishRows())
}
