package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"askfirst/mailbox"
	"askfirst/store"
)

// passReport is what `once --json` prints.
type passReport struct {
	At          string        `json:"at"`
	Received    int           `json:"received"`
	Accepted    int           `json:"accepted"`
	Refused     int           `json:"refused"`
	Ignored     int           `json:"ignored"`
	Quarantined int           `json:"quarantined"`
	Pending     int           `json:"pending"`
	Editions    editionReport `json:"editions"`
	Letters     letterReport  `json:"letters"`
	Errors      []passError   `json:"errors"`
}

type editionReport struct {
	Date     string `json:"date"`
	Composed int    `json:"composed"`
}

// letterReport counts letters: sent, failed, in doubt and expired in this pass;
// queued, retry and held as they stand after it.
type letterReport struct {
	Queued  int `json:"queued"`
	Sent    int `json:"sent"`
	Retry   int `json:"retry"`
	Failed  int `json:"failed"`
	InDoubt int `json:"in_doubt"`
	Expired int `json:"expired"`
	Held    int `json:"held"`
}

type passError struct {
	Where   string `json:"where"`
	Message string `json:"message"`
	err     error
}

func (r *passReport) fail(where string, err error) {
	if err != nil {
		r.Errors = append(r.Errors, passError{where, withoutAddresses(err.Error()), err})
	}
}

// pass is one full pass at an instant: receive everything, decide, publish what
// is due, send everything. Trouble in one step does not keep the others from
// their work.
func (d *daemon) pass(ctx context.Context, now time.Time) passReport {
	report := passReport{At: now.UTC().Format(time.RFC3339), Errors: []passError{}}
	before, err := d.book.OutboxCounts(ctx)
	report.fail("book", err)
	report.fail("book", d.book.Note(ctx, now))
	if len(report.Errors) > 0 {
		return report // without the book nothing may happen
	}
	wake, sent := d.sendMeanwhile(ctx, now)
	in, err := mailbox.Open(ctx, d.inbox)
	if err == nil {
		report.Received, err = d.receive(ctx, in, now)
	}
	if errors.Is(err, errBook) {
		report.fail("book", err)
	} else {
		report.fail(whereInbox, err)
		report.fail("book", d.trouble(ctx, whereInbox, err, now))
	}
	verdicts, decideErr := d.decide(ctx, now, wake)
	report.fail("decide", decideErr)
	if in != nil {
		if err == nil {
			if err := d.erase(ctx, in, now); err != nil {
				report.fail(whereInbox, err)
			} else if err := d.file(ctx, in); errors.Is(err, mailbox.ErrRefused) {
				d.log.Warn("filing", "err", err) // cosmetic
			} else {
				report.fail(whereInbox, err)
			}
		}
		_ = in.Close() // everything is in the ledger
	}
	published, err := d.publish(ctx, now)
	report.fail(wherePublish, err)
	report.fail("book", d.trouble(ctx, wherePublish, err, now))
	if !published.Date.IsZero() {
		report.Editions = editionReport{published.Date.String(), published.Composed}
	}
	verdicts[store.Ignored] += published.LetGo
	tried, err := sent()
	report.fail(whereSMTP, err)
	if tried || err != nil {
		report.fail("book", d.trouble(ctx, whereSMTP, err, now))
	}
	report.fail("book", d.sweep(ctx, now))
	d.count(ctx, &report, verdicts, before)
	d.recovered = store.Recovered{} // told once
	return report
}

// sendMeanwhile sends while the pass goes on: wake says that there is something
// to send, sent waits until everything is and returns whether there was anything
// and how it went. Digests that wait from earlier leave last: a message that is
// still to be decided may take back what they tell.
func (d *daemon) sendMeanwhile(ctx context.Context, now time.Time) (wake func(), sent func() (bool, error)) {
	knocks := make(chan struct{}, 1)
	done := make(chan struct{})
	var tried bool
	var err error
	send := func(digests bool) {
		if err == nil {
			var some bool
			some, err = d.send(ctx, func() time.Time { return now }, digests)
			tried = tried || some
		}
	}
	go func() {
		defer close(done)
		for range knocks {
			send(false)
		}
		send(true)
	}()
	wake = func() {
		select {
		case knocks <- struct{}{}:
		default:
		}
	}
	return wake, func() (bool, error) {
		close(knocks)
		<-done
		return tried, err
	}
}

func (d *daemon) count(ctx context.Context, r *passReport, verdicts map[store.Verdict]int, before store.Counts) {
	r.Accepted, r.Refused, r.Ignored, r.Quarantined = verdicts[store.Accepted], verdicts[store.Refused], verdicts[store.Ignored], verdicts[store.Quarantined]
	intake, err := d.book.IntakeCounts(ctx)
	r.fail("book", err)
	r.Pending = intake[string(store.Pending)]
	after, err := d.book.OutboxCounts(ctx)
	r.fail("book", err)
	r.Letters = letterReport{Queued: after["queued"], Retry: after["retry"], Held: after["held"],
		Sent: after["sent"] - before["sent"], Failed: after["failed"] - before["failed"],
		InDoubt: after["in_doubt"] - before["in_doubt"] + d.recovered.Doubted, Expired: after["expired"] - before["expired"]}
}

// status is the exit code of a pass.
func (r passReport) status() error {
	var worst error
	for _, e := range r.Errors {
		err := serverFault(fmt.Errorf("%s: %w", e.Where, discreet{e.err}))
		if errors.Is(err, store.ErrSync) {
			return err
		}
		switch err.(type) {
		case unusable:
			return err
		case unreachable:
			worst = err
		default:
			if worst == nil {
				worst = err
			}
		}
	}
	return worst
}

func (r passReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %d received, %d accepted, %d refused, %d ignored, %d quarantined, %d pending\n", r.At, r.Received, r.Accepted, r.Refused, r.Ignored, r.Quarantined, r.Pending)
	if r.Editions.Date != "" {
		fmt.Fprintf(w, "edition of %s: %d digests\n", r.Editions.Date, r.Editions.Composed)
	}
	l := r.Letters
	fmt.Fprintf(w, "letters: %d sent, %d queued, %d to retry, %d failed, %d in doubt, %d expired, %d held\n", l.Sent, l.Queued, l.Retry, l.Failed, l.InDoubt, l.Expired, l.Held)
}

func onceCommand(app *app) *cobra.Command {
	var at instantFlag
	var asJSON bool
	command := &cobra.Command{
		Use:   "once",
		Short: "One full pass: receive, decide, publish what is due, send, exit",
		Long: `One full pass at an instant: receive everything, decide, publish what is due,
send everything, exit. For cron, for tests, for catching up. The default instant
is the later of the clock and the newest instant in the book.`,
		Example: "  askfirst once\n  askfirst once --at 2026-11-23T07:30:00Z --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			config, err := app.load()
			if err != nil {
				return err
			}
			now, err := app.instant(ctx, config, at)
			if err != nil {
				return err
			}
			d, err := assemble(ctx, config, app.probe, app.log(), now)
			if err != nil {
				return err
			}
			report := d.pass(ctx, now)
			err = errors.Join(d.close())
			if asJSON {
				if err := json.NewEncoder(app.out).Encode(report); err != nil {
					return err
				}
			} else {
				report.print(app.out)
			}
			if status := report.status(); status != nil {
				return status
			}
			return err
		},
	}
	atFlag(command, &at)
	command.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return command
}
