package config

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

var kinds = []string{"person", "company", "household"}

// canonicalRules decodes `canonical`.
func (d *decoder) canonicalRules(n *yaml.Node) (rules.Canonical, value) {
	c := rules.Canonical{Start: 1}
	var secret value
	o, ok := d.object(n, "canonical")
	if !ok {
		return c, secret
	}
	if n := o.need("scheme", `such as scheme: "CUST-{next:8}-{check:mod97-10}"`); n != nil {
		c.Scheme, _ = d.name(n, "canonical.scheme")
	}
	if n := o.take("start"); n != nil {
		if v, ok := d.whole(n, "canonical.start", 1); ok {
			c.Start = v
		}
	}
	if n := o.take("reserved"); n != nil {
		for i, e := range d.list(n, "canonical.reserved", "ranges such as 700000-799999") {
			if r, ok := d.numbers(e, index("canonical.reserved", i)); ok {
				c.Reserved = append(c.Reserved, r)
			}
		}
	}
	if n := o.take("secret"); n != nil {
		secret = d.lazy(n, "canonical.secret")
	}
	o.close()
	return c, secret
}

// codes decodes `codes`: the members of named lists.
func (d *decoder) codes(n *yaml.Node) scheme.Codes {
	o, ok := d.object(n, "codes")
	if !ok {
		return nil
	}
	lists := scheme.Codes{}
	o.each(func(key, v *yaml.Node) {
		d.checkName(key, "code list")
		lists[key.Value] = d.texts(v, "codes."+key.Value)
		d.checkCodes(v, key.Value, lists[key.Value])
	})
	return lists
}

// checkCodes reports the problems of a code list at its members, once all of
// them are texts.
func (d *decoder) checkCodes(n *yaml.Node, list string, members []string) {
	nodes := []*yaml.Node{n}
	if follow(n).Kind == yaml.SequenceNode {
		nodes = follow(n).Content
	}
	if len(members) < len(nodes) {
		return
	}
	for _, p := range (scheme.Codes{list: members}).Check() {
		at := n
		if p.Member >= 0 {
			at = nodes[p.Member]
		}
		d.report(follow(at), "config.bad_code", p.Hint, "%s", p.Message)
	}
}

// numbers is a range of counter values, 700000-799999, or a single one.
func (d *decoder) numbers(n *yaml.Node, path string) (rules.Range, bool) {
	s, ok := d.text(n, path)
	if !ok {
		return rules.Range{}, false
	}
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	from, okFrom := parseNumber(low)
	to, okTo := parseNumber(high)
	if !okFrom || !okTo {
		d.report(follow(n), "config.bad_value", "", "%s: found %s, expected a range such as 700000-799999", path, d.describe(follow(n), path))
		return rules.Range{}, false
	}
	if from > to {
		d.report(follow(n), "config.bad_value", fmt.Sprintf("write %d-%d", to, from), "%s: the range ends before it starts", path)
		return rules.Range{}, false
	}
	return rules.Range{From: from, To: to}, true
}

func parseNumber(s string) (uint64, bool) {
	s = strings.TrimSpace(s)
	var v uint64
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		v = v*10 + uint64(r-'0')
	}
	return v, true
}

// sources decodes `sources`, in the order of the file: it is the precedence.
func (d *decoder) sources(n *yaml.Node, f *File, reg connectors.Registry) {
	o, ok := d.object(n, "sources")
	if !ok {
		return
	}
	if len(o.keys) == 0 {
		d.report(o.node, "config.missing_key", "name at least one, such as sources: { legacy: { connector: csv, path: legacy.csv, id: customer_no } }", "sources is empty")
	}
	o.each(func(key, body *yaml.Node) {
		d.checkName(key, "source")
		d.oneSource(key, body, f, reg)
	})
}

// checkName refuses names that could not stand in SOURCE.NAME, in a file
// name or on a command line.
func (d *decoder) checkName(key *yaml.Node, what string) {
	for i, r := range key.Value {
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || i > 0 && (r == '-' || unicode.IsMark(r)) {
			continue
		}
		hint := ""
		if r == '.' {
			hint = "the dot stands between a source and its further numbers: legacy.code"
		}
		d.report(key, "config.bad_name", hint, "%s name %q: found %q, expected letters, digits, _ and -", what, shorten(key.Value), r)
		return
	}
	if key.Value == "" {
		d.report(key, "config.bad_name", "", "%s name is empty", what)
	}
}

func (d *decoder) oneSource(key, body *yaml.Node, f *File, reg connectors.Registry) {
	path := "sources." + key.Value
	o, ok := d.object(body, path)
	if !ok {
		return
	}
	s := Source{Name: key.Value, key: key, dir: f.Dir, resolver: f.resolver, doc: f.doc}
	r := rules.Source{Name: key.Value, Kind: rules.KindRule{Const: "person"}}

	if n := o.need("connector", "one of "+strings.Join(reg.Names(), ", ")); n != nil {
		s.spec, s.known = d.connector(n, path+".connector", reg)
	}
	if n := o.need("id", "the column that holds the customer number: id: customer_no"); n != nil {
		r.ID = d.id(n, path+".id")
	}
	if n := o.take("kind"); n != nil {
		r.Kind = d.kind(n, path+".kind")
	}
	if n := o.take("also"); n != nil {
		r.Also = d.also(n, path+".also")
	}
	if n := o.take("fields"); n != nil {
		r.Fields = d.fields(n, path+".fields")
	}
	if n := o.take("where"); n != nil {
		s.where = d.lazy(n, path+".where")
	}
	if n := o.take("as"); n != nil {
		r.As = d.as(n, path+".as")
	}
	if n := o.take("repair"); n != nil {
		r.Repair = d.repair(n, path+".repair")
	}
	d.locale(o, path, &r)
	d.publishing(o, path, &s, r.ID.Columns)
	d.laterSourceKeys(o, path)
	d.settings(o, path, &s)
	f.Sources = append(f.Sources, s)
	f.rules.Sources = append(f.rules.Sources, r)
}

// as is the word keep, or a canonical scheme.
func (d *decoder) as(n *yaml.Node, path string) string {
	s, ok := d.name(n, path)
	if ok && s != "keep" && !strings.Contains(s, "{") {
		hint := ""
		if strings.EqualFold(s, "keep") || diag.Nearest(s, []string{"keep"}) != "" {
			hint = `did you mean "keep"?`
		}
		d.report(follow(n), "config.bad_value", hint, "%s: found %s, expected keep or a canonical scheme such as \"VIP-{next:6}\"", path, d.describe(follow(n), path))
		return ""
	}
	return s
}

// repair is what becomes of damaged numbers: report, the default, is empty.
func (d *decoder) repair(n *yaml.Node, path string) string {
	if n := follow(n); n.Kind == yaml.ScalarNode && (n.Value == "none" || n.Value == "false") {
		d.report(n, "config.bad_value", "write report: damaged numbers are then rejected with what would fit, and none is changed",
			"%s: found %s, expected report or safe", path, d.describe(n, path))
		return ""
	}
	if word, ok := d.word(n, path, "report", rules.RepairSafe); ok && word == rules.RepairSafe {
		return word
	}
	return ""
}

// laterConnectors are described in the documentation of formats and CRMs to
// come; asking for one is no spelling mistake.
var laterConnectors = map[string]bool{
	"xlsx": true, "jsonl": true, "salesforce": true, "zoho": true, "hubspot": true,
	"jiandaoyun": true, "dynamics": true, "pipedrive": true, "odoo": true,
}

func (d *decoder) connector(n *yaml.Node, path string, reg connectors.Registry) (connectors.Spec, bool) {
	name, ok := d.name(n, path)
	if !ok {
		return connectors.Spec{}, false
	}
	spec, ok := reg[name]
	if ok {
		return spec, true
	}
	known := reg.Names()
	if laterConnectors[name] {
		d.report(follow(n), "config.not_yet", "known: "+strings.Join(known, ", ")+"; most systems can export CSV", "%s: the connector %q is not in this version yet", path, name)
		return connectors.Spec{}, false
	}
	d.badValue(follow(n), path, known)
	return connectors.Spec{}, false
}

// locale decodes country, timezone and dates.
func (d *decoder) locale(o *object, path string, r *rules.Source) {
	if n := o.take("country"); n != nil {
		r.Country = d.country(n, path+".country")
	}
	if n := o.take("timezone"); n != nil {
		if s, ok := d.name(n, path+".timezone"); ok {
			_, err := time.LoadLocation(s)
			if err != nil || s == "Local" {
				d.report(follow(n), "config.bad_value", "", "%s: found %s, expected a time zone such as Asia/Shanghai", path+".timezone", d.describe(follow(n), path))
			}
			r.TimeZone = s
		}
	}
	if n := o.take("dates"); n != nil {
		r.Dates, _ = d.word(n, path+".dates", "YMD", "DMY", "MDY")
	}
}

func (d *decoder) country(n *yaml.Node, path string) string {
	s, ok := d.name(n, path)
	if !ok {
		return ""
	}
	region, err := language.ParseRegion(s)
	if err == nil && len(s) == 2 && s == strings.ToUpper(s) && region.IsCountry() && region.Canonicalize() == region {
		return s
	}
	hint := ""
	if err == nil && region.Canonicalize().IsCountry() {
		hint = fmt.Sprintf("did you mean %s?", region.Canonicalize())
	}
	d.report(follow(n), "config.bad_value", hint, "%s: found %s, expected a country code of two letters such as CN", path, d.describe(follow(n), path))
	return ""
}

// kind is a word, or a column and what its values mean.
func (d *decoder) kind(n *yaml.Node, path string) rules.KindRule {
	n = follow(n)
	if n.Kind == yaml.ScalarNode {
		word, _ := d.word(n, path, kinds...)
		return rules.KindRule{Const: word}
	}
	o, ok := d.object(n, path)
	if !ok {
		return rules.KindRule{Const: "person"}
	}
	k := rules.KindRule{Map: map[string]string{}}
	if n := o.need("field", "the column that tells persons from companies"); n != nil {
		k.Column, _ = d.name(n, path+".field")
	}
	if n := o.need("map", "such as map: { Individual: person, Organization: company }"); n != nil {
		if m, ok := d.object(n, path+".map"); ok {
			m.each(func(key, v *yaml.Node) {
				if word, ok := d.word(v, path+".map."+key.Value, kinds...); ok {
					k.Map[key.Value] = word
				}
			})
		}
	}
	o.close()
	return k
}

// id is a column, or a mapping that says more.
func (d *decoder) id(n *yaml.Node, path string) rules.IDRule {
	n = follow(n)
	if n.Kind == yaml.SequenceNode {
		d.wrongType(n, path, "a column or a mapping", "several columns that form one number: id: { fields: [branch, no] }")
		return rules.IDRule{}
	}
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		column, _ := d.name(n, path)
		return rules.IDRule{Columns: []string{column}}
	}
	o, ok := d.object(n, path)
	if !ok {
		return rules.IDRule{}
	}
	var id rules.IDRule
	field, several := o.take("field"), o.take("fields")
	switch {
	case field != nil && several != nil:
		d.report(follow(several), "config.conflict", "keep the one you mean", "%s has both field and fields", path)
	case field != nil:
		column, _ := d.name(field, path+".field")
		id.Columns = []string{column}
	case several != nil:
		id.Columns = d.columnNames(several, path+".fields")
	default:
		d.report(o.node, "config.missing_key", "the column that holds the number: field: customer_no", "%s needs the key %q", path, "field")
	}
	if n := o.take("scheme"); n != nil {
		id.Schemes = d.texts(n, path+".scheme")
	}
	if n := o.take("key"); n != nil {
		id.Key = d.keyRule(n, path+".key")
	}
	o.close()
	return id
}

// columnNames is a list of at least one column.
func (d *decoder) columnNames(n *yaml.Node, path string) []string {
	var out []string
	elements := d.list(n, path, "columns")
	if len(elements) == 0 && follow(n).Kind == yaml.SequenceNode {
		d.report(follow(n), "config.bad_value", "", "%s: found an empty list, expected columns", path)
	}
	for i, e := range elements {
		if s, ok := d.name(e, index(path, i)); ok {
			out = append(out, s)
		}
	}
	return out
}

func (d *decoder) keyRule(n *yaml.Node, path string) scheme.KeyRule {
	var k scheme.KeyRule
	o, ok := d.object(n, path)
	if !ok {
		return k
	}
	if n := o.take("case"); n != nil {
		k.Case, _ = d.word(n, path+".case", "exact", "upper", "lower")
	}
	if n := o.take("space"); n != nil {
		k.Space, _ = d.word(n, path+".space", "trim", "exact")
	}
	if n := o.take("width"); n != nil {
		k.Width, _ = d.word(n, path+".width", "fold", "exact")
	}
	o.close()
	return k
}

func (d *decoder) also(n *yaml.Node, path string) []rules.Also {
	o, ok := d.object(n, path)
	if !ok {
		return nil
	}
	var out []rules.Also
	o.each(func(key, v *yaml.Node) {
		d.checkName(key, "number")
		out = append(out, rules.Also{Name: key.Value, ID: d.id(v, path+"."+key.Value)})
	})
	return out
}

// Roles are the field roles that xwalk knows; any other name is an
// attribute.
var Roles = []string{
	"name", "given_name", "family_name", "company", "email", "phone", "birth_date", "tax_id", "national_id",
	"address", "city", "region", "postal_code", "country", "modified", "created", "deleted", "merged_into", "canonical_id",
}

// fields decodes role: column, sorted by role as package rules wants them.
func (d *decoder) fields(n *yaml.Node, path string) []rules.Field {
	o, ok := d.object(n, path)
	if !ok {
		return nil
	}
	var out []rules.Field
	o.each(func(key, v *yaml.Node) {
		d.checkName(key, "field")
		if key.Value == "id" {
			d.report(key, "config.bad_name", "call the attribute otherwise", "%s.id: in rules, id is the source ID", path)
		}
		if near := diag.Nearest(key.Value, Roles); near != "" && near != key.Value && o.values[near] == nil && len(near) > 4 {
			d.warn(key, "config.likely_role", fmt.Sprintf("did you mean %q?", near), "%s.%s is kept as an attribute", path, key.Value)
		}
		f := rules.Field{Role: key.Value, Columns: d.roleColumns(v, path+"."+key.Value)}
		at := len(out)
		for at > 0 && out[at-1].Role > f.Role {
			at--
		}
		out = append(out[:at], append([]rules.Field{f}, out[at:]...)...)
	})
	return out
}

// roleColumns is one column or several, each as text or as {field, split}.
func (d *decoder) roleColumns(n *yaml.Node, path string) []rules.Column {
	n = follow(n)
	switch n.Kind {
	case yaml.SequenceNode:
		if len(n.Content) == 0 {
			d.report(n, "config.bad_value", "", "%s: found an empty list, expected columns", path)
		}
		var out []rules.Column
		for i, e := range n.Content {
			if follow(e).Kind == yaml.SequenceNode {
				d.wrongType(follow(e), index(path, i), "a column", "")
				continue
			}
			out = append(out, d.roleColumns(e, index(path, i))...)
		}
		return out
	case yaml.MappingNode:
		o, _ := d.object(n, path)
		var c rules.Column
		if n := o.need("field", "the column to read"); n != nil {
			c.Name, _ = d.name(n, path+".field")
		}
		if n := o.take("split"); n != nil {
			if c.Split, _ = d.text(n, path+".split"); c.Split == "" {
				d.report(follow(n), "config.bad_value", `such as split: ";"`, "%s.split is empty", path)
			}
		}
		o.close()
		return []rules.Column{c}
	}
	column, ok := d.name(n, path)
	if !ok {
		return nil
	}
	return []rules.Column{{Name: column}}
}
