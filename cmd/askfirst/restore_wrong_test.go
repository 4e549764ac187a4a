package main

import (
	"os"
	"testing"
)

// TestRestoreOfNoBackup: a name mistyped, a folder, or a copy that went wrong
// must not take the place of the book, nor keep it from opening.
func TestRestoreOfNoBackup(t *testing.T) {
	town, file := backedUp(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"empty.db": "", "words.db": "the minutes of Monday's meeting", "half.db": string(whole[:len(whole)/2])} {
		writeFile(t, town.beside(name), content)
	}
	for name, why := range map[string]string{
		town.beside("none.db"):  "there is no such file",
		t.TempDir():             "not a book of askfirst: it is a folder",
		town.beside("empty.db"): "not a book of askfirst: it holds none",
		town.beside("words.db"): "not a book of askfirst: it is no database",
		town.beside("half.db"):  "the book is damaged",
	} {
		town.tries(exitFailed, name+" cannot be restored; the book is as it was: ", "restore", name)
		town.tries(exitFailed, why, "restore", name)
		if _, err := os.Lstat(town.beside("askfirst.db.restoring")); err == nil {
			t.Errorf("%s: the copy is left, as after a cut", name)
		}
		if r := town.once("2026-11-22 14:00"); len(r.Errors) != 0 {
			t.Errorf("after %s: %+v", name, r.Errors)
		}
	}
	town.tries(exitFailed, "a copy of the book cannot be made", "backup", town.beside("nowhere/copy.db"))
	town.must("restore", file)
}
