package discover

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/profile"
)

// column is a column with what its values look like.
type column struct {
	profile.Column
	looks *content
}

// filled is the share of rows that have a value.
func (c column) filled() float64 {
	if c.Rows == 0 {
		return 0
	}
	return float64(c.Rows-c.Blank) / float64(c.Rows)
}

// repeats is how many rows share a value on average.
func (c column) repeats() float64 {
	if c.Distinct == 0 {
		return 0
	}
	return float64(c.Rows-c.Blank) / float64(c.Distinct)
}

// Field is a role and the columns that hold it. Why says how that was seen
// where the header alone did not tell.
type Field struct {
	Role    string
	Columns []FieldColumn
	Why     string
}

// FieldColumn is one column of a field; Split stands between several values
// in a cell.
type FieldColumn struct{ Name, Split string }

// several are the roles of which a record may have more than one value.
var several = map[string]bool{"email": true, "phone": true, "tax_id": true, "national_id": true}

// roleOrder is the order of roles in the file: who, how to reach them, where
// they live, and the record's own dates.
var roleOrder = []string{
	"name", "given_name", "family_name", "company", "birth_date", "national_id", "tax_id", "email", "phone", "address", "city", "region",
	"postal_code", "country", "created", "modified", "deleted", "merged_into", "canonical_id",
}

// holds reports whether the values of a column can be of a role. It does not
// judge a column without values.
func (c *content) holds(role string) bool {
	if c.n == 0 {
		return true
	}
	switch role {
	case "email":
		return c.of(c.email, .5)
	case "phone":
		return c.of(c.phone, .5)
	case "birth_date":
		return c.of(c.date, .7)
	case "created", "modified":
		return c.of(c.date+c.clock, .7)
	case "deleted":
		return c.of(c.bool, .9) || c.of(c.date+c.clock, .7)
	case "name", "given_name", "family_name":
		return !c.isSomethingElse() && !c.of(c.phone, .5) && !c.of(c.amount, .5)
	case "company", "address":
		return !c.isSomethingElse()
	case "tax_id", "national_id":
		return c.of(c.digits, .7) && !c.of(c.date, .9) && !c.of(c.amount, .5) && !c.of(c.long, .1)
	case "city", "region", "country":
		return !c.isSomethingElse() && !c.of(c.long, .3)
	case "postal_code":
		return c.of(c.digits, .6) && !c.of(c.long, .1) && !c.of(c.email, .1)
	}
	return true
}

// isSomethingElse reports whether values have a form that no name and no
// place has.
func (c *content) isSomethingElse() bool {
	return c.of(c.email, .3) || c.of(c.number, .5) || c.of(c.date, .5) || c.of(c.link, .3) || c.of(c.resident, .5) || c.of(c.credit, .5)
}

// role is the role that values show without a header's help, or "".
func (c *content) role() string {
	switch {
	case c.n < 3:
		return ""
	case c.of(c.resident, .9):
		return "national_id"
	case c.of(c.credit, .9):
		return "tax_id"
	case c.of(c.email, .9):
		return "email"
	case c.of(c.surePhone, .9):
		return "phone"
	case c.of(c.hanName, .8):
		return "name"
	}
	return ""
}

// roleWords say a role in a sentence.
var roleWords = map[string]string{
	"name": "names", "given_name": "given names", "family_name": "family names", "company": "names of companies", "email": "e-mail addresses", "phone": "phone numbers",
	"birth_date": "dates", "tax_id": "tax numbers", "national_id": "identity numbers", "address": "addresses", "city": "cities", "region": "regions", "postal_code": "postal codes",
	"country": "countries", "created": "dates", "modified": "dates", "deleted": "yes or no", "merged_into": "numbers", "canonical_id": "numbers",
}

// mapped is a column that was given a role.
type mapped struct {
	column
	role  string
	why   string
	exact bool // the dictionary has the header as it is
}

// roles gives columns their roles by header and content. Those in used are
// spoken for. Doubts says what does not fit together.
func roles(columns []column, used map[string]bool) (fields []Field, doubts []string) {
	var found []mapped
	for _, c := range columns {
		if used[c.Name] {
			continue
		}
		byHeader, byContent := headerRole(c.Name), ""
		if !besides(c.Name) {
			byContent = c.looks.role()
		}
		m := mapped{column: c, role: byHeader, exact: roleOf()[plainHeader(c.Name)] != ""}
		switch {
		case c.looks.n == 0 && c.Rows > 0:
			continue
		case byHeader != "" && c.looks.holds(byHeader):
		case byContent != "":
			m.role, m.why = byContent, "by its values: "+roleWords[byContent]
			if byHeader != "" {
				doubts = append(doubts, fmt.Sprintf("column %q is called like %s and holds %s; it is mapped as %s", c.Name, roleWords[byHeader], roleWords[byContent], byContent))
			}
		case byHeader != "":
			doubts = append(doubts, fmt.Sprintf("column %q is called like %s but does not hold %s; it is left out", c.Name, byHeader, roleWords[byHeader]))
			continue
		default:
			continue
		}
		found = append(found, m)
	}
	fields, unclear := gather(found)
	return fields, append(doubts, unclear...)
}

// gather makes one field of the columns of each role.
func gather(found []mapped) (fields []Field, doubts []string) {
	parts := map[string]bool{}
	for _, m := range found {
		parts[m.role] = true
	}
	if parts["given_name"] && parts["family_name"] { // they say more, and the name is put together from them
		found = slices.DeleteFunc(found, func(m mapped) bool { return m.role == "name" })
	}
	for _, role := range roleOrder {
		of := slices.DeleteFunc(slices.Clone(found), func(m mapped) bool { return m.role != role })
		if len(of) == 0 {
			continue
		}
		if !several[role] {
			best := slices.MaxFunc(of, better)
			for _, m := range of {
				if m.Name != best.Name && best.exact == m.exact && role != "address" {
					doubts = append(doubts, fmt.Sprintf("%s may be column %q or %q; the first is taken", role, best.Name, m.Name))
				}
			}
			of = []mapped{best}
		}
		fields = append(fields, field(role, of))
	}
	return fields, doubts
}

// better compares two columns of a role of which there is one.
func better(a, b mapped) int {
	exact := func(m mapped) int {
		if m.exact {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(exact(a), exact(b)), cmp.Compare(int(a.filled()*10), int(b.filled()*10)))
}

func field(role string, of []mapped) Field {
	f := Field{Role: role}
	for _, m := range of {
		fc := FieldColumn{Name: m.Name}
		if role == "email" {
			fc.Split = m.looks.separator()
		}
		f.Columns = append(f.Columns, fc)
		if m.why != "" {
			f.Why = m.why
		}
	}
	return f
}
