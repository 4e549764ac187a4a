package store

import (
	"database/sql"
	"errors"
	"slices"
)

// past is how things stood that an act may change: an ask with its offers and
// thanks, or how often a member hears from us.
type past struct {
	Ask     *askPast     `json:",omitempty"`
	Parties []partyPast  `json:",omitempty"`
	Offers  []offerPast  `json:",omitempty"`
	Thanks  []thanksPast `json:",omitempty"`
	Rhythm  *rhythmPast  `json:",omitempty"`
}

type askPast struct {
	Title      string
	Body       string
	State      AskState
	NeededBy   string `db:"needed_by"`
	Wanted     int
	Held       string
	HeldEdit   int64  `db:"held_edit"` // when a change was held that waits; 0: none
	CreatedAt  int64  `db:"created_at"`
	ListedAt   int64  `db:"listed_at"`
	ToldFrom   int64  `db:"told_from"`
	RemindedAt *int64 `db:"reminded_at"`
	ClosedAt   *int64 `db:"closed_at"`
}

type partyPast struct {
	ID     int64
	Role   Role
	Member int64
}

type offerPast struct {
	Party        int64
	Member       int64
	State        OfferState
	Round        int
	IntroducedAt *int64 `db:"introduced_at"`
	PromptedAt   *int64 `db:"prompted_at"`
}

type thanksPast struct {
	ID        int64
	State     string
	CreatedAt int64 `db:"created_at"`
}

type rhythmPast struct {
	Paused      bool
	PausedUntil string `db:"paused_until"`
	Stopped     bool
	Weekly      bool
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func (a *askPast) equal(b *askPast) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := *a, *b
	x.RemindedAt, y.RemindedAt, x.ClosedAt, y.ClosedAt = nil, nil, nil, nil
	return x == y && same(a.RemindedAt, b.RemindedAt) && same(a.ClosedAt, b.ClosedAt)
}

func (a offerPast) equal(b offerPast) bool {
	return a.Party == b.Party && a.State == b.State && a.Round == b.Round && same(a.IntroducedAt, b.IntroducedAt) && same(a.PromptedAt, b.PromptedAt)
}

// equal says whether nothing changed.
func (p past) equal(q past) bool {
	return p.Ask.equal(q.Ask) && same(p.Rhythm, q.Rhythm) && slices.Equal(p.Parties, q.Parties) && slices.Equal(p.Thanks, q.Thanks) &&
		slices.EqualFunc(p.Offers, q.Offers, offerPast.equal)
}

func (p past) offer(party int64) (offerPast, bool) {
	i := slices.IndexFunc(p.Offers, func(o offerPast) bool { return o.Party == party })
	if i < 0 {
		return offerPast{}, false
	}
	return p.Offers[i], true
}

func (p past) thanks(id int64) (thanksPast, bool) {
	i := slices.IndexFunc(p.Thanks, func(k thanksPast) bool { return k.ID == id })
	if i < 0 {
		return thanksPast{}, false
	}
	return p.Thanks[i], true
}

// past reads how things stand that an act of a member's may change.
func (t *Tx) past(member int64, act Act) (past, error) {
	if act.Kind.rhythm() {
		r := rhythmPast{}
		err := t.get(&r, `SELECT paused, paused_until, stopped, weekly FROM member WHERE id = ?`, member)
		return past{Rhythm: &r}, err
	}
	if act.Kind == ActConfirm && act.Via != "held" || act.Ask == 0 {
		return t.pastOfThanks(member)
	}
	return t.pastOf(act.Ask)
}

// rhythm says whether an act is about how often a member hears from us.
func (k ActKind) rhythm() bool {
	return k == ActPause || k == ActResume || k == ActStop || k == ActFrequency
}

// pastOf reads how an ask stands.
func (t *Tx) pastOf(number int64) (past, error) {
	p := past{}
	a := askPast{}
	err := t.get(&a, `SELECT title, body, state, held, needed_by, wanted, created_at, listed_at, told_from, reminded_at, closed_at,
		coalesce((SELECT created_at FROM held_edit WHERE ask = number), 0) AS held_edit FROM ask WHERE number = ?`, number)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Ask = &a
	if err := t.list(&p.Parties, `SELECT id, role, member FROM ask_party WHERE ask = ? AND role NOT IN ('asker', 'helper') ORDER BY id`, number); err != nil {
		return p, err
	}
	if err := t.list(&p.Offers, `SELECT o.party, p.member, o.state, o.round, o.introduced_at, o.prompted_at FROM ask_party p JOIN offer o ON o.party = p.id WHERE p.ask = ? ORDER BY o.party`, number); err != nil {
		return p, err
	}
	return p, t.list(&p.Thanks, `SELECT id, state, created_at FROM thanks WHERE ask = ? ORDER BY id`, number)
}

// pastOfThanks reads the thanks that a member gave without an ask, those to them,
// and those that "yes" may share.
func (t *Tx) pastOfThanks(member int64) (p past, err error) {
	err = t.list(&p.Thanks, `SELECT k.id, k.state, k.created_at FROM thanks k WHERE k.id IN (SELECT id FROM thanks WHERE giver = ?
		UNION SELECT thanks FROM thanks_to WHERE member = ? UNION SELECT thanks FROM question WHERE member = ? AND kind = 'share') ORDER BY k.id DESC LIMIT 50`, member, member, member)
	return p, err
}

// has says whether a member has a part in the ask beside those of asker and helper.
func (p past) has(role Role, member int64) bool {
	return slices.ContainsFunc(p.Parties, func(x partyPast) bool { return x.Role == role && x.Member == member })
}
