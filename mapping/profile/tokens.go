package profile

import "strings"

// token is one {name:arg} of a scheme.
type token struct {
	name string // of the component: seq, seq2 …
	kind string // of the token: seq
	arg  string
}

// tokensOf lists the tokens of a scheme that compiles. Components are named
// after their tokens, the second of one name with a 2 behind it.
func tokensOf(text string) []token {
	var list []token
	seen := map[string]int{}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '{':
			end := i + strings.IndexByte(text[i:], '}')
			kind, arg, _ := strings.Cut(text[i+1:end], ":")
			seen[kind]++
			name := kind
			if n := seen[kind]; n > 1 {
				name += itoa(int64(n))
			}
			list = append(list, token{name, kind, arg})
			i = end
		}
	}
	return list
}

// role is what the components of a token are good for in a profile.
type role uint8

const (
	ignored  role = iota // check characters, random texts
	number               // may count
	category             // customers spread over its values
	dated                // says when
	inside               // a machine ID, which may say when
)

func (t token) role() role {
	switch t.kind {
	case "seq":
		return number
	case "letters", "code":
		return category
	case "date", "unix", "unixms":
		return dated
	case "uuid", "ulid", "snowflake", "objectid", "salesforce":
		return inside
	}
	return ignored
}
