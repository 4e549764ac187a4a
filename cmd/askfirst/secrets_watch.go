package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"askfirst/mailbox"
)

// A server that refuses our password is left alone for a while, but a password
// that somebody has mended meanwhile is tried at once: nothing is gained by
// letting mail wait for it.

// How often a secret is looked at while a server is left alone. A file costs
// nothing; a command may ask a vault over the network, and asks a person to
// touch a key.
const (
	lookAtFile    = 3 * time.Second
	lookAtCommand = time.Minute
)

// secretWatch gives a secret and remembers, as a hash, which one it gave last.
// It is for several goroutines.
type secretWatch struct {
	source secretSource

	mu    sync.Mutex
	given [sha256.Size]byte
	knows bool // given is one; false also after a secret that could not be read
}

// read gives the secret.
func (w *secretWatch) read(ctx context.Context) (string, error) {
	secret, err := w.source.read(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.given, w.knows = sha256.Sum256([]byte(secret)), err == nil
	return secret, err
}

// differs says that another secret than the one given last can be read now.
func (w *secretWatch) differs(ctx context.Context) bool {
	secret, err := w.source.read(ctx)
	if err != nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.knows || w.given != sha256.Sum256([]byte(secret))
}

// every is how often to ask; 0: never, since what stands in the environment of a
// process stays as it is.
func (w *secretWatch) every() time.Duration {
	switch {
	case w == nil || w.source.variable != "":
		return 0
	case w.source.file != "":
		return lookAtFile
	}
	return lookAtCommand
}

// leaveAlone waits after an error of a server, and for a mended secret no longer
// than it takes to see it.
func (e Endpoint) leaveAlone(ctx context.Context, err error, pause time.Duration) {
	every, mended := e.watch.every(), e.watch.differs
	if e.Tokens != nil {
		every, mended = lookAtFile, func(context.Context) bool { return e.Tokens.Mended() }
	}
	if every == 0 || !errors.Is(err, mailbox.ErrAuth) && !errors.Is(err, mailbox.ErrSecret) {
		sleep(ctx, pause)
		return
	}
	for begin := time.Now(); ctx.Err() == nil; {
		left := pause - time.Since(begin)
		if left <= 0 {
			return
		}
		sleep(ctx, min(every, left))
		if ctx.Err() == nil && mended(ctx) {
			return
		}
	}
}
