package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/hold"
	"askfirst/mailbox/parse"
	"askfirst/mailbox/words"
	"askfirst/store"
)

// Policy is what an exchange has decided about the mail it takes.
type Policy struct {
	// Verify is the configuration's senders.verify: one of the ways of Identify.
	// What is not one of them believes nobody.
	Verify string
	// AuthservIDs are the servers whose Authentication-Results count, and Hops
	// how many Received fields of our own stand above the one that they precede.
	AuthservIDs []string
	Hops        int
	// MaxSize is the size in bytes beyond which a message is not read; 0: none.
	MaxSize int64
	// Words is the vocabulary, with what the configuration adds to it; nil: the
	// one that comes with the program.
	Words *words.Vocabulary
	// Hold looks for what colleagues should perhaps not read; nil: the detector
	// that comes with the program.
	Hold *hold.Detector
}

func (p Policy) words() *words.Vocabulary {
	if p.Words == nil {
		return words.Standard()
	}
	return p.Words
}

// sender is the one mailbox in the one From field, lower case; "" when there is
// none, or another, or another field. Reply-To and Sender never say who wrote
// (RFC 5322 section 3.6.2 lets anybody set them).
func sender(m *parse.Message) (address, name string) {
	if len(m.From) != 1 {
		return "", ""
	}
	if fields := m.Header.All("From"); len(fields) > 1 || len(fields) == 1 && isGroup(fields[0]) {
		return "", ""
	}
	address = strings.ToLower(strings.TrimSpace(m.From[0].Email))
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 || strings.ContainsAny(address, " \t\r\n<>,;") {
		return "", ""
	}
	return address, m.From[0].Name
}

// envelope is who wrote the message and what it answers, and why its writer is
// believed or not.
func envelope(m *parse.Message, view store.View, policy Policy) (e store.Envelope, why string) {
	e = store.Envelope{MessageID: m.MessageID}
	e.From, e.FromName = sender(m)
	e.Subject, _, _ = parse.BaseSubject(m.Subject)
	if e.From != "" && view.Writer != nil {
		e.Member = view.Writer.ID
	}
	e.Auth, why = Identify(m, policy)
	e.Auth = believe(e.Auth, view)
	e.Thread = thread(m)
	for _, a := range m.Attachments {
		if !a.Inline {
			e.Files = append(e.Files, a.Name)
		}
	}
	return e, why
}

// thread is the message's References and its own Message-ID, bounded: RFC 5322
// section 3.6.4, with In-Reply-To in place of missing References.
func thread(m *parse.Message) []string {
	const longest = 20
	ids := m.References
	if len(ids) == 0 && len(m.InReplyTo) == 1 {
		ids = m.InReplyTo
	}
	if len(ids) > longest {
		ids = append(slices.Clone(ids[:1]), ids[len(ids)-longest+1:]...)
	}
	out := slices.Clone(ids)
	if m.MessageID != "" && !slices.Contains(out, m.MessageID) {
		out = append(out, m.MessageID)
	}
	return out
}

// ours says whether an address is the help address, plus tags aside.
func ours(address, help string) bool {
	return help != "" && store.BareAddress(address) == store.BareAddress(help)
}

// writtenTo says whether one of the addresses is the help address.
func writtenTo(list []parse.Address, help string) bool {
	return slices.ContainsFunc(list, func(a parse.Address) bool { return ours(a.Email, help) })
}
