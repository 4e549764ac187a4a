package mailbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

// What a server says of where it put messages is believed only if it fits
// together: a wrong pair would have somebody else's mail erased.
func TestFilings(t *testing.T) {
	set := func(ranges ...imap.UIDRange) imap.UIDSet { return imap.UIDSet(ranges) }
	asked := set(imap.UIDRange{Start: 3, Stop: 5}, imap.UIDRange{Start: 9, Stop: 9})
	for _, c := range []struct {
		name     string
		validity uint32
		from, to imap.NumSet
		want     string
	}{
		{"in order", 7, set(imap.UIDRange{Start: 3, Stop: 4}, imap.UIDRange{Start: 9, Stop: 9}), set(imap.UIDRange{Start: 40, Stop: 42}), "[{3 7 40} {4 7 41} {9 7 42}]"},
		{"in its own order", 7, set(imap.UIDRange{Start: 9, Stop: 9}, imap.UIDRange{Start: 3, Stop: 3}), set(imap.UIDRange{Start: 40, Stop: 41}), "[{9 7 40} {3 7 41}]"},
		{"no validity", 0, set(imap.UIDRange{Start: 3, Stop: 3}), set(imap.UIDRange{Start: 40, Stop: 40}), "[]"},
		{"nothing", 7, nil, nil, "[]"},
		{"only whence", 7, set(imap.UIDRange{Start: 3, Stop: 3}), nil, "[]"},
		{"one too many", 7, set(imap.UIDRange{Start: 3, Stop: 4}), set(imap.UIDRange{Start: 40, Stop: 42}), "[]"},
		{"one too few", 7, set(imap.UIDRange{Start: 3, Stop: 5}), set(imap.UIDRange{Start: 40, Stop: 41}), "[]"},
		{"what nobody asked for", 7, set(imap.UIDRange{Start: 3, Stop: 3}, imap.UIDRange{Start: 6, Stop: 6}), set(imap.UIDRange{Start: 40, Stop: 41}), "[{3 7 40}]"},
		{"without end", 7, set(imap.UIDRange{Start: 1, Stop: 4294967295}), set(imap.UIDRange{Start: 1, Stop: 4294967295}), "[]"},
	} {
		if got := fmt.Sprint(filings(asked, c.validity, c.from, c.to)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// erasing are the answers of a server that takes every command and shows these
// messages afterwards.
func erasing(capability, left string) map[string]string {
	return map[string]string{
		"CAPABILITY": "* CAPABILITY " + capability + "\r\n%s OK done\r\n",
		"LOGIN":      "%s OK [CAPABILITY " + capability + "] welcome\r\n",
		"UID STORE":  "%s OK done\r\n", "UID EXPUNGE": "%s OK done\r\n", "UID SEARCH": "* SEARCH" + left + "\r\n%s OK done\r\n",
	}
}

// Only what the server does not show any more is gone, whatever it has said; and
// a server that can only expunge a whole folder is not asked to.
func TestEraseBelievesItsEyes(t *testing.T) {
	for _, c := range []struct {
		capability, left string
		gone             string
		cannot           bool
	}{
		{"IMAP4rev1 UIDPLUS", "", "[1 2 3]", false},
		{"IMAP4rev1 UIDPLUS", " 2", "[1 3]", false},
		{"IMAP4rev1 UIDPLUS", " 1 2 3 4", "[]", false},
		{"IMAP4rev1 UIDPLUS", " 4", "[1 2 3]", false}, // which nobody asked about
		{"IMAP4rev1", "", "[]", true},
	} {
		in, err := Open(t.Context(), scripted(t, "* OK [CAPABILITY "+c.capability+"] ready\r\n", erasing(c.capability, c.left)))
		if err != nil {
			t.Fatal(err)
		}
		uids := []uint32{3, 1, 2, 3}
		gone, err := in.Erase(t.Context(), uids)
		if errors.Is(err, ErrCannotErase) != c.cannot || !c.cannot && err != nil {
			t.Errorf("%s, left%s: %v", c.capability, c.left, err)
		}
		if got := fmt.Sprint(gone); got != c.gone || !slices.Equal(uids, []uint32{3, 1, 2, 3}) {
			t.Errorf("%s, left%s: gone %s, want %s; asked for %v", c.capability, c.left, got, c.gone, uids)
		}
		in.Close()
	}
}

// Of messages that look alike only the one with the same bytes is the same, and
// of one that was never read whole the one with the same header.
func TestSame(t *testing.T) {
	station := postOfficeStation(t)
	small := func(who string) string { return "From: " + who + "@x.example\r\nMessage-ID: <a@b>\r\n\r\nhello\r\n" }
	large := func(who string) string {
		return "X-Large: yes\r\n" + small(who) + strings.Repeat("0123456789", 60) + "\r\n"
	}
	station.deliverAll(t, []byte(small("ann")), []byte(small("bob")), []byte(large("ann")), []byte(large("bob")))
	in := station.open(t, func(c *InboxConfig) { c.MaxSize = 300 })
	sum := func(raw []byte) string { return fmt.Sprintf("%x", sha256.Sum256(raw)) }
	header, err := in.FetchHeader(context.Background(), []uint32{4})
	if err != nil || len(header) != 1 {
		t.Fatal(header, err)
	}
	whole, err := in.Fetch(context.Background(), []uint32{1, 2})
	if err != nil || len(whole) != 2 {
		t.Fatal(whole, err)
	}
	for _, c := range []struct {
		sum      string
		oversize bool
		want     string
	}{
		{sum(whole[1].Raw), false, "[2]"}, {sum(whole[0].Raw), false, "[1]"}, {sum(header[0].Raw), true, "[4]"}, {sum(header[0].Raw), false, "[]"}, {sum(whole[0].Raw), true, "[]"}, {sum(nil), false, "[]"},
	} {
		same, err := in.Same(t.Context(), []uint32{1, 2, 3, 4, 99}, c.sum, c.oversize)
		if got := fmt.Sprint(same); err != nil || got != c.want {
			t.Errorf("oversize %v: %s, want %s, %v", c.oversize, got, c.want, err)
		}
	}
}
