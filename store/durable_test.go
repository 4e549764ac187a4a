package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
)

// A book whose disk has failed an fsync takes nothing more, though a second try
// would succeed.
func TestSyncIsNotTriedAgain(t *testing.T) {
	now := at(t, "2026-11-22 12:00")
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), settings(t), now)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Note(t.Context(), now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	_ = b.durable.note(fmt.Errorf("%w: as if", ErrSync))
	if err := b.Note(t.Context(), now.AddDate(0, 0, 2)); !errors.Is(err, ErrSync) {
		t.Errorf("a write after a failed fsync: %v", err)
	}
	if err := b.DotSent(t.Context(), []int64{1}, now); !errors.Is(err, ErrSync) {
		t.Errorf("a dot after a failed fsync: %v", err)
	}
	if newest, err := b.Newest(t.Context()); err != nil || !newest.Equal(now.AddDate(0, 0, 1)) {
		t.Errorf("%v %v", newest, err)
	}
}

// What the system says of a full disk is told from all else.
func TestDiskFaults(t *testing.T) {
	for err, want := range map[error]error{syscall.ENOSPC: ErrFull, syscall.EDQUOT: ErrFull, syscall.EIO: nil} {
		got := diskFault(fmt.Errorf("write: %w", err))
		if errors.Is(got, ErrFull) != (want == ErrFull) || errors.Is(got, ErrSync) || !errors.Is(got, err) {
			t.Errorf("%v becomes %v", err, got)
		}
	}
	if diskFault(nil) != nil || notSynced(nil) != nil || !errors.Is(notSynced(syscall.EIO), ErrSync) {
		t.Error("an fsync of our own is not told from all else")
	}
}
