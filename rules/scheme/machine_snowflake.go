package scheme

import (
	"strconv"
	"time"
)

// A snowflake is a 63-bit number: 41 bits of milliseconds since an epoch of
// its maker's, 10 bits of who made it and 12 bits of a sequence. The text does
// not tell the epoch, so every usual one is tried.
//
// Sources: Twitter Snowflake 2010 and Discord's reference, "Snowflakes"; the
// Unix epoch is what home-made generators use.
var snowflakeEpochs = []struct {
	name string
	ms   int64 // since 1970
}{
	{"discord", 1420070400000}, // 2015-01-01
	{"twitter", 1288834974657}, // 2010-11-04
	{"unix", 0},
}

// Snowflakes of the Unix epoch are from 2010 on, when the first were made, and
// no snowflake is of 2050 or later: what would be is of another epoch.
var (
	snowflakesFrom  = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	snowflakesUntil = time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// spellSnowflake reads 15 to 19 decimal digits without a leading zero that
// fit into 63 bits and have a plausible time for one of the epochs. There is
// one spelling.
func spellSnowflake(dst []byte, text string) ([]byte, bool) {
	if !isSnowflake(text) {
		return dst, false
	}
	return append(dst, text...), true
}

func isSnowflake(text string) bool {
	n, ok := snowflake(text)
	if !ok {
		return false
	}
	for _, e := range snowflakeEpochs {
		if plausible(n>>22 + e.ms) {
			return true
		}
	}
	return false
}

func plausible(ms int64) bool { return snowflakesFrom <= ms && ms < snowflakesUntil }

func snowflake(text string) (int64, bool) {
	if len(text) < 15 || len(text) > 19 || text[0] < '1' || text[0] > '9' {
		return 0, false // no digit, or a sign, or a leading zero
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
