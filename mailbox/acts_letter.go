package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// aboutOne reads an answer to a letter about ask n. The letter and the writer's
// part in the ask decide before the words do.
func (u *understanding) aboutOne(n int64) ([]store.Act, string) {
	if _, ok := u.view.Asks[n]; !ok {
		return u.unclear(nil, ReasonUnknownNumber)
	}
	passing := u.passes()
	if acts, reason, ok := u.elsewhere(n); ok && (!passing || u.hashes(u.text)) {
		return acts, reason
	}
	said := u.says(u.text)
	role := u.role(n)
	u.tell("the letter is about #%d, in which the writer is %s", n, roleName(role))
	switch u.letter.Kind {
	case store.KindRelayToAsker, store.KindRelayToHelper, store.KindRelayHeld:
		return u.relayed(n, role, said)
	case store.KindIntroduction, store.KindHint, store.KindAnswer:
		if passing {
			return u.relayed(n, role, said)
		}
		return u.introduced(n, role, said)
	case store.KindInvitation:
		return u.invited(n, role, said)
	case store.KindDidItHelp:
		return u.didItHelp(n, role, said)
	case store.KindMayIShare:
		return u.mayIShare(n)
	case store.KindThankYou, store.KindThanksNoted, store.KindKeptPrivate:
		return u.praised(n, said)
	}
	if role == store.RoleAsker {
		return u.asker(n, said)
	}
	return u.other(n, role, said)
}

func roleName(r store.Role) string {
	if r == store.RoleNone {
		return "neither asker nor helper"
	}
	return string(r)
}

// elsewhere reads an answer that speaks of other asks than the letter's, or
// asks for something new under a subject of its own.
func (u *understanding) elsewhere(n int64) ([]store.Act, string, bool) {
	other := false
	for _, c := range u.text.clauses {
		other = other || slices.ContainsFunc(c.numbers, func(m int64) bool { return m != n })
	}
	if other {
		acts, reason := u.byNumber(u.text, "number")
		return acts, reason, true
	}
	if u.subject == "" || u.generic(u.subject) {
		return nil, "", false
	}
	if m := subjectNumber(u.subject); m != 0 && m != n {
		return u.bySubject()
	}
	said := u.says(u.text)
	if people, sure := u.thankedPeople(words.Tokens(head(u.subject, 300))); sure && len(people) > 0 && !u.talking() {
		if acts, reason, ok := u.thanksTo(said); ok {
			return acts, reason, true
		}
	}
	asks := anyHas(said, "asking") || u.subjectHas("asking")
	if asks && !u.talking() && len(u.overlap(n)) == 0 {
		acts, reason := one(u.ask(u.words0()), ReasonNewAsk)
		return acts, reason, true
	}
	return nil, "", false
}

// overlap is the words that the mail shares with an ask's title.
func (u *understanding) overlap(n int64) []string {
	var shared []string
	text := append(u.content(u.subject), u.content(u.words0())...)
	for _, w := range u.content(u.view.Asks[n].Title) {
		if slices.ContainsFunc(text, func(t string) bool { return alike(t, w) }) {
			shared = append(shared, w)
		}
	}
	return shared
}

// act completes an act about ask n found by the letter.
func (u *understanding) act(kind store.ActKind, n int64, reason string) ([]store.Act, string) {
	return one(store.Act{Kind: kind, Ask: n, Text: u.words0(), Via: "letter"}, reason)
}

// begins says whether the first thing said has one of the classes, and says it
// alone: "Sorted, thanks", not "Sorted by colour they are easier to carry".
func (u *understanding) begins(said []*clause, classes ...words.Class) bool {
	for i, c := range said {
		if i > 2 {
			return false
		}
		for _, m := range c.found {
			if slices.Contains(classes, m.Class) && u.alone(c, m) {
				return true
			}
		}
		if !u.courteous(c) {
			return false
		}
	}
	return false
}

// alone says whether a phrase leaves little else in its clause.
func (u *understanding) alone(c *clause, m words.Match) bool {
	rest := 0
	for i, t := range c.tokens {
		if (i < m.Start || i >= m.End) && !u.words.Is("small", t.Fold) {
			rest++
		}
	}
	return rest <= 4
}

// asker reads an answer to any other letter about the writer's own ask.
func (u *understanding) asker(n int64, said []*clause) ([]store.Act, string) {
	if act, reason, ok := u.askerRefers(n, said); ok {
		return u.act(act.Kind, n, reason)
	}
	ask := u.view.Asks[n]
	looking := u.letter.Kind == store.KindStillLooking || u.letter.Kind == store.KindExpired
	acknowledged := u.letter.Kind == store.KindAcknowledgement || u.letter.Kind == store.KindEdited
	p := u.volunteers(said)
	later := u.longer(said)
	if acknowledged && !ask.Published {
		later = nil // "by Friday" belongs to the ask itself
	}
	switch {
	case acknowledged && !ask.Published && u.receipt(said):
		return u.chat(n, ReasonCourtesy)
	case u.withdraws(n, said), !ask.Published && (u.strayed(said) || u.onlyTested(said)):
		return u.act(store.ActWithdraw, n, ReasonWithdrawAsk)
	case acknowledged && !ask.Published && u.bareNo(said):
		return u.chat(n, ReasonCourtesy) // there is no day, or nothing to change
	case !ask.Published && u.asksWhoReads(said):
		return one(store.Act{Kind: store.ActHelp, Text: u.words0()}, ReasonCommand)
	case later != nil && (!later.Until.IsZero() || !u.begins(said, "reopen", "close")):
		later.Ask, later.Text, later.Via = n, u.words0(), "letter"
		return one(*later, ReasonExtend)
	case u.begins(said, "reopen"):
		return u.act(store.ActReopen, n, ReasonReopen)
	case u.begins(said, "close") && !anyHas(said[:1], "reopen") && p >= 0:
		acts, reason := u.act(store.ActClose, n, ReasonClose)
		if u.thanksFor(n, said) {
			acts = append(acts, store.Act{Kind: store.ActThanks, Ask: n, Text: u.words0(), Via: "letter"})
			reason = ReasonSeveral
		}
		return acts, reason
	case looking && len(u.text.tokens) <= 14 && anyHas(said[:min(2, len(said))], "assent") && u.polarity(said[0]) >= 0:
		return u.act(store.ActReopen, n, ReasonReopen)
	case looking && len(u.text.tokens) <= 5 && (p < 0 || len(said) > 0 && u.polarity(said[0]) < 0):
		return u.act(store.ActWithdraw, n, ReasonWithdrawAsk)
	case looking && anyHas(said, "ownneed") && p >= 0 && len(u.text.tokens) <= 12 && !u.text.asked:
		return u.act(store.ActReopen, n, ReasonReopen) // "by all means, we need it badly"
	case u.thanksFor(n, said) && !u.text.asked:
		return u.act(store.ActThanks, n, ReasonThanks)
	case looking && (p < 0 || len(said) > 0 && u.polarity(said[0]) < 0):
		return u.unclear([]int64{n}, ReasonNotUnderstood)
	case looking && len(u.text.tokens) == 0 && signOf(u.text.text) == yesSign:
		return u.unclear([]int64{n}, ReasonNotUnderstood) // ✅: again, or sorted?
	case u.courtesy(u.text):
		return u.chat(n, ReasonCourtesy)
	case u.letter.Kind == store.KindClosed && anyHas(said, "reopen") && !u.text.asked && !anyHas(said, "thanks", "praise"):
		return u.act(store.ActReopen, n, ReasonReopen)
	case u.letter.Kind == store.KindClosed && len(ask.Helpers()) > 0 && !u.text.asked && p >= 0 && !anyHas(said, "negative", "failed", "reopen"):
		return u.act(store.ActThanks, n, ReasonThanks) // the letter asks for a sentence
	case !ask.State.Live() && !looking:
		return u.unclear([]int64{n}, ReasonNotUnderstood)
	}
	return u.edit(n)
}

// receipt says whether the words only confirm that our letter came: "Got it,
// thanks" under "Got it: …" is no news of the ask.
func (u *understanding) receipt(said []*clause) bool {
	return u.courtesy(u.text) && anyHas(said, "thanks", "okay") && !anyHas(said, "withdraw", "reopen")
}

// edit changes the ask's words or adds to them.
func (u *understanding) edit(n int64) ([]store.Act, string) {
	ask := u.view.Asks[n]
	a := store.Act{Kind: store.ActEdit, Ask: n, Text: u.words0(), Via: "letter"}
	a.NeededBy = neededBy(u.words, u.words0(), u.reckoning())
	if rest, ok := u.changeTo(); ok {
		a.Text, a.Replace = rest, true
	} else if !ask.Published && u.rewrite(ask) {
		a.Replace = true
	}
	if u.subject != "" && !u.generic(u.subject) && subjectNumber(u.subject) == 0 && !strings.HasPrefix(words.Fold(u.subject), "got it") {
		a.Title = shorten(u.subject, longestTitle)
	}
	return one(a, ReasonEdit)
}

// changeTo is the text after "change to:" or "instead:".
func (u *understanding) changeTo() (string, bool) {
	text := strings.TrimSpace(u.words0())
	phrase, rest, ok := subjectMark(firstLine(text), "change", false)
	if !ok {
		return "", false
	}
	after := strings.TrimSpace(strings.TrimPrefix(text, phrase))
	colon := strings.HasPrefix(after, ":") || strings.HasPrefix(after, "：")
	if !colon && strings.Count(strings.TrimSpace(phrase), " ") == 0 || !colon && rest == "" {
		return "", false
	}
	after = strings.TrimSpace(strings.TrimLeft(after, ":："))
	return after, after != ""
}

// rewrite says whether the text is the whole ask once more: at least half of
// the ask's words are in it, and it is not much shorter.
func (u *understanding) rewrite(ask store.Ask) bool {
	old, now := u.content(ask.Body), u.content(u.words0())
	if len(old) < 3 || len(now)*2 < len(old) {
		return false
	}
	shared := 0
	for _, w := range old {
		if slices.ContainsFunc(now, func(t string) bool { return alike(t, w) }) {
			shared++
		}
	}
	return shared*2 >= len(old)
}

// other reads an answer about an ask by somebody who is not its asker.
func (u *understanding) other(n int64, role store.Role, said []*clause) ([]store.Act, string) {
	if u.courtesy(u.text) && !anyHas(said, "offer") {
		return u.chat(n, ReasonCourtesy)
	}
	act, reason := u.toAsk(n, run{clauses: said})
	switch act.Kind {
	case "":
		return u.chat(n, reason)
	case store.ActChat:
		return u.chat(n, ReasonTalk)
	case store.ActUnclear:
		return u.unclear([]int64{n}, reason)
	}
	alone := len(u.text.tokens) <= 4 && u.hasNumbers(u.text) && u.silent(said) // "answer with the number 17"
	if act.Kind == store.ActOffer && u.volunteers(said) <= 0 && !alone && !u.givesAny(said) {
		return u.unclear([]int64{n}, ReasonNotUnderstood)
	}
	act.Ask, act.Text, act.Via = n, u.words0(), "letter"
	if act.Kind == store.ActRefer && u.passesOn(n, run{clauses: said}) {
		return []store.Act{{Kind: store.ActWithdraw, Ask: n, Text: act.Text, Via: act.Via}, act}, ReasonSeveral
	}
	return one(act, reasonOf(act))
}
