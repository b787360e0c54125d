package infer

// joinOptional makes one scheme with an optional part of two that differ in
// separators or check characters only.
func (a *analysis) joinOptional(found []proposal) []proposal { return found }
