package crosswalk

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// meta compares the values that say where the crosswalk stands.
func (a *auditor) meta(ctx context.Context) error {
	var rows []struct {
		Name  string `db:"name"`
		Value string `db:"value"`
	}
	if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT name, value FROM @meta ORDER BY name")); err != nil {
		return err
	}
	values := make(map[string]string, len(rows))
	for _, row := range rows {
		values[row.Name] = row.Value
	}
	for _, want := range [...]struct {
		name, value string
		promise     int
	}{
		{"head", fmt.Sprint(a.head), 8},
		{"serial", fmt.Sprint(a.serial), 8},
		{"environment", a.did.environment, 3},
		{"schema", fmt.Sprint(a.store.tables), 3},
	} {
		if got, ok := values[want.name]; !ok || got != want.value {
			a.breach(want.promise, "meta", want.name, 0, "it is %q, and the runs say %q", got, want.value)
		}
		delete(values, want.name)
	}
	a.decisionCount = values[lastDecision]
	delete(values, lastDecision)
	if digestSalt(values[eraseSalt]) != a.did.salt {
		a.breach(3, "meta", eraseSalt, 0, "it is not what the keys of those who were erased are told by")
	}
	delete(values, eraseSalt)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		a.breach(3, "meta", name, 0, "there is no such value")
	}
	return nil
}

// sources compares the sources with what runs did to them.
func (a *auditor) sources(ctx context.Context) error {
	var rows []struct {
		No      int    `db:"source_no"`
		Name    string `db:"name"`
		KeyRule string `db:"key_rule"`
		Shape   string `db:"shape"`
		Mark    string `db:"mark"`
		FromRun int64  `db:"from_run"`
		SeenRun int64  `db:"seen_run"`
	}
	if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT source_no, name, key_rule, shape, mark, from_run, seen_run FROM @source ORDER BY source_no")); err != nil {
		return err
	}
	a.names = make(map[int]string, len(rows))
	left := maps.Clone(a.did.sources)
	for _, row := range rows {
		a.names[row.No] = row.Name
		made, known := left[row.No]
		delete(left, row.No)
		what := ""
		promise := 3
		switch {
		case !known:
			what = "no run added it"
		case row.Name != made.Name:
			what = fmt.Sprintf("its name was %q", made.Name)
			a.names[row.No] = made.Name
		case row.KeyRule != made.KeyRule:
			what = "its key rule is another than its keys were made by: " + made.KeyRule
		case row.Shape != made.Shape:
			what = fmt.Sprintf("its shape was %q", made.Shape)
		case row.Mark != made.Mark:
			what, promise = fmt.Sprintf("its mark was %q", made.Mark), 13
		case row.SeenRun != made.SeenRun:
			what, promise = fmt.Sprintf("it was read to the end by run %d, and not by run %d", made.SeenRun, row.SeenRun), 13
		case row.FromRun != made.from:
			what = fmt.Sprintf("run %d added it, and not run %d", made.from, row.FromRun)
		}
		if what != "" {
			a.breach(promise, "source", row.Name, made.from, "%s", what)
		}
	}
	for _, no := range slices.Sorted(maps.Keys(left)) {
		a.breach(3, "source", left[no].Name, left[no].from, "it is missing: source %d, added by run %d", no, left[no].from)
	}
	return nil
}

// counters compares the counters with the last values that runs left.
func (a *auditor) counters(ctx context.Context) error {
	var rows []struct {
		Prefix string `db:"prefix"`
		Last   string `db:"last"`
		Run    int64  `db:"from_run"`
	}
	if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT prefix, last, from_run FROM @counter ORDER BY prefix")); err != nil {
		return err
	}
	for _, row := range rows {
		made, known := a.did.counters[row.Prefix]
		delete(a.did.counters, row.Prefix)
		if want := fmt.Sprintf("%0*d", counterDigits, made.last); !known || row.Last != want || row.Run != made.run {
			a.breach(1, "counter", strconv.Quote(row.Prefix), row.Run, "it is %s since run %d, and was left at %d by run %d: numbers could be issued twice", row.Last, row.Run, made.last, made.run)
		}
	}
	for _, prefix := range slices.Sorted(maps.Keys(a.did.counters)) {
		made := a.did.counters[prefix]
		a.breach(1, "counter", strconv.Quote(prefix), made.run, "it is missing; run %d left it at %d: numbers could be issued twice", made.run, made.last)
	}
	return nil
}

// rules compares the rules that links name.
func (a *auditor) rules(ctx context.Context) error {
	var rows []struct {
		No   int64  `db:"rule_no"`
		Rule string `db:"rule"`
		Run  int64  `db:"from_run"`
	}
	if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT rule_no, rule, from_run FROM @rule ORDER BY rule_no")); err != nil {
		return err
	}
	left := maps.Clone(a.did.rules)
	for _, row := range rows {
		made, known := left[row.No]
		delete(left, row.No)
		if known && made != (ruleMade{row.Rule, row.Run}) || !known && a.complete(row.Run) {
			a.breach(3, "rule", fmt.Sprintf("rule %d", row.No), row.Run, "it is %q of run %d and was %q of run %d", row.Rule, row.Run, made.rule, made.run)
		}
	}
	for _, no := range slices.Sorted(maps.Keys(left)) {
		a.breach(3, "rule", fmt.Sprintf("rule %d", no), left[no].run, "it is missing; it was %q of run %d", left[no].rule, left[no].run)
	}
	return nil
}

// models compares the matching models with their digests.
func (a *auditor) models(ctx context.Context) error {
	if err := queryRaw(ctx, a.q, a.store.sql("SELECT from_run, model FROM @model ORDER BY from_run"), nil, func(cells []driver.Value) error {
		var row storedRow
		run := row.number(cells[0])
		model, _ := cells[1].([]byte)
		sum := sha256.Sum256(model)
		if want := a.did.models[run]; want != hex.EncodeToString(sum[:]) {
			a.breach(3, "model", fmt.Sprintf("run %d", run), run, "it is not the model that run %d kept", run)
		}
		delete(a.did.models, run)
		return nil
	}); err != nil {
		return err
	}
	for _, run := range slices.Sorted(maps.Keys(a.did.models)) {
		a.breach(3, "model", fmt.Sprintf("run %d", run), run, "it is missing")
	}
	return nil
}

// erased compares what is kept of those who were forgotten.
func (a *auditor) erased(ctx context.Context) error {
	var rows []erasedRow
	if err := a.q.SelectContext(ctx, &rows, a.store.sql(selectErased+"1 = 1 ORDER BY from_run, source_no, key_hash")); err != nil {
		return err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Run == rows[0].Run {
			n++
		}
		run := rows[0].Run
		if a.did.erased[run] != digestErased(rows[:n]) {
			a.breach(3, "erased", fmt.Sprintf("run %d", run), run, "these are not the rows that run %d left of those whom it forgot", run)
		}
		delete(a.did.erased, run)
		rows = rows[n:]
	}
	for _, run := range slices.Sorted(maps.Keys(a.did.erased)) {
		a.breach(3, "erased", fmt.Sprintf("run %d", run), run, "the rows that run %d left of those whom it forgot are missing", run)
	}
	return nil
}

// rest looks whether the tables that hold the present and no history can be
// what xwalk wrote; no digest covers them.
func (a *auditor) rest(ctx context.Context) error {
	for _, t := range [...]struct{ table, row, bad string }{
		{"lease", "one", "one <> 1 OR token < 0 OR since < 0 OR expires < 0"},
		{"claim", "review", "review = '' OR actor = '' OR expires < 0"},
		{"skip", "review", "review = '' OR actor = '' OR skip_no < 1"},
		{"approval", "plan", "plan = '' OR actor = ''"},
	} {
		var rows []string
		if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT "+t.row+" FROM @"+t.table+" WHERE "+t.bad)); err != nil {
			return err
		}
		for _, row := range rows {
			a.breach(8, t.table, row, 0, "no xwalk wrote it so")
		}
	}
	for _, t := range [...]struct{ table, row, column string }{{"skip", "review", "skipped"}, {"approval", "plan", "approved"}} {
		var rows []struct {
			Row  string `db:"name"`
			Time string `db:"time"`
		}
		if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT "+t.row+" AS name, "+t.column+" AS time FROM @"+t.table)); err != nil {
			return err
		}
		for _, row := range rows {
			if _, err := time.Parse(time.RFC3339, row.Time); err != nil {
				a.breach(11, t.table, row.Row, 0, "%q is no time", row.Time)
			}
		}
	}
	var leases int
	if err := a.q.GetContext(ctx, &leases, a.store.sql("SELECT COUNT(*) FROM @lease")); err != nil {
		return err
	}
	if leases != 1 {
		a.breach(8, "lease", "", 0, "there are %d leases, and one is what makes writers take turns", leases)
	}
	return nil
}
