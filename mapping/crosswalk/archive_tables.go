package crosswalk

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/archive"
)

// archived is how a table stands in an archive. Its rows are in the order of
// its key.
type archived struct {
	name    string
	columns []archive.Column
	key     string
	// ours says which rows belong into an archive, with a place for the head's
	// run where those of a run in the making do not; empty are all.
	ours string
	last bool // it is loaded with the head, in one transaction
	// since is the version of the tables from which on it is there, for those
	// that older archives do not have.
	since int
}

// columns are columns of one type. Those with a question mark may be NULL.
func columns(typ archive.Type, names string) []archive.Column {
	var list []archive.Column
	for name := range strings.FieldsSeq(names) {
		name, null := strings.CutSuffix(name, "?")
		list = append(list, archive.Column{Name: name, Type: typ, Null: null})
	}
	return list
}

func texts(names string) []archive.Column { return columns(archive.Text, names) }
func ints(names string) []archive.Column  { return columns(archive.Int, names) }
func longs(names string) []archive.Column { return columns(archive.Long, names) }
func blobs(names string) []archive.Column { return columns(archive.Blob, names) }

// archivedLink are the columns of a version of a link.
var archivedLink = slices.Concat(ints("source_no"), texts("id_key verbatim? canonical"), ints("state kind rule_no"),
	longs("from_run since_run? row_hash row_sum"), blobs("match_keys?"), texts("fields?"))

// archiveTables are the tables of an archive: all but the lease, the claims
// and, of xwalk_meta, the version of the tables. The order is that in which
// they are loaded.
var archiveTables = []archived{
	{name: "rule", key: "rule_no", ours: "from_run <= ?", columns: slices.Concat(ints("rule_no"), texts("rule"), longs("from_run"))},
	{name: linkTable, key: "source_no, id_key", columns: archivedLink},
	{name: "link_past", key: "source_no, id_key, from_run", ours: "until_run <= ?", columns: slices.Concat(archivedLink, longs("until_run"))},
	{
		name: "number", key: "canonical",
		columns: slices.Concat(texts("canonical"), ints("state"), texts("into_number survivor"), longs("from_run row_sum?")),
	},
	{
		name: "number_past", key: "canonical, from_run",
		columns: slices.Concat(texts("canonical"), ints("state"), texts("into_number survivor"), longs("from_run until_run row_sum?")),
	},
	{name: "index", key: "index_no", ours: "from_run <= ?", columns: slices.Concat(ints("index_no"), texts("name"), longs("from_run"))},
	{name: "segment", key: "index_no, from_run", ours: "from_run <= ?", columns: slices.Concat(ints("index_no"), longs("from_run"))},
	{
		name: "match", key: "index_no, from_run, low, page_no", ours: "from_run <= ?",
		columns: slices.Concat(ints("index_no"), longs("from_run low"), ints("page_no"), blobs("page"), longs("row_sum?")),
	},
	{
		name: "review", key: "review, from_run",
		columns: slices.Concat(texts("review"), ints("left_source"), texts("left_key"), ints("right_source"), texts("right_key"),
			columns(archive.Real, "score"), texts("evidence"), longs("from_run until_run row_sum?")),
	},
	{
		name: publicationTable, key: "source_no, id_key, run_no", ours: "run_no <= ?", since: ledgerVersion,
		columns: slices.Concat(ints("source_no"), texts("id_key"), longs("run_no"), texts("canonical"), ints("state"),
			texts("before_text"), ints("had_before"), texts("reason"), longs("row_sum")),
	},
	{name: "model", key: "from_run", columns: slices.Concat(longs("from_run"), blobs("model"))},
	{
		name: "run", key: "run_no", ours: "run_no <= ?", last: true,
		columns: slices.Concat(longs("run_no"), texts("kind"), longs("base serial"),
			texts("actor reason environment started finished rules plan totals effects prev content digest"), ints("discarding"), longs("done"), blobs("hash_state?")),
	},
	{
		name: "source", key: "source_no", last: true,
		columns: slices.Concat(ints("source_no"), texts("name key_rule shape mark"), longs("from_run seen_run")),
	},
	{name: "counter", key: "prefix", last: true, columns: slices.Concat(texts("prefix last"), longs("from_run"))},
	{
		name: "decision", key: "decision_no", last: true,
		columns: slices.Concat(longs("decision_no"), texts("left_source left_key right_source right_key"), ints("verdict"), texts("review actor reason decided digest")),
	},
	{name: "skip", key: "review, actor", last: true, columns: slices.Concat(texts("review actor"), longs("skip_no"), texts("reason skipped"))},
	{name: "erased", key: "source_no, key_hash", last: true, columns: slices.Concat(ints("source_no"), texts("key_hash canonical"), longs("from_run"))},
	{name: "approval", key: "plan, actor", last: true, columns: texts("plan actor reason approved")},
	{name: metaTable, key: "name", ours: "name <> 'schema'", last: true, columns: texts("name value")},
}

// The tables that need a word more.
const (
	linkTable = "link"
	metaTable = "meta"
)

func (t *archived) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name
	}
	return names
}
