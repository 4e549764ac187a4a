package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// The veil. To all tables and rules the asker of an anonymous ask is a member of
// their own, one for each ask, without name, address and team: the veil. It
// stands in ask_party, gets the letters and remembers what may be undone. Only
// ask_sealed knows who stands behind it. The member steps behind the veil when
// acting on that ask, and a letter's real address is put in when it is sent.
//
// These are the rules:
//
//   - No row, key, log line or command joins an anonymous ask to its asker, nor
//     does what is left out: the asker's own digest shows it like any other's.
//   - What an asker writes about it is kept without From, Message-ID and bytes,
//     and goes from the mail server too. A mail is either about it or about
//     something else: rows of one mail would join the two.
//   - An ask in answer to a letter about an anonymous one is anonymous as well:
//     nobody gives their name by a slip.

// sealedDomain is that of the addresses of veils (RFC 2606 section 2: nobody's).
const sealedDomain = "@sealed.invalid"

// sealedMemory is how long after the end of an anonymous ask it can still be
// known who asked: letters about it may be answered until then.
const sealedMemory = 60 * 24 * time.Hour

// mostSealed is how many anonymous asks, the newest, a member is looked for in.
const mostSealed = 2000

// isVeil says whether a row of the staff is a veil.
func (r memberRow) isVeil() bool {
	return r.Stable == veilStable && strings.HasSuffix(r.Email, sealedDomain)
}

// veilStable marks veils. No staff list can have such an id.
const veilStable = "\x1fsealed"

func veilAddress(id int64) string { return fmt.Sprintf("anonymous-%d%s", id, sealedDomain) }

// veil is one anonymous ask of a member's.
type veil struct {
	ask    int64
	member int64 // the veil
	live   bool
}

type sealedRow struct {
	Ask    int64
	Veil   int64
	Sealed []byte
	State  AskState
}

// veilsOf are the anonymous asks of a member.
func (t *Tx) veilsOf(member int64) ([]veil, error) {
	if member == 0 {
		return nil, nil
	}
	rows := []sealedRow{}
	if err := t.list(&rows, `SELECT s.ask, s.veil, s.sealed, a.state FROM ask_sealed s JOIN ask a ON a.number = s.ask ORDER BY s.ask DESC LIMIT ?`, mostSealed); err != nil || len(rows) == 0 {
		return nil, err
	}
	s, err := t.book.sealKey()
	if err != nil || s == nil {
		return nil, err
	}
	var own []veil
	for _, r := range rows {
		if s.open(r.Ask, r.Sealed) == member {
			own = append(own, veil{r.Ask, r.Veil, r.State.Live() || r.State == AskHeld})
		}
	}
	return own, nil
}

// own finds out which anonymous asks the writer has. In a rehearsal somebody
// else looks on: there only those count to whose letters the message is an
// answer, so that nobody learns of an ask by trying its number.
func (t *Tx) own(member int64, answers []string) error {
	if t.veils != nil {
		return nil
	}
	all, err := t.veilsOf(member)
	t.veils = []veil{}
	if err != nil {
		return fmt.Errorf("anonymous asks: %w", err)
	}
	for _, v := range all {
		if t.rehearsing {
			var answered bool
			for _, id := range answers {
				one := false
				if err := t.get(&one, `SELECT EXISTS (SELECT 1 FROM letter WHERE message_id = ? AND member = ?)`, clean(id), v.member); err != nil {
					return err
				}
				answered = answered || one
			}
			if !answered {
				continue
			}
		}
		t.veils = append(t.veils, v)
	}
	return nil
}

// veilOn is the writer's veil on an ask; 0: it is not an anonymous ask of theirs.
func (t *Tx) veilOn(ask int64) int64 {
	for _, v := range t.veils {
		if v.ask == ask {
			return v.member
		}
	}
	return 0
}

// myVeil says whether a member is one of the writer's veils.
func (t *Tx) myVeil(member int64) bool {
	return member != 0 && slices.ContainsFunc(t.veils, func(v veil) bool { return v.member == member })
}

// newVeil makes a veil; sealAsk says whom it hides.
func (t *Tx) newVeil() (Member, error) {
	row := memberRow{Stable: veilStable, Name: "A colleague", Aliases: "[]", Knows: "[]"}
	err := t.get(&row.ID, `INSERT INTO member (stable, name, email, aliases, team, leader, knows, language, on_staff, joined_at)
		VALUES (?, ?, ?, ?, '', 0, ?, '', 0, 0) RETURNING id`, row.Stable, row.Name, "a"+sealedDomain, row.Aliases, row.Knows)
	if err != nil {
		return Member{}, fmt.Errorf("veil: %w", err)
	}
	row.Email = veilAddress(row.ID)
	m := row.member()
	m.Left = false // whoever writes is there
	return m, t.exec(`UPDATE member SET email = ? WHERE id = ?`, row.Email, row.ID)
}

// sealAsk seals who stands behind an ask's veil.
func (t *Tx) sealAsk(ask, veiled, member int64) error {
	s, err := t.readyKey()
	if err != nil {
		return err
	}
	sealed, err := s.close(ask, member)
	if err != nil {
		return err
	}
	if err := t.exec(`INSERT INTO ask_sealed (ask, veil, key, sealed) VALUES (?, ?, ?, ?)`, ask, veiled, s.id, sealed); err != nil {
		return fmt.Errorf("seal of ask %d: %w", ask, err)
	}
	t.veils = append(t.veils, veil{ask, veiled, true})
	return t.exec(`UPDATE ask SET anonymous = 1, message_id = '' WHERE number = ?`, ask)
}

// readyKey is the key, made if there is none.
func (t *Tx) readyKey() (*seal, error) {
	s, err := t.book.sealKey()
	switch {
	case err != nil || s != nil:
		return s, err
	case t.rehearsing: // nothing of it is kept
		return newSeal(make([]byte, sealKeyLength))
	}
	if err := t.book.checkSeals(t.ctx, t.tx); err != nil {
		return nil, err // a lost key is not replaced while somebody waits behind it
	}
	return t.book.makeSealKey()
}

// behind is the member behind an ask's veil; ID 0: nobody can tell.
func (t *Tx) behind(ask int64) (Member, error) {
	row := sealedRow{}
	err := t.get(&row, `SELECT ask, veil, sealed FROM ask_sealed WHERE ask = ?`, ask)
	if errors.Is(err, sql.ErrNoRows) {
		return Member{}, nil
	}
	s, keyErr := t.book.sealKey()
	if err != nil || keyErr != nil || s == nil {
		return Member{}, err // commands that only look need no key
	}
	id := s.open(ask, row.Sealed)
	if id == 0 {
		return Member{}, nil
	}
	return t.freshMember(id)
}

// veiled says of the askers of anonymous asks what may be said: whether they are
// still there.
func (t *Tx) veiled(asks []Ask) error {
	for i := range asks {
		if !asks[i].Asker.Veil {
			continue
		}
		m, err := t.behind(asks[i].Number)
		if err != nil {
			return err
		}
		asks[i].Asker.Left = m.ID != 0 && m.Left
	}
	return nil
}

// forgetSealed forgets for good who asked what has been over for long.
func (t *Tx) forgetSealed() error {
	return t.exec(`DELETE FROM ask_sealed WHERE EXISTS (SELECT 1 FROM ask a WHERE a.number = ask_sealed.ask AND a.state NOT IN ('open', 'helped', 'held') AND a.closed_at < ?)
		AND NOT EXISTS (SELECT 1 FROM letter l JOIN outbox o ON o.letter = l.id WHERE l.member = ask_sealed.veil AND o.state IN ('queued', 'retry', 'sending', 'dot_sent', 'held'))`,
		millis(t.now.Add(-sealedMemory)))
}

// unveiled puts the real addresses into letters that are about to be sent. It is
// the only place where that is done, and nothing of it is written down.
func (b *Book) unveiled(ctx context.Context, claimed []Outgoing, now time.Time) ([]Outgoing, error) {
	var lost []Result
	kept := claimed[:0]
	for _, o := range claimed {
		if !strings.HasSuffix(o.Letter.To.Email, sealedDomain) {
			kept = append(kept, o)
			continue
		}
		to, err := b.unveil(ctx, o.Letter.To.Member)
		if err != nil {
			return nil, err
		}
		if to.Email == "" {
			lost = append(lost, Result{ID: o.ID, State: ResultPermanent, Text: "nobody can tell any more whom it is to"})
			continue
		}
		o.copyKey = o.Letter.Key + "/to/" + recipientKey(o.Letter.To)
		o.Letter.To = to
		kept = append(kept, o)
	}
	return kept, b.Settle(ctx, lost, now)
}

// unveil is whom a letter to a veil goes to; Email "": nobody can tell.
func (b *Book) unveil(ctx context.Context, veiled int64) (Recipient, error) {
	row := sealedRow{}
	err := b.read.GetContext(ctx, &row, b.read.Rebind(`SELECT ask, veil, sealed FROM ask_sealed WHERE veil = ?`), veiled)
	if errors.Is(err, sql.ErrNoRows) {
		return Recipient{}, nil
	}
	if err != nil {
		return Recipient{}, fmt.Errorf("anonymous asks: %w", err)
	}
	s, err := b.sealKey()
	if err != nil || s == nil {
		return Recipient{}, err
	}
	member := memberRow{}
	err = b.read.GetContext(ctx, &member, b.read.Rebind(`SELECT * FROM member WHERE id = ?`), s.open(row.Ask, row.Sealed))
	if errors.Is(err, sql.ErrNoRows) {
		return Recipient{}, nil
	}
	return member.member().Recipient(), err
}

// discreetly takes out of a result what a server says of the recipient, if the
// letter is to a veil.
func (r Result) discreetly(ctx context.Context, tx *sqlx.Tx) (Result, error) {
	var sealed bool
	if r.State == ResultSent {
		return r, nil
	}
	err := tx.GetContext(ctx, &sealed, tx.Rebind(`SELECT EXISTS (SELECT 1 FROM letter WHERE id = ? AND address LIKE ?)`), r.ID, "%"+sealedDomain)
	if sealed && r.Text != "" {
		r.Text = "the words of the server are not kept"
	}
	return r, err
}
