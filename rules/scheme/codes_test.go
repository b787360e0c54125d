package scheme

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	codes := Codes{"region": {"N", "01", "北京", "0755", "E\u0301", "Ｗ２"}}
	l, ok := codes.list("region")
	if !ok {
		t.Fatal("no list region")
	}
	if l.min != 1 || l.max != 4 || l.size != 6 || !l.class.wide || !l.class.has('北') || l.class.has('X') {
		t.Errorf("region: %d to %d characters, %d members, wide %v", l.min, l.max, l.size, l.class.wide)
	}
	for text, want := range map[string]bool{
		"N": true, "01": true, "1": false, "北京": true, "北": false, "0755": true, "755": false, "": false,
		"É":  true,
		"W2": true,
	} {
		if l.has(text) != want {
			t.Errorf("region has %q: %v, want %v", text, !want, want)
		}
	}
	if l.name("N") != "" || l.obsolete("N") {
		t.Error("a configured list knows names or obsolete codes")
	}
	if _, ok := codes.list("regoin"); ok {
		t.Error("there is a list regoin")
	}
	if got, want := fmt.Sprint(codes.names()), "[gb2260 gb2260-2 gb2260-4 region]"; got != want {
		t.Errorf("names %s, want %s", got, want)
	}
	own := Codes{"gb2260": {"1", "2"}}
	if l, _ := own.list("gb2260"); !l.has("1") || l.has("110105") {
		t.Error("a configured list does not take the place of a built-in one")
	}
}

func TestCodesInSchemes(t *testing.T) {
	t.Parallel()
	codes := Codes{"region": {"N", "SW", "北京", "01"}}
	s, err := Compile("{code:region}-{seq:3}", codes)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"N-001": "N", "SW-001": "SW", "北京-001": "北京", "01-001": "01", "1-001": "", "S-001": "", "京北-001": ""} {
		p, err := s.Parse(id)
		got, _ := p.Get("code")
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Parse(%s): code %q, %v, want %q", id, got, err, want)
		}
		if err == nil {
			if again, err := s.Format(p); err != nil || again != id {
				t.Errorf("Format of %s = %s, %v", id, again, err)
			}
		}
	}
	if _, err := Compile("{code:gb2261}", nil); err == nil || !strings.Contains(err.Error(), "gb2260") {
		t.Errorf("unknown list: %v", err)
	}
}

func TestCodesCheck(t *testing.T) {
	t.Parallel()
	codes := Codes{
		"good":  {"N", "01", "1", "北京", "n"},
		"none":  {},
		"mixed": {"N", "", "S", "N", strings.Repeat("x", 256), "\xff", "a\x00", "é", "e\u0301"},
	}
	var got []string
	for _, p := range codes.Check() {
		if p.Hint == "" {
			t.Errorf("%s: no hint", p.Message)
		}
		got = append(got, fmt.Sprintf("%s %d: %s", p.List, p.Member, p.Message))
	}
	want := []string{
		"mixed 1: code 2 of the list mixed is empty",
		"mixed 3: code 4 of the list mixed is code 1 again",
		"mixed 4: code 5 of the list mixed is longer than 255 bytes",
		"mixed 5: code 6 of the list mixed is not valid UTF-8",
		"mixed 6: code 7 of the list mixed contains a NUL character",
		"mixed 8: code 9 of the list mixed is code 8 again",
		"none -1: the code list none is empty",
	}
	if !slices.Equal(got, want) {
		t.Errorf("Check finds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestGB2260(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list, code, name string // name "": no member
		obsolete         bool
	}{
		{"gb2260", "110105", "市辖区", false},
		{"gb2260", "110000", "北京市", false},
		{"gb2260", "110001", "", false}, // a county of no prefecture
		{"gb2260", "440305", "深圳市", false},
		{"gb2260", "440399", "深圳市", false}, // whatever the county
		{"gb2260", "440300", "深圳市", false},
		{"gb2260", "510225", "重庆市", true}, // of Sichuan until 1997
		{"gb2260", "512201", "万县地区", true},
		{"gb2260", "500101", "市辖区", false},
		{"gb2260", "500381", "市", true},
		{"gb2260", "371202", "莱芜市", true},
		{"gb2260", "422923", "神农架林区", true},
		{"gb2260", "429004", "省直辖县级行政区划", false},
		{"gb2260", "419001", "省直辖县级行政区划", false},
		{"gb2260", "469001", "省直辖县级行政区划", false},
		{"gb2260", "659001", "自治区直辖县级行政区划", false},
		{"gb2260", "810000", "香港特别行政区", false},
		{"gb2260", "710000", "台湾省", false},
		{"gb2260", "830000", "台湾省", false},
		{"gb2260", "160101", "", false},
		{"gb2260", "000000", "", false},
		{"gb2260", "1101", "", false},
		{"gb2260", "11010a", "", false},
		{"gb2260", "１１０１０５", "", false},
		{"gb2260-4", "1101", "市辖区", false},
		{"gb2260-4", "1100", "北京市", false},
		{"gb2260-4", "5122", "万县地区", true},
		{"gb2260-4", "1188", "", false},
		{"gb2260-2", "65", "新疆维吾尔自治区", false},
		{"gb2260-2", "66", "", false},
	} {
		l, ok := Codes(nil).list(c.list)
		if !ok {
			t.Fatalf("no list %s", c.list)
		}
		if has := l.has(c.code); has != (c.name != "") {
			t.Errorf("%s has %s: %v", c.list, c.code, has)
		}
		if name, old := l.name(c.code), l.obsolete(c.code); name != c.name || old != c.obsolete {
			t.Errorf("%s: %s is %q, obsolete %v, want %q, %v", c.list, c.code, name, old, c.name, c.obsolete)
		}
	}
}

// TestGB2260IsWhole counts what the data has and checks that every prefecture
// has its province, and every code a name.
func TestGB2260IsWhole(t *testing.T) {
	t.Parallel()
	members := map[string]int64{}
	current := map[string]int{}
	for n := range 10000 {
		code := fmt.Sprintf("%04d", n)
		l, _ := Codes(nil).list("gb2260-4")
		if !l.has(code) {
			continue
		}
		members["gb2260-4"]++
		kind := "prefectures"
		if strings.HasSuffix(code, "00") {
			members["gb2260-2"]++
			members["gb2260"]++
			kind = "provinces"
		} else {
			members["gb2260"] += 100
		}
		if !l.obsolete(code) {
			current[kind]++
		}
		if province, _ := Codes(nil).list("gb2260-2"); !province.has(code[:2]) || l.name(code) == "" {
			t.Errorf("%s has no province or no name", code)
		}
	}
	// 34 provinces and the 83 of residence permits; 342 prefectures of the
	// mainland's in force, and 5 parts of Hong Kong and Macao.
	if current["provinces"] != 35 || current["prefectures"] != 347 {
		t.Errorf("in force are %v", current)
	}
	for name, n := range members {
		if l, _ := Codes(nil).list(name); l.size != n {
			t.Errorf("%s: size %d, want %d", name, l.size, n)
		}
	}
}

func TestCodesAllocateNothing(t *testing.T) {
	many := make([]string, 5000)
	for i := range many {
		many[i] = fmt.Sprintf("B%04d", i)
	}
	codes := Codes{"branch": many}
	branch, _ := codes.list("branch")
	gb, _ := codes.list("gb2260")
	if n := testing.AllocsPerRun(100, func() {
		if !branch.has("B4711") || branch.has("B9999") || !gb.has("110105") || gb.has("990101") {
			t.Error("wrong answer")
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
