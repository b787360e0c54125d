package similar

import (
	"fmt"
	"math/rand/v2"
)

var personRoles = []string{"given_name", "family_name", "birth_date", "email", "phone", "address", "postal_code", "city"}

// persons is n records of invented persons, about two each, with slips, gaps
// and second e-mails and phones. Rank is the order of a shuffle.
func persons(n int, seed uint64) Input {
	r := rand.New(rand.NewPCG(seed, 1))
	word := func(syllables int) string {
		s := ""
		for range syllables {
			s += string("bdfgklmnprstvz"[r.IntN(14)]) + string("aeiou"[r.IntN(5)])
		}
		return s
	}
	given, family, streets := make([]string, 60), make([]string, 300), make([]string, 100)
	for _, list := range [][]string{given, family, streets} {
		for i := range list {
			list[i] = word(2 + r.IntN(2))
		}
	}
	slip := func(s string) string {
		if r.IntN(8) > 0 {
			return s
		}
		i := r.IntN(len(s))
		return s[:i] + string(rune('a'+r.IntN(26))) + s[i+1:]
	}
	pick := func(list []string) string { return list[int(float64(len(list))*r.Float64()*r.Float64())] }
	traits := make([][]byte, 0, n)
	for len(traits) < n {
		place := r.IntN(50)
		g, f := pick(given), pick(family)
		if r.IntN(5) == 0 {
			g += " " + pick(given)
		}
		birth := fmt.Sprintf("%d-%02d-%02d", 1930+r.IntN(75), 1+r.IntN(12), 1+r.IntN(28))
		phone, mail := fmt.Sprintf("+4930%07d", r.IntN(1e7)), fmt.Sprintf("%s.%s%d@example.org", word(2), f, r.IntN(100))
		address := fmt.Sprintf("%s street %d", pick(streets), 1+r.IntN(80))
		for range 1 + r.IntN(3) {
			var b []byte
			add := func(role int, text string) {
				if r.IntN(6) > 0 {
					b = AppendTrait(b, role, text)
				}
			}
			add(0, slip(g))
			add(1, slip(f))
			add(2, birth)
			add(3, mail)
			add(4, phone)
			if r.IntN(4) == 0 {
				add(4, fmt.Sprintf("+4940%07d", r.IntN(300)))
				add(3, word(3)+"@example.com")
			}
			add(5, slip(address))
			add(6, fmt.Sprintf("%05d", 10000+137*place))
			add(7, streets[place]+" town")
			if len(traits) < n {
				traits = append(traits, b)
			}
		}
	}
	in := Input{Roles: personRoles, Traits: func(rec uint32) []byte { return traits[rec] }, Rank: make([]uint32, n)}
	for i, rank := range r.Perm(n) {
		in.Rank[i] = uint32(3*rank + 1) // a total order need not be dense
	}
	return in
}
