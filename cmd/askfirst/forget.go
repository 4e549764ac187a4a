package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"askfirst/store"
)

func forgetCommand(app *app) *cobra.Command {
	var at instantFlag
	var comesBack bool
	command := &cobra.Command{
		Use: "forget EMAIL", Short: "Erase a person's words, name and addresses; this cannot be taken back", Args: cobra.ExactArgs(1),
		Long:    "Erases what somebody asked, offered and was thanked for, the mails, the name and\nthe addresses, from the book, from what letters said and, with the next pass,\nfrom the mail server. That there was an ask or an offer stays as a number. The\nperson is told. Whoever is forgotten is passed over while the staff list still\nhas them, also in a restored backup, until you say --return: then they begin\nanew. The daemon may go on working.",
		Example: "  askfirst forget mark@carpenter.example\n  askfirst forget --return mark@carpenter.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			address, err := parseAddress(args[0])
			if err != nil {
				return misused{fmt.Errorf("%q %w", args[0], err)}
			}
			config, book, err := app.writing(cmd)
			if err != nil {
				return err
			}
			defer book.Close()
			if comesBack {
				return returns(app.out, cmd, book, address)
			}
			voice, err := newVoice(config)
			if err != nil {
				return err
			}
			now, err := app.instant(ctx, config, at)
			if err != nil {
				return err
			}
			d := &daemon{config: config, book: book, voice: voice}
			done, err := book.Forget(ctx, address, now, d.say)
			if err != nil {
				return outside{err}
			}
			fmt.Fprintf(app.out, "Forgotten: %d asks, %d offers and %d thanks have no words any more; %d mails and %d letters have no name.\n", done.Asks, done.Offers, done.Thanks, done.Mails, done.Letters)
			if err := d.sweepForgotten(app.out, cmd, now); err != nil {
				return outside{err}
			}
			leftovers(app.out, config)
			return nil
		},
	}
	command.Flags().BoolVar(&comesBack, "return", false, "let a person who was forgotten be on the staff list again, as somebody new")
	atFlag(command, &at)
	return command
}

// returns lets somebody come back.
func returns(out io.Writer, cmd *cobra.Command, book *store.Book, address string) error {
	known, err := book.Return(cmd.Context(), address)
	if err != nil {
		return outside{err}
	}
	if !known {
		return outside{errors.New("nobody with this address was forgotten")}
	}
	fmt.Fprintln(out, "If the staff list has this person, they are a colleague again from the next reload or start on, and begin anew.")
	return nil
}

// leftovers names the copies that still hold everything.
func leftovers(out io.Writer, config *Config) {
	copies, _ := filepath.Glob(config.Book + ".before-*") // the pattern is well formed
	for _, path := range copies {
		fmt.Fprintf(out, "This copy still holds everything; remove it when you can: %s\n", path)
	}
	fmt.Fprintln(out, "Backups that you made hold everything, too; one that is restored forgets again. Take the person off the staff list now.")
}
