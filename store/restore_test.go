package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
)

// besides lists what lies in the folder of a book, by name.
func besides(t testing.TB, path string) string {
	t.Helper()
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// A backup whose indexes contradict its tables looks whole to a quick look, and
// answers wrongly for years. It is not put in the place of a good book.
func TestRestoreComparesIndexes(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 13:00", priya, Act{Kind: ActAsk, Title: "Borrow a microscope", Text: "For Thursday."})
	backup := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if names := besides(t, backup); names != "copy.db" {
		t.Errorf("beside the backup: %s", names)
	}
	db, err := sqlx.Open("sqlite", fileName(backup))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		`PRAGMA writable_schema = 1`,
		`UPDATE sqlite_master SET sql = replace(sql, '(message_id)', '(sender)') WHERE name = 'intake_message_id'`,
		`UPDATE sqlite_master SET sql = replace(sql, '(ask)', '(id)') WHERE name = 'thanks_ask'`,
		`UPDATE sqlite_master SET sql = replace(sql, '(message_id)', '(address)') WHERE name = 'letter_message_id'`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := examine(t.Context(), backup, true); err != nil {
		t.Fatalf("a quick look notices it, so this test shows nothing: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	unread := filepath.Join(t.TempDir(), "unread.db")
	if err := errors.Join(os.WriteFile(unread, before, 0o600), os.Mkdir(unread+"-wal", 0o700)); err != nil {
		t.Fatal(err)
	}
	for backup, want := range map[string]error{filepath.Join(t.TempDir(), "missing.db"): os.ErrNotExist, unread: ErrForeign} {
		if _, err := Restore(t.Context(), backup, s.Path(), settings(t), at(t, "2026-11-24 12:00")); !errors.Is(err, want) {
			t.Errorf("%s: %v", backup, err)
		}
	}
	if _, err := Restore(t.Context(), backup, s.Path(), settings(t), at(t, "2026-11-24 12:00")); !errors.Is(err, ErrBroken) {
		t.Errorf("restored all the same: %v", err)
	}
	if after, err := os.ReadFile(s.Path()); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the book was changed by a restore that failed: %v", err)
	}
	if names := besides(t, s.Path()); names != "askfirst.db" {
		t.Errorf("left behind: %s", names)
	}
}

// A backup is looked at before it gets its name: one that breaks the rules of
// its own tables would be refused when it is needed.
func TestBackupIsLookedAt(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	for _, statement := range []string{`PRAGMA writable_schema = 1`,
		`UPDATE sqlite_master SET sql = replace(sql, 'value TEXT NOT NULL', 'value TEXT') WHERE name = 'book'`,
		`PRAGMA writable_schema = RESET`, `INSERT INTO book (name, value) VALUES ('odd', NULL)`, `PRAGMA writable_schema = 1`,
		`UPDATE sqlite_master SET sql = replace(sql, 'value TEXT', 'value TEXT NOT NULL') WHERE name = 'book'`, `PRAGMA writable_schema = RESET`} {
		if _, err := s.write.Exec(statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), path); !errors.Is(err, ErrBroken) {
		t.Errorf("a backup that cannot be restored: %v", err)
	}
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(cut, path); err == nil {
		t.Error("a backup that was broken off is one")
	}
	if names := besides(t, path); names != "" {
		t.Errorf("left behind: %s", names)
	}
}

// A book of a newer program that was left with its log stays as it was found:
// opened for writing, its log would go into it at the close.
func TestNewerBookKeepsItsLog(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	if _, err := s.write.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "newer.db")
	found := map[string][]byte{}
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(s.Path() + suffix)
		if err != nil || len(raw) == 0 {
			t.Fatal(suffix, len(raw), err)
		}
		found[suffix] = raw
		if err := os.WriteFile(path+suffix, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(t.Context(), path, settings(t), at(t, "2026-11-24 12:00"))
	_, looked := OpenExisting(t.Context(), path, settings(t))
	if !errors.Is(err, ErrNewer) || !errors.Is(looked, ErrNewer) {
		t.Errorf("%v, %v", err, looked)
	}
	place := filepath.Join(t.TempDir(), "askfirst.db")
	if _, err := Restore(t.Context(), path, place, settings(t), at(t, "2026-11-24 12:00")); !errors.Is(err, ErrNewer) {
		t.Errorf("restored all the same: %v", err)
	}
	if names := besides(t, place); names != "" {
		t.Errorf("left behind: %s", names)
	}
	for suffix, raw := range found {
		if after, err := os.ReadFile(path + suffix); err != nil || !bytes.Equal(raw, after) {
			t.Errorf("book%s was changed: %d octets, had %d: %v", suffix, len(after), len(raw), err)
		}
	}
}

// Whatever might still leave when the backup was made is held; what is over
// stays over. Numbers leave a gap also in a book that has none yet, and the
// settings of then are forgotten.
func TestRestoreSettles(t *testing.T) {
	ctx := context.Background()
	s := newScene(t, "2026-11-22 12:00")
	if err := s.KeepSettings(ctx, Kept{Path: "config.yaml", Text: []byte("then")}); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := s.Backup(ctx, empty); err != nil {
		t.Fatal(err)
	}
	states := []string{"queued", "retry", "sending", "dot_sent", "sent", "failed", "expired", "in_doubt", "held"}
	for range states {
		s.mail("2026-11-22 13:00", priya, Act{Kind: ActAsk, Title: "A ladder", Text: "Tall."})
	}
	ids := []int64{}
	if err := s.read.Select(&ids, `SELECT letter FROM outbox ORDER BY letter`); err != nil || len(ids) < len(states) {
		t.Fatal(len(ids), err)
	}
	if _, err := s.write.Exec(`UPDATE outbox SET state = 'sent'`); err != nil {
		t.Fatal(err)
	}
	for i, state := range states {
		if _, err := s.write.Exec(`UPDATE outbox SET state = ? WHERE letter = ?`, state, ids[i]); err != nil {
			t.Fatal(err)
		}
	}
	full := filepath.Join(t.TempDir(), "full.db")
	if err := s.Backup(ctx, full); err != nil {
		t.Fatal(err)
	}
	now := at(t, "2026-11-24 12:00")
	for backup, number := range map[string]int{empty: RestoredGap + 1, full: RestoredGap + len(states) + 1} {
		place := filepath.Join(t.TempDir(), "askfirst.db")
		for stale, text := range map[string]string{restoringSuffix: "half", restoringSuffix + "-wal": "half", ".dots": "boot x 0 9", "": ""} {
			if err := os.WriteFile(place+stale, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Open(ctx, place, settings(t), now); !errors.Is(err, ErrRestoring) {
			t.Errorf("a restore that was interrupted: %v", err)
		}
		done, err := Restore(ctx, backup, place, settings(t), now)
		if err != nil {
			t.Fatal(err)
		}
		restored := &scene{TB: t, uid: 1000}
		restored.check(besides(t, place), "askfirst.db")
		restored.check(done.Aside, "") // an empty file was no book
		b, err := Open(ctx, place, settings(t), now)
		if err != nil {
			t.Fatal(err)
		}
		restored.Book = b
		if backup == full {
			var got []string
			if err := b.read.Select(&got, `SELECT state FROM outbox ORDER BY letter LIMIT ?`, len(states)); err != nil {
				t.Fatal(err)
			}
			restored.check(got, "[held held held held sent failed expired in_doubt held]")
			restored.check(done.Held, 4)
		}
		if _, known, err := b.KeptSettings(ctx); known || err != nil {
			t.Errorf("the settings of then are those of now: %v", err)
		}
		if claimed, err := b.Claim(ctx, now, 100); err != nil || len(claimed) > 0 {
			t.Errorf("%d letters leave before anybody says so: %v", len(claimed), err)
		}
		if !b.Created().Equal(now) {
			t.Errorf("editions begin at %s", b.Created())
		}
		o := restored.mail("2026-11-24 13:00", mark, Act{Kind: ActAsk, Title: "A tuba", Text: "Any."})
		restored.check(o.Facts[0].Ask.Number, number)
		var counters []string
		if err := b.read.Select(&counters, `SELECT name FROM sqlite_sequence WHERE name = 'ask'`); err != nil || len(counters) != 1 {
			t.Errorf("counters of asks: %v %v", counters, err)
		}
		if claimed, err := b.Claim(ctx, at(t, "2026-11-24 13:05"), 100); err != nil || len(claimed) > 0 {
			t.Errorf("%d new letters leave before anybody says so: %v", len(claimed), err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A damaged book is kept with its log, the restored one has none of it, and a
// second restore in the same second does not take the first one's copy away.
func TestRestoreKeepsWhatWasThere(t *testing.T) {
	ctx, now := t.Context(), at(t, "2026-11-24 12:00")
	s := newScene(t, "2026-11-22 12:00")
	backup, place := filepath.Join(t.TempDir(), "copy.db"), filepath.Join(t.TempDir(), "askfirst.db")
	if err := s.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	damaged, log := bytes.Repeat([]byte("damaged "), 1024), bytes.Repeat([]byte("its log "), 1024)
	for suffix, raw := range map[string][]byte{"": damaged, "-wal": log, "-shm": make([]byte, 32<<10)} {
		if err := os.WriteFile(place+suffix, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	done, err := Restore(ctx, backup, place, settings(t), now)
	if err != nil {
		t.Fatal(err)
	}
	aside := filepath.Base(done.Aside)
	s.check(besides(t, place), "askfirst.db "+aside+" "+aside+"-shm "+aside+"-wal")
	for suffix, raw := range map[string][]byte{"": damaged, "-wal": log} {
		if kept, err := os.ReadFile(done.Aside + suffix); err != nil || !bytes.Equal(kept, raw) {
			t.Errorf("the evidence%s is not what it was: %v", suffix, err)
		}
	}
	before := besides(t, place)
	if again, err := Restore(ctx, backup, place, settings(t), now); !errors.Is(err, os.ErrExist) {
		t.Errorf("%+v %v", again, err)
	}
	s.check(besides(t, place), before)
	b, err := Open(ctx, place, settings(t), now)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// A copy of the files that somebody made by hand is restored with its log, and
// one of an older program leaves no copy of itself beside the book.
func TestRestoreCopyMadeByHand(t *testing.T) {
	ctx, now := t.Context(), at(t, "2026-11-24 12:00")
	s := newScene(t, "2026-11-22 12:00")
	provider, err := s.provider()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(ctx, newestSchema()-1); err != nil {
		t.Fatal(err)
	}
	if err := s.checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec(`UPDATE member SET name = 'Written Last' WHERE email = ?`, priya); err != nil {
		t.Fatal(err)
	}
	backup, place := filepath.Join(t.TempDir(), "copy.db"), filepath.Join(t.TempDir(), "askfirst.db")
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(s.Path() + suffix)
		if err != nil || len(raw) == 0 {
			t.Fatal(suffix, len(raw), err)
		}
		if err := os.WriteFile(backup+suffix, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Restore(ctx, backup, place, settings(t), now); err != nil {
		t.Fatal(err)
	}
	s.check(besides(t, place), "askfirst.db")
	s.check(besides(t, backup), "copy.db copy.db-wal")
	b, err := Open(ctx, place, settings(t), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	var name string
	if err := b.read.Get(&name, `SELECT name FROM member WHERE email = ?`, priya); err != nil || name != "Written Last" {
		t.Errorf("%q %v", name, err)
	}
}

// Who was forgotten since the backup is forgotten again before anything else
// happens to the restored book, even where only the book itself still knows it.
func TestRestoreForgetsAgain(t *testing.T) {
	ctx, now := t.Context(), at(t, "2026-11-24 12:00")
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 13:00", priya, Act{Kind: ActAsk, Title: "canarytitle", Text: "canarybody"})
	backup := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Forget(ctx, priya, at(t, "2026-11-23 12:00"), say); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.Path() + forgottenSuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	done, err := Restore(ctx, backup, s.Path(), settings(t), now)
	if err != nil || done.Forgot != 1 {
		t.Fatalf("%+v %v", done, err)
	}
	raw, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"canarytitle", "canarybody", priya} {
		if bytes.Contains(raw, []byte(words)) {
			t.Errorf("%s is in the restored book", words)
		}
	}
}
