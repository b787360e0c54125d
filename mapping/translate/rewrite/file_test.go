package rewrite_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/sampledb"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// people are what files refer to in these tests.
func people(t *testing.T) rewrite.Tables {
	link := func(space, id, canonical string) meant {
		return meant{Link: sampledb.Link{Space: space, ID: id, Canonical: canonical}}
	}
	gone := link("accounts", "A-0009", "CUST-9")
	gone.state = crosswalk.Retired
	return tablesOf(t, []meant{
		link("accounts", "A-0001", "CUST-1"), link("accounts", "A-0002", "OLD-CUST-1"), gone,
		link("contacts", "1", "CUST-4"), link("contacts", "2", "CUST-5"),
		link("members", "N|7", "CUST-6"), link("members", "S|7", "CUST-7"),
	})
}

// fileIn writes a file and says what is translated in it.
func fileIn(t *testing.T, name, text string, refs ...rewrite.FileReference) *rewrite.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return &rewrite.File{Name: name, Path: path, Out: rewrite.RewrittenName(path), JSON: strings.Contains(name, ".jsonl"), References: refs}
}

func column(space string, names ...string) rewrite.FileReference {
	return rewrite.FileReference{Columns: names, RefersTo: space}
}

// counts are a reference's: rows, empty, resolvable, redirected, orphans.
func counts(c *rewrite.Copy) (all [][5]int64) {
	for _, s := range c.Surveyed {
		all = append(all, [5]int64{s.Rows, s.Empty, s.Resolvable, s.Redirected, s.Orphans})
	}
	return all
}

func TestFile(t *testing.T) {
	t.Parallel()
	where := func(r rewrite.FileReference, condition string) rewrite.FileReference {
		r.Where = condition
		return r
	}
	shaped := func(r rewrite.FileReference, s translate.Shape) rewrite.FileReference {
		r.Shape = s
		return r
	}
	for _, c := range []struct {
		name, file, text, want string
		refs                   []rewrite.FileReference
		counts                 [][5]int64
		missing                []rewrite.Orphan
		notes                  []string
	}{
		{
			name: "several columns in one pass", file: "cases.csv",
			text:   "Id;Contact;Account;Subject\r\n1;\"2\"; a-0002 ;plain\r\n2;3;;\"quo\"\"ted\"\r\n3;1;A-0009;\r\n4;3;A-0009;x\r\n",
			want:   "Id;Contact;Account;Subject\r\n1;\"CUST-5\"; a-0002 ;plain\r\n2;3;;\"quo\"\"ted\"\r\n3;CUST-4;A-0009;\r\n4;3;A-0009;x\r\n",
			refs:   []rewrite.FileReference{column("contacts", "Contact"), column("accounts", "Account")},
			counts: [][5]int64{{4, 0, 2, 0, 2}, {4, 1, 0, 0, 3}},
			missing: []rewrite.Orphan{
				{Child: "cases.csv:3", Field: "Contact", Key: "3", Reason: "not found", Rows: 2},
				{Child: "cases.csv:2", Field: "Account", Key: " a-0002 ", Reason: "\"a-0002\" is not found", Rows: 1},
				{Child: "cases.csv:4", Field: "Account", Key: "A-0009", Reason: "gone", Rows: 2},
			},
		},
		{
			name: "redirected, lists, none and patterns", file: "lists.csv",
			text: "a,watchers,who\nA-0002,1; 2,Name_1 (Ann)\nn/a,,Ann\nA-0001,1;9,Name_2\n",
			want: "a,watchers,who\nCUST-1,CUST-4; CUST-5,Name_CUST-4 (Ann)\nn/a,,Ann\nCUST-1,CUST-4;9,Name_CUST-5\n",
			refs: []rewrite.FileReference{
				shaped(column("accounts", "a"), translate.Shape{None: []string{"n/a"}}),
				shaped(column("contacts", "watchers"), translate.Shape{Split: ";"}),
				shaped(column("contacts", "who"), translate.Shape{Pattern: regexp.MustCompile(`Name_(\d+)`)}),
			},
			counts:  [][5]int64{{3, 1, 2, 1, 0}, {3, 1, 1, 0, 1}, {3, 1, 2, 0, 0}},
			missing: []rewrite.Orphan{{Child: "lists.csv:4", Field: "watchers", Key: "1;9", Reason: "\"9\" is not found", Rows: 1}},
		},
		{
			name: "one column that means different things", file: "notes.csv",
			text: "type,object\ncontact,1\naccount,A-0001\nlead,1\ncontact,\n",
			want: "type,object\ncontact,CUST-4\naccount,CUST-1\nlead,1\ncontact,\n",
			refs: []rewrite.FileReference{
				where(column("contacts", "object"), "type = 'contact'"), where(column("accounts", "object"), "type = 'account'"),
			},
			counts: [][5]int64{{2, 1, 1, 0, 0}, {1, 0, 1, 0, 0}},
		},
		{
			name: "composite IDs get a column", file: "visits.csv",
			text:    "branch,no,day\nN,7,1\nS, 7 ,2\nX,7,3\nN,,4\n",
			want:    "branch,no,day,branch_canonical\nN,7,1,CUST-6\nS, 7 ,2,CUST-7\nX,7,3,\nN,,4,\n",
			refs:    []rewrite.FileReference{column("members", "branch", "no")},
			counts:  [][5]int64{{4, 1, 2, 0, 1}},
			missing: []rewrite.Orphan{{Child: "visits.csv:4", Field: "branch, no", Key: "X|7", Reason: "not found", Rows: 1}},
		},
		{
			name: "text that merely contains an ID", file: "cases.csv",
			text:   "Account,Subject,Amount\nA-0001,Re: A-0001 is angry,10\nA-0002,A-00011,2\nA-0001,(A-0002),1\n",
			want:   "Account,Subject,Amount\nCUST-1,Re: A-0001 is angry,10\nCUST-1,A-00011,2\nCUST-1,(A-0002),1\n",
			refs:   []rewrite.FileReference{column("accounts", "Account")},
			counts: [][5]int64{{3, 0, 3, 1, 0}},
			notes:  []string{"ids_in_text: column Subject is left alone, although 2 cells hold an ID as a word; the first is one of accounts, in line 2"},
		},
		{
			name: "conditions that overlap", file: "n.csv",
			text:   "t,o\n1,1\n2,2\n",
			want:   "t,o\n1,CUST-4\n2,CUST-5\n",
			refs:   []rewrite.FileReference{column("contacts", "o"), where(column("accounts", "o"), "t > 1")},
			counts: [][5]int64{{2, 0, 2, 0, 0}, {0, 0, 0, 0, 0}},
			notes:  []string{"conditions_overlap: 1 row fulfil the condition of another reference of this column too, the first in line 3"},
		},
		{
			name: "JSON Lines count IDs", file: "e.jsonl",
			text:    "{\"c\": 1, \"l\": [{\"a\": \"A-0001\"}, {\"a\": null}]}\n{\"c\": \"3\", \"l\": []}\n",
			want:    "{\"c\": \"CUST-4\", \"l\": [{\"a\": \"CUST-1\"}, {\"a\": null}]}\n{\"c\": \"3\", \"l\": []}\n",
			refs:    []rewrite.FileReference{column("contacts", "c"), column("accounts", "l[].a")},
			counts:  [][5]int64{{2, 0, 1, 0, 1}, {1, 0, 1, 0, 0}},
			missing: []rewrite.Orphan{{Child: "e.jsonl:2", Field: "c", Key: "3", Reason: "not found", Rows: 1}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, tables := fileIn(t, c.file, c.text, c.refs...), people(t)
			found, err := f.Survey(t.Context(), tables, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(f.Out); !errors.Is(err, os.ErrNotExist) || found.Current {
				t.Errorf("a look leaves a copy, or finds one: %v, %v", err, found.Current)
			}
			if diff := cmp.Diff(c.counts, counts(found)); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			var missing []rewrite.Orphan
			var notes []string
			for _, s := range found.Surveyed {
				missing = append(missing, s.Missing...)
				for _, o := range s.Obstacles {
					notes = append(notes, o.Code+": "+o.Detail)
				}
			}
			if diff := cmp.Diff(c.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			results, err := f.Rewrite(t.Context(), tables, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				if r.Read != r.Written+r.Unchanged+r.Orphans+r.Empty || r.Read != found.Surveyed[i].Rows {
					t.Errorf("result %+v does not balance, or is not what was found", r)
				}
			}
			if got, err := os.ReadFile(f.Out); err != nil || string(got) != c.want {
				t.Errorf("%v; the copy is\n%s\nwant\n%s", err, got, c.want)
			}
			if again, err := f.Survey(t.Context(), tables, nil); err != nil || !again.Current {
				t.Errorf("the copy does not count as current: %v", err)
			}
		})
	}
}

// TestFileOfManyBatches holds the places and counts that several goroutines
// put together.
func TestFileOfManyBatches(t *testing.T) {
	t.Parallel()
	const records = 200_000
	var text bytes.Buffer
	text.WriteString("no,account,text\n")
	for i := range records {
		fmt.Fprintf(&text, "%d,%s,%s\n", i, [...]string{"A-0001", "A-0002", "A-0009", ""}[i%4], strings.Repeat("x", i%50))
	}
	f := fileIn(t, "many.csv", text.String(), column("accounts", "account"))
	found, err := f.Survey(t.Context(), people(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	const quarter = records / 4
	if diff := cmp.Diff([][5]int64{{records, quarter, 2 * quarter, quarter, quarter}}, counts(found)); diff != "" {
		t.Error(diff)
	}
	want := []rewrite.Orphan{{Child: "many.csv:4", Field: "account", Key: "A-0009", Reason: "gone", Rows: quarter}}
	if diff := cmp.Diff(want, found.Surveyed[0].Missing); diff != "" {
		t.Error(diff)
	}
}

// TestPackedFile reads and writes gzipped files, and keeps their permissions.
func TestPackedFile(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte("a\nA-0001\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f := fileIn(t, "x.csv.gz", packed.String(), column("accounts", "a"))
	if filepath.Base(f.Out) != "x.rewritten.csv.gz" {
		t.Errorf("the copy is %s", f.Out)
	}
	tables := people(t)
	if _, err := f.Rewrite(t.Context(), tables, nil); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(f.Out)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, mode %v", err, info.Mode())
	}
	out, err := os.Open(f.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	r, err := gzip.NewReader(out)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil || got.String() != "a\nCUST-1\n" {
		t.Errorf("%v, %q", err, got.String())
	}
	if again, err := f.Survey(t.Context(), tables, nil); err != nil || !again.Current {
		t.Errorf("%v, the copy does not count as current", err)
	}
}

// TestFileRefused leaves no copy behind.
func TestFileRefused(t *testing.T) {
	t.Parallel()
	tables := people(t)
	lacks := fileIn(t, "a.csv", "account\nA-0001\n", column("accounts", "acount"))
	var missing *mapping.ColumnError
	if _, err := lacks.Rewrite(t.Context(), tables, nil); !errors.As(err, &missing) || missing.Nearest != "account" {
		t.Errorf("%v, want a column error that knows account", err)
	}
	taken := fileIn(t, "a.csv", "branch,no,branch_canonical\n", column("members", "branch", "no"))
	if _, err := taken.Rewrite(t.Context(), tables, nil); err == nil || !strings.Contains(err.Error(), "branch_canonical already") {
		t.Errorf("%v, want that the column is taken", err)
	}
	itself := fileIn(t, "a.csv", "account\nA-0001\n", column("accounts", "account"))
	itself.Out = filepath.Join(filepath.Dir(itself.Path), "link.csv")
	if err := os.Link(itself.Path, itself.Out); err != nil {
		t.Fatal(err)
	}
	if _, err := itself.Rewrite(t.Context(), tables, nil); !errors.Is(err, rewrite.ErrSameFile) {
		t.Errorf("%v, want that the copy is the file", err)
	}
	for _, f := range []*rewrite.File{lacks, taken} {
		files, err := os.ReadDir(filepath.Dir(f.Path))
		if err != nil || len(files) != 1 {
			t.Errorf("%v; a refusal leaves %v", err, files)
		}
	}
}

// TestRefreshFiles makes copies anew that are to be kept.
func TestRefreshFiles(t *testing.T) {
	t.Parallel()
	tables := people(t)
	kept := column("accounts", "a")
	kept.Keep = true
	f, other := fileIn(t, "a.csv", "a\nA-0001\n", kept), fileIn(t, "b.csv", "a\nA-0001\n", column("accounts", "a"))
	for _, written := range []int{1, 0} {
		results, err := rewrite.Refresh(t.Context(), rewrite.Job{Tables: tables}, nil, []*rewrite.File{f, other})
		if err != nil || len(results) != written {
			t.Fatalf("%v, %+v, want %d results", err, results, written)
		}
	}
	if _, err := os.Stat(other.Out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v: a file that nobody asked to keep was copied", err)
	}
}
