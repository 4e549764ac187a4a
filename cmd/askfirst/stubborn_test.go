package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
)

// adversaryTown is a town whose IMAP server does what the test says.
func adversaryTown(t *testing.T) (*town, *mailboxtest.Adversary) {
	t.Helper()
	adversary := mailboxtest.StartAdversary(t)
	var mu sync.Mutex
	got := map[string][][]byte{}
	smtp := mailboxtest.StartSMTP(t, func(_, to string, raw []byte) error {
		mu.Lock()
		defer mu.Unlock()
		got[to] = append(got[to], raw)
		return nil
	})
	return settle(&town{TB: t, imap: adversary.Port, smtp: smtp,
		put: func(_ string, raw []byte) error { adversary.Deliver(raw); return nil },
		inbox: func(user string) [][]byte {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(got[user])
		}}), adversary
}

// passes makes a pass a minute until it is done, and says how many it took.
func (t *town) passes(d *daemon, now *time.Time, most int, done func() bool) int {
	t.Helper()
	for n := range most {
		if done() {
			return n
		}
		*now = now.Add(time.Minute)
		_ = d.pass(t.Context(), *now) // may well fail
	}
	return most
}

// A message that the server cannot give blocks no other, and in the end it is
// put aside, with a word to the admin and to its writer.
func TestOneBadMessageBlocksNoOther(t *testing.T) {
	const bad = 7
	hangUp := func(c *mailboxtest.Command) bool { c.Conn.Close(); return true }
	for _, c := range []struct {
		name   string
		header bool // can be read
		play   func(c *mailboxtest.Command) bool
	}{
		{"hangs up", true, hangUp},
		{"refused", true, func(c *mailboxtest.Command) bool { c.Say("%s NO [SERVERBUG] cannot open\r\n", c.Tag); return true }},
		{"nil", true, func(c *mailboxtest.Command) bool {
			for _, uid := range c.UIDs {
				c.Say("* %d FETCH (UID %d RFC822.SIZE 5 BODY[] NIL)\r\n", uid, uid)
			}
			c.OK()
			return true
		}},
		{"half of it", true, func(c *mailboxtest.Command) bool {
			c.Say("* 7 FETCH (UID 7 RFC822.SIZE 500 BODY[] {500}\r\nFrom: ")
			c.Conn.Close()
			return true
		}},
		{"hangs up at the header too", false, hangUp},
	} {
		t.Run(c.name, func(t *testing.T) {
			town, adversary := adversaryTown(t)
			for n := range 20 {
				town.writes(townsfolk[n%len(townsfolk)], fmt.Sprintf("Borrow %dx", n+1), "For one lesson.")
			}
			adversary.Play(func(command *mailboxtest.Command) bool {
				if command.Body && command.Asks(bad) && !(c.header && strings.Contains(command.Text, "HEADER")) {
					return c.play(command)
				}
				return false
			})
			now := town.time("2026-11-21 09:00")
			d := town.daemon(now)
			acknowledged := func() int {
				n := 0
				for _, who := range townsfolk {
					n += len(town.letters(who, "Got it: "))
				}
				return n
			}
			if n := town.passes(d, &now, 10, func() bool { return acknowledged() == 19 }); n > 4 {
				t.Errorf("the others came after %d passes", n)
			}
			if n := len(town.letters("it@else.example", "")); n != 0 {
				t.Errorf("the admin heard after minutes already: %d letters", n)
			}
			town.writes("ruth", "Borrow the last", "For one lesson.")
			aside := func() bool {
				counts, err := d.book.IntakeCounts(t.Context())
				return err == nil && counts["quarantined"] == 1
			}
			n := town.passes(d, &now, 90, aside)
			want := 20
			if !c.header { // not before the server has given us another one
				if aside() {
					t.Error("put aside although it may be the server that fails")
				}
				town.writes("ruth", "Borrow the very last", "For one lesson.")
				n = town.passes(d, &now, 30, aside) + 60
				want++
			}
			if n < 20 || n >= 100 {
				t.Errorf("put aside after %d minutes", n)
			}
			if err := d.pass(t.Context(), now.Add(time.Minute)).status(); err != nil {
				t.Errorf("then: %v", err)
			}
			if n := len(town.letters("it@else.example", "")); n < 1 || n > 2 { // one of them may be about the inbox
				t.Errorf("the admin has %d letters", n)
			}
			if who := townsfolk[(bad-1)%len(townsfolk)]; c.header && len(town.letters(who, "")) != 4 {
				t.Errorf("%s has %d letters", who, len(town.letters(who, "")))
			}
			if moved := adversary.Moved("Askfirst/Quarantine"); !slices.Equal(moved, []uint32{bad}) {
				t.Errorf("moved %v", moved)
			}
			if got := acknowledged(); got != want {
				t.Errorf("%d acknowledgements", got)
			}
			town.audited()
		})
	}
}

// A server that gives nothing at all is no matter of single messages: nothing is
// put aside, and everything is read when it is back.
func TestServerThatGivesNothing(t *testing.T) {
	town, adversary := adversaryTown(t)
	for n := range 5 {
		town.writes("ana", fmt.Sprintf("Borrow %dx", n), "For one lesson.")
	}
	adversary.Play(func(c *mailboxtest.Command) bool {
		if c.Body {
			c.Conn.Close()
		}
		return c.Body
	})
	now := town.time("2026-11-21 09:00")
	d := town.daemon(now)
	town.passes(d, &now, 240, func() bool { return false })
	if counts, err := d.book.IntakeCounts(t.Context()); err != nil || len(counts) != 0 {
		t.Errorf("%v, %v", counts, err)
	}
	if n := len(town.letters("it@else.example", "inbox")) + len(town.letters("it@else.example", "")); n == 0 || n > 2 {
		t.Errorf("the admin has %d letters", n)
	}
	adversary.Play(nil)
	if n := town.passes(d, &now, 30, func() bool { return len(town.letters("ana", "Got it: ")) == 5 }); n >= 30 {
		t.Errorf("not read when the server was back: %d", len(town.letters("ana", "Got it: ")))
	}
	town.audited()
}

// A literal that is shorter than the server's own figure is read again: twice
// the same is the message, two different ones are none.
func TestShortLiterals(t *testing.T) {
	town, adversary := adversaryTown(t)
	town.writes("ana", "Borrow a wrong size", "For one lesson.")
	town.writes("ben", "Borrow a cut one", "For one lesson, it ends here.")
	whole := false
	times := 0
	adversary.Play(func(c *mailboxtest.Command) bool {
		if !c.Body || whole {
			return false
		}
		for _, uid := range c.UIDs {
			raw := []byte("From: ana@carpenter.example\r\nSubject: Borrow a wrong size\r\nMessage-ID: <w@x>\r\n\r\nFor one lesson.\r\n")
			if uid == 2 {
				times++
				raw = fmt.Appendf(nil, "From: ben@carpenter.example\r\nSubject: Borrow a cut one\r\nMessage-ID: <c@x>\r\n\r\nFor one %s", "lesson, it ends"[:times])
			}
			c.Say("* %d FETCH (UID %d RFC822.SIZE 999 BODY[] {%d}\r\n%s)\r\n", uid, uid, len(raw), raw)
		}
		c.OK()
		return true
	})
	now := town.time("2026-11-21 09:00")
	d := town.daemon(now)
	if err := d.pass(t.Context(), now).status(); err != nil {
		t.Fatal(err)
	}
	town.expect("ana", "Got it: ", 1)
	town.expect("ben", "Got it: ", 0)
	whole = true
	town.passes(d, &now, 3, func() bool { return false })
	town.expect("ben", "Got it: ", 1)
	asks, err := d.book.Asks(t.Context(), true, now)
	if err != nil || len(asks) != 2 || !strings.HasSuffix(asks[1].Body, "it ends here.") {
		t.Errorf("%v %+v", err, asks)
	}
}

// UIDVALIDITY changes and flaps back over the same messages; UIDs have gaps, and
// messages appear below those that were read.
func TestUIDsOfManyKinds(t *testing.T) {
	town, adversary := adversaryTown(t)
	// Nothing is moved, so that everything lies there under every UIDVALIDITY.
	adversary.Play(func(c *mailboxtest.Command) bool {
		if strings.HasPrefix(c.Text, "UID MOVE") {
			c.Say("%s NO not today\r\n", c.Tag)
			return true
		}
		return false
	})
	mail := func(n int) []byte {
		return fmt.Appendf(nil, "From: ana@carpenter.example\r\nSubject: Borrow %dx\r\nMessage-ID: <%d@x>\r\n\r\nFor one lesson.\r\n", n, n)
	}
	now := town.time("2026-11-21 09:00")
	d := town.daemon(now)
	pass := func(want int) {
		t.Helper()
		now = now.Add(time.Minute)
		if err := d.pass(t.Context(), now).status(); err != nil {
			t.Fatal(err)
		}
		town.expect("ana", "Got it: ", want)
	}
	adversary.Put(10, mail(1))
	adversary.Put(4_000_000_000, mail(2))
	pass(2)
	adversary.Put(3, mail(3)) // below
	pass(3)
	for i, validity := range []uint32{2, 1, 2, 3, 1} {
		adversary.SetUIDValidity(validity)
		pass(3 + i)
		adversary.Put(uint32(20+i), mail(4+i)) // a new one under each
		pass(4 + i)
	}
	adversary.Put(10, nil) // expunged by somebody
	adversary.Put(11, []byte("From: ana@carpenter.example\r\nSubject: Borrow 1x\r\nMessage-ID: <1@x>\r\n\r\nFor one lesson.\r\n"))
	pass(8) // and delivered again
	town.audited()
}

// A wrong password is not hammered, and the admin hears of it once.
func TestWrongPasswordIsNotHammered(t *testing.T) {
	usual := 5 * time.Second
	if got := pauseAfter(fmt.Errorf("%w: no", mailbox.ErrAuth), usual); got < 10*time.Minute {
		t.Errorf("a wrong password is tried again after %v", got)
	}
	if got := pauseAfter(fmt.Errorf("%w: no", mailbox.ErrUnreachable), usual); got != usual {
		t.Errorf("an unreachable server is tried again after %v", got)
	}
	town, adversary := adversaryTown(t)
	adversary.Play(func(c *mailboxtest.Command) bool {
		if strings.HasPrefix(c.Text, "LOGIN") {
			c.Say("%s NO [AUTHENTICATIONFAILED] no\r\n", c.Tag)
			return true
		}
		return false
	})
	now := town.time("2026-11-21 09:00")
	d := town.daemon(now)
	for range 40 {
		now = now.Add(time.Minute)
		if report := d.pass(t.Context(), now); len(report.Errors) != 1 || !errors.Is(report.Errors[0].err, mailbox.ErrAuth) {
			t.Fatalf("%+v", report.Errors)
		}
	}
	if n := len(town.letters("it@else.example", "")); n != 1 {
		t.Errorf("the admin has %d letters, want 1", n)
	}
	adversary.Play(nil)
	town.writes("ana", "Borrow one", "For one lesson.")
	if err := d.pass(t.Context(), now.Add(time.Minute)).status(); err != nil {
		t.Fatal(err)
	}
	town.expect("ana", "Got it: ", 1)
}
