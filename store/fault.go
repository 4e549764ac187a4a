package store

import (
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
)

// ErrNotWritable says that the engine may not write where the book lies. The
// book itself is as good as ever.
var ErrNotWritable = errors.New("the book may not be written by this user, or lies on a medium that cannot be written")

// ErrSync says that the system could not make durable what was written. Whatever
// it kept in memory may be gone although a second fsync would succeed, so the
// book refuses all further work: it has to be opened anew, by another process,
// which reads what really lies on the disk.
var ErrSync = errors.New("the disk did not keep what was written (fsync failed)")

// ErrFull says that there is no room on the disk. What was to be written was not
// written at all, and may be tried again.
var ErrFull = errors.New("the disk of the book is full")

// The engine's result codes that are told apart (sqlite.org/rescode.html); the
// low octet is the kind.
const (
	codePermission = 3
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeInOut      = 10
	codeFull       = 13
	codeCannotOpen = 14
	codeNotDB      = 26

	codeSync       = codeInOut | 4<<8  // SQLITE_IOERR_FSYNC
	codeSyncFolder = codeInOut | 5<<8  // SQLITE_IOERR_DIR_FSYNC
	codeNoShared   = codeInOut | 19<<8 // SQLITE_IOERR_SHMSIZE: no room for the index of the log
)

// diskFault marks what the engine, or the system, reports of the disk, so that
// callers can tell a full one from one that does not keep what it took.
func diskFault(err error) error {
	var said *sqlite.Error
	switch {
	case err == nil || errors.Is(err, ErrSync) || errors.Is(err, ErrFull):
		return err
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case !errors.As(err, &said):
		return err
	}
	switch code := said.Code(); {
	case code == codeSync || code == codeSyncFolder:
		return fmt.Errorf("%w: %w", ErrSync, err)
	case code == codeNoShared || code&0xff == codeFull:
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// notSynced marks an fsync of our own that failed.
func notSynced(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrSync, err)
}

// openFault explains why the book at path does not open: only what the engine
// itself finds wrong with the file is damage.
func openFault(path string, err error) error {
	var said *sqlite.Error
	if marked := diskFault(err); marked != err {
		return fmt.Errorf("%s: %w", path, marked)
	}
	if errors.As(err, &said) {
		switch said.Code() & 0xff {
		case codePermission, codeReadOnly, codeCannotOpen:
			return fmt.Errorf("%w: %s: %w", ErrNotWritable, path, err)
		case codeBusy, codeLocked:
			return fmt.Errorf("%s: another program holds the book: %w", path, err)
		case codeInOut:
			return fmt.Errorf("%s: the disk does not take what is written, or has no room: %w", path, err)
		}
	}
	return fmt.Errorf("%w: %s: %w; %s", ErrBroken, path, err, keepAndRestore)
}
