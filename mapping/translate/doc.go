// Package translate makes references follow: wherever a customer's number
// stands outside of the sources, it becomes the canonical ID, or the number of
// another source.
//
// [Load] reads the links of one ID space out of the crosswalk into a [Table],
// which answers what a source ID means now. A [Column] applies it to texts in
// which IDs stand: alone, in lists, inside patterns. [CSV] and [JSONLines]
// carry it through files and streams. Package rewrite does so in databases,
// package publish writes canonical IDs into the sources themselves.
package translate
