package normalize

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// checkedIDs are valid numbers: examples of the issuing authorities and of
// well-known companies.
var checkedIDs = strings.Fields(`
	11010519491231002X 440524188001010014 91350100M000100Y43 91110000600037341L
	ATU13585627 BE0428759497 BE428759497 BG175074752 CY10259033P CZ25123891 DE136695976 DK13585628 EE100931558 EL094259216
	ESB58378431 ES54362315K ESX2482300W ESJ99216582 FI20774740 FR40303265045 GB980780684 XI980780684 HR33392005961 HU12892312
	IE6433435F IE6433435OA IE8D79739I IT00743110157 LT119511515 LT100001919017 LT100004801610 LU15027442 LV40003521600
	MT11679112 NL004495445B01 NL002455799B11 PL8567346215 PT501964843 RO18547290 SE123456789701 SI50223054 SK2022749619
	CHE100155212 CHE107787577IVA NO995525828MVA
	DE89370400440532013000 GB82WEST12345698765432 FR1420041010050500013M02606 CH9300762011623852957 NL91ABNA0417164300 BE68539007547034
	27AAPFU0939F1ZV RCCMNL83S18D969H BOXW310820HNERXN09 A123456789
`)

// rareIDs hold by their check, but a wrong one could be something else.
var rareIDs = strings.Fields(`
	39053344705 51824753556 83914571673 17291716060 15108695088 44051401359 20055361682 500100732259 7503305044089 9710139019902
	0101006500006 7569217076985 16727230000197 12ABC34501DE35 73282932000074 295109912611193
	5493001KJTIIGC8Y1R12 12345678Z X1234567L S1234567D
`)

func TestChecked(t *testing.T) {
	t.Parallel()
	for _, id := range checkedIDs {
		if valid, known := Checked(id); !valid || !known {
			t.Errorf("Checked(%s) = %v, %v, want valid", id, valid, known)
		}
		if wrong := otherEnd(id); wrong != "" {
			if valid, known := Checked(wrong); valid || !known {
				t.Errorf("Checked(%s) = %v, %v, want known and invalid", wrong, valid, known)
			}
		}
	}
	for _, id := range rareIDs {
		if valid, known := Checked(id); !valid || !known {
			t.Errorf("Checked(%s) = %v, %v, want valid", id, valid, known)
		}
		if valid, known := Checked(otherEnd(id)); valid || known {
			t.Errorf("Checked(%s) = %v, %v, want unknown", otherEnd(id), valid, known)
		}
	}
}

// otherEnd is an ID with its last digit or letter the next one.
func otherEnd(id string) string {
	if strings.HasSuffix(id, "MVA") || strings.HasSuffix(id, "IVA") || strings.HasPrefix(id, "NL0") || strings.HasPrefix(id, "SE") || id == "IE6433435OA" {
		return "" // the end is no check
	}
	last := id[len(id)-1]
	switch last {
	case '9':
		last = '0'
	case 'X', 'Z':
		last = 'A'
		if len(id) == 18 {
			last = '1'
		}
	default:
		last++
	}
	return id[:len(id)-1] + string(last)
}

func TestCheckedUnknown(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"", "1", "123456", "123456789", "078051120", "911101", "A1234567", "ABCDE1234F", "1234567890", "12345678901234567890123456789012345",
		"11111111111", "00000000000000", "LV16117519997", "110105491231002", "张三12345678", "FRXX303265045",
	} {
		if valid, known := Checked(id); valid || known {
			t.Errorf("Checked(%s) = %v, %v, want unknown", id, valid, known)
		}
	}
}

func TestCheckedFewAccidents(t *testing.T) {
	t.Parallel()
	// Of numbers of bare digits hardly one in twenty holds by accident.
	const each = 2000
	for size, rnd := 11, rand.New(rand.NewPCG(1, 2)); size <= 15; size++ {
		held := 0
		for range each {
			id := fmt.Sprintf("%0*d", size, rnd.Uint64N(uint64(math.Pow10(size))))
			valid, known := Checked(id)
			if known != valid {
				t.Fatalf("Checked(%s) = %v, %v: nobody can tell that bare digits are wrong", id, valid, known)
			}
			if valid {
				held++
			}
		}
		if held*20 > each {
			t.Errorf("%d of %d numbers of %d digits hold by accident", held, each, size)
		}
	}
}

func TestCheckedNeverPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Z]{2}[0-9A-Z]{5,32}`), rapid.StringMatching(`[0-9A-Z]{7,20}`)).Draw(t, "id")
		if valid, known := Checked(id); valid && !known {
			t.Fatalf("Checked(%q) is valid and unknown", id)
		}
	})
}

func FuzzChecked(f *testing.F) {
	for _, id := range append(checkedIDs, rareIDs...) {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if valid, known := Checked(id); valid && !known {
			t.Fatalf("Checked(%q) is valid and unknown", id)
		}
	})
}
