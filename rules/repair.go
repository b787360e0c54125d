package rules

import (
	"fmt"

	"github.com/xwalk-id/xwalk/rules/damage"
)

// RepairSafe is the setting of [Source.Repair] that repairs.
const RepairSafe = "safe"

// Examiner tells how IDs of source i were damaged.
func (r *Ruleset) Examiner(i int) *damage.Examiner { return r.sources[i].id.damage }

// repair looks at an ID that no scheme reads. Where its source wants repairs
// and this one is certain, or may become so by the evidence of the whole
// source, the record goes on under the repaired key. Otherwise misfit comes
// back with what is known.
func (rd *Reader) repair(f *Facts, misfit error) error {
	id := &rd.src.id
	if f.Verbatim == "" {
		return misfit // a part of a composite ID is missing
	}
	text := f.Verbatim
	if len(id.cols) > 1 {
		text = f.Key
	}
	f.Misfit = true
	found, ok := id.damage.Examine(text)
	if !ok {
		return misfit
	}
	f.Damage = found
	if len(id.cols) == 1 && (found.Certain || found.Waits()) {
		if rd.src.Repair == RepairSafe {
			f.Key = found.Proposals[0]
			return nil
		}
		return fmt.Errorf("%w (set `repair: safe` to mend what is certain)", damaged(misfit, found))
	}
	return damaged(misfit, found)
}

// misfitOf says why no scheme reads a key.
func (id *idReader) misfitOf(key string) error {
	if m := id.schemes.WrongCheck(key); m != nil {
		return fmt.Errorf("the ID fits the scheme %s, but its %s check is wrong", m.Scheme, m.Check)
	}
	return id.misfit
}

// explain adds what is known of a further number that does not fit. Those are
// never repaired.
func (id *idReader) explain(verbatim string, misfit error) error {
	if found, ok := id.damage.Examine(verbatim); ok && verbatim != "" && len(id.cols) == 1 {
		return damaged(misfit, found)
	}
	return misfit
}

func damaged(misfit error, f damage.Finding) error {
	return fmt.Errorf("%w; %s", misfit, f.Sentence())
}

// Unrepaired is the reason why a record of source i is rejected whose ID could
// have been repaired but for what is said.
func (r *Ruleset) Unrepaired(i int, f damage.Finding, but string) string {
	return fmt.Sprintf("%s; %s, %s", r.sources[i].id.misfit, f.Sentence(), but)
}
