package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"askfirst/store"
)

func backupCommand(app *app) *cobra.Command {
	var at instantFlag // a copy does not depend on it
	command := &cobra.Command{
		Use: "backup FILE", Short: "Write a copy of the book, while the daemon works", Args: cobra.ExactArgs(1),
		Long: "Writes a whole and consistent copy of the book to FILE, while the daemon may go\non working. It never overwrites. The copy holds what people wrote: keep it as you\nkeep the mailbox.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.onBook(cmd, nil, func(_ *Config, book onlooker) error {
				if err := book.Backup(cmd.Context(), args[0]); err != nil {
					return outside{err}
				}
				fmt.Fprintf(app.out, "%s is a copy of the book, checked page by page.\n", args[0])
				return nil
			})
		},
	}
	atFlag(command, &at)
	return command
}

func restoreCommand(app *app) *cobra.Command {
	var at instantFlag
	command := &cobra.Command{
		Use: "restore FILE", Short: "Put a backup in the place of the book; the daemon must be stopped", Args: cobra.ExactArgs(1),
		Long: "Puts a backup in the place of the book. The daemon must be stopped. The book\nthat was there is kept beside it. Nothing is sent until `askfirst outbox release`:\nwhat waited when the backup was made has most likely been sent since.",
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := app.load()
			if err != nil {
				return err
			}
			now, err := app.instant(cmd.Context(), config, at)
			if err != nil { // the book may be what is broken
				now = time.Now()
			}
			lock, err := store.Acquire(config.Book, now)
			if err != nil {
				return outsideUnlessLocked(err)
			}
			done, err := store.Restore(cmd.Context(), args[0], config.Book, bookSettings(config), now)
			err = errors.Join(err, lock.Release())
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return outside{fmt.Errorf("%s cannot be restored; the book is as it was: %w", args[0], fileError(err))}
			case errors.Is(err, store.ErrBroken), errors.Is(err, store.ErrForeign), errors.Is(err, store.ErrNewer), errors.Is(err, store.ErrNoBook):
				return outside{fmt.Errorf("%s cannot be restored; the book is as it was: %w", args[0], err)}
			case err != nil:
				return outside{err}
			}
			fmt.Fprintf(app.out, "The book is that of the backup. New asks begin %d numbers later than they would have, since people may have seen the numbers between.\n", store.RestoredGap)
			if done.Forgot > 0 {
				fmt.Fprintf(app.out, "%d people who were forgotten since it was made are forgotten in it, too.\n", done.Forgot)
			}
			if done.Aside != "" {
				fmt.Fprintf(app.out, "The book that was there is kept as %s.\n", done.Aside)
			}
			fmt.Fprintf(app.out, "Nothing is sent until you say: askfirst outbox release. %s\n", heldWords(done.Held))
			fmt.Fprintf(app.out, "Mail that came after the backup lies in the folder %s on the server; move it back into the inbox and it is read again.\n", folderDone)
			return nil
		},
	}
	atFlag(command, &at)
	return command
}

func heldWords(n int) string {
	switch n {
	case 0:
		return "No letter waited when the backup was made."
	case 1:
		return "One letter waited when the backup was made: askfirst outbox list."
	}
	return fmt.Sprintf("%d letters waited when the backup was made: askfirst outbox list.", n)
}

// outsideUnlessLocked keeps the exit code of a book that another daemon holds.
func outsideUnlessLocked(err error) error {
	if errors.Is(err, store.ErrLocked) {
		return err
	}
	return outside{err}
}
