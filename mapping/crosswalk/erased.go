package crosswalk

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Erased is a source ID that was forgotten: the canonical ID that it had, empty
// where it had none, and the run that forgot it.
type Erased struct {
	Source    int
	Canonical string
	Run       int64
}

// erasedRow is a row of xwalk_erased. Hash is the HMAC-SHA-256 of the key, in
// hexadecimal, under a salt of the crosswalk's own, and not under
// privacy.secret: that may be set, changed or lost in a file that is not ours,
// and then nobody who was forgotten would be known again. So the hashes keep a
// glance from the keys, but not somebody who has the crosswalk and tries all
// numbers there are.
type erasedRow struct {
	Source    int    `db:"source_no"`
	Hash      string `db:"key_hash"`
	Canonical string `db:"canonical"`
	Run       int64  `db:"from_run"`
}

func (r erasedRow) compare(o erasedRow) int {
	return cmp.Or(cmp.Compare(r.Source, o.Source), strings.Compare(r.Hash, o.Hash))
}

// digestErased is the digest of rows in their order.
func digestErased(rows []erasedRow) string {
	sum := sha256.New()
	var buf []byte
	for _, r := range rows {
		for _, text := range []string{fmt.Sprint(r.Source), r.Hash, r.Canonical} {
			buf = appendText(buf, text)
		}
	}
	sum.Write(buf)
	return hex.EncodeToString(sum.Sum(nil))
}

const (
	eraseSalt    = "erase_salt" // in xwalk_meta
	selectErased = "SELECT source_no, key_hash, canonical, from_run FROM @erased WHERE "
)

// eraseSalt is the salt of the hashes, nil before the first one is made.
func (s *Store) eraseSalt(ctx context.Context, q queryer) ([]byte, error) {
	text, err := s.meta(ctx, q, eraseSalt)
	if err != nil || text == "" {
		return nil, err
	}
	return hex.DecodeString(text)
}

// saltDigest is the digest of the salt, empty before there is one: without
// the salt nobody who was forgotten is known again.
func (s *Store) saltDigest(ctx context.Context, q queryer) (string, error) {
	text, err := s.meta(ctx, q, eraseSalt)
	return digestSalt(text), err
}

func digestSalt(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// keyHasher hashes keys. It is for one goroutine.
func keyHasher(salt []byte) func(key string) string {
	mac := hmac.New(sha256.New, salt)
	return func(key string) string {
		mac.Reset()
		_, _ = mac.Write([]byte(key)) // a hash never fails
		return hex.EncodeToString(mac.Sum(nil))
	}
}

// Erased returns a function that tells the keys of a source that were
// forgotten, for one goroutine; it is nil where there are none. What was
// forgotten is not known in views of the past either.
func (v *Snapshot) Erased(ctx context.Context, source int) (func(key string) (Erased, bool), error) {
	rows, salt, err := v.erased(ctx, "source_no = ?", source)
	if err != nil || len(rows) == 0 {
		return nil, v.store.fail("read who was erased", err)
	}
	byHash := make(map[string]Erased, len(rows))
	for _, r := range rows {
		byHash[r.Hash] = Erased{r.Source, r.Canonical, r.Run}
	}
	hash := keyHasher(salt)
	return func(key string) (Erased, bool) {
		e, ok := byHash[hash(key)]
		return e, ok
	}, nil
}

// ErasedOf tells which of the keys were forgotten.
func (v *Snapshot) ErasedOf(ctx context.Context, keys []SourceKey) (map[SourceKey]Erased, error) {
	found, err := v.erasedOf(ctx, keys)
	return found, v.store.fail("look up who was erased", err)
}

func (v *Snapshot) erasedOf(ctx context.Context, keys []SourceKey) (map[SourceKey]Erased, error) {
	salt, err := v.eraseSalt(ctx)
	if err != nil || salt == nil {
		return nil, err
	}
	hash := keyHasher(salt)
	type place struct {
		source int
		hash   string
	}
	asked := make(map[place]SourceKey, len(keys))
	hashes := make([]string, len(keys))
	for i, k := range keys {
		hashes[i] = hash(k.Key)
		asked[place{k.Source, hashes[i]}] = k
	}
	found := map[SourceKey]Erased{}
	for in, args := range inLists(hashes) {
		rows, _, err := v.erased(ctx, "key_hash"+in, args...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if k, ok := asked[place{r.Source, r.Hash}]; ok {
				found[k] = Erased{r.Source, r.Canonical, r.Run}
			}
		}
	}
	return found, nil
}

func (v *Snapshot) eraseSalt(ctx context.Context) (salt []byte, err error) {
	err = v.use(func() error {
		salt, err = v.store.eraseSalt(ctx, v.tx)
		return err
	})
	return salt, err
}

func (v *Snapshot) erased(ctx context.Context, where string, args ...any) (rows []erasedRow, salt []byte, err error) {
	if salt, err = v.eraseSalt(ctx); err != nil || salt == nil {
		return nil, nil, err
	}
	err = v.use(func() error {
		return v.tx.SelectContext(ctx, &rows, v.store.sql(selectErased+where), args...)
	})
	return rows, salt, err
}

// KeyRules are the key rules that a source has had, the newest first.
func (v *Snapshot) KeyRules(ctx context.Context, source int) (rules []string, err error) {
	err = v.use(func() error {
		return v.walkBack(ctx, "sources", func(_ int64, did *effects) bool {
			for _, src := range did.Sources {
				if src.No == source && !slices.Contains(rules, src.KeyRule) {
					rules = append(rules, src.KeyRule)
				}
			}
			return false
		})
	})
	return rules, v.store.fail("read the key rules", err)
}
