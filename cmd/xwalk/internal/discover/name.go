package discover

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// name gives every place a name of its own: that of its file or database,
// with the table's where one database has several, and the folder's where
// files share a name.
func name(places []Place) {
	level := make([]int, len(places)) // how much of where it stands is in its name
	for range 3 {
		byName := map[string][]int{}
		for i := range places {
			places[i].Name = candidate(places[i], level[i])
			key := strings.ToLower(places[i].Name)
			byName[key] = append(byName[key], i)
		}
		if len(byName) == len(places) {
			return
		}
		for _, same := range byName {
			for _, i := range same {
				if len(same) > 1 {
					level[i]++
				}
			}
		}
	}
	taken := map[string]int{}
	for i := range places {
		key := strings.ToLower(places[i].Name)
		if taken[key]++; taken[key] > 1 {
			places[i].Name = fmt.Sprintf("%s_%d", places[i].Name, taken[key])
		}
	}
}

func candidate(p Place, level int) string {
	file, folder := "", ""
	if p.Path != "" {
		file = filepath.Base(p.Path)
		for range 2 { // .csv.gz
			file = strings.TrimSuffix(file, filepath.Ext(file))
		}
		if abs, err := filepath.Abs(p.Path); err == nil {
			folder = filepath.Base(filepath.Dir(abs))
		}
	} else {
		file = p.Label[strings.LastIndexByte(p.Label, '/')+1:]
		folder, _, _ = strings.Cut(strings.TrimSuffix(p.Label[strings.Index(p.Label, "://")+3:], "/"+file), ":")
	}
	parts := []string{file}
	if level > 0 && p.Table != "" {
		parts = append(parts, p.Table)
	}
	if level > 1 || level > 0 && p.Table == "" {
		parts = append([]string{folder}, parts...)
	}
	return validName(strings.Join(parts, "_"))
}

// validName makes text a name that the configuration takes for a source:
// letters, digits, _ and -, not starting with -.
func validName(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return r
		}
		return '_'
	}, text)
	text = strings.TrimLeftFunc(strings.Trim(text, "_"), func(r rune) bool { return r == '-' || unicode.IsMark(r) })
	if text == "" {
		return "source"
	}
	return text
}

func number(n int64) string { return report.Number(n) }
