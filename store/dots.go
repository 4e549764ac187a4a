package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
)

// Dots is what is known of final dots beyond the book: a small file beside it
// that is written right before a letter's final dot and right after the answer,
// and never synced. It outlives this process, however that ends, but not a power
// failure, so it counts only as long as the machine has not started anew.
//
// It makes the doubt after a crash small: a letter that the book knows as
// dot_sent and this file does not know was never sent, and one whose answer
// stands here was accepted. Without it, the old rule holds: in doubt.
//
// Each line also says how many commits of final dots the book had seen. A book
// that has seen fewer is an older one than that from which these letters left:
// it would send them again.
type Dots struct {
	file  *os.File
	boot  string
	count atomic.Int64
	torn  atomic.Bool // a write failed: the next line might stand on the half of that one
}

// Counts says how many commits of final dots the book has seen.
func (d *Dots) Counts(b *Book) { d.count.Store(b.dotted.Load()) }

// dotsName is the row of the book that counts them.
const dotsName = "dots"

// countDots counts one more.
func (b *Book) countDots(ctx context.Context, tx *sqlx.Tx) (count int64, err error) {
	err = b.fetch(ctx, tx, &count, `INSERT INTO book (name, value) VALUES (?, '1')
		ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(book.value AS INTEGER) + 1 AS TEXT) RETURNING CAST(value AS INTEGER)`, dotsName)
	if err != nil {
		return 0, fmt.Errorf("outbox: %w", err)
	}
	return count, nil
}

// outrun refuses a book that has seen fewer dots than were written.
func (d *Dots) outrun(ctx context.Context, b *Book) error {
	value, err := b.row(ctx, dotsName)
	if err != nil {
		return err
	}
	count, _ := strconv.ParseInt(value, 10, 64) // "" is none
	most, err := d.most()
	if err != nil {
		return err
	}
	if most > count {
		return fmt.Errorf("%w: %s has lost its log (%[2]s-wal), or an older copy was put in its place by hand; nothing was sent; put back what was there, or put a backup in its place with askfirst restore, after which nothing leaves before you say so", ErrOlder, b.path)
	}
	b.dotted.Store(count)
	d.Counts(b)
	return nil
}

// most is the greatest count in the file.
func (d *Dots) most() (most int64, err error) {
	raw, err := os.ReadFile(d.file.Name())
	if err != nil {
		return 0, fmt.Errorf("dots of the book: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) == 4 && strings.HasSuffix(line, "\n") { // the last line of a full disk has none
			if n, err := strconv.ParseInt(f[3], 10, 64); err == nil {
				most = max(most, n)
			}
		}
	}
	return most, nil
}

// mostDots is how large the file may grow before it is begun anew.
const mostDots = 64 << 10

// OpenDots opens the file of the book at path and keeps what it says for
// Recover.
func OpenDots(path string) (*Dots, error) {
	file, err := os.OpenFile(path+".dots", os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("dots of the book: %w", diskFault(err))
	}
	return &Dots{file: file, boot: bootID()}, nil
}

// bootID names the time since the machine was started; "" where nothing does.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if errors.Is(err, fs.ErrNotExist) || err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// Close closes the file.
func (d *Dots) Close() error { return d.file.Close() }

// Dotted records that the final dot of a letter's n-th attempt is about to be
// written. If it fails the dot must not be.
func (d *Dots) Dotted(letter int64, attempt int) error { return d.write('d', letter, attempt) }

// Answered records that the server accepted the letter.
func (d *Dots) Answered(letter int64, attempt int) error { return d.write('a', letter, attempt) }

func (d *Dots) write(what byte, letter int64, attempt int) error {
	if d.torn.Load() {
		return fmt.Errorf("dots of the book: an earlier line could not be written: %w", ErrFull)
	}
	// One write of one line: appended whole, also by several goroutines.
	if _, err := d.file.Write(fmt.Appendf(nil, "%c %d %d %d\n", what, letter, attempt, d.count.Load())); err != nil {
		d.torn.Store(true)
		return fmt.Errorf("dots of the book: %w", diskFault(err))
	}
	return nil
}

// Begin starts the file anew once it is large. No delivery may be under way.
func (d *Dots) Begin() error {
	info, err := d.file.Stat()
	if err != nil || info.Size() < mostDots {
		return err
	}
	return d.reset()
}

func (d *Dots) reset() error {
	if err := d.file.Truncate(0); err != nil {
		return fmt.Errorf("dots of the book: %w", diskFault(err))
	}
	if _, err := fmt.Fprintf(d.file, "boot %s 0 %d\n", d.boot, d.count.Load()); err != nil {
		d.torn.Store(true)
		return fmt.Errorf("dots of the book: %w", diskFault(err))
	}
	d.torn.Store(false)
	return nil
}

// seen is what the file says of an attempt.
type seen struct{ dotted, answered bool }

// attempt is one attempt at one letter.
type attempt struct {
	letter int64
	n      int
}

// read returns what the file says; nil when it does not count: another start of
// the machine, an unknown one, or no file before.
func (d *Dots) read() (map[attempt]seen, error) {
	raw, err := os.ReadFile(d.file.Name())
	if err != nil {
		return nil, fmt.Errorf("dots of the book: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	if d.boot == "" || !lines.Scan() || !strings.HasPrefix(lines.Text()+" ", "boot "+d.boot+" ") {
		return nil, nil
	}
	known := map[attempt]seen{}
	for lines.Scan() {
		var what rune
		var a attempt
		if n, err := fmt.Sscanf(lines.Text(), "%c %d %d", &what, &a.letter, &a.n); err != nil || n != 3 {
			continue // the last line of a full disk
		}
		s := known[a]
		s.dotted = true
		s.answered = s.answered || what == 'a'
		known[a] = s
	}
	return known, lines.Err()
}
