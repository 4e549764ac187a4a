package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// How much is fetched with one command, decided between two commits of their
// attempts, and moved with one command.
const (
	fetchCount   = 100
	fetchOctets  = 8 << 20
	decideBatch  = 100
	fileBatch    = 500
	commitBatch  = 16
	commitOctets = 8 << 20
)

// The folders on the server, by what became of a message.
const (
	folderDone       = "Askfirst/Done"
	folderRefused    = "Askfirst/Refused"
	folderQuarantine = "Askfirst/Quarantine"
)

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
		return 0, ofBook(err)
	}
	isNew := make(map[uint32]bool, len(unknown))
	for _, uid := range unknown {
		isNew[uid] = true
	}
	f := &fetching{daemon: d, in: in, now: now, sizes: map[uint32]int64{}}
	if f.stubborn, err = d.book.Stubborns(ctx, in.Mailbox(), in.UIDValidity()); err != nil {
		return 0, ofBook(err)
	}
	var fetchable, large []mailbox.Listed
	for _, l := range listed {
		switch {
		case !isNew[l.UID]:
			continue
		case l.Size > d.config.Inbox.MaxSize:
			large = append(large, mailbox.Listed{UID: l.UID}) // its header is small
		default:
			fetchable = append(fetchable, l)
		}
		f.sizes[l.UID] = l.Size
	}
	if err := f.all(ctx, fetchable, large); err != nil {
		return f.received, err
	}
	return f.received, ofBook(d.book.ReadInbox(ctx, now))
}

// decide decides every pending message: the healthy in batches, those during
// which two lives ended alone and last. It wakes the sender as it goes.
func (d *daemon) decide(ctx context.Context, now time.Time, wake func()) (map[store.Verdict]int, error) {
	verdicts, _, err := d.decideFor(ctx, now, 0, wake)
	return verdicts, err
}

// decideFor is decide for about as long as patience; 0: to the end. more says
// that messages are left.
func (d *daemon) decideFor(ctx context.Context, now time.Time, patience time.Duration, wake func()) (verdicts map[store.Verdict]int, more bool, err error) {
	verdicts = map[store.Verdict]int{}
	tried, began := map[int64]bool{}, time.Now()
	for {
		if patience > 0 && time.Since(began) > patience {
			return verdicts, true, nil
		}
		pending, err := d.book.PendingIntake(ctx, decideBatch)
		if err != nil {
			return verdicts, false, err
		}
		batch := pending[:0]
		for _, in := range pending {
			// Without an attempt it has become pending in this very pass: somebody
			// has said yes to what waited.
			if tried[in.ID] && in.Attempts > 0 || len(batch) > 0 && in.Attempts >= 2 {
				continue
			}
			batch = append(batch, in)
			if in.Attempts >= 2 {
				break
			}
		}
		if len(batch) == 0 {
			return verdicts, false, nil
		}
		ids := make([]int64, len(batch))
		for i, in := range batch {
			ids[i], tried[in.ID] = in.ID, true
		}
		if err := d.book.Attempt(ctx, ids); err != nil {
			return verdicts, false, err
		}
		for i := range batch {
			batch[i].Attempts++
		}
		for done := 0; done < len(batch); {
			group := nextGroup(batch[done:])
			err := ctx.Err()
			if err == nil {
				err = d.decideGroup(ctx, group, now, verdicts)
			}
			if err != nil { // the book's trouble or a stop, never the messages' own
				return verdicts, false, errors.Join(err, d.book.Forgive(context.WithoutCancel(ctx), ids[done:]))
			}
			for i := range group {
				group[i].Raw = nil // a hundred large messages are a gigabyte
			}
			done += len(group)
			wake()
		}
	}
}

// nextGroup is how many messages are decided with one commit: a few, and few
// bytes, since all of them are in memory.
func nextGroup(batch []store.Intake) []store.Intake {
	n, octets := 1, batch[0].Size
	for n < len(batch) && n < commitBatch && octets+batch[n].Size <= commitOctets {
		octets += batch[n].Size
		n++
	}
	return batch[:n]
}

// decideGroup decides some messages with one commit. What goes wrong with one of
// them is dealt with by itself afterwards.
func (d *daemon) decideGroup(ctx context.Context, group []store.Intake, now time.Time, verdicts map[store.Verdict]int) error {
	d.pulse.beat(loopRead, d.wall())
	reasons := make([]string, len(group))
	read := make([]reading, len(group))
	for i := range group {
		if err := d.book.Load(ctx, &group[i]); err != nil {
			return err
		}
		in := group[i]
		var err error
		if reasons[i], err = d.suspicion(ctx, in); err != nil {
			// Suspects come alone, so nothing else waits. It is tried again with
			// the next pass.
			d.log.Warn("probe", "intake", in.ID, "err", err)
			return d.book.Forgive(ctx, []int64{in.ID})
		}
		if reasons[i] == "" {
			reasons[i] = d.guard(in, func() error {
				read[i] = d.read(ctx, in, now)
				return nil
			})
		}
	}
	events := make([]store.Event, len(group))
	errs, err := d.book.DecideAll(ctx, group, now, func(tx *store.Tx, i int) error {
		if reasons[i] != "" {
			return errPoison
		}
		var err error
		reasons[i] = d.guard(group[i], func() error {
			events[i], err = d.judge(tx, group[i], read[i])
			return err
		})
		if reasons[i] != "" {
			return errPoison
		}
		return err
	})
	if err != nil {
		return err
	}
	for i, in := range group {
		switch {
		case errs[i] == nil:
			if !events[i].Confirm && len(events[i].Later) == 0 { // else it is not its last decision
				verdicts[events[i].Verdict]++
			}
			d.logDecision(in, events[i])
			if err := d.keepForgotten(ctx, events[i]); err != nil {
				return err
			}
		case reasons[i] == "":
			return errs[i]
		default:
			if err := d.quarantine(ctx, in, reasons[i], now); err != nil {
				return err
			}
			verdicts[store.Quarantined]++
			d.log.Warn("quarantined", "intake", in.ID, "reason", reasons[i])
		}
	}
	return nil
}

func (d *daemon) policy() mailbox.Policy {
	return d.config.Policy()
}

// reading is a message as read, before the book is asked anything.
type reading struct {
	message *parse.Message
	refs    store.Refs
}

func (d *daemon) read(ctx context.Context, in store.Intake, now time.Time) reading {
	message := parse.Read(in.Raw, limits(d.config))
	d.keys.verify(ctx, d.config, message, in.Raw, now)
	return reading{message, mailbox.RefsOf(message, d.config.Exchange.Address)}
}

// judge understands and records one message with all its letters.
func (d *daemon) judge(tx *store.Tx, in store.Intake, r reading) (store.Event, error) {
	view, err := tx.View(r.refs)
	if err != nil {
		return store.Event{}, err
	}
	event := mailbox.Understand(r.message, view, d.policy())
	if in.Oversize {
		event = tooLarge(event)
	}
	if event, err = tx.Allow(event); err != nil {
		return event, err
	}
	outcome, err := tx.Record(event)
	if err != nil {
		return event, err
	}
	return numbered(event, outcome), d.say(tx, outcome)
}

// numbered gives new asks the number that the book gave them, for the log.
func numbered(e store.Event, o store.Outcome) store.Event {
	e.Acts = slices.Clone(e.Acts)
	for i, next := 0, 0; i < len(e.Acts); i++ {
		for e.Acts[i].Kind == store.ActAsk && next < len(o.Facts) {
			next++
			if k := o.Facts[next-1].Kind; k == store.KindAcknowledgement || k == store.KindHeld {
				e.Acts[i].Ask = o.Facts[next-1].Ask.Number
				break
			}
		}
	}
	return e
}

func limits(config *Config) parse.Limits {
	l := parse.Standard()
	l.Bytes = int(config.Inbox.MaxSize)
	return l
}

// tooLarge is what a message comes to whose body was not downloaded.
func tooLarge(e store.Event) store.Event {
	if e.Verdict == store.Ignored || e.Verdict == store.Quarantined || e.Verdict == store.Refused && e.Reason == store.ReasonNotStaff {
		return e // a machine, a stranger, a forger
	}
	e.Verdict, e.Reason, e.Acts, e.Confirm, e.Later = store.Refused, store.ReasonTooLarge, nil, false, nil
	return e
}

func (d *daemon) logDecision(in store.Intake, e store.Event) {
	if e.Confirm {
		d.log.Info("waits", "intake", in.ID, "reason", e.Reason)
		return
	}
	if len(e.Acts) == 0 {
		d.log.Info(string(e.Verdict), "intake", in.ID, "reason", e.Reason)
		return
	}
	for _, a := range e.Acts {
		d.log.Info(string(a.Kind), "intake", in.ID, "ask", a.Ask, "via", a.Via, "reason", e.Reason)
	}
}

// placed remembers where the server put messages.
func (d *daemon) placed(ctx context.Context, folder string, filed []mailbox.Filing, byUID map[uint32]int64) error {
	places := make([]store.Place, len(filed))
	for i, f := range filed {
		places[i] = store.Place{ID: byUID[f.UID], Folder: folder, Validity: f.UIDValidity, UID: f.To}
	}
	return d.book.Placed(ctx, places)
}

// file moves decided messages out of the inbox. It is cosmetic: what fails is
// tried again with the next pass.
func (d *daemon) file(ctx context.Context, in *mailbox.Inbox) error {
	for {
		unfiled, err := d.book.Unfiled(ctx, in.Mailbox(), in.UIDValidity(), fileBatch)
		if err != nil || len(unfiled) == 0 {
			return ofBook(err)
		}
		uids, ids, byUID := map[string][]uint32{}, []int64{}, map[uint32]int64{}
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
			byUID[u.UID] = u.ID
		}
		for folder, list := range uids {
			filed, err := in.FileAway(ctx, list, folder)
			if err := errors.Join(err, ofBook(d.placed(ctx, folder, filed, byUID))); err != nil {
				return fmt.Errorf("filing into %s: %w", folder, err)
			}
		}
		if err := d.book.Filed(ctx, ids); err != nil {
			return ofBook(err)
		}
	}
}
