package mailbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// What must not stay on the server is erased there: \Deleted and then UID
// EXPUNGE (RFC 4315 section 2.1) of just those messages. A plain EXPUNGE would
// take everybody's deleted mail with it and is never sent: a server without
// UIDPLUS keeps its mail, and the caller says so.

// ErrCannotErase says that the server can expunge only a whole folder at once.
var ErrCannotErase = errors.New("the server has no UIDPLUS, so that a single message cannot be erased there")

// Filing is where the server put one message.
type Filing struct {
	UID         uint32 // that it had in the inbox
	UIDValidity uint32 // of the folder
	To          uint32 // its UID there
}

// filings pairs the UIDs of a COPYUID answer (RFC 4315 section 3). What the
// server does not name is left out, and an answer that does not fit together is
// no answer: the messages can be found by their bytes.
func filings(asked imap.UIDSet, validity uint32, from, to imap.NumSet) []Filing {
	source, ok := from.(imap.UIDSet)
	target, ok2 := to.(imap.UIDSet)
	if !ok || !ok2 || validity == 0 {
		return nil
	}
	sources, err := inOrder(source)
	targets, err2 := inOrder(target)
	if err != nil || err2 != nil || len(sources) != len(targets) {
		return nil
	}
	var all []Filing
	for i, uid := range sources {
		if asked.Contains(imap.UID(uid)) {
			all = append(all, Filing{UID: uid, UIDValidity: validity, To: targets[i]})
		}
	}
	return all
}

// inOrder spells out a set as the server wrote it: the places matter.
func inOrder(set imap.UIDSet) ([]uint32, error) {
	var uids []uint32
	for _, r := range set {
		one, err := numbers(imap.UIDSet{r})
		if err != nil || len(uids)+len(one) > filedAtOnce {
			return nil, errors.Join(err, errors.New("more messages than were asked for"))
		}
		uids = append(uids, one...)
	}
	return uids, nil
}

// Erase removes these messages from the selected folder, and no other. It
// returns those that are certainly not there any more, also because they never
// were.
func (in *Inbox) Erase(ctx context.Context, uids []uint32) (gone []uint32, err error) {
	if len(uids) == 0 {
		return nil, nil
	}
	if !in.caps.Has(imap.CapUIDPlus) && !in.caps.Has(imap.CapIMAP4rev2) { // RFC 9051 has it in itself
		return nil, ErrCannotErase
	}
	uids = slices.Clone(uids)
	slices.Sort(uids)
	for chunk := range slices.Chunk(slices.Compact(uids), filedAtOnce) {
		set := uidSet(chunk)
		if err := in.mark(ctx, set, imap.FlagDeleted); err != nil {
			return gone, fmt.Errorf("erase %d messages: %w", len(chunk), err)
		}
		if err := in.command(ctx, "expunge", func() error { return in.client.UIDExpunge(set).Close() }); err != nil {
			return gone, fmt.Errorf("erase %d messages: %w", len(chunk), err)
		}
		left, err := in.present(ctx, chunk)
		if err != nil {
			return gone, err
		}
		for _, uid := range chunk {
			if !slices.Contains(left, uid) {
				gone = append(gone, uid)
			}
			delete(in.known, uid)
		}
	}
	return gone, nil
}

// Sizes are those of the messages that lie in the selected folder now.
func (in *Inbox) Sizes(ctx context.Context, uids []uint32) (map[uint32]int64, error) {
	seen := map[uint32]Listed{}
	for chunk := range slices.Chunk(uids, filedAtOnce) {
		if err := in.sizes(ctx, chunk, seen); err != nil {
			return nil, err
		}
	}
	sizes := make(map[uint32]int64, len(seen))
	for uid, l := range seen {
		sizes[uid] = l.Size
	}
	return sizes, nil
}

func (in *Inbox) present(ctx context.Context, uids []uint32) ([]uint32, error) {
	found, err := in.find(ctx, &imap.SearchCriteria{UID: []imap.UIDSet{uidSet(uids)}}, nil)
	return slices.DeleteFunc(found, func(uid uint32) bool { return !slices.Contains(uids, uid) }), err
}

// mostAlike bounds how many messages of one size are compared.
const mostAlike = 50

// Same are those of the UIDs whose bytes are just these; oversize: whose header
// is. Of mails with one Message-ID one may be somebody else's, so only the bytes
// count.
func (in *Inbox) Same(ctx context.Context, uids []uint32, sum string, oversize bool) ([]uint32, error) {
	var same []uint32
	for _, uid := range uids[:min(len(uids), mostAlike)] {
		fetch := in.Fetch
		if oversize {
			fetch = in.FetchHeader
		}
		got, err := fetch(ctx, []uint32{uid})
		if err != nil {
			return same, err
		}
		for _, m := range got {
			if is := sha256.Sum256(m.Raw); !m.TooLarge && hex.EncodeToString(is[:]) == sum {
				same = append(same, m.UID)
			}
		}
	}
	return same, nil
}

// Sought are the messages of the selected folder whose subject has a word. What
// is found must be looked at: some servers search by an index of their own.
func (in *Inbox) Sought(ctx context.Context, word string) ([]uint32, error) {
	return in.find(ctx, &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: word}}}, nil)
}
