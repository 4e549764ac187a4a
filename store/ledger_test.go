package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// The ledger of one folder says nothing of another, nor of the same folder under
// another UIDVALIDITY, and the same octets there are the same message only once
// they were decided.
func TestLedgerByFolder(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-22 13:00")
	take := func(box string, validity, uid uint32, size int64, raw string) {
		t.Helper()
		in := Incoming{Mailbox: box, UIDValidity: validity, UID: uid, Size: size, Raw: []byte(raw)}
		if raw == "" {
			in.Raw = nil
		}
		for again, want := range []int{1, 0} {
			if n, err := s.Receive(ctx, []Incoming{in}, now); err != nil || n != want {
				t.Fatal(box, validity, uid, again, n, err)
			}
		}
	}
	take("INBOX", 1, 1, 5, "first")
	take("INBOX", 1, 2, 6, "second")
	take("INBOX", 2, 1, 5, "first") // renumbered before it was decided
	take("Other", 1, 7, 0, "")      // an empty message is one
	take("INBOX", 1, 8, Unread, "From: a")
	take("INBOX", 1, 9, Unread, "From: a") // of both we have no more than this
	for _, c := range []struct {
		box      string
		validity uint32
		want     string
	}{{"INBOX", 1, "[3 7]"}, {"INBOX", 2, "[2 3 7 8 9]"}, {"Other", 1, "[1 2 3 8 9]"}, {"Other", 2, "[1 2 3 7 8 9]"}} {
		unknown, err := s.Unknown(ctx, c.box, c.validity, []uint32{1, 2, 3, 7, 8, 9})
		if err != nil {
			t.Fatal(err)
		}
		s.check(unknown, c.want)
	}
	state := func() (list []string) {
		t.Helper()
		if err := s.read.Select(&list, `SELECT state || ' ' || attempts FROM intake ORDER BY id`); err != nil {
			t.Fatal(err)
		}
		return list
	}
	s.check(state(), "[pending 0 pending 0 pending 0 pending 0 pending 0 pending 0]")
	var sums int
	if err := s.read.Get(&sums, `SELECT count(DISTINCT sha256) FROM intake`); err != nil || sums != 5 {
		t.Errorf("%d different messages: %v", sums, err)
	}
	for _, ids := range [][]int64{{1, 4}, {1, 4, 6}} {
		if err := s.Attempt(ctx, ids); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.write.Exec(`UPDATE intake SET state = CASE id WHEN 1 THEN 'accepted' WHEN 2 THEN 'unconfirmed' WHEN 3 THEN 'refused' WHEN 5 THEN 'quarantined' ELSE state END`); err != nil {
		t.Fatal(err)
	}

	// What is not pending is neither tried nor forgiven, nor is what never was tried.
	if err := errors.Join(s.Attempt(ctx, []int64{1}), s.Forgive(ctx, []int64{1, 4})); err != nil {
		t.Fatal(err)
	}
	s.check(state(), "[accepted 2 unconfirmed 0 refused 0 pending 1 quarantined 0 pending 1]")
	if err := s.Attempt(ctx, nil); err != nil {
		t.Errorf("an attempt at nothing: %v", err)
	}
	pending, err := s.PendingIntake(ctx, 10)
	if err != nil || len(pending) != 2 || pending[0].ID != 4 || pending[1].ID != 6 || pending[0].Confirmed {
		t.Fatalf("%+v %v", pending, err)
	}
	if err := s.Load(ctx, &pending[0]); err != nil || len(pending[0].Raw) != 0 {
		t.Errorf("an empty message: %q %v", pending[0].Raw, err)
	}

	// Decided messages are filed, each in its own folder, once.
	unfiled := func(box string, validity uint32) (list []string) {
		t.Helper()
		rows, err := s.Unfiled(ctx, box, validity, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			list = append(list, fmt.Sprintf("%d %s", r.UID, r.State))
		}
		return list
	}
	s.check(unfiled("INBOX", 1), "[1 accepted 8 quarantined]")
	s.check(unfiled("INBOX", 2), "[1 refused]")
	s.check(unfiled("Other", 1), "[]")
	if err := s.Filed(ctx, []int64{1}); err != nil {
		t.Fatal(err)
	}
	s.check(unfiled("INBOX", 1), "[8 quarantined]")
	s.check(unfiled("INBOX", 2), "[1 refused]")

	// The octets of a decided message, elsewhere or renumbered, are that message;
	// beside it under its own UIDVALIDITY they are a second one.
	take("INBOX", 3, 1, 5, "first")
	take("INBOX", 1, 20, 6, "second")
	take("Other", 1, 21, 6, "second")
	s.check(state()[6:], "[ignored 0 pending 0 ignored 0]")

	// Only what was put aside is taken back or dropped.
	list, err := s.Quarantined(ctx)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	for _, id := range []int64{1, 4, 5} { // decided, pending, never read
		if err := s.ReleaseQuarantined(ctx, id); err == nil {
			t.Errorf("message %d is decided again", id)
		}
	}
	for _, id := range []int64{1, 4} {
		if err := s.DropQuarantined(ctx, id, now); err == nil {
			t.Errorf("message %d is dropped", id)
		}
	}
	if err := s.DropQuarantined(ctx, 5, now); err != nil {
		t.Fatal(err)
	}
	s.check(state(), "[accepted 2 unconfirmed 0 refused 0 pending 1 ignored 0 pending 1 ignored 0 pending 0 ignored 0]")
}

// Of one sender twenty share a turn, in the order in which they came; who comes
// new is served with those who are being served, however long the others' row is.
func TestTurnsAreShared(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-22 13:00")
	uid := uint32(0)
	take := func(sender string, n int) {
		t.Helper()
		var batch []Incoming
		for range n {
			uid++
			batch = append(batch, Incoming{Mailbox: "INBOX", UIDValidity: 1, UID: uid, Size: 1, Sender: sender, Raw: fmt.Append(nil, uid)})
		}
		if _, err := s.Receive(ctx, batch, now); err != nil {
			t.Fatal(err)
		}
	}
	take("flood", turnShare+5)
	take("flood", turnShare) // the next batch begins where the last one ended
	take("priya", 1)
	take("flood", 1)
	row := func() (got string) {
		t.Helper()
		var runs []struct {
			Sender string
			Turn   int
			N      int
		}
		if err := s.read.Select(&runs, `SELECT sender, turn, count(*) AS n FROM intake WHERE state = 'pending' GROUP BY turn, sender ORDER BY turn, min(id)`); err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			got += fmt.Sprintf("%s %d x%d, ", r.Sender, r.Turn, r.N)
		}
		return got
	}
	s.check(row(), "flood 0 x20, priya 0 x1, flood 1 x20, flood 2 x6, ")
	if _, err := s.write.Exec(`UPDATE intake SET state = 'accepted' WHERE turn = 0`); err != nil {
		t.Fatal(err)
	}
	take("mark", 1) // with the turn that is being served, not before it
	take("priya", 2)
	take("mark", 1) // his share is his own
	s.check(row(), "flood 1 x20, mark 1 x2, priya 1 x2, flood 2 x6, ")
}

// Of messages that are decided with one commit, one that cannot be takes nothing
// of the others with it and leaves nothing of its own.
func TestOneOfAGroupFails(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-22 13:00")
	var batch []Incoming
	for uid := range uint32(3) {
		batch = append(batch, Incoming{Mailbox: "INBOX", UIDValidity: 1, UID: uid + 1, Size: 5, Raw: fmt.Append(nil, uid)})
	}
	if _, err := s.Receive(ctx, batch, now); err != nil {
		t.Fatal(err)
	}
	pending, err := s.PendingIntake(ctx, 10)
	if err != nil || len(pending) != 3 {
		t.Fatal(len(pending), err)
	}
	cannot := errors.New("cannot be decided")
	errs, err := s.DecideAll(ctx, pending, now, func(tx *Tx, i int) error {
		e := Event{Envelope: Envelope{From: priya, Auth: Believed, MessageID: fmt.Sprintf("<%d@mail>", i), Member: 1}, Verdict: Accepted, Reason: "test", Acts: []Act{{Kind: ActAsk, Title: fmt.Sprint("Thing ", i), Text: "x"}}}
		outcome, err := tx.Record(e)
		if err != nil {
			return err
		}
		if err := say(tx, outcome); err != nil || i != 1 {
			return err
		}
		return cannot
	})
	if err != nil || errs[0] != nil || errs[1] != cannot || errs[2] != nil {
		t.Fatal(errs, err)
	}
	var titles, states []string
	if err := errors.Join(s.read.Select(&titles, `SELECT title FROM ask ORDER BY number`), s.read.Select(&states, `SELECT state FROM intake ORDER BY id`)); err != nil {
		t.Fatal(err)
	}
	s.check(titles, "[Thing 0 Thing 2]")
	s.check(states, "[accepted pending accepted]")
	s.check(len(s.claimed(now)), 2)
	s.audited()
}
