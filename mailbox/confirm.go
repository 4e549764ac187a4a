package mailbox

import (
	"regexp"
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/mailbox/yesno"
	"askfirst/store"
)

// Who may speak. A colleague whom we believe is obeyed. In a colleague's name
// that nobody has proved only what makes the exchange quieter is done at once;
// all else waits for a yes from the registered address. Mail that is proved to
// be false is put aside in silence. Strangers whom we believe are told once that
// they are on no list, and only where they ask for something; others hear
// nothing, since their addresses may be anybody's.

// believe says whether From wrote the message.
func believe(auth store.Auth, view store.View) store.Auth {
	switch {
	case view.Confirmed && view.Writer != nil: // else whoever said yes has been forgotten meanwhile, or the address taken back
		return store.Believed
	case auth == store.Failed && view.Released:
		return store.Unproven // an admin took it out of quarantine: its writer is asked
	}
	return auth
}

// waits says whether acts must wait for their writer's yes.
func (u *understanding) waits(acts []store.Act) bool {
	if u.event.Auth != store.Unproven {
		return false
	}
	for _, a := range acts {
		switch {
		case a.Kind == store.ActChat, a.Via == store.ViaConfirm:
		case a.Via == store.ViaForgetConfirm && u.provesWriter():
			u.tell("it shows the token of our letter to the registered address, which proves its writer")
		case u.quieter(a):
			u.tell("nobody has proved who wrote it; it only makes us quieter, so it is done at once")
		default:
			u.tell("nobody has proved who wrote it: it waits for a yes from the registered address")
			return true
		}
	}
	return false
}

// quieter says whether an act can only mean that its writer hears less from us:
// stop; and a pause, unless it would end an earlier stop or a longer pause.
func (u *understanding) quieter(a store.Act) bool {
	w := u.view.Writer
	switch a.Kind {
	case store.ActStop:
		return true
	case store.ActPause:
		resting := w.Paused && (w.PausedUntil.IsZero() || u.view.Today.Before(w.PausedUntil))
		return !(w.Stopped && !a.Until.IsZero()) && !(resting && !a.Until.IsZero() && (w.PausedUntil.IsZero() || a.Until.Before(w.PausedUntil)))
	}
	return false
}

// stranger settles the mail of somebody who is not on the staff list. Whoever
// answers a letter of ours has had it forwarded and learns nothing, and neither
// does who offers help with an ask that he cannot have been told of.
func (u *understanding) stranger() {
	switch {
	case u.event.Auth != store.Believed:
		u.tell("nobody on the staff list has this address, and nobody has proved that it wrote this")
		u.settle(store.Ignored, ReasonStrangerUnproven)
	case u.view.Seen:
		u.settle(store.Ignored, ReasonDuplicate)
	case u.letter != nil:
		u.strangerAnswers()
	case u.strangerOffers():
		u.tell("nobody on the staff list has this address, and it asks for nothing")
		u.settle(store.Ignored, ReasonStrangerOffer)
	default:
		u.tell("nobody on the staff list has this address")
		u.settle(store.Refused, ReasonNotStaff)
	}
}

// strangerOffers says whether a stranger offers or thanks instead of asking.
func (u *understanding) strangerOffers() bool {
	text := u.event.Text
	if text == "" {
		text = u.ownSubject()
	}
	if text == "" {
		return false
	}
	numbered := map[int64]bool{}
	for n := range u.view.Asks {
		numbered[n] = true
	}
	r := u.readText(text, numbered)
	said := u.says(r)
	switch {
	case r.asked:
		return false
	case u.volunteers(said) > 0 && u.hasNumbers(r), u.opensNumbered():
		return true
	case anyHas(said, "asking", "anyone"):
		return false
	}
	return u.volunteers(said) > 0 && u.reply || u.courtesy(r) && anyHas(r.all(), "thanks")
}

// opensNumbered says whether the subject is one of those that a tap in a digest
// writes: "I can help with #17: Borrow a microscope".
func (u *understanding) opensNumbered() bool {
	r := u.readText(u.ownSubject(), nil)
	return strings.Contains(u.m.Subject, "#") && u.volunteers(u.says(r)) > 0
}

// confirms reads the answer to "did you just write this?". Its token says which
// question it answers; the words must be yes or no and newly written.
func (u *understanding) confirms() (acts []store.Act, reason string, ok bool) {
	confirm := u.view.Confirm
	if confirm == nil {
		return u.foreign()
	}
	u.tell("it shows the token of our question %s, which is %s", confirm.Letter, confirm.State)
	u.letter, u.event.Answers = &u.view.Letters[0], confirm.Letter
	answer, rest := u.answerToConfirm()
	if answer == yesno.Neither && !u.trimmed.Whole && u.disowns(u.readText(unquoted(u.event.Text), nil)) {
		answer, rest = yesno.No, ""
	}
	u.tell("its answer is %s", answer)
	act := store.Act{Kind: store.ActConfirm, Text: u.event.Text, Via: store.ViaConfirm}
	if answer != yesno.Neither {
		u.event.Later = u.beside(rest)
		u.event.LaterWaits = confirm.State != "waiting"
		if answer == yesno.No && !slices.ContainsFunc(u.event.Later, func(a store.Act) bool { return a.Kind != store.ActUnclear && a.Kind != store.ActChat }) {
			u.event.Later = nil // "somebody is abusing my address!" goes to the admin
		}
	}
	again := u.view.Confirmed || answer == yesno.Yes && confirm.State == "yes" || answer == yesno.No && (confirm.State == "no" || confirm.State == "over")
	switch {
	case again && answer != yesno.Neither && len(u.event.Later) > 0:
		u.tell("the answer has counted before; it says more")
		u.event.Later, u.event.LaterWaits = nil, false
		acts, reason = u.besideAlone(rest)
		return acts, reason, true
	case again && answer != yesno.Neither:
		return nil, ReasonConfirmAgain, true
	case answer == yesno.Yes && confirm.State == "waiting":
		reason = ReasonConfirmYes
	case answer == yesno.Yes:
		reason = ReasonConfirmLate
	case answer == yesno.No:
		act.Kind, reason = store.ActDecline, ReasonConfirmNo
	case u.event.Text == "":
		return nil, ReasonNothingNew, true
	case confirm.State == "waiting" && u.shortAnswer():
		act.Kind, reason = store.ActUnclear, ReasonConfirmUnclear
	default: // a mail like any other
		u.letter = nil
		return nil, "", false
	}
	return []store.Act{act}, reason, true
}

// foreign settles what answers a question to somebody else, or shows a token
// that is none: it does nothing.
func (u *understanding) foreign() ([]store.Act, string, bool) {
	asked := u.letter != nil && u.letter.Kind == store.KindConfirm
	if !asked && len(codesIn(u.m.Subject)) == 0 {
		return nil, "", false
	}
	if answer, _ := u.answerToConfirm(); answer == yesno.Neither && !asked {
		return nil, "", false
	}
	u.tell("it answers a question to somebody else, or one that was never asked")
	return nil, ReasonConfirmForeign, true
}

// answerToConfirm reads yes or no from the new words, and what else they say.
func (u *understanding) answerToConfirm() (answer yesno.Answer, rest string) {
	text := u.event.Text
	if text == "" { // a tap whose body got lost
		text = strings.TrimSpace(code.ReplaceAllString(u.ownSubject(), ""))
	}
	if u.trimmed.Whole {
		return yesno.Neither, "" // a quote and nothing else
	}
	text = unquoted(head(text, readable))
	if len(words.Tokens(text)) == 0 {
		switch signOf(text) {
		case yesSign:
			return yesno.Yes, ""
		case noSignal:
			return yesno.No, ""
		}
	}
	var names []string
	for _, spellings := range store.NameWords(u.view.Writer.Name) {
		names = append(names, spellings...)
	}
	return yesno.Split(text, names)
}

// shortAnswer says whether the new words are too few to be worth keeping.
func (u *understanding) shortAnswer() bool { return len(words.Tokens(head(u.event.Text, 2000))) <= 8 }

// code is a code of ours in a subject, whatever stands for its hyphens.
var code = regexp.MustCompile(`(?i)\b([b-df-hj-np-tv-xz]{5})[-\s\x{2010}-\x{2015}]?([b-df-hj-np-tv-xz]{5})[-\s\x{2010}-\x{2015}]?([b-df-hj-np-tv-xz]{5})\b`)

// codesIn finds what may be codes of ours in a subject.
func codesIn(subject string) []string {
	var codes []string
	for _, m := range code.FindAllString(head(subject, 1000), 5) {
		if plain := store.PlainCode(m); plain != "" {
			codes = append(codes, plain)
		}
	}
	return codes
}
