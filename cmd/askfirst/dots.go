package main

import (
	"sync"

	"askfirst/mailbox"
	"askfirst/store"
)

// witness writes down each final dot and each answer to it, so that little is
// left in doubt when the program is killed.
type witness struct {
	dots *store.Dots

	mu       sync.Mutex
	attempts map[int64]int // of the letters under way
	trouble  error         // why a dot could not be written down: the book's matter, not the server's
}

func newWitness(dots *store.Dots) *witness {
	return &witness{dots: dots, attempts: map[int64]int{}}
}

// watch returns the settings with the witness in them.
func (w *witness) watch(settings mailbox.SMTPConfig) mailbox.SMTPConfig {
	settings.Dot = func(id int64) error { return w.note(w.dots.Dotted(id, w.attempt(id))) }
	settings.Accepted = func(id int64) {
		_ = w.dots.Answered(id, w.attempt(id)) // without it the letter is in doubt, as the book says
	}
	return settings
}

// note remembers an error and returns it.
func (w *witness) note(err error) error {
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.trouble = err
	}
	return err
}

// fault is what was noted since it was last asked for.
func (w *witness) fault() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.trouble
	w.trouble = nil
	return err
}

func (w *witness) attempt(id int64) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.attempts[id]
}

// begin and end frame the delivery of a batch.
func (w *witness) begin(batch []store.Outgoing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range batch {
		w.attempts[o.ID] = o.Attempts
	}
}

func (w *witness) end(batch []store.Outgoing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range batch {
		delete(w.attempts, o.ID)
	}
}
