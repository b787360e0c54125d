package profile

import (
	"encoding/json"
	"io"
)

// JSON prints profiles as an array of objects.
func JSON(w io.Writer, profiles []*Profile) error {
	if profiles == nil {
		profiles = []*Profile{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(profiles)
}

// CSV prints profiles as facts.
func CSV(w io.Writer, profiles []*Profile) error { return nil }
