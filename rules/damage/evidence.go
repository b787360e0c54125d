package damage

import "math"

// negligible is ln(10⁻⁶), rounded away from zero: the chance below which
// another explanation is ruled out.
const negligible = -14.0

// fewLooks is how many look-alikes rule slips out: 0.15⁸ < 10⁻⁶.
const fewLooks = 8

// Evidence is what the IDs of one source say together. First every finding
// and what the source lacks is noted, then every intact ID; then it is decided.
// The order within each does not matter.
type Evidence struct {
	e       *Examiner
	forms   []tally
	strays  int // IDs that do not fit and that no damage explains
	rounded rounded
	folded  folded
	groups  int // numbers with thousands separators, beyond doubt
	commas  int // of numbers like 1,000, of which some may be decimals
}

// tally is the evidence about one form.
type tally struct {
	waiting int            // findings that wait for zeros
	digits  [maxDigits]int // of them, by significant digits
	added   int            // findings that wait because zeros were added
	looks   int            // findings that wait because they look like slips
	plain   int            // findings that wait because there may have been zeros
	clashes int            // repaired IDs that meet other IDs
	misses  int            // numbers without zeros whose check would be wrong with them
	cut     int            // short numbers that begin with a zero
	known   int            // waiting findings whose repaired ID the crosswalk holds
	intact  int
	led     int // of them, with a leading zero
	lacking [maxDigits]int
}

const maxDigits = 32

// Evidence starts the evidence of one source.
func (e *Examiner) Evidence() *Evidence { return &Evidence{e: e, forms: make([]tally, len(e.forms)+1)} }

// Watches reports whether intact IDs may be damaged too, so that they are
// worth being noted although nothing waits.
func (e *Examiner) Watches() bool { return e.long || e.salesforce || e.free }

// tally is the form's; IDs of no form share one.
func (v *Evidence) tally(form int) *tally {
	if form < 0 {
		form = len(v.forms) - 1
	}
	return &v.forms[form]
}

// Reject notes an ID that is rejected at once, with what was found, if
// anything was.
func (v *Evidence) Reject(f Finding, found bool) {
	switch {
	case f.Certain:
		v.Repair(f)
	case !found || f.Kind == MissingPrefix:
		v.strays++
	case f.Kind == CutOff:
		v.strays++
		v.tally(f.form).cut++
	case f.needs&needsZeros != 0 && len(f.Proposals) == 0:
		v.tally(f.form).misses++
	}
}

// Repair notes a finding that is certain, or was settled before.
func (v *Evidence) Repair(f Finding) {
	if f.grouped {
		v.groups++
	}
}

// Wait notes a finding that waits. clash says that the repaired ID is also
// that of another record, known that the crosswalk holds it.
func (v *Evidence) Wait(f Finding, clash, known bool) {
	v.Repair(f)
	t := v.tally(f.form)
	if clash {
		t.clashes++
	}
	if known {
		t.known++
	}
	if f.needs&needsZeros != 0 {
		t.waiting++
		if n := v.e.digits(f.Proposals[0], f.form); n >= 0 {
			t.digits[n]++
		}
	}
	if f.needs&needsAdded != 0 {
		t.added++
		if n := v.e.digits(f.Proposals[0], f.form); n >= 0 {
			t.digits[n]++
		}
	}
	if f.needs&needsLooks != 0 {
		t.looks++
	}
	if f.needs&needsPlain != 0 {
		t.plain++
	}
	if f.needs&needsGrouped != 0 {
		v.commas++
	}
}

// Intact notes an ID that fits, as it was received.
func (v *Evidence) Intact(id string) {
	if v.e.long {
		v.rounded.note(id)
	}
	if !v.folded.mixed() {
		if short, ok := v.e.salesforce15(id); ok {
			v.folded.note(short)
		}
	}
	for i := range v.e.forms {
		a := aligner{f: &v.e.forms[i], text: id}
		if v.forms[i].open() && a.align() && !a.changed() {
			v.forms[i].intact++
			if a.led {
				v.forms[i].led++
			}
		}
	}
}

// Lacking notes the key of a live link whose record the source seems to lack.
func (v *Evidence) Lacking(key string) {
	for i := range v.forms[:len(v.e.forms)] {
		if n := v.e.digits(key, i); n >= 0 {
			v.forms[i].lacking[n]++
		}
	}
}

// open reports whether findings wait for the form.
func (t *tally) open() bool { return t.waiting+t.added+t.looks+t.plain > 0 }

// digits is how many significant digits the number of an ID has, or -1.
func (e *Examiner) digits(id string, form int) int {
	if form < 0 {
		return -1
	}
	a := aligner{f: &e.forms[form], text: id}
	if !a.align() || a.changed() || a.digits >= maxDigits {
		return -1
	}
	return a.digits
}

// Verdict is what the evidence of a source comes to.
type Verdict struct {
	e       *Examiner
	refused []map[need]string // by form: what is not accepted, and why
	rounded rounded
	folded  bool
	grouped bool
}

// Decide weighs the evidence.
func (v *Evidence) Decide() *Verdict {
	d := &Verdict{e: v.e, rounded: v.rounded, folded: v.folded.proved(), grouped: v.grouped()}
	for i := range v.forms {
		t := &v.forms[i]
		checks := 0
		if i < len(v.e.forms) {
			checks = v.e.forms[i].checks
		}
		refused := map[need]string{}
		for _, n := range [...]need{needsZeros, needsAdded, needsLooks, needsPlain} {
			if why := t.refuses(n, checks, v.strays); why != "" {
				refused[n] = why
			}
		}
		d.refused = append(d.refused, refused)
	}
	return d
}

// grouped reports whether numbers like 1,000 are thousands: others of the
// source have separators, and these are not too many for one number in a
// thousand to end so. Of a source that writes three decimals all do.
func (v *Evidence) grouped() bool {
	return v.groups > 2*v.commas && !tooMany(v.commas, float64(v.groups+v.commas)/1000)
}

// refuses says why the evidence is not enough, or nothing.
func (t *tally) refuses(n need, checks, strays int) string {
	switch {
	case t.clashes > 0:
		return "but some of these would then be the ID of another record"
	case n == needsZeros && t.led > 0:
		return "but other IDs of this source kept theirs"
	case n == needsZeros && t.cut > 0:
		return "but others of this source are short and begin with a zero"
	case n == needsZeros && t.misses > 0:
		return "but others of this source would then fail their check"
	case n == needsZeros && !t.zerosProved(checks):
		return "but they may as well be cut off, and there are too few to tell"
	case n == needsPlain && t.led > 0:
		return "but it may have had leading zeros, as others of this source have"
	case n&(needsAdded|needsLooks) != 0 && strays > 0:
		return "but other IDs of this source fit nothing at all, so it may be a slip"
	case n == needsAdded && !t.addedProved(checks), n == needsLooks && t.looks < fewLooks:
		return "but it may be a slip, and there are too few to tell"
	}
	return ""
}

// zerosProved weighs whether lost zeros explain what waits and cut numbers do
// not; see the documentation of the package.
func (t *tally) zerosProved(checks int) bool {
	if checkLog(checks)*float64(t.waiting) < negligible {
		return true
	}
	repeats, most := 0.0, 0.0
	for m, n := range t.digits {
		if m > 0 {
			r := float64(n) * float64(n) / (2 * numbersOf(m))
			repeats, most = repeats+r, max(most, r)
		}
	}
	if t.intact == 0 {
		repeats -= most
	}
	if -repeats <= negligible && float64(t.waiting)*math.Log(0.9) <= negligible {
		return true
	}
	return t.knownProved(t.waiting)
}

// addedProved weighs the same for zeros that were added.
func (t *tally) addedProved(checks int) bool {
	share := float64(t.led+1) / float64(t.intact+2)
	return float64(t.added)*math.Log(share) < negligible ||
		checkLog(checks)*float64(t.added) < negligible || t.knownProved(t.added)
}

// knownProved weighs that the crosswalk holds all repaired IDs. Numbers are
// not spread evenly, so a hit is taken for ten times as likely as it would be.
func (t *tally) knownProved(n int) bool {
	if n == 0 || t.known < n {
		return false
	}
	chance := 0.0
	for m, n := range t.digits {
		if n > 0 {
			chance += float64(n) * math.Log(min(1, 10*float64(max(1, t.lacking[m]))/numbersOf(max(1, m))))
		}
	}
	return chance < negligible
}

// numbersOf is how many numbers of m digits there are.
func numbersOf(m int) float64 { return 9 * math.Pow10(m-1) }

// checkLog is the logarithm of the chance that so many check characters hold.
func checkLog(n int) float64 {
	if n == 0 {
		return 0
	}
	return math.Log(0.11) + float64(n-1)*math.Log(0.1)
}

// Accepts reports whether a finding that waits is right after all, and
// otherwise says why it is not, as the end of a sentence.
func (d *Verdict) Accepts(f Finding) (ok bool, why string) {
	form := f.form
	if form < 0 {
		form = len(d.refused) - 1
	}
	if f.needs&needsGrouped != 0 && !d.grouped {
		return false, "but what follows its comma may be decimals, and there are too few others to tell"
	}
	for _, n := range [...]need{needsZeros, needsAdded, needsLooks, needsPlain} {
		if f.needs&n != 0 {
			if why := d.refused[form][n]; why != "" {
				return false, why
			}
		}
	}
	return f.Waits(), ""
}

// Condemns tells of an ID that fits whether it is damaged all the same.
func (d *Verdict) Condemns(id string) (Finding, bool) {
	if d.e.free && len(id) > 4 && isDigit(id[0]) {
		if n, ok := parseScientific(id); ok && n.lost() {
			return Finding{Kind: Scientific, Why: n.why(), needs: hopeless}, true
		}
	}
	if d.e.long && d.rounded.condemns(id) {
		return Finding{Kind: Rounded, Why: whyRoundedSource, needs: hopeless}, true
	}
	if d.folded {
		if _, ok := d.e.salesforce15(id); ok {
			return Finding{Kind: Case, Why: whyFolded, needs: hopeless}, true
		}
	}
	return Finding{}, false
}
