package store

import "time"

// Verdict is what became of a message: the terminal states of its intake row.
type Verdict string

// The verdicts. Pending is the only one that is not terminal.
const (
	Pending     Verdict = "pending"
	Accepted    Verdict = "accepted"
	Refused     Verdict = "refused"
	Ignored     Verdict = "ignored"
	Quarantined Verdict = "quarantined"

	// Unconfirmed waits for its writer's yes, and counts as pending.
	Unconfirmed Verdict = "unconfirmed"
)

// Auth says whether we believe that From wrote the message.
type Auth string

// The three answers to "did From write this?".
const (
	Believed Auth = "believed"
	Unproven Auth = "unproven"
	Failed   Auth = "failed"
)

// ActKind is what a person means by some words.
type ActKind string

// The acts. They are also the "action" words of `askfirst explain --json`.
const (
	ActAsk       ActKind = "ask"
	ActOffer     ActKind = "offer"
	ActRefer     ActKind = "refer"
	ActMeToo     ActKind = "metoo"
	ActThanks    ActKind = "thanks"
	ActClose     ActKind = "close"
	ActReopen    ActKind = "reopen"
	ActExtend    ActKind = "extend"
	ActWithdraw  ActKind = "withdraw" // of an ask by its asker, or of an offer by its helper
	ActEdit      ActKind = "edit"
	ActDecline   ActKind = "decline" // decline praise, or keep thanks private
	ActPause     ActKind = "pause"
	ActResume    ActKind = "resume"
	ActStop      ActKind = "stop"
	ActFrequency ActKind = "frequency"
	ActUndo      ActKind = "undo"
	ActStatus    ActKind = "status" // "my asks"
	ActHelp      ActKind = "help"
	ActData      ActKind = "data"
	ActForget    ActKind = "forget"
	ActConfirm   ActKind = "confirm" // "yes" to a question of ours
	ActBounce    ActKind = "bounce"
	ActRelay     ActKind = "relay"
	ActChat      ActKind = "chat"    // talk that asks nothing of us: left alone
	ActUnclear   ActKind = "unclear" // answered with one question
)

// Act is one thing a message does.
type Act struct {
	Kind       ActKind
	Ask        int64   // the ask it is about; 0 for a new ask and where there is none
	Title      string  // ask, edit: one line, from the subject or the first words; "" keeps the title
	Text       string  // the person's words for this act
	Candidates []int64 // unclear: the asks it may be about
	Until      Date    // pause, extend: the day named; zero: none was named
	Private    bool    // thanks: not to be published
	Replace    bool    // edit: Text takes the place of the ask's words instead of following them
	NeededBy   Date    // ask, edit: needed by
	Via        string  // by what tie the ask was found: number, subject, letter, only, quoted, title, question
	Members    []int64 // refer: whom the words name; thanks without an ask: who is thanked
	Name       string  // refer, thanks: the name as written, when it fits nobody or several (then Members holds all of them); "": all of Members are meant
	Undo       []int64 // undo: what is taken back, of View.Undo
	Anonymous  bool    // ask: nobody is to learn whose it is
	Reveal     bool    // relay: the writer gives their name to whom they answer
	Hold       string  // ask, edit, thanks, relay: what in the words should be looked at before colleagues read them; "": nothing
}

// Envelope is who wrote a message and what it answers.
type Envelope struct {
	From      string // lower case; "" unless From names exactly one mailbox
	FromName  string
	Member    int64 // the member whose registered address or alias From is; 0: nobody's
	Auth      Auth
	MessageID string   // with brackets; "" when missing
	Subject   string   // decoded, prefixes such as Re: off
	Thread    []string // References and the message's own Message-ID, oldest first, for the answer's headers
	Files     []string // names of attachments
}

// Event is what a message says: the envelope and the acts in the order in
// which they apply. Acts are empty unless Verdict is Accepted.
type Event struct {
	Envelope
	Verdict Verdict
	Reason  string // a snake_case code, documented in docs/REASONS.md
	Acts    []Act
	Text    string // what the writer newly wrote
	Answers string // key of the letter of ours that it answers; ""
	Dup     string // duplicate key: sender, Message-ID and body; "" for machines
	// Nameless: it was marked as anonymous, or answers a letter about such an ask;
	// nothing of it may be kept beside its writer.
	Nameless bool
	Bounce   *Bounce
	Confirm  bool // nobody has proved that From wrote it: the whole of it waits for a yes
	// Later is what an answer to "did you just write this?" does beside its yes or
	// no, as it is understood now. The message is decided once more, for this
	// alone, when what waited has been; LaterWaits: when its writer has said yes
	// to it.
	Later      []Act
	LaterWaits bool
	// Addressee is the member to whom the letter went that a stranger answers; 0:
	// nobody, or several.
	Addressee int64
	Trace     []string // the story: what was read, what was cut and why, which tie won
}

// Bounce is what a delivery status notification reports (RFC 3464 section 2.3).
type Bounce struct {
	Recipient string // the address we wrote to where the report tells, else the final one; lower case
	Action    string // failed, delayed, …
	Status    string // enhanced status, such as 5.1.1
	MessageID string // of the letter of ours that came back; ""
}

// Refs is what the book needs to know of a message in order to look up what
// concerns it.
type Refs struct {
	From      string   // lower case
	MessageID string   // with brackets
	Answers   []string // Message-IDs from In-Reply-To, then References from the last to the first
	Quotes    bool     // the message may hold words of ours: their texts are wanted
	Numbers   []int64  // every number in the subject and text that could be an ask's
	Names     []string // folded words and addresses that could name a colleague ("ask Ben"); "ben*" is the beginning of a word
	Dup       string   // duplicate key, see Event.Dup
	Returned  string   // Message-ID of a letter inside a bounce
	Codes     []string // what may be codes of ours in the subject (PlainCode)
	Tokens    []string // what may be tokens of ours (store/token.go), in lower case
}

// View is what the book knows that concerns one message: plain values.
type View struct {
	Now      time.Time
	Today    Date // the local date of Now
	Calendar Calendar
	Exchange Exchange
	Writer   *Member // nil: From is nobody's address

	Letters []Sent        // letters of ours that the message names, nearest first
	Recent  []Sent        // when it names none: the writer's letters of the last 14 days, newest first; their words only if Refs.Quotes
	Asks    map[int64]Ask // every ask in those letters, every ask that Refs.Numbers names, and the writer's own live ones
	Ours    bool          // the message's own Message-ID is one of ours: a letter coming home
	Seen    bool          // the duplicate key is known: decided before
	Named   []Member      // colleagues whom Refs.Names may mean, by any part of their name or by address
	Undo    []Undoable    // what the writer may still take back, newest first
	Pending *Question     // what we asked the writer in the letter that this message answers

	Confirm      *Confirmation // "did you just write this?", whose own token this message shows
	Confirmed    bool          // its writer said yes to this message: it is believed
	Released     bool          // an admin took this message out of quarantine
	Addressee    *Member       // of a stranger's answer: to whom that letter went; nil: nobody, or several
	AskAddressee bool          // who may be asked whether the stranger's address is theirs
}

// Undoable is something that a person did by mail and may still take back: until
// the next digest (store/undo.go).
type Undoable struct {
	ID   int64
	Kind ActKind
	Ask  int64  // 0: not about an ask
	Key  string // key of the letter that answered it; ""
	At   time.Time
	Mail int64 // acts with the same number came in one mail
	// Behind: something was taken back since, so that a mere "undo" does not mean it.
	Behind bool
}

// Question is something we asked a person and whose words we keep.
type Question struct {
	ID         int64
	Letter     string // key of the letter that asks
	Kind       string // which_ask, which_person or share
	Words      string // the person's words, waiting
	Candidates []int64
	Ask        int64    // share: the ask the thanks belong to; which_person: the ask that was referred; 0: none
	People     []int64  // which_person: the members to choose from
	Name       string   // which_person: the name as written
	names      []string // the names in the words
}

// Exchange is what every letter and every decision needs to know of it.
type Exchange struct {
	Name     string
	Address  string // the help address, lower case
	Admin    string
	Language string
	Members  int // how many people are on the staff list
}
