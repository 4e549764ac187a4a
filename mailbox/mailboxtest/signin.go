package mailboxtest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
)

// SignIn is a token service on loopback (RFC 6749) for tests. It rotates refresh
// tokens, and takes a used one for theft, as the strictest services do: after
// that nothing is given any more.
type SignIn struct {
	URL string

	mu      sync.Mutex
	refresh string // the one that is good
	access  map[string]time.Time
	asked   []url.Values
	life    time.Duration
	answer  func(w http.ResponseWriter, form url.Values) bool
	spent   map[string]bool
	stolen  bool
	count   int
}

// StartSignIn starts one whose first refresh token is R0.
func StartSignIn(t TB) *SignIn {
	t.Helper()
	s := &SignIn{refresh: "R0-refresh-token", access: map[string]time.Time{}, spent: map[string]bool{}, life: time.Hour}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(s.serve)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ends with Close
	}()
	t.Cleanup(func() {
		server.Close()
		<-ended
	})
	s.URL = fmt.Sprintf("http://%s/token", listener.Addr())
	return s
}

// Answer replaces the next answers; one that returns false leaves it to the
// service. nil: the service answers.
func (s *SignIn) Answer(f func(w http.ResponseWriter, form url.Values) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

// Life sets how long new access tokens live.
func (s *SignIn) Life(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = d
}

// Asked are the requests so far.
func (s *SignIn) Asked() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]url.Values(nil), s.asked...)
}

// Stolen says that an old refresh token was used.
func (s *SignIn) Stolen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stolen
}

// Current is the refresh token that is good.
func (s *SignIn) Current() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refresh
}

// Revoke ends every access token that was given.
func (s *SignIn) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// Good says whether an access token opens a mailbox now; for Options.Token.
func (s *SignIn) Good(access string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.access[access])
}

func (s *SignIn) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.asked = append(s.asked, r.PostForm)
	w.Header().Set("Content-Type", "application/json")
	if s.answer != nil && s.answer(w, r.PostForm) {
		return
	}
	s.count++
	reply := map[string]any{"access_token": fmt.Sprintf("A%d-access-token", s.count), "token_type": "Bearer", "expires_in": int(s.life.Seconds())}
	if r.PostForm.Get("grant_type") == "refresh_token" {
		if r.PostForm.Get("refresh_token") != s.refresh || s.stolen {
			s.stolen = s.stolen || s.spent[r.PostForm.Get("refresh_token")]
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant","error_description":"this sign-in has ended"}`)
			return
		}
		s.spent[s.refresh] = true
		s.refresh = fmt.Sprintf("R%d-refresh-token", s.count)
		reply["refresh_token"] = s.refresh
	}
	s.access[reply["access_token"].(string)] = time.Now().Add(s.life)
	_ = json.NewEncoder(w).Encode(reply) // a client that hangs up is no news
}

// bearerServer is the server's side of XOAUTH2.
type bearerServer struct {
	good    func(access string) bool
	in      func(username string) error
	refused error
	done    bool
}

func (b *bearerServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if b.done {
		return nil, true, b.refused
	}
	if len(response) == 0 {
		return []byte{}, false, nil // no initial response
	}
	b.done = true
	var user, access string
	for _, part := range strings.Split(string(response), "\x01") {
		if name, ok := strings.CutPrefix(part, "user="); ok {
			user = name
		}
		if token, ok := strings.CutPrefix(part, "auth=Bearer "); ok {
			access = token
		}
	}
	if !b.good(access) {
		return []byte(`{"status":"401","schemes":"bearer"}`), false, nil
	}
	return nil, true, b.in(user)
}

var _ sasl.Server = (*bearerServer)(nil)
