package mailbox

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"testing"
)

// What a reply means for a letter: whose fault it is, and whether sending pauses.
func TestWhatAReplyMeans(t *testing.T) {
	for _, c := range []struct {
		code     int
		enhanced string
		stage    int
		want     ReceiptState
	}{
		{250, "2.0.0", atRecipient, Accepted},
		{421, "4.7.0", atRecipient, Temporary},
		{451, "", atSender, Temporary},
		{452, "5.7.1", atRecipient, Temporary}, // the code decides (RFC 3463 section 2)
		{503, "5.5.1", atRecipient, Temporary},
		{503, "5.7.1", atSender, Temporary},
		{530, "", atRecipient, ByPolicy},
		{534, "5.7.9", atRecipient, ByPolicy},
		{535, "5.7.8", atRecipient, ByPolicy},
		{538, "5.7.11", atRecipient, ByPolicy},
		{550, "5.7.1", atRecipient, Unwelcome},
		{550, "5.7.1", atSender, ByPolicy},
		{550, "5.7.26", atData, ByPolicy}, // at the data or after the dot
		{550, "5.1.1", atRecipient, Permanent},
		{550, "", atRecipient, Permanent},
		{554, "5.6.0", atData, Permanent},
		{553, "5.1.8", atSender, ByPolicy},
		{550, "", atSender, ByPolicy},
		{552, "", atSender, Permanent}, // this letter is too large
		{554, "5.3.4", atSender, Permanent},
		{554, "5.2.3", atSender, Permanent},
		{554, "5.70.1", atRecipient, Permanent},
	} {
		var r Receipt
		r.take(reply{code: c.code, enhanced: c.enhanced, text: "says the server", stage: c.stage})
		if r.State != c.want || r.Code != c.code || r.Enhanced != c.enhanced || r.Text != "says the server" {
			t.Errorf("%d %s at stage %d: %+v, want %v", c.code, c.enhanced, c.stage, r, c.want)
		}
	}
	for _, c := range []struct {
		err  error
		want ReceiptState
		code int
	}{
		{errors.New("nobody answers"), Unsent, 0},
		{ErrAuth, ByPolicy, 0},
		{&textproto.Error{Code: 554, Msg: "5.7.1 not you"}, ByPolicy, 554},
		{&textproto.Error{Code: 421, Msg: "4.3.2 later"}, Temporary, 421},
		{fmt.Errorf("%w: %w", ErrAuth, &textproto.Error{Code: 454, Msg: "4.7.0 later"}), ByPolicy, 454},
	} {
		b := &batch{parcels: make([]*Parcel, 2), index: []int{1, 0}, receipts: make([]Receipt, 2)}
		b.failAll(fmt.Errorf("hello: %w", c.err))
		for _, r := range b.receipts {
			if r.State != c.want || r.Code != c.code || r.Fault == nil || c.code != 0 && r.Enhanced == "" {
				t.Errorf("%v: %+v", c.err, r)
			}
		}
	}
}

// A line of a reply is three digits and a blank, a hyphen or the end (RFC 5321
// section 4.2); anything else is no SMTP, and nothing is concluded from it.
func TestReplyLines(t *testing.T) {
	for line, want := range map[string]string{
		"250 ok": "250|ok|false", "250-ok": "250|ok|true", "250": "250||false", "250 ": "250||false", "209 x": "209|x|false", "290 x": "290|x|false", "599 x": "599|x|false",
		"25": "", "": "", "150 x": "", "650 x": "", "2x0 x": "", "25/ x": "", "25: x": "", "250x": "", "250_x": "", " 250 x": "", "\xff50 x": "",
	} {
		code, rest, more, ok := replyLine([]byte(line))
		got := ""
		if ok {
			got = fmt.Sprintf("%d|%s|%v", code, rest, more)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	for text, want := range map[string]string{
		"5.1.1 no such user": "5.1.1", "2.0.0": "2.0.0", "4.999.999 x": "4.999.999", "5.10.123 x": "5.10.123", "5.0.9 x": "5.0.9",
		"3.1.1 x": "", "5.1 x": "", "51.1.1 x": "", "5.1.1.1 x": "", "5.1.x x": "", "5.1./ x": "", "5.1.: x": "", "5.1111.1111 x": "", "x": "", "": "", "512.11 x": "",
	} {
		status, rest := enhancedStatus(text)
		if status != want || status == "" && rest != text || status != "" && strings.Contains(rest, status) {
			t.Errorf("%q: %q and %q, want %q", text, status, rest, want)
		}
	}
}

// What may stand between < and > in an envelope, and what may leave at all.
func TestWhatMayLeave(t *testing.T) {
	long := strings.Repeat("a", 242) + "@example.com"
	for address, want := range map[string]bool{
		"a@b": true, "a!b@c.example": true, long: true, "a@b@c.example": true,
		"a" + long: false, "": false, "@b": false, "a@": false, "a": false, "a b@c": false, "a\tb@c": false, "a@b\r\n": false, "a@b>": false, "<a@b": false, "a@b\x7f": false, "a\x00@b": false,
	} {
		if err := checkAddress(address); (err == nil) != want {
			t.Errorf("%q: %v", address, err)
		}
	}
	for data, want := range map[string]string{
		"a\r\n": "a\r\n", ".a\r\n": "..a\r\n", "a\r\n.\r\n": "a\r\n..\r\n", "a\r\n..b\r\n": "a\r\n...b\r\n", "a": "a\r\n", "a\r\n.": "a\r\n..\r\n", "a.\r\nb.c\r\n": "a.\r\nb.c\r\n", "": "\r\n",
	} {
		if got := string(appendStuffed(nil, []byte(data))); got != want {
			t.Errorf("%q becomes %q, want %q", data, got, want)
		}
	}
	// A line ends with CR LF and nothing else: another server might take a bare
	// one for the end of the letter, and what follows for commands of ours.
	for data, want := range map[string]bool{
		"a\r\nb\r\n": true, "a": true, "a\r\nb": true, "\r\n": true,
		"": false, "a\nb\r\n": false, "\na\r\n": false, "a\r\n\nb\r\n": false, "a\r\n.\nb\r\n": false, "a\r\n.\rb\r\n": false, "a\r": false, "a\r\r\n": false, "a\x00b\r\n": false,
	} {
		if err := (&Parcel{From: "a@b.example", To: "c@d.example", Data: []byte(data)}).check(); (err == nil) != want {
			t.Errorf("%q: %v", data, err)
		}
	}
}
