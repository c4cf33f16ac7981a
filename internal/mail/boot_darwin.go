package mail

import "golang.org/x/sys/unix"

// BootID names the present start of the machine. A journal of an earlier start may have lost
// its last pages with the power and is not believed. Empty means unknown: then no journal of a
// dead process is believed. Here it is the kernel's boot session UUID, which, unlike the time
// of the boot, does not move with the clock.
func BootID() string {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}
