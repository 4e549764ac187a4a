package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

// ErrExists says that a backup would overwrite a file.
var ErrExists = errors.New("the file exists already; a backup never overwrites")

// Backup writes a whole and consistent copy of the book to a new file, while the
// daemon may go on working. The file appears under its name only when it is
// complete and durable.
func (b *Book) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	unfinished := path + ".unfinished"
	if err := b.backup(ctx, unfinished); err != nil {
		return errors.Join(err, removed(unfinished))
	}
	if err := sound(ctx, unfinished); err != nil {
		return errors.Join(err, removed(unfinished))
	}
	// A link, unlike a rename, fails if somebody made the file meanwhile.
	if err := os.Link(unfinished, path); err != nil {
		return errors.Join(fmt.Errorf("backup: %w", err), removed(unfinished))
	}
	return errors.Join(removed(unfinished), syncFolder(filepath.Dir(path)))
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// sound checks every page of the book at path, and that it is one.
func sound(ctx context.Context, path string) error {
	db, err := sqlx.Open("sqlite", fileName(path)+"?_pragma=query_only(1)")
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrBroken, path, err)
	}
	defer db.Close()
	var result string
	err = db.GetContext(ctx, &result, "PRAGMA integrity_check(1)")
	var said *sqlite.Error
	if errors.As(err, &said) && said.Code()&0xff == codeNotDB {
		return fmt.Errorf("%w: it is no database", ErrForeign)
	}
	if err != nil || result != "ok" {
		return fmt.Errorf("%w: %s: %s%s", ErrBroken, path, result, errText(err))
	}
	// An empty file is a sound database, and would be the end of the exchange.
	var rows int
	if err := db.GetContext(ctx, &rows, `SELECT count(*) FROM book WHERE name IN ('id', 'secret', 'created', 'newest')`); err != nil || rows != 4 {
		return fmt.Errorf("%w: it holds none", ErrForeign)
	}
	return nil
}

// restoringSuffix names the copy that a restore prepares. Where it is left over,
// a restore was interrupted, and nobody knows which book is the right one.
const restoringSuffix = ".restoring"

// ErrRestoring says that a restore was interrupted.
var ErrRestoring = errors.New("a restore was interrupted")

// interrupted refuses a book whose restore did not come to its end.
func interrupted(path string) error {
	if _, err := os.Lstat(path + restoringSuffix); err != nil {
		return nil
	}
	return fmt.Errorf("%w: %s lies beside the book; run askfirst restore again, or remove that file to go on with the book as it is", ErrRestoring, path+restoringSuffix)
}

// RestoredGap is how many ask numbers a restored book leaves out: those that
// people have seen after the backup was made must never mean another ask.
const RestoredGap = 100

// Restored is what a restore came to.
type Restored struct {
	Held   int    // letters that waited when the backup was made
	Forgot int    // members who were forgotten since, and are forgotten again
	Aside  string // where the book that was there before lies now; "": there was none
}

// Restore puts the backup in the place of the book at path. Only the holder of
// the Lock may call it. The book that was there is kept beside it. Nothing
// leaves the restored book until ReleaseAll: what waited when the backup was
// made has most likely been sent since.
func Restore(ctx context.Context, backup, path string, settings Settings, now time.Time) (done Restored, err error) {
	copied := path + restoringSuffix
	if err := removeBook(copied); err != nil {
		return done, err
	}
	// A copy of the files that somebody made by hand has a log: without it the
	// book would lose what was done last, and nobody would hear of it.
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(backup+suffix, copied+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return done, errors.Join(err, removeBook(copied))
		}
	}
	rememberForgotten(ctx, path, settings)
	if err := sound(ctx, copied); err != nil {
		return done, errors.Join(err, removeBook(copied))
	}
	if done.Held, done.Forgot, err = settleRestored(ctx, copied, path, settings, now); err != nil {
		return done, errors.Join(err, removeBook(copied))
	}
	if done.Aside, err = keepAside(ctx, path, settings, now); err != nil {
		return done, errors.Join(err, removeBook(copied))
	}
	// Dots name letters of the book that was there, and so does a log of it, which
	// the engine would take for the new one's.
	for _, suffix := range append(sidecars(), ".dots") {
		if err := removed(path + suffix); err != nil {
			return done, err
		}
	}
	if err := os.Rename(copied, path); err != nil {
		return done, fmt.Errorf("the book: %w", err)
	}
	return done, errors.Join(removeBook(copied), syncFolder(filepath.Dir(path)))
}

// rememberForgotten has a book that is about to be replaced write down who was
// forgotten, if it can still be read; mostly it has done so long ago.
func rememberForgotten(ctx context.Context, path string, settings Settings) {
	if b, err := OpenExisting(ctx, path, settings); err == nil {
		_ = b.KeepForgotten(ctx) // a damaged one is why we restore
		_ = b.Close()
	}
}

// keepAside gives the book that is there a second name, with its log.
func keepAside(ctx context.Context, path string, settings Settings, now time.Time) (string, error) {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return "", nil
	}
	// A sound book has its log written into it; one that is damaged is kept as it
	// is, since the engine may throw away the log of what it cannot read.
	if examine(ctx, path, true) == nil {
		if b, err := open(ctx, path, settings); err == nil {
			_, _ = b.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
			_ = b.Close()
		}
	}
	aside := fmt.Sprintf("%s.before-restore-%s", path, now.UTC().Format("20060102T150405Z"))
	for _, suffix := range append(sidecars(), "") {
		err := os.Link(path+suffix, aside+suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("the book: %w", err)
		}
	}
	return aside, syncFolder(filepath.Dir(path))
}

// settleRestored makes a copy of a backup fit to go on from: it holds what
// waits, begins editions anew, leaves a gap in the numbers, and forgets again
// whoever was forgotten since it was made.
func settleRestored(ctx context.Context, path, place string, settings Settings, now time.Time) (held, forgot int, err error) {
	forgotten, err := readForgotten(place)
	if err != nil {
		return 0, 0, err
	}
	b, err := Open(ctx, path, settings, now) // an older one is brought to the schema first
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	err = b.transact(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'held', changed_at = ? WHERE state IN ('queued', 'retry', 'sending', 'dot_sent')`), millis(now))
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		held = int(n)
		for _, query := range []string{
			`UPDATE sqlite_sequence SET seq = seq + ` + strconv.Itoa(RestoredGap) + ` WHERE name = 'ask'`,
			`INSERT INTO sqlite_sequence (name, seq) SELECT 'ask', ` + strconv.Itoa(RestoredGap) + ` WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'ask')`,
			`DELETE FROM book WHERE name = '` + keptName + `'`, // the settings of then are not those of now
		} {
			if _, err := tx.ExecContext(ctx, query); err != nil {
				return fmt.Errorf("the book: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO book (name, value) VALUES ('restored', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
			strconv.FormatInt(millis(now), 10)); err != nil {
			return fmt.Errorf("the book: %w", err)
		}
		return holdAll(ctx, tx, "a backup was restored", now)
	})
	if err == nil {
		forgot, err = b.forgetAgain(ctx, forgotten, now)
	}
	if err == nil && forgot > 0 {
		_, err = b.SweepForgotten(ctx, now, time.Minute)
	}
	if err != nil {
		return 0, 0, err
	}
	// One file, without a log beside it, is what takes the book's place.
	if _, err := b.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return 0, 0, fmt.Errorf("the book: %w", err)
	}
	return held, forgot, nil
}

// sidecars are the files that belong to a book besides its own.
func sidecars() []string { return []string{"-wal", "-shm"} }

// removeBook removes a book, and the copies that were made of it before it was
// brought to a newer schema: they hold everything, and nobody looks for them.
func removeBook(path string) error {
	for n := range newestSchema() {
		if err := removed(beforeMigration(path, n+1)); err != nil {
			return err
		}
	}
	for _, suffix := range append(sidecars(), "") {
		if err := removed(path + suffix); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a backup. What settles the copy syncs it.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer source.Close()
	if info, err := source.Stat(); err == nil && info.IsDir() {
		return fmt.Errorf("%w: it is a folder", ErrForeign)
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("the book: %w", err)
	}
	if _, err := io.Copy(target, source); err != nil {
		return errors.Join(fmt.Errorf("the book: %w", err), target.Close())
	}
	return target.Close()
}
