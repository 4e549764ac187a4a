package store

import (
	"os"
	"path/filepath"
	"testing"
)

// The file of the dots is begun anew when it is large, and keeps its head.
func TestDotsStaySmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	dots, err := OpenDots(path)
	if err != nil {
		t.Fatal(err)
	}
	defer dots.Close()
	dots.boot = "this one"
	if err := dots.reset(); err != nil {
		t.Fatal(err)
	}
	for i := range int64(20000) {
		if i%100 == 0 { // a new run of the sender
			if err := dots.Begin(); err != nil {
				t.Fatal(err)
			}
		}
		if err := dots.Dotted(i, 1); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path + ".dots")
	if err != nil || info.Size() > 2*mostDots {
		t.Fatal(info.Size(), err)
	}
	known, err := dots.read()
	if err != nil || !known[attempt{19999, 1}].dotted || known[attempt{1, 1}].dotted {
		t.Fatal(len(known), err)
	}
}
