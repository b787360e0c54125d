package infer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// numbering is one way in which a CRM numbers its customers: how to make the
// n-th of its IDs, and the schemes that a migration engineer would write for
// it, any of which is right. checked says that it has a check system.
type numbering struct {
	name    string
	want    []string
	checked bool
	make    func(r *rand.Rand) func(n int) string
}

// each makes IDs that depend on nothing but their number.
func each(id func(r *rand.Rand, n int) string) func(*rand.Rand) func(int) string {
	return func(r *rand.Rand) func(int) string { return func(n int) string { return id(r, n) } }
}

func counting(format string, start int) func(*rand.Rand) func(int) string {
	return each(func(_ *rand.Rand, n int) string { return fmt.Sprintf(format, start+n) })
}

// chars is n random characters.
func chars(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func withCheck(system, body string) string { return body + scheme.CheckOf(system, body) }

// day is a day of the three years from 2022 on.
func day(r *rand.Rand) time.Time {
	return time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(3*365))
}

func birthday(r *rand.Rand) time.Time {
	return time.Date(1945, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(60*365))
}

// regions are prefectures with a county.
func region(r *rand.Rand) string {
	places := []string{"1101", "1201", "1301", "1401", "2101", "2201", "2301", "3101", "3201", "3202", "3301", "3302", "3401", "3501", "3601", "3701", "3702", "4101", "4201", "4301", "4401", "4403", "4501", "5101", "5201", "5301", "6101", "6201"}
	county := []int{1 + r.IntN(15), 21 + r.IntN(12), 81 + r.IntN(4)}[r.IntN(3)]
	return places[r.IntN(len(places))] + fmt.Sprintf("%02d", county)
}

const (
	upperHex   = "0123456789ABCDEF"
	lowerHex   = "0123456789abcdef"
	crockford  = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	noidChars  = "0123456789bcdfghjkmnpqrstvwxz"
	alnumUpper = decimals + capitals
	alnumAll   = decimals + capitals + smalls
	usccChars  = "0123456789ABCDEFGHJKLMNPQRTUWXY"
)

func uuid4(r *rand.Rand) string {
	h := chars(r, lowerHex, 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-" + chars(r, "89ab", 1) + h[17:20] + "-" + h[20:]
}

func uuid7(r *rand.Rand) string {
	h := fmt.Sprintf("%012x", day(r).UnixMilli()+int64(r.IntN(86400000)))
	return h[:8] + "-" + h[8:] + "-7" + chars(r, lowerHex, 3) + "-" + chars(r, "89ab", 1) + chars(r, lowerHex, 3) + "-" + chars(r, lowerHex, 12)
}

func ulid(r *rand.Rand) string {
	ms := uint64(day(r).UnixMilli() + int64(r.IntN(86400000)))
	var b [10]byte
	for i := range b {
		b[9-i] = crockford[ms&31]
		ms >>= 5
	}
	return string(b[:]) + chars(r, crockford, 16)
}

func salesforce15(r *rand.Rand, _ int) string {
	return "0015f" + "00000" + chars(r, alnumAll, 2) + chars(r, alnumAll, 3)
}

// numberings are the families of corpora.
var numberings = []numbering{
	{"00001", []string{"{seq:5}"}, false, counting("%05d", 1)},
	{"1", []string{"{seq}"}, false, counting("%d", 1)},
	{"C001", []string{"C{seq:4}"}, false, counting("C%04d", 1)},
	{"U1001", []string{"U{seq:4+}"}, false, func(r *rand.Rand) func(int) string {
		return func(int) string { return fmt.Sprintf("U%d", 1001+r.IntN(30000)) }
	}},
	{"CUST-00123", []string{"CUST-{seq:5}"}, false, counting("CUST-%05d", 100)},
	{"#A001", []string{"#A{seq:4}"}, false, counting("#A%04d", 1)},
	{"@B002", []string{"@B{seq:5}"}, false, counting("@B%05d", 1)},
	{"客户0001", []string{"客户{seq:5}"}, false, counting("客户%05d", 1)},
	{"20240101000123", []string{"{date:YYYYMMDD}{seq:6}"}, false, each(func(r *rand.Rand, _ int) string {
		return day(r).Format("20060102") + fmt.Sprintf("%06d", 1+r.IntN(400))
	})},
	{"timestamp", []string{"{date:YYYYMMDDhhmmss}{seq:3}"}, false, each(func(r *rand.Rand, _ int) string {
		return day(r).Add(time.Duration(r.IntN(86400))*time.Second).Format("20060102150405") + fmt.Sprintf("%03d", r.IntN(1000))
	})},
	{"M20240101-001", []string{"M{date:YYYYMMDD}-{seq:3}"}, false, each(func(r *rand.Rand, _ int) string {
		return "M" + day(r).Format("20060102") + fmt.Sprintf("-%03d", 1+r.IntN(300))
	})},
	{"2401-0001", []string{"{date:YYMM}-{seq:4}"}, false, each(func(r *rand.Rand, _ int) string {
		return day(r).Format("0601") + fmt.Sprintf("-%04d", 1+r.IntN(2000))
	})},
	{"YYMM+seq", []string{"K{date:YYMM}{seq:5}"}, false, each(func(r *rand.Rand, _ int) string {
		return "K" + day(r).Format("0601") + fmt.Sprintf("%05d", 1+r.IntN(20000))
	})},
	{"DDMMYYYY", []string{"{date:DDMMYYYY}/{seq:4}"}, false, each(func(r *rand.Rand, _ int) string {
		return birthday(r).Format("02012006") + fmt.Sprintf("/%04d", r.IntN(10000))
	})},
	{"2024-01-31-12", []string{"{date:YYYY-MM-DD}-{seq:3}"}, false, each(func(r *rand.Rand, _ int) string {
		return day(r).Format("2006-01-02") + fmt.Sprintf("-%03d", 1+r.IntN(400))
	})},
	{"branch/number/year", []string{"{seq}/{seq}/{date:YYYY}"}, false, each(func(r *rand.Rand, _ int) string {
		return fmt.Sprintf("%d/%d/%d", 1+r.IntN(40), 1+r.IntN(3000), 2012+r.IntN(12))
	})},
	{"postal", []string{"{code:gb2260}{date:YYYYMMDD}{seq:6}{check:mod11-2}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("mod11-2", region(r)+day(r).Format("20060102")+fmt.Sprintf("%06d", 1+r.IntN(900)))
	})},
	{"region+seq", []string{"{code:gb2260}{seq:6}"}, false, each(func(r *rand.Rand, _ int) string {
		return region(r) + fmt.Sprintf("%06d", 1+r.IntN(60000))
	})},
	{"resident 18", []string{"{code:gb2260}{date:YYYYMMDD}{seq:3}{check:gb11643}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("gb11643", region(r)+birthday(r).Format("20060102")+fmt.Sprintf("%03d", r.IntN(1000)))
	})},
	{"resident 15", []string{"{code:gb2260}{date:YYMMDD}{seq:3}"}, false, each(func(r *rand.Rand, _ int) string {
		return region(r) + birthday(r).Format("060102") + fmt.Sprintf("%03d", r.IntN(1000))
	})},
	{"uscc", []string{"{alnum:2}{code:gb2260}{alnum:9}{check:gb32100}"}, true, each(func(r *rand.Rand, _ int) string {
		org := withCheck("gb11714", chars(r, usccChars, 8))
		return withCheck("gb32100", "91"+region(r)+org)
	})},
	{"organisation code", []string{"{alnum:8}-{check:gb11714}"}, true, each(func(r *rand.Rand, _ int) string {
		body := chars(r, decimals+"ABCDEFGHJKLMNPQRTUWXY", 8)
		return body + "-" + scheme.CheckOf("gb11714", body)
	})},
	{"uuid v4", []string{"{uuid}"}, false, each(func(r *rand.Rand, _ int) string { return uuid4(r) })},
	{"uuid v7", []string{"{uuid}"}, false, each(func(r *rand.Rand, _ int) string { return uuid7(r) })},
	{"UUID upper", []string{"{uuid}"}, false, each(func(r *rand.Rand, _ int) string { return strings.ToUpper(uuid4(r)) })},
	{"{uuid} in braces", []string{"{uuid}"}, false, each(func(r *rand.Rand, _ int) string { return "{" + uuid4(r) + "}" })},
	{"ulid", []string{"{ulid}"}, false, each(func(r *rand.Rand, _ int) string { return ulid(r) })},
	{"snowflake", []string{"{snowflake}"}, false, each(func(r *rand.Rand, _ int) string {
		ms := day(r).UnixMilli() + int64(r.IntN(86400000)) - 1288834974657
		return fmt.Sprint(ms<<22 | int64(r.IntN(12))<<12 | int64(r.IntN(3)))
	})},
	{"objectid", []string{"{objectid}"}, false, each(func(r *rand.Rand, n int) string {
		return fmt.Sprintf("%08x", day(r).Unix()+int64(r.IntN(86400))) + "a1b2c3d4e5" + fmt.Sprintf("%06x", n)
	})},
	{"salesforce 18", []string{"{salesforce}"}, false, each(func(r *rand.Rand, n int) string {
		id := salesforce15(r, n)
		return id + scheme.SalesforceSuffix(id)
	})},
	{"salesforce 15", []string{"{salesforce}"}, false, each(salesforce15)},
	{"luhn card", []string{"{seq:15}{check:luhn}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("luhn", "62"+chars(r, decimals, 13))
	})},
	{"ean 13", []string{"{seq:12}{check:gs1-mod10}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("gs1-mod10", fmt.Sprintf("69%d%05d", 10000+r.IntN(50), r.IntN(100000)))
	})},
	{"verhoeff", []string{"V{seq:7}{check:verhoeff}"}, true, each(func(_ *rand.Rand, n int) string {
		return "V" + withCheck("verhoeff", fmt.Sprintf("%07d", 1+n))
	})},
	{"damm", []string{"{seq:6}-{check:damm}"}, true, each(func(_ *rand.Rand, n int) string {
		body := fmt.Sprintf("%06d", 1+n)
		return body + "-" + scheme.CheckOf("damm", body)
	})},
	{"mod11-10", []string{"{seq:8}{check:mod11-10}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("mod11-10", chars(r, decimals, 8))
	})},
	{"mod37-36", []string{"{alnum:9}{check:mod37-36}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("mod37-36", chars(r, alnumUpper, 9))
	})},
	{"mod37-2", []string{"{letters:2}{seq:6}{check:mod37-2}"}, true, each(func(r *rand.Rand, n int) string {
		return withCheck("mod37-2", chars(r, capitals, 2)+fmt.Sprintf("%06d", 1+n))
	})},
	{"mod97-10 prefix", []string{"CUST-{seq:8}-{check:mod97-10}"}, true, each(func(_ *rand.Rand, n int) string {
		body := fmt.Sprintf("CUST-%08d", 1+n)
		return body + "-" + scheme.CheckOf("mod97-10", body)
	})},
	{"mod97-10 digits", []string{"AB{seq:7}{check:mod97-10(seq)}"}, true, each(func(_ *rand.Rand, n int) string {
		return "AB" + withCheck("mod97-10", fmt.Sprintf("%07d", 1+n))
	})},
	{"mod1271-36", []string{"{alnum:8}{check:mod1271-36}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("mod1271-36", chars(r, alnumUpper, 8))
	})},
	{"sierra", []string{".b{seq:7}{check:sierra-mod11}"}, true, each(func(_ *rand.Rand, n int) string {
		return ".b" + withCheck("sierra-mod11", fmt.Sprint(1000000+n))
	})},
	{"noid", []string{"{alnum:9}{check:noid29}", "{alnum:10}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("noid29", chars(r, noidChars, 9))
	})},
	{"crockford", []string{"{base32:8}{check:crockford37}"}, true, each(func(r *rand.Rand, _ int) string {
		return withCheck("crockford37", chars(r, crockford, 8))
	})},
	{"check in front", []string{"{check:luhn(seq)}{seq:8}"}, true, each(func(_ *rand.Rand, n int) string {
		body := fmt.Sprintf("%08d", 1+n)
		return scheme.CheckOf("luhn", body) + body
	})},
	{"check in the middle", []string{"{seq:7}-{check:damm}/{date:YYYY}"}, true, each(func(r *rand.Rand, n int) string {
		body := fmt.Sprintf("%07d", 1+n)
		return body + "-" + scheme.CheckOf("damm", body) + fmt.Sprintf("/%d", 2015+r.IntN(9))
	})},
	{"uuid without hyphens", []string{"{uuid}"}, false, each(func(r *rand.Rand, _ int) string { return strings.ReplaceAll(uuid4(r), "-", "") })},
	{"md5", []string{"{hex:32}"}, false, each(func(r *rand.Rand, _ int) string { return chars(r, lowerHex, 32) })},
	{"hex 8", []string{"{hex:8}"}, false, each(func(r *rand.Rand, _ int) string {
		return chars(r, lowerHex, 8)
	})},
	{"base32", []string{"{base32:10}"}, false, each(func(r *rand.Rand, _ int) string { return chars(r, crockford, 10) })},
	{"unix ms", []string{"{unixms}"}, false, each(func(r *rand.Rand, _ int) string {
		return fmt.Sprint(day(r).UnixMilli() + int64(r.IntN(86400000)))
	})},
	{"unix + seq", []string{"{unix}{seq:4}"}, false, each(func(r *rand.Rand, _ int) string {
		return fmt.Sprintf("%d%04d", day(r).Unix()+int64(r.IntN(86400)), r.IntN(10000))
	})},
	{"alnum", []string{"{alnum:8}"}, false, each(func(r *rand.Rand, _ int) string { return chars(r, alnumUpper, 8) })},
	{"letters+digits", []string{"{letters:2}{seq:4}{letters:1}"}, false, each(func(r *rand.Rand, _ int) string {
		return chars(r, capitals, 2) + chars(r, decimals, 4) + chars(r, capitals, 1)
	})},
	{"branch code", []string{"{letters:2-3}-{seq:6}"}, false, func(r *rand.Rand) func(int) string {
		branches := []string{"BJ", "SH", "GZ", "SZ", "HZH", "CDU", "XIA", "WUH", "NJ", "TJ"}
		return func(n int) string { return fmt.Sprintf("%s-%06d", branches[r.IntN(len(branches))], 1+n) }
	}},
	{"phone", []string{"{seq:11}"}, false, each(func(r *rand.Rand, _ int) string {
		return []string{"138", "139", "150", "186", "177", "136"}[r.IntN(6)] + chars(r, decimals, 8)
	})},
	{"suffix", []string{"{seq:6}-CN"}, false, counting("%06d-CN", 1)},
	{"e-mail", []string{"{any}"}, false, each(func(r *rand.Rand, _ int) string {
		name := func() string { return chars(r, smalls, 3+r.IntN(7)) }
		id := name()
		for range r.IntN(3) {
			id += []string{".", "_", "-"}[r.IntN(3)] + name()
		}
		if r.IntN(3) == 0 {
			id += fmt.Sprint(r.IntN(2000))
		}
		return id + "@" + []string{"example.com", "mail.example.cn", "ex-ample.co.uk", "163.example", "q.example.org"}[r.IntN(5)]
	})},
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5ca1ab1e)) }

// corpus is n IDs of a numbering; a part of them is noise.
func (f *numbering) corpus(r *rand.Rand, n int, noise float64) []string {
	next := f.make(r)
	ids := make([]string, n)
	for i := range ids {
		ids[i] = next(i)
		if r.Float64() < noise {
			ids[i] = spoil(r, ids[i])
		}
	}
	return ids
}

// spoil makes of an ID what is found instead of one.
func spoil(r *rand.Rand, id string) string {
	b := []rune(id)
	at := r.IntN(len(b))
	switch r.IntN(9) {
	case 0: // a wrong character of the same kind, or not
		b[at] = rune(alnumUpper[r.IntN(len(alnumUpper))])
	case 1:
		b[at] = rune(decimals[r.IntN(10)])
	case 2: // two swapped
		if at > 0 {
			b[at], b[at-1] = b[at-1], b[at]
		}
	case 3: // one left out
		b = append(b[:at], b[at+1:]...)
	case 4: // one twice
		b = append(b[:at], append([]rune{b[at]}, b[at:]...)...)
	case 5: // cut off
		b = b[:at]
	case 6:
		return []string{"", "N/A", "n/a", "-", "0", "unknown", "test", "无", "NULL", "#N/A", "tbd"}[r.IntN(11)]
	case 7: // another format
		return []string{
			fmt.Sprintf("OLD%d", r.IntN(100000)), fmt.Sprint(r.IntN(1000000)), "x" + chars(r, smalls, 1+r.IntN(8)),
			chars(r, smalls, 5) + "@example.com", fmt.Sprintf("%d.%d", r.IntN(100), r.IntN(100)),
			fmt.Sprintf("%s (dup)", id), fmt.Sprintf("%s;%s", id, id), fmt.Sprintf("%d.0", r.IntN(100000)), "1.2E+1" + chars(r, decimals, 1),
		}[r.IntN(9)]
	case 8: // the case changed, or a separator
		return strings.NewReplacer("-", " ", "/", "-").Replace(strings.ToLower(id))
	}
	return string(b)
}

func TestNumberingsAreTrue(t *testing.T) {
	t.Parallel()
	for _, f := range numberings {
		for _, want := range f.want {
			s, err := scheme.Compile(want, nil)
			if err != nil {
				t.Fatalf("%s: %v", f.name, err)
			}
			for _, id := range f.corpus(random(1), 50, 0) {
				if !s.Match(id) {
					t.Errorf("%s: %s does not read %s", f.name, want, id)
					break
				}
			}
		}
	}
}
