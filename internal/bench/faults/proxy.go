package faults

import (
	"io"
	"net"
	"sync"
)

// Proxy stands between the product and a server, and can make it seem away.
type Proxy struct {
	to, addr string
	listener net.Listener
	wg       sync.WaitGroup

	mu   sync.Mutex
	away bool
	open map[net.Conn]bool
}

// NewProxy passes connections on to host:port. Close it.
func NewProxy(to string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{to: to, addr: listener.Addr().String(), listener: listener, open: map[net.Conn]bool{}}
	p.wg.Add(1)
	go p.serve()
	return p, nil
}

// Addr is host:port.
func (p *Proxy) Addr() string { return p.addr }

// Away cuts all connections and takes no more, or takes them again.
func (p *Proxy) Away(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
	if !away {
		return
	}
	for c := range p.open {
		_ = c.Close()
	}
}

// Close ends it.
func (p *Proxy) Close() error {
	p.Away(true)
	err := p.listener.Close()
	p.wg.Wait()
	return err
}

func (p *Proxy) serve() {
	defer p.wg.Done()
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Add(1)
		go func() {
			defer p.wg.Done()
			p.pass(conn)
		}()
	}
}

func (p *Proxy) pass(conn net.Conn) {
	defer p.forget(conn)
	if !p.remember(conn) {
		return
	}
	other, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer p.forget(other)
	if !p.remember(other) {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{conn, other}, {other, conn}} {
		both.Add(1)
		go func() {
			defer both.Done()
			_, _ = io.Copy(way[0], way[1])
			_, _ = way[0].Close(), way[1].Close()
		}()
	}
	both.Wait()
}

func (p *Proxy) remember(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return false
	}
	p.open[c] = true
	return true
}

func (p *Proxy) forget(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}
