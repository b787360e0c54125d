package crosswalk

import (
	"errors"
	"syscall"
)

// stillActive is the exit code of a process that has not ended.
const stillActive = 259

// errInvalidParameter is what OpenProcess answers for a number that no
// process has.
const errInvalidParameter = syscall.Errno(87)

// processGone reports whether no process of this machine has the number pid.
// A process of somebody else's counts as there.
func processGone(pid int) bool {
	h, err := syscall.OpenProcess(syscall.PROCESS_QUERY_INFORMATION, false, uint32(pid))
	if err != nil {
		return errors.Is(err, errInvalidParameter)
	}
	defer func() { _ = syscall.CloseHandle(h) }()
	var code uint32
	return syscall.GetExitCodeProcess(h, &code) == nil && code != stillActive
}

// machine tells apart reboots and containers; this system needs no more than
// the host's name.
func machine() string { return "" }
