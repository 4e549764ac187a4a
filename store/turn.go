package store

import (
	"context"
	"database/sql"
	"errors"
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

// turn is when a message of a sender is to be decided.
func turn(ctx context.Context, tx *sqlx.Tx, sender string) (int64, error) {
	var served int64
	if err := tx.GetContext(ctx, &served, `SELECT coalesce(min(turn), 0) FROM intake WHERE state = 'pending'`); err != nil {
		return 0, fmt.Errorf("turns: %w", err)
	}
	last := struct {
		Turn int64
		N    int
	}{}
	err := tx.GetContext(ctx, &last, tx.Rebind(`SELECT turn, count(*) AS n FROM intake WHERE state = 'pending' AND sender = ? GROUP BY turn ORDER BY turn DESC LIMIT 1`), sender)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return served, nil
	case err != nil:
		return 0, fmt.Errorf("turns: %w", err)
	case last.N < turnShare:
		return last.Turn, nil
	}
	return last.Turn + 1, nil
}
