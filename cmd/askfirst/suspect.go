package main

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// From which attempt on a message is suspect and probed first, and at which one
// that survives its probe, and yet ended every life before, is put aside unread.
// The second lies high: an outside kill must not cost anybody's ask.
const (
	suspectLife = 3
	lastLife    = 100
)

// suspicion is why a message is put aside unread; "" when it is read. An error
// says that nobody knows, because the probe was ended from outside.
func (d *daemon) suspicion(ctx context.Context, in store.Intake) (string, error) {
	if in.Size == store.Unread {
		return reasonUnread, nil
	}
	if in.Attempts >= lastLife {
		return reasonEndsReader, nil
	}
	if in.Attempts < suspectLife || d.probe == nil {
		return "", nil
	}
	switch err := d.probe(ctx, in.Raw); {
	case errors.Is(err, errInterrupted):
		return "", err
	case err != nil:
		return reasonEndsReader, nil
	}
	return "", nil
}

// guard does something with a message and returns why the message must be put
// aside: it made us panic, or no answer to it can be composed. "" is for every
// other end.
func (d *daemon) guard(in store.Intake, do func() error) (reason string) {
	defer func() {
		if value := recover(); value != nil {
			reason = reasonPanic
			d.log.Error("panic", "intake", in.ID, "panic", whatPanicked(value), "stack", string(debug.Stack()))
		}
	}()
	if err := do(); errors.Is(err, errCompose) {
		d.log.Error("compose", "intake", in.ID, "err", err)
		return reasonNoAnswer
	}
	return ""
}

// quarantine puts a message aside and tells its writer and the admin.
func (d *daemon) quarantine(ctx context.Context, in store.Intake, reason string, now time.Time) error {
	return d.book.Decide(ctx, in, now, func(tx *store.Tx) error {
		outcome, err := tx.Record(d.quarantined(tx, in, reason))
		if err != nil {
			return err
		}
		if err := d.say(tx, outcome); !errors.Is(err, errCompose) { // the letters may be what is wrong
			return err
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
