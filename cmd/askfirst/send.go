package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"askfirst/mailbox"
	"askfirst/store"
)

// sheets keeps the encoded bodies of wordings that many letters share.
type sheets struct {
	mu   sync.Mutex
	kept map[int64]*mailbox.Sheet
}

// mostSheets bounds the memory for them; when it is reached they go at once,
// since letters of one wording leave together.
const mostSheets = 64

func newSheets() *sheets { return &sheets{kept: map[int64]*mailbox.Sheet{}} }

func (s *sheets) get(wording int64) *mailbox.Sheet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[wording]
}

func (s *sheets) put(wording int64, sheet *mailbox.Sheet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) >= mostSheets {
		clear(s.kept)
	}
	s.kept[wording] = sheet
}

// sending is one run of the sender: it ends when nothing is due, or when the
// server takes nothing.
type sending struct {
	*daemon
	now   func() time.Time
	claim func(ctx context.Context, now time.Time, limit int) ([]store.Outgoing, error)
	wire  context.Context // of deliveries: outlives a stop by patience
	work  chan []store.Outgoing
	mu    sync.Mutex
	fails int   // deliveries in a row without one letter accepted
	err   error // what ended it
	tried bool  // there was something to send
	given bool  // a delivery gave letters back
	tags  *store.Tags
	fault error // why the last delivery that came to nothing had no connection
}

// How many deliveries in a row may come to nothing before the server is left
// alone: without a connection, and with one that breaks. The second is a bound on
// how many letters one bad hour of the server can leave in doubt.
const (
	mostFails = 3
	mostLost  = 20
)

// send sends everything that is due, or everything but digests, and says whether
// there was anything. Results are committed whatever happens to ctx, which ends
// the claiming of more. There is one send at a time.
func (d *daemon) send(ctx context.Context, now func() time.Time, digests bool) (tried bool, err error) {
	if err := d.dots.Begin(); err != nil {
		return false, ofBook(err)
	}
	wire, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	unhook := context.AfterFunc(ctx, func() { time.AfterFunc(patience, cancel) })
	defer unhook()
	s := &sending{daemon: d, now: now, wire: wire, claim: d.book.ClaimAnswers}
	if digests {
		s.claim = d.book.Claim
	}
	if s.tags, err = d.book.Tags(ctx); err != nil {
		return false, ofBook(err)
	}
	for s.round(ctx) {
	}
	if s.err == nil && s.fails > 0 {
		s.err = s.fault // too few letters to reach the limit
	}
	return s.tried, s.err
}

// round sends what is due and says whether deliveries have given letters back
// whose turn never came, which deserve another.
func (s *sending) round(ctx context.Context) (again bool) {
	s.work, s.given = make(chan []store.Outgoing), false
	var workers sync.WaitGroup
	for range s.submitter.Connections() {
		workers.Go(func() {
			for batch := range s.work {
				if err := s.deliver(ctx, batch); err != nil {
					s.stop(err)
				}
			}
		})
	}
	s.feed(ctx)
	close(s.work)
	workers.Wait()
	return s.given
}

// slowServer is how long letters may wait for a free connection before they go
// back to the queue: an answer that came meanwhile must not wait behind digests
// that were claimed before it.
const slowServer = 3 * time.Second

// feed claims letters and hands them to the workers, digests in batches; small
// portions as long as the server is slow.
func (s *sending) feed(ctx context.Context) {
	whole := s.submitter.Batch()
	size := whole
	for ctx.Err() == nil && !s.stopped() {
		claimed, err := s.claim(ctx, s.now(), 2*size*s.submitter.Connections())
		if err != nil && ctx.Err() == nil {
			s.stop(ofBook(err))
		}
		if err != nil || len(claimed) == 0 {
			return
		}
		s.tried = true
		began := time.Now()
		back := s.hand(claimed, size)
		if err := s.book.Settle(context.WithoutCancel(ctx), unsent(back), s.now()); err != nil {
			s.stop(ofBook(err))
			return
		}
		switch {
		case len(back) > 0:
			size = 1
		case time.Since(began) < slowServer/4:
			size = whole
		}
	}
}

// hand gives letters to the workers and returns those for which none was free.
func (s *sending) hand(claimed []store.Outgoing, size int) (back []store.Outgoing) {
	patient := time.NewTimer(slowServer)
	defer patient.Stop()
	for len(claimed) > 0 {
		n := 1
		for claimed[0].Letter.IsDigest() && n < size && n < len(claimed) {
			n++ // digests come last, so all that follow are digests
		}
		select {
		case s.work <- claimed[:n]:
			claimed = claimed[n:]
		case <-patient.C:
			return claimed
		}
	}
	return nil
}

func (s *sending) stop(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

func (s *sending) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil
}

// deliver sends one batch over one connection and settles it.
func (s *sending) deliver(ctx context.Context, batch []store.Outgoing) error {
	s.pulse.beat(loopSend, s.wall())
	durable := context.WithoutCancel(ctx)
	if s.stopped() || ctx.Err() != nil {
		return ofBook(s.book.Settle(durable, unsent(batch), s.now()))
	}
	parcels, results, err := s.render(durable, batch)
	if err != nil {
		return errors.Join(err, s.book.Settle(durable, unsent(batch), s.now()))
	}
	var policy, fault error
	var refused []store.Result
	if len(parcels) > 0 {
		s.witness.begin(batch)
		defer s.witness.end(batch)
		receipts := s.submitter.Deliver(s.wire, parcels, func(ctx context.Context, ids []int64) error {
			err := s.book.DotSent(durable, ids, s.now())
			s.dots.Counts(s.book)
			return s.witness.note(err)
		})
		said := make([]store.Result, len(receipts))
		for i, r := range receipts {
			said[i] = resultOf(r)
			if r.Fault != nil {
				fault = r.Fault
			}
		}
		refused, policy = s.weigh(batch, receipts, said)
		results = append(results, said...)
	}
	if err := errors.Join(s.book.Settle(durable, results, s.now()), s.witness.fault()); err != nil {
		return ofBook(err)
	}
	if err := s.fail(durable, refused); err != nil {
		return err
	}
	for _, r := range results {
		if r.State != store.ResultSent && r.State != store.ResultUnsent {
			s.log.Warn("letter", "letter", r.ID, "result", r.State, "code", r.Code, "status", r.Enhanced)
		}
	}
	if needsHand(fault) {
		policy = fault
	}
	return s.judge(ctx, results, policy, fault)
}

// errPolicy says that the server refuses us as such: sending pauses.
var errPolicy = errors.New("the server refuses our mail as a matter of policy")

// patience is how long a delivery under way may take to end after a stop was
// asked for; cut short it would leave letters in doubt.
const patience = 30 * time.Second

// needsHand says that no attempt can succeed until somebody has done something:
// more of them would only get us locked out.
func needsHand(err error) bool {
	for _, known := range []error{mailbox.ErrAuth, mailbox.ErrSecret, mailbox.ErrTLS, mailbox.ErrInsecure} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// judge decides whether sending goes on. fault is why no connection came about.
func (s *sending) judge(ctx context.Context, results []store.Result, policy, fault error) error {
	if policy != nil {
		return policy
	}
	s.mu.Lock()
	reached, text := false, ""
	for _, r := range results {
		s.given = s.given || r.State == store.ResultUnsent && s.err == nil
		switch r.State {
		case store.ResultSent, store.ResultPermanent:
			reached = true
		case store.ResultTemporary:
			reached = reached || r.Code != 0
		}
		if r.State != store.ResultSent {
			text = r.Text
		}
	}
	s.fails++
	s.fault = fault
	if reached {
		s.fails = 0
	}
	fails := s.fails
	s.mu.Unlock()
	switch {
	case fault != nil && fails >= mostFails:
		return fault
	case fails < mostLost:
		return nil
	}
	if _, err := s.submitter.Check(ctx); err != nil {
		return err // says better what is wrong
	}
	return fmt.Errorf("%w: %s", mailbox.ErrLost, text)
}

func unsent(batch []store.Outgoing) []store.Result {
	results := make([]store.Result, len(batch))
	for i, o := range batch {
		results[i] = store.Result{ID: o.ID, State: store.ResultUnsent}
	}
	return results
}

// render makes the bytes of a batch. A letter that cannot be rendered fails
// alone; an error is the book's.
func (s *sending) render(ctx context.Context, batch []store.Outgoing) ([]mailbox.Parcel, []store.Result, error) {
	var parcels []mailbox.Parcel
	var failed []store.Result
	for _, o := range batch {
		data, err := s.bytes(ctx, o)
		if errors.Is(err, errBook) {
			return nil, nil, err
		}
		if err != nil {
			s.log.Error("letter", "letter", o.ID, "err", err)
			failed = append(failed, store.Result{ID: o.ID, State: store.ResultPermanent, Text: err.Error()})
			continue
		}
		parcels = append(parcels, mailbox.Parcel{ID: o.ID, From: s.config.Exchange.Address, To: o.Letter.To.Email, Data: data})
	}
	return parcels, failed, nil
}

// bytes is the letter as it goes out. A panic fails this letter alone.
func (s *sending) bytes(ctx context.Context, o store.Outgoing) (data []byte, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("rendering panicked: %s", whatPanicked(value))
		}
	}()
	stamp := mailbox.Stamp{Exchange: s.config.StoreExchange(), MessageID: o.MessageID, Date: o.At, Location: s.config.Exchange.Location, BookID: s.book.ID()}
	if tagged := s.tags.ReplyTo(o); tagged != "" {
		name, email := mailbox.TaggedReply(s.config.Exchange.Name, tagged)
		o.Letter.ReplyTo = []store.Recipient{{Name: name, Email: email}}
	}
	if !o.Letter.IsDigest() {
		if err := s.book.Words(ctx, o.Wording, &o.Letter); err != nil {
			return nil, ofBook(err)
		}
		return mailbox.Render(o.Letter, stamp)
	}
	sheet := s.sheets.get(o.Wording)
	if sheet == nil {
		if err := s.book.Words(ctx, o.Wording, &o.Letter); err != nil {
			return nil, ofBook(err)
		}
		if sheet, err = mailbox.NewSheet(o.Letter, stamp); err != nil {
			return nil, err
		}
		s.sheets.put(o.Wording, sheet)
	}
	return sheet.For(o.Letter.To, o.Letter.ReplyTo, o.MessageID, o.At)
}

func resultOf(r mailbox.Receipt) store.Result {
	result := store.Result{ID: r.ID, Code: r.Code, Enhanced: r.Enhanced, Text: r.Text}
	if needsHand(r.Fault) { // no letter was ever offered
		result.State = store.ResultUnsent
		return result
	}
	switch r.State {
	case mailbox.Accepted:
		result.State = store.ResultSent
	case mailbox.Permanent:
		result.State = store.ResultPermanent
	case mailbox.InDoubt:
		result.State = store.ResultInDoubt
	case mailbox.Unsent:
		result.State = store.ResultUnsent
	default: // temporary; or policy, which is nobody's fault who gets letters
		result.State = store.ResultTemporary
	}
	return result
}
