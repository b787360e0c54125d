package profile

// damage looks for what happened to numbers that nothing reads.
func (a *analysis) damage(n *Numbering, r *result) {}
