package main

import (
	"fmt"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
)

// Delivery reports as three kinds of servers write them (RFC 3464).

func postfixReport(to, status string, back *parse.Message) string {
	return fmt.Sprintf(`Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.carpenter.example>
To: help@carpenter.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"
Message-Id: <%[3]s.%[2]s@mx.carpenter.example>

--B
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.carpenter.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<%[1]s>: host mx.carpenter.example said: 550 %[2]s User unknown
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.carpenter.example
Arrival-Date: Mon, 23 Nov 2026 07:30:00 +0000

Final-Recipient: rfc822; %[1]s
Original-Recipient: rfc822;%[1]s
Action: failed
Status: %[2]s
Diagnostic-Code: smtp; 550 %[2]s User unknown

--B
Content-Type: text/rfc822-headers

From: help@carpenter.example
To: %[1]s
Message-ID: %[4]s

--B--
`, to, status, strings.Trim(back.MessageID, "<>@"), back.MessageID)
}

func exchangeReport(to, status string, back *parse.Message) string {
	return fmt.Sprintf(`Return-Path: <>
From: <postmaster@carpenter.example>
To: <help@carpenter.example>
Subject: Undeliverable: %[3]s
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="E"
X-MS-Exchange-Message-Is-Ndr:
Message-ID: <ndr.%[2]s.%[4]s>
In-Reply-To: %[5]s

--E
Content-Type: text/html; charset="utf-8"

<html><body><p>Your message to %[1]s couldn't be delivered.</p></body></html>

--E
Content-Type: message/delivery-status

Reporting-MTA: dns;EXCH01.carpenter.example

Final-recipient: RFC822;%[1]s
Action: failed
Status: %[2]s
Diagnostic-Code: smtp;550 %[2]s RESOLVER.ADR.RecipNotFound; not found

--E
Content-Type: message/rfc822

From: help@carpenter.example
To: %[1]s
Subject: %[3]s
Message-ID: %[5]s
Content-Type: text/plain

Gone.

--E--
`, to, status, back.Subject, strings.Trim(back.MessageID, "<>"), back.MessageID)
}

func gmailReport(to, status string, back *parse.Message) string {
	return fmt.Sprintf(`Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: help@carpenter.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: %[3]s
In-Reply-To: %[3]s
X-Failed-Recipients: %[1]s
Message-ID: <%[2]s.g.%[4]s>
MIME-Version: 1.0
Content-Type: multipart/report; boundary="G"; report-type=delivery-status

--G
Content-Type: text/plain; charset="UTF-8"

** Address not found **

Your message wasn't delivered to %[1]s because the address couldn't be found.

--G
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 23 Nov 2026 07:30:00 -0800 (PST)

Final-Recipient: rfc822; %[1]s
Action: failed
Status: %[2]s
Diagnostic-Code: smtp; 550-%[2]s The email account that you tried to reach does not exist.

--G
Content-Type: message/rfc822

From: help@carpenter.example
To: %[1]s
Message-ID: %[3]s

Gone.

--G--
`, to, status, back.MessageID, strings.Trim(back.MessageID, "<>"))
}

func (t *town) reports(text string) {
	t.Helper()
	if err := t.put(townHelp, []byte(strings.ReplaceAll(text, "\n", "\r\n"))); err != nil {
		t.Fatal(err)
	}
}

func (t *town) statusText() string {
	out, _, _ := t.run("status")
	return out
}

// Three letters that came back rest the digests; the admin hears of it once, and
// any mail of the member's ends it.
func TestBouncesRestDigests(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	reports := []func(string, string, *parse.Message) string{postfixReport, exchangeReport, gmailReport}
	day := func(i int) string { return fmt.Sprintf("2026-11-%02d", 23+i) }
	for i := range 5 {
		town.writes("priya", fmt.Sprintf("Thing %d", i), "Who has one?")
		if i < 3 {
			town.once(day(i) + " 07:00")
		}
		before := len(town.letters("ruth", ""))
		town.once(day(i) + " 07:30")
		if got := len(town.letters("ruth", "")) - before; (got == 1) != (i < 3) {
			t.Errorf("%s: %d digests to Ruth", day(i), got)
		}
		if i >= 3 {
			continue
		}
		digest := town.letter("ruth", "ask")
		town.reports(reports[i](address("ruth"), "5.1.1", digest))
		town.reports(reports[(i+1)%3](address("ruth"), "5.1.1", digest)) // one letter, twice
		if r := town.once(day(i) + " 08:00"); r.Ignored != 2 {
			t.Errorf("reports: %+v", r)
		}
		if got := len(town.inbox("it@else.example")); got != i/2 {
			t.Errorf("%s: the admin has %d letters", day(i), got)
		}
	}
	admin := parse.Read(town.inbox("it@else.example")[0], parse.Standard())
	town.says(admin, "ruth@carpenter.example", "5.1.1", "staff list", "back")
	if !strings.Contains(town.statusText(), "bounces") || !strings.HasPrefix(town.statusText(), "healthy") {
		t.Error(town.statusText())
	}
	town.audited()
	town.writes("ruth", "back", "")
	town.once("2026-11-28 10:00")
	if strings.Contains(town.statusText(), "bounces") {
		t.Error(town.statusText())
	}
	town.once("2026-11-30 07:30")
	town.says(town.letter("ruth", "ask"), "Thing 4")
	if got := len(town.inbox("it@else.example")); got != 1 {
		t.Errorf("the admin has %d letters", got)
	}
	town.audited()
}

// What anybody can write, what passes, and what machines say rests nothing.
func TestBouncesThatCountForNothing(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	for i := range 4 {
		day := fmt.Sprintf("2026-11-%02d", 23+i)
		town.writes("priya", fmt.Sprintf("Thing %d", i), "Who has one?")
		town.once(day + " 07:00")
		town.once(day + " 07:30")
		digest, other := town.letter("ruth", "ask"), town.letter("ben", "ask")
		forged := *digest
		forged.MessageID = fmt.Sprintf("<invented.%d@carpenter.example>", i)
		town.reports(postfixReport(address("ruth"), "5.1.1", &forged))
		town.reports(gmailReport(address("ben"), "4.2.2", other))
		town.reports(exchangeReport(address("mark"), "5.2.2", town.letter("mark", "ask"))) // full
		town.writes("sam", "Automatic reply: "+digest.Subject, "I am away until Monday.", func(n *note) {
			n.extra = []string{"Auto-Submitted: auto-replied"}
			n.answers = town.letter("sam", "ask")
		})
		town.once(day + " 08:00")
	}
	for _, who := range []string{"ruth", "ben", "mark", "sam"} {
		town.expect(who, "ask", 4)
	}
	if got := len(town.inbox("it@else.example")); got != 0 || strings.Contains(town.statusText(), "bounces") {
		t.Errorf("the admin has %d letters\n%s", got, town.statusText())
	}
	town.audited()
}
