package mailbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"askfirst/store"
)

// Mails that answer nothing, from colleagues who have had a digest: figures in
// them are figures, though asks with these numbers exist.
func TestFiguresInFreshMail(t *testing.T) {
	for _, row := range []struct {
		writer        store.Member
		subject, text string
		want          string
	}{
		{maria, "Need paper number 19", "Please, of the old series.", "ask"},
		{maria, "Need pencil number 4", "A box of them.", "ask"},
		{maria, "Pencils no. 4", "HB is fine as well", "ask"},
		{maria, "HB pencils number 4", "", "ask"},
		{mark, "Number 4 pencils", "Twenty please", "ask"},
		{mark, "Ask about number 8 bus", "Does it still stop at the school?", "ask"},
		{mark, "4 tickets", "For the show on Friday", "ask"},
		{mark, "", "4 tickets for the show", "ask"},
		{mark, "4 volunteers", "to carry tables on Friday", "ask"},
		{mark, "", "4 laminators", "ask"},
		{mark, "30 chairs", "for the concert", "ask"},
		{mark, "Year 4", "Anybody with phonics material?", "ask"},
		{mark, "Room 4", "The key is missing, who has it?", "ask"},
		{mark, "", "for 4 pupils I need ear defenders", "ask"},
		{mark, "Cover for lesson 8 and 4", "Thursday, Year 9", "ask"},
		{mark, "Volleyball", "Could do with 4 more for the staff team on Thursday at 8", "ask"},
		{mark, "Locker #4", "The lock is stuck", "ask"},
		// what does tie
		{mark, "4", "I can", "offer#4"},
		{mark, "", "4", "offer#4"},
		{mark, "", "4 and 17 please", "offer#4 offer#17"},
		{mark, "", "17 I can lend mine", "offer#17"},
		{mark, "#4", "I know one", "offer#4"},
		{mark, "", "#17 and #19 happy to help", "offer#17 offer#19"},
		{mark, "Microscope #17", "We have one in lab 2.", "offer#17"},
		{mark, "I can help with #17: Borrow a microscope", "I can help with #17.", "offer#17"},
		{maria, "#19", "Please add: on Android", "edit#19"},
		{maria, "19 sorted", "", "close#19"},
	} {
		v := testWorld(row.writer, "")
		v.Recent = []store.Sent{testLetter("digest")}
		e := Understand(written(row.writer, v, row.subject, row.text), v, Policy{Verify: "none"})
		if got := actsOf(e); got != row.want {
			t.Errorf("%s, subject %q, text %q: got %s (%s), want %s", row.writer.FirstName(), row.subject, row.text, got, e.Reason, row.want)
		}
	}
}

// A list of the writer's own begins at 1 and says nothing of asks 1, 2 and 3.
func TestListsAreNoOffers(t *testing.T) {
	for text, want := range map[string]string{
		"1. a stapler\n2. a hole punch":                    "ask",
		"1. stapler\n2. hole punch\n3. tape":               "ask",
		"I am looking for:\n1) a stapler\n2) a hole punch": "ask",
		"1. yes, I can\n2. try Ben":                        "offer#1 refer#2",
		"1\n2":                                             "offer#1 offer#2",
	} {
		v := testWorld(mark, "")
		for n := range int64(3) {
			v.Asks[n+1] = store.Ask{Number: n + 1, Title: "Something", State: store.AskOpen, Asker: priya, Published: true}
		}
		digest := testLetter("digest")
		digest.Items = []store.Item{{Position: 1, Ask: 1}, {Position: 2, Ask: 2}, {Position: 3, Ask: 3}}
		v.Recent = []store.Sent{digest}
		if got := actsOf(Understand(written(mark, v, "", text), v, Policy{Verify: "none"})); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// Answers whose words were once taken for an offer, or for nothing.
func TestNotAnOffer(t *testing.T) {
	checkSentences(t, []sentenceRow{
		{mark, "digest", "", "Ben can do 17", "refer#17"},
		{mark, "digest", "", "Ben has loads of pens, 14", "refer#14"},
		{mark, "digest", "", "17: I would but mine is broken", "chat"},
		{mark, "digest", "", "17: mine is broken, sorry", "chat"},
		{mark, "digest", "", "17 - would love to but no time", "chat"},
		{mark, "digest", "", "Nothing for me today", "chat"},
		{mark, "digest", "", "14 - leider keine mehr", "chat"},
		{mark, "digest", "", "Zu #11: meine Mutter spricht Tigrinya", "offer#11"},
		{mark, "digest", "", "bei 19 würde mich die Antwort auch interessieren", "metoo#19"},
		{mark, "digest", "", "17 y 19", "offer#17 offer#19"},
		{mark, "digest", "", "Ik doe 17", "offer#17"},
		{mark, "digest", "", "Ben heeft er, 14", "refer#14"},
		{mark, "digest", "", "Ich möchte das nicht mehr bekommen", "stop"},
		{mark, "digest", "", "ik wil deze mails niet meer", "stop"},
		{anna, "did_it_help/21", "", "Er ist nie gekommen", "reopen#21"},
		{anna, "did_it_help/21", "", "Il n'est jamais venu", "reopen#21"},
		{anna, "did_it_help/21", "", "Nunca vino", "reopen#21"},
		{anna, "did_it_help/21", "", "Hij is nooit gekomen", "reopen#21"},
		{mark, "digest", "", "We have 4 of them in lab 2", "unclear"},
		{mark, "digest", "", "We have 8 music stands you can use", "unclear"},
		{mark, "digest", "", "19: no idea but interested too", "metoo#19"},
		{mark, "digest", "", "19 - following", "metoo#19"},
		{mark, "digest", "", "Interested in 19 as well", "metoo#19"},
		{mark, "digest", "", "nr.17", "offer#17"},
		{mark, "digest", "", "Yes 17, no 19", "offer#17"},
		{mark, "digest", "", "not 17 or 19 but 4", "offer#4"},
		{mark, "digest", "", "I can't do 17, 19 is fine", "offer#19"},
		{mark, "digest", "", "17: Y\n19: N\n4: Y", "offer#17 offer#4"},
		{mark, "digest", "", "17) yes 19) no", "offer#17"},
		{mark, "digest", "", "17: +4", "offer#17"},
		{mark, "digest", "", "*17*", "offer#17"},
		{mark, "digest", "", "-17", "offer#17"},
		{mark, "digest", "", "My extension is 17", "unclear"},
		{mark, "digest", "", "Call me on 17", "unclear"},
		{mark, "digest", "", "Sorry can't do 17, but Ben can", "refer#17"},
		{mark, "digest", "", "Please stop the reminder about 17", "unclear"},
		{mark, "digest", "", "17+19", "offer#17 offer#19"},
		{mark, "digest", "", "On holiday till Monday 30th", "pause@2026-11-30"},
		{mark, "digest", "", "I don't want these emails", "stop"},
		{mark, "digest", "", "unsubscribe me from this rubbish", "stop"},
		{mark, "digest", "", "Can I have this once a week?", "frequency(weekly)"},
		{anna, "digest", "", "You can take mine off the list, thanks", "withdraw#14"},
		{anna, "acknowledgement/23", "", "remove", "withdraw#23"},
		{anna, "acknowledgement/23", "", "I don't want this any more", "withdraw#23"},
		{anna, "did_it_help/21", "", "thanks but it was broken", "reopen#21"},
		{anna, "did_it_help/21", "", "Mine was broken and he lent me his, thank you!", "thanks#21"},
		{anna, "did_it_help/21", "", "No need any more", "withdraw#21"},
		{mark, "", "Thanks!", "You are all great.", "chat"},
		{mark, "", "Thank you", "Thanks for the digest, lovely idea", "chat"},
		{mark, "", "Thank you Ruth", "for helping me on Monday, it saved my week", "thanks"},
		{mark, "", "Thank You Cards", "Thirty, with hearts", "ask"},
	})
}

// Our own digest's subject names a number of asks. Whatever a mail program puts
// before or behind it, it is no word of the writer's.
func TestOurSubjectIsNoOffer(t *testing.T) {
	for _, subject := range []string{"Vacaciones: " + digestSubject, "X-File: " + digestSubject, digestSubject + " (unread)", "[Staff] " + digestSubject} {
		v := testWorld(mark, "digest")
		v.Asks[3] = store.Ask{Number: 3, Title: "Something", State: store.AskOpen, Asker: priya, Published: true}
		e := Understand(written(mark, v, subject, "I shall read it on Monday."), v, Policy{Verify: "none"})
		if got := actsOf(e); strings.HasPrefix(got, "offer") {
			t.Errorf("%q: %s", subject, got)
		}
	}
}

// When the words fit several asks, those are the ones to choose from.
func TestCandidatesFit(t *testing.T) {
	for text, want := range map[string]string{
		"I can help Maria":                                 "[4 19]",
		"I can help Sam or Priya":                          "[11 17]",
		"Happy to lend a microscope or find a piano tuner": "[4 17]",
		"I can help":                                       "[4 8 11 14 17 19]",
	} {
		v := testWorld(mark, "digest")
		e := Understand(written(mark, v, "", text), v, Policy{Verify: "none"})
		if len(e.Acts) != 1 || e.Acts[0].Kind != store.ActUnclear {
			t.Errorf("%q: %s", text, actsOf(e))
			continue
		}
		got := slices.Clone(e.Acts[0].Candidates)
		slices.Sort(got)
		if fmt.Sprint(got) != want {
			t.Errorf("%q: candidates %v, want %s", text, got, want)
		}
	}
}
