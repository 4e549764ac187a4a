package mailbox

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Listed is a message that lies in the folder.
type Listed struct {
	UID          uint32
	Size         int64 // as the server announces it (RFC822.SIZE)
	InternalDate time.Time
}

// Fetched is a message, whole.
type Fetched struct {
	UID  uint32
	Size int64 // as announced by RFC822.SIZE; some servers are a little wrong
	Raw  []byte
	// TooLarge says that the message turned out larger than the limit and was
	// read past: Raw is nil.
	TooLarge bool
}

// listedAtOnce bounds one command: 500 scattered UIDs stay below the shortest
// line limit in use (8,000 octets, RFC 7162 section 4).
const listedAtOnce = 500

// maximumUIDs is more than any folder has; a server that claims more is wrong.
const maximumUIDs = 5_000_000

// Scan lists what lies in the folder now, by ascending UID, without what
// arrived before Since. It compares nothing with earlier scans: what is new is
// for the ledger to say.
func (in *Inbox) Scan(ctx context.Context) ([]Listed, error) {
	// Servers may search what they last told us of; NOOP makes them look again
	// (RFC 9051 section 6.1.2).
	if err := in.command(ctx, "noop", func() error { return in.client.Noop().Wait() }); err != nil {
		return nil, err
	}
	select { // what was announced up to here is covered by this scan
	case <-in.news:
	default:
	}
	uids, err := in.search(ctx)
	if err != nil {
		return nil, err
	}
	var unknown []uint32
	for _, uid := range uids {
		if _, ok := in.known[uid]; !ok {
			unknown = append(unknown, uid)
		}
	}
	seen := make(map[uint32]Listed, len(uids))
	for chunk := range slices.Chunk(unknown, listedAtOnce) {
		if err := in.sizes(ctx, chunk, seen); err != nil {
			return nil, err
		}
	}
	listed := make([]Listed, 0, len(uids))
	for _, uid := range uids {
		item, ok := in.known[uid]
		if !ok {
			if item, ok = seen[uid]; !ok {
				continue // gone in the meantime
			}
		}
		seen[uid] = item
		if !in.config.Since.IsZero() && item.InternalDate.Before(in.config.Since) {
			continue
		}
		listed = append(listed, item)
	}
	in.known = seen
	return listed, nil
}

// search asks for the UIDs. SEARCH SINCE knows days of an unknown time zone
// only (RFC 9051 section 6.4.4), so it is asked a day early and Scan is exact.
func (in *Inbox) search(ctx context.Context) ([]uint32, error) {
	criteria := &imap.SearchCriteria{}
	if !in.config.Since.IsZero() {
		criteria.Since = in.config.Since.UTC().AddDate(0, 0, -1)
	}
	var options *imap.SearchOptions
	if in.caps.Has(imap.CapESearch) {
		options = &imap.SearchOptions{ReturnAll: true} // ranges instead of every number
	}
	return in.find(ctx, criteria, options)
}

// find asks the server which messages fit.
func (in *Inbox) find(ctx context.Context, criteria *imap.SearchCriteria, options *imap.SearchOptions) (uids []uint32, err error) {
	err = in.exchange(ctx, "search", searchOctets, func() error {
		data, err := in.client.UIDSearch(criteria, options).Wait()
		if err != nil {
			return err
		}
		set, _ := data.All.(imap.UIDSet) // nil: nothing was found
		uids, err = numbers(set)
		return err
	})
	return uids, err
}

// numbers spells out a set, ascending.
func numbers(set imap.UIDSet) ([]uint32, error) {
	var uids []uint32
	for _, r := range set {
		low, high := uint32(r.Start), uint32(r.Stop)
		if low > high {
			low, high = high, low
		}
		if low == 0 || uint64(high-low)+uint64(len(uids)) >= maximumUIDs {
			return nil, fmt.Errorf("the server lists an impossible number of messages (%d:%d)", low, high)
		}
		for uid := uint64(low); uid <= uint64(high); uid++ {
			uids = append(uids, uint32(uid))
		}
	}
	slices.Sort(uids)
	return slices.Compact(uids), nil
}

func uidSet(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	return set
}

func (in *Inbox) sizes(ctx context.Context, uids []uint32, seen map[uint32]Listed) error {
	return in.command(ctx, "fetch sizes", func() error {
		fetch := in.client.Fetch(uidSet(uids), &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true})
		for message := fetch.Next(); message != nil; message = fetch.Next() {
			data, err := message.Collect()
			if err != nil {
				fetch.Close()
				return err
			}
			seen[uint32(data.UID)] = Listed{uint32(data.UID), data.RFC822Size, data.InternalDate}
		}
		return fetch.Close()
	})
}

// Fetch reads at most 100 messages with one command. A message is returned only
// if every octet that the server announced arrived and the command ended well;
// one that is missing from the result was not there and is not to be taken for
// read. The caller keeps the sum of the sizes within what memory may be spent;
// Batches does.
func (in *Inbox) Fetch(ctx context.Context, uids []uint32) ([]Fetched, error) {
	return in.fetch(ctx, uids, &imap.FetchItemBodySection{Peek: true}, in.config.MaxSize)
}

// FetchHeader reads the headers only, at most 256 KiB of each, for messages that
// are too large to be downloaded.
func (in *Inbox) FetchHeader(ctx context.Context, uids []uint32) ([]Fetched, error) {
	section := &imap.FetchItemBodySection{Peek: true, Specifier: imap.PartSpecifierHeader,
		Partial: &imap.SectionPartial{Size: headerFetchLimit}}
	return in.fetch(ctx, uids, section, headerFetchLimit)
}

func (in *Inbox) fetch(ctx context.Context, uids []uint32, section *imap.FetchItemBodySection, limit int64) ([]Fetched, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	if len(uids) > maximumFetch {
		return nil, fmt.Errorf("%d messages at once; at most %d", len(uids), maximumFetch)
	}
	var messages []Fetched
	most := int64(fetchOctets)
	for _, uid := range uids {
		most += min(in.known[uid].Size, limit)
	}
	err := in.exchange(ctx, "fetch", most, func() error {
		fetch := in.client.Fetch(uidSet(uids), &imap.FetchOptions{UID: true, RFC822Size: true,
			BodySection: []*imap.FetchItemBodySection{section}})
		for message := fetch.Next(); message != nil; message = fetch.Next() {
			m, whole, err := readMessage(message, limit)
			if err != nil {
				// The line broke inside a body, so there is nothing left to drain.
				// Closing the command would read that body once more, beside the
				// library's own reader, which goes on after the first error.
				in.link.Close()
				return err
			}
			if whole {
				messages = append(messages, m)
			}
		}
		return fetch.Close()
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(messages, func(a, b Fetched) int { return int(int64(a.UID) - int64(b.UID)) })
	return messages, nil
}

// readMessage reads one FETCH response to its end. whole is false when the
// server had no body to give.
func readMessage(message *imapclient.FetchMessageData, limit int64) (m Fetched, whole bool, err error) {
	for item := message.Next(); item != nil; item = message.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			m.UID = uint32(item.UID)
		case imapclient.FetchItemDataRFC822Size:
			m.Size = item.Size
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue // NIL: the server cannot open it
			}
			if item.Literal.Size() > limit {
				m.TooLarge, whole = true, true
				continue // Next reads past it
			}
			m.Raw = make([]byte, item.Literal.Size())
			if n, err := io.ReadFull(item.Literal, m.Raw); err != nil {
				return m, false, fmt.Errorf("message %d ends after %d of %d octets: %w", m.UID, n, len(m.Raw), err)
			}
			whole = true
		}
	}
	return m, whole && m.UID != 0, nil
}

// Batches cuts a list into the portions of one Fetch each: at most count
// messages (100 at most) and, unless a single message is larger, octets in all.
func Batches(listed []Listed, count int, octets int64) [][]uint32 {
	if count <= 0 || count > maximumFetch {
		count = maximumFetch
	}
	var batches [][]uint32
	var batch []uint32
	var sum int64
	for _, item := range listed {
		if len(batch) > 0 && (len(batch) == count || sum+item.Size > octets) {
			batches, batch, sum = append(batches, batch), nil, 0
		}
		batch, sum = append(batch, item.UID), sum+item.Size
	}
	if len(batch) > 0 {
		batches = append(batches, batch)
	}
	return batches
}
