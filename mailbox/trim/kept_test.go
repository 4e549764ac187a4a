package trim_test

import (
	"strings"
	"testing"

	"askfirst/mailbox/trim"
)

// kept are texts of people with words that look like the marks of mail
// programs. Every one of them must come through whole.
func kept() []string {
	return []string{
		"On Monday Anna wrote: the hall is free.\nCan anyone confirm that?",
		"On Monday Anna wrote:\nthe hall is free.\n\nCan anyone confirm that?",
		"Yesterday on the phone Anna wrote down: 12 chairs, 4 tables.\nWho has them?",
		"Anna wrote: can you find 30 chairs for Tuesday? I cannot, so I ask here.",
		"17 solved! Thanks to everybody who wrote",
		"17 sorted, many thanks to all of you who wrote:",
		"A parent wrote to me:\n\"Is there a chess club?\"\nDoes anyone run one?",
		"The head sent this on 12.11.2026:\nall trips need two adults.\nWho could come with me on the 28th?",
		"At 9:30 Ben wrote on the board: no food.\nWho took the sign down?",
		"Am Montag schrieb Anna: die Halle ist frei.\nStimmt das?",
		"Am 3.12. schrieb ich an die Eltern:\nkeine Antwort. Wer kann helfen?",
		"Le 3 décembre la classe a écrit :\nun poème. Qui veut le lire ?",
		"El lunes Ana escribió:\nuna carta. ¿Quién la tiene?",
		"Op maandag schreef Anna:\nde zaal is vrij. Klopt dat?",
		"From: the kitchen. To: everyone. We have 40 rolls left over, who wants some?",
		"From: the kitchen\nTo: everyone\nWe have 40 rolls left over. Who wants some?",
		"From: London\nTo: Paris\nDate: 4 May\nWho wants to share the trip?",
		"From 9 to 11 I need somebody at the door.\nTo be clear: only on Friday.",
		"Von: 9 Uhr\nBis: 11 Uhr\nOrt: Aula\nWer kann Aufsicht machen?",
		"Von Montag an fehlt uns ein Beamer.\nAn wen wende ich mich?",
		"Datum: 4. Mai\nOrt: Aula\nThema: Sucht\nWer kennt eine Referentin?",
		"De: la cuisine\nÀ: tous\nIl reste 40 pains. Qui en veut ?",
		"Date : jeudi 4 mai\nObjet : sortie au musée\nQui peut accompagner ?",
		"Fecha: 4 de mayo\nAsunto: excursión\n¿Quién puede venir?",
		"Van: 9 uur\nAan: de balie\nWie kan er staan?",
		"Subject: Biology\nDate: next Thursday\nLevel: A\nI need a marker for 30 papers.",
		"To: all of you\nSubject: thanks\nYou are great. Does anyone have a spare kettle?",
		"What we need:\n-- a kettle\n-- two chairs\n-- somebody who can sing",
		"-- a kettle\n-- two chairs\nWho has them?",
		"--\nI need a kettle, sorry for the odd line above.",
		"Two questions.\n--\nFirst: who has a kettle?\n--\nSecond: who has chairs?\n--\nThird: who can carry them?",
		"Kettle\n______________\nWho has one for Friday?",
		"I need help with a table:\n\nName | Room\n-----+-----\nAnn  | 12\n\nHow do I make this in Word?",
		"**********\nBake sale!\n**********\nWho can bake?",
		"> The sea is calm to-night,\n> The tide is full.\n\nWho wrote this? My class asked.",
		"Who wrote this?\n\n> The sea is calm to-night,\n> The tide is full.\n\nMy class asked.",
		"My pupils typed 5 > 3 and got an error.\n> print(5 > 3)\nis what they typed. Who knows Python?",
		"> How do I get rid of this sign at the start of each line?",
		"| Mon | Tue |\n| 12  | 14  |\nCan anyone swap with me?",
		"Dear all,\nthe regards of the old head still hang in room 4.\nWho can take them down?",
		"Best regards,\nthat is how I end all my letters. Is there something warmer in French?",
		"Kind regards are not enough: I owe you 12 chairs. Who brought them?",
		"Thanks\n\nI mean it: the microscope saved the lesson.",
		"Cheers\nis what we want to print on mugs. Who has a press?",
		"Sent from my heart: can anyone lend a cello?",
		"Sent from the office on Monday: three boxes. Where are they?",
		"Get Outlook for the new tablets, they say. Who knows how?",
		"Envoyé de la part de Léa : qui a un violoncelle ?",
		"Gesendet wurde das Paket am Montag. Wer hat es angenommen?",
		"Enviado desde la oficina el lunes: tres cajas. ¿Dónde están?",
		"Verzonden met de post: drie dozen. Waar zijn ze?",
		"The file is confidential, so I ask without names: who has worked with a mute child?",
		"Confidential!\n\nWho can talk to me about bullying, in private?",
		"Disclaimer: I am no expert. Still, I can help with the bulbs.",
		"Is there a virus going round? Half of my class is ill. Who can cover on Friday?",
		"Caution: wet paint in the hall. Who can move the chairs?",
		"External examiners come on Friday.\n\nWho can host them?",
		"[Extern] is what the label says.\nWho knows what that means?",
		"Do not click on links, I tell my class. Who has a good lesson on phishing?",
		"Original message lost, so again: who has a laminator?",
		"Who remembers the original message of the founders? I need it for a speech.",
		"Begin forwarded message is what my mail says. What does it mean?",
		"Forwarded message from the council: the road is closed. Who can walk with Year 3?",
		"Mark\nsaid he has chairs. Is that true?",
		"Mark Evans, can you help with the bulbs?",
		"I can help.\n\nMark Evans has the key.",
		"I need:\n1. tape\n2. glue\n3. scissors",
		"Unsubscribe me from the milk list, who runs it?",
		"Call me: 0123 456789\nor come to room 12.\nI can lend it today.",
		"17 yes\n11 no\n8 yes",
		"17 - yes, gladly\n-----\n11 - no, sorry",
		"Two lessons:\n\nMonday 9:00 wrote test:\nroom 4\n\nTuesday 9:00 oral test:\nroom 5\n\nWho can cover?",
		"Le livre s'appelle \"Il a écrit :\" et je le cherche.",
		"In 2026 on 12 November Ben <ben@x.example> and I found 12 chairs. Whose are they?",
		"Please write to ben@x.example:\nhe collects the money.",
		"Ask Priya <priya@x.example>:\nshe has a key.\n\nOr ask me.",
		"Dates: 12/11/2026, 19/11/2026, 26/11/2026:\nwho can come on which?",
		"12.11.2026 10:00 Anna, Ben, Chris:\nwho of you brings the key?",
		"-----\nI need a drum.\n-----",
		"Hi\n\n\n\n\nWho has a drum?",
		"?",
		"Need: piano tuner\nWhen: May\nWhere: hall",
		"https://example.org/a_b?c=d\nHas anyone used this?",
		"<3 the last concert. Who filmed it?",
		"[image problem] My projector shows everything in green. Who knows why?",
		"A> red\nB> blue\nWhich house colour is free?",
		"Reply above this line, it says on the form. Where do I write?",
		"Write here\n\n>>> important <<<\n\nWho has the key?",
		"To do:\nFrom room 4: 12 chairs\nTo room 5: 12 chairs\nWho carries?",
		"Quoting Shakespeare: to be or not to be.\nWho has a skull?",
		"Zitat von Goethe:\nEdel sei der Mensch.\nWer kennt das ganze Gedicht?",
		"Ben a écrit:\nje suis malade.\nQui peut le remplacer ?",
		"Wer schrieb am 9.11.1989:\n\"Die Mauer ist weg\"?\nIch brauche die Zeitung.",
		"Message from the boys in 4b:\n\nwe want a football. Has anyone got one?",
		"Le 14 juillet, un élève a écrit :\nVive la France !\nQui peut corriger ?",
		"On 12 November 2026 at 9:30, my class wrote:\na letter to the mayor.\nWho can deliver it?",
		"Am 12.11.2026 um 9:30 schrieb meine Klasse:\neinen Brief an die Bürgermeisterin.\nWer bringt ihn hin?",
	}
}

// Real text silently cut is as bad as quoted text published: a text comes
// through whole, whether it is a mail by itself or stands above a quote.
func TestKeptWhole(t *testing.T) {
	l := golden(t, "digest")
	frames := map[string]string{
		"alone":        "%s\n",
		"recent":       "%s\n",
		"above gmail":  "%s\n\nOn Fri, 20 Nov 2026 at 07:30, Greenfield Help Exchange <help@greenfield.example> wrote:\n\n" + prefixed("> ", l.Text),
		"above block":  "%s\n\n________________________________\nFrom: Greenfield Help Exchange <help@greenfield.example>\nSent: 20 November 2026 07:30\nTo: Mark Evans\nSubject: 2 asks\n\n" + l.Text,
		"above others": "%s\n\nOn Fri, 20 Nov 2026 at 07:30, Ben <ben@x.example> wrote:\n\n> Some words of his.\n> And more of them.\n",
	}
	t.Logf("%d texts", len(kept()))
	for name, frame := range frames {
		for _, text := range kept() {
			in := trim.Input{Plain: frame[:0] + text + frame[2:], Names: []string{"Mark Evans"}}
			if name != "alone" && name != "above others" {
				in.Letters = []trim.Letter{l}
			}
			got := trim.Trim(in)
			if collapse(strings.Trim(got.Text, "*-")) != collapse(strings.Trim(text, "*-\n")) {
				t.Errorf("%s\n got %q\nwant %q\n%v", name, got.Text, text, got.Cuts)
			}
		}
	}
}
