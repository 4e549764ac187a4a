package oauth_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/oauth"
)

// world is a token service and a folder with our files.
type world struct {
	*testing.T
	service *mailboxtest.SignIn
	refresh string
}

func open(t *testing.T) *world {
	w := &world{T: t, service: mailboxtest.StartSignIn(t), refresh: filepath.Join(t.TempDir(), "refresh")}
	w.write(w.refresh, w.service.Current()+"\n")
	return w
}

func (w *world) write(path, content string) {
	w.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w *world) source() *oauth.Source {
	return oauth.New(oauth.Settings{Provider: "custom", TokenURL: w.service.URL, ClientID: "c", RefreshFile: w.refresh})
}

func (w *world) token(s *oauth.Source) string {
	w.Helper()
	access, err := s.Token(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return access
}

func (w *world) stored() string {
	w.Helper()
	raw, err := os.ReadFile(w.refresh)
	if err != nil {
		w.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

func TestRefreshTokenIsKeptBeforeUse(t *testing.T) {
	w := open(t)
	s := w.source()
	first := w.token(s)
	if got := w.stored(); got != w.service.Current() || got == "R0-refresh-token" {
		t.Errorf("the file holds %q, the service knows %q", got, w.service.Current())
	}
	if again := w.token(s); again != first || len(w.service.Asked()) != 1 {
		t.Errorf("a good token is asked for again: %q, %q", first, again)
	}
	if info, err := os.Stat(w.refresh); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	// Another life begins with what is in the file.
	w.token(w.source())
	if w.service.Stolen() {
		t.Error("an old refresh token was used")
	}
}

// A folder that cannot be written is found out before a refresh token is spent.
func TestNothingIsSpentThatCannotBeKept(t *testing.T) {
	w := open(t)
	s := oauth.New(oauth.Settings{Provider: "custom", TokenURL: w.service.URL, ClientID: "c", RefreshFile: filepath.Join(w.TempDir(), "nowhere", "refresh")})
	if _, err := s.Token(t.Context()); !errors.Is(err, oauth.ErrFile) {
		t.Errorf("got %v", err)
	}
	if n := len(w.service.Asked()); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// What comes back and cannot be written is not used until it can.
func TestUnsavedTokenIsNotUsed(t *testing.T) {
	w := open(t)
	s := w.source()
	aside := w.refresh + ".aside"
	w.service.Answer(func(http.ResponseWriter, url.Values) bool { // in the middle of the request: a folder takes the file's place
		if err := errors.Join(os.Rename(w.refresh, aside), os.MkdirAll(filepath.Join(w.refresh, "full"), 0o700)); err != nil {
			t.Error(err)
		}
		return false
	})
	if access, err := s.Token(t.Context()); !errors.Is(err, oauth.ErrFile) {
		t.Errorf("got %q, %v", access, err)
	}
	if _, err := s.Token(t.Context()); err == nil {
		t.Error("the second call uses it")
	}
	if err := errors.Join(os.RemoveAll(w.refresh), os.Rename(aside, w.refresh)); err != nil {
		t.Fatal(err)
	}
	w.token(s)
	if w.stored() != w.service.Current() || len(w.service.Asked()) != 1 {
		t.Errorf("the file holds %q, the service knows %q after %d requests", w.stored(), w.service.Current(), len(w.service.Asked()))
	}
}

func TestRenewedAtFourFifths(t *testing.T) {
	w := open(t)
	w.service.Life(3 * time.Second)
	s := w.source()
	first := w.token(s)
	time.Sleep(1500 * time.Millisecond)
	if w.token(s) != first {
		t.Error("renewed too early")
	}
	time.Sleep(1100 * time.Millisecond) // 2.6 of 3 seconds
	w.service.Answer(func(w http.ResponseWriter, _ url.Values) bool { w.WriteHeader(http.StatusBadGateway); return true })
	if w.token(s) != first {
		t.Error("an old token does not serve on while the service is down")
	}
	if len(w.service.Asked()) != 2 {
		t.Errorf("asked %d times, want 2", len(w.service.Asked()))
	}
	time.Sleep(600 * time.Millisecond)
	if _, err := s.Token(t.Context()); !errors.Is(err, oauth.ErrUnavailable) {
		t.Errorf("a token that has ended is given: %v", err)
	}
	if len(w.service.Asked()) != 2 {
		t.Error("no back-off")
	}
}

func TestKeepRenewsAlone(t *testing.T) {
	w := open(t)
	w.service.Life(time.Second)
	s := w.source()
	if err := s.Keep(t.Context()); err != nil || len(w.service.Asked()) != 0 {
		t.Errorf("asks before anybody wants a token: %v", err)
	}
	first := w.token(s)
	time.Sleep(900 * time.Millisecond)
	if err := s.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Grant().Access == first {
		t.Error("not renewed")
	}
}

// A service that refuses us is left alone, until somebody has signed in anew.
func TestRefusedAndMended(t *testing.T) {
	w := open(t)
	good := w.stored()
	w.write(w.refresh, "revoked-by-somebody\n")
	s := w.source()
	for range 5 {
		if _, err := s.Token(t.Context()); !errors.Is(err, oauth.ErrRefused) || !strings.Contains(err.Error(), "invalid_grant") {
			t.Fatalf("got %v", err)
		}
	}
	if n := len(w.service.Asked()); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if s.Mended() {
		t.Error("mended, with nothing changed")
	}
	w.write(w.refresh, good+"\n")
	if !s.Mended() {
		t.Error("another refresh token is not seen")
	}
	w.token(s)
}

// A token that the mail server refuses is replaced at once if it was old.
func TestRefusedByTheMailServer(t *testing.T) {
	w := open(t)
	s := w.source()
	first := w.token(s)
	s.Refused(first)
	if w.token(s) != first || s.Mended() {
		t.Error("a new token that is refused is asked for again at once")
	}
	s.Refused("another")
	if w.token(s) != first {
		t.Error("what somebody else was refused counts")
	}
}

func TestManyAskAtOnce(t *testing.T) {
	w := open(t)
	var all sync.WaitGroup
	two := []*oauth.Source{w.source(), w.source()} // as of two processes
	for i := range 20 {
		all.Go(func() { w.token(two[i%2]) })
	}
	all.Wait()
	if w.service.Stolen() || len(w.service.Asked()) != 2 {
		t.Errorf("stolen %v, asked %d times", w.service.Stolen(), len(w.service.Asked()))
	}
	if w.stored() != w.service.Current() {
		t.Error("the file does not hold the last refresh token")
	}
}

// No error repeats what we had sent, nor breaks a line of the log.
func TestSecretsStayHidden(t *testing.T) {
	w := open(t)
	w.service.Answer(func(to http.ResponseWriter, form url.Values) bool {
		to.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(to).Encode(map[string]string{"error": "invalid_client", "error_description": "no:\n" + form.Encode() + strings.Repeat("x", 10_000)})
		return true
	})
	s := oauth.New(oauth.Settings{Provider: "microsoft", Tenant: "t", TokenURL: w.service.URL, ClientID: "c", RefreshFile: w.refresh,
		ClientSecret: func(context.Context) (string, error) { return "hunter2hunter2", nil }})
	_, err := s.Token(t.Context())
	if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "R0-refresh") || strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 1000 {
		t.Errorf("got %v", err)
	}
}

// A redirect does not carry our secrets elsewhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	w := open(t)
	thief := mailboxtest.StartSignIn(t)
	w.service.Answer(func(to http.ResponseWriter, _ url.Values) bool {
		to.Header().Set("Location", thief.URL)
		to.WriteHeader(http.StatusTemporaryRedirect)
		return true
	})
	if _, err := w.source().Token(t.Context()); err == nil || len(thief.Asked()) != 0 {
		t.Errorf("%v, the thief was asked %d times", err, len(thief.Asked()))
	}
}

// What each grant sends.
func TestGrants(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	account, _ := json.Marshal(map[string]string{"client_email": "robot@x.example", "private_key_id": "1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))})
	for _, c := range []struct {
		name     string
		settings func(w *world) oauth.Settings
		want     map[string]string
	}{
		{"application", func(*world) oauth.Settings {
			return oauth.Settings{Provider: "microsoft", Tenant: "t", ClientID: "c", ClientSecret: func(context.Context) (string, error) { return "s", nil }}
		}, map[string]string{"grant_type": "client_credentials", "client_id": "c", "client_secret": "s", "scope": "https://outlook.office365.com/.default"}},
		{"person", func(w *world) oauth.Settings {
			return oauth.Settings{Provider: "google", ClientID: "c", RefreshFile: w.refresh}
		}, map[string]string{"grant_type": "refresh_token", "client_id": "c", "refresh_token": "R0-refresh-token"}},
		{"service account", func(w *world) oauth.Settings {
			w.write(w.refresh, string(account))
			return oauth.Settings{Provider: "google", KeyFile: w.refresh, Subject: "help@x.example"}
		}, map[string]string{"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t)
			settings := c.settings(w)
			settings.TokenURL = w.service.URL
			w.token(oauth.New(settings))
			form := w.service.Asked()[0]
			for name, want := range c.want {
				if got := form.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// What services answer that are not well.
func TestStrangeAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{
		{200, ``, oauth.ErrUnavailable},
		{200, `{}`, oauth.ErrUnavailable},
		{200, `<html>maintenance</html>`, oauth.ErrUnavailable},
		{200, `{"access_token":"a\r\nb","expires_in":3600}`, oauth.ErrUnavailable},
		{500, `{"error":"server_error"}`, oauth.ErrUnavailable},
		{429, `{"error":"slow_down"}`, oauth.ErrUnavailable},
		{503, `no`, oauth.ErrUnavailable},
		{400, `{"error":"temporarily_unavailable"}`, oauth.ErrUnavailable},
		{400, `{"error":"invalid_grant"}`, oauth.ErrRefused},
		{401, `{"error":"invalid_client"}`, oauth.ErrRefused},
		{403, `<html>no</html>`, oauth.ErrRefused},
	} {
		t.Run(fmt.Sprint(c.status, c.body), func(t *testing.T) {
			w := open(t)
			w.service.Answer(func(to http.ResponseWriter, _ url.Values) bool {
				to.WriteHeader(c.status)
				fmt.Fprint(to, c.body)
				return true
			})
			if _, err := w.source().Token(t.Context()); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if w.stored() != "R0-refresh-token" {
				t.Errorf("the file holds %q", w.stored())
			}
		})
	}
	s := oauth.New(oauth.Settings{Provider: "custom", TokenURL: "http://127.0.0.1:1/", ClientID: "c"})
	if _, err := s.Token(t.Context()); !errors.Is(err, oauth.ErrUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
}
