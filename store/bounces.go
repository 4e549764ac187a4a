package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// The score of bounces. Three letters to one address that came back for good
// rest its member's digests, and the admin is told once. What counts is a report
// that returns the Message-ID of a letter which we sent to that address (nobody
// else knows those), and a refusal when a letter is handed in. A delay, a full
// mailbox and a report that names no letter count for nothing. Any mail of the
// member's, and another address in the staff list, begin anew.

// mostBounces is how many letters that came back rest a member's digests.
const mostBounces = 3

// bounceDays is for how many days a letter that came back counts.
const bounceDays = 30

// bounced notes what a mail server reported on a letter of ours.
func (t *Tx) bounced(b Bounce) error {
	address := BareAddress(clean(b.Recipient))
	letters := []struct {
		ID, Member int64
		Address    string
	}{}
	if b.MessageID != "" {
		if err := t.list(&letters, `SELECT l.id, l.member, l.address FROM letter l JOIN outbox o ON o.letter = l.id
			WHERE l.message_id = ? AND l.member IS NOT NULL AND o.state IN ('sent', 'dot_sent', 'in_doubt')`, clean(b.MessageID)); err != nil {
			return fmt.Errorf("bounce: %w", err)
		}
	}
	for _, l := range letters {
		// A letter to one recipient came back for that one, wherever it was
		// forwarded to; of the two copies of an introduction the report must say
		// which.
		if BareAddress(l.Address) != address && len(letters) > 1 {
			continue
		}
		if err := t.exec(`UPDATE outbox SET enhanced = ?, error = ? WHERE letter = ? AND state = 'sent'`, clean(b.Status), "reported later: "+clean(b.Action), l.ID); err != nil {
			return fmt.Errorf("bounce: %w", err)
		}
		return t.scoreBounce(&l.ID, l.Member, l.Address, b)
	}
	if len(letters) > 0 || address == "" {
		return nil
	}
	return t.noteBounce(address, b)
}

// noteBounce keeps a report that names no letter: it tells the admin something
// and counts for nothing, since anybody can write it.
func (t *Tx) noteBounce(address string, b Bounce) error {
	var member int64
	err := t.get(&member, `SELECT coalesce(max(a.member), 0) FROM member_address a JOIN letter l ON l.member = a.member
		WHERE a.address = ? AND l.at > ? AND NOT EXISTS (SELECT 1 FROM bounce x WHERE x.letter IS NULL AND x.address = ? AND x.day = ?)`,
		address, millis(t.now.Add(-memory)), address, t.today().String())
	if err != nil || member == 0 {
		return err
	}
	return t.scoreBounce(nil, member, address, b)
}

// scoreBounce writes one row a letter; that something came back for good is not
// changed by a later report of a delay.
func (t *Tx) scoreBounce(letter *int64, member int64, address string, b Bounce) error {
	err := t.exec(`INSERT INTO bounce (letter, member, address, hard, status, day, at) SELECT ?, ?, ?, ?, ?, ?, ? WHERE ? NOT IN (SELECT member FROM forgotten)
		ON CONFLICT (letter) DO UPDATE SET hard = max(hard, excluded.hard), status = CASE WHEN excluded.hard >= hard THEN excluded.status ELSE status END`,
		letter, member, BareAddress(address), b.Hard(), clean(b.Status), t.today().String(), millis(t.now), member)
	if err != nil {
		return fmt.Errorf("bounce: %w", err)
	}
	return nil
}

// refusedFor counts a letter that the server did not take for its recipient.
func refusedFor(ctx context.Context, tx *sqlx.Tx, r Result, day string, at int64) error {
	said := Bounce{Action: "failed", Status: r.Enhanced}
	if r.Code/100 != 5 || !said.Hard() {
		return nil
	}
	row := struct {
		Member  sql.NullInt64
		Address string
	}{}
	if err := tx.GetContext(ctx, &row, tx.Rebind(`SELECT member, address FROM letter WHERE id = ?`), r.ID); err != nil || !row.Member.Valid {
		return err
	}
	_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO bounce (letter, member, address, hard, status, day, at) SELECT ?, ?, ?, 1, ?, ?, ? WHERE ? NOT IN (SELECT member FROM forgotten) ON CONFLICT (letter) DO NOTHING`),
		r.ID, row.Member.Int64, BareAddress(row.Address), clean(r.Enhanced), day, at, row.Member.Int64)
	return err
}

// heardFrom begins anew with a member who wrote: the mailbox lives.
func (t *Tx) heardFrom(e Event) error {
	if e.Member == 0 || e.Verdict == Ignored || e.Verdict == Quarantined || e.Confirm || e.Auth == Unproven && !confirms(e) {
		return nil
	}
	var any bool
	if err := t.get(&any, `SELECT EXISTS (SELECT 1 FROM bounce WHERE member = ?) OR EXISTS (SELECT 1 FROM bounce_pause WHERE member = ?)`, e.Member, e.Member); err != nil || !any {
		return err
	}
	if err := t.exec(`DELETE FROM bounce WHERE member = ?`, e.Member); err != nil {
		return fmt.Errorf("bounce: %w", err)
	}
	if err := t.exec(`DELETE FROM bounce_pause WHERE member = ?`, e.Member); err != nil {
		return fmt.Errorf("bounce: %w", err)
	}
	return nil
}

// bouncing rests the digests of members whose address has bounced often enough,
// and tells the admin. It ends the rest of those who have another address now.
func (t *Tx) bouncing() error {
	if err := t.exec(`DELETE FROM bounce_pause WHERE since <= ? AND address <> (SELECT m.email FROM member m WHERE m.id = bounce_pause.member)`, millis(t.now)); err != nil {
		return err
	}
	rows := []struct {
		Member  int64
		Name    string
		Address string
		Email   string
		N       int
		Status  string
	}{}
	if err := t.list(&rows, `SELECT b.member, m.name, b.address, m.email, count(*) AS n, max(b.status) AS status FROM bounce b JOIN member m ON m.id = b.member
		WHERE b.hard = 1 AND b.at > ? AND b.letter IS NOT NULL AND m.on_staff = 1 AND NOT EXISTS (SELECT 1 FROM bounce_pause p WHERE p.member = b.member)
		GROUP BY b.member, m.name, b.address, m.email HAVING count(*) >= ? ORDER BY b.member`, millis(t.now.AddDate(0, 0, -bounceDays)), mostBounces); err != nil {
		return err
	}
	for _, r := range rows {
		if BareAddress(r.Email) != r.Address { // of an address that is no longer used
			continue
		}
		if err := t.exec(`INSERT INTO bounce_pause (member, address, status, since) VALUES (?, ?, ?, ?)`, r.Member, r.Email, r.Status, millis(t.now)); err != nil {
			return err
		}
		if err := t.quiet(r.Member); err != nil {
			return err
		}
		// This letter says all; the one about single letters would be the second.
		if err := t.exec(`INSERT INTO undelivered_told (letter) SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter
			WHERE o.digest = 0 AND o.state IN ('failed', 'expired') AND l.member = ? ON CONFLICT (letter) DO NOTHING`, r.Member); err != nil {
			return err
		}
		t.tell(Fact{Kind: KindAdmin, Key: fmt.Sprintf("admin/bouncing/m%d/%s", r.Member, t.today()), To: t.admin(),
			Reason: fmt.Sprintf("The address of %s, %s, does not take mail: %d letters came back (%s, %s). The digests to it rest now. If the address has changed, change it in the staff list; if it is right again, a mail from %s to the help address is enough, for instance with the word back.",
				r.Name, r.Email, r.N, r.Status, meaning(r.Status), Member{Name: r.Name}.FirstName())})
	}
	return nil
}

// meaning is an enhanced status in words (RFC 3463 section 3).
func meaning(status string) string {
	switch status {
	case "5.1.1":
		return "there is no such mailbox"
	case "5.1.2", "5.4.4":
		return "there is no such mail domain"
	case "5.1.6":
		return "the mailbox has moved"
	case "5.1.10":
		return "the address takes no mail"
	case "5.2.1":
		return "the mailbox is switched off"
	}
	return "refused for good"
}

// Resting is a member whose digests rest because the address bounces.
type Resting struct {
	Name    string
	Address string
	Status  string
	Since   int64 // milliseconds
}

// Bouncing lists the members whose digests rest because of their address.
func (b *Book) Bouncing(ctx context.Context) ([]Resting, error) {
	list := []Resting{}
	err := b.read.SelectContext(ctx, &list, `SELECT m.name, p.address, p.status, p.since FROM bounce_pause p JOIN member m ON m.id = p.member
		WHERE m.on_staff = 1 AND m.email = p.address ORDER BY m.name`)
	if err != nil {
		return nil, fmt.Errorf("the book: %w", err)
	}
	return list, nil
}
