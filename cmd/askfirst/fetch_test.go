package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// One message that the server cannot give blocks no other: what is fetched with
// what, in which order, and what becomes of a failure.
func TestEachIsFetchedInItsTurn(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	now := town.time("2026-11-22 15:00")
	d := town.daemon(now)
	lost := errors.New("the connection is lost")
	refused := fmt.Errorf("fetch: %w", mailbox.ErrRefused)
	for _, c := range []struct {
		name     string
		failures map[uint32]int
		waits    map[uint32]bool
		ends     map[uint32]error
		want     string // one command after another
		after    string // failures of each
		err      error
	}{
		{name: "together", want: "1,2,3,4", after: "0 0 0 0"},
		{name: "the better first", failures: map[uint32]int{1: 5, 2: 1, 3: 2}, want: "4; 2; 3; 1", after: "5 1 2 0"},
		{name: "not yet", failures: map[uint32]int{1: 5, 2: 3}, waits: map[uint32]bool{1: true}, want: "3,4; 2", after: "5 3 0 0"},
		{name: "in a portion, waiting or not", failures: map[uint32]int{1: 1}, waits: map[uint32]bool{1: true}, want: "2,3,4; 1", after: "1 0 0 0"},
		{name: "refused, the connection lives", failures: map[uint32]int{2: 2, 3: 3}, ends: map[uint32]error{2: refused}, want: "1,4; 2; 3", after: "0 3 3 0"},
		{name: "refused together", ends: map[uint32]error{2: refused}, failures: map[uint32]int{4: 1}, want: "1,2,3; 4", after: "1 1 1 1"},
		{name: "lost", failures: map[uint32]int{2: 2, 3: 3}, ends: map[uint32]error{2: lost}, want: "1,4; 2", after: "0 3 3 0", err: lost},
		{name: "lost in a portion", failures: map[uint32]int{4: 2}, ends: map[uint32]error{2: lost}, want: "1,2,3", after: "1 1 1 2", err: lost},
		{name: "no room is nobody's failure", failures: map[uint32]int{2: 2, 3: 3}, ends: map[uint32]error{2: errNoRoom}, want: "1,4; 2", after: "0 2 3 0", err: errNoRoom},
		{name: "nor is the book's trouble", failures: map[uint32]int{2: 2, 3: 3}, ends: map[uint32]error{2: ofBook(lost)}, want: "1,4; 2", after: "0 2 3 0", err: errBook},
	} {
		f := &fetching{daemon: d, now: now, sizes: map[uint32]int64{}}
		f.stubborn.Messages = map[uint32]store.Stubborn{}
		f.stubborn.Served = true
		for uid, n := range c.failures {
			next := now
			if c.waits[uid] {
				next = now.Add(time.Millisecond)
			}
			f.stubborn.Messages[uid] = store.Stubborn{Failures: n, Next: next}
		}
		var commands []string
		list := []mailbox.Listed{{UID: 1, Size: 9}, {UID: 2, Size: 9}, {UID: 3, Size: 9}, {UID: 4, Size: 9}}
		err := f.each(t.Context(), list, func(_ context.Context, uids []uint32) error {
			commands = append(commands, strings.Trim(strings.ReplaceAll(fmt.Sprint(uids), " ", ","), "[]"))
			for _, uid := range uids {
				if c.ends[uid] != nil {
					return c.ends[uid]
				}
			}
			return nil
		})
		if !errors.Is(err, c.err) || c.err == nil && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := strings.Join(commands, "; "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		var after []string
		for _, l := range list {
			after = append(after, fmt.Sprint(f.stubborn.Messages[l.UID].Failures))
		}
		if got := strings.Join(after, " "); got != c.after {
			t.Errorf("%s: failures %s, want %s", c.name, got, c.after)
		}
		if failed := c.ends[2] == refused || c.ends[2] == lost; errors.Is(f.refused, mailbox.ErrRefused) != (c.ends[2] == refused) || failed == f.stubborn.Served {
			t.Errorf("%s: refused %v, served %v", c.name, f.refused, f.stubborn.Served)
		}
	}
	f := &fetching{daemon: d, now: now, sizes: map[uint32]int64{7: 2 << 60}}
	f.stubborn.Messages = map[uint32]store.Stubborn{7: {}, 8: {}}
	if err := f.bodies(t.Context(), []uint32{7}); !errors.Is(err, errNoRoom) {
		t.Errorf("without room: %v", err)
	}
	f.stubborn.Served = true
	f.forget([]mailbox.Listed{{UID: 8}}, nil)
	if _, there := f.stubborn.Messages[8]; len(f.stubborn.Messages) != 1 || !there || !f.stubborn.Served {
		t.Errorf("%+v", f.stubborn)
	}
	f.forget(nil, []mailbox.Listed{{UID: 9}})
	if len(f.stubborn.Messages) != 0 || f.stubborn.Served {
		t.Errorf("%+v", f.stubborn)
	}
	for failures, want := range []time.Duration{0, 0, 0, time.Minute, 5 * time.Minute, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
		if got := stubbornWait(failures); got != want {
			t.Errorf("after %d failures it waits %v, want %v", failures, got, want)
		}
	}
}
