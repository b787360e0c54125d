package rules

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// fields writes the record's texts as the crosswalk keeps them, by number of
// the source's role: e-mails and phones in their normal form, others as
// received without outer space. Roles whose traits are the same are left out.
func (rd *Reader) fields(f *Facts) {
	for i := range rd.src.roles {
		if rd.inTraits(i) {
			continue
		}
		for _, c := range rd.cells[i] {
			text := c.text
			if c.ok && rd.src.roles[i].keep {
				text = c.normal
			}
			f.Fields = similar.AppendTrait(f.Fields, i, text)
		}
	}
}

// inTraits reports whether the traits hold the texts of a role as they are
// kept.
func (rd *Reader) inTraits(i int) bool {
	if len(rd.src.traits) == 0 || rd.src.traits[i] < 0 {
		return false
	}
	ro := &rd.src.roles[i]
	return !normalTrait[ro.name] ||
		!slices.ContainsFunc(rd.cells[i], func(c cell) bool { return !c.ok || !ro.keep && c.normal != c.text })
}

// AppendFields appends the fields of a record, of which Fields and Traits of
// its facts tell, as the crosswalk keeps them: a JSON object, see
// [DecodeFields]; nothing where it keeps none. Source counts Sources.
func (r *Ruleset) AppendFields(dst []byte, source int, fields, traits []byte) []byte {
	if r.cfg.Keep != KeepFields {
		return dst
	}
	s := r.sources[source]
	dst = append(dst, '{')
	empty := true
	for i := range s.roles {
		var texts []byte
		texts, fields = cutRole(fields, i)
		if len(s.traits) > 0 {
			var same []byte
			if same, traits = cutRole(traits, s.traits[i]); len(texts) == 0 {
				texts = same
			}
		}
		if len(texts) == 0 {
			continue
		}
		if !empty {
			dst = append(dst, ',')
		}
		empty = false
		dst = append(appendJSON(dst, []byte(s.roles[i].name)), ':')
		next := byte('[')
		for _, text := range similar.EachTrait(texts) {
			dst = appendJSON(append(dst, next), text)
			next = ','
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// cutRole cuts the leading texts of a role off.
func cutRole(b []byte, role int) (texts, rest []byte) {
	rest = b
	for len(rest) > 0 {
		at, _, after := similar.CutTrait(rest)
		if at != role {
			break
		}
		rest = after
	}
	return b[:len(b)-len(rest)], rest
}

// DecodeFields reads the fields that the crosswalk keeps beside a link: role
// to values, the first being the main one. Empty input is no fields.
func DecodeFields(b []byte) (map[string][]string, error) {
	if len(b) == 0 {
		return nil, nil
	}
	var m map[string][]string
	err := json.Unmarshal(b, &m)
	return m, err
}

const hexDigits = "0123456789abcdef"

// appendJSON writes a text as a JSON string, faster than encoding/json and with
// nothing escaped that JSON does not ask for.
func appendJSON(dst, s []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, w := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && w == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\ufffd"...)
				i++
				start = i
				continue
			}
			i += w
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		if c == '"' || c == '\\' {
			dst = append(dst, '\\', c)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
