package rules

import (
	"encoding/binary"
	"time"

	"github.com/xwalk-id/xwalk/rules/damage"
	"github.com/xwalk-id/xwalk/rules/match"
)

// Kind is what a customer is. Only equal kinds match.
type Kind uint8

// The kinds of customers.
const (
	Person Kind = iota
	Company
	Household
)

// KindNames are the words of the configuration and of outputs, by [Kind].
var KindNames = [...]string{"person", "company", "household"}

func (k Kind) String() string { return KindNames[k] }

// ParseKind is the kind of a configuration word.
func ParseKind(word string) (Kind, bool) {
	for k, n := range KindNames {
		if n == word {
			return Kind(k), true
		}
	}
	return 0, false
}

// IndexHash is a value under which a record can be looked up. Index counts
// [Indexes].
type IndexHash struct {
	Index uint8
	Hash  uint64
}

// Indexes are the roles by which people look customers up.
var Indexes = [...]string{"email", "phone", "name"}

// Where compileUsed puts the roles that Reader.index treats specially.
const (
	nameIndex   = 2
	companyUsed = len(Indexes)
)

// AlsoID is a further number of a record. Space counts the source's also
// entries.
type AlsoID struct {
	Space    int
	Key      string
	Verbatim string
}

// Facts is what the rules know of one record. The slices are reused by the
// next call of Read.
type Facts struct {
	Key         string
	Verbatim    string
	Misfit      bool           // no scheme reads the ID as it was received
	Damage      damage.Finding // what is known of a misfit; no Kind: nothing
	Kind        Kind
	RowHash     uint64
	Modified    time.Time // zero where unknown
	CanonicalID string    // a number of ours that the record carries
	Deleted     bool      // the source says that it is
	MergedInto  string    // the key of the record that the source merged it into; empty: none
	Also        []AlsoID
	Joins       []match.Join
	Values      []match.Value
	Index       []IndexHash
	Who         uint64 // a hash of the name, where Ruleset.NeedsNames; 0: it has none
	Fields      []byte // for Ruleset.AppendFields, with Traits; empty where no fields are kept
	Traits      []byte // for similar.Compare, with the roles of Ruleset.TraitRoles; empty where that is off
	Gives       []byte // what a canonical number would take from the record; nil where the scheme needs nothing
}

// AppendMatch writes joins and values in the form that the crosswalk keeps
// beside a link: a count, the join hashes, then role tag and hash of each
// value. The tags do not depend on the order of the configuration.
func (r *Ruleset) AppendMatch(dst []byte, joins []match.Join, values []match.Value) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(joins)))
	for _, j := range joins {
		dst = binary.BigEndian.AppendUint64(dst, j.Hash.Hi)
		dst = binary.BigEndian.AppendUint64(dst, j.Hash.Lo)
	}
	for _, v := range values {
		dst = binary.BigEndian.AppendUint32(dst, r.checked[v.Role].tag)
		dst = binary.BigEndian.AppendUint64(dst, v.Hash)
	}
	return dst
}

// DecodeMatch reads what AppendMatch wrote, under whatever configuration it
// was written. Hashes of lines that are no longer configured keep Line
// [match.NoLine] and simply meet no equal; values of roles that are no longer
// checked are left out.
func (r *Ruleset) DecodeMatch(b []byte) (joins []match.Join, values []match.Value) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w)/16 {
		return nil, nil
	}
	b = b[w:]
	for range n {
		joins = append(joins, match.Join{Line: match.NoLine, Hash: match.Hash{Hi: binary.BigEndian.Uint64(b), Lo: binary.BigEndian.Uint64(b[8:])}})
		b = b[16:]
	}
	for len(b) >= 12 {
		tag := binary.BigEndian.Uint32(b)
		for i, c := range r.checked {
			if c.tag == tag {
				values = append(values, match.Value{Role: uint8(i), Hash: binary.BigEndian.Uint64(b[4:])})
			}
		}
		b = b[12:]
	}
	return joins, values
}
