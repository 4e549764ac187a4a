package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"askfirst/store"
)

func outboxCommand(app *app) *cobra.Command {
	command := &cobra.Command{
		Use: "outbox", Short: "Letters that have not left, and what to do with them", Args: known,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	command.AddCommand(outboxList(app), outboxRetry(app), outboxHold(app), outboxRelease(app))
	return command
}

// outboxRow is one line of `outbox list --json`.
type outboxRow struct {
	Letter    int64     `json:"letter"`
	Key       string    `json:"key"`
	Kind      string    `json:"kind"`
	To        string    `json:"to"`
	State     string    `json:"state"`
	Attempts  int       `json:"attempts"`
	Queued    time.Time `json:"queued"`
	NextAt    time.Time `json:"next_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Code      int       `json:"code"`
	Enhanced  string    `json:"enhanced"`
	Error     string    `json:"error"`
}

// mostListed is how many letters are printed.
const mostListed = 100_000

func outboxList(app *app) *cobra.Command {
	var states []string
	var asJSON bool
	var at instantFlag
	command := &cobra.Command{
		Use: "list", Short: "Letters that were not sent", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, s := range states {
				if !slices.Contains(letterStates(), s) {
					return misused{fmt.Errorf("%q is no state of a letter; they are %s", s, strings.Join(letterStates(), ", "))}
				}
			}
			return app.onBook(cmd, app.err, func(_ *Config, book onlooker) error {
				list, err := book.Outbox(cmd.Context(), states, mostListed)
				if err != nil {
					return err
				}
				if asJSON {
					return outboxJSON(app, list)
				}
				rest, err := book.Held(cmd.Context())
				if err != nil {
					return err
				}
				return outboxTable(app, list, rest)
			})
		},
	}
	command.Flags().StringSliceVar(&states, "state", nil, "only letters in these `STATES`, separated by commas")
	command.Flags().BoolVar(&asJSON, "json", false, "one JSON object a letter, a line each")
	atFlag(command, &at)
	return command
}

func outboxJSON(app *app, list []store.Waiting) error {
	encoder := json.NewEncoder(app.out)
	for _, w := range list {
		row := outboxRow{w.Letter, w.Key, w.Kind, w.Address, w.State, w.Attempts, inUTC(w.At), inUTC(w.NextAt), inUTC(w.ExpiresAt), w.Code, w.Enhanced, w.Error}
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

func inUTC(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func outboxTable(app *app, list []store.Waiting, rest store.Rest) error {
	if !rest.Since.IsZero() {
		fmt.Fprintf(app.out, "Everything is held since %s: %s. It leaves with: askfirst outbox release\n", rest.Since.Format(time.RFC3339), printable(rest.Why))
	}
	if len(list) == 0 {
		fmt.Fprintln(app.out, "nothing waits")
		return nil
	}
	table := tabwriter.NewWriter(app.out, 0, 4, 2, ' ', 0)
	for _, w := range list {
		last := ""
		if w.Code != 0 || w.Error != "" {
			last = strings.TrimSpace(fmt.Sprintf("%d %s %s", w.Code, w.Enhanced, printable(w.Error)))
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%d attempts\t%s\n", w.Letter, w.State, w.Key, printable(w.Address), w.Attempts, last)
	}
	return table.Flush()
}

// byHand is a command on letters named by number or key.
func byHand(app *app, command *cobra.Command, do func(ctx context.Context, book *store.Book, refs []string, now time.Time) error) *cobra.Command {
	var at instantFlag
	command.RunE = func(cmd *cobra.Command, refs []string) error {
		config, book, err := app.writing(cmd)
		if err != nil {
			return err
		}
		defer book.Close()
		now, err := app.instant(cmd.Context(), config, at)
		if err != nil {
			return err
		}
		if err := do(cmd.Context(), book, refs, now); err != nil {
			return outside{err}
		}
		return nil
	}
	atFlag(command, &at)
	return command
}

func outboxRetry(app *app) *cobra.Command {
	return byHand(app, &cobra.Command{
		Use: "retry LETTER…", Short: "Send letters once more that failed, expired or are in doubt", Args: cobra.MinimumNArgs(1),
		Long: "Sends letters once more that failed, expired or are in doubt, named by number or\nkey as `askfirst outbox list` shows them. A letter in doubt may have arrived: it\nkeeps its Message-ID, by which most mail programs show it once.",
	}, func(ctx context.Context, book *store.Book, refs []string, now time.Time) error {
		moved, err := book.Again(ctx, refs, now)
		tellLetters(app, moved, err, "leaves with the next pass")
		return err
	})
}

func outboxHold(app *app) *cobra.Command {
	return byHand(app, &cobra.Command{
		Use: "hold [LETTER…]", Short: "Keep letters from leaving: those named, or all",
		Long: "Keeps letters from leaving. Without arguments nothing leaves, also nothing that is\nqueued later, until `askfirst outbox release`. Digests expire after twelve hours,\nother letters after five days.",
	}, func(ctx context.Context, book *store.Book, refs []string, now time.Time) error {
		if len(refs) == 0 {
			err := book.HoldAll(ctx, "an admin asked for it", now)
			if err == nil {
				fmt.Fprintln(app.out, "Nothing leaves until: askfirst outbox release")
			}
			return err
		}
		moved, err := book.Hold(ctx, refs, now)
		tellLetters(app, moved, err, "is held")
		return err
	})
}

func outboxRelease(app *app) *cobra.Command {
	return byHand(app, &cobra.Command{
		Use: "release [LETTER…]", Short: "Let held letters leave: those named, or all",
		Long: "Lets held letters leave. Digests that a restore held are not sent, since they\nmost likely were; `askfirst outbox retry` sends one after all.",
	}, func(ctx context.Context, book *store.Book, refs []string, now time.Time) error {
		if len(refs) > 0 {
			moved, err := book.ReleaseLetters(ctx, refs, now)
			tellLetters(app, moved, err, "leaves with the next pass")
			return err
		}
		released, doubtful, err := book.ReleaseAll(ctx, now)
		if err == nil {
			fmt.Fprintf(app.out, "The outbox is open: %d held letters leave with the next pass, %d digests stay unsent.\n", released, doubtful)
		}
		return err
	})
}

func tellLetters(app *app, keys []string, err error, what string) {
	if err != nil {
		return
	}
	for _, key := range keys {
		fmt.Fprintf(app.out, "%s %s\n", key, what)
	}
}
