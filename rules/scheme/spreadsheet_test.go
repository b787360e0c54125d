package scheme

import (
	"slices"
	"strings"
	"testing"
)

// spreadsheetReading is what a spreadsheet takes a typed or imported text for. It is
// modelled on what Excel, LibreOffice Calc and Google Sheets parse, each at
// its most eager and in every language that is listed, and knows nothing of
// the rules by which schemes are refused. Empty is text.
func spreadsheetReading(s string) string {
	if s == "" {
		return ""
	}
	switch {
	case strings.ContainsRune("=+-@\t\r", rune(s[0])):
		return "formula"
	case strings.HasPrefix(s, "#"):
		return "error"
	case slices.Contains(truths, s):
		return "boolean"
	}
	tokens := cut(s)
	switch {
	case isAmount(tokens):
		return "number"
	case isDay(tokens) || isClock(tokens):
		return "date"
	}
	return ""
}

var truths = []string{"TRUE", "FALSE", "WAHR", "FALSCH", "VRAI", "FAUX", "VERDADERO", "FALSO", "VERO", "WAAR", "ONWAAR", "SANT", "PRAWDA"}

// monthNames begin with the first three or four letters of a month in English,
// German, French, Spanish, Italian, Dutch, Portuguese, Polish or Swedish.
var monthNames = strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC MAI OKT DEZ FEV AVR JUIN JUIL AOU ENE ABR AGO DIC GEN MAG GIU LUG SET OTT MRT MEI OUT STY LUT KWI MAJ CZE LIP SIE WRZ PAZ LIS GRU")

// cut splits a text into runs of digits, runs of letters and other characters.
func cut(s string) (tokens []string) {
	kind := func(b byte) int {
		switch {
		case '0' <= b && b <= '9':
			return 1
		case 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z':
			return 2
		}
		return 3
	}
	for i := range len(s) {
		if i > 0 && kind(s[i]) == kind(s[i-1]) && kind(s[i]) < 3 {
			tokens[len(tokens)-1] += s[i : i+1]
		} else {
			tokens = append(tokens, s[i:i+1])
		}
	}
	return tokens
}

func isNumber(token string) bool { return strings.Trim(token, "0123456789") == "" }

// isAmount reports digits with what may stand around them: a currency, a
// percent sign, points and commas, an exponent.
func isAmount(tokens []string) bool {
	if len(tokens) > 1 && slices.Contains([]string{"$", "(", "%"}, tokens[0]) {
		tokens = tokens[1:]
	}
	if last := len(tokens) - 1; last > 0 && slices.Contains([]string{"%", ")", "$"}, tokens[last]) {
		tokens = tokens[:last]
	}
	digits := 0
	for len(tokens) > 0 && (isNumber(tokens[0]) || strings.Contains(".,' ", tokens[0])) {
		if isNumber(tokens[0]) {
			digits++
		}
		tokens = tokens[1:]
	}
	if digits == 0 || len(tokens) == 0 {
		return digits > 0
	}
	if e := strings.ToUpper(tokens[0]); e != "E" && e != "D" {
		return false
	}
	tokens = tokens[1:]
	if len(tokens) == 2 && strings.Contains("+-", tokens[0]) {
		tokens = tokens[1:]
	}
	return len(tokens) == 1 && isNumber(tokens[0])
}

// isDay reports two or three of day, month and year, in any order, with or
// without separators between.
func isDay(tokens []string) bool {
	numbers, months, separators := 0, 0, 0
	for i, t := range tokens {
		switch {
		case isNumber(t) && (len(t) <= 2 || len(t) == 4):
			numbers++
		case !isNumber(t) && len(t) >= 3 && slices.ContainsFunc(monthNames, func(m string) bool { return strings.HasPrefix(strings.ToUpper(t), m) }):
			months++
		case strings.Contains("-/. ,", t) && i > 0 && i < len(tokens)-1:
			separators++
		default:
			return false
		}
	}
	return months == 1 && (numbers == 1 || numbers == 2) || months == 0 && (numbers == 2 || numbers == 3) && separators == numbers-1
}

func isClock(tokens []string) bool {
	last := strings.ToUpper(tokens[len(tokens)-1])
	half := last == "AM" || last == "PM" || last == "A" || last == "P"
	return strings.Contains(strings.Join(tokens, ""), ":") && isNumber(tokens[0]) || half && len(tokens) <= 3 && len(tokens[0]) <= 2 && isNumber(tokens[0])
}

// TestSpreadsheetReading keeps the classifier honest.
func TestSpreadsheetReading(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"1": "number", "00123": "number", "1E5": "number", "12E-4": "number", "1e+10": "number", "1,000.50": "number", "50%": "number", "$5": "number",
		"12345678901234567890": "number", "3D2": "number",
		"1-2": "date", "MAR-1": "date", "MAR1": "date", "1-MAR-24": "date", "2024-01": "date", "2024-05-01": "date", "SEPT2": "date", "DEZ-24": "date",
		"1/2": "date", "12:30": "date", "11PM": "date",
		"TRUE": "boolean", "FALSCH": "boolean", "#N/A": "error", "=A1": "formula", "+49": "formula", "-1": "formula", "@X": "formula",
		"C001": "", "CUST-00000001-81": "", "ABC": "", "E5": "", "1E": "", "00000001-81": "", "MAR-12345678": "", "P-07MWPP39413F-6E": "", "MARS": "",
	} {
		if got := spreadsheetReading(s); got != want {
			t.Errorf("%q reads as %q, want %q", s, got, want)
		}
	}
}
