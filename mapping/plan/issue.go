package plan

import (
	"context"
	"errors"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// newNumber is a canonical ID for the customer that founder stands for: wanted,
// where it is legal and was never issued, or where wanted is empty the next of
// its scheme. It adds the number to the plan. flag is what names a number by
// hand.
func (d *draft) newNumber(ctx context.Context, wanted string, founder *crosswalk.Link, flag string) (string, error) {
	id := wanted
	if id == "" {
		var err error
		if id, err = d.next(ctx, founder, flag); err != nil {
			return "", err
		}
	} else {
		if err := scheme.Legal(id); err != nil {
			return "", refused("a canonical ID is of A-Z, 0-9 and the hyphen, and has at most 50 characters", "%s %s: it %s", flag, id, err)
		}
		known, err := d.snap.Known(ctx, id)
		if err != nil {
			return "", err
		}
		if known {
			return "", refused("a number is never given to anyone else", "%s %s: it was issued before", flag, id)
		}
		if i := d.issuer(founder); i >= 0 && !d.rules.KeepsNumbers(i) && !d.rules.Canonical(i).Match(id) {
			d.note("%s is not written as the canonical scheme %s writes numbers", id, d.rules.Canonical(i))
		}
	}
	d.number(crosswalk.Number{Canonical: id, State: crosswalk.Given})
	return id, nil
}

// issuer is the source as which a record's customer is numbered; -1 where it
// is not configured any more.
func (d *draft) issuer(founder *crosswalk.Link) int {
	return slices.Index(d.rules.Sources(), d.carrier(founder.Source))
}

// next issues a number as a run does for a customer that founder founds.
func (d *draft) next(ctx context.Context, founder *crosswalk.Link, flag string) (string, error) {
	byHand := "give it a number by hand with " + flag
	i := d.issuer(founder)
	if i < 0 {
		return "", refused(byHand, "%s is not configured any more, so nothing says how the customer of %s is numbered", d.carrier(founder.Source), d.text(founder))
	}
	c := d.rules.Canonical(i)
	fields, err := rules.DecodeFields(founder.Fields)
	if err != nil {
		return "", err
	}
	gives := d.rules.Gives(i, founder.Key, fields)
	if err := c.Check(gives); err != nil {
		return "", refused(byHand, "%s: %s", d.text(founder), err)
	}
	if c.Issue() == scheme.Carried {
		return "", refused(byHand, "the scheme %s makes one number of each record and no other", c)
	}
	counters, err := d.snap.Counters(ctx)
	if err != nil {
		return "", err
	}
	seq, err := d.sequence(i, gives, founder, counters)
	if err != nil {
		return "", err
	}
	id, last, err := d.firstFree(ctx, seq)
	if errors.Is(err, scheme.ErrExhausted) {
		all := c.Capacity()
		if c.Issue() == scheme.Counted {
			all = d.rules.Usable(d.rules.Start(), all)
		}
		return "", &CapacityError{Scheme: c.String(), Capacity: all, Wanted: 1, Drawn: c.Issue() != scheme.Counted}
	}
	if err != nil {
		return "", err
	}
	d.plan.Counters = map[string]uint64{seq.tally: last}
	d.plan.Schemes = map[int]string{founder.Source: c.String()}
	return id, nil
}

// sequence is the numbers that a record could get, in turn: write returns the
// next with what the counter of its prefix, tally, says once it is issued.
type sequence struct {
	tally string
	write func() (id []byte, last uint64, err error)
}

func (d *draft) sequence(i int, gives []byte, founder *crosswalk.Link, counters map[string]uint64) (sequence, error) {
	c := d.rules.Canonical(i)
	if c.Issue() == scheme.Counted {
		tally := string(c.AppendPrefix(nil, gives))
		last := max(d.rules.Start()-1, counters[tally])
		return sequence{tally, func() ([]byte, uint64, error) {
			last = d.rules.SkipReserved(last + 1)
			id, err := c.Append(nil, gives, last)
			return id, last, err
		}}, nil
	}
	drawer, err := d.rules.Drawer(i, d.opts.Random)
	if err != nil {
		return sequence{}, err
	}
	tally := string(c.AppendTally(nil, gives))
	attempt := uint64(0)
	return sequence{tally, func() ([]byte, uint64, error) {
		if attempt == maxDraws {
			return nil, 0, scheme.ErrExhausted
		}
		id, err := drawer.Append(nil, gives, d.carrier(founder.Source), []byte(founder.Key), attempt)
		attempt++
		return id, counters[tally] + 1, err
	}}, nil
}

// firstFree is the first number of a sequence that was never issued.
func (d *draft) firstFree(ctx context.Context, seq sequence) (string, uint64, error) {
	for many := 1; ; many = 500 { // an imported list may have taken very many
		var ids []string
		var lasts []uint64
		var end error
		for len(ids) < many && end == nil {
			id, last, err := seq.write()
			switch {
			case errors.Is(err, scheme.ErrSkip):
			case err != nil:
				end = err
			default:
				ids, lasts = append(ids, string(id)), append(lasts, last)
			}
		}
		known, err := d.snap.KnownOf(ctx, ids)
		if err != nil {
			return "", 0, err
		}
		for k, id := range ids {
			if _, taken := slices.BinarySearch(known, id); !taken {
				return id, lasts[k], nil
			}
		}
		if end != nil {
			return "", 0, end
		}
	}
}
