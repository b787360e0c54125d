package archive_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/archive"
)

var links = []archive.Column{
	{Name: "source_no", Type: archive.Int},
	{Name: "id_key", Type: archive.Text},
	{Name: "verbatim", Type: archive.Text, Null: true},
	{Name: "row_hash", Type: archive.Long},
	{Name: "score", Type: archive.Real, Null: true},
	{Name: "page", Type: archive.Blob, Null: true},
}

var rows = [][]any{
	{int64(1), "C001", nil, int64(-1 << 63), nil, nil},
	{int64(1), "C002", "", int64(7), 0.1, []byte{}},
	{[]byte("2"), []byte("张\u2028\"\\\n\t\x00\x1f"), " C003", "9", []byte("0.30000000000000004"), []byte{0, 255, '\n'}},
}

// sample is a small archive.
func sample(t testing.TB, rows [][]any) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, archive.Manifest{Schema: 4, Environment: "test", Run: 2, Serial: 1, Digest: "d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"link", "empty"} {
		if err := w.Table(name, links); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if name == "empty" {
				break
			}
			if err := w.Row(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func check(t testing.TB, file []byte) error {
	a, err := archive.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	return a.Check(t.Context(), func(int64) {})
}

// TestForm shows what is in an archive, as other programs see it.
func TestForm(t *testing.T) {
	t.Parallel()
	file := sample(t, rows)
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var table string
	for _, f := range z.File {
		names = append(names, f.Name)
		if f.Name == "link.jsonl" {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			table = string(text)
		}
	}
	if diff := cmp.Diff([]string{"link.jsonl", "empty.jsonl", "manifest.json"}, names); diff != "" {
		t.Error(diff)
	}
	want := `{"source_no":1,"id_key":"C001","row_hash":"-9223372036854775808","crc32c":"a3d6c566"}
{"source_no":1,"id_key":"C002","verbatim":"","row_hash":"7","score":0.1,"page":"","crc32c":"777c926a"}
{"source_no":2,"id_key":"张` + "\u2028" + `\"\\\n\t\u0000\u001f","verbatim":" C003","row_hash":"9","score":0.30000000000000004,"page":"AP8K","crc32c":"d69f89e7"}
`
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("link.jsonl (-want +got):\n%s", diff)
	}
	if !bytes.Equal(file, sample(t, rows)) {
		t.Error("the same rows made another file")
	}
}

// TestFlips changes every byte of an archive: all of it is found out, and in
// a table's rows it is said in which line.
func TestFlips(t *testing.T) {
	t.Parallel()
	file := sample(t, rows)
	if err := check(t, file); err != nil {
		t.Fatal(err)
	}
	start := bytes.Index(file, []byte(`{"source_no":1,"id_key":"C001"`))
	end := start + bytes.Index(file[start:], []byte("d69f89e7\"}\n")) + len("d69f89e7\"}\n")
	for i := range file {
		flip := []byte{1, 0x80, 0xff}[i%3]
		broken := bytes.Clone(file)
		broken[i] ^= flip
		err := check(t, broken)
		var damage *archive.DamageError
		if err == nil || !errors.As(err, &damage) && !errors.Is(err, archive.ErrNewer) {
			t.Fatalf("byte %d changed by %#x: %v", i, flip, err)
		}
		if i < start || i >= end {
			continue
		}
		if line := int64(bytes.Count(file[start:i], []byte("\n"))) + 1; damage.File != "link.jsonl" || damage.Line != line {
			t.Fatalf("byte %d changed by %#x, in line %d of link.jsonl: %v", i, flip, line, err)
		}
	}
}

// TestCutOff leaves the end of an archive away.
func TestCutOff(t *testing.T) {
	t.Parallel()
	file := sample(t, rows)
	for n := range file {
		var damage *archive.DamageError
		if err := check(t, file[:n]); !errors.As(err, &damage) {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
}

// TestForged makes archives whose checksums are right and whose content is
// not.
func TestForged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a newer format":  {map[string]string{"manifest.json": `{"format": 2, "tables": "other"}`}, "written by a newer xwalk"},
		"no manifest":     {map[string]string{"link.jsonl": ""}, "it has no manifest.json"},
		"no table":        {map[string]string{"manifest.json": `{"format": 1, "tables": [{"name": "link"}]}`}, "link.jsonl: it is missing"},
		"fewer rows":      {map[string]string{"manifest.json": `{"format": 1, "tables": [{"name": "link", "rows": 3}]}`, "link.jsonl": ""}, "it has 0 rows and should have 3"},
		"another table":   {map[string]string{"manifest.json": `{"format": 1, "tables": [{"name": "link", "sha256": "00"}]}`, "link.jsonl": ""}, "its SHA-256 is not that of the manifest"},
		"packed anew":     {map[string]string{"manifest.json": `{"format": 1, "tables": []}`}, "was it packed anew?"},
		"one file more":   {map[string]string{"manifest.json": `{"format": 1, "tables": []}`, "x": ""}, "files that its manifest does not name"},
		"not an object":   {map[string]string{"manifest.json": `[]`}, "cannot be read as a manifest"},
		"no archive":      {nil, "it has no manifest.json"},
		"a line too many": {map[string]string{"manifest.json": `{"format": 1, "tables": [{"name": "link"}]}`, "link.jsonl": "x\n"}, "link.jsonl, line 1: it is too short"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			z := zip.NewWriter(&out)
			for name, text := range c.files {
				f, err := z.Create(name)
				if err == nil {
					_, err = io.WriteString(f, text)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := z.SetComment(strings.Repeat("x", 200)); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			if err := check(t, out.Bytes()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestRoundTrip reads back whatever was written.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wide := strings.Repeat("x", rapid.SampledFrom([]int{0, 10, 100_000}).Draw(t, "wide"))
		row := []any{
			rapid.Int64().Draw(t, "int"), rapid.String().Draw(t, "text") + wide, nil, rapid.Int64().Draw(t, "long"),
			rapid.Float64().Draw(t, "real"), rapid.SliceOf(rapid.Byte()).Draw(t, "blob"),
		}
		if rapid.Bool().Draw(t, "null") {
			row[4], row[5] = nil, nil
		}
		var out bytes.Buffer
		w, err := archive.NewWriter(&out, archive.Manifest{})
		if err == nil {
			err = w.Table("link", links)
		}
		if err == nil {
			err = w.Row(row)
		}
		if err == nil {
			_, err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		a, err := archive.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var got []archive.Cell
		for cells, err := range a.Rows(t.Context(), &a.Manifest.Tables[0]) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, cells...)
		}
		want := []archive.Cell{{N: row[0].(int64)}, {Text: row[1].(string)}, {Null: true}, {N: row[3].(int64)}, {Null: true}, {Null: true}}
		if row[4] != nil {
			want[4] = archive.Cell{Text: fmt.Sprint(row[4])}
			want[5] = archive.Cell{Text: string(row[5].([]byte))}
			got[4].Text = fmt.Sprint(row[4]) // compared by TestForm
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}
