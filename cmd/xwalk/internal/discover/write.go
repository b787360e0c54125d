package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/profile"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

// YAML is the draft as an xwalk.yaml, commented for its reader.
func (d *Draft) YAML() string {
	w := &writer{}
	w.line("# Written by xwalk init. Every remark says what was seen; what is unsure carries the")
	w.line("# number that init gave it. Look through it, then:  xwalk plan")
	w.line("version: 1")
	w.row("crosswalk: crosswalk.db", "who has which number, for good; a server would be postgres://… or mysql://…")
	w.flush()
	w.line("")
	w.line("canonical:")
	w.row("  scheme: "+quote(d.Canonical), "a prefix, a counter, two check digits")
	w.flush()
	w.line("")
	w.line("# In order of precedence: the first source that knows a customer founds the number, and its")
	w.line("# values win ties. The one that says most about its customers comes first.")
	w.line("sources:")
	doubts := d.numbered()
	for i, s := range d.Sources {
		if i > 0 {
			w.line("")
		}
		d.source(w, s, doubts[s.Name])
	}
	for _, t := range d.Left {
		w.remark("  ", t.Text)
	}
	d.match(w)
	d.policy(w)
	return w.b.String()
}

// numbered are the doubts about each source, with their numbers.
func (d *Draft) numbered() map[string][]string {
	out := map[string][]string{}
	for i, t := range d.Doubts() {
		out[t.Source] = append(out[t.Source], fmt.Sprintf("unsure (%d): %s", i+1, t.Text))
	}
	return out
}

func (d *Draft) source(w *writer, s *Source, doubts []string) {
	w.line("  # " + s.summary())
	for _, t := range doubts {
		w.remark("  ", t)
	}
	w.line("  " + s.Name + ":")
	w.row("    connector: "+s.Connector(), "")
	switch {
	case s.Variable != "":
		w.row("    dsn: ${"+s.Variable+"}", "the address and its password stay out of this file")
	case s.DSN != "":
		w.row("    dsn: "+plain(s.DSN), "")
	default:
		w.row("    path: "+plain(d.path(s.Place)), "")
	}
	if s.Table != "" {
		w.row("    table: "+plain(s.Table), "")
	}
	for _, r := range s.Recognized {
		if !r.Usual {
			w.row("    "+r.Key+": "+plain(r.Value), "recognised")
		}
	}
	if s.Country != "" {
		w.row("    country: "+s.Country, "of phone numbers that name none; "+s.CountryWhy)
	}
	if s.Dates != "" {
		w.row("    dates: "+s.Dates, s.DatesWhy)
	}
	if s.zoneless() {
		w.row("    # timezone: Asia/Shanghai", "of times that name none; UTC unless said")
	}
	s.kind(w)
	w.flush()
	s.id(w, "    id:", s.ID)
	if len(s.Also) > 0 {
		w.row("    also:", "further numbers by which the customer is found")
		for _, n := range s.Also {
			s.id(w, "      "+n.Name+":", n)
		}
	}
	w.flush()
	s.fields(w)
	if len(s.Unread) > 0 {
		w.remark("    ", "not read: "+strings.Join(s.Unread, ", "))
	}
}

// marksDeleted reports whether a column marks rows as deleted with a word.
func (s *Source) marksDeleted() bool {
	f := s.Field("deleted")
	return f != nil && slices.ContainsFunc(s.column(f.Columns[0].Name).Sample, func(v string) bool {
		return isBool(v) && deletedWords()[strings.ToLower(v)]
	})
}

var deletedWords = wordSet("true yes y t 1 on 是 ja oui si j")

// summary says what was seen of a source.
func (s *Source) summary() string {
	parts := []string{rows(s.Rows)}
	for _, r := range s.Recognized {
		parts = append(parts, r.Key+" "+r.Value)
	}
	if s.Rejects.Rows > 0 {
		parts = append(parts, number(s.Rejects.Rows)+" unreadable")
	}
	return report.Clean(s.String()) + ": " + strings.Join(parts, ", ")
}

// zoneless reports whether the source holds times.
func (s *Source) zoneless() bool {
	for _, role := range []string{"created", "modified"} {
		if f := s.Field(role); f != nil {
			if c := s.column(f.Columns[0].Name).looks; c.of(c.clock, .5) && !c.of(c.zoned, .5) {
				return true
			}
		}
	}
	return false
}

func (s *Source) kind(w *writer) {
	switch {
	case s.Kind.Column != "":
		var words []string
		for _, k := range s.Kind.Map {
			words = append(words, Flow(k.Value)+": "+k.Kind)
		}
		w.row("    kind: { field: "+Flow(s.Kind.Column)+", map: { "+strings.Join(words, ", ")+" } }", s.Kind.Why)
	case s.Kind.Word != "person":
		w.row("    kind: "+s.Kind.Word, s.Kind.Why)
	}
}

// id writes a number. One scheme stays on the line; several get lines of
// their own.
func (s *Source) id(w *writer, key string, n Number) {
	w.flush()
	indent := strings.Repeat(" ", len(key)-len(strings.TrimLeft(key, " "))+2)
	w.line(key)
	if len(n.Columns) == 1 {
		w.row(indent+"field: "+plain(n.Columns[0]), n.counted())
	} else {
		var columns []string
		for _, c := range n.Columns {
			columns = append(columns, Flow(c))
		}
		w.row(indent+"fields: ["+strings.Join(columns, ", ")+"]", "unique only together; "+n.counted())
	}
	switch {
	case len(n.Schemes) == 1 && !n.Any():
		w.row(indent+"scheme: "+quote(n.Schemes[0].Scheme), n.readBy(n.Schemes[0]))
	case len(n.Schemes) > 0:
		w.row(indent+"scheme:", "")
		for _, f := range n.Schemes {
			w.row(indent+"  - "+quote(f.Scheme), n.readBy(f))
		}
		if others, ids := n.exceptions(); n.Any() {
			w.row(indent+`  - "{any}"`, fmt.Sprintf("lets %s pass that fit none: %s", number(others), strings.Join(ids, ", ")))
		}
	}
	w.flush()
}

// readBy says what speaks for a scheme of the number.
func (n Number) readBy(f profile.Fit) string {
	if n.Seen.AllDamaged != nil {
		return "a guess at the numbers before they were damaged"
	}
	return "reads " + Percent(f.Share)
}

// counted says how many rows have a number, and whether it is theirs alone.
func (n Number) counted() string {
	if n.Seen.IDs == 0 {
		return ""
	}
	text := "all distinct"
	if n.Seen.Distinct < n.Seen.IDs {
		text = number(n.Seen.Distinct) + " distinct"
	}
	text = rows(n.Seen.IDs) + ", " + text
	if n.Seen.Blank.Rows > 0 {
		text += ", blank in " + number(n.Seen.Blank.Rows) + n.blankMeans
	}
	return text
}

func (s *Source) fields(w *writer) {
	if len(s.Fields) == 0 {
		return
	}
	w.line("    fields:")
	for _, f := range s.Fields {
		var columns []string
		for _, c := range f.Columns {
			text := Flow(c.Name)
			if c.Split != "" {
				text = "{ field: " + text + ", split: " + quote(c.Split) + " }"
			}
			columns = append(columns, text)
		}
		text := columns[0]
		if len(columns) > 1 {
			text = "[" + strings.Join(columns, ", ") + "]"
		} else if f.Columns[0].Split == "" {
			text = plain(f.Columns[0].Name)
		}
		w.row("      "+f.Role+": "+text, s.filledBy(f))
	}
	w.flush()
}

// filledBy says how full the columns of a field are, where not all rows have
// a value, and why it has its role.
func (s *Source) filledBy(f Field) string {
	var parts []string
	full := true
	var shares []string
	for _, fc := range f.Columns {
		c := s.column(fc.Name)
		full = full && c.Blank == 0
		shares = append(shares, Percent(c.filled()))
	}
	if !full && s.Rows > 0 {
		parts = append(parts, "filled "+strings.Join(shares, ", "))
	}
	if f.Why != "" {
		parts = append(parts, f.Why)
	}
	return strings.Join(parts, "; ")
}

func (d *Draft) match(w *writer) {
	w.line("")
	on := slices.ContainsFunc(d.Same, func(l Line) bool { return !l.Off })
	if !on && !d.Alike {
		w.line("# No match: nothing here tells safely that two records are one customer, so each gets its own number.")
		for _, l := range d.Same {
			w.remark("", l.String()+" "+l.Why)
		}
		return
	}
	w.line("match:")
	if on {
		w.line("  same: # agreeing on every field of one line is being the same customer")
	}
	for _, l := range d.Same {
		if l.Off {
			w.row("    # - "+l.String(), l.Why)
			continue
		}
		w.row("    - "+l.String(), l.Why+effect(l.Joined))
	}
	w.flush()
	if len(d.Differ) > 0 {
		w.row("  differ: ["+strings.Join(d.Differ, ", ")+"]", "two different values: never the same customer")
	}
	if d.Alike {
		w.row("  similar: { merge: 0.99, review: 0.80 }", "records that are alike, by all their fields: this probable to join, or to ask a person"+effect(d.Seen.Lines[rules.SimilarRule]))
	}
	w.flush()
}

// effect says what a line did in a plan.
func effect(joined int64) string {
	switch joined {
	case 0:
		return ""
	case 1:
		return "; joins 1 record here"
	}
	return "; joins " + number(joined) + " records here"
}

func (d *Draft) policy(w *writer) {
	g := d.Guard
	w.line("")
	w.line("policy:")
	w.line("  guard: # a run that goes beyond these is refused, unless --allow says otherwise")
	w.row("    joined: "+limit(g.Joined), "of the rows; "+Percent(d.Seen.share(d.Seen.Totals.Linked))+" here")
	w.row("    rejected: "+limit(g.Rejected), "of the rows; "+Percent(d.Seen.share(d.Seen.Totals.Rejected))+" here")
	w.row(fmt.Sprintf("    cluster: %d", g.Cluster), fmt.Sprintf("records of one customer; %d at most here", d.Seen.Cluster))
	w.flush()
}
