package damage

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// corpus is a source that numbers its customers in one way.
type corpus struct {
	schemes string
	id      func(r *rand.Rand, n int) string // the n-th ID
}

func luhn(body string) string { return body + scheme.CheckOf("luhn", body) }

func random(r *rand.Rand, n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	tenDigits = "0123456789"
	capitals  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base62    = tenDigits + capitals + "abcdefghijklmnopqrstuvwxyz"
)

var corpora = []corpus{
	{"{seq:5}", func(_ *rand.Rand, n int) string { return fmt.Sprintf("%05d", n+1) }},
	{"{seq:8}", func(r *rand.Rand, _ int) string { return random(r, 8, tenDigits) }},
	{"{seq:7}", func(_ *rand.Rand, n int) string { return strconv.Itoa(1_000_000 + 7*n) }},
	{"{seq}", func(_ *rand.Rand, n int) string { return strconv.Itoa(n + 1) }},
	{"{seq:4+}", func(_ *rand.Rand, n int) string { return fmt.Sprintf("%04d", 3*n+1) }},
	{"{seq:3-7}", func(r *rand.Rand, _ int) string { return random(r, 3+r.IntN(5), tenDigits) }},
	{"00{seq:6}", func(r *rand.Rand, _ int) string { return "00" + random(r, 6, tenDigits) }},
	{"C{seq:4}", func(_ *rand.Rand, n int) string { return fmt.Sprintf("C%04d", n+1) }},
	{"C{seq:5} K-{seq:6}", func(r *rand.Rand, n int) string {
		if n%3 == 0 {
			return "K-" + random(r, 6, tenDigits)
		}
		return "C" + random(r, 5, tenDigits)
	}},
	{"C{seq:4} K{seq:4}", func(r *rand.Rand, n int) string { return "CK"[n%2:n%2+1] + random(r, 4, tenDigits) }},
	{"CUST-{seq:6}", func(_ *rand.Rand, n int) string { return fmt.Sprintf("CUST-%06d", 2*n) }},
	{"CUST-{seq:8}-{check:mod97-10}", func(_ *rand.Rand, n int) string {
		body := fmt.Sprintf("CUST-%08d-", n)
		return body + scheme.CheckOf("mod97-10", body)
	}},
	{"{seq:9}{check:luhn}", func(r *rand.Rand, _ int) string { return luhn(random(r, 9, tenDigits)) }},
	{"K{seq:5}{check:damm}", func(_ *rand.Rand, n int) string {
		body := fmt.Sprintf("%05d", n)
		return "K" + body + scheme.CheckOf("damm", body)
	}},
	{"{letters:2}{seq:6}", func(r *rand.Rand, _ int) string { return random(r, 2, capitals) + random(r, 6, tenDigits) }},
	{"GD-{letters:2}{seq:4}", func(r *rand.Rand, _ int) string { return "GD-" + random(r, 2, capitals) + random(r, 4, tenDigits) }},
	{"{alnum:8}", func(r *rand.Rand, _ int) string { return random(r, 8, tenDigits+capitals) }},
	{"{date:YYYYMMDD}{seq:4}", func(r *rand.Rand, n int) string {
		return fmt.Sprintf("20%02d%02d%02d%04d", r.IntN(25), 1+r.IntN(12), 1+r.IntN(28), n%10000)
	}},
	{"{code:gb2260}{date:YYYYMMDD}{seq:3}{check:gb11643}", func(r *rand.Rand, n int) string {
		body := fmt.Sprintf("440524%04d%02d%02d%03d", 1940+r.IntN(70), 1+r.IntN(12), 1+r.IntN(28), n%1000)
		return body + scheme.CheckOf("gb11643", body)
	}},
	{"{seq:2}-{seq:2}", func(r *rand.Rand, _ int) string { return fmt.Sprintf("%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)) }},
	{"{seq}-{seq}", func(r *rand.Rand, _ int) string { return fmt.Sprintf("%d-%d", 1+r.IntN(12), 1+r.IntN(28)) }},
	{"京{seq:5}", func(_ *rand.Rand, n int) string { return fmt.Sprintf("京%05d", n) }},
	{"{seq:19}", func(r *rand.Rand, _ int) string { return "1" + random(r, 18, tenDigits) }},
	{"{salesforce}", func(r *rand.Rand, _ int) string {
		id := "0015g00000" + random(r, 5, base62)
		return id + scheme.SalesforceSuffix(id)
	}},
	{"{uuid}", func(r *rand.Rand, _ int) string {
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
	}},
}

// injury is one way to damage an ID. kind is what has to be found; empty: any
// or nothing, as it cannot be undone. do gives back the ID where it does not
// apply.
type injury struct {
	name string
	kind string
	do   func(r *rand.Rand, id string) string
}

func number(id string) bool { return allDigits(id) && len(id) <= exactDigits }

var injuries = []injury{
	{"leading zeros", LeadingZeros, func(_ *rand.Rand, id string) string {
		if number(id) {
			return strings.TrimLeft(id, "0")
		}
		return id
	}},
	{"zeros dropped", Padding, func(_ *rand.Rand, id string) string {
		at := strings.IndexAny(id, tenDigits)
		if at < 1 || strings.ContainsAny(id[at:], "-") || !plain(id) {
			return id
		}
		return id[:at] + strings.TrimLeft(id[at:], "0")
	}},
	{"zeros added", Padding, func(_ *rand.Rand, id string) string {
		at := strings.IndexAny(id, tenDigits)
		if at < 1 || strings.ContainsAny(id[at:], "-") || !plain(id) {
			return id
		}
		return id[:at] + "000" + id[at:]
	}},
	{"decimal", Decimal, onNumbers(func(id string) string { return id + ".0" })},
	{"decimal comma", Decimal, onNumbers(func(id string) string { return id + ",00" })},
	{"scientific", Scientific, onNumbers(func(id string) string {
		if len(id) < 3 {
			return id
		}
		return id[:1] + "." + id[1:] + "E+" + strconv.Itoa(len(id)-1)
	})},
	{"thousands", Thousands, onNumbers(func(id string) string {
		if len(id) < 4 {
			return id
		}
		for i := len(id) - 3; i > 0; i -= 3 {
			id = id[:i] + "," + id[i:]
		}
		return id
	})},
	{"three decimals", "", onNumbers(func(id string) string { return id + ",000" })},
	{"scientific, rounded", "", onNumbers(func(id string) string {
		v, _ := strconv.ParseFloat(id, 64)
		return strconv.FormatFloat(v, 'E', 2, 64)
	})},
	{"rounded to 15 digits", "", func(_ *rand.Rand, id string) string {
		if allDigits(id) && len(id) > exactDigits {
			return id[:15] + zeros[:len(id)-15]
		}
		return id
	}},
	{"date", Date, func(_ *rand.Rand, id string) string {
		var m, d int
		if n, _ := fmt.Sscanf(id, "%d-%d", &m, &d); n == 2 && len(id) <= 5 && m >= 1 && m <= 12 && d >= 1 && d <= 28 {
			return fmt.Sprintf("%d-%c%s", d, monthNames[m][0], strings.ToLower(monthNames[m][1:]))
		}
		return id
	}},
	{"Chinese date", Date, func(_ *rand.Rand, id string) string {
		var m, d int
		if n, _ := fmt.Sscanf(id, "%d-%d", &m, &d); n == 2 && len(id) <= 5 && m >= 1 && m <= 12 && d >= 1 && d <= 28 {
			return fmt.Sprintf("%d月%d日", m, d)
		}
		return id
	}},
	{"apostrophe", Apostrophe, func(_ *rand.Rand, id string) string { return "'" + id }},
	{"formula", Formula, func(_ *rand.Rand, id string) string { return `="` + id + `"` }},
	{"quotes", Quotes, func(_ *rand.Rand, id string) string { return `"` + id + `"` }},
	{"full width", FullWidth, func(_ *rand.Rand, id string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r + 0xfee0
			}
			return r
		}, id)
	}},
	{"invisible", Invisible, func(r *rand.Rand, id string) string {
		at := r.IntN(2) * len(id)
		return id[:at] + "\u200b" + id[at:]
	}},
	{"dash", Dash, func(_ *rand.Rand, id string) string { return strings.ReplaceAll(id, "-", "–") }},
	{"space", Space, func(_ *rand.Rand, id string) string { return "\u00a0" + id + " " }},
	{"small letters", Case, folding(strings.ToLower)},
	{"capitals", Case, folding(strings.ToUpper)},
	{"look-alike", LookAlike, func(_ *rand.Rand, id string) string {
		at := strings.IndexAny(id, tenDigits)
		if at < 0 || !plain(id) {
			return id
		}
		for i := at; i < len(id); i++ {
			if k := strings.IndexByte("0158", id[i]); k >= 0 {
				return id[:i] + "OISB"[k:k+1] + id[i+1:]
			}
		}
		return id
	}},
	{"doubled prefix", DoubledPrefix, func(_ *rand.Rand, id string) string {
		if at := strings.IndexAny(id, tenDigits); plain(id) && (strings.HasPrefix(id, "CUST-") || at == 1 || strings.HasPrefix(id, "K-")) {
			return id[:at] + id
		}
		return id
	}},
	{"missing prefix", MissingPrefix, func(_ *rand.Rand, id string) string { return strings.TrimPrefix(id, "CUST-") }},
	{"encoding", Encoding, func(_ *rand.Rand, id string) string { return strings.ReplaceAll(id, "京", "\uFFFD") }},

	{"cut at the end", "", func(r *rand.Rand, id string) string { return id[:1+r.IntN(len(id))] }},
	{"cut at the front", "", func(r *rand.Rand, id string) string { return id[r.IntN(len(id)):] }},
	{"one character replaced", "", func(r *rand.Rand, id string) string {
		i := r.IntN(len(id))
		return id[:i] + random(r, 1, base62) + id[i+1:]
	}},
	{"one character too many", "", func(r *rand.Rand, id string) string {
		i := r.IntN(len(id) + 1)
		return id[:i] + random(r, 1, base62) + id[i:]
	}},
	{"one character twice", "", func(r *rand.Rand, id string) string {
		i := r.IntN(len(id))
		return id[:i+1] + id[i:]
	}},
	{"one character left out", "", func(r *rand.Rand, id string) string {
		i := r.IntN(len(id))
		return id[:i] + id[i+1:]
	}},
	{"two characters swapped", "", func(r *rand.Rand, id string) string {
		if len(id) < 2 {
			return id
		}
		i := r.IntN(len(id) - 1)
		return id[:i] + id[i+1:i+2] + id[i:i+1] + id[i+2:]
	}},
}

// plain reports whether the only letters of an ID are in front, so that its
// digits are a number.
func plain(id string) bool {
	rest := strings.TrimLeft(id, capitals+"京-")
	return rest != "" && strings.Trim(rest, tenDigits+"-") == "" && len(rest) <= exactDigits
}

func onNumbers(do func(string) string) func(*rand.Rand, string) string {
	return func(_ *rand.Rand, id string) string {
		if number(id) && id[0] != '0' {
			return do(id)
		}
		return id
	}
}

// folding damages IDs whose letters are literals, or Salesforce's.
func folding(fold func(string) string) func(*rand.Rand, string) string {
	return func(_ *rand.Rand, id string) string {
		if strings.HasPrefix(id, "CUST-") || len(id) == 18 && !allDigits(id[:17]) {
			return fold(id)
		}
		return id
	}
}

// people is how many IDs a population has.
const people = 1500

// population is a corpus of which some IDs are damaged.
type population struct {
	ids      []string // as received
	original []string
	hurt     int
}

func (c *corpus) damaged(seed uint64, n int, rate float64, do func(*rand.Rand, string) string) population {
	r := rand.New(rand.NewPCG(seed, 1))
	seen := map[string]bool{}
	var p population
	for i := range n {
		id := c.id(r, i)
		if seen[id] {
			continue
		}
		seen[id] = true
		received := id
		if r.Float64() < rate {
			received = do(r, id)
		}
		if received != id {
			p.hurt++
		}
		p.ids, p.original = append(p.ids, received), append(p.original, id)
	}
	return p
}

// repairs is what a run with `repair: safe` would make of the population: the
// keys by position, empty where it is rejected. It mirrors mapping/plan.
func (p *population) repairs(e *Examiner) []string {
	keys := make([]string, len(p.ids))
	found := make([]Finding, len(p.ids))
	byKey := map[string][]int{}
	ev := e.Evidence()
	for i, id := range p.ids {
		if key, err := e.key.Key(id); err == nil {
			if k, at := e.set.Key(key); at >= 0 {
				keys[i] = k
				byKey[k] = append(byKey[k], i)
				continue
			}
		}
		f, ok := e.Examine(id)
		if !ok || !f.Certain && !f.Waits() {
			ev.Reject(f, ok)
			continue
		}
		keys[i], found[i] = f.Proposals[0], f
		byKey[keys[i]] = append(byKey[keys[i]], i)
	}
	for i, f := range found {
		if f.Waits() {
			ev.Wait(f, len(byKey[keys[i]]) > 1, false)
		} else if f.Certain {
			ev.Repair(f)
		}
	}
	for i, f := range found {
		if keys[i] != "" && f.Kind == "" {
			ev.Intact(p.ids[i])
		}
	}
	verdict := ev.Decide()
	for i, f := range found {
		if f.Kind == "" {
			continue
		}
		ok := f.Certain
		if f.Waits() {
			ok, _ = verdict.Accepts(f)
		}
		if !ok || len(byKey[keys[i]]) > 1 {
			keys[i] = ""
		}
	}
	return keys
}

// seeds are one for every day, and twenty with LONG=1.
func seeds() []uint64 {
	n := 1
	if os.Getenv("LONG") != "" {
		n = 20
	}
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i + 1)
	}
	return out
}

// TestDamageIsFound damages every corpus in every way that can be undone: at
// least 99 % are recognised for what they are, and the original comes first
// among what is proposed.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	total, right := map[string]int{}, map[string]int{}
	for _, c := range corpora {
		e := examiner(t, strings.Fields(c.schemes)...)
		for _, in := range injuries {
			if in.kind == "" {
				continue
			}
			for _, seed := range seeds() {
				p := c.damaged(seed, people, 0.1, in.do)
				for i, id := range p.ids {
					key, err := e.key.Key(id)
					if id == p.original[i] || err == nil && key == id && e.reads(key) {
						continue // nothing to be seen
					}
					want, _ := e.set.Key(p.original[i])
					if in.kind == Encoding {
						want = ""
					}
					f, _ := e.Examine(id)
					first := ""
					if len(f.Proposals) > 0 {
						first = f.Proposals[0]
					}
					total[in.name]++
					if f.Kind == in.kind && first == want {
						right[in.name]++
					} else if total[in.name]-right[in.name] < 4 {
						t.Logf("%s under %s: %q for %q: %s %q", in.name, c.schemes, id, want, f.Kind, f.Proposals)
					}
				}
			}
		}
	}
	for _, in := range injuries {
		if in.kind == "" {
			continue
		}
		if n, ok := total[in.name], right[in.name]; n == 0 || float64(ok) < 0.99*float64(n) {
			t.Errorf("%s: %d of %d found", in.name, ok, n)
		} else {
			t.Logf("%s: %d of %d found", in.name, ok, n)
		}
	}
}

// TestNoWrongRepair damages every corpus in every way, in part and as a whole,
// also in several ways at once: what is repaired is right.
func TestNoWrongRepair(t *testing.T) {
	t.Parallel()
	all := injury{name: "everything", do: func(r *rand.Rand, id string) string { return injuries[r.IntN(len(injuries))].do(r, id) }}
	for k := range corpora {
		c := corpora[k]
		t.Run(c.schemes, func(t *testing.T) {
			t.Parallel()
			e := examiner(t, strings.Fields(c.schemes)...)
			hurt, repaired := 0, 0
			for _, in := range append(slices.Clone(injuries), all) {
				for _, rate := range []float64{0.001, 0.01, 0.1, 1} {
					for _, seed := range seeds() {
						p := c.damaged(seed, people, rate, in.do)
						repaired += p.check(t, e, fmt.Sprintf("%s at %g (seed %d)", in.name, rate, seed))
						hurt += p.hurt
					}
				}
			}
			if repaired == 0 {
				t.Error("nothing is repaired")
			}
			t.Logf("%d of %d damaged IDs repaired", repaired, hurt)
		})
	}
}

// check holds the repairs of a population to the originals, and counts them. A
// damaged ID that reads as another one is beyond anybody's knowledge.
func (p *population) check(t *testing.T, e *Examiner, what string) (right int) {
	t.Helper()
	wrong := 0
	for i, got := range p.repairs(e) {
		if got == "" || p.ids[i] == p.original[i] {
			continue
		}
		if key, err := e.key.Key(p.ids[i]); err == nil && e.reads(key) {
			continue
		}
		if want, _ := e.set.Key(p.original[i]); got != want {
			if wrong++; wrong <= 3 {
				t.Errorf("%s: %q was %q and is repaired to %q", what, p.ids[i], want, got)
			}
			continue
		}
		right++
	}
	return right
}
