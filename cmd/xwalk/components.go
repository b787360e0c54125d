package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// components takes a source ID apart by the scheme of its source that reads
// it; empty where none does, or where the scheme tells nothing.
func (x *explainer) components(space string, l *crosswalk.Link) (by string, all []component) {
	set := x.rules.Schemes(space)
	if set == nil {
		return "", nil
	}
	spellings := []string{l.Key}
	if id, err := (scheme.Keyer{}).Key(l.Verbatim); err == nil && id != l.Key {
		spellings = []string{id, l.Key} // the key may lack check characters
	}
	for _, id := range spellings {
		for _, s := range set.Schemes() {
			p, err := s.Parse(id)
			if err != nil {
				continue
			}
			for _, part := range p.Parts {
				c := component{Name: part.Name, Text: part.Text}
				for _, d := range scheme.Details(detailName(s, part.Name), part.Text) {
					c.Details = append(c.Details, component{Name: d.Name, Text: d.Text})
				}
				all = append(all, c)
			}
			if len(all) == 1 && all[0].Text == id && all[0].Details == nil {
				all = nil // it would only repeat the ID
			}
			return s.String(), all
		}
	}
	return "", nil
}

var codeToken = regexp.MustCompile(`\{code:([^{}]+)\}`)

// detailName is what a component is to [scheme.Details]: the name of its token
// without the number that tells components apart, and for a code that of its
// list.
func detailName(s *scheme.Scheme, component string) string {
	rest, ok := strings.CutPrefix(component, "code")
	if !ok {
		return strings.TrimRight(component, "23456789")
	}
	which := 1
	if n, err := strconv.Atoi(rest); err == nil {
		which = n
	}
	if lists := codeToken.FindAllStringSubmatch(s.String(), which); len(lists) == which {
		return lists[which-1][1]
	}
	return component
}
