package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// ErrNotWritable says that the engine may not write where the book lies. The
// book itself is as good as ever.
var ErrNotWritable = errors.New("the book may not be written by this user, or lies on a medium that cannot be written")

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
)

// openFault explains why the book at path does not open: only what the engine
// itself finds wrong with the file is damage.
func openFault(path string, err error) error {
	var said *sqlite.Error
	if errors.As(err, &said) {
		switch said.Code() & 0xff {
		case codePermission, codeReadOnly, codeCannotOpen:
			return fmt.Errorf("%w: %s: %w", ErrNotWritable, path, err)
		case codeBusy, codeLocked:
			return fmt.Errorf("%s: another program holds the book: %w", path, err)
		case codeInOut, codeFull:
			return fmt.Errorf("%s: the disk does not take what is written, or has no room: %w", path, err)
		}
	}
	return fmt.Errorf("%w: %s: %w; keep the file, and restore a backup or move it away", ErrBroken, path, err)
}
