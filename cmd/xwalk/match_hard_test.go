package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/makedata/hard"
)

// precisions are what is right, at least, of what is merged by itself in the
// corpora of package hard, at a tenth of their size. A wrong merge costs a
// customer, so they may be raised and never lowered.
var precisions = map[string]float64{
	"contacts":     0.97,
	"chinese":      0.98,
	"companies":    0.98,
	"clean_year":   0.90,
	"clean_postal": 0.99,
	"clean_city":   0.99,
	"name_birth":   0.98,
	"name_mail":    0.99,
	"company_city": 0.99,
	"migration":    0.98,
}

// TestHardPrecision merges records whose customers are easily taken for each
// other.
func TestHardPrecision(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("scores thousands of records")
	}
	for _, c := range hard.All(0.1) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := c.Write(dir); err != nil {
				t.Fatal(err)
			}
			e, out, messages := testEnv("match", "--truth", hard.Truth, "--format", "json", "--limit", "1", "-c", filepath.Join(dir, "xwalk.yaml"))
			if code := run(t.Context(), e); code != 0 {
				t.Fatalf("match exits with %d: %s", code, messages)
			}
			v := &scoredView{}
			if err := json.Unmarshal(out.Bytes(), v); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d records: F1 %.4f precision %.4f recall %.4f; with %d reviews (%.2f%%) F1 %.4f; largest %d of %d; missed %v", c.Records(),
				v.Closure.F1, v.Closure.Precision, v.Closure.Recall, v.Reviews.Open, 100*v.Reviews.PerRecord, v.Reviews.Closure.F1, v.Largest, v.TrueLargest, v.Missed.By)
			want, known := precisions[c.Name]
			if !known {
				t.Fatal("no precision is asked for")
			}
			if got := v.Closure.Precision; got < want {
				t.Errorf("precision is %.4f, want at least %.4f", got, want)
			}
		})
	}
}
