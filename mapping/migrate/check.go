package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// StaleError says that the crosswalk or the rules have changed since the
// plan was made. Nothing was written.
type StaleError struct {
	Why string
	Run int64 // the run that carried this very plan out, if one did
}

func (e *StaleError) Error() string {
	if e.Run > 0 {
		return fmt.Sprintf("the plan was carried out already: %s; nothing was written. `xwalk runs show %d` tells of it, and `xwalk plan` what there is to do now", e.Why, e.Run)
	}
	return "the plan is stale: " + e.Why + "; nothing was written. Make a new one with `xwalk plan -o FILE`"
}

// Check says why a saved plan cannot be carried out any more on the state that
// snap views, nil where there is no crosswalk yet, under the rules and in the
// environment of o. Its errors are [*StaleError] and crosswalk.ErrEnvironment.
func Check(ctx context.Context, snap *crosswalk.Snapshot, p *plan.Plan, o Options) error {
	if err := checkRules(p, o); err != nil {
		return err
	}
	if p.Environment != o.Environment {
		return &StaleError{Why: fmt.Sprintf("it was made for %s, and the configuration says %s", environment(p.Environment), environment(o.Environment))}
	}
	if snap == nil {
		if p.Serial > 0 || p.Head != "" {
			return &StaleError{Why: "the crosswalk that it was made on is not there any more; check `crosswalk` in the configuration"}
		}
		return nil
	}
	head := snap.Head()
	if head.Environment != "" && head.Environment != p.Environment {
		return fmt.Errorf("%w: it is %s and the configuration says %s; check `crosswalk` and `environment`. Nothing was written",
			crosswalk.ErrEnvironment, environment(head.Environment), environment(p.Environment))
	}
	run, done, err := snap.CarriedOut(ctx, p.Digest)
	switch {
	case err != nil:
		return err
	case done && run.Serial == p.Serial+1:
		return &StaleError{Why: fmt.Sprintf("run %d of %s did it on %s", run.Run, run.Actor, run.Finished.UTC().Format("2006-01-02 15:04 MST")), Run: run.Run}
	}
	if p.Head != "" {
		switch known, err := snap.Knows(ctx, p.Head); {
		case err != nil:
			return err
		case !known:
			return &StaleError{Why: "it was made on another crosswalk; check `crosswalk` in the configuration"}
		}
	}
	if head.Serial != p.Serial {
		return moved(p)
	}
	return checkDecisions(ctx, snap, p)
}

// checkRules tells which rules are others than those that a plan was made
// under.
func checkRules(p *plan.Plan, o Options) error {
	if o.Rules == p.Rules {
		return nil
	}
	why := fmt.Sprintf("it was made under other rules (%s, now %s)", p.Rules, o.Rules)
	if len(p.Sections) > 0 && len(o.Sections) > 0 {
		if changed := rules.ChangedSections(p.Sections, o.Sections); len(changed) > 0 {
			why += ": what has changed is " + strings.Join(changed, ", ")
		}
	}
	return &StaleError{Why: why}
}

func moved(p *plan.Plan) error {
	return &StaleError{Why: fmt.Sprintf("it was made when the crosswalk was at serial %d, and the crosswalk has changed since (`xwalk runs` tells how)", p.Serial)}
}

func environment(name string) string {
	if name == "" {
		return "no environment"
	}
	return fmt.Sprintf("the environment %q", name)
}
