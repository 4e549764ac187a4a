package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"askfirst/digest"
	"askfirst/mailbox"
	"askfirst/store"
)

// daemon is the composition root: one exchange with everything it needs. Both
// `run` and `once` drive it, and so do the tests.
type daemon struct {
	config    *Config
	lock      *store.Lock
	book      *store.Book
	voice     *digest.Voice
	inbox     mailbox.InboxConfig
	submitter *mailbox.Submitter
	dots      *store.Dots
	witness   *witness
	sheets    *sheets
	log       *slog.Logger
	probe     probe // nil: none, as in tests whose program is another
	recovered store.Recovered
	unwelcome unwelcome
	shown     *handshakes
	keys      *keyring
	wall      func() time.Time // the clock of run: time.Now
	outgoing  chan struct{}    // see wake
	pulse     *pulse
	manager   *supervisor // nil: none
	audited   store.Date  // when the book was last audited

	settling sync.RWMutex // held while settings change
	instead  error        // why the kept settings are in force and not those of the file; nil: they are those of the file

	mu       sync.Mutex
	troubled map[string]bool // steps of which the book knows that they fail
}

// The steps that depend on a server, or on a template of the school's.
const (
	whereInbox   = "inbox"
	whereSMTP    = "smtp"
	wherePublish = "publish"
)

// trouble lets the book know how a step went, for status; it writes only when
// something changed.
func (d *daemon) trouble(ctx context.Context, where string, err error, now time.Time) error {
	if ctx.Err() != nil {
		return nil // it failed because we stop
	}
	d.mu.Lock()
	before, known := d.troubled[where]
	d.troubled[where] = err != nil
	d.mu.Unlock()
	if err := d.writeExpiries(ctx); err != nil {
		return err
	}
	if err == nil && known && !before {
		return nil
	}
	text := ""
	if err != nil {
		text = withoutAddresses(d.whatIsWrong(where, err))
	}
	return d.book.SetTrouble(context.WithoutCancel(ctx), where, text, now)
}

// assemble takes the lock, opens the book and makes it know the staff. now is
// the instant of the first pass.
func assemble(ctx context.Context, config *Config, probe probe, log *slog.Logger, now time.Time) (*daemon, error) {
	voice, err := newVoice(config)
	if err != nil {
		return nil, err
	}
	lock, err := store.Acquire(config.Book, now)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, unusable{fmt.Errorf("store.url: the folder %s does not exist; create it", filepath.Dir(config.Book))}
	case errors.Is(err, fs.ErrPermission):
		return nil, unusable{fmt.Errorf("store.url: the folder %s may not be written to; give it to the user that runs askfirst", filepath.Dir(config.Book))}
	case err != nil:
		return nil, err
	}
	dots, err := store.OpenDots(config.Book)
	if err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	witness, shown := newWitness(dots), newHandshakes()
	d := &daemon{shown: shown, config: config, lock: lock, voice: voice, inbox: shown.inbox(config), dots: dots, witness: witness,
		submitter: mailbox.NewSubmitter(witness.watch(shown.smtp(config))), sheets: newSheets(), keys: newKeyring(), log: log, probe: probe, wall: time.Now, troubled: map[string]bool{}, outgoing: make(chan struct{}, 1),
		pulse: newPulse(now, config.Inbox.Poll)}
	if d.book, err = store.Open(ctx, config.Book, bookSettings(config), now); err != nil {
		return nil, errors.Join(err, dots.Close(), lock.Release())
	}
	if err := d.begin(ctx, now); err != nil {
		return nil, errors.Join(sealFault(err), d.close())
	}
	return d, nil
}

// begin puts right what an earlier life left and applies the staff list.
func (d *daemon) begin(ctx context.Context, now time.Time) error {
	if err := d.book.CheckSeals(ctx); err != nil {
		return err
	}
	recovered, err := d.book.Recover(ctx, d.dots, now)
	if err != nil {
		return err
	}
	if d.recovered = recovered; recovered != (store.Recovered{}) {
		d.log.Warn("recovered", "resumed", recovered.Resumed, "accepted", recovered.Accepted, "in_doubt", recovered.Doubted)
	}
	if err := d.book.RotateTokens(ctx, now); err != nil {
		return err
	}
	staffing, err := d.staffed(ctx, now)
	if err != nil {
		return err
	}
	if err := d.forgetExpiries(ctx); err != nil {
		return err
	}
	if staffing != (store.Staffing{}) {
		d.log.Info("staff", "joined", staffing.Joined, "left", staffing.Left, "changed", staffing.Changed)
	}
	return nil
}

func (d *daemon) close() error {
	d.submitter.Close()
	return errors.Join(d.book.Close(), d.dots.Close(), d.lock.Release())
}

func newVoice(config *Config) (*digest.Voice, error) {
	var override fs.FS
	if config.Templates != "" {
		override = os.DirFS(config.Templates)
	}
	voice, err := digest.New(override)
	if err != nil {
		return nil, unusable{fmt.Errorf("templates: %w", err)}
	}
	return voice, nil
}

func bookSettings(config *Config) store.Settings {
	return store.Settings{Exchange: config.StoreExchange(), Calendar: config.Calendar(), Ladder: store.Ladder(config.Ladder), MaxSize: config.Inbox.MaxSize, Keep: store.Keep(config.Keep), SealKeys: sealKeys(config)}
}

// say turns what must be told into letters and puts them into the outbox.
func (d *daemon) say(tx *store.Tx, outcome store.Outcome) error {
	letters, err := compose(d.voice, outcome)
	if err != nil {
		return err
	}
	if err := tx.Enqueue(letters); err != nil {
		return err
	}
	more, err := tx.Overflow()
	if err != nil || len(more.Facts) == 0 {
		return err
	}
	return d.say(tx, more)
}

// errCompose says that the words could not be put together: a fault of ours or
// of a template, which the next attempt would meet again.
var errCompose = errors.New("letters cannot be composed")

// compose is every letter that follows from an outcome. Letters to an admin who
// has no address are not written.
func compose(voice *digest.Voice, outcome store.Outcome) ([]store.Letter, error) {
	facts := outcome.Facts[:0:0]
	for _, f := range outcome.Facts {
		if f.To.Email != "" {
			facts = append(facts, f)
		}
	}
	outcome.Facts = facts
	letters, err := voice.Letters(outcome)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCompose, err)
	}
	for i, f := range facts {
		letters[i].Carries = f.Carries
		if f.Edition != nil {
			for _, k := range f.Edition.Thanks {
				letters[i].Thanks = append(letters[i].Thanks, k.ID)
			}
		}
	}
	return letters, nil
}
