package mailbox

import "testing"

// Thanks stay private wherever the words say so, and a word for privacy inside a
// sentence asks for nothing.
func TestPrivateThanks(t *testing.T) {
	checkSentences(t, []sentenceRow{
		{anna, "did_it_help/21", "", "private: Mark saved my evening", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Privat: Mark hat mir den Abend gerettet", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "privé : Mark a sauvé ma soirée", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Privado: Mark me salvó la tarde", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "privé: Mark heeft mijn avond gered", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Thank you Mark, that was great.\n\nprivate please", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Thank you Mark, that was great. Please keep this private.", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Vielen Dank Mark! Bitte privat.", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Merci Mark, c'était super. En privé s'il te plaît.", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Gracias Mark, estuvo genial. En privado, por favor.", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "Bedankt Mark, het was top! Graag privé.", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "(private) Mark was wonderful", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "PRIVATE - thanks so much Mark!", "thanks#21(private)"},
		{anna, "did_it_help/21", "", "He gave me private lessons, thank you Mark!", "thanks#21"},
		{anna, "closed/21", "", "private: Mark was great", "thanks#21(private)"},
		{anna, "closed/21", "", "privat: Mark war toll", "thanks#21(private)"},
		{anna, "introduction/21", "", "private: thank you Mark, you saved my evening", "thanks#21(private)"},
		{anna, "digest", "", "21 private: thank you Mark, you were wonderful", "thanks#21(private)"},
		{anna, "digest", "", "21: thanks Mark, you were wonderful", "thanks#21"},
		{anna, "", "Private: thanks for #21", "Mark was wonderful, thank you", "thanks#21(private)"},
		{anna, "thanks_noted/21", "", "private", "decline#21"},
		{anna, "thanks_noted/21", "", "Bitte privat", "decline#21"},
		{anna, "thanks_noted/21", "", "privé s'il vous plaît", "decline#21"},
		{anna, "thanks_noted/21", "", "keep it private please", "decline#21"},
		{mark, "thank_you/21", "", "no thanks needed", "decline#21"},
		{mark, "thank_you/21", "", "private please", "decline#21"},
		{mark, "thank_you/21", "", "privado por favor", "decline#21"},
		{anna, "may_i_share/21", "", "private", "decline#21"},
	})
}

// A helper who cannot after all, in the talk of the two and in a new mail; and
// what only sounds like it.
func TestOfferTakenBack(t *testing.T) {
	checkSentences(t, []sentenceRow{
		{mark, "introduction/21", "", "So sorry, I can't make it after all", "withdraw#21"},
		{mark, "introduction/21", "", "Sorry, not me", "withdraw#21"},
		{mark, "introduction/21", "", "Leider kann ich doch nicht", "withdraw#21"},
		{mark, "introduction/21", "", "Désolé, finalement je ne peux pas", "withdraw#21"},
		{mark, "introduction/21", "", "Lo siento, al final no puedo", "withdraw#21"},
		{mark, "introduction/21", "", "Sorry, het lukt toch niet", "withdraw#21"},
		{mark, "introduction/21", "", "annuler", "withdraw#21"},
		{mark, "introduction/21", "", "cancel", "withdraw#21"},
		{mark, "introduction/21", "", "withdraw", "withdraw#21"},
		{mark, "introduction/21", "", "zurückziehen", "withdraw#21"},
		{mark, "introduction/21", "", "cancelar", "withdraw#21"},
		{mark, "introduction/21", "", "annuleren", "withdraw#21"},
		{mark, "reserve/21", "", "cancel", "withdraw#21"},
		{mark, "reserve/21", "", "annuler", "withdraw#21"},
		{mark, "digest", "", "21 annuler", "withdraw#21"},
		{mark, "digest", "", "21 withdraw", "withdraw#21"},
		{mark, "digest", "", "withdraw 21", "withdraw#21"},
		{mark, "", "", "21 cannot after all", "withdraw#21"},
		{mark, "", "", "withdraw 21", "withdraw#21"},
		{mark, "", "cannot after all", "#21", "withdraw#21"},
		{mark, "", "I can't help with #21 after all", "Sorry, something came up.", "withdraw#21"},
		{mark, "", "", "I cannot help with #21 after all", "withdraw#21"},
		{mark, "", "", "#21 kann doch nicht", "withdraw#21"},
		{mark, "introduction/21", "", "I can't make Thursday after all, how about Friday?", "chat#21"},
		{mark, "introduction/21", "", "Sorry, cannot on Thursday, but Friday works", "chat#21"},
		{mark, "digest", "Re: Today's asks", "does anyone have a laminator?", "ask"},
		{mark, "introduction/21", "Laminator", "Does anyone have a laminator?", "chat#21"},
		{mark, "", "Fwd: Projector", "Can anybody help them?\n\n---------- Forwarded message ---------\nFrom: Someone <x@y.example>\nDate: Thu, 19 Nov 2026\nSubject: Projector\nTo: Mark\n\nCan your school lend us a projector? Call me on 0151 234567\n\nSomeone", "ask"},
		{mark, "", "WG: Beamer", "Kann jemand helfen?\n\n-----Ursprüngliche Nachricht-----\nVon: Jemand <x@y.example>\nGesendet: Donnerstag, 19. November 2026 10:00\nAn: Mark\nBetreff: Beamer\n\nKönnt ihr uns einen Beamer leihen?", "ask"},
	})
}
