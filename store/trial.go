package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Trial is what `askfirst check --send-test` has found out about the mail
// servers, for the help address that it tried.
type Trial struct {
	Address string    `json:"address"`
	At      time.Time `json:"at"`
	Plus    bool      `json:"plus"` // mail to help+tag@ arrives in the inbox

	// A message that the admin sends from outside, to see what the server does
	// to fields that a forger has written.
	Nonce     string    `json:"nonce"` // of the message that is waited for; "": none
	Outside   time.Time `json:"outside"`
	Forged    []string  `json:"forged"`     // the authserv-ids in whose names it forges
	Clean     bool      `json:"clean"`      // nothing forged came through where it would be trusted
	ServerIDs []string  `json:"server_ids"` // authserv-ids that the server wrote on it
	Above     int       `json:"above"`      // Received fields above the first of those
}

const trialName = "send_test"

// Trial is what is known; the zero Trial: nothing was tried yet.
func (b *Book) Trial(ctx context.Context) (Trial, error) {
	var trial Trial
	value, err := b.row(ctx, trialName)
	if err != nil || value == "" {
		return trial, err
	}
	if err := json.Unmarshal([]byte(value), &trial); err != nil {
		return Trial{}, fmt.Errorf("%w: what check --send-test found out cannot be read: %w", ErrBroken, err)
	}
	return trial, nil
}

// SetTrial remembers what was found out.
func (b *Book) SetTrial(ctx context.Context, trial Trial) error {
	value, err := json.Marshal(trial)
	if err != nil {
		return err
	}
	return b.setRow(ctx, trialName, string(value))
}
