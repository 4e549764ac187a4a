package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

// Every road by which our own letters, and answers to them, come home: nothing is
// done and nobody gets a second letter, except where a person wrote something.

// TestLettersComeHome sends every letter that a day brought back to the exchange
// by every road that mail takes.
func TestLettersComeHome(t *testing.T) {
	town := inProcess(t)
	for _, c := range provingWeek()[:11] {
		c.mail(town)
		town.once(c.at)
	}
	var letters [][]byte
	owners := []string{}
	for _, who := range townsfolk {
		for _, raw := range town.inbox(address(who)) {
			letters = append(letters, raw)
			owners = append(owners, address(who))
		}
	}
	roads := []struct {
		name string
		by   func(raw []byte, owner string, n int) []byte
	}{
		{"a rule of the member's redirects it", func(raw []byte, owner string, n int) []byte {
			return below(fmt.Sprintf("Return-Path: <%s>\r\nDelivered-To: %s\r\nX-Forwarded-For: %s %s\r\nReceived: from a by b; Mon, 23 Nov 2026 08:00:0%d +0000\r\n", owner, townHelp, owner, townHelp, n%10), raw)
		}},
		{"resent", func(raw []byte, owner string, n int) []byte {
			return below(fmt.Sprintf("Resent-From: %s\r\nResent-To: %s\r\nResent-Message-ID: <resent.%d@mail>\r\n", owner, townHelp, n), raw)
		}},
		{"a gateway gives it another Message-ID", func(raw []byte, _ string, n int) []byte {
			return bytes.Replace(stripped(raw, "message-id"), []byte("From:"), fmt.Appendf(nil, "Message-ID: <gateway.%d@mail>\r\nFrom:", n), 1)
		}},
		{"a gateway takes every mark off but the sender", func(raw []byte, _ string, n int) []byte {
			return below(fmt.Sprintf("Message-ID: <plain.%d@mail>\r\n", n), stripped(raw, "message-id", "x-", "auto-submitted", "list-", "precedence", "in-reply-to", "references"))
		}},
		{"as an attachment, by a rule that says nothing", func(raw []byte, owner string, n int) []byte {
			return []byte(fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Fwd: letter\r\nMessage-ID: <attached.%d@mail>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--out--\r\n", owner, townHelp, n, raw))
		}},
		{"through a mailing list that has the help address on it", func(raw []byte, _ string, n int) []byte {
			return below(fmt.Sprintf("List-Id: <staff.carpenter.example>\r\nX-BeenThere: staff@carpenter.example\r\nSender: staff-bounces@carpenter.example\r\nX-Loop-Count: %d\r\n", n), raw)
		}},
		{"a rule forwards it in the member's own name, and marks nothing", func(raw []byte, owner string, n int) []byte {
			m := parse.Read(raw, parse.Standard())
			return []byte(fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Fwd: %s\r\nMessage-ID: <forwarded.%d@mail>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n---------- Forwarded message ---------\r\nFrom: %s\r\nDate: Mon, 23 Nov 2026 at 08:00\r\nSubject: %s\r\nTo: <%s>\r\n\r\n%s\r\n", owner, townHelp, m.Subject, n, townHelp, m.Subject, owner, strings.ReplaceAll(m.Plain, "\n", "\r\n")))
		}},
		{"in circles", func(raw []byte, _ string, n int) []byte {
			return below(strings.Repeat("Received: from a by b; Mon, 23 Nov 2026 08:00:00 +0000\r\n", 31+n%40), raw)
		}},
		{"it bounces, and so does the report on that", func(raw []byte, owner string, n int) []byte {
			return []byte(fmt.Sprintf("From: MAILER-DAEMON@mx.example\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: <bounce.%d@mx>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=rep\r\n\r\n--rep\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; MAILER-DAEMON@mx.example\r\nAction: failed\r\nStatus: 4.4.1\r\n\r\n--rep\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--rep--\r\n", townHelp, n, raw))
		}},
		{"a program wants us to prove that we are people", func(raw []byte, owner string, n int) []byte {
			return []byte(fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Please confirm your message\r\nMessage-ID: <challenge.%d@mail>\r\nX-Delivery-Agent: TMDA/1.1\r\nAuto-Submitted: auto-replied\r\n\r\nAnswer this to have your mail delivered. #1 sorted, I can help with #2.\r\n", owner, townHelp, n))
		}},
		{"a stranger's program wants so, and marks nothing", func(raw []byte, _ string, n int) []byte {
			return []byte(fmt.Sprintf("From: confirm@else.example\r\nTo: %s\r\nSubject: Please confirm your message\r\nMessage-ID: <challenge2.%d@mail>\r\n\r\nAnswer this to have your mail delivered. #1 sorted.\r\n", townHelp, n))
		}},
	}
	count := func() (n int) {
		for _, who := range append(townsfolk[:len(townsfolk):len(townsfolk)], "it@else.example") {
			n += len(town.inbox(address(who)))
		}
		return n
	}
	before := count()
	for i, road := range roads {
		for n, raw := range letters {
			if err := town.put(townHelp, road.by(raw, owners[n], n)); err != nil {
				t.Fatal(err)
			}
		}
		r := town.once(fmt.Sprintf("2026-11-27 11:%02d", i))
		if r.Received != len(letters) || r.Accepted != 0 || r.Pending != 0 || r.Quarantined != 0 {
			t.Errorf("%s: %+v", road.name, r)
		}
		if n := count(); n != before {
			t.Errorf("%s: %d letters were sent to people", road.name, n-before)
			before = n
		}
	}
	if n := len(town.inbox("confirm@else.example")); n > 1 {
		t.Errorf("a stranger's program got %d letters", n)
	}
	town.audited()
}

// stripped is a message without the fields whose names begin so.
func stripped(raw []byte, marks ...string) []byte {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var kept []string
	skip := false
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
			skip = slices.ContainsFunc(marks, func(mark string) bool { return strings.HasPrefix(strings.ToLower(line), mark) })
		}
		if !skip {
			kept = append(kept, line)
		}
	}
	return append([]byte(strings.Join(kept, "\r\n")+"\r\n\r\n"), body...)
}

// below puts fields on top of a message.
func below(head string, rest []byte) []byte { return append([]byte(head), rest...) }

// TestWhoIsWho: the help address, the admin's and the members' may be confused in
// a configuration. It is refused, or everybody gets what is theirs.
func TestWhoIsWho(t *testing.T) {
	t.Run("a member has the help address", func(t *testing.T) {
		town, _ := openTown(t, mailboxtest.Options{})
		town.edit("email: ben@carpenter.example", "email: HELP@carpenter.example")
		town.tries(exitUnusable, "would write to itself", "once")
	})
	t.Run("a member's alias is the help address", func(t *testing.T) {
		town, _ := openTown(t, mailboxtest.Options{})
		town.edit("email: ben@carpenter.example", "email: ben@carpenter.example, aliases: [help@carpenter.example]")
		town.tries(exitUnusable, "would write to itself", "once")
	})
	t.Run("the admin is the help address", func(t *testing.T) {
		town, po := openTown(t, mailboxtest.Options{})
		town.edit("admin: it@else.example", "admin: help@carpenter.example")
		if _, _, code := town.run("once", "--at", "2026-11-22T12:00:00Z"); code == exitUnusable {
			return // refused: fine
		}
		d := town.daemon(town.time("2026-11-22 15:00"))
		raw := []byte("From: sam@carpenter.example\r\nSubject: x\r\nMessage-ID: <x@y>\r\n\r\nA ladder\r\n")
		if err := po.Deliver(townHelp, raw); err != nil {
			t.Fatal(err)
		}
		if err := d.book.TellAdmin(t.Context(), "admin/test", "Something is wrong.", town.time("2026-11-22 15:00"), d.say); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			r := d.pass(t.Context(), town.time(fmt.Sprintf("2026-11-22 15:%02d", i+1)))
			if i > 1 && (r.Received != 0 || r.Letters.Sent != 0) {
				t.Errorf("pass %d: %+v", i, r)
			}
		}
	})
	t.Run("the admin is a member", func(t *testing.T) {
		town, _ := openTown(t, mailboxtest.Options{})
		town.edit("admin: it@else.example", "admin: sam@carpenter.example")
		town.once("2026-11-22 12:00")
		town.writes("sam", "A ladder", "Tall enough for the hall.")
		town.once("2026-11-22 13:00")
		town.expect("sam", "Got it: A ladder", 1)
		town.expect("sam", "", 1)
		town.audited()
	})
}
