// Package parse reads the bytes of a message, however broken, into plain
// values: bounded in time and memory before anything else, linear, tolerant,
// never failing and never panicking. It is pure: bytes in, values out.
package parse

import "time"

// Limits bound what Read spends on one message. A message beyond a limit is
// read up to it and says so in Message.Problems.
type Limits struct {
	Bytes       int // of the message
	Depth       int // nesting of multiparts and enclosed messages
	Parts       int
	HeaderLines int
	HeaderBytes int
	Addresses   int
}

// Standard are the limits for mail from people.
func Standard() Limits {
	return Limits{Bytes: 10 << 20, Depth: 20, Parts: 300, HeaderLines: 1000, HeaderBytes: 256 << 10, Addresses: 500}
}

// Field is one header field, unfolded, its value as it stands in the message.
type Field struct{ Name, Value string }

// Header is the fields of a message or part in order from the top.
type Header []Field

// Address is one mailbox (RFC 5322 section 3.4): display name decoded, address
// as written, without angle brackets.
type Address struct{ Name, Email string }

// Attachment is a part that is not the message's text: named, never opened.
type Attachment struct {
	Name   string // decoded, without path and control characters; "" when unnamed
	Type   string // media type, lower case
	Size   int    // decoded bytes
	Inline bool   // an inline picture (a logo in a signature), not something a person attached
}

// Message is a message as read. Every string is valid UTF-8 without NUL.
type Message struct {
	Header     Header
	From       []Address
	Sender     []Address
	ReplyTo    []Address
	To         []Address
	Cc         []Address
	Subject    string    // decoded, one line, prefixes such as Re: still on
	MessageID  string    // with brackets; "" when there is none
	InReplyTo  []string  // with brackets
	References []string  // with brackets, as ordered in the message
	Date       time.Time // zero when missing or unreadable; never used as domain time
	Size       int64     // of the whole message in bytes, where whoever fetched it knows more than Read; 0: unknown

	// Plain is the decoded text/plain body (format=flowed joined), "" if none.
	Plain string
	// HTML is the decoded text/html body, "" if none.
	HTML string

	Attachments []Attachment
	// Kind is what else the message is: "" ordinary, "report" (delivery status),
	// "receipt" (disposition notification), "feedback" (abuse report),
	// "calendar" (an invitation or an answer to one), "encrypted" (nothing
	// readable), "tnef" (only winmail.dat).
	Kind string
	// Report is set for delivery reports (RFC 3464), also where an old server
	// wrote one in prose.
	Report *Report
	// Enclosed is the header of the first enclosed or returned message.
	Enclosed Header
	Problems []string // what was odd or beyond a limit, in plain words

	// Ambiguous is why another reader may see other header fields than these;
	// "" when nobody can.
	Ambiguous string
	// Signers are the domains near that of From whose DKIM signature of this
	// message was verified, and SignersWhy is why there are none. Read leaves
	// them empty: verifying asks the DNS.
	Signers    []string
	SignersWhy string
}

// Report is a delivery status notification, first failed recipient first.
type Report struct {
	Recipients []ReportRecipient
	MessageID  string // of the returned message; ""
}

// ReportRecipient is one per-recipient block (RFC 3464 section 2.3).
type ReportRecipient struct {
	Address    string // final recipient, lower case
	Original   string // the address as the sender gave it, where the report tells; lower case
	Action     string // failed, delayed, delivered, relayed, expanded; "" unknown
	Status     string // 5.1.1
	Diagnostic string
}
