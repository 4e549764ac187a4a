package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"askfirst/store"
)

func checkCommand(a *app) *cobra.Command {
	var offline, sendTest bool
	command := &cobra.Command{
		Use:   "check",
		Short: "Try everything that can be wrong before it bites",
		Long: "Reads the configuration and the passwords, opens the book, logs in to both servers\n" +
			"and says of each failure what caused it and what to do. Sends nothing, changes nothing,\n" +
			"except with --send-test: then mails to ourselves show what the servers do to them,\n" +
			"and what was found out is remembered in the book.\n" +
			"Exit 78: the configuration or a password is unusable; exit 1: a server or this machine.",
		Example: "  askfirst check\n  askfirst check --offline\n  askfirst check --send-test",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := a.load()
			if err != nil {
				return err
			}
			findings := runCheck(cmd.Context(), config, checkOptions{
				Offline: offline, Now: time.Now(), Inbox: config.InboxSettings(), SMTP: config.SMTPSettings(),
				Book:     func(ctx context.Context) error { return openable(ctx, config) },
				SendTest: sendTest, Trial: func(ctx context.Context) (store.Trial, error) { return trialOf(ctx, config) },
				Writing: func(ctx context.Context) (*store.Book, error) {
					return store.OpenExisting(ctx, config.Book, bookSettings(config))
				},
			})
			findings = append(findings, stillListed(cmd.Context(), config)...)
			if err := writeFindings(a.out, findings); err != nil {
				return err
			}
			switch checkExit(findings) {
			case exitUnusable:
				return unusable{errSilent}
			case exitFailed:
				return errSilent
			}
			return nil
		},
	}
	command.Flags().BoolVar(&offline, "offline", false, "leave the mail servers alone")
	command.Flags().BoolVar(&sendTest, "send-test", false, "send mails to ourselves and look at what comes back")
	command.MarkFlagsMutuallyExclusive("offline", "send-test")
	return command
}

// openable says whether the book opens; one that does not exist yet does.
func openable(ctx context.Context, config *Config) error {
	book, err := store.OpenExisting(ctx, config.Book, bookSettings(config))
	if errors.Is(err, store.ErrNoBook) {
		return nil
	}
	if err != nil {
		return err
	}
	return book.Close()
}

// trialOf is what is known of mails to ourselves.
func trialOf(ctx context.Context, config *Config) (store.Trial, error) {
	book, err := look(ctx, config)
	if errors.Is(err, store.ErrNoBook) {
		return store.Trial{}, nil
	}
	if err != nil {
		return store.Trial{}, err
	}
	defer book.Close()
	return book.Trial(ctx)
}

// stillListed names those on the staff list who asked to be forgotten.
func stillListed(ctx context.Context, config *Config) []Finding {
	book, err := look(ctx, config)
	if err != nil {
		return nil // checkBook has said so
	}
	defer book.Close()
	passed, err := book.StillListed(ctx, config.People())
	var findings []Finding
	for _, i := range passed {
		p := config.Staff[i]
		findings = append(findings, Finding{Severity: SeverityWarning, What: "staff",
			Cause:  fmt.Sprintf("%s asked to be forgotten and is passed over (%s, line %d)", p.Name, p.File, p.Line),
			Remedy: "take the entry off the staff list"})
	}
	if err != nil {
		findings = append(findings, Finding{Severity: SeverityWarning, What: "staff", Cause: "who asked to be forgotten cannot be read: " + err.Error()})
	}
	return findings
}
