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
	// same reports whether text is such an ID in its one spelling. It agrees
	// with spell and is quicker; nil where it would not be.
	same func(text string) bool
}

// machines are the machine IDs that a scheme can name. An ID whose every
// digit is 0, such as the nil UUID, and the max UUID are well formed but mean
// "none": none of these tokens reads them, so that the records that carry them
// are rejected one by one and never taken for one customer.
var machines = []machine{
	{name: "uuid", class: classUUID, min: 32, max: 45, spell: spellUUID, same: sameUUID},
	{name: "ulid", class: classULID, min: 26, max: 26, spell: spellULID},
	{name: "snowflake", class: classDigit, min: 15, max: 19, spell: spellSnowflake, same: isSnowflake},
	{name: "objectid", class: classHex, min: 24, max: 24, spell: spellObjectID},
	{name: "salesforce", class: classAlnum, min: 15, max: 18, spell: spellSalesforce, same: sameSalesforce},
}

// hexValues is the alphabet 0-9 a-f, in both cases.
var hexValues = alphabet("0123456789abcdef").foldCase()

// lowerHex appends hexadecimal digits in small letters; false where text has
// anything else or zeros only.
func lowerHex(dst []byte, text string) ([]byte, bool) {
	start, some := len(dst), false
	for i := range len(text) {
		v := hexValues[text[i]]
		if v < 0 {
			return dst[:start], false
		}
		some = some || v > 0
		dst = append(dst, "0123456789abcdef"[v])
	}
	return dst, some
}

// spellObjectID reads a MongoDB ObjectId: 24 hexadecimal digits, the first
// eight of which are the seconds since 1970 when it was made. Source: BSON
// specification, ObjectID.
func spellObjectID(dst []byte, text string) ([]byte, bool) {
	if len(text) != 24 {
		return dst, false
	}
	return lowerHex(dst, text)
}

// spellULID reads a ULID: 10 characters of Unix milliseconds and 16 of
// chance, in Crockford's alphabet without his substitutes. 128 bits leave at
// most 7 to the first of them. Capitals are the one spelling. Source: ULID
// specification.
func spellULID(dst []byte, text string) ([]byte, bool) {
	if len(text) != 26 || text[0] > '7' {
		return dst, false
	}
	start, some := len(dst), false
	for i := range len(text) {
		b := text[i]
		if !classULID.ascii[b] {
			return dst[:start], false
		}
		some = some || b != '0'
		dst = append(dst, crockford[b])
	}
	return dst, some
}

var classULID = newClass("0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz")
