package damage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const whyDate = "a spreadsheet read it as a date"

// day is a date as a spreadsheet shows it; what it does not show is 0.
type day struct{ year, month, day int }

var monthNames = [...]string{"", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}

// dates proposes what a spreadsheet may have read as the date that text
// shows. Which part was the month is not certain.
func (e *Examiner) dates(text string) (Finding, bool) {
	if len(text) > 32 || e.free {
		return Finding{}, false
	}
	d, ok := readDay(text)
	dated := e.letters || e.signs != ""
	if !ok && dated {
		d, ok = readSerial(text)
	}
	if !ok {
		return Finding{}, false
	}
	f := Finding{Kind: Date, Why: whyDate, needs: hopeless}
	for _, id := range d.texts(e.signs, e.letters) {
		if len(f.Proposals) < maxProposals && e.reads(id) && !slices.Contains(f.Proposals, id) {
			f.Proposals = append(f.Proposals, id)
		}
	}
	f.doubt = "other numbers give the same date"
	if len(f.Proposals) == 0 {
		f.Why += "; export the column as text, from the CRM and not from the spreadsheet"
		return f, dated && !allDigits(text)
	}
	return f, true
}

// readDay reads 2-Jan, Jan-02, 02/01/2024, 2024-01-02, 1月2日 and the like.
func readDay(text string) (day, bool) {
	if strings.ContainsRune(text, '月') {
		return readChinese(text)
	}
	text, _, _ = strings.Cut(text, " 00:00")
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '/' || r == '.' || r == ' ' })
	if len(parts) < 2 || len(parts) > 3 {
		return day{}, false
	}
	var n [3]int
	named := -1
	for i, p := range parts {
		if m := monthNumber(p); m > 0 && named < 0 {
			n[i], named = m, i
			continue
		}
		v, err := strconv.Atoi(p)
		if err != nil || v < 1 || len(p) > 4 || len(p) == 3 {
			return day{}, false
		}
		n[i] = v
	}
	var d day
	switch {
	case named == 0 && len(parts) == 2:
		d = day{month: n[0], day: n[1]}
		if len(parts[1]) == 4 {
			d = day{month: n[0], year: n[1]}
		}
	case named == 1 && len(parts) == 2:
		d = day{month: n[1], day: n[0]}
	case named == 1:
		d = day{n[2], n[1], n[0]}
		if len(parts[0]) == 4 {
			d = day{n[0], n[1], n[2]}
		}
	case named >= 0 || len(parts) == 2:
		return day{}, false
	case len(parts[0]) == 4:
		d = day{n[0], n[1], n[2]}
	case n[0] > 12 && n[1] <= 12:
		d = day{n[2], n[1], n[0]}
	default: // of 02/01/2024 nobody knows: the order of the United States first
		d = day{n[2], n[0], n[1]}
	}
	return d, d.month >= 1 && d.month <= 12 && d.day <= 99 && (d.day <= 31 || d.year == 0)
}

func readChinese(text string) (day, bool) {
	var d day
	if y, rest, ok := strings.Cut(text, "年"); ok {
		d.year, _ = strconv.Atoi(y)
		text = rest
	}
	m, rest, ok := strings.Cut(text, "月")
	if !ok {
		return d, false
	}
	d.month, _ = strconv.Atoi(m)
	d.day, _ = strconv.Atoi(strings.TrimSuffix(rest, "日"))
	return d, d.month >= 1 && d.month <= 12 && d.day <= 31
}

// monthNumber is the month that an English name or its first three letters
// mean, or 0.
func monthNumber(word string) int {
	if len(word) < 3 || !isLetter(word[0]) {
		return 0
	}
	for m := 1; m <= 12; m++ {
		if strings.EqualFold(word, monthNames[m]) || strings.EqualFold(word, time.Month(m).String()) {
			return m
		}
	}
	return 0
}

// readSerial reads the five digits of a date as a spreadsheet stores it: days
// since the end of 1899, here 1990 to 2049.
func readSerial(text string) (day, bool) {
	if len(text) != 5 || !allDigits(text) {
		return day{}, false
	}
	n, _ := strconv.Atoi(text)
	if n < 32874 || n > 54788 {
		return day{}, false
	}
	t := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
	return day{t.Year(), int(t.Month()), t.Day()}, true
}

// texts lists what may have been typed, the likeliest first: the current year
// is added to a month and a day, so most often there was none. signs are what
// may stand between the parts, letters says that months may have names.
func (d day) texts(signs string, letters bool) []string {
	var out []string
	m, dd, y := strconv.Itoa(d.month), strconv.Itoa(d.day), strconv.Itoa(d.year)
	m0, d0 := fmt.Sprintf("%02d", d.month), fmt.Sprintf("%02d", d.day)
	for _, sep := range strings.Split(signs, "") {
		join := func(parts ...string) { out = append(out, strings.Join(parts, sep)) }
		if d.day > 0 {
			join(m, dd)
			join(m0, d0)
			join(m0, dd)
			join(m, d0)
			join(dd, m)
			join(d0, m0)
		}
		if d.year > 0 {
			y2 := fmt.Sprintf("%02d", d.year%100)
			y1 := strconv.Itoa(d.year % 100)
			if d.day > 0 {
				join(m, dd, y)
				join(m0, d0, y)
				join(y, m, dd)
				join(y, m0, d0)
				join(m, dd, y1)
				join(m0, d0, y2)
				join(dd, m, y)
				join(dd, m, y1)
				join(y1, m, dd)
			}
			join(m0, y)
			join(m, y)
			join(y, m0)
			join(m0, y2)
			join(m, y1)
		}
	}
	if !letters {
		return out
	}
	name := monthNames[d.month]
	for _, n := range [...]string{name, strings.ToUpper(time.Month(d.month).String()), "SEPT"} {
		if n == "SEPT" && d.month != 9 {
			continue
		}
		for _, sep := range [...]string{"", "-", " "} {
			out = append(out, n+sep+dd, n+sep+d0, dd+sep+n, d0+sep+n)
		}
	}
	return out
}
