package rules

import (
	"slices"
	"strings"
)

// Placeholders are the values of one role that stand for none: in how many
// records the rules would have used one, and the first few in the order of
// their texts.
type Placeholders struct {
	Records  int64
	Examples []string
}

// placeholderExamples is how many of them are remembered.
const placeholderExamples = 3

func (p *Placeholders) example(text string) {
	at, known := slices.BinarySearch(p.Examples, text)
	if known || at == placeholderExamples {
		return
	}
	p.Examples = slices.Insert(p.Examples, at, strings.Clone(text))
	p.Examples = p.Examples[:min(len(p.Examples), placeholderExamples)]
}

// Add counts those of another reader of the source too.
func (p *Placeholders) Add(o Placeholders) {
	p.Records += o.Records
	for _, text := range o.Examples {
		p.example(text)
	}
}

// Placeholders are what the reader has met so far, by role.
func (rd *Reader) Placeholders() map[string]Placeholders { return rd.none }
