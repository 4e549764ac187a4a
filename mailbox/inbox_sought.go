package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
)

// Sought are the messages of the selected folder whose subject has a word. The
// header is looked at as well: some servers search by whole words, or an index.
func (in *Inbox) Sought(ctx context.Context, word string) ([]uint32, error) {
	var uids []uint32
	criteria := &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: word}}}
	err := in.exchange(ctx, "search", searchOctets, func() error {
		data, err := in.client.UIDSearch(criteria, nil).Wait()
		if err != nil {
			return err
		}
		set, _ := data.All.(imap.UIDSet) // nil: nothing was found
		uids, err = numbers(set)
		return err
	})
	return uids, err
}

// ErrStays says that the server cannot remove a single message.
var ErrStays = errors.New("the server can remove no single message (no UIDPLUS)")

// Discard removes just these messages from the selected folder: \Deleted, then
// UID EXPUNGE (RFC 4315 section 2.1). A plain EXPUNGE would take other people's
// deleted mail with it and is never sent.
func (in *Inbox) Discard(ctx context.Context, uids []uint32) error {
	if len(uids) == 0 {
		return nil
	}
	set := uidSet(uids)
	if !in.caps.Has(imap.CapUIDPlus) && !in.caps.Has(imap.CapIMAP4rev2) {
		return errors.Join(ErrStays, in.mark(ctx, set, imap.FlagSeen))
	}
	if err := in.mark(ctx, set, imap.FlagDeleted); err != nil {
		return fmt.Errorf("remove %d messages: %w", len(uids), err)
	}
	return in.command(ctx, "expunge", func() error { return in.client.UIDExpunge(set).Close() })
}
