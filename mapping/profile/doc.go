// Package profile looks at a source as somebody does who has to migrate it:
// how its customers are numbered, what is wrong with the numbers, and what
// the other columns hold.
//
//	p, err := profile.Look(ctx, src, columns, profile.Options{Source: "legacy", IDs: ids})
//	err = p.Text(os.Stdout, profile.TextOptions{})
//
// The source is read once, as a stream. The numbers are kept whole, in about
// as many bytes as they have and a dozen more each, and three times that while
// they are sorted; every other column is a sketch of fixed size, whatever its
// texts. What a profile says about numbers is counted over all rows. Only the
// proposal of schemes works on a sample, and what it proposes is then counted
// over all rows.
//
// The same rows in another order give the same profile, but for the places.
// Numbers are shown as they are. Masked are values of other columns, and names,
// addresses and phone numbers that got into the column of the numbers, unless
// they are placeholders, which are nobody's: see [Shown].
package profile
