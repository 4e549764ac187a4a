package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Unread is the size of a message that could not be fetched after many tries: it
// goes into the ledger to be put aside, with its header where that could be read.
const Unread = -1

// Stubborn is a message that lies in the inbox and could not be fetched.
type Stubborn struct {
	Failures int       `json:"n"`
	Next     time.Time `json:"next"` // not to be tried before
}

// Stubborns are those of one folder under one UIDVALIDITY.
type Stubborns struct {
	Mailbox     string              `json:"mailbox"`
	UIDValidity uint32              `json:"uidvalidity"`
	Served      bool                `json:"served"` // since the last failure the server gave us another message
	Messages    map[uint32]Stubborn `json:"messages"`
}

// stubbornName is the row of the book that holds them.
const stubbornName = "stubborn"

// mostStubborn bounds the row. A server that gives nothing at all is no matter of
// single messages.
const mostStubborn = 1000

// Stubborns reads what is known of a folder.
func (b *Book) Stubborns(ctx context.Context, mailbox string, uidValidity uint32) (Stubborns, error) {
	fresh := Stubborns{Mailbox: clean(mailbox), UIDValidity: uidValidity, Messages: map[uint32]Stubborn{}}
	value, err := b.row(ctx, stubbornName)
	if err != nil || value == "" {
		return fresh, err
	}
	var known Stubborns
	if err := json.Unmarshal([]byte(value), &known); err != nil {
		return fresh, fmt.Errorf("messages that cannot be fetched: %w", err)
	}
	if known.Mailbox != fresh.Mailbox || known.UIDValidity != uidValidity || known.Messages == nil {
		return fresh, nil
	}
	return known, nil
}

// SetStubborns remembers them.
func (b *Book) SetStubborns(ctx context.Context, s Stubborns) error {
	for uid := range s.Messages {
		if len(s.Messages) <= mostStubborn {
			break
		}
		delete(s.Messages, uid) // any of them: it will be met again
	}
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return b.setRow(ctx, stubbornName, string(value))
}
