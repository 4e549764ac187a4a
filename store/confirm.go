package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// What somebody wrote in a member's name and nobody has proved waits until the
// member says yes. The question goes to the member's registered address, at most
// one waits for an answer at a time, and its answer releases everything that
// waits: those messages are pending again, believed now, and are decided in
// their order by the ordinary loop. A message that waits keeps its bytes, changes
// nothing, and lies in the inbox on the server.
//
// A question stays open for as long as something waits that it may release. After
// three days what it showed is let go; what came on a later day is asked about
// in a new letter. After a no there is a day without a question, so that nobody
// can be pestered by writing in his name; what comes meanwhile waits.

const (
	confirmLife = 72 * time.Hour // of words that wait
	confirmRest = 24 * time.Hour // after a no; and the time that somebody must have had for an answer
	sayingLimit = 300            // characters of a message that the letter repeats
	mostSayings = 5              // messages that a letter shows
)

// The reasons of messages that were never confirmed.
const (
	ReasonNotConfirmed = "not_confirmed"
	ReasonDenied       = "denied"
)

// Saying is a message that waits, as the letter that asks about it shows it.
type Saying struct {
	Kind  ActKind // what it would do first; "": nothing that has a name
	Words string  // its beginning; "": not to be repeated
}

// confirmRow is a question whether a member wrote something.
type confirmRow struct {
	ID      int64
	Member  int64
	Letter  string
	State   string
	AskedAt int64  `db:"asked_at"`
	EndedAt *int64 `db:"ended_at"`
}

const confirmColumns = `SELECT id, member, letter, state, asked_at, ended_at FROM confirm `

// overdue says of unconfirmed rows u that their time has passed. It begins with the
// leaving of the letter that asks: while no mail can be sent nobody can answer.
const overdue = `u.until <= ? AND NOT EXISTS (SELECT 1 FROM confirm c JOIN outbox o ON o.key = c.letter || '/to/m' || c.member
	WHERE c.member = u.member AND c.state = 'waiting' AND (o.state IN ('queued', 'sending', 'dot_sent', 'retry', 'held') OR o.sent_at > ?))`

func (t *Tx) overdueArgs() []any { return []any{millis(t.now), millis(t.now.Add(-confirmLife))} }

// keep lets a message wait for its writer's yes.
func (t *Tx) keep(e Event) error {
	nameless, err := t.nameless(e)
	if err != nil {
		return err
	}
	if nameless {
		e.MessageID, e.Thread = "", nil
	}
	result, err := t.tx.ExecContext(t.ctx, t.tx.Rebind(`UPDATE intake SET state = 'unconfirmed', message_id = ?, member = ?, auth = ?, attempts = 0
		WHERE id = ? AND state = 'pending'`), clean(e.MessageID), e.Member, e.Auth, t.intake.ID)
	if err != nil {
		return fmt.Errorf("message %d waits: %w", t.intake.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("message %d is decided already", t.intake.ID)
	}
	writer, err := t.member(e.Member)
	if err != nil {
		return err
	}
	said := saying(e)
	if nameless {
		said = Saying{}
	}
	if err := t.exec(`INSERT INTO unconfirmed (intake, member, acts, words, since, until) VALUES (?, ?, ?, ?, ?, ?)`,
		t.intake.ID, e.Member, string(said.Kind), clean(said.Words), millis(t.now), millis(t.now.Add(confirmLife))); err != nil {
		return err
	}
	last, err := t.lastConfirm(e.Member)
	if err != nil {
		return err
	}
	if last.State == "waiting" {
		if e.Answers == last.Letter {
			t.tellConfirm(e, writer, last.Letter, "unclear")
		}
		return nil
	}
	if rests, err := t.confirmRests(e.Member); err != nil || rests {
		return err // the clock asks
	}
	ref, err := t.confirmRef(*t.intake, said)
	if err != nil {
		return err
	}
	return t.askWhether(writer, e.Thread, ref, []Saying{said}, 1)
}

// saying is the beginning of a message for the letter that asks about it. What
// was to be looked at before colleagues read it, and what is to have no name on
// it, is not repeated: the letter is one more place where it would stand.
func saying(e Event) Saying {
	s := Saying{}
	text := strings.TrimSpace(e.Text)
	if text == "" || e.Verdict == Refused {
		text = strings.TrimSpace(e.Subject)
	}
	for i, a := range e.Acts {
		if i == 0 {
			s.Kind = a.Kind
			if a.Kind == ActAsk && a.Title != "" && !strings.HasPrefix(text, a.Title) {
				text = a.Title + "\n\n" + text
			}
		}
		if a.Hold != "" || a.Kind == ActRelay {
			return Saying{Kind: s.Kind}
		}
	}
	if utf8.RuneCountInString(text) > sayingLimit {
		text = string([]rune(text)[:sayingLimit-1]) + "…"
	}
	s.Words = text
	return s
}

// lastConfirm is the newest question to a member; ID 0: there was none.
func (t *Tx) lastConfirm(member int64) (confirmRow, error) {
	rows := []confirmRow{}
	if err := t.list(&rows, confirmColumns+`WHERE member = ? ORDER BY id DESC LIMIT 1`, member); err != nil || len(rows) == 0 {
		return confirmRow{}, err
	}
	return rows[0], nil
}

// confirmRests says whether it is too soon after a no to ask again.
func (t *Tx) confirmRests(member int64) (rests bool, err error) {
	err = t.get(&rests, `SELECT EXISTS (SELECT 1 FROM confirm WHERE member = ? AND state = 'no' AND ended_at > ? AND ended_at <= ?)`,
		member, millis(t.now.Add(-confirmRest)), millis(t.now.Add(leap)))
	return rests, err
}

// askWhether asks a member. ref names the first of the messages it is about.
func (t *Tx) askWhether(member Member, thread []string, ref string, said []Saying, count int) error {
	key := KindConfirm + "/" + ref
	var asked int
	if err := t.get(&asked, `SELECT count(*) FROM confirm WHERE letter = ? OR letter LIKE ?`, key, key+"/%"); err != nil {
		return err
	}
	if asked > 0 { // the very same bytes came before
		key = fmt.Sprintf("%s/%d", key, asked+1)
	}
	if err := t.exec(`INSERT INTO confirm (member, letter, state, asked_at) VALUES (?, ?, 'waiting', ?)`, member.ID, key, millis(t.now)); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindConfirm, Key: key, To: member.Recipient(), Thread: thread, Code: t.book.confirmCode(key), Sayings: said, Count: count,
		Until: t.calendar().Date(t.now.Add(confirmLife))})
	return nil
}

// confirmed does what the answer to such a question says; at is when it was given,
// as the rows have it. Only an answer that shows the question's own token comes
// here.
func (t *Tx) confirmed(e Event, writer Member, act Act, at time.Time) error {
	row := confirmRow{}
	if err := t.get(&row, confirmColumns+`WHERE letter = ? AND member = ?`, e.Answers, writer.ID); err != nil {
		return fmt.Errorf("the question %s: %w", e.Answers, err)
	}
	switch {
	case act.Kind == ActUnclear:
		t.tellConfirm(e, writer, row.Letter, "unclear")
		return nil
	case row.State == "yes": // a no to what is done
		t.tellConfirm(e, writer, row.Letter, "done")
		t.denied(e, writer, row, "What it asked for was done, because an answer from the same address had said yes before.")
		return nil
	case row.State != "waiting":
		t.tellConfirm(e, writer, row.Letter, "late")
		return nil
	}
	waiting := []struct {
		Intake   int64
		Nameless bool
	}{}
	if err := t.list(&waiting, `SELECT u.intake, `+namelessWaiting+` AS nameless FROM unconfirmed u WHERE u.member = ? AND u.confirmed_at IS NULL AND NOT (`+overdue+`) ORDER BY u.intake`,
		append([]any{writer.ID}, t.overdueArgs()...)...); err != nil {
		return err
	}
	if act.Kind == ActDecline {
		if err := t.endConfirmAt(row, "no", at); err != nil {
			return err
		}
		n, err := t.letGo(`u.member = ?`, ReasonDenied, writer.ID)
		if err != nil {
			return err
		}
		t.tellConfirm(e, writer, row.Letter, "no")
		t.denied(e, writer, row, fmt.Sprintf("Nothing was done. Mails in that name that were let go: %d; they are in the ledger with the reason %s.", n, ReasonDenied))
		return nil
	}
	if len(waiting) == 0 {
		t.tellConfirm(e, writer, row.Letter, "late")
		return nil
	}
	for _, w := range waiting {
		if w.Nameless {
			at = t.midnight(0)
		}
	}
	if err := t.endConfirmAt(row, "yes", at); err != nil {
		return err
	}
	for _, w := range waiting {
		if err := t.exec(`UPDATE unconfirmed SET confirmed_at = ?, words = '' WHERE intake = ?`, millis(at), w.Intake); err != nil {
			return err
		}
		if err := t.exec(`UPDATE intake SET state = 'pending', attempts = 0 WHERE id = ? AND state = 'unconfirmed'`, w.Intake); err != nil {
			return err
		}
		if err := t.consequence("message", w.Intake); err != nil {
			return err
		}
	}
	if at.Equal(t.now) {
		return nil
	}
	return t.timeless(at)
}

// tellConfirm answers an answer, each kind of it once a question.
func (t *Tx) tellConfirm(e Event, writer Member, letter, reason string) {
	f := Fact{Kind: KindConfirmEnd, Key: KindConfirmEnd + "/" + reason + "/" + strings.TrimPrefix(letter, KindConfirm+"/"), To: writer.Recipient(), Thread: e.Thread, Reason: reason}
	if reason == "unclear" {
		f.Code = t.book.confirmCode(letter)
	}
	t.tell(f)
}

// denied tells the admin that somebody writes in a member's name, and what the
// member has to say about that.
func (t *Tx) denied(e Event, writer Member, row confirmRow, what string) {
	const few = 6 // words that say no
	if said := strings.Fields(e.Text); len(said) > few && len(e.Later) == 0 && !e.Nameless {
		words := []rune(strings.Join(said, " "))
		what += fmt.Sprintf(" The answer in full: %s", string(words[:min(len(words), sayingLimit)]))
	}
	t.tell(Fact{Kind: KindAdmin, Key: "admin/denied/" + strings.TrimPrefix(row.Letter, KindConfirm+"/"), To: t.admin(),
		Reason: fmt.Sprintf("Somebody wrote to the exchange in the name of %s, who says: that was not me. %s", writer.Name, what)})
}

func (t *Tx) endConfirm(row confirmRow, state string) error {
	return t.endConfirmAt(row, state, t.now)
}

func (t *Tx) endConfirmAt(row confirmRow, state string, at time.Time) error {
	return t.exec(`UPDATE confirm SET state = ?, ended_at = ? WHERE id = ?`, state, millis(at), row.ID)
}

// letGo ends the waiting of unconfirmed rows u that fit a condition.
func (t *Tx) letGo(which, reason string, args ...any) (int, error) {
	rows := []struct {
		Intake   int64
		Nameless bool
	}{}
	if err := t.list(&rows, `SELECT u.intake, `+namelessWaiting+` AS nameless FROM unconfirmed u WHERE u.confirmed_at IS NULL AND `+which+` ORDER BY u.intake`, args...); err != nil {
		return 0, err
	}
	for _, r := range rows {
		if err := t.exec(`DELETE FROM unconfirmed WHERE intake = ?`, r.Intake); err != nil {
			return 0, err
		}
		if err := t.exec(`UPDATE intake SET state = 'ignored', reason = ?, decided_at = ? WHERE id = ? AND state = 'unconfirmed'`, reason, millis(t.now), r.Intake); err != nil {
			return 0, err
		}
		if r.Nameless {
			if err := t.unnamedMail(r.Intake); err != nil {
				return 0, err
			}
		}
	}
	return len(rows), nil
}

// unconfirmed lets go of what nobody said yes to in time, and asks about what
// still waits and was in no letter. It returns how many messages ended.
func (t *Tx) unconfirmed() (int, error) {
	var any bool
	if err := t.get(&any, `SELECT EXISTS (SELECT 1 FROM unconfirmed WHERE confirmed_at IS NULL) OR EXISTS (SELECT 1 FROM confirm WHERE state = 'waiting')`); err != nil || !any {
		return 0, err
	}
	ended, err := t.letGo(overdue, ReasonNotConfirmed, t.overdueArgs()...)
	if err != nil {
		return 0, err
	}
	rows := []confirmRow{}
	if err := t.list(&rows, confirmColumns+`c WHERE state = 'waiting' AND (asked_at > ? OR asked_at <= ? AND NOT EXISTS
		(SELECT 1 FROM unconfirmed u WHERE u.member = c.member AND u.confirmed_at IS NULL AND u.since <= c.asked_at))`, millis(t.now.Add(leap)), millis(t.now.Add(-confirmLife))); err != nil {
		return ended, err
	}
	for _, r := range rows {
		var newest int64
		if err := t.get(&newest, `SELECT coalesce(max(until), 0) FROM unconfirmed WHERE member = ? AND confirmed_at IS NULL`, r.Member); err != nil {
			return ended, err
		}
		if newest > 0 && !instant(r.AskedAt).After(t.now) && instant(newest).Before(t.now.Add(confirmLife-confirmRest*2)) {
			continue // its writer has had the letter for two days; the rest of the third is his
		}
		if err := t.endConfirm(r, "over"); err != nil {
			return ended, err
		}
	}
	return ended, t.askAgain()
}

// askAgain asks members about what waits without a question.
func (t *Tx) askAgain() error {
	members := []int64{}
	if err := t.list(&members, `SELECT DISTINCT u.member FROM unconfirmed u JOIN member m ON m.id = u.member WHERE u.confirmed_at IS NULL AND m.on_staff = 1
		AND NOT EXISTS (SELECT 1 FROM confirm c WHERE c.member = u.member AND c.state = 'waiting') ORDER BY u.member`); err != nil {
		return err
	}
	for _, id := range members {
		rests, err := t.confirmRests(id)
		if err != nil {
			return err
		}
		if rests {
			continue
		}
		member, err := t.member(id)
		if err != nil {
			return err
		}
		rows := []struct {
			Acts, Words, SHA256 string
		}{}
		if err := t.list(&rows, `SELECT u.acts, u.words, i.sha256 FROM unconfirmed u JOIN intake i ON i.id = u.intake WHERE u.member = ? AND u.confirmed_at IS NULL ORDER BY u.intake`, id); err != nil {
			return err
		}
		var said []Saying
		for _, r := range rows[:min(len(rows), mostSayings)] {
			said = append(said, Saying{ActKind(r.Acts), r.Words})
		}
		if err := t.exec(`UPDATE unconfirmed SET since = CASE WHEN since > ? THEN ? ELSE since END, until = ? WHERE member = ? AND confirmed_at IS NULL`, millis(t.now), millis(t.now), millis(t.now.Add(confirmLife)), id); err != nil {
			return err
		}
		ref, err := t.confirmRef(Intake{SHA256: rows[0].SHA256}, said[0])
		if err != nil {
			return err
		}
		if err := t.askWhether(member, nil, ref, said, len(rows)); err != nil {
			return err
		}
	}
	return nil
}

// Unconfirmed is how many messages wait for their writer's yes.
func (b *Book) Unconfirmed(ctx context.Context) (n int, err error) {
	if err = b.read.GetContext(ctx, &n, `SELECT count(*) FROM intake WHERE state = 'unconfirmed'`); err != nil {
		err = fmt.Errorf("intake: %w", err)
	}
	return n, err
}
