package profile

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/damage"
	"github.com/xwalk-id/xwalk/rules/scheme"
	"github.com/xwalk-id/xwalk/rules/scheme/infer"
)

// AllDamaged says that what the numbers have in common is a damage and no
// scheme: 17.0, 1.23E+11, ="00123". Then none is proposed from them as they
// are. Schemes are those that they may follow once they are exported properly,
// which none of them does now; empty where nothing tells.
type AllDamaged struct {
	Kind    string   `json:"kind"`
	Why     string   `json:"why"` // and what to do, as part of a sentence about them
	Example string   `json:"example"`
	Schemes []string `json:"schemes,omitempty"`
}

// numberlike are the kinds of damage of what was taken for a number.
var numberlike = map[string]bool{damage.Decimal: true, damage.Thousands: true, damage.Scientific: true}

// allDamaged looks for damage that hit nearly all numbers of the sample.
func (a *analysis) allDamaged(sample []string, codes scheme.Codes) *AllDamaged {
	f, found := damage.OfAll(sample)
	if !found {
		return nil
	}
	middle := slices.Concat(sample[len(sample)/2:], sample[:len(sample)/2])
	hit := max(0, slices.IndexFunc(middle, func(id string) bool { return !digitsOnly(id) || f.Kind == damage.Rounded }))
	d := &AllDamaged{Kind: f.Kind, Why: f.Why, Example: middle[hit]}
	if !strings.Contains(d.Why, "export") {
		d.Why += "; export the column as text"
	}
	switch {
	case numberlike[f.Kind]:
		d.Schemes = []string{"{seq}"}
	case f.Kind == damage.Formula, f.Kind == damage.Quotes, f.Kind == damage.Apostrophe:
		bare := make([]string, len(sample))
		for i, id := range sample {
			bare[i] = strings.Trim(id, "=\"'`‘’“”")
		}
		for _, c := range infer.Schemes(bare, infer.Options{Codes: codes}) {
			if c.Scheme != "{any}" {
				d.Schemes = append(d.Schemes, c.Scheme)
			}
		}
	}
	return d
}
