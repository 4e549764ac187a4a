package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/mail"
	"regexp"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
)

// ways are how somebody outside the staff, who was forwarded a digest, answers.
// Each writes from an address of its own, so that no answer hides behind one
// that was given already.
func ways(digest *parse.Message) map[string]func(*note) {
	quoting := func(text string) string { return text + "\n\n" + attribution(digest) + "\n" + quote(digest.Plain) }
	reply := func(n *note, text string) {
		n.subject, n.answers, n.text = "Re: "+digest.Subject, digest, quoting(text)
	}
	all := map[string]func(*note){
		"reply": func(n *note) { reply(n, "I can help with 1") },
		"reply to all": func(n *note) {
			reply(n, "1 and 2, me!")
			n.extra = append(n.extra, "Cc: mark@carpenter.example, priya@carpenter.example")
		},
		"new mail":        func(n *note) { n.subject, n.text = "Microscope", quoting("I can help with #1") },
		"number alone":    func(n *note) { n.subject, n.text = "1", "1" },
		"message id":      func(n *note) { n.subject, n.answers, n.text = "yes", digest, "1" },
		"references only": func(n *note) { n.extra, n.text = []string{"References: " + digest.MessageID}, "1" },
		"button":          func(n *note) { n.subject, n.text = "I can help with #1: A microscope", "I can help with #1." },
		"forged reply-to": func(n *note) { n.extra = []string{"Reply-To: mark@carpenter.example"}; reply(n, "I can help with 1") },
		"forged sender": func(n *note) {
			n.extra = []string{"Sender: Mark <mark@carpenter.example>"}
			reply(n, "I can help with 1")
		},
		"forged resent": func(n *note) {
			n.extra = []string{"Resent-From: mark@carpenter.example", "Resent-To: help@carpenter.example"}
			reply(n, "I can help with 1")
		},
		"forged on behalf": func(n *note) { n.name = "mark@carpenter.example on behalf of Mark"; reply(n, "I can help with 1") },
		"name is address":  func(n *note) { n.name = "<mark@carpenter.example>"; reply(n, "I can help with 1") },
		"return path": func(n *note) {
			n.extra = []string{"X-Original-From: mark@carpenter.example", "X-Sender: mark@carpenter.example", "Return-Path: <mark@carpenter.example>"}
			reply(n, "1")
		},
		"signed as member": func(n *note) { reply(n, "I can help with 1\n\nMark Example\nmark@carpenter.example") },
		"forwarded on": func(n *note) {
			n.subject, n.text = "Fwd: "+digest.Subject, "Look!\n\n---------- Forwarded message ---------\nFrom: Mark Example <mark@carpenter.example>\nSubject: "+digest.Subject+"\n\nI can help with 1\n\n"+digest.Plain
		},
		"machine": func(n *note) { n.extra = []string{"Auto-Submitted: auto-replied"}; reply(n, "I am away until Monday.") },
		"question": func(n *note) {
			n.subject, n.text = "Hello", "Who is Priya, and what is her address? What do you know about me?"
		},
		"an ask":            func(n *note) { n.subject, n.text = "Need help", "Could somebody at the school lend me a microscope?" },
		"a friend's answer": func(n *note) { reply(n, "ask Ben") },
	}
	for _, word := range []string{"stop", "pause", "resume", "undo", "yes", "no", "send", "private", "status", "help", "weekly", "forget me", "what do you know about me?", "withdraw", "sorted", "reveal", "it was me", "confirm"} {
		all["says "+word] = func(n *note) { reply(n, word) }
		all["writes "+word] = func(n *note) { n.subject, n.text = word, word }
	}
	// Whatever tag our letters' addresses carry is no password.
	for i, a := range append(digest.ReplyTo, digest.From...) {
		all[fmt.Sprintf("to %d", i)] = func(n *note) {
			n.extra = []string{"X-Original-To: " + a.Email, "Delivered-To: " + a.Email, "Cc: " + a.Email}
			reply(n, "1")
		}
	}
	return all
}

// memberData is everything of the staff that an outsider might see: names,
// addresses, asks, numbers.
var memberData = regexp.MustCompile(`(?i)\b(priya|mark|sam|ana|ben|ruth)\b|\bexample (?:staff|teacher)|microscope|year ?8|tigrinya|welcome call|science|#\d|\b(?:priya|mark|sam|ana|ben|ruth|it)@`)

// leaks are the pieces of member data in a letter, wherever they stand.
func leaks(raw []byte) []string {
	m := parse.Read(raw, parse.Standard())
	text := m.Subject + "\n" + m.Plain + "\n" + regexp.MustCompile(`#[0-9a-f]{6}\b`).ReplaceAllString(html.UnescapeString(m.HTML), "") // colours are no asks
	if parsed, err := mail.ReadMessage(strings.NewReader(string(raw))); err == nil {
		for name, values := range parsed.Header {
			if name != "To" && name != "Received" && name != "Delivered-To" && name != "Return-Path" {
				text += "\n" + strings.Join(values, "\n")
			}
		}
	}
	for _, word := range regexp.MustCompile(`[A-Za-z0-9+/=_-]{16,}`).FindAllString(text, -1) { // hidden in a token
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
			if b, err := e.DecodeString(word); err == nil {
				text += "\n" + string(b)
			}
		}
	}
	return memberData.FindAllString(text, -1)
}

// outsiders plays all ways against a town whose digest went astray.
func outsiders(t *testing.T, begin func(testing.TB, ...string) *town) {
	names := []string{}
	for i := range 80 {
		names = append(names, fmt.Sprintf("eve%d@outside.example", i))
	}
	town := begin(t, names...)
	town.once("2026-11-20 06:00")
	town.writes("priya", "A microscope", "Could somebody lend me a microscope for Year 8 on Friday?")
	town.writes("sam", "A welcome call in Tigrinya", "Who speaks Tigrinya?")
	town.once("2026-11-20 06:30")
	town.once("2026-11-20 07:30")
	town.settled()
	digest := town.letter("mark", "asks")
	asks, _, _ := town.run("asks")
	questions := 0
	letters := func() (all []string) {
		questions = 0
		for _, who := range townsfolk {
			for _, m := range town.letters(who, "") {
				if who == "mark" && m.Subject == "Was this you, from another address?" {
					questions++ // the one letter that an answer to mark's digest may cause
					continue
				}
				all = append(all, who+": "+m.Subject)
			}
		}
		return all
	}
	before := strings.Join(letters(), "\n")
	i, sent := 0, map[string]string{}
	for name, way := range ways(digest) {
		who := names[i]
		i++
		sent[who] = name
		town.writes(who, "Hello", "Hello", func(n *note) { n.name = "Eve"; way(n) })
	}
	// What no program of ours would write: several authors, or a group.
	for k, from := range []string{"mark@carpenter.example, eve@outside.example", "Staff: mark@carpenter.example, priya@carpenter.example;", "\"mark@carpenter.example\" <eve@outside.example>", "mark@carpenter.example\r\nFrom: eve@outside.example", "eve@outside.example (mark@carpenter.example)", "<@carpenter.example:eve@outside.example>"} {
		raw := fmt.Sprintf("From: %s\r\nTo: help@carpenter.example\r\nSubject: Re: asks\r\nMessage-ID: <odd%d@outside.example>\r\nIn-Reply-To: %s\r\n\r\nI can help with 1\r\n", from, k, digest.MessageID)
		if err := town.put(townHelp, []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []string{"2026-11-20 10:00", "2026-11-20 12:00"} {
		town.once(at)
		town.settled()
	}
	if after := strings.Join(letters(), "\n"); after != before {
		t.Errorf("members got letters by an outsider's mail:\n%s\nbefore\n%s", after, before)
	}
	if questions > 3 {
		t.Errorf("mark was asked %d times about addresses of strangers", questions)
	}
	if now, _, _ := town.run("asks"); now != asks {
		t.Errorf("the asks were\n%s\nand are\n%s", asks, now)
	}
	refusals := 0
	for _, who := range append(names, "eve@outside.example") {
		mails := town.inbox(who)
		refusals += len(mails)
		if len(mails) > 1 {
			t.Errorf("%s: %d letters to an outsider", sent[who], len(mails))
		}
		for _, raw := range mails {
			if found := leaks(raw); len(found) > 0 {
				t.Errorf("%s: a letter to an outsider holds %q:\n%s", sent[who], found, parse.Read(raw, parse.Standard()).Plain)
			}
			m := parse.Read(raw, parse.Standard())
			if strings.HasPrefix(sent[who], "says ") || sent[who] == "reply" || sent[who] == "reply to all" || sent[who] == "message id" || sent[who] == "machine" || sent[who] == "references only" {
				t.Errorf("%s: an answer to a digest that went astray is answered: %q", sent[who], m.Subject)
			}
		}
	}
	out, _, _ := town.run("status", "--json")
	var status statusReport
	if err := json.Unmarshal([]byte(out), &status); err != nil {
		t.Fatal(err)
	}
	town.audited()
	t.Logf("%d mails of outsiders: %d refusals, 0 acts, 0 letters to members", i+6, refusals)
}

// TestOutsiderWithADigest: a digest that was forwarded gives whoever holds it
// nothing: no act, no word of a member, no letter to one.
func TestOutsiderWithADigest(t *testing.T) {
	t.Run("in process", func(t *testing.T) {
		outsiders(t, func(t testing.TB, _ ...string) *town { return inProcess(t) })
	})
	t.Run("postfix and dovecot", func(t *testing.T) {
		outsiders(t, func(t testing.TB, more ...string) *town { return onPostfixWith(t, more...) })
	})
}

// TestLeaksAreFound: the scanner sees what it is there for.
func TestLeaksAreFound(t *testing.T) {
	for _, body := range []string{"Hello Priya", "about a MICROSCOPE", "see #1", "write to mark@carpenter.example", "aHR0cHM6IG1hcmtAY2FycGVudGVy", "c29tZXRoaW5nIGZvciBQcml5YQ=="} {
		if len(leaks([]byte("From: help@carpenter.example\r\nTo: eve@outside.example\r\nSubject: x\r\n\r\n"+body+"\r\n"))) == 0 {
			t.Errorf("%q passes", body)
		}
	}
}
