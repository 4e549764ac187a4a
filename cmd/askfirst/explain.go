package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// explanation is one line of `explain --json`.
type explanation struct {
	File         string         `json:"file"`
	MessageID    string         `json:"message_id"`
	From         string         `json:"from"`
	Member       string         `json:"member"`
	Auth         string         `json:"auth"`
	Action       string         `json:"action"`
	Ask          []int64        `json:"ask"`
	Candidates   []int64        `json:"candidates"`
	Acts         []explainedAct `json:"acts"`
	NeedsConfirm bool           `json:"needs_confirm"`
	ReferTo      []string       `json:"refer_to"`
	Text         string         `json:"text"`
	Subject      string         `json:"subject"`
	Reason       string         `json:"reason"`
	WouldSend    []string       `json:"would_send"`

	trace []string
	sends []string // the letters, with their recipients
}

type explainedAct struct {
	Action string `json:"action"`
	Ask    int64  `json:"ask"`
	Text   string `json:"text"`
}

// explainer rehearses decisions on a book, or on an empty one where there is
// none yet.
type explainer struct {
	config *Config
	book   *store.Book
	now    time.Time
	close  func() error
	keys   *keyring
}

func newExplainer(ctx context.Context, config *Config, now time.Time) (*explainer, error) {
	found, err := look(ctx, config)
	if err == nil {
		return &explainer{config, found.Book, now, found.Close, newKeyring()}, nil
	}
	if !errors.Is(err, store.ErrNoBook) {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "askfirst-explain-")
	if err != nil {
		return nil, err
	}
	remove := func() error { return os.RemoveAll(folder) }
	book, err := store.Open(ctx, filepath.Join(folder, "empty.db"), bookSettings(config), now)
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	return &explainer{config, book, now, func() error { return errors.Join(book.Close(), remove()) }, newKeyring()}, nil
}

// explain is what would be done with the message, whatever it does to us.
func (x *explainer) explain(ctx context.Context, voice voice, file string, raw []byte) (e explanation, err error) {
	unread := explanation{File: file, Ask: []int64{}, Candidates: []int64{}, Acts: []explainedAct{}, ReferTo: []string{}, WouldSend: []string{},
		Auth: string(store.Unproven), Action: string(store.Quarantined)}
	defer func() {
		switch {
		case recover() != nil:
			e, err = unread, nil
			e.Reason = reasonPanic
		case errors.Is(err, errCompose):
			e, err = unread, nil
			e.Reason = reasonNoAnswer
		}
	}()
	e = unread
	oversize := int64(len(raw)) > x.config.Inbox.MaxSize
	if oversize {
		raw = headerOf(raw) // nothing else would be fetched
	}
	message := parse.Read(raw, limits(x.config))
	x.keys.verify(ctx, x.config, message, raw, x.now)
	refs := mailbox.RefsOf(message, x.config.Exchange.Address)
	err = x.book.Rehearse(ctx, raw, x.config.People(), x.now, func(tx *store.Tx) error {
		for first := true; ; first = false {
			event, err := x.rehearse(tx, voice, message, refs, oversize, first, &e)
			if err != nil || !tx.Again(event) {
				return err
			}
		}
	})
	return e, err
}

// rehearse decides the message. What an answer of ours to "did you just write
// this?" says beside its yes is decided after that, and adds to what came first.
func (x *explainer) rehearse(tx *store.Tx, voice voice, message *parse.Message, refs store.Refs, oversize, first bool, e *explanation) (store.Event, error) {
	view, err := tx.View(refs)
	if err != nil {
		return store.Event{}, err
	}
	event := mailbox.Understand(message, view, x.config.Policy())
	if oversize {
		event = tooLarge(event)
	}
	if view.Writer != nil {
		e.Member = view.Writer.Email
	}
	outcome, err := tx.Record(event)
	if err != nil {
		return event, err
	}
	letters, err := compose(voice, outcome)
	if err != nil {
		return event, err
	}
	for _, l := range letters {
		if !slices.Contains(e.WouldSend, l.Kind) {
			e.WouldSend = append(e.WouldSend, l.Kind)
		}
		e.sends = append(e.sends, l.Kind+" to "+l.To.Email)
	}
	if first {
		e.fill(event)
	} else {
		e.add(event.Acts)
		e.trace = append(e.trace, event.Trace...)
	}
	e.referTo(event, view)
	return event, nil
}

// headerOf is a message without its body.
func headerOf(raw []byte) []byte {
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(raw, []byte(end)); i >= 0 {
			return raw[:i+len(end)]
		}
	}
	return raw
}

func (e *explanation) fill(event store.Event) {
	e.MessageID, e.From, e.Auth = event.MessageID, event.From, string(event.Auth)
	e.NeedsConfirm = event.Confirm || event.LaterWaits && len(event.Later) > 0
	e.Text, e.Subject, e.Reason, e.trace = event.Text, event.Subject, event.Reason, event.Trace
	if e.Auth == "" {
		e.Auth = string(store.Unproven)
	}
	e.Action = string(event.Verdict)
	if len(event.Acts) > 0 && event.Verdict == store.Accepted {
		e.Action = string(event.Acts[0].Kind)
	}
	e.add(event.Acts)
	if event.LaterWaits {
		e.add(event.Later)
	}
}

// add adds what the message does.
func (e *explanation) add(acts []store.Act) {
	for _, a := range acts {
		e.Acts = append(e.Acts, explainedAct{string(a.Kind), a.Ask, a.Text})
		if a.Ask != 0 && a.Kind != store.ActUnclear {
			e.Ask = append(e.Ask, a.Ask)
		}
		e.Candidates = append(e.Candidates, a.Candidates...)
	}
	for _, list := range []*[]int64{&e.Ask, &e.Candidates} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// referTo names the registered addresses of those who are meant by "ask Ben";
// nobody while it is not clear who is.
func (e *explanation) referTo(event store.Event, view store.View) {
	for _, a := range event.Acts {
		for _, m := range view.Named {
			if a.Kind == store.ActRefer && a.Name == "" && slices.Contains(a.Members, m.ID) && !slices.Contains(e.ReferTo, m.Email) {
				e.ReferTo = append(e.ReferTo, m.Email)
			}
		}
	}
}

func explainCommand(app *app) *cobra.Command {
	var at instantFlag
	var form explainForm
	command := &cobra.Command{
		Use:     "explain FILE.eml…",
		Short:   "What would be done with each message, and why; changes nothing",
		Long:    "What would be done with each message, and why: what was read, what was left out,\nwhich ask is meant and by what, which words acted. It changes nothing. - reads\nstandard input.",
		Example: "  askfirst explain reply.eml\n  askfirst explain --json *.eml\n  askfirst explain - < reply.eml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			config, err := app.load()
			if err != nil {
				return err
			}
			voice, err := newVoice(config)
			if err != nil {
				return err
			}
			now, err := app.instant(cmd.Context(), config, at)
			if err != nil {
				return err
			}
			x, err := newExplainer(cmd.Context(), config, now)
			if err != nil {
				return err
			}
			return errors.Join(x.each(cmd.Context(), app, voice, files, form), x.close())
		},
	}
	atFlag(command, &at)
	command.Flags().BoolVar(&form.json, "json", false, "one JSON object a file, a line each")
	command.Flags().BoolVar(&form.trace, "trace", false, "every step; with --json on standard error")
	return command
}

func (x *explainer) each(ctx context.Context, app *app, voice voice, files []string, form explainForm) error {
	var failed error
	shown := 0
	for _, file := range files {
		raw, err := x.read(app, file)
		if err != nil {
			failed = errors.Join(failed, outside{fmt.Errorf("%s: %w", file, err)})
			continue
		}
		e, err := x.explain(ctx, voice, file, raw)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if form.json {
			if form.trace {
				e.printTrace(app.err)
			}
			if err := json.NewEncoder(app.out).Encode(e); err != nil {
				return err
			}
			continue
		}
		if shown++; shown > 1 {
			fmt.Fprintln(app.out)
		}
		e.print(app.out, form.trace)
	}
	return failed
}

// mostExplained is how large a file may be: more than any message that would be
// fetched.
const mostExplained = 64 << 20

func (x *explainer) read(app *app, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(app.in, mostExplained))
	}
	return readBounded(file, mostExplained)
}
