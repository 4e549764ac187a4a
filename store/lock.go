//go:build unix

package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

// ErrLocked says that another daemon works with the book. Its text names the
// holder.
var ErrLocked = errors.New("another askfirst works with this book")

// Lock is the right to be the one working daemon of a book (flock on
// BOOK.lock). The kernel gives it back when the process ends, however it ends.
type Lock struct{ file *os.File }

// lookTime is longer than Held, which only looks, keeps the lock from others.
const lookTime = 250 * time.Millisecond

// Acquire takes the lock beside the book at path and writes who holds it.
func Acquire(path string, now time.Time) (*Lock, error) {
	file, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock of the book: %w", diskFault(err))
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	for patience := time.Now().Add(lookTime); errors.Is(err, syscall.EWOULDBLOCK) && time.Now().Before(patience); {
		time.Sleep(lookTime / 50)
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		holder, _ := io.ReadAll(io.LimitReader(file, 200))
		file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock of the book: %w", err)
		}
		who := strings.TrimSpace(string(holder))
		if who == "" {
			who = "a process that has not written its name yet"
		}
		return nil, fmt.Errorf("%w: %s holds %s.lock", ErrLocked, who, path)
	}
	host, _ := os.Hostname()
	if err := file.Truncate(0); err == nil {
		_, err = file.WriteAt([]byte(fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, now.UTC().Format(time.RFC3339))), 0)
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("lock of the book: %w", diskFault(err))
		}
	}
	return &Lock{file}, nil
}

// Held says whether some process holds the lock of the book at path.
func Held(path string) bool {
	file, err := os.Open(path + ".lock")
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// ErrNobody says that no daemon works with the book.
var ErrNobody = errors.New("no daemon works with this book")

// Hangup sends SIGHUP to the daemon that works with the book at path.
func Hangup(path string) error {
	if !Held(path) {
		return ErrNobody
	}
	text, err := os.ReadFile(path + ".lock")
	if err != nil {
		return fmt.Errorf("lock of the book: %w", err)
	}
	pid := 0
	if _, err := fmt.Sscanf(string(text), "process %d ", &pid); err != nil || pid <= 1 {
		return fmt.Errorf("%w that has written its number into %s.lock", ErrNobody, path)
	}
	if err := syscall.Kill(pid, syscall.SIGHUP); err != nil {
		return fmt.Errorf("process %d, which works with this book, cannot be told: %w", pid, err)
	}
	return nil
}

// Release gives the lock back.
func (l *Lock) Release() error { return l.file.Close() }
