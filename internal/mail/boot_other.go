//go:build !linux && !darwin

package mail

// BootID names the present start of the machine. It is unknown here, so that no journal of a
// dead process is believed and its open batches are uncertain.
func BootID() string { return "" }
