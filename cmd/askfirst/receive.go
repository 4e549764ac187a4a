package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// How much is fetched with one command, decided between two commits of their
// attempts, and moved with one command.
const (
	fetchCount  = 100
	fetchOctets = 32 << 20
	decideBatch = 100
	fileBatch   = 500
)

// The folders on the server, by what became of a message.
const (
	folderDone       = "Askfirst/Done"
	folderRefused    = "Askfirst/Refused"
	folderQuarantine = "Askfirst/Quarantine"
)

// From which attempt on a message is suspect and probed first, and at which one
// that survives its probe, and yet ended every life before, is put aside unread.
// The second lies high: an outside kill must not cost anybody's ask.
const (
	suspectLife = 3
	lastLife    = 25
)

// tally counts what one pass did.
type tally struct {
	received int
	verdicts map[store.Verdict]int
}

// receive takes everything that lies in the inbox into the ledger. Nothing on
// the server has changed when it returns.
func (d *daemon) receive(ctx context.Context, in *mailbox.Inbox, now time.Time) (int, error) {
	listed, err := in.Scan(ctx)
	if err != nil {
		return 0, err
	}
	uids := make([]uint32, len(listed))
	for i, l := range listed {
		uids[i] = l.UID
	}
	unknown, err := d.book.Unknown(ctx, in.Mailbox(), in.UIDValidity(), uids)
	if err != nil {
		return 0, err
	}
	isNew := make(map[uint32]bool, len(unknown))
	for _, uid := range unknown {
		isNew[uid] = true
	}
	var fetchable []mailbox.Listed
	sizes, large := map[uint32]int64{}, []uint32{}
	for _, l := range listed {
		switch {
		case !isNew[l.UID]:
		case l.Size > d.config.Inbox.MaxSize:
			large = append(large, l.UID)
			sizes[l.UID] = l.Size
		default:
			fetchable = append(fetchable, l)
			sizes[l.UID] = l.Size
		}
	}
	received := 0
	for _, batch := range mailbox.Batches(fetchable, fetchCount, fetchOctets) {
		fetched, err := in.Fetch(ctx, batch)
		if err != nil {
			return received, err
		}
		n, more, err := d.take(ctx, in, fetched, false, sizes, now)
		received += n
		large = append(large, more...)
		if err != nil {
			return received, err
		}
	}
	for start := 0; start < len(large); start += fetchCount {
		fetched, err := in.FetchHeader(ctx, large[start:min(start+fetchCount, len(large))])
		if err != nil {
			return received, err
		}
		n, _, err := d.take(ctx, in, fetched, true, sizes, now)
		received += n
		if err != nil {
			return received, err
		}
	}
	return received, d.book.ReadInbox(ctx, now)
}

// take commits one fetched batch to the ledger; it returns the messages that
// turned out too large.
func (d *daemon) take(ctx context.Context, in *mailbox.Inbox, fetched []mailbox.Fetched, oversize bool, sizes map[uint32]int64, now time.Time) (int, []uint32, error) {
	var batch []store.Incoming
	var large []uint32
	for _, f := range fetched {
		if f.TooLarge {
			large = append(large, f.UID)
			sizes[f.UID] = max(sizes[f.UID], f.Size)
			continue
		}
		batch = append(batch, store.Incoming{Mailbox: in.Mailbox(), UIDValidity: in.UIDValidity(), UID: f.UID,
			Size: max(f.Size, sizes[f.UID]), Oversize: oversize, Raw: f.Raw})
	}
	n, err := d.book.Receive(ctx, batch, now)
	return n, large, err
}

// decide decides every pending message: the healthy in batches, those during
// which two lives ended alone and last.
func (d *daemon) decide(ctx context.Context, now time.Time) (map[store.Verdict]int, error) {
	verdicts, tried := map[store.Verdict]int{}, map[int64]bool{}
	for {
		pending, err := d.book.PendingIntake(ctx, decideBatch)
		if err != nil {
			return verdicts, err
		}
		batch := pending[:0]
		for _, in := range pending {
			if tried[in.ID] || len(batch) > 0 && in.Attempts >= 2 {
				continue
			}
			batch = append(batch, in)
			if in.Attempts >= 2 {
				break
			}
		}
		if len(batch) == 0 {
			return verdicts, nil
		}
		ids := make([]int64, len(batch))
		for i, in := range batch {
			ids[i], tried[in.ID] = in.ID, true
		}
		if err := d.book.Attempt(ctx, ids); err != nil {
			return verdicts, err
		}
		for i, in := range batch {
			in.Attempts++
			err := ctx.Err()
			if err == nil {
				var verdict store.Verdict
				if verdict, err = d.decideOne(ctx, in, now); err == nil {
					verdicts[verdict]++
				}
			}
			if err != nil { // the book's trouble or a stop, never the messages' own
				return verdicts, errors.Join(err, d.book.Forgive(context.WithoutCancel(ctx), ids[i:]))
			}
		}
	}
}

// decideOne decides one message. A message that makes us panic, or for which no
// letter can be composed, is quarantined.
func (d *daemon) decideOne(ctx context.Context, in store.Intake, now time.Time) (store.Verdict, error) {
	var reason string
	if in.Attempts >= suspectLife && d.probe != nil && d.probe(ctx, in.Raw) != nil || in.Attempts >= lastLife {
		reason = "ends_reader"
	} else {
		event, err := d.judge(ctx, in, now)
		if err == nil {
			return event.Verdict, nil
		}
		var p panicked
		switch {
		case errors.As(err, &p):
			reason = "panic"
			d.log.Error("panic", "intake", in.ID, "panic", fmt.Sprint(p.value), "stack", string(p.stack))
		case errors.Is(err, errCompose):
			reason = "cannot_answer"
			d.log.Error("compose", "intake", in.ID, "err", err)
		default:
			return "", err
		}
	}
	return store.Quarantined, d.book.Decide(ctx, in, now, func(tx *store.Tx) error {
		outcome, err := tx.Record(d.quarantined(tx, in, reason))
		if err != nil {
			return err
		}
		if letters, err := compose(d.voice, outcome); err == nil { // the letters may be what is wrong
			return tx.Enqueue(letters)
		}
		return nil
	})
}

// quarantined is the event of a message that cannot be decided: its writer is
// told if the header can be read.
func (d *daemon) quarantined(tx *store.Tx, in store.Intake, reason string) (event store.Event) {
	event = store.Event{Verdict: store.Quarantined, Reason: reason}
	defer func() {
		_ = recover() // the header is what we cannot read: then nobody is told but the admin
	}()
	head := parse.Read(in.Raw[:min(len(in.Raw), 64<<10)], parse.Standard())
	refs := mailbox.RefsOf(head, d.config.Exchange.Address)
	view, err := tx.View(store.Refs{From: refs.From})
	if err == nil && view.Writer != nil {
		judged := mailbox.Understand(head, view, d.policy())
		if judged.Verdict == store.Ignored {
			return event // a machine is not answered
		}
		event.From, event.Member, event.MessageID, event.Thread = refs.From, view.Writer.ID, refs.MessageID, judged.Thread
	}
	return event
}

// panicked is a panic of ours that a message caused.
type panicked struct {
	value any
	stack []byte
}

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func (d *daemon) policy() mailbox.Policy {
	return mailbox.Policy{Verify: d.config.Senders.Verify, MaxSize: d.config.Inbox.MaxSize}
}

// judge reads, understands and records one message with all its letters.
func (d *daemon) judge(ctx context.Context, in store.Intake, now time.Time) (event store.Event, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = panicked{value, debug.Stack()}
		}
	}()
	message := parse.Read(in.Raw, limits(d.config))
	refs := mailbox.RefsOf(message, d.config.Exchange.Address)
	err = d.book.Decide(ctx, in, now, func(tx *store.Tx) error {
		view, err := tx.View(refs)
		if err != nil {
			return err
		}
		event = mailbox.Understand(message, view, d.policy())
		if in.Oversize {
			event = tooLarge(event)
		}
		outcome, err := tx.Record(event)
		if err != nil {
			return err
		}
		return d.say(tx, outcome)
	})
	if err == nil {
		d.logDecision(in, event)
	}
	return event, err
}

func limits(config *Config) parse.Limits {
	l := parse.Standard()
	l.Bytes = int(config.Inbox.MaxSize)
	return l
}

// tooLarge is what a message comes to whose body was not downloaded.
func tooLarge(e store.Event) store.Event {
	if e.Verdict == store.Ignored || e.Verdict == store.Refused && e.Reason == store.ReasonNotStaff {
		return e // a machine, a stranger
	}
	e.Verdict, e.Reason, e.Acts = store.Refused, store.ReasonTooLarge, nil
	return e
}

func (d *daemon) logDecision(in store.Intake, e store.Event) {
	if len(e.Acts) == 0 {
		d.log.Info(string(e.Verdict), "intake", in.ID, "reason", e.Reason)
		return
	}
	for _, a := range e.Acts {
		d.log.Info(string(a.Kind), "intake", in.ID, "ask", a.Ask, "via", a.Via, "reason", e.Reason)
	}
}

// file moves decided messages out of the inbox. It is cosmetic: what fails is
// tried again with the next pass.
func (d *daemon) file(ctx context.Context, in *mailbox.Inbox) error {
	for {
		unfiled, err := d.book.Unfiled(ctx, in.Mailbox(), in.UIDValidity(), fileBatch)
		if err != nil || len(unfiled) == 0 {
			return err
		}
		uids, ids := map[string][]uint32{}, []int64{}
		for _, u := range unfiled {
			folder := folderDone
			switch u.State {
			case store.Refused:
				folder = folderRefused
			case store.Quarantined:
				folder = folderQuarantine
			}
			uids[folder] = append(uids[folder], u.UID)
			ids = append(ids, u.ID)
		}
		for folder, list := range uids {
			if err := in.File(ctx, list, folder); err != nil {
				return fmt.Errorf("filing into %s: %w", folder, err)
			}
		}
		if err := d.book.Filed(ctx, ids); err != nil {
			return err
		}
	}
}
