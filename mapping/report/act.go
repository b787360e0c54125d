package report

import (
	"bufio"

	"github.com/xwalk-id/xwalk/mapping"
)

// actGroup is one kind of change of a person's act, of numbers or of links.
type actGroup struct {
	kind      mapping.Kind
	links     bool
	sign      string
	one, many string
	paint     func(Style, string) string
}

var actGroups = []actGroup{
	{mapping.KindMerge, false, "~", "customer becomes another", "customers become another", Style.Yellow},
	{mapping.KindSplit, false, "+", "number is in force again", "numbers are in force again", Style.Green},
	{mapping.KindRenumber, false, "~", "customer gets another number", "customers get another number", Style.Yellow},
	{mapping.KindRetire, false, "-", "customer ends", "customers end", Style.Red},
	{mapping.KindRestore, false, "+", "number is in force again", "numbers are in force again", Style.Green},
	{mapping.KindRedirect, false, "~", "earlier number redirects elsewhere", "earlier numbers redirect elsewhere", Style.Yellow},
	{mapping.KindLink, true, "=", "link joins a customer", "links join a customer", Style.Cyan},
	{mapping.KindSplit, true, "~", "link means another customer", "links mean another customer", Style.Yellow},
	{mapping.KindRenumber, true, "~", "link means the new number", "links mean the new number", Style.Yellow},
	{mapping.KindRetire, true, "-", "link ends", "links end", Style.Red},
	{mapping.KindRestore, true, "+", "link resolves again", "links resolve again", Style.Green},
}

// writeAct prints all that a person's act does, which is never much.
func (r *Run) writeAct(b *bufio.Writer, s Style) error {
	rows := make([][]Change, len(actGroups))
	for c, err := range r.Changes {
		if err != nil {
			return err
		}
		for i, g := range actGroups {
			if g.kind == c.Kind && g.links == (c.Source != "") {
				c.Rule = "" // it is the act itself
				rows[i] = append(rows[i], c)
			}
		}
	}
	for i, g := range actGroups {
		if n := int64(len(rows[i])); n > 0 {
			heading(b, s, g.paint, g.sign, n, g.one, g.many)
			if err := writeRows(b, s, rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
