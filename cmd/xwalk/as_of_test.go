package main

import (
	"errors"
	"testing"
	"time"
)

func TestAsOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		run  int64
		at   string // of a time
	}{
		{"0", 0, ""},
		{"3", 3, ""},
		{"run:12", 12, ""},
		{" 7 ", 7, ""},
		{"2026", 2026, ""},
		{"2026-01-31", -1, "2026-01-31T23:59:59Z"},
		{"2024-02-29", -1, "2024-02-29T23:59:59Z"},
		{"2026-01-31 12:00", -1, "2026-01-31T12:00:00Z"},
		{"2026-01-31 12:00:01", -1, "2026-01-31T12:00:01Z"},
		{"2026-01-31T12:00", -1, "2026-01-31T12:00:00Z"},
		{"2026-01-31T12:00:00Z", -1, "2026-01-31T12:00:00Z"},
		{"2026-01-31T01:30:00+02:00", -1, "2026-01-30T23:30:00Z"},
	} {
		run, at, err := asOf(c.text).moment()
		if err != nil || run != c.run || c.at != "" && at.UTC().Format(time.RFC3339) != c.at {
			t.Errorf("%q is run %d at %v, %v; want run %d at %s", c.text, run, at, err, c.run, c.at)
		}
	}
	for _, text := range []string{"x", "-1", "run:-1", "run:2026-01-31", "2026-02-30", "31.01.2026", "2026-01", "1.5", "run:"} {
		var wrong *usageError
		if err := asOf(text).check(); !errors.As(err, &wrong) {
			t.Errorf("%q: %v, want a usage error", text, err)
		}
	}
}
