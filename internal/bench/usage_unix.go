//go:build unix

package bench

import (
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is how long this process has computed.
func cpuTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// settleMemory gives back what is not used any more, and lets the system forget the most that was held.
func settleMemory() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // where there is such a file
}
