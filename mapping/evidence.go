package mapping

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Evidence is one reason for or against a possible match. On is what it is
// about: a role (family_name), "prior" for what is known before anything is
// compared, or empty for a sentence about the whole. Weight is in bits: each
// doubles (or, negative, halves) the odds; 0 where nothing was weighed. Left
// and Right are the values compared, where there are any.
type Evidence struct {
	On     string  `json:"on,omitempty"`
	Says   string  `json:"says"`
	Weight float64 `json:"weight,omitempty"`
	Left   string  `json:"left,omitempty"`
	Right  string  `json:"right,omitempty"`
}

// OnRule marks the evidence that names what proposed the match: a line of
// match.same, or similar.
const OnRule = "rule"

// String is the evidence in words: "family_name equal +7.2".
func (e Evidence) String() string {
	text := strings.TrimSpace(e.On + " " + e.Says)
	if e.Weight != 0 {
		text += fmt.Sprintf(" %+.1f", e.Weight)
	}
	return text
}

// EncodeEvidence is a list as the crosswalk keeps it.
func EncodeEvidence(list []Evidence) string {
	b, err := json.Marshal(list)
	if err != nil { // a weight that is no number
		panic(err)
	}
	return string(b)
}

// DecodeEvidence reads what EncodeEvidence wrote; any other text is evidence
// in words.
func DecodeEvidence(text string) []Evidence {
	var list []Evidence
	if json.Unmarshal([]byte(text), &list) == nil {
		return list
	}
	return []Evidence{{Says: text}}
}
