package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"askfirst/mailbox/mailboxtest"
)

// An inbox full of what nobody should have sent: each message comes to one end,
// and the ask in the middle of it is answered.
func TestHostileInbox(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	put := func(raw string) {
		if err := po.Deliver(townHelp, []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		garbage := make([]byte, 1+random.IntN(4000))
		for i := range garbage {
			garbage[i] = byte(random.IntN(256))
		}
		put(string(garbage))
	}
	put("\x00\x00\x00")
	put("From: sam@carpenter.example\r\n\r\n")
	put("From: sam@carpenter.example, ana@carpenter.example\r\nSubject: two writers\r\n\r\nHello\r\n")
	for i := range 200 {
		put(fmt.Sprintf("From: stranger%d@else.example\r\nSubject: Chairs\r\nMessage-ID: <%d@else>\r\n\r\nForty chairs?\r\n", i, i))
		put(fmt.Sprintf("From: stranger%d@else.example\r\nSubject: Again\r\nMessage-ID: <%d.2@else>\r\n\r\nForty chairs?\r\n", i, i))
	}
	town.writes("priya", "A film for the last lesson", strings.Repeat("It is long. ", 120_000)) // above max_size: 1MiB
	town.writes("ana", "A laminator for one afternoon", "Has anyone one?")
	r := town.once("2026-11-22 15:00")
	if sum := r.Accepted + r.Refused + r.Ignored + r.Quarantined; r.Pending != 0 || sum != r.Received || r.Quarantined != 0 {
		t.Errorf("%+v", r)
	}
	town.expect("ana", "Got it: A laminator", 1)
	if large := town.letters("priya", ""); len(large) != 1 || !strings.Contains(large[0].Plain, "1 MB") && !strings.Contains(large[0].Plain, "1 MiB") {
		t.Errorf("the large mail was answered with %d letters", len(large))
		for _, l := range large {
			t.Log(l.Subject, l.Plain)
		}
	}
	for stranger, letters := range po.Outside() {
		if strings.HasPrefix(stranger, "stranger") && len(letters) != 1 {
			t.Errorf("%s got %d letters", stranger, len(letters))
		}
	}
	if n := len(po.Outside()); n < 60 { // in an hour; their addresses may be forged
		t.Errorf("%d strangers were answered, want 60", n)
	}
	again := town.once("2026-11-22 15:01")
	if again.Received != 0 || again.Letters.Sent != 0 {
		t.Errorf("a second look: %+v", again)
	}
	town.audited()
}

// Nothing planted comes out where it must not: no password anywhere; no address
// and no words of anybody's in what is logged and reported.
func TestNothingLeaks(t *testing.T) {
	const secret, word, person = "s3cret-of-the-inbox", "quokkaword", "priya@carpenter.example"
	town, po := openTown(t, mailboxtest.Options{Password: secret})
	writeFile(t, town.beside("imap.password"), secret+"\n")
	writeFile(t, town.beside("smtp.password"), secret+"\n")
	town.edit(port(town.smtp)+", tls: none }", port(town.smtp)+", tls: none, username: help@carpenter.example, password_file: smtp.password }")
	var logs, all bytes.Buffer
	run := func(private bool, args ...string) {
		t.Helper()
		out, errs, _ := town.run(args...)
		all.WriteString(out + errs)
		logs.WriteString(errs)
		if private {
			logs.WriteString(out)
		}
	}
	once := func(at string) { run(true, "once", "--json", "--at", at) }
	once("2026-11-22T12:00:00Z")
	town.writes("priya", "A "+word+" for Thursday", "I need a "+word+".")
	town.writes("mallory@"+word+".example", word, word)
	writeFile(t, town.beside("a.eml"), "From: "+person+"\r\nSubject: A ladder\r\n\r\nHas anyone a ladder?\r\n")
	for _, fault := range []mailboxtest.Fault{
		{Code: 450, Enhanced: [3]int{4, 2, 2}, Text: "<" + person + ">: mailbox of " + person + " is full"},
		{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: "Relaying for <" + person + "> denied"},
		{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: person + "... User unknown"},
		{Cut: true},
	} {
		po.SetFault(refusing(mailboxtest.StepRcpt, "", fault))
		once("2026-11-22T15:00:00Z")
		once("2026-11-23T08:00:00Z")
		once("2026-11-23T08:10:00Z")
		run(true, "status", "--json")
		run(true, "status")
	}
	po.SetFault(nil)
	once("2026-11-23T09:00:00Z")
	for _, wrong := range []string{"inbox", "smtp"} {
		writeFile(t, town.beside(strings.Replace(wrong, "inbox", "imap", 1)+".password"), secret+"-wrong\n")
		town.writes("ana", "A "+word+" too", word)
		once("2026-11-24T09:00:00Z")
		run(true, "audit", "--server", "--json")
		run(true, "check")
		run(true, "status")
	}
	for _, line := range []string{"explain " + town.beside("a.eml"), "preview", "asks", "asks withdraw 1 --reason because", "why <1.priya@mail>", "man"} {
		run(false, strings.Fields(line)...)
	}
	absent(t, all.String(), secret)
	absent(t, logs.String(), word, person, "mallory@")
	if !strings.Contains(logs.String(), "address:") {
		t.Error("no server repeated an address: the test proves nothing")
	}
	files, _ := filepath.Glob(town.beside("askfirst.db*"))
	for _, f := range files {
		if raw, _ := os.ReadFile(f); bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the password is in %s", filepath.Base(f))
		}
	}
}

// absent looks for what was planted.
func absent(t *testing.T, text string, planted ...string) {
	t.Helper()
	for _, p := range planted {
		if i := strings.Index(text, p); i >= 0 {
			t.Errorf("%q came out: …%s…", p, text[max(0, i-200):min(len(text), i+50)])
		}
	}
}

func TestWithoutAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"no address @ all":         "no address @ all",
		"a@b":                      "address:" + hash("a@b"),
		"<A@B.example>: full":      "<address:" + hash("a@b.example") + ">: full",
		"to o'neil+x@b.example.":   "to address:" + hash("o'neil+x@b.example"),
		"user=a@b c@d":             "user=address:" + hash("a@b") + " address:" + hash("c@d"),
		"zoë@exämple.example said": "address:" + hash("zoë@exämple.example") + " said",
		"@start and end@":          "@start and end@",
		"a@b@c":                    "address:" + hash("a@b") + "@c",
		"\xff\xfe@x \x80@":         "\xff\xfe@x \x80@",
	} {
		got := withoutAddresses(in)
		if in == "\xff\xfe@x \x80@" {
			continue // only that it ends
		}
		if got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func hash(address string) string {
	return strings.TrimPrefix(withoutAddresses(address), "address:")
}

func FuzzWithoutAddresses(f *testing.F) {
	f.Add("550 <priya@carpenter.example> unknown")
	f.Fuzz(func(t *testing.T, s string) {
		if out := withoutAddresses("x " + s + " priya@carpenter.example y"); strings.Contains(out, "priya@carpenter.example") {
			t.Errorf("%q", out)
		}
	})
}

// Deciding many large messages holds a few of them in memory, not all.
func TestLargeMessagesLeaveMemory(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	town.edit("max_size: 1MiB", "max_size: 10MiB")
	now := town.time("2026-11-22 15:00")
	d := town.daemon(now)
	const messages, size = 20, 2 << 20
	for i := range messages {
		town.takes(d, now, fmt.Sprintf("From: sam@carpenter.example\r\nSubject: Film %d\r\nContent-Type: text/plain\r\n\r\nHas anyone a film?\r\n%s\r\n", i, strings.Repeat("A long story.\r\n", size/15)))
	}
	most := uint64(0)
	verdicts, err := d.decide(t.Context(), now, func() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	})
	if err != nil || verdicts["accepted"] != messages {
		t.Fatal(verdicts, err)
	}
	if most > messages*size/2 {
		t.Errorf("%d MiB of messages were kept in %d MiB", messages*size>>20, most>>20)
	}
}
