package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Undo. Every act that changes something is remembered with how things stood
// before and after it, and can be taken back until the time of the next digest:
// until then nobody but those concerned has read of it. These are the rules:
//
//   - An answer to a letter of ours takes back what that letter answered, a
//     number the newest act about that ask, and "undo" alone the newest mail.
//   - "undo" alone never reaches past an earlier undo, so that whoever sends it
//     twice takes back one thing. An undo is not undone: to do the thing again a
//     person says so, as the letter explains.
//   - Of several acts about one ask the newest goes first.
//   - What was told to others and has not left is not sent; who was told is told
//     how things stand now.

// undoDays is for how long an act may be taken back at most: holidays are long.
const undoDays = 7

// undoMemory is how long we know that something can no longer be taken back.
const undoMemory = 14 * 24 * time.Hour

// mostUndo is how many acts of a member, the newest, may be taken back.
const mostUndo = 16

// errNothing says that an act cannot be taken back as things stand.
var errNothing = errors.New("cannot be taken back")

// undoRow is an act that was remembered.
type undoRow struct {
	ID       int64
	Member   int64
	Kind     ActKind
	Ask      int64
	Intake   int64
	Letter   string
	Past     string
	DoneAt   int64  `db:"done_at"`
	Until    int64  `db:"until"`
	UndoneAt *int64 `db:"undone_at"`
}

// story is how things stood before and after an act, and whom it was told to.
type story struct {
	Before, After past
	Letters       []string `json:",omitempty"` // outbox keys of the letters to others
}

// remember runs an act and notes what is needed to take it back.
func (t *Tx) remember(writer Member, act Act, do func() error) error {
	if act.Via == ViaAddress {
		return do() // an address is forgotten by the admin
	}
	switch act.Kind {
	case ActUndo, ActHelp, ActStatus, ActData, ActForget, ActRelay, ActUnclear, ActChat, ActBounce:
		return do()
	}
	var s story
	var err error
	told := len(t.facts)
	if act.Kind != ActAsk { // there was nothing before
		if s.Before, err = t.past(writer.ID, act); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	row := undoRow{Member: writer.ID, Kind: act.Kind, Ask: act.Ask}
	for _, f := range t.facts[told:] {
		mine := f.To.Member == writer.ID
		if !mine || f.Kind == KindIntroduction {
			s.Letters = append(s.Letters, f.Key+"/to/"+recipientKey(f.To))
		}
		if mine && row.Letter == "" {
			row.Letter = f.Key
			if row.Ask == 0 || act.Kind == ActConfirm {
				row.Ask = f.Ask.Number
			}
		}
	}
	if act.Kind == ActAsk && row.Ask == 0 {
		return nil
	}
	if act.Kind != ActAsk {
		if s.After, err = t.past(writer.ID, act); err != nil {
			return err
		}
		if told := (act.Kind == ActRefer || act.Kind == ActMeToo) && len(s.Letters) > 0; s.Before.equal(s.After) && !told {
			return nil // nothing came of it
		}
	}
	return t.note(row, s)
}

// note stores an act until the time of the next digest.
func (t *Tx) note(row undoRow, s story) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	until := t.now.AddDate(0, 0, undoDays)
	if date := t.calendar().EditionFor(t.now); !date.IsZero() {
		if next := t.calendar().Instant(date, t.calendar().At); next.Before(until) {
			until = next
		}
	}
	return t.exec(`INSERT INTO undoable (member, kind, ask, intake, letter, past, done_at, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		row.Member, row.Kind, row.Ask, t.intake.ID, row.Letter, string(text), millis(t.now), millis(until))
}

// undoable are the acts that a member may still take back, newest first.
func (t *Tx) undoable(member int64) ([]Undoable, error) {
	if member == 0 {
		return nil, nil
	}
	rows := []undoRow{}
	err := t.list(&rows, `SELECT id, member, kind, ask, intake, letter, '' AS past, done_at, until, undone_at FROM undoable WHERE member = ? ORDER BY id DESC LIMIT ?`, member, 2*mostUndo)
	if err != nil {
		return nil, err
	}
	behind := int64(-1) // the newest undo
	for _, r := range rows {
		if r.UndoneAt != nil {
			behind = max(behind, *r.UndoneAt)
		}
	}
	var all []Undoable
	for _, r := range rows {
		if r.UndoneAt != nil || !t.inTime(r) || len(all) == mostUndo {
			continue
		}
		all = append(all, Undoable{ID: r.ID, Kind: r.Kind, Ask: r.Ask, Key: r.Letter, At: instant(r.DoneAt), Mail: r.Intake, Behind: r.DoneAt <= behind})
	}
	return all, nil
}

// inTime says whether the digest that ends an act's time is still to come. What
// lies further ahead than that was noted while the clock was wrong.
func (t *Tx) inTime(r undoRow) bool {
	return millis(t.now) < r.Until && r.DoneAt <= millis(t.now.Add(leap))
}

// forgetUndo drops what can no longer be taken back.
func (t *Tx) forgetUndo() error {
	if err := t.exec(`UPDATE undoable SET past = '' WHERE until <= ? AND past <> ''`, millis(t.now)); err != nil {
		return err
	}
	return t.exec(`DELETE FROM undoable WHERE until <= ?`, millis(t.now.Add(-undoMemory)))
}

// undo takes back what the act names and tells the writer how things stand.
func (t *Tx) undo(e Event, writer Member, act Act) error {
	fact := Fact{Kind: KindUndone, To: writer.Recipient(), Thread: e.Thread, Words: act.Text}
	ids := slices.Clone(act.Undo)
	slices.SortFunc(ids, func(a, b int64) int { return int(b - a) })
	number := act.Ask
	for _, id := range slices.Compact(ids) {
		row, err := t.undoRow(id, writer.ID)
		if err != nil {
			return err
		}
		reason, err := t.takeStep(writer, row, ids)
		if errors.Is(err, errNothing) {
			if fact.Reason == "" {
				fact.Reason = "since"
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE undoable SET undone_at = ?, past = '' WHERE id = ?`, millis(t.now), id); err != nil {
			return err
		}
		if row.Ask != 0 {
			number = row.Ask
		}
		if fact.Reason == "" || fact.Reason == "since" {
			fact.Reason = reason
		}
	}
	return t.undone(e, writer, fact, number)
}

// undone tells the writer what was taken back, or why nothing was.
func (t *Tx) undone(e Event, writer Member, fact Fact, number int64) (err error) {
	if fact.Reason == "" {
		if fact.Reason, err = t.nothingToUndo(e, writer); err != nil {
			return err
		}
	}
	fact.Key = t.key(KindUndone)
	if number != 0 {
		if fact.Ask, err = t.ask(number); err != nil {
			return err
		}
	}
	part := fact.Ask.Asker.ID == writer.ID || slices.ContainsFunc(fact.Ask.Offers, func(o Offer) bool { return o.Helper.ID == writer.ID })
	if !part && (fact.Ask.Unsent() || !fact.Ask.Published) {
		fact.Ask = Ask{} // nothing is said of an ask that was not shown
	}
	if fact.Ask.Number != 0 {
		fact.Key = t.askKey(KindUndone, number)
		fact.Private = fact.Ask.RoleOf(writer.ID) == RoleAsker // in the letter: it is your own
		if err := t.consequence("ask", number); err != nil {
			return err
		}
	}
	if fact.Reason == "rhythm" {
		m, err := t.freshMember(writer.ID)
		if err != nil {
			return err
		}
		fact.Reason, fact.Until = rhythmOf(m, t.today()), m.PausedUntil
	}
	if fact.Ask.State == AskOpen && !fact.Ask.Published {
		fact.Publish = t.calendar().EditionFor(t.now)
	}
	t.tell(fact)
	return nil
}

// nothingToUndo says why nothing was taken back: it was done already, its time
// is over, or there was nothing.
func (t *Tx) nothingToUndo(e Event, writer Member) (string, error) {
	if strings.HasPrefix(e.Answers, KindUndone+"/") {
		return "already", nil
	}
	rows := []undoRow{}
	err := t.list(&rows, `SELECT id, member, kind, ask, intake, letter, '' AS past, done_at, until, undone_at FROM undoable WHERE member = ? ORDER BY id DESC LIMIT ?`, writer.ID, 2*mostUndo)
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		if e.Answers != "" && r.Letter != e.Answers {
			continue
		}
		if r.UndoneAt != nil {
			return "already", nil
		}
		if !t.inTime(r) {
			return "late", nil
		}
	}
	return "nothing", nil
}

// undoRow is a member's act; errNothing when it cannot be taken back any more.
func (t *Tx) undoRow(id, member int64) (undoRow, error) {
	row := undoRow{}
	err := t.get(&row, `SELECT id, member, kind, ask, intake, letter, past, done_at, until, undone_at FROM undoable WHERE id = ?`, id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (row.Member != member || row.UndoneAt != nil || !t.inTime(row)) {
		return undoRow{}, nil
	}
	return row, err
}

// freshMember is a member as the book has them now, whatever the View saw.
func (t *Tx) freshMember(id int64) (Member, error) {
	row := memberRow{}
	err := t.get(&row, `SELECT * FROM member WHERE id = ?`, id)
	return row.member(), err
}

// takeStep takes back one act and names what it was. with are the acts that go
// in the same breath.
func (t *Tx) takeStep(writer Member, row undoRow, with []int64) (string, error) {
	if row.ID == 0 || row.Past == "" {
		return "", errNothing
	}
	var s story
	if err := json.Unmarshal([]byte(row.Past), &s); err != nil {
		return "", fmt.Errorf("what act %d was before: %w", row.ID, err)
	}
	if row.Kind != ActAsk { // an ask is taken back with all that was done to it
		later, err := t.later(row, with)
		if err != nil || later {
			return "", errors.Join(err, errNothing)
		}
	}
	if row.Kind.rhythm() {
		return "rhythm", t.formerRhythm(writer.ID, s)
	}
	ask, err := t.ask(row.Ask)
	if err != nil {
		return "", err
	}
	if ask.Number == 0 { // thanks that are about no ask
		return t.formerThanks(row, s)
	}
	switch row.Kind {
	case ActAsk:
		return "ask", t.unask(ask)
	case ActOffer:
		return "offer", t.unoffer(writer, ask, s)
	case ActWithdraw:
		if s.Before.has(RoleMeToo, writer.ID) && !s.After.has(RoleMeToo, writer.ID) {
			if !ask.State.Live() { // it has ended since
				return "", errNothing
			}
			return "joined", t.joinAsk(ask.Number, writer.ID)
		}
		if ask.Asker.ID != writer.ID {
			return "offer_back", t.offerBack(writer, ask, s)
		}
	case ActMeToo:
		return "metoo", t.leaveMeToo(ask.Number, writer.ID)
	case ActRefer:
		return t.unrefer(writer, ask, s)
	}
	if s.Before.Ask != nil && s.Before.Ask.State == AskHeld && s.After.Ask.State.Live() {
		return "ask", t.unask(ask) // "send" once taken back: nobody is to read it by an oversight
	}
	return t.formerAsk(row.Kind, ask, s)
}

// later says whether the member did something else to the same since.
func (t *Tx) later(row undoRow, with []int64) (bool, error) {
	rows := []undoRow{}
	err := t.list(&rows, `SELECT id, kind, ask, undone_at FROM undoable WHERE member = ? AND id > ?`, row.Member, row.ID)
	return slices.ContainsFunc(rows, func(r undoRow) bool {
		same := r.Ask == row.Ask && (row.Ask != 0 || r.Kind.rhythm() == row.Kind.rhythm())
		return same && r.UndoneAt == nil && !slices.Contains(with, r.ID)
	}), err
}
