package scheme

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"
)

// Details says what is inside a machine ID, a time stamp or a code, by the name
// of its token or code list and its text in any spelling:
//
//	uuid                      version, time (of versions 1, 6 and 7)
//	ulid, objectid            time
//	snowflake                 time_discord, time_twitter, time_unix: those that are
//	                          plausible; worker, process, increment
//	salesforce                prefix, object (of the usual ones), id15
//	unix, unixms              time
//	gb2260, gb2260-4, -2      province, prefecture, status (of withdrawn codes)
//
// Times are RFC 3339 in UTC, those beyond the year 9999 left out. It is nil for
// other names and for texts that their token would not read.
func Details(name, text string) []Part {
	switch name {
	case "unix", "unixms":
		return unixDetails(name, text)
	case "gb2260", "gb2260-4", "gb2260-2":
		return regionDetails(builtinCodes()[name], text)
	}
	m := findMachine(name)
	if m == nil || len(text) < m.min || len(text) > m.max {
		return nil
	}
	spelled, ok := m.spell(nil, text)
	if !ok {
		return nil
	}
	switch id := string(spelled); name {
	case "uuid":
		return uuidDetails(id)
	case "ulid":
		return timeParts(nil, "time", ulidMillis(id))
	case "objectid":
		seconds, _ := strconv.ParseInt(id[:8], 16, 64) // eight hexadecimal digits
		return timeParts(nil, "time", seconds*1000)
	case "snowflake":
		return snowflakeDetails(id)
	case "salesforce":
		return salesforceDetails(id)
	}
	return nil
}

// timeParts adds a moment, in milliseconds since 1970.
func timeParts(parts []Part, name string, ms int64) []Part {
	t := time.UnixMilli(ms).UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return parts
	}
	return append(parts, Part{name, t.Format("2006-01-02T15:04:05.999Z07:00")})
}

func unixDetails(name, text string) []Part {
	bits, unit := 40, int64(1000) // 35,000 years and more
	if name == "unixms" {
		bits, unit = 50, 1
	}
	n, err := strconv.ParseUint(text, 10, bits)
	if err != nil {
		return nil
	}
	return timeParts(nil, "time", int64(n)*unit)
}

// gregorian is the start of the Gregorian calendar, from which UUIDs count
// time in units of 100 ns, before 1970.
const gregorian = 0x01B21DD213814000

// uuidDetails reads a UUID by RFC 9562. A version 1 whose first three fields
// are in Microsoft's byte order, as SQL Server's sequential GUIDs print, is
// recognised by a plausible time.
func uuidDetails(id string) []Part {
	b, err := hex.DecodeString(id[:8] + id[9:13] + id[14:18] + id[19:23] + id[24:])
	if err != nil || !rfcVariant(id[19]) {
		return nil
	}
	version := b[6] >> 4
	if version < 1 || version > 8 {
		b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7] = b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]
		if version = b[6] >> 4; version != 1 || !plausible(uuidMillis(b)) {
			return nil
		}
	}
	parts := []Part{{"version", strconv.Itoa(int(version))}}
	switch version {
	case 1, 6, 7:
		return timeParts(parts, "time", uuidMillis(b))
	}
	return parts
}

// uuidMillis is the time of a UUID of version 1, 6 or 7.
func uuidMillis(b []byte) int64 {
	high := binary.BigEndian.Uint64(b)
	var ticks uint64
	switch b[6] >> 4 {
	case 1:
		ticks = high&0xfff<<48 | high>>16&0xffff<<32 | high>>32
	case 6:
		ticks = high>>16<<12 | high&0xfff
	default:
		return int64(high >> 16)
	}
	return (int64(ticks) - gregorian) / 10000
}

// ulidMillis is the time of a ULID in its one spelling.
func ulidMillis(id string) int64 {
	ms := int64(0)
	for i := range 10 {
		ms = ms*32 + int64(crockfordValues[id[i]])
	}
	return ms
}

func snowflakeDetails(id string) []Part {
	n, _ := snowflake(id)
	var parts []Part
	for _, e := range snowflakeEpochs {
		if ms := n>>22 + e.ms; plausible(ms) {
			parts = timeParts(parts, "time_"+e.name, ms)
		}
	}
	return append(parts,
		Part{"worker", strconv.FormatInt(n>>17&31, 10)},
		Part{"process", strconv.FormatInt(n>>12&31, 10)},
		Part{"increment", strconv.FormatInt(n&4095, 10)})
}

// salesforceObjects are the objects of the key prefixes that every
// organisation has. Source: Salesforce Help, "Standard Field Record ID Prefix
// Decoder".
var salesforceObjects = map[string]string{
	"001": "Account", "003": "Contact", "005": "User", "006": "Opportunity",
	"00Q": "Lead", "500": "Case", "701": "Campaign",
}

func salesforceDetails(id string) []Part {
	parts := []Part{{"prefix", id[:3]}}
	if object, ok := salesforceObjects[id[:3]]; ok {
		parts = append(parts, Part{"object", object})
	}
	return append(parts, Part{"id15", id[:15]})
}

func regionDetails(list *codeList, code string) []Part {
	name := list.name(code)
	if name == "" {
		return nil
	}
	parts := []Part{{"province", regionOf(code[:2]).name}}
	if len(code) > 2 && code[2:4] != "00" {
		parts = append(parts, Part{"prefecture", name})
	}
	if list.obsolete(code) {
		parts = append(parts, Part{"status", "withdrawn"})
	}
	return parts
}
