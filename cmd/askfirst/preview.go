package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"askfirst/mailbox"
	"askfirst/store"
)

func previewCommand(app *app) *cobra.Command {
	var email, date string
	var at instantFlag
	var html, text, eml bool
	command := &cobra.Command{
		Use: "preview", Short: "The digest as it would be sent; marks nothing as sent", Args: cobra.NoArgs,
		Long:    "The next digest as it would be sent to a member (by default the first on the\nstaff list). It marks nothing as sent.",
		Example: "  askfirst preview --for priya@carpenter.example\n  askfirst preview --date 2026-11-23 --html > digest.html",
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := editionDay(date)
			if err != nil {
				return err
			}
			return app.onBook(cmd, app.err, func(config *Config, book onlooker) error {
				now, err := app.instant(cmd.Context(), config, at)
				if err != nil {
					return err
				}
				if day.IsZero() {
					day = config.Calendar().EditionFor(now)
				}
				letter, err := previewLetter(cmd, config, book.Book, email, day, now)
				if err != nil || letter == nil {
					if err == nil {
						fmt.Fprintln(app.err, "nothing new to tell: no digest would be sent")
					}
					return err
				}
				switch {
				case html:
					fmt.Fprintln(app.out, letter.HTML)
				case eml:
					raw, err := mailbox.Render(*letter, mailbox.Stamp{Exchange: config.StoreExchange(), MessageID: "<preview@askfirst>", Date: now, Location: config.Exchange.Location, BookID: book.ID()})
					if err != nil {
						return err
					}
					_, err = app.raw.Write(raw)
					return err
				default:
					fmt.Fprintf(app.out, "To: %s\nSubject: %s\n\n%s\n", letter.To.Email, letter.Subject, letter.Text)
				}
				return nil
			})
		},
	}
	flags := command.Flags()
	flags.StringVar(&email, "for", "", "the digest of the member with this `EMAIL`")
	flags.StringVar(&date, "date", "", "the `DATE` of the edition (2026-11-23; default: the next one)")
	atFlag(command, &at)
	flags.BoolVar(&html, "html", false, "the HTML part")
	flags.BoolVar(&text, "text", false, "the text part (default)")
	flags.BoolVar(&eml, "eml", false, "the whole mail")
	command.MarkFlagsMutuallyExclusive("html", "text", "eml")
	return command
}

// editionDay is what --date says; zero: nothing.
func editionDay(date string) (store.Date, error) {
	if date == "" {
		return store.Date{}, nil
	}
	day, err := store.ParseDate(date)
	if err != nil {
		return day, misused{err}
	}
	return day, nil
}

func previewLetter(cmd *cobra.Command, config *Config, book *store.Book, email string, day store.Date, now time.Time) (*store.Letter, error) {
	voice, err := newVoice(config)
	if err != nil {
		return nil, err
	}
	if email == "" {
		if email, err = book.FirstMember(cmd.Context()); err != nil {
			return nil, err
		}
	}
	edition, outcome, err := book.PreviewEdition(cmd.Context(), strings.ToLower(email), day, now)
	if err != nil {
		return nil, outside{err}
	}
	if edition == nil {
		return nil, nil
	}
	letter, err := voice.Digest(*edition, outcome)
	if err != nil {
		return nil, err
	}
	letter.Kind, letter.To = store.KindDigest, edition.Member.Recipient()
	return &letter, nil
}
