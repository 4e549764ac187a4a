package store

import "time"

// The kinds of letters. They are also the words in `would_send`.
const (
	KindAcknowledgement = "acknowledgement"  // to the asker: as it will look
	KindHeld            = "held"             // to the writer: not sent yet, three ways on
	KindStillHeld       = "still_held"       // to the writer, three working days later
	KindLetGo           = "let_go"           // to the writer: the held ask is let go
	KindEdited          = "edited"           // to the asker: as it looks now
	KindIntroduction    = "introduction"     // to asker and helper, one copy each
	KindHint            = "hint"             // to the asker: a colleague knows who might help
	KindHintPassed      = "hint_passed_on"   // to that colleague: receipt
	KindInvitation      = "invitation"       // to a colleague whom another one thought of, privately
	KindReferred        = "referred"         // to that other one: receipt
	KindWhichPerson     = "which_person"     // to the writer: which Ben did you mean?
	KindMeToo           = "metoo"            // to whoever needs the same: joined, or left again
	KindAnswer          = "answer"           // to whoever joined: how the ask ended
	KindReserve         = "reserve"          // to a volunteer: there is help already
	KindGone            = "gone"             // to a volunteer: that ask is no longer on the list
	KindWhichAsk        = "which_ask"        // to the writer: which ask did you mean?
	KindDidItHelp       = "did_it_help"      // to the asker, three working days after an introduction
	KindThankYou        = "thank_you"        // to the helper, with the asker's words
	KindMayIShare       = "may_i_share"      // to whoever thanked unasked
	KindThanksNoted     = "thanks_noted"     // to the asker: what becomes of the thanks
	KindStillLooking    = "still_looking"    // to the asker, ten working days after the ask
	KindExpired         = "expired"          // to the asker: taken off the list, kindly
	KindKeptPrivate     = "kept_private"     // to helper or asker: the thanks stay between the two
	KindClosed          = "closed"           // to the asker: sorted
	KindReopened        = "reopened"         // to the asker: back on the list, or kept for longer
	KindWithdrawn       = "withdrawn"        // to the asker: taken back
	KindTakenDown       = "taken_down"       // to the asker: an admin took it down
	KindOfferWithdrawn  = "offer_withdrawn"  // to the helper: receipt
	KindHelperLeft      = "helper_left"      // to the asker: a helper cannot after all
	KindNoLonger        = "no_longer_needed" // to an introduced helper: the asker took the ask back or it is sorted
	KindPaused          = "paused"
	KindResumed         = "resumed"
	KindStopped         = "stopped"
	KindFrequency       = "frequency"
	KindHelp            = "help"
	KindStatus          = "status"
	KindUndone          = "undone"     // to whoever took something back, and to those whom that concerns
	KindNotBuilt        = "cannot_yet" // to a member: understood, but not something we do (data, forget: asks the admin)
	KindNotStaff        = "refusal"    // to a stranger, once per 30 days
	KindTooLarge        = "too_large"
	KindNoText          = "no_text"
	KindQuarantined     = "quarantined"     // to a member: kept aside, the admin looks at it
	KindEnough          = "enough"          // to a member: the rest of today's letters come together tomorrow
	KindTogether        = "together"        // to a member: what waited, in one letter
	KindTooMany         = "too_many"        // to a member: so many mails are not read
	KindConfirm         = "confirm"         // to a member, at the registered address: did you just write this?
	KindConfirmEnd      = "confirm_end"     // to a member: what became of the answer to that
	KindData            = "data"            // to a member: everything that is known about them
	KindForgetConfirm   = "forget_confirm"  // to a member who said "forget me": nothing happens before a yes
	KindForgotten       = "forgotten"       // to somebody who was forgotten: the last letter
	KindLeft            = "left"            // to asker or helper: the other one takes part no longer
	KindRelayToAsker    = "relay_to_asker"  // to an anonymous asker: a colleague's offer or words
	KindRelayToHelper   = "relay_to_helper" // to that colleague: receipt, and the asker's words
	KindRelayHeld       = "relay_held"      // to an anonymous asker: not passed on yet
	KindApart           = "apart"           // to an anonymous asker: what else was in the mail was not done
	KindAdmin           = "admin"           // to the admin
	KindDigest          = "digest"
)

// Item ties a place in a letter to an ask: position 1 is the first ask listed.
type Item struct {
	Position int
	Ask      int64
}

// Letter is one outgoing mail to one recipient, before it has bytes.
type Letter struct {
	// Key names the letter without its recipient: "introduction/17/m9". Both
	// copies of an introduction share it, and with it their Message-ID.
	Key  string
	Kind string
	To   Recipient
	// ReplyTo is where answers go; empty: the exchange's address.
	ReplyTo []Recipient
	Subject string
	Text    string // lines of at most 72 columns, as they are to be read
	HTML    string
	Items   []Item
	Thanks  []int64 // digest: the thanks that it carries
	Carries []int64 // together: the letters that it tells
	// Thread is the Message-IDs this letter follows, oldest first: the last
	// becomes In-Reply-To, all become References. Digests have none.
	Thread []string
}

// IsDigest says whether the letter is an edition: sent at most once, expires
// after twelve hours, automatic rather than an answer.
func (l Letter) IsDigest() bool { return l.Kind == KindDigest }

// Sent is a letter as we remember it: what its reader had before him.
type Sent struct {
	Key       string
	Kind      string
	To        int64 // the member; 0: not a member
	MessageID string
	Subject   string
	Text      string
	HTML      string
	Items     []Item
	Veiled    bool      // it went to the writer behind a veil
	At        time.Time // when it was put into the outbox
}
