package store

import (
	"fmt"
	"strings"
)

// Letters that an undo makes pointless. What waits is not sent. What is on its
// way to the server at this moment counts as sent; should it come back unsent,
// it is dropped then.

// unsent takes back those of the letters that have not left. It returns how many
// were dropped, and how many somebody has read or may read. whole: of two copies
// of a letter none is dropped when the other has left.
func (t *Tx) unsent(keys []string, whole bool) (gone, sent int, err error) {
	rows := []struct {
		Letter  int64
		Key     string
		State   string
		Doubted bool
	}{}
	if err := listIn(t, &rows, `SELECT letter, key, state, doubted FROM outbox WHERE key IN (?) ORDER BY letter`, keys); err != nil {
		return 0, 0, fmt.Errorf("letters that wait: %w", err)
	}
	waiting, left := map[string][]int64{}, map[string]bool{}
	for _, r := range rows {
		name := r.Key
		if whole {
			name, _, _ = strings.Cut(r.Key, "/to/")
		}
		switch {
		case !r.Doubted && (r.State == "queued" || r.State == "retry" || r.State == "held"):
			waiting[name] = append(waiting[name], r.Letter)
			continue
		case r.State == "failed" || r.State == "expired":
			continue
		case r.State == "sending" && !(whole && strings.HasPrefix(r.Key, KindIntroduction)):
			if err := t.exec(`INSERT INTO pointless (letter) VALUES (?) ON CONFLICT (letter) DO NOTHING`, r.Letter); err != nil {
				return 0, 0, err
			}
		}
		left[name] = true
		sent++
	}
	for name, letters := range waiting {
		if left[name] {
			sent += len(letters)
			continue
		}
		gone += len(letters)
		if err := t.takeBack(letters); err != nil {
			return 0, 0, err
		}
	}
	return gone, sent, nil
}

// told says whether a letter stands in the outbox and reaches somebody.
func (t *Tx) told(key string) (told bool, err error) {
	err = t.get(&told, `SELECT EXISTS (SELECT 1 FROM outbox WHERE key = ? AND state NOT IN ('failed', 'expired'))`, key)
	return told, err
}

// dropPointless drops letters that came back unsent and that nobody needs any
// more.
func (t *Tx) dropPointless() error {
	gone := []int64{}
	if err := t.list(&gone, `SELECT p.letter FROM pointless p JOIN outbox o ON o.letter = p.letter WHERE o.state IN ('queued', 'retry') AND o.doubted = 0`); err != nil {
		return fmt.Errorf("pointless letters: %w", err)
	}
	for _, id := range gone { // a letter's number may be another's later
		if err := t.exec(`DELETE FROM pointless WHERE letter = ?`, id); err != nil {
			return fmt.Errorf("pointless letters: %w", err)
		}
	}
	return t.takeBack(gone)
}
