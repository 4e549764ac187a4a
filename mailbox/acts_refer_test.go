package mailbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// The colleagues whom these mails name, beside those of testWorld.
func referPeople() []store.Member {
	return []store.Member{priya, mark, sam, ben, maria, anna,
		{ID: 10, Name: "Ben Ito", Email: "ito@green.example", Group: "Office"},
		{ID: 11, Name: "Katherine Jones", Email: "kjones@green.example", Group: "Year 4"},
		{ID: 12, Name: "Jörg Müller", Email: "jm@green.example", Aliases: []string{"joerg@home.example"}, Group: "Verwaltung"},
		{ID: 13, Name: "Anne-Marie Dupont", Email: "amd@green.example"},
		{ID: 14, Name: "Jan van der Berg", Email: "jan@green.example", Group: "Year 5"},
		{ID: 15, Name: "Will Smith", Email: "will@green.example", Group: "Music"},
		{ID: 16, Name: "June O'Brien", Email: "june@green.example"},
		{ID: 17, Name: "Łukasz Zieliński", Email: "lukasz@green.example"},
		{ID: 18, Name: "Tom Smith", Email: "tom@green.example", Group: "Science"},
		{ID: 19, Name: "Ruth Lee", Email: "ruth@green.example", Group: "Science, Hill Road"},
		{ID: 20, Name: "José García", Email: "jose@green.example", Group: "Spanish"},
		{ID: 21, Name: "Alexandra Popov", Email: "alexandra@green.example"},
		{ID: 22, Name: "Jan Peeters", Email: "janp@green.example", Group: "Year 6"},
	}
}

// lookedUp is what the book finds for the names in a message: as store.named,
// over a few people.
func lookedUp(names []string) []store.Member {
	var found []store.Member
	for _, m := range referPeople() {
		fits := slices.ContainsFunc(names, func(n string) bool {
			if strings.Contains(n, "@") {
				return hasAddress(m, n)
			}
			start, open := strings.CutSuffix(n, "*")
			return slices.ContainsFunc(store.NameWords(m.Name), func(w []string) bool {
				return slices.ContainsFunc(w, func(s string) bool { return s == n || open && strings.HasPrefix(s, start) })
			})
		})
		if fits {
			found = append(found, m)
		}
	}
	return found
}

// whom writes down whom acts name: "refer#17>4", "refer#17>Ben?4,10", "refer#17>Zed?".
func whom(e store.Event) string {
	all := strings.Fields(actsOf(e))
	for i, a := range e.Acts {
		if len(all) != len(e.Acts) || a.Kind != store.ActRefer && a.Kind != store.ActThanks || len(a.Members) == 0 && a.Name == "" {
			continue
		}
		ids := strings.Trim(strings.ReplaceAll(fmt.Sprint(a.Members), " ", ","), "[]")
		if a.Name != "" {
			ids = a.Name + "?" + ids
		}
		all[i] += ">" + strings.ReplaceAll(ids, " ", "_")
	}
	return strings.Join(all, " ")
}

func checkWhom(t *testing.T, rows []sentenceRow) {
	t.Helper()
	for _, row := range rows {
		v := testWorld(row.writer, row.letter)
		if kind, _, _ := strings.Cut(row.letter, "/"); kind == store.KindWhichPerson {
			v.Pending = &store.Question{Letter: row.letter, Kind: "which_person", Words: "Ask Ben.", Ask: 17, People: []int64{4, 10}, Name: "Ben"}
		}
		m := written(row.writer, v, row.subject, row.text)
		v.Named = lookedUp(RefsOf(m, exchangeAddress).Names)
		if v.Pending != nil {
			v.Named = append(v.Named, lookedUp([]string{"ben"})...)
		}
		e := Understand(m, v, Policy{Verify: "none"})
		if got := whom(e); got != row.want {
			t.Errorf("%s answers %q, subject %q, text %q:\n got %s (%s)\nwant %s\n%s", row.writer.FirstName(), row.letter, row.subject, row.text, got, e.Reason, row.want, strings.Join(e.Trace, "\n"))
		}
	}
	t.Logf("%d rows", len(rows))
}

func TestReferralsByName(t *testing.T) {
	checkWhom(t, []sentenceRow{
		{mark, "digest-one", "", "Ask Ruth", "refer#17>19"},
		{mark, "digest-one", "", "ask ruth", "refer#17>19"},
		{mark, "digest-one", "", "try ruth!", "refer#17>19"},
		{mark, "digest-one", "", "ruth knows this", "refer#17>19"},
		{mark, "digest-one", "", "Ruth might have one", "refer#17>19"},
		{mark, "digest-one", "", "Ask Ben", "refer#17>Ben?4,10"},
		{mark, "digest-one", "", "Ask Ben Okafor", "refer#17>4"},
		{mark, "digest-one", "", "ask ben okafor", "refer#17>4"},
		{mark, "digest-one", "", "Ask Ben O.", "refer#17>4"},
		{mark, "digest-one", "", "Ask Ben in the office", "refer#17>10"},
		{mark, "digest-one", "", "try ben from the office, he is great", "refer#17>10"},
		{mark, "digest-one", "", "Ben in the Office has one", "refer#17>10"},
		{mark, "digest-one", "", "Ask Ben (Office)", "refer#17>10"},
		{mark, "digest-one", "", "Ask Mr Okafor", "refer#17>4"},
		{mark, "digest-one", "", "ask mr. okafor please", "refer#17>4"},
		{mark, "digest-one", "", "Ask Okafor", "refer#17>4"},
		{mark, "digest-one", "", "Ask Ben Miller", "refer#17>Ben_Miller?"},
		{mark, "digest-one", "", "Ask Zed in the kitchen", "refer#17>Zed?"},
		{mark, "digest-one", "", "Ask Kate", "refer#17>11"},
		{mark, "digest-one", "", "Kate in Year 4 knows this", "refer#17>11"},
		{mark, "digest-one", "", "Ask Alexa", "refer#17>21"},
		{mark, "digest-one", "", "Ask Alex, she'll know", "refer#17>21"},
		{mark, "digest-one", "", "Ask Will", "refer#17>15"},
		{mark, "digest-one", "", "ask will in music", "refer#17>15"},
		{mark, "digest-one", "", "Ask June", "refer#17>16"},
		{mark, "digest-one", "", "Ask Mrs O’Brien", "refer#17>16"},
		{mark, "digest-one", "", "Ask Mr Smith", "refer#17>Mr_Smith?15,18"},
		{mark, "digest-one", "", "Ask Mr Smith from Science", "refer#17>18"},
		{mark, "digest-one", "", "Ask Lukasz", "refer#17>17"},
		{mark, "digest-one", "", "Ask Łukasz Zielinski", "refer#17>17"},
		{mark, "digest-one", "", "ask ben.okafor@elsewhere.example", "refer#17>ben.okafor@elsewhere.example?"},
		{mark, "digest-one", "", "Ask ito@green.example", "refer#17>10"},
		{mark, "digest-one", "", "Ask Ruth or Kate", "refer#17>19,11"},
		{mark, "digest-one", "", "Ask Ruth, Kate and Will", "refer#17>19,11,15"},
		{mark, "digest-one", "", "Ask the Ruth in Science", "refer#17>19"},
		{mark, "digest-one", "", "You could try Ruth's team", "refer#17>19"},
		{mark, "digest-one", "", "Sorry, can't help but ask Ruth, she's brilliant at this", "refer#17>19"},
		{mark, "digest-one", "", "I would ask Ruth", "refer#17>19"},
		{mark, "digest-one", "", "I'd ask Ruth", "refer#17>19"},
		{mark, "digest-one", "", "I'll ask Ruth", "refer#17"},
		{mark, "digest-one", "", "I know someone who can help", "refer#17"},
		{mark, "digest-one", "", "Ask Mark", "refer#17"},  // the writer
		{mark, "digest-one", "", "Ask Priya", "refer#17"}, // the asker
		{mark, "digest", "", "19 ask Ruth, 17 try Will", "refer#19>19 refer#17>15"},
		{mark, "digest", "", "11 - I can. 17 - try ruth.", "offer#11 refer#17>19"},
		{mark, "digest", "", "For the microscope try Jan in Year 5", "refer#17>14"},
		{mark, "digest", "", "ask ruth about 17", "refer#17>19"},
		{mark, "digest", "", "17: maybe ask Jan van der Berg", "refer#17>14"},
		{mark, "digest", "", "I can help with 17, or ask Ruth", "offer#17"},
		{mark, "digest-one", "", "Happy to help. Ruth sends her love.", "offer#17"},
		{mark, "", "I know who to ask about #17: Borrow a microscope", "Ruth", "refer#17>19"},
		{mark, "", "I know who to ask about #17: Borrow a microscope", "ruth lee", "refer#17>19"},
		{mark, "", "I know who to ask about #17: Borrow a microscope", "I know who to ask about #17: please ask me for the name.", "refer#17"},
		{mark, "introduction/8", "", "Sorry, I can't after all, ask Ruth", "withdraw#8 refer#8>19"},
		{mark, "digest", "", "8 can't after all, ask Ruth", "withdraw#8 refer#8>19"},
		{priya, "digest-one", "", "I'll ask Ruth", "chat"},
		{priya, "acknowledgement/17", "", "I'll ask Ben", "chat#17"},
		{priya, "acknowledgement/17", "", "Please ask Ruth", "refer#17>19"},
		{mark, "digest-one", "", "Don't ask Ruth, she is swamped", "chat"},
		{mark, "digest-one", "", "no ask ruth", "refer#17>19"},
		{mark, "digest-one", "", "Did you ask Ruth?", "refer#17>19"},
		{mark, "digest-one", "", "Not me, but Ruth speaks it", "refer#17>19"},
		{mark, "digest-one", "", "Ruth and I can do it", "offer#17"},
		{mark, "digest-one", "", "sorry no, ruth lee has got two", "refer#17>19"},
		{mark, "digest-one", "", "email ruth@green.example", "refer#17>19"},
		{mark, "digest-one", "", "Tom Smith in science knows", "refer#17>18"},
		{mark, "digest", "", "Ask Ruth or Tom about the microscope", "refer#17>19,18"},
		{mark, "digest", "", "17: Kate Jones. 19: ask Ruth", "refer#17>11 refer#19>19"},
		{mark, "invitation/17", "", "yes", "offer#17"},
		{mark, "invitation/17", "", "Yes, happy to!", "offer#17"},
		{mark, "invitation/17", "", "ok", "offer#17"},
		{mark, "invitation/17", "", "Mine is in lab 2, Monday would suit", "offer#17"},
		{mark, "invitation/17", "", "No, sorry", "chat#17"},
		{mark, "invitation/17", "", "Sorry, not this time", "chat#17"},
		{mark, "invitation/17", "", "Thanks for thinking of me!", "chat#17"},
		{mark, "invitation/17", "", "What does she need it for?", "unclear"},
		{mark, "invitation/17", "", "Not me, ask Ruth", "refer#17>19"},
		{mark, "invitation/17", "", "I don't know anything about those", "chat#17"},
	})
}

func TestReferralsInOtherLanguages(t *testing.T) {
	checkWhom(t, []sentenceRow{
		{mark, "digest-one", "", "Frag mal Ruth", "refer#17>19"},
		{mark, "digest-one", "", "frag doch mal ruth", "refer#17>19"},
		{mark, "digest-one", "", "Fragen Sie Frau Lee", "refer#17>19"},
		{mark, "digest-one", "", "Frag Herrn Müller", "refer#17>12"},
		{mark, "digest-one", "", "Frag Herrn Mueller aus der Verwaltung", "refer#17>12"},
		{mark, "digest-one", "", "Herr Müller weiß das", "refer#17>12"},
		{mark, "digest-one", "", "jörg hat eins", "refer#17>12"},
		{mark, "digest-one", "", "Ich würde Ruth fragen", "refer#17>19"},
		{mark, "digest-one", "", "Ich frage Ruth", "refer#17"},
		{mark, "digest-one", "", "Versuchs bei Ben im Office", "refer#17>10"},
		{mark, "digest-one", "", "Frag Ruth oder Will", "refer#17>19,15"},
		{mark, "digest-one", "", "Demande à Anne-Marie", "refer#17>13"},
		{mark, "digest-one", "", "demandez a anne marie", "refer#17>13"},
		{mark, "digest-one", "", "Demandez à Mme Dupont", "refer#17>13"},
		{mark, "digest-one", "", "Anne-Marie en a un", "refer#17>13"},
		{mark, "digest-one", "", "Voyez avec Ruth ou Will", "refer#17>19,15"},
		{mark, "digest-one", "", "Ruth peut t'aider", "refer#17>19"},
		{mark, "digest-one", "", "Pregunta a José", "refer#17>20"},
		{mark, "digest-one", "", "pregúntale a jose", "refer#17>20"},
		{mark, "digest-one", "", "Pregunte al Sr. García", "refer#17>20"},
		{mark, "digest-one", "", "José sabe de esto", "refer#17>20"},
		{mark, "digest-one", "", "Ruth tiene uno", "refer#17>19"},
		{mark, "digest-one", "", "Vraag Jan van der Berg", "refer#17>14"},
		{mark, "digest-one", "", "vraag het aan jan uit year 5", "refer#17>14"},
		{mark, "digest-one", "", "Vraag het Jan", "refer#17>Jan?14,22"},
		{mark, "digest-one", "", "Vraag eens aan mevrouw Lee", "refer#17>19"},
		{mark, "digest-one", "", "Ruth weet dit", "refer#17>19"},
		{mark, "digest-one", "", "Ik vraag het Ruth", "refer#17"},
		{mark, "digest-one", "", "Ruth kann leider nicht", "chat"},
		{mark, "digest-one", "", "Je vais demander à Ruth", "refer#17"},
		{mark, "digest-one", "", "Ben aus dem Office hat einen", "refer#17>10"},
		{mark, "digest-one", "", "La señora Lee lo sabe", "refer#17>19"},
		{mark, "digest-one", "", "Mevrouw van der Berg of Jan Peeters weet het", "refer#17>22"},
	})
}

func TestWhichPersonAnswers(t *testing.T) {
	checkWhom(t, []sentenceRow{
		{mark, "which_person/17", "", "Okafor", "refer#17>4"},
		{mark, "which_person/17", "", "ok", "refer#17>Ben?4,10"},
		{mark, "which_person/17", "", "oka", "refer#17>4"},
		{mark, "which_person/17", "", "Ben Ito", "refer#17>10"},
		{mark, "which_person/17", "", "the one in the office", "refer#17>10"},
		{mark, "which_person/17", "", "Office", "refer#17>10"},
		{mark, "which_person/17", "", "The second", "refer#17>10"},
		{mark, "which_person/17", "", "ben@green.example", "refer#17>4"},
		{mark, "which_person/17", "", "both", "refer#17>4,10"},
		{mark, "which_person/17", "", "none", "refer#17"},
		{mark, "which_person/17", "", "yes", "refer#17>Ben?4,10"},
		{mark, "which_person/17", "", "Ben", "refer#17>Ben?4,10"},
		{mark, "which_person/17", "", "I meant Ruth", "refer#17>19"},
		{mark, "which_person/17", "", "Thanks!", "chat#17"},
		{mark, "which_person/17", "", "I can help with 17 myself", "offer#17"},
		{mark, "which_person/17", "", "stop", "stop"},
	})
}

func TestThanksByName(t *testing.T) {
	checkWhom(t, []sentenceRow{
		{mark, "", "Thanks to Ruth", "She fixed the printer in ten minutes.", "thanks>19"},
		{mark, "", "Thanks to Ruth: she fixed the printer", "", "thanks>19"},
		{mark, "", "thanks to ruth", "she fixed the printer", "thanks>19"},
		{mark, "", "Thanks to Ben", "He fixed the printer.", "thanks>Ben?4,10"},
		{mark, "", "Thanks to Ben Okafor: the printer", "It works again.", "thanks>4"},
		{mark, "", "Thanks to Ruth and Will: the concert", "Everybody loved it.", "thanks>19,15"},
		{mark, "", "Thanks to Ruth and Ben", "Everybody loved it.", "thanks>19 thanks>Ben?4,10"},
		{mark, "", "Thanks to Zed", "He fixed the printer.", "thanks>Zed?"},
		{mark, "", "Thank you Ruth", "The printer works again.", "thanks>19"},
		{mark, "", "A big thank you to Ruth Lee", "The printer works again.", "thanks>19"},
		{mark, "", "", "Thanks to Ruth for fixing the printer!", "thanks>19"},
		{mark, "digest", "Thanks to Ruth: the printer", "It works again.", "thanks>19"},
		{mark, "", "Danke an Herrn Müller", "Der Drucker geht wieder.", "thanks>12"},
		{mark, "", "Danke an Ruth", "Der Drucker geht wieder.", "thanks>19"},
		{mark, "", "Vielen Dank an Ruth!", "Der Drucker geht wieder.", "thanks>19"},
		{mark, "", "Merci à Anne-Marie", "L'imprimante marche.", "thanks>13"},
		{mark, "", "Merci à Mme Dupont : l'imprimante", "Elle marche.", "thanks>13"},
		{mark, "", "Gracias a José", "La impresora funciona.", "thanks>20"},
		{mark, "", "Bedankt Ruth", "De printer doet het weer.", "thanks>19"},
		{mark, "", "Dank aan Jan van der Berg", "De printer doet het weer.", "thanks>14"},
		{mark, "", "Thanks to Ruth", "private: you saved my day", "thanks(private)>19"},
		{mark, "", "Thank you cards", "I need thirty thank you cards by Friday.", "ask"},
		{mark, "", "Thanks Ruth", "Could you also bring the projector?", "ask"},
		{anna, "", "Thanks to Mark: the projector", "He stayed to plug it in.", "thanks#21"},
	})
}

func TestMeToo(t *testing.T) {
	joined := func(v store.View) store.View {
		a := v.Asks[17]
		a.MeToo = []store.Member{mark}
		v.Asks[17] = a
		return v
	}
	for _, row := range []struct{ letter, text, want string }{
		{"digest", "17 withdraw", "withdraw#17"},
		{"digest", "17 no longer needed", "withdraw#17"},
		{"metoo/17", "withdraw", "withdraw#17"},
		{"metoo/17", "found one, thanks", "withdraw#17"},
		{"metoo/17", "Thanks!", "chat#17"},
		{"metoo/17", "17", "offer#17"},
		{"metoo/17", "I can help after all", "offer#17"},
	} {
		v := joined(testWorld(mark, row.letter))
		if e := Understand(written(mark, v, "", row.text), v, Policy{Verify: "none"}); actsOf(e) != row.want {
			t.Errorf("%s: %q: %s (%s), want %s", row.letter, row.text, actsOf(e), e.Reason, row.want)
		}
	}
	checkSentences(t, []sentenceRow{
		{mark, "digest", "", "8 me too", "metoo#8"}, // its helper
		{mark, "digest", "", "17 me too please", "metoo#17"},
		{anna, "digest", "", "14 me too", "chat#14"}, // its asker
		{anna, "acknowledgement/14", "", "me too", "chat#14"},
		{mark, "answer/17", "", "Thanks, where did you find it?", "chat#17"},
	})
}

// Nothing is looked up for a mail that names nobody, and few words for one that
// does.
func TestNamesLookedUp(t *testing.T) {
	for text, want := range map[string]string{
		"I can help with 17, it is in lab 2 and you can have it on Monday": "",
		"Does anyone in the building have a spare laminator for tomorrow?": "",
	} {
		if got := namesOf(words.Standard(), "Re: 3 asks", text); strings.Join(got, " ") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	for text, want := range map[string]string{"Ask Ben": "ben", "frag mal jörg bitte wegen der 17": "jorg", "Sorry, cannot, but try Ben Okafor in Science": "okafor", "ask kate": "katherine",
		"Ask ben@green.example": "ben@green.example", "Ask Oka": "oka", "Ask Okaf": "okaf*", "Ben's the one": "ben"} {
		if got := namesOf(words.Standard(), "Re: 3 asks", text); !slices.Contains(got, want) {
			t.Errorf("%q: %q lacks %s", text, got, want)
		}
	}
}
