package store

import (
	"database/sql"
	"fmt"
	"slices"
)

type askRow struct {
	Number    int64
	Title     string
	Body      string
	State     AskState
	CreatedAt int64  `db:"created_at"`
	ListedAt  int64  `db:"listed_at"`
	ToldFrom  int64  `db:"told_from"`
	NeededBy  string `db:"needed_by"`
	Wanted    int
	Published string
	Files     int
	Held      string
	Anonymous bool
}

type partyRow struct {
	Ask          int64
	Role         Role
	State        sql.NullString
	Words        sql.NullString
	At           sql.NullInt64
	IntroducedAt sql.NullInt64 `db:"introduced_at"`
	ToldFrom     sql.NullInt64 `db:"told_from"`
	memberRow
}

// asks loads asks with all who take part in them, in the order of their numbers.
func (t *Tx) asks(numbers []int64) ([]Ask, error) {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	var asks []Ask
	for chunk := range slices.Chunk(numbers, 500) {
		rows := []askRow{}
		err := listIn(t, &rows, `SELECT number, title, body, state, created_at, listed_at, told_from, needed_by, wanted, published, files, held, anonymous FROM ask WHERE number IN (?) ORDER BY number`, chunk)
		if err != nil {
			return nil, fmt.Errorf("asks: %w", err)
		}
		parties := []partyRow{}
		err = listIn(t, &parties, `SELECT p.ask, p.role, o.state, o.words, o.created_at AS at, o.introduced_at, j.told_from, m.* FROM ask_party p JOIN member m ON m.id = p.member
			LEFT JOIN offer o ON o.party = p.id LEFT JOIN metoo j ON j.party = p.id WHERE p.ask IN (?) ORDER BY o.created_at, p.id`, chunk)
		if err != nil {
			return nil, fmt.Errorf("asks: %w", err)
		}
		byNumber := map[int64][]partyRow{}
		for _, p := range parties {
			byNumber[p.Ask] = append(byNumber[p.Ask], p)
		}
		for _, r := range rows {
			asks = append(asks, r.ask(byNumber[r.Number]))
		}
	}
	return asks, t.veiled(asks)
}

func (r askRow) ask(parties []partyRow) Ask {
	a := Ask{Number: r.Number, Title: r.Title, Body: r.Body, State: r.State, CreatedAt: instant(r.CreatedAt), ListedAt: instant(r.ListedAt), toldFrom: r.ToldFrom,
		Wanted: r.Wanted, Published: r.Published != "", Files: r.Files, Held: r.Held, Anonymous: r.Anonymous}
	a.NeededBy, _ = ParseDate(r.NeededBy) // '' is the zero date
	for _, p := range parties {
		switch {
		case p.Role == RoleAsker:
			a.Asker = p.member()
		case p.Role == RoleMeToo:
			if p.OnStaff {
				a.MeToo, a.joinFrom = append(a.MeToo, p.member()), max(a.joinFrom, p.ToldFrom.Int64)
			}
		case p.State.Valid:
			a.Offers = append(a.Offers, Offer{Helper: p.member(), State: OfferState(p.State.String), Words: p.Words.String, At: instant(p.At.Int64), IntroducedAt: nullInstant(p.IntroducedAt)})
		}
	}
	return a
}

// ask loads one; Number 0 when there is none.
func (t *Tx) ask(number int64) (Ask, error) {
	asks, err := t.asks([]int64{number})
	if err != nil || len(asks) == 0 {
		return Ask{}, err
	}
	return asks[0], nil
}

// asksOf are the live asks in which the member has the role.
func (t *Tx) asksOf(member int64, role Role) ([]Ask, error) {
	numbers := []int64{}
	err := t.list(&numbers, `SELECT p.ask FROM ask_party p JOIN ask a ON a.number = p.ask LEFT JOIN offer o ON o.party = p.id
		WHERE p.member = ? AND p.role = ? AND (a.state IN ('open', 'helped') OR a.state = 'held' AND p.role = 'asker') AND (o.state IS NULL OR o.state <> 'withdrawn') ORDER BY p.ask`, member, role)
	if err != nil {
		return nil, fmt.Errorf("asks: %w", err)
	}
	return t.asks(numbers)
}

// setState moves an ask to another state. Digests that still wait and list it
// are composed anew.
func (t *Tx) setState(number int64, state AskState) error {
	err := t.exec(`UPDATE ask SET state = ?, closed_at = CASE WHEN ? THEN ? ELSE NULL END WHERE number = ?`, state, !state.Live(), millis(t.now), number)
	if err != nil {
		return fmt.Errorf("ask %d: %w", number, err)
	}
	if state == AskOpen {
		return nil
	}
	if !state.Live() {
		if err := t.tellJoined(number); err != nil {
			return err
		}
	}
	return t.recompose(number)
}

// recompose takes back the digests that list an ask and were not sent, with
// their editions, so that they are composed anew while there is time.
func (t *Tx) recompose(number int64) error {
	letters := []int64{}
	err := t.list(&letters, `SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter JOIN wording_item i ON i.wording = l.wording
		WHERE i.ask = ? AND o.digest = 1 AND o.state IN ('queued', 'retry')`, number)
	if err != nil {
		return fmt.Errorf("ask %d: %w", number, err)
	}
	return t.takeBack(letters)
}

// takeBackStale takes back those of the unsent digests whose asks or thanks went
// while they were on their way to the server.
func (t *Tx) takeBackStale(letters []int64) error {
	for chunk := range slices.Chunk(letters, 500) {
		stale := []int64{}
		if err := listIn(t, &stale, `SELECT l.id FROM letter l WHERE l.id IN (?) AND (
			EXISTS (SELECT 1 FROM wording_item i JOIN ask a ON a.number = i.ask WHERE i.wording = l.wording AND (a.state NOT IN ('open', 'helped')
				OR a.state = 'helped' AND NOT EXISTS (SELECT 1 FROM ask_party p WHERE p.ask = a.number AND p.role = 'asker' AND p.member = l.member)))
			OR EXISTS (SELECT 1 FROM wording_thanks w JOIN thanks k ON k.id = w.thanks WHERE w.wording = l.wording AND k.state <> 'public')
			OR EXISTS (SELECT 1 FROM member m WHERE m.id = l.member AND (m.on_staff = 0 OR m.stopped = 1)))`, chunk); err != nil {
			return fmt.Errorf("digests that wait: %w", err)
		}
		if err := t.takeBack(stale); err != nil {
			return err
		}
	}
	return nil
}

// takeBack removes letters that were not sent, with the editions they carry.
func (t *Tx) takeBack(letters []int64) error {
	for _, id := range letters {
		for _, query := range []string{`DELETE FROM edition WHERE letter = ?`, `DELETE FROM outbox WHERE letter = ?`,
			`DELETE FROM consequence WHERE what = 'letter' AND ref = ?`, `DELETE FROM later WHERE letter = ?`, `DELETE FROM letter WHERE id = ?`} {
			if err := t.exec(query, id); err != nil {
				return fmt.Errorf("letter %d: %w", id, err)
			}
		}
	}
	return nil
}
