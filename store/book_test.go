package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func london(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func settings(t testing.TB) Settings {
	return Settings{
		Exchange: Exchange{Name: "Carpenter Elementary", Address: "help@carpenter.example", Admin: "it@carpenter.example", Language: "en"},
		Calendar: Calendar{Location: london(t), At: Clock{7, 30}, LateUntil: Clock{12, 0}, Days: [7]bool{false, true, true, true, true, true, false}},
		Ladder:   Ladder{Waiting: 2, Whisper: 3, Widen: 5, Connector: 7, Ask: 10, Expire: 20},
		MaxSize:  10 << 20,
	}
}

var people = []Person{
	{Name: "Priya Nair", Email: "priya@carpenter.example", Group: "Science"},
	{Name: "Mark Evans", Email: "mark@carpenter.example", Aliases: []string{"m.evans@home.example"}},
	{Name: "Sam Doyle", Email: "sam@carpenter.example", Leader: true},
	{Name: "Ana Silva", Email: "ana@carpenter.example"},
}

// at is an instant in London; the scenes play in the week of Monday 23 November 2026.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", s, london(t))
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// scene is a book with a staff and a way to play mails into it without mail.
type scene struct {
	testing.TB
	*Book
	uid uint32
}

func newScene(t testing.TB, created string) *scene {
	t.Helper()
	ctx := context.Background()
	book, err := Open(ctx, filepath.Join(t.TempDir(), "askfirst.db"), settings(t), at(t, created))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	if _, err := book.Staff(ctx, people, at(t, created)); err != nil {
		t.Fatal(err)
	}
	return &scene{TB: t, Book: book}
}

// say is a voice that only names what it says.
func say(tx *Tx, o Outcome) error {
	var letters []Letter
	for _, f := range o.Facts {
		l := Letter{Key: f.Key, Kind: f.Kind, To: f.To, Subject: f.Kind, Text: f.Kind + " " + f.Words, HTML: "<p>" + f.Kind, Thread: f.Thread}
		if f.Ask.Number != 0 {
			l.Items = []Item{{1, f.Ask.Number}}
		}
		if f.Edition != nil {
			l.Text, l.Items = "", nil
			for _, list := range [][]Ask{f.Edition.New, f.Edition.Waiting, f.Edition.Also} {
				for _, a := range list {
					l.Items = append(l.Items, Item{len(l.Items) + 1, a.Number})
					l.Text += fmt.Sprintf("#%d %s\n", a.Number, a.Title)
				}
			}
			for _, k := range f.Edition.Thanks {
				l.Thanks = append(l.Thanks, k.ID)
				l.Text += "thanks: " + k.Words + "\n"
			}
		}
		letters = append(letters, l)
	}
	return tx.Enqueue(letters)
}

// mail plays one message: who writes what acts, at what time.
func (s *scene) mail(when, from string, acts ...Act) Outcome {
	s.Helper()
	return s.event(when, Event{Envelope: Envelope{From: from, Auth: Believed, MessageID: fmt.Sprintf("<%d@mail>", s.uid+1)}, Verdict: Accepted, Reason: "test", Acts: acts})
}

func (s *scene) event(when string, e Event) Outcome {
	s.Helper()
	return s.eventAt(at(s, when), e)
}

func (s *scene) eventAt(now time.Time, e Event) Outcome {
	s.Helper()
	ctx := context.Background()
	s.uid++
	if _, err := s.Receive(ctx, []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: s.uid, Size: 9, Raw: fmt.Appendf(nil, "raw %d", s.uid)}}, now); err != nil {
		s.Fatal(err)
	}
	pending, err := s.PendingIntake(ctx, 10)
	if err != nil || len(pending) != 1 {
		s.Fatal(len(pending), err)
	}
	var outcome Outcome
	err = s.Decide(ctx, pending[0], now, func(tx *Tx) error {
		view, err := tx.View(Refs{From: e.From, MessageID: e.MessageID, Dup: e.Dup})
		if err != nil {
			return err
		}
		if view.Writer != nil {
			e.Member = view.Writer.ID
		}
		if outcome, err = tx.Record(e); err != nil {
			return err
		}
		return say(tx, outcome)
	})
	if err != nil {
		s.Fatal(err)
	}
	return outcome
}

// publish plays the clock and returns how many digests were composed.
func (s *scene) publish(when string) int {
	s.Helper()
	done, err := s.Publish(context.Background(), at(s, when), say)
	if err != nil {
		s.Fatal(err)
	}
	return done.Composed
}

// send sends everything due and returns "kind to name: words" lines.
func (s *scene) send(when string) []string {
	s.Helper()
	return s.sendAt(at(s, when))
}

func (s *scene) sendAt(now time.Time) []string {
	s.Helper()
	ctx := context.Background()
	var lines []string
	for {
		claimed, err := s.Claim(ctx, now, 100)
		if err != nil {
			s.Fatal(err)
		}
		if len(claimed) == 0 {
			return lines
		}
		for _, c := range claimed {
			if err := s.Words(ctx, c.Wording, &c.Letter); err != nil {
				s.Fatal(err)
			}
			lines = append(lines, fmt.Sprintf("%s to %s: %s", c.Letter.Kind, c.Letter.To.Email, strings.TrimSpace(c.Letter.Text)))
			if err := s.DotSent(ctx, []int64{c.ID}, now); err != nil {
				s.Fatal(err)
			}
			if err := s.Settle(ctx, []Result{{ID: c.ID, State: ResultSent, Code: 250}}, now); err != nil {
				s.Fatal(err)
			}
		}
	}
}

func kinds(o Outcome) string {
	var list []string
	for _, f := range o.Facts {
		list = append(list, f.Kind+">"+strings.Split(f.To.Email, "@")[0])
	}
	return strings.Join(list, " ")
}

func (s *scene) check(got, want any) {
	s.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("got  %v\nwant %v", got, want)
	}
}

func (s *scene) audited() {
	s.Helper()
	audit, err := s.Audit(context.Background())
	if err != nil {
		s.Fatal(err)
	}
	for _, f := range audit.Findings {
		s.Errorf("audit: %s %s: %s", f.Code, f.Ref, f.Detail)
	}
}

const priya, mark, sam, ana = "priya@carpenter.example", "mark@carpenter.example", "sam@carpenter.example", "ana@carpenter.example"

func TestTheWholeFlow(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.check(kinds(s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "Microscope", Text: "I need one."})), "acknowledgement>priya")
	s.check(s.publish("2026-11-23 07:29"), 0)
	s.check(s.publish("2026-11-23 07:30"), 3) // everybody but the asker
	s.check(s.publish("2026-11-23 07:31"), 0)
	s.check(len(s.send("2026-11-23 07:31")), 4)

	s.check(kinds(s.mail("2026-11-23 08:00", mark, Act{Kind: ActOffer, Ask: 1, Text: "Have mine"})), "introduction>priya introduction>mark")
	s.check(kinds(s.mail("2026-11-23 08:05", ana, Act{Kind: ActOffer, Ask: 1})), "reserve>ana")
	s.check(kinds(s.mail("2026-11-23 08:06", mark, Act{Kind: ActOffer, Ask: 1})), "status>mark")
	s.check(kinds(s.mail("2026-11-23 08:07", priya, Act{Kind: ActOffer, Ask: 1})), "status>priya")
	s.send("2026-11-23 08:10")
	s.check(s.publish("2026-11-24 07:30"), 0) // nothing new for anybody

	s.check(s.publish("2026-11-25 07:30"), 0)
	s.publish("2026-11-26 07:29")
	s.check(len(s.send("2026-11-26 07:29")), 0)
	s.publish("2026-11-26 07:30") // three working days after
	s.publish("2026-11-26 07:40")
	s.check(strings.Join(s.send("2026-11-26 07:40"), "|"), "did_it_help to priya@carpenter.example: did_it_help")

	thanks := Event{Envelope: Envelope{From: priya, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: "did_it_help/1/m2/1", Acts: []Act{{Kind: ActThanks, Ask: 1, Text: "You saved the lesson."}}}
	s.check(kinds(s.event("2026-11-26 09:00", thanks)), "thank_you>mark thanks_noted>priya")
	s.send("2026-11-26 09:01")
	s.check(s.publish("2026-11-27 07:30"), 4)
	s.check(s.send("2026-11-27 07:31")[3], "digest to ana@carpenter.example: thanks: You saved the lesson.")
	s.check(s.publish("2026-11-30 07:30"), 0) // told already
	s.audited()
}

func TestThanksThatCameUnaskedWaitForYes(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 1})
	out := s.mail("2026-11-22 17:00", priya, Act{Kind: ActThanks, Ask: 1, Text: "Lovely."})
	s.check(kinds(out), "thank_you>mark may_i_share>priya")
	s.send("2026-11-22 17:01")
	s.check(s.publish("2026-11-23 07:30"), 0)
	yes := Event{Envelope: Envelope{From: priya, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: out.Facts[1].Key, Acts: []Act{{Kind: ActConfirm}}}
	s.check(kinds(s.event("2026-11-23 09:00", yes)), "thanks_noted>priya")
	s.check(kinds(s.event("2026-11-23 09:01", yes)), "status>priya") // once
	s.check(s.publish("2026-11-24 07:30"), 4)
	// the helper would rather not: the digests that wait are composed anew, without it
	s.check(kinds(s.mail("2026-11-24 08:00", mark, Act{Kind: ActDecline, Ask: 1})), "kept_private>mark")
	s.publish("2026-11-24 08:01")
	for _, line := range s.send("2026-11-24 08:01") {
		if strings.Contains(line, "Lovely") && strings.HasPrefix(line, "digest") {
			t.Error("told all the same:", line)
		}
	}
}

func TestWithdrawnAskLeavesQueuedDigests(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 15:01", sam, Act{Kind: ActAsk, Title: "B", Text: "b"})
	s.check(s.publish("2026-11-23 07:30"), 4)
	s.check(kinds(s.mail("2026-11-23 07:35", priya, Act{Kind: ActWithdraw, Ask: 1})), "withdrawn>priya")
	s.check(s.publish("2026-11-23 07:36"), 2) // Mark and Ana anew, without #1; nothing is left for Sam
	for _, line := range s.send("2026-11-23 07:37") {
		if strings.Contains(line, "#1") {
			t.Error(line)
		}
	}
	s.audited()
}

func TestHelperWhoCannotAfterAll(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.mail("2026-11-22 16:01", ana, Act{Kind: ActOffer, Ask: 1})
	s.check(kinds(s.mail("2026-11-22 17:00", mark, Act{Kind: ActWithdraw, Ask: 1})), "offer_withdrawn>mark helper_left>priya introduction>priya introduction>ana")
	s.check(kinds(s.mail("2026-11-22 18:00", ana, Act{Kind: ActWithdraw, Ask: 1})), "offer_withdrawn>ana helper_left>priya")
	s.check(kinds(s.mail("2026-11-22 19:00", mark, Act{Kind: ActOffer, Ask: 1})), "introduction>priya introduction>mark") // a second time
	s.check(len(s.send("2026-11-22 19:01")), 1+2+1+1+2+1+1+1+2)
	s.check(kinds(s.mail("2026-11-22 20:00", priya, Act{Kind: ActClose, Ask: 1})), "closed>priya")
	s.check(kinds(s.mail("2026-11-22 21:00", sam, Act{Kind: ActOffer, Ask: 1})), "gone>sam")
	s.check(kinds(s.mail("2026-11-22 22:00", priya, Act{Kind: ActReopen, Ask: 1})), "reopened>priya")
	s.check(kinds(s.mail("2026-11-22 22:30", sam, Act{Kind: ActOffer, Ask: 1})), "introduction>priya introduction>sam")
	s.audited()
}

func TestLadder(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-12-03 07:30")
	s.check(strings.Count(strings.Join(s.send("2026-12-03 07:30"), "|"), "still_looking"), 0)
	s.publish("2026-12-04 07:30") // ten working days
	s.publish("2026-12-04 07:31")
	s.check(strings.Count(strings.Join(s.send("2026-12-04 07:31"), "|"), "still_looking to priya"), 1)
	s.publish("2026-12-18 07:30") // twenty
	s.check(strings.Count(strings.Join(s.send("2026-12-18 07:31"), "|"), "expired to priya"), 1)
	s.check(kinds(s.mail("2026-12-18 09:00", priya, Act{Kind: ActReopen, Ask: 1})), "reopened>priya")
	s.publish("2026-12-18 09:01")
	s.check(strings.Count(strings.Join(s.send("2026-12-18 09:02"), "|"), "expired"), 0)
	s.audited()
}

func TestEditionsAreLateUntilNoonThenMerged(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.check(s.publish("2026-11-23 12:01"), 0)
	s.mail("2026-11-23 13:00", priya, Act{Kind: ActAsk, Title: "B", Text: "b"})
	s.mail("2026-11-24 08:00", priya, Act{Kind: ActAsk, Title: "C", Text: "c"}) // after the digest's time
	s.check(s.publish("2026-11-24 12:00"), 3)
	sent := s.send("2026-11-24 12:00")
	s.check(sent[len(sent)-1], "digest to ana@carpenter.example: #1 A\n#2 B")
	s.check(s.publish("2026-11-23 08:00"), 0) // time going back makes nothing due twice
	s.check(s.publish("2026-11-28 08:00"), 0) // Saturday
}

func TestNothingIsComposedForADayBeforeTheBook(t *testing.T) {
	s := newScene(t, "2026-11-23 09:00")
	s.check(s.dueEdition(at(t, "2026-11-23 09:30")).String(), "")
	s.check(s.dueEdition(at(t, "2026-11-24 07:30")).String(), "2026-11-24")
}

func TestPauseStopWeekly(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", mark, Act{Kind: ActPause, Until: Date{2026, 11, 25}})
	s.mail("2026-11-22 15:01", sam, Act{Kind: ActStop})
	s.mail("2026-11-22 15:02", ana, Act{Kind: ActFrequency})
	s.mail("2026-11-23 08:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.check(s.publish("2026-11-24 07:30"), 0)
	s.check(s.publish("2026-11-25 07:30"), 1) // Mark is back
	s.check(kinds(s.mail("2026-11-25 09:00", sam, Act{Kind: ActResume})), "resumed>sam")
	s.send("2026-11-25 09:01")
	s.check(s.publish("2026-11-26 07:30"), 1) // Sam
	s.send("2026-11-26 07:31")
	s.check(s.publish("2026-11-30 07:30"), 1) // Ana, on Monday
}

func TestUnsentDigestIsRepairedByTheNext(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx := context.Background()
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.send("2026-11-22 15:01")
	s.publish("2026-11-23 07:30")
	claimed, err := s.Claim(ctx, at(t, "2026-11-23 07:30"), 10)
	if err != nil || len(claimed) != 3 {
		t.Fatal(claimed, err)
	}
	// one is sent, one is cut after its dot, one is refused for good
	if err := s.DotSent(ctx, []int64{claimed[0].ID, claimed[1].ID}, at(t, "2026-11-23 07:30")); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx, []Result{{ID: claimed[0].ID, State: ResultSent}, {ID: claimed[1].ID, State: ResultInDoubt}, {ID: claimed[2].ID, State: ResultPermanent, Code: 550}}, at(t, "2026-11-23 07:30")); err != nil {
		t.Fatal(err)
	}
	s.check(len(s.send("2026-11-23 20:00")), 0)
	s.check(s.publish("2026-11-24 07:30"), 2)
}

func TestRecover(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-23 07:30")
	dots, err := OpenDots(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer dots.Close()
	dots.boot = "another start of the machine" // so that only the book is known
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-23 07:30")
	claimed, err := s.Claim(ctx, now, 10)
	if err != nil || len(claimed) != 4 || claimed[0].Letter.Kind != KindAcknowledgement {
		t.Fatal(claimed, err)
	}
	// the process dies: the acknowledgement and one digest had their dot, two digests had not
	if err := s.DotSent(ctx, []int64{claimed[0].ID, claimed[1].ID}, now); err != nil {
		t.Fatal(err)
	}
	done, err := s.Recover(ctx, dots, now)
	if err != nil || done != (Recovered{Resumed: 3, Doubted: 1}) {
		t.Fatal(done, err)
	}
	again, err := s.Claim(ctx, now, 10)
	if err != nil || len(again) != 3 || again[0].ID != claimed[0].ID || again[0].MessageID != claimed[0].MessageID {
		t.Fatal(again, err)
	}
	// and dies at the same place: the acknowledgement is not sent a third time
	dots.boot = "and another"
	if err := s.DotSent(ctx, []int64{again[0].ID}, now); err != nil {
		t.Fatal(err)
	}
	if done, err = s.Recover(ctx, dots, now); err != nil || done != (Recovered{Resumed: 2, Doubted: 1}) {
		t.Fatal(done, err)
	}
	if err := s.DotSent(ctx, []int64{claimed[0].ID}, now); err == nil {
		t.Error("a letter in doubt got another dot")
	}
}

func TestDotsRemoveTheDoubt(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-23 07:30")
	dots, err := OpenDots(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer dots.Close()
	dots.boot = "this start of the machine"
	if _, err := s.Recover(ctx, dots, now); err != nil { // begins the file
		t.Fatal(err)
	}
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-23 07:30")
	claimed, err := s.Claim(ctx, now, 10)
	if err != nil || len(claimed) != 4 {
		t.Fatal(claimed, err)
	}
	var ids []int64
	for _, c := range claimed {
		ids = append(ids, c.ID)
	}
	if err := s.DotSent(ctx, ids, now); err != nil {
		t.Fatal(err)
	}
	// killed: one was answered, one digest had its dot, two letters never did
	if err := errors.Join(dots.Dotted(ids[1], 1), dots.Answered(ids[1], 1), dots.Dotted(ids[2], 1)); err != nil {
		t.Fatal(err)
	}
	done, err := s.Recover(ctx, dots, now)
	if err != nil || done != (Recovered{Resumed: 2, Accepted: 1, Doubted: 1}) {
		t.Fatal(done, err)
	}
	again, err := s.Claim(ctx, now, 10)
	if err != nil || len(again) != 2 || again[0].ID != ids[0] || again[1].ID != ids[3] {
		t.Fatal(again, err)
	}
	// killed again before any dot: what the file said before does not count now
	if err := s.DotSent(ctx, []int64{ids[0], ids[3]}, now); err != nil {
		t.Fatal(err)
	}
	if done, err = s.Recover(ctx, dots, now); err != nil || done != (Recovered{Resumed: 2}) {
		t.Fatal(done, err)
	}
	s.audited()
}

func TestRetriesAndExpiry(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx := context.Background()
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	var gaps []string
	now := at(t, "2026-11-22 15:00")
	for range 7 {
		claimed, err := s.Claim(ctx, now, 1)
		if err != nil || len(claimed) != 1 {
			t.Fatal(claimed, err)
		}
		if err := s.Settle(ctx, []Result{{ID: claimed[0].ID, State: ResultTemporary, Code: 451}}, now); err != nil {
			t.Fatal(err)
		}
		next, err := s.NextDue(ctx)
		if err != nil {
			t.Fatal(err)
		}
		gaps = append(gaps, next.Sub(now).String())
		now = next
	}
	s.check(strings.Join(gaps, " "), "1m0s 5m0s 15m0s 30m0s 1h0m0s 1h0m0s 1h0m0s")
	if claimed, err := s.Claim(ctx, now.Add(5*24*time.Hour), 1); err != nil || len(claimed) != 0 {
		t.Fatal(claimed, err)
	}
	counts, err := s.OutboxCounts(ctx)
	if err != nil || counts["expired"] != 1 {
		t.Fatal(counts, err)
	}
}

func TestReceiveIsIdempotent(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-22 15:00")
	batch := []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: 7, Raw: []byte("a")}, {Mailbox: "INBOX", UIDValidity: 1, UID: 8, Raw: []byte("b")}}
	for i, want := range []int{2, 0} {
		if n, err := s.Receive(ctx, batch, now); err != nil || n != want {
			t.Fatal(i, n, err)
		}
	}
	pending, _ := s.PendingIntake(ctx, 10)
	for _, p := range pending {
		if err := s.Decide(ctx, p, now, func(tx *Tx) error {
			_, err := tx.Record(Event{Verdict: Ignored, Reason: "test"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Decide(ctx, p, now, func(tx *Tx) error {
			_, err := tx.Record(Event{Verdict: Ignored, Reason: "test"})
			return err
		}); err == nil {
			t.Error("decided twice")
		}
	}
	// the server gives the same mails new UIDs
	batch[0].UIDValidity, batch[1].UIDValidity, batch[0].UID, batch[1].UID = 2, 2, 1, 2
	if n, err := s.Receive(ctx, batch, now); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if pending, err := s.PendingIntake(ctx, 10); err != nil || len(pending) != 0 {
		t.Error(pending, err)
	}
	if unknown, err := s.Unknown(ctx, "INBOX", 2, []uint32{1, 2, 3}); err != nil || fmt.Sprint(unknown) != "[3]" {
		t.Error(unknown, err)
	}
}

func TestPoisonComesLast(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx := context.Background()
	if _, err := s.Receive(ctx, []Incoming{{UID: 1, Raw: []byte("a")}, {UID: 2, Raw: []byte("b")}}, at(t, "2026-11-22 15:00")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Attempt(ctx, []int64{1}); err != nil {
			t.Fatal(err)
		}
	}
	pending, err := s.PendingIntake(ctx, 10)
	if err != nil || len(pending) != 2 || pending[0].ID != 2 || pending[1].Attempts != 2 {
		t.Error(pending, err)
	}
}

func TestStrangerIsRefusedOnceAMonth(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	stranger := Event{Envelope: Envelope{From: "eve@else.example", Auth: Believed}, Verdict: Refused, Reason: ReasonNotStaff}
	s.check(kinds(s.event("2026-11-22 15:00", stranger)), "refusal>eve")
	s.check(kinds(s.event("2026-12-20 15:00", stranger)), "")
	s.check(kinds(s.event("2026-12-23 15:00", stranger)), "refusal>eve")
}

func TestStaffKeepsPeople(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-22 13:00")
	moved := []Person{{Name: "Priya Nair", Email: "p.nair@carpenter.example", Aliases: []string{priya}}, people[1], people[3],
		{Name: "New One", Email: "new@carpenter.example"}}
	done, err := s.Staff(ctx, moved, now)
	if err != nil || done != (Staffing{Joined: 1, Left: 1, Changed: 1}) {
		t.Fatal(done, err)
	}
	err = s.look(ctx, now, func(tx *Tx) error {
		for address, want := range map[string]int64{"P.Nair+x@carpenter.example": 1, priya: 1, "m.evans@home.example": 2, sam: 0, "new@carpenter.example": 5} {
			m, err := tx.memberAt(address)
			if err != nil {
				return err
			}
			if (m == nil) != (want == 0) || m != nil && m.ID != want {
				t.Errorf("%s is %+v, want %d", address, m, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if done, err := s.Staff(ctx, people, now); err != nil || done.Joined != 1 || done.Left != 1 || done.Changed != 1 {
		t.Error(done, err)
	}
}

func TestRehearseKeepsNothing(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-22 13:00")
	for range 2 {
		err := s.Rehearse(ctx, []byte("x"), people, now, func(tx *Tx) error {
			out, err := tx.Record(Event{Envelope: Envelope{From: priya, Member: 1}, Verdict: Accepted, Reason: "test", Acts: []Act{{Kind: ActAsk, Title: "A", Text: "a"}}})
			s.check(kinds(out), "acknowledgement>priya")
			s.check(out.Facts[0].Ask.Number, 1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestGroupedWritesFailAlone(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-22 15:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	claimed, err := s.Claim(ctx, now, 10)
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	var wait sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wait.Go(func() {
			if i == 7 {
				errs[i] = s.DotSent(ctx, []int64{claimed[0].ID}, now)
			} else {
				errs[i] = s.DotSent(ctx, []int64{999}, now)
			}
		})
	}
	wait.Wait()
	for i, err := range errs {
		if (err == nil) != (i == 7) {
			t.Error(i, err)
		}
	}
}

func TestLockNamesItsHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	first, err := Acquire(path, at(t, "2026-11-22 12:00"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Acquire(path, at(t, "2026-11-22 12:00"))
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) || !Held(path) {
		t.Error(err)
	}
	first.Release()
	if Held(path) {
		t.Error("still held")
	}
	if second, err := Acquire(path, at(t, "2026-11-22 12:00")); err != nil {
		t.Error(err)
	} else {
		second.Release()
	}
}

func TestBooksThatAreRefused(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	now := at(t, "2026-11-22 12:00")
	if _, err := OpenExisting(ctx, filepath.Join(dir, "none.db"), settings(t)); !errors.Is(err, ErrNoBook) {
		t.Error(err)
	}
	broken := filepath.Join(dir, "broken.db")
	if err := os.WriteFile(broken, []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, broken, settings(t), now); !errors.Is(err, ErrBroken) {
		t.Error(err)
	}
	newer := filepath.Join(dir, "new er?#.db") // a name that a URL would mangle
	book, err := Open(ctx, newer, settings(t), now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.write.ExecContext(ctx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	book.Close()
	if _, err := Open(ctx, newer, settings(t), now); !errors.Is(err, ErrNewer) {
		t.Error(err)
	}
	info, err := os.Stat(newer)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
}

func TestMessageIDsAreTheBooksOwn(t *testing.T) {
	a, b := newScene(t, "2026-11-22 12:00"), newScene(t, "2026-11-22 12:00")
	one := a.messageID("digest/2026-11-23/m1")
	a.check(one, a.messageID("digest/2026-11-23/m1"))
	if one == b.messageID("digest/2026-11-23/m1") || one == a.messageID("digest/2026-11-23/m2") || !strings.HasSuffix(one, "@carpenter.example>") {
		t.Error(one)
	}
}
