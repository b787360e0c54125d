package crosswalk

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// storeModel keeps the run's model, if it has one, and returns its digest.
func (r *Run) storeModel(ctx context.Context, tx *sqldb.Tx, model []byte) (string, error) {
	if model == nil {
		return "", nil
	}
	if _, err := tx.ExecContext(ctx, r.lease.store.sql("INSERT INTO @model (from_run, model) VALUES (?, ?)"), r.No, model); err != nil {
		return "", err
	}
	sum := sha256.Sum256(model)
	return hex.EncodeToString(sum[:]), nil
}

// Model is the matching model of the crosswalk, nil where it has none.
func (v *Snapshot) Model(ctx context.Context) ([]byte, error) { return v.ModelOf(ctx, v.head.Run) }

// ModelOf is the model that was in force after a run, nil where there was
// none yet.
func (v *Snapshot) ModelOf(ctx context.Context, run int64) ([]byte, error) {
	var model []byte
	err := v.use(func() error {
		return v.tx.GetContext(ctx, &model, v.store.sql("SELECT model FROM @model WHERE from_run <= ? ORDER BY from_run DESC LIMIT 1"), min(run, v.head.Run))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return model, v.store.fail("read the model", err)
}
