package store

import (
	"fmt"
	"strings"
)

// Where somebody who is forgotten is named by others.

// namesOf are all names by which letters have called a member: the staff list may
// have had another one, and least of all is that to stay.
func (t *Tx) namesOf(m Member) ([]string, error) {
	called := []string{}
	if err := t.list(&called, `SELECT DISTINCT name FROM letter WHERE member = ? AND name NOT IN ('', ?)`, m.ID, m.Name); err != nil {
		return nil, err
	}
	var names []string
	for _, name := range append([]string{m.Name}, called...) {
		names = append(names, name, Member{Name: name}.ShortName())
	}
	return names, nil
}

// forgetMentions empties what other people left with us that names somebody: the
// questions that wait, and what may still be taken back.
func (t *Tx) forgetMentions(names []string) error {
	rows := []struct {
		ID   int64
		Text string
	}{}
	if err := t.list(&rows, `SELECT id, words || ' ' || name || ' ' || names || ' ' || address AS text FROM question WHERE words || name || address <> '' OR names <> '[]'`); err != nil {
		return err
	}
	for _, r := range rows {
		if mentions(r.Text, names) {
			if err := t.exec(`UPDATE question SET words = '', name = '', names = '[]', address = '', answered_at = coalesce(answered_at, ?) WHERE id = ?`, millis(t.now), r.ID); err != nil {
				return err
			}
		}
	}
	if err := t.list(&rows, `SELECT id, past AS text FROM undoable WHERE past <> ''`); err != nil {
		return err
	}
	for _, r := range rows {
		if mentions(r.Text, names) {
			if err := t.exec(`UPDATE undoable SET past = '', until = done_at WHERE id = ?`, r.ID); err != nil {
				return err
			}
		}
	}
	told := []struct{ Name, Value string }{} // what a reload or a server said last
	if err := t.list(&told, `SELECT name, value FROM book WHERE name = 'reload' OR name LIKE 'trouble %'`); err != nil {
		return err
	}
	for _, r := range told {
		if when, _, _ := strings.Cut(r.Value, " "); mentions(r.Value, names) {
			if err := t.exec(`UPDATE book SET value = ? WHERE name = ?`, when+" forgotten", r.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// mentions says whether a text holds one of the names, letter case and ends of
// lines aside.
func mentions(text string, names []string) bool {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, name := range names {
		if len(name) > 2 && strings.Contains(text, strings.Join(strings.Fields(strings.ToLower(name)), " ")) {
			return true
		}
	}
	return false
}

// forgetReports erases what mail servers reported of letters to an address: who
// did not get them stands in there.
func (t *Tx) forgetReports(addresses []string) error {
	for _, a := range addresses {
		if err := t.doom(`i.reason = 'bounce' AND i.state <> 'pending' AND i.id IN (SELECT r.intake FROM intake_raw r WHERE instr(lower(CAST(r.raw AS TEXT)), ?) > 0)`, a); err != nil {
			return fmt.Errorf("reports of mail servers: %w", err)
		}
	}
	return nil
}
