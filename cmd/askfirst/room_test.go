package main

import (
	"errors"
	"path/filepath"
	"testing"
)

// Mail is fetched while there is room for the message twice, and a reserve that a
// small disk has in its measure.
func TestRoom(t *testing.T) {
	for total, want := range map[uint64]uint64{1 << 20: 1 << 16, 64 << 20: 4 << 20, 1 << 30: 64 << 20, 1 << 40: 64 << 20, 0: 0} {
		if got := spaceReserve(total); got != want {
			t.Errorf("of %d octets %d stay free, want %d", total, got, want)
		}
	}
	book := filepath.Join(t.TempDir(), "askfirst.db")
	free, total, known := freeSpace(filepath.Dir(book))
	const others = 256 << 20 // what other programs may write meanwhile
	if !known || free < spaceReserve(total)+4*others {
		t.Skip("the disk of this test is nearly full itself")
	}
	most := int64(free-spaceReserve(total)) / 2
	for octets, want := range map[int64]error{0: nil, most - others: nil, most + others: errNoRoom, int64(free): errNoRoom} {
		if err := room(book, octets); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%d octets, %d are free: %v", octets, free, err)
		}
	}
	if err := room(filepath.Join(book, "nowhere", "askfirst.db"), 1<<60); err != nil {
		t.Errorf("nobody knows, so the disk will say: %v", err)
	}
}
