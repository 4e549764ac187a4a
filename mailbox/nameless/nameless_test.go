package nameless

import (
	"strings"
	"testing"

	"askfirst/mailbox/words"
)

func TestClean(t *testing.T) {
	priya := Who{Names: []string{"Priya Nair", "Pri"}, Addresses: []string{"priya@carpenter.example", "pnair@home.example"}, Team: "Science"}
	mark := Who{Names: []string{"Mark Brown"}, Team: "Year 4"}
	sam := Who{Names: []string{"Sam Doyle"}}
	juergen := Who{Names: []string{"Jürgen Müller"}, Team: "Physik"}
	for _, c := range []struct {
		who               Who
		text, want, found string
	}{
		{priya, "Hi, Priya here. Could somebody lend me a microscope?", "Hi, Could somebody lend me a microscope?", ""},
		{priya, "Hello all, this is Priya from Science. I need help with a class.", "Hello all, I need help with a class.", ""},
		{priya, "It's Priya Nair here, I need a laminator.", "I need a laminator.", ""},
		{priya, "My name is Priya and I struggle with marking.", "I struggle with marking.", ""},
		{sam, "Hi, this is Sam from room 4, can anyone cover my break?", "Hi, can anyone cover my break?", ""},
		{priya, "I feel lost.\n\nPriya", "I feel lost.", ""},
		{priya, "I feel lost.\n\nPN", "I feel lost.", ""},
		{priya, "I feel lost.\n\nP.N. x", "I feel lost.", ""},
		{priya, "I feel lost.\n\nPri xx", "I feel lost.", ""},
		{priya, "I feel lost. Many thanks, Priya", "I feel lost. Many thanks,", ""},
		{priya, "I feel lost.\nThanks Priya", "I feel lost.\nThanks", ""},
		{priya, "I feel lost.\n— Priya Nair, Head of Science", "I feel lost.", ""},
		{priya, "I feel lost.\n\nPriya Nair\nBiology, room 9\next. 4711", "I feel lost.", ""},
		{priya, "Who has met\nPriya\nLast year she was in the choir, I believe.", "Who has met\n[…]\nLast year she was in the choir, I believe.", "name/2"},
		{priya, "I feel lost.\n\nSent from my iPhone", "I feel lost.", ""},
		{priya, "Could somebody talk to Nair about it?", "Could somebody talk to […] about it?", "name/1"},
		{priya, "Write to priya.nair@gmail.example please.", "Write to […] please.", "name/1"},
		{priya, "Call me: 020 7946 0018.", "Call me: […].", "phone/1"},
		{priya, "Anybody else in Science?", "Anybody else in Science?", "team/1"},
		{priya, "I sit in room 12.", "I sit in room 12.", "room/1"},
		{priya, "See https://school.example/~priya/plan for it", "See […] for it", "name/1"},
		{mark, "Can somebody mark 30 books? Will this do?", "Can somebody mark 30 books? Will this do?", ""},
		{mark, "Mark schemes for Year 10?", "Mark schemes for Year 10?", "name/1"},
		{mark, "Hi, I'm Mark. I need brown paper.", "Hi, I need brown paper.", ""},
		{mark, "Tell Mark Brown about it.", "Tell […] about it.", "name/1"},
		{juergen, "Hallo, ich bin Jürgen aus der Physik und brauche Hilfe.", "Hallo, brauche Hilfe.", ""},
		{juergen, "Hier ist Juergen Mueller. Wer hat ein Oszilloskop?\n\nViele Grüße\nJ. Müller", "Wer hat ein Oszilloskop?\n\nViele Grüße", ""},
		{priya, "Bonjour, c'est Priya, j'ai besoin d'aide.", "Bonjour, j'ai besoin d'aide.", ""},
		{priya, "Bonjour, je m'appelle Priya. Qui peut m'aider ?", "Bonjour, Qui peut m'aider ?", ""},
		{priya, "Hola, soy Priya de Ciencias. Necesito ayuda.", "Hola, Necesito ayuda.", ""},
		{priya, "Hoi, met Priya. Wie heeft een beamer?", "Hoi, Wie heeft een beamer?", ""},
		{priya, "Ik ben Priya, en ik zoek hulp.", "En ik zoek hulp.", ""},
		{priya, "My name is Pippa and I need a hand", "I need a hand", "name/1"},
		{priya, "I need it by 27.11.2026, 09:30-10:15, for 30 pupils.", "I need it by 27.11.2026, 09:30-10:15, for 30 pupils.", ""},
	} {
		got, found := Clean(c.text, c.who, 1)
		if !strings.EqualFold(got, c.want) || found != c.found {
			t.Errorf("%q\n  is   %q (%s)\n  want %q (%s)", c.text, got, found, c.want, c.found)
		}
	}
}

// Whatever the text, no part of the name is left that is not asked about.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"Hi, Priya here. Thanks, Priya", "this is Priya Nair from\nroom 4", "p\u200briya", "Priya", "my name is\nPriya", "Nair-Priya's", "\r\nPriya\r\n"} {
		f.Add(s)
	}
	who := Who{Names: []string{"Priya Nair"}, Addresses: []string{"priya@carpenter.example"}}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 2000 {
			return
		}
		got, _ := Clean(s, who, 1)
		c := &cleaner{own: partsOf(who), text: got}
		for _, tok := range tokensIn(got) {
			if part, word := c.is(tok); part && !word {
				t.Errorf("%q leaves %q in %q", s, tok.Raw, got)
			}
		}
	})
}

func tokensIn(s string) []words.Token { return words.Tokens(s) }
