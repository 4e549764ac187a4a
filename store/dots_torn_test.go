package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// After a line that could not be written nothing is put behind what may be the
// half of it: the letter of the next line would be unknown, and a digest that was
// sent would go again. The next start begins anew.
func TestNothingFollowsATornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	dots, err := OpenDots(path)
	if err != nil {
		t.Fatal(err)
	}
	defer dots.Close()
	if err := dots.reset(); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0) // full(4)
	if err != nil {
		t.Skip("this machine has no /dev/full")
	}
	defer full.Close()
	good := dots.file
	dots.file = full
	if err := dots.Dotted(12, 1); !errors.Is(err, ErrFull) {
		t.Errorf("on a full disk: %v", err)
	}
	dots.file = good
	if err := dots.Dotted(13, 1); !errors.Is(err, ErrFull) {
		t.Errorf("behind a torn line: %v", err)
	}
	if err := dots.Answered(12, 1); !errors.Is(err, ErrFull) {
		t.Errorf("behind a torn line: %v", err)
	}
	if err := dots.reset(); err != nil {
		t.Fatal(err)
	}
	if err := dots.Dotted(14, 1); err != nil {
		t.Error(err)
	}
	known, err := dots.read()
	if s := known[attempt{14, 1}]; err != nil || !s.dotted || known[attempt{13, 1}].dotted {
		t.Errorf("%v %v", known, err)
	}
}

// What was written before the machine started anew says nothing: it may be half
// of what there was.
func TestDotsOfAnotherStart(t *testing.T) {
	dots, err := OpenDots(filepath.Join(t.TempDir(), "book.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer dots.Close()
	for _, step := range []error{dots.reset(), dots.Dotted(12, 1), dots.Answered(12, 1)} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if known, err := dots.read(); err != nil || !known[attempt{12, 1}].answered {
		t.Fatalf("%v %v", known, err)
	}
	for _, boot := range []string{"another", ""} {
		dots.boot = boot
		if known, err := dots.read(); err != nil || known != nil {
			t.Errorf("since start %q: %v %v", boot, known, err)
		}
	}
}
