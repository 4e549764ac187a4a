package mailbox

import (
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// A yes makes a message believed, and an admin's release makes it unproven.
func TestBelieve(t *testing.T) {
	for _, row := range []struct {
		auth                store.Auth
		confirmed, released bool
		want                store.Auth
	}{
		{store.Believed, false, false, store.Believed}, {store.Unproven, false, false, store.Unproven}, {store.Failed, false, false, store.Failed},
		{store.Unproven, true, false, store.Believed}, {store.Failed, false, true, store.Unproven}, {store.Failed, true, true, store.Believed},
	} {
		if got := believe(row.auth, store.View{Writer: &mark, Confirmed: row.confirmed, Released: row.released}); got != row.want {
			t.Errorf("%+v: %s", row, got)
		}
	}
	if got := believe(store.Unproven, store.View{Confirmed: true}); got != store.Unproven { // forgotten since the yes
		t.Errorf("a yes of nobody's makes a message %s", got)
	}
}

// question is a letter that asks Mark, with the message that answers it.
func question(text, subject string, state string) (*parse.Message, store.View) {
	v := testWorld(mark, "")
	l := store.Sent{Key: "confirm/x", Kind: store.KindConfirm, To: mark.ID, MessageID: "<x@green.example>", Subject: "Did you just write this? [bcdfg-hjklm-npqrs]",
		Text: "Hello Mark,\n\nA mail with your address on it has come. Was it you? Answer with one word: yes.\n"}
	v.Letters, v.Confirm = []store.Sent{l}, &store.Confirmation{Letter: l.Key, State: state}
	if subject == "" {
		subject = "Re: " + l.Subject
	}
	return &parse.Message{From: []parse.Address{{Email: mark.Email}}, Subject: subject, Plain: text}, v
}

// What an answer to the question does, by the question's state. A yes counts
// newly written only.
func TestConfirmAnswers(t *testing.T) {
	for _, row := range []struct{ text, subject, state, want string }{
		{"Yes", "", "waiting", ReasonConfirmYes}, {"Yes", "", "yes", ReasonConfirmAgain}, {"Yes", "", "no", ReasonConfirmLate}, {"Yes", "", "over", ReasonConfirmLate},
		{"No", "", "waiting", ReasonConfirmNo}, {"No", "", "yes", ReasonConfirmNo}, {"No", "", "no", ReasonConfirmAgain}, {"No", "", "over", ReasonConfirmAgain},
		{"Yes\n\n-----Original Message-----\nFrom: Help\nSubject: y\n\nHello Mark", "", "waiting", ReasonConfirmYes},
		{"Ja, das war ich.\n\nVon: Help <help@green.example>\nGesendet: Freitag\nAn: Mark\nBetreff: Did you\n\nHello Mark,", "", "waiting", ReasonConfirmYes},
		{"", "Yes, it was me [bcdfg-hjklm-npqrs]", "waiting", ReasonConfirmYes}, {"", "No, it was somebody else [bcdfg-hjklm-npqrs]", "waiting", ReasonConfirmNo},
		{"", "", "waiting", ReasonNothingNew}, {"What is this?", "", "waiting", ReasonConfirmUnclear}, {"👍", "", "waiting", ReasonConfirmYes}, {"❌", "", "waiting", ReasonConfirmNo},
		{"> Yes", "", "waiting", ReasonConfirmUnclear}, {"On 3 May Mark wrote:\n> Yes", "", "waiting", ReasonConfirmUnclear}, {"Yes? No!", "", "waiting", ReasonConfirmUnclear},
		{"That wasn't me. Strange.", "", "waiting", ReasonConfirmNo}, {"Hm, that wasn't me. Strange.", "", "waiting", ReasonConfirmNo}, {"I have not sent this mail", "", "waiting", ReasonConfirmNo}, {"I didn't write this! Somebody is using my account.", "", "waiting", ReasonConfirmNo},
		{"war ich nicht", "", "waiting", ReasonConfirmNo}, {"Das stammt nicht von mir", "", "waiting", ReasonConfirmNo}, {"Hab ich nicht geschickt", "", "waiting", ReasonConfirmNo}, {"Ce n'est pas moi qui ai écrit ça", "", "waiting", ReasonConfirmNo}, {"Je n'ai jamais écrit ça", "", "waiting", ReasonConfirmNo},
		{"Yo no he escrito eso", "", "waiting", ReasonConfirmNo}, {"Dat heb ik niet gestuurd", "", "waiting", ReasonConfirmNo}, {"Niet door mij geschreven", "", "waiting", ReasonConfirmNo},
		{"Wasn't that me?", "", "waiting", ReasonConfirmUnclear}, {"Yes. I didn't write the other one", "", "waiting", ReasonConfirmUnclear}, {"That was me, but the second wasn't me", "", "waiting", ReasonConfirmUnclear},
		{"Yes, we have received your mail and will answer it soon", "", "waiting", ReasonNewAsk},
	} {
		m, v := question(row.text, row.subject, row.state)
		e := Understand(m, v, Policy{Verify: "confirm"})
		if e.Reason != row.want && !(row.want == ReasonNewAsk && e.Confirm) {
			t.Errorf("%q %q in state %s: %s (%s), want %s", row.text, row.subject, row.state, e.Reason, actsOf(e), row.want)
		}
		if len(e.Acts) == 1 && e.Acts[0].Via == store.ViaConfirm && e.Confirm {
			t.Errorf("%q waits for a yes itself", row.text)
		}
		if v.Confirm = nil; row.text == "Yes" || row.text == "No" {
			if e := Understand(m, v, Policy{Verify: "none"}); e.Reason != ReasonConfirmForeign || e.Verdict != store.Ignored {
				t.Errorf("%q to a question to somebody else: %s %s", row.text, e.Verdict, e.Reason)
			}
		}
	}
}

func TestCodesIn(t *testing.T) {
	for subject, n := range map[string]int{"Re: Did you? [bcdfg-hjklm-npqrs]": 1, "AW: BCDFG HJKLM NPQRS": 1, "bcdfghjklmnpqrs": 1, "bcdfg–hjklm–npqrs": 1, "bcdfg-hjklm": 0, "Rhythms crypts": 0, "": 0} {
		if got := codesIn(subject); len(got) != n {
			t.Errorf("%q: %q", subject, got)
		}
	}
}
