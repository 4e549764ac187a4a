package main

import (
	"net/url"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
)

// Two weeks of what letters promise: each promise is taken up, by the words or
// the tap that the letter offers, and must be kept.
func TestTwoWeeks(t *testing.T) {
	town := inProcess(t)
	firstWeek(town)
	secondWeek(town)
	town.audited()
}

// tap presses a button of a letter: it opens a new mail in the member's program,
// which answers no Message-ID.
func (t *town) tap(who string, letter *parse.Message, label string) {
	t.Helper()
	at := strings.Index(letter.HTML, ">"+label+"<")
	if at < 0 {
		t.Fatalf("the letter %q has no button %q", letter.Subject, label)
	}
	start := strings.LastIndex(letter.HTML[:at], `href="`) + len(`href="`)
	link := letter.HTML[start : start+strings.IndexByte(letter.HTML[start:], '"')]
	mail, err := url.Parse(strings.ReplaceAll(link, "&amp;", "&"))
	if err != nil || mail.Scheme != "mailto" {
		t.Fatalf("button %q: %s: %v", label, link, err)
	}
	t.writes(who, mail.Query().Get("subject"), mail.Query().Get("body"))
}

// says checks that a letter has words, and that it lacks those after "not".
func (t *town) says(letter *parse.Message, words ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(letter.Plain), " ")
	for _, w := range words {
		unwanted, no := strings.CutPrefix(w, "not ")
		if strings.Contains(text, unwanted) == no {
			t.Errorf("%q: want %q in:\n%s", letter.Subject, w, letter.Plain)
		}
	}
}

func firstWeek(t *town) {
	t.once("2026-11-20 12:00")
	t.writes("ben", "weekly", "")
	t.writes("priya", "A projector for parents' evening", "Ours has died. I need one by Wednesday, I can collect it.")
	t.writes("sam", "Somebody who speaks Tigrinya", "For a call of ten minutes with a new family.")
	t.once("2026-11-21 10:00")
	t.says(t.letter("priya", "Got it"), "5 colleagues on Monday at 07:30")
	t.once("2026-11-23 07:30")
	digest := t.letter("ana", "2 asks")
	t.says(digest, "2 colleagues asked for help since Friday", "needed by Wed 25 Nov")

	// a tap offers, a second one is kept in reserve, a third knows somebody
	t.tap("mark", digest, "I can help with #1")
	t.once("2026-11-23 08:00")
	t.answers("ana", "2 asks", "1, I have one at home", phone)
	t.tap("ruth", digest, "I know who to ask")
	t.answers("ruth", "2 asks", "Ask Yonas in the kitchen about #2", webmail)
	t.once("2026-11-23 08:30")
	t.says(t.letter("ana", "has help already"), "Your offer is kept")
	t.expect("priya", "Ruth knows who might help", 1)
	hint := t.letter("sam", "Ruth knows who might help")
	t.says(hint, "Yonas in the kitchen")
	if len(hint.ReplyTo) != 1 || hint.ReplyTo[0].Email != address("ruth") {
		t.Errorf("an answer to a hint goes to %v", hint.ReplyTo)
	}
	t.expect("ruth", "Passed on:", 2)

	// the projector does not fit: the reserve is called
	t.answers("priya", "meet Mark", "open", phone) // she writes to us, not to Mark
	t.once("2026-11-23 12:00")
	t.expect("priya", "Priya, meet Ana", 1)
	t.expect("ana", "Priya, meet Ana", 1)
	if r := t.once("2026-11-24 07:30"); r.Letters.Sent != 0 {
		t.Errorf("Tuesday: %+v", r)
	}
	t.writes("ben", "A tuba", "Any tuba, needed by Friday for the assembly.")
	t.once("2026-11-24 09:00")
	t.says(t.letter("ben", "Got it"), "5 colleagues tomorrow at 07:30")
	t.once("2026-11-25 07:30")
	t.says(t.letter("mark", "An ask:"), "A colleague asked for help today", "Still waiting, be the first", "#2 Somebody")
	// Thursday: Priya is asked about Ana alone, and keeps her words private
	t.once("2026-11-26 07:30")
	t.expect("priya", "Did Ana's help work out?", 1)
	t.expect("priya", "Did Mark's help work out?", 0)
	t.answers("priya", "Did Ana's help", "private: you saved the evening, Ana", office)
	t.once("2026-11-26 09:00")
	t.says(t.letter("ana", "Thank you from Priya"), "saved the evening", "just between the two of you", "not private.")
	t.says(t.letter("priya", "Passed on, privately"), "to Ana")
	t.expect("mark", "Thank you from Priya", 0)
	if r := t.once("2026-11-27 07:30"); r.Editions.Composed != 0 {
		t.Errorf("Friday: %+v", r)
	}
}

func secondWeek(t *town) {
	// sorted, with a sentence that is passed on; the helper would rather not be praised
	t.answers("mark", "An ask:", "2: I have a friend who speaks it", phone)
	t.once("2026-11-27 08:00")
	t.answers("sam", "meet Mark", "sorted", phone)
	t.once("2026-11-27 16:00")
	t.says(t.letter("sam", "Sorted:"), "what Mark did for you")
	t.answers("sam", "Sorted:", "He sat in on the whole call and made everybody laugh.", webmail)
	t.once("2026-11-27 16:10")
	t.expect("sam", "May I share this?", 1)
	t.says(t.letter("mark", "Thank you from Sam"), "answer with the word private")
	t.answers("mark", "Thank you from Sam", "private please", phone)
	t.once("2026-11-27 16:20")
	t.answers("sam", "May I share this?", "yes", phone)
	t.once("2026-11-27 16:30")
	t.says(t.letter("sam", "Passed on, privately"), "They stay between you")
	if r := t.once("2026-11-30 07:30"); r.Letters.Sent != 1 { // Monday: Ben is asked whether he still needs his tuba
		t.Errorf("Monday: %+v", r)
	}
	t.says(t.letter("ben", "Still looking?"), "nobody has come forward yet")
	t.answers("ben", "Still looking?", "again", phone)
	t.once("2026-11-30 09:00")
	t.says(t.letter("ben", "On the list:"), "tomorrow at 07:30", "not / needed by")
	t.once("2026-12-01 07:30")
	t.says(t.letter("ruth", "(Tue 1 Dec)"), "New today", "#3 A tuba")
	// the helper changes their mind about praise after all was said in public
	t.answers("ruth", "(Tue 1 Dec)", "3", phone)
	t.once("2026-12-01 08:00")
	t.once("2026-12-04 07:30")
	t.answers("ben", "Did Ruth's help", "The tuba was loud. Thank you so much!", webmail)
	t.once("2026-12-04 09:00")
	t.once("2026-12-07 07:30")
	t.says(t.letter("mark", "(Mon 7 Dec)"), "The tuba was loud")
	t.answers("ruth", "Thank you from Ben", "private", phone)
	t.once("2026-12-07 08:00")
	t.says(t.letter("ruth", "Kept private"), "have been in a digest already")
}

// The buttons of the questions we ask do what the letter says, though a tap
// answers no Message-ID.
func TestTapsOnQuestions(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "A projector", "Ours has died. Any will do.")
	town.writes("sam", "A tuba", "Any tuba will do for the assembly.")
	town.once("2026-11-22 10:00")
	town.once("2026-11-23 07:30")
	town.answers("mark", "2 asks", "1, take mine", phone)
	town.answers("ruth", "2 asks", "2, I play it", phone)
	town.once("2026-11-23 08:00")
	town.once("2026-11-26 07:30")
	town.tap("priya", town.letter("priya", "Did Mark's help"), "Yes, it helped")
	town.tap("sam", town.letter("sam", "Did Ruth's help"), "Put it back on the list")
	town.once("2026-11-26 08:00")
	town.expect("priya", "Passed on: your thanks to Mark", 1)
	town.says(town.letter("sam", "On the list"), "tomorrow at 07:30")
	town.once("2026-11-27 07:30")
	town.says(town.letter("ana", "Fri 27 Nov"), "Priya E. thanks Mark E.", "#2 A tuba")
	town.once("2026-12-10 07:30") // ten working days after it came back
	town.tap("sam", town.letter("sam", "Still looking?"), "It is sorted")
	town.once("2026-12-10 08:00")
	town.expect("sam", "Sorted:", 1)
	town.audited()
}
