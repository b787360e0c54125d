package discover

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

// TestScalarsReadBack writes any text, beside others and between brackets,
// and reads it back. A literal ${ comes back doubled, as the configuration
// wants it.
func TestScalarsReadBack(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(
		rapid.SampledFrom([]string{"no", "true", "~", "null", "1e5", "007", "- a", "a: b", "a #b", "#1", "${HOME}", "{x}", "[y]", "'q'", `"q"`, `\`, "a\nb", "\ufeff", "客户编号", " a", "a ", "...", "---", "& b", "*c", "!d", "|", ">", "%e", "@f", "`g", "a,b", "NaN", ".inf", "2026-01-31"}),
		rapid.StringOf(rapid.RuneFrom([]rune("aB9 -:#{}[],&*!|>'\"%@`\\$客\u0301\u00a0\u2028\t\n"))),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		key, value := text.Draw(t, "key"), strings.ToValidUTF8(text.Draw(t, "value"), "")
		key = strings.ToValidUTF8(key, "")
		doc := "plain: " + plain(value) + " # remark\nflow: [" + Flow(value) + ", { field: " + Flow(value) + ", " + Flow(key) + ": person }]\nlist:\n  - " + quote(value) + "\n"
		var got struct {
			Plain string
			Flow  [2]yaml.Node
			List  []string
		}
		if err := yaml.Load([]byte(doc), &got); err != nil {
			t.Fatalf("%v in:\n%s", err, doc)
		}
		want := strings.ReplaceAll(value, "${", "$${")
		m := got.Flow[1].Content
		if got.Plain != want || got.Flow[0].Value != want || m[1].Value != want || m[2].Value != strings.ReplaceAll(key, "${", "$${") || got.List[0] != want {
			t.Fatalf("wrote %q and %q, read %q, %q, %q, %q, %q:\n%s", key, value, got.Plain, got.Flow[0].Value, m[1].Value, m[2].Value, got.List[0], doc)
		}
		for _, n := range []*yaml.Node{&got.Flow[0], m[1], m[2]} {
			if n.Tag != "!!str" {
				t.Fatalf("%q is no text but %s:\n%s", n.Value, n.Tag, doc)
			}
		}
	})
}

// TestRemarksStayRemarks writes remarks that hold line breaks.
func TestRemarksStayRemarks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &writer{}
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab \n\r\u0085\u2028\u2029:#\x00\x1b"))).Draw(t, "text")
		w.line("a: 1")
		w.row("b: 2", "x"+text)
		w.remark("  ", text)
		w.line("c: 3")
		var got map[string]int
		if err := yaml.Load([]byte(w.b.String()), &got); err != nil || len(got) != 3 {
			t.Fatalf("read %v, %v:\n%s", got, err, w.b.String())
		}
	})
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]string{
		0: "0 %", 1: "100 %", .00001: "less than 0.1 %", .99999: "more than 99.9 %", .998: "99.8 %", .0123: "1.2 %", .5: "50 %", .354: "35 %",
	} {
		if got := Percent(share); got != want {
			t.Errorf("percent(%v) = %q, want %q", share, got, want)
		}
	}
	for share, want := range map[float64]string{.3: "30%", 1: "100%", .01: "1%", .025: "2.5%", .1: "10%"} {
		if got := limit(share); got != want {
			t.Errorf("limit(%v) = %q, want %q", share, got, want)
		}
	}
}
