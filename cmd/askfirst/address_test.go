package main

import (
	"strings"
	"testing"

	"askfirst/store"
)

// plus makes the book believe that plus addressing was tried and works.
func (t *town) plus(local string) {
	t.Helper()
	d := t.daemon(t.time(local))
	if err := d.book.SetTrial(t.Context(), store.Trial{Address: townHelp, At: t.time(local), Plus: true}); err != nil {
		t.Fatal(err)
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
}

// sentTo is the address that a mail went to, as the mail server writes it down;
// replyingTo a mail that answers.
func sentTo(address string) func(*note) {
	return func(n *note) { n.extra = append(n.extra, "X-Original-To: "+address) }
}

func replyingTo(id string) func(*note) {
	return func(n *note) { n.extra = append(n.extra, "In-Reply-To: "+id) }
}

// forwarded is a digest that Ana has passed on: its Message-ID and, where letters
// are tagged, its Reply-To are all that an outsider has in hand.
func (t *town) forwarded() (messageID, replyTo string) {
	t.Helper()
	t.writes("priya", "Borrow a microscope for Year 8", "One working microscope for Thursday.")
	t.once("2026-11-22 15:00")
	t.once("2026-11-23 07:30")
	m := t.letter("ana", "microscope")
	if len(m.ReplyTo) > 0 {
		replyTo = m.ReplyTo[0].Email
	}
	return m.MessageID, replyTo
}

// A reply whose mail program has lost In-Reply-To, and whose words say nothing,
// finds its letter by the tag that it went to.
func TestTokenIsContext(t *testing.T) {
	town := inProcess(t)
	town.plus("2026-11-22 14:00")
	_, replyTo := town.forwarded()
	if !strings.HasPrefix(replyTo, "help+") || len(strings.Split(replyTo, "@")[0]) != len("help+")+32 {
		t.Fatalf("Reply-To %q", replyTo)
	}
	town.writes("ana", "Re: something else altogether", "Yes, me!", sentTo(strings.ToUpper(replyTo)))
	town.once("2026-11-23 09:00")
	town.expect("priya", "meet Ana", 1)

	// A colleague who uses it acts as the colleague that he is.
	town.writes("mark", "Re: something else altogether", "Yes, me!", sentTo(replyTo))
	town.once("2026-11-23 09:30")
	town.expect("ana", "meet", 1)
	town.expect("mark", "Thank you, Priya has help already", 1)

	// The tag in an address book says nothing about a new mail.
	town.writes("ana", "A ladder for the hall", "Does anybody have a ladder for Monday?", sentTo(replyTo))
	town.once("2026-11-23 10:00")
	town.expect("ana", "Got it: A ladder", 1)
	town.audited()
}

// An outsider with a forwarded digest: nothing is done, nothing is sent to them,
// and the admin hears of it once a week.
func TestOutsiderWithForwardedDigest(t *testing.T) {
	town := inProcess(t)
	town.plus("2026-11-22 14:00")
	id, replyTo := town.forwarded()
	before := len(town.letters("ana", "")) + len(town.letters("priya", ""))
	for i, text := range []string{"I can help with 1", "stop", "my asks", "help", "What do you know about me?", "forget me", "me too", "ask Ben"} {
		who := "spy" + string(rune('a'+i%2)) + "@outside.example"
		town.writes(who, "Re: our asks", text, func(n *note) {
			if i%3 == 0 {
				sentTo(replyTo)(n)
			} else {
				replyingTo(id)(n)
			}
		})
		town.once("2026-11-23 09:00")
		for _, m := range town.letters(who, "") {
			t.Errorf("%s has %q", who, m.Subject)
		}
	}
	// Ana, to whom the digest went, is asked once about each address.
	if after := len(town.letters("ana", "")) + len(town.letters("priya", "")); after != before+2 {
		t.Errorf("%d letters, want %d", after, before+2)
	}
	town.expect("ana", "Was this you", 2)
	town.audited()
}

// A colleague who writes from home is asked at the registered address; the words
// wait, and are done with the yes.
func TestKnownUnderAnotherAddress(t *testing.T) {
	for name, answer := range map[string]string{"english": "yes", "german": "Ja, das war ich", "french": "oui", "long": "Yes, that was me, sorry!"} {
		t.Run(name, func(t *testing.T) {
			town := inProcess(t)
			town.plus("2026-11-22 14:00")
			id, _ := town.forwarded()
			town.writes("ana@home.example", "Re: our asks", "I can help with 1, I have one at home", replyingTo(id))
			town.once("2026-11-23 09:00")
			town.expect("priya", "meet Ana", 0)
			town.writes("ana@home.example", "Re: our asks", "And I have a second one", replyingTo(id))
			town.once("2026-11-23 09:10")
			town.expect("ana", "Was this you", 1)
			// Somebody else's yes is nobody's.
			town.writes("mark", "Re: Was this you, from another address?", "yes", replyingTo(town.letter("ana", "Was this you").MessageID))
			town.once("2026-11-23 09:20")
			town.expect("priya", "meet Ana", 0)
			town.answers("ana", "Was this you", answer, phone)
			r := town.once("2026-11-23 10:00")
			if r.Accepted < 2 || r.Pending != 0 {
				t.Errorf("%+v", r)
			}
			town.expect("priya", "meet Ana", 1)
			town.expect("ana", "I know you by another address", 1)
			if n := len(town.letters("ana@home.example", "")); n != 0 {
				t.Errorf("%d letters went to the other address", n)
			}
			// From now on it is hers, also after a new staff list.
			town.writes("Ana@Home.example", "A ladder for the hall", "Does anybody have a ladder for Monday?")
			town.once("2026-11-23 11:00")
			town.expect("ana", "Got it: A ladder", 1)
			town.answers("ana", "Was this you", answer, phone) // a second yes
			town.once("2026-11-23 11:30")
			town.expect("priya", "meet Ana", 1)
			town.audited()
		})
	}
}

// No, silence, and a yes that comes too late.
func TestUnknownUnderAnotherAddress(t *testing.T) {
	town := inProcess(t)
	id, _ := town.forwarded()
	ask := func(at string) {
		town.writes("ana@home.example", "Re: our asks", "I can help with 1", replyingTo(id))
		town.once(at)
	}
	ask("2026-11-23 09:00")
	town.answers("ana", "Was this you", "No, that wasn't me", phone)
	town.once("2026-11-23 10:00")
	town.expect("ana", "stays a stranger", 1)
	ask("2026-11-24 09:00")
	town.answers("ana", "Was this you", "yes", phone)
	town.once("2026-11-24 10:00")
	town.expect("ana", "Was this you", 1)
	town.expect("priya", "meet Ana", 0)
	town.expect("it@else.example", "", 1)
	if m := town.letter("it@else.example", ""); !strings.Contains(m.Plain, "ana@home.example") {
		t.Errorf("%s", m.Plain)
	}
	ask("2026-11-25 09:00")
	town.once("2026-11-25 10:00")
	town.expect("it@else.example", "", 1)
	town.once("2026-12-01 10:00")
	town.expect("it@else.example", "", 2)

	town.writes("ana@late.example", "Re: our asks", "I can help with 1", replyingTo(id))
	town.once("2026-12-01 11:00")
	town.answers("ana", "Was this you", "yes", phone)
	town.once("2026-12-05 11:01")
	town.expect("ana", "I know you by another address", 1)
	town.expect("priya", "meet Ana", 0)
	town.audited()
}

// Whatever comes in one pass with the yes is decided in that pass.
func TestYesAndMoreInOnePass(t *testing.T) {
	for _, before := range []bool{true, false} {
		town := inProcess(t)
		id, _ := town.forwarded()
		first := func() {
			town.writes("ana@home.example", "Re: our asks", "I can help with 1, I have one at home", replyingTo(id))
		}
		first()
		town.once("2026-11-23 09:00")
		more := func() {
			town.writes("ana@home.example", "A ladder for the hall", "Does anybody have a ladder for Monday?", replyingTo(id))
		}
		if before {
			more()
		}
		town.answers("ana", "Was this you", "yes", webmail)
		if !before {
			more()
		}
		if r := town.once("2026-11-23 10:00"); r.Pending != 0 || r.Accepted != 3 {
			t.Errorf("more before the yes %v: %+v", before, r)
		}
		town.expect("priya", "meet Ana", 1)
		town.expect("ana", "Got it: A ladder", 1)
		town.audited()
	}
}

// The admin sees learnt addresses and can take them back.
func TestAddressesCommand(t *testing.T) {
	town := inProcess(t)
	id, _ := town.forwarded()
	town.writes("ana@home.example", "Re: our asks", "I can help with 1", replyingTo(id))
	town.once("2026-11-23 09:00")
	town.answers("ana", "Was this you", "yes", phone)
	town.once("2026-11-23 10:00")
	if out, _, code := town.run("addresses"); code != exitDone || !strings.Contains(out, "ana@home.example  Ana Example  ana@carpenter.example  since 2026-11-23") {
		t.Errorf("exit %d: %s", code, out)
	}
	if out, _, code := town.run("addresses", "forget", "nobody@home.example"); code != exitFailed {
		t.Errorf("exit %d: %s", code, out)
	}
	if out, _, code := town.run("addresses", "forget", "Ana@home.example"); code != exitDone {
		t.Errorf("exit %d: %s", code, out)
	}
	town.writes("ana@home.example", "A ladder for the hall", "Does anybody have a ladder for Monday?")
	town.once("2026-11-23 11:00")
	town.expect("ana", "Got it: A ladder", 0)
	town.audited()
}

// Aliases of the staff list: in any case, with any tag.
func TestAliases(t *testing.T) {
	town := inProcess(t)
	town.edit("name: Ana Example, email: ana@carpenter.example", "name: Ana Example, email: ana@carpenter.example, aliases: [Ana.S@home.example]")
	for i, from := range []string{"ana.s@home.example", "ANA.S+school@Home.Example", "Ana+x@carpenter.example"} {
		town.writes(from, []string{"A ladder", "A drum", "A tuba"}[i], "For one lesson on Monday, please.")
	}
	town.once("2026-11-23 09:00")
	town.expect("ana", "Got it", 3)
}
