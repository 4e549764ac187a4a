// Package mailboxtest has mail servers to try things against: a post office in
// one process, whose SMTP side delivers into mailboxes that its IMAP side
// shows, and starters for the real Dovecot and smtp-sink. The demo runs on the
// post office too.
package mailboxtest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// stream is one direction of a connection in memory. Unlike net.Pipe it buffers,
// as a network does: protocols that send ahead lock up without.
type stream struct {
	mu       sync.Mutex
	changed  *sync.Cond
	data     []byte
	closed   bool // by the writer: read what is left, then EOF
	broken   bool // by the reader: writes fail
	deadline time.Time
	timer    *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.broken:
			return 0, io.ErrClosedPipe
		case !s.deadline.IsZero() && !time.Now().Before(s.deadline):
			return 0, os.ErrDeadlineExceeded
		case len(s.data) > 0:
			n := copy(p, s.data)
			s.data = s.data[n:]
			return n, nil
		case s.closed:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.broken {
		return 0, io.ErrClosedPipe
	}
	s.data = append(s.data, p...)
	s.changed.Broadcast()
	return len(p), nil
}

func (s *stream) end(byReader bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if byReader {
		s.broken = true
	} else {
		s.closed = true
	}
	if byReader && s.timer != nil {
		s.timer.Stop()
	}
	s.changed.Broadcast()
}

func (s *stream) setDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = t
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if !t.IsZero() && !s.broken {
		s.timer = time.AfterFunc(max(0, time.Until(t)), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
	}
	s.changed.Broadcast()
}

// pipeConn is one end of a connection in memory.
type pipeConn struct{ in, out *stream }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

func (c pipeConn) Read(p []byte) (int, error)        { return c.in.read(p) }
func (c pipeConn) Write(p []byte) (int, error)       { return c.out.write(p) }
func (c pipeConn) LocalAddr() net.Addr               { return pipeAddr{} }
func (c pipeConn) RemoteAddr() net.Addr              { return pipeAddr{} }
func (c pipeConn) SetReadDeadline(t time.Time) error { c.in.setDeadline(t); return nil }
func (c pipeConn) SetWriteDeadline(time.Time) error  { return nil } // writes never wait
func (c pipeConn) SetDeadline(t time.Time) error     { return c.SetReadDeadline(t) }

func (c pipeConn) Close() error {
	c.in.end(true)
	c.out.end(false)
	return nil
}

// pipeListener accepts connections in memory. Everything in it is durably
// blocking for testing/synctest.
type pipeListener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

// dial has the shape of mailbox.Server.Dial.
func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	a, b := newStream(), newStream()
	select {
	case l.conns <- pipeConn{in: a, out: b}:
		return pipeConn{in: b, out: a}, nil
	case <-l.done:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
