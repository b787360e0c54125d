package scheme

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// vectorSchemes maps the names of testdata/check_vectors.csv to ours.
var vectorSchemes = map[string]string{"luhn": "luhn", "damm": "damm", "iso7064_mod97_10": "mod97-10"}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func TestCheckVectors(t *testing.T) {
	t.Parallel()
	rows := readCSV(t, "testdata/check_vectors.csv")
	if len(rows) != 50 {
		t.Fatalf("%d vectors, want 50", len(rows))
	}
	for _, row := range rows {
		body, check, valid := row[1], row[2], row[3] == "true"
		s, err := Compile("{alnum}{check:"+vectorSchemes[row[0]]+"}", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Match(body + check); got != valid {
			t.Errorf("%s: Match(%s%s) = %v, want %v (%s)", row[0], body, check, got, valid, row[4])
		}
		if !valid {
			continue
		}
		id, err := s.Format(Parts{Parts: []Part{{"alnum", body}, {"check", ""}}})
		if err != nil || id != body+check {
			t.Errorf("%s: Format(%s) = %s, %v, want check %s", row[0], body, id, err, check)
		}
	}
}

func TestChecksFindSlips(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"luhn", "mod97-10", "damm"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Compile("{seq}{check:"+name+"}", nil)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) {
				body := rapid.StringMatching(`[0-9]{1,30}`).Draw(t, "body")
				id, err := s.Format(Parts{Parts: []Part{{"seq", body}, {"check", ""}}})
				if err != nil {
					t.Fatal(err)
				}
				at := rapid.IntRange(0, len(id)-1).Draw(t, "at")
				wrong := []byte(id)
				wrong[at] = rapid.SampledFrom([]byte(strings.ReplaceAll("0123456789", id[at:at+1], ""))).Draw(t, "digit")
				if s.Match(string(wrong)) {
					t.Fatalf("%s passes as well as %s", wrong, id)
				}
				if at+1 == len(id) || id[at] == id[at+1] || name == "luhn" {
					return // Luhn does not see 09 and 90 swapped
				}
				swapped := []byte(id)
				swapped[at], swapped[at+1] = swapped[at+1], swapped[at]
				if s.Match(string(swapped)) {
					t.Fatalf("%s passes as well as %s", swapped, id)
				}
			})
		})
	}
}

func TestLowFormsAreRefused(t *testing.T) {
	t.Parallel()
	s, err := Compile("{seq}{check:mod97-10}", nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"530397": true, "530300": false, "533598": true, "533501": false, "098": true, "001": false} {
		if s.Match(id) != want {
			t.Errorf("Match(%s) = %v, want %v", id, !want, want)
		}
	}
}
