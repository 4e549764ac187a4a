package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"askfirst/store"
)

// statusReport is what `status --json` prints.
type statusReport struct {
	Healthy  bool         `json:"healthy"`
	Problems []string     `json:"problems"`
	At       time.Time    `json:"at"`
	Version  string       `json:"version"`
	Schema   int64        `json:"schema"`
	Running  bool         `json:"running"`
	LastRead *time.Time   `json:"last_read"`
	LastSent *time.Time   `json:"last_sent"`
	Digest   statusDigest `json:"digest"`
	Asks     statusAsks   `json:"asks"`
	Outbox   statusOutbox `json:"outbox"`
	Intake   statusIntake `json:"intake"`

	expires []store.Expiry  // as last seen; an end that is near is a problem
	resting []store.Resting // a note: nothing of ours is unhealthy
	rights  rightsNotes     // likewise
	waiting int             // of the pending, for their writer's yes
}

type statusDigest struct {
	LastDate string     `json:"last_date"`
	NextAt   *time.Time `json:"next_at"`
}

type statusAsks struct {
	Open   int `json:"open"`
	Helped int `json:"helped"`
	Held   int `json:"held"`
}

type statusOutbox struct {
	Queued       int        `json:"queued"`
	Sending      int        `json:"sending"`
	DotSent      int        `json:"dot_sent"`
	Sent         int        `json:"sent"`
	Failed       int        `json:"failed"`
	Retry        int        `json:"retry"`
	InDoubt      int        `json:"in_doubt"`
	Expired      int        `json:"expired"`
	Held         int        `json:"held"`
	OldestQueued *time.Time `json:"oldest_queued"`
}

func (o statusOutbox) counts() store.Counts {
	return store.Counts{"queued": o.Queued, "sending": o.Sending, "dot_sent": o.DotSent, "sent": o.Sent,
		"failed": o.Failed, "retry": o.Retry, "in_doubt": o.InDoubt, "expired": o.Expired, "held": o.Held}
}

type statusIntake struct {
	Pending     int `json:"pending"`
	Quarantined int `json:"quarantined"`
}

// When silence or waiting becomes a problem.
const (
	readSilence = 15 * time.Minute // of a running daemon
	queueDelay  = time.Hour
)

func utc(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// status looks at the book as of now; running says that a daemon holds its lock.
func status(ctx context.Context, book *store.Book, now time.Time, running bool) (statusReport, error) {
	r := statusReport{Problems: []string{}, At: now.UTC(), Version: version(), Running: running}
	life, err := book.Life(ctx)
	if err != nil {
		return r, err
	}
	intake, err := book.IntakeCounts(ctx)
	if err != nil {
		return r, err
	}
	outbox, err := book.OutboxCounts(ctx)
	if err != nil {
		return r, err
	}
	asks, err := book.AskCounts(ctx)
	if err != nil {
		return r, err
	}
	if r.resting, err = book.Bouncing(ctx); err != nil {
		return r, err
	}
	if r.rights, err = notesOnRights(ctx, book); err != nil {
		return r, err
	}
	if r.waiting, err = book.Unconfirmed(ctx); err != nil {
		return r, err
	}
	if r.Schema, err = book.Schema(ctx); err != nil {
		return r, err
	}
	r.LastRead, r.LastSent = utc(life.LastRead), utc(life.LastSent)
	r.Digest = statusDigest{life.LastEdition, utc(book.NextEdition(now))}
	r.Asks = statusAsks{Open: asks["open"], Helped: asks["helped"], Held: asks["held"]}
	r.Outbox = statusOutbox{Queued: outbox["queued"], Sending: outbox["sending"], DotSent: outbox["dot_sent"], Sent: outbox["sent"], Failed: outbox["failed"],
		Retry: outbox["retry"], InDoubt: outbox["in_doubt"], Expired: outbox["expired"], Held: outbox["held"], OldestQueued: utc(life.OldestQueued)}
	r.Intake = statusIntake{Pending: intake[string(store.Pending)], Quarantined: intake[string(store.Quarantined)]}
	if r.expires, err = book.Expiries(ctx); err != nil {
		return r, err
	}
	r.Problems = append(r.Problems, endings(r.expires, now, running)...)
	r.diagnose(now, life)
	if err := room(book.Path(), 0); err != nil {
		r.Healthy = false
		r.Problems = append(r.Problems, err.Error())
	}
	rest, err := book.Held(ctx)
	if err != nil {
		return r, err
	}
	if !rest.Since.IsZero() {
		r.Healthy = false
		r.Problems = append(r.Problems, fmt.Sprintf("nothing is sent since %s (%s): askfirst outbox release", rest.Since.Format(time.RFC3339), rest.Why))
	}
	return r, nil
}

func (r *statusReport) diagnose(now time.Time, life store.Life) {
	problem := func(format string, args ...any) { r.Problems = append(r.Problems, fmt.Sprintf(format, args...)) }
	if r.Running && !life.LastRead.IsZero() && now.Sub(life.LastRead) > readSilence {
		problem("the inbox has not been read since %s: see the log for why", r.LastRead.Format(time.RFC3339))
	}
	if !life.OldestStuck.IsZero() && now.Sub(life.OldestStuck) > queueDelay {
		problem("a letter has waited since %s: the SMTP server does not take it", utc(life.OldestStuck).Format(time.RFC3339))
	}
	for _, t := range life.Troubles {
		problem("%s since %s: %s", troubleWith(t.Where), t.Since.Format(time.RFC3339), t.Text)
	}
	if n := r.Intake.Pending - r.waiting; !r.Running && n > 0 {
		problem("%d messages wait for their decision and no daemon runs", n)
	}
	r.Healthy = len(r.Problems) == 0
}

// troubleWith says what a step that fails cannot do.
func troubleWith(where string) string {
	switch where {
	case whereInbox:
		return "the inbox cannot be read"
	case whereSMTP:
		return "letters cannot be sent"
	case wherePublish:
		return "what the clock makes due cannot be composed"
	case whereAudit:
		return "the book contradicts itself"
	case whereSettings:
		return "the settings cannot be used and the last good ones are in force"
	}
	return where + " fails"
}

func (r statusReport) print(app *app) {
	state := "healthy"
	if !r.Healthy {
		state = "unhealthy"
	}
	running := "no daemon runs"
	if r.Running {
		running = "the daemon runs"
	}
	show := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return t.Local().Format("2006-01-02 15:04:05 MST")
	}
	fmt.Fprintf(app.out, "%s, %s\n", state, running)
	for _, p := range r.Problems {
		fmt.Fprintf(app.out, "  problem: %s\n", p)
	}
	fmt.Fprintf(app.out, "last read    %s\nlast sent    %s\n", show(r.LastRead), show(r.LastSent))
	last := r.Digest.LastDate
	if last == "" {
		last = "none yet"
	}
	fmt.Fprintf(app.out, "digest       last %s, next %s\n", last, show(r.Digest.NextAt))
	fmt.Fprintf(app.out, "asks         %d open, %d helped, %d held\n", r.Asks.Open, r.Asks.Helped, r.Asks.Held)
	fmt.Fprintf(app.out, "letters      %s\n", stateList(r.Outbox.counts()))
	for _, m := range r.resting {
		fmt.Fprintf(app.out, "bounces      %s <%s>: digests rest since %s (%s)\n", printable(m.Name), m.Address, time.UnixMilli(m.Since).Local().Format("2006-01-02"), m.Status)
	}
	waiting := ""
	if r.waiting > 0 {
		waiting = fmt.Sprintf(" (%d until their writers have said that they wrote them)", r.waiting)
	}
	fmt.Fprintf(app.out, "messages     %d pending%s, %d in quarantine\n", r.Intake.Pending, waiting, r.Intake.Quarantined)
	r.rights.print(app.out)
	for _, e := range r.expires {
		fmt.Fprintf(app.out, "ends         %s %s\n", e.What, e.Until.Local().Format("2006-01-02 15:04 MST"))
	}
}

func statusCommand(app *app) *cobra.Command {
	var at instantFlag
	var asJSON bool
	command := &cobra.Command{
		Use: "status", Short: "Is it alive, what is open, what is queued; exit 1 when unhealthy", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := app.load()
			if err != nil {
				return err
			}
			report, err := statusNow(cmd, app, config, at)
			if err != nil { // said in the report too, for whoever reads that alone
				report = neverRan(config, report.Running, time.Now())
				report.Healthy, report.Problems = false, []string{"the book cannot be read: " + err.Error()}
			}
			if asJSON {
				if err := json.NewEncoder(app.out).Encode(report); err != nil {
					return err
				}
			} else {
				report.print(app)
			}
			if !report.Healthy {
				return errSilent
			}
			return nil
		},
	}
	atFlag(command, &at)
	command.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return command
}

// statusNow is the status of the book, whether it exists or not.
func statusNow(cmd *cobra.Command, app *app, config *Config, at instantFlag) (statusReport, error) {
	running := store.Held(config.Book)
	book, err := look(cmd.Context(), config)
	if errors.Is(err, store.ErrNoBook) {
		now := at.Time
		if now.IsZero() {
			now = time.Now()
		}
		return neverRan(config, running, now), nil
	}
	if err != nil {
		return statusReport{Running: running}, err
	}
	defer book.Close()
	now, err := app.instant(cmd.Context(), config, at)
	if err != nil {
		return statusReport{Running: running}, err
	}
	return status(cmd.Context(), book.Book, now, running)
}

// neverRan is the status of a book that does not exist yet: healthy.
func neverRan(config *Config, running bool, now time.Time) statusReport {
	c := config.Calendar()
	r := statusReport{Healthy: true, Problems: []string{}, At: now.UTC(), Version: version(), Running: running}
	if date := c.EditionFor(now); !date.IsZero() {
		r.Digest.NextAt = utc(c.Instant(date, c.At))
	}
	return r
}
