package main

import (
	"strings"
	"testing"
)

// Whoever answers a question of ours and asks for something in the same mail gets
// both; and what is one answer stays one.
func TestWordsBesideAnswers(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-18 12:00")
	town.writes("priya", "Borrow a microscope", "One working microscope for Thursday, please.")
	town.writes("ben", "A helper for the play", "Two hours on Friday.")
	town.once("2026-11-18 12:01")
	town.writes("sam", "A laminator", "Does anyone have one? Call me on 07700 900123 please.")
	town.once("2026-11-18 12:02")
	town.once("2026-11-19 07:30")
	digest := town.letter("ruth", "asks")
	town.answers("mark", "asks", "#1 I can help", phone)
	town.answers("ana", "asks", "I can help with that", phone)
	town.writes("ruth@home.example", "Re: our asks", "I can help with 2, I have time", replyingTo(digest.MessageID))
	town.answers("ruth", "asks", "2: ask Example", phone)
	town.writes("ana", "Thanks to Mark", "Thank you Mark, you saved my lesson. My number is 07700 900123.")
	town.once("2026-11-19 08:00")
	town.writes("mark", "", "forget me")
	town.once("2026-11-24 07:30")
	const duty, ladder = " And could somebody cover my duty on Friday?", " I also need a ladder for the library."
	for _, row := range []struct{ who, letter, text, acts, first string }{
		{"sam", "not sent this yet", "Send." + duty, "confirm#3 ask", ""},
		{"sam", "not sent this yet", "Yes, send it.\n\n" + ladder, "confirm#3 ask", ""},
		{"sam", "not sent this yet", "Send it. And pause until 4 January.", "confirm#3 pause", ""},
		{"sam", "not sent this yet", "withdraw." + duty, "withdraw#3 ask", ""},
		{"sam", "not sent this yet", "Does anyone have a laminator? It is for the library. Could somebody bring the laminator on Friday?", "edit#3", ""},
		{"priya", "help work out", "Yes, thank you Mark!" + duty, "thanks#1 ask", "Yes, thank you Mark!"},
		{"priya", "help work out", "No, he never came." + ladder, "reopen#1 ask", ""},
		{"priya", "help work out", "No, he never came. I still need a microscope.", "reopen#1", ""},
		{"priya", "help work out", "Sorted. Does anyone have a laminator?", "close#1 ask", ""},
		{"priya", "help work out", "Thank you Mark! You saved my lesson, and everybody could see something.", "thanks#1", ""},
		{"ruth", "Was this you", "Yes, that was me." + duty, "confirm ask", ""},
		{"ruth", "Was this you", "No, that wasn't me." + duty, "decline ask", ""},
		{"ruth", "Was this you", "Yes. My wife wrote it.", "unclear", ""},
		{"ruth", "Which", "Ben." + duty, "refer#2 ask", ""},
		{"mark", "forgotten?", "Yes." + duty, "forget ask", ""},
		{"mark", "forgotten?", "No, please don't." + duty, "ask", ""},
		{"mark", "forgotten?", "No. pause until 4 January", "pause", ""},
		{"mark", "forgotten?", "What happens with my asks then?", "forget", ""},
		{"mark", "forgotten?", "Yes please forget me. Thanks for everything.", "forget", ""},
		{"ana", "share", "Yes." + duty, "confirm ask", ""},
		{"ana", "share", "No, keep it private." + duty, "decline ask", ""},
	} {
		letter := town.letter(row.who, row.letter)
		e := town.explains(row.who, "Re: "+letter.Subject, row.text, func(n *note) { n.answers = letter })
		var acts []string
		for _, a := range e.Acts {
			acts = append(acts, strings.ReplaceAll(actAndAsk(a), " ", ""))
		}
		if got := strings.Join(acts, " "); got != row.acts || row.first != "" && e.Acts[0].Text != row.first || e.NeedsConfirm {
			t.Errorf("%q to %q: %s %+v, want %s", row.text, letter.Subject, got, e.Acts, row.acts)
		}
		if strings.Contains(row.acts, "forget") && strings.Contains(strings.Join(e.WouldSend, " "), "forgotten") != (row.acts == "forget" && strings.HasPrefix(row.text, "Yes")) {
			t.Errorf("%q sends %v", row.text, e.WouldSend)
		}
	}
	for who, answer := range map[string][2]string{"sam": {"not sent this yet", "Send." + duty}, "ruth": {"Was this you", "Yes, that was me." + duty}, "ana": {"share", "Yes." + duty}} {
		town.answers(who, answer[0], answer[1], phone)
	}
	town.once("2026-11-24 09:00")
	for _, who := range []string{"sam", "ruth", "ana"} {
		town.expect(who, "Got it: Could somebody cover my duty", 1)
	}
	town.expect("sam", "Got it: A laminator", 1)
	town.expect("ruth", "I know you by another address", 1)
	town.audited()
}
