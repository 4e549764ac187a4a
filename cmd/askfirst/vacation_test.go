//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

const secondHelp = "hilfe@carpenter.example"

// vacation answers every single letter: it keeps no list of whom it has answered.
const vacation = "require [\"vacation\", \"vacation-seconds\"];\nvacation :seconds 0 :addresses [\"%s\"] \"I am on leave until January. For anything urgent ask the office; #1 is with Sam.\";\n"

// away is a town on a real Dovecot whose people are all on leave, each with a
// vacation script, and a second exchange: the address of each exchange is on the
// staff list of the other.
type away struct {
	*town        // the first exchange
	second *town // the same servers, another book
	mu     sync.Mutex
	auto   int // letters that scripts wrote
}

// onLeave builds it; through may change what travels between the exchanges.
func onLeave(t *testing.T, through func(from, to string, raw []byte) []byte) *away {
	a := &away{}
	var dovecot *mailboxtest.Dovecot
	smtp := mailboxtest.StartSMTP(t, func(from, to string, raw []byte) error {
		if from == "" || bytes.Contains(raw, []byte("Auto-Submitted: auto-replied (vacation)")) {
			a.mu.Lock()
			a.auto++
			a.mu.Unlock()
		}
		if !dovecot.Has(to) {
			return nil // the admin
		}
		return dovecot.Hand(from, to, through(from, to, raw))
	})
	users, scripts := map[string]string{townHelp: mailboxtest.Password, secondHelp: mailboxtest.Password}, map[string]string{}
	for _, who := range townsfolk {
		users[address(who)] = mailboxtest.Password
		scripts[address(who)] = fmt.Sprintf(vacation, address(who))
	}
	dovecot = mailboxtest.StartDovecotWith(t, mailboxtest.DovecotOptions{Sieve: scripts, Submission: smtp}, users)
	build := func() *town {
		return settle(&town{TB: t, imap: dovecot.Port, smtp: smtp, put: func(user string, raw []byte) error { return dovecot.Hand("writer@carpenter.example", user, raw) },
			inbox: func(user string) [][]byte { return dovecot.Messages(user, "INBOX") }})
	}
	a.town, a.second = build(), build()
	raw, err := os.ReadFile(a.second.config)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, a.second.config, strings.ReplaceAll(string(raw), townHelp, secondHelp)+"  - { name: The other exchange, email: "+townHelp+" }\n")
	raw, err = os.ReadFile(a.config)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, a.config, string(raw)+"  - { name: The other exchange, email: "+secondHelp+" }\n")
	return a
}

// days plays working days, a pass of each exchange every hour; people write in
// spite of their leave, and write to the second exchange too. It returns how many
// mails people wrote to each.
func (a *away) days(t *testing.T, days int) (human [2]int) {
	t.Helper()
	start := a.time("2026-11-22 12:00")
	a.once("2026-11-22 12:00")
	a.second.once("2026-11-22 12:00")
	for hour := range days * 24 {
		at := start.Add(time.Duration(hour) * time.Hour).In(london(t))
		if at.Hour() < 7 || at.Hour() > 18 {
			continue
		}
		switch at.Hour() {
		case 13:
			who := townsfolk[hour%len(townsfolk)]
			a.writes(who, fmt.Sprintf("A ladder, day %d", hour/24), "Tall enough for the hall.")
			human[0]++
		case 15:
			who := townsfolk[(hour+3)%len(townsfolk)]
			if err := a.put(secondHelp, note{from: address(who), name: "Somebody", subject: fmt.Sprintf("Forty chairs, day %d", hour/24), id: fmt.Sprintf("<second.%d@mail>", hour), at: at, text: "For the assembly."}.bytes()); err != nil {
				t.Fatal(err)
			}
			human[1]++
		case 9:
			if digests := a.letters("ben", "An ask: A ladder"); len(digests) > 0 && human[0] == 1 {
				a.answers("ben", "An ask: A ladder", "1, mine is in room 12", phone)
				human[0]++
			}
		}
		minute := at.Format("2006-01-02 15:") + "30"
		a.once(minute)
		a.second.once(minute)
	}
	return human
}

// accepted is how many messages an exchange acted on.
func (t *town) accepted() int {
	t.Helper()
	config, err := loadConfig(t.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	book, err := look(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	counts, err := book.IntakeCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts["accepted"]
}

// Everybody is on leave and has a real vacation script that answers everything,
// and two exchanges write to each other: nothing that a machine wrote is acted
// on, nobody gets more than one letter for one mail of a person, and nothing goes
// to and fro.
func TestEverybodyOnLeaveLong(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers and plays days")
	}
	days := 2
	if *long {
		days = 30
	}
	a := onLeave(t, func(from, to string, raw []byte) []byte {
		if from == townHelp && to != secondHelp || from == secondHelp && to != townHelp {
			return stripped(raw, "auto-submitted", "x-auto", "precedence", "list-id", "list-help", "list-unsubscribe") // or no script would answer
		}
		return raw
	})
	human := a.days(t, days)
	for i, town := range []*town{a.town, a.second} {
		if n := town.accepted(); n != human[i] {
			t.Errorf("exchange %d acted on %d mails, people wrote %d", i+1, n, human[i])
		}
		town.audited()
	}
	answers, prompts := 0, map[string]int{}
	for _, who := range append(slices.Clone(townsfolk), townHelp, secondHelp) {
		for _, raw := range a.inbox(address(who)) {
			m := parse.Read(raw, parse.Standard())
			switch {
			case !m.Header.Has("X-Askfirst-Loop") || strings.HasSuffix(m.Subject, " Nov)") || strings.HasSuffix(m.Subject, " Dec)"):
			case strings.HasPrefix(m.Subject, "Still looking?"), strings.HasPrefix(m.Subject, "Off the list"), strings.HasPrefix(m.Subject, "Did "):
				prompts[m.Subject]++ // the clock's, not an answer
			default:
				answers++
			}
		}
	}
	for subject, n := range prompts {
		if n > 1 {
			t.Errorf("%q came %d times", subject, n)
		}
	}
	if a.auto < answers {
		t.Errorf("only %d letters of vacation scripts: the test proves nothing", a.auto)
	}
	if most := human[0] + human[1] + 1; answers > most { // an introduction goes to two
		t.Errorf("%d letters beside digests for %d mails of people", answers, human[0]+human[1])
	}
	if answers < human[0]+human[1] {
		t.Errorf("only %d answers to %d mails", answers, human[0]+human[1])
	}
	t.Logf("%d days: %d mails of people, %d answers, %d prompts, %d letters of vacation scripts", days, human[0]+human[1], answers, len(prompts), a.auto)
}

// A gateway between two exchanges takes off every mark of automatic mail. Then
// each takes the other for a colleague; what they write to each other in a day is
// bounded, and the people stay spared.
func TestTwoExchangesWithoutMarks(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers and plays days")
	}
	days := 1
	if *long {
		days = 7
	}
	a := onLeave(t, func(from, _ string, raw []byte) []byte {
		if from != townHelp && from != secondHelp {
			return raw
		}
		return stripped(raw, "x-askfirst", "auto-submitted", "x-auto", "precedence", "list-", "in-reply-to", "references")
	})
	a.writes("priya", "A microscope", "For a lesson on Thursday.")
	a.days(t, days)
	perDay := map[string]int{}
	for _, who := range append(slices.Clone(townsfolk), townHelp, secondHelp) {
		for _, raw := range a.inbox(address(who)) {
			m := parse.Read(raw, parse.Standard())
			if from := m.From[0].Email; from == townHelp || from == secondHelp {
				perDay[fmt.Sprintf("%s from %s on %s", who, from, m.Date.In(london(t)).Format(time.DateOnly))]++
			}
		}
	}
	for key, n := range perDay {
		if n > 21+20 { // twenty, as many introductions, a digest
			t.Errorf("%d letters to %s", n, key)
		}
	}
	t.Logf("%v; %d letters of vacation scripts", perDay, a.auto)
	a.audited()
	a.second.audited()
}
