package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
)

// golden compares got with testdata/name; UPDATE=1 writes it instead.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got), UPDATE=1 rewrites it:\n%s", name, diff)
	}
}

func each(changes []Change) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// sample is a plan with something of everything.
func sample() *Run {
	var changes []Change
	for i := range 8 {
		changes = append(changes, Change{mapping.KindCreate, "legacy", fmt.Sprintf("C%03d", i+1), fmt.Sprintf("CUST-%08d", i+1), "new", ""})
	}
	changes = append(changes,
		Change{mapping.KindLink, "legacy", "C009", "CUST-00000001", "same [phone name]", ""},
		Change{mapping.KindUpdate, "shop", "7", "CUST-00000002", "", "email, name"},
		Change{mapping.KindLink, "邮政", "京-20240101-7", "CUST-00000002", "same [email]", "confirmed by name"},
		Change{mapping.KindRetire, "shop", "=8", "CUST-00000003", "", "vanished"},
		Change{mapping.KindLink, "legacy.code", "a1", "CUST-00000001", "also", ""},
		Change{mapping.KindMerge, "", "CUST-00000009", "CUST-00000001", "policy.merges", ""},
		Change{mapping.KindReject, "legacy", "", "", "", "legacy.csv:12: 3 fields, expected 5"},
	)
	return &Run{
		Title: "Plan for production", Serial: 2,
		Sources: []Source{
			{"legacy", mapping.Counts{Read: 12_345, Created: 8, Linked: 1, Unchanged: 12_330, Review: 1, Rejected: 4}},
			{"shop", mapping.Counts{Read: 1, Updated: 1, Retired: 1}},
			{"邮政", mapping.Counts{Read: 2, Linked: 1, Rejected: 1}},
		},
		Totals: mapping.Totals{
			Counts: mapping.Counts{Read: 12_348, Created: 8, Linked: 2, Unchanged: 12_330, Updated: 1, Review: 1, Rejected: 5, Retired: 1}, Merged: 1,
			Customers: 12_338, ReviewsOpen: 2,
		},
		Changes: each(changes),
		Rejects: []mapping.Reject{
			{Source: "legacy", Place: "legacy.csv:12", SourceID: "", Reason: "3 fields, expected 5"},
			{Source: "legacy", Place: "legacy.csv:40", SourceID: "X\x1b[31m1", Reason: "no scheme of the source fits"},
			{Source: "legacy", Place: "legacy.csv:41", SourceID: "X2", Reason: "no scheme of the source fits"},
			{Source: "legacy", Place: "legacy.csv:43", SourceID: "X3", Reason: "no scheme of the source fits"},
			{Source: "邮政", Place: "邮政.csv:2", SourceID: "", Reason: "the ID is empty"},
		},
		Repairs: []mapping.Repair{{
			Source: "legacy", Place: "legacy.csv:9", SourceID: "'C011", Repaired: "C011", Kind: "apostrophe", Why: "a spreadsheet's leading apostrophe was kept",
		}},
		Reviews: []Review{{
			ID: "r1", Score: 0.5, Evidence: []mapping.Evidence{{Says: "email agrees"}, {Says: "name contradicts"}},
			Left:  Side{"legacy", "C010", map[string][]string{"name": {"张伟"}}},
			Right: Side{"shop", "7", map[string][]string{"name": {"A & B <c>"}}},
		}},
		Notes: []string{"80% of the numbers of CUST-{next:8} are used"},
		Next:  []string{"Run `xwalk apply` to carry this out."},
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]TextOptions{
		"plan.txt": {}, "plan_all.txt": {All: true}, "plan_colour.txt": {Style: Style{Colour: true}},
	} {
		var b bytes.Buffer
		if err := sample().Text(&b, o); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}

func TestTextOfNothing(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	r := &Run{Title: "Plan", Sources: []Source{{"a", mapping.Counts{}}}, Changes: each(nil)}
	if err := r.Text(&b, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "nothing.txt", b.Bytes())
	if r.Pending() {
		t.Error("a run of nothing is pending")
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	r := sample()
	r.Number, r.Applied, r.Resumed = 3, true, true
	if err := r.JSON(&b, true); err != nil {
		t.Fatal(err)
	}
	golden(t, "run.json", b.Bytes())
	var got struct {
		Run     *int64                    `json:"run"`
		Sources map[string]mapping.Counts `json:"sources"`
		Totals  mapping.Totals            `json:"totals"`
		Changes []map[string]string       `json:"changes"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if *got.Run != 3 || got.Sources["邮政"].Linked != 1 || got.Totals != r.Totals || len(got.Changes) != 15 {
		t.Errorf("read back as %+v", got)
	}
}

func TestJSONOfAPlan(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := sample().JSON(&b, false); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if run, has := got["run"]; run != nil || !has {
		t.Errorf("run = %v, want null", run)
	}
	if _, has := got["changes"]; has {
		t.Error("changes are listed though nobody asked")
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]bool{"counts.csv": false, "changes.csv": true} {
		var b bytes.Buffer
		if err := sample().CSV(&b, changes); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}

// TestTextWalksNoFurtherThanNeeded matters for plans of millions of changes.
func TestTextWalksNoFurtherThanNeeded(t *testing.T) {
	t.Parallel()
	walked := 0
	r := &Run{
		Sources: []Source{{Name: "a"}},
		Totals:  mapping.Totals{Counts: mapping.Counts{Created: 1e6}},
		Changes: func(yield func(Change, error) bool) {
			for range int(1e6) {
				walked++
				if !yield(Change{Kind: mapping.KindCreate, Source: "a"}, nil) {
					return
				}
			}
		},
	}
	if err := r.Text(io.Discard, TextOptions{}); err != nil || walked != Samples {
		t.Errorf("walked %d changes, %v, want %d", walked, err, Samples)
	}
}

// A warning may come with every record, and then nobody reads a million.
func TestTextOfManyNotes(t *testing.T) {
	t.Parallel()
	r := &Run{Title: "Plan"}
	for i := range 25 {
		r.Notes = append(r.Notes, fmt.Sprintf("number %d cannot stay", i))
	}
	for _, c := range []struct {
		all  bool
		want int
		more string
	}{{false, 10, "… and 15 more (--changes lists them all)"}, {true, 25, ""}} {
		var b bytes.Buffer
		if err := r.Text(&b, TextOptions{All: c.all}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(b.String(), "cannot stay"); got != c.want || strings.Contains(b.String(), "more (") != (c.more != "") || !strings.Contains(b.String(), c.more) {
			t.Errorf("with All %v: %d notes, want %d:\n%s", c.all, got, c.want, &b)
		}
	}
}

func TestWidthAndClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{"": 0, "abc": 3, "张伟": 4, "é": 1, "ｱ": 1, "Ａ": 2, "a\u200b": 1} {
		if got := Width(in); got != want {
			t.Errorf("Width(%q) = %d, want %d", in, got, want)
		}
	}
	if got := Clean("a\x1b[2Jb\u202ec张"); got != `a\x1b[2Jb\u202ec张` {
		t.Errorf("Clean = %q", got)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567", -999: "-999", -1000: "-1,000", -123456: "-123,456"} {
		if got := Number(in); got != want {
			t.Errorf("Number(%d) = %q, want %q", in, got, want)
		}
	}
}

func TestNeutral(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "C1": "C1", "=1+1": "'=1+1", "@x": "'@x", "-5": "'-5", "+49": "'+49", "\tx": "'\tx", "张": "张"} {
		if got := Neutral(in); got != want {
			t.Errorf("Neutral(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWriterErrorIsReported(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return sample().Text(w, TextOptions{}) },
		"json": func(w io.Writer) error { return sample().JSON(w, true) },
		"csv":  func(w io.Writer) error { return sample().CSV(w, true) },
	} {
		if err := f(full{}); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s on a full disk: %v", name, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("disk full") }

// TestBrokenListIsReported: a plan file may end early.
func TestBrokenListIsReported(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Changes = func(yield func(Change, error) bool) { yield(Change{}, fmt.Errorf("cut off")) }
	for name, f := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return r.Text(w, TextOptions{}) },
		"json": func(w io.Writer) error { return r.JSON(w, true) },
		"csv":  func(w io.Writer) error { return r.CSV(w, true) },
	} {
		if err := f(io.Discard); err == nil || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("%s of a broken list: %v", name, err)
		}
	}
}
