package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// intakeRow puts a message into the ledger as it stands after so many passes.
func (s *scene) intakeRow(name, columns string) {
	s.Helper()
	s.uid++
	s.sql(`INSERT INTO intake (mailbox, uidvalidity, uid, sha256, size, oversize, received_at, state, reason, decided_at, message_id) VALUES ('INBOX', 1, ?, ?, 9, 0, 1, 'accepted', 'test', 1, ?)`, s.uid, Sum([]byte(name)), name)
	s.sql(`INSERT INTO intake_raw (intake, raw) SELECT max(id), x'00' FROM intake`)
	if columns != "" {
		s.sql(`UPDATE intake SET ` + columns + ` WHERE id = (SELECT max(id) FROM intake)`)
	}
}

func (s *scene) names(query string) string {
	s.Helper()
	list := []string{}
	if err := s.read.Select(&list, `SELECT message_id FROM intake WHERE `+query+` ORDER BY id`); err != nil {
		s.Fatal(err)
	}
	return strings.Join(list, " ")
}

func (s *scene) doomed(now time.Time, limit int) string {
	s.Helper()
	list, err := s.Doomed(context.Background(), "INBOX", now, limit)
	if err != nil {
		s.Fatal(err)
	}
	var names []string
	for _, d := range list {
		names = append(names, d.MessageID)
	}
	return strings.Join(names, " ")
}

// What must go from the server is asked for until it has gone, and nothing else
// is: not what another box holds, not what waits for its decision, and what
// could not be erased not before its time.
func TestDoomed(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	ctx, now := context.Background(), at(t, "2026-11-20 13:00")
	s.intakeRow("first", `erase = 1`)
	s.intakeRow("not", `erase = 0`)
	s.intakeRow("gone", `erase = 2`)
	s.intakeRow("undecided", `erase = 1, state = 'pending'`)
	s.intakeRow("elsewhere", `erase = 1, mailbox = 'Other'`)
	s.intakeRow("rested", fmt.Sprintf(`erase = 1, erase_next = %d`, millis(now)))
	s.intakeRow("rests", fmt.Sprintf(`erase = 1, erase_next = %d`, millis(now)+1))
	s.intakeRow("rests long", fmt.Sprintf(`erase = 1, erase_next = %d`, millis(now.Add(2*eraseRest))))
	s.intakeRow("of a wrong clock", fmt.Sprintf(`erase = 1, erase_next = %d`, millis(now.Add(2*eraseRest))+1))
	s.check(s.doomed(now, 10), "first rested of a wrong clock")
	s.check(s.doomed(now, 2), "first rested")
	waiting, stuck, err := s.ToErase(ctx)
	if err != nil || waiting != 7 || stuck != 4 {
		t.Errorf("%d wait, %d of them could not be erased, %v", waiting, stuck, err)
	}
	if err := s.NotErased(ctx, []int64{1, 2, 3}, now); err != nil {
		t.Fatal(err)
	}
	s.check(s.doomed(now.Add(eraseRest-time.Millisecond), 1), "rested")
	s.check(s.doomed(now.Add(eraseRest), 1), "first")
	s.check(s.names(`erase <> 1 AND erase_next > 0`), "")

	if err := s.Placed(ctx, []Place{{ID: 1, Folder: "Done", Validity: 7, UID: 8}, {ID: 2, Folder: "Done", Validity: 7, UID: 9}}); err != nil {
		t.Fatal(err)
	}
	s.check(s.names(`filed = 1 AND folder = 'Done' AND folder_validity = 7 AND folder_uid IN (8, 9)`), "first not")
	if err := s.Erased(ctx, []int64{1, 2, 6}); err != nil {
		t.Fatal(err)
	}
	s.check(s.names(`erase = 2 AND erase_next = 0 AND filed = 1 AND folder = '' AND folder_validity = 0 AND folder_uid = 0`), "first rested")
	s.check(s.names(`erase = 0 AND folder = 'Done' AND EXISTS (SELECT 1 FROM intake_raw WHERE intake = id)`), "not")
	s.check(s.names(`id = 1 AND EXISTS (SELECT 1 FROM intake_raw WHERE intake = id)`), "")
	if err := s.Erased(ctx, nil); err != nil {
		t.Fatal(err)
	}
}

// Where the server has shown the same message twice, both go; what waits for its
// decision is not read without its bytes.
func TestDoomedWhereverItLies(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	s.intakeRow("mail", "")
	s.intakeRow("mail", `uidvalidity = 2`)
	s.intakeRow("mail", `uidvalidity = 3, state = 'pending', decided_at = NULL`)
	s.intakeRow("other", "")
	s.intakeRow("done", `erase = 2`)
	s.intakeRow("done", `uidvalidity = 2`)
	s.intakeRow("spared", `uidvalidity = 2`)
	if err := s.clock(t.Context(), at(t, "2026-11-20 13:00"), nil, func(tx *Tx) error { return tx.doom(`i.id IN (?, ?)`, 1, 5) }); err != nil {
		t.Fatal(err)
	}
	s.check(s.names(`erase = 1`), "mail mail mail done")
	s.check(s.names(`erase = 2`), "done")
	s.check(s.names(`EXISTS (SELECT 1 FROM intake_raw WHERE intake = id)`), "mail other spared")
}

// What was erased and comes once more is neither read nor kept, and goes again;
// what only looks like it is read.
func TestErasedComesOnceMore(t *testing.T) {
	for _, c := range []struct {
		name, columns string
		want          string
	}{
		{"mail", `erase = 1`, "ignored seen_before 1 0"},
		{"mail", `erase = 2`, "ignored seen_before 1 0"},
		{"mail", `erase = 0`, "pending  0 1"},                                       // the same message, still there
		{"mail", `erase = 1, state = 'pending', decided_at = NULL`, "pending  0 1"}, // nobody has read it yet
		{"another", `erase = 1`, "pending  0 1"},
	} {
		s := newScene(t, "2026-11-20 12:00")
		now := at(t, "2026-11-20 13:00")
		s.intakeRow(c.name, c.columns)
		if _, err := s.Receive(context.Background(), []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: 900, Size: 4, Raw: []byte("mail")}}, now); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := s.read.Get(&got, `SELECT state || ' ' || reason || ' ' || erase || ' ' || (SELECT count(*) FROM intake_raw WHERE intake = id) FROM intake WHERE uid = 900`); err != nil {
			t.Fatal(err)
		}
		if got != c.want {
			t.Errorf("%s with %s: %q, want %q", c.name, c.columns, got, c.want)
		}
		var decided int64
		if err := s.read.Get(&decided, `SELECT coalesce(decided_at, 0) FROM intake WHERE uid = 900`); err != nil || strings.HasPrefix(c.want, "ignored") != (decided == millis(now)) {
			t.Errorf("%s with %s: decided at %d, %v", c.name, c.columns, decided, err)
		}
	}
}
