package similar

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f for 0 to n-1, on all processors, in no order, until ctx is
// cancelled. It returns when all calls have.
func parallel(ctx context.Context, n int, f func(i int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				f(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// spans calls f for consecutive spans that cover 0 to n-1, as parallel does.
// Where a span begins does not depend on the number of processors.
func spans(ctx context.Context, n int, f func(from, to int)) error {
	const size = 4096
	return parallel(ctx, (n+size-1)/size, func(i int) { f(i*size, min((i+1)*size, n)) })
}
