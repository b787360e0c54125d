package similar

import (
	"encoding/csv"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/rules/normalize"
)

var dataDir = flag.String("data", "", "directory of further data with known truth: p100k.csv, p1m.csv, historical_50k.csv")

// dataset says what the columns of a file with known truth mean.
type dataset struct {
	name, file string
	kind       Kind
	country    string
	roles      []string // of columns, as in columns
	columns    []string
	truth      string // column that names the customer; rec_id: up to the second hyphen
}

const committed = "../../../fixtures/data"

var (
	febrlRoles   = []string{"given_name", "family_name", "birth_date", "national_id", "address", "address", "address", "city", "postal_code", "region"}
	febrlColumns = []string{"given_name", "surname", "date_of_birth", "soc_sec_id", "street_number", "address_1", "address_2", "suburb", "postcode", "state"}
	genRoles     = []string{"given_name", "family_name", "birth_date", "email", "phone", "address", "address", "city", "postal_code", "region", "national_id"}
	genColumns   = []string{"given_name", "surname", "date_of_birth", "email", "phone", "street_number", "address_1", "suburb", "postcode", "state", "soc_sec_id"}
)

func datasets() []dataset {
	febrl := func(n string) dataset {
		return dataset{name: "febrl" + n, file: committed + "/febrl/dataset" + n + ".csv", country: "AU", roles: febrlRoles, columns: febrlColumns, truth: "rec_id"}
	}
	list := []dataset{
		febrl("1"), febrl("2"), febrl("3"),
		{
			name: "fake_1000", file: committed + "/splink/fake_1000.csv", truth: "cluster",
			roles:   []string{"given_name", "family_name", "birth_date", "city", "email"},
			columns: []string{"first_name", "surname", "dob", "city", "email"},
		},
		{
			name: "early_childhood", file: committed + "/organisations/early_childhood.csv", kind: 1, country: "US", truth: "True Id",
			roles:   []string{"company", "address", "postal_code", "phone", "email", "agency", "program"},
			columns: []string{"Site name", "Address", "Zip", "Phone", "Email Address", "Agency", "Program Name"},
		},
	}
	if *dataDir != "" {
		list = append(list, dataset{
			name: "historical_50k", file: *dataDir + "/historical_50k.csv", truth: "cluster",
			roles:   []string{"name", "given_name", "family_name", "birth_date", "city", "postal_code", "gender", "occupation"},
			columns: []string{"full_name", "first_name", "surname", "dob", "birth_place", "postcode_fake", "gender", "occupation"},
		})
		for _, n := range []string{"p100k", "p1m"} {
			list = append(list, dataset{name: n, file: filepath.Join(*dataDir, n+".csv"), country: "AU", roles: genRoles, columns: genColumns, truth: "cluster"})
		}
	}
	return slices.DeleteFunc(list, func(d dataset) bool {
		_, err := os.Stat(d.file)
		return err != nil
	})
}

// loaded is a dataset as Compare takes it, with the customer of every record.
type loaded struct {
	dataset
	Input
	truth []int
	pairs int64 // of records of one customer
}

// load reads a dataset as package rules would.
func load(tb testing.TB, d dataset) *loaded {
	tb.Helper()
	f, err := os.Open(d.file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord, r.TrimLeadingSpace = true, true
	header, err := r.Read()
	if err != nil {
		tb.Fatal(err)
	}
	column := func(name string) int {
		i := slices.IndexFunc(header, func(h string) bool { return strings.TrimSpace(h) == name })
		if i < 0 {
			tb.Fatalf("%s has no column %q", d.file, name)
		}
		return i
	}
	truth := column(d.truth)
	l := &loaded{dataset: d}
	at, role := make([]int, len(d.columns)), make([]int, len(d.columns))
	for i, c := range d.columns {
		at[i] = column(c)
		if role[i] = slices.Index(l.Roles, d.roles[i]); role[i] < 0 {
			role[i] = len(l.Roles)
			l.Roles = append(l.Roles, d.roles[i])
		}
	}
	var traits [][]byte
	customers := map[string]int{}
	var sizes []int64
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		var b []byte
		for i, c := range at {
			b = appendNormal(b, role[i], d.roles[i], strings.TrimSpace(row[c]), d.country)
		}
		traits = append(traits, b)
		who := row[truth]
		if d.truth == "rec_id" {
			who = strings.Join(strings.Split(who, "-")[:2], "-")
		}
		no, ok := customers[who]
		if !ok {
			no = len(sizes)
			customers[strings.Clone(who)] = no
			sizes = append(sizes, 0)
		}
		l.pairs += sizes[no]
		sizes[no]++
		l.truth = append(l.truth, no)
	}
	l.Traits = func(rec uint32) []byte { return traits[rec] }
	l.Kind = func(uint32) Kind { return d.kind }
	l.Rank = make([]uint32, len(traits))
	for i := range l.Rank {
		l.Rank[i] = uint32(i)
	}
	return l
}

func appendNormal(b []byte, role int, name, text, country string) []byte {
	if text == "" {
		return b
	}
	if normal[name] {
		n, ok := normalize.ByRole(name)(text, normalize.Context{Country: country})
		if !ok {
			return b
		}
		text = n
	}
	return AppendTrait(b, role, text)
}
