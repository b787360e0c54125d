package similar

import (
	"fmt"
	"testing"
)

// BenchmarkCompare compares the records of the data sets there are; with
// -data also 100,000 and 1,000,000 generated persons.
func BenchmarkCompare(b *testing.B) {
	for _, d := range datasets() {
		b.Run(d.name, func(b *testing.B) {
			l := load(b, d)
			b.ReportAllocs()
			for b.Loop() {
				r, err := Compare(b.Context(), l.Input, Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(r.Pairs)), "pairs")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(l.Rank)), "ns/record")
		})
	}
}

// BenchmarkBlocking proposes pairs without comparing them.
func BenchmarkBlocking(b *testing.B) {
	for _, d := range datasets() {
		b.Run(d.name, func(b *testing.B) {
			l := load(b, d)
			for b.Loop() {
				r, err := Estimate(b.Context(), l.Input, Options{})
				if err != nil {
					b.Fatal(err)
				}
				var candidates int64
				for _, x := range r {
					candidates += x.New
				}
				b.ReportMetric(float64(candidates)/float64(len(l.Rank)), "pairs/record")
			}
		})
	}
}

func ExampleAppendTrait() {
	b := AppendTrait(nil, 1, "Anna")
	b = AppendTrait(b, 0, "anna@example.org")
	for role, text := range EachTrait(b) {
		fmt.Println(role, string(text))
	}
	// Output:
	// 1 Anna
	// 0 anna@example.org
}
