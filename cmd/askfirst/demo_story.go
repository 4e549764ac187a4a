package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"askfirst/mailbox/parse"
)

// scene is one moment of the demo's week: somebody writes, or the clock moves.
type scene struct {
	day, hour, minute int // of November 2026
	who               string
	says              string // what the story tells
	subject           string // a new mail; "" answers the letter named by to
	to                string // part of the subject of the letter that is answered
	text              string
	style             func(note) note
	photo             bool
	extra             []string
}

// week is the story. Numbers are those the asks get: 1 Sam's, 2 Priya's, …
func week() []scene {
	return []scene{
		{22, 15, 0, "sam", "The head teacher asks first", "A picture book about moving house", "", "One of our new families arrives next week. Which picture book about moving house would you read with a six-year-old?\n\nSam", nil, false, nil},
		{22, 18, 20, "priya", "Priya asks, with a photo", "Borrow a microscope for Year 8 on Thursday", "", "Hi all,\n\nI need one working microscope (x100 or better) for a single lesson on Thursday, period 3. I can collect it and bring it back the same day.\n\nThanks in advance,\nPriya", nil, true, nil},
		{23, 7, 30, "", "The first digest", "", "", "", nil, false, nil},
		{23, 7, 52, "mark", "Mark answers from his phone, one word and a number", "", "Mon 23 Nov", "2, take ours", phone, false, nil},
		{23, 8, 15, "ruth", "Ruth answers from Outlook, with the whole digest below", "", "Mon 23 Nov", "I can help with 1. We have three lovely ones in the library, come and choose.\n\nKind regards\nRuth Cohen", office, false, nil},
		{23, 8, 16, "kim", "Kim's vacation notice answers the digest, and is left alone", "Automatic reply: 2 asks", "", "I am away until Tuesday and will answer then.", nil, false, []string{"Auto-Submitted: auto-replied", "Precedence: bulk"}},
		{23, 9, 5, "sales@shop.example", "A stranger writes, and is told kindly, once", "Special offer on chairs", "", "Dear Sir or Madam, our chairs are 20% off. Can anyone use forty of them?", nil, false, nil},
		{23, 9, 6, "sales@shop.example", "… and only once", "Special offer on tables", "", "Dear Sir or Madam, and tables too?", nil, false, nil},
		{23, 12, 40, "lena", "Lena asks", "Swap playground duty on Wednesday?", "", "Could anyone swap Wednesday's lunch duty for my Friday one? I have a dentist's appointment I cannot move.\n\nLena", nil, false, nil},
		{23, 13, 10, "jo", "Jo asks", "Someone who speaks Tigrinya", "", "A new family joins us next Monday. A welcome in their own language would mean a lot: a 15-minute call is all.\n\nJo", nil, false, nil},
		{23, 13, 12, "jo", "… and answers the acknowledgement to make it clearer", "", "Tigrinya", "The call can be any afternoon this week.", webmail, false, nil},
		{24, 7, 30, "", "Tuesday's digest", "", "", "", nil, false, nil},
		{24, 8, 5, "ben", "Ben says yes, but to which one?", "", "Tue 24 Nov", "Happy to!", webmail, false, nil},
		{24, 8, 9, "ben", "… he answers the question with a number", "", "hich ask", "3", phone, false, nil},
		{24, 10, 30, "kim", "Kim names it in her own words", "", "Tue 24 Nov", "My mother and I both speak Tigrinya, I would love to make that call.", webmail, false, nil},
		{25, 7, 30, "", "Wednesday: nothing new, so no digest", "", "", "", nil, false, nil},
		{26, 7, 30, "", "Thursday: three working days after the introductions, the askers are asked", "", "", "", nil, false, nil},
		{26, 12, 45, "priya", "Priya says thank you", "", "Mark's help", "He lent his with an hour's notice and stayed to help us focus. Twenty-eight children saw their first living cell.", phone, false, nil},
		{26, 13, 0, "sam", "Sam keeps his thanks private", "", "Ruth's help", "private: Ruth, the owl one made us both cry. Thank you.", webmail, false, nil},
		{26, 15, 30, "maya", "Maya asks", "A laminator for one afternoon", "", "Mine has eaten its last sheet. I have 40 sheets to do before Monday.\n\nMaya", nil, false, nil},
		{27, 7, 30, "", "Friday's digest brings the thanks", "", "", "", nil, false, nil},
	}
}

// play plays the week and prints the story.
func (d *demo) play(ctx context.Context) error {
	fmt.Fprintf(d.out, "A week at Greenfield Schools: %d colleagues, one help address.\n\n", len(d.people))
	for _, s := range week() {
		now := time.Date(2026, 11, s.day, s.hour, s.minute, 0, 0, d.daemon.config.Exchange.Location)
		fmt.Fprintf(d.out, "%s  %s\n", now.Format("Mon 2 Jan 15:04"), s.says)
		if s.who != "" {
			mail, err := d.write(s, now)
			if err != nil {
				return err
			}
			fmt.Fprintf(d.out, "                  “%s”\n", strings.ReplaceAll(excerpt(s), "\n", " "))
			if err := d.office.Deliver(demoHelp, mail); err != nil {
				return err
			}
		}
		if err := d.pass(ctx, now); err != nil {
			return err
		}
	}
	return d.finish(ctx)
}

// finish shows the last digest and proves that nothing was lost.
func (d *demo) finish(ctx context.Context) error {
	digest, err := d.letter("ana@greenfield.example", "")
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nFriday's digest, as Ana reads it:\n\n    Subject: %s\n\n", digest.Subject)
	for line := range strings.Lines(strings.TrimSpace(digest.Plain)) {
		fmt.Fprintf(d.out, "    %s\n", strings.TrimRight(line, "\n"))
	}
	audit, err := d.daemon.book.Audit(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nThe ledgers: %d mails came in, %d accepted, %d refused, %d ignored, %d lost; %d letters went out, %d contradictions.\n",
		audit.UIDs, audit.Intake["accepted"], audit.Intake["refused"], audit.Intake["ignored"],
		audit.UIDs-audit.Intake["accepted"]-audit.Intake["refused"]-audit.Intake["ignored"], audit.Letters["sent"], len(audit.Findings))
	fmt.Fprintf(d.out, "Every letter is in %s as .eml and .html.\n", d.letters)
	return nil
}

func excerpt(s scene) string {
	text := s.text
	if s.subject != "" {
		text = s.subject
	}
	const most = 100
	if r := []rune(text); len(r) > most {
		text = strings.TrimSpace(string(r[:most])) + "…"
	}
	return text
}

// write is the mail of a scene, as its writer's program would make it.
func (d *demo) write(s scene, now time.Time) ([]byte, error) {
	d.sent++
	n := note{from: s.who + "@greenfield.example", subject: s.subject, at: now, id: fmt.Sprintf("<%d@greenfield.example>", d.sent), text: s.text, photo: s.photo, extra: s.extra}
	if strings.Contains(s.who, "@") {
		n.from = s.who
	}
	n.name = d.people[n.from]
	if s.to == "" {
		return n.bytes(), nil
	}
	var err error
	if n.answers, err = d.letter(n.from, s.to); err != nil {
		return nil, err
	}
	n.subject = "Re: " + n.answers.Subject
	return s.style(n).bytes(), nil
}

// letter is the newest letter in a mailbox whose subject has the words.
func (d *demo) letter(address, words string) (*parse.Message, error) {
	mails := d.office.Messages(address)
	for i := len(mails) - 1; i >= 0; i-- {
		m := parse.Read(mails[i], parse.Standard())
		if strings.Contains(strings.ToLower(m.Subject), strings.ToLower(words)) {
			return m, nil
		}
	}
	return nil, fmt.Errorf("demo: %s has no letter about %q", address, words)
}
