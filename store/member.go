package store

import "strings"

// Member is a person on the staff list. The configuration is the truth about
// who is a member; the book adds what only time can tell (pauses, bounces).
type Member struct {
	ID       int64 // the book's own number, never reused
	Name     string
	Email    string // registered address, lower case
	Aliases  []string
	Group    string // team or school
	Leader   bool
	Knows    []string
	Language string // "" means the exchange's language

	PausedUntil Date // digests rest until this date; zero: not paused for a time
	Paused      bool // digests rest; PausedUntil zero means until the member resumes
	Stopped     bool // no digests until the member resumes
	Weekly      bool // one digest a week instead of one a working day
	Veil        bool // not a person but whoever asked something anonymously: no name, no address
	Left        bool // no longer on the staff list: is told nothing, and nobody is introduced
}

// FirstName is what letters call a person by.
func (m Member) FirstName() string {
	first, _, _ := strings.Cut(strings.TrimSpace(m.Name), " ")
	return first
}

// ShortName is the first name and the initial of the last: "Priya N.".
func (m Member) ShortName() string {
	fields := strings.Fields(m.Name)
	if len(fields) < 2 {
		return strings.TrimSpace(m.Name)
	}
	last := []rune(fields[len(fields)-1])
	return fields[0] + " " + string(last[:1]) + "."
}

// Recipient is where one letter goes: a member, the admin or an outsider.
type Recipient struct {
	Member   int64 // 0: not a member
	Name     string
	Email    string
	Language string
}

// Recipient returns the member as the addressee of a letter.
func (m Member) Recipient() Recipient {
	if m.Veil {
		return Recipient{Member: m.ID, Email: veilAddress(m.ID)}
	}
	return Recipient{Member: m.ID, Name: m.Name, Email: m.Email, Language: m.Language}
}

// FirstName is what the letter calls its addressee by; "" when unknown.
func (r Recipient) FirstName() string { return Member{Name: r.Name}.FirstName() }

// BareAddress lower-cases an address and drops a plus tag from its local part,
// so that "Priya+lists@X.example" and "priya@x.example" name the same mailbox
// (RFC 5233 section 1 describes such subaddresses).
func BareAddress(address string) string {
	address = strings.ToLower(strings.TrimSpace(address))
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	local, domain := address[:at], address[at:]
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	return local + domain
}
