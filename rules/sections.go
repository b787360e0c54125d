package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
)

// Sections are digests of the parts of the rules, by the key under which each
// stands in the configuration, so that a change of the digest can be told by
// its place. No secret is in them.
func (r *Ruleset) Sections() map[string]string {
	c := r.cfg
	names := make([]string, len(c.Sources))
	parts := map[string]any{
		"canonical": c.Canonical, "codes": c.Codes, "privacy.keep": c.Keep,
		"match.same": []any{c.Matching, c.Same}, "match.differ": c.Differ, "match.similar": c.Similar, "match.placeholders": c.Placeholders,
	}
	for i, s := range c.Sources {
		names[i] = s.Name
		parts["sources."+s.Name] = s
	}
	parts["the order of sources"] = names
	sections := make(map[string]string, len(parts))
	for name, part := range parts {
		b, err := json.Marshal(part)
		if err != nil { // only strings, numbers, slices and maps of strings are in it
			panic(err)
		}
		sum := sha256.Sum256(b)
		sections[name] = hex.EncodeToString(sum[:4])
	}
	return sections
}

// ChangedSections names the sections that are not the same in both, in order.
// Where sources came or went, their order is not spoken of.
func ChangedSections(was, is map[string]string) (changed []string) {
	all := maps.Clone(was)
	maps.Copy(all, is)
	others := false
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if was[name] != is[name] {
			changed = append(changed, name)
			others = others || was[name] == "" || is[name] == ""
		}
	}
	if others {
		changed = slices.DeleteFunc(changed, func(name string) bool { return name == "the order of sources" })
	}
	return changed
}
