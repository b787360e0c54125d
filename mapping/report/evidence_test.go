package report

import "testing"

func TestLikely(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		probability float64
		digits      int
		want        string
	}{
		{0.98996, 2, "0.98"},
		{0.98996, 3, "0.989"},
		{0.9999999, 3, "0.999"},
		{0.8, 3, "0.800"},
		{0.29, 2, "0.29"},
		{0, 4, "0.0000"},
	} {
		if got := Likely(c.probability, c.digits); got != c.want {
			t.Errorf("%v in %d digits: %s, want %s", c.probability, c.digits, got, c.want)
		}
	}
}
