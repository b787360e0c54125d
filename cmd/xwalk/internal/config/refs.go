package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// reference is one ${…} in a value.
type reference struct {
	file     bool   // ${file:NAME}
	name     string // of the variable or the file
	fallback string // after :-
	optional bool   // there is a fallback
}

// refError says what is wrong with a ${…}; it never holds a value.
type refError struct {
	code, message, hint string
}

func (e *refError) Error() string { return e.message }

// hasRefs reports whether text holds anything that expand would change.
func hasRefs(text string) bool { return strings.Contains(text, "${") }

// expand replaces every ${NAME}, ${NAME:-default} and ${file:PATH} of text by
// what resolve says; $${ stands for a literal ${. A default ends at the first
// closing brace.
func expand(text string, resolve func(reference) (string, *refError)) (string, *refError) {
	var b strings.Builder
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			b.WriteString(text)
			return b.String(), nil
		}
		if i > 0 && text[i-1] == '$' {
			b.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		b.WriteString(text[:i])
		body, rest, closed := strings.Cut(text[i+2:], "}")
		ref, ok := parseReference(body)
		if !closed || !ok {
			return "", &refError{
				code:    "config.bad_reference",
				message: fmt.Sprintf("cannot read %q", shorten("${"+body)),
				hint:    "write ${NAME}, ${NAME:-default} or ${file:PATH}; a literal ${ is written $${",
			}
		}
		value, err := resolve(ref)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		text = rest
	}
}

func parseReference(body string) (reference, bool) {
	if path, ok := strings.CutPrefix(body, "file:"); ok {
		return reference{file: true, name: path}, strings.TrimSpace(path) != ""
	}
	name, fallback, optional := strings.Cut(body, ":-")
	for i, r := range name {
		letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return reference{}, false
		}
	}
	return reference{name: name, fallback: fallback, optional: optional}, name != ""
}

// checkReferences reports the first ${…} of text that nobody could resolve.
func checkReferences(text string) *refError {
	_, err := expand(text, func(reference) (string, *refError) { return "", nil })
	return err
}

// resolver looks references up: variables in getenv, files below dir.
type resolver struct {
	dir    string
	getenv func(string) (string, bool)
}

func (r resolver) resolve(ref reference) (string, *refError) {
	if ref.file {
		return r.readFile(ref.name)
	}
	value, set := r.getenv(ref.name)
	switch {
	case ref.optional && value == "":
		return ref.fallback, nil
	case !set:
		return "", &refError{
			code:    "config.unset_variable",
			message: fmt.Sprintf("needs the environment variable %s, which is not set", ref.name),
			hint:    fmt.Sprintf("set %s, or give a default: ${%s:-…}", ref.name, ref.name),
		}
	}
	return value, nil
}

// readFile is the content of a file that holds one value; the line break at
// its end, which editors add, does not count.
func (r resolver) readFile(name string) (string, *refError) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "", &refError{
			code:    "config.unreadable_file",
			message: fmt.Sprintf("needs the file %q: %v", name, err),
			hint:    "the path is relative to the configuration file",
		}
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r"), nil
}
