package conntest

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
)

var leakRuns atomic.Int64

// checkGoroutines makes passes that end in each way a pass can end, and then
// looks for goroutines that they started and that are still there.
//
// Goroutines inherit profiler labels from the one that starts them, so what
// other tests do at the same time does not disturb the check.
func checkGoroutines(tb testing.TB, s Suite) {
	ways := map[string]func(ctx context.Context, src mapping.Source){
		"a full pass": func(ctx context.Context, src mapping.Source) { collectCtx(ctx, src) },
		"a break": func(ctx context.Context, src mapping.Source) {
			src.Records(ctx)(func(mapping.Record, error) bool { return false })
		},
		"a cancelled pass": func(ctx context.Context, src mapping.Source) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			collectCtx(ctx, CancelAfter(src, 1, cancel))
		},
	}
	for way, pass := range ways {
		src := open(tb, s, []string{"id"})
		label := fmt.Sprintf("pass-%d", leakRuns.Add(1))
		pprof.Do(tb.Context(), pprof.Labels("conntest", label), func(ctx context.Context) { pass(ctx, src) })
		if stack := lingering(label, s.patience); stack != "" {
			tb.Fatalf("%s left a goroutine behind:\n%s", way, stack)
		}
	}
}

// lingering is the stack of a goroutine that carries the label and does not
// end in time, or empty.
func lingering(label string, patience time.Duration) string {
	deadline := time.Now().Add(patience)
	for wait := time.Millisecond; ; wait *= 2 {
		stack := labelled(label)
		if stack == "" || time.Now().After(deadline) {
			return stack
		}
		time.Sleep(wait)
	}
}

func labelled(label string) string {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return ""
	}
	for group := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(group, fmt.Sprintf("%q:%q", "conntest", label)) {
			return group
		}
	}
	return ""
}
