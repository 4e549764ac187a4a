package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"askfirst/digest"
	"askfirst/mailbox"
	"askfirst/store"
)

// voice is what composes letters.
type voice = *digest.Voice

func asksCommand(app *app) *cobra.Command {
	var all bool
	var at instantFlag
	command := &cobra.Command{
		Use: "asks", Short: "The asks on the list", Args: known,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.onBook(cmd, app.out, func(config *Config, book onlooker) error {
				now, err := app.instant(cmd.Context(), config, at)
				if err != nil {
					return err
				}
				asks, err := book.Asks(cmd.Context(), all, now)
				if err != nil {
					return err
				}
				table := tabwriter.NewWriter(app.out, 0, 4, 2, ' ', 0)
				for _, a := range asks {
					fmt.Fprintf(table, "#%d\t%s\t%s\t%s\t%s\n", a.Number, a.State, a.CreatedAt.Format(time.DateOnly), printable(a.Title), offers(a))
				}
				if len(asks) == 0 {
					fmt.Fprintln(app.out, "no asks on the list")
				}
				return table.Flush()
			})
		},
	}
	command.Flags().BoolVar(&all, "all", false, "also those that are closed, withdrawn or expired")
	atFlag(command, &at)
	command.AddCommand(withdrawCommand(app))
	return command
}

func offers(a store.Ask) string {
	switch n := len(a.Offers); n {
	case 0:
		return ""
	case 1:
		return "1 offer"
	default:
		return fmt.Sprintf("%d offers", n)
	}
}

// printable keeps a member's words from moving the cursor of a terminal.
func printable(s string) string {
	quoted := strconv.QuoteToGraphic(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

func withdrawCommand(app *app) *cobra.Command {
	var reason string
	var at instantFlag
	command := &cobra.Command{
		Use: "withdraw N", Short: "Take an ask off the list and tell its asker why", Args: cobra.ExactArgs(1),
		Example: "  askfirst asks withdraw 17 --reason \"It names a pupil.\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := strconv.ParseInt(strings.TrimPrefix(args[0], "#"), 10, 64)
			if err != nil {
				return misused{fmt.Errorf("%q is not the number of an ask; see askfirst asks", args[0])}
			}
			if strings.TrimSpace(reason) == "" {
				return misused{errors.New("--reason is missing: the asker is told why")}
			}
			config, book, err := app.writing(cmd)
			if err != nil {
				return err
			}
			defer book.Close()
			voice, err := newVoice(config)
			if err != nil {
				return err
			}
			now, err := app.instant(cmd.Context(), config, at)
			if err != nil {
				return err
			}
			d := &daemon{config: config, book: book, voice: voice}
			if err := book.TakeDown(cmd.Context(), number, reason, now, d.say); err != nil {
				return outside{err}
			}
			fmt.Fprintf(app.out, "#%d is off the list; its asker will be told with the next pass.\n", number)
			return nil
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "the `TEXT` that the asker is told (required)")
	atFlag(command, &at)
	return command
}

func whyCommand(app *app) *cobra.Command {
	var at instantFlag // what came of a message does not depend on it
	command := &cobra.Command{
		Use: "why MESSAGE-ID", Short: "What came of a message, or where a letter came from", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.onBook(cmd, nil, func(_ *Config, book onlooker) error {
				why, err := book.Why(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if len(why.Messages)+len(why.Letters) == 0 {
					return outside{fmt.Errorf("no message and no letter has the Message-ID %s", args[0])}
				}
				printWhy(app, why)
				return nil
			})
		},
	}
	atFlag(command, &at)
	return command
}

func printWhy(app *app, because store.Because) {
	for _, m := range because.Messages {
		fmt.Fprintf(app.out, "message %d, received %s: %s", m.Intake, clock(m.ReceivedAt), m.State)
		if m.Acts != "" {
			fmt.Fprintf(app.out, " (%s)", m.Acts)
		}
		if m.Until.Valid {
			fmt.Fprintf(app.out, ", until its writer has said yes to \"did you just write this?\", at the latest until %s", clock(m.Until.Int64))
		}
		if m.Reason != "" {
			fmt.Fprintf(app.out, ", %s", m.Reason)
			if sentence := why(m.Reason); sentence != "" {
				fmt.Fprintf(app.out, ": %s", sentence)
			}
		}
		fmt.Fprintln(app.out)
		for _, c := range m.Came {
			fmt.Fprintf(app.out, "  came of it: %s\n", c)
		}
	}
	for _, l := range because.Letters {
		fmt.Fprintf(app.out, "letter %s: %s", l.Key, l.State)
		if l.SentAt.Valid {
			fmt.Fprintf(app.out, " %s", clock(l.SentAt.Int64))
		}
		if l.Code != 0 || l.Error != "" {
			fmt.Fprintf(app.out, ", last answer %d %s %s", l.Code, l.Enhanced, printable(l.Error))
		}
		if l.Intake.Valid {
			fmt.Fprintf(app.out, ", because of message %d", l.Intake.Int64)
		}
		fmt.Fprintln(app.out)
	}
}

func clock(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

// auditReport is what `audit --json` prints.
type auditReport struct {
	OK          bool            `json:"ok"`
	UIDs        int             `json:"uids"`
	Accepted    int             `json:"accepted"`
	Refused     int             `json:"refused"`
	Ignored     int             `json:"ignored"`
	Quarantined int             `json:"quarantined"`
	Pending     int             `json:"pending"`
	Letters     store.Counts    `json:"letters"`
	Findings    []store.Finding `json:"findings"`
}

func auditCommand(app *app) *cobra.Command {
	var server, asJSON bool
	var at instantFlag // the equation does not depend on it
	command := &cobra.Command{
		Use: "audit", Short: "Prove that every message and every letter is accounted for", Args: cobra.NoArgs,
		Long: "Proves the ledger equation: every UID seen is accepted, refused, ignored,\nquarantined or pending, and everything in the book is in a state that the rules\nallow. With --server the inbox is compared too. Exit 1 on any finding.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, book, err := app.reading(cmd)
			if config == nil {
				return err
			}
			report := auditReport{OK: true, Letters: everyState(nil), Findings: []store.Finding{}}
			if err == nil {
				defer book.Close()
				report, err = audited(cmd, config, book.Book, server)
			}
			switch {
			case errors.As(err, new(unusable)), errors.As(err, new(unreachable)), errors.As(err, new(outside)):
				return err // of the mail server
			case err != nil && !errors.Is(err, store.ErrNoBook): // said in the report too, for whoever reads that alone
				report.OK, report.Findings = false, []store.Finding{{Code: "book", Ref: config.Book, Detail: err.Error()}}
			}
			return report.print(app, asJSON)
		},
	}
	command.Flags().BoolVar(&server, "server", false, "compare with the inbox as well")
	command.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	atFlag(command, &at)
	return command
}

// audited is the audit of a book, with the inbox beside it if server.
func audited(cmd *cobra.Command, config *Config, book *store.Book, server bool) (auditReport, error) {
	audit, err := book.Audit(cmd.Context())
	if err != nil {
		return auditReport{Letters: everyState(nil)}, err
	}
	report := newAuditReport(audit)
	if server {
		missing, err := unread(cmd, config, book)
		if err != nil {
			return report, err
		}
		report.Findings = append(report.Findings, missing...)
	}
	report.OK = len(report.Findings) == 0
	return report, nil
}

// newAuditReport proves the equation.
func newAuditReport(audit store.Audit) auditReport {
	n := func(v store.Verdict) int { return audit.Intake[string(v)] }
	report := auditReport{UIDs: audit.UIDs, Accepted: n(store.Accepted), Refused: n(store.Refused), Ignored: n(store.Ignored),
		Quarantined: n(store.Quarantined), Pending: n(store.Pending), Letters: everyState(audit.Letters), Findings: audit.Findings}
	if sum := report.Accepted + report.Refused + report.Ignored + report.Quarantined + report.Pending; sum != report.UIDs {
		report.Findings = append(report.Findings, store.Finding{Code: "equation", Ref: "intake", Detail: fmt.Sprintf("%d UIDs, %d accounted for", report.UIDs, sum)})
	}
	return report
}

// mostUnfiled bounds how many messages are compared.
const mostUnfiled = 100000

// unread are the messages in the inbox that the ledger does not have, and those
// that it believes to be there and that are not.
func unread(cmd *cobra.Command, config *Config, book *store.Book) ([]store.Finding, error) {
	in, err := mailbox.Open(cmd.Context(), config.InboxSettings())
	if err != nil {
		return nil, serverFault(discreet{err})
	}
	defer in.Close()
	before, err := book.Unfiled(cmd.Context(), in.Mailbox(), in.UIDValidity(), mostUnfiled)
	if err != nil {
		return nil, err
	}
	listed, err := in.Scan(cmd.Context())
	if err != nil {
		return nil, serverFault(discreet{err})
	}
	uids, there := make([]uint32, len(listed)), map[uint32]bool{}
	for i, l := range listed {
		uids[i], there[l.UID] = l.UID, true
	}
	after, err := book.Unfiled(cmd.Context(), in.Mailbox(), in.UIDValidity(), mostUnfiled)
	if err != nil {
		return nil, err
	}
	unknown, err := book.Unknown(cmd.Context(), in.Mailbox(), in.UIDValidity(), uids)
	var findings []store.Finding
	for _, uid := range unknown {
		findings = append(findings, store.Finding{Code: "unread", Ref: fmt.Sprintf("uid %d", uid), Detail: "lies in the inbox and is not in the ledger"})
	}
	for _, u := range after { // unless the daemon filed it this very moment
		if !there[u.UID] && slices.Contains(before, u) {
			findings = append(findings, store.Finding{Code: "gone", Ref: fmt.Sprintf("uid %d", u.UID), Detail: "is in the ledger as lying in the inbox, and does not lie there; the next pass notes that"})
		}
	}
	return findings, err
}

func (r auditReport) print(app *app, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(app.out).Encode(r); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(app.out, "%d messages = %d accepted + %d refused + %d ignored + %d quarantined + %d pending\n", r.UIDs, r.Accepted, r.Refused, r.Ignored, r.Quarantined, r.Pending)
		fmt.Fprintf(app.out, "letters: %s\n", stateList(r.Letters))
		for _, f := range r.Findings {
			fmt.Fprintf(app.out, "FINDING %s %s: %s\n", f.Code, f.Ref, f.Detail)
		}
	}
	if !r.OK {
		return fmt.Errorf("%w: %d findings", errSilent, len(r.Findings))
	}
	return nil
}

// letterStates are the states of a letter, in the order of its life.
func letterStates() []string {
	return []string{"queued", "sending", "dot_sent", "sent", "retry", "failed", "in_doubt", "expired", "held"}
}

// everyState adds the states that no letter is in: in JSON no field is absent.
func everyState(counts store.Counts) store.Counts {
	every := store.Counts{}
	for _, state := range letterStates() {
		every[state] = 0
	}
	maps.Copy(every, counts)
	return every
}

func stateList(counts store.Counts) string {
	var parts []string
	for _, state := range letterStates() {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
