package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// What an admin does to the outbox by hand.

// Waiting is one row of the outbox.
type Waiting struct {
	Letter    int64
	Key       string
	Kind      string
	Address   string
	State     string
	Digest    bool
	Attempts  int
	At        int64
	NextAt    int64 `db:"next_at"`
	ExpiresAt int64 `db:"expires_at"`
	Code      int
	Enhanced  string
	Error     string
}

// Errors of commands on the outbox.
var (
	ErrNoLetter   = errors.New("no letter with that number or key is in the outbox")
	ErrLetterGone = errors.New("it cannot be changed any more")
)

// Outbox lists letters by state, oldest first; no states: all that are not sent.
func (b *Book) Outbox(ctx context.Context, states []string, limit int) ([]Waiting, error) {
	if len(states) == 0 {
		states = []string{"queued", "sending", "dot_sent", "retry", "in_doubt", "failed", "expired", "held"}
	}
	query, args, err := sqlx.In(`SELECT o.letter, o.key, l.kind, l.address, o.state, o.digest, o.attempts, l.at, o.next_at, o.expires_at, o.code, o.enhanced, o.error
		FROM outbox o JOIN letter l ON l.id = o.letter WHERE o.state IN (?) ORDER BY o.letter LIMIT ?`, states, limit)
	list := []Waiting{}
	if err == nil {
		err = b.read.SelectContext(ctx, &list, b.read.Rebind(query), args...)
	}
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return list, nil
}

// Again lets letters that failed, expired, are in doubt or are held leave once
// more, with a life of their usual length. It returns those it moved. A doubt
// stays what it was: the letter may have arrived, so an undo must not count it as
// unsent, and a second doubt is not answered with a copy that nobody asked for.
// A letter whose words are erased, or whose reader is forgotten, does not leave.
func (b *Book) Again(ctx context.Context, refs []string, now time.Time) ([]string, error) {
	return b.byHand(ctx, refs, func(tx *sqlx.Tx, w Waiting) error {
		switch w.State {
		case "failed", "expired", "in_doubt", "held", "retry":
		default:
			return fmt.Errorf("letter %s is %s: %w", w.Key, w.State, ErrLetterGone)
		}
		var erased bool
		if err := tx.GetContext(ctx, &erased, tx.Rebind(`SELECT EXISTS (SELECT 1 FROM letter l JOIN wording w ON w.id = l.wording WHERE l.id = ?
			AND (w.text = x'' OR l.kind <> ? AND l.member IN (SELECT member FROM forgotten)))`), w.Letter, KindForgotten); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if erased {
			return fmt.Errorf("letter %s has no words any more, they were too old or somebody in it is forgotten: %w", w.Key, ErrLetterGone)
		}
		life := letterLife
		if w.Digest {
			life = digestLife
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'retry', next_at = ?, expires_at = ?, changed_at = ? WHERE letter = ?`),
			millis(now), millis(now.Add(life)), millis(now), w.Letter)
		if err != nil || !w.Digest {
			return err
		}
		return (&Tx{ctx: ctx, tx: tx, book: b, now: now}).takeBackStale([]int64{w.Letter})
	})
}

// Hold keeps letters that wait from leaving.
func (b *Book) Hold(ctx context.Context, refs []string, now time.Time) ([]string, error) {
	return b.byHand(ctx, refs, func(tx *sqlx.Tx, w Waiting) error {
		if w.State != "queued" && w.State != "retry" {
			return fmt.Errorf("letter %s is %s: %w", w.Key, w.State, ErrLetterGone)
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'held', changed_at = ? WHERE letter = ?`), millis(now), w.Letter)
		return err
	})
}

// byHand does something to letters named by number or key, or to nothing if one
// of them is not there.
func (b *Book) byHand(ctx context.Context, refs []string, do func(tx *sqlx.Tx, w Waiting) error) ([]string, error) {
	var moved []string
	err := b.transact(ctx, func(tx *sqlx.Tx) error {
		moved = moved[:0]
		for _, ref := range refs {
			var w Waiting
			err := tx.GetContext(ctx, &w, tx.Rebind(`SELECT letter, key, state, digest FROM outbox WHERE key = ? OR CAST(letter AS TEXT) = ?`), ref, ref)
			switch {
			case errors.Is(err, sql.ErrNoRows):
				return fmt.Errorf("%s: %w", ref, ErrNoLetter)
			case err != nil:
				return fmt.Errorf("outbox: %w", err)
			}
			if err := do(tx, w); err != nil {
				return err
			}
			moved = append(moved, w.Key)
		}
		return nil
	})
	return moved, err
}

// Rest is that the whole outbox is held: since when, and why.
type Rest struct {
	Since time.Time
	Why   string
}

// restName is the row of the book that says so.
const restName = "outbox_held"

// HoldAll keeps everything from leaving, also what is queued later, until
// ReleaseAll.
func (b *Book) HoldAll(ctx context.Context, why string, now time.Time) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error { return holdAll(ctx, tx, why, now) })
}

func holdAll(ctx context.Context, tx *sqlx.Tx, why string, now time.Time) error {
	_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO book (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`),
		restName, now.UTC().Format(time.RFC3339)+" "+clean(why))
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// Held says whether the whole outbox is held; zero: no.
func (b *Book) Held(ctx context.Context) (Rest, error) {
	value, err := b.row(ctx, restName)
	if err != nil || value == "" {
		return Rest{}, err
	}
	since, why, _ := strings.Cut(value, " ")
	rest := Rest{Why: why}
	rest.Since, _ = time.Parse(time.RFC3339, since) // written by holdAll
	return rest, nil
}

// ReleaseAll ends a hold on the whole outbox and on single letters: what was
// held leaves with the next pass. Held digests of an earlier date, or of a book
// that was restored, were most likely sent in the time that the book does not
// know: they stay unsent, in doubt.
func (b *Book) ReleaseAll(ctx context.Context, now time.Time) (released, doubtful int, err error) {
	err = b.transact(ctx, func(tx *sqlx.Tx) error {
		count := func(query string, args ...any) (int, error) {
			result, err := tx.ExecContext(ctx, tx.Rebind(query), args...)
			if err != nil {
				return 0, fmt.Errorf("outbox: %w", err)
			}
			n, err := result.RowsAffected()
			return int(n), err
		}
		var err error
		if doubtful, err = count(`UPDATE outbox SET state = 'in_doubt', attempts = max(attempts, 1), changed_at = ? WHERE state = 'held' AND digest = 1`, millis(now)); err != nil {
			return err
		}
		if released, err = count(`UPDATE outbox SET state = CASE WHEN attempts > 0 THEN 'retry' ELSE 'queued' END, next_at = ?, expires_at = max(expires_at, ?), changed_at = ? WHERE state = 'held'`,
			millis(now), millis(now.Add(letterLife)), millis(now)); err != nil {
			return err
		}
		_, err = count(`DELETE FROM book WHERE name = ?`, restName)
		return err
	})
	return released, doubtful, err
}

// ReleaseLetters lets single held letters leave.
func (b *Book) ReleaseLetters(ctx context.Context, refs []string, now time.Time) ([]string, error) {
	return b.byHand(ctx, refs, func(tx *sqlx.Tx, w Waiting) error {
		if w.State != "held" {
			return fmt.Errorf("letter %s is %s, not held: %w", w.Key, w.State, ErrLetterGone)
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = CASE WHEN attempts > 0 THEN 'retry' ELSE 'queued' END, next_at = ?, changed_at = ? WHERE letter = ?`),
			millis(now), millis(now), w.Letter)
		return err
	})
}
