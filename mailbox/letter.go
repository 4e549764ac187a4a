package mailbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"askfirst/store"
)

// Stamp is what a letter's bytes need beside the letter.
type Stamp struct {
	Exchange  store.Exchange
	MessageID string // with brackets
	Date      time.Time
	Location  *time.Location // of the Date field; nil: UTC
	BookID    string         // names this book in the loop header
}

// Render is the letter's bytes (RFC 5322): the same letter and stamp always give
// the same bytes, so that what was frozen in the outbox can be made again.
func Render(letter store.Letter, stamp Stamp) ([]byte, error) {
	sheet, err := NewSheet(letter, stamp)
	if err != nil {
		return nil, err
	}
	return sheet.For(letter.To, letter.ReplyTo, stamp.MessageID, stamp.Date)
}

// Sheet is a letter of which many copies leave: everything but recipient,
// Reply-To, Message-ID and Date is composed and encoded once.
type Sheet struct {
	location *time.Location
	rest     []byte // the remaining header fields, the blank line and the body
}

// NewSheet composes what all copies share. The letter's To and ReplyTo and the
// stamp's MessageID and Date are not looked at.
func NewSheet(letter store.Letter, stamp Stamp) (*Sheet, error) {
	sheet := &Sheet{location: stamp.Location}
	if sheet.location == nil {
		sheet.location = time.UTC
	}
	address, err := wireAddress(stamp.Exchange.Address)
	if err != nil {
		return nil, fmt.Errorf("letter %s: the exchange's address: %w", letter.Key, err)
	}
	text, html := flowed(letter.Text), plainLines(letter.HTML)
	if text == "" {
		return nil, fmt.Errorf("letter %s has no text", letter.Key)
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP), mail.WithCharset(mail.CharsetUTF8),
		mail.WithBoundary(boundary(text, html)))
	for _, f := range sharedFields(letter, stamp, address) {
		m.SetGenHeader(mail.Header(f.name), f.value)
	}
	// The library adds these two itself when they are missing, at random and by
	// the clock; ours come with each copy and these are taken out again.
	m.SetGenHeader(mail.HeaderDate, placeholder)
	m.SetGenHeader(mail.HeaderMessageID, placeholder)
	m.SetBodyString(`text/plain; format=flowed`, text)
	if html != "" {
		m.AddAlternativeString(mail.TypeTextHTML, html)
	}
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("letter %s: %w", letter.Key, err)
	}
	head, body, found := bytes.Cut(out.Bytes(), []byte("\r\n\r\n"))
	if !found {
		return nil, fmt.Errorf("letter %s: composed without a body", letter.Key)
	}
	from := foldedField("From", mailbox(exchangeName(stamp.Exchange.Name), address))
	sheet.rest = append(sheet.rest, from...)
	sheet.rest = append(sheet.rest, withoutPlaceholders(head)...)
	sheet.rest = append(sheet.rest, "\r\n"...)
	sheet.rest = append(sheet.rest, body...)
	return sheet, nil
}

const placeholder = "placeholder"

// withoutPlaceholders drops the fields that each copy brings itself.
func withoutPlaceholders(head []byte) []byte {
	var kept []byte
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if l := string(line); l != "Date: "+placeholder && l != "Message-ID: "+placeholder {
			kept = append(append(kept, line...), "\r\n"...)
		}
	}
	return kept
}

// For is one copy.
func (s *Sheet) For(to store.Recipient, replyTo []store.Recipient, messageID string, date time.Time) ([]byte, error) {
	return s.Append(make([]byte, 0, len(s.rest)+512), to, replyTo, messageID, date)
}

// Append is For into a buffer of the caller's.
func (s *Sheet) Append(dst []byte, to store.Recipient, replyTo []store.Recipient, messageID string, date time.Time) ([]byte, error) {
	id := cleanMessageID(messageID)
	if id == "" {
		return dst, fmt.Errorf("%q is not a Message-ID", messageID)
	}
	address, err := wireAddress(to.Email)
	if err != nil {
		return dst, fmt.Errorf("to: %w", err)
	}
	if date.IsZero() {
		return dst, errors.New("a letter needs a date")
	}
	dst = append(dst, "Date: "...)
	dst = date.In(s.location).AppendFormat(dst, time.RFC1123Z)
	dst = append(dst, "\r\nMessage-ID: "...)
	dst = append(dst, id...)
	dst = append(dst, "\r\n"...)
	dst = append(dst, foldedField("To", mailbox(to.Name, address))...)
	if len(replyTo) > 0 {
		boxes := make([]string, len(replyTo))
		for i, r := range replyTo {
			address, err := wireAddress(r.Email)
			if err != nil {
				return dst, fmt.Errorf("reply-to: %w", err)
			}
			boxes[i] = mailbox(r.Name, address)
		}
		dst = append(dst, foldedField("Reply-To", strings.Join(boxes, ", "))...)
	}
	return append(dst, s.rest...), nil
}

// field is one header field before encoding.
type field struct{ name, value string }

// sharedFields are the header fields that every copy of the letter has.
func sharedFields(letter store.Letter, stamp Stamp, address string) []field {
	fields := []field{
		{"Subject", encodedText(headerText(letter.Subject))},
		{"Auto-Submitted", autoSubmitted(letter.Kind)}, // RFC 3834 section 5
		// Vacation responders keep quiet; bounces still come.
		{"X-Auto-Response-Suppress", "OOF, AutoReply"},
	}
	if loop := token(stamp.BookID); loop != "" {
		fields = append(fields, field{"X-Askfirst-Loop", loop})
	}
	if ids := threadIDs(letter.Thread); len(ids) > 0 { // RFC 5322 section 3.6.4
		fields = append(fields, field{"In-Reply-To", ids[len(ids)-1]}, field{"References", strings.Join(ids, " ")})
	}
	if letter.IsDigest() {
		fields = append(fields,
			field{"Precedence", "bulk"},
			field{"List-Id", listID(address)},                       // RFC 2919
			field{"List-Unsubscribe", mailtoField(address, "stop")}, // RFC 2369 section 3.2
			field{"List-Help", mailtoField(address, "help")})
	}
	return fields
}

// autoSubmitted tells what the clock made us write from what answers a mail.
func autoSubmitted(kind string) string {
	switch kind {
	case store.KindDigest, store.KindAdmin, store.KindDidItHelp, store.KindStillLooking, store.KindExpired:
		return "auto-generated"
	}
	return "auto-replied"
}

// boundary separates the parts. It is derived from them, so that the bytes are
// the same each time, and nobody can write a text that contains it.
func boundary(text, html string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d\n%s%s", len(text), text, html)
	return "askfirst-" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// exchangeName is the display name letters come from.
func exchangeName(name string) string {
	name = headerText(name)
	lower := strings.ToLower(name)
	switch {
	case name == "":
		return "Help Exchange"
	case strings.Contains(lower, "help exchange"):
		return name
	}
	return name + " Help Exchange"
}
