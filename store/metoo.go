package store

import "fmt"

// Me-too: somebody has the same need and joins the ask. The rules:
//
//   - The others see how many need it, never who. The asker hears of it once, in
//     the digest, as a number as well.
//   - Whoever joined hears once how the ask ended, from us; who can tell more is
//     the asker, whose name everybody has read already. Who helped is told by
//     those two, or not: thanks may be private.
//   - Joining takes nothing from anybody: it adds no wanted helper, and who
//     joined may offer, and the other way round.

// meToo joins the writer to an ask.
func (t *Tx) meToo(e Event, writer Member, ask Ask) error {
	if !ask.State.Live() || ask.Asker.Left {
		t.tell(Fact{Kind: KindGone, Key: t.askKey(KindGone, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer, Reason: string(ActMeToo)})
		return nil
	}
	fact := Fact{Kind: KindMeToo, Key: t.askKey(KindMeToo, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer}
	if ask.Joined(writer.ID) {
		fact.Reason = "already"
	} else if err := t.joinAsk(ask.Number, writer.ID); err != nil {
		return err
	}
	t.tell(fact)
	return t.consequence("ask", ask.Number)
}

func (t *Tx) joinAsk(ask, member int64) error {
	party, err := t.party(ask, RoleMeToo, member)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO metoo (party, told_from, created_at) VALUES (?, (SELECT coalesce(max(id), 0) FROM letter), ?) ON CONFLICT (party) DO NOTHING`, party, millis(t.now))
}

// leaveMeToo takes a member out of an ask they had joined, and nothing else.
func (t *Tx) leaveMeToo(ask, member int64) error {
	for _, query := range []string{`DELETE FROM metoo WHERE party IN (SELECT id FROM ask_party WHERE ask = ? AND role = 'metoo' AND member = ?)`,
		`DELETE FROM ask_party WHERE ask = ? AND role = 'metoo' AND member = ?`} {
		if err := t.exec(query, ask, member); err != nil {
			return fmt.Errorf("ask %d: %w", ask, err)
		}
	}
	return nil
}

// unjoin answers a member who does not need an ask's answer any more.
func (t *Tx) unjoin(e Event, writer Member, ask Ask) error {
	if err := t.leaveMeToo(ask.Number, writer.ID); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindMeToo, Key: t.askKey(KindMeToo, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer, Reason: "left"})
	return t.consequence("ask", ask.Number)
}

// tellJoined tells those who joined an ask, once, how it ended. Whoever has left
// the staff by then is not told, nor should they come back: it is old news.
func (t *Tx) tellJoined(number int64) error {
	ids := []int64{}
	err := t.list(&ids, `SELECT p.member FROM metoo j JOIN ask_party p ON p.id = j.party JOIN member m ON m.id = p.member
		WHERE p.ask = ? AND j.told_at IS NULL AND m.on_staff = 1 ORDER BY p.id`, number)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		ask, err := t.ask(number)
		if err != nil {
			return err
		}
		members, err := t.membersOf(ids)
		if err != nil {
			return err
		}
		for _, m := range members {
			if ask.RoleOf(m.ID) == RoleHelper { // knows already
				continue
			}
			t.tell(Fact{Kind: KindAnswer, Key: fmt.Sprintf("%s/%d/m%d", KindAnswer, number, m.ID), To: m.Recipient(), Ask: ask, Helper: m})
		}
	}
	return t.exec(`UPDATE metoo SET told_at = ? WHERE told_at IS NULL AND party IN (SELECT id FROM ask_party WHERE ask = ? AND role = 'metoo')`, millis(t.now), number)
}
