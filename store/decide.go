package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Tx is one decision: everything that follows from one message, or from the
// clock, in one transaction.
type Tx struct {
	ctx        context.Context
	tx         *sqlx.Tx
	book       *Book
	now        time.Time
	intake     *Intake // nil: the clock decides
	reading    bool    // on a reader: the writer's statements are not its own
	facts      []Fact
	writer     *Member  // of the message, as the View saw it
	names      []string // that the message is looked up by
	members    int      // on the staff list; 0: not counted yet
	veils      []veil   // the anonymous asks of the writer; nil: not looked for yet
	answersAs  int64    // the veil to which the answered letter went; 0: nobody's
	touched    bool     // the message names a letter that went to a veil
	rehearsing bool     // nothing is kept, and somebody looks on

	overflow []Fact // that letters wait
}

// errUndo ends a rehearsal.
var errUndo = errors.New("rehearsal")

// Decide runs the decision about one message: do takes the View, records the
// Event and enqueues the letters. All of it is kept, or nothing.
func (b *Book) Decide(ctx context.Context, in Intake, now time.Time, do func(tx *Tx) error) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		return do(&Tx{ctx: ctx, tx: tx, book: b, now: now, intake: &in})
	})
}

// DecideAll is Decide on several messages with one commit. Each stands alone: an
// error of do takes back what was written for that message, is returned at its
// place, and leaves the others as they are.
func (b *Book) DecideAll(ctx context.Context, batch []Intake, now time.Time, do func(tx *Tx, i int) error) ([]error, error) {
	errs := make([]error, len(batch))
	err := b.transact(ctx, func(tx *sqlx.Tx) error {
		t := &Tx{}
		for i := range batch {
			t = &Tx{ctx: ctx, tx: tx, book: b, now: now, intake: &batch[i], members: t.members}
			if _, err := tx.ExecContext(ctx, `SAVEPOINT message`); err != nil {
				return fmt.Errorf("the book: %w", err)
			}
			end := `RELEASE message`
			if errs[i] = do(t, i); errs[i] != nil {
				end = `ROLLBACK TO message; RELEASE message`
			}
			if _, err := tx.ExecContext(ctx, end); err != nil {
				return fmt.Errorf("the book: %w", err)
			}
		}
		return nil
	})
	return errs, err
}

// Rehearse is Decide on a message that the ledger does not have, with nothing
// kept: what would be done. The staff list is the one given.
func (b *Book) Rehearse(ctx context.Context, raw []byte, people []Person, now time.Time, do func(tx *Tx) error) error {
	err := b.transact(ctx, func(tx *sqlx.Tx) error {
		people, _, err := b.withoutForgotten(ctx, tx, people)
		if err != nil {
			return err
		}
		if _, err := staff(ctx, tx, people, now); err != nil {
			return err
		}
		in := Intake{SHA256: Sum(raw), Size: int64(len(raw)), State: Pending}
		err = tx.GetContext(ctx, &in.ID, tx.Rebind(`INSERT INTO intake (mailbox, uidvalidity, uid, sha256, size, oversize, received_at, state)
			VALUES ('', 0, 0, ?, ?, 0, ?, 'pending') RETURNING id`), in.SHA256, in.Size, millis(now))
		if err != nil {
			return fmt.Errorf("rehearsal: %w", err)
		}
		if err := do(&Tx{ctx: ctx, tx: tx, book: b, now: now, intake: &in, rehearsing: true}); err != nil {
			return err
		}
		return errUndo
	})
	if errors.Is(err, errUndo) {
		return nil
	}
	return err
}

func (t *Tx) exec(query string, args ...any) error {
	var err error
	if stmt := t.book.statement(query); stmt != nil {
		_, err = t.tx.StmtxContext(t.ctx, stmt).ExecContext(t.ctx, args...)
	} else {
		_, err = t.tx.ExecContext(t.ctx, t.tx.Rebind(query), args...)
	}
	return err
}

func (t *Tx) get(dest any, query string, args ...any) error {
	if stmt := t.book.statement(query); stmt != nil && !t.reading {
		return t.tx.StmtxContext(t.ctx, stmt).GetContext(t.ctx, dest, args...)
	}
	return t.tx.GetContext(t.ctx, dest, t.tx.Rebind(query), args...)
}

func (t *Tx) list(dest any, query string, args ...any) error {
	if stmt := t.book.statement(query); stmt != nil && !t.reading {
		return t.tx.StmtxContext(t.ctx, stmt).SelectContext(t.ctx, dest, args...)
	}
	return t.tx.SelectContext(t.ctx, dest, t.tx.Rebind(query), args...)
}

// listIn is list for a query with one IN (?) over a list that may be empty.
func listIn[T any](t *Tx, dest any, query string, ids []T, rest ...any) error {
	if len(ids) == 0 {
		return nil
	}
	// Lists are filled up to a few lengths, so that there are few queries to read.
	most := 4
	for most < len(ids) {
		most *= 4
	}
	filled := append(make([]T, 0, most), ids...)
	for len(filled) < most {
		filled = append(filled, ids[0])
	}
	query, args, err := sqlx.In(query, append([]any{filled}, rest...)...)
	if err != nil {
		return err
	}
	return t.list(dest, query, args...)
}

func (t *Tx) calendar() Calendar { return t.book.settings.Calendar }
func (t *Tx) today() Date        { return t.calendar().Date(t.now) }

// Record applies the event to the book and returns what must be told.
func (t *Tx) Record(e Event) (Outcome, error) {
	record := t.recordDecided
	switch {
	case e.Confirm:
		record = t.keep
	case len(e.Later) > 0:
		record = t.recordBeside
	}
	if err := record(e); err != nil {
		return Outcome{}, err
	}
	if err := t.heardFrom(e); err != nil {
		return Outcome{}, err
	}
	if e.Bounce != nil {
		if err := t.bounced(*e.Bounce); err != nil {
			return Outcome{}, err
		}
		if err := t.settleForgotten(e.Bounce.Recipient); err != nil {
			return Outcome{}, err
		}
	}
	exchange, err := t.exchange()
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Now: t.now, Calendar: t.calendar(), Exchange: exchange, Facts: t.facts}, nil
}

// recordDecided gives the message its end and applies what it says; behind a
// veil, if it is about an anonymous ask.
func (t *Tx) recordDecided(e Event) error {
	from := e.From
	p, err := t.veilEvent(&e)
	if err != nil {
		return err
	}
	if err := t.settle(e); err != nil {
		return err
	}
	if err := t.apply(e, p); err != nil {
		return err
	}
	if p.sealed {
		return t.unnamed()
	}
	if t.answeredUnnamed() {
		return t.timeless(t.midnight(0))
	}
	if e.Member == 0 {
		return t.settleForgotten(from)
	}
	return nil
}

// settle gives the message its terminal state.
func (t *Tx) settle(e Event) error {
	kinds := make([]string, len(e.Acts))
	for i, a := range e.Acts {
		kinds[i] = string(a.Kind)
	}
	var duplicate any
	if e.Dup != "" {
		duplicate = e.Dup
	}
	result, err := t.book.execute(t.ctx, t.tx, `UPDATE intake SET state = ?, reason = ?, acts = ?, decided_at = ?, message_id = ?, duplicate = ?, member = ?, auth = ?
		WHERE id = ? AND state = 'pending'`, e.Verdict, clean(e.Reason), strings.Join(kinds, " "), millis(t.now), clean(e.MessageID), duplicate, e.Member, e.Auth, t.intake.ID)
	if err != nil {
		return fmt.Errorf("decision on message %d: %w", t.intake.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("message %d is decided already", t.intake.ID)
	}
	return nil
}

// consequence names a row that came of the message.
func (t *Tx) consequence(what string, ref int64) error {
	if t.intake == nil {
		return nil
	}
	return t.exec(`INSERT INTO consequence (intake, what, ref) VALUES (?, ?, ?) ON CONFLICT (intake, what, ref) DO NOTHING`, t.intake.ID, what, ref)
}

// tell adds a fact. Its thread is the message's own unless it has one.
func (t *Tx) tell(f Fact) { t.facts = append(t.facts, f) }

func (t *Tx) exchange() (Exchange, error) {
	x := t.book.settings.Exchange
	if t.members == 0 {
		if err := t.get(&t.members, `SELECT count(*) FROM member WHERE on_staff = 1`); err != nil {
			return x, fmt.Errorf("staff: %w", err)
		}
	}
	x.Members = t.members
	return x, nil
}

// admin is where letters to the admin go.
func (t *Tx) admin() Recipient {
	x := t.book.settings.Exchange
	return Recipient{Email: x.Admin, Language: x.Language}
}
