package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// introduced reads talk between asker and helper. We read over their shoulders:
// only plain words to us act.
func (u *understanding) introduced(n int64, role store.Role, said []*clause) ([]store.Act, string) {
	short := len(u.text.tokens) <= 16
	switch role {
	case store.RoleHelper:
		asked := false
		for i, c := range said { // of a sentence that asks, its last clause does
			last := i+1 == len(said) || said[i+1].sentence != c.sentence
			asked = asked || last && c.question && !c.has("refer", "unoffer", "anyone") && !(len(c.tokens) <= 3 && len(u.colleagues(c.tokens)) > 0)
		}
		if short && !asked && u.begins(said, "unoffer") && u.volunteers(said) <= 0 {
			return u.withdrawn(n, said)
		}
		for i, c := range said { // "sorry, I cannot after all"
			if i < 5 && !asked && ((u.polarity(c) < 0 || u.wholly(c, "unoffer") && u.loneNot(c)) && c.has("unoffer") || len(u.text.tokens) <= 40 && c.has("backout")) {
				return u.withdrawn(n, said)
			}
		}
	case store.RoleAsker:
		switch {
		case short && u.withdraws(n, said):
			return u.act(store.ActWithdraw, n, ReasonWithdrawAsk)
		case short && (u.begins(said, "reopen") || relists(said)):
			return u.act(store.ActReopen, n, ReasonReopen)
		case u.gratitude(said):
			return u.act(store.ActThanks, n, ReasonThanks)
		case short && u.begins(said, "close") && !u.text.asked:
			return u.act(store.ActClose, n, ReasonClose)
		}
	}
	return u.chat(n, ReasonIntroductionTalk)
}

// relists says whether one of the clauses speaks of the list in so many words:
// "could you put it back on the list?".
func relists(said []*clause) bool {
	return slices.ContainsFunc(said, func(c *clause) bool {
		return slices.ContainsFunc(c.found, func(m words.Match) bool { return m.Class == "reopen" && m.End-m.Start >= 4 })
	})
}

// withdrawn takes an offer back and, when the words name somebody else, passes
// the ask on: "I can't after all, ask Ben".
func (u *understanding) withdrawn(n int64, said []*clause) ([]store.Act, string) {
	acts, reason := u.act(store.ActWithdraw, n, ReasonWithdrawOffer)
	if anyHas(said, "refer") {
		acts = append(acts, store.Act{Kind: store.ActRefer, Ask: n, Text: u.words0(), Via: "letter"})
		reason = ReasonSeveral
	}
	return acts, reason
}

// gratitude says whether an asker thanks for something that has happened,
// rather than for an appointment.
func (u *understanding) gratitude(said []*clause) bool {
	return anyHas(said, "thanks") && anyHas(said, "praise") && !anyHas(said, "advance") && !u.text.asked
}

// didItHelp reads the answer to "Did it work out?": what appreciates the help is
// thanks, and nothing else is published.
func (u *understanding) didItHelp(n int64, role store.Role, said []*clause) ([]store.Act, string) {
	if role != store.RoleAsker {
		return u.other(n, role, said)
	}
	text, private := u.withoutPrivate()
	grateful := anyHas(said, "thanks", "praise")
	brief := len(u.text.tokens) <= 4
	longer := u.longer(said)
	switch {
	case len(u.text.tokens) <= 12 && anyHas(said, "bothways"):
		return u.unclear([]int64{n}, ReasonNotUnderstood)
	case private && text == "":
		return u.act(store.ActDecline, n, ReasonDecline)
	case private:
		a := store.Act{Kind: store.ActThanks, Ask: n, Text: text, Private: true, Via: "letter"}
		return one(a, ReasonThanks)
	case longer != nil && !grateful:
		longer.Ask, longer.Text, longer.Via = n, u.words0(), "letter"
		return one(*longer, ReasonExtend)
	case u.begins(said, "reopen", "failed") && !(grateful && !anyHas(said[:1], "reopen", "failed")):
		return u.act(store.ActReopen, n, ReasonReopen)
	case anyHas(said, "notyet"):
		return u.act(store.ActExtend, n, ReasonExtend)
	case anyHas(said, "reopen", "failed"):
		return u.act(store.ActReopen, n, ReasonReopen)
	case u.withdraws(n, said):
		return u.act(store.ActWithdraw, n, ReasonWithdrawAsk)
	case u.begins(said, "close") && (brief || !grateful):
		return u.act(store.ActClose, n, ReasonClose)
	case len(said) > 1 && !grateful && u.begins(said[len(said)-1:], "close"):
		return u.act(store.ActClose, n, ReasonClose) // "did it all myself in the end, sorted"
	case brief && anyHas(said, "assent") && !anyHas(said, "thanks"):
		return u.act(store.ActClose, n, ReasonClose)
	case u.text.asked && !grateful:
		return u.unclear([]int64{n}, ReasonQuestion)
	case !u.appreciates(n, said):
		return u.unclear([]int64{n}, ReasonNotUnderstood)
	}
	acts, reason := u.act(store.ActThanks, n, ReasonThanks)
	if u.begins(said, "close") {
		acts = append(acts, store.Act{Kind: store.ActClose, Ask: n, Text: u.words0(), Via: "letter"})
		reason = ReasonSeveral
	}
	return acts, reason
}

// appreciates says whether an asker's words can be shown to everybody as thanks:
// they are grateful or praise, or tell what the helper did, and hold nothing
// against it.
func (u *understanding) appreciates(n int64, said []*clause) bool {
	if anyHas(said, "negative") || slices.ContainsFunc(said, func(c *clause) bool { return u.deniesPraise(c) }) {
		return false
	}
	return anyHas(said, "thanks", "praise", "positive") || wordCount(said) >= 6 && u.names(said, u.view.Asks[n].Helpers())
}

// deniesPraise says whether a clause denies what it would praise: "it was not
// very helpful".
func (u *understanding) deniesPraise(c *clause) bool {
	return c.has("positive", "praise") && u.negates(c)
}

// negates says whether a clause has a "not" outside an idiom.
func (u *understanding) negates(c *clause) bool {
	for i, t := range c.tokens {
		if u.words.Is("not", t.Fold) && !c.masked(i) {
			return true
		}
	}
	return false
}

// withoutPrivate takes "private:" off the text.
func (u *understanding) withoutPrivate() (string, bool) {
	phrase, rest, ok := subjectMark(firstLine(u.words0()), "private", false)
	if !ok {
		return "", false
	}
	full := strings.TrimSpace(u.words0())
	after := strings.TrimLeft(strings.TrimPrefix(full, phrase), " \t")
	lone := rest == "" || strings.HasPrefix(after, ":") || strings.HasPrefix(after, ",") || strings.HasPrefix(after, "-") || strings.HasPrefix(after, "–") || strings.HasPrefix(after, ".")
	if !lone && !strings.HasPrefix(strings.ToLower(after), "please") {
		return "", false
	}
	text := strings.TrimSpace(strings.TrimLeft(after, ":,.-–— \t\n"))
	if strings.EqualFold(strings.Trim(text, ".! "), "please") {
		text = ""
	}
	return text, true
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// praised reads answers to letters that tell of thanks.
func (u *understanding) praised(n int64, said []*clause) ([]store.Act, string) {
	if anyHas(said, "decline") || len(said) > 0 && u.begins(said, "decline") {
		return u.act(store.ActDecline, n, ReasonDecline)
	}
	if u.letter.Kind == store.KindThanksNoted && u.role(n) == store.RoleAsker && !u.courtesy(u.text) {
		return u.asker(n, said)
	}
	return u.chat(n, ReasonCourtesy)
}
