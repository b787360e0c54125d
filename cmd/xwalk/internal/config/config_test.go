package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// csvSettings and sqlSettings stand for real connectors; opened keeps what
// they were given.
type csvSettings struct {
	Path      string `yaml:"path" doc:"file"`
	Delimiter string `yaml:"delimiter" doc:"separator"`
	Header    bool   `yaml:"header" doc:"has a header"`
	Rows      int    `yaml:"rows" doc:"rows"`
}

type sqlSettings struct {
	DSN   string `yaml:"dsn" doc:"address"`
	Table string `yaml:"table" doc:"table"`
	Query string `yaml:"query" doc:"query"`
}

type opened struct {
	csv csvSettings
	sql sqlSettings
	req connectors.Request
	pub connectors.PublishRequest
}

func registry(into *opened) connectors.Registry {
	return connectors.NewRegistry(
		connectors.Publishing(connectors.Define("csv", "files", csvSettings{Delimiter: ","}, func(_ context.Context, c csvSettings, r connectors.Request) (mapping.Source, error) {
			into.csv, into.req = c, r
			return nil, nil
		}), func(_ context.Context, c csvSettings, r connectors.PublishRequest) (mapping.Publisher, error) {
			into.csv, into.pub = c, r
			return nil, nil
		}),
		connectors.DefineDatabase("mysql", "tables", func(_ context.Context, c sqlSettings, r connectors.Request) (mapping.Source, error) {
			into.sql, into.req = c, r
			return nil, nil
		}, nil, func(c sqlSettings, _ string) (connectors.Database, error) {
			return connectors.Database{Dialect: sqldb.MySQL, DSN: c.DSN, Table: c.Table}, nil
		}),
	)
}

func env(pairs ...string) func(string) (string, bool) {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) (string, bool) { v, ok := m[k]; return v, ok }
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "xwalk.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// problems loads text and returns its problems with the folder cut off.
func problems(t *testing.T, text string) string {
	t.Helper()
	path := write(t, text)
	_, err := Load(path, registry(&opened{}), env())
	if err == nil {
		return ""
	}
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("error is a %T, want a diag.List: %v", err, err)
	}
	return strings.ReplaceAll(err.Error(), filepath.Dir(path)+string(filepath.Separator), "")
}

// minimal is the shortest file; tests add to it.
const minimal = `version: 1
canonical: { scheme: "CUST-{next:8}" }
sources:
  legacy: { connector: csv, path: legacy.csv, id: no }
`

func TestWholeDesignFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/design.yaml")
	if err != nil {
		t.Fatal(err)
	}
	into := &opened{}
	f, err := Load(write(t, string(text)), registry(into), env("SHOP_DSN", "shop:pw@tcp(h)/db"))
	if err != nil {
		t.Fatal(err)
	}
	want := rules.Config{
		Canonical: rules.Canonical{Scheme: "CUST-{next:8}-{check:mod97-10}", Start: 1, Reserved: []rules.Range{{From: 700000, To: 799999}}},
		Sources: []rules.Source{{
			Name: "legacy", Kind: rules.KindRule{Const: "person"},
			ID:   rules.IDRule{Columns: []string{"customer_no"}, Schemes: []string{"C{seq:4}"}},
			Also: []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code_client"}, Key: scheme.KeyRule{Case: "upper"}}}},
			Fields: []rules.Field{
				{Role: "birth_date", Columns: []rules.Column{{Name: "dob"}}},
				{Role: "email", Columns: []rules.Column{{Name: "email"}}},
				{Role: "modified", Columns: []rules.Column{{Name: "updated_at"}}},
				{Role: "name", Columns: []rules.Column{{Name: "full_name"}}},
				{Role: "phone", Columns: []rules.Column{{Name: "mobile"}, {Name: "home"}}},
			},
			As: "keep", Country: "CN", TimeZone: "Asia/Shanghai", Dates: "DMY",
		}, {
			Name: "shop", Kind: rules.KindRule{Const: "person"},
			ID: rules.IDRule{Columns: []string{"id"}, Schemes: []string{"{seq}"}},
			Fields: []rules.Field{
				{Role: "email", Columns: []rules.Column{{Name: "mails", Split: ";"}}},
				{Role: "family_name", Columns: []rules.Column{{Name: "last_name"}}},
				{Role: "given_name", Columns: []rules.Column{{Name: "first_name"}}},
				{Role: "phone", Columns: []rules.Column{{Name: "phone"}}},
			},
		}},
		Matching: true,
		// The lines on tax_id, company and address have no field to stand on.
		Same: []rules.Same{
			{Fields: []string{"email"}, Confirm: []string{"name"}},
			{Fields: []string{"phone", "name"}},
			{Fields: []string{"id"}, Sources: []string{"legacy", "shop"}},
		},
		Placeholders: map[string][]string{"email": {"none@none.com"}},
		Similar:      &rules.Similar{Merge: 0.99, Review: 0.8},
	}
	if diff := cmp.Diff(want, f.rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if p := f.Policy; p.Merges != "review" || p.Reviews != "issue" || p.Retire || p.RetireAtMost != 0.2 ||
		p.Guard.Joined != 0.3 || p.Guard.Rejected != 0.01 || p.Guard.Cluster != 20 {
		t.Errorf("policy = %+v", p)
	}
	if got := len(f.Warnings); got != 6 {
		t.Errorf("%d warnings, want 6 (tax_id twice, company, address, contacts, accounts):\n%v", got, f.Warnings)
	}
	shop, _ := f.Find("shop")
	if _, err := shop.Open(t.Context(), []string{"id"}); err != nil {
		t.Fatal(err)
	}
	if into.sql != (sqlSettings{DSN: "shop:pw@tcp(h)/db", Table: "customers"}) {
		t.Errorf("shop was opened with %+v", into.sql)
	}
	legacy, _ := f.Find("legacy")
	if _, err := legacy.Open(t.Context(), []string{"customer_no"}); err != nil {
		t.Fatal(err)
	}
	if into.req.Where != "status <> 'test'" || into.req.Dir != f.Dir || !legacy.Filtered() {
		t.Errorf("legacy was opened with %+v", into.req)
	}
}

// TestUnderstood reads what later verbs carry out.
func TestUnderstood(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"match: { similar: { merge: 0.9 } }\n",
		"sync: { every: 5m }\n",
		"references: [{ connector: csv, path: x, columns: { A: b } }]\n",
		"codes: { region: [GD, 01, 1, 北京] }\n",
	} {
		if _, err := Load(write(t, minimal+text), registry(&opened{}), env()); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestApprove(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": false, "policy: { approve: none }\n": false, "policy: { approve: other }\n": true} {
		f, err := Load(write(t, minimal+text), registry(&opened{}), env())
		if err != nil || f.Policy.Approve != want {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

// TestRepair reads what becomes of damaged numbers.
func TestRepair(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"report": "", "safe": rules.RepairSafe} {
		f, err := Load(write(t, strings.Replace(minimal, "id: no", "id: no, repair: "+word, 1)), registry(&opened{}), env())
		if err != nil || f.rules.Sources[0].Repair != want {
			t.Errorf("repair: %s: %v", word, err)
		}
	}
	_, err := Load(write(t, strings.Replace(minimal, "id: no", "id: no, repair: none", 1)), registry(&opened{}), env())
	var problems diag.List
	if !errors.As(err, &problems) || !strings.Contains(problems[0].Hint, "write report") {
		t.Errorf("repair: none: %v, want a hint", err)
	}
}

// TestDocumentation holds the file that docs/configuration.md offers to copy.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	short, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("no file to copy")
	}
	f, err := Load(write(t, short), registry(&opened{}), env())
	if err != nil || len(f.Warnings) > 0 {
		t.Errorf("%v, warnings %v", err, f.Warnings)
	}
}

func TestShorthands(t *testing.T) {
	t.Parallel()
	f, err := Load(write(t, `version: 1
environment: ${ENVIRONMENT:-test}
crosswalk: sub/x.db
canonical: { scheme: "K-{next:6}", start: 100, reserved: [5, "10-20"] }
sources:
  a:
    connector: csv
    path: a.csv
    kind: { field: type, map: { Individual: person, Organization: company } }
    id: { fields: [branch, no], scheme: ["C{seq:4}", "K-{seq:6}"], key: { case: lower, space: exact, width: exact } }
    also: { code: code_client }
    fields: { name: [first, { field: more, split: "|" }], soc_sec_id: ssn }
    as: "A-{next:5}"
match:
  same: [[soc_sec_id], { fields: [name], kind: company }]
policy: { vanished: { retire: true, at_most: 0.25 }, guard: { joined: 0.3 } }
privacy: { keep: keys, secret: "s" }
`), registry(&opened{}), env())
	if err != nil {
		t.Fatal(err)
	}
	want := rules.Config{
		Canonical: rules.Canonical{Scheme: "K-{next:6}", Start: 100, Reserved: []rules.Range{{From: 5, To: 5}, {From: 10, To: 20}}},
		Sources: []rules.Source{{
			Name: "a", Kind: rules.KindRule{Column: "type", Map: map[string]string{"Individual": "person", "Organization": "company"}},
			ID: rules.IDRule{
				Columns: []string{"branch", "no"}, Schemes: []string{"C{seq:4}", "K-{seq:6}"},
				Key: scheme.KeyRule{Case: "lower", Space: "exact", Width: "exact"},
			},
			Also: []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code_client"}}}},
			Fields: []rules.Field{
				{Role: "name", Columns: []rules.Column{{Name: "first"}, {Name: "more", Split: "|"}}},
				{Role: "soc_sec_id", Columns: []rules.Column{{Name: "ssn"}}},
			},
			As: "A-{next:5}",
		}},
		Matching: true,
		Same:     []rules.Same{{Fields: []string{"soc_sec_id"}}, {Fields: []string{"name"}, Kind: "company"}},
		Keep:     rules.KeepKeys,
	}
	if diff := cmp.Diff(want, f.rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if !f.Policy.Retire || f.Policy.RetireAtMost != 0.25 || f.Policy.Guard.Joined != 0.3 {
		t.Errorf("policy = %+v", f.Policy)
	}
	if e, err := f.Environment(); e != "test" || err != nil {
		t.Errorf("Environment() = %q, %v", e, err)
	}
	if x, err := f.Crosswalk(); x != filepath.Join(f.Dir, "sub/x.db") || err != nil {
		t.Errorf("Crosswalk() = %q, %v", x, err)
	}
	if len(f.Warnings) > 0 {
		t.Errorf("warnings %v", f.Warnings)
	}
}

// TestProblems shows one problem per row: what is written and what the whole
// answer must contain.
func TestProblems(t *testing.T) {
	t.Parallel()
	source := func(lines string) string {
		return "version: 1\ncanonical: { scheme: \"CUST-{next:8}\" }\nsources:\n  legacy:\n    connector: csv\n" + lines
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"unknown top key", minimal + "polcy: {}\n", []string{`xwalk.yaml:5:1: unknown key "polcy" [config.unknown_key]`, `did you mean "policy"?`, "5 | polcy: {}", "^^^^^"}},
		{"unknown source key", source("    id: no\n    pth: x.csv\n"), []string{`xwalk.yaml:7:5: unknown key "pth" in sources.legacy`, `did you mean "path"?`}},
		{"unknown nested key", minimal + "policy: { guard: { joind: 1% } }\n", []string{`5:20: unknown key "joind" in policy.guard`, `"joined"`}},
		{"duplicate key", minimal + "environment: a\nenvironment: b\n", []string{`6:1: the key "environment" is here twice [config.duplicate_key]`, "first on line 5"}},
		{"duplicate source", "version: 1\ncanonical: { scheme: \"C-{next:8}\" }\nsources:\n  a: { connector: csv, id: x }\n  a: { connector: csv, id: x }\n", []string{`5:3: the key "a" is here twice`}},
		{"source with a dot", "version: 1\ncanonical: { scheme: \"C-{next:8}\" }\nsources:\n  a.b: { connector: csv, id: x }\n", []string{`4:3: source name "a.b": found '.', expected letters, digits, _ and -`, "config.bad_name"}},
		{"no version", strings.TrimPrefix(minimal, "version: 1\n"), []string{`the file needs the key "version" [config.missing_key]`}},
		{"other version", strings.Replace(minimal, "version: 1", "version: 2", 1), []string{`1:10: version: found the number 2, expected 1`}},
		{"no canonical", "version: 1\nsources:\n  a: { connector: csv, id: x }\n", []string{`the file needs the key "canonical"`}},
		{"no sources", "version: 1\ncanonical: { scheme: \"C-{next:8}\" }\n", []string{`the file needs the key "sources"`}},
		{"no id", source(""), []string{`sources.legacy needs the key "id"`}},
		{"no connector", "version: 1\ncanonical: { scheme: \"C-{next:8}\" }\nsources:\n  a: { id: x }\n", []string{`sources.a needs the key "connector"`, "csv, mysql"}},
		{"unknown connector", strings.Replace(minimal, "connector: csv", "connector: cvs", 1), []string{`4:24: sources.legacy.connector: found "cvs", expected csv or mysql [config.bad_value]`, `did you mean "csv"?`}},
		{"later connector", strings.Replace(minimal, "connector: csv", "connector: salesforce", 1), []string{"[config.not_yet]", `"salesforce" is not in this version yet`}},
		{"setting of another type", source("    id: no\n    header: maybe\n    rows: many\n"), []string{`7:13: sources.legacy.header: found "maybe", expected true or false [config.wrong_type]`, `8:11: sources.legacy.rows: found "many", expected a whole number`}},
		{"list for a text", source("    id: no\n    path: [a]\n"), []string{`sources.legacy.path: found a list, expected text`}},
		{"bare list as id", source("    id: [a, b]\n"), []string{"id: { fields: [branch, no] }"}},
		{"field and fields", source("    id: { field: a, fields: [b] }\n"), []string{"has both field and fields [config.conflict]"}},
		{"unquoted scheme", source("    id: { field: a, scheme: {seq} }\n"), []string{"6:29", "found a mapping, expected text", "needs quotes"}},
		{"kind", source("    id: no\n    kind: persn\n"), []string{`7:11: sources.legacy.kind: found "persn", expected person, company or household`, `did you mean "person"?`}},
		{"kind map", source("    id: no\n    kind: { field: t, map: { A: humans } }\n"), []string{`sources.legacy.kind.map.A: found "humans"`}},
		{"time zone", source("    id: no\n    timezone: Asia/Shanghia\n"), []string{`expected a time zone such as Asia/Shanghai`}},
		{"local time zone", source("    id: no\n    timezone: Local\n"), []string{`expected a time zone`}},
		{"country", source("    id: no\n    country: UK\n"), []string{`found "UK", expected a country code`, "did you mean GB?"}},
		{"lower case country", source("    id: no\n    country: cn\n"), []string{"did you mean CN?"}},
		{"dates", source("    id: no\n    dates: MYD\n"), []string{`expected YMD, DMY or MDY`}},
		{"key rule", source("    id: { field: no, key: { case: uper } }\n"), []string{`did you mean "upper"?`}},
		{"reserved backwards", strings.Replace(minimal, `8}" }`, `8}", reserved: [9-1] }`, 1), []string{"2:50: canonical.reserved[0]: the range ends before it starts", "write 1-9"}},
		{"reserved text", strings.Replace(minimal, `8}" }`, `8}", reserved: [a-b] }`, 1), []string{"expected a range such as 700000-799999"}},
		{"start", strings.Replace(minimal, `8}" }`, `8}", start: -1 }`, 1), []string{"canonical.start: found the number -1, expected a whole number from 1"}},
		{"start of 0", strings.Replace(minimal, `8}" }`, `8}", start: 0 }`, 1), []string{"canonical.start: found the number 0, expected a whole number from 1"}},
		{"same id without sources", minimal + "match: { same: [[id]] }\n", []string{`5:17: match.same[0]: agreeing on id needs the key "sources"`}},
		{"same of unknown source", minimal + "match:\n  same:\n    - { fields: [id], sources: [legcy, legacy] }\n", []string{`7:33: match.same[0].sources[0]: there is no source "legcy" [config.unknown_source]`, `did you mean "legacy"?`}},
		{"same text", minimal + "match: { same: [email] }\n", []string{"expected a list of fields", "write [email]"}},
		{"same on unmapped attribute", source("    id: no\n    fields: { email: mail }\n") + "match: { same: [[emial]] }\n", []string{`8:18: no source has the field "emial"`, `did you mean "email"?`}},
		{"merges", minimal + "policy: { merges: yes }\n", []string{`policy.merges: found "yes", expected review or auto`}},
		{"share", minimal + "policy: { vanished: { retire: yes, at_most: 20 } }\n", []string{"write 20%", "policy.vanished.retire", "write true"}},
		{"keep keys with similar", minimal + "match: { similar: { merge: 0.9 } }\nprivacy: { keep: keys }\n", []string{"6:18: privacy.keep: keys leaves match.similar nothing to compare with [config.conflict]"}},
		{"similar that joins strangers", minimal + "match: { similar: { merge: 0.3 } }\n", []string{"match.similar.merge: found the number 0.3, expected at least 0.5 and less than 1"}},
		{"a model without similar", minimal + "match: { model: m.json }\n", []string{"match.model: there is no match.similar that would use it [config.conflict]"}},
		{"a model that is not there", minimal + "match: { similar: {}, model: m.json }\n", []string{"[config.missing_file]"}},
		{"similar the wrong way round", minimal + "match: { similar: { merge: 0.8, review: 0.9 } }\n", []string{"match.similar: review (0.9) is above merge (0.8)"}},
		{"sync", minimal + "sync: { every: 5 }\n", []string{`sync.every: found the number 5, expected a length of time`}},
		{"codes", minimal + "codes:\n  region: [N, \"\", N, 01, 1]\n  branch: []\n", []string{`6:15: code 2 of the list region is empty [config.bad_code]`, `6:19: code 3 of the list region is code 1 again`, `7:11: the code list branch is empty`}},
		{"publish", source("    id: no\n    publish: {}\n"), []string{`sources.legacy.publish needs the key "field"`}},
		{"publish to the ID", source("    id: no\n    publish: { field: no }\n"), []string{`sources.legacy.publish.field: found the column of the source ID`}},
		{"publish by a connector that cannot", minimal + "  shop: { connector: mysql, dsn: d, table: t, id: id, publish: { field: no, out: x } }\n", []string{
			`sources.shop.publish: the connector mysql cannot be published to`, `sources.shop.publish.out: mysql writes into the table itself`,
		}},
		{"publish to a query", minimal + "  shop: { connector: mysql, dsn: d, query: select 1, id: id, publish: { field: no } }\n", []string{`sources.shop.publish: what is read by a query cannot be written to`}},
		{"bad reference", minimal + "environment: ${1X}\n", []string{`cannot read "${1X" [config.bad_reference]`, "$${"}},
		{"tab", "version: 1\n\tcanonical: {}\n", []string{"xwalk.yaml:2:1: not YAML", "spaces, not tabs"}},
		{"unclosed", "version: 1\ncanonical: { scheme: x\nsources: y\n", []string{"not YAML", "that starts on line 2"}},
		{"empty", "\n", []string{"the file is empty [config.empty]"}},
		{"a list", "- a\n", []string{"expected a mapping"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, c.text)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("for\n%s\ngot\n%s\nwant it to contain %q", c.text, got, want)
				}
			}
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	got := problems(t, `version: 1
envronment: x
canonical: { scheme: "CUST-{next:8}", start: one }
sources:
  legacy:
    connector: cvs
    id: no
    kind: robot
  shop:
    connector: csv
    pth: x
    id: id
match:
  same: [[id]]
policy: { merges: never }
`)
	if n := strings.Count(got, "[config."); n != 7 {
		t.Errorf("%d problems, want 7:\n%s", n, got)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("from file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := resolver{dir: dir, getenv: env("A", "1", "EMPTY", "")}
	for _, c := range []struct{ in, want, code string }{
		{"plain $ {x}", "plain $ {x}", ""},
		{"a${A}b${A}", "a1b1", ""},
		{"${A:-2}", "1", ""},
		{"${B:-2}${EMPTY:-3}", "23", ""},
		{"${B:-}", "", ""},
		{"${EMPTY}", "", ""},
		{"${file:pw}", "from file", ""},
		{"$${A}", "${A}", ""},
		{"${A}$${seq:4}", "1${seq:4}", ""},
		{"${B}", "", "config.unset_variable"},
		{"${file:none}", "", "config.unreadable_file"},
		{"${seq:4}", "", "config.bad_reference"},
		{"${A", "", "config.bad_reference"},
		{"${}", "", "config.bad_reference"},
		{"${file:}", "", "config.bad_reference"},
	} {
		got, err := expand(c.in, r.resolve)
		code := ""
		if err != nil {
			code = err.code
		}
		if got != c.want || code != c.code {
			t.Errorf("expand(%q) = %q, %q, want %q, %q", c.in, got, code, c.want, c.code)
		}
	}
}

func TestReferencesAreResolvedWhenNeeded(t *testing.T) {
	t.Parallel()
	into := &opened{}
	path := write(t, `version: 1
crosswalk: ${XWALK_DB}
canonical: { scheme: "CUST-{next:8}" }
sources:
  a: { connector: csv, path: "${A_PATH}", rows: "${A_ROWS:-7}", id: no, country: "${COUNTRY}" }
  b: { connector: mysql, dsn: "${B_DSN}", id: no }
privacy: { secret: "${PSEUDONYM}" }
`)
	f, err := Load(path, registry(into), env("A_PATH", "~"))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := f.Find("a")
	if _, err := a.Open(t.Context(), nil); err != nil || into.csv.Path != "~" || into.csv.Rows != 7 || into.csv.Delimiter != "," {
		t.Errorf("a opened with %+v, %v", into.csv, err)
	}
	b, _ := f.Find("b")
	for name, c := range map[string]struct {
		do   func() error
		want string
	}{
		"crosswalk": {func() error { _, err := f.Crosswalk(); return err }, "xwalk.yaml:2:12: crosswalk needs the environment variable XWALK_DB, which is not set [config.unset_variable]"},
		"source b":  {func() error { _, err := b.Open(t.Context(), nil); return err }, "xwalk.yaml:6:31: sources.b.dsn needs the environment variable B_DSN"},
		"rules":     {func() error { _, err := f.Ruleset(); return err }, "xwalk.yaml:5:82: sources.a.country: needs the environment variable COUNTRY"},
	} {
		if err := c.do(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	got := problems(t, `version: 1
canonical: { scheme: "CUST-{next:8}", secret: [hunter1] }
crosswalk: { url: postgres://u:hunter2@h/db }
sources:
  a: { connector: csv, dsn: "mysql://u:hunter3@h/db", id: no }
  b: { connector: mysql, dsn: "u:hunter4@tcp(h)/db", tble: t, id: no }
privacy: { secret: hunter5, kep: fields }
`)
	if n := strings.Count(got, "[config."); n < 5 {
		t.Errorf("%d problems, want at least 5:\n%s", n, got)
	}
	if strings.Contains(got, "hunter") {
		t.Errorf("a secret is in\n%s", got)
	}
}

func TestMaskKeepsColumns(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"dsn: postgres://me:pa@ss@host/db?x=1":  "dsn: postgres://me:*****@host/db?x=1",
		"dsn: me:pass@tcp(host:3306)/db":        "dsn: me:****@tcp(host:3306)/db",
		`secret: "abc", keep: fields`:           `secret: *****, keep: fields`,
		"secret: ${XWALK_SECRET}":               "secret: ${XWALK_SECRET}",
		"dsn: postgres://me:${PW}@host/db":      "dsn: postgres://me:${PW}@host/db",
		"path: legacy.csv # nothing to hide":    "path: legacy.csv # nothing to hide",
		"dsn: host=h password=abc sslmode=none": "dsn: host=h password=*** sslmode=none",
	} {
		if got := mask(in); got != want {
			t.Errorf("mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	text := "sources:\n  a:\n    id: { field: x, scheme: \"C{sq:4}\" }\n"
	doc := newDocument("f.yaml", []byte(text))
	root, list := parse(doc, []byte(text))
	if list != nil {
		t.Fatal(list)
	}
	d := &decoder{document: doc, places: map[string]*yaml.Node{}}
	o, _ := d.object(root, "")
	s, _ := d.object(o.take("sources"), "sources")
	a, _ := d.object(s.take("a"), "sources.a")
	d.id(a.take("id"), "sources.a.id")
	for _, c := range []struct {
		path         string
		offset       int
		line, column int
	}{
		{"sources.a.id.scheme[0]", 3, 3, 32},
		{"sources.a.id.scheme", 0, 3, 29},
		{"sources.a.id.key", 4, 3, 9},
		{"sources.b", 0, 2, 3},
		{"elsewhere", 0, 0, 0},
	} {
		got := d.locate(diag.Diagnostic{Pos: diag.Pos{File: c.path, Column: c.offset}}).Pos
		if want := (diag.Pos{File: "f.yaml", Line: c.line, Column: c.column}); got != want {
			t.Errorf("locate(%s, %d) = %v, want %v", c.path, c.offset, got, want)
		}
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), registry(&opened{}), env())
	var missing *MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "docs/configuration.md") {
		t.Errorf("Load of a missing file = %v", err)
	}
}

func TestBeside(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"x.db":                 "dir/x.db",
		"/abs/x.db":            "/abs/x.db",
		`C:\x.db`:              `C:\x.db`,
		"sqlite:x.db":          "sqlite:dir/x.db",
		"file:x.db?mode=ro":    "file:dir/x.db?mode=ro",
		"postgres://h/db":      "postgres://h/db",
		"mysql://u:p@h/db":     "mysql://u:p@h/db",
		"MariaDB://u:p@h/db":   "MariaDB://u:p@h/db",
		"sqlite:///var/x.db":   "sqlite:///var/x.db",
		"postgres.export/x.db": "dir/postgres.export/x.db",
	} {
		if got := beside("dir", in); got != want {
			t.Errorf("beside(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzLoad holds that no file makes Load panic, and that every problem has a
// code.
func FuzzLoad(f *testing.F) {
	f.Add(minimal)
	f.Add("a: &a [*a]\n")
	f.Add("? [a]\n: b\n")
	f.Add("version: 1\nsources: {a: {id: {fields: [[x]]}}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := write(t, text)
		_, err := Load(path, registry(&opened{}), env())
		var list diag.List
		if errors.As(err, &list) {
			for _, d := range list {
				if d.Code == "" || d.Message == "" {
					t.Errorf("bare diagnostic %+v", d)
				}
			}
		}
	})
}

func TestPublisher(t *testing.T) {
	t.Parallel()
	var got opened
	f, err := Load(write(t, `version: 1
canonical: { scheme: "CUST-{next:8}" }
sources:
  legacy:
    connector: csv
    path: legacy.csv
    id: { fields: [branch, no] }
    where: no <> 7
    publish: { field: ours, out: "${OUT}.csv" }
`), registry(&got), env("OUT", "new"))
	if err != nil {
		t.Fatal(err)
	}
	s := f.Sources[0]
	if s.Publishes() != "ours" || s.IDColumns() != 2 || !s.CanPublish() {
		t.Errorf("publishes %q, ID of %d columns", s.Publishes(), s.IDColumns())
	}
	if _, err := s.Publisher(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := connectors.PublishRequest{
		Request: connectors.Request{Name: "legacy", Columns: []string{"branch", "no"}, Where: "no <> 7", Dir: f.Dir}, Field: "ours", Out: "new.csv",
	}
	if diff := cmp.Diff(want, got.pub); diff != "" {
		t.Error(diff)
	}
}
