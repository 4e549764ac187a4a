//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
)

// class is a row of the matrix.
type class string

const (
	does        class = "done"
	askedBack   class = "asked back, and yes"
	deniedBack  class = "asked back, and no"
	quarantined class = "put aside"
	refusedOnce class = "refused once"
	noAnswer    class = "silence"
)

// rows are what each of the writers is under each senders.verify.
func rows() map[string]map[string]class {
	return map[string]map[string]class{
		"authentication-results, authserv_ids: [mx.carpenter.example], hops: 2": {"mark": does, "nora": askedBack, "ana": quarantined, "eve": refusedOnce, "zoe": noAnswer, "ben": noAnswer},
		"dkim":         {"mark": does, "nora": askedBack, "ana": deniedBack, "eve": refusedOnce, "zoe": noAnswer, "ben": noAnswer},
		"microsoft365": {"mark": does, "nora": askedBack, "ana": deniedBack, "eve": noAnswer, "zoe": noAnswer, "ben": noAnswer},
		"confirm":      {"mark": askedBack, "nora": askedBack, "ana": deniedBack, "eve": noAnswer, "zoe": noAnswer, "ben": noAnswer},
		"none":         {"mark": does, "nora": does, "ana": does, "eve": refusedOnce, "zoe": refusedOnce, "ben": noAnswer},
	}
}

// own are the numbers of what somebody has to thank for, to withdraw, and to
// offer on; strangers try those of others.
func own(who string) (ladder, canoe, thing int) {
	k := max(0, slices.Index([]string{"mark", "nora", "ana", "ben"}, who))
	return 3*k + 1, 3*k + 2, 3*k + 3
}

// did are the letters of a column that was done.
func did(column, who string) []string {
	ladder, canoe, thing := own(who)
	switch column {
	case "ask":
		return []string{who + ": Got it: A stapler of " + who}
	case "offer":
		return []string{fmt.Sprintf("%s: Sam, meet %s", who, nameOf(who)[:len(who)]), fmt.Sprintf("sam: Sam, meet %s: Thing %s (#%d)", nameOf(who)[:len(who)], thingOf(thing), thing)}
	case "thanks":
		return []string{fmt.Sprintf("priya: Thank you from %s (#%d)", nameOf(who)[:len(who)], ladder), who + ": May I share this?"}
	case "withdraw":
		return []string{fmt.Sprintf("%s: Taken back: A canoe for %s (#%d)", who, who[:3], canoe)}
	case "pause":
		return []string{who + ": Paused until Monday 4 January"}
	}
	return []string{who + ": Stopped: no more digests"}
}

func thingOf(number int) string { return []string{"kettle", "drum", "tent", "tuba"}[number/3-1] }

// tells are the letters that come of a mail of a class, before anybody has said yes.
func tells(c class, column, who string) []string {
	switch {
	case c == does, (c == askedBack || c == deniedBack) && (column == "pause" || column == "stop"):
		return did(column, who)
	case (c == askedBack || c == deniedBack) && column == "ask": // one question for all
		return []string{who + ": " + asksWhether}
	case c == refusedOnce && column == "ask":
		return []string{who + ": Your mail to help@carpenter.example"}
	case c == refusedOnce && column == "offer": // the stranger hears nothing; whose letter it is does
		return []string{"priya: Was this you, from another address?"}
	}
	return nil
}

func columns() []string { return []string{"ask", "offer", "thanks", "withdraw", "pause", "stop"} }

// mail is what somebody writes in a column.
func (b *borderTown) mails(column, name string, w writer, digest *parse.Message) {
	b.Helper()
	_, canoe, thing := own(name)
	switch column {
	case "ask":
		b.arrives(w, "A stapler of "+name, "Could somebody lend me one?")
	case "offer":
		b.arrives(w, "Re: "+digest.Subject, fmt.Sprintf("I can help with #%d", thing), func(n *note) { n.answers = digest; *n = phone(*n) })
	case "thanks":
		b.arrives(w, "Thanks to Priya", "Thank you Priya, that saved my lesson.")
	case "withdraw":
		b.arrives(w, fmt.Sprintf("Withdraw #%d", canoe), "Never mind, withdraw it please.")
	case "pause":
		b.arrives(w, "pause until 4 January", "")
	case "stop":
		b.arrives(w, "stop", "")
	}
}

// TestMatrixOnServers plays every row and column of the decision matrix, under
// every senders.verify, through Postfix, rspamd and Dovecot. After each column
// everybody's mailbox holds what the matrix says, and no letter more.
func TestMatrixOnServers(t *testing.T) {
	b := onBorder(t)
	for verify, row := range rows() {
		way, _, _ := strings.Cut(verify, ",")
		t.Run(way, func(t *testing.T) {
			b.opens(t)
			b.prepares()
			b.edit("verify: none", "verify: "+verify)
			b.way = way
			b.matrix(row)
		})
	}
}

func (b *borderTown) matrix(row map[string]class) {
	b.Helper()
	names := []string{"mark", "nora", "ana", "ben", "eve", "zoe"}
	writers, digests := writersAll(), map[string]*parse.Message{}
	for _, name := range names {
		whose := writers[name].who
		if name == "eve" || name == "zoe" {
			whose = "priya" // who has passed hers on
		}
		digests[name] = b.letter(whose, "asks")
		if w := writers[name]; b.way == "microsoft365" && (name == "mark" || name == "ben") {
			w.ip = ""
			writers[name] = w
		}
	}
	for i, column := range columns() {
		var want []string
		for _, name := range names {
			b.mails(column, name, writers[name], digests[name])
			want = append(want, tells(row[name], column, name)...)
		}
		b.pass(fmt.Sprintf("2026-11-20 10:%d0", i))
		b.expectNews(column, want...)
	}
	b.answered(row, writers, names)
	b.kept(row, names)
}

// answered are the yes and no of those who were asked.
func (b *borderTown) answered(row map[string]class, writers map[string]writer, names []string) {
	b.Helper()
	var want []string
	for _, name := range names {
		words := ""
		switch row[name] {
		case askedBack:
			words = "Yes, that was me."
			for _, column := range columns()[:4] {
				want = append(want, did(column, name)...)
			}
		case deniedBack:
			words = "No, that was not me!"
			want = append(want, name+": Good that you said so", "it: in the name of")
		default:
			continue
		}
		w := writers[name]
		w.ip, w.extra = schoolsServer, nil // who really has the mailbox
		question := b.letter(w.who, asksWhether)
		b.arrives(w, "Re: "+question.Subject, words, func(n *note) { n.answers = question; *n = phone(*n) })
	}
	b.pass("2026-11-20 11:00")
	b.expectNews("the answers", want...)
}

// kept is what the book holds in the end, and where the mails went.
func (b *borderTown) kept(row map[string]class, names []string) {
	b.Helper()
	asks, aside := b.must("asks", "--all"), strings.Count(b.must("quarantine", "list"), "auth_failed")
	put := 0
	for _, name := range names {
		acted := row[name] == does || row[name] == askedBack
		if row[name] == quarantined {
			put += len(columns())
		}
		if strings.Contains(asks, "A stapler of "+name) != acted {
			b.Errorf("the ask of %s is there: %v\n%s", name, !acted, asks)
		}
		for line := range strings.Lines(asks) {
			if strings.Contains(line, "A canoe for "+name[:3]) && strings.Contains(line, "withdrawn") != acted {
				b.Errorf("%s: %s", name, line)
			}
		}
	}
	if aside != put {
		b.Errorf("%d mails are put aside, want %d", aside, put)
	}
	b.audited()
	b.tries(exitDone, "", "audit", "--server")
}
