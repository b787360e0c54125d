package translate

import (
	"bytes"
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/charset"
)

// fewBroken are told.
const fewBroken = 5

// manyAlien are as many documents that are not UTF-8, without a good one that
// is more than ASCII, as say that the text is in another encoding.
const manyAlien = 10

// broken passes on what starts here as it is, until a line starts as the
// documents before did.
func (j *jsonStream) broken(ctx context.Context, reason string) error {
	if isAlien(j.buf[j.at:]) {
		reason = "the text is not valid UTF-8"
		if err := j.countAlien(); err != nil {
			return err
		}
	}
	line := j.lineOf(j.at)
	if j.sample == nil && j.blanks >= 0 {
		j.indent = j.blanks
	}
	j.gap(j.at)
	again, last, err := j.resume(ctx)
	if err != nil {
		return err
	}
	j.some = true
	if last > line {
		reason += fmt.Sprintf("; passed through up to line %d", last)
	}
	j.countBroken(line, reason)
	if !again && j.list {
		return j.cut(line, reason)
	}
	return nil
}

func (j *jsonStream) countBroken(line int64, reason string) {
	j.sum.Records++
	if j.sum.Broken++; j.sum.Broken <= fewBroken {
		j.sum.FirstBroken = append(j.sum.FirstBroken, fmt.Sprintf("%s:%d: %s", j.Name, line, reason))
	}
}

// countAlien gives up on text of another encoding.
func (j *jsonStream) countAlien() error {
	if j.alien++; j.alien < manyAlien || j.scan.high {
		return nil
	}
	return fmt.Errorf("%s is not UTF-8 as JSON has to be, it looks like %s; convert it first, for example with iconv", j.Name, charset.Guess(bytes.NewReader(j.buf)))
}

// resume writes lines as they are, until the next document: again says that
// there is one, or that the array ends; last is the last line that was written.
func (j *jsonStream) resume(ctx context.Context) (again bool, last int64, err error) {
	for {
		if j.at < len(j.buf) {
			last = j.lineOf(j.at)
		}
		if i := bytes.IndexByte(j.buf[j.at:], '\n'); i >= 0 {
			j.at += i + 1
			j.pass(j.at)
			if again, err := j.resumes(ctx); again || err != nil {
				return again, last, err
			}
			continue
		}
		j.at = len(j.buf)
		j.pass(j.at)
		if j.eof {
			return false, last, nil
		}
		if err := j.more(ctx); err != nil {
			return false, last, err
		}
	}
}

// resumes reports whether the line that starts here starts a document, or ends
// the array.
func (j *jsonStream) resumes(ctx context.Context) (bool, error) {
	for blanks := 0; blanks <= j.indent; blanks++ {
		for j.at+blanks == len(j.buf) {
			if j.eof {
				return false, nil
			}
			if err := j.more(ctx); err != nil {
				return false, err
			}
		}
		switch c := j.buf[j.at+blanks]; {
		case c == ' ' || c == '\t':
			continue
		case c == j.lead:
			j.comma = false
		case c == ']' && j.list:
			j.comma = true
		case c == '[' && blanks == 0: // an array of its own
			j.list, j.comma = false, false
		default:
			return false, nil
		}
		j.blanks = 0
		return true, nil
	}
	return false, nil
}

// cut is the error where nothing more can be told apart.
func (j *jsonStream) cut(line int64, reason string) error {
	return fmt.Errorf("%s:%d: %s; from there on the documents of the array cannot be told apart", j.Name, line, reason)
}

// isAlien reports whether the line that text starts with is not UTF-8.
func isAlien(text []byte) bool {
	line, _, whole := bytes.Cut(text, []byte{'\n'})
	for i := len(line) - 1; !whole && i >= max(0, len(line)-utf8.UTFMax); i-- {
		if utf8.RuneStart(line[i]) {
			if !utf8.FullRune(line[i:]) { // the rest of it was not read yet
				line = line[:i]
			}
			break
		}
	}
	return !utf8.Valid(line)
}
