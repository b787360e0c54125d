package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping"
)

// changeJSON is a change in the words of the contract.
type changeJSON struct {
	Kind        string `json:"kind"`
	Source      string `json:"source"`
	SourceID    string `json:"source_id"`
	CanonicalID string `json:"canonical_id"`
	Rule        string `json:"rule"`
	Detail      string `json:"detail"`
}

// JSON prints one object: run (null before an apply), serial, applied,
// sources in their order, totals, rejects, repairs, reviews, notes, and with changes
// also the list of changes. It streams, so the list may be long.
func (r *Run) JSON(w io.Writer, changes bool) error {
	b := bufio.NewWriterSize(w, 1<<16)
	j := &jsonWriter{w: b}
	var number any
	if r.Number > 0 {
		number = r.Number
	}
	j.raw("{")
	j.key("run").value(number)
	j.raw(",\n ").key("serial").value(r.Serial)
	j.raw(",\n ").key("applied").value(r.Applied)
	if r.Resumed {
		j.raw(",\n ").key("resumed").value(true)
	}
	if len(r.ApprovedBy) > 0 {
		j.raw(",\n ").key("approved_by").value(r.ApprovedBy)
	}
	j.raw(",\n ").key("sources").raw("{")
	for i, s := range r.Sources {
		if i > 0 {
			j.raw(",")
		}
		j.raw("\n  ").key(s.Name).value(s.Counts)
	}
	j.raw("}")
	j.raw(",\n ").key("totals").value(r.Totals)
	j.raw(",\n ").key("rejects")
	list(j, slices.Values(r.Rejects))
	j.raw(",\n ").key("repairs")
	list(j, slices.Values(r.Repairs))
	j.raw(",\n ").key("reviews")
	list(j, slices.Values(r.Reviews))
	j.raw(",\n ").key("notes")
	list(j, slices.Values(r.Notes))
	for _, f := range r.Facts {
		if f.Key != "" {
			j.raw(",\n ").key(f.Key).value(f.Value)
		}
	}
	if changes {
		j.raw(",\n ").key("changes")
		list(j, func(yield func(changeJSON) bool) {
			if r.Changes == nil {
				return
			}
			for c, err := range r.Changes {
				if err != nil {
					j.err = err
					return
				}
				if !yield(changeJSON{c.Kind.String(), c.Source, c.SourceID, c.CanonicalID, c.Rule, c.Detail}) {
					return
				}
			}
		})
	}
	j.raw("}\n")
	if j.err != nil {
		return j.err
	}
	return b.Flush()
}

// jsonWriter writes JSON piece by piece and remembers the first error.
type jsonWriter struct {
	w   *bufio.Writer
	err error
}

func (j *jsonWriter) raw(s string) *jsonWriter {
	if j.err == nil {
		_, j.err = j.w.WriteString(s)
	}
	return j
}

func (j *jsonWriter) key(k string) *jsonWriter { return j.value(k).raw(": ") }

func (j *jsonWriter) value(v any) *jsonWriter {
	if j.err != nil {
		return j
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // IDs stay readable: A&B
	if j.err = enc.Encode(v); j.err == nil {
		_, j.err = j.w.Write(bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
	}
	return j
}

func list[T any](j *jsonWriter, items func(func(T) bool)) {
	j.raw("[")
	n := 0
	for v := range items {
		if n > 0 {
			j.raw(",")
		}
		n++
		if j.raw("\n  ").value(v); j.err != nil {
			return
		}
	}
	j.raw("]")
}

// CSV prints the counts, a row per source and the total, or with changes the
// list of changes.
func (r *Run) CSV(w io.Writer, changes bool) error {
	c := csv.NewWriter(w)
	write := r.countsCSV
	if changes {
		write = r.changesCSV
	}
	if err := write(c); err != nil {
		return err
	}
	c.Flush()
	return c.Error()
}

// countRow is one line of the counts.
type countRow struct {
	Source    string `csv:"source"`
	Read      int64  `csv:"read"`
	Created   int64  `csv:"created"`
	Linked    int64  `csv:"linked"`
	Unchanged int64  `csv:"unchanged"`
	Updated   int64  `csv:"updated"`
	Review    int64  `csv:"review"`
	Rejected  int64  `csv:"rejected"`
	Retired   int64  `csv:"retired"`
}

func (r *Run) countsCSV(c *csv.Writer) error {
	row := func(name string, n mapping.Counts) countRow {
		return countRow{Neutral(name), n.Read, n.Created, n.Linked, n.Unchanged, n.Updated, n.Review, n.Rejected, n.Retired}
	}
	var rows []countRow
	for _, s := range r.Sources {
		rows = append(rows, row(s.Name, s.Counts))
	}
	return gocsv.MarshalCSV(append(rows, row("total", r.Totals.Counts)), c)
}

// changesCSV may write millions of rows, so it does without gocsv, which
// would take several times as long.
func (r *Run) changesCSV(c *csv.Writer) error {
	if err := c.Write([]string{"kind", "source", "source_id", "canonical_id", "rule", "detail"}); err != nil || r.Changes == nil {
		return err
	}
	for ch, err := range r.Changes {
		if err != nil {
			return err
		}
		if err := c.Write([]string{
			ch.Kind.String(), Neutral(ch.Source), Neutral(ch.SourceID), Neutral(ch.CanonicalID), Neutral(ch.Rule), Neutral(ch.Detail),
		}); err != nil {
			return err
		}
	}
	return nil
}
