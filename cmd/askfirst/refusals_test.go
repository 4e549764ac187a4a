package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// A letter that is refused for now is tried again after 1, 5, 15, 30 and 60
// minutes and then hourly; after five days it is given up, and the admin knows.
func TestRetrySchedule(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	var mu sync.Mutex
	tries, now := []int{}, town.time("2026-11-21 09:00")
	begin := now
	po.SetFault(func(step mailboxtest.Step, _, to string) *mailboxtest.Fault {
		mu.Lock()
		defer mu.Unlock()
		if step != mailboxtest.StepRcpt || to != address("ana") {
			return nil
		}
		tries = append(tries, int(now.Sub(begin)/time.Minute))
		return &mailboxtest.Fault{Code: 451, Enhanced: [3]int{4, 3, 0}, Text: "later"}
	})
	d := town.daemon(now)
	town.takes(d, now, "From: Ana <ana@carpenter.example>\r\nSubject: A ladder\r\nMessage-ID: <l@m>\r\n\r\nFor one lesson.\r\n")
	if _, err := d.decide(t.Context(), now, func() {}); err != nil {
		t.Fatal(err)
	}
	send := func(at time.Time) {
		mu.Lock()
		now = at
		mu.Unlock()
		if _, err := d.send(t.Context(), func() time.Time { return at }, true); err != nil {
			t.Fatal(err)
		}
	}
	for minute := range 240 {
		send(begin.Add(time.Duration(minute) * time.Minute))
	}
	if got := fmt.Sprint(tries); got != "[0 1 6 21 51 111 171 231]" {
		t.Errorf("tried after minutes %s", got)
	}
	for hour := 5; hour <= 5*24; hour++ {
		send(begin.Add(time.Duration(hour) * time.Hour))
	}
	if counts, err := d.book.OutboxCounts(t.Context()); err != nil || counts["expired"] != 1 || counts["retry"] != 0 {
		t.Errorf("after five days: %v, %v", counts, err)
	}
	if n := len(tries); n < 5*24 || n > 5*24+8 {
		t.Errorf("%d attempts in five days", n)
	}
	later := begin.Add(5*24*time.Hour + time.Minute)
	if _, err := d.publish(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	send(later)
	if n := len(town.letters("it@else.example", "")); n != 1 {
		t.Errorf("the admin has %d letters, want 1", n)
	}
}

// One full mailbox is its owner's matter; a server that takes nothing from
// anybody is ours.
func TestFullMailboxAndStatus(t *testing.T) {
	for who, healthy := range map[string]bool{"ana": true, "": false} {
		town, po := digestMorning(t)
		po.SetFault(refusing(mailboxtest.StepRcpt, who, mailboxtest.Fault{Code: 452, Enhanced: [3]int{4, 2, 2}, Text: "mailbox full"}))
		for _, at := range []string{"07:30", "07:40", "08:45"} {
			town.once("2026-11-23 " + at)
		}
		code := exitFailed
		if healthy {
			code = exitDone
		}
		town.tries(code, "", "status", "--at", "2026-11-23T08:50:00Z")
	}
}

// A server that gives our letters Message-IDs of its own: answers find their ask
// all the same, by number and by words.
func TestMessageIDsRewritten(t *testing.T) {
	var town *town
	var po *mailboxtest.PostOffice
	town, po = openTown(t, mailboxtest.Options{})
	header := regexp.MustCompile(`(?i)\r\nMessage-ID: [^\r]*\r\n`)
	serial := 0
	var mu sync.Mutex
	town.smtp = mailboxtest.StartSMTP(t, func(_, to string, raw []byte) error {
		mu.Lock()
		defer mu.Unlock()
		serial++
		return po.Deliver(to, header.ReplaceAll(bytes.Clone(raw), fmt.Appendf(nil, "\r\nMessage-ID: <rewritten.%d@relay.example>\r\n", serial)))
	})
	town.edit(fmt.Sprintf("smtp: { host: 127.0.0.1, port: %s", port(po.SMTPAddr())), "smtp: { host: 127.0.0.1, port: "+port(town.smtp))
	town.writes("priya", "Borrow a microscope for Year 8", "One working microscope for Thursday.")
	town.writes("sam", "A picture book about moving house", "Which one?")
	town.once("2026-11-22 15:00")
	town.once("2026-11-23 07:30")
	if m := town.letter("ana", "2 asks"); !strings.Contains(m.MessageID, "rewritten") {
		t.Fatalf("not rewritten: %s", m.MessageID)
	}
	town.answers("ana", "2 asks", "1, I have one at home", phone) // by number
	town.once("2026-11-23 09:00")
	town.answers("sam", "Got it: A picture", "Withdraw it please, sorted.", office) // by subject
	town.answers("priya", "Ana", "Sorted, thank you so much Ana!", phone)           // by what is quoted
	town.once("2026-11-23 10:00")
	asks, err := town.daemon(town.time("2026-11-23 10:00")).book.Asks(t.Context(), true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range asks {
		if a.State == "open" {
			t.Errorf("#%d %q is still open", a.Number, a.Title)
		}
	}
	if t.Failed() {
		for _, who := range townsfolk {
			for _, m := range town.letters(who, "") {
				t.Logf("%s: %q", who, m.Subject)
			}
		}
	}
	town.audited()
}

// smtp-sink answers the final dot after nine minutes, which a letter must
// survive; the clock runs at another speed here (see TestNineMinutes of mailbox
// for the true one).
func TestSlowAnswerIsWaitedFor(t *testing.T) {
	if testing.Short() {
		t.Skip("a slow server takes seconds")
	}
	town, _ := openTown(t, mailboxtest.Options{})
	sink := mailboxtest.StartSink(t, "-p", "-W", ".:3")
	town.edit("port: "+port(town.smtp), "port: "+port(sink))
	d := town.daemon(town.time("2026-11-22 15:00"))
	town.takes(d, town.time("2026-11-22 15:00"), "From: Ana <ana@carpenter.example>\r\nSubject: A ladder\r\nMessage-ID: <l@m>\r\n\r\nFor one lesson.\r\n")
	if _, err := d.decide(context.Background(), town.time("2026-11-22 15:00"), func() {}); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if _, err := d.send(context.Background(), func() time.Time { return town.time("2026-11-22 15:00") }, true); err != nil {
		t.Fatal(err)
	}
	counts, err := d.book.OutboxCounts(context.Background())
	if took := time.Since(begin); err != nil || counts["sent"] != 1 || took < 2*time.Second {
		t.Errorf("%v, %v after %v", counts, err, took)
	}
}
