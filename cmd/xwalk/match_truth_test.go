package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/mapping/quality"
)

// goals are what matching must reach on a data set, with the defaults.
type goals struct {
	f1, precision, reviewed float64
	reviews                 float64 // share of the records, at most
}

const febrlFields = "given_name: given_name, family_name: surname, birth_date: date_of_birth, national_id: soc_sec_id, " +
	"address: [street_number, address_1, address_2], city: suburb, postal_code: postcode, region: state"

// publicData are data sets with known truth, in fixtures/data. That of febrl
// stands in its record IDs.
var publicData = []struct {
	name, file, id, truth, settings, fields string
	goals                                   goals
}{
	{"febrl1", "febrl/dataset1.csv", "rec_id", "", "country: AU", febrlFields, goals{0.994, 1, 0.997, 0.01}},
	{"febrl2", "febrl/dataset2.csv", "rec_id", "", "country: AU", febrlFields, goals{0.997, 1, 0.998, 0.01}},
	{"febrl3", "febrl/dataset3.csv", "rec_id", "", "country: AU", febrlFields, goals{0.995, 1, 0.9995, 0.01}},
	{
		"fake_1000", "splink/fake_1000.csv", "unique_id", "cluster", "kind: person",
		"given_name: first_name, family_name: surname, birth_date: dob, city: city, email: email",
		goals{0.93, 0.995, 0.965, 0.08},
	},
	{
		"early_childhood", "organisations/early_childhood.csv", "Id", "True Id", "kind: company, country: US",
		"company: Site name, address: Address, postal_code: Zip, phone: Phone, email: Email Address, agency: Agency, program: Program Name",
		goals{0.85, 0.98, 0.92, 0.08},
	},
}

// TestQuality scores matching as people do, through `match --truth`.
func TestQuality(t *testing.T) {
	t.Parallel()
	for _, d := range publicData {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && d.name != "febrl1" {
				t.Skip("scores thousands of records")
			}
			dir := t.TempDir()
			path, truth := filepath.Join("..", "..", "fixtures", "data", d.file), d.truth
			if truth == "" {
				path, truth = withTruth(t, path, dir), "truth"
			}
			abs, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			v := scored(t, dir, truth, fmt.Sprintf("{ connector: csv, path: %q, id: %s, %s, fields: { %s } }", abs, d.id, d.settings, d.fields))
			t.Logf("F1 %.4f precision %.4f recall %.4f; with %d reviews (%.2f%%) F1 %.4f; largest %d of %d; missed %v",
				v.Closure.F1, v.Closure.Precision, v.Closure.Recall, v.Reviews.Open, 100*v.Reviews.PerRecord, v.Reviews.Closure.F1, v.Largest, v.TrueLargest, v.Missed.By)
			v.check(t, d.goals)
		})
	}
}

// scoredView is what is read of the answer of `match --truth`.
type scoredView struct {
	Closure     quality.Measure `json:"closure"`
	Largest     int             `json:"largest"`
	TrueLargest int             `json:"true_largest"`
	Missed      struct {
		By map[string]int64 `json:"by"`
	} `json:"missed"`
	Reviews struct {
		Open      int             `json:"open"`
		PerRecord float64         `json:"per_record"`
		Closure   quality.Measure `json:"closure"`
	} `json:"reviews"`
}

func (v *scoredView) check(t *testing.T, want goals) {
	t.Helper()
	for _, c := range []struct {
		what         string
		got, atLeast float64
	}{
		{"F1", v.Closure.F1, want.f1},
		{"precision", v.Closure.Precision, want.precision},
		{"F1 with a reviewer", v.Reviews.Closure.F1, want.reviewed},
		{"share without review", 1 - v.Reviews.PerRecord, 1 - want.reviews},
		{"1.5 times the largest customer over the largest cluster", 1.5 * float64(v.TrueLargest) / float64(v.Largest), 1},
	} {
		if c.got < c.atLeast {
			t.Errorf("%s is %.4f, want at least %.4f", c.what, c.got, c.atLeast)
		}
	}
}

// scored runs `match --truth` on one source.
func scored(t *testing.T, dir, truth, source string) *scoredView {
	t.Helper()
	config := filepath.Join(dir, "xwalk.yaml")
	text := "version: 1\ncanonical: { scheme: \"CUST-{next:8}\" }\nsources:\n  s: " + source + "\nmatch:\n  similar: { merge: 0.99, review: 0.80 }\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	e, out, messages := testEnv("match", "--truth", truth, "--format", "json", "--limit", "1", "-c", config)
	if code := run(t.Context(), e); code != 0 {
		t.Fatalf("match exits with %d: %s", code, messages)
	}
	v := &scoredView{}
	if err := json.Unmarshal(out.Bytes(), v); err != nil {
		t.Fatal(err)
	}
	return v
}

// withTruth copies a febrl file with a column that says which person a record
// is: the N of rec-N-org and rec-N-dup-3.
func withTruth(t *testing.T, path, dir string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		truth := "truth"
		if i > 0 {
			truth = strings.Split(rows[i][0], "-")[1]
		}
		rows[i] = append(rows[i], truth)
	}
	out := filepath.Join(dir, "febrl.csv")
	g, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := csv.NewWriter(g).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}
