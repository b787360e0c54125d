package scheme_test

import (
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

func TestHarm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ number, want string }{
		{"1E5", "scientific"},
		{"MAR-01", "date"},
		{"2024-05", "date"},
		{"11PM", "time"},
		{"TRUE", "truth value"},
		{"00123", "leading zeros"},
		{"1234567890123456", "15 digits"},
		{"123", ""},
		{"C-001", ""},
		{"CUST-00000001-81", ""},
		{"1E5X", ""},
		{"AMAR-01", ""},
	} {
		if got := scheme.Harm(test.number); !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("Harm(%q) = %q, want %q", test.number, got, test.want)
		}
	}
}

func BenchmarkHarm(b *testing.B) {
	for b.Loop() {
		scheme.Harm("CUST-00000001-81")
	}
}
