//go:build !unix

package store

import (
	"errors"
	"time"
)

// ErrLocked says that another daemon works with the book.
var ErrLocked = errors.New("another askfirst works with this book")

// Lock is the right to be the one working daemon of a book.
type Lock struct{}

// Acquire refuses: without flock two daemons could work with one book.
func Acquire(string, time.Time) (*Lock, error) {
	return nil, errors.New("this system has no lock for the book; run askfirst on a Unix")
}

// Held says whether some process holds the lock.
func Held(string) bool { return false }

// ErrNobody says that no daemon works with the book.
var ErrNobody = errors.New("no daemon works with this book")

// Hangup has nobody to tell.
func Hangup(string) error { return ErrNobody }

// Release gives the lock back.
func (l *Lock) Release() error { return nil }
