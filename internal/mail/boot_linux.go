package mail

import (
	"os"
	"strings"
)

// BootID names the present start of the machine. A journal of an earlier start may have lost
// its last pages with the power and is not believed. Empty means unknown: then no journal of a
// dead process is believed.
func BootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
