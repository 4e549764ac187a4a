package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// batch is the parcels of one Deliver on their way over one connection.
type batch struct {
	parcels   []*Parcel
	index     []int // of each parcel's receipt
	receipts  []Receipt
	beforeDot func(ctx context.Context, ids []int64) error
	committed bool // beforeDot has said yes
	pace      func(ctx context.Context) error
	config    *SMTPConfig
}

// batchTime is how long a batch may take before what is left of it is given back,
// so that what is more urgent gets its turn and a stop is not kept waiting.
const batchTime = 5 * time.Second

// run sends the batch. stale says that a kept connection was dead before
// anything began, so that the batch can be sent over another.
func (b *batch) run(ctx context.Context, ch *channel) (stale bool) {
	ahead := -1 // the parcel whose envelope has gone out already
	began := time.Now()
	for i, p := range b.parcels {
		if ahead != i {
			if i > 0 && b.config.PerMinute <= 0 && time.Since(began) > batchTime {
				b.rest(i, "the server is slow")
				return false
			}
			if err := b.pace(ctx); err != nil {
				b.rest(i, err.Error())
				return false
			}
		}
		refused, err := b.envelope(ch, p, ahead == i)
		if err != nil || refused != nil && refused.code == 421 {
			ch.broken = true
			if i == 0 && ch.served > 0 && ctx.Err() == nil && !timedOut(err) {
				return true
			}
			if err == nil && refused.stage == atSender && ch.served > 0 {
				// So many letters a connection and no more, as some servers have
				// it: that says nothing against this one.
				b.rest(i, "the server wants another connection: "+refused.text)
				return false
			}
			b.lost(i, Temporary, refused, err)
			return false
		}
		if ahead = -1; refused != nil {
			b.receipt(i).take(*refused)
			continue
		}
		if err := b.commit(ctx, i); err != nil {
			ch.broken = true // in the middle of DATA only hanging up takes it back
			b.rest(i, err.Error())
			return false
		}
		if ch.banner.Pipelining && time.Since(began) <= batchTime && b.config.PerMinute <= 0 && i+1 < len(b.parcels) && b.carries(ch, b.parcels[i+1]) == nil {
			ahead = i + 1
		}
		if !b.body(ch, i, ahead) {
			ch.broken = true
			return false
		}
	}
	return false
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func (b *batch) receipt(i int) *Receipt { return &b.receipts[b.index[i]] }

// commit asks once whether the bodies may go out.
func (b *batch) commit(ctx context.Context, from int) error {
	if b.committed || b.beforeDot == nil {
		return nil
	}
	ids := make([]int64, 0, len(b.parcels)-from)
	for _, p := range b.parcels[from:] {
		ids = append(ids, p.ID)
	}
	if err := b.beforeDot(ctx, ids); err != nil {
		return fmt.Errorf("not sent: %w", err)
	}
	b.committed = true
	return nil
}

// carries refuses what this server cannot carry.
func (b *batch) carries(ch *channel, p *Parcel) *reply {
	if !ch.banner.SMTPUTF8 && !(ascii(p.From) && ascii(p.To)) {
		return &reply{553, "5.6.7", "the server cannot carry this address (it has no SMTPUTF8)", atRecipient}
	}
	return nil
}

// The commands whose reply decided.
const (
	atSender = iota
	atRecipient
	atData
)

// envelope opens a transaction: MAIL, RCPT and DATA. It returns nil when the
// server waits for the body, otherwise the reply that says why not. ahead: the
// commands are on their way already.
func (b *batch) envelope(ch *channel, p *Parcel, ahead bool) (*reply, error) {
	if r := b.carries(ch, p); r != nil {
		return r, nil
	}
	if !ch.banner.Pipelining {
		return b.stepwise(ch, p)
	}
	if !ahead {
		ch.buf = ch.buf[:0]
		reset := ch.dirty
		if reset {
			ch.buf = append(ch.buf, "RSET\r\n"...)
		}
		ch.appendEnvelope(p)
		if _, err := ch.write(b.config.Timeout); err != nil {
			return nil, err
		}
		if reset {
			if r, err := ch.read(b.config.Timeout); err != nil || r.code/100 != 2 {
				return &r, orGarbled(r, err)
			}
			ch.dirty = false
		}
	}
	var refused *reply
	for stage := atSender; stage <= atData; stage++ {
		r, err := ch.read(b.config.Timeout)
		if err != nil {
			return nil, err
		}
		if r.code == 421 {
			r.stage = stage
			return &r, nil
		}
		if err := ch.judge(r, stage, &refused); err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// judge takes the reply to one command of the envelope. The first refusal
// counts; those after it only follow from it.
func (ch *channel) judge(r reply, stage int, refused **reply) error {
	r.stage = stage
	switch {
	case r.code/100 == 4 || r.code/100 == 5:
		if *refused == nil {
			*refused = &r
		}
		return nil
	case stage == atSender && r.code/100 == 2:
		ch.dirty = true // until the transaction ends
		return nil
	case stage == atRecipient && r.code/100 == 2:
		return nil
	case stage == atData && r.code == 354 && *refused == nil:
		ch.dirty = false // whatever is said of the body ends the transaction
		return nil
	case stage == atData && r.code == 354:
		// RFC 2920 section 3.1: DATA may be accepted although no recipient was;
		// a lone dot ends it.
		ch.buf = append(ch.buf[:0], ".\r\n"...)
		if _, err := ch.write(0); err != nil {
			return err
		}
		_, err := ch.read(0)
		ch.dirty = false
		return err
	}
	return errGarbled
}

func orGarbled(r reply, err error) error {
	if err == nil && r.code != 421 {
		return errGarbled
	}
	return err
}

// stepwise is the envelope for a server without PIPELINING.
func (b *batch) stepwise(ch *channel, p *Parcel) (*reply, error) {
	if ch.dirty {
		ch.buf = append(ch.buf[:0], "RSET\r\n"...)
		if r, err := b.ask(ch); err != nil || r.code/100 != 2 {
			return &r, orGarbled(r, err)
		}
		ch.dirty = false
	}
	var refused *reply
	for stage := atSender; stage <= atData && refused == nil; stage++ {
		ch.buf = ch.buf[:0]
		switch stage {
		case atSender:
			ch.appendSender(p)
		case atRecipient:
			ch.appendRecipient(p)
		case atData:
			ch.buf = append(ch.buf, dataCommand...)
		}
		r, err := b.ask(ch)
		if err != nil || r.code == 421 {
			r.stage = stage
			return &r, err
		}
		if err := ch.judge(r, stage, &refused); err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// ask writes what is in the buffer and reads one reply.
func (b *batch) ask(ch *channel) (reply, error) {
	if _, err := ch.write(b.config.Timeout); err != nil {
		return reply{}, err
	}
	return ch.read(b.config.Timeout)
}

const dataCommand = "DATA\r\n"

// appendEnvelope puts a whole envelope into the buffer, DATA last (RFC 2920
// section 3.1).
func (ch *channel) appendEnvelope(p *Parcel) {
	ch.appendSender(p)
	ch.appendRecipient(p)
	ch.buf = append(ch.buf, dataCommand...)
}

func (ch *channel) appendSender(p *Parcel) {
	ch.buf = append(ch.buf, "MAIL FROM:<"...)
	ch.buf = append(ch.buf, p.From...)
	ch.buf = append(ch.buf, '>')
	if ch.banner.MaxSize > 0 { // RFC 1870 section 6
		ch.buf = append(ch.buf, " SIZE="...)
		ch.buf = strconv.AppendInt(ch.buf, int64(len(p.Data)), 10)
	}
	if ch.banner.EightBit && !ascii(p.Data) {
		ch.buf = append(ch.buf, " BODY=8BITMIME"...)
	}
	if ch.banner.SMTPUTF8 && !(ascii(p.From) && ascii(p.To)) {
		ch.buf = append(ch.buf, " SMTPUTF8"...)
	}
	ch.buf = append(ch.buf, "\r\n"...)
}

func (ch *channel) appendRecipient(p *Parcel) {
	ch.buf = append(ch.buf, "RCPT TO:<"...)
	ch.buf = append(ch.buf, p.To...)
	ch.buf = append(ch.buf, ">\r\n"...)
}

// body sends a body with its final dot and, in the same write, the envelope of
// the next parcel: RFC 2920 section 3.1 allows that explicitly. It returns false
// when the connection is done for.
func (b *batch) body(ch *channel, i, ahead int) bool {
	ch.buf = appendStuffed(ch.buf[:0], b.parcels[i].Data)
	dot := len(ch.buf)
	ch.buf = append(ch.buf, ".\r\n"...)
	if ahead >= 0 {
		ch.appendEnvelope(b.parcels[ahead])
	}
	if b.config.Dot != nil {
		if err := b.config.Dot(b.parcels[i].ID); err != nil {
			b.rest(i, "not sent: "+err.Error())
			return false
		}
	}
	if n, err := ch.write(b.config.Timeout); err != nil {
		state := Temporary
		if n > dot {
			state = InDoubt
		}
		b.lost(i, state, nil, err)
		return false
	}
	r, err := ch.read(b.config.FinalTimeout)
	if err == nil && (r.code/100 == 3) {
		err = errGarbled
	}
	if err != nil {
		b.lost(i, InDoubt, nil, err)
		return false
	}
	if r.code/100 == 2 && b.config.Accepted != nil {
		b.config.Accepted(b.parcels[i].ID)
	}
	ch.served++
	if r.code == 421 {
		b.lost(i, Temporary, &r, nil)
		return false
	}
	r.stage = atData
	b.receipt(i).take(r)
	return true
}
