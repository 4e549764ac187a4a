package main

import (
	"context"
	"errors"
	"time"

	"askfirst/mailbox"
)

// searcher finds the trial's mails by a word in their subject, in the inbox or
// in the folder to which a daemon has moved them, and removes them there.
type searcher struct {
	config mailbox.InboxConfig
	open   map[string]*mailbox.Inbox
	absent map[string]time.Time // folders that could not be opened, and when
}

func newSearcher(config mailbox.InboxConfig) *searcher {
	return &searcher{config: config, open: map[string]*mailbox.Inbox{}, absent: map[string]time.Time{}}
}

func (s *searcher) close() {
	for _, in := range s.open {
		_ = in.Close() // nothing is under way
	}
}

// errNotArrived says that a mail did not arrive in time.
var errNotArrived = errors.New("it did not arrive")

// How often it is looked, and how soon a folder that was not there is looked for
// again.
const (
	lookAgain   = 500 * time.Millisecond
	folderAgain = 3 * time.Second
)

// await waits for a mail, removes it and returns its bytes.
func (s *searcher) await(ctx context.Context, word string, patience time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		raw, err := s.look(ctx, word, folderDone)
		switch {
		case raw != nil:
			return raw, nil
		case ctx.Err() != nil:
			return nil, errNotArrived
		case err != nil:
			return nil, err
		}
		sleep(ctx, lookAgain)
	}
}

// look looks once, in the inbox and in other folders.
func (s *searcher) look(ctx context.Context, word string, folders ...string) ([]byte, error) {
	for _, folder := range append([]string{s.config.Folder}, folders...) {
		raw, err := s.lookInto(ctx, folder, word)
		if raw != nil || err != nil {
			return raw, err
		}
	}
	return nil, nil
}

func (s *searcher) lookInto(ctx context.Context, folder, word string) ([]byte, error) {
	in := s.open[folder]
	if in == nil {
		if time.Since(s.absent[folder]) < folderAgain {
			return nil, nil
		}
		config := s.config
		config.Folder = folder
		var err error
		if in, err = mailbox.Open(ctx, config); err != nil {
			s.absent[folder] = time.Now()
			if folder != s.config.Folder && errors.Is(err, mailbox.ErrRefused) {
				return nil, nil // there is no such folder yet
			}
			return nil, err
		}
		s.open[folder] = in
	}
	raw, err := found(ctx, in, word)
	if err != nil { // another connection may do better
		_ = in.Close()
		delete(s.open, folder)
	}
	return raw, err
}

// found is the newest mail with the word; all of them are removed.
func found(ctx context.Context, in *mailbox.Inbox, word string) ([]byte, error) {
	uids, err := in.Sought(ctx, word)
	if err != nil || len(uids) == 0 {
		return nil, err
	}
	mails, err := in.Fetch(ctx, uids[len(uids)-1:])
	if err != nil || len(mails) == 0 {
		return nil, err
	}
	_, _ = in.Erase(ctx, uids) // it has arrived, which is what counts; a daemon may have been faster, or the server cannot
	return mails[0].Raw, nil
}
