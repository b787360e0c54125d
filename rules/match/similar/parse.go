package similar

import (
	"strings"

	"github.com/xwalk-id/xwalk/rules/normalize"
)

// sense is what the values of a slot mean, and so how they are compared.
type sense uint8

const (
	attribute sense = iota
	givenName
	familyName
	fullName
	companyName
	mailbox
	phoneNumber
	birthDate
	code
	addressLine
	postalCode
	place
)

// normal are the roles whose values come in normal form.
var normal = map[string]bool{"email": true, "phone": true, "birth_date": true, "tax_id": true, "national_id": true}

func senseOf(role string) sense {
	switch role {
	case "email":
		return mailbox
	case "phone":
		return phoneNumber
	case "birth_date":
		return birthDate
	case "tax_id", "national_id":
		return code
	case "address":
		return addressLine
	case "postal_code":
		return postalCode
	case "city", "region", "country":
		return place
	}
	return attribute
}

// parsed is a form whose words are not numbered yet.
type parsed struct {
	form
	names []normalize.Token // the words of a person's name
	words []string          // those of anything else
}

// parse takes a value of a role apart for the slot.
func (f *former) parse(role, text string) parsed {
	switch f.s.sense {
	case givenName, familyName, fullName:
		return parseName(f.s.sense, role, text)
	case companyName:
		c := normalize.Company(text)
		v := parsed{form: form{text: c.Core, part: c.Place}, words: c.Words}
		if class := c.FormClass(); class != "" {
			v.day = 1 | hash(class)
		}
		if c.OfGroup() {
			v.flags |= ofGroup
		}
		return v
	case mailbox:
		return parseMailbox(text)
	case phoneNumber:
		return parsed{form: form{text: text, part: text[max(0, len(text)-7):]}}
	case birthDate:
		return parsed{form: form{text: text, day: dayOf(text)}}
	case code:
		v := parsed{form: form{text: text}}
		if valid, known := normalize.Checked(text); known {
			v.flags |= checked
			if valid {
				v.flags |= checkedOK
			}
		}
		return v
	case addressLine:
		return parseAddress(text)
	case postalCode:
		c, area := normalize.PostalCode(text)
		return parsed{form: form{text: c, part: area}}
	}
	t := normalize.Text(text)
	return parsed{form: form{text: t}, words: strings.Fields(t)}
}

func parseName(s sense, role, text string) parsed {
	var v parsed
	switch {
	case role == "name":
		n := normalize.FullNameOf(text)
		v.day = uint32(n.Generation)
		switch s {
		case givenName:
			v.names = n.Given
		case familyName:
			v.names = n.Family
		default:
			v.names = append(n.Given[:len(n.Given):len(n.Given)], n.Family...)
		}
	case s == givenName:
		v.names, v.day = normalize.GivenName(text), uint32(normalize.Generation(text))
	default:
		v.names, v.day = normalize.FamilyName(text), uint32(normalize.Generation(text))
	}
	v.text = join(v.names)
	return v
}

func parseMailbox(text string) parsed {
	m := normalize.MailboxOf(text)
	v := parsed{form: form{text: text, part: m.Local}, words: []string{m.Domain}}
	if !strings.HasPrefix(text, m.Local) || !strings.HasSuffix(text, m.Domain) || len(text) != len(m.Local)+1+len(m.Domain) {
		v.text = m.Local + "@" + m.Domain
	}
	if m.Free {
		v.flags |= freeMail
	}
	if m.Role {
		v.flags |= desk
	}
	return v
}

// parseAddress takes an address apart; the unit stands behind the number.
func parseAddress(text string) parsed {
	a := normalize.Address(text)
	number := a.Number
	if a.Unit != "" {
		number += "/" + a.Unit
	}
	return parsed{form: form{text: strings.Join(a.Words, " "), part: number}, words: a.Words}
}

func join(words []normalize.Token) string {
	if len(words) == 1 {
		return words[0].Text
	}
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.Text)
	}
	return b.String()
}

// dayOf packs a date YYYY-MM-DD; 0 for what is none. Months and days beyond
// the calendar are read too: a slip makes them.
func dayOf(iso string) uint32 {
	if len(iso) != 10 || iso[4] != '-' || iso[7] != '-' {
		return 0
	}
	var n [3]uint32
	for i, part := range [3]string{iso[:4], iso[5:7], iso[8:]} {
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return 0
			}
			n[i] = n[i]*10 + uint32(c-'0')
		}
	}
	return n[0]<<14 | n[1]<<7 | n[2]
}
