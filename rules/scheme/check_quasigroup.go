package scheme

// The systems that combine digits by a table instead of a sum. Both find every
// single substitution and every swap of neighbours.

// dammTable is the totally anti-symmetric quasigroup of order 10 whose first
// row is 0317598642; other tables exist. Source: H. M. Damm, Total
// anti-symmetrische Quasigruppen, 2004.
var dammTable = [10]string{
	"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
}

// dammStep and dammFinal are Damm's check: digits.
func dammStep(state, v uint64) uint64 { return uint64(dammTable[state][v] - '0') }

func dammFinal(state uint64) [2]byte { return one(digits[state]) }

// dihedral is the multiplication of the group of the pentagon's symmetries.
var dihedral = [10]string{
	"0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
	"5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
}

// verhoeffTable has for each of the eight permutations of Verhoeff, and each
// digit, the row of dihedral that the digit multiplies by.
var verhoeffTable = func() (rows [8][10]*[10]uint8) {
	var products [10][10]uint8
	for a, row := range dihedral {
		for b := range row {
			products[a][b] = row[b] - '0'
		}
	}
	permuted := [10]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for i := range rows {
		for digit := range 10 {
			rows[i][digit] = &products[permuted[digit]]
		}
		for digit := range 10 {
			permuted[digit] = int("1576283094"[permuted[digit]] - '0')
		}
	}
	return rows
}()

// verhoeffStep and verhoeffFinal are Verhoeff's check: digits. Its
// permutations count places from the right, so the state holds eight products
// of four bits each, the k-th as if the character just read stood k places
// from the check. Source: J. Verhoeff, Error Detecting Decimal Codes, 1969.
func verhoeffStep(state, v uint64) uint64 {
	next := uint64(0)
	for k := range 8 {
		left := state >> (4 * ((k + 1) % 8)) & 15
		next |= uint64(verhoeffTable[k][v][left]) << (4 * k)
	}
	return next
}

func verhoeffFinal(state uint64) [2]byte {
	return one("0432156789"[state>>4&15])
}
