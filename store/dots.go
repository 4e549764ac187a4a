package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Dots is what is known of final dots beyond the book: a small file beside it
// that is written right before a letter's final dot and right after the answer,
// and never synced. It outlives this process, however that ends, but not a power
// failure, so it counts only as long as the machine has not started anew.
//
// It makes the doubt after a crash small: a letter that the book knows as
// dot_sent and this file does not know was never sent, and one whose answer
// stands here was accepted. Without it, the old rule holds: in doubt.
type Dots struct {
	file *os.File
	boot string
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
	// One write of one line: appended whole, also by several goroutines.
	if _, err := d.file.Write(fmt.Appendf(nil, "%c %d %d\n", what, letter, attempt)); err != nil {
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
	if _, err := fmt.Fprintf(d.file, "boot %s\n", d.boot); err != nil {
		return fmt.Errorf("dots of the book: %w", diskFault(err))
	}
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
	if d.boot == "" || !lines.Scan() || lines.Text() != "boot "+d.boot {
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
