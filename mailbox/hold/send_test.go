package hold

import "testing"

// "Send" in many spellings, and what only looks like it: whoever wants something
// left out is asked again, and other words are other words.
func TestAnswers(t *testing.T) {
	for text, want := range map[string]Answer{
		"send": Send, "Send": Send, "SEND!": Send, "send it": Send, "send please": Send, "Please send it as it is": Send, "sned": Send, "send.\n\nPriya": Send,
		"Yes": Send, "yes please": Send, "Yes, send it": Send, "Go ahead": Send, "It's fine": Send, "it is fine, Jack is my dog": Send, "That's OK": Send,
		"Send #17 as it is": Send, "send 17": Send, "17 send": Send, "ok send": Send, "Sorry, yes send it": Send, "No problem, send it": Send, "It's my own number": Send,
		"Send. It is the number of the office.": Send, "Senden": Send, "Bitte senden": Send, "ja, passt so": Send, "Abschicken bitte!": Send,
		"Envoyer": Send, "oui, envoyez": Send, "Tel quel, merci": Send, "Enviar": Send, "Sí, envíalo": Send, "vale, adelante": Send,
		"Verstuur": Send, "ja, stuur maar": Send, "Prima zo, verstuur maar": Send,

		"send it without the number": Instead, "Yes, but take out the name": Instead, "Send, but not the phone number": Instead, "Remove the phone number please": Instead,
		"don't send it": Instead, "No": Instead, "Ja, aber ohne den Namen": Instead, "oui mais sans le nom": Instead, "sí, pero sin el nombre": Instead, "ja, maar zonder de naam": Instead,
		"Please delete the name": Instead, "wait": Instead,

		"Does anyone have a spare laptop charger?": Other, "Who can send me a laminator?": Other, "I need somebody to send 30 letters on Friday": Other, "withdraw": Other, "ok": Other, "thanks": Other,
		"Why?": Other, "What did I do wrong?": Other, "A laminator without a plug": Other, "Ein Laminiergerät": Other, "": Other,
	} {
		if got := AnswerOf(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
