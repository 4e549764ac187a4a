package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"askfirst/store"
)

// The last good settings, kept in the book. A daemon that is started while its
// file cannot be used goes on with them: whoever saves a file by halves must not
// silence a school because the machine started anew that moment. Its log, its
// status and a letter to the admin say so, it looks at the file again and again,
// and only `run` does it: every other command, and a daemon whose book is not to
// be found, ends with 78.

// whereSettings is the step that fails while the kept settings are in force.
const whereSettings = "settings"

const (
	// keptPause is how often the file is looked at while it cannot be used.
	keptPause = 10 * time.Second
	// keptLife is how long a book may have rested. One that nobody has used for
	// longer may have been left for another, which a broken file cannot tell.
	keptLife = 7 * 24 * time.Hour
)

// loadOrKept are the settings to start with. why is nil, or says why they are
// the kept ones and not those of the file.
func (a *app) loadOrKept(ctx context.Context, now time.Time) (config *Config, why error, err error) {
	config, err = a.load()
	if err == nil {
		return a.unlessTooMany(ctx, config)
	}
	path, found := findConfig(a.configPath)
	if found != nil {
		return nil, nil, err
	}
	raw, unread := readBounded(path, maxConfigSize)
	if unread != nil {
		return nil, nil, err // perhaps another file was meant
	}
	for _, book := range booksOf(path, raw, a.environ) {
		kept, lookErr := a.kept(ctx, path, book, now)
		switch {
		case errors.Is(lookErr, store.ErrNoBook):
			continue
		case lookErr != nil || kept == nil:
			return nil, nil, err
		}
		return kept, err, nil
	}
	return nil, nil, err
}

// unlessTooMany gives the kept settings where those of the file would drop more
// of the staff than a reload may: a list that was cut off between two lines is
// valid.
func (a *app) unlessTooMany(ctx context.Context, config *Config) (*Config, error, error) {
	book, err := look(ctx, config)
	if err != nil {
		return config, nil, nil // there is none, or who opens it to write says what is wrong
	}
	why := tooMany(ctx, book.Book, config)
	if err := book.Close(); err != nil || !errors.Is(why, errTooMany) {
		return config, nil, err
	}
	kept, err := a.kept(ctx, config.Path, config.Book, time.Time{})
	if err != nil || kept == nil {
		return config, nil, nil // nothing was kept: the file is all there is
	}
	return kept, why, nil
}

// kept are the settings that the book at a path keeps, if they are those of this
// file, of this book, and of late; nil: there are none such.
func (a *app) kept(ctx context.Context, path, book string, now time.Time) (*Config, error) {
	onlook, err := look(ctx, &Config{Book: book})
	if err != nil {
		return nil, err
	}
	defer onlook.Close()
	kept, known, err := onlook.KeptSettings(ctx)
	if err != nil || !known {
		return nil, err
	}
	newest, err := onlook.Newest(ctx)
	if err != nil || now.Sub(newest) > keptLife {
		return nil, err
	}
	absolute, err := filepath.Abs(path)
	if err != nil || absolute != kept.Path {
		return nil, err
	}
	staff := kept.Staff
	config, err := parseSettings(path, kept.Text, &staff, a.environ)
	if err != nil || filepath.Clean(config.Book) != filepath.Clean(book) {
		return nil, err
	}
	return config, nil
}

// booksOf are the places where the book of a file may be that cannot be used:
// where it says so as far as it can be read, else where a book is without that,
// and where a service manager keeps the state of its services.
func booksOf(path string, raw []byte, environ []string) []string {
	tree, _ := parseTree(path, raw)
	if tree == nil || tree.kind != mapKind {
		if tree, _ = parseTree(path, linesOfStore(raw)); tree == nil || tree.kind != mapKind {
			tree = &value{kind: mapKind}
		}
	}
	d := newDecoder(path, environ)
	options := d.options()
	d.overlay(tree, options)
	d.group("", tree, options)
	books := []string{d.c.Book, defaultConfig(path).Book}
	if folders, ok := lookup(environ, "STATE_DIRECTORY"); ok { // systemd.exec(5)
		for folder := range strings.SplitSeq(folders, ":") {
			if filepath.IsAbs(folder) {
				books = append(books, filepath.Join(folder, "askfirst.db"))
			}
		}
	}
	return slices.Compact(books)
}

// linesOfStore is what a file that is no YAML says of its book: the lines of the
// option alone.
func linesOfStore(raw []byte) []byte {
	return regexp.MustCompile(`(?m)^store:.*(\r?\n[ \t]+.*)*`).Find(bytes.TrimPrefix(fromUTF16(raw), []byte("\ufeff")))
}

// keep remembers the settings that are in force.
func (d *daemon) keep(ctx context.Context, now time.Time) error {
	path, err := filepath.Abs(d.config.Path)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return d.book.KeepSettings(ctx, store.Kept{Path: path, Text: d.config.text, Staff: d.config.staffText, At: now.UTC()})
}

// settled says how the settings came into force that the daemon starts with: why
// is nil, or why they are kept ones.
func (d *daemon) settled(ctx context.Context, why error, now time.Time) error {
	d.instead = why
	if why == nil {
		return errors.Join(d.keep(ctx, now), d.trouble(ctx, whereSettings, nil, now))
	}
	d.refuse(ctx, why, now)
	return d.trouble(ctx, whereSettings, firstProblem(why), now)
}

// stillKept notes, while kept settings are in force, that something else is wrong
// with the file now.
func (d *daemon) stillKept(ctx context.Context, why error, now time.Time) {
	if d.instead == nil {
		return
	}
	d.instead = why
	if err := d.trouble(ctx, whereSettings, firstProblem(why), now); err != nil {
		d.log.Error("reload", "outcome", reloadRefused, "err", err)
	}
}

// firstProblem is an error that fits on a line of status.
func firstProblem(err error) error {
	var problems Problems
	if errors.As(err, &problems) && len(problems) > 0 {
		text := problems[0].String()
		if len(problems) > 1 {
			text += fmt.Sprintf(" (and %d more: askfirst check)", len(problems)-1)
		}
		return errors.New(text)
	}
	return err
}
