package mailbox

import (
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
	if u.view.AskAddressee && u.event.Auth == store.Believed && u.event.Text != "" {
		u.tell("who may be asked whether this address is theirs, too; the words wait")
		u.settle(store.Refused, ReasonOtherAddress)
		return
	}
	u.settle(store.Ignored, ReasonStrangerReply)
}

// wasItYou reads the answer to "Was this you, writing from another address?": yes
// or no at the beginning, and nothing by a guess.
func (u *understanding) wasItYou() ([]store.Act, string) {
	said := u.says(u.text)
	p := 0
	if len(said) > 0 {
		p = u.polarity(said[0])
	}
	assents := anyHas(said[:min(1, len(said))], "assent", "okay")
	switch {
	case p < 0, anyHas(said[:min(2, len(said))], "negative"):
		return one(store.Act{Kind: store.ActDecline, Text: u.words0(), Via: store.ViaAddress}, ReasonNotMyAddress)
	case assents && !u.text.asked && len(u.text.tokens) <= 30:
		return one(store.Act{Kind: store.ActConfirm, Text: u.words0(), Via: store.ViaAddress}, ReasonMyAddress)
	case u.courtesy(u.text):
		return u.chat(0, ReasonCourtesy)
	}
	return u.unclear(nil, ReasonNotUnderstood)
}
