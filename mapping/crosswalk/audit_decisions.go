package crosswalk

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
)

// decisions follows the digests of what people decided.
func (a *auditor) decisions(ctx context.Context) error {
	p := &decisionPass{auditor: a, stored: "", computed: ""}
	if err := queryRaw(ctx, a.q, a.store.sql("SELECT decision_no, left_source, left_key, right_source, right_key, verdict, review, actor, reason, decided, digest "+
		"FROM @decision ORDER BY decision_no"), nil, p.row); err != nil {
		return err
	}
	if count := fmt.Sprint(p.last); a.decisionCount != count {
		a.breach(11, "meta", lastDecision, 0, "it is %q, and the last decision is number %s", a.decisionCount, count)
	}
	for _, digest := range slices.Sorted(maps.Keys(a.did.decided)) {
		run := a.did.decided[digest]
		a.breach(11, "decision", "", run, "the last decision that run %d knew of is missing or another", run)
	}
	for _, no := range slices.Sorted(maps.Keys(a.did.verdicts)) {
		if no < 1 || no > p.last {
			a.breach(11, "decision", fmt.Sprintf("decision %d", no), a.did.verdicts[no], "it is missing; run %d recorded it", a.did.verdicts[no])
		}
	}
	return nil
}

// decisionPass reads the decisions in their order.
type decisionPass struct {
	*auditor
	last int64
	// The digest of the decision before, as it is stored and as it should be:
	// where one row is wrong, the next one is judged by both.
	stored, computed string
}

func (p *decisionPass) row(cells []driver.Value) error {
	p.looked()
	p.found.Decisions++
	var row storedRow
	no, verdict := row.number(cells[0]), row.number(cells[5])
	var sum []byte
	for i, cell := range cells[1:10] {
		if i == 4 {
			sum = appendText(sum, Verdict(verdict).String())
			continue
		}
		sum = appendText(sum, text(cell))
	}
	hashed := sha256.Sum256(sum)
	content := hashed[:]
	digest := text(cells[10])
	what := ""
	if no != p.last+1 {
		what = fmt.Sprintf("the decision before it is %d: decisions are missing or have another number", p.last)
	}
	if verdict < 0 || verdict > int64(Different) || row.problem != "" {
		what = "its verdict is none"
	}
	computed, err := chain(p.stored, no, content)
	if left, redacted := p.did.redacted[no]; redacted {
		computed = digest
		if is, err := chain(digest, no, content); err != nil || is != left {
			what = "it is not what was left of it"
		}
	} else if digest != computed || err != nil {
		other, err := chain(p.computed, no, content)
		if digest != other || err != nil {
			what = "it is not what was decided: its digest is of something else"
		}
	}
	if what != "" {
		p.breach(11, "decision", fmt.Sprintf("decision %d", no), 0, "%s", what)
	}
	delete(p.did.decided, digest)
	p.last, p.stored, p.computed = no, digest, computed
	return nil
}
