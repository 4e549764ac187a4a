package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"askfirst/store"
)

func exportCommand(app *app) *cobra.Command {
	var at instantFlag
	var person string
	command := &cobra.Command{
		Use: "export", Short: "Everything in the book as lines of JSON, or one person's part", Args: cobra.NoArgs,
		Long:    "Writes everything in the book, a line of JSON a row, to standard output:\ntable, row and its columns by name. Times are RFC 3339; what letters said is\ntext; mail as it came is base64. Secrets stay in the book, and so does who asked\nan anonymous ask. With --for it is what the book has of one person, for that\nperson: other people's rows are left out. The daemon may go on working.",
		Example: "  askfirst export > book.jsonl\n  askfirst export --for mark@carpenter.example",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.onBook(cmd, nil, func(config *Config, book onlooker) error {
				now, err := app.instant(cmd.Context(), config, at)
				if err != nil {
					return err
				}
				var member int64
				if person != "" {
					address, err := parseAddress(person)
					if err != nil {
						return misused{fmt.Errorf("--for: %q %w", person, err)}
					}
					if member, err = book.MemberNumber(cmd.Context(), address, now); err != nil {
						return outside{err}
					}
				}
				return app.exported(cmd.Context(), book, member)
			})
		},
	}
	command.Flags().StringVar(&person, "for", "", "only what the book has of the person with this `EMAIL`")
	atFlag(command, &at)
	return command
}

// exported writes the rows of a book, or those of one member.
func (a *app) exported(ctx context.Context, book onlooker, member int64) error {
	out := bufio.NewWriter(a.out)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	err := book.Export(ctx, member, func(r store.Row) error { return lines.Encode(r) })
	if err := errors.Join(err, out.Flush()); err != nil {
		return outside{err}
	}
	return nil
}
