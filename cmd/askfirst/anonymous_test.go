package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/parse"
)

// unnamed is one anonymous ask of the week and all that would name its asker.
type unnamed struct {
	who, full string
	number    int
	subject   string
	text      string
	word      string // stands in this ask and nowhere else
	client    string // a trace of the asker's mail program
}

// anonymousAsks are five, in five languages, as people write who forget that they
// want no name: with greetings, signatures and telephones.
func anonymousAsks() []unnamed {
	return []unnamed{
		{who: "priya", full: "Priya Nair", number: 1, subject: "Anonymous: A class that does not listen", word: "xylophone", client: "PriyasTelephone",
			text: "Hi, Priya here. My year 8 xylophone group laughs at me and I do not know what to do. Who would talk it over with me?\n\nThanks, Priya\n\nSent from my iPhone"},
		{who: "ruth", full: "Ruth Lindqvist", number: 2, subject: "Anonym: Hilfe mit Elternbriefen", word: "Hektograph", client: "RuthsOutlook",
			text: "Hallo zusammen, ich bin Ruth und tue mich schwer mit Elternbriefen am Hektograph. Wer liest einen gegen? Ruft mich an: 020 7946 0018.\n\nViele Grüße\nRuth Lindqvist\nTel. 020 7946 0018"},
		{who: "ana", full: "Ana Belmonte", number: 3, subject: "[Anónima] necesito un consejo", word: "marimba", client: "AnasThunderbird",
			text: "Hola, soy Ana. Necesito un consejo sobre una clase de marimba.\n\nUn saludo,\nAna Belmonte"},
		{who: "ben", full: "Ben Okafor", number: 4, subject: "Une question", word: "clavecin", client: "BensMutt",
			text: "Anonyme : qui peut m'expliquer le clavecin ?\n\nBonjour, c'est Ben. Je n'ose pas demander.\n\nCordialement\nB. Okafor"},
		{who: "sam", full: "Sam Doyle", number: 5, subject: "Ik heb hulp nodig (anoniem)", word: "draailier", client: "SamsAlpine",
			text: "Hoi, met Sam. Wie weet hoe de draailier werkt?\n\nGroetjes\nSam\n\nVerzonden vanaf mijn iPhone"},
	}
}

// namedTown gives the townsfolk names that no word is.
func namedTown(t *town) *town {
	t.Helper()
	text, err := os.ReadFile(t.config)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range anonymousAsks() {
		old := strings.ToUpper(a.who[:1]) + a.who[1:] + " Example,"
		text = bytes.Replace(text, []byte(old), []byte(a.full+", group: "+strings.ToUpper(a.who)+"team,"), 1)
	}
	if err := os.WriteFile(t.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return t
}

// sealedWeek is a town whose log is kept.
type sealedWeek struct {
	*town
	log  strings.Builder
	wary bool // nobody is believed: each mail waits for a yes
	said map[string]int
}

func (w *sealedWeek) at(local string) {
	w.Helper()
	w.pass(w.time(local))
	if w.wary && w.nods() {
		w.pass(w.time(local).Add(time.Minute))
	}
}

func (w *sealedWeek) pass(at time.Time) {
	w.Helper()
	_, errs, code := w.run("once", "--json", "--at", at.Format(time.RFC3339))
	w.log.WriteString(errs)
	if code != exitDone {
		w.Fatalf("once at %s: exit %d\n%s", at, code, errs)
	}
	w.settled()
}

// nods has everybody say yes who was asked whether they wrote something. The
// question shows no word of an ask without a name.
func (w *sealedWeek) nods() (any bool) {
	w.Helper()
	for _, who := range townsfolk {
		asked := w.letters(who, asksWhether)
		for _, question := range asked[w.said[who]:] {
			any = true
			for _, a := range anonymousAsks() {
				if a.who == who && (strings.Contains(question.Plain+question.HTML, a.word) || strings.Contains(strings.ToLower(question.Plain+question.HTML), "anonym")) {
					w.Errorf("%s is asked with the words of #%d:\n%s", who, a.number, question.Plain)
				}
			}
			w.writes(who, "Re: "+question.Subject, "Yes, that was me.", func(n *note) { n.answers = question; *n = phone(*n) })
		}
		w.said[who] = len(asked)
	}
	return any
}

// asks sends an anonymous ask with every trace that a mail program leaves.
func (w *sealedWeek) asks(a unnamed) {
	w.writes(a.who, a.subject, a.text, func(n *note) {
		n.name = a.full
		n.id = "<" + a.client + "." + a.who + "@" + a.who + "-laptop.local>"
		n.extra = []string{"X-Mailer: " + a.client, "User-Agent: " + a.client, "X-Originating-IP: [192.0.2.7]"}
		n.photo = a.who == "priya"
	})
}

// reply answers the newest letter with these words, with the asker's own client.
func (w *sealedWeek) reply(a unnamed, words, text string, style func(note) note) {
	w.Helper()
	w.answers(a.who, words, text, func(n note) note {
		n.name = a.full
		n.id = "<" + a.client + "." + n.id[1:]
		n.extra = []string{"X-Mailer: " + a.client}
		return style(n)
	})
}

// play is the week.
func (w *sealedWeek) play() {
	asks := anonymousAsks()
	priya, ruth, ana, ben, sam := asks[0], asks[1], asks[2], asks[3], asks[4]
	w.at("2026-11-20 12:00")
	for _, a := range asks {
		w.asks(a)
	}
	w.at("2026-11-21 10:00")
	w.says(w.letter("priya", "Got it: A class that does not listen"), "Hello, ", "Nobody sees who asked", "A colleague", "xylophone group laughs at me", "not Priya", "not iPhone", "not Science")
	w.says(w.letter("ruth", "I have not sent this yet"), "Nobody will see who asked", "not Ruth") // the telephone number
	w.reply(ruth, "I have not sent this yet", "send", office)
	w.says(w.letter("ana", "Got it"), "not Ana")
	w.says(w.letter("ben", "Got it"), "clavecin", "not Ben,", "not Okafor")
	w.says(w.letter("sam", "Got it: Ik heb hulp nodig"), "draailier", "not Sam")
	w.at("2026-11-22 15:00")
	w.at("2026-11-23 07:30")
	digest := w.letter("priya", "5 asks") // one's own stands in it like anybody's: what is missing would tell
	w.says(digest, "xylophone", "Hektograph", "marimba", "clavecin", "draailier", "A colleague")

	// offers, words both ways, quoted as Outlook does
	w.answers("mark", "5 asks", "1 and 4: I can help, I had the same last year", office)
	w.answers("sam", "5 asks", "I can help with #1, come by any time\n\nSam Doyle", phone)
	w.at("2026-11-23 08:00")
	w.says(w.letter("mark", "Passed on: A class that does not listen"), "without a name", "not Priya")
	w.says(w.letter("priya", "Mark would like to help"), "Mark Example", "I had the same last year", "reveal")
	w.reply(priya, "Mark would like to help", "Thank you so much! Would Tuesday after school do? I teach till three.\n\nPriya Nair\nScience, room 9", office)
	w.reply(ben, "Mark would like to help", "Merci ! Un mardi ?\n\nBen", webmail)
	w.at("2026-11-23 09:00")
	w.says(w.letter("mark", "An answer: A class that does not listen"), "Would Tuesday after school do?", "not Priya", "not Science", "not wrote:")
	w.says(w.letter("mark", "An answer: Qui peut"), "Un mardi ?", "not Ben")
	w.answers("mark", "An answer: A class", "Tuesday is fine, in the library. What is the group like?", office)
	w.at("2026-11-23 10:00")
	w.says(w.letter("priya", "Mark writes"), "Tuesday is fine, in the library", "not Would Tuesday after")
	w.reply(priya, "Mark writes", "Loud. Ask Nair's deputy if you like, or write to priya.nair@mail.example.", phone)
	w.at("2026-11-23 10:10") // something may still tell who wrote
	w.says(w.letter("priya", "Not passed on yet"), "your own name", "Ask […] deputy", "write to […]")
	w.expect("mark", "An answer: A class", 1)
	w.reply(priya, "Not passed on yet", "They are loud.", phone)
	w.at("2026-11-23 10:20")
	w.says(w.letter("mark", "An answer: A class"), "They are loud")

	// me too, a referral, a hint, and a change of mind
	w.answers("mark", "5 asks", "me too for #2", phone)
	w.answers("priya", "5 asks", "3: ask Mark Example", phone)
	w.answers("mark", "5 asks", "5: somebody at the music school knows, ask Wilhelmina", phone)
	w.at("2026-11-23 11:00")
	w.says(w.letter("sam", "Mark knows who might help"), "without your name")
	w.reply(sam, "Mark knows who might help", "Do you have her number? Groetjes, Sam", phone)
	w.at("2026-11-23 12:00")
	w.says(w.letter("mark", "An answer: Ik heb hulp nodig"), "Do you have her number?", "not Sam")
	w.reply(ruth, "Got it", "PS: es sind zwei Seiten.\n\nRuth", phone)
	w.reply(ana, "Got it", "withdraw", phone)
	w.at("2026-11-23 12:30")

	// one gives the name to one colleague
	w.reply(ben, "Mark would like to help", "reveal", webmail)
	w.at("2026-11-23 13:00")
	w.says(w.letter("mark", "Ben, meet Mark"), "Ben Okafor", "to nobody else")
	w.at("2026-11-24 07:30")
	w.at("2026-11-27 07:30")
	w.reply(priya, "Did Mark", "Mark was wonderful, thank you! He sat in for a whole lesson.\n\nPriya", phone)
	w.reply(ben, "Did Mark", "private: merci Mark, c'était parfait. Ben", phone)
	w.at("2026-11-27 09:00")
	w.says(w.letter("mark", "Thank you from a colleague (#1)"), "sat in for a whole lesson", "not Priya")
	w.at("2026-11-30 07:30")
	w.says(w.letter("ana", "Still waiting"), "A colleague thanks Mark E.", "not Priya")
}

// Nobody learns from letters, logs, commands or the book who asked.
func TestAnonymousWeek(t *testing.T) {
	w := &sealedWeek{town: namedTown(inProcess(t))}
	w.play()
	w.audited()
	w.nobodyIsNamed()
}

// The same where nobody is believed, and everybody is asked about each mail.
func TestAnonymousWeekConfirmed(t *testing.T) {
	w := &sealedWeek{town: namedTown(inProcess(t)), wary: true, said: map[string]int{}}
	w.edit("verify: none", "verify: confirm")
	w.play()
	w.audited()
	w.nobodyIsNamed()
}

// The same through Postfix and Dovecot, in whose mailboxes is looked.
func TestAnonymousWeekOnServers(t *testing.T) {
	w := &sealedWeek{town: namedTown(onPostfix(t))}
	w.play()
	w.writes("mark", "A kettle", "For the staff room.")
	w.at("2026-11-30 09:00")
	w.audited()
	w.nobodyIsNamed()
	w.erasedByUID()
}

// erasedByUID: of what the askers wrote the server has nothing left, and it has
// what others wrote about something else.
func (w *sealedWeek) erasedByUID() {
	w.Helper()
	for _, a := range anonymousAsks() {
		if n := w.onServer(a.client); n != 0 {
			w.Errorf("%d mails of %s are on the server", n, a.who)
		}
	}
	if n := w.onServer("Subject: A kettle"); n != 1 {
		w.Errorf("%d mails of Mark on the server, want 1", n)
	}
}

// traces are what must not stand beside an ask: its asker's names, addresses and
// mail program.
func (a unnamed) traces() []string {
	last := a.full[strings.IndexByte(a.full, ' ')+1:]
	first, _, _ := strings.Cut(a.full, " ")
	return []string{a.who + "@", first, last, a.client, a.who + "-laptop", strings.ToUpper(a.who) + "team"}
}

// nobodyIsNamed looks for every asker everywhere.
func (w *sealedWeek) nobodyIsNamed() {
	w.Helper()
	letters, lines := 0, 0
	for _, a := range anonymousAsks() {
		for _, who := range townsfolk {
			if who == a.who {
				continue
			}
			for _, raw := range w.inbox(address(who)) {
				m := parse.Read(raw, parse.Standard())
				all := m.Subject + "\n" + m.Plain + "\n" + m.HTML + "\n" + string(raw[:bytes.Index(raw, []byte("\r\n\r\n"))+1])
				revealed := a.who == "ben" && who == "mark" && strings.Contains(m.Subject, "Ben, meet Mark")
				if revealed || !strings.Contains(all, a.word) && !regexp.MustCompile(fmt.Sprintf(`#%d\b`, a.number)).MatchString(all) {
					continue
				}
				letters++
				for _, trace := range a.traces() {
					if strings.Contains(all, trace) && !(a.who == "sam" && strings.Contains(m.Subject, "Sam")) {
						w.Errorf("%s reads %q in %q", who, trace, m.Subject)
					}
				}
			}
		}
		for line := range strings.Lines(w.log.String() + w.commands(a)) {
			lines++
			for _, trace := range a.traces() {
				if about := strings.Contains(line, a.word) || numbered17(line, a.number); about && strings.Contains(line, trace) {
					w.Errorf("%q in a line about #%d: %s", trace, a.number, line)
				}
			}
		}
	}
	w.Logf("looked through %d letters and %d lines", letters, lines)
	w.scanBook()
	w.scanFiles()
}

// numbered17 says whether a line is about an ask, by its number.
func numbered17(line string, n int) bool {
	digit := string(rune('0' + n))
	for _, sign := range []string{"#" + digit, "ask=" + digit, "ask " + digit, "/" + digit + "/", "/" + digit + " "} {
		if i := strings.Index(line, sign); i >= 0 && (i+len(sign) == len(line) || line[i+len(sign)-1] == '/' || line[i+len(sign)] < '0' || line[i+len(sign)] > '9') {
			return !strings.Contains(line, "digest/")
		}
	}
	return false
}

// commands is what all commands of an admin say.
func (w *sealedWeek) commands(a unnamed) string {
	w.Helper()
	file := filepath.Join(w.TempDir(), "try.eml") // trying whether somebody is the asker
	n := note{from: address(a.who), name: "X", subject: "Sorted", id: "<try@mail>", text: "#" + string(rune('0'+a.number)) + " sorted"}
	if err := os.WriteFile(file, n.bytes(), 0o600); err != nil {
		w.Fatal(err)
	}
	var all strings.Builder
	for _, args := range [][]string{{"asks", "--all"}, {"status"}, {"status", "--json"}, {"audit"}, {"audit", "--json"}, {"outbox", "list", "--state", "sent,queued,failed,expired"},
		{"outbox", "list", "--json", "--state", "sent,queued"}, {"quarantine", "list"}, {"preview", "--for", "mark@carpenter.example"}, {"preview", "--for", address(a.who), "--date", "2026-11-23"}, {"export"}, {"export", "--for", address(a.who)}, {"addresses"}} {
		out, errs, _ := w.run(args...)
		all.WriteString(out + errs + "\n")
	}
	if out, _, _ := w.run("explain", "--json", file); strings.Contains(out, `"action":"close"`) {
		w.Errorf("explain tells that %s asked #%d", a.who, a.number)
	}
	for _, id := range w.messageIDs() {
		out, errs, _ := w.run("why", id)
		all.WriteString(strings.ReplaceAll(out+errs, "\n", " | ") + "\n")
	}
	return all.String()
}
