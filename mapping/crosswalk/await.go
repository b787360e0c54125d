package crosswalk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// Await is [Store.Acquire] for this process. While somebody else holds the
// lease, it waits up to patience; then the error is a [*LockedError]. waiting,
// which may be nil, is called before each pause.
func (s *Store) Await(ctx context.Context, what string, patience time.Duration, waiting func(*LockedError)) (*Lease, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	holder := fmt.Sprintf("%s/%d", host, os.Getpid())
	until := time.Now().Add(patience)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		lease, err := s.Acquire(ctx, holder, what)
		var locked *LockedError
		if !errors.As(err, &locked) || time.Now().After(until) {
			return lease, err
		}
		if waiting != nil {
			waiting(locked)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}
