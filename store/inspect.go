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

// Counts is how many rows of a ledger are in each state.
type Counts map[string]int

func (b *Book) counts(ctx context.Context, query string, args ...any) (Counts, error) {
	rows := []struct {
		State string
		N     int
	}{}
	if err := b.read.SelectContext(ctx, &rows, b.read.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("the book: %w", err)
	}
	counts := Counts{}
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, nil
}

// IntakeCounts counts messages by state; what waits for a yes is pending.
func (b *Book) IntakeCounts(ctx context.Context) (Counts, error) {
	return b.counts(ctx, `SELECT CASE state WHEN 'unconfirmed' THEN 'pending' ELSE state END AS state, count(*) AS n FROM intake GROUP BY 1`)
}

// OutboxCounts counts letters by state.
func (b *Book) OutboxCounts(ctx context.Context) (Counts, error) {
	return b.counts(ctx, `SELECT state, count(*) AS n FROM outbox GROUP BY state`)
}

// AskCounts counts asks by state.
func (b *Book) AskCounts(ctx context.Context) (Counts, error) {
	return b.counts(ctx, `SELECT state, count(*) AS n FROM ask GROUP BY state`)
}

// Life is what `status` tells of the book.
type Life struct {
	LastRead     time.Time // last complete look into the inbox; zero: never
	LastSent     time.Time
	LastEdition  string    // date, "" for none
	OldestQueued time.Time // zero: nothing is queued
	OldestStuck  time.Time // of those that the server takes from nobody
	Troubles     []Trouble
}

// Trouble is a step that fails, since when, and how it failed last.
type Trouble struct {
	Where string
	Since time.Time
	Text  string
}

// SetTrouble records that a step fails; an empty text says that it works again.
func (b *Book) SetTrouble(ctx context.Context, where, text string, now time.Time) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		name := "trouble " + where
		if text == "" {
			_, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM book WHERE name = ?`), name)
			return err
		}
		var old string
		err := tx.GetContext(ctx, &old, tx.Rebind(`SELECT value FROM book WHERE name = ?`), name)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		since, _, known := strings.Cut(old, " ")
		if !known {
			since = now.UTC().Format(time.RFC3339)
		}
		_, err = tx.ExecContext(ctx, tx.Rebind(`INSERT INTO book (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`), name, since+" "+clean(text))
		return err
	})
}

func (b *Book) troubles(ctx context.Context) ([]Trouble, error) {
	rows := []struct{ Name, Value string }{}
	if err := b.read.SelectContext(ctx, &rows, `SELECT name, value FROM book WHERE name LIKE 'trouble %' ORDER BY name`); err != nil {
		return nil, fmt.Errorf("the book: %w", err)
	}
	var list []Trouble
	for _, r := range rows {
		since, text, _ := strings.Cut(r.Value, " ")
		t := Trouble{Where: strings.TrimPrefix(r.Name, "trouble "), Text: text}
		t.Since, _ = time.Parse(time.RFC3339, since) // written by SetTrouble
		list = append(list, t)
	}
	return list, nil
}

// Life reads when things last happened.
func (b *Book) Life(ctx context.Context) (Life, error) {
	var life Life
	var read sql.NullString
	var sent, oldest, stuck sql.NullInt64
	var last sql.NullString
	for _, q := range []struct {
		dest  any
		query string
	}{
		{&read, `SELECT max(value) FROM book WHERE name = 'last_read'`},
		{&sent, `SELECT max(sent_at) FROM outbox`},
		{&last, `SELECT max(date) FROM edition`},
		{&oldest, `SELECT min(l.at) FROM outbox o JOIN letter l ON l.id = o.letter WHERE o.state IN ('queued', 'retry', 'sending') AND NOT EXISTS (SELECT 1 FROM later w WHERE w.letter = o.letter)`},
		// Not those that the server refuses for now while it takes later ones: a
		// full mailbox is its owner's matter.
		{&stuck, `SELECT min(l.at) FROM outbox o JOIN letter l ON l.id = o.letter WHERE o.state IN ('queued', 'retry', 'sending')
			AND NOT (o.code BETWEEN 400 AND 599 AND l.at <= coalesce((SELECT max(sent_at) FROM outbox), 0)) AND NOT EXISTS (SELECT 1 FROM later w WHERE w.letter = o.letter)`},
	} {
		if err := b.read.GetContext(ctx, q.dest, q.query); err != nil {
			return life, fmt.Errorf("the book: %w", err)
		}
	}
	if read.Valid {
		life.LastRead, _ = time.Parse(time.RFC3339Nano, read.String)
	}
	life.LastSent, life.OldestQueued, life.OldestStuck, life.LastEdition = nullInstant(sent), nullInstant(oldest), nullInstant(stuck), last.String
	var err error
	life.Troubles, err = b.troubles(ctx)
	return life, err
}

// ReadInbox records that the whole inbox was looked at.
func (b *Book) ReadInbox(ctx context.Context, now time.Time) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO book (name, value) VALUES ('last_read', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
			now.UTC().Format(time.RFC3339Nano))
		return err
	})
}

// Look runs queries over one consistent state of the book.
func (b *Book) look(ctx context.Context, now time.Time, do func(t *Tx) error) error {
	tx, err := b.read.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("the book: %w", err)
	}
	defer tx.Rollback() // nothing was written
	return do(&Tx{ctx: ctx, tx: tx, book: b, now: now, reading: true})
}

// Asks lists asks: the live ones, or all.
func (b *Book) Asks(ctx context.Context, all bool, now time.Time) ([]Ask, error) {
	var asks []Ask
	err := b.look(ctx, now, func(t *Tx) error {
		query := `SELECT number FROM ask WHERE state IN ('open', 'helped', 'held') ORDER BY number`
		if all {
			query = `SELECT number FROM ask`
		}
		numbers := []int64{}
		if err := t.list(&numbers, query); err != nil {
			return err
		}
		var err error
		asks, err = t.asks(numbers)
		return err
	})
	return asks, err
}

// ErrNoAsk says that there is no live ask with that number.
var ErrNoAsk = errors.New("no ask with that number is on the list")

// TakeDown takes an ask off the list for an admin's reason; say enqueues the
// letters that follow.
func (b *Book) TakeDown(ctx context.Context, number int64, reason string, now time.Time, say func(tx *Tx, o Outcome) error) error {
	return b.clock(ctx, now, say, func(t *Tx) error {
		ask, err := t.ask(number)
		if err != nil {
			return err
		}
		if ask.Number == 0 || !ask.State.Live() && ask.State != AskHeld {
			return fmt.Errorf("#%d: %w", number, ErrNoAsk)
		}
		if err := t.setState(number, AskWithdrawn); err != nil {
			return err
		}
		thread, err := t.askThread(number)
		if err != nil {
			return err
		}
		if !ask.Asker.Left {
			t.tell(Fact{Kind: KindTakenDown, Key: takenDownKey(ask), To: ask.Asker.Recipient(), Thread: thread, Ask: ask, Reason: reason})
		}
		return t.release(ask, fmt.Sprintf("%s/%d/down", KindNoLonger, number))
	})
}

// PreviewEdition is what the edition of a date would tell a member; nil when
// there is nothing new. Nothing is recorded.
func (b *Book) PreviewEdition(ctx context.Context, email string, date Date, now time.Time) (*Edition, Outcome, error) {
	var edition *Edition
	outcome := Outcome{Now: now, Calendar: b.settings.Calendar}
	err := b.look(ctx, now, func(t *Tx) error {
		m, err := t.memberAt(email)
		if err != nil {
			return err
		}
		if m == nil {
			return fmt.Errorf("%s is not on the staff list", email)
		}
		if outcome.Exchange, err = t.exchange(); err != nil {
			return err
		}
		n, err := t.news(date)
		if err != nil {
			return err
		}
		before, err := t.toldTo(m.ID, m.ID, n)
		if err != nil {
			return err
		}
		mine := before[m.ID]
		if !mine.any {
			if mine, err = t.toldEver(m.ID); err != nil {
				return err
			}
		}
		edition = compose(date, *m, n, mine, t.calendar(), b.settings.Ladder)
		return nil
	})
	return edition, outcome, err
}

// FirstMember is the address of the member listed first; "" when there is none.
func (b *Book) FirstMember(ctx context.Context) (string, error) {
	var email string
	err := b.read.GetContext(ctx, &email, `SELECT email FROM member WHERE on_staff = 1 ORDER BY id LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return email, err
}

// Because is what the book knows of one Message-ID, of a message or a letter.
type Because struct {
	Messages []WhyMessage
	Letters  []WhyLetter
}

// WhyMessage is a message that came in.
type WhyMessage struct {
	Intake     int64
	State      Verdict
	Reason     string
	Acts       string
	Attempts   int
	ReceivedAt int64         `db:"received_at"`
	DecidedAt  sql.NullInt64 `db:"decided_at"`
	Until      sql.NullInt64 // unconfirmed: how long it waits for its writer's yes
	Came       []string      `db:"-"` // what came of it: "ask 17", "letter introduction/17/m9"
}

// WhyLetter is a letter that went out, or will.
type WhyLetter struct {
	Key      string
	Kind     string
	State    string
	Attempts int
	Code     int
	Enhanced string
	Error    string
	At       int64
	SentAt   sql.NullInt64 `db:"sent_at"`
	Intake   sql.NullInt64
}

// Why looks a Message-ID up, with or without its brackets.
func (b *Book) Why(ctx context.Context, messageID string) (Because, error) {
	var why Because
	id := clean("<" + strings.Trim(strings.TrimSpace(messageID), "<>") + ">")
	err := b.look(ctx, time.Time{}, func(t *Tx) error {
		if err := t.list(&why.Messages, `SELECT id AS intake, state, reason, acts, attempts, received_at, decided_at,
			(SELECT u.until FROM unconfirmed u WHERE u.intake = intake.id AND u.confirmed_at IS NULL) AS until FROM intake WHERE message_id = ? ORDER BY id`, id); err != nil {
			return err
		}
		for i := range why.Messages {
			if err := t.list(&why.Messages[i].Came, `SELECT CASE c.what WHEN 'letter' THEN 'letter ' || coalesce(o.key || ' (' || o.state || ')', c.ref) ELSE c.what || ' ' || c.ref END
				FROM consequence c LEFT JOIN outbox o ON c.what = 'letter' AND o.letter = c.ref WHERE c.intake = ? ORDER BY c.what, c.ref`, why.Messages[i].Intake); err != nil {
				return err
			}
		}
		return t.list(&why.Letters, `SELECT o.key, l.kind, o.state, o.attempts, o.code, o.enhanced, o.error, l.at, o.sent_at, c.intake
			FROM letter l JOIN outbox o ON o.letter = l.id LEFT JOIN consequence c ON c.what = 'letter' AND c.ref = l.id WHERE l.message_id = ? ORDER BY l.id`, id)
	})
	return why, err
}
