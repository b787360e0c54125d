package scheme

import (
	"errors"
	"strings"
)

var partEscaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`)

// JoinParts makes one ID of the columns of a composite ID: the parts with |
// between them, a | inside a part written \| and a backslash \\. Different
// parts give different IDs.
func JoinParts(parts []string) string {
	plain := true
	for _, p := range parts {
		plain = plain && !strings.ContainsAny(p, `|\`)
	}
	if plain {
		return strings.Join(parts, "|")
	}
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = partEscaper.Replace(p)
	}
	return strings.Join(escaped, "|")
}

// SplitParts undoes [JoinParts]. It fails where a backslash stands before
// anything but | and \.
func SplitParts(id string) ([]string, error) {
	if strings.IndexByte(id, '\\') < 0 {
		return strings.Split(id, "|"), nil
	}
	var parts []string
	var part strings.Builder
	for i := 0; i < len(id); i++ {
		switch id[i] {
		case '|':
			parts = append(parts, part.String())
			part.Reset()
		case '\\':
			i++
			if i == len(id) || id[i] != '|' && id[i] != '\\' {
				return nil, errors.New(`a backslash in a composite ID stands before | or \ only`)
			}
			part.WriteByte(id[i])
		default:
			part.WriteByte(id[i])
		}
	}
	return append(parts, part.String()), nil
}
