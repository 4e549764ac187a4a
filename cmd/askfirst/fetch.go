package main

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"askfirst/mailbox"
	"askfirst/store"
)

// fetching is one look into the inbox. Its rule: one message that the server
// cannot give blocks no other. A portion that fails twice is fetched message by
// message, the worst last; a message that keeps failing is tried less and less
// often and in the end put aside.
type fetching struct {
	*daemon
	in       *mailbox.Inbox
	now      time.Time
	sizes    map[uint32]int64
	stubborn store.Stubborns
	received int
	refused  error // the last that the server refused, on a connection that lives
}

const (
	singly      = 2 // failures from which on a message is fetched alone
	mostFetches = 7 // failures after which it is put aside
)

// stubbornWait is how long a message is left alone after so many failures.
func stubbornWait(failures int) time.Duration {
	switch {
	case failures <= singly:
		return 0
	case failures == singly+1:
		return time.Minute
	case failures == singly+2:
		return 5 * time.Minute
	}
	return 15 * time.Minute
}

// all fetches what is new; of what is too large, the header.
func (f *fetching) all(ctx context.Context, fetchable, large []mailbox.Listed) error {
	before := f.stubborn
	before.Messages = maps.Clone(f.stubborn.Messages)
	f.forget(fetchable, large)
	err := f.each(ctx, fetchable, f.bodies)
	for _, l := range fetchable {
		if f.sizes[l.UID] > f.config.Inbox.MaxSize { // turned out so
			large = append(large, mailbox.Listed{UID: l.UID})
		}
	}
	if err == nil {
		err = f.each(ctx, large, f.headers)
	}
	if err == nil {
		err = f.refused
	}
	if ctx.Err() != nil || f.stubborn.Served == before.Served && maps.Equal(f.stubborn.Messages, before.Messages) {
		return err
	}
	return errors.Join(err, ofBook(f.book.SetStubborns(ctx, f.stubborn)))
}

// forget forgets failures of messages that have gone from the inbox.
func (f *fetching) forget(lists ...[]mailbox.Listed) {
	there := map[uint32]bool{}
	for _, l := range slices.Concat(lists...) {
		there[l.UID] = true
	}
	maps.DeleteFunc(f.stubborn.Messages, func(uid uint32, _ store.Stubborn) bool { return !there[uid] })
	if len(f.stubborn.Messages) == 0 {
		f.stubborn.Served = false
	}
}

// each fetches a list: first what has never failed, then what failed once, both
// in portions, then the others one by one.
func (f *fetching) each(ctx context.Context, list []mailbox.Listed, fetch func(context.Context, []uint32) error) error {
	var portions [singly][]mailbox.Listed
	var single []uint32
	for _, l := range list {
		s := f.stubborn.Messages[l.UID]
		switch {
		case s.Failures < singly:
			portions[s.Failures] = append(portions[s.Failures], l)
		case !f.now.Before(s.Next):
			single = append(single, l.UID)
		}
	}
	for _, portion := range portions {
		for _, uids := range mailbox.Batches(portion, fetchCount, fetchOctets) {
			if err := f.try(ctx, uids, fetch); err != nil {
				return err
			}
		}
	}
	failures := func(uid uint32) int { return f.stubborn.Messages[uid].Failures }
	slices.SortStableFunc(single, func(a, b uint32) int { return failures(a) - failures(b) })
	for _, uid := range single {
		var err error
		if failures(uid) < mostFetches {
			err = f.try(ctx, []uint32{uid}, fetch)
		} else {
			err = f.aside(ctx, uid)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// try fetches some messages. It returns an error when the connection is lost, or
// the book fails; what a living connection refuses is noted.
func (f *fetching) try(ctx context.Context, uids []uint32, fetch func(context.Context, []uint32) error) error {
	f.pulse.beat(loopRead, f.wall())
	err := fetch(ctx, uids)
	if err == nil || ctx.Err() != nil || errors.Is(err, errBook) || errors.Is(err, errNoRoom) {
		return err
	}
	f.failed(uids)
	f.log.Warn("fetch", "messages", len(uids), "first_uid", uids[0], "err", err)
	if errors.Is(err, mailbox.ErrRefused) {
		f.refused = err
		return nil
	}
	return err
}

// failed notes failures.
func (f *fetching) failed(uids []uint32) {
	if len(uids) > 0 {
		f.stubborn.Served = false
	}
	for _, uid := range uids {
		failures := f.stubborn.Messages[uid].Failures + 1
		f.stubborn.Messages[uid] = store.Stubborn{Failures: failures, Next: f.now.Add(stubbornWait(failures)).UTC()}
	}
}

// bodies fetches whole messages into the ledger.
func (f *fetching) bodies(ctx context.Context, uids []uint32) error {
	if err := room(f.config.Book, f.octets(uids)); err != nil {
		return err
	}
	fetched, err := f.in.Fetch(ctx, uids)
	if err == nil {
		fetched, err = f.confirmed(ctx, fetched)
	}
	if err != nil {
		return err
	}
	return f.take(ctx, uids, fetched, false)
}

// octets is how large some messages are.
func (f *fetching) octets(uids []uint32) (n int64) {
	for _, uid := range uids {
		n += f.sizes[uid]
	}
	return n
}

// headers fetches the headers of messages that are too large.
func (f *fetching) headers(ctx context.Context, uids []uint32) error {
	if err := room(f.config.Book, 0); err != nil {
		return err
	}
	fetched, err := f.in.FetchHeader(ctx, uids)
	if err != nil {
		return err
	}
	return f.take(ctx, uids, fetched, true)
}

// confirmed fetches a message again that is shorter than the server said. Some
// servers are wrong about the size; the same octets twice are the message.
func (f *fetching) confirmed(ctx context.Context, fetched []mailbox.Fetched) ([]mailbox.Fetched, error) {
	for i := 0; i < len(fetched); i++ {
		m := fetched[i]
		if m.TooLarge || int64(len(m.Raw)) >= m.Size {
			continue
		}
		again, err := f.in.Fetch(ctx, []uint32{m.UID})
		if err != nil {
			return nil, err
		}
		if len(again) == 1 && !again[0].TooLarge && (bytes.Equal(again[0].Raw, m.Raw) || int64(len(again[0].Raw)) >= again[0].Size) {
			fetched[i] = again[0]
			continue
		}
		fetched = slices.Delete(fetched, i, i+1)
		i--
	}
	return fetched, nil
}

// take commits what was fetched of the UIDs; what was not is noted.
func (f *fetching) take(ctx context.Context, uids []uint32, fetched []mailbox.Fetched, oversize bool) error {
	var batch []store.Incoming
	got := map[uint32]bool{}
	for _, m := range fetched {
		if m.TooLarge && oversize {
			continue // a header that is none
		}
		got[m.UID] = true
		if m.TooLarge {
			f.sizes[m.UID] = max(f.sizes[m.UID], m.Size, f.config.Inbox.MaxSize+1)
			continue
		}
		batch = append(batch, store.Incoming{Mailbox: f.in.Mailbox(), UIDValidity: f.in.UIDValidity(), UID: m.UID,
			Size: max(m.Size, f.sizes[m.UID]), Oversize: oversize, Sender: senderOf(m.Raw), Raw: m.Raw})
	}
	if err := f.keep(ctx, batch); err != nil {
		return err
	}
	f.failed(slices.DeleteFunc(slices.Clone(uids), func(uid uint32) bool { return got[uid] }))
	return nil
}

// keep takes messages into the ledger.
func (f *fetching) keep(ctx context.Context, batch []store.Incoming) error {
	n, err := f.book.Receive(ctx, batch, f.now)
	if err != nil {
		return ofBook(err)
	}
	f.received += n
	for _, m := range batch {
		delete(f.stubborn.Messages, m.UID)
	}
	f.stubborn.Served = (f.stubborn.Served || n > 0) && len(f.stubborn.Messages) > 0
	return nil
}

// aside tries a message for the last time, its header first, and takes it into
// the ledger to be put aside if only the header could be read; without even that
// if the server has given us another message since the last failure. Otherwise
// it may be the server that fails, and the message stays for later.
func (f *fetching) aside(ctx context.Context, uid uint32) error {
	uids := []uint32{uid}
	served := f.stubborn.Served
	unread := store.Incoming{Mailbox: f.in.Mailbox(), UIDValidity: f.in.UIDValidity(), UID: uid, Size: store.Unread, Oversize: true}
	err := f.try(ctx, uids, func(ctx context.Context, uids []uint32) error {
		heads, err := f.in.FetchHeader(ctx, uids)
		if len(heads) == 1 && !heads[0].TooLarge {
			unread.Raw = heads[0].Raw
		}
		return err
	})
	if unread.Raw != nil {
		err = f.try(ctx, uids, f.bodies)
	} else if err == nil {
		f.failed(uids)
	}
	_, failed := f.stubborn.Messages[uid]
	if !failed || ctx.Err() != nil || errors.Is(err, errBook) || unread.Raw == nil && !served {
		return err
	}
	return errors.Join(err, f.keep(ctx, []store.Incoming{unread}))
}
