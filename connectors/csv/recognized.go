package csv

import (
	"context"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/charset"
)

// Recognized names the file's delimiter and encoding. The whole file may be
// read for the encoding, as one Chinese name at its end can decide it.
func (s *source) Recognized(ctx context.Context) ([]connectors.Recognition, error) {
	found := s.file.encoding()
	if found == charset.Unknown {
		var err error
		if found, err = s.file.guess(ctx); err != nil {
			return nil, err
		}
	}
	return []connectors.Recognition{
		{Key: "delimiter", Value: delimiterName(s.dialect.comma), Usual: s.dialect.comma == ','},
		{Key: "encoding", Value: strings.ToLower(found.String()), Usual: found == charset.UTF8},
	}, nil
}

// delimiterName writes a delimiter as parseDelimiter reads it.
func delimiterName(comma byte) string {
	for name, c := range delimiterNames {
		if c == comma && len(name) > 2 { // one word each, besides \t
			return name
		}
	}
	return string(comma)
}
