package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

func quarantineCommand(app *app) *cobra.Command {
	command := &cobra.Command{
		Use: "quarantine", Short: "Messages that were put aside", Args: known,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	command.AddCommand(quarantineList(app), quarantineShow(app),
		quarantineEnd(app, "release", "Decide a message again with the next pass", func(cmd *cobra.Command, book *store.Book, id int64, _ time.Time) error {
			return book.ReleaseQuarantined(cmd.Context(), id)
		}, "message %d will be decided again with the next pass.\n"),
		quarantineEnd(app, "drop", "Leave a message undecided for good", func(cmd *cobra.Command, book *store.Book, id int64, now time.Time) error {
			return book.DropQuarantined(cmd.Context(), id, now)
		}, "message %d will not be decided any more.\n"))
	return command
}

func quarantineList(app *app) *cobra.Command {
	var at instantFlag
	command := &cobra.Command{
		Use: "list", Short: "What was put aside, and why", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.onBook(cmd, app.out, func(_ *Config, book onlooker) error {
				list, err := book.Quarantined(cmd.Context())
				if err != nil {
					return err
				}
				if len(list) == 0 {
					fmt.Fprintln(app.out, "nothing is in quarantine")
					return nil
				}
				table := tabwriter.NewWriter(app.out, 0, 4, 2, ' ', 0)
				for _, m := range list {
					fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", m.Intake, clock(m.ReceivedAt), m.Reason, why(m.Reason))
				}
				return table.Flush()
			})
		},
	}
	atFlag(command, &at)
	return command
}

// quarantined opens the book and reads the number of a message.
func (a *app) quarantined(cmd *cobra.Command, arg string) (*Config, *store.Book, int64, error) {
	id, err := strconv.ParseInt(arg, 10, 64)
	if err != nil {
		return nil, nil, 0, misused{fmt.Errorf("%q is not the number of a message; see askfirst quarantine list", arg)}
	}
	config, book, err := a.writing(cmd)
	return config, book, id, err
}

// writing opens the configuration and the book for a short write beside the
// daemon.
func (a *app) writing(cmd *cobra.Command) (*Config, *store.Book, error) {
	config, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	book, err := store.OpenExisting(cmd.Context(), config.Book, bookSettings(config))
	if errors.Is(err, store.ErrNoBook) {
		err = outside{errNoBookYet}
	}
	return config, book, err
}

func quarantineShow(app *app) *cobra.Command {
	var at instantFlag
	var raw bool
	command := &cobra.Command{
		Use: "show N", Short: "A message that was put aside", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, book, id, err := app.quarantined(cmd, args[0])
			if err != nil {
				return err
			}
			defer book.Close()
			in, err := book.QuarantinedMessage(cmd.Context(), id)
			if err != nil {
				return outside{err}
			}
			if raw {
				_, err = app.raw.Write(in.Raw)
				return err
			}
			fmt.Fprintf(app.out, "message %d, %d bytes, %d attempts: %s\n", in.ID, in.Size, in.Attempts, in.Reason)
			if app.probe != nil && app.probe(cmd.Context(), in.Raw) != nil {
				fmt.Fprintln(app.out, "It still ends whoever reads it; --raw prints its bytes.")
				return nil
			}
			message := parse.Read(in.Raw, limits(config))
			for _, a := range message.From {
				fmt.Fprintf(app.out, "From: %s\n", printable(a.Email))
			}
			if mailbox.WantsNoName(message, config.Exchange.Address) {
				fmt.Fprintln(app.out, "It asks for help without a name, so its words are not shown beside it; --raw prints its bytes.")
				return nil
			}
			fmt.Fprintf(app.out, "Subject: %s\n\n%s\n", printable(message.Subject), printableLines(message.Text()))
			return nil
		},
	}
	command.Flags().BoolVar(&raw, "raw", false, "the bytes as they came")
	atFlag(command, &at)
	return command
}

func quarantineEnd(app *app, verb, short string, do func(*cobra.Command, *store.Book, int64, time.Time) error, said string) *cobra.Command {
	var at instantFlag
	command := &cobra.Command{
		Use: verb + " N", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, book, id, err := app.quarantined(cmd, args[0])
			if err != nil {
				return err
			}
			defer book.Close()
			now, err := app.instant(cmd.Context(), config, at)
			if err != nil {
				return err
			}
			if err := do(cmd, book, id, now); err != nil {
				return outside{err}
			}
			fmt.Fprintf(app.out, said, id)
			return nil
		},
	}
	atFlag(command, &at)
	return command
}

// printableLines is printable for a text of several lines.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}
