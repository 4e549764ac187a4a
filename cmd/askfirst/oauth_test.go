package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// signedIn is a town whose servers take access tokens alone.
func signedIn(t *testing.T) (*town, *mailboxtest.SignIn) {
	t.Helper()
	service := mailboxtest.StartSignIn(t)
	town, _ := openTown(t, mailboxtest.Options{NeedLogin: true, Token: service.Good})
	way := fmt.Sprintf("username: %s, oauth2: { provider: custom, token_url: %q, client_id: askfirst, refresh_token_file: refresh.token }", townHelp, service.URL)
	town.edit("username: "+townHelp+", password_file: imap.password", way)
	town.edit("tls: none }\nsenders", "tls: none, "+way+" }\nsenders")
	writeFile(t, town.beside("refresh.token"), service.Current()+"\n")
	return town, service
}

func TestSignedInByToken(t *testing.T) {
	town, service := signedIn(t)
	town.writes("sam", "A picture book", "Which one?")
	town.once("2026-11-21 09:00")
	town.expect("sam", "Got it: ", 1)
	town.writes("ana", "A ladder", "Tall enough.")
	town.once("2026-11-21 09:05") // another process, another token
	town.expect("ana", "Got it: ", 1)
	if n := len(service.Asked()); n != 2 || service.Stolen() {
		t.Errorf("asked %d times for two passes on two servers, stolen: %v", n, service.Stolen())
	}
	stored, err := os.ReadFile(town.beside("refresh.token"))
	if err != nil || strings.TrimSpace(string(stored)) != service.Current() {
		t.Errorf("the file holds %q, the service knows %q", stored, service.Current())
	}
	if out, _, code := town.run("check"); code != exitDone || !strings.Contains(out, "the sign-in service gives a token") {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	if out, _, _ := town.run("status"); !strings.Contains(out, inboxToken) {
		t.Error(out)
	}
	town.audited()
}

// A sign-in that somebody ended is told in status, with what to do, and counts
// again as soon as there is a new one.
func TestSignInThatHasEnded(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and waits for it")
	}
	town, service := signedIn(t)
	good := service.Current()
	writeFile(t, town.beside("refresh.token"), "ended-long-ago\n")
	out, _, code := town.run("check")
	if code != exitUnusable || !strings.Contains(out, "127.0.0.1 refuses the sign-in: invalid_grant: this sign-in has ended") || !strings.Contains(out, "sign in again and write the new refresh token into "+town.beside("refresh.token")) {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	d := town.daemon(time.Now())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	town.writes("sam", "A picture book", "Which one?")
	town.until(10*time.Second, "status tells", func() bool {
		r := town.status()
		return !r.Healthy && strings.Contains(strings.Join(r.Problems, "\n"), "sign in again")
	})
	asked := len(service.Asked())
	time.Sleep(2 * lookAtFile)
	if n := len(service.Asked()); n != asked {
		t.Errorf("the service that refused us was asked %d times more", n-asked)
	}
	writeFile(t, town.beside("refresh.token"), good+"\n")
	town.until(3*lookAtFile+5*time.Second, "the acknowledgement", func() bool { return len(town.letters("sam", "Got it")) == 1 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A token that the mail server refuses although its time is not over is replaced;
// nobody waits ten minutes for that.
func TestRevokedAccessToken(t *testing.T) {
	if testing.Short() {
		t.Skip("waits")
	}
	town, service := signedIn(t)
	d := town.daemon(time.Now())
	pass := func() error { return d.pass(t.Context(), time.Now()).status() }
	if err := pass(); err != nil {
		t.Fatal(err)
	}
	service.Revoke()
	if err := pass(); err == nil {
		t.Fatal("a revoked token opens the mailbox")
	}
	if d.config.Inbox.Tokens.Mended() {
		t.Error("a token that is seconds old is replaced at once: the mailbox is closed to us, whatever the token")
	}
}

// While the service is down nothing is lost, and it is not hammered.
func TestSignInServiceDown(t *testing.T) {
	town, service := signedIn(t)
	service.Answer(func(w http.ResponseWriter, _ url.Values) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	town.writes("sam", "A picture book", "Which one?")
	d := town.daemon(time.Now())
	for range 20 {
		if err := d.pass(t.Context(), time.Now()).status(); err == nil {
			t.Fatal("read without a token")
		}
	}
	if n := len(service.Asked()); n > 3 {
		t.Errorf("asked %d times in a moment", n)
	}
	r, err := status(t.Context(), d.book, time.Now(), false)
	if err != nil || len(r.Problems) == 0 || !strings.Contains(r.Problems[0], "gives no token now") {
		t.Errorf("%q %v", r.Problems, err)
	}
}
