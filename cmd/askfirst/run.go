package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"askfirst/mailbox"
	"askfirst/store"
)

// tick is how often the clock is looked at: no timer is trusted for longer,
// since a machine may sleep and a clock may jump.
const tick = 20 * time.Second

// run works until ctx ends: one loop reads, one watches the clock, one sends.
// They share the book and wake each other; none waits for another's server.
func (d *daemon) run(ctx context.Context) error {
	if err := d.book.Note(ctx, d.wall()); err != nil && ctx.Err() == nil { // a hangup may come before we have begun
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var loops sync.WaitGroup
	for _, loop := range []func(context.Context) error{d.readLoop, d.clockLoop, d.sendLoop} {
		loops.Go(func() {
			if err := loop(ctx); err != nil {
				fail(err)
			}
		})
	}
	loops.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// wake tells the sender that something may be due.
func (d *daemon) wake() {
	select {
	case d.outgoing <- struct{}{}:
	default:
	}
}

// newcomersTurn is how long messages are decided before the inbox is looked at
// again: what has come meanwhile does not wait for the end of a flood.
const newcomersTurn = 2 * time.Second

// readLoop keeps one connection to the inbox and takes in what arrives.
func (d *daemon) readLoop(ctx context.Context) error {
	backoff := mailbox.Backoff{}
	for ctx.Err() == nil {
		d.pulse.beat(loopRead, d.wall())
		// What is in the ledger already needs no server.
		_, more, err := d.decideFor(ctx, d.wall(), newcomersTurn, d.wake)
		if err != nil && ctx.Err() == nil {
			return ofBook(err)
		}
		in, err := mailbox.Open(ctx, d.inbox)
		if err != nil && more {
			if _, err := d.decide(ctx, d.wall(), d.wake); err != nil && ctx.Err() == nil {
				return ofBook(err)
			}
		}
		if err == nil {
			err = d.readWhileOpen(ctx, in, &backoff)
			_ = in.Close()
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errBook) {
			return err
		}
		if err == nil {
			continue // to connect anew
		}
		pause := pauseAfter(err, backoff.Next(rand.Float64))
		d.log.Error("inbox", "err", err, "again_in", pause.Round(time.Second))
		if err := d.trouble(ctx, whereInbox, err, d.wall()); err != nil {
			return ofBook(err)
		}
		d.config.Inbox.leaveAlone(ctx, err, pause)
	}
	return nil
}

// lockoutPause is how long a server that refused our password is left alone at
// least: providers lock accounts after a handful of refusals. Another password
// is tried at once (see leaveAlone), and so it is by `askfirst reload`.
const lockoutPause = 10 * time.Minute

// pauseAfter is how long to wait after an error, where usual is the back-off.
func pauseAfter(err error, usual time.Duration) time.Duration {
	if errors.Is(err, mailbox.ErrAuth) {
		return max(usual, lockoutPause)
	}
	return usual
}

// errBook marks trouble with the book: the daemon stops rather than go on
// without its memory.
var errBook = errors.New("the book failed")

// ofBook marks an error of the book; nil stays nil.
func ofBook(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errBook, err)
}

func (d *daemon) readWhileOpen(ctx context.Context, in *mailbox.Inbox, backoff *mailbox.Backoff) error {
	for ctx.Err() == nil {
		now := d.wall()
		d.pulse.beat(loopRead, now)
		received, err := d.receive(ctx, in, now)
		if err != nil && !errors.Is(err, errNoRoom) {
			return err
		}
		backoff.Reset()
		if err := d.trouble(ctx, whereInbox, err, now); err != nil {
			return ofBook(err)
		}
		if received > 0 {
			d.log.Info("received", "messages", received)
		}
		_, more, err := d.decideFor(ctx, now, newcomersTurn, d.wake)
		if err != nil && ctx.Err() == nil {
			return ofBook(err)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err := d.erase(ctx, in, now); err != nil {
			return err
		}
		if err := d.file(ctx, in); err != nil {
			if !errors.Is(err, mailbox.ErrRefused) {
				return err
			}
			d.log.Warn("filing", "err", err)
		}
		if more {
			continue
		}
		if d.shown.old(inboxCertificate, now) {
			return nil
		}
		if _, err := in.Wait(ctx, d.inbox.Poll); err != nil {
			return err
		}
	}
	return nil
}

// clockLoop publishes what the clock makes due.
func (d *daemon) clockLoop(ctx context.Context) error {
	for ctx.Err() == nil {
		now := d.wall()
		d.pulse.beat(loopClock, now)
		published, err := d.publish(ctx, now)
		if err == nil {
			err = errors.Join(d.book.Note(ctx, now), d.nightly(ctx, now), d.sweep(ctx, now))
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errCompose):
			d.log.Error("publish", "err", err) // a template of the school's, perhaps: reading and answering go on
		case err != nil:
			return ofBook(err)
		}
		if err := d.trouble(ctx, wherePublish, err, now); err != nil {
			return ofBook(err)
		}
		if published.Composed > 0 {
			d.log.Info("edition", "date", published.Date.String(), "digests", published.Composed)
		}
		d.keepTokens(ctx)
		d.wake()
		pause := tick
		if next := d.book.NextEdition(now); !next.IsZero() {
			pause = min(pause, max(next.Sub(now), 10*time.Millisecond))
		}
		sleep(ctx, pause)
	}
	return nil
}

// publish records what the clock makes due. A panic in it ends neither reading
// nor sending.
func (d *daemon) publish(ctx context.Context, now time.Time) (published store.Published, err error) {
	defer func() {
		if value := recover(); value != nil {
			d.log.Error("panic", "panic", whatPanicked(value), "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: the program panicked", errCompose)
		}
	}()
	return d.book.Publish(ctx, now, d.say)
}

// sendLoop sends whenever something may be due.
func (d *daemon) sendLoop(ctx context.Context) error {
	backoff := mailbox.Backoff{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.outgoing: // the clock loop knocks every tick
		}
		d.pulse.beat(loopSend, d.wall())
		tried, err := d.send(ctx, d.wall, true)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errBook):
			return err
		case !tried && err == nil:
			continue // nothing was due, which says nothing about the server
		}
		if err := d.trouble(ctx, whereSMTP, err, d.wall()); err != nil {
			return ofBook(err)
		}
		if err != nil {
			pause := pauseAfter(err, backoff.Next(rand.Float64))
			d.log.Error("smtp", "err", err, "again_in", pause.Round(time.Second))
			d.config.SMTP.leaveAlone(ctx, err, pause)
			d.wake() // what failed is still due
			continue
		}
		backoff.Reset()
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func runCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "The daemon, in the foreground, logging to standard error",
		Long:  "The daemon, in the foreground, logging to standard error. SIGTERM or ^C stops it\ncleanly; killing it loses nothing. SIGHUP or `askfirst reload` makes it read its\nsettings anew.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			signal.Ignore(syscall.SIGPIPE)     // a log that nobody reads any more ends nothing
			hangups := make(chan os.Signal, 1) // first: unheard, one ends the process
			signal.Notify(hangups, syscall.SIGHUP)
			defer signal.Stop(hangups)
			config, why, err := app.loadOrKept(cmd.Context(), time.Now())
			if err != nil {
				return err
			}
			log := app.log()
			d, err := assembleWithRoom(cmd.Context(), app, config)
			if err != nil {
				return err
			}
			if err := d.settled(cmd.Context(), why, time.Now()); err != nil && !errors.Is(err, store.ErrFull) {
				return errors.Join(ofBook(err), d.close())
			}
			d.manager = newSupervisor(app.environ, log)
			monitored, end := context.WithCancel(cmd.Context())
			defer end()
			if err := d.serveMonitor(monitored); err != nil {
				return errors.Join(err, d.close())
			}
			context.AfterFunc(cmd.Context(), func() { d.manager.tell("STOPPING=1") })
			go d.manager.watch(monitored, d.pulse)
			d.manager.tell("READY=1", fmt.Sprintf("STATUS=%d colleagues", len(config.Staff)))
			log.Info("started", "version", version(), "exchange", config.Exchange.Name, "members", len(config.Staff))
			if err = d.serve(cmd.Context(), app.load, hangups); err != nil {
				err = discreet{err}
			}
			log.Info("stopped")
			return errors.Join(err, d.close())
		},
	}
}
