package store

import (
	"context"
	"fmt"
	"slices"
)

// What a walk does about asks without a name.

// relay answers a letter that passed between somebody without a name and a
// colleague, or writes to them about any ask.
func (w *walk) relay(e *Event, a *Act, from string) {
	if keys := w.relays[from]; len(keys) > 0 && w.r.IntN(5) > 0 {
		e.Answers = keys[w.r.IntN(len(keys))]
		var kind string
		if _, err := fmt.Sscanf(slashesApart(e.Answers), "%s %d", &kind, &a.Ask); err != nil {
			w.Fatal(e.Answers, err)
		}
		if kind == KindRelayHeld {
			a.Via = "held"
		}
	}
	a.Reveal = w.r.IntN(4) == 0
	if w.r.IntN(4) == 0 && a.Via == "" {
		a.Hold = "name/1"
	}
}

func slashesApart(key string) string {
	b := []byte(key)
	for i := range b {
		if b[i] == '/' {
			b[i] = ' '
		}
	}
	return string(b)
}

// unveiledIn is the member behind a veil.
func (w *walk) unveiledIn(tx *Tx, veiled int64) (Member, error) {
	var ask int64
	if err := tx.get(&ask, `SELECT coalesce(max(ask), 0) FROM ask_sealed WHERE veil = ?`, veiled); err != nil {
		return Member{}, err
	}
	return tx.behind(ask)
}

// forget forgets a Kim for good, of whom there are enough.
func (w *walk) forget() {
	p := w.staff[len(people)+w.r.IntN(len(w.staff)-len(people))]
	if w.gone[p.Email] || w.away[p.Email] || len(w.gone) >= 3 || w.r.IntN(3) > 0 {
		return
	}
	if _, err := w.Forget(context.Background(), p.Email, w.now, w.say); err != nil {
		w.Fatalf("%s: %v", p.Email, err)
	}
	w.gone[p.Email], w.away[p.Email] = true, true
	delete(w.prompts, p.Email)
	delete(w.relays, p.Email)
	w.list()
}

// unjoined looks, with the key in its hand, for rows that join an unnamed ask to
// who asked.
func (w *walk) unjoined() {
	w.Helper()
	s, err := w.sealKey()
	if err != nil {
		w.Fatal(err)
	}
	rows := []sealedRow{}
	if err := w.read.Select(&rows, `SELECT ask, veil, sealed FROM ask_sealed`); err != nil {
		w.Fatal(err)
	}
	for _, r := range rows {
		asker := s.open(r.Ask, r.Sealed)
		if asker == 0 {
			continue
		}
		w.sealed++
		for _, query := range []string{
			`SELECT 'message ' || i.id FROM intake i JOIN consequence c ON c.intake = i.id WHERE i.member = ?2 AND c.what = 'ask' AND c.ref = ?1`,
			`SELECT 'party ' || id FROM ask_party WHERE ask = ?1 AND member = ?2`,
			`SELECT kind || ' ' || done_at || ' ' || letter || ' ' || past FROM undoable WHERE ask = ?1 AND member = ?2 AND kind <> 'refer'`,
			`SELECT 'question ' || q.id FROM question q JOIN json_each(q.candidates) c WHERE q.kind = 'which_ask' AND q.member = ?2 AND c.value = ?1`,
			`SELECT 'letter ' || l.key FROM letter l JOIN outbox o ON o.letter = l.id WHERE l.member = ?3 AND (o.error LIKE '%carpenter%' OR l.thread LIKE '%@mail>%')`,
			`SELECT 'seal ' || ask FROM ask_sealed WHERE ask = ?1 AND instr(sealed, CAST(?2 AS BLOB)) = 1 AND length(sealed) <> 60`,
		} {
			found := []string{}
			if err := w.read.Select(&found, query, r.Ask, asker, r.Veil); err != nil {
				w.Fatal(err)
			}
			if len(found) > 0 {
				w.Errorf("ask %d without a name is joined to member %d by %v", r.Ask, asker, slices.Compact(found))
			}
		}
	}
}
