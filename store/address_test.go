package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const anaHome = "ana@home.example"

// stranger is an answer from an unknown address to a letter of ours; it returns
// the member who may be asked, 0: nobody.
func (s *scene) stranger(when, from, key string) (asked int64) {
	s.Helper()
	in := s.intakeTx(when)
	err := s.Decide(context.Background(), in, at(s, when), func(tx *Tx) error {
		v, err := tx.View(Refs{From: from, Answers: []string{s.messageID(key)}})
		if err != nil {
			return err
		}
		e := Event{Envelope: Envelope{From: from, Auth: Believed}, Verdict: Ignored, Reason: ReasonStrangerReply, Text: "17", Dup: fmt.Sprintf("dup %d", in.ID)}
		if v.Addressee != nil {
			e.Addressee = v.Addressee.ID
		}
		if v.AskAddressee {
			asked, e.Verdict, e.Reason = e.Addressee, Refused, ReasonOtherAddress
		}
		outcome, err := tx.Record(e)
		if err != nil {
			return err
		}
		return say(tx, outcome)
	})
	if err != nil {
		s.Fatal(err)
	}
	return asked
}

// answersAddress is a member's yes or no to the newest question; it returns why
// the letter about it was written.
func (s *scene) answersAddress(when, who string, kind ActKind) string {
	s.Helper()
	var key string
	if err := s.read.Get(&key, `SELECT q.letter FROM question q JOIN member m ON m.id = q.member WHERE m.email = ? AND q.address <> '' ORDER BY q.id DESC LIMIT 1`, who); err != nil {
		s.Fatal(err)
	}
	o := s.event(when, Event{Envelope: Envelope{From: who, Auth: Believed, MessageID: fmt.Sprintf("<%d@mail>", s.uid+1)}, Verdict: Accepted, Reason: "test", Answers: key,
		Acts: []Act{{Kind: kind, Via: ViaAddress}}})
	if len(o.Facts) != 1 {
		s.Fatalf("%d facts", len(o.Facts))
	}
	return o.Facts[0].Reason
}

// addressScene is a book with a digest of Monday and Tuesday, of which ana's keys
// are returned.
func addressScene(t *testing.T) (s *scene, anas string) {
	s = newScene(t, "2026-11-20 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-23 07:30")
	s.send("2026-11-23 07:31")
	return s, "digest/2026-11-23/m4"
}

// Who is asked, how often, and about what.
func TestWhoIsAskedAboutAnAddress(t *testing.T) {
	s, anas := addressScene(t)
	s.check(s.stranger("2026-11-23 09:00", anaHome, anas), int64(4))
	for range mostAddressWaiting - 1 { // they join
		s.check(s.stranger("2026-11-23 09:01", anaHome, anas), int64(4))
	}
	s.check(s.stranger("2026-11-23 09:02", anaHome, anas), int64(0)) // enough wait
	var asked int
	if err := s.read.Get(&asked, `SELECT count(*) FROM letter WHERE kind = 'known_address'`); err != nil || asked != 1 {
		t.Errorf("%d questions, %v", asked, err)
	}
	s.check(s.stranger("2026-11-27 09:00", anaHome, anas), int64(0)) // three days without an answer
	s.check(s.stranger("2026-11-27 09:00", "b@home.example", anas), int64(4))
	s.check(s.stranger("2026-11-27 09:00", "c@home.example", anas), int64(4))
	s.check(s.stranger("2026-11-27 09:00", "d@home.example", anas), int64(0)) // three in a month
	s.check(s.stranger("2026-11-27 09:00", anaHome, "digest/2026-11-23/m2"), int64(2))
	s.check(s.stranger("2026-11-27 09:00", anaHome, "digest/2026-11-23/m3"), int64(3))
	s.check(s.stranger("2026-11-27 09:00", anaHome, "digest/2026-11-23/m9"), int64(0))
	s.check(s.stranger("2026-12-22 09:00", "e@home.example", "digest/2026-11-23/m2"), int64(2))
	s.check(s.stranger("2026-12-24 09:00", "f@home.example", "digest/2026-11-23/m2"), int64(0)) // more than thirty days old
	s.publish("2026-12-24 09:01")
	s.audited()
	var waiting int
	if err := s.read.Get(&waiting, `SELECT count(*) FROM address_waiting`); err != nil || waiting != 1 {
		t.Errorf("%d mails wait, want the newest alone; %v", waiting, err)
	}
}

// A letter of which two have a copy says about nobody whose address it is.
func TestTwoCopiesAskNobody(t *testing.T) {
	s, _ := addressScene(t)
	s.mail("2026-11-23 09:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.check(s.stranger("2026-11-23 10:00", anaHome, "introduction/1/m2"), int64(0))
}

// The staff list wins, whoever it gives the address to; without that, what was
// learnt outlives every reload.
func TestStaffListWinsOverLearntAddresses(t *testing.T) {
	s, anas := addressScene(t)
	owner := func(want string) {
		t.Helper()
		var email string
		err := s.read.Get(&email, `SELECT coalesce((SELECT m.email FROM member_address a JOIN member m ON m.id = a.member WHERE a.address = ?), '')`, anaHome)
		if err != nil || email != want {
			t.Errorf("it is %s's, want %s; %v", email, want, err)
		}
	}
	s.stranger("2026-11-23 09:00", "Ana+tag@Home.example", anas)
	s.check(s.answersAddress("2026-11-23 10:00", ana, ActConfirm), addressRemembered)
	owner(ana)
	pending, err := s.PendingIntake(t.Context(), 10)
	if err != nil || len(pending) != 1 {
		t.Fatal(len(pending), err)
	}
	if err := s.Decide(t.Context(), pending[0], at(t, "2026-11-23 10:00"), func(tx *Tx) error {
		_, err := tx.Record(Event{Verdict: Ignored, Reason: "test"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Staff(t.Context(), people, at(t, "2026-11-23 11:00")); err != nil {
			t.Fatal(err)
		}
		owner(ana)
	}
	away := slices.DeleteFunc(slices.Clone(people), func(p Person) bool { return p.Email == ana })
	if _, err := s.Staff(t.Context(), away, at(t, "2026-11-23 11:00")); err != nil {
		t.Fatal(err)
	}
	owner("")
	if _, err := s.Staff(t.Context(), people, at(t, "2026-11-23 11:00")); err != nil {
		t.Fatal(err)
	}
	owner(ana)
	changed := slices.Clone(people)
	changed[1].Aliases = []string{"ANA@home.example"}
	for _, list := range [][]Person{changed, people} {
		if _, err := s.Staff(t.Context(), list, at(t, "2026-11-23 11:00")); err != nil {
			t.Fatal(err)
		}
	}
	owner("") // it was Mark's, and is forgotten with him
	s.audited()

	// Given to somebody between question and answer.
	s.stranger("2026-12-01 09:00", "ana@other.example", anas)
	changed[1].Aliases = []string{"ana@other.example"}
	if _, err := s.Staff(t.Context(), changed, at(t, "2026-12-01 09:30")); err != nil {
		t.Fatal(err)
	}
	s.check(s.answersAddress("2026-12-01 10:00", ana, ActConfirm), addressTaken)
	s.audited()
}

// What waits is decided once more, once, and no second answer changes anything.
func TestAddressAnswers(t *testing.T) {
	for _, row := range []struct {
		kind    ActKind
		when    string
		reason  string
		pending int
	}{
		{ActConfirm, "2026-11-26 08:59", addressRemembered, 2},
		{ActConfirm, "2026-11-26 09:00", addressLate, 0},
		{ActDecline, "2026-11-23 10:00", addressNot, 0},
	} {
		s, anas := addressScene(t)
		s.stranger("2026-11-23 09:00", anaHome, anas)
		s.stranger("2026-11-23 09:00", anaHome, anas)
		if _, err := s.write.Exec(`UPDATE intake SET attempts = 2 WHERE state = 'refused'`); err != nil {
			t.Fatal(err)
		}
		key := ""
		if err := s.read.Get(&key, `SELECT letter FROM question WHERE address <> ''`); err != nil {
			t.Fatal(err)
		}
		other := s.event("2026-11-23 09:01", Event{Envelope: Envelope{From: mark, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: key, Acts: []Act{{Kind: ActConfirm, Via: ViaAddress}}})
		s.check(kinds(other), "status>mark") // the answer of somebody else
		s.check(s.answersAddress(row.when, ana, row.kind), row.reason)
		pending, err := s.PendingIntake(t.Context(), 10)
		if err != nil || len(pending) != row.pending {
			t.Errorf("%v: %d wait, %v", row, len(pending), err)
		}
		var kept int // of an earlier decision: it would take itself for its own second copy
		if err := s.read.Get(&kept, `SELECT count(*) FROM intake WHERE state = 'pending' AND (duplicate IS NOT NULL OR member IS NOT NULL OR attempts <> 0)`); err != nil || kept != 0 {
			t.Errorf("%d that wait remember how they were decided before, %v", kept, err)
		}
		for _, in := range pending {
			if err := s.Decide(t.Context(), in, at(t, row.when), func(tx *Tx) error {
				v, err := tx.View(Refs{From: anaHome, Dup: "the same"})
				if err != nil || v.Writer == nil || v.Writer.Email != ana {
					return fmt.Errorf("writer %v, %w", v.Writer, err)
				}
				_, err = tx.Record(Event{Envelope: Envelope{From: anaHome, Member: v.Writer.ID}, Verdict: Ignored, Reason: "test"})
				return err
			}); err != nil {
				t.Error(err)
			}
		}
		if again := s.answersAddress(strings.Replace(row.when, "09:00", "09:30", 1), ana, ActConfirm); again == addressRemembered || again == addressLate {
			t.Errorf("a second answer: %s", again)
		}
		s.audited()
	}
}

// The audit knows what no rule has written.
func TestAuditKnowsAddresses(t *testing.T) {
	s, anas := addressScene(t)
	s.stranger("2026-11-23 09:00", anaHome, anas)
	s.stranger("2026-11-23 09:00", "b@home.example", anas)
	s.check(s.answersAddress("2026-11-23 10:00", ana, ActConfirm), addressRemembered)
	if err := s.RotateTokens(t.Context(), at(t, "2026-11-23 10:00")); err != nil {
		t.Fatal(err)
	}
	if err := s.noteAlone("spy@else.example"); err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{
		`UPDATE question SET address = '' WHERE address = 'ana@home.example'`,
		`UPDATE learnt_address SET address = 'x@y.example'`,
		`UPDATE learnt_address SET member = 1`,
		`UPDATE question SET answered_at = NULL WHERE id = (SELECT question FROM learnt_address)`,
		`UPDATE address_waiting SET question = (SELECT question FROM learnt_address)`,
		`UPDATE intake SET state = 'ignored' WHERE id IN (SELECT intake FROM address_waiting)`,
		`UPDATE token_key SET secret = 'xyz'`,
		`UPDATE token_key SET since = 0`,
		`UPDATE outsider SET mails = 0`,
		`UPDATE outsider SET news = 0`,
	} {
		tx, err := s.write.BeginTxx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if findings, err := s.contradictions(t.Context(), tx); err != nil || len(findings) != 0 {
			t.Fatal(findings, err)
		}
		result, err := tx.Exec(change)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Errorf("changes nothing: %s", change)
		}
		if findings, err := s.contradictions(t.Context(), tx); err != nil || len(findings) == 0 {
			t.Errorf("not found: %s (%v)", change, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// noteAlone notes an outsider by itself.
func (s *scene) noteAlone(address string) error {
	return s.clock(s.Context(), at(s, "2026-11-23 10:00"), say, func(t *Tx) error { return t.noteOutsider(address, 4) })
}

// Whatever outsiders write, the admin reads one letter a week, and it is short.
func TestAdminReadsOfOutsidersOnceAWeek(t *testing.T) {
	s, _ := addressScene(t)
	letters := 0
	for day := range 28 {
		now := at(t, "2026-11-24 10:00").AddDate(0, 0, day)
		for i := range 30 {
			if err := s.clock(t.Context(), now, say, func(t *Tx) error { return t.noteOutsider(fmt.Sprintf("spy%d@d%d.example", i, day), 4) }); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.clock(t.Context(), now.Add(time.Minute), say, func(t *Tx) error {
			err := t.outsiders()
			for _, f := range t.facts {
				letters++
				if len(f.Reason) > 3000 || !strings.Contains(f.Reason, "who answered a letter to Ana Silva") {
					s.Errorf("%d octets: %s", len(f.Reason), f.Reason)
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if letters != 4 {
		t.Errorf("%d letters in four weeks", letters)
	}
	var rows int
	if err := s.read.Get(&rows, `SELECT count(*) FROM outsider`); err != nil || rows > 500 {
		t.Errorf("%d rows, %v", rows, err)
	}
	s.audited()
}
