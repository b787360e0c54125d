package scheme

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// detail is the text of one part of Details, empty without it.
func detail(name, text, part string) string {
	for _, p := range Details(name, text) {
		if p.Name == part {
			return p.Text
		}
	}
	return ""
}

// millis is a time of Details in milliseconds since 1970.
func millis(t *testing.T, text string) string {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Errorf("time %q: %v", text, err)
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

func keyOf(t *testing.T, scheme, id string) (string, bool) {
	t.Helper()
	s, err := Compile(scheme, nil)
	if err != nil {
		t.Fatal(err)
	}
	key, at := NewSet(s).Key(id)
	return key, at == 0
}

const residentScheme = "{code:gb2260}{date:YYYYMMDD}{seq:3}{check:gb11643}"

// layoutReaders say what the fields of layout_vectors.csv are here.
var layoutReaders = map[string]func(t *testing.T, input string) string{
	"crockford32 integer": func(_ *testing.T, input string) string {
		n := 0
		for _, b := range []byte(input) {
			n = n*32 + int(crockfordValues[b])
		}
		return strconv.Itoa(n)
	},
	"crockford32 normalized": func(t *testing.T, input string) string {
		key, _ := keyOf(t, "{base32:2}-{base32:2}-{base32:2}", input)
		return strings.ReplaceAll(key, "-", "")
	},
	"crockford32 valid_without_check": func(t *testing.T, input string) string {
		_, ok := keyOf(t, "{base32}", input)
		return strconv.FormatBool(ok)
	},
	"gb11643 birth_date": func(t *testing.T, input string) string {
		text := partOf(t, residentScheme, input, "date")
		return text[:4] + "-" + text[4:6] + "-" + text[6:]
	},
	"gb11643 canonical": func(t *testing.T, input string) string {
		key, _ := keyOf(t, residentScheme, input)
		return key
	},
	"gb11643 region": func(t *testing.T, input string) string { return partOf(t, residentScheme, input, "code") },
	"gb11643 valid_date": func(t *testing.T, input string) string {
		// Only the date may be at fault: the check is made to fit.
		_, ok := keyOf(t, residentScheme, input[:17]+CheckOf("gb11643", input[:17]))
		return strconv.FormatBool(ok)
	},
	"gb11643_15 id18": func(_ *testing.T, input string) string {
		id, _ := ResidentID18(input)
		return id
	},
	"gb32100 organization_code": func(t *testing.T, input string) string {
		const org = "{alnum:2}{code:gb2260}{alnum:8}{check:gb11714(alnum2)}{check:gb32100}"
		return partOf(t, org, input, "alnum2") + partOf(t, org, input, "check")
	},
	"gb32100 region": func(t *testing.T, input string) string {
		return partOf(t, "{alnum:2}{code:gb2260}{alnum:9}{check:gb32100}", input, "code")
	},
	"int64_text float64_roundtrip": func(t *testing.T, input string) string {
		if key, ok := keyOf(t, "{seq}", input); !ok || key != input {
			t.Errorf("{seq} reads %s as %s, %v", input, key, ok)
		}
		f, err := strconv.ParseFloat(input, 64)
		if err != nil {
			t.Error(err)
		}
		image := strconv.FormatFloat(f, 'f', -1, 64)
		if exact := strconv.FormatInt(int64(f), 10); image == input {
			t.Errorf("%s survives a float64, as %s", input, exact)
		}
		return strconv.FormatInt(int64(f), 10)
	},
	"lei lou_prefix": func(t *testing.T, input string) string {
		return partOf(t, "{alnum:4}{alnum:14}{check:mod97-10}", input, "alnum")
	},
	"salesforce_15 distinct_from": func(_ *testing.T, input string) string {
		return SalesforceSuffix(input) // compared below
	},
	"salesforce_15 id18": func(t *testing.T, input string) string {
		key, _ := keyOf(t, "{salesforce}", input)
		return key
	},
	"salesforce_18 case_repaired": func(t *testing.T, input string) string {
		if _, ok := keyOf(t, "{salesforce}", input); ok {
			t.Errorf("{salesforce} reads %s, whose case was folded", input)
		}
		id, _ := SalesforceRestore(input)
		return id
	},
	"salesforce_18 id15":          func(_ *testing.T, input string) string { return detail("salesforce", input, "id15") },
	"snowflake_discord worker":    func(_ *testing.T, input string) string { return detail("snowflake", input, "worker") },
	"snowflake_discord process":   func(_ *testing.T, input string) string { return detail("snowflake", input, "process") },
	"snowflake_discord increment": func(_ *testing.T, input string) string { return detail("snowflake", input, "increment") },
	"snowflake_discord unix_ms": func(t *testing.T, input string) string {
		return millis(t, detail("snowflake", input, "time_discord"))
	},
	"snowflake_twitter unix_ms": func(t *testing.T, input string) string {
		return millis(t, detail("snowflake", input, "time_twitter"))
	},
	"ulid canonical": func(t *testing.T, input string) string {
		key, _ := keyOf(t, "{ulid}", input)
		return key
	},
	"ulid unix_ms": func(t *testing.T, input string) string {
		ms := ulidMillis(input)
		if text := detail("ulid", input, "time"); text != "" && millis(t, text) != strconv.FormatInt(ms, 10) {
			t.Errorf("%s: time %s, want %d", input, text, ms)
		}
		return strconv.FormatInt(ms, 10)
	},
	"ulid valid": func(t *testing.T, input string) string {
		_, ok := keyOf(t, "{ulid}", input)
		return strconv.FormatBool(ok)
	},
	"uuid canonical": func(t *testing.T, input string) string {
		key, _ := keyOf(t, "{uuid}", input)
		return key
	},
	"uuidv5 uuid": func(t *testing.T, input string) string {
		space, name, _ := strings.Cut(input, "|")
		id := nameUUID(t, space, name)
		if key, ok := keyOf(t, "{uuid}", strings.ToUpper(id)); !ok || key != id || detail("uuid", id, "version") != "5" {
			t.Errorf("{uuid} reads %s as %s, %v, version %s", id, key, ok, detail("uuid", id, "version"))
		}
		return id
	},
	"uuidv7 unix_ms": func(t *testing.T, input string) string { return millis(t, detail("uuid", input, "time")) },
	"uuidv7 version": func(_ *testing.T, input string) string { return detail("uuid", input, "version") },
	"uuidv7 valid": func(t *testing.T, input string) string {
		_, ok := keyOf(t, "{uuid}", input)
		return strconv.FormatBool(ok)
	},
}

func partOf(t *testing.T, scheme, id, part string) string {
	t.Helper()
	s, err := Compile(scheme, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Parse(id)
	if err != nil {
		t.Errorf("%s: %v", id, err)
	}
	text, _ := p.Get(part)
	return text
}

// nameUUID is the version 5 UUID of a name.
func nameUUID(t *testing.T, space, name string) string {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(space, "-", ""))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(append(b, name...))
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func TestLayoutVectors(t *testing.T) {
	t.Parallel()
	rows := readCSV(t, "testdata/layout_vectors.csv")
	if len(rows) != 56 {
		t.Fatalf("%d vectors, want 56", len(rows))
	}
	for _, row := range rows {
		name, input, want := row[0]+" "+row[2], row[1], row[3]
		read := layoutReaders[name]
		if read == nil {
			t.Errorf("no reader of %s", name)
			continue
		}
		got := read(t, input)
		if name == "salesforce_15 distinct_from" {
			other := want
			if a, b := input+got, other+SalesforceSuffix(other); a == b || strings.EqualFold(a, b) {
				t.Errorf("%s and %s are one number: %s", input, other, a)
			}
			continue
		}
		if got != want {
			t.Errorf("%s of %s = %s, want %s (%s)", name, input, got, want, row[4])
		}
	}
}

func TestMachineSpellings(t *testing.T) {
	t.Parallel()
	const uuid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
	for _, c := range []struct {
		name, text, want string // want "": not such an ID
	}{
		{"uuid", uuid, uuid},
		{"uuid", "017F22E279B07CC398C4DC0C0C07398F", uuid},
		{"uuid", "{017f22e279b07cc398c4dc0c0c07398f}", uuid},
		{"uuid", "URN:UUID:" + strings.ToUpper(uuid), uuid},
		{"uuid", "urn:uuid:017f22e279b07cc398c4dc0c0c07398f", uuid},
		{"uuid", "{" + uuid, ""},
		{"uuid", "(" + uuid + ")", ""},
		{"uuid", "017f22e2-79b0-7cc3-98c4dc0c0c07398f", ""},
		{"uuid", "017f22e27-9b0-7cc3-98c4-dc0c0c07398f", ""},
		{"uuid", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", ""},
		{"uuid", "00000000-0000-0000-0000-000000000000", ""},
		{"uuid", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001"},
		{"uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff", ""},
		{"uuid", "{FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF}", ""},
		{"uuid", "11111111-1111-1111-1111-111111111111", ""},
		{"uuid", "475B158C-541C-E511-80D3-3863BB347BA8", "475b158c-541c-e511-80d3-3863bb347ba8"},
		{"ulid", "01ARYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41TSV4RRFFQ69G5FAV"},
		{"ulid", "01ARYZ6S41TSV4RRFFQ69G5FAU", ""},
		{"ulid", "01ARYZ6S41TSV4RRFFQ69G5FA", ""},
		{"ulid", strings.Repeat("0", 26), ""},
		{"snowflake", "175928847299117063", "175928847299117063"},
		{"snowflake", "9223372036854775807", "9223372036854775807"},
		{"snowflake", "9223372036854775808", ""},
		{"snowflake", "5200000000000000000", ""}, // 2050 and later, or before 2010
		{"snowflake", "0175928847299117063", ""},
		{"snowflake", "-175928847299117063", ""},
		{"snowflake", "12345678901234", ""},
		{"objectid", "507F1F77BCF86CD799439011", "507f1f77bcf86cd799439011"},
		{"objectid", "507f1f77bcf86cd79943901", ""},
		{"objectid", "507f1f77bcf86cd79943901g", ""},
		{"objectid", strings.Repeat("0", 24), ""},
		{"salesforce", "0035g00000ABcDe", "0035g00000ABcDeAAL"},
		{"salesforce", "001000000000001AAA", "001000000000001AAA"},
		{"salesforce", "001000000000001AAB", ""},
		{"salesforce", "001000000000001aaa", ""},
		{"salesforce", "0010000000000-1", ""},
		{"salesforce", "00100000000000111", ""},
		{"salesforce", "000000000000000AAA", ""},
	} {
		m := findMachine(c.name)
		got, ok := m.spell([]byte("x"), c.text)
		if !ok {
			if c.want != "" || string(got) != "x" {
				t.Errorf("%s reads %s: %s, false; want %q", c.name, c.text, got, c.want)
			}
			continue
		}
		if string(got) != "x"+c.want {
			t.Errorf("%s reads %s as %s, want %q", c.name, c.text, got[1:], c.want)
		}
	}
}

// machineTexts draws texts that are nearly, and now and then, machine IDs.
func machineTexts(m *machine) *rapid.Generator[string] {
	shapes := map[string]string{
		"uuid":       `[{]?[0-9a-fA-F]{8}-?[0-9a-fF]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-fF]{12}[}]?`,
		"ulid":       `[0-9][0-9A-HJKMNP-TV-Za-z]{25}`,
		"snowflake":  `[0-9]{14,20}`,
		"objectid":   `[0-9a-fA-F]{23,24}|0{24}`,
		"salesforce": `[0-9a-zA-Z]{15}(AAA)?|0{15}(AAA)?`,
	}
	return rapid.StringMatching(shapes[m.name])
}

func TestMachineIDsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	for i := range machines {
		m := &machines[i]
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				text := machineTexts(m).Draw(t, "text")
				one, ok := m.spell(nil, text)
				if same := m.same(text); same != (ok && string(one) == text) {
					t.Fatalf("same(%s) = %v, spelled %s, %v", text, same, one, ok)
				}
				if m.fits(text) != ok {
					t.Fatalf("fits(%s) = %v, spelled %s, %v", text, !ok, one, ok)
				}
				if !ok {
					return
				}
				if len(text) < m.min || len(text) > m.max {
					t.Fatalf("reads %s of %d bytes, not %d to %d", text, len(text), m.min, m.max)
				}
				for i := range len(text) {
					if !m.class.ascii[text[i]] {
						t.Fatalf("reads %s with %q, which is not in its class", text, text[i])
					}
				}
				if again, ok := m.spell(nil, string(one)); !ok || string(again) != string(one) {
					t.Fatalf("%s is spelled %s, and that %s, %v", text, one, again, ok)
				}
				if !slices.Equal(Details(m.name, text), Details(m.name, string(one))) {
					t.Fatalf("%s and %s differ in detail", text, one)
				}
			})
		})
	}
}

func FuzzMachineIDs(f *testing.F) {
	for _, text := range []string{"", "{017F22E2-79B0-7CC3-98C4-DC0C0C07398F}", "urn:uuid:", "01aryz6s41tsv4rrffq69g5fav", "175928847299117063", "0035g00000ABcDeAAL", "110105", "１"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range machines {
			m := &machines[i]
			one, ok := m.spell(nil, text)
			if m.fits(text) != ok || m.same(text) != (ok && string(one) == text) {
				t.Errorf("%s: fits(%q) = %v, same %v, spelled %s, %v", m.name, text, m.fits(text), m.same(text), one, ok)
			}
			if again, still := m.spell(nil, string(one)); ok && (!still || string(again) != string(one)) {
				t.Errorf("%s: %q is spelled %s, and that %s, %v", m.name, text, one, again, still)
			}
			Details(m.name, text)
		}
		for _, name := range []string{"unix", "unixms", "gb2260", "gb2260-4", "gb2260-2"} {
			Details(name, text)
		}
		if id, ok := SalesforceRestore(text); ok && !sameSalesforce(id) {
			t.Errorf("SalesforceRestore(%q) = %s, whose suffix is wrong", text, id)
		}
		if id, ok := ResidentID18(text); ok && !CheckHolds("gb11643", id[:17], id[17:]) {
			t.Errorf("ResidentID18(%q) = %s, whose check is wrong", text, id)
		}
	})
}

func TestMachinesAllocateNothing(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"uuid", "{017F22E2-79B0-7CC3-98C4-DC0C0C07398F}"},
		{"ulid", "01aryz6s41tsv4rrffq69g5fav"},
		{"snowflake", "175928847299117063"},
		{"objectid", "507F1F77BCF86CD799439011"},
		{"salesforce", "0035g00000ABcDe"},
	} {
		m := findMachine(c.name)
		dst := make([]byte, 0, 64)
		if n := testing.AllocsPerRun(100, func() {
			m.same(c.text)
			m.fits(c.text)
			dst, _ = m.spell(dst[:0], c.text)
		}); n > 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func TestSalesforceRestore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id15 := rapid.StringMatching(`[0-9A-Za-z]{14}[1-9A-Za-z]`).Draw(t, "id15")
		id := id15 + SalesforceSuffix(id15)
		for _, folded := range []string{id, strings.ToUpper(id), strings.ToLower(id)} {
			if got, ok := SalesforceRestore(folded); !ok || got != id {
				t.Fatalf("SalesforceRestore(%s) = %s, %v, want %s", folded, got, ok, id)
			}
		}
	})
	for _, id := range []string{
		"001000000000001BAA", // a capital where there is a digit
		"001000000000001AA9", // 9 is in no suffix
		"001000000000001",
		"001D000000IRFmaIA京",
	} {
		if got, ok := SalesforceRestore(id); ok {
			t.Errorf("SalesforceRestore(%s) = %s, want none", id, got)
		}
	}
	if got := SalesforceSuffix("001D000000IRFm-"); got != "" {
		t.Errorf("SalesforceSuffix of no ID = %s", got)
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"uuid", "C232AB00-9414-11EC-B3C8-9F6BDECED846", "version=1 time=2022-02-22T19:22:22Z"},    // RFC 9562 A.1
		{"uuid", "1EC9414C-232A-6B00-B3C8-9F6BDECED846", "version=6 time=2022-02-22T19:22:22Z"},    // A.5
		{"uuid", "{017F22E2-79B0-7CC3-98C4-DC0C0C07398F}", "version=7 time=2022-02-22T19:22:22Z"},  // A.6
		{"uuid", "919108f7-52d1-4320-9bac-f847db4148a8", "version=4"},                              // A.3
		{"uuid", "475B158C-541C-E511-80D3-3863BB347BA8", "version=1 time=2015-06-26T22:41:55.77Z"}, // SQL Server
		{"uuid", "00000000-0000-0000-0000-000000000001", ""},                                       // no variant of the RFC
		{"uuid", "00000000-0000-0000-0000-000000000000", ""},
		{"ulid", "01aryz6s41tsv4rrffq69g5fav", "time=2016-07-30T22:36:16.385Z"},
		{"ulid", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", ""},
		{"objectid", "507f1f77bcf86cd799439011", "time=2012-10-17T21:13:27Z"},
		{"snowflake", "175928847299117063", "time_discord=2016-04-30T11:18:25.796Z time_twitter=2012-03-03T13:01:20.453Z worker=1 process=0 increment=7"},
		{"salesforce", "0035g00000ABcDe", "prefix=003 object=Contact id15=0035g00000ABcDe"},
		{"salesforce", "a0D30000001n7PiEAI", "prefix=a0D id15=a0D30000001n7Pi"},
		{"salesforce", "a0D30000001n7PiEAC", ""},
		{"unix", "1700000000", "time=2023-11-14T22:13:20Z"},
		{"unixms", "1700000000123", "time=2023-11-14T22:13:20.123Z"},
		{"unix", "99999999999999999999", ""},
		{"unix", "-1", ""},
		{"gb2260", "110105", "province=北京市 prefecture=市辖区"},
		{"gb2260", "110000", "province=北京市"},
		{"gb2260", "510213", "province=四川省 prefecture=重庆市 status=withdrawn"},
		{"gb2260", "990101", ""},
		{"gb2260-4", "4403", "province=广东省 prefecture=深圳市"},
		{"gb2260-2", "44", "province=广东省"},
		{"gb2260-2", "4403", ""},
		{"seq", "1", ""},
	} {
		var parts []string
		for _, p := range Details(c.name, c.text) {
			parts = append(parts, p.Name+"="+p.Text)
		}
		if got := strings.Join(parts, " "); got != c.want {
			t.Errorf("Details(%s, %s) = %s, want %s", c.name, c.text, got, c.want)
		}
	}
}

func TestResidentID18(t *testing.T) {
	t.Parallel()
	for id15, want := range map[string]string{
		"110105491231002": "11010519491231002X",
		"440524801010018": "440524198010100184",
		"110105491331002": "", // month 13
		"110105000229002": "", // 1900 was no leap year
		"11010549123100X": "",
		"11010549123100":  "",
	} {
		if got, ok := ResidentID18(id15); got != want || ok != (want != "") {
			t.Errorf("ResidentID18(%s) = %s, %v, want %s", id15, got, ok, want)
		}
	}
}
