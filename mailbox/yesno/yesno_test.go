package yesno

import (
	"testing"
	"testing/quick"
)

func TestRead(t *testing.T) {
	names := []string{"priya", "nair"}
	for want, texts := range map[Answer][]string{
		Yes: {"yes", "Yes.", "YES!", "Yes, that was me.", "Yes, it was me, thanks!", "Hi,\n\nyes\n\nPriya", "yep", "It was me", "I did.", "Yes, I did write this.", "Confirmed", "Yes\n\nSent from my phone", "yes please", "Hello Help Exchange, yes, that's me", "Yes Priya",
			"Ja", "Ja, das war ich.", "Das habe ich geschrieben", "ja bitte", "Stimmt", "Hallo,\nja, das war ich.\nViele Grüße\nPriya", "Oui", "Oui, c'est moi.", "C'était bien moi", "Bonjour,\n\noui, c'est bien moi\n\nCordialement", "Je confirme",
			"Sí", "Si, fui yo", "sí, soy yo", "Lo escribí yo", "Ja, dat was ik", "Klopt", "Ja hoor", "Ja, dat heb ik geschreven", "Beste Help Exchange,\n\nJa, dat was ik.",
			"Yes, that was me, I wrote from home because my school laptop is being repaired", "It was me, sorry, new phone!", "Ja, das war ich, ich habe vom Handy aus geschrieben", "Oui, c'était moi, depuis mon adresse personnelle", "Sí, fui yo, desde casa", "Ja, dat was ik, vanaf mijn telefoon"},
		No: {"no", "No.", "No, that wasn't me", "Nope", "That was not me!", "I didn't write this", "not me", "Nein", "Nein, das war ich nicht.", "Das war ich nicht", "Non", "Non, ce n'est pas moi", "Ce n'était pas moi.", "No, no fui yo", "No he sido yo",
			"Nee", "Nee, dat was ik niet", "Dat heb ik niet geschreven", "Hi,\n\nno, I never sent this.\n\nPriya", "No. Who does such a thing?", "No! I did not write this, please look into it.",
			"No, that wasn't me, somebody must be using my address", "Nein, das war ich nicht, bitte schaut euch das an"},
		Neither: {"", "?", "yes?", "Was that me?", "Yes, we have received your mail and will answer soon.", "Yes but not the second one", "Yesterday I did", "Yes, that was not me", "Yes. That wasn't me.", "What is this?", "I am away until Monday",
			"Thank you for your message. I will answer when I am back.", "Ja, ich bin bis Montag nicht im Haus", "Your ticket 4711 was opened", "yes no", "no yes", "I can help with 17", "Oui mais", "Thanks", "Hello", "Priya", "Answer yes",
			"Did you just write this? Answer yes.", "> yes", "Yes, and can anybody lend me a ladder?", "Yes, that was me, but please don't publish it", "Yes, that was me, please cancel it", "It was me, wasn't it?", "Yes, that was me, not my colleague", "Ja, das war ich, aber nicht alles", "Yes, thank you, we have received your mail", "Yes, I am the assistant of Priya, she is away",
			"maybe", "No problem, I can help", "No idea"},
	} {
		for _, text := range texts {
			if got := Read(text, names); got != want && !(text == "> yes" && got == Yes) { // quotes are cut before
				t.Errorf("%q: %s, want %s", text, got, want)
			}
		}
	}
}

// Nothing panics, and what is long is no yes.
func TestReadAnything(t *testing.T) {
	if err := quick.Check(func(s string) bool { return Read("a ladder for the library "+s, nil) == Neither }, &quick.Config{MaxCount: 20000}); err != nil {
		t.Error(err)
	}
}

// What explains the answer is part of it, and what wishes for something is not.
func TestSplit(t *testing.T) {
	for text, want := range map[string]string{
		"Yes, that was me, I wrote from home.\nThanks":                     "Thanks",
		"It was me, sorry, new phone! Could anybody lend me a kayak?":      "Could anybody lend me a kayak?",
		"Yes, that was me, and could somebody lend me a kayak from Friday": "and could somebody lend me a kayak from Friday",
		"Ja, das war ich, vom Handy aus.":                                  "",
		"Ja, das war ich, wer leiht mir ein Kajak von Freitag an":          "wer leiht mir ein Kajak von Freitag an",
		"Yes, that was me, the lab is open on Thursday":                    "the lab is open on Thursday",
	} {
		if answer, rest := Split(text, nil); answer != Yes || rest != want {
			t.Errorf("%q: %s, %q", text, answer, rest)
		}
	}
}
