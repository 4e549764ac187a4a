package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jmoiron/sqlx"
)

// How a commit becomes durable, and what is done when it does not.
//
// The engine writes its log and syncs it with every commit; from time to time it
// writes the log into the book itself. Left to itself it does that behind a
// commit and swallows what goes wrong, so we ask for it and look at the answer.
// After an fsync that failed nothing is written any more: Linux forgets the error
// once it has told it, and drops what it could not write, so that a second fsync
// of the same file would succeed without having kept anything.

// durability is what is known of the book's disk.
type durability struct {
	mu      sync.Mutex
	failed  error // the fsync after which nothing is done any more
	commits int   // since the log was last written into the book
	erased  bool  // what was erased may still stand in the log
}

// checkpointAfter is after how many commits the log is written into the book.
const checkpointAfter = 64

// transact runs do in one transaction.
func (b *Book) transact(ctx context.Context, do func(tx *sqlx.Tx) error) error {
	if err := b.durable.fault(); err != nil {
		return fmt.Errorf("the book: %w", err)
	}
	b.prepare(ctx)
	tx, err := b.write.BeginTxx(ctx, nil)
	if err != nil {
		return b.faulty(err)
	}
	defer tx.Rollback() // after a commit it does nothing
	if err := do(tx); err != nil {
		return b.durable.note(diskFault(err))
	}
	if err := tx.Commit(); err != nil {
		return b.faulty(err)
	}
	if b.durable.scrubbed() {
		return b.emptyLog(ctx)
	}
	if !b.durable.due() {
		return nil
	}
	return b.checkpoint(ctx)
}

// faulty is an error of the engine with its mark.
func (b *Book) faulty(err error) error {
	return fmt.Errorf("the book: %w", b.durable.note(diskFault(err)))
}

// checkpoint writes the log into the book. The commits stand whether it succeeds
// or not: only an fsync that failed matters.
func (b *Book) checkpoint(ctx context.Context) error {
	_, err := b.write.ExecContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(PASSIVE)")
	if err = b.durable.note(diskFault(err)); errors.Is(err, ErrSync) {
		return fmt.Errorf("the book: %w", err)
	}
	return nil
}

// emptyLog writes the log into the book and cuts it: it holds whatever was
// written and erased again since it was last cut. A reader that is at work now
// keeps it; then the next commit tries again.
func (b *Book) emptyLog(ctx context.Context) error {
	row := struct{ Busy, Log, Checkpointed int }{}
	err := b.write.GetContext(context.WithoutCancel(ctx), &row, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err != nil || row.Busy != 0 {
		b.durable.scrub()
	}
	if err = b.durable.note(diskFault(err)); errors.Is(err, ErrSync) {
		return fmt.Errorf("the book: %w", err)
	}
	return nil
}

// scrub notes that something was erased that must not stand in the log either.
func (d *durability) scrub() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erased = true
}

// scrubbed says whether something was erased since the log was last cut.
func (d *durability) scrubbed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.erased
	d.erased = false
	if was {
		d.commits = 0
	}
	return was
}

// lastCheckpoint is the one before the book is closed by whoever wrote to it.
func (b *Book) lastCheckpoint() error {
	if !b.durable.written() {
		return nil
	}
	return b.checkpoint(context.Background())
}

// fault is why nothing may be written; nil when all is well.
func (d *durability) fault() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// note remembers an fsync that failed and returns the error as it is.
func (d *durability) note(err error) error {
	if errors.Is(err, ErrSync) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.failed == nil {
			d.failed = err
		}
	}
	return err
}

// due counts a commit and says whether a checkpoint is due.
func (d *durability) due() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commits++
	if d.commits < checkpointAfter {
		return false
	}
	d.commits = 0
	return true
}

// written says whether there is a log to be written into the book.
func (d *durability) written() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.commits > 0 && d.failed == nil
}
