package store

import (
	"context"

	"github.com/jmoiron/sqlx"
)

// grouped is one of several small writes that are committed together.
type grouped struct {
	do   func(tx *sqlx.Tx) error
	err  error
	done bool
}

// grouped runs do in a transaction that it may share with the writes of other
// goroutines: whoever gets the lead commits for all that wait. Each returns
// only when its own write is durable. When one of the group fails, each is run
// again in a transaction of its own, so that nobody pays for another's error.
func (b *Book) grouped(ctx context.Context, do func(tx *sqlx.Tx) error) error {
	ctx = context.WithoutCancel(ctx) // short, and others may wait for it
	mine := &grouped{do: do}
	b.group.Lock()
	b.waiting = append(b.waiting, mine)
	b.group.Unlock()

	b.leadGroup.Lock()
	defer b.leadGroup.Unlock()
	if mine.done {
		return mine.err
	}
	b.group.Lock()
	all := b.waiting
	b.waiting = nil
	b.group.Unlock()

	err := b.transact(ctx, func(tx *sqlx.Tx) error {
		for _, g := range all {
			if err := g.do(tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, g := range all {
		switch {
		case err == nil:
		case len(all) == 1:
			g.err = err
		default:
			g.err = b.transact(ctx, g.do)
		}
		g.done = true
	}
	return mine.err
}
