package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// verdicts are what a trusted server may say, and a name for it.
func verdicts() map[string][]string {
	return map[string][]string{
		"believed": {"Authentication-Results: mx.carpenter.example; dmarc=pass header.from=carpenter.example"},
		"unproven": nil,
		"failed":   {"Authentication-Results: mx.carpenter.example; dmarc=fail header.from=carpenter.example"},
	}
}

// The matrix for mails about asks without a name, by explain, in each way to
// believe: what would be done, whether it waits for a yes, what would be sent.
// Nobody learns by trying whose an ask is.
func TestAnonymousMatrix(t *testing.T) {
	w := asksUnnamed(t)
	relay := w.letter("priya", "Mark would like to help")
	digest := w.letter("priya", "asks")
	rows := []struct {
		name         string
		mail         note
		action, sent string
	}{
		{"ask", note{subject: "Anonymous: A quiet word", text: "Who could talk with me about marking? Ruth"}, "ask", "acknowledgement"},
		{"held ask", note{subject: "Anonymous: A quiet word", text: "Who could talk with me? My mobile is 07700 900123."}, "ask", "held"},
		{"tagged address", note{subject: "A quiet word", text: "Who could talk with me about marking?", extra: []string{"X-Original-To: help+anonymous@carpenter.example"}}, "ask", "acknowledgement"},
		{"in answer to a digest", note{subject: "Anonymous: A quiet word", text: "Who could talk with me about marking?", answers: digest}, "ask", "acknowledgement"},
	}
	i := 0
	for _, mode := range []string{"none", "confirm", "authentication-results, authserv_ids: [mx.carpenter.example]"} {
		if mode != "none" {
			w.edit("verify: none", "verify: "+mode)
		}
		for auth, extra := range verdicts() {
			if mode == "none" && auth != "believed" || mode == "confirm" && auth != "unproven" {
				continue
			}
			for _, row := range rows {
				i++
				n := row.mail
				n.from, n.name, n.id, n.at = address("ruth"), "Ruth Lindqvist", fmt.Sprintf("<m%d@mail>", i), w.time("2026-11-23 09:00")
				n.extra = append(append([]string{}, extra...), n.extra...)
				e := w.explainsNote(n)
				action, sends, confirm := row.action, row.sent, false
				switch auth {
				case "unproven":
					sends, confirm = "confirm", true
				case "failed":
					action, sends = "quarantined", ""
				}
				if e.Action != action || strings.Join(e.WouldSend, " ") != sends || e.NeedsConfirm != confirm || e.Auth != auth || len(e.Ask) != 0 || e.Member != address("ruth") {
					t.Errorf("%s, %s, %s: %s %v sends %v confirm %v auth %s (%s)", mode, auth, row.name, e.Action, e.Ask, e.WouldSend, e.NeedsConfirm, e.Auth, e.Reason)
				}
			}
			// Whose ask #1 is: the same is said of its asker as of anybody else.
			for _, text := range []string{"#1 sorted", "withdraw 1", "#1: I can help", "me too #1", "my asks", "undo", "reveal 1", "Anonymous: withdraw 1"} {
				var said []string
				for _, who := range []string{"priya", "ruth"} {
					n := note{from: address(who), name: "X", subject: "A word", id: fmt.Sprintf("<try%s%s@mail>", who, text), text: text, at: w.time("2026-11-23 09:00"), extra: extra}
					e := w.explainsNote(n)
					said = append(said, fmt.Sprint(e.Action, e.Ask, e.Candidates, e.NeedsConfirm, e.WouldSend, e.Reason))
				}
				if said[0] != said[1] {
					t.Errorf("%s, %s: explain tells whose #1 is by %q:\n%s\n%s", mode, auth, text, said[0], said[1])
				}
			}
			// The asker's own answer to a letter about it, which only the asker has.
			n := note{from: address("priya"), name: "Priya Nair", subject: "Re: " + relay.Subject, id: fmt.Sprintf("<r%d@mail>", i), text: "Would Monday do?", answers: relay, at: w.time("2026-11-23 09:00"), extra: extra}
			e := w.explainsNote(n)
			want := map[string]string{"believed": "relay[1]falserelay_to_helper", "unproven": "relay[1]trueconfirm", "failed": "quarantined[]false"}[auth]
			if got := fmt.Sprint(e.Action, e.Ask, e.NeedsConfirm) + strings.Join(e.WouldSend, " "); strings.ReplaceAll(got, " ", "") != want {
				t.Errorf("%s, %s: the asker's answer: %s (%s), want %s", mode, auth, got, e.Reason, want)
			}
		}
		w.edit("verify: "+mode, "verify: none")
	}
}

func (t *town) explainsNote(n note) explanation {
	t.Helper()
	return t.explains("ruth", "", "", func(into *note) { *into = n })
}

// What is put aside as forged is not read to the admin beside its From.
func TestQuarantinedNameless(t *testing.T) {
	w := &sealedWeek{town: namedTown(inProcess(t))}
	w.edit("verify: none", "verify: authentication-results, authserv_ids: [mx.carpenter.example]")
	w.at("2026-11-22 12:00")
	w.writes("priya", "Anonymous: canaryone", "Who could talk with me about canarytwo?", func(n *note) { n.extra = verdicts()["failed"] })
	w.writes("priya", "A ladder", "Tall enough for canarythree.", func(n *note) { n.extra = verdicts()["failed"] })
	w.at("2026-11-22 12:10")
	if out := w.must("quarantine", "show", "1"); strings.Contains(out, "canary") || !strings.Contains(out, "priya@carpenter.example") {
		t.Errorf("%s", out)
	}
	if out := w.must("quarantine", "show", "2"); !strings.Contains(out, "canarythree") {
		t.Errorf("%s", out)
	}
	// Released, its writer is asked; with the yes it is as if it had come so.
	w.must("quarantine", "release", "1")
	w.at("2026-11-22 12:20")
	w.says(w.letter("priya", asksWhether), "not canary")
	w.writes("priya", "Re: "+w.letter("priya", asksWhether).Subject, "Yes", func(n *note) { n.answers = w.letter("priya", asksWhether); n.extra = verdicts()["believed"] })
	w.at("2026-11-22 12:30")
	w.says(w.letter("priya", "Got it"), "Nobody sees who asked")
	w.at("2026-11-22 12:40")
	w.audited()
	if n := w.onServer("canarytwo"); n != 0 {
		t.Error("the mail is still on the server")
	}
	db := w.open()
	for _, query := range []string{
		`SELECT a.number FROM ask a JOIN allowance m ON m.full_at BETWEEN a.created_at AND a.created_at + 3600000`,
		`SELECT i.id FROM intake i JOIN consequence c ON c.intake = i.id AND c.what = 'ask' WHERE i.member <> 0`,
		`SELECT i.id FROM intake i, ask a WHERE i.member <> 0 AND a.created_at IN (i.received_at, i.decided_at)`,
		`SELECT c.id FROM confirm c, ask a WHERE a.created_at IN (c.asked_at, c.ended_at)`,
	} {
		if found := w.rows(db, query); len(found) > 0 {
			t.Errorf("%s: %v", query, found)
		}
	}
}

// However many letters somebody has had today, the question comes at once, and
// what its answer lets go is not told before.
func TestConfirmWaitsForNoMorning(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	for i := range 25 {
		town.writes("priya", fmt.Sprintf("Thing %d", i), "One for Thursday, please.")
	}
	town.once("2026-11-20 12:01")
	if n := len(town.letters("priya", "Got it")); n >= 25 {
		t.Fatalf("%d acknowledgements at once", n)
	}
	town.edit("verify: none", "verify: confirm")
	town.writes("priya", "A ladder", "Tall enough.")
	town.once("2026-11-20 12:02")
	town.expect("priya", asksWhether, 1)
	town.answers("priya", asksWhether, "No, that wasn't me!", phone)
	town.once("2026-11-20 12:03")
	town.expect("priya", "Good that you said so", 1)
	town.audited()
}

// A file is read as any other where nothing of ours is known.
func TestExplainAnonymousWithoutBook(t *testing.T) {
	town := wary(t)
	file := filepath.Join(t.TempDir(), "mail.eml")
	n := note{from: address("priya"), name: "Priya", subject: "Anonymous: A quiet word", id: "<x@mail>", text: "Who could talk with me?"}
	town.check(os.WriteFile(file, n.bytes(), 0o600))
	if out := town.must("explain", "--json", file); !strings.Contains(out, `"action":"ask"`) || !strings.Contains(out, `"needs_confirm":true`) || !strings.Contains(out, `"would_send":["confirm"]`) {
		t.Errorf("%s", out)
	}
	if _, err := os.Stat(town.beside("anonymous.key")); err == nil {
		t.Error("explain has made a key")
	}
}
