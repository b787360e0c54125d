package scheme

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// gives collects texts for the needs of a scheme, in their order; a date is
// written as 2006-01-02.
func gives(t testing.TB, c *Canonical, texts ...string) (gave []byte) {
	t.Helper()
	if len(texts) != len(c.Needs()) {
		t.Fatalf("%s needs %d texts", c, len(c.Needs()))
	}
	gave = []byte{}
	for i, n := range c.Needs() {
		if n.Token == "date" {
			at, _ := time.Parse(time.DateOnly, texts[i]) // zero where there is none
			gave = c.GiveDate(gave, i, at)
		} else {
			gave = c.Give(gave, i, texts[i])
		}
	}
	return gave
}

func TestNumbersOfRecords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		scheme string
		texts  []string
		n      uint64
		want   string // or what Check says
		prefix string
	}{
		{"{field:region}{date:YYYYMMDD}{next:6}{check:mod11-2}", []string{"440300", "2024-05-01"}, 7, "440300202405010000077", "44030020240501"},
		{"C{seq:8}", []string{"123"}, 0, "C00000123", "C00000123"},
		{"C{seq:8}", []string{"0000000000123"}, 0, "C00000123", "C00000123"},
		{"C{seq:8}", []string{"0000"}, 0, "C00000000", "C00000000"},
		{"C{seq:8}", []string{"123456789"}, 0, "is too long, and nothing is ever cut", ""},
		{"C{seq}", []string{"0012"}, 0, "C0012", "C0012"},
		{"C{seq}", []string{""}, 0, "its ID has no component seq", ""},
		{"C{seq}", []string{strings.Repeat("1", 50)}, 0, "longer than 50 characters", ""},
		{"{field:r}-{next}", []string{" gd "}, 12, "GD-12", "GD-"},
		{"{field:r}-{next}", []string{"ＧＤ"}, 12, "GD-12", "GD-"},
		{"{field:r}-{next}", []string{"a-b"}, 1, "A-B-1", "A-B-"},
		{"{field:r}-{next}", []string{"广东"}, 1, "{field:r} is not of A-Z, 0-9 and single hyphens", ""},
		{"{field:r}-{next}", []string{"G D"}, 1, "is not of A-Z", ""},
		{"{field:r}-{next}", []string{"-1"}, 1, "is not of A-Z", ""},
		{"{field:r}-{next}", []string{"a--b"}, 1, "is not of A-Z", ""},
		{"{field:r}-{next}", []string{"\t"}, 1, "it has nothing for {field:r}", ""},
		{"{field:r}-{next:8}", []string{strings.Repeat("x", 42)}, 1, "longer than 50 characters", ""},
		{"{field:r}-{next:8}", []string{strings.Repeat("x", 41)}, 1, strings.Repeat("X", 41) + "-00000001", strings.Repeat("X", 41) + "-"},
		{"C{date:YY-MM}-{next:2}K", []string{"2024-05-01"}, 3, "C24-05-03K", "C24-05-K"},
		{"C{date:YYMM}{next:2}", []string{""}, 3, "neither its ID nor the field created says the date for {date:YYMM}", ""},
	} {
		c := canonical(t, tt.scheme)
		gave := gives(t, c, tt.texts...)
		if err := c.Check(gave); err != nil {
			if tt.prefix != "" || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s of %q: %v, want %q", tt.scheme, tt.texts, err, tt.want)
			}
			continue
		}
		got, err := c.Append(nil, gave, tt.n)
		if string(got) != tt.want || err != nil {
			t.Errorf("%s of %q: %q, %v, want %q", tt.scheme, tt.texts, got, err, tt.want)
		}
		if got := string(c.AppendPrefix(nil, gave)); got != tt.prefix {
			t.Errorf("%s of %q: prefix %q, want %q", tt.scheme, tt.texts, got, tt.prefix)
		}
	}
}

func TestForSource(t *testing.T) {
	t.Parallel()
	c := canonical(t, "{source}-{next:3}")
	own, err := c.ForSource("shop2")
	if err != nil || own.String() != "SHOP2-{next:3}" {
		t.Fatalf("%v, %v", own, err)
	}
	if id, err := own.Append(nil, nil, 1); string(id) != "SHOP2-001" {
		t.Errorf("%s, %v", id, err)
	}
	for name, want := range map[string]string{
		"old_shop": `character 1: the name of source old_shop cannot stand in a canonical ID`,
		"客户":       "cannot stand in a canonical ID",
		"mar":      "", // MAR-001 has three digits
		"7":        "",
	} {
		if _, err := c.ForSource(name); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("source %s: %v, want %q", name, err, want)
		}
	}
	if _, err := canonical(t, "{source}-{next:2}").ForSource("mar"); err == nil || !strings.Contains(err.Error(), "date") {
		t.Errorf("MAR-01 passes: %v", err)
	}
}

// TestDrawer works one number out by hand, from the parts of the message.
func TestDrawer(t *testing.T) {
	t.Parallel()
	c := canonical(t, "P{hash:12}")
	secret := []byte("correct horse battery staple")
	d := c.Drawer(secret)
	got, err := d.Append(nil, nil, "crm", []byte("C001"), 300)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("\x03crm" + "\x04C001" + "\x00" + "\xac\x02")) // lengths, texts, incarnation 0, attempt 300
	n := new(big.Int).SetBytes(mac.Sum(nil))
	n.Rsh(n, 256-5*12)
	want := ""
	for range 12 {
		want = string(crockfordDigits[new(big.Int).And(n, big.NewInt(31)).Int64()]) + want
		n.Rsh(n, 5)
	}
	if string(got) != "P"+want {
		t.Errorf("%s, want P%s", got, want)
	}
	seen := map[string]string{string(got): "itself"}
	for _, other := range []struct {
		source, key string
		attempt     uint64
		secret      string
	}{
		{"crm", "C001", 299, string(secret)},
		{"crm", "C002", 300, string(secret)},
		{"crmC", "001", 300, string(secret)},
		{"cr", "mC001", 300, string(secret)},
		{"crm", "C001", 300, "another secret"},
	} {
		id, err := c.Drawer([]byte(other.secret)).Append(nil, nil, other.source, []byte(other.key), other.attempt)
		if err != nil || !c.Match(string(id)) {
			t.Errorf("%+v: %s, %v", other, id, err)
		}
		if was, twice := seen[string(id)]; twice {
			t.Errorf("%+v draws the number of %s", other, was)
		}
		seen[string(id)] = fmt.Sprint(other)
	}
}

// TestIllegalCheckCharactersAreSteppedOver: one number in 37 would end in *.
func TestIllegalCheckCharactersAreSteppedOver(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"C{next:6}{check:mod37-2}", "C{next:6}{check:crockford37}"} {
		c := canonical(t, text)
		skipped := 0
		for n := range uint64(3700) {
			id, err := c.Append(nil, nil, n)
			switch {
			case errors.Is(err, ErrSkip):
				skipped++
			case err != nil || Legal(string(id)) != nil || !c.Match(string(id)):
				t.Fatalf("%s: %d is %q, %v", text, n, id, err)
			}
		}
		if skipped < 50 || skipped > 500 {
			t.Errorf("%s: %d of 3700 numbers are skipped", text, skipped)
		}
	}
}

func TestCapacities(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint64{
		"C{random:1}": 32, "C{hash:12}": 1 << 60, "C{random:13}": math.MaxUint64, "C{random:32}": math.MaxUint64, "C{seq:4}": math.MaxUint64, "C{next:18}": 999_999_999_999_999_999,
	} {
		if got := canonical(t, text).Capacity(); got != want {
			t.Errorf("%s: capacity %d, want %d", text, got, want)
		}
	}
	if got := string(canonical(t, "C{random:8}-{check:mod1271-36}K").AppendTally(nil, nil)); got != "C{random:8}-K" {
		t.Errorf("the tally is %s", got)
	}
}

// TestCountedNumbersAreDifferent writes numbers of random schemes: they read
// back, they fit, and two are equal only where prefix and counter are.
func TestCountedNumbersAreDifferent(t *testing.T) {
	t.Parallel()
	pieces := []string{"C", "K-", "X7", "{seq:4}", "{date:YYYYMM}", "{field:r}", "{check:mod97-10}", "{check:damm}", "-2"}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 4).Draw(t, "parts")
		at := rapid.IntRange(0, len(parts)).Draw(t, "at")
		next := rapid.SampledFrom([]string{"{next}", "{next:4}", "{next:12}"}).Draw(t, "next")
		text := "Q" + strings.Join(parts[:at], "") + next + strings.Join(parts[at:], "")
		c, err := CompileCanonical(text)
		if err != nil {
			t.Skip(err) // a check over nothing, two dates of one record
		}
		number := func() (id, prefix string, n uint64) {
			n = rapid.Uint64Range(0, min(c.Capacity(), 20_000)).Draw(t, "n")
			gave := []byte{}
			for i, need := range c.Needs() {
				switch need.Token {
				case "date":
					gave = c.GiveDate(gave, i, time.Date(2000+rapid.IntRange(0, 30).Draw(t, "year"), 5, 1, 0, 0, 0, 0, time.UTC))
				case "seq":
					gave = c.Give(gave, i, fmt.Sprint(rapid.IntRange(0, 9999).Draw(t, "seq")))
				default:
					gave = c.Give(gave, i, rapid.SampledFrom([]string{"gd", "BJ", "sh"}).Draw(t, "r"))
				}
			}
			if err := c.Check(gave); err != nil {
				t.Fatal(err)
			}
			b, err := c.Append(nil, gave, n)
			if err != nil {
				t.Fatal(err)
			}
			return string(b), string(c.AppendPrefix(nil, gave)), n
		}
		id, prefix, n := number()
		other, otherPrefix, m := number()
		if !c.Match(id) || Legal(id) != nil {
			t.Fatalf("%s writes %s and does not read it", text, id)
		}
		if got, ok := c.Counter(id); ok && got != n {
			t.Fatalf("%s: %s counts as %d, not %d", text, id, got, n)
		}
		if prefix == otherPrefix && (id == other) != (n == m) {
			t.Fatalf("%s: %s is number %d and %s number %d of %s", text, id, n, other, m, prefix)
		}
		if len(parts) > 0 && next != "{next}" && id == other && (prefix != otherPrefix || n != m) {
			t.Fatalf("%s: %s is number %d of %s and number %d of %s", text, id, n, prefix, m, otherPrefix)
		}
	})
}

// TestMatchFindsTheReadingThatHolds reads a number that can be cut up in
// several ways, of which one has the right check.
func TestMatchFindsTheReadingThatHolds(t *testing.T) {
	t.Parallel()
	c, err := CompileCanonical("Q{next}{check:mod97-10}{field:r}")
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.Append(nil, c.Give(nil, 0, "GD"), 10)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Match(string(id)) {
		t.Errorf("%s is not read", id)
	}
	for _, other := range []string{"Q10", "Q1027", "R1028GD"} {
		if c.Match(other) {
			t.Errorf("%s is read", other)
		}
	}
}
