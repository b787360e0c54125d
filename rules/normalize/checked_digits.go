package normalize

import (
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// bareDigits reports whether a number of digits alone holds as one of those
// that hardly any number does by accident:
//
//   - 11 digits: CPF of Brazil, ABN of Australia, identity numbers of Turkey,
//     Norway and Poland (PESEL), CUIT of Argentina;
//   - 12: INN of a person in Russia;
//   - 13: identity numbers of South Africa, South Korea and the states of
//     former Yugoslavia (JMBG), AHV number of Switzerland;
//   - 14: CNPJ of Brazil, SIRET of France;
//   - 15: NIR of France.
//
// Rows of one digit pass many checks and are none.
func bareDigits(id string) bool {
	if strings.Trim(id, id[:1]) == "" {
		return false
	}
	switch len(id) {
	case 11:
		return cpf(id) || abn(id) || turkish(id) || norwegian(id) || pesel(id) || cuit(id)
	case 12:
		return innPerson(id)
	case 13:
		return southAfrican(id) || korean(id) || jmbg(id) || id[:3] == "756" && scheme.CheckHolds("gs1-mod10", id[:12], id[12:])
	case 14:
		return cnpj(id) || luhn(id[:9]) && luhn(id)
	case 15:
		return nir(id)
	}
	return false
}

// mod11Digit is 11 less a sum modulo 11, of which 10 and 11 are 0.
func mod11Digit(sum int) int {
	if d := 11 - sum%11; d < 10 {
		return d
	}
	return 0
}

// cpf is a person's number of Brazil. Source: Receita Federal.
func cpf(id string) bool {
	return mod11Digit(weigh(id, 10, 9, 8, 7, 6, 5, 4, 3, 2)) == int(id[9]-'0') && mod11Digit(weigh(id, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)) == int(id[10]-'0')
}

// cnpj is a company's number of Brazil; those with letters take each
// character for its ASCII code less 48. Source: Receita Federal, IN RFB
// 2.229/2024.
func cnpj(id string) bool {
	return mod11Digit(weigh(id, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) == int(id[12]-'0') && mod11Digit(weigh(id, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) == int(id[13]-'0')
}

// abn is the business number of Australia. Source: Australian Business
// Register, format of the ABN.
func abn(id string) bool {
	return id[0] != '0' && (weigh(id, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)-10)%89 == 0
}

// turkish is a T.C. kimlik no. Source: Nüfus ve Vatandaşlık İşleri.
func turkish(id string) bool {
	odd, even := weigh(id, 1, 0, 1, 0, 1, 0, 1, 0, 1), weigh(id, 0, 1, 0, 1, 0, 1, 0, 1)
	tenth := ((odd*7-even)%10 + 10) % 10
	return id[0] != '0' && tenth == int(id[9]-'0') && (odd+even+tenth)%10 == int(id[10]-'0')
}

// norwegian is a fødselsnummer: date, three digits, two checks. Source:
// Skatteetaten.
func norwegian(id string) bool {
	return weigh(id, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && weigh(id, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 &&
		dayAndMonth(int(number(id[:2]))%40, int(number(id[2:4]))%40)
}

// pesel is a person's number of Poland; 20 is added to the months of this
// century. Source: Act on population records of 2010.
func pesel(id string) bool {
	return weigh(id, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0 && id[2] < '4' &&
		dayAndMonth(int(number(id[4:6])), int(number(id[2:4]))%20)
}

// cuit is a tax number of Argentina. Source: AFIP.
func cuit(id string) bool {
	switch id[:2] {
	case "20", "23", "24", "27", "30", "33", "34":
		return (11-weigh(id, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11 == int(id[10]-'0')
	}
	return false
}

// innPerson is the tax number of a person in Russia. Source: order of the FNS
// of 29 June 2012.
func innPerson(id string) bool {
	return weigh(id, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == int(id[10]-'0') && weigh(id, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == int(id[11]-'0')
}

// southAfrican is a date, a number, the citizenship and a Luhn check. Source:
// Department of Home Affairs.
func southAfrican(id string) bool {
	return dayAndMonth(int(number(id[4:6])), int(number(id[2:4]))) && id[10] <= '2' && luhn(id)
}

// korean is a resident registration number. Those given since October 2020
// have no check. Source: Ministry of the Interior and Safety.
func korean(id string) bool {
	return dayAndMonth(int(number(id[4:6])), int(number(id[2:4]))) && (11-weigh(id, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11)%10 == int(id[12]-'0')
}

// jmbg is a citizen's number of the states of former Yugoslavia.
func jmbg(id string) bool {
	return dayAndMonth(int(number(id[:2])), int(number(id[2:4]))) && (id[4] == '9' || id[4] == '0') &&
		mod11Digit(weigh(id, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) == int(id[12]-'0')
}

// nir is a social security number of France. Source: INSEE.
func nir(id string) bool {
	month := number(id[3:5])
	return (id[0] == '1' || id[0] == '2') && (1 <= month && month <= 12 || 20 <= month && month <= 42) && 97-number(id[:13])%97 == number(id[13:])
}

// dayAndMonth reports whether some year has the day.
func dayAndMonth(d, m int) bool { return day{2000, m, d}.real() }
