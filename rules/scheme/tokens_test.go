package scheme

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// tokenTexts draws texts that a token reads, and all the spellings of each
// that mean the same.
var tokenTexts = map[string]func(t *rapid.T) []string{
	"{seq:3}":           text(`[0-9]{3}`),
	"{letters:2}":       text(`[A-Za-z]{2}`),
	"{alnum:4}":         text(`[A-Za-z0-9]{4}`),
	"{any:2}":           text(`[A-Z客é]{2}`),
	"{hex:4}":           text(`[0-9a-fA-F]{4}`),
	"{unix}":            text(`1[0-9]{9}|[1-9][0-9]{8}`),
	"{unixms}":          text(`1[0-9]{12}`),
	"{code:branch}":     text(`N|SW|北京`),
	"{code:gb2260}":     text(`110105|440305|310115`),
	"{date:YYYYMMDD}":   dates("20060102"),
	"{date:YYMM}":       dates("0601"),
	"{date:DD.MM.YYYY}": dates("02.01.2006"),
	"{base32:4}": func(t *rapid.T) []string {
		s := rapid.StringMatching(`[0-9A-HJKMNP-TV-Z]{4}`).Draw(t, "base32")
		return []string{s, strings.ToLower(s), strings.NewReplacer("1", "I", "0", "o").Replace(s)}
	},
	"{uuid}": func(t *rapid.T) []string {
		b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid")
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		x := hex.EncodeToString(b)
		s := strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")
		return []string{s, x, strings.ToUpper(s), "{" + s + "}", "urn:uuid:" + s}
	},
	"{ulid}": func(t *rapid.T) []string {
		s := rapid.StringMatching(`[0-7][0-9A-HJKMNP-TV-Z]{24}[1-9]`).Draw(t, "ulid")
		return []string{s, strings.ToLower(s)}
	},
	"{objectid}": func(t *rapid.T) []string {
		s := rapid.StringMatching(`[1-9a-f][0-9a-f]{23}`).Draw(t, "objectid")
		return []string{s, strings.ToUpper(s)}
	},
	"{salesforce}": func(t *rapid.T) []string {
		s := rapid.StringMatching(`00[1-9]5[A-Za-z0-9]{10}[1-9]`).Draw(t, "salesforce")
		return []string{s + SalesforceSuffix(s), s}
	},
}

func text(pattern string) func(t *rapid.T) []string {
	return func(t *rapid.T) []string { return []string{rapid.StringMatching(pattern).Draw(t, pattern)} }
}

func dates(layout string) func(t *rapid.T) []string {
	return func(t *rapid.T) []string {
		day := rapid.IntRange(0, 36000).Draw(t, "day")
		return []string{time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day).Format(layout)}
	}
}

// TestTokensRoundTrip makes IDs of random schemes out of spellings of random
// components: they are read, written back as they were, and have one key.
func TestTokensRoundTrip(t *testing.T) {
	t.Parallel()
	codes := Codes{"branch": {"N", "SW", "北京"}}
	names := slices.Sorted(maps.Keys(tokenTexts))
	rapid.Check(t, func(t *rapid.T) {
		text, id, other := "", "", ""
		for range rapid.IntRange(1, 3).Draw(t, "tokens") {
			name := rapid.SampledFrom(names).Draw(t, "token")
			spellings := tokenTexts[name](t)
			text += name + "/"
			id += spellings[0] + "/"
			other += rapid.SampledFrom(spellings).Draw(t, "spelling") + "/"
		}
		check := ""
		if rapid.Bool().Draw(t, "check") {
			alg := rapid.SampledFrom(CheckSystems()).Draw(t, "algorithm")
			check = "{check:" + alg + "}"
		}
		s, err := Compile(text+check, codes)
		if err != nil {
			if check != "" && strings.Contains(err.Error(), "covers nothing") {
				t.Skip(err.Error())
			}
			t.Fatal(err)
		}
		read := func(id string) (string, string) {
			if check != "" {
				c := CheckOf(s.forms[0].elements[len(s.forms[0].elements)-1].alg.name, id)
				if c == "" {
					t.Skip("a body that has no check")
				}
				id += c
			}
			p, err := s.Parse(id)
			if err != nil {
				t.Fatalf("%s does not read %q: %v", s, id, err)
			}
			again, err := s.Format(p)
			if err != nil || again != id {
				t.Fatalf("%s: %q comes back as %q, %v", s, id, again, err)
			}
			key, at := NewSet(s).Key(id)
			if at != 0 {
				t.Fatalf("%s: %q has no key", s, id)
			}
			return id, key
		}
		id, key := read(id)
		if check == "" {
			if other, otherKey := read(other); otherKey != key {
				t.Fatalf("%s: %q and %q are one number, but their keys are %q and %q", s, id, other, key, otherKey)
			}
		}
		if key != id {
			t.Fatalf("%s: %q is the one spelling, but its key is %q", s, id, key)
		}
	})
}

func TestCapacityOfMachineIDsIsNotTold(t *testing.T) {
	t.Parallel()
	for _, m := range machines {
		if n, bounded := compile(t, fmt.Sprintf("X-{%s}", m.name)).Capacity(); bounded {
			t.Errorf("%s: capacity %s", m.name, n)
		}
	}
}
