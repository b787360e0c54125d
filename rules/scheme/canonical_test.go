package scheme

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func canonical(t testing.TB, text string) *Canonical {
	t.Helper()
	c, err := CompileCanonical(text)
	if err != nil {
		t.Fatalf("CompileCanonical(%q): %v", text, err)
	}
	return c
}

func TestAppend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scheme, prefix string
		n              uint64
		want           string
	}{
		{"CUST-{next:8}-{check:mod97-10}", "CUST--", 1, "CUST-00000001-81"},
		{"CUST-{next:8}-{check:mod97-10}", "CUST--", 99999999, "CUST-99999999-38"},
		{"CUST{next:5}{check:mod97-10}", "CUST", 123, "CUST0012326"}, // check_vectors.csv
		{"C{next:3}{check:mod97-10}", "C", 1, "C00182"},              // check_vectors.csv
		{"C{next}", "C", 0, "C0"},
		{"C{next}", "C", 1234567, "C1234567"},
		{"C{next:5}{check:luhn}", "C", 1, "C000018"},
		{"C{next:5}{check:damm}", "C", 1, "C000013"},
		{"A{next:3}-2{check:mod97-10(next)}", "A-2", 794, "A794-244"},
		{"A{check:mod97-10(next)}-{next:3}", "A-", 794, "A44-794"},
		{"A{next:3}{check:luhn}{check:mod97-10}", "A", 1, "A001865"},
	} {
		got, err := canonical(t, c.scheme).Append([]byte("> "), nil, c.n)
		if err != nil || string(got) != "> "+c.want {
			t.Errorf("%s: number %d is %q, %v, want %q", c.scheme, c.n, got, err, c.want)
		}
		if got := canonical(t, c.scheme).AppendPrefix(nil, nil); string(got) != c.prefix {
			t.Errorf("%s: prefix %q, want %q", c.scheme, got, c.prefix)
		}
		if n, ok := canonical(t, c.scheme).Counter(c.want); !ok || n != c.n {
			t.Errorf("%s: Counter(%s) = %d, %v", c.scheme, c.want, n, ok)
		}
	}
}

func TestAppendRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for text, capacity := range map[string]uint64{
		"C{next:1}":                        9,
		"C{next:4}":                        9999,
		"C{next:18}":                       999_999_999_999_999_999,
		"C{next}":                          999_999_999_999_999_999,
		strings.Repeat("X", 45) + "{next}": 99_999,
	} {
		c := canonical(t, text)
		if c.Capacity() != capacity {
			t.Errorf("%s: capacity %d, want %d", text, c.Capacity(), capacity)
		}
		last, err := c.Append(nil, nil, capacity)
		if err != nil || len(last) > MaxCanonical {
			t.Errorf("%s: the last number is %q, %v", text, last, err)
		}
		for _, n := range []uint64{capacity + 1, math.MaxInt64, math.MaxUint64} {
			got, err := c.Append([]byte("kept"), nil, n)
			if !errors.Is(err, ErrExhausted) || string(got) != "kept" {
				t.Errorf("%s: number %d is %q, %v", text, n, got, err)
			}
		}
	}
}

func TestCounterRefusesOtherTexts(t *testing.T) {
	t.Parallel()
	for text, ids := range map[string][]string{
		"CUST-{next:8}-{check:mod97-10}": {
			"", "CUST-00000001-82", "cust-00000001-81", "CUST-00000002-81", "CUST-0000001-81", "CUST-000000001-81",
			"CUST-00000001-8", "CUST 00000001-81", "CUST-0000000A-81", "CUST-00000001-811",
		},
		"C{next}":               {"C", "C01", "C00", "C1234567890123456789", "CA"},
		"B{next:3}{check:luhn}": {"B0010", "B001", "B00188"},
	} {
		for _, id := range ids {
			if n, ok := canonical(t, text).Counter(id); ok {
				t.Errorf("%s: Counter(%q) = %d", text, id, n)
			}
		}
	}
}

func TestCounterUndoesAppend(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{
			"CUST-{next:8}-{check:mod97-10}", "K{next}", "K{next}{check:mod97-10}", "K{next:18}{check:luhn}", "K2{check:damm(next)}-{next:6}A",
		}).Draw(t, "scheme")
		c, err := CompileCanonical(text)
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.Uint64Range(0, c.Capacity()).Draw(t, "n")
		id, err := c.Append(nil, nil, n)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Counter(string(id)); !ok || got != n {
			t.Fatalf("%s: %d is %s, which counts as %d, %v", text, n, id, got, ok)
		}
		if err := Legal(string(id)); err != nil {
			t.Fatalf("%s %v", id, err)
		}
		at := rapid.IntRange(0, len(id)-1).Draw(t, "at")
		wrong := append([]byte(nil), id...)
		wrong[at] = rapid.SampledFrom([]byte("0123456789ABCK-")).Draw(t, "slip")
		if string(wrong) != string(id) && strings.Contains(text, "check") {
			if _, ok := c.Counter(string(wrong)); ok {
				t.Fatalf("%s passes as well as %s", wrong, id)
			}
		}
	})
}

func TestCanonicalErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"", "character 1: the scheme is empty"},
		{"CUST-", "has no {next}"},
		{"Cust-{next:8}", `character 2: 'u' is not allowed in a canonical ID (write 'U'; canonical IDs use`},
		{"客户{next:8}", "character 1: '客' is not allowed"},
		{"A_{next:8}", "character 2: '_' is not allowed"},
		{"={next:8}", "character 1: '=' is not allowed"},
		{"C{next:8}{next:2}", "character 10: a canonical scheme has one {next}"},
		{"C[{next:8}]", "character 2: a canonical scheme has no optional parts"},
		{"C{next:19}", `character 8: "19" is not a width for {next}`},
		{"C{next:3-7}", `character 8: "3-7" is not a width for {next} (write {next:8} for exactly 8 digits`},
		{"C{next:4+}", "is not a width for {next}"},
		{"C{seq:3-7}", `character 7: "3-7" is not a width for {seq} in a canonical scheme`},
		{"C{random}", "{random} needs a width (write {random:12}"},
		{"C{hash:33}", "{hash} needs a width"},
		{"C{next:4}{random:4}", "character 10: a canonical scheme has one {next}, {random} or {hash}"},
		{"C{date:YYYYMMDD}", "has no {next}"},
		{"C{source}", "has no {next}"},
		{"C{source:x}{next}", "{source} takes nothing"},
		{"C{field}{next}", "{field} needs the name"},
		{"C{date:YYYY/MM}{next:3}", `character 12: '/' is not allowed`},
		{"C{date:YYYYMMDDThh}{next:3}", "'T' is not allowed"},
		{"C{date:YYYYQ}{next:3}", "is not a part of a date"},
		{"C{seq:8}{check:mod37-2}", "would end in *"},
		{"C{next:8}{check:noid29}", "the check characters of noid29 are not those"},
		{"C{alnum:4}", "{alnum} belongs into source schemes only"},
		{"C{nxt:8}", "unknown token {nxt} (did you mean {next}?)"},
		{"C{next:8}{check:luhn(seq)}", `no component "seq" for the check to cover`},
		{"C{check:luhn}{next:8}", "covers nothing"},
		{strings.Repeat("X", 43) + "{next:8}", "the numbers are 51 characters long"},
		{"-{next:8}", "formula"},
		{"1E{next:5}", "scientific"},
		{"{next:3}E5", "scientific"},
		{"{random:10}", "scientific"},
		{"{hash:12}{check:mod37-36}", "scientific"},
		{"1{random:3}", "scientific"},
		{"MAR-{next:2}", "date"},
		{"MAY{next:4}", "date"},
		{"2024-{next:2}", "date"},
		{"{next:2}-2024", "date"},
		{"1-{next:1}-2024", "date"},
		{"{next:2}DEC", "date"},
		{"{date:YYYY-MM}-{next:2}", "date"},
		{"MA{random:3}", "date"},
		{"{next:2}PM", "time of day"},
		{"TRU{random:1}", "TRUE: a spreadsheet reads it as a truth value"},
		{"{next:16}", "15 digits"},
		{"9{next:15}", "15 digits"},
		{"{seq:16}", "15 digits"},
		{"{next}", "15 digits"},
	} {
		_, err := CompileCanonical(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("CompileCanonical(%q) = %v, want %q", c.text, err, c.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"CUST-{next:8}-{check:mod97-10}": nil,
		"C{next:8}":                      nil,
		"MARS-{next:8}":                  nil,
		"MAR-{next:8}":                   nil,
		"C{random:10}":                   nil,
		"E{random:10}":                   nil,
		"C{field:region}{next:6}":        nil,
		"C{next:8}{check:crockford37}":   nil,
		"{next:8}":                       {"zeros"},
		"{seq:8}":                        {"zeros"},
		"{seq}":                          {"zeros", "depending on the record, a number could be 1111111111111111: a spreadsheet keeps 15 digits"},
		"1{next:7}":                      {"amount"},
		"C{next:8}-":                     {"last hyphen"},
		"C--{next:8}":                    {"double hyphen"},
		"ABR-{next:4}":                   {"other languages"},
		"CO{next:8}":                     {"people read the letter for a digit; put a hyphen between"},
		"{field:region}{next:6}":         {"depending on the record, a number could be 1E111111: a spreadsheet reads it in scientific notation"},
		"C{next:8}{check:luhn}":          {"misses every swap around a digit"},
		"C{next:8}{check:gs1-mod10}":     {"misses 11% of all swaps"},
		"C{hash:8}{check:mod11-10}":      {"passes over letters"},
	} {
		got := canonical(t, text).Warnings()
		var matched []string
		for i, w := range got {
			if i < len(want) && strings.Contains(w, want[i]) {
				matched = append(matched, want[i])
			} else {
				matched = append(matched, w)
			}
		}
		if diff := cmp.Diff(want, matched); diff != "" {
			t.Errorf("%s: warnings %q (-want +got):\n%s", text, got, diff)
		}
	}
}

func TestLegal(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"C001": true, "00001": true, "A-1-": true, strings.Repeat("A", 50): true,
		"": false, "c001": false, "C 1": false, "-1": false, "客1": false, "C_1": false, "C\x00": false, strings.Repeat("A", 51): false,
	} {
		if err := Legal(id); (err == nil) != want {
			t.Errorf("Legal(%q) = %v", id, err)
		}
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	c := canonical(t, "CUST-{next:8}-{check:mod97-10}")
	var buf [MaxCanonical]byte
	if n := testing.AllocsPerRun(100, func() {
		if _, err := c.Append(buf[:0], nil, 4711); err != nil {
			t.Fatal(err)
		}
		c.Counter("CUST-00000001-81")
	}); n != 0 {
		t.Errorf("Append and Counter allocate %v times", n)
	}
}
