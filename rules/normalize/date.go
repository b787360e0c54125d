package normalize

import (
	"strings"
	"time"
)

// The orders of digits in dates whose order does not show. The empty order is
// YMD.
const (
	YMD = "YMD"
	DMY = "DMY"
	MDY = "MDY"
)

// Date is a calendar date as 2006-01-02. It reads 2006-01-02, 2006/1/2,
// 2006.1.2, 2006年1月2日, 二〇〇六年一月二日, 平成18年1月2日, 2006년 1월 2일, 20060102,
// 2.1.2006, 2/1/2006, 02012006, and months by name in major languages (2 Jan
// 2006, January 2nd, 2006, 2. März 2006, 2 de enero de 2006), also with
// a time of day behind them, which is dropped. Order decides what the digits
// do not: in 1/2/2006 DMY puts the day first, MDY the month, and YMD refuses
// to guess unless a dot, which only follows days, or a number beyond 12 tells.
// Years of two digits and days that are not in the calendar are not ok, nor
// are the serial numbers of spreadsheets: any number could be one.
func Date(s, order string) (iso string, ok bool) {
	s = plainDate(s)
	d, rest, ok := readDay(s, order)
	if !ok {
		if s, ok = namedMonth(s); !ok {
			return "", false
		}
		d, rest, _ = readDay(s, YMD)
	}
	if rest != "" {
		if _, ok := readClock(rest); !ok {
			return "", false
		}
	}
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		return s, true
	}
	return d.String(), true
}

// Time is a moment. It reads RFC 3339 and its relatives (a space for the T,
// +0800 or UTC for the zone, no seconds, fractions, 3:04 PM), every date that
// [Date] reads, 20060102150405, and Unix time in seconds (10 digits) or
// milliseconds (13). A time without a zone is in loc, nil being UTC; a date
// is its midnight.
func Time(s string, loc *time.Location, order string) (time.Time, bool) {
	if loc == nil {
		loc = time.UTC
	}
	if t, ok := isoTime(s, loc); ok {
		return t, true
	}
	s = plainDate(s)
	if digits(s) {
		switch len(s) {
		case 10:
			return time.Unix(int64(number(s)), 0).UTC(), true
		case 13:
			return time.UnixMilli(int64(number(s))).UTC(), true
		case 14:
			s = s[:8] + " " + s[8:10] + ":" + s[10:12] + ":" + s[12:]
		}
	}
	d, rest, ok := readDay(s, order)
	if !ok {
		if s, ok = namedMonth(s); !ok {
			return time.Time{}, false
		}
		d, rest, _ = readDay(s, YMD)
	}
	var c clock
	if rest != "" {
		if c, ok = readClock(rest); !ok {
			return time.Time{}, false
		}
	}
	if c.zoned {
		loc = time.UTC
	}
	t := time.Date(d.year, time.Month(d.month), d.day, c.hour, c.minute, c.second, c.nano, loc)
	return t.Add(-c.offset), true
}

// isoTime reads the commonest form, 2006-01-02 15:04:05 with a space or a T,
// in a tenth of the time that it takes to find out which form it is.
func isoTime(s string, loc *time.Location) (t time.Time, ok bool) {
	const form = "dddd-dd-dd dd:dd:dd"
	if len(s) != len(form) {
		return t, false
	}
	for i := range len(form) {
		switch c := s[i]; form[i] {
		case 'd':
			if c < '0' || c > '9' {
				return t, false
			}
		case ' ':
			if c != ' ' && c != 'T' {
				return t, false
			}
		default:
			if c != form[i] {
				return t, false
			}
		}
	}
	d := day{int(number(s[:4])), int(number(s[5:7])), int(number(s[8:10]))}
	hour, minute, second := int(number(s[11:13])), int(number(s[14:16])), int(number(s[17:]))
	if !d.real() || hour > 23 || minute > 59 || second > 60 {
		return t, false
	}
	return time.Date(d.year, time.Month(d.month), d.day, hour, minute, second, 0, loc), true
}

// plainDate is s trimmed, full-width forms ordinary, the date words of Chinese,
// Japanese and Korean made hyphens.
func plainDate(s string) string {
	s = strings.Trim(s, " ")
	if isASCII(s) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(easternDate(tidy(s)))
}

// day is a day of the calendar.
type day struct{ year, month, day int }

func (d day) String() string {
	b := []byte("0000-00-00")
	put := func(at, v int) {
		for ; v > 0; v /= 10 {
			b[at] = byte('0' + v%10)
			at--
		}
	}
	put(3, d.year)
	put(6, d.month)
	put(9, d.day)
	return string(b)
}

// real reports whether the calendar has the day.
func (d day) real() bool {
	if d.year < 1 || d.month < 1 || d.month > 12 || d.day < 1 {
		return false
	}
	days := 31
	switch d.month {
	case 4, 6, 9, 11:
		days = 30
	case 2:
		days = 28
		if d.year%4 == 0 && (d.year%100 != 0 || d.year%400 == 0) {
			days = 29
		}
	}
	return d.day <= days
}

// readDay reads a date from the start of s; rest is what follows it, without
// the T or space between.
func readDay(s, order string) (d day, rest string, ok bool) {
	n := leading(s)
	if n == 8 {
		d, ok = compactDay(s[:8], order)
		rest = s[8:]
	} else {
		d, rest, ok = separatedDay(s, order)
	}
	if !ok || rest == "" {
		return d, "", ok
	}
	if rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ' {
		return d, "", false
	}
	return d, strings.TrimLeft(rest[1:], " "), true
}

// separatedDay reads three numbers with the same separator between them.
func separatedDay(s, order string) (d day, rest string, ok bool) {
	var group [3]string
	var sep byte
	for i := range group {
		n := leading(s)
		if n == 0 || n > 4 || n == 3 {
			return d, "", false
		}
		group[i], s = s[:n], s[n:]
		if i == 2 {
			break
		}
		if s == "" || strings.IndexByte("-/.", s[0]) < 0 || i == 1 && s[0] != sep {
			return d, "", false
		}
		sep, s = s[0], s[1:]
	}
	a, b, c := int(number(group[0])), int(number(group[1])), int(number(group[2]))
	switch {
	case len(group[0]) == 4 && len(group[1]) <= 2 && len(group[2]) <= 2:
		d = day{a, b, c}
	case len(group[2]) == 4 && len(group[0]) <= 2 && len(group[1]) <= 2:
		if sep == '.' && order != MDY {
			order = DMY
		}
		d, ok = yearLast(a, b, c, order)
		return d, s, ok
	}
	return d, s, d.real()
}

// yearLast decides which of a and b is the day.
func yearLast(a, b, year int, order string) (day, bool) {
	dmy, mdy := day{year, b, a}, day{year, a, b}
	switch {
	case !mdy.real():
		return dmy, dmy.real()
	case !dmy.real(), order == MDY, a == b:
		return mdy, true
	case order == DMY:
		return dmy, true
	}
	return day{}, false
}

// compactDay reads eight digits. The year tells the order unless both ends
// could be one.
func compactDay(s, order string) (day, bool) {
	plausible := func(year int) bool { return 1800 <= year && year < 2200 }
	first := day{int(number(s[:4])), int(number(s[4:6])), int(number(s[6:]))}
	last, lastOK := yearLast(int(number(s[:2])), int(number(s[2:4])), int(number(s[4:])), order)
	lastOK = lastOK && plausible(last.year)
	switch {
	case lastOK && (order == DMY || order == MDY || !plausible(first.year) || !first.real()):
		return last, true
	default:
		return first, first.real()
	}
}

// clock is a time of day; offset is its zone's distance from UTC.
type clock struct {
	hour, minute, second, nano int
	zoned                      bool
	offset                     time.Duration
}

// readClock reads 15:04, 15:04:05.999, 3:04 PM, each with an optional zone.
func readClock(s string) (c clock, ok bool) {
	var seconds bool
	if c.hour, s, ok = twoDigits(s, 1); !ok || s == "" || s[0] != ':' {
		return c, false
	}
	if c.minute, s, ok = twoDigits(s[1:], 2); !ok {
		return c, false
	}
	if s != "" && s[0] == ':' {
		if c.second, s, ok = twoDigits(s[1:], 2); !ok {
			return c, false
		}
		seconds = true
	}
	if seconds && s != "" && (s[0] == '.' || s[0] == ',') {
		n := leading(s[1:])
		if n == 0 {
			return c, false
		}
		c.nano = int(number((s[1:1+n] + "000000000")[:9]))
		s = s[1+n:]
	}
	s = strings.TrimLeft(s, " ")
	if len(s) >= 2 && (s[1] == 'M' || s[1] == 'm') {
		switch s[0] {
		case 'A', 'a', 'P', 'p':
			if c.hour < 1 || c.hour > 12 {
				return c, false
			}
			c.hour %= 12
			if s[0] == 'P' || s[0] == 'p' {
				c.hour += 12
			}
			s = strings.TrimLeft(s[2:], " ")
		}
	}
	if c.hour > 23 || c.minute > 59 || c.second > 60 {
		return c, false
	}
	return c.zone(s)
}

// zone reads what is left of a time of day.
func (c clock) zone(s string) (clock, bool) {
	switch s {
	case "":
		return c, true
	case "Z", "z", "UTC", "GMT":
		c.zoned = true
		return c, true
	}
	sign := time.Duration(1)
	switch s[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return c, false
	}
	s = s[1:]
	if len(s) == 5 && s[2] == ':' {
		s = s[:2] + s[3:]
	}
	if len(s) == 2 {
		s += "00"
	}
	if len(s) != 4 || !digits(s) {
		return c, false
	}
	hour, minute := number(s[:2]), number(s[2:])
	if hour > 14 || minute > 59 {
		return c, false
	}
	c.zoned = true
	c.offset = sign * (time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	return c, true
}

// twoDigits reads a number of least to 2 digits.
func twoDigits(s string, least int) (v int, rest string, ok bool) {
	n := leading(s)
	if n < least || n > 2 {
		return 0, s, false
	}
	return int(number(s[:n])), s[n:], true
}

// leading is how many digits s starts with.
func leading(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

func digits(s string) bool { return s != "" && leading(s) == len(s) }

// number is the value of at most 18 digits.
func number(s string) (v uint64) {
	for i := range len(s) {
		v = v*10 + uint64(s[i]-'0')
	}
	return v
}
