package similar

import (
	"context"
	"fmt"
	"testing"
)

// firms are companies that have nothing to do with those of a case.
func firms(n int) []string {
	list := make([]string, n)
	for i := range list {
		d := draws(i)
		list[i] = fmt.Sprintf("company=%s %s %s Ltd; email=info@%s%d.example; phone=+86138%08d; address=%d %s Street; city=%s",
			d.word(1), d.word(4), []string{"Foods", "Media", "Travel"}[d.n(7, 3)], d.word(1), d.n(10, 999), d.n(12, 100000000), 1+d.n(13, 99), d.word(14), d.word(17))
	}
	return list
}

func TestCompanies(t *testing.T) {
	t.Parallel()
	const site = "; address=5 Dock Road; city=Hull; phone=+8613912345670; email=info@newwood.example"
	for _, c := range []struct {
		name string
		list []string // the first two are weighed
		low  float64  // the probability is at least this
		high float64  // and below this
	}{
		{"name and city", []string{"company=Newwood & Sons Dental Care LLP; city=Hull", "company=Newwood & Sons Dental Care; city=HULL"}, .99, 1},
		{"name and phone", []string{"company=Newwood & Sons Dental Care LLP; phone=+8613912345670", "company=Newwood & Sons Dental Care LLP; phone=+8613912345670"}, .99, 1},
		{"name and address", []string{"company=Newwood & Sons Dental Care LLP; address=5 Dock Road; city=Hull", "company=Newwood & Sons Dental Care LLP; address=5 Dock Rd; city=Hull"}, .99, 1},
		{"place before the name", []string{"company=深圳新泰机械设备有限公司; city=深圳; phone=+8613912345670", "company=新泰机械设备（深圳）有限责任公司; city=深圳市; phone=+8613912345670"}, .99, 1},
		{"abbreviations", []string{"company=Newwood Engineering Ltd" + site, "company=Newwood Eng. Limited" + site}, .99, 1},

		{"initials", []string{"company=Newwood Marine Works Ltd" + site, "company=NMW Ltd" + site}, .5, .99},
		{"initials alone", []string{"company=Newwood Marine Works Ltd; city=Hull", "company=NMW Ltd; city=Hull"}, 0, .8},

		{"parent and subsidiary", []string{"company=Newwood Landscapes Ltd" + site, "company=Newwood Holdings Ltd" + site}, 0, .8},
		{"subsidiaries", []string{"company=Newwood Landscapes Ltd" + site, "company=Newwood Dental Care Ltd" + site}, 0, .8},
		{"group and company", []string{"company=Newwood Ltd" + site, "company=Newwood Group Ltd" + site}, 0, .8},
		{"Chinese group and company", []string{"company=丰盛集团" + site, "company=丰盛教育咨询有限公司" + site}, 0, .8},
		{"Chinese holding", []string{"company=迅信控股有限公司" + site, "company=迅信（西安）文化传媒有限公司" + site}, 0, .8},
		{"Chinese lines of business", []string{"company=南京中中环保科技有限公司" + site, "company=南京中中科技有限公司" + site}, 0, .99},
		{"two legal forms", []string{"company=Newwood Bau GmbH" + site, "company=Newwood Bau AG" + site}, 0, .8},
		{"another character", []string{"company=上海永创机械设备有限公司; city=上海", "company=上海永凯机械设备有限公司; city=上海"}, 0, .8},
		{"another place in the name", []string{"company=Newwood Travel (UK) Ltd; phone=+8613912345670", "company=Newwood Travel (Ireland) Ltd; phone=+8613912345670"}, 0, .8},
		{"moved or a branch", []string{"company=Newwood Travel Ltd; address=5 Dock Road; city=Hull; phone=+8613912345670", "company=Newwood Travel Ltd; address=80 Castle Street; city=York; phone=+8613912345670"}, .5, .99},
		{"branches in one city", []string{
			"company=Newwood Travel Ltd; address=5 Dock Road; city=Hull; phone=+8613912345670", "company=Newwood Travel Ltd; address=80 Castle Street; city=Hull; phone=+8613912345670",
			"company=Newwood Travel Ltd; address=7 Elm Grove; city=York; phone=+8613912345670", "company=Newwood Travel Ltd; address=2 Quay Street; city=Leeds; phone=+8613912345670",
		}, 0, .8},
		{"branches named by their city", []string{
			"company=杭州联诚环保科技有限公司武汉分公司; address=中山路5号; city=武汉; phone=+8613912345670", "company=杭州联诚环保科技有限公司武汉分公司; address=长江路77号; city=武汉; phone=+8613912345670",
			"company=杭州联诚环保科技有限公司西安分公司; address=解放路8号; city=西安; phone=+8613912345670", "company=杭州联诚环保科技有限公司; address=环城路2号; city=杭州; phone=+8613912345670",
		}, 0, .8},
		{"a shop of a chain", []string{
			"company=Newwood Travel Ltd; city=Hull", "company=Newwood Travel Ltd; city=Hull",
			"company=Newwood Travel Ltd; city=York", "company=Newwood Travel Ltd; city=Leeds", "company=Newwood Travel Ltd; city=Bath",
		}, 0, .8},
	} {
		for _, n := range []int{30, 300} {
			t.Run(fmt.Sprintf("%s among %d", c.name, n), func(t *testing.T) {
				t.Parallel()
				in := records(1, append(c.list, firms(n)...)...)
				res, err := Compare(context.Background(), in, Options{})
				if err != nil {
					t.Fatal(err)
				}
				p := Probability(float64(res.Score(0, 1)))
				if p < c.low || p >= c.high && c.high < 1 {
					e := res.Model.Explain(in.Roles, 1, in.Traits(0), in.Traits(1))
					t.Errorf("probability %.4f, want %v to %v; prior %.1f", p, c.low, c.high, e.Prior)
					for _, l := range e.Levels {
						t.Logf("%+.1f %s %s", l.Weight, l.On, l.Says)
					}
				}
			})
		}
	}
}

// TestExplainKnowsChains weighs branches by the model alone.
func TestExplainKnowsChains(t *testing.T) {
	t.Parallel()
	list := firms(50)
	for i := range 8 {
		list = append(list, fmt.Sprintf("company=Newwood Travel Ltd; city=%s; phone=+8613912345670", draws(i).word(3)))
	}
	in := records(1, list...)
	res, err := Compare(context.Background(), in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(res.Model.Write())
	if err != nil {
		t.Fatal(err)
	}
	for b := uint32(51); b < 58; b++ {
		if e := m.Explain(in.Roles, 1, in.Traits(50), in.Traits(b)); float32(e.Weight) != res.Score(50, b) {
			t.Errorf("explained weight %v, want %v", e.Weight, res.Score(50, b))
		}
	}
}
