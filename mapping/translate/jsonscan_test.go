package translate

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	key := func(name string) pathStep { return pathStep{key: name} }
	each := pathStep{each: true}
	tests := []struct {
		path string
		want []pathStep
		err  string
	}{
		{"id", []pathStep{key("id")}, ""},
		{"customer.id", []pathStep{key("customer"), key("id")}, ""},
		{"lines[].customer_id", []pathStep{key("lines"), each, key("customer_id")}, ""},
		{"ids[]", []pathStep{key("ids"), each}, ""},
		{"grid[][]", []pathStep{key("grid"), each, each}, ""},
		{"[]", []pathStep{each}, ""},
		{"[].id", []pathStep{each, key("id")}, ""},
		{`"a.b".c`, []pathStep{key("a.b"), key("c")}, ""},
		{`x."say \"hi\""`, []pathStep{key("x"), key(`say "hi"`)}, ""},
		{"客户.编号", []pathStep{key("客户"), key("编号")}, ""},
		{"a b.c-d", []pathStep{key("a b"), key("c-d")}, ""},
		{"lines[0].id", nil, "path lines[0].id: [] stands for every element of an array; there is no way to name a single one"},
		{"a..b", nil, `path a..b: a key is missing; paths are written customer.id, lines[].customer_id or "a.b".c`},
		{"", nil, `path : a key is missing; paths are written customer.id, lines[].customer_id or "a.b".c`},
		{"a.", nil, `path a.: a key is missing; paths are written customer.id, lines[].customer_id or "a.b".c`},
		{"a[]b", nil, "path a[]b: expected . or [] before b"},
		{`"a.b`, nil, `path "a.b: a key in quotes is written as JSON writes it, such as "a.b".c`},
	}
	for _, tt := range tests {
		got, err := parsePath(tt.path)
		msg := ""
		if err != nil {
			msg = err.Error()
		}
		if msg != tt.err || !slices.Equal(got, tt.want) {
			t.Errorf("parsePath(%s) = %v, %q; want %v, %q", tt.path, got, msg, tt.want, tt.err)
		}
	}
}

// TestPathsOfAreRead: what messages propose can be written as it stands.
func TestPathsOfAreRead(t *testing.T) {
	t.Parallel()
	got := pathsOf([]byte(`{"b":{"x.y":1,"z":[{"id":null},{"no":2}]},"a":[1,"2"],"":0}`))
	want := []string{`""`, "a[]", `b."x.y"`, "b.z[].id", "b.z[].no"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, path := range got {
		if _, err := parsePath(path); err != nil {
			t.Error(err)
		}
	}
}

func scanAll(text []byte) error {
	var s jsonScan
	from := len(text) - len(bytes.TrimLeft(text, " \t\r\n"))
	if err := s.scan(text, from, true, nil); err != nil {
		return err
	}
	if rest := bytes.TrimLeft(text[s.at:], " \t\r\n"); len(rest) > 0 {
		return &jsonError{s.at, "more follows"}
	}
	return nil
}

// FuzzJSONScan: the scanner takes what encoding/json takes, but for text that
// is not UTF-8.
func FuzzJSONScan(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-0.5e+3,"x\u00e9\\\"",true,false,null,{}],"b":{}}`, `[]`, `"\ud83d\ude00"`, `01`, `1.`, `-`, `1e`, `{"a":1,}`, `[1,]`, `{a:1}`, "\"\t\"", `"\x"`, `"\u12"`,
		"\"\xff\"", `nul`, `truex`, ` 1 `, `{"a" 1}`, `{"a":1 "b":2}`, strings.Repeat("[", 12000), `"abc`, "\"\x7f\"", "{\"客户\":\"张\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := scanAll(text)
		if want := json.Valid(text) && utf8.Valid(text); (err == nil) != want {
			t.Errorf("%q: got %v, but encoding/json says valid = %t", text, err, want)
		}
		// The start of a text that is valid is never wrong, only too short.
		if err != nil || len(text) > 200 {
			return
		}
		var s jsonScan
		for end := range len(text) {
			from := len(text) - len(bytes.TrimLeft(text, " \t\r\n"))
			if end <= from {
				continue
			}
			if err := s.scan(text[:end], from, false, nil); err != nil && !errors.Is(err, errMore) {
				t.Fatalf("%q, of which %d bytes are there: %v", text, end, err)
			}
		}
	})
}

// TestUnescape: what is unescaped means what encoding/json says, and each of
// its characters comes from where offsets say.
func TestUnescape(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"a", "客", "𠮷", "/", `\/`, `\"`, `\\`, `\n`, `\u0041`, `\u5ba2`, `\ud842\udfb7`, `\ud842`, `\udfb7`, `\uD842\u0041`, ";", " "})
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces")
		raw := strings.Join(pieces, "")
		var want string
		if err := json.Unmarshal([]byte(`"`+raw+`"`), &want); err != nil {
			t.Fatal(err)
		}
		got, offsets := unescape(nil, nil, []byte(raw))
		if string(got) != want {
			t.Fatalf("%s means %q, want %q", raw, got, want)
		}
		if len(offsets) != len(got)+1 {
			t.Fatalf("%d offsets for %d bytes", len(offsets), len(got))
		}
		for i := range got {
			if !utf8.RuneStart(got[i]) {
				continue
			}
			rest, _ := unescape(nil, nil, []byte(raw)[offsets[i]:])
			if want := got[i:]; !bytes.Equal(rest, want) {
				t.Fatalf("%s from %d on means %q, want %q", raw, offsets[i], rest, want)
			}
		}
	})
}

// TestEscaped: what is escaped means what it was, for encoding/json too.
func TestEscaped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var got string
		if err := json.Unmarshal([]byte(`"`+escaped(text)+`"`), &got); err != nil || got != text {
			t.Fatalf("%q is written %s, which means %q, %v", text, escaped(text), got, err)
		}
	})
}
