package store

import (
	"errors"
	"fmt"
	"slices"
)

// One step back for each kind of act. What is restored is what the act changed
// and nobody changed since; whatever others did meanwhile stays.

// formerRhythm gives a member the digests they had before.
func (t *Tx) formerRhythm(member int64, s story) error {
	now, err := t.past(member, Act{Kind: ActPause})
	if err != nil {
		return err
	}
	r := s.Before.Rhythm
	if r == nil || !same(now.Rhythm, s.After.Rhythm) {
		return errNothing
	}
	if err := t.exec(`UPDATE member SET paused = ?, paused_until = ?, stopped = ?, weekly = ? WHERE id = ?`, r.Paused, r.PausedUntil, r.Stopped, r.Weekly, member); err != nil {
		return err
	}
	if r.Paused || r.Stopped {
		if err := t.quiet(member); err != nil {
			return err
		}
	}
	return t.consequence("member", member)
}

// unask takes an ask back that no digest has told.
func (t *Tx) unask(ask Ask) error {
	if !ask.State.Live() && ask.State != AskHeld {
		return errNothing
	}
	if err := t.setState(ask.Number, AskWithdrawn); err != nil {
		return err
	}
	ask.State = AskWithdrawn
	return t.release(ask, t.askKey(KindNoLonger, ask.Number))
}

// unoffer takes an offer back. Introductions that have not left are not sent,
// and an asker who never heard of the offer is not told that it is gone.
func (t *Tx) unoffer(writer Member, ask Ask, s story) error {
	i := slices.IndexFunc(ask.Offers, func(o Offer) bool { return o.Helper.ID == writer.ID })
	if i < 0 || ask.Offers[i].State == OfferWithdrawn || ask.Offers[i].State == OfferThanked {
		return errNothing
	}
	j := slices.IndexFunc(s.After.Offers, func(o offerPast) bool { return o.Member == writer.ID })
	if j < 0 {
		return errNothing
	}
	mine := ask.Offers[i]
	if err := t.exec(`UPDATE offer SET state = 'withdrawn' WHERE party = (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper' AND member = ?)`, ask.Number, writer.ID); err != nil {
		return err
	}
	if mine.State != OfferIntroduced {
		return nil
	}
	letters := introductionKeys(ask, s.After.Offers[j])
	if _, _, err := t.unsent(letters, false); err != nil {
		return err
	}
	heard, err := t.told(letters[1])
	if err != nil || !ask.State.Live() {
		return err
	}
	anew, err := t.unhelped(ask, mine, s)
	if err != nil {
		return err
	}
	if ask, err = t.ask(ask.Number); err != nil {
		return err
	}
	if heard && !ask.Asker.Left {
		thread, err := t.askThread(ask.Number)
		if err != nil {
			return err
		}
		left := Fact{Kind: KindHelperLeft, Key: t.askKey(KindHelperLeft, ask.Number), To: ask.Asker.Recipient(), Thread: thread, Ask: ask, Helper: writer}
		if anew || !ask.Published {
			left.Publish = t.calendar().EditionFor(t.now)
		}
		t.tell(left)
	}
	if ask.State == AskOpen {
		_, err = t.callReserve(ask)
	}
	return err
}

// introductionKeys are the outbox keys of both copies of an introduction.
func introductionKeys(ask Ask, o offerPast) []string {
	toHelper, toAsker := KindIntroduction, KindIntroduction
	if ask.Anonymous {
		toHelper, toAsker = KindRelayToHelper, KindRelayToAsker
	}
	round := ""
	if o.Round > 1 {
		round = fmt.Sprintf("/%d", o.Round)
	}
	return []string{fmt.Sprintf("%s%s/to/m%d", relayKey(toHelper, ask.Number, o.Member), round, o.Member),
		fmt.Sprintf("%s%s/to/m%d", relayKey(toAsker, ask.Number, o.Member), round, ask.Asker.ID)}
}

// unhelped gives an ask back the place on the list that it had before the offer;
// if more has happened to it since, it is as if the helper had left. anew: it is
// news to everybody once more.
func (t *Tx) unhelped(ask Ask, mine Offer, s story) (anew bool, err error) {
	now, err := t.pastOf(ask.Number)
	if err != nil {
		return false, err
	}
	if s.Before.Ask == nil || !now.Ask.equal(s.After.Ask) {
		return true, t.leave(ask, mine)
	}
	return false, t.restoreAsk(ask.Number, *s.Before.Ask)
}

// restoreAsk gives an ask its former words and place on the list. Whether it
// looks for help is for its offers to say.
func (t *Tx) restoreAsk(number int64, a askPast) error {
	if err := t.exec(`UPDATE ask SET title = ?, body = ?, held = ?, needed_by = ?, wanted = ?, listed_at = ?, told_from = ?, reminded_at = ?, state = ?, closed_at = ? WHERE number = ?`,
		a.Title, a.Body, a.Held, a.NeededBy, a.Wanted, a.ListedAt, a.ToldFrom, a.RemindedAt, a.State, a.ClosedAt, number); err != nil {
		return err
	}
	if a.HeldEdit == 0 { // a change that waits came later
		if err := t.exec(`DELETE FROM held_edit WHERE ask = ?`, number); err != nil {
			return err
		}
	}
	if a.State.Live() {
		ask, err := t.ask(number)
		if err != nil {
			return err
		}
		state := AskOpen
		if len(ask.Helpers()) >= ask.Wanted {
			state = AskHelped
		}
		if err := t.setState(number, state); err != nil {
			return err
		}
	} else if err := t.tellJoined(number); err != nil { // who joined meanwhile
		return err
	}
	return t.recompose(number)
}

// offerBack restores an offer that its helper had taken back.
func (t *Tx) offerBack(writer Member, ask Ask, s story) error {
	if !ask.State.Live() || ask.Asker.Left || ask.RoleOf(writer.ID) == RoleHelper {
		return errNothing
	}
	now, err := t.pastOf(ask.Number)
	if err != nil {
		return err
	}
	_, sent, err := t.unsent(s.Letters, true)
	if err != nil {
		return err
	}
	called := slices.ContainsFunc(s.After.Offers, func(o offerPast) bool { // somebody in reserve took the place
		was, ok := s.Before.offer(o.Party)
		return ok && was.State == OfferReserve && o.State == OfferIntroduced
	})
	if !now.equal(s.After) || called && sent > 0 {
		return t.offerAnew(writer, ask)
	}
	if err := t.restoreOffers(ask, now, s); err != nil {
		return err
	}
	if err := t.restoreAsk(ask.Number, *s.Before.Ask); err != nil || sent == 0 {
		return err
	}
	if ask, err = t.ask(ask.Number); err != nil {
		return err
	}
	thread, err := t.askThread(ask.Number)
	if err != nil {
		return err
	}
	t.tell(Fact{Kind: KindUndone, Key: t.askKey(KindUndone, ask.Number), To: ask.Asker.Recipient(), Thread: thread, Ask: ask, Helper: writer, Reason: "helps"})
	return nil
}

// offerAnew makes a former offer once more, with the words it had: in reserve if
// somebody else has taken the place.
func (t *Tx) offerAnew(writer Member, ask Ask) error {
	i := slices.IndexFunc(ask.Offers, func(o Offer) bool { return o.Helper.ID == writer.ID })
	if i < 0 {
		return errNothing
	}
	return t.offer(Event{}, writer, ask, Act{Kind: ActOffer, Ask: ask.Number, Text: ask.Offers[i].Words})
}

// restoreOffers gives the offers that an act changed their former state. What
// was introduced by a letter that has left stays introduced.
func (t *Tx) restoreOffers(ask Ask, now past, s story) error {
	for _, o := range s.After.Offers {
		was, known := s.Before.offer(o.Party)
		is, there := now.offer(o.Party)
		if !known || !there || was.equal(o) || !is.equal(o) {
			continue
		}
		if o.State == OfferIntroduced && was.State == OfferReserve {
			left := false
			for _, key := range introductionKeys(ask, o) {
				one := false
				if err := t.get(&one, `SELECT EXISTS (SELECT 1 FROM outbox WHERE key = ?)`, key); err != nil {
					return err
				}
				left = left || one
			}
			if left {
				continue
			}
		}
		if err := t.exec(`UPDATE offer SET state = ?, introduced_at = ?, prompted_at = ? WHERE party = ?`, was.State, was.IntroducedAt, was.PromptedAt, o.Party); err != nil {
			return err
		}
	}
	return nil
}

// formerAsk gives an ask back how it stood before its asker changed it: sorted,
// taken back, put back, longer, other words, thanks, private.
func (t *Tx) formerAsk(kind ActKind, ask Ask, s story) (string, error) {
	now, err := t.pastOf(ask.Number)
	if err != nil {
		return "", err
	}
	down, err := t.takenDown(ask)
	if err != nil || down {
		return "", errors.Join(err, errNothing)
	}
	moved := s.Before.Ask != nil && !s.Before.Ask.equal(s.After.Ask)
	if moved && (!sameState(now.Ask.State, s.After.Ask.State) || now.Ask.Title != s.After.Ask.Title || now.Ask.Body != s.After.Ask.Body) {
		return "", errNothing // it has come to its end since
	}
	_, sent, err := t.unsent(s.Letters, true)
	if err != nil {
		return "", err
	}
	if err := t.restoreThanks(now, s); err != nil {
		return "", err
	}
	if err := t.restoreOffers(ask, now, s); err != nil {
		return "", err
	}
	reason := string(kind)
	if kind == ActThanks && sent > 0 {
		reason = "thanks_read"
	}
	if !moved {
		return reason, nil
	}
	if err := t.restoreAsk(ask.Number, *s.Before.Ask); err != nil {
		return "", err
	}
	if err := t.untellJoined(ask.Number); err != nil {
		return "", err
	}
	return reason, t.tellHelpers(ask, *s.Before.Ask, sent)
}

// sameState says whether two states differ by somebody's offer at most.
func sameState(a, b AskState) bool { return a == b || a.Live() && b.Live() }

// tellHelpers tells those who offered how an ask stands again: needed after all,
// or not any more.
func (t *Tx) tellHelpers(was Ask, before askPast, told int) error {
	ask, err := t.ask(was.Number)
	if err != nil {
		return err
	}
	for _, o := range ask.Offers { // who came while it was back on the list
		if !was.State.Live() || before.State.Live() || o.At.Before(was.ListedAt) && o.IntroducedAt.Before(was.ListedAt) || o.Helper.Left {
			continue
		}
		if o.State == OfferIntroduced || o.State == OfferReserve {
			t.tell(Fact{Kind: KindNoLonger, Key: t.askKey(KindNoLonger, ask.Number), To: o.Helper.Recipient(), Ask: ask, Helper: o.Helper})
		}
	}
	if was.State == AskWithdrawn && before.State.Live() && told > 0 {
		for _, o := range ask.Offers {
			if (o.State == OfferIntroduced || o.State == OfferReserve) && !o.Helper.Left {
				t.tell(Fact{Kind: KindUndone, Key: t.askKey(KindUndone, ask.Number), To: o.Helper.Recipient(), Ask: ask, Helper: o.Helper, Reason: "needed"})
			}
		}
	}
	return nil
}

// restoreThanks takes back thanks that an act recorded, and gives those that it
// changed their former state. A helper's no stays a no.
func (t *Tx) restoreThanks(now past, s story) error {
	for _, k := range s.After.Thanks {
		is, there := now.thanks(k.ID)
		was, known := s.Before.thanks(k.ID)
		switch {
		case !there || was == k:
			continue
		case !known:
			was = thanksPast{State: "withdrawn", CreatedAt: k.CreatedAt}
		case is.State != k.State:
			continue
		}
		if err := t.exec(`UPDATE thanks SET state = ?, created_at = ? WHERE id = ?`, was.State, was.CreatedAt, k.ID); err != nil {
			return err
		}
		if reopen := known && k.State == "public"; reopen || !known { // "may I share this?" is open once more, or over
			if err := t.exec(`UPDATE question SET answered_at = CASE WHEN ? THEN NULL ELSE coalesce(answered_at, ?) END WHERE thanks = ? AND kind = 'share'`, reopen, millis(t.now), k.ID); err != nil {
				return err
			}
		}
		if was.State == "public" {
			continue
		}
		letters := []int64{}
		if err := t.list(&letters, `SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter JOIN wording_thanks w ON w.wording = l.wording
			WHERE w.thanks = ? AND o.digest = 1 AND o.state IN ('queued', 'retry')`, k.ID); err != nil {
			return err
		}
		if err := t.takeBack(letters); err != nil {
			return err
		}
	}
	return nil
}

// formerThanks takes back what was done to thanks that are about no ask.
func (t *Tx) formerThanks(row undoRow, s story) (string, error) {
	now, err := t.pastOfThanks(row.Member)
	if err != nil {
		return "", err
	}
	_, sent, err := t.unsent(s.Letters, true)
	if err != nil {
		return "", err
	}
	reason := string(row.Kind)
	if row.Kind == ActThanks && sent > 0 {
		reason = "thanks_read"
	}
	return reason, t.restoreThanks(now, s)
}

// unrefer takes back what a member passed on: whoever was not written to yet is
// not.
func (t *Tx) unrefer(writer Member, ask Ask, s story) (string, error) {
	stopped, err := t.withdrawRefer(ask.Number, writer.ID)
	if err != nil {
		return "", err
	}
	gone, _, err := t.unsent(s.Letters, true)
	if err != nil || stopped+gone > 0 {
		return string(ActRefer), err
	}
	return "read", nil // it cannot be unread
}

// untellJoined lets those who joined an ask hear of its end once more, if what
// told them of it did not leave and the ask is on the list again.
func (t *Tx) untellJoined(number int64) error {
	return t.exec(`UPDATE metoo SET told_at = NULL WHERE told_at IS NOT NULL AND party IN (SELECT p.id FROM ask_party p JOIN ask a ON a.number = p.ask
		WHERE p.ask = ? AND p.role = 'metoo' AND a.state IN ('open', 'helped')
		AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = 'answer/' || p.ask || '/m' || p.member || '/to/m' || p.member))`, number)
}
