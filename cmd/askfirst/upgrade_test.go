package main

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
)

// asOfOld takes a town's book back to the schema of a version.
func (t *town) asOfOld(version int64) {
	t.Helper()
	db, err := sql.Open("sqlite", t.beside("askfirst.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS(filepath.Join(repositoryRoot(t), "store", "migrations")), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
}

// bookFiles are the book and what lies beside it, by name.
func (t *town) bookFiles() map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(t.beside("askfirst.db*"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = raw
	}
	return files
}

func (t *town) putBack(files map[string][]byte) {
	t.Helper()
	for name := range t.bookFiles() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, raw := range files {
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUpgradeKilled kills the first start on a book of the oldest schema at each
// call by which it leaves a trace. The next start finds the old schema or a newer
// one, never anything between, goes on from there, and knows every ask.
func TestUpgradeKilled(t *testing.T) {
	grounded(t)
	k := newKiller(t)
	town := inProcess(t)
	for _, who := range townsfolk {
		town.writes(who, "Borrow a thing of "+who, "For one lesson.")
	}
	town.once("2026-11-21 09:00")
	want := town.tries(exitDone, "", "asks")
	town.asOfOld(1)
	old := town.bookFiles()
	upgrade := []string{"--config", town.config, "once", "--at", town.time("2026-11-21 09:05").Format("2006-01-02T15:04:05Z07:00")}
	points := 0
	for n := 1; ; n += sized(25, 12, 1) {
		town.putBack(old)
		if !k.at(n, writeClass, upgrade...) {
			break
		}
		points++
		if k.at(n/2+1, writeClass, upgrade...) { // and again, while it recovers
			points++
		}
		town.once("2026-11-21 09:10")
		if got := town.tries(exitDone, "", "asks"); got != want {
			t.Fatalf("killed at call %d: other asks\n%s\nwanted\n%s", n, got, want)
		}
		town.tries(exitDone, "", "audit")
		for _, who := range townsfolk {
			if letters := len(town.letters(who, "Got it: ")); letters != 1 {
				t.Fatalf("killed at call %d: %s has %d acknowledgements", n, who, letters)
			}
		}
		if copies, err := filepath.Glob(town.beside("askfirst.db.before-*")); err != nil || len(copies) == 0 {
			t.Fatalf("killed at call %d: no copy of the book as it was", n)
		}
	}
	t.Logf("%d kills in upgrades", points)
	if points < sized(5, 30, 200) {
		t.Errorf("only %d kills", points)
	}
}
