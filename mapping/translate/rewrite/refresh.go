package rewrite

import "context"

// Pending reports whether a reference has rows that do not say what they are
// to say.
func (s *Surveyed) Pending() bool { return s.Resolvable > s.Done }

// Refresh carries out, of references, those that every sync keeps up to date:
// new rows, and those whose customer has another number by now. j says which
// run it is under and what else counts; its references are found out here. A
// reference that says all of it already is not written to. One that is blocked
// is a [*BlockedError], and nothing is written then.
func Refresh(ctx context.Context, j Job, refs []*Reference, files []*File) ([]Result, error) {
	var kept []*Reference
	for _, r := range refs {
		if r.Keep {
			kept = append(kept, r)
		}
	}
	j.Surveyed = nil
	if len(kept) > 0 {
		surveyed, err := Survey(ctx, kept, j.Tables, nil)
		if err != nil {
			return nil, err
		}
		for _, s := range surveyed {
			switch {
			case s.Blocked(j.AllowDDL):
				return nil, &BlockedError{s.Name, s.Obstacles}
			case s.Pending():
				j.Surveyed = append(j.Surveyed, s)
			}
		}
	}
	var results []Result
	if len(j.Surveyed) > 0 {
		var err error
		if results, err = Apply(ctx, j); err != nil {
			return results, err
		}
	}
	for _, f := range files {
		more, err := f.refresh(ctx, j.Tables)
		if err != nil {
			return results, err
		}
		results = append(results, more...)
	}
	return results, nil
}

// refresh makes the copy anew, if it is to be kept and is not what it is to be.
func (f *File) refresh(ctx context.Context, tables Tables) ([]Result, error) {
	kept := false
	for _, r := range f.References {
		kept = kept || r.Keep
	}
	if !kept {
		return nil, nil
	}
	c, err := f.Survey(ctx, tables, nil)
	if err != nil || c.Current {
		return nil, err
	}
	for _, s := range c.Surveyed {
		if s.Blocked(false) {
			return nil, &BlockedError{s.Name, s.Obstacles}
		}
	}
	return f.Rewrite(ctx, tables, nil)
}
