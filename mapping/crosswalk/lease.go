package crosswalk

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

const (
	leaseTTL   = 15 * time.Second // how long a lease lasts unless renewed
	leaseRenew = 5 * time.Second  // how often it is renewed
)

// Lease is the exclusive right to write. It renews itself until Release. Its
// methods, and those of its runs, are for one goroutine at a time.
type Lease struct {
	store *Store
	token int64
	// mu is held by every writing transaction. It renews the lease at its
	// end, so the background skips a turn when it finds mu taken: in SQLite
	// it could not write beside it anyway, and on servers the lease's row is
	// locked, so that nobody can take the lease over meanwhile.
	mu   sync.Mutex
	stop context.CancelFunc
	done chan struct{}
}

// leaseRow is the one row of xwalk_lease, and the clock. Times are
// milliseconds since 1970.
type leaseRow struct {
	Holder  string `db:"holder"`
	Place   string `db:"place"`
	What    string `db:"what"`
	Token   int64  `db:"token"`
	Since   int64  `db:"since"`
	Expires int64  `db:"expires"`
	Now     int64  `db:"at"`
}

// Acquire takes the lease. Holder says who, as "host/pid", what says for
// what ("apply"). While somebody else who is alive has it, it is a
// [*LockedError]. A lease that was not renewed in time, or whose holder was a
// process of this machine that is gone, is taken over.
//
// The lease is renewed until Release, also after ctx has ended.
func (s *Store) Acquire(ctx context.Context, holder, what string) (*Lease, error) {
	token, err := s.acquire(ctx, holder, what)
	if err != nil {
		return nil, s.fail("take the crosswalk's lease", err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &Lease{store: s, token: token, stop: stop, done: make(chan struct{})}
	go l.renewAll(ctx)
	return l, nil
}

func (s *Store) acquire(ctx context.Context, holder, what string) (int64, error) {
	if holder == "" {
		return 0, errors.New("a lease needs a holder")
	}
	if s.readOnly {
		return 0, errors.New("it was opened for reading only")
	}
	// Looking first disturbs nobody who is writing.
	row, err := s.readLease(ctx, s.db, "")
	if err != nil {
		return 0, err
	}
	if err := row.held(holder); err != nil {
		return 0, err
	}
	var token int64
	err = s.inTx(ctx, func(tx *sqldb.Tx) error {
		var err error
		if row, err = s.lockLease(ctx, tx, holder); err != nil {
			return err
		}
		token = row.Token + 1
		_, err = tx.ExecContext(ctx, s.sql("UPDATE @lease SET holder = ?, place = ?, what = ?, token = ?, since = ?, expires = ? WHERE one = 1"),
			holder, machine(), what, token, row.Now, row.Now+leaseTTL.Milliseconds())
		return err
	})
	if sqldb.Classify(err) != sqldb.Locked {
		return token, err
	}
	// Whoever keeps the row locked is alive: writing, or taking the lease.
	if row, err = s.readLease(ctx, s.db, ""); err != nil {
		return 0, err
	}
	if row.Holder == "" {
		row.Holder, row.What, row.Since, row.Expires = "another process", "starting", row.Now, row.Now
	}
	return 0, row.locked()
}

// lockLease locks the lease's row until the end of tx, unless somebody else
// who is alive holds the lease.
func (s *Store) lockLease(ctx context.Context, tx queryer, holder string) (leaseRow, error) {
	row, err := s.readLease(ctx, tx, s.dialect.lockRow(false))
	if err != nil {
		return row, err
	}
	return row, row.held(holder)
}

func (s *Store) readLease(ctx context.Context, q queryer, lock string) (leaseRow, error) {
	var row leaseRow
	err := q.GetContext(ctx, &row, s.sql("SELECT holder, place, what, token, since, expires, "+s.dialect.clock()+" AS at FROM @lease WHERE one = 1"+lock))
	return row, err
}

func (r *leaseRow) locked() error {
	return &LockedError{Holder: r.Holder, Kind: r.What, Since: time.UnixMilli(r.Since), Expires: time.UnixMilli(r.Expires)}
}

// held is a [*LockedError] when somebody who is alive holds the lease.
// seeker is who asks: the holder of the same host, whose process is gone,
// need not be waited for.
func (r *leaseRow) held(seeker string) error {
	if r.Holder == "" || r.Expires <= r.Now {
		return nil
	}
	host, process, ok := cutLast(r.Holder)
	seekerHost, _, _ := cutLast(seeker)
	if name, err := os.Hostname(); err == nil && ok && (host == name || host == seekerHost) && r.Place == machine() {
		if pid, err := strconv.Atoi(process); err == nil && pid > 0 && processGone(pid) {
			return nil
		}
	}
	return r.locked()
}

// cutLast cuts "host/pid" at its last slash.
func cutLast(holder string) (host, process string, ok bool) {
	i := strings.LastIndexByte(holder, '/')
	if i < 0 {
		return holder, "", false
	}
	return holder[:i], holder[i+1:], true
}

// renewAll renews the lease until ctx ends. A turn that fails is tried again
// the next time; whether the lease is still ours is for the next write to
// find out.
func (l *Lease) renewAll(ctx context.Context) {
	defer close(l.done)
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if l.mu.TryLock() {
			turn, cancel := context.WithTimeout(ctx, leaseRenew)
			_ = l.renew(turn, l.store.db)
			cancel()
			l.mu.Unlock()
		}
	}
}

// renew lets the lease last leaseTTL from now on; [ErrLost] when it is ours
// no more.
func (l *Lease) renew(ctx context.Context, x execer) error {
	s := l.store
	res, err := x.ExecContext(ctx, s.sql("UPDATE @lease SET expires = "+s.dialect.clock()+" + ? WHERE one = 1 AND token = ? AND holder <> ''"),
		leaseTTL.Milliseconds(), l.token)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return ErrLost
}

// write runs fn in a transaction that only commits while the lease is ours:
// its row is locked and its token compared before anything else.
func (l *Lease) write(ctx context.Context, fn func(tx *sqldb.Tx) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.store
	return s.inTx(ctx, func(tx *sqldb.Tx) error {
		if err := s.dialect.began(ctx, tx); err != nil {
			return err
		}
		row, err := s.readLease(ctx, tx, s.dialect.lockRow(true))
		if err != nil {
			return err
		}
		if row.Token != l.token || row.Holder == "" {
			return ErrLost
		}
		if err := fn(tx); err != nil {
			return err
		}
		return l.renew(ctx, tx)
	})
}

// Release gives the lease back, also when ctx has ended already. It may be
// called twice, and after the lease was lost.
func (l *Lease) Release(ctx context.Context) error {
	l.stop()
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseTTL)
	defer cancel()
	s := l.store
	_, err := s.db.ExecContext(ctx, s.sql("UPDATE @lease SET holder = '', place = '', what = '', expires = 0 WHERE one = 1 AND token = ?"), l.token)
	return s.fail("give the crosswalk's lease back", err)
}

// inTx runs fn in a transaction, which is rolled back when fn fails.
func (s *Store) inTx(ctx context.Context, fn func(tx *sqldb.Tx) error) error {
	tx, err := s.db.Begin(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}
