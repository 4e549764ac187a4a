package mailbox

import (
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// What people write from phones, in a hurry, politely, and at length.
func TestLazyAnswers(t *testing.T) {
	checkSentences(t, []sentenceRow{
		{mark, "digest", "", "17 pls", "offer#17"},
		{mark, "digest", "", "17 :-)", "offer#17"},
		{mark, "digest", "", "i can do 17 if no one else", "offer#17"},
		{mark, "digest", "", "Re 17: I've got one you can borrow", "offer#17"},
		{mark, "digest", "", "Hi,\n\n#17 I have a microscope that Priya can borrow.\n\nMark", "offer#17"},
		{mark, "digest", "", "Hi Priya, I have a microscope you can borrow!", "offer#17"},
		{mark, "digest", "", "Hi! Count me in for 11.", "offer#11"},
		{mark, "digest", "", "17 - happy to lend mine. 19 - no idea, sorry.", "offer#17"},
		{mark, "digest", "", "17: yes\n19: no", "offer#17"},
		{mark, "digest", "", "Yes to 17, no to 19", "offer#17"},
		{mark, "digest", "", "I can take 17 but not 19.", "offer#17"},
		{mark, "digest", "", "Not 17 but 19", "offer#19"},
		{mark, "digest", "", "19 instead of 17", "offer#19"},
		{mark, "digest", "", "Sorry, I don't have a microscope", "chat"},
		{mark, "digest", "", "No thanks", "chat"},
		{mark, "digest", "", "Nope", "chat"},
		{mark, "digest", "", "Can't help this time, sorry!", "chat"},
		{mark, "digest", "", "I wish I could help with 17", "chat"},
		{mark, "digest", "", "17 is a great idea", "offer#17"},
		{mark, "digest", "", "Lovely digest today!", "unclear"},
		{mark, "digest", "", "What a great idea, thank you all", "chat"},
		{mark, "digest", "", "I know who to ask for #17: ask Ben", "refer#17"},
		{mark, "digest", "", "17: you could ask Ben, he has two", "refer#17"},
		{mark, "digest", "", "Sam speaks Tigrinya? No - but Ben does. Ask Ben for 11", "refer#11"},
		{mark, "digest", "", "I'd love to help with the piano, I know a tuner", "offer#4"},
		{mark, "digest", "", "I have done 17 before, happy to again", "offer#17"},
		{mark, "digest", "", "Can help w/ 17 on Thursday at 14:00 in room 19", "offer#17"},
		{mark, "digest", "", "17. Call me on 07700 900 019.", "offer#17"},
		{mark, "digest", "", "I could do 8 or 4", "offer#8 offer#4"},
		{mark, "digest", "", "Both 17 and 19 please", "offer#17 offer#19"},
		{mark, "digest", "", "#17, #19 & #11", "offer#17 offer#19 offer#11"},
		{mark, "digest", "", "ask 17", "offer#17"},
		{mark, "digest", "", "number 17", "offer#17"},
		{mark, "digest", "", "17th of December would suit me for the piano", "offer#4"},
		{mark, "digest", "", "My class of 17 could use the app too", "unclear"},
		{mark, "digest", "", "Sure, I can help. 17.", "offer#17"},
		{mark, "digest", "", "(17)", "offer#17"},
		{mark, "digest", "", "17?", "unclear"},
		{mark, "digest", "", "Is 17 still open?", "unclear"},
		{mark, "digest", "", "Is 17 still open? I have one.", "offer#17"},
		{mark, "digest", "", "Count me in", "unclear"},
		{mark, "digest", "", "17 and help", "offer#17"},
		{mark, "digest", "", "Stop 17", "unclear"},
		{mark, "digest", "", "I'm on leave until 3 December, sorry", "pause@2026-12-03"},
		{mark, "digest", "", "I'm away this week, but I can do 17 next week", "offer#17"},
		{mark, "digest", "", "Away until Monday. After that I can help with 17.", "offer#17"},
		{anna, "digest", "", "14: got it, thanks everyone!", "close#14"},
		{anna, "digest", "", "14 - thanks, got plenty now", "close#14"},
		{anna, "digest", "", "14 never mind", "withdraw#14"},
		{anna, "digest", "", "14 not sorted yet", "reopen#14"},
		{anna, "digest", "", "14: any colour is fine", "edit#14"},
		{anna, "digest", "", "14", "unclear"},
		{anna, "digest", "", "yes", "unclear"},
		{anna, "digest", "", "Thanks Mark, the projector was perfect!", "thanks#21"},
		{anna, "digest", "", "#21 thanks to Mark for bringing it", "thanks#21"},
		{anna, "digest", "", "Thanks!", "chat"},
		{anna, "digest", "", "I can help with 17.\n\nThanks,\nAnna", "offer#17"},
		{anna, "digest", "", "The pens are sorted, thank you all. And I can lend Priya a microscope (17).", "close#14 offer#17"},
		{mark, "digest-one", "", "k", "unclear"},
		{mark, "digest-one", "", "Ok", "chat"},
		{mark, "digest-one", "", "I have one", "offer#17"},
		{mark, "digest-one", "", "got one!", "unclear"},
		{mark, "digest-one", "", "Found it!", "unclear"},
		{mark, "digest-one", "", "done", "unclear"},
		{mark, "digest-one", "", "Would Thursday afternoon be too late?", "unclear"},
		{mark, "digest-one", "", "why not", "offer#17"},
		{mark, "digest-one", "", "I can't, but Ben might be able to", "refer#17"},
		{mark, "digest-one", "", "I'm not the right person, try asking Ben", "refer#17"},
		{mark, "digest-one", "", "Yes, I could lend you ours on Thursday. Do you need slides as well?", "offer#17"},
		{mark, "digest-one", "", "same here", "metoo#17"},
		{mark, "digest-one", "", "me too, but I can help as well", "offer#17"},
	})
}

func TestLetterAnswers(t *testing.T) {
	checkSentences(t, []sentenceRow{
		{anna, "acknowledgement/23", "", "Thank you! Could you add that I need it from Monday?", "edit#23"},
		{anna, "acknowledgement/23", "", "Please add: I can bring coffee.", "edit#23"},
		{anna, "acknowledgement/23", "", "Sorry, A4 is enough.", "edit#23"},
		{anna, "acknowledgement/23", "", "Cancel please, Ben lent me his", "withdraw#23"},
		{anna, "acknowledgement/23", "", "No longer needed", "withdraw#23"},
		{anna, "acknowledgement/23", "", "all sorted!", "close#23"},
		{anna, "acknowledgement/23", "", "Stop", "stop"},
		{anna, "acknowledgement/23", "", "👍", "chat#23"},
		{anna, "acknowledgement/23", "", "looks great, thanks!", "chat#23"},
		{anna, "acknowledgement/23", "", "I need it by 3 December.", "edit#23"},
		{anna, "acknowledgement/21", "", "Thank you Mark, that was perfect!", "thanks#21"},
		{anna, "introduction/21", "", "Great, thanks!", "chat#21"},
		{anna, "introduction/21", "", "Thanks so much for offering, when can I pick it up?", "chat#21"},
		{anna, "introduction/21", "", "done and dusted, see you at lunch", "close#21"},
		{mark, "introduction/21", "", "I have one in room 17, come by at 3", "chat#21"},
		{mark, "introduction/21", "", "ok", "chat#21"},
		{mark, "introduction/21", "", "Sorry Anna, something came up, I can't make it after all", "withdraw#21"},
		{mark, "introduction/21", "", "You're welcome! Glad it worked.", "chat#21"},
		{mark, "introduction/21", "", "Stop by whenever you like", "chat#21"},
		{ben, "introduction/21", "", "I can bring mine too", "chat#21"},
		{anna, "still_looking/14", "", "Not needed any more", "withdraw#14"},
		{anna, "still_looking/14", "", "I found some in the cupboard!", "close#14"},
		{anna, "still_looking/14", "", "Yes, I still need them", "reopen#14"},
		{anna, "still_looking/14", "", "no", "withdraw#14"},
		{anna, "still_looking/14", "", "Thanks for asking. Again please.", "reopen#14"},
		{anna, "still_looking/14", "", "keep it open until 4 December", "extend#14@2026-12-04"},
		{anna, "did_it_help/21", "", "It was brilliant, thank you!", "thanks#21"},
		{anna, "did_it_help/21", "", "Thanks!", "thanks#21"},
		{anna, "did_it_help/21", "", "Mark is a star", "thanks#21"},
		{anna, "did_it_help/21", "", "Sadly it didn't work, but thanks Mark for trying", "reopen#21"},
		{anna, "did_it_help/21", "", "I haven't heard from him", "reopen#21"},
		{anna, "did_it_help/21", "", "Private please.\n\nMark was so patient with me.", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Privat: Mark hat mich gerettet", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Yes it did", "close#21"},
		{anna, "did_it_help/21", "", "Who is Mark?", "unclear"},
		{anna, "did_it_help/21", "", "still need it", "reopen#21"},
		{anna, "did_it_help/21", "", "nein, leider nicht", "reopen#21"},
		{anna, "did_it_help/21", "", "Merci Mark, tu m'as sauvée !", "thanks#21"},
		{mark, "thank_you/21", "", "Please don't publish this", "decline#21"},
		{mark, "thank_you/21", "", "Oh how kind! My pleasure.", "chat#21"},
		{mark, "thank_you/21", "", "rather not in the digest please", "decline#21"},
		{anna, "may_i_share/21", "", "Yes, please share", "confirm#21"},
		{anna, "may_i_share/21", "", "Please keep it private", "decline#21"},
		{anna, "may_i_share/21", "", "ja gerne", "confirm#21"},
		{anna, "may_i_share/21", "", "Nein", "decline#21"},
		{anna, "may_i_share/21", "", "What would it say?", "unclear"},
		{anna, "helper_left/21", "", "still need it", "reopen#21"},
		{anna, "helper_left/21", "", "thanks for letting me know", "chat#21"},
		{mark, "offer_withdrawn/17", "", "I can help after all", "offer#17"},
		{anna, "withdrawn/14", "", "undo", "undo#14"},
		{mark, "no_text", "", "I need a laminator on Monday", "ask"},
		{mark, "quarantined", "", "Thanks", "chat"},
	})
}

// Mails that answer nothing: asks, and what only looks like one.
func TestFreshMore(t *testing.T) {
	checkSentences(t, []sentenceRow{
		{mark, "", "Ten minutes with someone who knows Excel", "My pivot table is broken. I can come to you.", "ask"},
		{mark, "", "Piano", "I can offer a free piano to whoever collects it.", "ask"},
		{mark, "", "Need a hand", "moving tables at 4", "ask"},
		{mark, "", "help please", "The printer in room 17 eats paper.", "ask"},
		{mark, "", "", "help", "help"},
		{mark, "", "Re: lunch", "See you at one", "ask"},
		{mark, "", "Sorted socks", "Does anyone want a box of sorted socks?", "ask"},
		{mark, "", "Weekly newsletter", "Who can proofread our weekly newsletter?", "ask"},
		{mark, "", "Question", "How do you pause a video on the whiteboard?", "ask"},
		{mark, "", "#17", "I have one for Priya", "offer#17"},
		{mark, "", "17", "happy to help", "ask"},
		{mark, "", "Offer for #17 and #19", "I can do both", "offer#17 offer#19"},
		{mark, "", "Re: Borrow a microscope (#17)", "I could bring mine", "offer#17"},
		{anna, "", "withdraw #14", "", "withdraw#14"},
		{anna, "", "sorted", "", "unclear"},
		{anna, "", "", "Sorted: #14. Thanks!", "close#14"},
		{anna, "", "", "Thank you Mark for the projector, it was perfect.", "thanks#21"},
		{anna, "", "Thank you", "Thank you to Mark for bringing the projector", "thanks#21"},
		{mark, "", "Danke an Ben: Drucker", "Er hat ihn repariert.", "thanks"},
		{mark, "", "Many thanks", "", "chat"},
		{mark, "", "Anonym: Hilfe", "Wer kann mir helfen?", "ask"},
		{mark, "", "Anonymous letters", "Does anyone collect anonymous letters in their lessons?", "ask"},
		{mark, "", "Urgent", "!!!", "refused:no_text"},
	})
}

func TestAskTitles(t *testing.T) {
	for _, row := range []struct{ subject, text, title, needed string }{
		{"Borrow a microscope for Year 8 on Thursday", "Thursday 26 Nov, period 3.", "Borrow a microscope for Year 8 on Thursday", "2026-11-26"},
		{"[EXTERNAL] Help please", "Hi all,\n\nwho can lend me a laminator by Thursday? I can collect it.", "Who can lend me a laminator by Thursday?", "2026-11-26"},
		{"", "Hello everyone, I am looking for a large box of Lego for our engineering club that meets every Monday after school", "I am looking for a large box of Lego for our engineering club that…", ""},
		{"", "laminator", "Laminator", ""},
		{"Laminator for a week", "", "Laminator for a week", ""},
		{strings.Repeat("very ", 30) + "long", "x y z", strings.Repeat("very ", 13) + "very…", ""},
		{"Hallo", "Hallo zusammen,\n\nhat jemand einen Beamer? Bis Mittwoch wäre toll.", "Hat jemand einen Beamer?", "2026-11-25"},
		{"Question", "Hi", "Hi", ""},
	} {
		v := testWorld(mark, "")
		e := Understand(written(mark, v, row.subject, row.text), v, Policy{Verify: "none"})
		if len(e.Acts) != 1 || e.Acts[0].Kind != store.ActAsk && row.title != "Hi" {
			t.Errorf("%q: %s", row.subject, actsOf(e))
			continue
		}
		if a := e.Acts[0]; a.Kind == store.ActAsk && (a.Title != row.title || a.NeededBy.String() != row.needed) {
			t.Errorf("%q %q: title %q needed %q, want %q %q", row.subject, row.text, a.Title, a.NeededBy, row.title, row.needed)
		}
	}
}

// "Which ask did you mean?" takes a number, a place, a name, a word or "both",
// and uses the words that waited.
func TestWhichAsk(t *testing.T) {
	for text, want := range map[string]string{
		"17":             "offer#17",
		"#19":            "offer#19",
		"17 and 19":      "offer#17 offer#19",
		"the first one":  "offer#17",
		"the second":     "offer#19",
		"both":           "offer#17 offer#19",
		"the microscope": "offer#17",
		"Maria's":        "offer#19",
		"Priya":          "offer#17",
		"not 17, 19":     "offer#19",
		"new ask":        "ask",
		"none":           "chat",
		"stop":           "stop",
		"99":             "unclear",
		"die zweite":     "offer#19",
		"I can help with #17: Borrow a microscope": "offer#17",
	} {
		v := testWorld(mark, "")
		v.Letters = []store.Sent{{Key: "which_ask/1", Kind: store.KindWhichAsk, MessageID: "<w@x>", Subject: "Which ask did you mean?", Text: "Which ask?", Items: []store.Item{{Position: 1, Ask: 17}, {Position: 2, Ask: 19}}}}
		v.Pending = &store.Question{ID: 1, Kind: "which_ask", Words: "I can help on Thursday", Candidates: []int64{17, 19}}
		e := Understand(written(mark, v, "", text), v, Policy{Verify: "none"})
		if got := actsOf(e); got != want {
			t.Errorf("%q: %s, want %s\n%s", text, got, want, strings.Join(e.Trace, "\n"))
			continue
		}
		if a := e.Acts[0]; a.Kind == store.ActOffer && (a.Via != "question" || !strings.HasPrefix(a.Text, "I can help on Thursday")) {
			t.Errorf("%q: via %q, text %q", text, a.Via, a.Text)
		}
	}
}

// A tap on "I mean #17" starts a new mail; the words that waited are used.
func TestIMean(t *testing.T) {
	v := testWorld(mark, "")
	v.Recent = []store.Sent{{Key: "which_ask/1", Kind: store.KindWhichAsk, MessageID: "<w@x>", Subject: "Which ask did you mean?", Items: []store.Item{{Position: 1, Ask: 17}, {Position: 2, Ask: 19}}}}
	v.Pending = &store.Question{ID: 1, Kind: "which_ask", Words: "I can help on Thursday", Candidates: []int64{17, 19}}
	e := Understand(written(mark, v, "I mean #17: Borrow a microscope for Year 8 on Thursday", "I mean #17."), v, Policy{Verify: "none"})
	if actsOf(e) != "offer#17" || e.Answers != "which_ask/1" || e.Acts[0].Text != "I can help on Thursday" {
		t.Errorf("%s answers %q, text %q", actsOf(e), e.Answers, e.Acts[0].Text)
	}
	e = Understand(written(mark, v, "Laminator", "I need a laminator, does anyone have one?"), v, Policy{Verify: "none"})
	if actsOf(e) != "ask" {
		t.Errorf("a new ask while a question waits: %s", actsOf(e))
	}
}

// What each act of several carries, and what it was found by.
func TestActDetails(t *testing.T) {
	v := testWorld(anna, "digest")
	e := Understand(written(anna, v, "", "#14 sorted, thanks to Mark. Number 17: I have one in the lab. And 19: we use Spellfix."), v, Policy{Verify: "none"})
	if got := actsOf(e); got != "close#14 offer#17 offer#19" || e.Reason != ReasonSeveral {
		t.Fatalf("%s %s", got, e.Reason)
	}
	if a := e.Acts[1]; a.Text != "Number 17: I have one in the lab." || a.Via != "number" {
		t.Errorf("%+v", a)
	}
	for want, row := range map[string]sentenceRow{
		"number": {mark, "digest", "", "17", ""}, "subject": {mark, "", "Offer #17", "I have one", ""}, "letter": {mark, "reserve/17", "", "I can help after all", ""},
		"only": {mark, "digest-one", "", "me!", ""}, "title": {mark, "digest", "", "I have a microscope", ""}, "name": {mark, "digest", "", "I can help Sam", ""},
	} {
		v := testWorld(row.writer, row.letter)
		e := Understand(written(row.writer, v, row.subject, row.text), v, Policy{Verify: "none"})
		if len(e.Acts) != 1 || e.Acts[0].Via != want {
			t.Errorf("%+v: %+v", row, e.Acts)
		}
	}
}

func TestRefusals(t *testing.T) {
	for want, m := range map[string]parse.Message{
		ReasonTooLarge:       {Size: 11 << 20, Plain: "x"},
		ReasonEncrypted:      {Kind: "encrypted"},
		ReasonTNEF:           {Kind: "tnef"},
		ReasonCalendarInvite: {Kind: "calendar", Subject: "Staff meeting", Plain: "When: Monday"},
		ReasonNoText:         {Attachments: []parse.Attachment{{Name: "photo.jpg"}}},
	} {
		m.From = []parse.Address{{Email: "mark@green.example"}}
		e := Understand(&m, testWorld(mark, ""), Policy{MaxSize: 10 << 20})
		if e.Verdict != store.Refused || e.Reason != want {
			t.Errorf("%s %s, want refused %s", e.Verdict, e.Reason, want)
		}
	}
	v := testWorld(mark, "digest")
	v.Seen = true
	if e := Understand(written(mark, v, "", "17"), v, Policy{Verify: "none"}); e.Reason != ReasonDuplicate || e.Dup == "" {
		t.Errorf("%+v", e)
	}
	v = testWorld(mark, "")
	v.Ours = true
	if e := Understand(written(mark, v, "x", "17"), v, Policy{Verify: "none"}); e.Reason != ReasonOwnLetter || e.Dup != "" {
		t.Errorf("%+v", e)
	}
}
