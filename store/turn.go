package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Messages are decided in the order in which they came, except that nobody's
// flood keeps others waiting: of one sender so many share a turn, the next so
// many get the turn after it, and a newcomer gets the turn that is being served.
// A sender's own messages stay in their order.

// turnShare is how many messages of one sender may share a turn. It is more than
// a person writes before the inbox is next looked at, so that among people plain
// order of arrival holds.
const turnShare = 20

// turns gives the messages of one batch their turns.
type turns struct {
	served int64            // the turn that is being served
	last   map[string]place // of each sender
}

type place struct {
	turn int64
	n    int // how many of the sender share it
}

func newTurns(ctx context.Context, tx *sqlx.Tx) (turns, error) {
	t := turns{last: map[string]place{}}
	if err := tx.GetContext(ctx, &t.served, `SELECT coalesce(min(turn), 0) FROM intake WHERE state = 'pending'`); err != nil {
		return t, fmt.Errorf("turns: %w", err)
	}
	return t, nil
}

// next is when the next message of a sender is to be decided.
func (t turns) next(ctx context.Context, b *Book, tx *sqlx.Tx, sender string) (int64, error) {
	p, known := t.last[sender]
	if !known {
		err := b.fetch(ctx, tx, &p.turn, `SELECT coalesce(max(turn), -1) FROM intake WHERE state = 'pending' AND sender = ?`, sender)
		if err == nil {
			err = b.fetch(ctx, tx, &p.n, `SELECT count(*) FROM intake WHERE state = 'pending' AND sender = ? AND turn = ?`, sender, p.turn)
		}
		if err != nil {
			return 0, fmt.Errorf("turns: %w", err)
		}
	}
	switch {
	case p.turn < t.served:
		p = place{t.served, 0}
	case p.n >= turnShare:
		p = place{p.turn + 1, 0}
	}
	p.n++
	t.last[sender] = p
	return p.turn, nil
}
