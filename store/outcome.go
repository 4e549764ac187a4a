package store

import "time"

// Outcome is what the book knows now that it did not know before: one Fact for
// each letter that must follow. The digest package turns it into letters.
type Outcome struct {
	Now      time.Time
	Calendar Calendar
	Exchange Exchange
	Facts    []Fact
}

// Fact is one thing that somebody must be told, with all that the letter needs.
// Which fields are set depends on Kind.
type Fact struct {
	Kind   string // one of the Kind… constants: the letter that tells it
	Key    string // the letter's key, without recipient
	To     Recipient
	Thread []string // Message-IDs that the letter follows

	Ask        Ask      // the ask it is about; Number 0: none
	Helpers    []Member // thanks_noted, may_i_share: all whom the thanks go to
	Helper     Member   // introduction, reserve, did_it_help, thank_you, …
	Connector  Member   // introduction: who thought of the helper; ID 0: nobody
	People     []Member // which_person: whom the name may mean; hint_passed_on: who was not asked
	Name       string   // which_person, hint_passed_on: a name as it was written
	Joined     []Ask    // status: the asks whose need the member shares
	Words      string   // the writer's words, to be repeated
	Files      []string
	Candidates []Ask    // which_ask
	Asks       []Ask    // status: the member's own live asks
	Helping    []Ask    // status: the asks the member was introduced to
	Until      Date     // paused; zero: until the member comes back
	Publish    Date     // acknowledgement, thanks: the date of the edition that will carry it
	Private    bool     // thanks stay between the two
	Readers    int      // acknowledgement: how many colleagues it goes to
	Limit      int64    // too_large: bytes
	Held       string   // held, may_i_share: what was seen, as Ask.Held has it
	Reason     string   // taken_down, admin: why, in words
	Letters    []Letter // together: what waited; without its text: only named
	Carries    []int64  // together: the numbers of all that waited
	Code       string   // confirm: the token in the subject
	Sayings    []Saying // confirm: what waits for a yes, the first of it
	Count      int      // confirm: how many messages wait
	Edition    *Edition
	Data       *Data // data: what is known about the recipient
}

// Edition is what one working day has to tell one member. Sections hold asks in
// the order in which they are to be shown; an ask stands in one section only.
type Edition struct {
	Date    Date
	Since   Date // date of the edition before the first that could tell what is new; "since Friday" when it is not yesterday
	Member  Member
	First   bool  // the member's first digest
	Yours   []Ask // the member's own live asks with offers or a question, at most 3
	New     []Ask // not told to this member before
	Waiting []Ask // told, nobody introduced yet, oldest first
	Also    []Ask // also open
	Thanks  []Thanks
	Asked   int // how many colleagues' asks are new
}

// Thanks is appreciation from an asker to helpers.
type Thanks struct {
	ID    int64
	From  Member
	To    []Member
	Ask   Ask // Number 0: not about an ask
	Words string
}
