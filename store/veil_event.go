package store

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mails about anonymous asks. What their asker writes is acted upon behind the
// veil, and the mail itself leaves as little as can be.

const mostAnonymous = 10 // anonymous asks of one member in a day

// touches says whether a message names letters that went to a veil, whoever
// wrote it: an answer, an automatic one, a report that such a letter came back.
func (t *Tx) touches(ids []string) error {
	touched := []int64{}
	clean50 := make([]string, 0, len(ids))
	for _, id := range ids[:min(len(ids), 50)] {
		clean50 = append(clean50, clean(id))
	}
	err := listIn(t, &touched, `SELECT l.id FROM letter l WHERE l.message_id IN (?) AND l.address LIKE ? LIMIT 1`, clean50, "%"+sealedDomain)
	t.touched = t.touched || len(touched) > 0
	return err
}

// answersVeil is the writer's veil to which the answered letter went; 0: it
// went to nobody's.
func (t *Tx) answersVeil(e Event) (int64, error) {
	if e.Answers == "" || len(t.veils) == 0 {
		return 0, nil
	}
	ids := []int64{}
	if err := t.list(&ids, `SELECT coalesce(member, 0) FROM letter WHERE key = ?`, e.Answers); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if t.myVeil(id) {
			return id, nil
		}
	}
	return 0, nil
}

// actsAs is the veil behind which an act is done; 0: it is not.
func (t *Tx) actsAs(act Act, answered int64) (int64, error) {
	switch {
	case act.Kind == ActAsk, act.Kind.rhythm(), act.Kind == ActData, act.Kind == ActForget:
		return 0, nil
	case act.Kind == ActUndo && len(act.Undo) > 0:
		var whose int64
		if err := t.get(&whose, `SELECT coalesce(max(member), 0) FROM undoable WHERE id = ?`, act.Undo[0]); err != nil {
			return 0, err
		}
		if t.myVeil(whose) {
			return whose, nil
		}
		return 0, nil
	case act.Ask != 0:
		return t.veilOn(act.Ask), nil
	case answered == 0 && len(act.Candidates) > 0 && !slices.ContainsFunc(act.Candidates, func(n int64) bool { return t.veilOn(n) == 0 }):
		return t.veilOn(act.Candidates[0]), nil
	}
	return answered, nil
}

// plan is how an event is done: which act behind which veil.
type plan struct {
	sealed bool // the mail leaves no trace of its writer
	apart  bool // a part of it was left undone
	veils  []int64
}

// planned finds out what of an event is done behind a veil. Of a mail that is
// about an anonymous ask and something else only the first is done.
func (t *Tx) planned(e *Event) (plan, error) {
	p := plan{sealed: e.Nameless || t.touched}
	if err := t.own(e.Member, nil); err != nil {
		return p, err
	}
	answered, err := t.answersVeil(*e)
	if err != nil {
		return p, err
	}
	t.answersAs = answered
	p.sealed = p.sealed || answered != 0
	e.Acts = slices.Clone(e.Acts)
	var others, behind []int
	for i := range e.Acts {
		act := &e.Acts[i]
		if act.Kind == ActAsk && answered != 0 {
			act.Anonymous = true
		}
		v, err := t.actsAs(*act, answered)
		if err != nil {
			return p, err
		}
		if v == 0 && (act.Kind.rhythm() || t.veilOn(act.Ask) != 0) {
			act.Ask = 0 // it is done by name, and about no ask: a pause in answer to a letter
		}
		p.veils = append(p.veils, v)
		switch {
		case v != 0 || act.Anonymous:
			behind = append(behind, i)
		case act.Kind != ActChat:
			others = append(others, i)
		}
	}
	if len(behind) == 0 {
		t.apartFromVeils(e)
		return p, nil
	}
	p.sealed, p.apart = true, len(others) > 0
	first := p.veils[behind[0]]
	var acts []Act
	var veils []int64
	for _, i := range behind { // of one mail about two of them, the first
		if p.veils[i] != first || e.Acts[i].Anonymous && len(acts) > 0 {
			p.apart = true
			continue
		}
		acts, veils = append(acts, e.Acts[i]), append(veils, p.veils[i])
	}
	e.Acts, p.veils = acts, veils
	return p, nil
}

// apartFromVeils keeps the writer's anonymous asks out of a question to the
// writer by name.
func (t *Tx) apartFromVeils(e *Event) {
	for i := range e.Acts {
		e.Acts[i].Candidates = slices.DeleteFunc(slices.Clone(e.Acts[i].Candidates), func(n int64) bool { return t.veilOn(n) != 0 })
	}
}

// cover takes from an event what would name its writer.
func (t *Tx) cover(e *Event) error {
	e.From, e.FromName, e.MessageID, e.Subject = "", "", "", ""
	e.Files = make([]string, len(e.Files)) // how many there were is worth a word
	if e.Dup != "" {
		s, err := t.keyFor(*e)
		if err != nil {
			return err
		}
		e.Dup = t.keyed(s, e.Dup)
	}
	return nil
}

// keyFor is the key for an event; nil where there is none and none is needed.
func (t *Tx) keyFor(e Event) (*seal, error) {
	if slices.ContainsFunc(e.Acts, func(a Act) bool { return a.Anonymous }) {
		return t.readyKey()
	}
	return t.book.sealKey()
}

// keyed is the duplicate key of a mail behind a veil. Before there is a key of
// ours nothing was kept that could be a duplicate.
func (t *Tx) keyed(s *seal, dup string) string {
	if s == nil {
		return ""
	}
	return s.hash(dup)
}

// unnamed erases what is left of a mail behind a veil, here and, later, on the
// server.
func (t *Tx) unnamed() error {
	if err := t.unnamedMail(t.intake.ID); err != nil || !t.intake.Confirmed {
		return err
	}
	return t.timeless(t.midnight(0))
}

// unnamedMail erases it wherever rows name it: that it waited for its writer's
// yes, the letter that asked for that, and the answer which let it go.
func (t *Tx) unnamedMail(intake int64) error {
	t.book.durable.scrub()
	for _, query := range []string{
		`UPDATE intake SET sender = '', member = 0, message_id = '', erase = 1 WHERE id = ?`,
		`DELETE FROM intake_raw WHERE intake = ?`,
		`DELETE FROM unconfirmed WHERE intake = ?`,
		`DELETE FROM consequence WHERE what = 'message' AND ref = ?`,
		`DELETE FROM consequence WHERE intake = ? AND what = 'letter' AND ref IN (SELECT id FROM letter WHERE kind IN ('` + KindConfirm + `', '` + KindConfirmEnd + `'))`,
	} {
		if err := t.exec(query, intake); err != nil {
			return err
		}
	}
	return nil
}

// timeless leaves of the times of this message the day: the minute of a member's
// yes would be that of the ask which it let go.
func (t *Tx) timeless(day time.Time) error {
	return t.exec(`UPDATE intake SET received_at = ?, decided_at = CASE WHEN decided_at IS NULL THEN NULL ELSE ? END WHERE id = ?`, millis(day), millis(day), t.intake.ID)
}

// ownThread leaves in a thread what may stand in a letter: behind a veil our own
// letters only, and elsewhere none that went to a veil.
func (t *Tx) ownThread(thread []string, sealed bool) ([]string, error) {
	if len(thread) == 0 {
		return thread, nil
	}
	rows := []struct {
		MessageID string `db:"message_id"`
		Veiled    bool
	}{}
	ids := make([]string, len(thread))
	for i, id := range thread {
		ids[i] = clean(id)
	}
	if err := listIn(t, &rows, `SELECT message_id, max(address LIKE '%`+sealedDomain+`') AS veiled FROM letter WHERE message_id IN (?) GROUP BY message_id`, ids); err != nil {
		return nil, fmt.Errorf("thread: %w", err)
	}
	return slices.DeleteFunc(ids, func(id string) bool {
		i := slices.IndexFunc(rows, func(r struct {
			MessageID string `db:"message_id"`
			Veiled    bool
		}) bool {
			return r.MessageID == id
		})
		if sealed {
			return i < 0
		}
		return i >= 0 && rows[i].Veiled
	}), nil
}

// allowVeiled is Allow for a mail behind a veil. It counts anonymous asks, and
// what else is written about one of them as that of its veil: an allowance of
// the writer's would tell when they wrote.
func (t *Tx) allowVeiled(e Event, p plan) (Event, error) {
	if len(p.veils) > 0 && p.veils[0] != 0 {
		e2 := e
		e2.Member = p.veils[0]
		e2, err := t.allow(e2)
		e2.Member = e.Member
		return e2, err
	}
	if !slices.ContainsFunc(e.Acts, func(a Act) bool { return a.Anonymous }) {
		return e, nil
	}
	asks := []int64{}
	for _, v := range t.veils {
		asks = append(asks, v.ask)
	}
	recent := []int64{}
	if err := listIn(t, &recent, `SELECT number FROM ask WHERE number IN (?) AND created_at > ?`, asks, millis(t.now.Add(-24*time.Hour))); err != nil {
		return e, err
	}
	if len(recent) >= mostAnonymous {
		e.Verdict, e.Reason, e.Acts = Refused, ReasonTooMany, nil
	}
	return e, nil
}

// behindVeil is who does an act: the writer, or the writer's veil.
func (t *Tx) behindVeil(writer Member, act Act, veiled int64) (Member, error) {
	switch {
	case act.Kind == ActAsk && act.Anonymous:
		return t.newVeil()
	case veiled == 0:
		return writer, nil
	}
	m, err := t.freshMember(veiled)
	m.Left = false // whoever writes is there
	return m, err
}

// tellApart says that a part of a mail was not done.
func (t *Tx) tellApart(e Event, to Member) {
	key := t.key(KindApart)
	if !slices.ContainsFunc(t.facts, func(f Fact) bool { return f.Key == key }) {
		t.tell(Fact{Kind: KindApart, Key: key, To: to.Recipient(), Thread: e.Thread})
	}
}

// RelayOf says whether a letter of that key goes from hand to hand between
// somebody without a name and this colleague.
func RelayOf(key string, ask, member int64) (colleague int64, mine bool) {
	colleague, ok := sealedKind(key, ask)
	return colleague, ok && colleague == member
}

// sealedKind says whether a letter of that key goes from hand to hand between
// somebody without a name and a colleague, and who the colleague is.
func sealedKind(key string, ask int64) (colleague int64, ok bool) {
	kind, rest, _ := strings.Cut(key, "/")
	switch kind {
	case KindRelayToAsker, KindRelayToHelper, KindHint, KindDidItHelp, KindThankYou, KindIntroduction:
	default:
		return 0, false
	}
	var n int64
	if c, err := fmt.Sscanf(rest, "%d/m%d", &n, &colleague); c != 2 || err != nil || n != ask {
		return 0, false
	}
	return colleague, true
}

// veilEvent prepares an event: what is done behind a veil, and what is left of a
// mail that is.
func (t *Tx) veilEvent(e *Event) (plan, error) {
	p, err := t.planned(e)
	if err != nil {
		return p, err
	}
	if e.Verdict == Quarantined {
		p.sealed = false // an admin has to look at it
	}
	if p.sealed {
		if err := t.cover(e); err != nil {
			return p, err
		}
	}
	behind := p.sealed && slices.ContainsFunc(p.veils, func(v int64) bool { return v != 0 }) || slices.ContainsFunc(e.Acts, func(a Act) bool { return a.Anonymous }) || e.Nameless && e.Verdict == Refused
	e.Thread, err = t.ownThread(e.Thread, behind)
	return p, err
}
