package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// What may lie on the heap unused before it is collected: so many bytes, and
// one in so many of those that are used.
const (
	slackBytes = 8 << 20
	slackShare = 16
)

// tuneGC sets, after each collection, when the next one is due. A large heap
// is mostly large blocks without pointers, which are cheap to mark: collecting
// them sooner than Go does by itself saves close to half of the memory. A
// small one, of a look-up that is over in a moment, is not worth collecting.
func tuneGC() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	used := int(live[0].Value.Uint64())
	debug.SetGCPercent((slackBytes + used/slackShare) * 100 / max(used, 1<<20))
	// Nothing refers to the object, so it is cleaned up after the next
	// collection.
	runtime.AddCleanup(new(*int), func(struct{}) { tuneGC() }, struct{}{})
}
