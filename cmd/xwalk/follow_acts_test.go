package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// live does random acts, and takes everything back in the end.
func (l *life) live(acts int) {
	l.people()
	l.apply()
	l.check()
	for range acts {
		l.act()
		l.check()
	}
	l.backToTheStart()
}

// act is one act.
func (l *life) act() {
	for _, a := range []struct {
		weight int
		do     func()
	}{
		{3, l.people}, {2, l.edit}, {4, l.apply}, {4, l.steward}, {4, l.rewrite}, {4, l.publish}, {2, l.undoRewrite}, {2, l.undoPublish}, {2, l.undo}, {3, l.kill}, {1, l.two},
	} {
		if l.rnd.IntN(31) < a.weight {
			a.do()
			return
		}
	}
	l.rewrite()
}

// people add records, and rows that mean some.
func (l *life) people() {
	for range 1 + l.rnd.IntN(3) {
		n := len(l.persons) + 1
		l.add(&person{source: "shop", id: fmt.Sprintf("%03d", n), name: fmt.Sprintf("s%d", n)}, fmt.Sprintf("e%d@x.org", n))
	}
	if l.rnd.IntN(2) == 0 {
		n := len(l.persons) + 1
		mail := fmt.Sprintf("e%d@x.org", n)
		p := &person{source: "crm", id: fmt.Sprintf("M-%d", n), name: fmt.Sprintf("m%d", n)}
		if like := l.persons[l.rnd.IntN(len(l.persons))]; like.source == "shop" && !like.known { // both come at once
			mail = fmt.Sprintf("e%s@x.org", like.name[1:])
			p.group = like.group
		}
		l.add(p, mail)
	}
	for range 2 {
		p := l.anyone()
		if p == nil {
			return
		}
		r := &reference{table: "notes", no: len(l.rows) + 1, to: p}
		if p.source == "shop" && l.rnd.IntN(2) == 0 {
			r.table = "orders"
		}
		r.typed = l.saying(r)
		l.rows = append(l.rows, r)
		if r.table == "orders" {
			l.change("INSERT INTO orders (no, customer_id) VALUES (?, ?)", r.no, r.typed)
		} else {
			l.change("INSERT INTO notes (no, kind, object) VALUES (?, ?, ?)", r.no, p.source, r.typed)
		}
	}
}

// anyone is somebody whom a row may mean: where numbers look like IDs, one
// that the crosswalk knows, for no one else can tell what the row means.
func (l *life) anyone() *person {
	if l.inPlace && !l.ownKey {
		return l.some()
	}
	return l.persons[l.rnd.IntN(len(l.persons))]
}

func (l *life) add(p *person, mail string) {
	if p.group == 0 {
		l.groups++
		p.group = l.groups
	}
	p.was = map[string]bool{}
	l.persons = append(l.persons, p)
	l.change("INSERT INTO "+p.table()+" (id, name, email) VALUES (?, ?, ?)", p.id, p.name, mail)
}

// saying is how somebody writes down whom a row means: by the key that the
// record has.
func (l *life) saying(r *reference) string {
	s := l.state()
	return s.record(r.to)["id"]
}

// edit changes a row to mean somebody else, or empties a published number.
func (l *life) edit() {
	if l.rnd.IntN(3) == 0 {
		p := l.persons[l.rnd.IntN(len(l.persons))]
		p.typed, p.emptied = "", true
		l.change("UPDATE "+p.table()+" SET number = NULL WHERE name = ?", p.name)
		return
	}
	if len(l.rows) == 0 {
		return
	}
	r := l.rows[l.rnd.IntN(len(l.rows))]
	to := l.anyone()
	s := l.state()
	before, _ := s.of(r)
	if to == nil || to.source != r.to.source {
		return
	}
	text := l.saying(&reference{to: to})
	if text == before || !l.ownKey && l.inPlace && to.was[before] {
		return
	}
	r.to, r.typed, r.edited = to, text, true
	column := map[string]string{"orders": "customer_id", "notes": "object"}[r.table]
	l.change(fmt.Sprintf("UPDATE %s SET %s = ? WHERE no = ?", r.table, column), text, r.no)
}

// runOf is the run that a command line in JSON made; 0: none.
func (l *life) runOf(out string) int64 {
	l.Helper()
	var r struct{ Run *int64 }
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		l.Fatalf("%v in %s", err, out)
	}
	if r.Run == nil {
		return 0
	}
	return *r.Run
}

// note keeps a run that changed the crosswalk.
func (l *life) note(run int64, kind string, before map[*person]person) {
	if run > l.seen {
		l.seen = run
		l.runs = append(l.runs, oneRun{run, kind, before})
	}
}

func (l *life) now() map[*person]person {
	all := map[*person]person{}
	for _, p := range l.persons {
		all[p] = *p
	}
	return all
}

// apply brings new records into the crosswalk, each once.
func (l *life) apply() {
	before := l.now()
	created := map[int]bool{}
	for _, p := range l.persons {
		if !p.known {
			created[p.group] = true
		}
	}
	_, out := l.do(done, "apply", "--format", "json")
	l.applied(out, len(created), before)
}

func (l *life) applied(out string, created int, before map[*person]person) {
	var r struct {
		Applied bool
		Totals  struct{ Created, Linked, Retired, Merged, Split, Rejected, Review int }
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		l.Fatal(err)
	}
	if t := r.Totals; t.Created != created || t.Retired+t.Merged+t.Split+t.Rejected+t.Review > 0 {
		l.Fatalf("apply counts %+v, want %d created", t, created)
	}
	for _, p := range l.persons {
		p.known = true
	}
	if r.Applied {
		l.note(l.runOf(out), "apply", before)
	}
	l.do(done, "plan", "--detailed-exitcode")
}

// some is a person that the crosswalk knows, and whose customer is not gone.
func (l *life) some() *person {
	for range 20 {
		if p := l.persons[l.rnd.IntN(len(l.persons))]; p.known && !p.gone {
			return p
		}
	}
	return nil
}

// steward merges, splits, renumbers, retires or restores.
func (l *life) steward() {
	a, b := l.some(), l.some()
	if a == nil || b == nil {
		return
	}
	before := l.now()
	act := func(args ...string) bool {
		code, out := l.do(doneOrRefused, append(args, "--reason", "because", "--format", "json")...)
		if code == exitDone {
			l.note(l.runOf(out), args[0], before)
		}
		return code == exitDone
	}
	switch l.rnd.IntN(5) {
	case 0, 1:
		if a.group != b.group && act("merge", a.ref(), b.ref(), "--override") {
			gone := b.group
			for _, p := range l.persons {
				if p.group == gone {
					p.group = a.group
				}
			}
		}
	case 2:
		if l.inPlace && !l.ownKey {
			return // of what was rewritten, only a record's own key tells whom it means
		}
		others := slices.ContainsFunc(l.persons, func(p *person) bool { return p != a && p.known && p.group == a.group })
		if others && act("split", a.ref(), "--links", a.source+":"+a.id) {
			l.groups++
			a.group = l.groups
		}
	case 3:
		act("renumber", a.ref())
	case 4:
		if p := l.persons[l.rnd.IntN(len(l.persons))]; !l.clear(p.now) || !l.clear(a.now) {
			return
		} else if p.gone {
			if act("restore", p.now) {
				l.gone(p.group, false)
			}
		} else if l.rnd.IntN(2) == 0 && act("retire", a.now) {
			l.gone(a.group, true)
		}
	}
}

// ref names a person's record without any doubt.
func (p *person) ref() string { return p.source + ":" + p.id }

// clear reports whether a number is no record's ID too.
func (l *life) clear(number string) bool {
	return !slices.ContainsFunc(l.persons, func(p *person) bool { return p.id == number })
}

func (l *life) gone(group int, gone bool) {
	for _, p := range l.persons {
		if p.group == group && p.known {
			p.gone = gone
		}
	}
}

// rewrite lets references follow; twice, where the first only ended what was
// interrupted.
func (l *life) rewrite() {
	for {
		code, out := l.do(doneOrRefused, "rewrite", "--apply", "--allow-ddl", "--format", "json")
		if code == exitRefused {
			l.mayRefuse(out)
			return
		}
		if l.rewritten(out) {
			break
		}
	}
	l.look()
	l.followed()
}

// mayRefuse says when a rewrite may be refused: two records are one customer,
// and cannot have one key.
func (l *life) mayRefuse(out string) {
	groups := map[int]int{}
	for _, p := range l.persons {
		if p.source == "shop" && p.known && !p.gone {
			groups[p.group]++
		}
	}
	for _, n := range groups {
		if n > 1 && l.ownKey {
			return
		}
	}
	if l.ownKey && slices.ContainsFunc(l.persons, func(p *person) bool { return !p.known || p.gone }) {
		return // rows of a foreign key that nobody can translate
	}
	l.Fatalf("a rewrite is refused:\n%s", out)
}

// rewritten notes a rewrite's run, and reports whether it was about all.
func (l *life) rewritten(out string) bool {
	var r foundRewrite
	var resumed struct{ Resumed bool }
	if err := errors.Join(json.Unmarshal([]byte(out), &r), json.Unmarshal([]byte(out), &resumed)); err != nil {
		l.Fatal(err)
	}
	for _, x := range r.Results {
		if x.Rows != x.Written+x.Unchanged+x.Orphans+x.Empty+x.Contended {
			l.Fatalf("counts do not add up: %+v", x)
		}
	}
	if r.Run != nil && !slices.ContainsFunc(l.runs, func(a oneRun) bool { return a.run == *r.Run }) {
		l.note(*r.Run, "rewrite", nil)
	}
	return !resumed.Resumed
}

// publish writes numbers into the sources.
func (l *life) publish() {
	args := []string{"publish", "--format", "json"}
	all := l.rnd.IntN(3) == 0
	if all {
		args = append(args, "--overwrite")
	}
	_, out := l.do(done, args...)
	l.published(out)
	l.look()
	l.told(all)
	if all {
		for _, p := range l.persons {
			p.emptied = false
		}
	}
}

func (l *life) published(out string) {
	var r struct {
		Run     *int64
		Sources map[string]struct{ Links, Unchanged, Written, Already, Conflicts, Refused, Missing int }
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		l.Fatal(err)
	}
	for name, x := range r.Sources {
		links := 0
		for _, p := range l.persons {
			if p.source == name && p.known && !p.gone {
				links++
			}
		}
		if x.Links != links || x.Missing+x.Refused+x.Conflicts > 0 || x.Links != x.Unchanged+x.Written+x.Already {
			l.Fatalf("publish counts %+v of %s, which has %d records", x, name, links)
		}
	}
	if r.Run != nil {
		l.note(*r.Run, "publish", nil)
	}
}

// undoRewrite takes the last rewrite back.
func (l *life) undoRewrite() {
	for i, a := range slices.Backward(l.runs) {
		if a.kind == "rewrite" {
			l.do(done, "rewrite", "--undo", "--allow-ddl", strconv.FormatInt(a.run, 10))
			l.runs = slices.Delete(l.runs, i, i+1)
			return
		}
	}
}

// undoPublish takes a publish back, any.
func (l *life) undoPublish() {
	for i, a := range slices.Backward(l.runs) {
		if a.kind == "publish" && l.rnd.IntN(2) == 0 {
			_, out := l.do(done, "publish", "--format", "json", "--undo", strconv.FormatInt(a.run, 10))
			for _, p := range l.persons {
				p.emptied = true // a later one may have been looked at as published
			}
			var r struct{ Sources map[string]struct{ Kept int } }
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				l.Fatal(err)
			}
			if r.Sources["shop"].Kept+r.Sources["crm"].Kept == 0 { // else what a later run wrote has to go first
				l.runs = slices.Delete(l.runs, i, i+1)
			}
			return
		}
	}
}

var listed = regexp.MustCompile("`xwalk (rewrite|publish) --undo ([0-9]+)")

// undo takes back the last run that changed the crosswalk; while its numbers
// are in use elsewhere, in the order that it is told.
func (l *life) undo() {
	i := len(l.runs) - 1
	for i >= 0 && (l.runs[i].kind == "rewrite" || l.runs[i].kind == "publish") {
		i--
	}
	if i < 1 || l.inPlace && !l.ownKey && l.runs[i].kind == "apply" { // see anyone
		return
	}
	a := l.runs[i]
	number := strconv.FormatInt(a.run, 10)
	code, _, messages := l.try("undo", number)
	if code == exitRefused {
		for _, m := range listed.FindAllStringSubmatch(messages, -1) {
			args := []string{m[1], "--undo", m[2]}
			if m[1] == "rewrite" {
				args = append(args, "--allow-ddl")
			}
			l.do(done, args...)
			l.runs = slices.DeleteFunc(l.runs, func(x oneRun) bool { return strconv.FormatInt(x.run, 10) == m[2] })
		}
		for _, p := range l.persons {
			p.emptied = true
		}
		l.do(done, "undo", number)
	} else if code != exitDone {
		l.Fatalf("undo %s: exit code %d\n%s", number, code, messages)
	}
	l.runs = slices.DeleteFunc(l.runs, func(x oneRun) bool { return x.run == a.run })
	for _, p := range l.persons {
		was, there := a.groups[p]
		if !there {
			continue // it came since, and the crosswalk never knew it
		}
		p.group, p.known, p.gone, p.now = was.group, was.known, was.gone, was.now
	}
	l.look()
	for p, was := range a.groups {
		if was.known && !was.gone && p.now != was.now {
			l.Fatalf("%s has %s after the undo, and had %s", p.name, p.now, was.now)
		}
	}
}

// start begins a command line as a process of its own.
func (l *life) start(args ...string) *exec.Cmd {
	l.log = append(l.log, "as a process: "+strings.Join(args, " "))
	c := exec.CommandContext(l.Context(), l.program, append(args, "-c", l.file)...)
	c.Env = append(c.Environ(), "DSN="+l.dsn, "USER=ann")
	if err := c.Start(); err != nil {
		l.Fatal(err)
	}
	return c
}

// kill kills a process at work. Whoever goes on then, at once or later, finds
// nothing half done.
func (l *life) kill() {
	args := [][]string{{"rewrite", "--apply", "--allow-ddl"}, {"publish"}, {"publish", "--overwrite"}}[l.rnd.IntN(3)]
	c := l.start(args...)
	time.Sleep(time.Duration(l.rnd.IntN(120)) * time.Millisecond)
	_ = c.Process.Kill()
	_ = c.Wait()
	l.findRuns()
	switch {
	case l.rnd.IntN(3) == 0: // somebody does something else first
	case args[0] == "rewrite":
		l.rewrite()
	default:
		l.publish()
	}
}

// findRuns notes the runs that processes made.
func (l *life) findRuns() {
	_, out := l.do(done, "runs", "--format", "json")
	var runs []struct {
		Run      int64
		Kind     string
		Undid    int64
		TookBack int64 `json:"took_back"`
	}
	if err := json.Unmarshal([]byte(out), &runs); err != nil {
		l.Fatal(err)
	}
	for _, r := range runs {
		if r.Undid+r.TookBack == 0 && (r.Kind == "rewrite" || r.Kind == "publish") && r.Run > l.seen {
			l.note(r.Run, r.Kind, nil)
		}
	}
}

// two lets two processes work at once.
func (l *life) two() {
	var wait sync.WaitGroup
	for _, args := range [][]string{{"rewrite", "--apply", "--allow-ddl"}, {"publish"}, {"rewrite", "--apply", "--allow-ddl"}}[l.rnd.IntN(2):][:2] {
		c := l.start(args...)
		wait.Go(func() {
			var failed *exec.ExitError
			if err := c.Wait(); errors.As(err, &failed) && failed.ExitCode() != exitRefused {
				l.Errorf("%v beside another: exit code %d", args, failed.ExitCode())
			}
		})
	}
	wait.Wait()
	l.findRuns()
	l.rewrite()
	l.publish()
}

// backToTheStart takes back all that was written outside, the newest first:
// what people have written is there again.
func (l *life) backToTheStart() {
	for i, a := range slices.Backward(l.runs) {
		switch number := strconv.FormatInt(a.run, 10); a.kind {
		case "rewrite":
			l.do(done, "rewrite", "--undo", "--allow-ddl", number)
		case "publish":
			l.do(done, "publish", "--undo", number)
		default:
			continue
		}
		l.runs = slices.Delete(l.runs, i, i+1)
	}
	l.check()
	s := l.state()
	for _, p := range l.persons {
		if row := s.record(p); row["id"] != p.id || row["number"] != "" && row["number"] != p.typed {
			l.Errorf("in the end the record of %s is %v, and was %s", p.name, row, p.id)
		}
	}
	for _, r := range l.rows {
		if v, beside := s.of(r); v != r.typed && v != r.to.id || beside != "" {
			l.Errorf("in the end %s %d says %s (%s), and people wrote %s", r.table, r.no, v, beside, r.typed)
		}
	}
	for left := -1; left != len(l.runs); l.check() {
		left = len(l.runs)
		l.undo()
	}
}
