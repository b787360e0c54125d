package normalize

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, country, want string }{
		{"13800138001", "CN", "+8613800138001"},
		{"138 0013 8001", "CN", "+8613800138001"},
		{"138-0013-8001", "CN", "+8613800138001"},
		{"１３８００１３８００１", "CN", "+8613800138001"},
		{"8613800138001", "CN", "+8613800138001"},
		{"008613800138001", "CN", "+8613800138001"},
		{"008613800138001", "", "+8613800138001"},
		{"+86 138 0013 8001", "", "+8613800138001"},
		{"(+86)13800138001", "US", "+8613800138001"},
		{"+8613800138001", "", "+8613800138001"},
		{"\u202a+8613800138001\u202c", "", "+8613800138001"},
		{"013800138001", "CN", "+8613800138001"},
		{"010-65529988", "CN", "+861065529988"},
		{"0755-26586666", "CN", "+8675526586666"},
		{"(415) 555-2671", "US", "+14155552671"},
		{"1-415-555-2671", "US", "+14155552671"},
		{"415.555.2671 x12", "US", "+14155552671"},
		{"020 7946 0018", "GB", "+442079460018"},
		{"+44 (0)20 7946 0018", "", "+442079460018"},
		{"030 1234567", "DE", "+49301234567"},
		{"06 12 34 56 78", "FR", "+33612345678"},
		{"06 1234 5678", "IT", "+390612345678"},
		{"+390612345678", "", "+390612345678"},
		{"090-1234-5678", "JP", "+819012345678"},
		{"8 (912) 345-67-89", "RU", "+79123456789"},
		{"0412 345 678", "AU", "+61412345678"},
		{"00 49 30 1234567", "FR", "+49301234567"},
		{"010-65529988转801", "CN", "+861065529988"},
		{"010-65529988 分机：801", "CN", "+861065529988"},
		{"010-65529988-801", "CN", "+861065529988"},
		{"0571-8765432-8", "CN", "+865718765432"},
		{"13800138001（微信同号）", "CN", "+8613800138001"},
		{"030-1234567 App. 12", "DE", "+49301234567"},
		{"020 7946 0018 (work)", "GB", "+442079460018"},
		{"02-123-4567 내선 12", "KR", "+8221234567"},

		{"", "CN", ""},
		{"转801", "CN", ""},
		{"n/a", "CN", ""},
		{"12", "CN", ""},
		{"138001380", "US", ""},
		{"5552671", "US", ""}, // within an area only
		{"13800138001", "", ""},
		{"+86138", "", ""},
		{"+999 123456789", "", ""},
		{"1380013800113800138001", "CN", ""},
		{"13800138001", "XX", ""},
		{"a@b.c", "CN", ""},
	} {
		got, ok := Phone(c.in, c.country)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Phone(%q, %s) = %q, %v, want %q", c.in, c.country, got, ok, c.want)
		}
	}
}

// agree fails when the tables and the library differ about a number.
func agree(t interface{ Errorf(string, ...any) }, s, country string) {
	got, ok := Phone(s, country)
	want, wantOK := ask(s, country)
	if got != want || ok != wantOK {
		t.Errorf("Phone(%q, %s) = %q, %v; the library says %q, %v", s, country, got, ok, want, wantOK)
	}
}

// TestTablesAgreeWithTheLibrary writes an example number of every kind and
// country in every way, and damages it.
func TestTablesAgreeWithTheLibrary(t *testing.T) {
	t.Parallel()
	for region := range phonenumbers.GetSupportedRegions() {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			n := phonenumbers.GetExampleNumberForType(region, kind)
			if n == nil {
				continue
			}
			e164 := phonenumbers.Format(n, phonenumbers.E164)
			national := phonenumbers.Format(n, phonenumbers.NATIONAL)
			for _, s := range []string{
				e164, phonenumbers.Format(n, phonenumbers.INTERNATIONAL), national, e164[1:], "00" + e164[1:], "0" + national,
				phonenumbers.GetNationalSignificantNumber(n), e164 + "1", e164[:len(e164)-1], national + "1", national[1:],
			} {
				agree(t, s, region)
				agree(t, s, "CN")
				if strings.HasPrefix(s, "+") {
					agree(t, s, "")
				}
			}
		}
	}
}

func TestTablesAgreeOnAnyDigits(t *testing.T) {
	t.Parallel()
	regions := slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.SampledFrom(regions).Draw(t, "region")
		start := rapid.SampledFrom([]string{"", "+", "0", "00", "1", "8", "+1", "+7", "+39", "+44", "+52", "+54", "+86", "cc", "+cc", "00cc"}).Draw(t, "start")
		cc := fmt.Sprint(phonenumbers.GetCountryCodeForRegion(region))
		s := strings.ReplaceAll(start, "cc", cc) + rapid.StringMatching(`(0|1|8)?[0-9]{3,12}`).Draw(t, "number")
		if strings.HasPrefix(s, "0086") && len(s) == 15 {
			t.Skip("read as Chinese everywhere")
		}
		agree(t, s, region)
	})
}

func TestPhoneConcurrently(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 200 {
				want := fmt.Sprintf("+44207946%04d", i*200+k)
				if got, ok := Phone(fmt.Sprintf("020 7946 %04d", i*200+k), "GB"); !ok || got != want {
					t.Errorf("%q, %v, want %s", got, ok, want)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkPhone(b *testing.B) {
	for _, c := range []struct{ in, country string }{
		{"+8613800138001", "CN"},
		{"13800138001", "CN"},
		{"138-0013-8001", "CN"},
		{"+442079460018", "CN"},
		{"020 7946 0018", "GB"},
		{"(415) 555-2671", "US"},
		{"010-65529988", "CN"},
		{"0301234567", "DE"},
		{"415 555 2671 x12", "US"},
	} {
		b.Run(c.in, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := Phone(c.in, c.country); !ok {
					b.Fatal("no number")
				}
			}
		})
	}
}

func BenchmarkPlans(b *testing.B) {
	for b.Loop() {
		all, err := phonenumbers.MetadataCollection()
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range all.GetMetadata() {
			newPlan(m)
		}
	}
}
