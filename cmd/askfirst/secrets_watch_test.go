package main

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
)

// A password that is mended in its file lets mail in and out again within
// seconds, although a refused one is left alone for ten minutes.
func TestChangedPassword(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and waits for it")
	}
	town, _ := openTown(t, mailboxtest.Options{NeedLogin: true})
	town.edit("smtp: { ", "smtp: { username: "+townHelp+", password_file: smtp.password, ")
	writeFile(t, town.beside("imap.password"), "of last year\n")
	writeFile(t, town.beside("smtp.password"), "of last year\n")
	d := town.daemon(time.Now())
	d.inbox.Poll = time.Second
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	troubles := func() int {
		life, err := d.book.Life(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(life.Troubles)
	}
	town.writes("sam", "A picture book", "Which one?")
	town.until(10*time.Second, "the login to the inbox fails", func() bool { return troubles() >= 1 })
	writeFile(t, town.beside("imap.password"), mailboxtest.Password+"\n")
	town.until(3*lookAtFile+5*time.Second, "only the login to the SMTP server fails", func() bool {
		life, err := d.book.Life(t.Context())
		return err == nil && len(life.Troubles) == 1 && life.Troubles[0].Where == whereSMTP
	})
	writeFile(t, town.beside("smtp.password"), mailboxtest.Password+"\n")
	town.until(3*lookAtFile+5*time.Second, "the acknowledgement", func() bool { return len(town.letters("sam", "Got it")) == 1 })
	town.until(5*time.Second, "nothing fails any more", func() bool { return troubles() == 0 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// What a refused password does to the pause, by where it comes from.
func TestLeaveAlone(t *testing.T) {
	refused := fmt.Errorf("%w: no", mailbox.ErrAuth)
	endpoint := func(s secretSource) Endpoint {
		w := &secretWatch{source: s}
		if _, err := w.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		return Endpoint{Secret: w.read, watch: w}
	}
	file := t.TempDir() + "/password"
	writeFile(t, file, "old\n")
	fromFile := endpoint(secretSource{file: file})
	fromEnvironment := endpoint(secretSource{variable: "P", environ: func() []string { return []string{"P=old"} }})
	for _, c := range []struct {
		name  string
		e     Endpoint
		err   error
		after func() // one minute
		want  time.Duration
	}{
		{"nothing changes", fromFile, refused, func() {}, 10 * time.Minute},
		{"the same words again", fromFile, refused, func() { writeFile(t, file, "old") }, 10 * time.Minute},
		{"emptied, and never filled", fromFile, refused, func() { writeFile(t, file, "") }, 10 * time.Minute},
		{"another fault", fromFile, mailbox.ErrUnreachable, func() { writeFile(t, file, "newer\n") }, 10 * time.Minute},
		{"an environment", fromEnvironment, refused, func() {}, 10 * time.Minute},
		{"no login", Endpoint{}, refused, func() {}, 10 * time.Minute},
		{"changed", fromFile, refused, func() { writeFile(t, file, "new\n") }, time.Minute + lookAtFile},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.e.watch != nil {
				writeFile(t, file, "old\n")
			}
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				time.AfterFunc(time.Minute, c.after)
				c.e.leaveAlone(t.Context(), c.err, 10*time.Minute)
				if took := time.Since(begin); took > c.want || took < c.want-lookAtFile {
					t.Errorf("left alone for %v, want %v", took, c.want)
				}
			})
		})
	}
}

// A command is asked seldom: it may cost a person a touch of a key.
func TestCommandIsAskedSeldom(t *testing.T) {
	w := &secretWatch{source: secretSource{command: []string{"x"}}}
	if got := w.every(); got < 30*time.Second {
		t.Errorf("a command is asked every %v", got)
	}
	w = &secretWatch{source: secretSource{file: "x"}}
	if got := w.every(); got > 5*time.Second {
		t.Errorf("a file is looked at every %v", got)
	}
}
