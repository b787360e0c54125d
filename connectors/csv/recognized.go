package csv

import (
	"context"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/charset"
	"github.com/xwalk-id/xwalk/mapping/delimited"
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
		{Key: "delimiter", Value: delimited.DelimiterName(s.dialect.Delimiter), Usual: s.dialect.Delimiter == ','},
		{Key: "encoding", Value: strings.ToLower(found.String()), Usual: found == charset.UTF8},
	}, nil
}
