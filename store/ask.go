package store

import (
	"slices"
	"time"
)

// AskState is where an ask stands.
type AskState string

// The states of an ask.
const (
	AskOpen      AskState = "open"      // looking for help
	AskHelped    AskState = "helped"    // introduced to as many helpers as wanted
	AskClosed    AskState = "closed"    // the asker said it is sorted
	AskWithdrawn AskState = "withdrawn" // taken back by the asker or taken down by the admin
	AskExpired   AskState = "expired"   // nobody came, or nobody answered, for too long
	AskHeld      AskState = "held"      // waits for its asker's word; nobody else knows of it
)

// Live says whether the ask still stands on the list: open or helped.
func (s AskState) Live() bool { return s == AskOpen || s == AskHelped }

// Role is what a member is to an ask.
type Role string

// The roles of a member towards an ask.
const (
	RoleNone   Role = ""
	RoleAsker  Role = "asker"
	RoleHelper Role = "helper" // has an offer that was not withdrawn

	// These stand beside the others and are none of RoleOf's answers.
	RoleMeToo     Role = "metoo"     // needs the same
	RoleInvited   Role = "invited"   // was asked privately, because a colleague thought of them
	RoleConnector Role = "connector" // that colleague
)

// OfferState is where a member's offer on an ask stands.
type OfferState string

// The states of an offer.
const (
	OfferReserve    OfferState = "offered"    // thanked and kept in reserve
	OfferIntroduced OfferState = "introduced" // the two were introduced
	OfferThanked    OfferState = "thanked"
	OfferWithdrawn  OfferState = "withdrawn"
)

// Offer is one member's offer on one ask.
type Offer struct {
	Helper Member
	State  OfferState
	Words  string // the helper's own words
	At     time.Time
	// IntroducedAt is when the two were introduced; zero: they were not.
	IntroducedAt time.Time
}

// Ask is one request for help, with those who take part in it.
type Ask struct {
	Number    int64 // #17, never reused
	Title     string
	Body      string // the asker's words, without greeting's quotes and signature
	State     AskState
	Asker     Member // a veil when the ask is anonymous
	CreatedAt time.Time
	toldFrom  int64     // letters with a greater number tell it in its present listing
	ListedAt  time.Time // the ladder counts from here: created, reopened or extended
	NeededBy  Date      // zero: no date was named
	Wanted    int       // helpers wanted, at least 1
	Published bool      // an edition that lists it has been composed
	Anonymous bool      // nobody is told whose it is: Asker is a veil
	Files     int       // attachments that came with it and are not passed on
	Offers    []Offer
	Held      string   // what was seen in an ask that nobody was shown; "": nothing, or it was sent
	MeToo     []Member // who needs the same; those who left aside
	joinFrom  int64    // letters with a greater number told the asker of all of these
}

// Joined says whether the member needs the same and joined the ask.
func (a Ask) Joined(member int64) bool {
	return slices.ContainsFunc(a.MeToo, func(m Member) bool { return m.ID == member })
}

// RoleOf says what a member is to the ask.
func (a Ask) RoleOf(member int64) Role {
	if member != 0 && a.Asker.ID == member {
		return RoleAsker
	}
	for _, o := range a.Offers {
		if o.Helper.ID == member && o.State != OfferWithdrawn {
			return RoleHelper
		}
	}
	return RoleNone
}

// Helpers are the members who were introduced to the asker, thanked or not.
func (a Ask) Helpers() []Member {
	var helpers []Member
	for _, o := range a.Offers {
		if o.State == OfferIntroduced || o.State == OfferThanked {
			helpers = append(helpers, o.Helper)
		}
	}
	return helpers
}
