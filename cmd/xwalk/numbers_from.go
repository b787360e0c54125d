package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// promiseColumns are the columns of an export that tell whose a number was.
var promiseColumns = []string{"source", "source_id", "canonical_id", "rule", "since_run"}

// readPromises reads what `xwalk export` wrote, as CSV or JSON; nil where no
// file is named. About 150 bytes for each link are in memory.
func readPromises(ctx context.Context, path string) ([]plan.Promise, error) {
	if path == "" {
		return nil, nil
	}
	isJSON, err := startsWith(path, '[')
	if err != nil {
		return nil, err
	}
	if isJSON {
		return readPromisesJSON(path)
	}
	src, err := config.OpenFile(ctx, all.Registry()["csv"], path, promiseColumns)
	if err != nil {
		var missing *mapping.ColumnError
		if errors.As(err, &missing) {
			return nil, fmt.Errorf("%w\n  hint: --numbers-from takes what `xwalk export -o FILE` writes, with all of its columns", err)
		}
		return nil, err
	}
	var list []plan.Promise
	sources := map[string]string{} // each name once in memory
	for rec, err := range src.Records(ctx) {
		if err != nil {
			return nil, err // an export that was damaged keeps no promise
		}
		v := rec.Values
		p, err := promise(sources, v[0].Text, v[1].Text, v[2].Text, v[3].Text, v[4].Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rec.Place, err)
		}
		list = append(list, p)
	}
	return list, nil
}

func promise(texts map[string]string, source, id, canonical, rule, since string) (plan.Promise, error) {
	once := func(s string) string {
		if _, ok := texts[s]; !ok {
			texts[strings.Clone(s)] = strings.Clone(s)
		}
		return texts[s]
	}
	run, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return plan.Promise{}, usage("since_run is %q, expected the number of a run", since)
	}
	return plan.Promise{Source: once(source), SourceID: strings.Clone(id), CanonicalID: strings.Clone(canonical), Rule: once(rule), SinceRun: run}, nil
}

func readPromisesJSON(path string) (list []plan.Promise, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dec := json.NewDecoder(bufio.NewReaderSize(f, 1<<16))
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	texts := map[string]string{}
	for dec.More() {
		var row struct {
			Source      *string     `json:"source"`
			SourceID    *string     `json:"source_id"`
			CanonicalID *string     `json:"canonical_id"`
			Rule        *string     `json:"rule"`
			SinceRun    json.Number `json:"since_run"`
		}
		if err := dec.Decode(&row); err != nil {
			return nil, fmt.Errorf("%s: link %d: %w", path, len(list)+1, err)
		}
		if row.Source == nil || row.SourceID == nil || row.CanonicalID == nil || row.Rule == nil {
			return nil, usage("%s: link %d lacks one of %s; --numbers-from takes what `xwalk export -o FILE --format json` writes", path, len(list)+1, strings.Join(promiseColumns, ", "))
		}
		p, err := promise(texts, *row.Source, *row.SourceID, *row.CanonicalID, *row.Rule, row.SinceRun.String())
		if err != nil {
			return nil, fmt.Errorf("%s: link %d: %w", path, len(list)+1, err)
		}
		list = append(list, p)
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%s: it is cut short: %w", path, err)
	}
	return list, nil
}

// startsWith reports whether the first character of a file that is no space is
// c.
func startsWith(path string, c byte) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for {
		b, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("read %s: %w", path, err)
		case b != ' ' && b != '\n' && b != '\r' && b != '\t':
			return b == c, nil
		}
	}
}
