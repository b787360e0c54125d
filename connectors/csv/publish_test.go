package csv

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/conntest"
	"github.com/xwalk-id/xwalk/mapping"
)

func TestPublisher(t *testing.T) {
	t.Parallel()
	conntest.RunPublisher(t, conntest.PublisherSuite{
		NoNull: true,
		Make: func(tb testing.TB, columns []string, rows [][]string) conntest.PublisherSource {
			dir := tb.TempDir()
			var text bytes.Buffer
			if err := csv.NewWriter(&text).WriteAll(append([][]string{columns}, rows...)); err != nil {
				tb.Fatal(err)
			}
			path := filepath.Join(dir, "customers.csv")
			if err := os.WriteFile(path, text.Bytes(), 0o640); err != nil {
				tb.Fatal(err)
			}
			return conntest.PublisherSource{
				Open: func(req connectors.PublishRequest) (mapping.Publisher, error) {
					req.Dir = dir
					return Publish(tb.Context(), Config{Path: "customers.csv"}, req)
				},
				Rows: func() [][]string {
					content, err := os.ReadFile(filepath.Join(dir, "customers.published.csv"))
					if errors.Is(err, os.ErrNotExist) {
						return rows
					}
					got, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
					if err != nil {
						tb.Fatal(err)
					}
					return got[1:]
				},
			}
		},
	})
}

// TestPublishKeepsBytes publishes into files of many kinds: all but the cells
// that are written stays.
func TestPublishKeepsBytes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, text, want string }{
		"added at the end": {"a.csv", "id,name\r\nC1,Al\r\nC2,Bo\r\n", "id,name,no\r\nC1,Al,N-1\r\nC2,Bo,\r\n"},
		"quotes and BOM":   {"a.csv", "\ufeff\"id\";\"no\";\"name\"\n\"C1\";\"\";\"A;\"\"l\"\n", "\ufeff\"id\";\"no\";\"name\"\n\"C1\";\"N-1\";\"A;\"\"l\"\n"},
		"no line end":      {"a.tsv", "id\tno\nC1\t", "id\tno\nC1\tN-1"},
		"a broken row":     {"a.csv", "id,no,name\nC0,,x\nC\"9,\"x\"y,1\nC1,,z\n", "id,no,name\nC0,,x\nC\"9,\"x\"y,1\nC1,N-1,z\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := publishedFile(t, test.file, []byte(test.text)); string(got) != test.want {
				t.Errorf("got %q\nwant %q", got, test.want)
			}
		})
	}
	t.Run("gb18030", func(t *testing.T) {
		t.Parallel()
		encode := func(s string) []byte {
			text, err := simplifiedchinese.GB18030.NewEncoder().String(s)
			if err != nil {
				t.Fatal(err)
			}
			return []byte(text)
		}
		head, tail := "id,姓名\nC1,王小明\n", strings.Repeat("C8,欧阳娜娜\n", 50)
		broken := "C7,\xff\xff\n"
		got := publishedFile(t, "a.csv", append(append(encode(head), broken...), encode(tail)...))
		want := append(append(encode("id,姓名,no\nC1,王小明,N-1\n"), broken...), encode(strings.ReplaceAll(tail, "\n", ",\n"))...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("gz", func(t *testing.T) {
		t.Parallel()
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err := io.WriteString(z, "id,no\nC1,\n")
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		r, err := gzip.NewReader(bytes.NewReader(publishedFile(t, "a.csv.gz", packed.Bytes())))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "id,no\nC1,N-1\n" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// publishedFile publishes the number N-1 for the ID C1 and returns the copy.
func publishedFile(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o640); err != nil {
		t.Fatal(err)
	}
	req := connectors.PublishRequest{Request: connectors.Request{Columns: []string{"id"}, Dir: dir}, Field: "no"}
	p, err := Publish(t.Context(), Config{Path: name}, req)
	if err != nil {
		t.Fatal(err)
	}
	refused, err := p.Write(t.Context(), []mapping.FieldWrite{{ID: []string{"C1"}, Value: mapping.FieldValue{Text: "N-1"}}})
	if err := errors.Join(err, refused[0], p.Close(t.Context(), false)); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
		t.Errorf("the source is now %q, %v", now, err)
	}
	base, ext, _ := strings.Cut(name, ".")
	out := filepath.Join(dir, base+".published."+ext)
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
		t.Errorf("files: %v, %v", files, err)
	}
	copied, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// TestPublishOut tells which files a copy cannot be.
func TestPublishOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"a.csv": "id,no\nC1,\n", "other.csv": "x,y\n1,2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for out, want := range map[string]string{
		"./a.csv": "the source itself", "other.csv": "no copy of a.csv", ".": "no file", "a.csv.gz": "do not end alike",
	} {
		req := connectors.PublishRequest{Request: connectors.Request{Columns: []string{"id"}, Dir: dir}, Field: "no", Out: out}
		if _, err := Publish(t.Context(), Config{Path: "a.csv"}, req); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("out %s: got %v, want %q", out, err, want)
		}
	}
}
