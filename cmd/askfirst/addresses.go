package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func addressesCommand(app *app) *cobra.Command {
	command := &cobra.Command{
		Use: "addresses", Short: "Further addresses of colleagues, which they have confirmed", Args: known,
		Long: "Further addresses that colleagues wrote from and have said to be theirs. Mail from\nthem counts as those colleagues'. Aliases in the staff list are not shown: the\nlist has them, and wins over these.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.onBook(cmd, app.out, func(_ *Config, book onlooker) error {
				list, err := book.LearntAddresses(cmd.Context())
				if err != nil {
					return err
				}
				if len(list) == 0 {
					fmt.Fprintln(app.out, "no further addresses")
				}
				table := tabwriter.NewWriter(app.out, 0, 4, 2, ' ', 0)
				for _, l := range list {
					fmt.Fprintf(table, "%s\t%s\t%s\tsince %s\n", printable(l.Address), printable(l.Member.Name), printable(l.Member.Email), l.At.Format(time.DateOnly))
				}
				return table.Flush()
			})
		},
	}
	command.AddCommand(&cobra.Command{
		Use: "forget ADDRESS", Short: "Make such an address a stranger's again", Args: cobra.ExactArgs(1),
		Example: "  askfirst addresses forget priya@home.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			_, book, err := app.writing(cmd)
			if err != nil {
				return err
			}
			defer book.Close()
			if err := book.ForgetAddress(cmd.Context(), args[0]); err != nil {
				return outside{fmt.Errorf("%s: %w", args[0], err)}
			}
			fmt.Fprintf(app.out, "%s is a stranger's address again.\n", printable(args[0]))
			return nil
		},
	})
	return command
}
