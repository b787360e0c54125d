package profile

import "strings"

// eighths are the parts of a bar that fill less than a character.
var eighths = []rune("▏▎▍▌▋▊▉█")

// bar draws share of a bar of width characters. What is not nothing shows.
func bar(share float64, width int, ascii bool) string {
	if share <= 0 {
		return ""
	}
	if ascii {
		return strings.Repeat("#", max(1, int(share*float64(width)+0.5)))
	}
	parts := max(1, int(share*float64(8*width)+0.5))
	text := strings.Repeat("█", parts/8)
	if parts%8 > 0 {
		text += string(eighths[parts%8-1])
	}
	return text
}
