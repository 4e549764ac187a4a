package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Another address of a member. A stranger who is believed to be who From says,
// and who answers a letter of ours, may be the very member that it went to,
// writing from home. Only that member can say so, from the registered address:
// we ask there, once. The words wait, and nothing happens without a yes.
//
// Having the letter proves nothing but that it was passed on; that is why the
// stranger never hears from us, whatever is answered.

// addressPatience is how long the words wait for the answer.
const addressPatience = 72 * time.Hour

// addressRest is for how long a member is not asked again about an address.
const addressRest = 30 * 24 * time.Hour

// mostAddressQuestions is how many such questions a member gets, and an address
// causes, in addressRest: whoever has a letter of somebody else's could pester
// with as many addresses as a domain has. mostAddressWaiting is how many mails
// wait for one answer.
const (
	mostAddressQuestions = 3
	mostAddressWaiting   = 20
)

// ReasonOtherAddress is that of a mail which waits for such an answer,
// ReasonStrangerReply that of an answer by nobody of ours.
const (
	ReasonOtherAddress  = "another_address"
	ReasonStrangerReply = "stranger_reply"
)

// Answers to the question, as the letter about them has them.
const (
	addressAsked      = "asked"
	addressRemembered = "remembered" // and the words that waited are done
	addressLate       = "late"       // remembered, but the words are gone
	addressTaken      = "taken"      // somebody else on the staff list has it
	addressNot        = "not"
)

// KindKnownAddress is the question to the member, and what became of the answer.
const KindKnownAddress = "known_address"

// ViaAddress marks the acts that answer the question.
const ViaAddress = "address"

// addressQuestion is a question about an address.
type addressQuestion struct {
	ID       int64
	Letter   string
	Address  string
	AskedAt  int64         `db:"asked_at"`
	Answered sql.NullInt64 `db:"answered_at"`
}

func (q addressQuestion) open(now time.Time) bool {
	return q.ID != 0 && !q.Answered.Valid && q.AskedAt > millis(now.Add(-addressPatience))
}

// addressee is the member to whom the letter went that a stranger answers;
// letters are those that the mail's tokens name, which say more than a
// Message-ID that two copies share. ask says that the member may be asked.
func (t *Tx) addressee(from string, ids []string, letters []int64) (member *Member, ask bool, err error) {
	rows := []int64{}
	since := millis(t.now.Add(-tokenDays * 24 * time.Hour))
	if err := listIn(t, &rows, `SELECT DISTINCT l.member FROM letter l JOIN member m ON m.id = l.member WHERE l.id IN (?) AND m.on_staff = 1 AND l.at > ?`, letters, since); err != nil {
		return nil, false, err
	}
	if len(letters) == 0 {
		if err := listIn(t, &rows, `SELECT DISTINCT l.member FROM letter l JOIN member m ON m.id = l.member WHERE l.message_id IN (?) AND m.on_staff = 1 AND l.at > ?`, ids[:min(len(ids), 50)], since); err != nil {
			return nil, false, err
		}
	}
	if len(rows) != 1 {
		return nil, false, nil
	}
	m, err := t.member(rows[0])
	if err != nil {
		return nil, false, err
	}
	ask, err = t.mayAskAddress(m.ID, BareAddress(clean(from)))
	return &m, ask, err
}

// mayAskAddress says whether a mail from an address may wait for a member's
// answer: a question is open, or one more may be asked.
func (t *Tx) mayAskAddress(member int64, address string) (bool, error) {
	q, err := t.addressQuestion(member, address)
	if err != nil {
		return false, err
	}
	if q.ID != 0 {
		var waiting int
		err := t.get(&waiting, `SELECT count(*) FROM address_waiting WHERE question = ?`, q.ID)
		return q.open(t.now) && waiting < mostAddressWaiting, err
	}
	var asked int
	err = t.get(&asked, `SELECT max((SELECT count(*) FROM question WHERE address <> '' AND member = ? AND asked_at > ?), (SELECT count(*) FROM question WHERE address = ? AND asked_at > ?))`,
		member, millis(t.now.Add(-addressRest)), address, millis(t.now.Add(-addressRest)))
	return asked < mostAddressQuestions, err
}

// addressQuestion is the newest that a member was asked about an address lately.
func (t *Tx) addressQuestion(member int64, address string) (addressQuestion, error) {
	var q addressQuestion
	err := t.get(&q, `SELECT id, letter, address, asked_at, answered_at FROM question WHERE address = ? AND address <> '' AND member = ? AND asked_at > ? ORDER BY id DESC LIMIT 1`,
		address, member, millis(t.now.Add(-addressRest)))
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return q, err
}

// askAddress lets the message wait and asks the member, unless that was done.
func (t *Tx) askAddress(e Event) error {
	member, err := t.member(e.Addressee)
	if err != nil {
		return err
	}
	address := BareAddress(clean(e.From))
	q, err := t.addressQuestion(member.ID, address)
	if err != nil {
		return err
	}
	if !q.open(t.now) {
		fact := Fact{Kind: KindKnownAddress, Key: t.key(KindKnownAddress), To: member.Recipient(), Name: clean(e.From), Words: e.Text, Reason: addressAsked}
		if err := t.question(KindKnownAddress, member.ID, fact.Key, "", nil, 0); err != nil {
			return err
		}
		if err := t.exec(`UPDATE question SET address = ? WHERE letter = ?`, address, fact.Key); err != nil {
			return err
		}
		if q, err = t.addressQuestion(member.ID, address); err != nil {
			return err
		}
		t.tell(fact)
	}
	return t.exec(`INSERT INTO address_waiting (intake, question) VALUES (?, ?) ON CONFLICT (intake) DO NOTHING`, t.intake.ID, q.ID)
}

// answerAddress takes the answer. A yes is good once: it makes the address the
// member's own and lets what waits be decided anew.
func (t *Tx) answerAddress(e Event, writer Member, yes bool) error {
	var q addressQuestion
	err := t.get(&q, `SELECT id, letter, address, asked_at, answered_at FROM question WHERE letter = ? AND member = ? AND address <> '' AND answered_at IS NULL`, e.Answers, writer.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return t.answer(e, writer, Act{Kind: ActStatus})
	}
	if err != nil {
		return err
	}
	if err := t.exec(`UPDATE question SET answered_at = ? WHERE id = ?`, millis(t.now), q.ID); err != nil {
		return err
	}
	if err := t.consequence("question", q.ID); err != nil {
		return err
	}
	fact := Fact{Kind: KindKnownAddress, Key: t.key(KindKnownAddress), To: writer.Recipient(), Thread: e.Thread, Name: q.Address}
	switch {
	case !yes:
		fact.Reason = addressNot
		err = t.noteOutsider(q.Address, writer.ID)
	default:
		fact.Reason, err = t.learnAddress(q, writer)
	}
	if err != nil {
		return err
	}
	if fact.Reason == addressRemembered {
		err = t.releaseWaiting(q.ID)
	} else {
		err = t.exec(`DELETE FROM address_waiting WHERE question = ?`, q.ID)
	}
	t.tell(fact)
	return err
}

// learnAddress makes an address the member's, unless the staff list has given it
// to somebody meanwhile.
func (t *Tx) learnAddress(q addressQuestion, writer Member) (string, error) {
	var owner int64
	if err := t.get(&owner, `SELECT coalesce((SELECT member FROM member_address WHERE address = ?), 0)`, q.Address); err != nil {
		return "", err
	}
	if owner != 0 && owner != writer.ID {
		return addressTaken, nil
	}
	if owner == 0 {
		if err := t.exec(`INSERT INTO learnt_address (address, member, question, learnt_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (address) DO UPDATE SET member = excluded.member, question = excluded.question, learnt_at = excluded.learnt_at`, q.Address, writer.ID, q.ID, millis(t.now)); err != nil {
			return "", err
		}
		if err := t.exec(`INSERT INTO member_address (address, member) VALUES (?, ?)`, q.Address, writer.ID); err != nil {
			return "", err
		}
		if err := t.exec(`DELETE FROM outsider WHERE address = ?`, q.Address); err != nil {
			return "", err
		}
	}
	if err := t.consequence("member", writer.ID); err != nil {
		return "", err
	}
	if q.AskedAt <= millis(t.now.Add(-addressPatience)) {
		return addressLate, nil
	}
	return addressRemembered, nil
}

// releaseWaiting lets the messages that wait for a question be decided anew, as
// if they had just come. What came of them until now came of the answer.
func (t *Tx) releaseWaiting(question int64) error {
	for _, query := range []string{
		`INSERT INTO consequence (intake, what, ref) SELECT ?, c.what, c.ref FROM consequence c JOIN address_waiting w ON w.intake = c.intake WHERE w.question = ? ON CONFLICT (intake, what, ref) DO NOTHING`,
	} {
		if err := t.exec(query, t.intake.ID, question); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`DELETE FROM consequence WHERE intake IN (SELECT intake FROM address_waiting WHERE question = ?)`,
		`UPDATE intake SET state = 'pending', reason = '', acts = '', decided_at = NULL, duplicate = NULL, member = NULL, attempts = 0
			WHERE state = 'refused' AND reason = '` + ReasonOtherAddress + `' AND id IN (SELECT intake FROM address_waiting WHERE question = ?)`,
		`DELETE FROM address_waiting WHERE question = ?`,
	} {
		if err := t.exec(query, question); err != nil {
			return err
		}
	}
	return nil
}

// addressesOver lets go of mails whose answer did not come.
func (t *Tx) addressesOver() error {
	return t.exec(`DELETE FROM address_waiting WHERE question IN (SELECT id FROM question WHERE address <> '' AND asked_at <= ?)`, millis(t.now.Add(-addressPatience)))
}

// withLearnt adds the learnt addresses of members who are on the staff list to
// those that the list gives. Where the list gives such an address to anybody,
// the list is right and the learnt one is forgotten.
func withLearnt(ctx context.Context, tx *sqlx.Tx, addresses map[string]int64, listed map[int64]bool) error {
	rows := []struct {
		Address string
		Member  int64
	}{}
	if err := tx.SelectContext(ctx, &rows, `SELECT address, member FROM learnt_address`); err != nil {
		return fmt.Errorf("staff list: %w", err)
	}
	for _, r := range rows {
		switch {
		case addresses[r.Address] != 0:
			if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM learnt_address WHERE address = ?`), r.Address); err != nil {
				return fmt.Errorf("staff list: %w", err)
			}
		case listed[r.Member]:
			addresses[r.Address] = r.Member
		}
	}
	return nil
}

// Learnt is a further address of a member, which the member has confirmed.
type Learnt struct {
	Address string
	Member  Member
	At      time.Time
}

// LearntAddresses lists the addresses that were learnt, by member and address.
func (b *Book) LearntAddresses(ctx context.Context) ([]Learnt, error) {
	rows := []struct {
		memberRow
		Address  string
		LearntAt int64 `db:"learnt_at"`
	}{}
	err := b.read.SelectContext(ctx, &rows, `SELECT m.*, l.address, l.learnt_at FROM learnt_address l JOIN member m ON m.id = l.member ORDER BY m.name, l.address`)
	if err != nil {
		return nil, fmt.Errorf("learnt addresses: %w", err)
	}
	list := make([]Learnt, len(rows))
	for i, r := range rows {
		list[i] = Learnt{r.Address, r.member(), instant(r.LearntAt)}
	}
	return list, nil
}

// ErrNotLearnt says that an address was never learnt.
var ErrNotLearnt = errors.New("no such address was learnt")

// ForgetAddress makes a learnt address nobody's again.
func (b *Book) ForgetAddress(ctx context.Context, address string) error {
	address = BareAddress(clean(address))
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM learnt_address WHERE address = ?`), address)
		if err != nil {
			return fmt.Errorf("learnt address: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrNotLearnt, err)
		}
		_, err = tx.ExecContext(ctx, tx.Rebind(`DELETE FROM member_address WHERE address = ?`), address)
		return err
	})
}
