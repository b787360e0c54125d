package review

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
)

// record is a side: "a1=N1" is ID a1 of source a, customer N1.
func record(text string) Side {
	id, canonical, _ := strings.Cut(text, "=")
	return Side{NamedKey: crosswalk.NamedKey{Source: id[:1], Key: id}, SourceID: id, Canonical: canonical}
}

// item is a review: "r1 0.9 a1=N1 b1".
func item(t testing.TB, text string) Item {
	t.Helper()
	f := strings.Fields(text)
	score := map[string]float64{"0.9": 0.9, "0.8": 0.8, "0.5": 0.5}[f[1]]
	if score == 0 {
		t.Fatalf("no score %s", f[1])
	}
	return Item{ID: f[0], Score: score, Left: record(f[2]), Right: record(f[3])}
}

// verdict is a decision: "a1 same b1".
func verdict(text string) crosswalk.Decision {
	f := strings.Fields(text)
	p := pairOf(record(f[0]).NamedKey, record(f[2]).NamedKey)
	d := crosswalk.Decision{Left: p[0], Right: p[1], Verdict: crosswalk.Same, Actor: "ann"}
	if f[1] == "different" {
		d.Verdict = crosswalk.Different
	}
	return d
}

func desk(t testing.TB, reviews, verdicts []string) *Desk {
	t.Helper()
	d := &Desk{}
	for _, text := range verdicts {
		d.decided = append(d.decided, verdict(text))
	}
	for _, text := range reviews {
		i := item(t, text)
		for k := range d.decided {
			if pairOf(d.decided[k].Left, d.decided[k].Right) == i.pair() {
				i.Decided = &d.decided[k]
			}
		}
		d.Items = append(d.Items, i)
	}
	d.group()
	d.follow()
	d.Likeliest()
	return d
}

func TestGroups(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		reviews []string
		want    []string // ID and group, in order
	}{
		{"alone, the likeliest first", []string{"r1 0.8 a1 b1", "r2 0.9 a2 b2", "r0 0.8 a3 b3"}, []string{"r2 r2", "r0 r0", "r1 r1"}},
		{"by a record", []string{"r3 0.5 a1 b1", "r2 0.9 a2 b2", "r1 0.8 b2 a3"}, []string{"r2 r1", "r1 r1", "r3 r3"}},
		{"by a customer", []string{"r3 0.9 a1=N1 b1", "r2 0.5 a2=N1 b2", "r1 0.8 a3=N3 b3"}, []string{"r3 r2", "r2 r2", "r1 r1"}},
		{"by a chain", []string{"r4 0.5 a1 b1", "r3 0.9 b2 a2", "r2 0.8 a1=N1 b3=N2", "r1 0.5 a2=N2 b4"}, []string{"r3 r1", "r2 r1", "r1 r1", "r4 r1"}},
		{"no number is nobody's", []string{"r1 0.9 a1= b1=", "r2 0.8 a2= b2="}, []string{"r1 r1", "r2 r2"}},
	} {
		for range 3 {
			d := desk(t, c.reviews, nil)
			var got []string
			for k := range d.Items {
				got = append(got, d.Items[k].ID+" "+d.Items[k].Group)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s, %v (-want +got):\n%s", c.name, c.reviews, diff)
			}
			c.reviews = append(c.reviews[1:], c.reviews[0]) // whatever order they come in
		}
	}
}

func TestNewest(t *testing.T) {
	t.Parallel()
	d := desk(t, []string{"r1 0.9 a1 b1", "r2 0.5 a2 b2", "r3 0.8 a2 b3"}, nil)
	for k := range d.Items {
		d.Items[k].SinceRun = map[string]int64{"r1": 2, "r2": 3, "r3": 1}[d.Items[k].ID]
	}
	d.Newest()
	if got := Turns(d.Select(Filter{}), "ann"); !slices.Equal(got, []string{"r2", "r3", "r1"}) {
		t.Errorf("newest first: %v", got)
	}
	if k := d.at["r1"]; d.Items[k].ID != "r1" {
		t.Errorf("r1 is looked for at %d", k)
	}
}

// What other verdicts answer is not asked.
func TestFollow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name              string
		reviews, verdicts []string
		want              string // of the first review
	}{
		{"nothing decided", []string{"r1 0.9 a1 b1"}, nil, "open"},
		{"another pair", []string{"r1 0.9 a1 b1"}, []string{"a1 same b2"}, "open"},
		{"a chain of sames", []string{"r1 0.9 a1 c1", "r2 0.9 a1 b1", "r3 0.9 b1 c1"}, []string{"a1 same b1", "b1 same c1"}, "same"},
		{"a chain to a different", []string{"r1 0.9 a1 c1"}, []string{"a1 same b1", "b1 different c1"}, "different"},
		{"two differents say nothing", []string{"r1 0.9 a1 c1"}, []string{"a1 different b1", "b1 different c1"}, "open"},
		{"by customers", []string{"r1 0.9 a1=N1 b1=N2", "r2 0.9 a2=N1 b2=N2"}, []string{"a2 same b2"}, "same"},
		{"customers that are different", []string{"r1 0.9 a1=N1 b1=N2", "r2 0.9 a2=N1 b2=N2"}, []string{"a2 different b2"}, "different"},
		{"decided itself", []string{"r1 0.9 a1 b1"}, []string{"a1 different b1"}, "decided"},
		{"one customer already, and in question", []string{"r1 0.9 a1=N1 b1=N1"}, nil, "open"},
	} {
		d := desk(t, c.reviews, c.verdicts)
		i := &d.Items[d.at["r1"]]
		got := "open"
		switch {
		case i.Decided != nil:
			got = "decided"
		case i.Follows != crosswalk.Withdrawn:
			got = i.Follows.String()
		}
		if got != c.want || i.Pending() != (c.want == "open") {
			t.Errorf("%s: %s (pending: %v), want %s", c.name, got, i.Pending(), c.want)
		}
	}
}

func TestContradictions(t *testing.T) {
	t.Parallel()
	d := desk(t, []string{"r1 0.9 a1 c1", "r2 0.9 a1 b1", "r3 0.9 x1 y1"}, []string{"b1 same c1", "x1 same z1", "y1 same z1"})
	answer := func(id string, v crosswalk.Verdict) []Answer {
		return []Answer{{Item: &d.Items[d.at[id]], Verdict: v, Actor: "ann"}}
	}
	for _, c := range []struct {
		answers []Answer
		want    []string
	}{
		{answer("r1", crosswalk.Same), nil},
		{append(answer("r1", crosswalk.Different), answer("r2", crosswalk.Same)...), []string{"a a1 and c c1"}},
		{append(answer("r1", crosswalk.Different), answer("r2", crosswalk.Different)...), nil},
		{answer("r3", crosswalk.Different), []string{"x x1 and y y1"}},
		{answer("r3", crosswalk.Withdrawn), nil},
	} {
		if got := d.Contradictions(c.answers); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.answers, got, c.want)
		}
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	d := desk(t, []string{"r1 0.9 a1 b1", "r2 0.8 a2 a3", "r3 0.5 b4 c4", "r4 0.9 a5 b5"}, []string{"a5 same b5"})
	for k := range d.Items {
		i := &d.Items[k]
		i.Rule = "similar"
		switch i.ID {
		case "r1":
			i.Rule, i.ClaimedBy = "same: email, confirmed by name", "ann"
		case "r3":
			i.ClaimedBy, i.Left.Kind, i.Right.Kind = "bob", crosswalk.Company, crosswalk.Company
		}
	}
	for _, c := range []struct {
		name string
		f    Filter
		want string
	}{
		{"all", Filter{}, "r1 r2 r3"},
		{"a source", Filter{Sources: []string{"a"}}, "r1 r2"},
		{"two sources", Filter{Sources: []string{"b", "a"}}, "r1"},
		{"another source", Filter{Sources: []string{"z"}}, ""},
		{"from", Filter{Min: 0.8}, "r1 r2"},
		{"up to", Filter{Max: 0.8}, "r2 r3"},
		{"by rule", Filter{Rule: "Email"}, "r1"},
		{"by kind", Filter{Kind: "company"}, "r3"},
		{"claimed", Filter{Claimed: true}, "r1 r3"},
		{"unclaimed", Filter{Unclaimed: true}, "r2"},
		{"mine", Filter{Mine: "ann"}, "r1"},
		{"decided", Filter{Decided: true}, "r4"},
	} {
		var got []string
		for _, i := range d.Select(c.f) {
			got = append(got, i.ID)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	d := desk(t, []string{"r1 0.9 a1 b1", "r2 0.9 a1 b2", "r3 0.8 a3 b3", "r4 0.8 a4 b4", "r5 0.5 a5 b5", "r6 0.5 a6 b6"}, nil)
	skip := func(id, actor string, no int64) {
		i := &d.Items[d.at[id]]
		i.Skips = append(i.Skips, crosswalk.Skip{Review: id, Actor: actor, No: no})
	}
	d.Items[d.at["r2"]].ClaimedBy = "bob"
	skip("r4", "bob", 1)
	skip("r6", "ann", 2)
	skip("r3", "bob", 3)
	skip("r3", "ann", 4)
	for actor, want := range map[string]string{
		"ann": "r5 r1 r2 r4 r6 r3", // bob's group later, what he skipped then, her own last
		"bob": "r1 r2 r5 r6 r4 r3",
		"cy":  "r5 r1 r2 r3 r4 r6",
	} {
		if got := strings.Join(Turns(d.Select(Filter{}), actor), " "); got != want {
			t.Errorf("%s: %s, want %s", actor, got, want)
		}
	}
}

func fields(pairs ...string) map[string][]string {
	m := map[string][]string{}
	for k := 0; k < len(pairs); k += 2 {
		m[pairs[k]] = append(m[pairs[k]], pairs[k+1])
	}
	return m
}

func TestCompare(t *testing.T) {
	t.Parallel()
	i := item(t, "r1 0.9 a1 b1")
	i.Left.Fields = fields("name", "Ann  Lee", "email", "A@x.org", "email", "b@x.org", "phone", "+44 20 7946 0000", "birth_date", "1980-01-02",
		"city", "Berlin", "colour", "red", "modified", "2020")
	i.Right.Fields = fields("name", "ann lee", "email", "c@y.org", "email", "a@X.org", "phone", "+44 20 7946 9173", "birth_date", "1980-02-01",
		"city", "Berlni", "tax_id", "7", "given_name", "张伟")
	var got []string
	for _, r := range i.Compare() {
		got = append(got, r.Role+" "+r.Mark.Sign()+" "+r.Left+" | "+r.Right)
	}
	want := []string{
		"name = Ann  Lee | ann lee", "given_name    | 张伟", "birth_date ≈ 1980-01-02 | 1980-02-01", "tax_id    | 7",
		"email = A@x.org; b@x.org | c@y.org; a@X.org", "phone ≠ +44 20 7946 0000 | +44 20 7946 9173", "city ≈ Berlin | Berlni",
		"colour   red | ", "modified   2020 | ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	content := func(change func(i *Item)) string {
		i := item(t, "r1 0.9 a1 b1")
		i.Left.Fields, i.Right.Fields = fields("name", "Ann", "modified", "2020"), fields("name", "Bob")
		change(&i)
		return i.Content()
	}
	base := content(func(*Item) {})
	if !strings.HasPrefix(base, "c") || len(base) != 17 {
		t.Errorf("the content reads %s", base)
	}
	for name, change := range map[string]func(i *Item){
		"the score":         func(i *Item) { i.Score = 0.1 },
		"the number":        func(i *Item) { i.Left.Canonical = "N1" },
		"sides":             func(i *Item) { i.Left, i.Right = i.Right, i.Left },
		"when it was saved": func(i *Item) { i.Left.Fields["modified"] = []string{"2021"} },
	} {
		if content(change) != base {
			t.Errorf("%s counts, and should not", name)
		}
	}
	for name, change := range map[string]func(i *Item){
		"a value":     func(i *Item) { i.Right.Fields["name"] = []string{"Rob"} },
		"a new value": func(i *Item) { i.Right.Fields["email"] = []string{"b@x.org"} },
		"the ID":      func(i *Item) { i.Right.Key = "b2" },
		"swapped": func(i *Item) {
			i.Left.Fields["name"], i.Right.Fields["name"] = i.Right.Fields["name"], i.Left.Fields["name"]
		},
	} {
		if content(change) == base {
			t.Errorf("%s does not count, and should", name)
		}
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	i := item(t, "0012345678 0.9 a1=N1 b1")
	i.Group, i.Rule = "0012345678", "similar"
	i.Left.Fields, i.Right.Fields = fields("name", "=HYPERLINK(1)", "email", "+1"), fields("name", "Lee, \"Bob\"")
	i.Evidence = []mapping.Evidence{{On: "name", Says: "differs", Weight: -1.5}, {On: "email", Says: "equal", Weight: 9}}
	var out strings.Builder
	if err := Export(&out, []*Item{&i}); err != nil {
		t.Fatal(err)
	}
	want := `review,group,score,rule,left_source,left_id,left_canonical,right_source,right_id,right_canonical,left_name,right_name,left_email,right_email,evidence,claimed_by,verdict,reason,content
r0012345678,r0012345678,0.9000,similar,a,a1,N1,b,b1,,'=HYPERLINK(1),"Lee, ""Bob""",'+1,,"name differs -1.5, email equal +9.0",,,,` + i.Content() + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestReadVerdicts(t *testing.T) {
	t.Parallel()
	row := func(line int64, review, verdict string) Filled {
		return Filled{Place: mapping.Place{File: "s.csv", Line: line}, Review: review, Verdict: verdict}
	}
	for verdict, want := range map[string]answer{
		"same": answerSame, " Same ": answerSame, "YES": answerSame, "是": answerSame, "相同": answerSame, "ｓａｍｅ": answerSame, "TRUE": answerSame,
		"different": answerDifferent, "No": answerDifferent, "否": answerDifferent, "不同": answerDifferent, "不是": answerDifferent,
		"skip": answerSkip, "?": answerSkip, "跳过": answerSkip,
	} {
		got, err := readVerdicts([]Filled{row(2, "r1", verdict)})
		if err != nil || len(got) != 1 || got[0].answer != want {
			t.Errorf("%s: %+v, %v", verdict, got, err)
		}
	}
	got, err := readVerdicts([]Filled{row(2, "r1", ""), row(3, "r2", "  "), row(4, "R3", "same"), row(5, "r3", "yes")})
	if err != nil || len(got) != 1 || got[0].Place.Line != 4 {
		t.Errorf("blank and repeated ones: %+v, %v", got, err)
	}
	_, err = readVerdicts([]Filled{row(2, "r1", "mabye"), row(3, "r2", "same"), row(4, "2", "no"), row(5, "", "same"), row(6, "r6", "yes")})
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("a broken sheet: %v", err)
	}
	var places []string
	for _, p := range list {
		places = append(places, p.Pos.String()+" "+p.Code)
	}
	if diff := cmp.Diff([]string{"s.csv:2 review.verdict", "s.csv:4 review.twice", "s.csv:5 review.missing"}, places); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
