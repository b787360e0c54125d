package migrate_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// repairing is a source whose IDs have schemes and are repaired.
func repairing(t *testing.T, schemes ...string) *world {
	s := source("s", "name")
	s.ID.Schemes, s.Repair = schemes, rules.RepairSafe
	return newWorld(t, "", rules.Config{Sources: []rules.Source{s}})
}

// list makes a sheet of IDs, each of a customer of another name.
func list(ids ...string) *sheet {
	out := &sheet{header: []string{"id", "name"}}
	for i, id := range ids {
		out.rows = append(out.rows, []string{id, fmt.Sprintf("Customer %d", i)})
	}
	return out
}

// reasons lists "ID: reason" of the rejects.
func reasons(p *plan.Plan) (out []string) {
	for _, r := range p.Rejects {
		out = append(out, r.SourceID+": "+r.Reason)
	}
	return out
}

// stripped are the numbers 1 to n, as a spreadsheet leaves them of five digits.
func stripped(n int) (ids, mended []string) {
	for i := 1; i <= n; i++ {
		ids, mended = append(ids, fmt.Sprint(i)), append(mended, fmt.Sprintf("%05d", i))
	}
	return ids, mended
}

// TestRepairedNumbersStay follows a column that lost all its zeros: the order
// of rows gives the same numbers, a second run changes nothing, and the mended
// file finds the same customers again.
func TestRepairedNumbersStay(t *testing.T) {
	t.Parallel()
	ids, mended := stripped(999)
	w := repairing(t, "{seq:5}")
	w.sheets["s"] = list(ids...)
	p := w.apply()
	if p.Totals.Created != 999 || len(p.Repairs) != 999 {
		t.Fatalf("%d created, %d repaired, want 999: %q", p.Totals.Created, len(p.Repairs), p.Rejects[:min(3, len(p.Rejects))])
	}
	first := w.links()

	other := repairing(t, "{seq:5}")
	other.sheets["s"] = list(ids...)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(ids), func(i, j int) {
		rows := other.sheets["s"].rows
		rows[i], rows[j] = rows[j], rows[i]
	})
	other.apply()
	if d := cmp.Diff(first, other.links()); d != "" {
		t.Errorf("another order of rows: %s", d)
	}

	if p = w.apply(); !p.Empty() || p.Totals.Unchanged != 999 {
		t.Errorf("the second run: %+v", p.Totals)
	}
	w.sheets["s"] = list(mended...)
	if p = w.apply(); p.Totals.Updated != 999 || p.Totals.Customers != 999 {
		t.Errorf("the mended file: %+v", p.Totals)
	}
	if d := cmp.Diff(first, w.links()); d != "" {
		t.Errorf("the mended file: %s", d)
	}
}

// TestRepairKeepsWhatWasSettled shows a source that goes on: what an earlier
// run took for a number stays that number when others come.
func TestRepairKeepsWhatWasSettled(t *testing.T) {
	t.Parallel()
	ids, _ := stripped(999)
	w := repairing(t, "{seq:5}")
	w.sheets["s"] = list(ids...)
	w.apply()
	w.sheets["s"] = list(append(ids, "01000", "1001")...)
	p := w.apply()
	if p.Totals.Unchanged != 999 || p.Totals.Created != 1 || p.Totals.Rejected != 1 {
		t.Errorf("%+v: %q", p.Totals, reasons(p))
	}
}

// TestZerosAreNotGuessed shows what keeps lost zeros from being repaired.
func TestZerosAreNotGuessed(t *testing.T) {
	t.Parallel()
	ids, _ := stripped(999)
	for _, c := range []struct {
		name, want string
		ids        []string
		rejected   int64
	}{
		{"too few", "may as well be cut off", ids[100:110], 10},
		{"one kept its zeros", "other IDs of this source kept theirs", append(slices.Clone(ids), "01234"), 999},
		{"one is cut off", "short and begin with a zero", append(slices.Clone(ids), "012"), 1000},
		{"two are one", "the ID of another record, 7 at sheet:1001", append(slices.Clone(ids), "7"), 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := repairing(t, "{seq:5}")
			w.sheets["s"] = list(c.ids...)
			p := w.apply()
			if p.Totals.Rejected != c.rejected || len(p.Repairs) > 0 || !strings.Contains(strings.Join(reasons(p), "\n"), c.want) {
				t.Errorf("%d rejected, %d repaired, want %d and 0: %q", p.Totals.Rejected, len(p.Repairs), c.rejected, reasons(p)[:3])
			}
		})
	}
}

// TestHistoryKnowsLostZeros: long numbers are too thinly spread to tell by
// themselves, but the crosswalk holds them all.
func TestHistoryKnowsLostZeros(t *testing.T) {
	t.Parallel()
	w := repairing(t, "{seq:9}")
	sound := list("001234567", "002345678", "912345678")
	w.sheets["s"] = sound
	w.apply()
	w.sheets["s"] = list("1234567", "2345678", "912345678")
	w.policy.Retire = true
	p := w.apply()
	if p.Totals.Updated != 2 || p.Totals.Created+p.Totals.Rejected+p.Totals.Retired != 0 {
		t.Errorf("known numbers without zeros: %+v %q", p.Totals, reasons(p))
	}
	w.sheets["s"] = list("1234567", "3456789", "912345678")
	p = w.apply()
	if p.Totals.Rejected != 1 || p.Totals.Created != 0 {
		t.Errorf("one that nobody knows: %+v %q", p.Totals, reasons(p))
	}
}

// TestRejectedRepairsRetireNobody: a record whose ID was rejected is there,
// under whichever number.
func TestRejectedRepairsRetireNobody(t *testing.T) {
	t.Parallel()
	w := repairing(t, "C{seq:4}")
	w.sheets["s"] = list("C0001", "C0002", "C0003")
	w.apply()
	before := w.links()
	w.policy.Retire = true
	for _, damaged := range []string{"C1", "C00001", "0001", "COO01", "C\uFFFD01", "D0001", "C00O1x"} {
		w.sheets["s"] = list(damaged, "C0002", "C0003")
		if p := w.apply(); p.Totals.Retired != 0 || p.Totals.Rejected != 1 {
			t.Errorf("%q: %+v", damaged, p.Totals)
		}
	}
	if d := cmp.Diff(before, w.links()); d != "" {
		t.Error(d)
	}
}

// TestClashingRepairs names both records and repairs neither.
func TestClashingRepairs(t *testing.T) {
	t.Parallel()
	w := repairing(t, "{seq:5}")
	w.sheets["s"] = list("12345", "'12345", `="54321"`, "54321.0", "'11111", "'11111")
	w.sheets["s"].rows[5] = w.sheets["s"].rows[4] // the same record twice
	p := w.apply()
	want := []string{
		`'12345: the ID does not fit the scheme {seq:5}; a spreadsheet's leading apostrophe was kept: 12345 would fit, but that is the ID of another record, 12345 at sheet:2`,
		`="54321": the ID does not fit the scheme {seq:5}; it is wrapped into a spreadsheet's formula: 54321 would fit, but that is the ID of another record, 54321.0 at sheet:5`,
		`54321.0: the ID does not fit the scheme {seq:5}; it was read as a number and written with decimals: 54321 would fit, but that is the ID of another record, ="54321" at sheet:4`,
	}
	if d := cmp.Diff(want, reasons(p)); d != "" {
		t.Error(d)
	}
	if p.Totals.Created != 2 || p.Totals.Unchanged != 1 {
		t.Errorf("%+v", p.Totals)
	}
}

// TestCompositeAndFurtherNumbersAreReported: they say what happened to them,
// and are never repaired.
func TestCompositeAndFurtherNumbersAreReported(t *testing.T) {
	t.Parallel()
	w := repairing(t, "B{seq:2}|{seq:4}")
	w.cfg.Sources[0].ID.Columns = []string{"branch", "no"}
	w.sheets["s"] = table("branch,no,name\nb01,0001,Ann")
	if got := strings.Join(reasons(w.apply()), ""); !strings.Contains(got, "its letters are of another case: B01|0001 would fit") {
		t.Error(got)
	}
	w = repairing(t, "{any}")
	w.cfg.Sources[0].Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}, Schemes: []string{"{seq:5}"}}}}
	w.sheets["s"] = table("id,code,name\n1,'00012,Ann")
	if got := strings.Join(reasons(w.apply()), ""); !strings.Contains(got, "also number code: the ID does not fit the scheme {seq:5}; a spreadsheet's leading apostrophe was kept: 00012 would fit") {
		t.Error(got)
	}
}

// TestDamageThatFits rejects what no scheme can see, one ID at a time: rounded
// numbers, Salesforce IDs of 15 characters without their case, and scientific
// notation where any text is an ID.
func TestDamageThatFits(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	var exact, rounded, folded, mixed []string
	for range 300 {
		n := 1_100_000_000_000_000_000 + r.Int64N(100_000_000_000_000_000)
		exact = append(exact, fmt.Sprint(n))
		rounded = append(rounded, fmt.Sprint(int64(float64(n))))
		id := "0015g00000"
		for range 5 {
			id += string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[r.IntN(62)])
		}
		mixed, folded = append(mixed, id), append(folded, strings.ToLower(id))
	}
	sheetRounded := slices.Clone(exact)
	for i := range 10 {
		sheetRounded[i] = exact[i][:15] + "0000"
	}
	copy(rounded[:150], exact[:150])
	for _, c := range []struct {
		name, scheme string
		ids          []string
		least, most  int64 // rejects
	}{
		{"exact", "{seq:19}", exact, 0, 0},
		{"a spreadsheet's digits", "{seq:19}", sheetRounded, 10, 10},
		{"floats", "{seq:19}", rounded, 150, 152},
		{"mixed case", "{salesforce}", mixed, 0, 0},
		{"folded case", "{salesforce}", folded, 300, 300},
		{"scientific", "{any}", []string{"1.23457E+11", "219E01BE", "12E3", "A1"}, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := repairing(t, c.scheme)
			w.sheets["s"] = list(c.ids...)
			if p := w.apply(); p.Totals.Rejected < c.least || p.Totals.Rejected > c.most {
				t.Errorf("%d of %d rejected, want %d to %d: %q", p.Totals.Rejected, p.Totals.Read, c.least, c.most, reasons(p)[:min(3, len(p.Rejects))])
			}
		})
	}
}

// TestSpellingsAreReported: what the key rule folds is no damage, and is told.
func TestSpellingsAreReported(t *testing.T) {
	t.Parallel()
	w := repairing(t, "C-{seq:3}")
	w.sheets["s"] = list("C-001", "C-002\u200b", "Ｃ－００３", "C–004", "C-005 ", "\uFEFFC-006")
	p := w.apply()
	want := []string{
		"s: other dashes than the hyphen in 1 ID, read as hyphens (the first at sheet:5)",
		"s: full-width characters in 1 ID, read as the ordinary ones (the first at sheet:4)",
		"s: invisible characters in 2 IDs, read without them (the first at sheet:3)",
		"s: outer space around 1 ID, read without it (the first at sheet:6)",
	}
	if d := cmp.Diff(want, p.Notes); d != "" || p.Totals.Created != 6 {
		t.Errorf("%+v %s", p.Totals, d)
	}
}

// TestChecksProveLostZeros: six numbers that all pass their check were not cut
// off, and one that does not pass says that something else happened.
func TestChecksProveLostZeros(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 8 {
		body := fmt.Sprintf("%09d", 1_234_567+98_765*i)
		ids = append(ids, strings.TrimLeft(body+scheme.CheckOf("luhn", body), "0"))
	}
	w := repairing(t, "{seq:9}{check:luhn}")
	w.sheets["s"] = list(ids...)
	if p, err := w.dry(); err != nil || len(p.Repairs) != 8 {
		t.Errorf("%d repaired, %v, want 8: %q", len(p.Repairs), err, reasons(p))
	}
	w.sheets["s"] = list(append(ids, "12345671")...)
	if p, err := w.dry(); err != nil || len(p.Repairs) != 0 {
		t.Errorf("%d repaired, %v, want none", len(p.Repairs), err)
	}
}

// bare makes a sheet of nothing but IDs.
func bare(ids []string) *sheet {
	out := &sheet{header: []string{"id"}}
	for _, id := range ids {
		out.rows = append(out.rows, []string{id})
	}
	return out
}

// alike makes a sheet of customers of whom nothing else is told apart.
func alike(ids []string) *sheet {
	out := list(ids...)
	for _, row := range out.rows {
		row[1] = "Ann"
	}
	return out
}

// TestNoWrongRepairOfBareIDs damages whole sources that say nothing of their
// customers but the ID, or the same of all: numbers that were cut off read
// alike then, and nobody becomes another one.
func TestNoWrongRepairOfBareIDs(t *testing.T) {
	t.Parallel()
	digits := func(width int) func(r *rand.Rand, _ int) string {
		return func(r *rand.Rand, _ int) string {
			return fmt.Sprintf("%0*d", width, r.Int64N(int64(math.Pow10(width))))
		}
	}
	numberings := []struct {
		scheme string
		id     func(r *rand.Rand, n int) string
	}{
		{"{seq:5}", func(_ *rand.Rand, n int) string { return fmt.Sprintf("%05d", n+1) }},
		{"{seq:6}", digits(6)},
		{"{seq:9}", digits(9)},
		{"C{seq:6}", func(r *rand.Rand, n int) string { return "C" + digits(6)(r, n) }},
		{"{seq:6}{check:luhn}", func(r *rand.Rand, n int) string {
			body := digits(6)(r, n)
			return body + scheme.CheckOf("luhn", body)
		}},
	}
	head := func(n int) func(*rand.Rand, string) string {
		return func(_ *rand.Rand, id string) string { return id[:max(1, len(id)-n)] }
	}
	injuries := map[string]func(r *rand.Rand, id string) string{
		"one cut off":   head(1),
		"two cut off":   head(2),
		"front cut off": func(_ *rand.Rand, id string) string { return id[1:] },
		"cut anywhere":  func(r *rand.Rand, id string) string { return id[:1+r.IntN(len(id))] },
		"one left out": func(r *rand.Rand, id string) string {
			i := r.IntN(len(id))
			return id[:i] + id[i+1:]
		},
		"zeros lost": func(_ *rand.Rand, id string) string {
			at := strings.IndexAny(id, "0123456789")
			return id[:at] + strings.TrimLeft(id[at:len(id)-1], "0") + id[len(id)-1:]
		},
		"decimals": func(_ *rand.Rand, id string) string { return id + ".0" },
	}
	repaired := 0
	for _, c := range numberings {
		for _, name := range slices.Sorted(maps.Keys(injuries)) {
			for _, rate := range []float64{0.02, 1} {
				r := rand.New(rand.NewPCG(7, 8))
				seen := map[string]bool{}
				var ids, original []string
				for n := range 800 {
					id := c.id(r, n)
					if seen[id] {
						continue
					}
					seen[id] = true
					original = append(original, id)
					if r.Float64() < rate {
						id = injuries[name](r, id)
					}
					ids = append(ids, id)
				}
				sheets := []*sheet{bare(ids)}
				if rate == 1 {
					sheets = append(sheets, alike(ids))
				}
				for _, s := range sheets {
					w := repairing(t, c.scheme)
					if len(s.header) == 1 {
						w.cfg.Sources[0].Fields = nil
					}
					w.sheets["s"] = s
					p, err := w.dry()
					if err != nil {
						t.Fatal(err)
					}
					for _, m := range p.Repairs {
						var row int
						if _, err := fmt.Sscanf(m.Place, "sheet:%d", &row); err != nil {
							t.Fatal(err)
						}
						if want := original[row-2]; m.Repaired != want {
							t.Fatalf("%s, %s at %g: %q was %q and is repaired to %q", c.scheme, name, rate, m.SourceID, want, m.Repaired)
						}
					}
					repaired += len(p.Repairs)
				}
			}
		}
	}
	if repaired == 0 {
		t.Error("nothing is repaired")
	}
	t.Logf("%d IDs repaired", repaired)
}

// TestRepeatsTellCutNumbers: the same short number twice is two numbers.
func TestRepeatsTellCutNumbers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	var ids []string
	for range 3000 {
		ids = append(ids, fmt.Sprintf("%06d", 100_000+r.IntN(900_000))[:5])
	}
	w := repairing(t, "{seq:6}")
	w.cfg.Sources[0].Fields = nil
	w.sheets["s"] = bare(ids)
	if p := w.apply(); p.Totals.Rejected != 3000 || len(p.Repairs) != 0 {
		t.Errorf("%+v", p.Totals)
	}
}

// TestManyKnownNumbersProveNothing: where the crosswalk holds half of all
// numbers, one that was cut off is likely to be known, too.
func TestManyKnownNumbersProveNothing(t *testing.T) {
	t.Parallel()
	var known []string
	for n := 10_000; n < 60_000; n += 5 {
		known = append(known, fmt.Sprintf("%06d", n))
	}
	w := repairing(t, "{seq:6}")
	w.sheets["s"] = list(known...)
	w.apply()
	w.sheets["s"] = list("12340", "23455", "34560")
	if p := w.apply(); p.Totals.Rejected != 3 || len(p.Repairs) != 0 {
		t.Errorf("%+v: %q", p.Totals, reasons(p))
	}
}

// TestFoldedSalesforceIDsAreNobodyNew follows a source of 15-character IDs
// whose case a system folded: as a whole, in part, and in a single record.
func TestFoldedSalesforceIDsAreNobodyNew(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	var ids []string
	for range 90 {
		id := "0035g00000"
		for range 5 {
			id += string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[r.IntN(62)])
		}
		ids = append(ids, id)
	}
	ids[0] = "0035g00000XyZab"
	folded := func(fold func(string) string, which ...int) []string {
		out := slices.Clone(ids)
		for _, i := range which {
			out[i] = fold(ids[i])
		}
		return out
	}
	all := make([]int, len(ids))
	for i := range all {
		all[i] = i
	}
	for _, c := range []struct {
		name     string
		ids      []string
		rejected int64
		created  int64
	}{
		{"all in capitals", folded(strings.ToUpper, all...), 90, 0},
		{"all in small letters", folded(strings.ToLower, all...), 90, 0},
		{"one in capitals", folded(strings.ToUpper, 0), 1, 0},
		{"one in small letters", folded(strings.ToLower, 0), 1, 0},
		{"a few", folded(strings.ToUpper, 0, 1, 2, 3), 4, 0},
		{"a new one of one case", append(slices.Clone(ids), "0035G00000QQQQQ"), 0, 1},
		{"a new one beside its twin", append(slices.Clone(ids), "0035G00000XYZAB"), 0, 1},
		{"a new one of mixed case instead of its twin", append([]string{"0035g00000xYZab"}, ids[1:]...), 0, 1},
	} {
		for _, repair := range []string{"", rules.RepairSafe} {
			t.Run(c.name+repair, func(t *testing.T) {
				t.Parallel()
				w := repairing(t, "{salesforce}")
				w.cfg.Sources[0].Repair = repair
				w.policy.Retire, w.policy.RetireAtMost = true, 1
				w.sheets["s"] = list(ids...)
				w.apply()
				w.sheets["s"] = list(c.ids...)
				p := w.apply()
				if p.Totals.Rejected != c.rejected || p.Totals.Created != c.created || c.rejected > 0 && p.Totals.Retired != 0 {
					t.Errorf("%+v: %q", p.Totals, reasons(p)[:min(3, len(p.Rejects))])
				}
				if c.rejected == 1 {
					want := "the ID fits, but it equals the known " + ids[0] + scheme.SalesforceSuffix(ids[0]) + " but for its letters' case; export the 18-character IDs"
					if got := p.Rejects[0]; got.Reason != want || got.Damage != "case" || len(got.Proposals) != 1 {
						t.Errorf("%+v", got)
					}
				}
			})
		}
	}
}

// grouped is a number as a spreadsheet shows it with thousands separators.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// TestThousandsThatLostZeros: separators and lost zeros are mended together.
// 1,000 may also be 1 with three decimals, which the others tell.
func TestThousandsThatLostZeros(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"{seq:6}", "{seq}"} {
		var ids []string
		for n := 1; n <= 9500; n++ {
			ids = append(ids, grouped(n))
		}
		w := repairing(t, scheme)
		w.sheets["s"] = list(ids...)
		p := w.apply()
		if p.Totals.Created != 9500 {
			t.Errorf("%s: %+v: %q", scheme, p.Totals, reasons(p)[:min(3, len(p.Rejects))])
		}
		for _, r := range p.Repairs {
			if n := strings.TrimLeft(r.Repaired, "0"); n != strings.ReplaceAll(r.SourceID, ",", "") {
				t.Fatalf("%s: %s is repaired to %s", scheme, r.SourceID, r.Repaired)
			}
		}
		w.sheets["s"] = list(append(ids, "10,000", "9,501")...)
		if p = w.apply(); p.Totals.Unchanged != 9500 {
			t.Errorf("%s, and two more: %+v: %q", scheme, p.Totals, reasons(p)[:min(3, len(p.Rejects))])
		}
	}
}

// TestThreeDecimalsAreNoThousands: where all numbers end in ,000 nobody knows.
func TestThreeDecimalsAreNoThousands(t *testing.T) {
	t.Parallel()
	var ids []string
	for n := 1; n <= 999; n++ {
		ids = append(ids, fmt.Sprintf("%d,000", n))
	}
	w := repairing(t, "{seq:7}")
	w.sheets["s"] = list(ids...)
	p := w.apply()
	if p.Totals.Rejected != 999 || !strings.Contains(p.Rejects[0].Reason, "would fit, but what follows its comma may be decimals") {
		t.Errorf("%+v: %q", p.Totals, reasons(p)[:min(3, len(p.Rejects))])
	}
}

// TestRefusalsSayWhy: whatever is refused although something would fit.
func TestRefusalsSayWhy(t *testing.T) {
	t.Parallel()
	for scheme, ids := range map[string][]string{
		"{seq:6}":                 {"1,000", "1.000", "1.234", "1234", "O12345"},
		"C{seq:4}":                {"C1", "C00001", "0001", "C0O01", "c1"},
		"{seq:4}{check:luhn}":     {"18", "19"},
		"{letters:2}-{seq:2}":     {"AB-1", "ab-1"},
		"{seq:1}-{seq:1}":         {"2-Jan"},
		"CUST-{letters:2}{seq:3}": {"cust-ab001"},
	} {
		w := repairing(t, scheme)
		w.sheets["s"] = list(ids...)
		for _, reason := range reasons(w.apply()) {
			if strings.HasSuffix(reason, "would fit") {
				t.Errorf("%s: %s", scheme, reason)
			}
		}
	}
}

// TestStepsThatAreCutOff: numbers in steps of ten do not repeat when their
// last digit is cut off, and are not taken for others that lost a zero.
func TestStepsThatAreCutOff(t *testing.T) {
	t.Parallel()
	for _, step := range []int{10, 37} {
		var ids []string
		for n := range 3000 {
			ids = append(ids, fmt.Sprint(100_000 + step*n)[:5])
		}
		w := repairing(t, "{seq:6}")
		w.sheets["s"] = list(ids...)
		if p := w.apply(); len(p.Repairs) != 0 || p.Totals.Rejected != 3000 {
			t.Errorf("in steps of %d: %+v", step, p.Totals)
		}
	}
}
