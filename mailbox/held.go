package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/hold"
	"askfirst/mailbox/parse"
	"askfirst/mailbox/words"
	"askfirst/store"
)

// An ask that holds what colleagues should perhaps not read waits until its
// writer has said "send". It is the words that are looked at, as they would be
// shown, together with the title.

// heldNames are the words of a message that would hold an ask unless they are a
// colleague's name: the book is asked about them.
func heldNames(subject, text string) []string {
	subject, _, _ = parse.BaseSubject(subject)
	return hold.Standard().Names(subject, text)
}

func (p Policy) detector() *hold.Detector {
	if p.Hold == nil {
		return hold.Standard()
	}
	return p.Hold
}

// hold marks the asks and changes that should be asked about before anybody else
// reads them, and gives the reason if that is all that the message does.
func (u *understanding) hold(detector *hold.Detector, acts []store.Act, reason string) ([]store.Act, string) {
	for i := range acts {
		a := &acts[i]
		switch {
		case a.Kind == store.ActThanks && !a.Private:
			u.holdThanks(detector, a)
			continue
		case a.Kind != store.ActAsk && a.Kind != store.ActEdit:
			continue
		}
		title, text := a.Title, a.Text
		if u.event.Text == "" {
			text = "" // the subject speaks, and is the title
		} else if u.subject == "" || u.generic(u.subject) || !strings.HasPrefix(a.Title, head(u.subject, 8)) {
			title = "" // it is the first words of the text
		}
		found := detector.Find(title, text, u.colleague)
		if len(found) == 0 && a.Hold == "" {
			continue
		}
		named := a.Hold != ""
		a.Hold = heldTogether(a.Hold, hold.Join(found))
		u.tell("before colleagues read it the writer is asked about %s", a.Hold)
		switch {
		case len(acts) != 1:
		case named:
			reason = ReasonHeldName
		default:
			reason = heldReason(found[0].Code)
		}
	}
	return acts, reason
}

// holdThanks marks thanks that should be asked about before a digest carries
// them. Whom they thank reads them at once.
func (u *understanding) holdThanks(detector *hold.Detector, a *store.Act) {
	if found := detector.Find("", a.Text, u.colleague); len(found) > 0 {
		a.Hold = hold.Join(found)
		u.tell("before a digest carries the thanks their writer is asked about %s", a.Hold)
	}
}

// heldReason is the reason of an ask that is held for one thing above all.
func heldReason(code hold.Code) string {
	switch code {
	case hold.Password:
		return ReasonHeldPassword
	case hold.Account:
		return ReasonHeldAccount
	case hold.ID:
		return ReasonHeldID
	case hold.Pupil:
		return ReasonHeldPupil
	case hold.Phone:
		return ReasonHeldPhone
	case hold.Address:
		return ReasonHeldAddress
	}
	return ReasonHeldWord
}

// colleague says whether a folded word is part of a colleague's name.
func (u *understanding) colleague(word string) bool {
	is := func(m store.Member) bool {
		for _, spellings := range store.NameWords(m.Name) {
			if slices.Contains(spellings, word) {
				return true
			}
		}
		return false
	}
	return u.view.Writer != nil && is(*u.view.Writer) || slices.ContainsFunc(u.view.Named, is)
}

// aboutHeld reads what its writer says of an ask that was not sent: "send",
// better words, "withdraw". Words that are none of these ask once more: nothing
// goes to everybody by a misunderstanding.
func (u *understanding) aboutHeld() ([]store.Act, string, bool) {
	n := u.heldAsk()
	if n == 0 {
		return nil, "", false
	}
	ask, said := u.view.Asks[n], u.says(u.text)
	u.tell("it is about #%d, which was not sent yet", n)
	answer := hold.AnswerOf(u.words0())
	switch {
	case answer == hold.Send:
		return []store.Act{{Kind: store.ActConfirm, Ask: n, Text: u.words0(), Via: "held"}}, ReasonSendHeld, true
	case !ask.Unsent():
		return nil, "", false // a change of it waits; the rest is as ever
	case answer == hold.Instead && u.volunteers(said) < 0 && !anyHas(said, "notyet") && len(u.text.tokens) <= 4, u.begins(said, "withdraw", "close"):
		return []store.Act{{Kind: store.ActWithdraw, Ask: n, Text: u.words0(), Via: "letter"}}, ReasonWithdrawAsk, true
	case answer == hold.Instead, u.questioned(said), len(u.text.tokens) < 3 && u.subject == "":
		if u.courtesy(u.text) && anyHas(said, "thanks") && answer != hold.Instead {
			acts, reason := u.chat(n, ReasonCourtesy)
			return acts, reason, true
		}
		acts, reason := u.unclear([]int64{n}, ReasonNotUnderstood)
		return acts, reason, true
	case u.courtesy(u.text):
		acts, reason := u.chat(n, ReasonCourtesy)
		return acts, reason, true
	}
	a := store.Act{Kind: store.ActEdit, Ask: n, Text: u.words0(), Replace: true, Via: "letter"}
	a.NeededBy = neededBy(u.words, u.words0(), u.reckoning())
	if rest, ok := u.changeTo(); ok {
		a.Text = rest
	}
	if u.subject != "" && !u.generic(u.subject) || u.titleGoes(ask) {
		a.Title = u.title(a.Text)
	}
	return []store.Act{a}, ReasonEdit, true
}

// heldAsk is the ask that was not sent and that the message speaks of; 0: none.
func (u *understanding) heldAsk() int64 {
	mine := func(n int64) bool {
		return u.role(n) == store.RoleAsker && u.view.Asks[n].Unsent()
	}
	named := map[int64]bool{}
	for _, c := range append(u.text.clauses, u.readText(u.subject, u.barelyNamed()).clauses...) {
		for _, n := range c.numbers {
			named[n] = true
		}
	}
	if u.letter != nil && (u.letter.Kind == store.KindHeld || u.letter.Kind == store.KindStillHeld || u.letter.Kind == store.KindLetGo) {
		n := u.about()
		if len(named) > 0 && !named[n] || u.role(n) != store.RoleAsker {
			return 0
		}
		return n
	}
	if n := u.about(); mine(n) && len(named) == 0 {
		return n
	}
	if len(named) == 1 {
		for n := range named {
			if mine(n) {
				return n
			}
		}
		return 0
	}
	// A phone that starts a new mail: "send", and nothing else waits.
	var waiting []int64
	for n := range u.view.Asks {
		if mine(n) && u.view.Asks[n].State == store.AskHeld {
			waiting = append(waiting, n)
		}
	}
	if len(waiting) == 1 && len(named) == 0 && u.letter == nil && len(u.text.tokens) <= 6 && hold.AnswerOf(u.words0()) == hold.Send {
		return waiting[0]
	}
	return 0
}

// questioned says whether the words ask us something, rather than everybody.
func (u *understanding) questioned(said []*clause) bool {
	return u.text.asked && len(u.text.tokens) <= 10 && !anyHas(said, "asking", "anyone")
}

// titleGoes says whether an ask's title is not worth keeping when its words
// change: something was seen in it, or it is the first of those words.
func (u *understanding) titleGoes(ask store.Ask) bool {
	if strings.Contains(" "+ask.Held, "/0") {
		return true
	}
	title := strings.TrimRight(words.Fold(ask.Title), "….?! ")
	return strings.Contains(words.Fold(strings.Join(strings.Fields(head(ask.Body, readable)), " ")), title)
}
