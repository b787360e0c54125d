package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// match decodes `match`; it returns the node of `similar`, which privacy has
// a say in, or nil.
func (d *decoder) match(n *yaml.Node, f *File) *yaml.Node {
	if n == nil {
		return nil
	}
	o, ok := d.object(n, "match")
	if !ok {
		return nil
	}
	f.rules.Matching = true
	if n := o.take("same"); n != nil {
		for i, e := range d.list(n, "match.same", "rules such as [tax_id]") {
			if s, ok := d.same(e, index("match.same", i), f); ok {
				f.rules.Same = append(f.rules.Same, s)
			}
		}
	}
	if n := o.take("differ"); n != nil {
		for i, e := range d.list(n, "match.differ", "fields") {
			if s, ok := d.name(e, index("match.differ", i)); ok {
				f.rules.Differ = append(f.rules.Differ, s)
			}
		}
	}
	if n := o.take("placeholders"); n != nil {
		f.rules.Placeholders = d.placeholders(n)
	}
	similar := o.take("similar")
	if similar != nil {
		d.similar(similar, f)
	}
	if n := o.take("model"); n != nil {
		d.model(n, f)
	}
	o.close()
	return similar
}

// same is a list of fields, or a mapping that says more.
func (d *decoder) same(n *yaml.Node, path string, f *File) (rules.Same, bool) {
	n = follow(n)
	d.places[path] = n
	var s rules.Same
	if n.Kind == yaml.SequenceNode {
		s.Fields = d.columnNames(n, path)
		d.places[path] = n
		d.checkSameID(n, path, s)
		return s, len(s.Fields) > 0
	}
	if n.Kind == yaml.ScalarNode {
		d.wrongType(n, path, "a list of fields", fmt.Sprintf("write [%s]", shorten(n.Value)))
		return s, false
	}
	o, ok := d.object(n, path)
	if !ok {
		return s, false
	}
	if n := o.need("fields", "what must agree: fields: [email]"); n != nil {
		s.Fields = d.columnNames(n, path+".fields")
	}
	if n := o.take("confirm"); n != nil {
		s.Confirm = d.columnNames(n, path+".confirm")
	}
	if n := o.take("sources"); n != nil {
		s.Sources = d.sourceNames(n, path+".sources", f)
	}
	if n := o.take("kind"); n != nil {
		s.Kind, _ = d.word(n, path+".kind", kinds...)
	}
	if _, given := o.values["sources"]; !given {
		d.checkSameID(o.node, path, s)
	}
	o.close()
	return s, len(s.Fields) > 0
}

// checkSameID refuses agreement on bare numbers: each source counts for
// itself, so equal numbers mean nothing unless somebody says that they do.
func (d *decoder) checkSameID(n *yaml.Node, path string, s rules.Same) {
	if slices.Contains(s.Fields, "id") && len(s.Sources) == 0 {
		d.report(n, "config.missing_key", "name the sources that share one numbering: { fields: [id], sources: [a, b] }", "%s: agreeing on id needs the key %q", path, "sources")
	}
}

// sourceNames is a list of sources of the file.
func (d *decoder) sourceNames(n *yaml.Node, path string, f *File) []string {
	var out []string
	for i, e := range d.list(n, path, "sources") {
		if s, ok := d.sourceName(e, index(path, i), f); ok {
			out = append(out, s)
		}
	}
	if len(out) == 1 && len(follow(n).Content) == 1 && strings.HasPrefix(path, "match.same") {
		d.warn(n, "config.one_source", "", "%s: one source alone is compared with itself", path)
	}
	return out
}

func (d *decoder) sourceName(n *yaml.Node, path string, f *File) (string, bool) {
	s, ok := d.name(n, path)
	if !ok {
		return "", false
	}
	names := f.Names()
	if slices.Contains(names, s) {
		return s, true
	}
	hint := "known: " + strings.Join(names, ", ")
	if near := diag.Nearest(s, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.report(follow(n), "config.unknown_source", hint, "%s: there is no source %s", path, d.describe(follow(n), path))
	return "", false
}

func (d *decoder) placeholders(n *yaml.Node) map[string][]string {
	const path = "match.placeholders"
	o, ok := d.object(n, path)
	if !ok {
		return nil
	}
	out := map[string][]string{}
	o.each(func(key, v *yaml.Node) {
		out[key.Value] = d.texts(v, path+"."+key.Value)
	})
	return out
}

// similar decodes match.similar. Both limits have a default.
func (d *decoder) similar(n *yaml.Node, f *File) {
	o, ok := d.object(n, "match.similar")
	if !ok {
		return
	}
	limits := &rules.Similar{Merge: 0.99}
	for _, limit := range []struct {
		key  string
		into *float64
	}{{"merge", &limits.Merge}, {"review", &limits.Review}} {
		n := o.take(limit.key)
		if n == nil {
			continue
		}
		path := "match.similar." + limit.key
		v, ok := d.share(n, path)
		if ok && (v < 0.5 || v == 1) {
			d.report(follow(n), "config.bad_value", "it is how probable it must be that two records are one customer: merge: 0.99, review: 0.80",
				"%s: found %s, expected at least 0.5 and less than 1", path, d.describe(follow(n), path))
		} else if ok {
			*limit.into = v
		}
	}
	if limits.Review == 0 {
		limits.Review = min(0.80, limits.Merge)
	}
	if limits.Review > limits.Merge {
		d.report(o.node, "config.bad_value", "pairs from review up to merge are shown to a person", "match.similar: review (%v) is above merge (%v)", limits.Review, limits.Merge)
	}
	o.close()
	f.rules.Similar = limits
}

// model reads the file that match.model names.
func (d *decoder) model(n *yaml.Node, f *File) {
	path, ok := d.name(n, "match.model")
	switch {
	case !ok:
	case f.rules.Similar == nil:
		d.report(n, "config.conflict", "write similar: { merge: 0.99, review: 0.80 } beside it, or take it out", "match.model: there is no match.similar that would use it")
	default:
		if !filepath.IsAbs(path) {
			path = filepath.Join(f.Dir, path)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			d.report(follow(n), "config.missing_file", "take the line out; xwalk match --save FILE then writes one", "match.model: %v", err)
			return
		}
		f.rules.Similar.Model = content
	}
}

// policy decodes `policy`.
func (d *decoder) policy(n *yaml.Node, f *File) {
	f.Policy = plan.Policy{Merges: "review", Reviews: "issue", Collisions: "refuse", RetireAtMost: defaultAtMost}
	if n == nil {
		return
	}
	o, ok := d.object(n, "policy")
	if !ok {
		return
	}
	if n := o.take("merges"); n != nil {
		f.Policy.Merges, _ = d.word(n, "policy.merges", "review", "auto")
	}
	if n := o.take("reviews"); n != nil {
		f.Policy.Reviews, _ = d.word(n, "policy.reviews", "issue", "hold")
	}
	if n := o.take("collisions"); n != nil {
		f.Policy.Collisions, _ = d.word(n, "policy.collisions", "refuse", "reject")
	}
	if n := o.take("vanished"); n != nil {
		d.vanished(n, f)
	}
	if n := o.take("guard"); n != nil {
		d.guard(n, f)
	}
	if n := o.take("approve"); n != nil {
		if word, ok := d.word(n, "policy.approve", "none", "other"); ok {
			f.Policy.Approve = word == "other"
		}
	}
	o.close()
}

// defaultAtMost is the share of a source's records that may vanish in one run
// where the file does not say: a file that was cut off must not retire
// customers by the thousand.
const defaultAtMost = 0.2

func (d *decoder) vanished(n *yaml.Node, f *File) {
	o, ok := d.object(n, "policy.vanished")
	if !ok {
		return
	}
	if n := o.take("retire"); n != nil {
		f.Policy.Retire = d.boolean(n, "policy.vanished.retire")
	}
	if n := o.take("at_most"); n != nil {
		if v, ok := d.share(n, "policy.vanished.at_most"); ok {
			f.Policy.RetireAtMost = v
		}
	}
	o.close()
}

func (d *decoder) guard(n *yaml.Node, f *File) {
	o, ok := d.object(n, "policy.guard")
	if !ok {
		return
	}
	if n := o.take("joined"); n != nil {
		f.Policy.Guard.Joined = d.limit(n, "policy.guard.joined")
	}
	if n := o.take("rejected"); n != nil {
		f.Policy.Guard.Rejected = d.limit(n, "policy.guard.rejected")
	}
	if n := o.take("cluster"); n != nil {
		if v, ok := d.whole(n, "policy.guard.cluster", 2); ok {
			f.Policy.Guard.Cluster = int(v)
		}
	}
	o.close()
}

// limit is a share above nothing; no limit is written by leaving it out.
func (d *decoder) limit(n *yaml.Node, path string) float64 {
	v, ok := d.share(n, path)
	if ok && v == 0 {
		d.report(follow(n), "config.bad_value", "leave it out for no limit; 0.0001% allows next to nothing", "%s: found %s, expected more than 0%%", path, d.describe(follow(n), path))
	}
	return v
}

// privacy decodes `privacy` and refuses what cannot be had together.
func (d *decoder) privacy(n *yaml.Node, f *File, similar *yaml.Node) {
	if n == nil {
		return
	}
	o, ok := d.object(n, "privacy")
	if !ok {
		return
	}
	if n := o.take("keep"); n != nil {
		word, _ := d.word(n, "privacy.keep", "fields", "keys", "nothing")
		switch word {
		case "keys":
			f.rules.Keep = rules.KeepKeys
		case "nothing":
			f.rules.Keep = rules.KeepNothing
		}
		if f.rules.Keep != rules.KeepFields && similar != nil {
			d.report(follow(n), "config.conflict", "write keep: fields, or take match.similar out",
				"privacy.keep: %s leaves match.similar nothing to compare with", word)
		}
	}
	if n := o.take("secret"); n != nil {
		f.secret = d.lazy(n, "privacy.secret")
	}
	o.close()
}

// checkRoles takes rules on fields that no source delivers out of f, since
// nothing can agree or differ on them: with a warning where the field is one
// of [Roles], which a later source may well have, else as a mistake.
func (d *decoder) checkRoles(f *File) {
	mapped := map[string]bool{"id": true}
	for _, s := range f.rules.Sources {
		for _, fd := range s.Fields {
			mapped[fd.Role] = true
			if fd.Role == "given_name" || fd.Role == "family_name" {
				mapped["name"] = true // put together from these
			}
		}
	}
	names := slices.Sorted(maps.Keys(mapped))
	have := func(path string, i int, role string) bool {
		if mapped[role] {
			return true
		}
		n := d.places[index(path, i)]
		if n == nil {
			return true
		}
		message := fmt.Sprintf("no source has the field %q, so nothing can agree on it", shorten(role))
		if slices.Contains(Roles, role) {
			d.warn(n, "config.unmapped_field", "", "%s", message)
			return false
		}
		hint := "sources name it under fields; fields there are: " + strings.Join(names, ", ")
		if near := diag.Nearest(role, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		d.report(n, "config.unmapped_field", hint, "%s", message)
		return false
	}
	filter := func(path string, roles []string) []string {
		var out []string
		for i, r := range roles {
			if have(path, i, r) {
				d.renumber(path, i, len(out))
				out = append(out, r)
			}
		}
		return out
	}
	var same []rules.Same
	for i, s := range f.rules.Same {
		path := index("match.same", i)
		fields := path
		if d.places[path+".fields"] != nil {
			fields = path + ".fields"
		}
		all := len(filter(fields, s.Fields)) == len(s.Fields)
		s.Confirm = filter(path+".confirm", s.Confirm)
		if all {
			d.renumber("match.same", i, len(same))
			same = append(same, s)
		}
	}
	f.rules.Same = same
	f.rules.Differ = filter("match.differ", f.rules.Differ)
	for role := range f.rules.Placeholders {
		if n := d.places["match.placeholders."+role]; n != nil && !mapped[role] && !slices.Contains(Roles, role) {
			hint := "sources name it under fields"
			if near := diag.Nearest(role, names); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			d.report(n, "config.unmapped_field", hint, "match.placeholders: no source has the field %q", shorten(role))
		}
	}
}

// renumber follows an element of a list that stands elsewhere now, so that
// its problems are still found at its place in the file.
func (d *decoder) renumber(list string, from, to int) {
	if from == to {
		return
	}
	moved := map[string]*yaml.Node{}
	for path, n := range d.places {
		if rest, ok := strings.CutPrefix(path, index(list, from)); ok {
			moved[index(list, to)+rest] = n
		}
		if strings.HasPrefix(path, index(list, to)) {
			delete(d.places, path)
		}
	}
	maps.Copy(d.places, moved)
}
