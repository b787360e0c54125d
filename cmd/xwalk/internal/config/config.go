// Package config reads xwalk.yaml: what it says, where it says it, and what
// is wrong with it.
//
// [Load] decodes the whole file strictly and reports every problem at once as
// a [diag.List], each with file:line:column, what was found, what was
// expected and the nearest valid spelling. What it yields is a [File]: the
// rules and policy, ready to use, and for every source a way to open it.
//
// References (${NAME}, ${NAME:-default}, ${file:PATH}) are resolved as late
// as possible, so that a verb needs only the secrets that it uses: those of a
// source by [Source.Open], that of the crosswalk by [File.Crosswalk], those
// in the rules by [File.Ruleset]. No message ever quotes a resolved value.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// File is a checked configuration file.
type File struct {
	Path    string // as the user named it
	Dir     string // where its relative paths start
	Sources []Source
	Policy  plan.Policy
	// Warnings are things that are allowed and likely not meant.
	Warnings diag.List

	rules       rules.Config
	references  References
	environment value
	crosswalk   value
	secret      value // privacy.secret
	canonical   value // canonical.secret
	unset       diag.List
	doc         document
	resolver
}

// value is a scalar whose references are still to be resolved. The zero
// value is a key that the file leaves out.
type value struct {
	node *yaml.Node
	path string
}

// MissingError says that there is no configuration file.
type MissingError struct {
	Path string
	Err  error
}

func (e *MissingError) Error() string {
	if !errors.Is(e.Err, fs.ErrNotExist) {
		return fmt.Sprintf("read the configuration: %v", e.Err)
	}
	return fmt.Sprintf(`there is no configuration file %q here
  hint: xwalk init SOURCE… writes one (docs/configuration.md says how to do it by hand); -c FILE names another`, e.Path)
}

// Unwrap returns the cause.
func (e *MissingError) Unwrap() error { return e.Err }

// Load reads and checks the file at path. Connectors and their settings are
// checked against reg; getenv looks variables up. Its error is a
// [*MissingError] or a [diag.List] of everything that is wrong.
func Load(path string, reg connectors.Registry, getenv func(string) (string, bool)) (*File, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, &MissingError{Path: path, Err: err}
	}
	f := &File{
		Path: path, Dir: filepath.Dir(path), doc: newDocument(path, content),
		resolver: resolver{dir: filepath.Dir(path), getenv: getenv},
	}
	root, problems := parse(f.doc, content)
	if problems != nil {
		return nil, problems
	}
	d := &decoder{resolver: f.resolver, document: f.doc, places: map[string]*yaml.Node{}}
	d.checkKeysAndReferences(root, 0)
	d.decodeFile(root, f, reg)
	f.Warnings, f.unset = d.warnings, d.unset
	if err := d.problems.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// parse is the file's one document.
func parse(doc document, content []byte) (*yaml.Node, diag.List) {
	var root yaml.Node
	err := yaml.Load(content, &root)
	if root.Kind == 0 && err != nil && strings.TrimSpace(string(content)) == "" || err == nil && len(root.Content) == 0 {
		return nil, diag.List{{
			Pos: diag.Pos{File: doc.file}, Code: "config.empty", Message: "the file is empty",
			Hint: "docs/configuration.md starts with a short one to copy",
		}}
	}
	if err != nil {
		return nil, diag.List{doc.syntax(err)}
	}
	return root.Content[0], nil
}

// checkKeysAndReferences finds keys that a mapping holds twice and malformed
// references, at any depth.
func (d *decoder) checkKeysAndReferences(n *yaml.Node, depth int) {
	if depth > 100 {
		d.report(n, "config.syntax", "", "nested too deeply")
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if err := checkReferences(n.Value); err != nil {
			d.report(n, err.code, err.hint, "%s", err.message)
		}
	case yaml.MappingNode:
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if line, dup := first[k.Value]; dup && k.Kind == yaml.ScalarNode {
				d.report(k, "config.duplicate_key", fmt.Sprintf("it is first on line %d", line), "the key %q is here twice", shorten(k.Value))
			} else {
				first[k.Value] = k.Line
			}
			d.checkKeysAndReferences(n.Content[i+1], depth+1)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			d.checkKeysAndReferences(c, depth+1)
		}
	}
}

// decodeFile decodes the top level.
func (d *decoder) decodeFile(root *yaml.Node, f *File, reg connectors.Registry) {
	o, ok := d.object(root, "")
	if !ok {
		return
	}
	d.version(o)
	if n := o.take("environment"); n != nil {
		f.environment = d.lazy(n, "environment")
	}
	if n := o.take("crosswalk"); n != nil {
		f.crosswalk = d.lazy(n, "crosswalk")
	}
	if n := o.need("canonical", `how canonical IDs look, such as canonical: { scheme: "CUST-{next:8}-{check:mod97-10}" }`); n != nil {
		f.rules.Canonical, f.canonical = d.canonicalRules(n)
	}
	if n := o.take("codes"); n != nil {
		f.rules.Codes = d.codes(n)
	}
	if n := o.need("sources", "the places that customers come from"); n != nil {
		d.sources(n, f, reg)
	}
	similar := d.match(o.take("match"), f)
	d.policy(o.take("policy"), f)
	d.privacy(o.take("privacy"), f, similar)
	if n := o.take("references"); n != nil {
		d.references(n, f, reg)
	}
	d.laterKeys(o)
	o.close()
	d.checkRoles(f)
	d.compile(f)
}

func (d *decoder) version(o *object) {
	n := o.need("version", "the first line of the file is version: 1")
	if n == nil {
		return
	}
	if s, ok := d.text(n, "version"); ok && s != "1" {
		d.report(follow(n), "config.bad_value", "this xwalk reads version 1", "version: found %s, expected 1", d.describe(follow(n), "version"))
	}
}

// compile adds what package rules has to say about the rules. It says some
// things that were found here already, with their own words; a place is
// reported once.
func (d *decoder) compile(f *File) {
	if len(d.unset) > 0 { // File.Ruleset will
		return
	}
	c := f.unresolved()
	if c.Canonical.Scheme == "" {
		c.Canonical.Scheme = "CUST-{next:8}" // its absence is reported
	}
	rs, problems := rules.Compile(c)
	if len(problems) == 0 {
		d.fragile(c, rs.Warnings())
	}
	reported := map[diag.Pos]bool{}
	for _, p := range d.problems {
		reported[p.Pos] = true
	}
	for _, p := range problems {
		if located := d.locate(p); !reported[located.Pos] {
			d.problems = append(d.problems, located)
		}
	}
}

// fragile passes on in what ways canonical IDs could come to harm; each
// warning begins with the scheme that it is about.
func (d *decoder) fragile(c rules.Config, warnings []string) {
	for _, w := range warnings {
		n := d.places["canonical.scheme"]
		for _, s := range c.Sources {
			if s.As != "" && strings.HasPrefix(w, s.As+": ") {
				n = d.places["sources."+s.Name+".as"]
			}
		}
		if n != nil {
			d.warn(n, "config.fragile_numbers", "", "%s", w)
		}
	}
}

// fail is the error of a value that cannot be resolved.
func (f *File) fail(v value, err *refError) error {
	return diag.List{f.doc.at(v.node, err.code, err.hint, v.path+" "+err.message)}
}

func (f *File) resolveValue(v value) (string, error) {
	if v.node == nil {
		return "", nil
	}
	s, err := expand(v.node.Value, f.resolve)
	if err != nil {
		return "", f.fail(v, err)
	}
	return s, nil
}

// Environment is the name of the environment, or empty.
func (f *File) Environment() (string, error) { return f.resolveValue(f.environment) }

// Crosswalk is the address of the crosswalk; a relative path is made one
// from the working directory. Left out, it is crosswalk.db beside the file.
func (f *File) Crosswalk() (string, error) {
	if f.crosswalk.node == nil {
		return filepath.Join(f.Dir, "crosswalk.db"), nil
	}
	dsn, err := f.resolveValue(f.crosswalk)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(dsn) == "" {
		return "", diag.List{f.doc.at(f.crosswalk.node, "config.bad_value", "a file such as crosswalk.db, or postgres://… or mysql://…", "crosswalk is empty")}
	}
	address := beside(f.Dir, dsn)
	if at := strings.Index(dsn, "://"); at > 0 && address != dsn {
		hint := "a server's address starts with postgres:// or mysql://"
		return "", diag.List{f.doc.at(f.crosswalk.node, "config.bad_value", hint, fmt.Sprintf("crosswalk: there is no kind of store %q", shorten(dsn[:at])))}
	}
	return address, nil
}

// beside makes a relative path of an SQLite address one below dir. Addresses
// of servers and absolute paths stay as they are.
func beside(dir, dsn string) string {
	for _, server := range []string{"postgres://", "postgresql://", "mysql://", "mariadb://"} {
		if strings.HasPrefix(strings.ToLower(dsn), server) {
			return dsn
		}
	}
	scheme, path := "", dsn
	for _, s := range []string{"file:", "sqlite:"} {
		if rest, ok := strings.CutPrefix(dsn, s); ok {
			scheme, path = s, rest
		}
	}
	drive := len(path) > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
	if filepath.IsAbs(path) || drive || strings.HasPrefix(path, ":memory:") {
		return dsn
	}
	return scheme + filepath.Join(dir, path)
}

// Ruleset compiles the rules, with the secrets that they need.
func (f *File) Ruleset() (*rules.Ruleset, error) {
	if err := f.unset.Err(); err != nil {
		return nil, err
	}
	c := f.rules
	var err error
	if c.Secret, err = f.resolveValue(f.secret); err != nil {
		return nil, err
	}
	if f.hashes() {
		if c.Canonical.Secret, err = f.resolveValue(f.canonical); err != nil {
			return nil, err
		}
	}
	rs, problems := rules.Compile(c)
	for i, p := range problems {
		if p.Code == "rules.secret" && f.canonical.node != nil {
			problems[i] = f.doc.at(f.canonical.node, p.Code, p.Hint, p.Message)
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return rs, nil
}

// unresolved are the rules with a text in the place of canonical.secret, for
// what can be said without it.
func (f *File) unresolved() rules.Config {
	c := f.rules
	if f.canonical.node != nil {
		c.Canonical.Secret = strings.Repeat("?", scheme.MinSecret)
	}
	return c
}

// hashes reports whether some numbers are made with canonical.secret; nothing
// else needs it.
func (f *File) hashes() bool {
	return strings.Contains(f.rules.Canonical.Scheme, "{hash:") ||
		slices.ContainsFunc(f.rules.Sources, func(s rules.Source) bool { return strings.Contains(s.As, "{hash:") })
}

// Find is the source called name.
func (f *File) Find(name string) (Source, bool) {
	for _, s := range f.Sources {
		if s.Name == name {
			return s, true
		}
	}
	return Source{}, false
}

// Names are the names of the sources, in their order.
func (f *File) Names() []string {
	names := make([]string, len(f.Sources))
	for i, s := range f.Sources {
		names[i] = s.Name
	}
	return names
}

// Indexed reports whether the crosswalk holds values to look customers up by.
func (f *File) Indexed() bool { return f.rules.Keep != rules.KeepNothing }

// Numbering compiles the rules without any secret: what they say of columns
// and numbers holds, while no hash of theirs does.
func (f *File) Numbering() (*rules.Ruleset, error) {
	if err := f.unset.Err(); err != nil {
		return nil, err
	}
	rs, problems := rules.Compile(f.unresolved())
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return rs, nil
}

// Issuing is Numbering with what new numbers are made with.
func (f *File) Issuing() (*rules.Ruleset, error) {
	if !f.hashes() {
		return f.Numbering()
	}
	return f.Ruleset()
}

// Columns are the columns that the rules read of a source of the file. No
// secret is needed to know them.
func (f *File) Columns(source string) ([]string, error) {
	rs, err := f.Numbering()
	if err != nil {
		return nil, err
	}
	return rs.Columns(slices.Index(rs.Sources(), source)), nil
}
