package mailbox

import (
	"slices"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// discreet keeps thanks private whose words ask for it, wherever they say so:
// "private: …", "Thank you Mark! Please keep this between us." A word for
// privacy inside a sentence, as in "his private lessons", asks for nothing.
func (u *understanding) discreet(acts []store.Act) []store.Act {
	if !slices.ContainsFunc(acts, func(a store.Act) bool { return a.Kind == store.ActThanks }) {
		return acts
	}
	private := false
	for _, text := range []string{u.subject, u.text.textOrNone()} {
		private = private || text != "" && u.asksPrivacy(u.readText(text, u.barelyNamed()))
	}
	for i := range acts {
		a := &acts[i]
		if a.Kind != store.ActThanks || !private {
			continue
		}
		if rest, ok := u.withoutPrivate(); ok && rest != "" && a.Text == u.words0() {
			a.Text = rest
		}
		a.Private = true
	}
	return acts
}

// textOrNone is the text; "" of no reading.
func (r *reading) textOrNone() string {
	if r == nil {
		return ""
	}
	return r.text
}

// asksPrivacy says whether one of the clauses says that the words are not for
// everybody.
func (u *understanding) asksPrivacy(r *reading) bool {
	for i := range r.clauses {
		c := &r.clauses[i]
		if !c.has("private", "decline") {
			continue
		}
		if u.courteousBut(c, "private", "decline", "courtesy") {
			return true
		}
		for _, m := range c.found {
			switch {
			case m.Class == "decline" && m.End-m.Start >= 2 && u.alone(c, m):
				return true
			case m.Class == "private" && i == 0 && m.Start == 0 && slices.ContainsFunc(c.found, func(o words.Match) bool { return o.Class == "thanks" && o.Start == m.End }):
				return true // "Private thanks to Mark"
			}
		}
	}
	return false
}
