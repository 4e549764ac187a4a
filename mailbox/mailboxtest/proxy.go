package mailboxtest

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// Proxy stands between a client and a server on loopback and breaks the line in
// the ways in which lines break.
type Proxy struct {
	Port int

	listener net.Listener
	target   string
	stalled  atomic.Bool
	// budget is how many octets may still come from the server before the
	// connection is cut; negative: as many as it likes.
	budget atomic.Int64

	mu      sync.Mutex
	conns   []net.Conn
	serving sync.WaitGroup
}

// StartProxy starts one in front of host:port.
func StartProxy(t TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Port: listener.Addr().(*net.TCPAddr).Port, listener: listener, target: target}
	p.budget.Store(-1)
	p.serving.Go(p.serve)
	t.Cleanup(func() {
		listener.Close()
		p.Cut()
		p.serving.Wait()
	})
	return p
}

// Stall swallows everything in both directions from now on, without closing: a
// half-open connection, as when a router forgets it.
func (p *Proxy) Stall() { p.stalled.Store(true) }

// CutAfter cuts the connection after so many more octets from the server.
func (p *Proxy) CutAfter(octets int64) { p.budget.Store(octets) }

// Cut closes every connection now.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.Close()
	}
	p.conns = nil
}

// Heal lets everything pass again, for connections made from now on.
func (p *Proxy) Heal() {
	p.Cut()
	p.stalled.Store(false)
	p.budget.Store(-1)
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		p.serving.Go(func() { p.pass(server, client, false) })
		p.serving.Go(func() { p.pass(client, server, true) })
	}
}

// pass copies one direction until the end or the cut.
func (p *Proxy) pass(to, from net.Conn, fromServer bool) {
	defer func() {
		if !p.stalled.Load() { // a stalled line does not even say goodbye
			to.Close()
			from.Close()
		}
	}()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if p.stalled.Load() {
			n = 0
		}
		if fromServer && p.budget.Load() >= 0 {
			n = int(min(int64(n), p.budget.Load()))
			if p.budget.Add(-int64(n)) == 0 {
				to.Write(buf[:n])
				return
			}
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if err != io.EOF {
				return
			}
			return
		}
	}
}
