package profile

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// day is a date as a number that sorts: year, month and day in base 13 and
// 32. Month and day are 0 where they are not known.
type day int32

func newDay(y, m, d int) day { return day((y*13+m)*32 + d) }

func (d day) month() day { return d / 32 * 32 }
func (d day) year() int  { return int(d / 32 / 13) }

// String is the date as far as it is known: 2019, 2019-03 or 2019-03-12.
func (d day) String() string {
	m, date := int(d/32%13), int(d%32)
	switch {
	case m == 0:
		return fmt.Sprintf("%04d", d.year())
	case date == 0:
		return fmt.Sprintf("%04d-%02d", d.year(), m)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year(), m, date)
}

// reader reads the dates of a token that stands for one.
func (t token) reader() func(text string) (day, bool) {
	switch t.kind {
	case "unix":
		return func(text string) (day, bool) { return unixDay(text, time.Second) }
	case "unixms":
		return func(text string) (day, bool) { return unixDay(text, time.Millisecond) }
	}
	year, month, date := strings.Index(t.arg, "YYYY"), strings.Index(t.arg, "MM"), strings.Index(t.arg, "DD")
	short := year < 0
	if short {
		year = strings.Index(t.arg, "YY")
	}
	if year < 0 {
		return nil // says no year
	}
	return func(text string) (day, bool) {
		var y, m, d int
		var ok bool
		if short {
			// Two digits mean 1969 to 2068, as in schemes.
			if y, ok = digitsAt(text, year, 2); ok {
				if y += 2000; y > 2068 {
					y -= 100
				}
			}
		} else {
			y, ok = digitsAt(text, year, 4)
		}
		if ok && month >= 0 {
			m, ok = digitsAt(text, month, 2)
		}
		if ok && date >= 0 {
			d, ok = digitsAt(text, date, 2)
		}
		return newDay(y, m, d), ok
	}
}

func digitsAt(text string, at, n int) (x int, ok bool) {
	if len(text) < at+n {
		return 0, false
	}
	for _, c := range []byte(text[at : at+n]) {
		if c-'0' > 9 {
			return 0, false
		}
		x = x*10 + int(c-'0')
	}
	return x, true
}

func unixDay(text string, unit time.Duration) (day, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, false
	}
	t := time.Unix(n, 0).UTC()
	if unit == time.Millisecond {
		t = time.UnixMilli(n).UTC()
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return 0, false
	}
	return dayOf(t), true
}

func dayOf(t time.Time) day { return newDay(t.Year(), int(t.Month()), t.Day()) }

// calendar counts dates.
type calendar struct {
	months      map[day]int64
	rows        int64
	first, last day
	month       day // met last, and how often since
	run         int64
}

func (c *calendar) add(d day) {
	if c.rows == 0 {
		c.first, c.last = d, d
	}
	c.rows++
	c.first, c.last = min(c.first, d), max(c.last, d)
	if m := d.month(); m != c.month {
		c.flush()
		c.month = m
	}
	c.run++
}

func (c *calendar) flush() {
	if c.months == nil {
		c.months = map[day]int64{}
	}
	if c.run > 0 {
		c.months[c.month] += c.run
		c.run = 0
	}
}

func (c *calendar) merge(o *calendar) {
	o.flush()
	c.flush()
	if o.rows == 0 {
		return
	}
	if c.rows == 0 {
		c.first, c.last = o.first, o.last
	}
	c.rows += o.rows
	c.first, c.last = min(c.first, o.first), max(c.last, o.last)
	for m, n := range o.months {
		c.months[m] += n
	}
}

// maxMonths is how many months are told apart before years are.
const maxMonths = 36

// distribution lists the months from the first to the last, or the years of a
// longer time. Those without customers are in it, as gaps tell something too.
func (c *calendar) distribution(d *Distribution) {
	c.flush()
	d.Rows, d.First, d.Last, d.By = c.rows, c.first.String(), c.last.String(), "month"
	counts, next := c.months, day.nextMonth
	first, last := c.first.month(), c.last.month()
	if c.first.months()+maxMonths <= c.last.months() || first == newDay(first.year(), 0, 0) {
		d.By, next = "year", day.nextYear
		counts = map[day]int64{}
		for m, n := range c.months {
			counts[newDay(m.year(), 0, 0)] += n
		}
		first, last = newDay(first.year(), 0, 0), newDay(last.year(), 0, 0)
	}
	d.Distinct = int64(len(counts))
	for period := first; period <= last; period = next(period) {
		d.Values = append(d.Values, Value{Text: period.String(), Rows: counts[period], Share: shareOf(counts[period], c.rows)})
	}
}

// months counts them since the year 0.
func (d day) months() int { return d.year()*12 + int(d/32%13) }

func (d day) nextMonth() day {
	if m := int(d / 32 % 13); m < 12 {
		return newDay(d.year(), m+1, 0)
	}
	return newDay(d.year()+1, 1, 0)
}

func (d day) nextYear() day { return newDay(d.year()+1, 0, 0) }
