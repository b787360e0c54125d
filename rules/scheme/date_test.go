package scheme

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTime(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("CST", 8*3600)
	for _, c := range []struct{ scheme, id, want string }{
		{"{seq:2}{date:YYYYMMDD}", "0120240229", "2024-02-29T00:00:00+08:00"},
		{"{date:YYMM}-{seq}", "6912-1", "1969-12-01T00:00:00+08:00"},
		{"{date:YYMM}-{seq}", "6812-1", "2068-12-01T00:00:00+08:00"},
		{"{date:DD/MM/YYYY hh:mm}", "01/02/2024 13:14", "2024-02-01T13:14:00+08:00"},
		{"{unix}", "1700000000", "2023-11-15T06:13:20+08:00"},
		{"{unixms}", "1700000000123", "2023-11-15T06:13:20.123+08:00"},
		{"{seq}", "1700000000", ""},
	} {
		s := compile(t, c.scheme)
		p, err := s.Parse(c.id)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for no := range p.Parts {
			if at, ok := s.Time(p, no, shanghai); ok {
				got = at.Format(time.RFC3339Nano)
			}
		}
		if got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.id, c.scheme, got, c.want)
		}
	}
}

// TestDatesAgreeWithTheCalendar reads every text of the layout's digits as
// package time does.
func TestDatesAgreeWithTheCalendar(t *testing.T) {
	t.Parallel()
	s := compile(t, "{date:YYYYMMDDhhmmss}")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9]{2}[0-9]{2}[01][0-9][0-3][0-9][0-2][0-9][0-6][0-9][0-6][0-9]`).Draw(t, "text")
		at, err := time.Parse("20060102150405", text)
		if want := err == nil && at.Year() >= 1000; s.Match(text) != want {
			t.Fatalf("%s: %v, and package time says %v", text, s.Match(text), err)
		}
		if err != nil || at.Year() < 1000 {
			return
		}
		if again, ok := s.forms[0].elements[0].date.write(nil, at); !ok || string(again) != text {
			t.Fatalf("%s is written as %s", text, again)
		}
	})
}
