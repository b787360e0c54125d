package scheme

// machine is a kind of ID that software makes: text of a fixed layout, which
// may be spelled in several ways.
type machine struct {
	name     string
	class    *class
	min, max int // bytes, of all spellings
	// spell appends the one spelling of text; false: it is no such ID, and dst
	// comes back as it was.
	spell func(dst []byte, text string) ([]byte, bool)
	// fits reports whether text is such an ID in any spelling, and same whether
	// it is one in its one spelling. They agree with spell and are quicker.
	fits, same func(text string) bool
}

// machines are the machine IDs that a scheme can name. An ID whose every
// digit is 0, such as the nil UUID, and the max UUID are well formed but mean
// "none": none of these tokens reads them, so that the records that carry them
// are rejected one by one and never taken for one customer.
var machines = []machine{
	{name: "uuid", class: classUUID, min: 32, max: 45, spell: spellUUID, fits: fitsUUID, same: sameUUID},
	{name: "ulid", class: classULID, min: 26, max: 26, spell: spellULID, fits: fitsULID, same: sameULID},
	{name: "snowflake", class: classDigit, min: 15, max: 19, spell: spellSnowflake, fits: isSnowflake, same: isSnowflake},
	{name: "objectid", class: classHex, min: 24, max: 24, spell: spellObjectID, fits: fitsObjectID, same: sameObjectID},
	{name: "salesforce", class: classAlnum, min: 15, max: 18, spell: spellSalesforce, fits: fitsSalesforce, same: sameSalesforce},
}

// spellObjectID reads a MongoDB ObjectId: 24 hexadecimal digits, the first
// eight of which are the seconds since 1970 when it was made. Source: BSON
// specification, ObjectID.
func spellObjectID(dst []byte, text string) ([]byte, bool) {
	if !fitsObjectID(text) {
		return dst, false
	}
	for i := range len(text) {
		dst = append(dst, lower(text[i]))
	}
	return dst, true
}

func fitsObjectID(text string) bool { return len(text) == 24 && onlyOf(text, classHex) }
func sameObjectID(text string) bool { return len(text) == 24 && onlyOf(text, classLowerHex) }

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		b |= 0x20
	}
	return b
}

// onlyOf reports whether text has characters of the class only, not all 0.
func onlyOf(text string, c *class) bool {
	some := false
	for i := range len(text) {
		if !c.ascii[text[i]] {
			return false
		}
		some = some || text[i] != '0'
	}
	return some
}

// spellULID reads a ULID: 10 characters of Unix milliseconds and 16 of
// chance, in Crockford's alphabet without his substitutes. 128 bits leave at
// most 7 to the first of them. Capitals are the one spelling. Source: ULID
// specification.
func spellULID(dst []byte, text string) ([]byte, bool) {
	if !fitsULID(text) {
		return dst, false
	}
	for i := range len(text) {
		dst = append(dst, upper(text[i]))
	}
	return dst, true
}

func fitsULID(text string) bool {
	return len(text) == 26 && text[0] <= '7' && onlyOf(text, classULID)
}

func sameULID(text string) bool {
	return len(text) == 26 && text[0] <= '7' && onlyOf(text, classUpperULID)
}

var (
	classLowerHex  = newClass(digits + "abcdef")
	classUpperULID = newClass(crockfordChars)
	classULID      = newClass("0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz")
)
