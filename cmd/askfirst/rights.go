package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"askfirst/store"
)

// How long one look at what must be forgotten, and one at what is too old, may
// take: the rest is done with the next pass.
const (
	forgetPatience = 5 * time.Second
	sweepPatience  = 20 * time.Second
)

// keepForgotten writes beside the book who was forgotten, as soon as it is so.
func (d *daemon) keepForgotten(ctx context.Context, e store.Event) error {
	for _, a := range e.Acts {
		if a.Kind == store.ActForget && a.Via == store.ViaForgetConfirm {
			return d.book.KeepForgotten(ctx)
		}
	}
	return nil
}

// sweep erases what those who were forgotten left in letters, at once, and what
// is too old, once a day.
func (d *daemon) sweep(ctx context.Context, now time.Time) error {
	if _, err := d.book.SweepForgotten(ctx, now, forgetPatience); err != nil {
		return err
	}
	last, err := d.book.LastSwept(ctx)
	if err != nil {
		return err
	}
	calendar := d.config.Calendar()
	today := calendar.Date(now)
	if calendar.Date(last) == today || now.Before(calendar.Instant(today, store.Clock{Hour: nightlyHour})) || now.Before(last) {
		return nil
	}
	swept, err := d.book.Sweep(ctx, now, sweepPatience)
	if err != nil {
		return err
	}
	if swept.Rows > 0 || !swept.Done {
		d.log.Info("swept", "rows", swept.Rows, "done", swept.Done)
	}
	return nil
}

// sweepForgotten is the search that follows a forgetting, for the command.
func (d *daemon) sweepForgotten(out io.Writer, cmd *cobra.Command, now time.Time) error {
	done, err := d.book.SweepForgotten(cmd.Context(), now, time.Minute)
	if err == nil && !done {
		fmt.Fprintln(out, "What letters said is erased as soon as the last of them has left: with the next passes.")
	}
	return err
}

// staffed makes the staff list the truth, and closes kindly what those have open
// who left it. If more than a fifth left at once, which a reload would have held
// back, that waits for an admin.
func (d *daemon) staffed(ctx context.Context, now time.Time) (store.Staffing, error) {
	people := d.config.People()
	leaving, members, err := d.book.Leaving(ctx, people)
	if err != nil {
		return store.Staffing{}, err
	}
	confirmed, err := d.book.StaffConfirmed(ctx, staffSum(d.config))
	if err != nil {
		return store.Staffing{}, err
	}
	if 5*leaving > members && !confirmed {
		if err := d.book.HoldLeaving(ctx, members); err != nil {
			return store.Staffing{}, err
		}
		reason := fmt.Sprintf("%d of %d colleagues are gone from the staff list at once. They get no digests, but what they have open stays as it is until you say that this is right: askfirst reload --confirm. If it is a mistake, put them back onto the list.", leaving, members)
		if err := d.book.TellAdmin(ctx, "left/"+staffSum(d.config)[:12], reason, now, d.say); err != nil && !errors.Is(err, errCompose) {
			return store.Staffing{}, err
		}
	}
	staffing, err := d.book.Staff(ctx, people, now)
	if err != nil {
		return staffing, err
	}
	before, err := d.book.LeavingHeld(ctx)
	if err != nil {
		return staffing, err
	}
	if before > 0 && (confirmed || 5*len(people) >= 4*before) {
		if err := d.book.ReleaseLeaving(ctx); err != nil {
			return staffing, err
		}
	}
	parted, err := d.book.Part(ctx, now, d.say)
	if err != nil {
		return staffing, err
	}
	if parted > 0 {
		d.log.Info("parted", "members", parted)
	}
	return staffing, d.book.KeepForgotten(ctx)
}
