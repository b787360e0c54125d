package delimited

import (
	"bytes"
	"strings"
	"testing"
)

func TestSmoke(t *testing.T) {
	in := "\uFEFFid,name,\"n\"\r\nC1,\"a,b\",1\r\n\r\nC2,\"x\"\"\ny\",2\r\nbad,\"q\r\n=\"001\",z,3"
	for _, chunk := range []int{1, 3, 7, 100} {
		var out bytes.Buffer
		st, err := Edit(t.Context(), &out, strings.NewReader(in), "x.csv", Options{Columns: []string{"id", "name"}, Add: []string{"old"}, chunk: chunk}, func(_ int, b *Batch) error {
			for i := range b.Len() {
				old := bytes.Clone(b.Cell(i, 0))
				b.Set(i, 0, []byte("<"+string(old)+">"))
				b.Set(i, 1, append(bytes.Clone(b.Cell(i, 1)), '!'))
				b.Set(i, 2, old)
			}
			return nil
		})
		t.Logf("%q %+v %v", out.String(), st, err)
	}
}
