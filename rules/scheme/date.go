package scheme

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// dateLayout is what {date:YYYYMMDD} reads: fields of fixed width, and
// separators between them. Dates are of the Gregorian calendar, years 1000 to
// 9999.
type dateLayout struct {
	text   string
	fields []dateField
	class  *class
}

// dateField is one field of a layout: len(word) digits at byte at.
type dateField struct {
	word string
	unit int // in dateFields
	at   int
}

// dateFields are year, month, day, hour, minute and second.
type dateFields [6]int

const (
	yearField = iota
	monthField
	dayField
	hourField
)

// dateWords are the fields that a layout is made of. YYYY stands before YY.
var dateWords = []struct {
	word string
	unit int
}{{"YYYY", yearField}, {"YY", yearField}, {"MM", monthField}, {"DD", dayField}, {"hh", hourField}, {"mm", hourField + 1}, {"ss", hourField + 2}}

// dateSeparators may stand between fields.
const dateSeparators = "-/. :T"

const dateHint = "write {date:YYYYMMDD}, {date:YYMM} or {date:DD.MM.YYYY}; hh, mm and ss are hours, minutes and seconds"

// parseLayout reads the argument of a {date} token. It reports its own
// problems.
func (p *parser) parseLayout(a argument) (*dateLayout, bool) {
	d := &dateLayout{text: a.text}
	if a.text == "" {
		p.fail(a.column, 1, "{date} needs a layout", dateHint)
		return nil, false
	}
	var has [len(dateFields{})]bool
	chars := digits
	for at := 0; at < len(a.text); {
		rest := a.text[at:]
		if strings.ContainsRune(dateSeparators, rune(rest[0])) {
			chars += rest[:1]
			at++
			continue
		}
		i := 0
		for i < len(dateWords) && !strings.HasPrefix(rest, dateWords[i].word) {
			i++
		}
		column := a.column + len([]rune(a.text[:at]))
		switch {
		case i == len(dateWords):
			p.fail(column, 1, fmt.Sprintf("%q is not a part of a date", []rune(rest)[0]), dateHint)
			return nil, false
		case has[dateWords[i].unit]:
			p.fail(column, len(dateWords[i].word), fmt.Sprintf("the date has %s twice", dateWords[i].word), dateHint)
			return nil, false
		}
		has[dateWords[i].unit] = true
		d.fields = append(d.fields, dateField{dateWords[i].word, dateWords[i].unit, at})
		at += len(dateWords[i].word)
	}
	for unit := dayField; unit < len(has); unit++ {
		if has[unit] && !has[unit-1] {
			p.fail(a.column, len([]rune(a.text)), "the date has a smaller part without the larger one: days need months, hours need days", dateHint)
			return nil, false
		}
	}
	if len(d.fields) == 0 {
		p.fail(a.column, len(a.text), "the date has neither year nor month", dateHint)
		return nil, false
	}
	d.class = newClass(chars)
	return d, true
}

// read is the date that text says; ok is false where it is none. Two digits
// of a year mean 1969 to 2068, as in POSIX strptime.
func (d *dateLayout) read(text string) (f dateFields, ok bool) {
	if len(text) != len(d.text) {
		return f, false
	}
	f = dateFields{2000, 1, 1} // where the layout does not say; a leap year
	next := 0                  // the end of the field before
	for _, field := range d.fields {
		for ; next < field.at; next++ {
			if text[next] != d.text[next] {
				return f, false
			}
		}
		n := 0
		for ; next < field.at+len(field.word); next++ {
			c := text[next] - '0'
			if c > 9 {
				return f, false
			}
			n = n*10 + int(c)
		}
		if field.unit == yearField && len(field.word) == 2 {
			if n += 2000; n > 2068 {
				n -= 100
			}
		}
		f[field.unit] = n
	}
	for ; next < len(text); next++ {
		if text[next] != d.text[next] {
			return f, false
		}
	}
	return f, f.real()
}

// real reports whether there is such a date.
func (f dateFields) real() bool {
	y, m, day := f[yearField], f[monthField], f[dayField]
	if y < 1000 || m < 1 || m > 12 || day < 1 || f[hourField] > 23 || f[hourField+1] > 59 || f[hourField+2] > 59 {
		return false
	}
	return day <= daysIn(y, m)
}

func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

func (d *dateLayout) holds(text string) bool {
	_, ok := d.read(text)
	return ok
}

// write appends t in the layout. Years beyond 9999 do not fit.
func (d *dateLayout) write(dst []byte, t time.Time) ([]byte, bool) {
	if t.Year() < 1000 || t.Year() > 9999 {
		return dst, false
	}
	f := dateFields{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()}
	start := len(dst)
	dst = append(dst, d.text...)
	for _, field := range d.fields {
		n := f[field.unit]
		for i := field.at + len(field.word) - 1; i >= field.at; i-- {
			dst[start+i] = byte('0' + n%10)
			n /= 10
		}
	}
	return dst, true
}

// time is the moment that text says, in loc.
func (d *dateLayout) time(text string, loc *time.Location) (time.Time, bool) {
	f, ok := d.read(text)
	if !ok {
		return time.Time{}, false
	}
	return time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], 0, loc), true
}

// Time is the moment that component p.Parts[no] says: a {date} in loc, a
// {unix} or a {unixms}. ok is false for other components.
func (s *Scheme) Time(p Parts, no int, loc *time.Location) (t time.Time, ok bool) {
	text := p.Parts[no].Text
	for i := range s.forms[p.Form].elements {
		el := &s.forms[p.Form].elements[i]
		if el.kind == literal || el.name != p.Parts[no].Name {
			continue
		}
		switch {
		case el.date != nil:
			return el.date.time(text, loc)
		case el.token == "unix" || el.token == "unixms":
			n, err := strconv.ParseInt(text, 10, 64)
			if el.token == "unix" {
				n *= 1000
			}
			return time.UnixMilli(n).In(loc), err == nil
		}
	}
	return time.Time{}, false
}

// count is how many dates the layout can write.
func (d *dateLayout) count() *big.Int {
	var years, months, days bool
	years4 := false
	total := int64(1)
	for _, field := range d.fields {
		switch field.unit {
		case yearField:
			years, years4 = true, len(field.word) == 4
		case monthField:
			months = true
		case dayField:
			days = true
		case hourField:
			total *= 24
		default:
			total *= 60
		}
	}
	switch {
	case years && days && years4:
		n := int64(0)
		for y := 1000; y <= 9999; y++ {
			n += 337 + int64(daysIn(y, 2))
		}
		total *= n
	case years && days:
		total *= 36525
	case years && years4:
		total *= 9000
	case years:
		total *= 100
	case days:
		total *= 366 // without a year, as leap years have it
	}
	if months && !days {
		total *= 12
	}
	return big.NewInt(total)
}
