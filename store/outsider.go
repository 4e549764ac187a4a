package store

import (
	"fmt"
	"strings"
	"time"
)

// Outsiders who answer a letter of ours: it was forwarded to them. They hear
// nothing, and nothing is done; the admin reads of them once a week, since one
// may be a colleague who writes from home.

// outsiderWeek is how long the admin hears no more of outsiders.
const outsiderWeek = 7 * 24 * time.Hour

// outsiderMonth is for how long they are remembered after that.
const outsiderMonth = 30 * 24 * time.Hour

// mostOutsiders is how many addresses wait for the admin's letter at most, and
// mostTold how many of them it names.
const (
	mostOutsiders = 100
	mostTold      = 20
)

// noteOutsider remembers that a letter of ours was answered by nobody of ours.
func (t *Tx) noteOutsider(address string, member int64) error {
	address = clean(address)
	if address == "" {
		return nil
	}
	var forgotten bool
	if err := t.get(&forgotten, `SELECT EXISTS (SELECT 1 FROM forgotten_address WHERE hash = ?)`, t.book.addressHash(address)); err != nil || forgotten {
		return err
	}
	var waiting int
	if err := t.get(&waiting, `SELECT count(*) FROM outsider WHERE news = 1`); err != nil || waiting >= mostOutsiders {
		return err
	}
	err := t.exec(`INSERT INTO outsider (address, member, mails, news, last_at) VALUES (?, ?, 1, 1, ?)
		ON CONFLICT (address, member) DO UPDATE SET mails = outsider.mails + 1, news = 1, last_at = excluded.last_at`, address, member, millis(t.now))
	if err != nil {
		return fmt.Errorf("outsider: %w", err)
	}
	return nil
}

// outsiders tells the admin of them, at most once a week.
func (t *Tx) outsiders() error {
	if err := t.exec(`DELETE FROM outsider WHERE told_at <= ? AND news = 0`, millis(t.now.Add(-outsiderMonth))); err != nil {
		return err
	}
	var lately bool
	if err := t.get(&lately, `SELECT EXISTS (SELECT 1 FROM outsider WHERE told_at > ? AND told_at <= ?)`, millis(t.now.Add(-outsiderWeek)), millis(t.now.Add(leap))); err != nil || lately {
		return err
	}
	rows := []struct {
		Address string
		Name    string
		Mails   int
	}{}
	if err := t.list(&rows, `SELECT o.address, coalesce(m.name, '') AS name, o.mails FROM outsider o LEFT JOIN member m ON m.id = o.member
		WHERE o.news = 1 ORDER BY o.last_at, o.address`); err != nil || len(rows) == 0 {
		return err
	}
	if err := t.exec(`UPDATE outsider SET told_at = ?, news = 0 WHERE news = 1`, millis(t.now)); err != nil {
		return err
	}
	var lines []string
	for i, r := range rows {
		if i == mostTold {
			lines = append(lines, fmt.Sprintf("and %d more.", len(rows)-mostTold))
			break
		}
		line := r.Address
		if r.Name != "" {
			line += ", who answered a letter to " + r.Name
		}
		if r.Mails > 1 {
			line += fmt.Sprintf(" (%d mails)", r.Mails)
		}
		lines = append(lines, line+";")
	}
	t.tell(Fact{Kind: KindAdmin, Key: "admin/outsiders/" + t.today().String(), To: t.admin(),
		Reason: "Somebody who is not on the staff list answered letters of ours, so they were probably passed on. Nothing was done with those mails, and nobody was answered: " + strings.Join(lines, " ") +
			" If one of these is a colleague's other address, add it to that colleague's aliases in the staff list. Who wrote is what the mails say of themselves, which can be invented."})
	return nil
}
