package normalize

import (
	_ "embed" // the tables are files
	"iter"
	"strings"
)

// The tables are read when the first name needs them, not when the program
// starts: a look-up needs none. Each file tells its form and where it is from.
var (
	//go:embed data/simplified.txt
	simplifiedData string
	//go:embed data/pinyin.txt
	pinyinData string
	//go:embed data/surnames.txt
	surnamesData string
	//go:embed data/nicknames.txt
	nicknamesData string
)

// dataLines are the lines of a table but for blank ones and comments.
func dataLines(data string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(data) {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}
