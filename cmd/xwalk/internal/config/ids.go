package config

import (
	"slices"

	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// IDRules are the ID spaces of a source as they are configured: its own, and
// those of its further numbers.
func (f *File) IDRules(source string) (id rules.IDRule, also []rules.Also) {
	i := slices.IndexFunc(f.rules.Sources, func(s rules.Source) bool { return s.Name == source })
	return f.rules.Sources[i].ID, f.rules.Sources[i].Also
}

// Codes are the code lists that schemes of the file can name.
func (f *File) Codes() scheme.Codes { return f.rules.Codes }
