package csv

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/delimited"
)

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		content string
		cfg     Config
		columns string
		where   string
		want    string // DIR stands for the folder
	}{
		{"no path", "a\n", Config{}, "a", "", "path is missing: which file is to be read?"},
		{"missing file", "a\n", Config{Path: "legcy.csv"}, "a", "", `open legcy.csv: file does not exist; did you mean "legacy.csv"?`},
		{"missing file unlike any", "a\n", Config{Path: "x.tsv"}, "a", "", `open x.tsv: file does not exist`},
		{"missing folder", "a\n", Config{Path: "data/legacy.csv"}, "a", "", `open data/legacy.csv: file does not exist; there is no folder data either`},
		{"folder", "a\n", Config{Path: "."}, "a", "", `open .: it is a folder; name a file in it`},
		{"empty file", "", Config{Path: "legacy.csv"}, "a", "", `open legacy.csv: the file is empty; a header line was expected`},
		{"blank file", "\n\n\r\n", Config{Path: "legacy.csv"}, "a", "", `open legacy.csv: there is nothing in the file; a header line was expected`},
		{"blank gzip", string(zipped(t, nil)), Config{Path: "legacy.csv"}, "a", "", `open legacy.csv: there is nothing in the file; a header line was expected`},
		{"workbook", "PK\x03\x04....", Config{Path: "legacy.csv"}, "a", "", `open legacy.csv: it is an Excel workbook or a zip archive, not text; save it as CSV first`},
		{"gzip without end of header", "\x1F\x8B", Config{Path: "legacy.csv"}, "a", "", `open legacy.csv: the compressed data ends in the middle; the file is incomplete`},
		{"missing column", "id,e-mail\n", Config{Path: "legacy.csv"}, "id email", "", `legacy.csv has no column "email"; did you mean "e-mail"? (it has: id, e-mail)`},
		{"column twice", "id,mail,tel,mail\n", Config{Path: "legacy.csv"}, "id mail", "", `legacy.csv has two columns named "mail", the 2nd and the 4th; rename one of them`},
		{"column twice in the filter", "id,mail,tel,mail\n", Config{Path: "legacy.csv"}, "id", "mail is null", `legacy.csv has two columns named "mail", the 2nd and the 4th; rename one of them`},
		{"filter", "id,mail\n", Config{Path: "legacy.csv"}, "id", "mial is null", `filter "mial is null", character 1: legacy.csv has no column "mial"; did you mean "mail"? (it has: id, mail)`},
		{"encoding", "id\n", Config{Path: "legacy.csv", Encoding: "gkb"}, "id", "", `unknown encoding "gkb"; did you mean "gbk"? known: utf-8, utf-16, utf-16le, utf-16be, gb18030, gbk, big5, shift_jis, windows-1250 to windows-1258, latin1`},
		{"encoding against the mark", delimited.BOM + "id\n", Config{Path: "legacy.csv", Encoding: "gbk"}, "id", "", `open legacy.csv: the encoding is said to be GB18030, but the file starts with the byte order mark of UTF-8`},
		{"header in another encoding", "id,\xD5\xC5\n", Config{Path: "legacy.csv", Encoding: "utf-8"}, "id", "", `legacy.csv:1: the header is not valid UTF-8; name the file's encoding with the setting encoding`},
		{"header with a stray quote", "id,\"name\n1,a\n", Config{Path: "legacy.csv"}, "id", "", `legacy.csv:1: the header cannot be read: field 2 opens a quote that is not closed (a quote within quotes is written twice)`},
		{"delimiter", "id\n", Config{Path: "legacy.csv", Delimiter: "::"}, "id", "", `delimiter "::" cannot be used: write comma, tab, semicolon, pipe, space or one ASCII sign`},
		{"delimiter is a quote", "id\n", Config{Path: "legacy.csv", Delimiter: `"`}, "id", "", `delimiter "\"" cannot be used: write comma, tab, semicolon, pipe, space or one ASCII sign`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Dir(write(t, "legacy.csv", []byte(tt.content)))
			_, err := Open(t.Context(), tt.cfg, connectors.Request{Columns: strings.Fields(tt.columns), Where: tt.where, Dir: dir})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestOpenErrorTypes(t *testing.T) {
	t.Parallel()
	path := write(t, "legacy.csv", []byte("id,name\n"))
	if _, err := Open(t.Context(), Config{Path: path + "x"}, connectors.Request{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: got %v", err)
	}
	var ce *mapping.ColumnError
	if _, err := Open(t.Context(), Config{Path: path}, connectors.Request{Columns: []string{"di"}}); !errors.As(err, &ce) {
		t.Errorf("missing column: got %v", err)
	}
	if _, err := Open(t.Context(), Config{Path: path, Delimiter: "tab"}, connectors.Request{Columns: []string{"id"}}); !errors.As(err, &ce) || ce.Columns[0] != "id,name" {
		t.Errorf("wrong delimiter: got %v, want an error that shows the whole header as one column", err)
	}
}

// TestRecognized tells what was found out about files, and reads them again
// with that as settings.
func TestRecognized(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content string
		want    []connectors.Recognition
	}{
		"plain": {"id,name\n1,Ann\n", []connectors.Recognition{{Key: "delimiter", Value: "comma", Usual: true}, {Key: "encoding", Value: "utf-8", Usual: true}}},
		"semicolon, GB18030 late": {
			"id;name\n" + strings.Repeat("1;Ann\n", 30_000) + "2;\xd5\xc5\xc8\xfd\n",
			[]connectors.Recognition{{Key: "delimiter", Value: "semicolon"}, {Key: "encoding", Value: "gb18030"}},
		},
		"tab, UTF-16 with mark": {"\xff\xfei\x00d\x00\t\x00n\x00\n\x001\x00\t\x00A\x00\n\x00", []connectors.Recognition{{Key: "delimiter", Value: "tab"}, {Key: "encoding", Value: "utf-16le"}}},
		"a sign of its own":     {"sep=^\nid^name\n1^Ann\n", []connectors.Recognition{{Key: "delimiter", Value: "^"}, {Key: "encoding", Value: "utf-8", Usual: true}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.csv")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg := Config{Path: path}
			for range 2 {
				src, err := Open(t.Context(), cfg, connectors.Request{Columns: []string{"id"}})
				if err != nil {
					t.Fatal(err)
				}
				got, err := src.(connectors.Recognizer).Recognized(t.Context())
				if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
					t.Fatalf("recognized %v (-want +got):\n%s", err, diff)
				}
				cfg.Delimiter, cfg.Encoding = got[0].Value, got[1].Value
			}
		})
	}
}
