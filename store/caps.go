package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// What bounds a storm, whoever causes it. Robots that answer everything, without
// a mark and from a colleague's address, cannot be told from people; so it is
// bounded how much of one sender is acted on, and how many letters one person
// gets in a day.
//
// Of the letters a day that one person may get, ordinary ones leave at once as
// long as there are few. What comes after them waits and is told in one letter
// on the next morning; the person hears of that once. Introductions have as many
// places of their own: two people wait for each other then. Digests do not count.

const (
	mostLetters       = 20 // a person and day
	mostOrdinary      = mostLetters - 2
	mostIntroductions = 20

	mailBurst = 300             // mails of one member that are acted on at once
	mailEvery = 5 * time.Minute // and one more in so long

	mostRefusals = 60 // of strangers in an hour: their addresses may be forged
)

// ReasonTooMany is why a mail of a member who sends far too many is not acted on.
const ReasonTooMany = "too_many_mails"

// Allow takes one from what the writer may still send. When nothing is left the
// mail is refused: only machines write so much.
func (t *Tx) Allow(e Event) (Event, error) {
	if e.Member == 0 || e.Verdict != Accepted && e.Verdict != Refused {
		return e, nil
	}
	if e.Auth == Unproven || confirms(e) { // of answers to a question there are few, and when one came must not be told beside what it let go
		return t.allowUnproven(e)
	}
	planned := e
	if p, err := t.planned(&planned); err != nil || p.sealed {
		if err != nil {
			return e, err
		}
		return t.allowVeiled(e, p)
	}
	return t.allow(e)
}

func (t *Tx) allow(e Event) (Event, error) {
	var fullAt int64
	err := t.get(&fullAt, `SELECT full_at FROM allowance WHERE member = ?`, e.Member)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return e, fmt.Errorf("allowance: %w", err)
	}
	now, whole := millis(t.now), (mailBurst * mailEvery).Milliseconds()
	if fullAt > now+whole { // from a wrong clock
		fullAt = now
	}
	fullAt = max(fullAt, now) + mailEvery.Milliseconds()
	if fullAt > now+whole {
		e.Verdict, e.Reason, e.Acts = Refused, ReasonTooMany, nil
		return e, nil
	}
	return e, t.exec(`INSERT INTO allowance (member, full_at) VALUES (?, ?) ON CONFLICT (member) DO UPDATE SET full_at = excluded.full_at`, e.Member, fullAt)
}

// refusedEnough says whether strangers have been answered often enough for now.
func (t *Tx) refusedEnough() (bool, error) {
	var n int
	err := t.get(&n, `SELECT count(*) FROM letter WHERE kind = 'refusal' AND at > ? AND at <= ?`, millis(t.now.Add(-time.Hour)), millis(t.now))
	return n >= mostRefusals, err
}

// waits says whether a letter is to wait because its recipient has had enough
// for today.
func (t *Tx) waits(l Letter) (bool, error) {
	if l.To.Member == 0 && l.To.Email != t.admin().Email {
		return false, nil // a stranger, who gets one letter in thirty days
	}
	most, kinds := mostOrdinary, `kind NOT IN ('digest', 'introduction', 'enough', 'too_many', 'confirm', 'confirm_end')`
	switch l.Kind {
	case KindDigest, KindEnough, KindTooMany, KindTogether, KindConfirm, KindConfirmEnd: // of the last two there are few, and the first says where an answer belongs
		return false, nil
	case KindIntroduction:
		most, kinds = mostIntroductions, `kind = 'introduction'`
	}
	whose, who := `member = ?`, any(l.To.Member)
	if l.To.Member == 0 {
		whose, who = `member IS NULL AND address = ?`, any(clean(l.To.Email))
	}
	var n int
	err := t.get(&n, `SELECT count(*) FROM letter l WHERE `+whose+` AND at >= ? AND at < ? AND `+kinds+` AND NOT EXISTS (SELECT 1 FROM later w WHERE w.letter = l.id)`,
		who, millis(t.midnight(0)), millis(t.midnight(1)))
	return n >= most, err
}

// midnight is the beginning of today, or of a day after it.
func (t *Tx) midnight(days int) time.Time {
	return t.calendar().Instant(t.today().AddDays(days), Clock{})
}

// tomorrow is when letters that wait are told.
func (t *Tx) tomorrow() (Date, time.Time) {
	date := t.today().AddDays(1)
	return date, t.calendar().Instant(date, t.calendar().At)
}

// wait keeps a letter for tomorrow and notes that its recipient must hear of it.
func (t *Tx) wait(letter int64, to Recipient) error {
	date, due := t.tomorrow()
	if err := t.exec(`INSERT INTO later (letter, due) VALUES (?, ?)`, letter, millis(due)); err != nil {
		return err
	}
	key := KindEnough + "/" + t.today().String()
	for _, f := range t.overflow {
		if f.To == to {
			return nil
		}
	}
	told, err := t.exists(key, to)
	if err == nil && !told {
		t.overflow = append(t.overflow, Fact{Kind: KindEnough, Key: key, To: to, Publish: date})
	}
	return err
}

// exists says whether the outbox has a letter.
func (t *Tx) exists(key string, to Recipient) (known bool, err error) {
	err = t.get(&known, `SELECT EXISTS (SELECT 1 FROM outbox WHERE key = ?)`, key+"/to/"+recipientKey(to))
	return known, err
}

// Overflow is what must be told because letters that were enqueued wait.
func (t *Tx) Overflow() (Outcome, error) {
	o := Outcome{Now: t.now, Calendar: t.calendar(), Facts: t.overflow}
	t.overflow = nil
	if len(o.Facts) == 0 {
		return o, nil
	}
	var err error
	o.Exchange, err = t.exchange()
	return o, err
}

// How many of the letters that wait are told in full, and how many by their
// subject.
const (
	mostTogether = 30
	mostSubjects = 200
)

// together makes one letter out of those that waited for somebody until now. One
// that waits alone is sent as it is.
func (t *Tx) together() error {
	rows := []struct {
		ID       int64
		Member   int64
		Name     string
		Address  string
		Language string
		Wording  int64
	}{}
	err := t.list(&rows, `SELECT l.id, coalesce(l.member, 0) AS member, l.name, l.address, l.language, l.wording FROM later w JOIN outbox o ON o.letter = w.letter JOIN letter l ON l.id = w.letter
		WHERE w.within IS NULL AND (w.due <= ? OR w.due > ?) AND o.state IN ('queued', 'retry') ORDER BY coalesce(l.member, 0), l.address, l.id`, millis(t.now), millis(t.now.Add(leap)))
	if err != nil {
		return err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Member == rows[0].Member && rows[n].Address == rows[0].Address {
			n++
		}
		own := rows[:n]
		rows = rows[n:]
		if n == 1 {
			if err := t.exec(`DELETE FROM later WHERE letter = ?`, own[0].ID); err != nil {
				return err
			}
			continue
		}
		first := own[0]
		f := Fact{Kind: KindTogether, Key: fmt.Sprintf("%s/%d", KindTogether, first.ID), To: Recipient{Member: first.Member, Name: first.Name, Email: first.Address, Language: first.Language}}
		for i, r := range own {
			f.Carries = append(f.Carries, r.ID)
			if i >= mostSubjects {
				continue
			}
			var l Letter
			if err := t.words(r.Wording, &l); err != nil {
				return err
			}
			if i >= mostTogether {
				l.Text = ""
			}
			f.Letters = append(f.Letters, l)
		}
		t.tell(f)
	}
	return nil
}

// words reads the plain words of a wording.
func (t *Tx) words(wording int64, into *Letter) (err error) {
	row := struct {
		Subject string
		Text    []byte
	}{}
	if err := t.get(&row, `SELECT subject, text FROM wording WHERE id = ?`, wording); err != nil {
		return fmt.Errorf("wording %d: %w", wording, err)
	}
	into.Subject = row.Subject
	into.Text, err = inflate(row.Text)
	return err
}

// carried gives letters that were told within another one the end that it came to.
func carried(ctx context.Context, tx *sqlx.Tx, now time.Time) error {
	const over = `FROM later w JOIN outbox o ON o.letter = w.within WHERE o.state IN ('sent', 'failed', 'expired', 'in_doubt')`
	_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = c.state, sent_at = c.sent_at, code = c.code, enhanced = c.enhanced, attempts = max(attempts, 1), changed_at = ?
		FROM (SELECT w.letter, o.state, o.sent_at, o.code, o.enhanced `+over+`) c WHERE outbox.letter = c.letter AND outbox.state IN ('queued', 'retry')`), millis(now))
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM later WHERE letter IN (SELECT w.letter `+over+`)`)
	}
	if err != nil {
		return fmt.Errorf("letters told within another: %w", err)
	}
	return nil
}
