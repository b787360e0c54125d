package plan

import (
	"iter"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Moved is how many records of a source are others than when a plan was made.
type Moved struct {
	New     int64 `json:"new"`
	Changed int64 `json:"changed"`
	Gone    int64 `json:"gone"`
}

// MovedSince compares a saved plan with one that was made anew on the same
// state of the crosswalk, and counts by source the records of which the two
// say something else. Sources that stand still are left out. Records that were
// rejected, and still are, have not moved; neither have those that were gone
// and whose links stay.
func MovedSince(saved, now *Plan) (map[string]Moved, error) {
	names := map[int]string{}
	for _, p := range [...]*Plan{saved, now} {
		for _, s := range p.Spaces {
			names[s.No] = s.Name
		}
	}
	read := map[string]bool{}
	for _, s := range now.Sources {
		read[s.Name] = true
	}
	moved := map[string]Moved{}
	count := func(w *Write, add Moved) {
		if name := names[w.Link.Source]; read[name] {
			m := moved[name]
			moved[name] = Moved{m.New + add.New, m.Changed + add.Changed, m.Gone + add.Gone}
		}
	}
	next, stop := iter.Pull2(now.body(false))
	defer stop()
	var is *Write
	more := true
	advance := func() (err error) {
		is, err, more = next()
		return err
	}
	if err := advance(); err != nil {
		return nil, err
	}
	for was, err := range saved.body(false) {
		if err != nil {
			return nil, err
		}
		for more && is.Link.ID().Compare(was.Link.ID()) < 0 {
			count(is, arrived(is))
			if err := advance(); err != nil {
				return nil, err
			}
		}
		if !more || is.Link.ID() != was.Link.ID() {
			count(was, left(was))
			continue
		}
		switch ended, ends := was.Kind == mapping.KindRetire, is.Kind == mapping.KindRetire; {
		case ended && !ends:
			count(is, Moved{New: 1})
		case ends && !ended:
			count(is, Moved{Gone: 1})
		case is.Link.RowHash != was.Link.RowHash || is.Link.Verbatim != was.Link.Verbatim:
			count(is, Moved{Changed: 1})
		}
		if err := advance(); err != nil {
			return nil, err
		}
	}
	for more {
		count(is, arrived(is))
		if err := advance(); err != nil {
			return nil, err
		}
	}
	return moved, nil
}

// arrived is a record of which only the new plan says something.
func arrived(w *Write) Moved {
	switch {
	case w.Kind == mapping.KindRetire || w.Link.State == crosswalk.Void:
		return Moved{Gone: 1}
	case w.Link.Replaces && w.Kind != mapping.KindRestore:
		return Moved{Changed: 1}
	}
	return Moved{New: 1}
}

// left is a record of which only the saved plan says something.
func left(w *Write) Moved {
	switch {
	case w.Kind == mapping.KindRetire:
		return Moved{New: 1}
	case w.Link.Replaces && w.Kind != mapping.KindRestore:
		return Moved{Changed: 1} // it is as it was before
	}
	return Moved{Gone: 1}
}
