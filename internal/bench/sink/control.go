package sink

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"time"
)

// Stat is what a sink has seen since it was reset. Times are zero for what did not happen.
type Stat struct {
	Accepted, Bytes    int64
	First, Last, Probe time.Time
}

// Control asks a sink, which may be another process, what it has seen.
type Control struct {
	conn net.Conn
	in   *bufio.Reader
}

// Dial connects to a sink. Close it.
func Dial(addr string) (*Control, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &Control{conn: conn, in: bufio.NewReader(conn)}
	if _, err := c.in.ReadString('\n'); err != nil {
		return nil, err
	}
	return c, nil
}

// Close ends the connection.
func (c *Control) Close() error { return c.conn.Close() }

// Reset forgets what was seen; from then on each message takes so long.
func (c *Control) Reset(latency time.Duration) error {
	_, err := c.ask(fmt.Sprintf("XRESET %d", latency.Milliseconds()))
	return err
}

// Stat says what was seen.
func (c *Control) Stat() (Stat, error) {
	answer, err := c.ask("XSTAT")
	if err != nil {
		return Stat{}, err
	}
	var s Stat
	var first, last, probe int64
	if _, err := fmt.Sscanf(answer, "250 %d %d %d %d %d", &s.Accepted, &s.Bytes, &first, &last, &probe); err != nil {
		return Stat{}, fmt.Errorf("the sink said %q: %w", answer, err)
	}
	s.First, s.Last, s.Probe = instant(first), instant(last), instant(probe)
	return s, nil
}

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros)
}

func (c *Control) ask(line string) (string, error) {
	if _, err := c.conn.Write([]byte(line + "\r\n")); err != nil {
		return "", err
	}
	answer, err := c.in.ReadString('\n')
	return strings.TrimSpace(answer), err
}
