// Package quality scores a grouping of records against known truth.
//
// The truth is a label per record: equal labels are one customer. Every
// figure is precision (how much of what was said is right), recall (how much
// of what is true was said) and F1, their harmonic mean; what they count
// differs:
//
//   - pairs: the scored pairs alone, before anything is grouped;
//   - closure: all pairs of records that ended in one cluster, which is what
//     customers notice: one wrong link between two clusters makes many;
//   - exact: whole clusters, of one record too, that are neither too large
//     nor too small;
//   - B-cubed: the average over records of how right their own cluster is
//     (Bagga and Baldwin, "Entity-Based Cross-Document Coreferencing Using
//     the Vector Space Model", 1998).
//
// [Score] also gives them as they would be after a person had decided every
// review rightly, lists the clusters that hold several customers, and says
// where pairs that were missed got lost. Records whose truth is not known are
// left out of all of it. Time and memory are linear in the records.
package quality
