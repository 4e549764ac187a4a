package mailboxtest

import (
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
	plan    *breakage // what breaks next; nil: nothing
	passed  [2]int64  // octets from the client and from the server
	serving sync.WaitGroup
}

// How is a way in which a line breaks.
type How int

// The ways.
const (
	FIN   How = iota // closed in order, as by a server that is stopped
	RST              // reset, as by a firewall that gave up on it
	Stall            // silent, as when a router forgets it
)

func (h How) String() string { return [...]string{"FIN", "RST", "stall"}[h] }

// breakage is one break to come.
type breakage struct {
	left       int64 // octets that still pass
	fromServer bool
	how        How
}

// Break lets so many more octets pass in one direction and then breaks that one
// connection; later ones are good.
func (p *Proxy) Break(octets int64, fromServer bool, how How) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan = &breakage{octets, fromServer, how}
}

// Broke says whether the planned break came.
func (p *Proxy) Broke() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plan == nil
}

// Passed is how many octets have come from the client and from the server.
func (p *Proxy) Passed() (fromClient, fromServer int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed[0], p.passed[1]
}

// spend is how many of n octets pass, and the break that follows them; nil: none.
func (p *Proxy) spend(n int, fromServer bool) (int, *breakage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.plan
	if b == nil || b.fromServer != fromServer || int64(n) < b.left {
		if b != nil && b.fromServer == fromServer {
			b.left -= int64(n)
		}
		b = nil
	} else {
		n, p.plan = int(b.left), nil
	}
	if fromServer {
		p.passed[1] += int64(n)
	} else {
		p.passed[0] += int64(n)
	}
	return n, b
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
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan = nil
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
		dead := new(atomic.Bool)
		p.serving.Go(func() { p.pass(server, client, false, dead) })
		p.serving.Go(func() { p.pass(client, server, true, dead) })
	}
}

// pass copies one direction until the end or the cut. dead is set when this
// connection has fallen silent.
func (p *Proxy) pass(to, from net.Conn, fromServer bool, dead *atomic.Bool) {
	defer func() {
		if !p.stalled.Load() && !dead.Load() { // a stalled line does not even say goodbye
			to.Close()
			from.Close()
		}
	}()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if p.stalled.Load() || dead.Load() {
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
			var broken *breakage
			n, broken = p.spend(n, fromServer)
			if broken != nil && broken.how == Stall {
				dead.Store(true)
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
			if broken != nil && broken.how != Stall {
				if broken.how == RST {
					reset(to)
					reset(from)
				}
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// reset makes closing a connection reset it.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a closed one needs none
	}
}
