package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A seal of nobody opens to nobody and tells the day, a member's tells none; and
// what one key hashes the other does not.
func TestSealOfNobody(t *testing.T) {
	one, err := newSeal(bytes.Repeat([]byte{1}, sealKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	two, err := newSeal(bytes.Repeat([]byte{2}, sealKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	gone, err := one.closeWith(17, nobody, 20_700)
	if err != nil || len(gone) != 60 || one.open(17, gone) != 0 || one.since(17, gone) != 20_700 || one.since(18, gone) != 0 || two.since(17, gone) != 0 {
		t.Errorf("%d octets, member %d, day %d, %v", len(gone), one.open(17, gone), one.since(17, gone), err)
	}
	here, err := one.closeWith(17, 4, 20_700)
	if err != nil || one.open(17, here) != 4 || one.since(17, here) != 0 {
		t.Errorf("member %d, day %d, %v", one.open(17, here), one.since(17, here), err)
	}
	again := one.hash("x")
	if one.hash("x") == two.hash("x") || one.hash("x") == one.hash("y") || again != one.hash("x") || one.id == two.id {
		t.Error("hashes do not depend on key and text")
	}
}

// The key is read from the first file that there is, is never taken from half a
// file nor put in the place of another, and is missed when it is another one.
func TestSealKeyFiles(t *testing.T) {
	s := unnamedScene(t, 1)
	path := s.settings.SealKeys[0]
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	fresh := func(paths ...string) { s.sealing.seal, s.settings.SealKeys = nil, paths }
	fresh(filepath.Join(t.TempDir(), "none"), path)
	if key, err := s.sealKey(); err != nil || key == nil {
		t.Errorf("the second place is not looked into: %v", err)
	}
	for name, text := range map[string]string{"half": string(good[:40]), "empty": "", "words": strings.Repeat("xy", sealKeyLength), "long": string(good[:64]) + "00"} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		fresh(bad, path)
		if key, err := s.sealKey(); !errors.Is(err, ErrSealKey) || key != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	fresh(t.TempDir()) // a folder: there is something, and it cannot be read
	if key, err := s.sealKey(); !errors.Is(err, ErrSealKey) || key != nil {
		t.Errorf("a folder: %v", err)
	}
	fresh(path)
	if key, err := s.makeSealKey(); err != nil || key == nil {
		t.Errorf("%v", err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, good) {
		t.Errorf("the key was replaced, %v", err)
	}
	if err := s.CheckSeals(context.Background()); err != nil {
		t.Error(err)
	}
	for what, other := range map[string]string{"is missing": filepath.Join(t.TempDir(), "none"), "is another one": filepath.Join(t.TempDir(), SealKeyName)} {
		if what == "is another one" {
			if err := os.WriteFile(other, []byte(strings.Repeat("07", sealKeyLength)+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		fresh(other)
		if err := s.CheckSeals(context.Background()); !errors.Is(err, ErrSealKey) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
		// Nobody can be forgotten whose asks cannot be found.
		if _, err := s.Forget(context.Background(), priya, at(t, "2026-11-20 15:00"), say); !errors.Is(err, ErrSealKey) {
			t.Errorf("%s: forgotten all the same: %v", what, err)
		}
	}
	s.sql(`UPDATE ask SET state = 'closed'`)
	if err := s.CheckSeals(context.Background()); err != nil {
		t.Errorf("an ask that is over needs no key: %v", err)
	}
}
