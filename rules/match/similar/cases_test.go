package similar

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// records makes an input of records that are written "role=value; role=value".
func records(kind Kind, list ...string) Input {
	in := Input{Kind: func(uint32) Kind { return kind }, Rank: make([]uint32, len(list))}
	traits := make([][]byte, len(list))
	for i, rec := range list {
		in.Rank[i] = uint32(i)
		for field := range strings.SplitSeq(rec, ";") {
			role, value, _ := strings.Cut(strings.TrimSpace(field), "=")
			at := slices.Index(in.Roles, role)
			if at < 0 {
				at = len(in.Roles)
				in.Roles = append(in.Roles, role)
			}
			traits[i] = appendNormal(traits[i], at, role, value, "CN")
		}
	}
	in.Traits = func(rec uint32) []byte { return traits[rec] }
	return in
}

// others are records that have nothing to do with those of a case, so that a
// case can be weighed in small and in larger company.
func others(n int) []string {
	list := make([]string, n)
	for i := range list {
		d := draws(i)
		list[i] = fmt.Sprintf("given_name=%s; family_name=%s; birth_date=%d-%02d-%02d; email=%s%d@mail%d.example; phone=+86138%08d; address=%d %s Street; city=%s",
			d.word(1), d.word(4), 1940+d.n(7, 60), 1+d.n(8, 12), 1+d.n(9, 28), d.word(1), d.n(10, 999), d.n(11, 30), d.n(12, 100000000), 1+d.n(13, 99), d.word(14), d.word(17))
	}
	return list
}

// plain are records with little in them and few names, of which nobody is there
// twice: nothing to learn from.
func plain(n int) []string {
	given := []string{"John", "Mary", "Peter", "Susan", "Paul", "Linda", "Mark", "Karen", "James", "Helen"}
	family := []string{"Smith", "Porter", "Young", "Miller", "Baker", "Wood", "Hill", "Green", "King", "Wright", "Cook", "Bell"}
	list := make([]string, n)
	for i := range list {
		d := draws(i)
		list[i] = fmt.Sprintf("given_name=%s; family_name=%s; birth_date=%d-%02d-%02d; city=%s",
			given[i%10], family[i/10%12], 1940+d.n(7, 60), 1+d.n(8, 12), 1+d.n(9, 28), []string{"Bath", "Leeds", "York", "Hull"}[d.n(2, 4)])
	}
	return list
}

func TestCases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		kind Kind
		a, b string
		low  float64 // the probability is at least this
		high float64 // and below this
	}{
		{"all equal", 0, "given_name=Jane; family_name=Porter; birth_date=1980-02-03; email=jane.porter@post.example", "given_name=Jane; family_name=Porter; birth_date=1980-02-03; email=jane.porter@post.example", .99, 1},
		{"one slip, moved, same mailbox", 0, "given_name=Jane; family_name=Porter; email=jane.porter@post.example; address=1 Elm Grove; city=Bath", "given_name=Jane; family_name=Potrer; email=jane.porter@post.example; address=77 Quay Street; city=Leeds", .99, 1},
		{"nickname, same phone and birth date", 0, "given_name=Robert; family_name=Miller; birth_date=1971-05-06; phone=+8613912345670", "given_name=Bob; family_name=Miller; birth_date=1971-05-06; phone=+8613912345670", .99, 1},
		{"day and month swapped, same address", 0, "given_name=Jane; family_name=Porter; birth_date=1980-02-03; address=1 Elm Grove; city=Bath; phone=+8613912345670", "given_name=Jane; family_name=Porter; birth_date=1980-03-02; address=1 Elm Grove; city=Bath; phone=+8613912345670", .99, 1},
		{"names swapped", 0, "given_name=Jane; family_name=Porter; birth_date=1980-02-03; phone=+8613912345670", "given_name=Porter; family_name=Jane; birth_date=1980-02-03; phone=+8613912345670", .99, 1},
		{"characters and pinyin", 0, "name=张伟; birth_date=1980-02-03; phone=+8613912345670", "name=Zhang Wei; birth_date=1980-02-03; phone=+8613912345670", .99, 1},

		{"twins", 0, "given_name=Emma; family_name=Porter; birth_date=1980-02-03; address=1 Elm Grove; city=Bath; phone=+8613912345670", "given_name=Sophie; family_name=Porter; birth_date=1980-02-03; address=1 Elm Grove; city=Bath; phone=+8613912345670", 0, .99},
		{"senior and junior", 0, "name=John Porter Sr; address=1 Elm Grove; city=Bath; phone=+8613912345670; email=porters@mail1.example", "name=John Porter Jr.; address=1 Elm Grove; city=Bath; phone=+8613912345670; email=porters@mail1.example", 0, .8},
		{"junior twice", 0, "name=John Porter Jr; address=1 Elm Grove; city=Bath; phone=+8613912345670; email=jporter77@mail1.example", "name=Porter, John, Jr.; address=1 Elm Grove; city=Bath; phone=+8613912345670; email=jporter77@mail1.example", .99, 1},
		{"father and son of one name", 0, "given_name=John; family_name=Porter; birth_date=1950-02-03; address=1 Elm Grove; city=Bath; phone=+8613912345670", "given_name=John; family_name=Porter; birth_date=1981-07-19; address=1 Elm Grove; city=Bath; phone=+8613912345670", 0, .99},
		{"husband and wife", 0, "given_name=John; family_name=Porter; birth_date=1950-02-03; address=1 Elm Grove; city=Bath; phone=+8613912345670; email=porters@post.example", "given_name=Mary; family_name=Porter; birth_date=1953-11-30; address=1 Elm Grove; city=Bath; phone=+8613912345670; email=porters@post.example", 0, .8},
		{"a household without birth dates", 0, "given_name=John; family_name=Porter; address=1 Elm Grove; city=Bath; phone=+8613912345670", "given_name=Mary; family_name=Porter; address=1 Elm Grove; city=Bath; phone=+8613912345670", 0, .8},
		{"namesakes in two cities", 0, "name=王芳; city=北京", "name=王芳; city=上海", 0, .8},
		{"namesakes with birth dates", 0, "name=张伟; birth_date=1980-02-03; city=北京", "name=张伟; birth_date=1991-08-17; city=北京", 0, .8},
		{"one character apart, two birth dates", 0, "name=张伟; birth_date=1980-02-03", "name=张卫; birth_date=1991-08-17", 0, .5},
		{"name and city alone", 0, "given_name=Jane; family_name=Porter; city=Bath", "given_name=Jane; family_name=Porter; city=Bath", 0, .99},
		{"name alone", 0, "given_name=Jane; family_name=Porter", "given_name=Jane; family_name=Porter", 0, .99},
		{"full record and its name alone", 0, "given_name=Jane; family_name=Porter; birth_date=1980-02-03; email=jane.porter@post.example; phone=+8613912345670", "given_name=Jane; family_name=Porter", 0, .99},
		{"e-mail alone", 0, "email=jane.porter@post.example", "email=jane.porter@post.example", .4, .99},
		{"shared desk mailbox", 0, "given_name=Jane; family_name=Porter; email=info@porter.example", "given_name=Carl; family_name=Young; email=info@porter.example", 0, .8},
		{"switchboard", 0, "given_name=Jane; family_name=Porter; phone=+8613912345670; company=Acme Ltd", "given_name=Carl; family_name=Young; phone=+8613912345670; company=Acme Ltd", 0, .8},
		{"city alone", 0, "city=Bath", "city=Bath", 0, .5},

		{"namesakes with numbered mailboxes", 0, "given_name=Grace; family_name=Taylor; email=grace.taylor48@post.example", "given_name=Grace; family_name=Taylor; email=grace.taylor144@post.example", 0, .99},
		{"namesakes with mailboxes of their name", 0, "name=Alain Garnier; email=alain.garnier@hautlieu.example", "name=Alain Garnier; email=alain.garnier@gomez.example", 0, .99},
		{"brother and sister with mailboxes of their names", 0, "name=Diego Romero; email=dromero@yahoo.es", "name=Rosa Romero; email=rromero@yahoo.es", 0, .5},
		{"relatives of two family names, one mailbox", 0, "name=Luis Serrano Alvarez; email=theserranos87@hotmail.es", "name=Maria Serrano Alvarez; email=theserranos87@hotmail.es", 0, .8},
		{"a middle initial is no first name", 0, "given_name=Debbie; family_name=Porter; phone=+8613912345670", "given_name=Caroline D; family_name=Porter; phone=+8613912345670", 0, .8},
		{"colleagues of one first name", 0, "given_name=Daniel; family_name=Whithurst; company=Gladgate Ltd; email=daniel.whithurst@gladgate.example; phone=+8613912345670; address=5 Dock Road; city=Hull", "given_name=Daniel; family_name=Eichbach; company=Gladgate Ltd; email=daniel.eichbach@gladgate.example; phone=+8613912345670; address=5 Dock Road; city=Hull", 0, .99},
		{"neighbouring numbers of one switchboard", 0, "given_name=Jane; family_name=Porter; phone=+8613912345670", "given_name=Jane; family_name=Porter; phone=+8613912345671", 0, .99},
		{"spaced reading", 0, "name=周志红; birth_date=1980-02-03; phone=+8613912345670", "name=Zhou, Zhi hong; birth_date=1980-02-03; phone=+8613912345670", .99, 1},
		{"city in the address line", 0, "given_name=Jane; family_name=Porter; address=29 Park Road LONDON; city=London; phone=+8613912345670", "given_name=Jane; family_name=Porter; address=29 Park Road; city=London; phone=+8613912345670", .98, 1},
		{"names swapped at one address", 0, "given_name=Hans-Peter; family_name=Huber; address=Ringstraße 114; city=Hamburg; email=hanspeter.huber70@post.example", "given_name=Huber; family_name=Hans-Peter; address=Ringstraße 114; city=Hamburg; email=hanspeter.huber70@post.example", .99, 1},

		{"company, other spelling", 1, "company=Acme Rocket Works Ltd; address=5 Dock Road; city=Hull; phone=+8613912345670", "company=ACME Rocket Works; address=5 Dock Rd; city=Hull; phone=+8613912345670", .99, 1},
		{"branches with one phone", 1, "company=Acme Rocket Works Ltd; address=5 Dock Road; city=Hull; phone=+8613912345670", "company=Acme Rocket Works Ltd; address=80 Castle Street; city=York; phone=+8613912345670", 0, .99},
		{"two companies at one address", 1, "company=Acme Rocket Works Ltd; address=5 Dock Road; city=Hull", "company=Silver Bakery; address=5 Dock Road; city=Hull", 0, .8},
		{"two companies, one accountant", 1, "company=Acme Rocket Works Ltd; email=office@ledger.example; phone=+8613912345670", "company=Silver Bakery; email=office@ledger.example; phone=+8613912345670", 0, .99},
	} {
		for name, company := range map[string][]string{"alone": nil, "among many": others(300), "among few names": plain(300)} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				t.Parallel()
				in := records(c.kind, append([]string{c.a, c.b}, company...)...)
				res, err := Compare(context.Background(), in, Options{})
				if err != nil {
					t.Fatal(err)
				}
				p := Probability(float64(res.Score(0, 1)))
				if p < c.low || p >= c.high && c.high < 1 {
					t.Errorf("probability %.4f, want %v to %v", p, c.low, c.high)
					e := res.Model.Explain(in.Roles, c.kind, in.Traits(0), in.Traits(1))
					t.Logf("prior %.1f", e.Prior)
					for _, l := range e.Levels {
						t.Logf("%+.1f %s %s", l.Weight, l.On, l.Says)
					}
				}
			})
		}
	}
}

// TestFewRecords asks that the smallest inputs are weighed by what is shipped:
// what is equal in all is one customer, what is unlike is not.
func TestFewRecords(t *testing.T) {
	t.Parallel()
	jane := "given_name=Jane; family_name=Porter; birth_date=1980-02-03; email=jane.porter@post.example; city=Bath"
	five := []string{
		jane, jane, "given_name=Carl; family_name=Young; birth_date=1955-11-30; city=Bath",
		"given_name=Jane; family_name=Porter; birth_date=1957-06-21; city=Leeds", "family_name=Porter; city=Bath",
	}
	for _, c := range []struct {
		name string
		list []string
		want int // pairs that merge
	}{{"none", nil, 0}, {"one", []string{jane}, 0}, {"two", []string{jane, jane}, 1}, {"five", five, 1}, {"all identical", slices.Repeat([]string{jane}, 3), 3}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			res, err := Compare(t.Context(), records(0, c.list...), Options{Floor: 0.99})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Pairs) != c.want {
				t.Errorf("%d pairs merge, want %d", len(res.Pairs), c.want)
			}
		})
	}
}

// TestEitherFirst asks that a weight does not depend on which record comes
// first.
func TestEitherFirst(t *testing.T) {
	t.Parallel()
	in := persons(300, 5)
	res, err := Compare(t.Context(), in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	tab, err := newTable(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.buildForms(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := newScorer(tab, res.Model)
	for a := range uint32(300) {
		for b := range a {
			x, y := s.weight(a, b, -1e9), s.weight(b, a, -1e9)
			if x-y > 0.01 || y-x > 0.01 {
				o, p := nothing, nothing
				s.compare(s.person, a, b, &o)
				s.compare(s.person, b, a, &p)
				t.Fatalf("records %d and %d weigh %v, the other way round %v: %v, %v", a, b, x, y, o.level, p.level)
			}
		}
	}
}

// draws is a repeatable source of numbers for record i.
type draws uint32

func (d draws) n(k, n int) int { return int(mix(uint32(d), uint32(k)) % uint32(n)) }

func (d draws) word(k int) string {
	syllables := []string{"an", "bel", "co", "dri", "el", "fan", "gor", "hi", "is", "jo", "kal", "lu", "mar", "no", "ol", "pri", "ros", "sta", "ti", "ul", "ver", "wen"}
	return syllables[d.n(k, 12)] + syllables[d.n(k+1, 22)] + syllables[d.n(k+2, 10)]
}

// TestRelatedStayApart compares files in which nobody is there twice, but many
// share names, addresses and telephones: no pair may merge.
func TestRelatedStayApart(t *testing.T) {
	t.Parallel()
	households := func(i int) string {
		home, own := draws(i/3), draws(i+1_000_000)
		given := own.word(1)
		birth := fmt.Sprintf("%d-%02d-%02d", 1950+30*(i%3/2)+own.n(4, 9), 1+own.n(5, 12), 1+own.n(6, 28))
		if i%3 == 2 && home.n(9, 20) == 0 { // named after the first of the household
			given = draws(i - 2 + 1_000_000).word(1)
		}
		return fmt.Sprintf("given_name=%s; family_name=%s; birth_date=%s; address=%d %s Street; city=%s; phone=+86138%08d; email=%s%d@post.example",
			given, home.word(1), birth, 1+home.n(4, 99), home.word(5), home.word(20), home.n(8, 100000000), own.word(1), own.n(10, 9999))
	}
	branches := func(i int) string {
		firm, own := draws(i/6), draws(i+1_000_000)
		return fmt.Sprintf("company=%s %s Ltd; address=%d %s Street; city=%s; phone=+86138%08d; email=info@%s.example",
			firm.word(1), firm.word(4), 1+own.n(4, 999), own.word(5), own.word(20), firm.n(8, 100000000), firm.word(1))
	}
	for _, c := range []struct {
		name string
		kind Kind
		of   func(i int) string
	}{{"households", 0, households}, {"branches", 1, branches}} {
		for _, n := range []int{12, 120, 1500, 6000} {
			t.Run(fmt.Sprintf("%s %d", c.name, n), func(t *testing.T) {
				t.Parallel()
				list := make([]string, n)
				for i := range list {
					list[i] = c.of(i)
				}
				in := records(c.kind, list...)
				res, err := Compare(context.Background(), in, Options{Floor: 0.99})
				if err != nil {
					t.Fatal(err)
				}
				for i, p := range res.Pairs {
					if i == 5 {
						t.Errorf("… %d pairs", len(res.Pairs))
						break
					}
					t.Errorf("%s | %s: %.4f", list[p.A], list[p.B], Probability(float64(p.Weight)))
				}
			})
		}
	}
}
