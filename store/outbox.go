package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// How long a letter is worth sending.
const (
	digestLife = 12 * time.Hour
	letterLife = 5 * 24 * time.Hour
)

// Enqueue puts letters into the outbox. A letter whose key is there already, to
// the same recipient, is the same letter and is not enqueued again.
func (t *Tx) Enqueue(letters []Letter) error {
	wordings := map[string]int64{}
	for _, l := range letters {
		if err := t.enqueue(l, wordings); err != nil {
			return fmt.Errorf("letter %s: %w", l.Key, err)
		}
	}
	return nil
}

func (t *Tx) enqueue(l Letter, wordings map[string]int64) error {
	key := l.Key + "/to/" + recipientKey(l.To)
	var known bool
	if !l.IsDigest() { // a digest's edition row keeps it single
		if err := t.get(&known, `SELECT EXISTS (SELECT 1 FROM outbox WHERE key = ?)`, key); err != nil || known {
			return err
		}
	}
	waits, err := t.waits(l)
	if err != nil {
		return err
	}
	wording, err := t.wording(l, wordings)
	if err != nil {
		return err
	}
	var member any
	if l.To.Member != 0 {
		member = l.To.Member
	}
	replyTo, err := json.Marshal(l.ReplyTo)
	if err != nil {
		return err
	}
	var id int64
	err = t.get(&id, `INSERT INTO letter (key, kind, member, name, address, language, reply_to, thread, message_id, wording, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		clean(l.Key), l.Kind, member, clean(l.To.Name), clean(l.To.Email), l.To.Language, string(replyTo), toJSON(l.Thread), t.book.messageID(l.Key), wording, millis(t.now))
	if err != nil {
		return err
	}
	life := letterLife
	if l.IsDigest() {
		life = digestLife
	}
	if err := t.exec(`INSERT INTO outbox (letter, key, digest, state, next_at, expires_at, changed_at) VALUES (?, ?, ?, 'queued', ?, ?, ?)`,
		id, key, l.IsDigest(), millis(t.now), millis(t.now.Add(life)), millis(t.now)); err != nil {
		return err
	}
	if l.IsDigest() && t.intake == nil {
		if err := t.exec(`INSERT INTO edition (date, member, letter, composed_at) VALUES (?, ?, ?, ?)`, editionDate(l.Key), l.To.Member, id, millis(t.now)); err != nil {
			return err
		}
	}
	if waits {
		if err := t.wait(id, l.To); err != nil {
			return err
		}
	}
	for _, carried := range l.Carries {
		if err := t.exec(`UPDATE later SET within = ? WHERE letter = ?`, id, carried); err != nil {
			return err
		}
	}
	return t.consequence("letter", id)
}

// editionDate is the date in a digest's key, "digest/2026-11-23/m42".
func editionDate(key string) string {
	const at = len(KindDigest) + 1
	return key[at : at+len(time.DateOnly)]
}

// recipientKey names a recipient in a key: a member by number, others by a hash
// of the address.
func recipientKey(r Recipient) string {
	if r.Member != 0 {
		return fmt.Sprintf("m%d", r.Member)
	}
	sum := sha256.Sum256([]byte(r.Email))
	return "x" + hex.EncodeToString(sum[:6])
}

// wording stores what a letter says, once for all letters that say the same.
func (t *Tx) wording(l Letter, known map[string]int64) (int64, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d %d %d %s%s%s%v%v", len(l.Subject), len(l.Text), len(l.HTML), l.Subject, l.Text, l.HTML, l.Items, l.Thanks)
	key := hex.EncodeToString(sum.Sum(nil))
	if id := known[key]; id != 0 {
		return id, nil
	}
	var id int64
	err := t.get(&id, `INSERT INTO wording (sha256, subject, text, html, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (sha256) DO UPDATE SET created_at = excluded.created_at RETURNING id`,
		key, clean(l.Subject), t.book.deflater.deflate(clean(l.Text)), t.book.deflater.deflate(clean(l.HTML)), millis(t.now))
	if err != nil {
		return 0, err
	}
	known[key] = id
	for _, i := range l.Items {
		if err := t.exec(`INSERT INTO wording_item (wording, position, ask) VALUES (?, ?, ?) ON CONFLICT (wording, position) DO NOTHING`, id, i.Position, i.Ask); err != nil {
			return 0, err
		}
	}
	for _, k := range l.Thanks {
		if err := t.exec(`INSERT INTO wording_thanks (wording, thanks) VALUES (?, ?) ON CONFLICT (wording, thanks) DO NOTHING`, id, k); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// Outgoing is a letter that was claimed for sending.
type Outgoing struct {
	copyKey   string // of a letter to a veil: its key in the outbox, which names the veil
	ID        int64
	Letter    Letter // Subject, Text and HTML are in Wording
	Wording   int64  // letters with the same number say the same
	MessageID string
	At        time.Time // when it was enqueued: its Date
	Attempts  int
}

// Claim takes up to limit letters that are due at now: answers before digests,
// older before newer. They are in state sending, which is safe to send again
// after a crash. Letters whose time is over expire instead; those that are to
// wait longer than any letter waits got their time from a wrong clock.
func (b *Book) Claim(ctx context.Context, now time.Time, limit int) ([]Outgoing, error) {
	return b.claim(ctx, now, limit, true)
}

// ClaimAnswers is Claim without the digests, for as long as messages wait that
// may take something back.
func (b *Book) ClaimAnswers(ctx context.Context, now time.Time, limit int) ([]Outgoing, error) {
	return b.claim(ctx, now, limit, false)
}

func (b *Book) claim(ctx context.Context, now time.Time, limit int, digests bool) ([]Outgoing, error) {
	rows := []struct {
		ID        int64
		Key       string
		Kind      string
		Member    *int64
		Name      string
		Address   string
		Language  string
		ReplyTo   string `db:"reply_to"`
		Thread    string
		MessageID string `db:"message_id"`
		Wording   int64
		At        int64
		Attempts  int
	}{}
	err := b.grouped(ctx, func(tx *sqlx.Tx) error {
		rows = rows[:0] // it may run twice
		var resting bool
		if err := tx.GetContext(ctx, &resting, tx.Rebind(`SELECT EXISTS (SELECT 1 FROM book WHERE name = ?)`), restName); err != nil || resting {
			return err
		}
		if err := carried(ctx, tx, now); err != nil {
			return err
		}
		if err := b.expire(ctx, tx, now); err != nil {
			return err
		}
		ids := []int64{}
		if err := tx.SelectContext(ctx, &ids, tx.Rebind(`UPDATE outbox SET state = 'sending', attempts = attempts + 1, changed_at = ?
			WHERE state IN ('queued', 'retry') AND letter IN (SELECT letter FROM outbox WHERE state IN ('queued', 'retry') AND (next_at <= ? OR next_at > ?) AND (digest = 0 OR ?)
				AND NOT EXISTS (SELECT 1 FROM later w WHERE w.letter = outbox.letter) ORDER BY digest, letter LIMIT ?)
			RETURNING letter`), millis(now), millis(now), millis(now.Add(leap)), digests, limit); err != nil || len(ids) == 0 {
			return err
		}
		query, args, err := sqlx.In(`SELECT l.id, l.key, l.kind, l.member, l.name, l.address, l.language, l.reply_to, l.thread, l.message_id, l.wording, l.at, o.attempts
			FROM letter l JOIN outbox o ON o.letter = l.id WHERE l.id IN (?) ORDER BY o.digest, l.id`, ids)
		if err != nil {
			return err
		}
		return tx.SelectContext(ctx, &rows, tx.Rebind(query), args...)
	})
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	claimed := make([]Outgoing, len(rows))
	for i, r := range rows {
		l := Letter{Key: r.Key, Kind: r.Kind, To: Recipient{Name: r.Name, Email: r.Address, Language: r.Language}, Thread: fromJSON(r.Thread)}
		if r.Member != nil {
			l.To.Member = *r.Member
		}
		if err := json.Unmarshal([]byte(r.ReplyTo), &l.ReplyTo); err != nil {
			return nil, fmt.Errorf("outbox: letter %s: %w", r.Key, err)
		}
		claimed[i] = Outgoing{ID: r.ID, Letter: l, Wording: r.Wording, MessageID: r.MessageID, At: instant(r.At), Attempts: r.Attempts}
	}
	return b.unveiled(ctx, claimed, now)
}

// Words reads what a wording says into the letter.
func (b *Book) Words(ctx context.Context, wording int64, into *Letter) error {
	row := struct {
		Subject string
		Text    []byte
		HTML    []byte `db:"html"`
	}{}
	err := b.read.GetContext(ctx, &row, b.read.Rebind(`SELECT subject, text, html FROM wording WHERE id = ?`), wording)
	if err != nil {
		return fmt.Errorf("wording %d: %w", wording, err)
	}
	into.Subject = row.Subject
	if into.Text, err = inflate(row.Text); err != nil {
		return fmt.Errorf("%w: wording %d: %w", ErrBroken, wording, err)
	}
	if into.HTML, err = inflate(row.HTML); err != nil {
		return fmt.Errorf("%w: wording %d: %w", ErrBroken, wording, err)
	}
	return nil
}

// expire ends letters whose time is over.
func (b *Book) expire(ctx context.Context, tx *sqlx.Tx, now time.Time) error {
	_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'expired', changed_at = ? WHERE state IN ('queued', 'retry') AND expires_at <= ?`), millis(now), millis(now))
	return err
}

// DotSent records that the final dot of these letters is about to be written.
// What is not in state sending any more is an error: it must not be sent.
func (b *Book) DotSent(ctx context.Context, ids []int64, now time.Time) error {
	var count int64
	err := b.grouped(ctx, func(tx *sqlx.Tx) error {
		query, args, err := sqlx.In(`UPDATE outbox SET state = 'dot_sent', changed_at = ? WHERE letter IN (?) AND state = 'sending'`, millis(now), ids)
		if err != nil {
			return err
		}
		result, err := b.execute(ctx, tx, query, args...)
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n != int64(len(ids)) {
			return fmt.Errorf("outbox: %d of %d letters are in state sending: %w", n, len(ids), err)
		}
		count, err = b.countDots(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for known := b.dotted.Load(); known < count && !b.dotted.CompareAndSwap(known, count); known = b.dotted.Load() {
	}
	return nil
}

// NextDue is when the outbox next has something to send; zero: nothing waits.
func (b *Book) NextDue(ctx context.Context) (time.Time, error) {
	var next *int64
	if err := b.read.GetContext(ctx, &next, `SELECT min(next_at) FROM outbox WHERE state IN ('queued', 'retry')`); err != nil || next == nil {
		return time.Time{}, err
	}
	return instant(*next), nil
}
