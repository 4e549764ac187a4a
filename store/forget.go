package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Forgetting. "Forget me" is asked back once, at the registered address, and
// done on a yes. Then the words and the name go and the counts stay:
//
//   - what is open is closed as for somebody who leaves (part.go);
//   - asks, offers, thanks by and about them, questions and what waits lose
//     their words, the member's row its name and its addresses;
//   - mail of theirs, and mail about their asks, goes from the book at once and
//     from the mail server with the next pass;
//   - what letters said is searched in portions (forget_sweep.go), as soon as no
//     such letter is on its way any more;
//   - an HMAC of their addresses stays, so that neither the staff list nor a
//     restored backup brings them back (forgotten.go).

// forgetLife is for how long a yes counts.
const forgetLife = 72 * time.Hour

// removedTitle stands where a title was: an ask always has one.
const removedTitle = "Removed"

// ViaForgetConfirm marks the act that answers our question.
const ViaForgetConfirm = "forget_confirm"

// ErrNoMember says that nobody has the address.
var ErrNoMember = errors.New("nobody on the staff list or in the book has this address")

// Forgot is what forgetting somebody came to.
type Forgot struct{ Asks, Offers, Thanks, Mails, Letters int }

// forgetMe is a member's "forget me", or the yes to our question about it.
func (t *Tx) forgetMe(e Event, writer Member, act Act) error {
	if act.Via == ViaForgetConfirm {
		var asked bool
		if err := t.get(&asked, `SELECT EXISTS (SELECT 1 FROM letter WHERE key = ? AND kind = ? AND member = ? AND at > ?)`,
			e.Answers, KindForgetConfirm, writer.ID, millis(t.now.Add(-forgetLife))); err != nil {
			return err
		}
		if asked {
			if err := t.consequence("member", writer.ID); err != nil {
				return err
			}
			_, err := t.forget(writer, e.Thread)
			return err
		}
	}
	// Too late for a yes, or the first word of it: it is asked (again).
	t.tell(Fact{Kind: KindForgetConfirm, Key: t.key(KindForgetConfirm), To: writer.Recipient(), Thread: e.Thread, Name: t.book.forgetCode(t.key(KindForgetConfirm))})
	return t.consequence("member", writer.ID)
}

// forgetCode stands in the letter that asks: a yes that has lost its threading
// proves itself by quoting it.
func (b *Book) forgetCode(key string) string {
	mac := hmac.New(sha256.New, b.secret)
	mac.Write([]byte("code " + key))
	return "forget-" + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:5]))
}

// Forget forgets whoever has the address, whether still on the staff list or
// not. Where the program is killed on the way nothing has happened.
func (b *Book) Forget(ctx context.Context, address string, now time.Time, say func(tx *Tx, o Outcome) error) (Forgot, error) {
	var done Forgot
	err := b.clock(ctx, now, say, func(t *Tx) error {
		m, err := t.anybodyAt(address)
		if err != nil {
			return err
		}
		done, err = t.forget(m, nil)
		return err
	})
	if err != nil {
		return done, err
	}
	return done, b.KeepForgotten(ctx)
}

// anybodyAt is the member with the address, on the staff list or no longer.
func (t *Tx) anybodyAt(address string) (Member, error) {
	if m, err := t.memberAt(address); err != nil || m != nil {
		if err != nil {
			return Member{}, err
		}
		return *m, nil
	}
	row := memberRow{}
	bare := BareAddress(address)
	err := t.get(&row, `SELECT * FROM member WHERE email <> '' AND (email = ? OR email = ? OR EXISTS (SELECT 1 FROM json_each(member.aliases) j WHERE j.value IN (?, ?))) ORDER BY id DESC LIMIT 1`,
		bare, strings.ToLower(clean(address)), bare, strings.ToLower(clean(address)))
	if errors.Is(err, sql.ErrNoRows) {
		return Member{}, ErrNoMember
	}
	return row.member(), err
}

// forget does it. The last letter has its recipient's name and address; both go
// when it has left.
func (t *Tx) forget(m Member, thread []string) (done Forgot, err error) {
	if err := t.part(m); err != nil {
		return done, err
	}
	if err := t.forgetVeils(m.ID); err != nil {
		return done, err
	}
	if err := t.countForgotten(m.ID, &done); err != nil {
		return done, err
	}
	addresses, err := t.addressesOf(m)
	if err != nil {
		return done, err
	}
	names, err := t.namesOf(m)
	if err != nil {
		return done, err
	}
	names = append(names, addresses...)
	if err := t.stopLetters(m.ID, "forgotten", t.now); err != nil {
		return done, err
	}
	if err := t.forgetWords(m.ID); err != nil {
		return done, err
	}
	if err := t.doom(`i.id IN (SELECT w.intake FROM address_waiting w JOIN question q ON q.id = w.question WHERE q.member = ?)`, m.ID); err != nil {
		return done, err
	}
	for _, a := range addresses {
		if err := t.exec(`DELETE FROM outsider WHERE address = ?`, a); err != nil {
			return done, err
		}
	}
	if err := t.forgetUnproven(m.ID); err != nil {
		return done, err
	}
	if err := t.forgetMentions(names); err != nil {
		return done, err
	}
	if err := t.forgetMail(m.ID); err != nil {
		return done, err
	}
	if err := t.forgetReports(addresses); err != nil {
		return done, err
	}
	if err := t.forgetPerson(m, addresses, names); err != nil {
		return done, err
	}
	if err := t.exec(`DELETE FROM book WHERE name = ?`, keptName); err != nil { // the staff list of then
		return done, err
	}
	t.tellForgotten(m, thread)
	t.book.forgot.Store(true)
	return done, nil
}

// tellForgotten tells whoever was forgotten, and the admin, who is not told whom.
func (t *Tx) tellForgotten(m Member, thread []string) {
	if m.Left || m.Email == "" {
		return
	}
	key := fmt.Sprintf("%s/m%d/%d", KindForgotten, m.ID, millis(t.now))
	t.tell(Fact{Kind: KindForgotten, Key: key, To: m.Recipient(), Thread: thread})
	t.tell(Fact{Kind: KindAdmin, Key: fmt.Sprintf("%s/forgotten/m%d/%d", KindAdmin, m.ID, millis(t.now)), To: t.admin(),
		Reason: "a colleague asked to be forgotten, and is: the words, the name and the addresses are gone from the book. Please remove the entry from the staff list; until then it is passed over. Which one it is the letter must not say: askfirst check names it. Backups and copies of the book still hold everything, so let those of before today go when you can."})
}

func (t *Tx) countForgotten(member int64, done *Forgot) error {
	return t.get(done, `SELECT (SELECT count(*) FROM ask_party WHERE member = ? AND role = 'asker') AS asks,
		(SELECT count(*) FROM ask_party WHERE member = ? AND role = 'helper') AS offers,
		(SELECT count(*) FROM thanks WHERE id IN (`+thanksOf+`)) AS thanks,
		(SELECT count(*) FROM intake WHERE member = ?) AS mails, (SELECT count(*) FROM letter WHERE member = ?) AS letters`,
		member, member, member, member, member, member, member)
}

// thanksOf are the thanks by a member, with or without an ask, and about one:
// three times the member.
const thanksOf = `SELECT t.id FROM thanks t WHERE t.giver = ? OR t.ask IN (SELECT ask FROM ask_party WHERE role = 'asker' AND member = ?)
	OR t.id IN (SELECT k.thanks FROM thanks_to k WHERE k.member = ?)`

// asksOfMember are the asks of a member: once the member.
const asksOfMember = `SELECT ask FROM ask_party WHERE role = 'asker' AND member = ?`

// addressesOf are all addresses by which the book knows a member.
func (t *Tx) addressesOf(m Member) ([]string, error) {
	addresses := []string{}
	err := t.list(&addresses, `SELECT address FROM member_address WHERE member = ? UNION SELECT address FROM letter WHERE member = ? UNION SELECT address FROM bounce WHERE member = ?`, m.ID, m.ID, m.ID)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{"": true}
	var all []string
	for _, a := range append(append([]string{m.Email}, m.Aliases...), addresses...) {
		if bare := BareAddress(a); !seen[bare] {
			seen[bare] = true
			all = append(all, bare)
		}
	}
	return all, nil
}

// stopLetters keeps what waits for a member from leaving, and takes back digests
// to others that have not left and carry thanks by or about them.
func (t *Tx) stopLetters(member int64, why string, at time.Time) error {
	if err := t.exec(`INSERT INTO undelivered_told (letter) SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter
		WHERE l.member = ? AND o.state IN ('queued', 'retry', 'held', 'failed', 'expired') ON CONFLICT (letter) DO NOTHING`, member); err != nil {
		return err
	}
	if err := t.exec(`UPDATE outbox SET state = 'expired', error = ?, changed_at = ? WHERE state IN ('queued', 'retry', 'held')
		AND letter IN (SELECT id FROM letter WHERE member = ?)`, why, millis(at), member); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM later WHERE letter IN (SELECT id FROM letter WHERE member = ?)`, member); err != nil {
		return err
	}
	letters := []int64{}
	if err := t.list(&letters, `SELECT DISTINCT o.letter FROM outbox o JOIN letter l ON l.id = o.letter JOIN wording_thanks w ON w.wording = l.wording
		WHERE o.digest = 1 AND o.state IN ('queued', 'retry') AND w.thanks IN (`+thanksOf+`)`, member, member, member); err != nil {
		return err
	}
	return t.takeBack(letters)
}

// forgetWords empties every row that holds words of a member, or words about one
// in a place made for them.
func (t *Tx) forgetWords(member int64) error {
	return t.forgetBy(member, []string{
		`UPDATE ask SET title = '` + removedTitle + `', body = '', message_id = '' WHERE number IN (` + asksOfMember + `)`,
		`DELETE FROM held_edit WHERE ask IN (` + asksOfMember + `)`,
		`UPDATE undoable SET past = '', until = done_at WHERE past <> '' AND (member = ? OR ask IN (SELECT ask FROM ask_party WHERE member = ?))`,
		`UPDATE offer SET words = '', message_id = '' WHERE party IN (SELECT id FROM ask_party WHERE role = 'helper' AND (member = ? OR ask IN (` + asksOfMember + `)))`,
		`UPDATE thanks SET words = '', state = CASE WHEN state = 'public' THEN 'private' ELSE state END WHERE id IN (` + thanksOf + `)`,
		// A yes to "may I share this?" would share thanks without words or a name.
		`UPDATE question SET words = '', name = '', names = '[]', answered_at = coalesce(answered_at, asked_at) WHERE member = ? OR thanks IN (` + thanksOf + `)
			OR party IN (SELECT id FROM ask_party WHERE member = ? OR ask IN (` + asksOfMember + `))`,
		`DELETE FROM bounce WHERE member = ?`,
		`DELETE FROM bounce_pause WHERE member = ?`,
		`DELETE FROM allowance WHERE member = ?`,
	})
}

// forgetUnproven forgets mail that waits to be proved, and addresses that were
// learnt.
func (t *Tx) forgetUnproven(member int64) error {
	return t.forgetBy(member, []string{
		`UPDATE intake SET state = 'ignored', reason = '` + ReasonForgotten + `', decided_at = coalesce(decided_at, received_at) WHERE state = 'unconfirmed'
			AND id IN (SELECT intake FROM unconfirmed WHERE member = ?)`,
		`DELETE FROM unconfirmed WHERE member = ?`,
		`UPDATE confirm SET state = 'over', ended_at = coalesce(ended_at, asked_at) WHERE state = 'waiting' AND member = ?`,
		`DELETE FROM address_waiting WHERE question IN (SELECT id FROM question WHERE member = ?)`,
		`DELETE FROM learnt_address WHERE member = ?`,
		`UPDATE question SET address = '' WHERE member = ?`,
		`DELETE FROM outsider WHERE member = ?`,
	})
}

// forgetMail erases a member's mail, and what others wrote about their asks. A
// message that is put aside because nobody could read it is read by nobody now.
func (t *Tx) forgetMail(member int64) error {
	if err := t.exec(`UPDATE intake SET state = 'ignored', reason = ? WHERE member = ? AND state = 'quarantined'`, ReasonForgotten, member); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM consequence WHERE intake IN (SELECT id FROM intake WHERE state = 'ignored' AND member = ?)`, member); err != nil {
		return err
	}
	if err := t.doom(`i.state <> 'pending' AND (i.member = ? OR i.id = ? OR i.id IN (SELECT c.intake FROM consequence c WHERE c.what = 'ask' AND c.ref IN (`+asksOfMember+`)
		OR c.what = 'offer' AND c.ref IN (SELECT id FROM ask_party WHERE ask IN (`+asksOfMember+`))
		OR c.what = 'thanks' AND c.ref IN (`+thanksOf+`)))`, member, t.intakeID(), member, member, member, member, member); err != nil {
		return err
	}
	return t.exec(`UPDATE intake SET duplicate = NULL, sender = '' WHERE member = ? OR id = ?`, member, t.intakeID())
}

func (t *Tx) intakeID() int64 {
	if t.intake == nil {
		return 0
	}
	return t.intake.ID
}

// ReasonForgotten is the reason of a message whose writer was forgotten before
// anybody could read it.
const ReasonForgotten = "forgotten"

// forgetPerson takes name and addresses off the member, and remembers that.
func (t *Tx) forgetPerson(m Member, addresses, names []string) error {
	var joined int64
	if err := t.get(&joined, `SELECT joined_at FROM member WHERE id = ?`, m.ID); err != nil {
		return err
	}
	for _, query := range []string{
		`UPDATE member SET stable = '', name = '', email = '', aliases = '[]', team = '', leader = 0, knows = '[]', language = '', on_staff = 0,
			paused = 0, paused_until = '', stopped = 1, weekly = 0 WHERE id = ?`,
		`DELETE FROM member_address WHERE member = ?`,
		`DELETE FROM member_name WHERE member = ?`,
	} {
		if err := t.exec(query, m.ID); err != nil {
			return err
		}
	}
	t.writer, t.members = nil, 0
	if err := t.exec(`INSERT INTO forgotten (member, joined_at, at) VALUES (?, ?, ?) ON CONFLICT (member) DO NOTHING`, m.ID, joined, millis(t.now)); err != nil {
		return err
	}
	for _, a := range addresses {
		if err := t.exec(`INSERT INTO forgotten_address (hash, member, at) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET member = excluded.member, at = excluded.at`,
			t.book.addressHash(a), m.ID, millis(t.now)); err != nil {
			return err
		}
	}
	return t.exec(`INSERT INTO forget_search (member, names, reached) VALUES (?, ?, 0) ON CONFLICT (member) DO UPDATE SET names = excluded.names, reached = 0`, m.ID, toJSON(names))
}

// settleForgotten is for a message from an address that was forgotten: it is
// decided as any stranger's, and not kept.
func (t *Tx) settleForgotten(from string) error {
	if from == "" {
		return nil
	}
	var known bool
	if err := t.get(&known, `SELECT EXISTS (SELECT 1 FROM forgotten_address WHERE hash = ?)`, t.book.addressHash(from)); err != nil || !known {
		return err
	}
	return t.doom(`i.id = ? AND i.state <> 'pending'`, t.intakeID())
}

// scrubLog writes the log into the book and cuts it, since it holds what was
// erased. A reader at work keeps it; the next sweep tries again.
func (b *Book) scrubLog(ctx context.Context) (done bool, err error) {
	row := struct{ Busy, Log, Checkpointed int }{}
	err = b.write.GetContext(ctx, &row, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err == nil && row.Busy == 0, diskFault(err)
}

// listNames reads the names of a search.
func listNames(ctx context.Context, tx *sqlx.Tx, member int64) ([]string, error) {
	var text string
	err := tx.GetContext(ctx, &text, tx.Rebind(`SELECT names FROM forget_search WHERE member = ?`), member)
	return fromJSON(text), err
}
