package scheme

import (
	_ "embed"
	"fmt"
	"iter"
	"strings"
	"sync"
)

//go:embed gb2260.tsv
var gb2260Data string

// region is a province (its code ends in 00) or a prefecture of GB/T 2260.
type region struct {
	name     string
	obsolete bool
}

// regions are the provinces and prefectures by the four digits of their
// codes; nil where there is none.
var regions = sync.OnceValue(func() *[10000]*region {
	var all [10000]*region
	for line := range strings.Lines(gb2260Data) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "\t")
		code := fields[0]
		if len(code) == 2 {
			code += "00"
		}
		all[fourDigits(code)] = &region{name: fields[1], obsolete: len(fields) > 2}
	}
	return &all
})

// Regions are the provinces (their two digits and 00) and prefectures of
// GB/T 2260 by code, with their names; those that were withdrawn too.
func Regions() iter.Seq2[string, string] {
	return func(yield func(code, name string) bool) {
		for n, r := range regions() {
			if r != nil && !yield(fmt.Sprintf("%04d", n), r.name) {
				return
			}
		}
	}
}

// fourDigits is the number that text, which is decimal digits, starts with.
func fourDigits(text string) int {
	n := 0
	for i := range 4 {
		n = n*10 + int(text[i]-'0')
	}
	return n
}

// regionOf finds the prefecture, or for a code that ends in 0000 the
// province, of a code of six digits, four or two. Counties come and go every
// year, so the last two digits of a code are not looked at.
func regionOf(code string) *region {
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return nil
		}
	}
	switch len(code) {
	case 2:
		code += "00"
	case 6:
		if code[2:4] == "00" && code[4:] != "00" {
			return nil
		}
	case 4:
	default:
		return nil
	}
	return regions()[fourDigits(code)]
}

// builtinCodes are the code lists that need no configuration:
//
//   - gb2260: the six digits of GB/T 2260, as they stand in resident numbers,
//     credit codes and much else: provinces, prefectures, and any county of a
//     known prefecture;
//   - gb2260-4 and gb2260-2: the four digits of a prefecture or a province,
//     and the two digits of a province.
//
// Codes that were withdrawn since 1980 are members, known as obsolete: people
// keep their resident number for life.
var builtinCodes = sync.OnceValue(func() map[string]*codeList {
	provinces, prefectures := int64(0), int64(0)
	for n, r := range regions() {
		switch {
		case r == nil:
		case n%100 == 0:
			provinces++
		default:
			prefectures++
		}
	}
	list := func(width int, size int64) *codeList {
		return &codeList{
			class: classDigit, min: width, max: width, size: size,
			has: func(text string) bool { return len(text) == width && regionOf(text) != nil },
			name: func(code string) string {
				if r := regionOf(code); r != nil && len(code) == width {
					return r.name
				}
				return ""
			},
			obsolete: func(code string) bool {
				r := regionOf(code)
				return r != nil && len(code) == width && r.obsolete
			},
		}
	}
	return map[string]*codeList{
		"gb2260":   list(6, provinces+100*prefectures),
		"gb2260-4": list(4, provinces+prefectures),
		"gb2260-2": list(2, provinces),
	}
})
