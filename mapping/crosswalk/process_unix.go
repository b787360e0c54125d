//go:build unix

package crosswalk

import (
	"errors"
	"os"
	"strings"
	"syscall"
)

// processGone reports whether no process of this machine has the number pid.
// A process of somebody else's counts as there.
func processGone(pid int) bool {
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// machine tells apart machines, reboots and containers, within which a
// process number means one process. Where the system says nothing it is empty.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + space
}
