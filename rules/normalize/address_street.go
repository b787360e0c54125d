package normalize

import (
	"strings"
)

// line is what was read, the type of the street found among the words.
func (r *addressReader) line() AddressLine {
	a := AddressLine{Number: r.number, Unit: unitOf(r.building, r.flats, r.floor)}
	for _, segment := range segments(r.kept) {
		if a.Type == "" {
			a.Type, segment = streetType(segment)
		}
		for _, w := range segment {
			a.Words = append(a.Words, streetWord(w.text))
		}
	}
	return a
}

// unitOf writes what lies within a house; the floor only where no flat is
// told.
func unitOf(building, flats []string, floor string) string {
	parts := append(building[:len(building):len(building)], flats...)
	if len(flats) == 0 && floor != "" {
		parts = append(parts, "f"+floor)
	}
	return strings.Join(parts, "-")
}

// segments parts words at commas.
func segments(words []word) [][]word {
	var all [][]word
	from := 0
	for i := range words {
		if i > from && words[i].gap&comma != 0 {
			all = append(all, words[from:i])
			from = i
		}
	}
	return append(all, words[from:])
}

// streetType finds the type of the street among the words of a segment and
// takes it out.
func streetType(words []word) (string, []word) {
	if len(words) < 2 {
		return "", words
	}
	lead := leadingTypes()[words[0].text]
	if likelyLeading()[lead] {
		return lead, named(words[1:])
	}
	at, weak := -1, -1
	for i, w := range words {
		t := streetTypes()[w.text]
		if t == "" || !nameBefore(words[:i]) {
			continue
		}
		switch {
		case weakTypes()[t]:
			weak = i
		case at < 0 || streetTypes()[words[at].text] == "st" || streetTypes()[words[at].text] == "dr":
			at = i // an earlier st or dr was saint or doctor
		}
	}
	if at < 0 && lead != "" {
		return lead, named(words[1:])
	}
	if at < 0 && weak == len(words)-1 {
		at = weak
	}
	if at < 0 {
		return "", words
	}
	rest := append(words[:at:at], words[at+1:]...)
	return streetTypes()[words[at].text], rest
}

// nameBefore reports whether words can be the name of a street: more than
// directions.
func nameBefore(words []word) bool {
	for _, w := range words {
		if d := addressWords()[w.text]; d == "" || len(d) > 2 || strings.Trim(d, "nesw") != "" {
			return true
		}
	}
	return false
}

// named drops the streetParticles at the start of a street's name: rue de la Paix.
func named(words []word) []word {
	for len(words) > 1 && streetParticles()[words[0].text] {
		words = words[1:]
	}
	return words
}

var streetParticles = lazySet(`de|du|des|del|della|dei|delle|di|da|do|dos|das|la|le|les|el|los|las|d|l`)

// streetWord is the usual short spelling of a word of an address.
func streetWord(w string) string {
	if s := addressWords()[w]; s != "" {
		return s
	}
	if s := streetTypes()[w]; s != "" {
		return s
	}
	for _, suffix := range []string{"특별시", "광역시", "특별자치시"} {
		if city, ok := strings.CutSuffix(w, suffix); ok && city != "" {
			return city
		}
	}
	for _, suffix := range []string{"strasse", "strase", "straat"} {
		if name, ok := strings.CutSuffix(w, suffix); ok && len(name) > 2 {
			return name + "str"
		}
	}
	return w
}
