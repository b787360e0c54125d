package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/rules/damage"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
	"github.com/xwalk-id/xwalk/rules/normalize"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Ruleset is a compiled configuration. It is safe for concurrent use.
type Ruleset struct {
	cfg     Config
	digest  string
	hash    hasher
	sources []*source
	lines   []line
	checked []checkedRole
	used    []usedRole // the roles whose values are evidence or are looked up
	differ  []uint8
	names   bool              // see NeedsNames
	traits  []string          // the roles that probabilistic matching compares; none where it is off
	none    []map[string]bool // by trait: the configuration's placeholders of the role
	model   *similar.Model    // the one that the configuration names
}

// source is one compiled source.
type source struct {
	Source
	columns   []string
	id        idReader
	also      []idReader
	kind      Kind // where it is constant
	kindCol   int  // or -1
	kindMap   map[string]Kind
	roles     []role // in the order of Fields
	ctx       normalize.Context
	loc       *time.Location
	traits    []int // by role: its place in Ruleset.traits, or -1
	canonical *scheme.Canonical
	needs     []found // by canonical.Needs
	rowCols   []int   // columns of which the row hash speaks
	used      []int   // by Ruleset.used: the index in roles, or -1
	given     int     // given_name and family_name, from which a missing name is put together; or -1
	family    int
	modified  int
	ours      int // canonical_id
	deleted   int
	into      int // merged_into
	shape     string
}

// idReader reads one ID of a record.
type idReader struct {
	cols    []int
	schemes *scheme.Set
	key     scheme.Keyer
	damage  *damage.Examiner
	misfit  error // what is said of an ID that no scheme reads
}

// role is one field of a source.
type role struct {
	name string
	cols []roleColumn
	norm func(string, normalize.Context) (string, bool)
	used bool // some rule or look-up needs the normalised value
	keep bool // the normalised value is what the crosswalk shows
	idle bool // nothing needs its values, but the row hash
}

type roleColumn struct {
	col   int
	split string
}

// line is one compiled line of match.same.
type line struct {
	Same
	id      []byte // what the line means, as the start of its hashes
	fields  []int  // in Ruleset.used; idField is the source's key
	confirm []uint8
	sources map[string]bool // nil: all
	kind    int             // -1: every kind
}

// checkedRole is a role that confirms or differs.
type checkedRole struct {
	name string
	tag  uint32
}

// usedRole is a role whose values a reader collects for every record.
type usedRole struct {
	name         string
	needed       bool
	check        int // in Ruleset.checked, or -1
	placeholders map[string]bool
}

// idField stands for the key in a line's fields.
const idField = -1

// Compile checks c and prepares it. Problems carry the path of the setting
// ("sources.legacy.id.scheme[0]") as Pos.File and, inside a scheme, the
// character as Pos.Column; the ruleset is nil when there are any.
func Compile(c Config) (*Ruleset, diag.List) {
	r := &Ruleset{cfg: c, hash: newHasher(c.Secret), digest: digest(c)}
	var p problems
	canonical := r.compileCanonical(&p, "canonical.scheme", c.Canonical.Scheme)
	for i, rg := range c.Canonical.Reserved {
		if rg.From > rg.To {
			p.add(fmt.Sprintf("canonical.reserved[%d]", i), "rules.reserved", "the range ends before it starts", "write it as LOW-HIGH")
		}
	}
	r.compileChecks(&p)
	for i := range c.Sources {
		r.sources = append(r.sources, r.compileSource(&p, c.Sources[i], canonical))
	}
	r.checkSecret(&p)
	r.compileLines(&p)
	r.compileUsed()
	r.compileTraits(&p)
	r.compileIdle()
	if len(p.list) > 0 {
		return nil, p.list
	}
	return r, nil
}

// compileUsed collects the roles that lines, checks and look-ups need.
func (r *Ruleset) compileUsed() {
	use := func(name string, needed bool) int {
		i := slices.IndexFunc(r.used, func(u usedRole) bool { return u.name == name })
		if i < 0 {
			i = len(r.used)
			check := slices.IndexFunc(r.checked, func(c checkedRole) bool { return c.name == name })
			r.used = append(r.used, usedRole{name: name, check: check, placeholders: r.placeholderSet(name)})
		}
		r.used[i].needed = r.used[i].needed || needed
		return i
	}
	// The roles of the indexes have their places whether they are needed or not.
	indexed := r.cfg.Keep != KeepNothing
	r.names = r.NeedsNames()
	for _, name := range Indexes {
		use(name, indexed || r.names && name == "name")
	}
	use("company", indexed || r.names) // indexed as a name; see Reader.index
	for _, c := range r.checked {
		use(c.name, true)
	}
	for i := range r.lines {
		for _, name := range r.lines[i].Fields {
			k := idField
			if name != "id" {
				k = use(name, true)
			}
			r.lines[i].fields = append(r.lines[i].fields, k)
		}
	}
	for _, s := range r.sources {
		s.resolveUsed(r.used)
	}
}

// compileIdle finds the fields whose values nothing looks at.
func (r *Ruleset) compileIdle() {
	for _, s := range r.sources {
		for i := range s.roles {
			ro := &s.roles[i]
			ro.idle = !ro.used && r.cfg.Keep != KeepFields && (len(s.traits) == 0 || s.traits[i] < 0) &&
				!slices.ContainsFunc(s.needs, func(n found) bool { return n.role == i })
		}
	}
}

// placeholderSet is the configuration's placeholders of a role, as text and in
// their normal form; nil where it has none.
func (r *Ruleset) placeholderSet(role string) map[string]bool {
	values := r.cfg.Placeholders[role]
	if len(values) == 0 {
		return nil
	}
	set := map[string]bool{}
	norm := normalize.ByRole(role)
	for _, v := range values {
		set[normalize.Text(v)] = true
		if n, ok := norm(v, normalize.Context{}); ok {
			set[n] = true
		}
	}
	return set
}

type problems struct{ list diag.List }

func (p *problems) add(path, code, msg, hint string) {
	p.list = append(p.list, diag.Diagnostic{Pos: diag.Pos{File: path}, Code: code, Message: msg, Hint: hint})
}

func (p *problems) scheme(path string, err error) {
	var all scheme.Errors
	if errors.As(err, &all) {
		for _, e := range all {
			p.list = append(p.list, diag.Diagnostic{
				Pos: diag.Pos{File: path, Column: e.Column}, Width: e.Width, Code: "rules.scheme", Message: e.Message, Hint: e.Hint,
			})
		}
		return
	}
	p.add(path, "rules.scheme", err.Error(), "")
}

// compileChecks numbers the roles that confirm or differ.
func (r *Ruleset) compileChecks(p *problems) {
	add := func(path, name string) uint8 {
		if name == "id" {
			p.add(path, "rules.role", "the ID cannot confirm or differ", "name a field role such as tax_id")
		}
		for i, c := range r.checked {
			if c.name == name {
				return uint8(i)
			}
		}
		if len(r.checked) == 250 {
			p.add(path, "rules.too_many", "more than 250 roles confirm or differ", "")
			return 0
		}
		sum := sha256.Sum256([]byte(name))
		r.checked = append(r.checked, checkedRole{name, binary.BigEndian.Uint32(sum[:4])})
		return uint8(len(r.checked) - 1)
	}
	for i, name := range r.cfg.Differ {
		r.differ = append(r.differ, add(fmt.Sprintf("match.differ[%d]", i), name))
	}
	for i, s := range r.cfg.Same {
		l := line{Same: s, kind: -1}
		for k, name := range s.Confirm {
			l.confirm = append(l.confirm, add(fmt.Sprintf("match.same[%d].confirm[%d]", i, k), name))
		}
		r.lines = append(r.lines, l)
	}
}

func (r *Ruleset) compileSource(p *problems, c Source, canonical *scheme.Canonical) *source {
	path := "sources." + c.Name
	s := &source{Source: c, kindCol: -1, loc: time.UTC, ctx: normalize.Context{Country: c.Country, Dates: c.Dates}}
	col := func(name string) int {
		if i := slices.Index(s.columns, name); i >= 0 {
			return i
		}
		s.columns = append(s.columns, name)
		return len(s.columns) - 1
	}
	s.id = compileID(p, path+".id", c.ID, r.cfg.Codes, col)
	for _, a := range c.Also {
		s.also = append(s.also, compileID(p, path+".also."+a.Name, a.ID, r.cfg.Codes, col))
	}
	idCols := len(s.columns)
	s.compileKind(p, path, col)
	for _, f := range c.Fields {
		ro := role{name: f.Role, norm: normalize.ByRole(f.Role), keep: f.Role == "email" || f.Role == "phone"}
		for _, fc := range f.Columns {
			ro.cols = append(ro.cols, roleColumn{col(fc.Name), fc.Split})
		}
		s.roles = append(s.roles, ro)
	}
	// The row hash speaks of everything but the ID itself; also numbers are
	// content, and so is an ID column that is a field or a kind too.
	for _, a := range s.also {
		s.rowCols = append(s.rowCols, a.cols...)
	}
	for i := idCols; i < len(s.columns); i++ {
		s.rowCols = append(s.rowCols, i)
	}
	if c.TimeZone != "" {
		loc, err := time.LoadLocation(c.TimeZone)
		if err != nil {
			p.add(path+".timezone", "rules.timezone", fmt.Sprintf("unknown time zone %q", c.TimeZone), "write an IANA name such as Asia/Shanghai")
		} else {
			s.loc = loc
		}
	}
	from := "canonical.scheme"
	if c.As != "" && c.As != "keep" {
		from = path + ".as"
		canonical = r.compileCanonical(p, from, c.As)
	}
	s.compileNumbers(p, from, canonical)
	s.shape = r.shape(c)
	return s
}

// shape identifies how a source's fields are mapped and hashed: row hashes
// of another shape cannot be compared.
func (r *Ruleset) shape(c Source) string {
	b, err := json.Marshal(struct {
		Kind   KindRule
		Also   []Also
		Fields []Field
		Key    uint64
	}{c.Kind, c.Also, c.Fields, r.hash.sum64([]byte("shape"))})
	if err != nil { // only strings and maps of strings are in it
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// resolveUsed finds the source's fields for the roles that are used.
func (s *source) resolveUsed(used []usedRole) {
	find := func(name string) int {
		return slices.IndexFunc(s.roles, func(ro role) bool { return ro.name == name })
	}
	for _, u := range used {
		k := -1
		if u.needed {
			k = find(u.name)
		}
		s.used = append(s.used, k)
		if k >= 0 {
			s.roles[k].used = true
		}
	}
	s.given, s.family = find("given_name"), find("family_name")
	s.modified, s.ours = find("modified"), find("canonical_id")
	s.deleted, s.into = find("deleted"), find("merged_into")
}

func (s *source) compileKind(p *problems, path string, col func(string) int) {
	if s.Kind.Column == "" {
		word := cmp.Or(s.Kind.Const, "person")
		k, ok := ParseKind(word)
		if !ok {
			p.add(path+".kind", "rules.kind", fmt.Sprintf("unknown kind %q", word), kindHint(word))
		}
		s.kind = k
		return
	}
	s.kindCol = col(s.Kind.Column)
	s.kindMap = map[string]Kind{}
	for value, word := range s.Kind.Map {
		k, ok := ParseKind(word)
		if !ok {
			p.add(path+".kind.map."+value, "rules.kind", fmt.Sprintf("unknown kind %q", word), kindHint(word))
		}
		s.kindMap[normalize.Text(value)] = k
	}
}

func kindHint(word string) string {
	if n := diag.Nearest(word, KindNames[:]); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return "kinds are person, company and household"
}

func compileID(p *problems, path string, c IDRule, codes scheme.Codes, col func(string) int) idReader {
	var id idReader
	var schemes []*scheme.Scheme
	var texts []int // which text each scheme was
	for _, name := range c.Columns {
		id.cols = append(id.cols, col(name))
	}
	if len(id.cols) == 0 {
		p.add(path, "rules.id", "no ID column is named", "write { field: COLUMN }")
	}
	for i, text := range c.Schemes {
		s, err := scheme.Compile(text, codes)
		if err != nil {
			p.scheme(fmt.Sprintf("%s.scheme[%d]", path, i), err)
			continue
		}
		schemes = append(schemes, s)
		texts = append(texts, i)
	}
	key, err := c.Key.Compile()
	if err != nil {
		p.add(path+".key", "rules.key", err.Error(), "")
	}
	id.key = key
	if len(id.cols) == 1 {
		for i, s := range schemes {
			if err := s.CheckKey(key); err != nil {
				p.scheme(fmt.Sprintf("%s.scheme[%d]", path, texts[i]), err)
			}
		}
	}
	id.schemes = scheme.NewSet(schemes...)
	id.damage = damage.Keyed(id.schemes, id.key)
	id.misfit = fmt.Errorf("the ID does not fit the scheme %s", id.schemes)
	return id
}

// compileLines resolves the roles and sources of match.same.
func (r *Ruleset) compileLines(p *problems) {
	if len(r.lines) >= match.MergedLine {
		p.add("match.same", "rules.too_many", fmt.Sprintf("more than %d lines", match.MergedLine-1), "")
		return
	}
	have := map[string]bool{}
	for _, s := range r.sources {
		for _, ro := range s.roles {
			have[ro.name] = true
		}
	}
	have["name"] = have["name"] || have["given_name"] || have["family_name"]
	used := slices.Sorted(maps.Keys(have))
	check := func(path, name string) {
		if !have[name] && len(r.sources) > 0 {
			hint := "no source maps this role under `fields`"
			if n := diag.Nearest(name, used); n != "" {
				hint = fmt.Sprintf("did you mean %q?", n)
			}
			p.add(path, "rules.role", fmt.Sprintf("no source has the field %q", name), hint)
		}
	}
	for i, d := range r.cfg.Differ {
		check(fmt.Sprintf("match.differ[%d]", i), d)
	}
	for i := range r.lines {
		l := &r.lines[i]
		path := fmt.Sprintf("match.same[%d]", i)
		if len(l.Fields) == 0 {
			p.add(path, "rules.same", "the line names no field", "write [email] or { fields: [email], confirm: [name] }")
		}
		for k, f := range l.Fields {
			if f == "id" {
				if len(l.Sources) == 0 {
					p.add(path, "rules.same", "agreeing on the ID means the same customer only among sources that share one numbering", "add `sources: [A, B]`")
				}
				continue
			}
			check(fmt.Sprintf("%s.fields[%d]", path, k), f)
		}
		for k, f := range l.Confirm {
			check(fmt.Sprintf("%s.confirm[%d]", path, k), f)
		}
		l.compileScope(p, path, r)
	}
}

// compileScope resolves to whom a line applies and what its hashes start with.
func (l *line) compileScope(p *problems, path string, r *Ruleset) {
	for k, name := range l.Sources {
		if !slices.ContainsFunc(r.sources, func(s *source) bool { return s.Name == name }) {
			var names []string
			for _, s := range r.sources {
				names = append(names, s.Name)
			}
			hint := ""
			if n := diag.Nearest(name, names); n != "" {
				hint = fmt.Sprintf("did you mean %q?", n)
			}
			p.add(fmt.Sprintf("%s.sources[%d]", path, k), "rules.source", fmt.Sprintf("unknown source %q", name), hint)
		}
		if l.sources == nil {
			l.sources = map[string]bool{}
		}
		l.sources[name] = true
	}
	if l.Kind != "" {
		k, ok := ParseKind(l.Kind)
		if !ok {
			p.add(path+".kind", "rules.kind", fmt.Sprintf("unknown kind %q", l.Kind), kindHint(l.Kind))
		}
		l.kind = int(k)
	}
	sources := slices.Sorted(slices.Values(l.Sources))
	for _, f := range l.Fields {
		l.id = appendText(l.id, f)
	}
	l.id = append(l.id, 0)
	for _, s := range sources {
		l.id = appendText(l.id, s)
	}
	l.id = append(l.id, 0)
}

// Digest identifies the rules: 16 hexadecimal characters that change when a
// rule changes and stay when a connection does.
func (r *Ruleset) Digest() string { return r.digest }

func digest(c Config) string {
	c.Secret = ""
	b, err := json.Marshal(c)
	if err != nil { // only strings, numbers, slices and maps of strings are in it
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
