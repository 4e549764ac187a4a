// Package oauth gets access tokens for mail servers that take no passwords
// (RFC 6749), and keeps the refresh tokens that come with them.
package oauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// What can be wrong, for errors.Is. No text repeats a secret.
var (
	ErrRefused     = errors.New("sign-in refused")                   // somebody must act: sign in anew, renew a secret, give a right
	ErrUnavailable = errors.New("sign-in service unavailable")       // it mends itself
	ErrFile        = errors.New("the sign-in's file cannot be used") // ours: a file cannot be read or written
)

// Settings say how to sign in. One of three grants is used: that of a refresh
// token, that of a service account's key, or else that of the application
// itself (client credentials, RFC 6749 section 4.4).
type Settings struct {
	Provider string   // microsoft, google or custom
	Tenant   string   // Microsoft's
	TokenURL string   // "": the provider's
	Scopes   []string // nil: the provider's for that grant
	ClientID string
	// ClientSecret is asked anew for every request; nil: there is none.
	ClientSecret func(ctx context.Context) (string, error)
	SecretFile   string // where ClientSecret reads; "": elsewhere
	RefreshFile  string // holds the refresh token and is rewritten; "": none
	KeyFile      string // a service account's key as JSON; "": none
	Subject      string // the mailbox that a service account opens
}

// Source gives access tokens. Its methods may be called by several goroutines;
// one source serves all servers with the same settings, since a refresh token
// that two use is a stolen one to many services.
//
// Its rules:
//   - a token is renewed after four fifths of its life, and an old one serves on
//     while the service is down;
//   - a refresh token that came back is on disk before its access token is used:
//     the one before it may be dead already;
//   - a service that refuses us is asked again after ten minutes, or at once when
//     one of the files says something else.
type Source struct {
	settings Settings

	mu      sync.Mutex
	grant   Grant
	refused bool   // the mail server did not take the token, which was not new: get another
	unsaved string // a refresh token that could not be written yet
	failed  error
	again   time.Time // not before this
	pause   time.Duration
	used    [sha256.Size]byte // the files, as they were when last used
}

// Grant is an access token with its time.
type Grant struct {
	Access       string
	From, Until  time.Time
	RefreshUntil time.Time // when the refresh token ends; zero: nobody said
	refresh      string    // what came back; "": nothing
}

const (
	firstPause   = 5 * time.Second
	longestPause = 15 * time.Minute
	refusedPause = 10 * time.Minute
	freshness    = time.Minute // a token refused at this age is not refused for its age
)

// New prepares; the first Token asks.
func New(settings Settings) *Source { return &Source{settings: settings} }

// Settings are those it was made with.
func (s *Source) Settings() Settings { return s.settings }

// Token is a token that is good now.
func (s *Source) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.good(now) && now.Before(s.renewal()) && s.unsaved == "" {
		return s.grant.Access, nil
	}
	err := s.renew(ctx, now)
	if err != nil && s.good(now) && s.unsaved == "" {
		return s.grant.Access, nil
	}
	if err != nil {
		return "", err
	}
	return s.grant.Access, nil
}

// good says whether the token may still be used.
func (s *Source) good(now time.Time) bool {
	return s.grant.Access != "" && !s.refused && now.Before(s.grant.Until)
}

// renewal is when four fifths of the token's life are over.
func (s *Source) renewal() time.Time {
	return s.grant.From.Add(s.grant.Until.Sub(s.grant.From) * 4 / 5)
}

// Keep renews the token if it is time to, so that what ends a sign-in is known
// before mail waits for it. It does nothing before the first Token.
func (s *Source) Keep(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.grant.Access == "" && s.failed == nil || s.good(now) && now.Before(s.renewal()) && s.unsaved == "" {
		return nil
	}
	return s.renew(ctx, now)
}

// renew asks for a token, unless it is too soon.
func (s *Source) renew(ctx context.Context, now time.Time) error {
	if s.unsaved != "" {
		return s.save(now)
	}
	if s.failed != nil && now.Before(s.again) && s.used == s.files() {
		return s.failed
	}
	s.used = s.files()
	grant, err := s.settings.ask(ctx, now)
	if err != nil {
		if ctx.Err() == nil {
			s.fail(err, now)
		}
		return err
	}
	s.grant, s.refused = grant, false
	if s.settings.RefreshFile != "" {
		if s.unsaved = grant.refresh; s.unsaved != "" {
			return s.save(now)
		}
	}
	s.failed, s.pause, s.used = nil, 0, s.files()
	return nil
}

// save writes the refresh token that came back.
func (s *Source) save(now time.Time) error {
	if err := replace(s.settings.RefreshFile, s.unsaved); err != nil {
		s.failed = fmt.Errorf("%w: the new refresh token cannot be kept in %s: %w", ErrFile, s.settings.RefreshFile, err)
		return s.failed
	}
	s.unsaved, s.failed, s.pause = "", nil, 0
	s.used = s.files()
	return nil
}

// fail remembers a failure, and for how long nothing is asked again.
func (s *Source) fail(err error, now time.Time) {
	s.pause = min(max(2*s.pause, firstPause), longestPause)
	if s.failed = err; errors.Is(err, ErrRefused) {
		s.pause = max(s.pause, refusedPause)
	}
	s.again = now.Add(s.pause)
}

// Refused says that a mail server did not take a token. Another one is got for
// the next login if this one was not new.
func (s *Source) Refused(access string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if access == s.grant.Access && time.Since(s.grant.From) >= freshness {
		s.refused = true
	}
}

// Mended says that a login which failed is worth another try at once: a file has
// changed, or there will be another token.
func (s *Source) Mended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused && s.failed == nil || s.used != s.files()
}

// Grant is the present one; its Access is "" before the first.
func (s *Source) Grant() Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grant
}

// files is what stands in the files, as a hash.
func (s *Source) files() [sha256.Size]byte {
	sum := sha256.New()
	for _, name := range []string{s.settings.RefreshFile, s.settings.KeyFile, s.settings.SecretFile} {
		if name == "" {
			continue
		}
		content, _ := os.ReadFile(name) // one that cannot be read is as good as empty
		fmt.Fprintf(sum, "%d:", len(content))
		sum.Write(content)
	}
	return [sha256.Size]byte(sum.Sum(nil))
}
