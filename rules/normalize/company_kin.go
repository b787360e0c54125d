package normalize

import "strings"

// OfGroup reports whether the name is that of a group of companies, or of the
// company that holds them, rather than of one that trades.
func (c CompanyName) OfGroup() bool {
	for _, w := range c.Words {
		if groupWords()[w] {
			return true
		}
	}
	return strings.Contains(c.Form, "集团") || strings.Contains(c.Form, "控股")
}

var groupWords = lazySet(`group|holding|holdings|international|beteiligungen|beteiligungsgesellschaft|konzern|集团|控股|ホールディングス`)

// FormClass is what a legal form counts as beside others: two companies of one
// name whose forms are of two classes are two companies. It is empty where the
// form is unknown or too loosely used to tell companies apart.
func (c CompanyName) FormClass() string {
	if class, ok := formClasses[c.Form]; ok {
		return class
	}
	return c.Form
}

// formClasses are forms that are written for each other, and those that say
// little.
var formClasses = map[string]string{
	"co": "", "firma": "", "ets": "", "公司": "", "有限": "", "厂": "", "店": "", "kabushiki kaisha": "kk", "株式会社": "kk",
	"corp": "inc", "pc": "inc", "pvt ltd": "ltd", "pte ltd": "ltd", "pty ltd": "ltd",
	"有限责任公司": "有限公司", "责任公司": "有限公司", "集团有限责任公司": "集团有限公司", "股份公司": "股份有限公司", "股份": "股份有限公司",
	"sas di": "sas", "sasu": "sas", "slu": "sl", "sau": "sa", "srls": "srl",
}
