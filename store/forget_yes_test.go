package store

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// answersForget is a member's "forget me", or a yes to a letter.
func (s *scene) answersForget(when, who, answers, via string) Outcome {
	s.Helper()
	return s.event(when, Event{Envelope: Envelope{From: who, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: answers, Acts: []Act{{Kind: ActForget, Via: via}}})
}

func (s *scene) number(query string, args ...any) (n int) {
	s.Helper()
	if err := s.read.Get(&n, query, args...); err != nil {
		s.Fatal(err)
	}
	return n
}

// Only a yes by the same person, to that very letter, within 72 hours forgets;
// everything else is asked (again).
func TestOnlyTheRightYesForgets(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	s.mail("2026-11-20 12:30", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	asked := s.answersForget("2026-11-20 13:00", priya, "", "").Facts[0]
	if asked.Kind != KindForgetConfirm || !strings.HasPrefix(asked.Name, "forget-") || asked.Name == s.forgetCode("another") {
		t.Fatalf("%+v", asked)
	}
	second := s.answersForget("2026-11-20 13:01", priya, "", "").Facts[0] // both letters may be answered
	s.answersForget("2026-11-20 13:02", mark, "", "")
	for _, c := range []struct{ when, who, key, via string }{
		{"2026-11-20 14:00", priya, asked.Key, ""},                              // no yes
		{"2026-11-20 14:00", mark, asked.Key, ViaForgetConfirm},                 // somebody else's
		{"2026-11-20 14:00", priya, "acknowledgement/1", ViaForgetConfirm},      // another letter
		{"2026-11-20 14:00", priya, "forget_confirm/unheard", ViaForgetConfirm}, // no letter of ours
		{"2026-11-23 13:00", priya, asked.Key, ViaForgetConfirm},                // 72 hours
		{"2026-11-23 13:01", priya, second.Key, ViaForgetConfirm},               // 72 hours
		{"2026-11-23 13:01", priya, "acknowledgement/1/m1", ViaForgetConfirm},   // another letter
	} {
		o := s.answersForget(c.when, c.who, c.key, c.via)
		if kinds(o) != "forget_confirm>"+strings.Split(c.who, "@")[0] || s.number(`SELECT count(*) FROM forgotten`) != 0 {
			t.Errorf("%+v: %s", c, kinds(o))
		}
	}
	third := s.answersForget("2026-11-23 13:10", priya, "", "").Facts[0]
	o := s.answersForget("2026-11-26 13:09", priya, third.Key, ViaForgetConfirm)
	if kinds(o) != "forgotten>priya admin>it" || s.number(`SELECT member FROM forgotten`) != 1 {
		t.Errorf("%s", kinds(o))
	}
	s.audited()
	s.event("2026-11-26 13:11", Event{Envelope: Envelope{From: priya, Auth: Believed}, Verdict: Refused, Reason: "not_staff"})
	s.event("2026-11-26 13:12", Event{Envelope: Envelope{From: "other@home.example", Auth: Believed}, Verdict: Refused, Reason: "not_staff"})
	if got := s.number(`SELECT count(*) FROM intake WHERE erase = 1 AND reason = 'not_staff'`); got != 1 {
		t.Errorf("%d mails of strangers are erased, want that of whoever was forgotten", got)
	}
}

// An admin forgets whoever has or had the address, and nobody else. Whoever left
// hears nothing.
func TestForgetByAnyAddress(t *testing.T) {
	for _, address := range []string{"mark@carpenter.example", "Mark@Carpenter.example", "m.evans@home.example"} {
		for _, left := range []bool{false, true} {
			s := newScene(t, "2026-11-20 12:00")
			if _, err := s.Forget(t.Context(), "nobody@carpenter.example", at(t, "2026-11-20 12:30"), say); !errors.Is(err, ErrNoMember) {
				t.Error(err)
			}
			if left {
				if _, err := s.Staff(t.Context(), slices.Delete(slices.Clone(people), 1, 2), at(t, "2026-11-20 13:00")); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Forget(t.Context(), address, at(t, "2026-11-20 14:00"), say); err != nil {
				t.Fatal(address, left, err)
			}
			if n := s.number(`SELECT member FROM forgotten`); n != 2 {
				t.Errorf("%s: member %d", address, n)
			}
			if n := s.number(`SELECT count(*) FROM forgotten_address WHERE hash IN (?, ?)`, s.addressHash(mark), s.addressHash("m.evans@home.example")); n != 2 {
				t.Errorf("%s, left %v: %d addresses are passed over", address, left, n)
			}
			if n, want := s.number(`SELECT count(*) FROM letter`), map[bool]int{false: 2}[left]; n != want {
				t.Errorf("%s, left %v: %d letters, want %d", address, left, n, want)
			}
			if line, err := os.ReadFile(s.path + forgottenSuffix); err != nil || !strings.Contains(string(line), s.addressHash(mark)) {
				t.Errorf("beside the book: %q, %v", line, err)
			}
			if _, err := s.Forget(t.Context(), "", at(t, "2026-11-20 14:10"), say); !errors.Is(err, ErrNoMember) {
				t.Error("an empty address is somebody's", err)
			}
			s.audited()
		}
	}
}

// What waits to leave keeps its words until it has left, and the names are known
// for as long.
func TestForgettingWaitsForLetters(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	now := at(t, "2026-11-20 14:00")
	letters := []Letter{}
	for _, key := range []string{"queued", "retry", "sending", "dot_sent", "held"} {
		letters = append(letters, Letter{Key: "status/" + key, Kind: KindStatus, To: Recipient{3, "Sam Doyle", sam, ""}, Subject: "x", Text: "Priya Nair, word-" + key})
	}
	letters = append(letters, Letter{Key: "refusal/1", Kind: KindNotStaff, To: Recipient{0, "Priya", priya, ""}, Subject: "x", Text: "x"})
	for i := range 2*searchBatch + 5 {
		letters = append(letters, Letter{Key: "status/" + strings.Repeat("i", i+1), Kind: KindStatus, To: Recipient{3, "Sam Doyle", sam, ""}, Subject: "x", Text: strings.Repeat("i", i) + " Priya Nair"})
	}
	if err := s.clock(t.Context(), now, nil, func(tx *Tx) error { return tx.Enqueue(letters) }); err != nil {
		t.Fatal(err)
	}
	states := func(query string) {
		t.Helper()
		if _, err := s.write.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	states(`UPDATE outbox SET state = 'sent' WHERE key LIKE 'status/i%'`)
	states(`UPDATE outbox SET state = substr(key, 8, instr(key, '/to/') - 8), attempts = 1 WHERE key NOT LIKE 'status/i%' AND key LIKE 'status/%'`)
	if _, err := s.Forget(t.Context(), priya, now, say); err != nil {
		t.Fatal(err)
	}
	step := func(what string, words, names, addressed, strangers int) {
		t.Helper()
		done, err := s.SweepForgotten(t.Context(), now, time.Minute)
		if err != nil || done != (names == 0) {
			t.Errorf("%s: done %v, %v", what, done, err)
		}
		for query, want := range map[string]int{
			`SELECT count(*) FROM letter l JOIN wording w ON w.id = l.wording WHERE w.subject <> 'erased' AND l.key LIKE 'status/%'`: words,
			`SELECT count(*) FROM forget_search`:                                   names,
			`SELECT count(*) FROM letter WHERE member = 1 AND address <> ''`:       addressed,
			`SELECT count(*) FROM letter WHERE kind = 'refusal' AND address <> ''`: strangers,
		} {
			if n := s.number(query); n != want {
				t.Errorf("%s: %s: %d, want %d", what, query, n, want)
			}
		}
	}
	states(`UPDATE outbox SET state = 'sent' WHERE key LIKE 'admin/%'`)
	if done, err := s.SweepForgotten(t.Context(), now, -1); done || err != nil || s.number(`SELECT reached FROM forget_search`) != 0 {
		t.Error("searched beyond patience", done, err)
	}
	step("nothing has left", 5, 1, 1, 1)
	states(`UPDATE outbox SET state = 'sent' WHERE key LIKE 'forgotten/%' OR key LIKE 'refusal/%'`)
	step("hers have left", 5, 1, 1, 1)
	for i, state := range []string{"queued", "retry", "sending", "dot_sent", "held"} {
		states(`UPDATE outbox SET state = 'sent' WHERE state = '` + state + `' AND key LIKE 'status/%'`)
		if i < 4 {
			step(state, 4-i, 1, 1, 1)
		}
	}
	states(`UPDATE outbox SET state = 'retry' WHERE key LIKE 'forgotten/%'`)
	step("hers waits", 0, 1, 1, 1)
	states(`UPDATE outbox SET state = CASE WHEN key LIKE 'refusal/%' THEN 'queued' ELSE 'sent' END WHERE key LIKE 'forgotten/%' OR key LIKE 'refusal/%'`)
	step("a stranger's waits", 0, 1, 1, 1)
	states(`UPDATE outbox SET state = 'failed', code = 550 WHERE key LIKE 'refusal/%'`)
	step("all have left", 0, 0, 0, 0)
	states(`UPDATE outbox SET state = 'failed', code = 550 WHERE key = 'status/queued/to/m3'`)
	if _, err := s.Again(t.Context(), []string{"status/queued/to/m3"}, now); !errors.Is(err, ErrLetterGone) {
		t.Errorf("a letter without words is sent again: %v", err)
	}
	// A letter of later may say the same as one that was erased.
	if err := s.clock(t.Context(), now, nil, func(tx *Tx) error {
		letters[0].Key = "status/again"
		return tx.Enqueue(letters[:1])
	}); err != nil {
		t.Fatal(err)
	}
	if n := s.number(`SELECT count(*) FROM letter l JOIN wording w ON w.id = l.wording WHERE l.key = 'status/again' AND w.subject = 'x'`); n != 1 {
		t.Error("it has the words of one that was erased")
	}
}

// As long as somebody reads, the log stays; the next sweep cuts it.
func TestLogOfForgottenIsCut(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "canarytitle", Text: "x"})
	s.send("2026-11-20 13:10")
	sweep := func(want bool) {
		t.Helper()
		if _, err := s.SweepForgotten(t.Context(), at(t, "2026-11-20 15:00"), time.Minute); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(s.path + "-wal")
		if found := strings.Contains(string(raw), "canarytitle"); err != nil || found != want {
			t.Errorf("the log has the words: %v, want %v, %v", found, want, err)
		}
	}
	reader, err := s.read.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Get(new(int), `SELECT count(*) FROM ask`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Forget(t.Context(), priya, at(t, "2026-11-20 14:00"), say); err != nil {
		t.Fatal(err)
	}
	s.send("2026-11-20 14:10")
	sweep(true)
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	sweep(false)
}

// Which texts name somebody.
func TestMentions(t *testing.T) {
	for text, want := range map[string]bool{
		"ask Priya Nair":                 true,
		"ask PRIYA NAIR, please":         true,
		"ask Priya\r\n   Nair":           true,
		"Priya N. said":                  true,
		"<b>priya@carpenter.example</b>": true,
		"ask Priya":                      false,
		"what is it about, Bob?":         false,
		"":                               false,
	} {
		if got := mentions(text, []string{"Priya  Nair", "Priya N.", "Bo", "", priya}); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// A letter to somebody forgotten that comes back later, or is refused, writes no
// address down again, and the report itself is erased.
func TestReportsAboutForgotten(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	for _, who := range []string{priya, mark} {
		s.mail("2026-11-20 13:00", who, Act{Kind: ActAsk, Title: "A", Text: "a"})
	}
	s.send("2026-11-20 13:10")
	if _, err := s.Forget(t.Context(), priya, at(t, "2026-11-20 14:00"), say); err != nil {
		t.Fatal(err)
	}
	s.mail("2026-11-20 14:00", mark, Act{Kind: ActStatus})
	claimed, err := s.Claim(t.Context(), at(t, "2026-11-20 14:10"), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claimed {
		if err := s.Settle(t.Context(), []Result{{ID: c.ID, State: ResultPermanent, Code: 550, Enhanced: "5.1.1", Text: "no such user"}}, at(t, "2026-11-20 14:10")); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"acknowledgement/1", "acknowledgement/2"} {
		who := map[bool]string{true: priya, false: mark}[strings.HasSuffix(key, "1")]
		s.event("2026-11-20 15:00", Event{Verdict: Ignored, Reason: "bounce", Bounce: &Bounce{Recipient: who, Action: "failed", Status: "5.1.1", MessageID: s.messageID(key)}})
	}
	s.check(s.number(`SELECT count(*) FROM bounce WHERE member = 1`), 0)
	s.check(s.number(`SELECT count(*) FROM bounce WHERE member = 2`), 2)
	s.check(s.number(`SELECT count(*) FROM intake WHERE reason = 'bounce' AND erase = 1`), 1)
	s.check(s.number(`SELECT count(*) FROM intake WHERE reason = 'bounce' AND erase = 0`), 1)
	s.audited()
}
