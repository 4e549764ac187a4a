package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// receive takes a message into the ledger.
func (w *walk) receive() {
	w.uid++
	if _, err := w.Receive(context.Background(), []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: w.uid, Size: 9, Raw: fmt.Appendf(nil, "raw %d", w.uid)}}, w.now); err != nil {
		w.Fatal(err)
	}
}

// unproven is a mail in somebody's name.
func (w *walk) unproven(p Person) {
	w.receive()
	w.drain(map[uint32]Event{w.uid: {Envelope: Envelope{From: p.Email, Auth: Unproven, MessageID: fmt.Sprintf("<u%d@mail>", w.uid)}, Verdict: Accepted, Reason: "test", Confirm: true,
		Acts: []Act{{Kind: ActAsk, Title: fmt.Sprintf("Unproven %d", w.uid), Text: "Words."}}}})
}

// replies answers the newest question to somebody.
func (w *walk) replies(p Person, kind ActKind) {
	letter := ""
	if err := w.read.Get(&letter, `SELECT coalesce(max(c.letter), '') FROM confirm c JOIN member m ON m.id = c.member WHERE m.email = ? AND c.id = (SELECT max(id) FROM confirm d WHERE d.member = m.id)`, p.Email); err != nil || letter == "" {
		return
	}
	w.receive()
	w.drain(map[uint32]Event{w.uid: {Envelope: Envelope{From: p.Email, Auth: Unproven, MessageID: fmt.Sprintf("<u%d@mail>", w.uid)}, Verdict: Accepted, Reason: "test", Answers: letter,
		Acts: []Act{{Kind: kind, Via: ViaConfirm}}}})
}

// repliesMore answers the newest question and asks for something beside that.
func (w *walk) repliesMore(p Person, kind ActKind) {
	row := struct{ Letter, State string }{}
	if err := w.read.Get(&row, `SELECT c.letter, c.state FROM confirm c JOIN member m ON m.id = c.member WHERE m.email = ? ORDER BY c.id DESC LIMIT 1`, p.Email); err != nil {
		return // was never asked
	}
	w.receive()
	w.drain(map[uint32]Event{w.uid: {Envelope: Envelope{From: p.Email, Auth: Unproven, MessageID: fmt.Sprintf("<u%d@mail>", w.uid)}, Verdict: Accepted, Reason: "test", Answers: row.Letter, Dup: fmt.Sprint(w.uid),
		Acts: []Act{{Kind: kind, Via: ViaConfirm}}, Later: []Act{{Kind: ActAsk, Title: "More", Text: "More words."}}, LaterWaits: row.State != "waiting"}})
}

// drain decides what is pending; what was confirmed is an ask now.
func (w *walk) drain(events map[uint32]Event) {
	for {
		pending, err := w.PendingIntake(context.Background(), 1)
		if err != nil {
			w.Fatal(err)
		}
		if len(pending) == 0 {
			return
		}
		in := pending[0]
		e, known := events[in.UID]
		if in.Confirmed {
			var email string
			if err := w.read.Get(&email, `SELECT m.email FROM member m JOIN intake i ON i.member = m.id WHERE i.id = ?`, in.ID); err != nil {
				w.Fatal(err)
			}
			e = Event{Envelope: Envelope{From: email, Auth: Believed, MessageID: in.MessageID}, Verdict: Accepted, Reason: "test", Acts: []Act{{Kind: ActAsk, Title: fmt.Sprintf("Unproven %d", in.UID), Text: "Words."}}}
			w.asked++
		} else if !known {
			w.Fatalf("uid %d is pending, and nobody said yes", in.UID)
		}
		delete(events, in.UID)
		err = w.Decide(context.Background(), in, w.now, func(tx *Tx) error {
			view, err := tx.View(Refs{From: e.From, MessageID: e.MessageID})
			if err != nil {
				return err
			}
			if view.Confirmed != in.Confirmed {
				w.Errorf("uid %d: confirmed %v", in.UID, view.Confirmed)
			}
			e.Member = view.Writer.ID
			o, err := tx.Record(e)
			if err != nil {
				return err
			}
			return w.say(tx, o)
		})
		if err != nil {
			w.Fatalf("%+v: %v", e, err)
		}
	}
}

// waitsAndMore leaves every kind of row behind: words that wait, words that were
// confirmed, words that were denied.
func (w *walk) waitsAndMore() {
	w.unproven(w.staff[0])
	w.send()
	w.replies(w.staff[0], ActConfirm)
	w.unproven(w.staff[1])
	w.send()
	w.repliesMore(w.staff[1], ActDecline)
	w.unproven(w.staff[0])
	w.send()
}

// A week of forged and of honest mail, of yes and no and of silence, of clocks
// that jump: nothing is done without a yes, a yes does everything once, at most
// one question waits, and nobody is asked twice a day who said no or nothing.
func TestConfirmWalk(t *testing.T) {
	walks, steps := uint64(3), 120
	if testing.Short() {
		walks, steps = 1, 25
	}
	for seed := range walks {
		w := newWalk(t, 900+seed)
		for i := range steps {
			p := w.staff[w.r.IntN(3)]
			switch n := w.r.IntN(20); {
			case n < 9:
				w.unproven(p)
			case n < 10:
				w.replies(p, ActConfirm)
			case n < 11:
				w.repliesMore(p, []ActKind{ActConfirm, ActConfirm, ActDecline}[w.r.IntN(3)])
			case n < 12:
				w.replies(p, ActDecline)
			case n < 13:
				w.replies(p, ActUnclear)
			case n < 14:
				w.now = w.now.AddDate(1, 0, 0)
				w.publish()
				w.unproven(p)
				w.now = w.now.AddDate(-1, 0, 0)
			default:
				w.now = w.now.Add(time.Duration(w.r.Int64N(int64(20 * time.Hour))))
				w.publish()
			}
			if w.r.IntN(3) > 0 {
				w.send()
			}
			audit, err := w.Audit(context.Background())
			if err != nil || len(audit.Findings) > 0 {
				t.Fatalf("seed %d step %d: %v %v", seed, i, audit.Findings, err)
			}
		}
		w.asksAreYeses()
	}
}

// asksAreYeses compares what was done with what was confirmed.
func (w *walk) asksAreYeses() {
	var asks, confirmed, soon int
	if err := w.read.Get(&asks, `SELECT count(*) FROM ask WHERE title LIKE 'Unproven %'`); err != nil {
		w.Fatal(err)
	}
	if err := w.read.Get(&confirmed, `SELECT count(*) FROM unconfirmed WHERE confirmed_at IS NOT NULL`); err != nil {
		w.Fatal(err)
	}
	if err := w.read.Get(&soon, `SELECT count(*) FROM confirm a JOIN confirm b ON b.member = a.member AND b.id > a.id AND b.asked_at > a.asked_at AND b.asked_at < a.ended_at + ? WHERE a.state = 'no'`, (24 * time.Hour).Milliseconds()); err != nil {
		w.Fatal(err)
	}
	if asks != confirmed || asks == 0 || soon > 0 {
		w.Errorf("%d asks of %d messages confirmed; asked %d times within a day of a no", asks, confirmed, soon)
	}
}

// The code is the book's own, of 64 bits, and reads as no number and no word.
func TestConfirmCode(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	code := s.confirmCode("confirm/a")
	if code != s.confirmCode("confirm/a") || code == s.confirmCode("confirm/b") || code == newScene(t, "2026-11-20 12:00").confirmCode("confirm/a") {
		t.Error("codes do not depend on the letter and the secret")
	}
	if len(code) != 17 || strings.ContainsAny(code, "aeiouy0123456789") {
		t.Error(code)
	}
	for _, written := range []string{code, strings.ToUpper(code), strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "-", ""), "[" + code + "]"} {
		if PlainCode(written) != strings.ReplaceAll(code, "-", "") {
			t.Errorf("%q is read as %q", written, PlainCode(written))
		}
	}
}
