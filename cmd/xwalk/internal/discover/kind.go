package discover

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/normalize"
)

// Kind is what the records of a source are: persons or companies, or what a
// column says.
type Kind struct {
	Word   string // person or company; empty where Column tells
	Column string
	Map    []KindWord // in the order of the values
	Why    string
}

// String is person, company, or the column that tells.
func (k Kind) String() string {
	if k.Column != "" {
		return "by " + k.Column
	}
	return k.Word
}

// KindWord is a value of a column and the kind that it means.
type KindWord struct{ Value, Kind string }

var kindWords = map[string]func() map[string]bool{
	"person": wordSet(`person individual private personal consumer b2c naturalperson natural privat privatperson privatkunde particulier particular persona
		personne residential retail human 个人 自然人 个人客户 私人 个体 対個人`),
	"company": wordSet(`company organization organisation business corporate corporation enterprise firm institution b2b commercial legal legalperson legalentity
		juridical firma firmenkunde unternehmen geschaeftskunde geschaftskunde entreprise societe empresa organizacion
		企业 公司 单位 机构 组织 法人 对公 企业客户 集团 团体`),
	"household": wordSet(`household family famille familia haushalt 家庭 住户`),
}

// kindOf is the kind that one word means, or "".
func kindOf(value string) string {
	for _, kind := range []string{"person", "company", "household"} {
		if kindWords[kind]()[plainHeader(value)] {
			return kind
		}
	}
	return ""
}

// maxKinds is how many values a column may have that tells kinds apart.
const maxKinds = 8

// kindColumn is the column whose values say what a record is, if there is
// one. Doubts says which of its values nobody knows.
func kindColumn(columns []column) (k Kind, ok bool, doubts []string) {
	for _, c := range columns {
		if c.Distinct < 2 || c.Distinct > maxKinds || c.filled() < .95 {
			continue
		}
		known := map[string]bool{}
		var unknown []string
		k = Kind{Column: c.Name}
		for _, v := range c.Sample {
			if kind := kindOf(v); kind != "" {
				known[kind] = true
				k.Map = append(k.Map, KindWord{v, kind})
			} else if strings.TrimSpace(v) != "" {
				unknown = append(unknown, v)
			}
		}
		if len(known) < 2 || len(unknown) > len(k.Map) {
			continue
		}
		if len(unknown) > 0 {
			doubts = append(doubts, fmt.Sprintf("column %q: what kind is %s? Such records are rejected until map says so", c.Name, quoted(unknown)))
		}
		if c.Blank > 0 {
			k.Why = "blank in " + rows(c.Blank) + ", which will be rejected"
		}
		return k, true, doubts
	}
	return Kind{}, false, nil
}

// kindOfFields tells persons from companies by what is known of them.
func kindOfFields(fields []Field, columns []column) Kind {
	has := map[string]*content{}
	for _, f := range fields {
		for _, c := range columns {
			if c.Name == f.Columns[0].Name {
				has[f.Role] = c.looks
			}
		}
	}
	switch name := has["name"]; {
	case has["given_name"] != nil || has["family_name"] != nil || has["birth_date"] != nil || has["national_id"] != nil:
		return Kind{Word: "person"}
	case name != nil && name.of(name.company, .4):
		return Kind{Word: "company", Why: "by the names: Ltd, GmbH, 公司 …"}
	case name == nil && has["company"] != nil:
		return Kind{Word: "company", Why: "there is a company's name and no person's"}
	}
	return Kind{Word: "person"}
}

func quoted(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprintf("%q", normalize.Text(v))
	}
	return strings.Join(out, ", ")
}

// rows is "1 row", "12,000 rows".
func rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return number(n) + " rows"
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
