package mailbox

import (
	"strings"
	"testing"

	"askfirst/store"
)

// undoWorld is the staff's world in which Mark offered on #17 in his last mail,
// which the introduction answered, and Anna asked #23 and closed #14 with thanks.
func undoWorld(writer store.Member, letter string) store.View {
	v := testWorld(writer, letter)
	switch writer.ID {
	case mark.ID:
		a := v.Asks[17]
		a.State = store.AskHelped
		a.Offers = []store.Offer{{Helper: mark, State: store.OfferIntroduced, Words: "17 - I have one in my room"}}
		v.Asks[17] = a
		v.Undo = []store.Undoable{{ID: 5, Kind: store.ActOffer, Ask: 17, Key: "introduction/17", Mail: 9}, {ID: 4, Kind: store.ActFrequency, Key: "frequency", Mail: 8}}
	case anna.ID:
		v.Undo = []store.Undoable{{ID: 9, Kind: store.ActThanks, Ask: 14, Key: "thanks_noted/14", Mail: 7}, {ID: 8, Kind: store.ActClose, Ask: 14, Key: "closed/14", Mail: 7}, {ID: 3, Kind: store.ActAsk, Ask: 23, Key: "acknowledgement/23", Mail: 2}}
	}
	return v
}

func undone(e store.Event) string {
	out := actsOf(e)
	for _, a := range e.Acts {
		if a.Kind == store.ActUndo {
			ids := make([]string, len(a.Undo))
			for i, id := range a.Undo {
				ids[i] = itoa(id)
			}
			out += " [" + strings.Join(ids, " ") + "]"
		}
	}
	return out
}

func checkUndo(t *testing.T, rows []sentenceRow) {
	t.Helper()
	for _, row := range rows {
		v := undoWorld(row.writer, row.letter)
		e := Understand(written(row.writer, v, row.subject, row.text), v, Policy{Verify: "none"})
		if got := undone(e); got != row.want {
			t.Errorf("%s answers %q, subject %q, text %q:\n got %s (%s)\nwant %s\n%s", row.writer.FirstName(), row.letter, row.subject, row.text, got, e.Reason, row.want, strings.Join(e.Trace, "\n"))
		}
	}
}

// Which act "undo" means.
func TestUndo(t *testing.T) {
	checkUndo(t, []sentenceRow{
		{mark, "introduction/17", "", "undo", "undo#17 [5]"},
		{mark, "introduction/17", "", "Undo please, sorry!", "undo#17 [5]"},
		{mark, "introduction/17", "", "Sorry, wrong one", "undo#17 [5]"},
		{mark, "introduction/17", "", "Hi,\n\nundo that, please.\n\nThanks\nMark", "undo#17 [5]"},
		{mark, "", "undo", "", "undo#17 [5]"},
		{mark, "", "Undo", "undo", "undo#17 [5]"},
		{mark, "", "", "undo", "undo#17 [5]"},
		{mark, "", "", "undo 17", "undo#17 [5]"},
		{mark, "", "undo 17", "", "undo#17 [5]"},
		{mark, "", "undo #17", "please", "undo#17 [5]"},
		{mark, "digest", "", "undo", "undo#17 [5]"},
		{mark, "digest", "", "undo 17 please", "undo#17 [5]"},
		{mark, "digest", "", "17: undo", "undo#17 [5]"},
		{mark, "digest", "", "17 undo", "undo#17 [5]"},
		{mark, "digest", "", "17 was a mistake", "undo#17 [5]"},
		{mark, "digest", "", "undo 19", "undo#19 []"},
		{mark, "frequency", "", "undo", "undo [4]"},
		{mark, "frequency", "", "cancel", "undo [4]"},
		{mark, "frequency", "", "annuler", "undo [4]"},
		{mark, "frequency", "", "abbrechen bitte", "undo [4]"},
		{mark, "undone/17", "", "undo", "undo#17 []"},
		{mark, "which_ask", "", "undo", "undo []"},
		{anna, "", "", "undo", "undo#14 [9 8]"},
		{anna, "closed/14", "", "undo", "undo#14 [9 8]"},
		{anna, "closed/14", "", "cancel", "undo#14 [9 8]"},
		{anna, "thanks_noted/14", "", "undo", "undo#14 [9 8]"},
		{anna, "acknowledgement/23", "", "undo", "undo#23 [3]"},
		{anna, "acknowledgement/23", "", "annuler", "withdraw#23"},
		{anna, "acknowledgement/23", "", "cancel", "withdraw#23"},
		{anna, "", "", "undo 14 and 23", "undo#14 undo#23 [9 8] [3]"},
		{anna, "introduction/21", "", "undo", "undo#21 []"},
		{sam, "digest", "", "undo", "undo []"},
		{sam, "digest", "", "wrong one, sorry", "undo []"},
		// nothing is taken back
		{mark, "", "Someone to undo a knot", "in the theatre curtain", "ask"},
		{mark, "", "Oops", "I broke the laminator. Does anyone have a spare one?", "ask"},
		{mark, "", "Error 17 on the printer", "Does anybody know what error 17 means?", "ask"},
		{mark, "", "Wrong number on the door", "Who can change the sign of room 17?", "ask"},
		{mark, "introduction/17", "", "Can I undo the clamp myself, or does it need a key?", "chat#17"},
		{mark, "digest", "", "My mistake was to think that nobody needs it. I can help with 19", "offer#19"},
	})
}

// The word in five languages, and how thumbs write it.
func TestUndoInWords(t *testing.T) {
	var rows []sentenceRow
	for _, word := range []string{"undo", "undoo", "ungdo", "udno", "UNDO!", "undo it please", "revert", "I made a mistake", "sorry, wrong number",
		"rückgängig", "rueckgaengig", "Ruckgangig", "rückgängig machen bitte", "Bitte rückgängig machen", "falsche Nummer", "vertippt", "Das war ein Versehen",
		"défaire", "annuler ça", "mauvais numéro", "je me suis trompée", "c'était une erreur", "oups",
		"deshacer", "deshacer por favor", "me he equivocado", "número equivocado", "fue un error",
		"ongedaan maken", "maak ongedaan", "foutje", "verkeerde nummer", "dat was een vergissing", "oeps"} {
		rows = append(rows, sentenceRow{mark, "introduction/17", "", word, "undo#17 [5]"}, sentenceRow{mark, "digest", "", word, "undo#17 [5]"})
	}
	for _, word := range []string{"undo 17", "17 undo", "17 rückgängig", "rückgängig 17", "17 rückgängig machen", "falsche Nummer 17", "deshacer 17", "ongedaan maken 17", "défaire 17", "nr 17 undo bitte"} {
		rows = append(rows, sentenceRow{mark, "digest", "", word, "undo#17 [5]"})
	}
	checkUndo(t, rows)
}

// "No, I meant 19": what was done to one ask is done to another.
func TestCorrections(t *testing.T) {
	moved := "undo#17 offer#19 [5]"
	var rows []sentenceRow
	for _, text := range []string{"no, I meant 19", "No I meant #19", "wrong one, 19", "sorry 19 not 17", "sorry, 19 instead of 17", "not 17, I meant 19", "Not 17, 19!", "I meant 19", "i mean 19 sorry",
		"wrong one, I meant 19", "Oops, wrong number: 19", "17 was wrong, I meant 19", "19, not 17", "it should be 19", "17 should be 19", "not 17 but 19", "Sorry, I ment 19", "Sorry! Not 17. 19.",
		"falsche Nummer, 19", "ich meinte 19", "Ich meinte die 19", "nicht 17, sondern 19", "19 statt 17", "Sorry, falsche Nummer, ich meinte die 19.", "vertippt: 19",
		"je voulais dire 19", "mauvais numéro, 19", "pas 17, 19", "19 au lieu de 17", "Pardon, je voulais dire le 19", "je me suis trompé, 19",
		"quería decir 19", "número equivocado, 19", "no 17 sino 19", "me he equivocado, quería decir el 19", "19 en vez de 17", "perdón, 19 no 17",
		"ik bedoelde 19", "verkeerde nummer, 19", "niet 17 maar 19", "Sorry, ik bedoelde nummer 19", "19 in plaats van 17"} {
		rows = append(rows, sentenceRow{mark, "introduction/17", "", text, moved}, sentenceRow{mark, "digest", "", text, moved}, sentenceRow{mark, "", "", text, moved})
	}
	checkUndo(t, append(rows, []sentenceRow{
		{mark, "introduction/17", "", "no, 19", moved},
		{mark, "", "I meant 19", "", moved},
		{mark, "", "Not 17, I meant 19", "sorry", moved},
		{mark, "digest", "", "Not 8, I meant 19", "withdraw#8 offer#19"}, // an offer of earlier days
		{mark, "introduction/17", "", "not 17, I meant 99", "undo#17 unclear [5]"},
		{mark, "introduction/17", "", "I meant 17", "chat#17"},
		{sam, "digest", "", "not 17, I meant 19", "offer#19"},
		{sam, "digest", "", "I meant 19", "offer#19"},
		{sam, "digest", "", "wrong one, 19", "offer#19"},
		{sam, "", "", "not 17, I meant 19", "offer#19"},
		{anna, "closed/14", "", "no, I meant 23", "undo#14 close#23 [8]"},
		// what looks like one
		{mark, "digest", "", "I can't do 17 but can do 19", "withdraw#17 offer#19"},
		{mark, "digest", "", "19 as well", "offer#19"},
		{mark, "introduction/17", "", "I meant Thursday 19 November, sorry", "chat#17"},
		{mark, "introduction/17", "", "Sorry, I meant room 19", "chat#17"},
		{mark, "introduction/17", "", "I meant at 19:00", "chat#17"},
		{mark, "introduction/17", "", "I meant 19 copies", "chat#17"},
		{mark, "introduction/17", "", "wrong one, 19 pupils need it", "chat#17"},
	}...))
}

// The words of the offer go along.
func TestCorrectionKeepsTheWords(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"no, I meant 19", "19 - I have one in my room"},
		{"I meant 19, I can bring it over on Wednesday morning", "19 - I have one in my room\n\nI meant 19, I can bring it over on Wednesday morning"},
	} {
		v := undoWorld(mark, "introduction/17")
		e := Understand(written(mark, v, "", row.text), v, Policy{Verify: "none"})
		if len(e.Acts) != 2 || e.Acts[1].Text != row.want {
			t.Errorf("%q: %+v", row.text, e.Acts)
		}
	}
}
