package normalize

import "testing"

func BenchmarkNames(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"ascii", "John Smith"},
		{"title", "Dr. Robert J. McDonald, Jr."},
		{"accents", "Jürgen Müller-Lüdenscheidt"},
		{"particles", "Ludwig van der Meer"},
		{"cyrillic", "Иванов Иван Иванович"},
		{"chinese", "歐陽娜娜"},
		{"korean", "김민준"},
		{"arabic", "محمد بن سلمان"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				FullNameOf(c.text)
			}
		})
	}
	b.Run("given", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			GivenName("joshua")
		}
	})
}

func BenchmarkSound(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Sound("featherstonehaugh")
	}
}
