package normalize

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// line writes an address taken apart as number | unit | words | type.
func line(text string) string {
	a := Address(text)
	return a.Number + " | " + a.Unit + " | " + strings.Join(a.Words, " ") + " | " + a.Type
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{} {
		if got := line(in); got != want {
			t.Errorf("Address(%q)\n got %s\nwant %s", in, got, want)
		}
	}
}

// Other orders and spellings are the same address.
func TestAddressSame(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"12 Main St", "12 Main Street", "Main Street 12", "Main St. 12", "12, MAIN STREET", "No. 12 Main St", "012 Main St"},
		{"Unit 5, 12 Smith St", "5/12 Smith Street", "12 Smith St Apt 5", "12 Smith St #5", "Flat 5 12 Smith Street"},
		{"245 W 57th St", "245 West 57th Street", "245 W. 57 th St."},
		{"Hauptstraße 12a", "Hauptstrasse 12 a", "Hauptstr. 12A", "12a Hauptstr"},
		{"ул. Ленина, д. 5, кв. 3", "улица Ленина, дом 5, квартира 3", "УЛ ЛЕНИНА Д 5 КВ 3"},
		{"10 rue de la Paix", "10, Rue de la Paix", "Rue de la Paix, 10"},
		{"PO Box 123", "P.O. Box 123", "P. O. Box 123", "Post Office Box 123", "Postfach 123"},
		{"上海市碧波路690号2号楼501室", "上海碧波路690号2-501", "上海市碧波路690號2號樓501室", "上海市碧波路６９０号２号楼５０１室", "上海市碧波路六百九十号2幢501"},
		{"東京都千代田区丸の内1-2-3", "東京都千代田区丸の内1丁目2番3号", "東京都千代田区丸の内一丁目2番地3"},
	} {
		for _, s := range same[1:] {
			if diff := cmp.Diff(Address(same[0]), Address(s)); diff != "" {
				t.Errorf("%s and %s differ:\n%s", same[0], s, diff)
			}
		}
	}
}

func TestAddressKeepsApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"12 Oak St", "12 Oak Ave"},
		{"12 Oak St", "12a Oak St"},
		{"12 N Oak St", "12 S Oak St"},
		{"Bahnhofstraße 5", "Bahnhofplatz 5"},
		{"Flat 1, 12 Oak St", "Flat 2, 12 Oak St"},
		{"PO Box 12", "12 Oak St"},
		{"5th Ave 12", "6th Ave 12"},
		{"碧波路690号501室", "碧波路690号502室"},
		{"南京东路100号", "南京西路100号"},
	} {
		if a, b := Address(pair[0]), Address(pair[1]); cmp.Equal(a, b) {
			t.Errorf("%s and %s are both %+v", pair[0], pair[1], a)
		}
	}
}

func TestAddressNeverEmpty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := names.Draw(t, "address")
		a := Address(in)
		if tells(simple(in)) && a.Number == "" && a.Unit == "" && len(a.Words) == 0 {
			t.Fatalf("Address(%q) is empty", in)
		}
		for _, w := range a.Words {
			if w == "" {
				t.Fatalf("Address(%q) has an empty word: %q", in, a.Words)
			}
		}
	})
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"12 Main St", "5/12 Smith", "上海市碧波路690号2-501", "c/o a, 12", "PO Box 12", "\xff12\xff", "3층 12-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		a := Address(in)
		if tells(simple(in)) && a.Number == "" && a.Unit == "" && len(a.Words) == 0 {
			t.Fatalf("Address(%q) is empty", in)
		}
	})
}

func BenchmarkAddress(b *testing.B) {
	for _, line := range []string{"69 giblin street killarney", "Flat 2, Rose Court, 14 Oak Ave", "上海市浦东新区碧波路690号2号楼501室"} {
		b.Run(line, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				Address(line)
			}
		})
	}
}
