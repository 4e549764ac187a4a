package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the embedded engine
)

//go:embed migrations/*.sql
var migrations embed.FS

// oldestSQLite is the oldest engine the book trusts: the one its tests ran on.
const oldestSQLite = "3.54.0"

// Errors that a caller tells apart.
var (
	ErrNoBook = errors.New("the book does not exist yet")
	ErrNewer  = errors.New("the book was written by a newer askfirst")
	ErrBroken = errors.New("the book is damaged")
)

// Settings are what the rules need to know from the configuration.
type Settings struct {
	Exchange Exchange
	Calendar Calendar
	Ladder   Ladder
	MaxSize  int64 // of a message, in bytes
	Keep     Keep
	// SealKeys are where the key of anonymous asks may lie: it is made at the
	// first of these places that can be written to.
	SealKeys []string
}

// Ladder is how an ask that nobody answered climbs, in working days.
type Ladder struct{ Waiting, Whisper, Widen, Connector, Ask, Expire int }

// Book is one exchange's memory: one file, one writer, some readers.
type Book struct {
	path     string
	settings Settings
	write    *sqlx.DB
	read     *sqlx.DB
	id       string
	secret   []byte
	created  time.Time

	statements statements
	deflater   deflater

	durable durability
	sealing sealing
	dotted  atomic.Int64 // how many commits of final dots the book has seen
	forgot  atomic.Bool  // something was erased that may still stand in the log

	group     sync.Mutex // guards waiting
	waiting   []*grouped
	leadGroup sync.Mutex // held by whoever commits for all
}

// Path is the file of the book.
func (b *Book) Path() string { return b.path }

// ID names the book in the loop header of its letters.
func (b *Book) ID() string { return b.id }

// Created is the instant of the book's first pass.
func (b *Book) Created() time.Time { return b.created }

// Open opens the book at path, creating it if it does not exist. It is for the
// one who holds the Lock, or for a short write beside the daemon.
func Open(ctx context.Context, path string, settings Settings, now time.Time) (*Book, error) {
	if err := interrupted(path); err != nil {
		return nil, err
	}
	fresh, err := prepareFile(path)
	if err != nil {
		return nil, err
	}
	if !fresh {
		if err := examine(ctx, path, true); err != nil {
			return nil, err
		}
	}
	b, err := open(ctx, path, settings)
	if err != nil {
		return nil, err
	}
	if err := b.start(ctx, fresh, now); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// OpenExisting opens a book without creating or migrating it; ErrNoBook if
// there is none.
func OpenExisting(ctx context.Context, path string, settings Settings) (*Book, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil, ErrNoBook
	}
	if err != nil {
		return nil, fmt.Errorf("the book: %w", err)
	}
	if err := examine(ctx, path, crashedAlone(path)); err != nil {
		return nil, err
	}
	b, err := open(ctx, path, settings)
	if err != nil {
		return nil, err
	}
	if err := b.known(ctx); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// prepareFile makes the file before the engine does, so that nobody else may
// read it, and makes its directory entry durable.
func prepareFile(path string) (fresh bool, err error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > 0 {
		return false, nil
	}
	if err := neverWas(path); err != nil || info != nil {
		return true, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, fmt.Errorf("the book cannot be created: %w", diskFault(err))
	}
	if err := file.Close(); err != nil {
		return false, err
	}
	return true, syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return notSynced(folder.Sync())
}

func open(ctx context.Context, path string, settings Settings) (*Book, error) {
	name := fileName(path)
	pragmas := "?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=cache_size(-16000)"
	write, err := sqlx.Open("sqlite", name+pragmas+"&_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint(0)&_pragma=secure_delete(1)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("the book: %w", err)
	}
	write.SetMaxOpenConns(1)
	read, err := sqlx.Open("sqlite", name+pragmas+"&_pragma=query_only(1)")
	if err != nil {
		write.Close()
		return nil, fmt.Errorf("the book: %w", err)
	}
	read.SetMaxOpenConns(3)
	b := &Book{path: path, settings: settings, write: write, read: read}
	if err := b.verify(ctx); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// fileName is the path as a URI, in which the engine takes parameters.
func fileName(path string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String()
}

// verify reads back what was asked of the engine: a misspelt pragma is ignored
// in silence, and a book that is not durable must not start.
func (b *Book) verify(ctx context.Context) error {
	for _, p := range []struct{ name, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"busy_timeout", "10000"}, {"wal_autocheckpoint", "0"}, {"secure_delete", "1"},
	} {
		var got string
		if err := b.write.GetContext(ctx, &got, "PRAGMA "+p.name); err != nil {
			return openFault(b.path, err)
		}
		if got != p.want {
			return fmt.Errorf("the book: %s is %s instead of %s", p.name, got, p.want)
		}
	}
	var version string
	if err := b.write.GetContext(ctx, &version, "SELECT sqlite_version()"); err != nil {
		return err
	}
	if olderVersion(version, oldestSQLite) {
		return fmt.Errorf("the book: SQLite %s is older than %s", version, oldestSQLite)
	}
	return nil
}

func olderVersion(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}

// Close ends all connections.
func (b *Book) Close() error {
	return errors.Join(b.closeStatements(), b.read.Close(), b.lastCheckpoint(), b.write.Close())
}

func (b *Book) start(ctx context.Context, fresh bool, now time.Time) error {
	if err := b.migrate(ctx, fresh); err != nil {
		return err
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	id := strings.ToLower(base32.StdEncoding.EncodeToString(secret[:5]))
	rand.Read(secret)
	rows := [][2]string{{"id", id}, {"secret", hex.EncodeToString(secret)},
		{"created", strconv.FormatInt(millis(now), 10)}, {"newest", strconv.FormatInt(millis(now), 10)}}
	err := b.transact(ctx, func(tx *sqlx.Tx) error {
		for _, row := range rows {
			if _, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO book (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`), row[0], row[1]); err != nil {
				return fmt.Errorf("the book: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.known(ctx)
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// known reads what the book knows of itself and refuses one that this program
// does not understand.
func (b *Book) known(ctx context.Context) error {
	provider, err := b.provider()
	if err != nil {
		return err
	}
	current, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return openFault(b.path, err)
	}
	if current > newest {
		return fmt.Errorf("%w: schema %d, this program knows %d; install the newer one, or restore a backup", ErrNewer, current, newest)
	}
	values := map[string]string{}
	rows := []struct{ Name, Value string }{}
	if err := b.write.SelectContext(ctx, &rows, `SELECT name, value FROM book`); err != nil {
		return openFault(b.path, err)
	}
	for _, r := range rows {
		values[r.Name] = r.Value
	}
	b.id = values["id"]
	if b.secret, err = hex.DecodeString(values["secret"]); err != nil || len(b.secret) == 0 {
		return fmt.Errorf("%w: %s has no secret", ErrBroken, b.path)
	}
	created, err := strconv.ParseInt(values["created"], 10, 64)
	if err != nil {
		return fmt.Errorf("%w: %s does not know when it was created", ErrBroken, b.path)
	}
	b.created = instant(created)
	// Editions of before a restore were sent, as far as anybody knows.
	if restored, err := strconv.ParseInt(values["restored"], 10, 64); err == nil && restored > created {
		b.created = instant(restored)
	}
	return nil
}

// Newest is the newest instant the book has seen.
func (b *Book) Newest(ctx context.Context) (time.Time, error) {
	var value string
	if err := b.read.GetContext(ctx, &value, `SELECT value FROM book WHERE name = 'newest'`); err != nil {
		return time.Time{}, fmt.Errorf("the book: %w", err)
	}
	ms, err := strconv.ParseInt(value, 10, 64)
	return instant(ms), err
}

// Note records that a pass happens at now; time going back changes nothing.
func (b *Book) Note(ctx context.Context, now time.Time) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(
			`UPDATE book SET value = ? WHERE name = 'newest' AND CAST(value AS INTEGER) < ?`),
			strconv.FormatInt(millis(now), 10), millis(now))
		return err
	})
}

// messageID is the Message-ID of the letter with that key: the same after a
// crash, a replay or a restored backup, and not to be guessed by others.
func (b *Book) messageID(key string) string {
	mac := hmac.New(sha256.New, b.secret)
	mac.Write([]byte(key))
	_, domain, _ := strings.Cut(b.settings.Exchange.Address, "@")
	return "<" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:20])) + "@" + domain + ">"
}

func millis(t time.Time) int64   { return t.UnixMilli() }
func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func nullInstant(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return instant(ms.Int64)
}

// clean makes a string fit for every engine: valid UTF-8 without NUL.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}
