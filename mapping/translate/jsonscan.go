package translate

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// jsonScan goes through one JSON text, strictly as RFC 8259 has it, and notes
// the values that paths lead to.
type jsonScan struct {
	text    []byte
	at      int
	final   bool // nothing follows text
	high    bool // there was a string beyond ASCII, ever
	hits    []jsonHit
	holders []jsonHolder
}

// jsonHit is a value that is addressed: text[from:to].
type jsonHit struct {
	pathEnd
	from, to int
	holder   int // of those that are given members; -1: none
}

// jsonHolder is an object that may be given members: how its last member
// stands, so that a further one can stand alike.
type jsonHolder struct {
	lead, key    int // the space before the key starts, the key starts
	colon, value int // the key ended, the value starts
	end          int // the value ended
}

// takenError is an object that has a member of the name that is to be added.
type takenError struct{ name string }

func (e *takenError) Error() string {
	return fmt.Sprintf("there is a member %s already; add the new IDs under another name", e.name)
}

// errMore says that the text ends before the value does.
var errMore = errors.New("more text is needed")

// jsonError is what is wrong with a text.
type jsonError struct {
	at     int
	reason string
}

func (e *jsonError) Error() string { return e.reason }

func (s *jsonScan) wrong(reason string) error { return &jsonError{s.at, reason} }

// ended is the error where the text ends.
func (s *jsonScan) ended() error {
	if s.final {
		return s.wrong("the text ends in the middle of a value")
	}
	return errMore
}

// scan goes through the value that starts at from, whose place in the tree of
// paths is n.
func (s *jsonScan) scan(text []byte, from int, final bool, n *pathNode) error {
	s.text, s.at, s.final = text, from, final
	s.hits, s.holders = s.hits[:0], s.holders[:0]
	return s.value(n, -1, 0)
}

// maxJSONDepth is how deep values may lie in each other; encoding/json has the
// same.
const maxJSONDepth = 10000

func (s *jsonScan) value(n *pathNode, holder, depth int) (err error) {
	if s.at == len(s.text) {
		return s.ended()
	}
	from := s.at
	switch c := s.text[s.at]; c {
	case '{':
		err = s.object(n, depth+1)
	case '[':
		err = s.array(n, depth+1)
	case '"':
		err = s.str()
	case 't':
		err = s.word("true")
	case 'f':
		err = s.word("false")
	case 'n':
		err = s.word("null")
	default:
		if c != '-' && !isDigit(c) {
			return s.wrong(fmt.Sprintf("%s where a value was expected", s.found()))
		}
		err = s.number()
	}
	if err != nil || n == nil {
		return err
	}
	for _, end := range n.ends {
		s.hits = append(s.hits, jsonHit{end, from, s.at, holder})
	}
	return nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (s *jsonScan) found() string { return foundJSON(s.text[s.at]) }

// foundJSON names what starts with c, without showing it: it may be personal.
func foundJSON(c byte) string {
	switch {
	case c < ' ' || c == 0x7F:
		return fmt.Sprintf("a control character (%#x)", c)
	case c < utf8.RuneSelf && !isDigit(c) && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z'):
		return string(rune(c))
	}
	return "something else"
}

// space skips what may stand between tokens, and is on something then.
func (s *jsonScan) space() error {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return nil
		}
	}
	return s.ended()
}

func (s *jsonScan) object(n *pathNode, depth int) error {
	if depth > maxJSONDepth {
		return s.wrong("the values lie too deep in each other")
	}
	holder := -1
	if n != nil && len(n.adds) > 0 {
		holder = len(s.holders)
		s.holders = append(s.holders, jsonHolder{})
	}
	var h jsonHolder
	s.at++
	h.lead = s.at
	if err := s.space(); err != nil {
		return err
	}
	if s.text[s.at] == '}' {
		s.at++
		return nil
	}
	for {
		child, err := s.member(n, &h)
		if err != nil {
			return err
		}
		if err := s.value(child, holder, depth); err != nil {
			return err
		}
		h.end = s.at
		if err := s.space(); err != nil {
			return err
		}
		switch s.text[s.at] {
		case '}':
			s.at++
			if holder >= 0 {
				s.holders[holder] = h
			}
			return nil
		case ',':
			s.at++
			h.lead = s.at
			if err := s.space(); err != nil {
				return err
			}
		default:
			return s.wrong(fmt.Sprintf("%s where , or } was expected", s.found()))
		}
	}
}

// member reads a key and its colon, and finds its place in the tree of paths.
func (s *jsonScan) member(n *pathNode, h *jsonHolder) (child *pathNode, err error) {
	if s.text[s.at] != '"' {
		return nil, s.wrong(fmt.Sprintf("%s where a key in quotes was expected", s.found()))
	}
	h.key = s.at
	if err := s.str(); err != nil {
		return nil, err
	}
	h.colon = s.at
	if n != nil {
		key := s.text[h.key+1 : s.at-1]
		if isEscaped(key) {
			key, _ = unescape(nil, nil, key)
		}
		child = n.keys[string(key)]
		for _, add := range n.adds {
			if add == string(key) {
				return nil, &takenError{add}
			}
		}
	}
	if err := s.space(); err != nil {
		return nil, err
	}
	if s.text[s.at] != ':' {
		return nil, s.wrong(fmt.Sprintf("%s where : was expected", s.found()))
	}
	s.at++
	err = s.space()
	h.value = s.at
	return child, err
}

func (s *jsonScan) array(n *pathNode, depth int) error {
	if depth > maxJSONDepth {
		return s.wrong("the values lie too deep in each other")
	}
	var each *pathNode
	if n != nil {
		each = n.each
	}
	s.at++
	if err := s.space(); err != nil {
		return err
	}
	if s.text[s.at] == ']' {
		s.at++
		return nil
	}
	for {
		if err := s.value(each, -1, depth); err != nil {
			return err
		}
		if err := s.space(); err != nil {
			return err
		}
		switch s.text[s.at] {
		case ']':
			s.at++
			return nil
		case ',':
			s.at++
			if err := s.space(); err != nil {
				return err
			}
		default:
			return s.wrong(fmt.Sprintf("%s where , or ] was expected", s.found()))
		}
	}
}

// str reads a string with its quotes.
func (s *jsonScan) str() error {
	s.at++
	from, ascii := s.at, true
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			if !ascii && !utf8.Valid(s.text[from:s.at]) {
				return s.wrong("the text is not valid UTF-8")
			}
			s.high = s.high || !ascii
			s.at++
			return nil
		case c == '\\':
			if err := s.escape(); err != nil {
				return err
			}
		case c < ' ':
			return s.wrong(fmt.Sprintf("%s inside a string", s.found()))
		default:
			ascii = ascii && c < utf8.RuneSelf
			s.at++
		}
	}
	return s.ended()
}

// escape reads a backslash and what belongs to it.
func (s *jsonScan) escape() error {
	if s.at++; s.at == len(s.text) {
		return s.ended()
	}
	switch s.text[s.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at++
		return nil
	case 'u':
		s.at++
		for range 4 {
			if s.at == len(s.text) {
				return s.ended()
			}
			if _, ok := hexDigit(s.text[s.at]); !ok {
				return s.wrong(`\u is not followed by four hexadecimal digits`)
			}
			s.at++
		}
		return nil
	}
	return s.wrong(`\ is not followed by what it may stand before`)
}

// number reads a number.
func (s *jsonScan) number() error {
	if s.text[s.at] == '-' {
		s.at++
	}
	if s.at < len(s.text) && s.text[s.at] == '0' {
		s.at++
	} else if err := s.digits(); err != nil {
		return err
	}
	if s.at < len(s.text) && s.text[s.at] == '.' {
		s.at++
		if err := s.digits(); err != nil {
			return err
		}
	}
	if s.at < len(s.text) && s.text[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.text) && (s.text[s.at] == '+' || s.text[s.at] == '-') {
			s.at++
		}
		if err := s.digits(); err != nil {
			return err
		}
	}
	if s.at == len(s.text) && !s.final {
		return errMore // it may go on
	}
	return nil
}

func (s *jsonScan) digits() error {
	if s.at == len(s.text) {
		return s.ended()
	}
	if !isDigit(s.text[s.at]) {
		return s.wrong("a number lacks a digit")
	}
	for s.at < len(s.text) && isDigit(s.text[s.at]) {
		s.at++
	}
	return nil
}

// word reads true, false or null.
func (s *jsonScan) word(word string) error {
	for i := range len(word) {
		if s.at == len(s.text) {
			return s.ended()
		}
		if s.text[s.at] != word[i] {
			return s.wrong("something else where " + word + " was begun")
		}
		s.at++
	}
	return nil
}
