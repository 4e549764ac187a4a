package main

import (
	"strings"
	"testing"
)

// Killed at system calls while the deciding is about trust: the yes that lets
// waiting words go, the yes to another address, a forgetting, an ask without a
// name and the words that go through us about it.

// trustKill is one moment: what comes before, the pass that is killed, and what
// must be so afterwards.
type trustKill struct {
	name   string
	before func(t *town)
	at     string // the pass that is killed again and again
	holds  func(t *town)
}

func trustKills() []trustKill {
	return []trustKill{
		{"a yes lets three asks go and asks for a fourth thing", func(t *town) {
			t.edit("verify: none", "verify: confirm")
			t.once("2026-11-20 12:00")
			for _, title := range []string{"A ladder", "A canoe", "A tent"} {
				t.writes("priya", title, "For the hall, please.")
			}
			t.once("2026-11-20 12:01")
			t.settled()
			t.answers("priya", asksWhether, "Yes, that was me. And could somebody lend me a kayak on Friday?", phone)
		}, "2026-11-20 12:02", func(t *town) {
			for _, title := range []string{"A ladder", "A canoe", "A tent", "Could somebody lend me a kayak"} {
				t.once1("priya", "Got it: "+title)
			}
			t.once1("priya", asksWhether)
			if n := strings.Count(t.must("asks"), "\n"); n != 4 {
				t.Errorf("%d asks, want 4", n)
			}
		}},
		{"a yes to another address", func(t *town) {
			t.once("2026-11-20 06:00")
			t.writes("priya", "A microscope", "For Year 8.")
			t.once("2026-11-20 06:30")
			t.once("2026-11-20 07:30")
			t.settled()
			digest := t.letter("ana", "microscope")
			t.writes("ana.home@mail.example", "Re: "+digest.Subject, "I can help with #1", func(n *note) { n.answers = digest })
			t.once("2026-11-20 08:00")
			t.settled()
			t.answers("ana", "Was this you", "Yes, that was me.", phone)
		}, "2026-11-20 08:10", func(t *town) {
			t.once1("ana", "meet Ana")
			t.once1("priya", "meet Ana")
			t.once1("ana", "Was this you")
			if n := t.counts(`SELECT count(*) FROM offer`); n != 1 {
				t.Errorf("%d offers, want 1", n)
			}
		}},
		{"forgotten", func(t *town) {
			aWeekWithPriya(t)
			t.writes("priya", "", "please forget me")
			t.once("2026-11-24 10:00")
			t.settled()
			t.answers("priya", "forgotten?", "Yes please", phone)
		}, "2026-11-24 10:10", func(t *town) {
			t.once("2026-11-24 10:20")
			t.once("2026-11-24 10:21")
			for _, words := range priyasWords {
				if found := t.wherever(words); len(found) > 0 {
					t.Errorf("%s is still in %v", words, found)
				}
			}
			for _, subject := range []string{"Subject: A kettle", "Subject: A stapler"} {
				if n := t.onServer(subject); n != 1 {
					t.Errorf("%q: %d mails of others on the server", subject, n)
				}
			}
			t.once1("ruth", "Priya takes part no longer")
			if n := t.counts(`SELECT count(*) FROM forgotten`); n != 1 {
				t.Errorf("%d are forgotten", n)
			}
		}},
		{"an ask without a name", func(t *town) {
			t.once("2026-11-20 06:00")
			a := anonymousAsks()[0]
			t.writes(a.who, a.subject, a.text, func(n *note) { n.extra = []string{"X-Mailer: " + a.client} })
			t.writes("mark", "A kettle", "For the staff room.")
		}, "2026-11-20 06:30", func(t *town) {
			t.once1("priya", "Got it: A class that does not listen")
			t.nothingOfTheAsker()
		}},
		{"words go through us, and a name is given", func(t *town) {
			t.once("2026-11-20 06:00")
			a := anonymousAsks()[0]
			t.writes(a.who, a.subject, a.text, func(n *note) { n.extra = []string{"X-Mailer: " + a.client} })
			t.writes("mark", "A kettle", "For the staff room.")
			t.once("2026-11-20 06:30")
			t.once("2026-11-20 07:30")
			t.settled()
			t.answers("mark", "does not listen", "#"+t.number("does not listen")+" I can help", phone)
			t.once("2026-11-20 08:00")
			t.settled()
			t.answers("priya", "Mark would like to help", "Thank you! Would Tuesday do?", func(n note) note { n.extra = []string{"X-Mailer: PriyasTelephone"}; return phone(n) })
			t.answers("priya", "Mark would like to help", "reveal", func(n note) note { n.extra = []string{"X-Mailer: PriyasTelephone"}; return phone(n) })
		}, "2026-11-20 08:10", func(t *town) {
			t.once1("mark", "An answer: A class that does not listen")
			t.once1("mark", "Priya, meet Mark")
			t.nothingOfTheAsker()
		}},
	}
}

// nothingOfTheAsker: her mail is nowhere, and Mark's is where it was filed.
func (t *town) nothingOfTheAsker() {
	t.Helper()
	t.once("2026-11-20 08:20")
	for _, words := range []string{"PriyasTelephone", "Priya here"} {
		if found := t.wherever(words); len(found) > 0 {
			t.Errorf("%q is in %v", words, found)
		}
	}
	if n := t.onServer("Subject: A kettle"); n != 1 {
		t.Errorf("%d mails of Mark on the server", n)
	}
}

// once1 is a letter that came, and came once; a second copy has its Message-ID.
func (t *town) once1(who, words string) {
	t.Helper()
	ids := map[string]int{}
	for _, m := range t.letters(who, words) {
		ids[m.MessageID]++
		if ids[m.MessageID] > 2 {
			t.Errorf("%s has %q more than twice", who, m.Subject)
		}
	}
	if len(ids) != 1 {
		t.Errorf("%s has %d letters about %q, want 1", who, len(ids), words)
	}
}

// TestKilledWhileTrusting ends the program at the calls by which each of these
// passes leaves a trace, again and again until it comes to its end.
func TestKilledWhileTrusting(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program many times")
	}
	k := newKiller(t)
	grounds := map[string]func(testing.TB) *town{"in process": inProcess}
	if *ground || *long {
		grounds["Postfix and Dovecot"] = onPostfix
	}
	for place, build := range grounds {
		for _, moment := range trustKills() {
			t.Run(place+", "+moment.name, func(t *testing.T) {
				town := build(t)
				k.t = t
				before := k.kills
				moment.before(town)
				town.settled()
				k.through(town, moment.at, sized(43, 5, 1))
				town.settled()
				moment.holds(town)
				if out := town.must("quarantine", "list"); !strings.Contains(out, "nothing is in quarantine") {
					t.Errorf("in quarantine:\n%s", out)
				}
				town.audited()
				t.Logf("%d kills", k.kills-before)
			})
		}
	}
}
