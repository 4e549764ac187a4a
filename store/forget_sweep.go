package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// What letters said loses its words in portions, each a transaction of its own:
// killed anywhere, the search goes on where it was. A wording of which a letter
// has not left yet waits for that.

// searchBatch is how many wordings one transaction reads.
const searchBatch = 200

// unsettled are the letters that may still be sent.
const unsettled = `SELECT 1 FROM letter l JOIN outbox o ON o.letter = l.id WHERE l.wording = w.wording AND o.state IN ('queued', 'retry', 'sending', 'dot_sent', 'held')`

// SweepForgotten goes on erasing what letters said by or about those who were
// forgotten, for about as long as patience. It says whether all of it is done.
func (b *Book) SweepForgotten(ctx context.Context, now time.Time, patience time.Duration) (done bool, err error) {
	began := time.Now()
	members := []int64{}
	if err := b.read.SelectContext(ctx, &members, `SELECT member FROM forget_search ORDER BY member`); err != nil {
		return false, fmt.Errorf("the forgotten: %w", err)
	}
	if len(members) == 0 {
		return true, b.scrubForgotten(ctx)
	}
	for _, m := range members {
		for over := false; !over; {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			if time.Since(began) > patience {
				return false, nil
			}
			if over, err = b.searchPortion(ctx, m, now); err != nil {
				return false, fmt.Errorf("member %d, who was forgotten: %w", m, err)
			}
		}
	}
	err = errors.Join(b.eraseWordings(ctx), b.finishSearches(ctx), b.scrubForgotten(ctx))
	var left int
	if err == nil {
		err = b.read.GetContext(ctx, &left, `SELECT count(*) FROM forget_search`)
	}
	return left == 0, err
}

// searchPortion reads some wordings. over says that there are no more.
func (b *Book) searchPortion(ctx context.Context, member int64, now time.Time) (over bool, err error) {
	err = b.transact(ctx, func(tx *sqlx.Tx) error {
		t := &Tx{ctx: ctx, tx: tx, book: b, now: now}
		var reached int64
		if err := t.get(&reached, `SELECT reached FROM forget_search WHERE member = ?`, member); err != nil {
			return err
		}
		names, err := listNames(ctx, tx, member)
		if err != nil {
			return err
		}
		if reached == 0 {
			if err := t.markAbout(member); err != nil {
				return err
			}
		}
		rows := []struct {
			ID         int64
			Subject    string
			Text, HTML []byte
		}{}
		if err := t.list(&rows, `SELECT id, subject, text, html FROM wording WHERE id > ? ORDER BY id LIMIT ?`, reached, searchBatch); err != nil {
			return err
		}
		for _, r := range rows {
			text, err := inflate(r.Text)
			if err != nil {
				return fmt.Errorf("wording %d: %w", r.ID, err)
			}
			html, err := inflate(r.HTML)
			if err != nil {
				return fmt.Errorf("wording %d: %w", r.ID, err)
			}
			if mentions(r.Subject, names) || mentions(text, names) || mentions(html, names) {
				if err := t.exec(`INSERT INTO wording_erase (wording) VALUES (?) ON CONFLICT (wording) DO NOTHING`, r.ID); err != nil {
					return err
				}
			}
			reached = r.ID
		}
		over = len(rows) < searchBatch
		return t.exec(`UPDATE forget_search SET reached = ? WHERE member = ?`, reached, member)
	})
	return over, err
}

// markAbout marks what went to a member, and what lists their asks or thanks by
// or about them: no name needs to stand in it.
func (t *Tx) markAbout(member int64) error {
	for _, step := range []struct {
		query string
		times int
	}{
		{`SELECT l.wording FROM letter l WHERE l.member = ?`, 1},
		{`SELECT i.wording FROM wording_item i WHERE i.ask IN (` + asksOfMember + `)`, 1},
		{`SELECT k.wording FROM wording_thanks k WHERE k.thanks IN (` + thanksOf + `)`, 3},
		{`SELECT l.wording FROM intake i JOIN consequence c ON c.intake = i.id AND c.what = 'letter' JOIN letter l ON l.id = c.ref WHERE i.member = ?`, 1},
		{`SELECT l.wording FROM consequence k JOIN consequence c ON c.intake = k.intake AND c.what = 'letter' JOIN letter l ON l.id = c.ref
			WHERE k.what = 'thanks' AND k.ref IN (` + thanksOf + `)`, 3},
		{`SELECT l.wording FROM letter l JOIN question q ON q.letter = l.key WHERE q.thanks IN (` + thanksOf + `)`, 3},
		// "introduction/17/m9": a letter about what this member did
		{`SELECT l.wording FROM letter l WHERE l.key LIKE '%/m' || ? OR l.key LIKE '%/m' || ? || '/%'`, 2},
	} {
		args := make([]any, step.times)
		for i := range args {
			args[i] = member
		}
		if err := t.exec(`INSERT INTO wording_erase (wording) SELECT * FROM (`+step.query+`) AS w WHERE true ON CONFLICT (wording) DO NOTHING`, args...); err != nil {
			return err
		}
	}
	return nil
}

// erasedSubject stands where a subject was.
const erasedSubject = "erased"

// eraseWordings empties what is marked and no letter will say any more.
func (b *Book) eraseWordings(ctx context.Context) error {
	for n := int64(1); n > 0; {
		err := b.transact(ctx, func(tx *sqlx.Tx) error {
			ids := []int64{}
			if err := tx.SelectContext(ctx, &ids, tx.Rebind(`SELECT w.wording FROM wording_erase w WHERE NOT EXISTS (`+unsettled+`) ORDER BY w.wording LIMIT ?`), searchBatch); err != nil {
				return err
			}
			if n = int64(len(ids)); n == 0 {
				return nil
			}
			return emptyWordings(ctx, tx, ids)
		})
		if err != nil {
			return fmt.Errorf("what letters said: %w", err)
		}
	}
	return nil
}

// emptyWordings takes the words out of wordings. The asks that they list stay,
// so that an answer with a number is still understood. Letters that say the same
// later get another wording: the sum names what is no more.
func emptyWordings(ctx context.Context, tx *sqlx.Tx, ids []int64) error {
	for _, query := range []string{
		`UPDATE wording SET subject = '` + erasedSubject + `', text = x'', html = NULL, sha256 = printf('%064d', id) WHERE id IN (?)`,
		`DELETE FROM wording_erase WHERE wording IN (?)`,
	} {
		query, args, err := sqlx.In(query, ids)
		if err == nil {
			_, err = tx.ExecContext(ctx, tx.Rebind(query), args...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// finishSearches ends the searches that have read everything and whose letters
// have all left, and takes name and address off those letters.
func (b *Book) finishSearches(ctx context.Context) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		members := []int64{}
		if err := tx.SelectContext(ctx, &members, `SELECT s.member FROM forget_search s WHERE s.reached >= coalesce((SELECT max(id) FROM wording), 0)
			AND NOT EXISTS (SELECT 1 FROM wording_erase) AND NOT EXISTS (SELECT 1 FROM letter l JOIN outbox o ON o.letter = l.id
				WHERE (l.member = s.member OR `+asStranger+` AND l.address IN (SELECT value FROM json_each(s.names))) AND o.state IN ('queued', 'retry', 'sending', 'dot_sent', 'held'))`); err != nil {
			return fmt.Errorf("the forgotten: %w", err)
		}
		for _, m := range members {
			if err := forgetLetters(ctx, tx, m); err != nil {
				return fmt.Errorf("letters to member %d, who was forgotten: %w", m, err)
			}
		}
		return nil
	})
}

// asStranger are letters to somebody who was not, or not yet, known as a member.
// The admin stays the admin.
const asStranger = `l.member IS NULL AND l.kind <> '` + KindAdmin + `' AND l.address <> ''`

// forgetLetters takes a forgotten member's name and addresses off all letters.
func forgetLetters(ctx context.Context, tx *sqlx.Tx, member int64) error {
	names, err := listNames(ctx, tx, member)
	if err != nil {
		return err
	}
	for _, query := range []string{
		`UPDATE letter SET name = '', address = '', language = '', reply_to = '[]', thread = '[]' WHERE member = ?`,
		`UPDATE letter SET name = '', address = '', thread = '[]' WHERE id IN (SELECT l.id FROM letter l WHERE ` + asStranger + ` AND l.address IN (SELECT value FROM json_each((SELECT names FROM forget_search WHERE member = ?))))`,
		`UPDATE outbox SET error = CASE WHEN error = '' THEN '' ELSE 'erased' END WHERE letter IN (SELECT id FROM letter WHERE member = ?)`,
		`UPDATE intake SET message_id = '' WHERE member = ?`,
		`DELETE FROM forget_search WHERE member = ?`,
	} {
		if _, err := tx.ExecContext(ctx, tx.Rebind(query), member); err != nil {
			return err
		}
	}
	// Introductions name the other one as somebody to answer to.
	rows := []struct {
		ID      int64
		ReplyTo string `db:"reply_to"`
	}{}
	if err := tx.SelectContext(ctx, &rows, `SELECT id, reply_to FROM letter WHERE reply_to NOT IN ('[]', 'null', '')`); err != nil {
		return err
	}
	for _, r := range rows {
		if mentions(r.ReplyTo, names) {
			if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE letter SET reply_to = '[]' WHERE id = ?`), r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// scrubForgotten cuts the log once everything is erased.
func (b *Book) scrubForgotten(ctx context.Context) error {
	if !b.forgot.Load() {
		return nil
	}
	done, err := b.scrubLog(ctx)
	if done {
		b.forgot.Store(false)
	}
	return err
}
