package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Wait returns when the server mentions new mail, when d has passed or when ctx
// ends; changed says that a scan is worth while. It returns at once if something
// was mentioned since the last scan. Nothing rests on it: IDLE promises nothing
// (RFC 2177), so the caller scans every now and then whatever Wait says.
//
// IDLE is ended and begun again every 30 seconds, far below the 29 minutes that
// servers allow, because the answer to that is how a dead connection is noticed.
func (in *Inbox) Wait(ctx context.Context, d time.Duration) (changed bool, err error) {
	if in.spent != nil {
		return false, in.spent
	}
	end := time.NewTimer(d)
	defer end.Stop()
	if d <= 0 || !in.caps.Has(imap.CapIdle) || in.noIdle {
		return in.sleep(ctx, end.C)
	}
	for {
		changed, done, err := in.idle(ctx, end.C)
		if errors.Is(err, ErrRefused) {
			in.noIdle = true // announced and yet refused: poll instead
			return in.sleep(ctx, end.C)
		}
		if changed || done || err != nil {
			return changed, err
		}
	}
}

// sleep waits without IDLE and then asks, which also proves the connection.
func (in *Inbox) sleep(ctx context.Context, end <-chan time.Time) (bool, error) {
	select {
	case <-end:
	case <-in.news:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-in.client.Closed():
		return false, in.hungUp()
	}
	if err := in.command(ctx, "noop", func() error { return in.client.Noop().Wait() }); err != nil {
		return false, err
	}
	select {
	case <-in.news:
		return true, nil
	default:
		return false, nil
	}
}

// idle is one IDLE command. done says that there is no time left.
func (in *Inbox) idle(ctx context.Context, end <-chan time.Time) (changed, done bool, err error) {
	var idle *imapclient.IdleCommand
	err = in.command(ctx, "idle", func() (err error) {
		idle, err = in.client.Idle()
		return err
	})
	if err != nil {
		return false, false, err
	}
	slice := time.NewTimer(idleSlice)
	defer slice.Stop()
	select {
	case <-in.news:
		changed = true
	case <-end:
		done = true
	case <-slice.C:
	case <-ctx.Done():
	case <-in.client.Closed():
		return false, false, in.hungUp()
	}
	// Also when ctx has ended, so that the connection stays usable; briefly.
	limit := min(idleAnswer, in.config.Timeout)
	if ctx.Err() != nil {
		limit = min(limit, idleFarewell)
	}
	farewell, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	err = in.command(farewell, "end of idle", func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
	if ctx.Err() != nil {
		return false, true, ctx.Err()
	}
	return changed, done, err
}

// hungUp is the server having closed the connection while nothing was asked.
func (in *Inbox) hungUp() error {
	err := fmt.Errorf("%w: %s closed the connection", ErrLost, in.config.Host)
	in.spend(err)
	return err
}
