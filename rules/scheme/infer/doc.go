// Package infer proposes the schemes by which a sample of IDs is numbered.
//
// It works from the surest evidence to the weakest. Machine IDs and numbers
// of public registers are recognised as wholes. Then check characters are
// looked for: they depend on all that they cover, so IDs that hold a check far
// more often than chance belong together. What remains is grouped by shape,
// cut into runs of digits and letters, and each run explained: prefixes,
// counters that grow, fixed widths, dates, times, and codes of known lists.
//
// Nothing is proposed that an ordinary counter or random digits would explain
// as well. Each scheme compiles, and what it covers was counted by reading the
// sample with it.
package infer
