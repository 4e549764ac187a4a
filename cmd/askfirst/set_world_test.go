package main

import (
	"context"
	"fmt"
	"mime"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// The towns of the labelled set: one a language, each played for two weeks
// through the daemon, so that replies are read in a real book, as answers to the
// very letters that were sent.

// setNow is when the replies arrive.
const setNow = "2026-12-01 09:30"

// setAsk is one ask of a town.
type setAsk struct {
	number             int64
	who, title, detail string
}

// setTown is a staff that writes one language, after two weeks.
type setTown struct {
	*town
	lang   string
	names  map[string]string // by key: the colleague's full name
	asks   map[int64]setAsk
	config *Config
	book   *store.Book
	sent   map[string]*parse.Message // by "key kind" or "key kind ask": the newest letter
}

// setTowns reads who lives where and plays the two weeks.
func setTowns(t testing.TB) map[string]*setTown {
	t.Helper()
	towns := map[string]*setTown{}
	for _, row := range setRows(t, "towns.txt", 4) {
		lang := row[0]
		if towns[lang] == nil {
			towns[lang] = &setTown{lang: lang, names: map[string]string{}, asks: map[int64]setAsk{}}
		}
		if row[1] == "person" {
			towns[lang].names[row[2]] = row[3]
			continue
		}
		rest := strings.SplitN(row[3], " | ", 3)
		a := setAsk{who: rest[0], title: rest[1], detail: rest[2]}
		if _, err := fmt.Sscan(row[2], &a.number); err != nil {
			t.Fatal(err)
		}
		towns[lang].asks[a.number] = a
	}
	for _, s := range towns {
		s.settle(t)
		s.play()
		s.open()
	}
	return towns
}

// setRows reads a table: columns stand between " | ", the last one takes the rest.
func setRows(t testing.TB, name string, columns int) [][]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "set", name))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		row := strings.SplitN(line, " | ", columns)
		if len(row) != columns {
			t.Fatalf("%s: %q has %d columns, want %d", name, line, len(row), columns)
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *setTown) address(key string) string { return key + "@carpenter.example" }

// settle writes the configuration of the town.
func (s *setTown) settle(t testing.TB) {
	t.Helper()
	addresses := []string{townHelp}
	for key := range s.names {
		addresses = append(addresses, s.address(key))
	}
	office, err := mailboxtest.Open(addresses...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { office.Close() })
	s.town = &town{TB: t, imap: office.IMAPPort(), smtp: office.SMTPAddr(), put: office.Deliver, inbox: office.Messages}
	_, port, err := net.SplitHostPort(s.smtp)
	if err != nil {
		t.Fatal(err)
	}
	var staff strings.Builder
	for key, name := range s.names {
		fmt.Fprintf(&staff, "  - { name: %q, email: %s }\n", name, s.address(key))
	}
	text := fmt.Sprintf(`exchange: { name: Carpenter, address: %s, admin: it@else.example, timezone: Europe/London, language: %s }
inbox: { host: 127.0.0.1, port: %d, tls: none, username: %s, password_file: imap.password }
smtp: { host: 127.0.0.1, port: %s, tls: none }
senders: { verify: none }
digest: { at: "07:30" }
staff:
%s`, townHelp, s.lang, s.imap, townHelp, port, staff.String())
	folder := t.TempDir()
	s.town.config = filepath.Join(folder, "config.yaml")
	writeFile(t, s.town.config, text)
	if err := os.WriteFile(filepath.Join(folder, "imap.password"), []byte(mailboxtest.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// mails delivers a mail of a colleague, in answer to a letter unless it is nil.
func (s *setTown) mails(key, subject, text string, answers *parse.Message) {
	s.town.sent++
	n := note{from: s.address(key), name: s.names[key], subject: subject, text: text, answers: answers, at: s.time(setNow), id: fmt.Sprintf("<%d.%s@play>", s.town.sent, key)}
	if answers != nil {
		n.subject = "Re: " + answers.Subject
	}
	if err := s.put(townHelp, n.bytes()); err != nil {
		s.Fatal(err)
	}
}

// holds is the newest letter in somebody's mailbox whose subject has the words;
// asks are told apart by their number, which stands in every letter's subject.
func (s *setTown) holds(key string, word string) *parse.Message {
	s.Helper()
	var found *parse.Message
	for _, raw := range s.inbox(s.address(key)) {
		if m := parse.Read(raw, parse.Standard()); strings.Contains(m.Subject, word) {
			found = m
		}
	}
	if found == nil {
		s.Fatalf("%s: %s has no letter about %q", s.lang, key, word)
	}
	return found
}

// play is what happened in the two weeks before the replies.
func (s *setTown) play() {
	s.Helper()
	ask := func(numbers ...int64) {
		for _, n := range numbers {
			if a, ok := s.asks[n]; ok {
				s.mails(a.who, a.title, a.detail, nil)
			} else {
				s.mails("p20", fmt.Sprintf("Something small %c", 'A'+rune(n)), "Only for the day.", nil)
			}
		}
	}
	s.once("2026-11-13 12:00")
	ask(1)
	s.once("2026-11-16 07:00")
	s.once("2026-11-16 07:30")
	ask(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
	s.once("2026-11-24 12:00")
	for _, n := range []int{7, 9, 10, 12, 13, 15} {
		s.mails("p20", "", "withdraw", s.holds("p20", fmt.Sprintf("(#%d)", n)))
	}
	s.once("2026-11-24 13:00")
	s.once("2026-11-25 07:30")
	s.mails("mark", "#5", "I can help with #5.", nil)
	s.mails("ben", "#3", "I can help with #3.", nil)
	s.mails("ben", "#6", "I can help with #6.", nil)
	s.mails("gita", "#8", "I can help with #8.", nil)
	s.once("2026-11-26 08:00")
	s.mails("sam", "", "sorted", s.holds("sam", "(#6)"))
	s.mails("lena", "", "sorted", s.holds("lena", "(#3)"))
	s.mails("tom", "pause until 14 December", "", nil)
	s.once("2026-11-26 12:00")
	s.mails("sam", "", "Ben waited for me at the gate and made the whole way fun.", s.holds("sam", "(#6)"))
	s.once("2026-11-26 13:00")
	s.once("2026-11-30 07:30")
	ask(17, 18, 19)
	s.once("2026-11-30 12:00")
	s.once("2026-12-01 07:30")
	s.mails("jonas", "", "I can help", s.holds("jonas", ""))
	ask(20)
	s.once("2026-12-01 08:30")
}

// open reads which letters there are: their kinds are the book's, so that the
// set does not hang on any letter's words.
func (s *setTown) open() {
	s.Helper()
	config, err := loadConfig(s.town.config, nil)
	if err != nil {
		s.Fatal(err)
	}
	s.config = config
	found, err := look(context.Background(), config)
	if err != nil {
		s.Fatal(err)
	}
	s.book = found.Book
	s.Cleanup(func() { found.Close() })
	s.sent = map[string]*parse.Message{}
	err = s.reading(func(tx *store.Tx) error {
		for key := range s.names {
			for _, raw := range s.inbox(s.address(key)) {
				m := parse.Read(raw, parse.Standard())
				view, err := tx.View(store.Refs{From: s.address(key), Answers: []string{m.MessageID}})
				if err != nil || len(view.Letters) == 0 {
					return fmt.Errorf("%q to %s is not in the book: %v", m.Subject, key, err)
				}
				l := view.Letters[0]
				s.sent[key+" "+l.Kind] = m
				if len(l.Items) == 1 {
					s.sent[fmt.Sprintf("%s %s %d", key, l.Kind, l.Items[0].Ask)] = m
				}
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

// reading looks into the book as it is when the replies arrive; nothing is kept.
func (s *setTown) reading(do func(tx *store.Tx) error) error {
	return s.book.Rehearse(context.Background(), nil, s.config.People(), s.time(setNow).UTC(), do)
}

// setPlaces are who answers what: the writer, and the letter by kind and ask.
var setPlaces = map[string]struct{ who, letter string }{
	"digest": {"reader", "digest"}, "inline": {"reader", "digest"}, "old": {"reader", "digest 1"},
	"own": {"p17", "digest"}, "ack": {"p20", "acknowledgement 20"},
	"intro": {"mark", "introduction 5"}, "introA": {"anna", "introduction 5"}, "helped": {"anna", "did_it_help 5"},
	"share": {"sam", "may_i_share 6"}, "thankyou": {"ben", "thank_you 6"}, "closed": {"lena", "closed 3"},
	"which": {"jonas", "which_ask"}, "still": {"maria", "still_looking 1"}, "paused": {"tom", "paused"},
	"fresh": {"reader", ""}, "fresh@tom": {"tom", ""},
}

// letter is what an utterance answers; nil: nothing.
func (s *setTown) letter(place string) (who string, letter *parse.Message) {
	s.Helper()
	p, ok := setPlaces[place]
	if !ok {
		s.Fatalf("there is no place %q", place)
	}
	if p.letter == "" {
		return p.who, nil
	}
	if letter = s.sent[p.who+" "+p.letter]; letter == nil {
		s.Fatalf("%s: %s has no %s", s.lang, p.who, p.letter)
	}
	return p.who, letter
}

func encoded(s string) string { return mime.QEncoding.Encode("utf-8", s) }
