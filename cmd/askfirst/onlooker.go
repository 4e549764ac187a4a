package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"askfirst/store"
)

var errNoBookYet = errors.New("there is no book yet: it begins with the first `askfirst run` or `askfirst once`")

// onlooker is a book for a command that changes nothing.
type onlooker struct {
	*store.Book
	remove func() error // of the copy that it may be
}

// Close ends the look.
func (o onlooker) Close() error {
	err := o.Book.Close()
	if o.remove != nil {
		err = errors.Join(err, o.remove())
	}
	return err
}

// onBook does something with the book for a command that only looks. Where there
// is none yet it says so to said and that is all, or fails if said is nil.
func (a *app) onBook(cmd *cobra.Command, said io.Writer, do func(*Config, onlooker) error) error {
	config, book, err := a.reading(cmd)
	switch {
	case errors.Is(err, store.ErrNoBook) && said == nil:
		return outside{errNoBookYet}
	case errors.Is(err, store.ErrNoBook):
		fmt.Fprintln(said, errNoBookYet)
		return nil
	case err != nil:
		return err
	}
	defer book.Close()
	return do(config, book)
}

// reading opens the configuration and the book for a command that only looks.
func (a *app) reading(cmd *cobra.Command) (*Config, onlooker, error) {
	config, err := a.load()
	if err != nil {
		return nil, onlooker{}, err
	}
	book, err := look(cmd.Context(), config)
	return config, book, err
}

// look opens the book for a command that changes nothing. The engine wants to
// write beside a book even to read it, so where it may not, a copy is read.
func look(ctx context.Context, config *Config) (onlooker, error) {
	book, err := store.OpenExisting(ctx, config.Book, bookSettings(config))
	if !errors.Is(err, store.ErrNotWritable) {
		return onlooker{Book: book}, err
	}
	folder, copyErr := os.MkdirTemp("", "askfirst-look-")
	if copyErr != nil {
		return onlooker{}, errors.Join(err, copyErr)
	}
	remove := func() error { return os.RemoveAll(folder) }
	path := filepath.Join(folder, "copy.db")
	if copyErr := copyBook(config.Book, path); copyErr != nil {
		return onlooker{}, errors.Join(fmt.Errorf("the book %s: %w", config.Book, copyErr), remove())
	}
	if book, err = store.OpenExisting(ctx, path, bookSettings(config)); err != nil {
		return onlooker{}, errors.Join(err, remove())
	}
	return onlooker{book, remove}, nil
}

// copyAttempts is how often a copy is begun anew because the book was written
// meanwhile.
const copyAttempts = 5

var errMoving = errors.New("it is written all the time, so that no copy can be read; look as the user of the daemon")

// copyBook copies a book with its log of recent writes.
func copyBook(from, to string) error {
	for range copyAttempts {
		before := stamps(from)
		if err := errors.Join(copyFile(from, to), copyFile(from+"-wal", to+"-wal")); err != nil {
			return err
		}
		if before == stamps(from) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errMoving
}

// stamps tells whether book or log were written.
func stamps(path string) (s [2]struct {
	size int64
	at   time.Time
}) {
	for i, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(path + suffix); err == nil {
			s[i].size, s[i].at = info.Size(), info.ModTime()
		}
	}
	return s
}

// copyFile copies what exists.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fileError(err)
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
