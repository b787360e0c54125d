package delimited

import (
	"bytes"
	"fmt"
	"strings"
)

// Dialect is how a text marks its lines and fields.
type Dialect struct {
	EOL       byte // '\n' (also for "\r\n") or '\r'
	Delimiter byte
	// SepLine says that the first line is "sep=;", by which spreadsheets
	// agree on the delimiter. The header comes after it.
	SepLine bool
}

// delimiters are tried in this order.
var delimiters = []byte{',', '\t', ';', '|'}

var delimiterNames = map[string]byte{
	"comma": ',', "tab": '\t', `\t`: '\t', "semicolon": ';', "pipe": '|', "space": ' ',
}

// ParseDelimiter reads the setting: the name of a delimiter or one ASCII sign.
// 0 means that the text shows it.
func ParseDelimiter(setting string) (byte, error) {
	if c, ok := delimiterNames[strings.ToLower(setting)]; ok {
		return c, nil
	}
	if setting == "" {
		return 0, nil
	}
	if len(setting) > 1 || setting[0] >= 0x80 || strings.ContainsAny(setting, "\r\n\"\x00") || isAlphanumeric(setting[0]) {
		return 0, fmt.Errorf("delimiter %q cannot be used: write comma, tab, semicolon, pipe, space or one ASCII sign", setting)
	}
	return setting[0], nil
}

// DelimiterName writes a delimiter as [ParseDelimiter] reads it.
func DelimiterName(delimiter byte) string {
	for name, c := range delimiterNames {
		if c == delimiter && len(name) > 2 { // one word each, besides \t
			return name
		}
	}
	return string(delimiter)
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// Detect finds the dialect of a text that starts with sample, of which the
// delimiter may be given (0: it is found out).
func Detect(sample []byte, delimiter byte) Dialect {
	d := Dialect{EOL: lineEnd(sample), Delimiter: delimiter}
	first, rest, _ := bytes.Cut(sample, []byte{d.EOL})
	first = bytes.TrimRight(first, "\r")
	if len(first) == len("sep=;") && strings.EqualFold(string(first[:4]), "sep=") {
		d.SepLine = true
		sample = rest
		if delimiter == 0 {
			d.Delimiter = first[4]
		}
	}
	if d.Delimiter == 0 {
		d.Delimiter = bestDelimiter(sample, d.EOL)
	}
	return d
}

// lineEnd is '\r' if the text outside of quotes has no other line end.
func lineEnd(sample []byte) byte {
	eol := byte('\n')
	quoted := false
	for _, c := range sample {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return '\n'
		case c == '\r':
			eol = '\r'
		}
	}
	return eol
}

// bestDelimiter takes the delimiter that gives most records as many fields
// as the header, and among those the one that gives most fields.
func bestDelimiter(sample []byte, eol byte) byte {
	const records = 100
	best, bestShare, bestWidth := delimiters[0], -1, 1
	for _, comma := range delimiters {
		s := SplitterOf(sample, Dialect{EOL: eol, Delimiter: comma})
		if _, f, err := s.Next(); f != "" || err != nil || len(s.Fields) < 2 {
			continue
		}
		s.Width = len(s.Fields)
		total, good := 1, 1
		for ; total < records; total++ {
			_, f, err := s.Next()
			if err != nil {
				break
			}
			if f == "" {
				good++
			}
		}
		if share := 100 * good / total; share > bestShare || share == bestShare && s.Width > bestWidth {
			best, bestShare, bestWidth = comma, share, s.Width
		}
	}
	return best
}
