package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// "What do you know about me?" Everything that the book has of a person, table by
// table. It is complete by construction: a test walks the schema and fails for a
// column that names a member and stands neither in a section nor in the list of
// those that need none.

// Data is what is known about one member.
type Data struct {
	Member    Member
	Since     time.Time // on the staff list
	Addresses []string
	Rhythm    string // daily, weekly, paused, stopped
	Sections  []DataSection
	Keep      Keep
}

// DataSection is one kind of things.
type DataSection struct {
	Name  string // asks offers joined invited thanked thanks questions taken_back letters mails bounces addresses waiting
	Lines []DataLine
	More  int // older ones that are not listed
}

// DataLine is one of them.
type DataLine struct {
	At    time.Time
	Ask   int64  // 0: about none
	State string // a word of the book's
	Words string
}

// Keep is for how long things are kept.
type Keep struct{ Asks, Raw, Words time.Duration }

// mostLines is how many of one kind a letter lists, the newest.
const mostLines = 60

// dataSection is a section and where its lines come from: each ? is the member.
type dataSection struct {
	name  string
	table string
	query string
}

// dataSections are all of them. The columns are at, ask, state, words.
func dataSections() []dataSection {
	return []dataSection{
		{"asks", "ask_party", `SELECT a.created_at AS at, a.number AS ask, a.state, a.title || CASE WHEN a.body IN ('', a.title) THEN '' ELSE ': ' || a.body END AS words FROM ask a
			JOIN ask_party p ON p.ask = a.number WHERE p.role = 'asker' AND p.member = ?`},
		{"offers", "ask_party", `SELECT o.created_at AS at, p.ask, o.state, o.words FROM offer o JOIN ask_party p ON p.id = o.party WHERE p.role = 'helper' AND p.member = ?`},
		{"joined", "ask_party", `SELECT j.created_at AS at, p.ask, '' AS state, '' AS words FROM metoo j JOIN ask_party p ON p.id = j.party WHERE p.member = ?`},
		{"invited", "ask_party", `SELECT r.created_at AS at, p.ask, r.state, '' AS words FROM referral r JOIN ask_party p ON p.id = r.invited WHERE p.member = ?`},
		{"named", "ask_party", `SELECT r.created_at AS at, p.ask, r.state, '' AS words FROM referral r JOIN ask_party p ON p.id = r.connector WHERE p.member = ?`},
		{"thanked", "thanks", `SELECT t.created_at AS at, coalesce(t.ask, 0) AS ask, t.state, t.words FROM thanks t WHERE t.giver = ? OR t.ask IN (SELECT ask FROM ask_party WHERE role = 'asker' AND member = ?)`},
		{"thanks", "thanks_to", `SELECT t.created_at AS at, coalesce(t.ask, 0) AS ask, t.state, t.words FROM thanks t JOIN thanks_to k ON k.thanks = t.id WHERE k.member = ?`},
		{"questions", "question", `SELECT asked_at AS at, 0 AS ask, CASE WHEN answered_at IS NULL THEN 'waiting' ELSE 'answered' END AS state, trim(words || ' ' || address) AS words FROM question WHERE member = ?`},
		{"undo", "undoable", `SELECT done_at AS at, ask, kind AS state, '' AS words FROM undoable WHERE past <> '' AND member = ?`},
		{"bounces", "bounce", `SELECT at, 0 AS ask, status AS state, address AS words FROM bounce WHERE member = ?`},
		{"resting", "bounce_pause", `SELECT since AS at, 0 AS ask, status AS state, address AS words FROM bounce_pause WHERE member = ?`},
		{"unproven", "unconfirmed", `SELECT since AS at, 0 AS ask, CASE WHEN confirmed_at IS NULL THEN 'waiting' ELSE 'confirmed' END AS state, words FROM unconfirmed WHERE member = ?`},
		{"proofs", "confirm", `SELECT asked_at AS at, 0 AS ask, state, '' AS words FROM confirm WHERE member = ?`},
		{"learnt", "learnt_address", `SELECT learnt_at AS at, 0 AS ask, '' AS state, address AS words FROM learnt_address WHERE member = ?`},
		{"mails", "intake", `SELECT received_at AS at, 0 AS ask, state, acts AS words FROM intake WHERE member = ?`},
		{"letters", "letter", `SELECT l.at, 0 AS ask, o.state, w.subject AS words FROM letter l JOIN outbox o ON o.letter = l.id JOIN wording w ON w.id = l.wording WHERE l.member = ?`},
	}
}

// dataElsewhere are columns that name a member and need no section, and why.
func dataElsewhere() map[string]string {
	return map[string]string{
		"member_address.member":    "the addresses are listed with the person",
		"member_name.member":       "the words of the name, which is listed",
		"edition.member":           "which digest was composed when: the digests are listed as letters",
		"allowance.member":         "how many mails are acted on; gone within a day, and no word of the person's",
		"outsider.member":          "an address of somebody else, who answered a letter to this person; gone after a month",
		"ask_sealed.veil":          "who asks without a name is not looked up, not even for themselves: the letter would be the proof",
		"thanks.giver":             "listed as thanks that the person gave",
		"forgotten.member":         "of somebody forgotten nothing is known",
		"forget_search.member":     "of somebody forgotten nothing is known",
		"forgotten_address.member": "an HMAC of an address of somebody forgotten",
	}
}

// Known is everything about a member.
func (t *Tx) known(m Member) (*Data, error) {
	d := &Data{Member: m, Rhythm: rhythmOf(m, t.today()), Keep: t.book.settings.Keep}
	var joined int64
	if err := t.get(&joined, `SELECT joined_at FROM member WHERE id = ?`, m.ID); err != nil {
		return nil, err
	}
	d.Since = instant(joined)
	var err error
	if d.Addresses, err = t.addressesOf(m); err != nil {
		return nil, err
	}
	for _, s := range dataSections() {
		rows := []DataLine{}
		found := []struct {
			At           int64
			Ask          int64
			State, Words string
		}{}
		if err := t.list(&found, s.query+` ORDER BY 1 DESC LIMIT `+fmt.Sprint(mostLines+1), eachIs(s.query, m.ID)...); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		more := 0
		if len(found) > mostLines {
			if err := t.get(&more, `SELECT count(*) FROM (`+s.query+`)`, eachIs(s.query, m.ID)...); err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			found, more = found[:mostLines], more-mostLines
		}
		for _, r := range found {
			rows = append(rows, DataLine{At: instant(r.At), Ask: r.Ask, State: r.State, Words: r.Words})
		}
		if len(rows) > 0 {
			d.Sections = append(d.Sections, DataSection{Name: s.name, Lines: rows, More: more})
		}
	}
	return d, nil
}

// tellData answers "what do you know about me?". The answer goes to the
// registered address, wherever the question came from.
func (t *Tx) tellData(e Event, writer Member) error {
	data, err := t.known(writer)
	if err != nil {
		return err
	}
	t.tell(Fact{Kind: KindData, Key: t.key(KindData), To: writer.Recipient(), Thread: e.Thread, Data: data})
	return nil
}

// MemberNumber is the number of whoever has or had the address.
func (b *Book) MemberNumber(ctx context.Context, address string, now time.Time) (id int64, err error) {
	err = b.transact(ctx, func(tx *sqlx.Tx) error {
		m, err := (&Tx{ctx: ctx, tx: tx, book: b, now: now}).anybodyAt(address)
		id = m.ID
		return err
	})
	return id, err
}
