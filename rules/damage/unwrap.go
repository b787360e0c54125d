package damage

import "strings"

// step is one kind of damage undone. texts are what the text may have been
// before, the likeliest first.
type step struct {
	kind   string
	why    string
	texts  []string
	number bool   // it was read as a number
	doubt  string // why the first of them is not certain
	comma  bool   // they are a thousand and one, for 1,000
	lost   bool   // there is none
}

// unwrap undoes the outermost thing that was done to a text. letters says that
// numbers may hold an E.
func unwrap(text string, letters bool) (step, bool) {
	if text == "" {
		return step{}, false
	}
	last := len(text) - 1
	switch first := text[0]; {
	case first == '=':
		if inner, ok := quoted(text[1:]); ok {
			return step{kind: Formula, why: "it is wrapped into a spreadsheet's formula", texts: []string{inner}}, true
		}
	case first == '"', first == '\'' && last > 0 && text[last] == '\'':
		if inner, ok := quoted(text); ok {
			return step{kind: Quotes, why: "quotation marks were kept as part of it", texts: []string{inner}}, true
		}
	case first == '\'', first == '`':
		if last > 0 {
			return step{kind: Apostrophe, why: "a spreadsheet's leading apostrophe was kept", texts: []string{text[1:]}}, true
		}
	case '0' <= first && first <= '9':
		return unwrapNumber(text, letters)
	}
	return step{}, false
}

// quoted takes the quotation marks off a text, doubled ones too.
func quoted(text string) (string, bool) {
	for _, mark := range [...]string{`""`, `"`, "'"} {
		inner, open := strings.CutPrefix(text, mark)
		inner, closed := strings.CutSuffix(inner, mark)
		if open && closed && inner != "" && !strings.Contains(inner, mark) {
			return inner, true
		}
	}
	return "", false
}
