package profile

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// JSON prints profiles as an array of objects, one of each source.
func JSON(w io.Writer, profiles []*Profile) error {
	if profiles == nil {
		profiles = []*Profile{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(profiles)
}

// fact is one row of the CSV: something that was found about a subject, which
// is an ID space or a column, and how many rows it is true of.
type fact struct {
	Source  string `csv:"source"`
	Subject string `csv:"subject"`
	Fact    string `csv:"fact"`
	Value   string `csv:"value"`
	Rows    string `csv:"rows"`
	Share   string `csv:"share"`
	Detail  string `csv:"detail"`
}

// facts gathers the rows of one source.
type facts struct {
	source, subject string
	list            []fact
}

// add appends a fact. A negative share is none.
func (f *facts) add(name, value string, rows int64, share float64, detail string) {
	x := fact{f.source, report.Neutral(f.subject), name, report.Neutral(value), strconv.FormatInt(rows, 10), "", report.Neutral(detail)}
	if share >= 0 {
		x.Share = strconv.FormatFloat(share, 'f', 6, 64)
	}
	f.list = append(f.list, x)
}

// CSV prints profiles as a list of facts, for spreadsheets.
func CSV(w io.Writer, profiles []*Profile) error {
	var all []fact
	for _, p := range profiles {
		f := &facts{source: p.Source}
		f.profile(p)
		all = append(all, f.list...)
	}
	return gocsv.Marshal(all, w)
}

func (f *facts) profile(p *Profile) {
	f.add("rows", "", p.Rows, -1, "")
	for _, s := range p.Settings {
		f.add(s.Key, s.Value, p.Rows, -1, "")
	}
	for _, name := range p.Alike {
		f.add("columns alike", name, p.Rows, -1, "")
	}
	for _, r := range p.Rejects.Reasons {
		f.add("unreadable", r.Reason, r.Rows, shareOf(r.Rows, p.Rows), strings.Join(r.Places, " "))
	}
	for i := range p.IDs {
		f.numbering(&p.IDs[i])
	}
	for _, c := range p.Columns {
		f.subject = c.Name
		f.add("filled", "", c.Rows-c.Blank, shareOf(c.Rows-c.Blank, c.Rows), "")
		f.add("distinct", "", c.Distinct, -1, estimated(c.Exact))
		f.add("content", string(c.Content), c.Rows-c.Blank, -1, c.length())
		for _, v := range c.Frequent {
			f.add("frequent", v.Value, v.Rows, v.Share, estimated(v.Exact))
		}
	}
}

func estimated(exact bool) string {
	if exact {
		return ""
	}
	return "estimated"
}

func (f *facts) numbering(n *Numbering) {
	f.subject = n.Name
	f.add("ids", strings.Join(n.Columns, " + "), n.IDs, -1, "")
	f.add("distinct", "", n.Distinct, -1, "")
	if d := n.AllDamaged; d != nil {
		f.add("all damaged", d.Kind, n.IDs, -1, d.Why)
	}
	for _, x := range n.Found {
		f.add("scheme found", x.Scheme, x.Rows, x.Share, x.Example)
	}
	for _, x := range n.Configured {
		f.add("scheme configured", x.Scheme, x.Rows, x.Share, x.Example)
	}
	for _, x := range n.Exceptions.Examples {
		f.add("exception", x.ID, x.Rows, shareOf(x.Rows, n.IDs), strings.TrimSpace(x.Place+" "+x.Why))
	}
	for _, r := range n.Unusable {
		f.add("unusable", r.Reason, r.Rows, shareOf(r.Rows, n.IDs), strings.Join(r.Places, " "))
	}
	if n.Blank.Rows > 0 {
		f.add("blank", "", n.Blank.Rows, -1, strings.Join(n.Blank.Places, " "))
	}
	for _, d := range n.Damage {
		for _, x := range d.Examples {
			f.add("damage: "+d.Kind, x.ID, x.Rows, -1, strings.TrimSpace(x.Place+" "+strings.Join(x.Proposals, " ")))
		}
	}
	for _, d := range n.Duplicates.Examples {
		f.add("duplicate", d.ID, d.Rows, -1, strings.Join(d.Places, " "))
	}
	for _, s := range n.Spellings.Examples {
		name := "differs in spelling"
		if s.SameKey {
			name = "written in several ways"
		}
		f.add(name, strings.Join(s.IDs, " "), int64(len(s.Places)), -1, strings.Join(s.Places, " "))
	}
	for _, x := range n.Placeholders {
		f.add("placeholder", x.ID, x.Rows, -1, x.Place)
	}
	for _, d := range n.Components {
		for _, v := range d.Values {
			f.add(d.Component, v.Text, v.Rows, v.Share, v.Label)
		}
	}
	for _, s := range n.Sequences {
		for _, r := range s.Runs {
			f.add(s.Component+" "+r.Shape, r.Min+" to "+r.Max, r.Numbers, r.Filled, strings.TrimSpace(r.Group+" missing "+r.Missing))
			for _, g := range r.Largest {
				f.add(s.Component+" gap", g.From+" to "+g.To, 0, -1, "missing "+g.Missing)
			}
		}
	}
	for _, c := range n.Capacity {
		f.add("capacity", c.Total, c.Used, c.Share, c.Left)
	}
}
