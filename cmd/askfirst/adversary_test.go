package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// An IMAP server that breaks the protocol, or stretches it, costs nobody an ask
// and doubles none: whatever it said, once it speaks well again every ask is
// there once, whole, and answered once.
func TestStrangeServers(t *testing.T) {
	const asks = 8
	answer := func(prefix, answer string) func(*mailboxtest.Command) bool {
		return func(c *mailboxtest.Command) bool {
			if !strings.HasPrefix(c.Text, prefix) {
				return false
			}
			c.Say("%s", strings.ReplaceAll(answer, "TAG", c.Tag))
			return true
		}
	}
	before := func(prefix, noise string) func(*mailboxtest.Command) bool {
		return func(c *mailboxtest.Command) bool {
			if strings.HasPrefix(c.Text, prefix) {
				c.Say("%s", noise)
			}
			return false
		}
	}
	const other = "From: ana@carpenter.example\r\nSubject: Borrow nothing\r\nMessage-ID: <forged@x>\r\n\r\nNobody wrote this.\r\n"
	forged := fmt.Sprintf("* 3 FETCH (UID 77 RFC822.SIZE %d BODY[] {%d}\r\n%s)\r\n", len(other), len(other), other)
	for _, c := range []struct {
		name string
		play func(c *mailboxtest.Command) bool
	}{
		{"no EXISTS at SELECT", answer("SELECT", "* OK [UIDVALIDITY 1] ok\r\nTAG OK done\r\n")},
		{"EXISTS without end", answer("SELECT", "* 4294967295 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\nTAG OK done\r\n")},
		{"EXISTS beyond 32 bits", answer("SELECT", "* 99999999999999999999 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\nTAG OK done\r\n")},
		{"no UIDVALIDITY", answer("SELECT", "* 8 EXISTS\r\nTAG OK done\r\n")},
		{"UIDVALIDITY of nothing", answer("SELECT", "* 8 EXISTS\r\n* OK [UIDVALIDITY 0] ok\r\nTAG OK done\r\n")},
		{"SEARCH twice, with strangers", answer("UID SEARCH", "* SEARCH 8 1 1 2 77 4294967295\r\n* SEARCH 3 4 5 6 7\r\nTAG OK done\r\n")},
		{"SEARCH of nothing", answer("UID SEARCH", "* SEARCH\r\nTAG OK done\r\n")},
		{"SEARCH without an answer", answer("UID SEARCH", "TAG OK done\r\n")},
		{"SEARCH with zero", answer("UID SEARCH", "* SEARCH 0 1 2 3\r\nTAG OK done\r\n")},
		{"SEARCH refused", answer("UID SEARCH", "TAG NO not today\r\n")},
		{"BAD to everything", answer("UID", "TAG BAD what\r\n")},
		{"late OK", func(c *mailboxtest.Command) bool { time.Sleep(30 * time.Millisecond); return false }},
		{"somebody else's tag", answer("UID FETCH", "x999 OK done\r\n")},
		{"unsolicited mail before a fetch", before("UID FETCH", forged)},
		{"unsolicited mail before a search", before("UID SEARCH", forged)},
		{"news before everything", before("UID", "* 9 EXISTS\r\n* 1 RECENT\r\n* OK [ALERT] the disk is full\r\n* FLAGS (\\Seen)\r\n")},
		{"EXPUNGE in the middle of a fetch", before("UID FETCH", "* 1 EXPUNGE\r\n")},
		{"VANISHED", before("UID FETCH", "* VANISHED 1:3\r\n")},
		{"an endless literal", answer("UID FETCH", "* 1 FETCH (UID 1 RFC822.SIZE 100 BODY[] {4294967295}\r\nFrom: ana@carpenter.example\r\n")},
		{"a literal beyond 64 bits", answer("UID FETCH", "* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n")},
		{"a negative literal", answer("UID FETCH", "* 1 FETCH (UID 1 BODY[] {-1}\r\n\r\nTAG OK done\r\n")},
		{"a message twice in one answer", func(c *mailboxtest.Command) bool {
			if c.Body {
				for _, uid := range c.UIDs {
					c.Message(uid, []byte("From: ana@carpenter.example\r\nSubject: Borrow half of it\r\n\r\nhalf"))
				}
			}
			return false
		}},
		{"MOVE that says OK and moves nothing", answer("UID MOVE", "TAG OK [COPYUID 1 1:8 1:8] done\r\n")},
		{"MOVE with nonsense", answer("UID MOVE", "* OK [COPYUID 7 99:1 *] what\r\nTAG OK done\r\n")},
		{"MOVE refused", answer("UID MOVE", "TAG NO [OVERQUOTA] full\r\n")},
		{"MOVE that hangs up", func(c *mailboxtest.Command) bool {
			if strings.HasPrefix(c.Text, "UID MOVE") {
				c.Conn.Close()
				return true
			}
			return false
		}},
		{"garbage", answer("UID", "\x00\xff\x00{{{\r\n")},
		{"a line of a megabyte", before("UID FETCH", "* OK "+strings.Repeat("x", 1<<20)+"\r\n")},
	} {
		t.Run(c.name, func(t *testing.T) {
			town, adversary := adversaryTown(t)
			now := town.time("2026-11-21 09:00")
			d := town.daemon(now)
			d.inbox.Timeout = 300 * time.Millisecond
			for n := range asks {
				town.writes(townsfolk[n%len(townsfolk)], fmt.Sprintf("Borrow %dx", n+1), "It begins here.\n\nFor one lesson.\n\nIt ends here.")
			}
			adversary.Play(c.play)
			for range 3 {
				now = now.Add(time.Minute)
				_ = d.pass(t.Context(), now) // may well fail
			}
			adversary.Play(nil)
			for range 12 {
				now = now.Add(10 * time.Minute)
				_ = d.pass(t.Context(), now)
			}
			list, err := d.book.Asks(t.Context(), true, now)
			if err != nil {
				t.Fatal(err)
			}
			count, letters := map[string]int{}, 0
			for _, a := range list {
				count[a.Title]++
			}
			for n := range asks {
				if title := fmt.Sprintf("Borrow %dx", n+1); count[title] != 1 {
					// What the server showed first is the message: it may lie, but only once.
					if c.name != "a message twice in one answer" {
						t.Errorf("%q is there %d times", title, count[title])
					}
				}
			}
			if count["Borrow nothing"] != 0 {
				t.Error("a message that nobody asked for became an ask")
			}
			for _, who := range townsfolk {
				letters += len(town.letters(who, "Got it: "))
			}
			if letters != len(list) {
				t.Errorf("%d acknowledgements for %d asks", letters, len(list))
			}
			town.audited()
		})
	}
}

// Two daemons with a book each read one inbox, which nobody should do: what one
// files away before the other has seen it, the other never has, but between them
// nothing is lost, and each answers what it has once.
func TestTwoBooksOnOneInbox(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Dovecot")
	}
	first := onDovecot(t)
	second := settle(&town{TB: t, imap: first.imap, smtp: first.smtp, put: first.put, inbox: first.inbox})
	now := first.time("2026-11-21 09:00")
	daemons := []*daemon{first.daemon(now), second.daemon(now)}
	const asks = 30
	for round := range 5 {
		for n := range asks / 5 {
			first.writes(townsfolk[n%len(townsfolk)], fmt.Sprintf("Borrow %dx", round*6+n), "It begins here.")
		}
		var both sync.WaitGroup
		for _, d := range daemons {
			both.Go(func() {
				for range 3 {
					if err := d.pass(t.Context(), now.Add(time.Duration(round)*time.Minute)).status(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
	}
	have := map[string]int{}
	for i, d := range daemons {
		list, err := d.book.Asks(t.Context(), true, now)
		if err != nil {
			t.Fatal(err)
		}
		mine := map[string]int{}
		for _, a := range list {
			have[a.Title]++
			if mine[a.Title]++; mine[a.Title] > 1 {
				t.Errorf("book %d has %q twice", i, a.Title)
			}
		}
	}
	letters := 0
	for _, who := range townsfolk {
		letters += len(first.letters(who, "Got it: "))
	}
	total := 0
	for n := range asks {
		title := fmt.Sprintf("Borrow %dx", n)
		if have[title] == 0 {
			t.Errorf("%q is lost between two books", title)
		}
		total += have[title]
	}
	if letters != total {
		t.Errorf("%d acknowledgements for %d asks in two books", letters, total)
	}
	first.audited()
	second.audited()
}

// A server that takes every letter and keeps none: nobody can know. Each is sent
// once, and none again.
func TestServerThatDropsEverything(t *testing.T) {
	var mu sync.Mutex
	taken := map[string]int{}
	town, _ := openTown(t, mailboxtest.Options{})
	drop := mailboxtest.StartSMTP(t, func(_, to string, raw []byte) error {
		mu.Lock()
		defer mu.Unlock()
		id, _, _ := strings.Cut(string(raw[strings.Index(string(raw), "Message-ID: "):]), "\r\n")
		taken[to+id]++
		return nil
	})
	_, old, _ := strings.Cut(town.smtp, ":")
	_, port, _ := strings.Cut(drop, ":")
	town.edit("port: "+old, "port: "+port)
	for _, who := range townsfolk {
		town.writes(who, "Borrow a thing of "+who, "For one lesson.")
	}
	for _, at := range []string{"2026-11-21 09:00", "2026-11-21 10:00", "2026-11-23 07:30", "2026-11-23 08:30", "2026-11-24 07:30"} {
		town.once(at)
	}
	for key, n := range taken {
		if n != 1 {
			t.Errorf("%s was sent %d times", key, n)
		}
	}
	if len(taken) < 2*len(townsfolk) {
		t.Errorf("only %d letters", len(taken))
	}
	town.audited()
}
