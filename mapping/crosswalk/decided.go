package crosswalk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// decisionRow is a row of xwalk_decision.
type decisionRow struct {
	No          int64  `db:"decision_no"`
	LeftSource  string `db:"left_source"`
	LeftKey     string `db:"left_key"`
	RightSource string `db:"right_source"`
	RightKey    string `db:"right_key"`
	Verdict     uint8  `db:"verdict"`
	Review      string `db:"review"`
	Actor       string `db:"actor"`
	Reason      string `db:"reason"`
	Decided     string `db:"decided"`
}

func (r *decisionRow) decision() (Decision, error) {
	at, err := time.Parse(time.RFC3339, r.Decided)
	if err != nil {
		return Decision{}, fmt.Errorf("the time of decision %d: %w", r.No, err)
	}
	return Decision{
		No: r.No, Left: NamedKey{r.LeftSource, r.LeftKey}, Right: NamedKey{r.RightSource, r.RightKey}, Verdict: Verdict(r.Verdict),
		Review: r.Review, Actor: r.Actor, Reason: r.Reason, Decided: at,
	}, nil
}

// decisions reads the decisions that meet a condition, oldest first.
func (s *Store) decisions(ctx context.Context, q queryer, where string, args ...any) ([]Decision, error) {
	var rows []decisionRow
	if err := q.SelectContext(ctx, &rows, s.sql("SELECT decision_no, left_source, left_key, right_source, right_key, verdict, review, actor, reason, decided "+
		"FROM @decision WHERE "+where+" ORDER BY decision_no"), args...); err != nil {
		return nil, err
	}
	decisions := make([]Decision, len(rows))
	for i := range rows {
		var err error
		if decisions[i], err = rows[i].decision(); err != nil {
			return nil, err
		}
	}
	return decisions, nil
}

// inForce are the last decisions of the pairs that decisions are about, also
// withdrawals.
func (s *Store) inForce(ctx context.Context, q queryer, decisions []Decision) (map[pair]Decision, error) {
	keys := make([]string, len(decisions))
	for i := range decisions {
		keys[i] = decisions[i].Left.Key
	}
	force := map[pair]Decision{}
	for in, args := range inLists(keys) {
		found, err := s.decisions(ctx, q, "left_key"+in, args...)
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			force[d.pair()] = d
		}
	}
	return force, nil
}

// Decisions are the verdicts in force, by Left and Right; withdrawn ones are
// left out.
func (v *Snapshot) Decisions(ctx context.Context) ([]Decision, error) {
	log, err := v.DecisionLog(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(Last(log), func(d Decision) bool { return d.Verdict == Withdrawn }), nil
}

// Last are the last decisions of each pair in a log, also withdrawals, by
// Left and Right; those about somebody who was erased are left out.
func Last(log []Decision) []Decision {
	last := make(map[pair]int, len(log))
	for i := range log {
		last[log[i].pair()] = i
	}
	at := make([]int, 0, len(last)) // places in the log, which take less to sort than decisions
	for i := range log {
		if last[log[i].pair()] == i && !log[i].Redacted() {
			at = append(at, i)
		}
	}
	slices.SortFunc(at, func(a, b int) int {
		return cmp.Or(log[a].Left.Compare(log[b].Left), log[a].Right.Compare(log[b].Right))
	})
	decisions := make([]Decision, len(at))
	for i := range at {
		decisions[i] = log[at[i]]
	}
	return decisions
}

// DecisionLog is everything that was ever decided, oldest first.
func (v *Snapshot) DecisionLog(ctx context.Context) (log []Decision, err error) {
	err = v.use(func() error {
		if v.past {
			log, err = v.store.decisions(ctx, v.tx, "decision_no <= ?", v.decided)
		} else {
			log, err = v.store.decisions(ctx, v.tx, "1 = 1")
		}
		return err
	})
	return log, v.store.fail("read the decisions", err)
}
