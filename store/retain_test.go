package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

// aged is a book with one of everything that grows old, all of one instant, and
// how long each is kept.
func aged(t *testing.T) (*scene, time.Time) {
	s := newScene(t, "2026-11-20 12:00")
	s.settings.Keep = Keep{Raw: 30 * day, Words: 60 * day, Asks: 365 * day}
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A bell", Text: "For the play."})
	s.mail("2026-11-20 13:10", mark, Act{Kind: ActOffer, Ask: 1, Text: "Take mine."})
	s.mail("2026-11-20 13:20", priya, Act{Kind: ActThanks, Ask: 1, Text: "It rang."})
	s.mail("2026-11-20 13:30", sam, Act{Kind: ActStatus})
	s.send("2026-11-20 13:40")
	old := at(t, "2026-11-20 14:00")
	for _, query := range []string{
		`UPDATE intake SET decided_at = ?1`,
		`UPDATE intake SET state = 'quarantined' WHERE id = 4`,
		`UPDATE ask SET state = 'closed', closed_at = ?1`,
		`UPDATE offer SET created_at = ?1, message_id = '<o@mail>'`,
		`UPDATE thanks SET created_at = ?1, state = 'public'`,
		`DELETE FROM question`,
		`INSERT INTO question (kind, member, letter, words, name, names, address, candidates, asked_at) VALUES ('which_ask', 2, 'unclear/0', 'words', 'Kim', '["Kim"]', 'kim@home.example', '[]', ?1),
			('which_ask', 2, 'unclear/1', 'words', '', '[]', '', '[]', ?1), ('refer', 2, 'unclear/2', '', 'Kim', '[]', '', '[]', ?1),
			('refer', 2, 'unclear/3', '', '', '["Kim"]', '', '[]', ?1), ('address', 2, 'unclear/4', '', '', '[]', 'kim@home.example', '[]', ?1)`,
		`INSERT INTO held_edit (ask, held, title, body, needed_by, replaces, created_at) VALUES (1, 'phone/1', 'A', 'b', '', 0, ?1)`,
		`UPDATE letter SET at = ?1`,
		`UPDATE letter SET member = NULL, name = 'Eve', address = 'eve@else.example', kind = 'refusal', thread = '["<e@else>"]' WHERE id = 1`,
		`UPDATE outbox SET changed_at = ?1`,
		`UPDATE outbox SET error = 'no such user' WHERE letter = 2`,
		`UPDATE wording SET created_at = ?1`,
		`DELETE FROM wording WHERE id NOT IN (SELECT wording FROM letter)`,
		`INSERT INTO bounce (letter, member, address, hard, status, day, at) VALUES (2, 2, 'mark@carpenter.example', 1, '5.1.1', '2026-11-20', ?1)`,
	} {
		s.sql(query, millis(old))
	}
	return s, old
}

func (s *scene) sql(query string, args ...any) {
	s.Helper()
	if _, err := s.write.Exec(query, args...); err != nil {
		s.Fatalf("%s: %v", query, err)
	}
}

// remains names what the book still holds of what grows old.
func (s *scene) remains() string {
	s.Helper()
	var left []string
	for _, part := range []struct{ name, query string }{
		{"mail", `intake i WHERE state IN ('accepted', 'pending', 'unconfirmed') AND erase = 0 AND EXISTS (SELECT 1 FROM intake_raw WHERE intake = i.id)`},
		{"quarantine", `intake i WHERE state = 'quarantined' AND erase = 0 AND EXISTS (SELECT 1 FROM intake_raw WHERE intake = i.id)`},
		{"letters", `wording WHERE text <> x'' OR subject <> 'erased'`},
		{"questions", `question WHERE words || name || address <> '' OR names <> '[]'`},
		{"strangers", `letter WHERE address LIKE '%else.example' OR member IS NULL AND (thread <> '[]' OR name <> '')`},
		{"replies", `outbox WHERE error NOT IN ('', 'erased')`},
		{"bounces", `bounce`},
		{"asks", `ask WHERE title <> 'Removed' OR body <> '' OR message_id <> ''`},
		{"offers", `offer WHERE words <> '' OR message_id <> ''`},
		{"changes", `held_edit`},
		{"thanks", `thanks WHERE words <> '' OR state = 'public'`},
	} {
		var n int
		if err := s.read.Get(&n, `SELECT count(*) FROM `+part.query); err != nil {
			s.Fatal(err)
		}
		if n > 0 {
			left = append(left, part.name)
		}
	}
	return strings.Join(left, " ")
}

// swept sweeps all that is due, twice, and says what remains.
func (s *scene) swept(now time.Time) string {
	s.Helper()
	for pass := range 2 {
		done, err := s.Sweep(context.Background(), now, 5*time.Second)
		if err != nil || !done.Done || pass == 1 && done.Rows != 0 {
			s.Fatalf("pass %d at %s: %+v, %v", pass, now, done, err)
		}
	}
	if last, err := s.LastSwept(context.Background()); err != nil || !last.Equal(now.Truncate(time.Second)) {
		s.Errorf("swept last at %s, %v", last, err)
	}
	return s.remains()
}

// copies makes as many books as are asked for that are alike, in little time.
func (s *scene) copies() func() *scene {
	s.Helper()
	if err := s.Book.Close(); err != nil {
		s.Fatal(err)
	}
	raw, err := os.ReadFile(s.path)
	if err != nil {
		s.Fatal(err)
	}
	return func() *scene {
		path := filepath.Join(s.TempDir(), "askfirst.db")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			s.Fatal(err)
		}
		book, err := open(context.Background(), path, s.settings)
		if err != nil {
			s.Fatal(err)
		}
		s.Cleanup(func() { book.Close() })
		return &scene{TB: s.TB, Book: book}
	}
}

// Each kind of words goes with the millisecond in which its time is over, and
// not with the one before.
func TestEachIsKeptAsLongAsItShould(t *testing.T) {
	const (
		all    = "mail quarantine letters questions strangers replies bounces asks offers changes thanks"
		noMail = "quarantine letters questions strangers replies bounces asks offers changes thanks"
		noWord = "quarantine bounces asks offers changes thanks"
	)
	s, old := aged(t)
	if got := s.remains(); got != all {
		t.Fatalf("the test proves nothing: %s", got)
	}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{
		{30*day - time.Millisecond, all}, {30 * day, noMail},
		{60*day - time.Millisecond, noMail}, {60 * day, noWord},
		{365*day - time.Millisecond, noWord}, {365 * day, ""},
	} {
		if got := s.swept(old.Add(step.after)); got != step.want {
			t.Errorf("after %s: %q, want %q", step.after, got, step.want)
		}
	}
	var state string
	if err := s.read.Get(&state, `SELECT state FROM thanks`); err != nil || state != "private" {
		t.Errorf("thanks without words are %s, %v", state, err)
	}
}

// What somebody still needs stays, however old it is: each row is one reason.
func TestWhatIsNeededStays(t *testing.T) {
	first, old := aged(t)
	another := first.copies()
	for _, c := range []struct{ why, change, stays string }{
		{"a message that waits for its decision", `UPDATE intake SET state = 'pending', decided_at = NULL`, "mail"},
		{"a message that was let out of quarantine", `UPDATE intake SET state = 'pending'`, "mail"},
		{"a message that waits for a yes", `UPDATE intake SET state = 'unconfirmed', decided_at = NULL`, "mail"},
		{"a letter that is queued", `UPDATE outbox SET state = 'queued'`, "letters strangers replies"},
		{"a letter that is tried again", `UPDATE outbox SET state = 'retry'`, "letters strangers replies"},
		{"a letter that is being sent", `UPDATE outbox SET state = 'sending'`, "letters strangers replies"},
		{"a letter before its answer", `UPDATE outbox SET state = 'dot_sent'`, "letters strangers replies"},
		{"a letter that an admin holds", `UPDATE outbox SET state = 'held'`, "letters strangers replies"},
		{"a letter in doubt, which may go once more", `UPDATE outbox SET state = 'in_doubt', digest = 0`, "letters strangers replies"},
		{"a digest in doubt never goes again", `UPDATE outbox SET state = 'in_doubt', digest = 1`, "strangers replies"},
		{"a digest that waits", `UPDATE outbox SET state = 'held', digest = 1`, "letters strangers replies"},
		{"a letter that failed", `UPDATE outbox SET state = 'failed'`, ""},
		{"a letter that expired", `UPDATE outbox SET state = 'expired'`, ""},
		{"a newer letter of the same words", `UPDATE letter SET at = at + 400000 * 86400`, "letters strangers"},
		{"a letter to the admin", `UPDATE letter SET kind = 'admin' WHERE member IS NULL`, "strangers"},
		{"a letter to a colleague", `UPDATE letter SET member = 2`, "strangers"},
		{"an address that is paused", `INSERT INTO bounce_pause (member, address, status, since) VALUES (2, 'mark@carpenter.example', '5.1.1', 1)`, "bounces"},
		{"an address of somebody else's that is paused", `INSERT INTO bounce_pause (member, address, status, since) VALUES (3, 'sam@carpenter.example', '5.1.1', 1)`, ""},
		{"an ask of that very title", `UPDATE ask SET title = 'Removed', message_id = ''`, ""},
		{"an ask whose words are gone", `UPDATE ask SET title = 'Removed', body = ''`, ""},
		{"an offer without words", `UPDATE offer SET words = ''`, ""},
		{"an offer without its mail", `UPDATE offer SET message_id = ''`, ""},
		{"an open ask", `UPDATE ask SET state = 'open'`, "asks offers changes thanks"},
		{"an ask that has help", `UPDATE ask SET state = 'helped'`, "asks offers changes thanks"},
		{"an ask that is held", `UPDATE ask SET state = 'held'`, "asks offers changes thanks"},
		{"an ask that was withdrawn", `UPDATE ask SET state = 'withdrawn'`, ""},
		{"an ask that expired", `UPDATE ask SET state = 'expired'`, ""},
		{"thanks without an ask", `UPDATE thanks SET ask = NULL, giver = 1`, ""},
		{"newer thanks", `UPDATE thanks SET created_at = created_at + 400000 * 86400`, "thanks"},
		{"an ask that ended lately", `UPDATE ask SET closed_at = closed_at + 400000 * 86400`, "asks offers changes"},
	} {
		s := another()
		s.sql(c.change)
		if got := s.swept(old.Add(400 * day)); got != c.stays {
			t.Errorf("%s: what stays is %q, want %q", c.why, got, c.stays)
		}
	}
}

// More than fits into one transaction goes all the same, and a sweep whose time
// is over, or whose daemon stops, says that it is not done.
func TestSweepOfMuch(t *testing.T) {
	s, old := aged(t)
	s.sql(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
		INSERT INTO question (kind, member, letter, words, candidates, asked_at) SELECT 'which_ask', 2, 'much/' || i, 'words', '[]', ? FROM n`, millis(old))
	s.sql(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
		INSERT INTO wording (sha256, subject, text, created_at) SELECT 'sum ' || i, 'words', x'01', ? FROM n`, millis(old))
	now := old.Add(400 * day)
	if done, err := s.Sweep(context.Background(), now, -time.Second); err != nil || done.Done || done.Rows != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if done, err := s.Sweep(ended, now, time.Minute); err == nil || done.Done {
		t.Errorf("%+v, %v", done, err)
	}
	if last, err := s.LastSwept(context.Background()); err != nil || !last.IsZero() {
		t.Errorf("swept at %s, %v", last, err)
	}
	if got := s.swept(now); got != "" {
		t.Errorf("%s stays", got)
	}
}

// Without a limit everything is kept, and each limit is for its own.
func TestNoLimitKeeps(t *testing.T) {
	first, old := aged(t)
	another := first.copies()
	for _, c := range []struct {
		keep  Keep
		stays string
	}{
		{Keep{}, "mail quarantine letters questions strangers replies bounces asks offers changes thanks"},
		{Keep{Raw: day}, "quarantine letters questions strangers replies bounces asks offers changes thanks"},
		{Keep{Words: day}, "mail quarantine bounces asks offers changes thanks"},
		{Keep{Asks: day}, "mail letters questions strangers replies"},
	} {
		s := another()
		s.settings.Keep = c.keep
		if got := s.swept(old.Add(900 * day)); got != c.stays {
			t.Errorf("%+v: what stays is %q, want %q", c.keep, got, c.stays)
		}
	}
}

// What was swept stands nowhere in the book's file nor in its log.
func TestSweptLeavesNoRemnant(t *testing.T) {
	s, old := aged(t)
	words := []string{"For the play.", "Take mine.", "It rang.", "no such user", "eve@else.example", "raw 3"}
	for _, w := range words {
		if remnants(t, s, w) == "" {
			t.Fatalf("%q is nowhere: the test proves nothing", w)
		}
	}
	s.sql(`UPDATE undoable SET past = ''`) // what the next digest ends
	s.swept(old.Add(400 * day))
	for _, w := range words {
		if found := remnants(t, s, w); found != "" {
			t.Errorf("%q stands in %s", w, found)
		}
	}
}

// A letter's words are gone whole, it still tells of which asks it spoke, and
// the same words said later are a wording of their own.
func TestSweptWordings(t *testing.T) {
	s, old := aged(t)
	var items int
	s.swept(old.Add(61 * day))
	var left int
	if err := s.read.Get(&left, `SELECT count(*) FROM wording WHERE subject <> 'erased' OR length(text) > 0 OR html IS NOT NULL OR sha256 <> printf('%064d', id)`); err != nil || left != 0 {
		t.Errorf("%d wordings say something, %v", left, err)
	}
	if err := s.read.Get(&items, `SELECT count(*) FROM wording_item WHERE ask = 1`); err != nil || items == 0 {
		t.Errorf("%d letters are known to have told of the ask, %v", items, err)
	}
	s.mail("2027-02-01 12:00", priya, Act{Kind: ActAsk, Title: "A bell", Text: "For the play."})
	if got := fmt.Sprint(s.send("2027-02-01 12:01")); !strings.Contains(got, "acknowledgement to "+priya+": acknowledgement") {
		t.Errorf("a letter of later has no words: %s", got)
	}
}
