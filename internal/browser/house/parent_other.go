//go:build unix && !linux

package house

import "syscall"

// withParent cannot tie the program to the test process here; the test's cleanup stops it.
func withParent() *syscall.SysProcAttr { return nil }
