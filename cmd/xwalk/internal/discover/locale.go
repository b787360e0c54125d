package discover

import "fmt"

// locale finds out the country of phone numbers and the order of dates.
func (s *Source) locale() {
	s.country()
	dmy, mdy, either := 0, 0, 0
	for _, role := range []string{"birth_date", "created", "modified"} {
		if f := s.Field(role); f != nil {
			c := s.column(f.Columns[0].Name).looks
			dmy, mdy, either = dmy+c.dmy, mdy+c.mdy, either+c.eitherWay
		}
	}
	switch {
	case dmy > 0 && mdy == 0:
		s.Dates, s.DatesWhy = "DMY", fmt.Sprintf("%s can only be read so", dates(dmy))
	case mdy > 0 && dmy == 0:
		s.Dates, s.DatesWhy = "MDY", fmt.Sprintf("%s can only be read so", dates(mdy))
	case dmy > 0:
		s.doubt("dates: %s the day first and %s the month; those that both could be are not read until dates: DMY or MDY says", put(dmy), put(mdy))
	case either > 0:
		s.doubt("dates: is 03/04/2020 in March or in April? Nothing tells; such dates are not read until dates: DMY or MDY says")
	}
}

func dates(n int) string {
	if n == 1 {
		return "1 date"
	}
	return number(int64(n)) + " dates"
}

func put(n int) string {
	if n == 1 {
		return "1 puts"
	}
	return number(int64(n)) + " put"
}

// clearVotes is how many phone numbers must name their country before it is
// taken for the others too.
const clearVotes = 5

func (s *Source) country() {
	votes, phones, sure := map[string]int{}, 0, 0
	if f := s.Field("phone"); f != nil {
		for _, fc := range f.Columns {
			c := s.column(fc.Name).looks
			phones, sure = phones+c.phone, sure+c.surePhone
			for country, n := range c.countries {
				votes[country] += n
			}
		}
	}
	if f := s.Field("national_id"); f != nil {
		if c := s.column(f.Columns[0].Name).looks; c.of(c.resident, .9) && phones > 0 {
			s.Country, s.CountryWhy = "CN", "by the identity numbers"
			return
		}
	}
	all := 0
	for _, n := range votes {
		all += n
	}
	for _, country := range sortedKeys(votes) {
		if n := votes[country]; n >= clearVotes && n*10 >= all*8 {
			s.Country, s.CountryWhy = country, "by the phone numbers that say so"
			return
		}
	}
	if phones > sure {
		s.doubt("phone: %s without a country code, and nothing tells the country clearly; country: with two letters, such as CN, would say it", numbersAre(int64(phones-sure)))
	}
}
