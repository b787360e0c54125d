package csv

import (
	"bytes"
	"fmt"
	"strings"
)

// dialect is how a file marks its lines and fields.
type dialect struct {
	eol   byte // '\n' (also for "\r\n") or '\r'
	comma byte // 0: not known yet
	// sepLine says that the first line is "sep=;", by which spreadsheets
	// agree on the delimiter. The header comes after it.
	sepLine bool
}

// delimiters are tried in this order.
var delimiters = []byte{',', '\t', ';', '|'}

var delimiterNames = map[string]byte{
	"comma": ',', "tab": '\t', `\t`: '\t', "semicolon": ';', "pipe": '|', "space": ' ',
}

// parseDelimiter reads the setting. 0 means that the file shows it.
func parseDelimiter(setting string) (byte, error) {
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

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// detect finds the dialect of a file that starts with sample, of which the
// delimiter may be given.
func detect(sample []byte, comma byte) dialect {
	d := dialect{eol: lineEnd(sample), comma: comma}
	first, rest, _ := bytes.Cut(sample, []byte{d.eol})
	first = bytes.TrimRight(first, "\r")
	if len(first) == len("sep=;") && strings.EqualFold(string(first[:4]), "sep=") {
		d.sepLine = true
		sample = rest
		if comma == 0 {
			d.comma = first[4]
		}
	}
	if d.comma == 0 {
		d.comma = bestDelimiter(sample, d.eol)
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
		s := splitterOf(sample, dialect{eol: eol, comma: comma})
		if _, f, err := s.next(); f != "" || err != nil || len(s.fields) < 2 {
			continue
		}
		s.width = len(s.fields)
		total, good := 1, 1
		for ; total < records; total++ {
			_, f, err := s.next()
			if err != nil {
				break
			}
			if f == "" {
				good++
			}
		}
		if share := 100 * good / total; share > bestShare || share == bestShare && s.width > bestWidth {
			best, bestShare, bestWidth = comma, share, s.width
		}
	}
	return best
}
