package mailbox

import (
	"slices"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// A stranger who answers a letter of ours has had it passed on, and learns
// nothing. If we believe who From is, it may be the colleague whom the letter
// went to, writing from another address: that colleague is asked, and the words
// wait.

// strangerAnswers settles a stranger's answer to a letter of ours.
func (u *understanding) strangerAnswers() {
	if u.view.Addressee != nil {
		u.event.Addressee = u.view.Addressee.ID
		u.tell("the letter went to a colleague (member %d)", u.view.Addressee.ID)
	}
	if WantsNoName(u.m, u.view.Exchange.Address) {
		u.tell("its writer wants no name to be known: nobody is asked, and nothing of it is kept")
		u.event.Nameless = true
		u.settle(store.Ignored, ReasonStrangerReply)
		return
	}
	if u.view.AskAddressee && u.event.Text != "" { // whom nobody believes never comes here
		u.tell("who may be asked whether this address is theirs, too; the words wait")
		u.settle(store.Refused, ReasonOtherAddress)
		return
	}
	u.settle(store.Ignored, ReasonStrangerReply)
}

// wasItYou reads the answer to "Was this you, writing from another address?". It
// lets somebody speak as the writer from now on, so a yes counts only where
// nothing beside it says anything else.
func (u *understanding) wasItYou() ([]store.Act, string) {
	said := u.says(u.text)
	assents := anyHas(said[:min(2, len(said))], "assent")
	yes := assents || anyHas(said, "itwasme")
	denies := slices.ContainsFunc(u.text.tokens, func(t words.Token) bool { return u.words.Is("not", t.Fold) }) || anyHas(said, "refuse", "negative")
	switch {
	case denies && !assents && len(u.text.tokens) <= 30:
		return one(store.Act{Kind: store.ActDecline, Text: u.words0(), Via: store.ViaAddress}, ReasonNotMyAddress)
	case yes && !denies && !u.text.asked && u.onlyMe():
		return one(store.Act{Kind: store.ActConfirm, Text: u.words0(), Via: store.ViaAddress}, ReasonMyAddress)
	case !yes && u.courtesy(u.text):
		return u.chat(0, ReasonCourtesy)
	}
	return u.unclear(nil, ReasonNotUnderstood)
}

// onlyMe says whether the text consists of a yes, of words such as "that was me,
// from home", of small talk and of the writer's name.
func (u *understanding) onlyMe() bool {
	var own []words.Token
	if u.view.Writer != nil {
		own = words.Tokens(u.view.Writer.Name)
	}
	for i := range u.text.clauses {
		c := &u.text.clauses[i]
		for j, t := range c.tokens {
			said := slices.ContainsFunc(c.found, func(m words.Match) bool {
				return m.Start <= j && j < m.End && (m.Class == "assent" || m.Class == "itwasme" || m.Class == "courtesy" || m.Class == "thanks")
			})
			named := slices.ContainsFunc(own, func(n words.Token) bool { return n.Fold == t.Fold })
			if !said && !named && !u.words.Is("ownaddress", t.Fold) && !u.words.Is("small", t.Fold) && !u.words.Is("greeting", t.Fold) {
				return false
			}
		}
	}
	return true
}
