package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

// A book is examined before anything may write to it, through a connection that
// cannot: what is refused stays, byte for byte, as it was found, with its log.
// Opened for writing, even a wrong file would be changed by the opening alone,
// and the log written into it by the closing.

// Why a book is refused besides ErrBroken and ErrNewer.
var (
	ErrForeign = errors.New("the file is not a book of askfirst")
	ErrOlder   = errors.New("the book is older than what was sent from it")
)

// keepAndRestore is what to do about a book that is refused.
const keepAndRestore = "nothing was changed; keep the file and those whose names begin with its name, and put a backup in its place with askfirst restore"

// examine refuses what is no book, is damaged, is of a newer program, or has
// another book's log. whole looks at every page; after an end that was none, it
// compares the indexes with their tables as well.
func examine(ctx context.Context, path string, whole bool) error {
	crashed := false
	if info, err := os.Stat(path + "-wal"); err == nil {
		crashed = info.Size() > 0
	}
	if !crashed { // else the power may have failed while the log was written into the book
		if err := wholePages(path); err != nil {
			return err
		}
	}
	db, err := sqlx.Open("sqlite", fileName(path)+"?mode=ro&_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	if err != nil {
		return fmt.Errorf("the book: %w", err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	check := "PRAGMA quick_check(1)"
	if crashed {
		check = "PRAGMA integrity_check(1)"
	}
	if whole {
		var result string
		if err := db.GetContext(ctx, &result, check); err != nil {
			return unreadable(ctx, path, err)
		} else if result != "ok" {
			return fmt.Errorf("%w: %s: %s; %s", ErrBroken, path, result, keepAndRestore)
		}
	}
	if err := familiar(ctx, db, path); err != nil || !crashed {
		return err
	}
	return ownLog(ctx, db, path)
}

// unreadable explains why a book cannot even be read. Where the engine may not
// write beside it, the opening that follows says so better.
func unreadable(ctx context.Context, path string, err error) error {
	var said *sqlite.Error
	if errors.As(err, &said) {
		switch said.Code() & 0xff {
		case codePermission, codeReadOnly, codeCannotOpen:
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return openFault(path, err)
}

// familiar refuses a file whose tables are not ours, or are those of a newer
// program. A book whose making was cut short has none yet, or few.
func familiar(ctx context.Context, db *sqlx.DB, path string) error {
	var tables []string
	if err := db.SelectContext(ctx, &tables, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`); err != nil {
		return unreadable(ctx, path, err)
	}
	has := map[string]bool{}
	for _, name := range tables {
		has[name] = true
	}
	switch {
	case has["goose_db_version"] && (has["book"] || len(tables) == 1):
	case len(tables) == 0:
		return nil
	default:
		return fmt.Errorf("%w: %s has the tables %s; %s", ErrForeign, path, strings.Join(tables[:min(len(tables), 5)], ", "), keepAndRestore)
	}
	var schema int64
	if err := db.GetContext(ctx, &schema, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied = 1`); err != nil {
		return unreadable(ctx, path, err)
	}
	if newest := newestSchema(); schema > newest {
		return fmt.Errorf("%w: %s has schema %d, this program knows %d; nothing was changed; install the newer program, or put a backup in its place with askfirst restore", ErrNewer, path, schema, newest)
	}
	if !has["book"] {
		return nil
	}
	var rows int
	if err := db.GetContext(ctx, &rows, `SELECT count(*) FROM book WHERE name IN ('id', 'secret', 'created', 'newest')`); err != nil {
		return unreadable(ctx, path, err)
	}
	if rows != 0 && rows != 4 { // they are written together
		return fmt.Errorf("%w: %s has lost its id, its secret or its age; %s", ErrBroken, path, keepAndRestore)
	}
	return nil
}

// wholePages refuses a file that ends within a page: the engine would take the
// rest for zeros. The page size stands at offset 16 (sqlite.org/fileformat2.html).
func wholePages(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return nil // the opening that follows says so better
	}
	defer file.Close()
	header := make([]byte, 18)
	info, err := file.Stat()
	if _, readErr := io.ReadFull(file, header); err != nil || readErr != nil {
		return nil // too short: the engine says so
	}
	if page := int64(binary.BigEndian.Uint16(header[16:])); page >= 512 && info.Size()%page != 0 {
		return fmt.Errorf("%w: %s ends within a page; %s", ErrBroken, path, keepAndRestore)
	}
	return nil
}

// newestSchema is the last migration that this program has.
func newestSchema() (newest int64) {
	files, _ := fs.Glob(migrations, "migrations/*.sql") // the pattern is good
	for _, name := range files {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		n, _ := strconv.ParseInt(number, 10, 64)
		newest = max(newest, n)
	}
	return newest
}

// ownLog refuses the log of another book: the engine takes whatever lies there
// under the right name, and the two would become one.
func ownLog(ctx context.Context, db *sqlx.DB, path string) error {
	const query = `SELECT value FROM book WHERE name = 'id'`
	bare, err := sqlx.Open("sqlite", fileName(path)+"?immutable=1&mode=ro")
	if err != nil {
		return fmt.Errorf("the book: %w", err)
	}
	defer bare.Close()
	var alone, together string
	if bare.GetContext(ctx, &alone, query) != nil || db.GetContext(ctx, &together, query) != nil {
		return nil // all of it may still stand in the log
	}
	if alone != together {
		return fmt.Errorf("%w: %s-wal is the log of another book; %s", ErrBroken, path, keepAndRestore)
	}
	return nil
}

// crashedAlone says whether a book was left with its log and nobody works with it.
func crashedAlone(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0 && !Held(path)
}

// neverWas refuses to begin a book anew where one has been: its log, or letters
// that left from it, say so. The engine would remove the log.
func neverWas(path string) error {
	info, err := os.Stat(path + "-wal")
	left := err == nil && info.Size() > 0
	if dots, err := os.Open(path + ".dots"); err == nil {
		most, err := (&Dots{file: dots}).most()
		_ = dots.Close() // it was read
		if err != nil {
			return err
		}
		left = left || most > 0
	}
	if !left {
		return nil
	}
	return fmt.Errorf("%w: %s is empty or gone, but %[2]s-wal or %[2]s.dots is left of it; put back what was there, or put a backup in its place with askfirst restore; to begin a new book, move those two away", ErrBroken, path)
}
