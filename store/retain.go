package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Nothing is kept for ever. `keep` in the configuration says how long, and once
// a night what is older loses its words, in portions that the end of a life
// leaves at a whole number:
//
//   - raw: mail as it came, in the book and on the mail server;
//   - words: what letters said, and questions that were answered;
//   - asks: titles, words, offers and thanks of asks that ended.
//
// What is live stays: an open ask with all that belongs to it, a message that
// waits for its decision, a letter that has not left or is in doubt.

// sweptName is the row of the book that says when everything was swept.
const sweptName = "swept"

// retainBatch is how many rows one transaction changes.
const retainBatch = 500

// retention is one kind of rows that grow old. The query changes at most so many
// of those older than an instant, and returns them.
type retention struct {
	name string
	keep time.Duration
	do   func(t *Tx, before int64) (int64, error)
}

func (b *Book) retentions() []retention {
	keep := b.settings.Keep
	return []retention{
		{"mail", keep.Raw, (*Tx).retainMail},
		{"quarantine", keep.Asks, (*Tx).retainQuarantine},
		{"letters", keep.Words, (*Tx).retainWordings},
		{"questions", keep.Words, changing(`UPDATE question SET words = '', name = '', names = '[]', address = '' WHERE id IN (SELECT id FROM question
			WHERE (words <> '' OR name <> '' OR names <> '[]' OR address <> '') AND asked_at <= ? ORDER BY id LIMIT ?)`)},
		{"strangers", keep.Words, changing(`UPDATE letter SET name = '', address = '', thread = '[]' WHERE id IN (SELECT l.id FROM letter l JOIN outbox o ON o.letter = l.id
			WHERE l.member IS NULL AND l.kind <> 'admin' AND l.address <> '' AND l.at <= ? AND o.state IN ('sent', 'failed', 'expired') ORDER BY l.id LIMIT ?)`)},
		{"replies of servers", keep.Words, changing(`UPDATE outbox SET error = 'erased' WHERE letter IN (SELECT letter FROM outbox
			WHERE error NOT IN ('', 'erased') AND changed_at <= ? AND state IN ('sent', 'failed', 'expired') ORDER BY letter LIMIT ?)`)},
		{"bounces", keep.Asks, changing(`DELETE FROM bounce WHERE id IN (SELECT b.id FROM bounce b WHERE b.at <= ? AND NOT EXISTS (SELECT 1 FROM bounce_pause p WHERE p.member = b.member) ORDER BY b.id LIMIT ?)`)},
		{"asks", keep.Asks, changing(`UPDATE ask SET title = '` + removedTitle + `', body = '', message_id = '' WHERE number IN (` + endedAsks + ` AND (a.body <> '' OR a.title <> '` + removedTitle + `' OR a.message_id <> '') ORDER BY a.number LIMIT ?)`)},
		{"offers", keep.Asks, changing(`UPDATE offer SET words = '', message_id = '' WHERE party IN (SELECT o.party FROM offer o JOIN ask_party p ON p.id = o.party
			WHERE (o.words <> '' OR o.message_id <> '') AND p.ask IN (` + endedAsks + `) ORDER BY o.party LIMIT ?)`)},
		{"changes", keep.Asks, changing(`DELETE FROM held_edit WHERE ask IN (SELECT ask FROM held_edit WHERE ask IN (` + endedAsks + `) ORDER BY ask LIMIT ?)`)},
		{"thanks", keep.Asks, changing(`UPDATE thanks SET words = '', state = CASE WHEN state = 'public' THEN 'private' ELSE state END WHERE id IN (SELECT k.id FROM thanks k
			WHERE k.words <> '' AND k.created_at <= ? AND NOT EXISTS (SELECT 1 FROM ask a WHERE a.number = k.ask AND a.state IN ('open', 'helped', 'held')) ORDER BY k.id LIMIT ?)`)},
	}
}

// endedAsks are those that ended before an instant.
const endedAsks = `SELECT a.number FROM ask a WHERE a.state IN ('closed', 'withdrawn', 'expired') AND a.closed_at <= ?`

// changing is a retention by one query whose arguments are the instant and how
// many rows.
func changing(query string) func(t *Tx, before int64) (int64, error) {
	return func(t *Tx, before int64) (int64, error) {
		result, err := t.tx.ExecContext(t.ctx, t.tx.Rebind(query), before, retainBatch)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	}
}

// retainMail drops the bytes of decided messages and has the mail server do the
// same.
func (t *Tx) retainMail(before int64) (int64, error) {
	return t.retainIntake(`i.state NOT IN ('pending', 'quarantined') AND i.erase = 0 AND i.decided_at <= ?`, before)
}

// retainQuarantine lets go of messages that an admin has left aside for very
// long.
func (t *Tx) retainQuarantine(before int64) (int64, error) {
	return t.retainIntake(`i.state = 'quarantined' AND i.erase = 0 AND i.decided_at <= ?`, before)
}

func (t *Tx) retainIntake(condition string, before int64) (int64, error) {
	ids := []int64{}
	if err := t.list(&ids, `SELECT i.id FROM intake i WHERE `+condition+` ORDER BY i.id LIMIT ?`, before, retainBatch); err != nil || len(ids) == 0 {
		return 0, err
	}
	for _, query := range []string{
		`UPDATE intake SET erase = 1, erase_next = 0 WHERE id IN (?)`,
		`DELETE FROM intake_raw WHERE intake IN (?)`,
	} {
		query, args, err := sqlx.In(query, ids)
		if err != nil {
			return 0, err
		}
		if _, err := t.tx.ExecContext(t.ctx, t.tx.Rebind(query), args...); err != nil {
			return 0, err
		}
	}
	return int64(len(ids)), nil
}

// retainWordings empties what letters said that have all long left. A letter that
// failed or expired has left as far as words are concerned, and so has a digest in
// doubt: without words it cannot be sent again.
func (t *Tx) retainWordings(before int64) (int64, error) {
	ids := []int64{}
	if err := t.list(&ids, `SELECT w.id FROM wording w WHERE w.created_at <= ? AND w.text <> x'' AND NOT EXISTS (SELECT 1 FROM letter l JOIN outbox o ON o.letter = l.id
		WHERE l.wording = w.id AND (l.at > ? OR o.state IN ('queued', 'retry', 'sending', 'dot_sent', 'held', 'in_doubt') AND o.digest = 0 OR o.state IN ('queued', 'retry', 'sending', 'dot_sent', 'held')))
		ORDER BY w.id LIMIT ?`, before, before, searchBatch); err != nil || len(ids) == 0 {
		return 0, err
	}
	return int64(len(ids)), emptyWordings(t.ctx, t.tx, ids)
}

// Swept is what one sweep came to.
type Swept struct {
	Rows int64
	Done bool // all of it; else the next sweep goes on
}

// Sweep takes the words out of what is too old, for about as long as patience.
func (b *Book) Sweep(ctx context.Context, now time.Time, patience time.Duration) (Swept, error) {
	var done Swept
	began := time.Now()
	for _, r := range b.retentions() {
		if r.keep <= 0 {
			continue
		}
		for {
			if time.Since(began) > patience {
				return done, nil
			}
			var n int64
			err := b.transact(ctx, func(tx *sqlx.Tx) (err error) {
				n, err = r.do(&Tx{ctx: ctx, tx: tx, book: b, now: now}, millis(now.Add(-r.keep)))
				return err
			})
			if err != nil {
				return done, fmt.Errorf("sweep of %s: %w", r.name, err)
			}
			if done.Rows += n; n > 0 {
				b.forgot.Store(true)
			}
			if n == 0 {
				break
			}
		}
	}
	if err := b.scrubForgotten(ctx); err != nil {
		return done, err
	}
	done.Done = true
	return done, b.setRow(ctx, sweptName, now.UTC().Format(time.RFC3339))
}

// LastSwept is when everything too old was last swept; zero: never.
func (b *Book) LastSwept(ctx context.Context) (time.Time, error) {
	value, err := b.row(ctx, sweptName)
	if err != nil || strings.TrimSpace(value) == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, value)
}

// Searching is how many were forgotten whose words are still being looked
// for in letters.
func (b *Book) Searching(ctx context.Context) (n int, err error) {
	err = b.read.GetContext(ctx, &n, `SELECT count(*) FROM forget_search`)
	return n, err
}
