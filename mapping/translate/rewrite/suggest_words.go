package rewrite

import (
	"slices"
	"strings"
	"unicode"
)

// idWords stand in names of columns for "the number of".
var idWords = []string{
	"id", "ids", "no", "nos", "nr", "nrs", "num", "nbr", "number", "numbers", "nummer", "numero", "code", "codes", "cd", "key", "keys",
	"ref", "refs", "reference", "fk", "pk", "uid", "uuid", "guid", "idx", "ident", "identifier", "kz",
	"编号", "号码", "号", "代码", "番号", "コード", "번호",
}

// plainWords stand in names of tables and say nothing of what they hold.
var plainWords = []string{
	"tbl", "table", "tab", "crm", "dbo", "master", "data", "main", "base", "app", "list", "info", "t", "all", "cstm", "mst", "stamm", "export", "import",
}

// customerWords mean customers, whatever the source calls them.
var customerWords = []string{
	"customer", "client", "cliente", "kunde", "klant", "debtor", "debitor", "account", "contact", "kontakt", "company", "person", "partner", "member",
	"客户", "顾客", "会员", "顧客", "고객",
}

// typeWords follow, in the name of the column that tells what another one
// refers to.
var typeWords = []string{"type", "typ", "kind", "class", "table", "model", "module", "entity", "object", "name"}

// wordsOf splits a name where a person would: order_customerNo is order,
// customer, no. What Salesforce ends the names of added fields with is left out.
func wordsOf(name string) []string {
	name = strings.TrimSuffix(name, "__c")
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
		}
		word = word[:0]
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return words
}

// sameWord compares words in singular and plural, in English and a few
// languages that are like it.
func sameWord(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if a == b || a == "person" && b == "people" {
		return true
	}
	if len(a) < 3 {
		return false
	}
	if rest, ok := strings.CutPrefix(b, a); ok {
		return slices.Contains([]string{"s", "es", "n", "en", "e", "er"}, rest)
	}
	return strings.HasSuffix(a, "y") && b == strings.TrimSuffix(a, "y")+"ies"
}

// shortFor reports whether a is a beginning of b that people write for it:
// cust, acc.
func shortFor(a, b string) bool {
	return len(a) >= 3 && len(a) < len(b) && strings.HasPrefix(b, a) || a == "acct" && b == "account"
}

// nameStrength says how much a column's name speaks for a reference.
type nameStrength uint8

const (
	noName   nameStrength = iota
	weakName              // it speaks of customers, or of the source
	ownName               // it speaks of the source's table or is called like its ID
)

// names are the words by which columns speak of a space.
type names struct {
	table   []string // the last word that means something
	id      []string // the words of the ID column, where they mean something
	general []string
	types   []string // by which a column of types calls it
}

// namesOf reads the words of a space, and of its table where that is known.
func namesOf(space string, own *Own, table string) names {
	n := names{general: slices.Clone(customerWords)}
	source, number, _ := strings.Cut(space, ".")
	n.types = meaning(wordsOf(source))
	n.general = append(n.general, n.types...)
	if own == nil {
		return n
	}
	words := meaning(wordsOf(table))
	if len(words) > 0 {
		n.table = words[len(words)-1:]
		n.types = append(slices.Clone(n.types), n.table...)
	}
	if len(own.Columns) == 1 {
		if id := wordsOf(own.Columns[0]); len(withoutID(id)) > 0 {
			n.id = id
		}
	}
	// Other numbers of the same records are no numbers of this space.
	if number != "" {
		n.general = append(n.general, n.table...)
		n.table = nil
	}
	return n
}

func meaning(words []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(plainWords, w) })
}

// withoutID leaves out the words for "number" at both ends.
func withoutID(words []string) []string {
	for len(words) > 0 && slices.Contains(idWords, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	for len(words) > 0 && slices.Contains(idWords, words[0]) {
		words = words[1:]
	}
	return words
}

// strength compares a column's name with those of a space.
func (n *names) strength(column string) nameStrength {
	words := wordsOf(column)
	switch {
	case len(n.id) > 0 && slices.Equal(words, n.id):
		return ownName
	case slices.ContainsFunc(n.table, func(w string) bool { return speaksOf(words, w) }):
		return ownName
	case slices.ContainsFunc(n.general, func(w string) bool { return speaksOf(words, w) }):
		return weakName
	}
	return noName
}

// speaksOf reports whether words mean the number of a thing: customer,
// billing_customer_id, fk_cust, kunde_nr; but not customer_name.
func speaksOf(words []string, thing string) bool {
	for i, w := range words {
		last := i == len(words)-1
		numbered := !last && slices.Contains(idWords, words[i+1]) || last && i > 0 && slices.Contains(idWords, words[i-1])
		if sameWord(w, thing) && (last || numbered) || numbered && shortFor(w, thing) {
			return true
		}
		for _, id := range idWords {
			if rest, ok := strings.CutSuffix(w, id); ok && len(rest) > 2 && (sameWord(rest, thing) || shortFor(rest, thing)) {
				return true
			}
		}
	}
	return false
}

// tellsTypeOf reports whether a column's name says that it tells what another
// one refers to: parent_type and parent_id, object and object_id.
func tellsTypeOf(name, of string) bool {
	words, stem := wordsOf(name), withoutID(wordsOf(of))
	if len(words) == 0 || len(stem) == 0 {
		return false
	}
	if slices.Equal(words, stem) {
		return len(wordsOf(of)) > len(stem)
	}
	last := len(words) - 1
	return slices.Contains(typeWords, words[last]) && (last == 0 || slices.Equal(words[:last], stem))
}
