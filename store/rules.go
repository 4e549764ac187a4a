package store

import (
	"fmt"
	"strings"
	"time"
)

// refusalRest is how long a stranger who was refused once hears nothing more.
const refusalRest = 30 * 24 * time.Hour

// apply applies the rules to an event. It may only write and add facts: the
// letters are somebody else's.
func (t *Tx) apply(e Event, p plan) error {
	if e.Verdict != Accepted {
		return t.decline(e)
	}
	writer, err := t.member(e.Member)
	if err != nil {
		return fmt.Errorf("writer of message %d: %w", t.intake.ID, err)
	}
	if answersQuestion(e) {
		if err := t.answered(e); err != nil {
			return err
		}
	}
	for i, act := range e.Acts {
		if act.Via == ViaConfirm {
			if err := t.consequence("member", writer.ID); err != nil {
				return err
			}
			if err := t.confirmed(e, writer, act, t.now); err != nil {
				return fmt.Errorf("confirm: %w", err)
			}
			continue
		}
		who, err := t.behindVeil(writer, act, p.veils[i])
		if err != nil {
			return fmt.Errorf("%s: %w", act.Kind, err)
		}
		if err := t.remember(who, act, func() error { return t.act(e, who, act) }); err != nil {
			return fmt.Errorf("%s: %w", act.Kind, err)
		}
		if p.apart {
			t.tellApart(e, who)
		}
	}
	return nil
}

// answersQuestion says whether the event settles what we asked: it does
// something about an ask instead of asking back once more.
func answersQuestion(e Event) bool {
	for _, a := range e.Acts {
		if a.Kind == ActAsk || a.Ask != 0 && a.Kind != ActUnclear {
			return strings.HasPrefix(e.Answers, KindWhichAsk+"/") || answersPerson(e)
		}
	}
	return answersPerson(e)
}

func (t *Tx) act(e Event, writer Member, act Act) error {
	if act.Via == ViaAddress {
		return t.answerAddress(e, writer, act.Kind == ActConfirm)
	}
	switch act.Kind {
	case ActAsk:
		return t.newAsk(e, writer, act)
	case ActData:
		return t.tellData(e, writer)
	case ActForget:
		return t.forgetMe(e, writer, act)
	case ActHelp, ActStatus:
		return t.answer(e, writer, act)
	case ActUndo:
		return t.undo(e, writer, act)
	case ActPause, ActResume, ActStop, ActFrequency:
		return t.rhythm(e, writer, act)
	case ActUnclear:
		return t.unclear(e, writer, act)
	case ActConfirm:
		if act.Ask != 0 && act.Via == "held" {
			return t.sendHeld(e, writer, act.Ask)
		}
		return t.share(e, writer)
	case ActChat, ActBounce:
		return nil
	case ActRelay:
		if act.Ask == 0 {
			return t.answer(e, writer, act)
		}
	}
	ask, err := t.ask(act.Ask)
	if err != nil {
		return err
	}
	if ask.Number == 0 {
		return t.withoutAsk(e, writer, act)
	}
	if done, err := t.held(e, writer, ask, act); done || err != nil {
		return err
	}
	role := ask.RoleOf(writer.ID)
	switch act.Kind {
	case ActRelay:
		return t.relay(e, writer, ask, act)
	case ActOffer:
		if role != RoleAsker {
			return t.offer(e, writer, ask, act)
		}
	case ActRefer:
		if role != RoleAsker || len(act.Members) > 0 {
			return t.refer(e, writer, ask, act)
		}
	case ActMeToo:
		if role != RoleAsker {
			return t.meToo(e, writer, ask)
		}
	case ActThanks:
		if role == RoleAsker && len(ask.Helpers()) > 0 {
			return t.thank(e, writer, ask, act)
		}
	case ActDecline:
		if role != RoleNone {
			return t.declineThanks(e, writer, ask)
		}
	case ActWithdraw:
		if role == RoleHelper {
			return t.withdrawOffer(e, writer, ask)
		}
		if role == RoleAsker {
			return t.withdraw(e, writer, ask)
		}
		if ask.Joined(writer.ID) {
			return t.unjoin(e, writer, ask)
		}
	case ActClose, ActReopen, ActExtend, ActEdit:
		if role == RoleAsker {
			return t.change(e, writer, ask, act)
		}
	}
	// Understanding ties acts to roles; should it have erred, nobody is left
	// without an answer: where things stand.
	return t.answer(e, writer, Act{Kind: ActStatus})
}

// withoutAsk does what needs no ask: thanks by name, and what keeps such thanks
// private.
func (t *Tx) withoutAsk(e Event, writer Member, act Act) error {
	switch {
	case act.Kind == ActThanks && (len(act.Members) > 0 || act.Name != ""):
		return t.thankByName(e, writer, act)
	case act.Kind == ActDecline && thanksIn(e.Answers) != 0:
		return t.declineNamed(e, writer)
	case act.Kind == ActRefer:
		return t.answer(e, writer, act)
	}
	return t.unclear(e, writer, act)
}

// decline tells, where somebody should be told, that a message was not taken.
func (t *Tx) decline(e Event) error {
	to := Recipient{Name: e.FromName, Email: e.From}
	if e.Member != 0 {
		m, err := t.member(e.Member)
		if err != nil {
			return err
		}
		to = m.Recipient()
	}
	switch {
	case e.Verdict == Quarantined && e.Reason == ReasonForged: // nobody hears of it: the admin finds it when he looks
	case e.Verdict == Quarantined:
		if e.Member != 0 {
			t.tell(Fact{Kind: KindQuarantined, Key: t.key(KindQuarantined), To: to, Thread: e.Thread, Words: e.Text})
		}
		t.tell(Fact{Kind: KindAdmin, Key: "admin/quarantine/" + t.intake.Ref(), To: t.admin(),
			Reason: fmt.Sprintf("One message could not be read and is kept aside (number %d, %s). Look at it with: askfirst explain, or in the folder Askfirst/Quarantine.", t.intake.ID, e.Reason)})
	case e.Verdict == Ignored && e.Reason == ReasonStrangerReply:
		return t.noteOutsider(e.From, e.Addressee)
	case e.Verdict != Refused || e.From == "" && e.Member == 0: // behind a veil From is empty
	case e.Reason == ReasonOtherAddress && e.Addressee != 0:
		return t.askAddress(e)
	case e.Reason == ReasonNotStaff:
		var lately bool
		if err := t.get(&lately, `SELECT EXISTS (SELECT 1 FROM letter WHERE member IS NULL AND address = ? AND kind = ? AND at > ?)`,
			clean(e.From), KindNotStaff, millis(t.now.Add(-refusalRest))); err != nil {
			return err
		}
		enough, err := t.refusedEnough()
		if err != nil {
			return err
		}
		if !lately && !enough {
			t.tell(Fact{Kind: KindNotStaff, Key: t.key(KindNotStaff), To: to, Thread: e.Thread})
		}
	case e.Member == 0:
	case e.Reason == ReasonTooMany:
		key := KindTooMany + "/" + t.today().String()
		if told, err := t.exists(key, to); err != nil || told {
			return err
		}
		t.tell(Fact{Kind: KindTooMany, Key: key, To: to, Thread: e.Thread})
	case e.Reason == ReasonTooLarge:
		t.tell(Fact{Kind: KindTooLarge, Key: t.key(KindTooLarge), To: to, Thread: e.Thread, Words: e.Subject, Limit: t.book.settings.MaxSize})
	default:
		t.tell(Fact{Kind: KindNoText, Key: t.key(KindNoText), To: to, Thread: e.Thread, Words: e.Subject, Reason: e.Reason})
	}
	return nil
}

// The reasons that the rules act upon.
const (
	ReasonNotStaff = "not_staff"
	ReasonTooLarge = "too_large"
	ReasonForged   = "auth_failed"
)

// key names the letter of a kind that answers this message.
func (t *Tx) key(kind string) string { return kind + "/" + t.intake.Ref() }

// askKey names the letter of a kind about an ask that answers this message.
func (t *Tx) askKey(kind string, ask int64) string {
	return fmt.Sprintf("%s/%d/%s", kind, ask, t.intake.Ref())
}
