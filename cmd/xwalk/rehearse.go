package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/discover"
	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// rehearse makes a plan with the draft on the sources as they are, keeps
// nothing of it but counts, and sets the guards so that this plan passes.
func (e *env) rehearse(ctx context.Context, d *discover.Draft, path string) error {
	f, err := e.loadDraft(d, path)
	if err != nil {
		return err
	}
	rs, err := f.Ruleset()
	if err != nil {
		return err
	}
	p, err := e.build(ctx, f, rs, nil, nil, &buildOptions{allow: *cli.NewStringSlice(guards...)})
	if err != nil {
		return err
	}
	seen := discover.Rehearsal{Totals: p.Totals, Sources: map[string]mapping.Counts{}, Lines: map[string]int64{}}
	for _, s := range p.Sources {
		seen.Sources[s.Name] = s.Counts
	}
	if seen.Cluster, err = clusters(p, seen.Lines); err != nil {
		return err
	}
	d.Rehearsed(seen)
	_, err = e.loadDraft(d, path)
	return err
}

// clusters counts the records that each rule joined; largest is the most
// records that one customer has.
func clusters(p *plan.Plan, rules map[string]int64) (largest int, err error) {
	size := map[string]int{}
	for c, err := range p.Changes() {
		if err != nil {
			return 0, err
		}
		if c.Kind == mapping.KindLink {
			rules[c.Rule]++
			size[c.CanonicalID]++
			largest = max(largest, size[c.CanonicalID]+1) // and the one who founded it
		}
	}
	return max(largest, 1), nil
}

// loadDraft reads the draft back as every verb would. It is written beside
// the file that it will be, since relative paths start there.
func (e *env) loadDraft(d *discover.Draft, path string) (*config.File, error) {
	tmp, err := createBeside(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = io.WriteString(tmp, d.YAML())
	if err := closing(err, tmp); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	f, err := config.Load(tmp.Name(), all.Registry(), func(name string) (string, bool) {
		for _, v := range d.Variables {
			if v.Name == name {
				return v.Value, true
			}
		}
		return e.getenv(name)
	})
	if err != nil {
		return nil, fmt.Errorf("the file that init made is not right, which is a mistake of xwalk's: %w", err)
	}
	return f, nil
}
