package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/config"
)

// listen listens at a socket, which takes the place of one that nobody listens at any more, or at HOST:PORT.
func (i inboundCmd) listen(address string) (net.Listener, error) {
	path, named := strings.CutPrefix(address, "unix:")
	if !named && !strings.Contains(path, "/") {
		l, err := net.Listen("tcp", address) //nolint:noctx // it listens until the command ends
		if err != nil {
			return nil, config.Error{Variable: "inbound", Wrong: fmt.Sprintf("cannot listen at %s", address), Right: "name a free HOST:PORT, or the path of a socket"}
		}
		return l, nil
	}
	mode, err := strconv.ParseUint(i.SocketMode, 8, 32)
	if err != nil || mode > 0o777 {
		return nil, config.Error{Variable: "--socket-mode", Wrong: fmt.Sprintf("%q is no mode", i.SocketMode), Right: "write one like 0660"}
	}
	if c, err := net.Dial("unix", path); err == nil { //nolint:noctx // of this machine
		_ = c.Close()
		return nil, config.Error{Variable: "inbound", Wrong: path + " is another process's socket", Right: "end that process, or name another path"}
	}
	if s, err := os.Lstat(path); err == nil && s.Mode()&os.ModeSocket != 0 {
		_ = os.Remove(path) // of a process that was killed
	}
	l, err := net.Listen("unix", path) //nolint:noctx // it listens until the command ends
	if err == nil {
		err = os.Chmod(path, os.FileMode(mode))
	}
	if err != nil {
		return nil, config.Error{Variable: "inbound", Wrong: fmt.Sprintf("no socket can be made at %s", path), Right: "name a path in a folder that this user may write, which is short (Unix takes about 100 characters)"}
	}
	return l, nil
}
