package crosswalk

import "context"

// LinksOf returns the links of the given canonical IDs in whatever state, in
// the order of (source, key), with Match and Fields. None of ids may be empty.
func (v *Snapshot) LinksOf(ctx context.Context, ids []string) ([]Link, error) {
	var links []Link
	for in, args := range inLists(ids) {
		if err := v.atHead(ctx, &linkRead{where: "canonical" + in, args: args, match: true, fields: true}, &links); err != nil {
			return nil, v.store.fail("look up canonical IDs", err)
		}
	}
	sortLinks(links)
	return links, nil
}
