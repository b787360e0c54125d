package review

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/rules/normalize"
)

// Filled is a row of a sheet that came back.
type Filled struct {
	Place                            mapping.Place
	Review, Content, Verdict, Reason string
}

// Sheet is what a sheet asks for. Reviews are in the order of its rows.
type Sheet struct {
	Rows    int // with and without a verdict
	Blank   int
	Skip    []*Item
	Skipped []string // reasons of Skip, each in its place
	Answers []Answer
	Again   []Answer // in force already
	Refused []Refused
	places  []mapping.Place // of Answers
}

// Refused is a row that is not recorded, and why.
type Refused struct {
	Place  string `json:"place" csv:"place"`
	Review string `json:"review" csv:"review"`
	Reason string `json:"reason" csv:"reason"`
}

// answer is what a cell of the column verdict says.
type answer uint8

const (
	answerSame answer = iota
	answerDifferent
	answerSkip
)

// answers are the spellings of verdicts, as [normalize.Text] writes them.
var answers = map[string]answer{
	"same": answerSame, "yes": answerSame, "y": answerSame, "true": answerSame, "match": answerSame, "merge": answerSame, "equal": answerSame,
	"相同": answerSame, "是": answerSame, "同": answerSame, "一样": answerSame, "同一": answerSame, "同一人": answerSame, "同一客户": answerSame,
	"ja": answerSame, "gleich": answerSame, "oui": answerSame, "identique": answerSame, "si": answerSame, "igual": answerSame,

	"different": answerDifferent, "no": answerDifferent, "n": answerDifferent, "false": answerDifferent, "not the same": answerDifferent,
	"distinct": answerDifferent, "不同": answerDifferent, "否": answerDifferent, "不是": answerDifferent, "不相同": answerDifferent,
	"不一样": answerDifferent, "非": answerDifferent, "nein": answerDifferent, "verschieden": answerDifferent, "non": answerDifferent,
	"different customers": answerDifferent, "distinto": answerDifferent,

	"skip": answerSkip, "later": answerSkip, "unsure": answerSkip, "unknown": answerSkip, "?": answerSkip,
	"跳过": answerSkip, "待定": answerSkip, "不确定": answerSkip, "不知道": answerSkip,
}

// Import checks a sheet that came back against the reviews as they are now.
// What is wrong with the sheet itself is a [diag.List] of all problems, with
// their lines; rows that cannot be recorded any more are Refused. Nothing is
// recorded yet: see [Sheet.Record].
func (d *Desk) Import(ctx context.Context, rows []Filled, actor string, override bool) (*Sheet, error) {
	filled, err := readVerdicts(rows)
	if err != nil {
		return nil, err
	}
	sheet := &Sheet{Rows: len(rows)}
	for k := range rows {
		if normalize.Text(rows[k].Verdict) == "" {
			sheet.Blank++
		}
	}
	items, err := d.findKnown(ctx, filled)
	if err != nil {
		return nil, err
	}
	for _, row := range filled {
		if i := items[ParseID(row.Review)]; i != nil {
			sheet.take(i, row, actor, override)
		} else {
			sheet.refuse(row.Place, row.Review, "there is no such review")
		}
	}
	return sheet, nil
}

// findKnown finds the reviews of rows, by ID; those that there are not are
// left out.
func (d *Desk) findKnown(ctx context.Context, rows []verdictRow) (map[string]*Item, error) {
	var ids []string
	for k := range rows {
		ids = append(ids, ParseID(rows[k].Review))
	}
	items, err := d.Find(ctx, ids...)
	var unknown *UnknownError
	if errors.As(err, &unknown) {
		missing := map[string]bool{}
		for _, id := range unknown.IDs {
			missing[id] = true
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return missing[id] })
		items, err = d.Find(ctx, ids...)
	}
	found := map[string]*Item{}
	for _, i := range items {
		found[i.ID] = i
	}
	return found, err
}

// verdictRow is a row with a verdict that was understood.
type verdictRow struct {
	Filled
	answer answer
}

// readVerdicts reads the rows that have a verdict.
func readVerdicts(rows []Filled) ([]verdictRow, error) {
	var problems diag.List
	report := func(row *Filled, code, hint, message string, args ...any) {
		problems = append(problems, diag.Diagnostic{
			Pos: diag.Pos{File: row.Place.File, Line: int(row.Place.Line)}, Code: code, Message: fmt.Sprintf(message, args...), Hint: hint,
		})
	}
	var filled []verdictRow
	first := map[string]int{} // by review: its place in filled
	for k := range rows {
		row := rows[k]
		word := normalize.Text(row.Verdict)
		if word == "" {
			continue
		}
		a, known := answers[word]
		if !known {
			report(&row, "review.verdict", "write same, different or skip (yes and no, 是 and 否 will do), or leave it empty",
				"column %s: the verdict is not understood", ColumnVerdict)
			continue
		}
		id := ParseID(row.Review)
		if id == "" {
			report(&row, "review.missing", "take the row from the export again", "column %s is empty", ColumnReview)
			continue
		}
		if at, again := first[id]; again {
			if filled[at].answer != a {
				report(&row, "review.twice", "leave one of them", "review %s has another verdict in line %d", id, filled[at].Place.Line)
			}
			continue
		}
		first[id] = len(filled)
		filled = append(filled, verdictRow{row, a})
	}
	return filled, problems.Err()
}

func (s *Sheet) refuse(place mapping.Place, review, reason string, args ...any) {
	s.Refused = append(s.Refused, Refused{Place: place.String(), Review: ParseID(review), Reason: fmt.Sprintf(reason, args...)})
}

// take sorts a row by what is to be done with it.
func (s *Sheet) take(i *Item, row verdictRow, actor string, override bool) {
	if row.answer == answerSkip {
		if i.Pending() {
			s.Skip, s.Skipped = append(s.Skip, i), append(s.Skipped, row.Reason)
		} else {
			s.refuse(row.Place, i.ID, "it is answered, there is nothing to skip")
		}
		return
	}
	a := Answer{Item: i, Verdict: crosswalk.Same, Actor: actor, Reason: strings.TrimSpace(row.Reason)}
	if row.answer == answerDifferent {
		a.Verdict = crosswalk.Different
	}
	switch before := i.Decided; {
	case before != nil && before.Verdict == a.Verdict:
		s.Again = append(s.Again, a)
	case strings.TrimSpace(row.Content) == "":
		s.refuse(row.Place, i.ID, "column %s is empty, so nobody can tell whether the records changed since the export", ColumnContent)
	case strings.TrimSpace(row.Content) != i.Content():
		s.refuse(row.Place, i.ID, "the records changed since the export: look at it again")
	case before != nil && before.Actor != actor && !override:
		s.refuse(row.Place, i.ID, "%s decided %s before; --override replaces that", before.Actor, before.Verdict)
	case i.Closed > 0 && before == nil:
		s.refuse(row.Place, i.ID, "run %d closed it without a verdict: decide it by its ID if there is still a doubt", i.Closed)
	default:
		s.Answers, s.places = append(s.Answers, a), append(s.places, row.Place)
	}
}

// Record writes the answers of the sheet down. What somebody else decided
// otherwise since the sheet was checked is refused, and the rest recorded.
func (s *Sheet) Record(ctx context.Context, store *crosswalk.Store, actor string, override bool) error {
	for {
		_, err := Record(ctx, store, s.Answers, override)
		var contrary crosswalk.ContraryErrors
		if !errors.As(err, &contrary) {
			if err != nil {
				return err
			}
			break
		}
		for _, c := range slices.Backward(contrary) {
			s.refuse(s.places[c.Index], s.Answers[c.Index].Item.ID, "%s decided %s before; --override replaces that", c.Before.Actor, c.Before.Verdict)
			s.Answers = slices.Delete(s.Answers, c.Index, c.Index+1)
			s.places = slices.Delete(s.places, c.Index, c.Index+1)
		}
	}
	byReason := map[string][]string{}
	for k, i := range s.Skip {
		byReason[s.Skipped[k]] = append(byReason[s.Skipped[k]], i.ID)
	}
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		if err := store.SkipReviews(ctx, byReason[reason], actor, reason); err != nil {
			return err
		}
	}
	return nil
}
