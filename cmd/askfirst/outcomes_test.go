package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// What becomes of letters when the SMTP server says no, or nothing: told by
// `once`, whose instants make the waiting visible.

// digestMorning is a town on the Monday of a digest to six people, its office
// ready to be broken.
func digestMorning(t testing.TB) (*town, *mailboxtest.PostOffice) {
	town, po := openTown(t, mailboxtest.Options{})
	town.writes("sam", "A picture book about moving house", "Which one would you read with a six-year-old?")
	town.writes("priya", "Borrow a microscope for Year 8", "One working microscope for Thursday.")
	town.once("2026-11-22 15:00")
	return town, po
}

// digests are the letters of the list in somebody's mailbox.
func (t *town) digests(who string) int {
	n := 0
	for _, m := range t.letters(who, "") {
		if m.Header.Get("List-Id") != "" {
			n++
		}
	}
	return n
}

func (t *town) everybodyHas(want int) {
	t.Helper()
	for _, who := range townsfolk {
		if n := t.digests(who); n != want {
			t.Errorf("%s has %d digests, want %d", who, n, want)
		}
	}
}

// refusing refuses one recipient at one step.
func refusing(step mailboxtest.Step, who string, fault mailboxtest.Fault) mailboxtest.FaultFunc {
	return func(s mailboxtest.Step, _, to string) *mailboxtest.Fault {
		if s == step && (who == "" || to == address(who)) {
			return &fault
		}
		return nil
	}
}

func TestRefusedForNow(t *testing.T) {
	for _, step := range []mailboxtest.Step{mailboxtest.StepRcpt, mailboxtest.StepDot} {
		town, po := digestMorning(t)
		po.SetFault(refusing(step, "ana", mailboxtest.Fault{Code: 452, Enhanced: [3]int{4, 2, 2}, Text: "mailbox full"}))
		if r := town.once("2026-11-23 07:30"); r.Letters.Retry != 1 || r.Letters.Sent != 5 {
			t.Errorf("at %s: %+v", step, r.Letters)
		}
		po.SetFault(nil)
		town.once("2026-11-23 07:30")
		if n := town.digests("ana"); n != 0 {
			t.Errorf("at %s: tried again at once", step)
		}
		if r := town.once("2026-11-23 07:31"); r.Letters.Sent != 1 || r.Letters.Retry != 0 {
			t.Errorf("a minute after %s: %+v", step, r.Letters)
		}
		town.everybodyHas(1)
		town.audited()
	}
}

func TestRefusedForGood(t *testing.T) {
	town, po := digestMorning(t)
	po.SetFault(refusing(mailboxtest.StepRcpt, "ana", mailboxtest.Fault{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "no such user"}))
	if r := town.once("2026-11-23 07:30"); r.Letters.Failed != 1 || r.Letters.Sent != 5 {
		t.Errorf("%+v", r.Letters)
	}
	po.SetFault(nil)
	if r := town.once("2026-11-23 09:00"); r.Letters.Sent != 0 {
		t.Errorf("sent again: %+v", r.Letters)
	}
	// Only what was sent counts as told: tomorrow's digest tells it.
	if r := town.once("2026-11-24 07:30"); r.Editions.Composed != 1 || town.digests("ana") != 1 {
		t.Errorf("the next day: %+v", r)
	}
	town.audited()
}

func TestRefusedByPolicy(t *testing.T) {
	for _, c := range []struct {
		step  mailboxtest.Step
		fault mailboxtest.Fault
	}{
		{mailboxtest.StepMail, mailboxtest.Fault{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: "you are blocked"}},
		{mailboxtest.StepRcpt, mailboxtest.Fault{Code: 554, Enhanced: [3]int{5, 7, 1}, Text: "relaying denied for <ana@carpenter.example>"}},
		{mailboxtest.StepDot, mailboxtest.Fault{Code: 550, Enhanced: [3]int{5, 7, 350}, Text: "looks like spam"}},
		{mailboxtest.StepMail, mailboxtest.Fault{Code: 530, Enhanced: [3]int{5, 7, 0}, Text: "log in first"}},
	} {
		name := fmt.Sprint(c.fault.Code, " at ", c.step)
		town, po := digestMorning(t)
		po.SetFault(refusing(c.step, "", c.fault))
		out := town.tries(exitFailed, "policy", "once", "--json", "--at", town.time("2026-11-23 07:30").Format(time.RFC3339))
		if !strings.Contains(out, `"failed":0`) || !strings.Contains(out, `"sent":0`) || strings.Contains(out, "ana@") {
			t.Errorf("%s: %s", name, out)
		}
		town.tries(exitFailed, "", "status", "--at", "2026-11-23T07:31:00Z")
		po.SetFault(nil)
		for _, at := range []string{"2026-11-23 07:32", "2026-11-23 07:40"} {
			town.once(at)
		}
		town.everybodyHas(1)
		town.tries(exitDone, "", "status", "--at", "2026-11-23T07:40:00Z")
		town.audited()
	}
}

// Lost between the final dot and its answer: a digest is not sent again.
func TestDigestInDoubt(t *testing.T) {
	for _, arrived := range []bool{false, true} {
		town, po := digestMorning(t)
		po.SetFault(refusing(mailboxtest.StepDot, "ana", mailboxtest.Fault{Cut: true, Keep: arrived}))
		if r := town.once("2026-11-23 07:30"); r.Letters.InDoubt != 1 || r.Letters.Sent != 5 || r.Letters.Queued != 0 {
			t.Errorf("%+v", r.Letters)
		}
		po.SetFault(nil)
		if r := town.once("2026-11-23 11:00"); r.Letters.Sent != 0 {
			t.Errorf("sent again: %+v", r.Letters)
		}
		want := 0
		if arrived {
			want = 1
		}
		if n := town.digests("ana"); n != want {
			t.Errorf("ana has %d digests, want %d", n, want)
		}
		// What the doubtful one told is told by the next.
		if town.once("2026-11-24 07:30"); town.digests("ana") != want+1 || !strings.Contains(town.letter("ana", "Tue 24 Nov").Plain, "#1 A picture book") {
			t.Errorf("the next digest does not repair the gap")
		}
		town.audited()
	}
}

// An answer in doubt goes once more, as the same letter, and never a third time.
func TestAnswerInDoubt(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	po.SetFault(refusing(mailboxtest.StepDot, "sam", mailboxtest.Fault{Cut: true, Keep: true}))
	town.writes("sam", "A picture book", "Which one?")
	if r := town.once("2026-11-22 15:00"); r.Letters.Retry != 1 || r.Letters.InDoubt != 0 {
		t.Errorf("%+v", r.Letters)
	}
	if r := town.once("2026-11-22 15:02"); r.Letters.Retry != 0 || r.Letters.InDoubt != 1 {
		t.Errorf("the second time: %+v", r.Letters)
	}
	po.SetFault(nil)
	town.once("2026-11-22 16:30")
	letters := town.letters("sam", "Got it")
	if len(letters) != 2 || letters[0].MessageID != letters[1].MessageID {
		t.Errorf("%d acknowledgements", len(letters))
	}
	town.audited()
}

// Some servers take so many letters a connection and no more.
func TestServerWantsAnotherConnection(t *testing.T) {
	for _, cut := range []bool{false, true} {
		town, po := digestMorning(t)
		var letters atomic.Int64
		po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
			if step == mailboxtest.StepMail && letters.Add(1)%3 == 0 {
				return &mailboxtest.Fault{Code: 421, Enhanced: [3]int{4, 7, 0}, Text: "enough for one connection", Cut: cut}
			}
			return nil
		})
		r := town.once("2026-11-23 07:30")
		if !cut && (r.Letters.Sent != 6 || r.Letters.Queued+r.Letters.Retry != 0) {
			t.Errorf("%+v", r.Letters)
		}
		town.once("2026-11-23 07:31") // what was cut at its envelope
		town.once("2026-11-23 07:40")
		town.everybodyHas(1)
		town.audited()
	}
}

// A server that breaks off every time is left alone before it has put everybody
// in doubt, and is no error of the pass where letters are few.
func TestServerAlwaysDrops(t *testing.T) {
	town, po := digestMorning(t)
	po.SetFault(refusing(mailboxtest.StepDot, "", mailboxtest.Fault{Cut: true}))
	if r := town.once("2026-11-23 07:30"); r.Letters.InDoubt != 6 || r.Letters.Queued != 0 {
		t.Errorf("%+v", r.Letters)
	}
	po.SetFault(nil)
	town.once("2026-11-23 07:31")
	town.everybodyHas(0)
	town.once("2026-11-24 07:30")
	town.everybodyHas(1)
}

// A server that is down takes nothing, keeps the exit code, and loses nothing.
func TestServerDownForAWhile(t *testing.T) {
	town, _ := digestMorning(t)
	town.edit("port: "+port(town.smtp), "port: 1")
	out := town.tries(exitBusy, "smtp", "once", "--json", "--at", town.time("2026-11-23 07:30").Format(time.RFC3339))
	if !strings.Contains(out, `"composed":6`) || !strings.Contains(out, `"queued":6`) {
		t.Errorf("%s", out)
	}
	town.edit("port: 1,", "port: "+port(town.smtp)+",")
	if r := town.once("2026-11-23 07:45"); r.Letters.Sent != 6 || r.Editions.Composed != 0 {
		t.Errorf("%+v", r)
	}
	town.everybodyHas(1)
	town.audited()
}

func TestDigestsExpire(t *testing.T) {
	town, po := digestMorning(t)
	po.SetFault(refusing(mailboxtest.StepRcpt, "ana", mailboxtest.Fault{Code: 450, Enhanced: [3]int{4, 2, 1}, Text: "later"}))
	town.once("2026-11-23 07:30")
	if r := town.once("2026-11-23 19:31"); r.Letters.Expired != 1 || r.Letters.Retry != 0 {
		t.Errorf("%+v", r.Letters)
	}
	po.SetFault(nil)
	town.once("2026-11-24 07:30")
	town.everybodyHas(1)
	town.audited()
}
