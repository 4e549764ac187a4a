package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"askfirst/store"
)

// Room on the disk. Mail is fetched only while there is room for it and for what
// will come of it; it is safe on the server until then. When the disk is full all
// the same, nothing leaves, because no letter leaves without its row: the loops
// end, and begin again when there is room, as after a crash.

// errNoRoom says that mail stays on the server because the disk is nearly full.
var errNoRoom = errors.New("too little room on the disk of the book, mail stays on the server")

// What a message needs on the disk: its bytes in the log and in the book.
const copiesKept = 2

// fullPause is how often a full disk is looked at.
const fullPause = 5 * time.Second

// spaceReserve is what stays free for answers and digests to the mail that is
// there already.
func spaceReserve(total uint64) uint64 { return min(spaceProblem, total/16) }

// room is nil while a message of that many bytes may be fetched.
func room(book string, octets int64) error {
	free, total, known := freeSpace(filepath.Dir(book))
	if need := spaceReserve(total) + copiesKept*uint64(octets); known && free < need {
		return fmt.Errorf("%w: %d KiB are free in %s, %d are needed", errNoRoom, free>>10, filepath.Dir(book), need>>10)
	}
	return nil
}

// awaitRoom waits until the book takes a row again and puts right what was left
// unfinished. It says once what it waits for.
func (d *daemon) awaitRoom(ctx context.Context, why error) error {
	d.log.Error("disk", "err", why, "again_every", fullPause)
	d.manager.tell("STATUS=the disk of the book is full")
	for ctx.Err() == nil {
		sleep(ctx, fullPause)
		now := d.wall()
		for _, loop := range []string{loopRead, loopClock, loopSend} {
			d.pulse.beat(loop, now) // to be started anew would not help
		}
		if room(d.config.Book, 0) != nil || ctx.Err() != nil {
			continue
		}
		recovered, err := d.book.Recover(ctx, d.dots, now)
		switch {
		case errors.Is(err, store.ErrFull):
			continue
		case err != nil:
			return err
		}
		d.log.Info("disk", "outcome", "there is room again", "resumed", recovered.Resumed, "accepted", recovered.Accepted, "in_doubt", recovered.Doubted)
		d.manager.tell(fmt.Sprintf("STATUS=%d colleagues", len(d.config.Staff)))
		return nil
	}
	return nil
}

// assembleWithRoom is assemble for the daemon, which waits while the disk is full.
func assembleWithRoom(ctx context.Context, app *app, config *Config) (*daemon, error) {
	log := app.log()
	for {
		d, err := assemble(ctx, config, app.probe, log, time.Now())
		if !errors.Is(err, store.ErrFull) || ctx.Err() != nil {
			return d, err
		}
		log.Error("disk", "err", err, "again_every", fullPause)
		sleep(ctx, fullPause)
	}
}
