package main

import (
	"fmt"
	"strings"
	"testing"
)

// What somebody says beside "yes, that was me" is a mail of theirs: it is done
// when what waited has been, and whatever is no more than a courtesy does nothing.
func TestWordsBesideAYes(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	for _, who := range townsfolk {
		town.writes(who, "Borrow "+who+"s thing", "One that works, for Thursday, please.")
	}
	town.once("2026-11-20 12:01")
	rows := map[string]struct{ text, letters string }{
		"priya": {"Yes, that was me. And could somebody also cover my duty on Friday?", "Got it: Could somebody also cover my duty"},
		"mark":  {"Yes, that was me, I wrote from home because my laptop is away.\n\nSorry, I wrote from my phone.\n\nBest wishes\nMark Example\nHead of Science\nTel. 020 7946 0000", ""},
		"sam":   {"Yes, that was me. But I have found one meanwhile, thanks.", "Sorted: Borrow sams thing"},
		"ana":   {"Yes. The lab will be open on Thursday morning.", "Which ask did you mean?"},
		"ben":   {"Yes. pause until 4 January", "Paused until"},
		"ruth":  {"Yes, that was me.\n\nAnonymous: Who could talk with me about a loan?", "Got it: Who could talk"},
	}
	for who, row := range rows {
		town.answers(who, asksWhether, row.text, phone)
	}
	question := town.letter("priya", asksWhether)
	e := town.explains("priya", "Re: "+question.Subject, "Yes, that was me. And could somebody also cover my duty on Friday?", func(n *note) { n.answers = question })
	if e.Action != "confirm" || e.Reason != "confirm_yes" || e.NeedsConfirm || len(e.Acts) != 2 || e.Acts[1].Action != "ask" || e.Acts[1].Text != "Could somebody also cover my duty on Friday?" || strings.Join(e.WouldSend, " ") != "acknowledgement" || e.Auth != "unproven" || !strings.HasPrefix(e.Text, "Yes, that") {
		t.Errorf("%+v", e)
	}
	if r := town.once("2026-11-20 12:02"); r.Accepted != 12 || r.Pending != 0 || r.Ignored != 0 {
		t.Errorf("%+v", r)
	}
	for _, who := range townsfolk {
		town.expect(who, "Got it: Borrow", 1)
		if rows[who].letters != "" {
			town.expect(who, rows[who].letters, 1)
		}
	}
	town.expect("mark", "", 2)
	if n := town.counts(`SELECT count(*) FROM ask`); n != 8 {
		t.Errorf("%d asks", n)
	}
	// The ask without a name joins its asker in no row, and no minute tells.
	if n := town.counts(`SELECT count(*) FROM intake i JOIN member m ON m.id = i.member WHERE m.email LIKE 'ruth%'`); n != 1 {
		t.Errorf("%d messages of hers are in the ledger, want the first", n)
	}
	if n := town.counts(fmt.Sprintf(`SELECT count(*) FROM confirm c JOIN member m ON m.id = c.member WHERE m.email LIKE 'ruth%%' AND c.ended_at = %d`, town.time("2026-11-20 12:02").UnixMilli())); n != 0 {
		t.Error("the minute of her yes is that of the ask without a name")
	}
	town.answers("ana", "Which ask", "new", phone)
	town.once("2026-11-20 12:03")
	town.audited()
}

// The same words twice, come by two ways, are done once; and a second yes with
// words of its own proves nothing more.
func TestWordsBesideAYesOnce(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	for _, who := range []string{"priya", "mark", "sam"} {
		town.writes(who, "Borrow "+who+"s thing", "One that works, for Thursday, please.")
	}
	town.once("2026-11-20 12:01")
	twice := func(n note) note { n = phone(n); n.id = "<twice@mail>"; return n }
	for range 2 {
		town.answers("priya", asksWhether, "Yes. And could somebody lend me a kayak on Friday?", twice)
	}
	town.answers("mark", asksWhether, "Yes", phone)
	town.answers("sam", asksWhether, "No, that wasn't me. But could somebody lend me a canoe?", phone)
	if r := town.once("2026-11-20 12:02"); r.Ignored != 1 || r.Pending != 0 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "kayak", 1)
	town.expect("priya", asksWhether, 1)
	town.expect("sam", "Good that you said so", 1)
	town.expect("sam", "Got it: Could somebody lend me a canoe", 1)
	town.expect("sam", "Got it", 1)
	town.audited()

	// An old token, which somebody else may know meanwhile.
	town.answers("mark", asksWhether, "Yes. Could somebody lend me a tandem?", phone)
	town.answers("sam", asksWhether, "Yes. Could somebody lend me a sledge?", phone)
	question := town.letter("mark", asksWhether)
	e := town.explains("mark", "Re: "+question.Subject, "Yes. Could somebody lend me a tandem?", func(n *note) { n.answers = question })
	if e.Action != "ask" || !e.NeedsConfirm {
		t.Errorf("%+v", e)
	}
	if r := town.once("2026-11-20 12:03"); r.Accepted != 0 || r.Pending != 2 {
		t.Errorf("%+v", r)
	}
	town.expect("mark", asksWhether, 2)
	town.expect("sam", "Please write it once more", 1)
	town.audited()
	town.nod("2026-11-20 12:04", "mark")
	town.expect("mark", "Got it: Could somebody lend me a tandem", 1)
	town.once("2026-11-21 12:03") // a day after the no
	town.nod("2026-11-21 12:04", "sam")
	town.expect("sam", "Got it: Could somebody lend me a sledge", 1)
	town.audited()
}

// What a no says beside it goes to whoever looks after the exchange, unless it
// asks for something; and our own letter, quoted without a mark, says nothing.
func TestWordsBesideANo(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	for _, who := range []string{"priya", "mark"} {
		town.writes(who, "Money", "Could anybody lend me money for a week, please? It is for the train home.")
	}
	town.once("2026-11-20 12:01")
	letter := town.letter("mark", asksWhether)
	town.answers("priya", asksWhether, "No! Somebody is using my address, please look into it.", phone)
	town.answers("mark", asksWhether, "No, that was not me.\n\n"+letter.Plain, phone)
	town.once("2026-11-20 12:02")
	for _, who := range []string{"priya", "mark"} {
		town.expect(who, "", 2)
		town.expect(who, "Good that you said so", 1)
	}
	told := 0
	for _, m := range town.letters("it@else.example", "") {
		if strings.Contains(strings.Join(strings.Fields(m.Plain), " "), "Somebody is using my address, please look into it.") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the admin reads what she says in %d letters", told)
	}
	if n := town.counts(`SELECT count(*) FROM ask`); n != 0 {
		t.Errorf("%d asks", n)
	}
	town.audited()
}

// Who lets words go and wants no name to be known has written an ask with a name:
// it is not published.
func TestNoNameBesideAYes(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	for _, who := range []string{"priya", "mark"} {
		town.writes(who, "Borrow "+who+"s thing", "One that works, for Thursday, please.")
	}
	town.once("2026-11-20 12:01")
	town.answers("priya", asksWhether, "Yes. But please keep me anonymous.", phone)
	town.answers("mark", asksWhether, "Yes, that was me.\n\nPlease don't show my name. Thank you so much for doing this!", phone)
	town.once("2026-11-20 12:02")
	if n := town.counts(`SELECT count(*) FROM ask WHERE state <> 'withdrawn'`); n != 0 {
		t.Errorf("%d asks wait to be read with a name", n)
	}
	town.once("2026-11-23 07:30")
	for _, who := range townsfolk {
		town.expect(who, "An ask", 0)
	}
	for _, who := range []string{"priya", "mark"} {
		town.expect(who, "Taken back: Borrow", 1)
		town.expect(who, "Asking without a name", 1)
	}
	town.audited()
}
