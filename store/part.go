package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Somebody takes part no longer: left the staff list, or wants to be forgotten.
// What is open is closed kindly:
//
//   - their own asks leave the list; whoever was going to help is told, and so
//     are those who needed the same;
//   - their offers are taken back; an asker who was introduced to them is told,
//     and a volunteer in reserve takes over, or the ask is back on the list;
//   - invitations, what they joined and what we asked them ends without a word.
//
// Whoever comes back to the staff list later begins afresh, with the same
// history.

// part ends what a member has open.
func (t *Tx) part(m Member) error {
	asks, err := t.asksOf(m.ID, RoleAsker)
	if err != nil {
		return err
	}
	for _, ask := range asks {
		if err := t.partFromOwn(ask); err != nil {
			return fmt.Errorf("ask %d: %w", ask.Number, err)
		}
	}
	helping, err := t.asksOf(m.ID, RoleHelper)
	if err != nil {
		return err
	}
	for _, ask := range helping {
		if err := t.partFromHelping(ask.Number, m); err != nil {
			return fmt.Errorf("ask %d: %w", ask.Number, err)
		}
	}
	joined, err := t.asksOf(m.ID, RoleMeToo)
	if err != nil {
		return err
	}
	for _, ask := range joined {
		if err := t.leaveMeToo(ask.Number, m.ID); err != nil {
			return err
		}
	}
	return t.partRest(m.ID, t.now)
}

// partRest ends what a member leaves behind and nobody is told of.
func (t *Tx) partRest(member int64, at time.Time) error {
	for _, query := range []string{
		`UPDATE referral SET state = 'withdrawn' WHERE state = 'invited' AND invited IN (SELECT p.id FROM ask_party p JOIN ask a ON a.number = p.ask
			WHERE p.member = ? AND p.role = 'invited' AND a.state IN ('open', 'helped'))`,
		`DELETE FROM held_edit WHERE ask IN (SELECT ask FROM ask_party WHERE role = 'asker' AND member = ?)`,
		`UPDATE undoable SET past = '', until = done_at WHERE past <> '' AND (member = ? OR ask IN (SELECT ask FROM ask_party WHERE member = ?))`,
	} {
		args := make([]any, strings.Count(query, "?"))
		for i := range args {
			args[i] = member
		}
		if err := t.exec(query, args...); err != nil {
			return err
		}
	}
	return t.exec(`UPDATE question SET answered_at = ?, words = '', name = '', names = '[]' WHERE member = ? AND answered_at IS NULL`, millis(at), member)
}

// partFromOwn takes an ask off the list whose asker takes part no longer.
func (t *Tx) partFromOwn(ask Ask) error {
	if err := t.setState(ask.Number, AskWithdrawn); err != nil {
		return err
	}
	ask.State = AskWithdrawn
	for _, o := range ask.Offers {
		if (o.State == OfferIntroduced || o.State == OfferReserve) && !o.Helper.Left && o.Helper.ID != 0 {
			t.tell(Fact{Kind: KindLeft, Key: t.leftKey(ask.Number, ask.Asker.ID), To: o.Helper.Recipient(), Ask: ask, Helper: ask.Asker, Reason: "asker"})
		}
	}
	return t.exec(`UPDATE offer SET state = 'withdrawn' WHERE state = 'offered' AND party IN (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper')`, ask.Number)
}

// partFromHelping takes back the offer of a helper who takes part no longer.
func (t *Tx) partFromHelping(number int64, m Member) error {
	ask, err := t.ask(number)
	if err != nil {
		return err
	}
	for _, mine := range ask.Offers {
		if mine.Helper.ID != m.ID || mine.State != OfferReserve && mine.State != OfferIntroduced {
			continue
		}
		if err := t.exec(`UPDATE offer SET state = 'withdrawn' WHERE party = (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper' AND member = ?)`, number, m.ID); err != nil {
			return err
		}
		if mine.State == OfferReserve {
			return nil // nobody knew of it
		}
		if err := t.leave(ask, mine); err != nil {
			return err
		}
		thread, err := t.askThread(number)
		if err != nil {
			return err
		}
		if ask, err = t.ask(number); err != nil {
			return err
		}
		if !ask.Asker.Left {
			t.tell(Fact{Kind: KindLeft, Key: t.leftKey(number, m.ID), To: ask.Asker.Recipient(), Thread: thread, Ask: ask, Helper: m, Reason: "helper", Publish: t.calendar().EditionFor(t.now)})
		}
		if ask.State == AskOpen {
			_, err = t.callReserve(ask)
		}
		return err
	}
	return nil
}

// leftKey names the letter that says that a member takes part no longer.
func (t *Tx) leftKey(ask, member int64) string {
	return fmt.Sprintf("%s/%d/m%d/%d", KindLeft, ask, member, millis(t.now))
}

// staysOpen is the row of the book with the members who left in a crowd, which
// may be a mistake in the list: what they have open waits for an admin's word.
const staysOpen = "leave_waits"

// HoldLeaving remembers that so many left the staff list at once that nothing of
// theirs is closed before an admin has confirmed it, and how many there were.
func (b *Book) HoldLeaving(ctx context.Context, members int) error {
	return b.setRow(ctx, staysOpen, strconv.Itoa(members))
}

// LeavingHeld is how many colleagues there were before the crowd left that waits
// to be confirmed; 0: none waits.
func (b *Book) LeavingHeld(ctx context.Context) (members int, err error) {
	value, err := b.row(ctx, staysOpen)
	members, _ = strconv.Atoi(value) // '' is none
	return members, err
}

// ReleaseLeaving ends the wait.
func (b *Book) ReleaseLeaving(ctx context.Context) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM book WHERE name = ?`), staysOpen)
		return err
	})
}

// Part closes what members who are no longer on the staff list have open. It may
// be called at any time, and again: what is closed already is left alone.
func (b *Book) Part(ctx context.Context, now time.Time, say func(tx *Tx, o Outcome) error) (parted int, err error) {
	held, err := b.LeavingHeld(ctx)
	if err != nil || held > 0 {
		return 0, err
	}
	ids := []int64{}
	err = b.read.SelectContext(ctx, &ids, `SELECT m.id FROM member m WHERE m.on_staff = 0 AND m.name <> '' AND m.email NOT LIKE '%@sealed.invalid' AND (
		EXISTS (SELECT 1 FROM ask_party p JOIN ask a ON a.number = p.ask LEFT JOIN offer o ON o.party = p.id WHERE p.member = m.id
			AND (p.role = 'asker' AND a.state IN ('open', 'helped', 'held') OR a.state IN ('open', 'helped') AND (p.role = 'helper' AND o.state IN ('offered', 'introduced') OR p.role = 'metoo')))
		OR EXISTS (SELECT 1 FROM question q WHERE q.member = m.id AND q.answered_at IS NULL)) ORDER BY m.id`)
	if err != nil {
		return 0, fmt.Errorf("staff list: %w", err)
	}
	for _, id := range ids {
		err := b.clock(ctx, now, say, func(t *Tx) error {
			m, err := t.member(id)
			if err != nil || !m.Left || strings.TrimSpace(m.Name) == "" {
				return err // came back, or is not a person
			}
			parted++
			return t.part(m)
		})
		if err != nil {
			return parted, fmt.Errorf("member %d, who left: %w", id, err)
		}
	}
	return parted, b.clock(ctx, now, say, (*Tx).veilsLeft)
}
