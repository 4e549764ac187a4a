package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Killed around the waiting and the yes: every ask is on the list once, and
// acknowledged.
func TestConfirmKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and kills it")
	}
	town, binary := wary(t), buildBinary(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	town.once("2026-11-20 12:00")
	killed, asked := 0, 0
	killAt := func(at string) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		command := exec.CommandContext(ctx, binary, "--config", town.config, "once", "--at", town.time(at).Format(time.RFC3339))
		command.Stdout, command.Stderr = io.Discard, io.Discard
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Millisecond+time.Duration(random.Int64N(int64(150*time.Millisecond))), func() { _ = command.Process.Kill() })
		defer timer.Stop()
		if command.Wait() != nil {
			killed++
		}
	}
	for round := range 8 {
		minute := func(m int) string { return fmt.Sprintf("2026-11-20 %02d:%02d", 13+round, m) }
		for i := range 3 {
			asked++
			town.writes("priya", fmt.Sprintf("Borrow thing%d%s", asked, strings.Repeat("x", i)), "A good one, please.")
		}
		killAt(minute(1))
		killAt(minute(2))
		town.once(minute(3))
		town.answers("priya", asksWhether, "Yes, that was me.", phone)
		killAt(minute(4))
		killAt(minute(5))
		town.once(minute(6))
	}
	seen := map[string]bool{}
	for _, m := range append(town.letters("priya", "Got it"), town.letters("priya", "More letters")...) {
		seen[m.Subject] = true
	}
	town.once("2026-11-21 07:30") // what was too much for a day comes together
	out := town.must("asks")
	t.Logf("%d asks, %d kills", asked, killed)
	if n := strings.Count(out, "\n"); n != asked || killed == 0 {
		t.Errorf("%d asks on the list, want %d; %d kills\n%s", n, asked, killed, out)
	}
	if len(seen) < 10 {
		t.Errorf("%d acknowledgements", len(seen))
	}
	if n := len(town.letters("priya", asksWhether)); n > 16 {
		t.Errorf("%d questions", n)
	}
	town.audited()
}

// Yes in five languages and from several programs, also from an alias.
func TestConfirmTongues(t *testing.T) {
	town := wary(t)
	town.edit("email: priya@carpenter.example", "email: priya@carpenter.example, aliases: [pnair@home.example]")
	town.once("2026-11-20 12:00")
	styles := []func(note) note{phone, office, webmail}
	for i, word := range []string{"Yes", "Ja, das war ich.\n\nViele Grüße\nPriya", "Oui, c'est moi", "Sí, fui yo", "Ja, dat was ik", "👍", "yes\n\nSent from my iPhone"} {
		minute := func(m int) string { return fmt.Sprintf("2026-11-20 %02d:%02d", 13+i, m) }
		from := func(n *note) {
			if i%2 == 1 {
				n.from = "PNair@home.example"
			}
		}
		town.writes("priya", "Thing "+strings.Repeat("x", i+1), "Who has one?", from)
		town.once(minute(0))
		letter := town.letter("priya", asksWhether)
		town.writes("priya", "Re: "+letter.Subject, word, func(n *note) {
			n.answers = letter
			*n = styles[i%len(styles)](*n)
			from(n)
		})
		town.once(minute(1))
		town.expect("priya", fmt.Sprintf("(#%d)", i+1), 1)
	}
	town.expect("pnair@home.example", "", 0)
	town.audited()
}

// A question about what an ask holds comes after the yes, and is not its answer.
func TestConfirmThenHeld(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	town.wroteAt("2026-11-20 12:01", "priya", "Moodle", "My password is Hunter22 and it does not work. Who can help?")
	letter := town.letter("priya", asksWhether)
	if strings.Contains(letter.Plain+letter.HTML, "Hunter22") {
		t.Errorf("the letter repeats the words:\n%s", letter.Plain)
	}
	town.nod("2026-11-20 12:02", "priya")
	town.expect("priya", "not sent this yet (#1)", 1)
	if n := town.heldAsks(); n != 1 {
		t.Errorf("%d held", n)
	}
	town.answers("priya", "not sent this yet", "send", phone)
	town.once("2026-11-20 12:03")
	if n := town.heldAsks(); n != 1 {
		t.Errorf("%d held: somebody else may have said send", n)
	}
	town.nod("2026-11-20 12:04", "priya")
	if n := town.heldAsks(); n != 0 {
		t.Errorf("%d held", n)
	}
	town.expect("priya", "Got it", 1)
	town.audited()
}

// Two yeses at once, and a yes among the mails that it lets go.
func TestConfirmTwoAtOnce(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "First thing", "Who has one?")
	town.once("2026-11-20 12:01")
	town.writes("priya", "Second thing", "Who has two?")
	town.answers("priya", asksWhether, "Yes", phone)
	town.tap("priya", town.letter("priya", asksWhether), "Yes, it was me")
	town.writes("priya", "Third thing", "Who has three?") // after the yes
	if r := town.once("2026-11-20 12:02"); r.Accepted != 3 || r.Ignored != 1 || r.Pending != 1 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "Got it", 2)
	town.expect("priya", asksWhether, 2)
	town.nod("2026-11-20 12:03", "priya")
	town.expect("priya", "Got it: Third thing", 1)
	town.audited()
}

// A thousand mails in one name cost its owner one letter, and others nothing.
func TestConfirmThousand(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	for i := range 1000 {
		town.writes("priya", fmt.Sprintf("Offer %d", i), "Please buy my watches, who needs one?")
	}
	town.writes("mark", "A ladder", "Who has one?")
	town.once("2026-11-20 12:01")
	town.expect("priya", "", 1)
	town.expect("mark", asksWhether, 1)
	town.nod("2026-11-20 12:02", "mark")
	town.expect("mark", "Got it", 1)
	town.answers("priya", asksWhether, "no", phone)
	if r := town.once("2026-11-20 12:03"); r.Pending != 0 || r.Accepted != 1 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "", 2)
	town.expect("it@else.example", "", 1)
	town.audited()
	town.wroteAt("2026-11-20 12:04", "priya", "Honest", "Who has a ladder?") // she is not punished: her words wait
	town.once("2026-11-21 12:03")
	town.nod("2026-11-21 12:05", "priya")
	town.expect("priya", "Got it: Honest", 1)
	town.audited()
}

// Believed strangers hear once that they are on no list, and only if they ask.
func TestStrangersMatrix(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-19 12:00")
	town.writes("priya", "Borrow a microscope", "One working microscope for Thursday.")
	town.once("2026-11-19 12:01")
	town.once("2026-11-20 07:30")
	for _, row := range []struct{ subject, text, action, reason, sends string }{
		{"A ladder", "Can anybody lend me a ladder?", "refused", "not_staff", "refusal"},
		{"Hello", "I would like to join your exchange, how does it work?", "refused", "not_staff", "refusal"},
		{"I can help with #1: Borrow a microscope", "I can help with #1.", "ignored", "stranger_offer", ""},
		{"Re: asks", "1: I can help", "ignored", "stranger_offer", ""},
		{"Thanks", "Thank you very much!", "ignored", "stranger_offer", ""},
	} {
		e := town.explains("eve@evil.example", row.subject, row.text)
		if e.Action != row.action || e.Reason != row.reason || strings.Join(e.WouldSend, " ") != row.sends || e.Auth != "believed" || e.NeedsConfirm {
			t.Errorf("%q: %s %s %v", row.text, e.Action, e.Reason, e.WouldSend)
		}
	}
}
