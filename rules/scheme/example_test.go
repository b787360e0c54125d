package scheme_test

import (
	"fmt"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

func Example() {
	s, err := scheme.Compile("[K-]{letters:2}{seq:4}{check:luhn}", nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Match("K-AB00018"), s.Match("K-AB00019"))
	p, err := s.Parse("K-AB00018")
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Parts)
	id, err := s.Format(p)
	fmt.Println(id, err)
	_, err = scheme.Compile("{alnum}{sqe}", nil)
	fmt.Println(err)
	// Output:
	// true false
	// [{letters AB} {seq 0001} {check 8}]
	// K-AB00018 <nil>
	// scheme "{alnum}{sqe}", character 9: unknown token {sqe} (did you mean {seq}?)
}

func ExampleCanonical() {
	c, err := scheme.CompileCanonical("CUST-{next:8}-{check:mod97-10}")
	if err != nil {
		panic(err)
	}
	id, err := c.Append(nil, nil, 1)
	fmt.Println(string(id), err)
	fmt.Println(c.Counter("CUST-00000001-81"))
	_, err = c.Append(nil, nil, 100_000_000)
	fmt.Println(err)
	// Output:
	// CUST-00000001-81 <nil>
	// 1 true
	// write number 100000000 of scheme CUST-{next:8}-{check:mod97-10}, whose greatest is 99999999: the canonical scheme is exhausted
}
