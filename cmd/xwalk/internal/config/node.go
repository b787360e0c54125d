package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/mapping/diag"
)

// decoder walks the nodes of one file. It never stops at a problem: methods
// report it and say with their last result whether there is a value to use.
type decoder struct {
	resolver
	document
	problems diag.List
	warnings diag.List
	// unset holds the problems of references in the rules. They concern only
	// the verbs that use the rules, so they are kept apart.
	unset diag.List
	// places remembers which node a configuration path stands for.
	places map[string]*yaml.Node
}

func (d *decoder) report(n *yaml.Node, code, hint, format string, args ...any) {
	d.problems = append(d.problems, d.at(n, code, hint, fmt.Sprintf(format, args...)))
}

func (d *decoder) warn(n *yaml.Node, code, hint, format string, args ...any) {
	d.warnings = append(d.warnings, d.at(n, code, hint, fmt.Sprintf(format, args...)))
}

func (d *decoder) wrongType(n *yaml.Node, path, expected, hint string) {
	what := path
	if what == "" {
		what = "the file"
	}
	d.report(n, "config.wrong_type", hint, "%s: found %s, expected %s", what, d.describe(n, path), expected)
}

// badValue reports a value that is none of the known words.
func (d *decoder) badValue(n *yaml.Node, path string, known []string) {
	hint := "known: " + strings.Join(known, ", ")
	if near := diag.Nearest(n.Value, known); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	d.report(n, "config.bad_value", hint, "%s: found %s, expected %s", path, d.describe(n, path), oneOf(known))
}

// follow is the node that an alias stands for, or n itself.
func follow(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// text is a scalar as it is written; numbers and dates are text too. Its
// references are resolved now.
func (d *decoder) text(n *yaml.Node, path string) (string, bool) {
	n = follow(n)
	if n.Kind != yaml.ScalarNode || isNull(n) {
		hint := ""
		if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 {
			hint = "text that starts with { needs quotes"
		}
		d.wrongType(n, path, "text", hint)
		return "", false
	}
	d.places[path] = n
	if !hasRefs(n.Value) {
		return n.Value, true
	}
	value, err := expand(n.Value, d.resolve)
	if err != nil {
		if err.code != "config.bad_reference" { // reported for the whole file
			d.unset = append(d.unset, d.at(n, err.code, err.hint, path+": "+err.message))
		}
		return "", false
	}
	return value, true
}

// name is text that must not be empty.
func (d *decoder) name(n *yaml.Node, path string) (string, bool) {
	s, ok := d.text(n, path)
	if ok && strings.TrimSpace(s) == "" {
		d.report(follow(n), "config.bad_value", "", "%s: found nothing, expected a name", path)
		return "", false
	}
	return s, ok
}

// lazy is a scalar whose references are resolved by the verb that needs it.
func (d *decoder) lazy(n *yaml.Node, path string) value {
	n = follow(n)
	if n.Kind != yaml.ScalarNode || isNull(n) {
		d.wrongType(n, path, "text", "")
		return value{}
	}
	return value{node: n, path: path}
}

// word is text out of a fixed set.
func (d *decoder) word(n *yaml.Node, path string, known ...string) (string, bool) {
	s, ok := d.text(n, path)
	if !ok {
		return "", false
	}
	for _, k := range known {
		if s == k {
			return s, true
		}
	}
	d.badValue(follow(n), path, known)
	return "", false
}

// texts is one text or a list of texts, in order.
func (d *decoder) texts(n *yaml.Node, path string) []string {
	n = follow(n)
	if n.Kind != yaml.SequenceNode {
		if s, ok := d.text(n, path); ok {
			return []string{s}
		}
		return nil
	}
	var out []string
	for i, c := range n.Content {
		if s, ok := d.text(c, index(path, i)); ok {
			out = append(out, s)
		}
	}
	return out
}

// list is the elements of a list.
func (d *decoder) list(n *yaml.Node, path, of string) []*yaml.Node {
	n = follow(n)
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.wrongType(n, path, "a list of "+of, "")
		return nil
	}
	return n.Content
}

func (d *decoder) boolean(n *yaml.Node, path string) bool {
	s, ok := d.text(n, path)
	if !ok {
		return false
	}
	if s != "true" && s != "false" {
		hint := ""
		switch strings.ToLower(s) {
		case "yes", "on", "y", "1":
			hint = "write true"
		case "no", "off", "n", "0":
			hint = "write false"
		}
		d.report(follow(n), "config.wrong_type", hint, "%s: found %s, expected true or false", path, d.describe(follow(n), path))
	}
	return s == "true"
}

// whole is a whole number from least upwards.
func (d *decoder) whole(n *yaml.Node, path string, least uint64) (uint64, bool) {
	s, ok := d.text(n, path)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseUint(s, 10, 63)
	if err != nil || v < least {
		d.report(follow(n), "config.bad_value", "", "%s: found %s, expected a whole number from %d", path, d.describe(follow(n), path), least)
		return 0, false
	}
	return v, true
}

// share is a part of a whole, 0 to 1, written 20% or 0.2.
func (d *decoder) share(n *yaml.Node, path string) (float64, bool) {
	s, ok := d.text(n, path)
	if !ok {
		return 0, false
	}
	digits, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if percent {
		v /= 100
	}
	if err == nil && v >= 0 && v <= 1 {
		return v, true
	}
	hint := ""
	if err == nil && !percent && v > 1 && v <= 100 {
		hint = fmt.Sprintf("write %s%%", digits)
	}
	d.report(follow(n), "config.bad_value", hint, "%s: found %s, expected a share such as 20%% or 0.2", path, d.describe(follow(n), path))
	return 0, false
}

// duration is a positive length of time such as 5m or 24h.
func (d *decoder) duration(n *yaml.Node, path string) time.Duration {
	s, ok := d.text(n, path)
	if !ok {
		return 0
	}
	v, err := time.ParseDuration(s)
	if err != nil || v <= 0 {
		d.report(follow(n), "config.bad_value", "units: s, m, h", "%s: found %s, expected a length of time such as 5m or 24h", path, d.describe(follow(n), path))
		return 0
	}
	return v
}

// object is one mapping. What is asked of it with take is what it may hold:
// close reports everything else.
type object struct {
	d      *decoder
	node   *yaml.Node
	path   string
	values map[string]*yaml.Node
	keys   []*yaml.Node
	asked  []string
	taken  map[string]bool
}

// object opens a mapping; nothing at all is an empty one.
func (d *decoder) object(n *yaml.Node, path string) (*object, bool) {
	n = follow(n)
	o := &object{d: d, node: n, path: path, values: map[string]*yaml.Node{}, taken: map[string]bool{}}
	if isNull(n) {
		return o, true
	}
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, path, "a mapping (key: value)", "")
		return nil, false
	}
	d.places[path] = n
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := follow(n.Content[i])
		if k.Kind != yaml.ScalarNode {
			d.wrongType(k, path, "a key", "keys are plain text; text that starts with { needs quotes")
			continue
		}
		if _, dup := o.values[k.Value]; dup {
			continue // reported for the whole file
		}
		o.values[k.Value] = n.Content[i+1]
		o.keys = append(o.keys, k)
		d.places[join(path, k.Value)] = follow(n.Content[i+1])
	}
	return o, true
}

// take is the value of key, or nil.
func (o *object) take(key string) *yaml.Node {
	o.asked = append(o.asked, key)
	n, ok := o.values[key]
	if ok {
		o.taken[key] = true
	}
	return n
}

// need is take for a key that must be there.
func (o *object) need(key, hint string) *yaml.Node {
	n := o.take(key)
	if n == nil {
		where := "the file"
		if o.path != "" {
			where = o.path
		}
		o.d.report(o.node, "config.missing_key", hint, "%s needs the key %q", where, key)
	}
	return n
}

// close reports the keys that nobody asked for. more are keys that are known
// too, though they were not asked for.
func (o *object) close(more ...string) {
	known := append(o.asked, more...)
	for _, k := range o.keys {
		if o.taken[k.Value] {
			continue
		}
		hint := "known keys: " + strings.Join(known, ", ")
		if near := diag.Nearest(k.Value, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		o.d.report(k, "config.unknown_key", hint, "unknown key %q%s", shorten(k.Value), inside(o.path))
	}
}

// each visits the entries of a mapping whose keys the user chooses.
func (o *object) each(visit func(key, value *yaml.Node)) {
	for _, k := range o.keys {
		o.taken[k.Value] = true
		visit(k, o.values[k.Value])
	}
}

func inside(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

func oneOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// shorten keeps messages on one line.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
