package mailbox

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Parcel is one letter's bytes for one recipient.
type Parcel struct {
	ID       int64
	From, To string // envelope addresses, bare
	Data     []byte // RFC 5322, lines ended by CRLF
}

// ReceiptState is what became of a parcel.
type ReceiptState string

// The states.
const (
	Accepted  ReceiptState = "accepted"  // the server has taken responsibility for it
	Temporary ReceiptState = "temporary" // refused for now (4xx), or lost before the final dot
	Permanent ReceiptState = "permanent" // refused for good, this letter or this recipient
	ByPolicy  ReceiptState = "policy"    // refused for good for a reason that concerns every letter
	Unwelcome ReceiptState = "unwelcome" // the same said of this recipient: it may concern every letter, or only him
	InDoubt   ReceiptState = "in_doubt"  // the final dot may have arrived; no answer did
	Unsent    ReceiptState = "unsent"    // its turn never came: nothing is known against it
)

// Receipt is what the server said about a parcel.
type Receipt struct {
	ID       int64
	State    ReceiptState
	Code     int    // SMTP reply code; 0: no reply
	Enhanced string // enhanced status code (RFC 3463), "" if none
	Text     string
	Fault    error // why there was no connection at all; nil: there was one
}

// Submitter hands letters to a submission server over a few connections that
// are kept for a short while. Its methods may be called by several goroutines.
//
// Its rules:
//   - one recipient a transaction, so that one bad address costs one letter;
//   - what the server has answered is known, what it has not is in doubt only
//     from the moment the final dot may have left this machine;
//   - a connection that behaved oddly is not used again.
type Submitter struct {
	config SMTPConfig
	slots  chan struct{} // one token a connection in use

	mu     sync.Mutex
	idle   []*channel
	reaper *time.Timer
	next   time.Time // earliest start of the next letter, with PerMinute
	closed bool
}

// idleLimit is how long an unused connection is kept. Servers give up after
// five minutes at the earliest (RFC 5321 section 4.5.3.2.7), some networks
// after one.
const idleLimit = 20 * time.Second

// NewSubmitter prepares; the first Deliver or Check connects.
func NewSubmitter(config SMTPConfig) *Submitter {
	if config.Connections <= 0 {
		config.Connections = defaultConnections
	}
	if config.Timeout <= 0 {
		config.Timeout = defaultStep
	}
	if config.FinalTimeout <= 0 {
		config.FinalTimeout = defaultFinal
	}
	return &Submitter{config: config, slots: make(chan struct{}, config.Connections)}
}

// Connections is how many Deliver calls proceed at once; more wait.
func (s *Submitter) Connections() int { return s.config.Connections }

// Batch is how many digests one Deliver should carry: eight, or one when letters
// are paced, since a paced batch would stay half sent for minutes.
func (s *Submitter) Batch() int {
	if s.config.PerMinute > 0 {
		return 1
	}
	return maximumDigestsBatch
}

// Banner is what a server said of itself.
type Banner struct {
	Hello      string // its first line after EHLO
	TLS        string // protocol version; "" without encryption
	MaxSize    int64  // octets (RFC 1870); 0: not announced
	Pipelining bool   // RFC 2920
	EightBit   bool   // RFC 6152
	SMTPUTF8   bool   // RFC 6531
}

// Check connects, logs in and hangs up.
func (s *Submitter) Check(ctx context.Context) (Banner, error) {
	ch, err := s.open(ctx)
	if err != nil {
		return Banner{}, err
	}
	ch.quit()
	return ch.banner, nil
}

// Deliver submits a batch over one connection and returns one receipt a parcel,
// in order. beforeDot (nil: none) is called once, when the server is ready for
// the first body of the batch, with the ids of all parcels that may still go
// out; unless it returns nil nothing is sent. A context that ends cuts the
// connection: what was under way is then in doubt, so end it only in need.
func (s *Submitter) Deliver(ctx context.Context, parcels []Parcel, beforeDot func(ctx context.Context, ids []int64) error) []Receipt {
	receipts := make([]Receipt, len(parcels))
	b := &batch{receipts: receipts, beforeDot: beforeDot, pace: s.pace, config: &s.config}
	for i := range parcels {
		receipts[i] = Receipt{ID: parcels[i].ID, State: Unsent}
		if err := parcels[i].check(); err != nil {
			receipts[i].State, receipts[i].Text = Permanent, "not sent: "+err.Error()
			continue
		}
		b.parcels = append(b.parcels, &parcels[i])
		b.index = append(b.index, i)
	}
	if len(b.parcels) == 0 {
		return receipts
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		b.failAll(ctx.Err())
		return receipts
	}
	s.transfer(ctx, b)
	return receipts
}

// transfer finds a connection for the batch and runs it. A connection that was
// kept may have died meanwhile without our noticing; then nothing has begun and
// a fresh one is tried.
func (s *Submitter) transfer(ctx context.Context, b *batch) {
	for {
		ch, err := s.take(ctx)
		if err != nil {
			b.failAll(err)
			return
		}
		kept := ch.served > 0
		stop := context.AfterFunc(ctx, func() { ch.conn.Close() })
		stale := b.run(ctx, ch)
		if !stop() {
			ch.broken = true
		}
		if ch.broken {
			ch.conn.Close()
		} else {
			s.give(ch)
		}
		if !stale || !kept || ctx.Err() != nil {
			return
		}
	}
}

// take is a kept connection or a new one.
func (s *Submitter) take(ctx context.Context) (*channel, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errors.New("the submitter is closed")
	}
	if n := len(s.idle); n > 0 {
		ch := s.idle[n-1]
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		return ch, nil
	}
	s.mu.Unlock()
	return s.open(ctx)
}

// give keeps a connection for the next batch.
func (s *Submitter) give(ch *channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		go ch.quit()
		return
	}
	ch.since = time.Now()
	s.idle = append(s.idle, ch)
	if s.reaper == nil {
		s.reaper = time.AfterFunc(idleLimit, s.reap)
	} else {
		s.reaper.Reset(idleLimit)
	}
}

// reap hangs up on connections that nobody needed.
func (s *Submitter) reap() {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.idle[:0]
	for _, ch := range s.idle {
		if time.Since(ch.since) >= idleLimit {
			go ch.quit()
		} else {
			kept = append(kept, ch)
		}
	}
	s.idle = kept
	if len(kept) > 0 && !s.closed {
		s.reaper.Reset(idleLimit)
	}
}

// Close hangs up. Deliveries under way finish first.
func (s *Submitter) Close() {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	if s.reaper != nil {
		s.reaper.Stop()
	}
	s.mu.Unlock()
	for _, ch := range idle {
		ch.quit()
	}
}

// pace waits for the turn of one more letter, evenly spaced: providers count in
// windows that we do not know.
func (s *Submitter) pace(ctx context.Context) error {
	if s.config.PerMinute <= 0 {
		return nil
	}
	gap := time.Minute / time.Duration(s.config.PerMinute)
	s.mu.Lock()
	now := time.Now()
	turn := s.next
	if turn.Before(now) {
		turn = now
	}
	s.next = turn.Add(gap)
	s.mu.Unlock()
	if turn.Equal(now) {
		return nil
	}
	timer := time.NewTimer(turn.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
