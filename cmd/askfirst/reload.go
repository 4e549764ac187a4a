package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"askfirst/digest"
	"askfirst/mailbox"
	"askfirst/store"
)

// serve works until ctx ends and reads its settings anew on every hangup. What
// cannot be used changes nothing: the old settings stay in force and the admin
// is told.
func (d *daemon) serve(ctx context.Context, load func() (*Config, error), hangups <-chan os.Signal) error {
	for {
		working, pause := context.WithCancel(ctx)
		var next *settings
		watching := make(chan struct{})
		go func() {
			defer close(watching)
			next = d.await(working, load, hangups)
			pause()
		}()
		err := d.run(working)
		pause()
		<-watching
		if errors.Is(err, store.ErrFull) {
			if err = d.awaitRoom(ctx, err); err == nil && ctx.Err() == nil && next == nil {
				continue
			}
		}
		if err != nil || ctx.Err() != nil || next == nil {
			return err
		}
		if err := d.adopt(ctx, next, d.wall()); err != nil {
			return ofBook(err)
		}
	}
}

// settings are new ones that may be put in force.
type settings struct {
	config *Config
	voice  *digest.Voice
}

// await waits for a hangup that brings settings which can be used; nil: ctx
// ended first.
func (d *daemon) await(ctx context.Context, load func() (*Config, error), hangups <-chan os.Signal) *settings {
	look := time.NewTicker(keptPause)
	defer look.Stop()
	for {
		asked := false
		select {
		case <-ctx.Done():
			return nil
		case <-hangups:
			asked = true
			d.manager.reloading()
		case <-look.C:
			if d.instead == nil { // nobody asked, and the file is in force
				continue
			}
		}
		next, err := d.considered(ctx, load)
		if err == nil {
			return next
		}
		if asked || err.Error() != d.instead.Error() {
			d.refuse(ctx, err, d.wall())
			d.stillKept(ctx, err, d.wall())
		}
		d.manager.tell("READY=1")
	}
}

// errTooMany says that new settings would drop too many of the staff.
var errTooMany = errors.New("more than a fifth of the staff would be gone")

// considered loads new settings and decides whether they can be put in force.
func (d *daemon) considered(ctx context.Context, load func() (*Config, error)) (*settings, error) {
	config, err := load()
	if err != nil {
		return nil, err
	}
	if config.Book != d.config.Book {
		return nil, fmt.Errorf("store.url names another book (%s); restart to change books", config.Book)
	}
	if config.Monitor != d.config.Monitor {
		return nil, errors.New("monitor.listen has changed; restart to listen elsewhere")
	}
	voice, err := newVoice(config)
	if err != nil {
		return nil, err
	}
	if err := tooMany(ctx, d.book, config); err != nil {
		return nil, err
	}
	return &settings{config, voice}, nil
}

// tooMany refuses a staff list that drops too many, unless an admin has wanted
// just that one.
func tooMany(ctx context.Context, book *store.Book, config *Config) error {
	leaving, members, err := book.Leaving(ctx, config.People())
	if err != nil || 5*leaving <= members {
		return err
	}
	confirmed, err := book.StaffConfirmed(ctx, staffSum(config))
	if err != nil || confirmed {
		return err
	}
	return fmt.Errorf("%w: %d of %d; if that is right, say askfirst reload --confirm", errTooMany, leaving, members)
}

// staffSum names a staff list.
func staffSum(config *Config) string {
	list, _ := json.Marshal(config.People()) // strings always marshal
	sum := sha256.Sum256(list)
	return hex.EncodeToString(sum[:])
}

// The outcomes of a reload, as the book keeps them.
const (
	reloadDone    = "done"
	reloadRefused = "refused"
)

// refuse tells log, book and admin why new settings are not used. One mistake is
// told once a day.
func (d *daemon) refuse(ctx context.Context, why error, now time.Time) {
	d.log.Error("reload", "outcome", reloadRefused, "err", why)
	sum := sha256.Sum256([]byte(why.Error()))
	key := "settings/" + d.config.Calendar().Date(now).String() + "/" + hex.EncodeToString(sum[:6])
	err := d.book.TellAdmin(ctx, key, "The new settings are not used; the old ones stay in force.\n\n"+why.Error(), now, d.say)
	if err := errors.Join(err, d.book.Reloaded(ctx, reloadRefused+" "+why.Error(), now)); err != nil && ctx.Err() == nil {
		d.log.Error("reload", "err", err)
	}
	d.wake()
}

// adopt puts new settings in force, while no loop runs.
func (d *daemon) adopt(ctx context.Context, next *settings, now time.Time) error {
	d.settling.Lock()
	defer d.settling.Unlock()
	config := next.config
	d.book.Adopt(bookSettings(config))
	d.submitter.Close()
	d.config, d.voice, d.inbox, d.sheets = config, next.voice, d.shown.inbox(config), newSheets()
	d.submitter = mailbox.NewSubmitter(d.witness.watch(d.shown.smtp(config)))
	if err := d.forgetExpiries(ctx); err != nil {
		return err
	}
	staffing, err := d.staffed(ctx, now)
	if err != nil {
		return err
	}
	d.log.Info("reload", "outcome", reloadDone, "members", len(config.Staff), "joined", staffing.Joined, "left", staffing.Left, "changed", staffing.Changed)
	d.manager.tell("READY=1", fmt.Sprintf("STATUS=%d colleagues", len(config.Staff)))
	return errors.Join(d.settled(ctx, nil, now), d.book.Reloaded(ctx, reloadDone, now))
}

// reloadPatience is how long the command waits for the daemon's answer.
const reloadPatience = 30 * time.Second

func reloadCommand(app *app) *cobra.Command {
	var confirm bool
	command := &cobra.Command{
		Use: "reload", Short: "Make the daemon read its settings anew", Args: cobra.NoArgs,
		Long: "Makes the daemon read its settings anew, as SIGHUP does, and says how it went.\nSettings that cannot be used change nothing. A staff list without more than a\nfifth of the present members is used only with --confirm.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, book, err := app.writing(cmd)
			if err != nil {
				return err
			}
			defer book.Close()
			if confirm {
				if err := book.ConfirmStaff(cmd.Context(), staffSum(config)); err != nil {
					return outside{err}
				}
			}
			if !store.Held(config.Book) {
				return outside{fmt.Errorf("%w; it reads its settings when it starts", store.ErrNobody)}
			}
			before, _, err := book.LastReload(cmd.Context())
			if err != nil {
				return outside{err}
			}
			if err := store.Hangup(config.Book); err != nil {
				return outside{err}
			}
			return reloadOutcome(cmd.Context(), app, book, before)
		},
	}
	command.Flags().BoolVar(&confirm, "confirm", false, "use this staff list, however many it drops")
	return command
}

// reloadOutcome waits for the daemon's answer and repeats it.
func reloadOutcome(ctx context.Context, app *app, book *store.Book, before time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, reloadPatience)
	defer cancel()
	for {
		at, outcome, err := book.LastReload(ctx)
		if err != nil {
			return outside{err}
		}
		if at.After(before) {
			word, why, _ := strings.Cut(outcome, " ")
			if word != reloadDone {
				return outside{fmt.Errorf("the new settings are not used; the old ones stay in force: %s", why)}
			}
			fmt.Fprintln(app.out, "The new settings are in force.")
			return nil
		}
		if ctx.Err() != nil {
			return outside{fmt.Errorf("the daemon has not answered within %v; see its log", reloadPatience)}
		}
		sleep(ctx, 50*time.Millisecond)
	}
}
