package oauth

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"
)

// provider is what we know of a service from its public documentation.
type provider struct {
	tokenURL    string // with {tenant}
	application []string
	person      []string
	rotates     bool // a refresh token may come back with every answer
	style       oauth2.AuthStyle
}

// Providers are the names that Settings.Provider may have.
func Providers() []string { return []string{"microsoft", "google", "custom"} }

func providerNamed(name string) provider {
	switch name {
	case "microsoft":
		return provider{
			tokenURL:    "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
			application: []string{"https://outlook.office365.com/.default"},
			person:      []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"},
			rotates:     true, style: oauth2.AuthStyleInParams,
		}
	case "google":
		return provider{
			tokenURL: "https://oauth2.googleapis.com/token", application: []string{"https://mail.google.com/"},
			person: []string{"https://mail.google.com/"}, style: oauth2.AuthStyleInParams,
		}
	}
	// Every service knows this one (RFC 6749 section 2.3.1). Trying both would use
	// a refresh token twice.
	return provider{rotates: true, style: oauth2.AuthStyleInHeader}
}

const (
	askLimit     = 30 * time.Second
	assumedLife  = 30 * time.Minute // of a token whose end the service does not tell
	shortestLife = time.Second
)

// url is where to ask.
func (s Settings) url() string {
	if s.TokenURL != "" {
		return s.TokenURL
	}
	return strings.ReplaceAll(providerNamed(s.Provider).tokenURL, "{tenant}", s.Tenant)
}

// URL is the address of the service that gives tokens.
func (s *Source) URL() string { return s.settings.url() }

// ask makes one request.
func (s Settings) ask(ctx context.Context, now time.Time) (Grant, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	// A redirect would carry our secrets to somebody else.
	client := &http.Client{Timeout: askLimit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	secret := ""
	if s.ClientSecret != nil {
		var err error
		if secret, err = s.ClientSecret(ctx); err != nil {
			return Grant{}, fmt.Errorf("%w: %w", ErrFile, err)
		}
	}
	switch {
	case s.KeyFile != "":
		return s.askWithKey(ctx, now)
	case s.RefreshFile != "":
		return s.askWithRefresh(ctx, secret, now)
	}
	p := providerNamed(s.Provider)
	config := clientcredentials.Config{ClientID: s.ClientID, ClientSecret: secret, TokenURL: s.url(), Scopes: s.scopes(p.application), AuthStyle: p.style}
	answer, err := config.Token(ctx)
	return granted(answer, err, now, secret)
}

func (s Settings) scopes(usual []string) []string {
	if s.Scopes != nil {
		return s.Scopes
	}
	return usual
}

// askWithRefresh uses the refresh token (RFC 6749 section 6), while no other
// process does.
func (s Settings) askWithRefresh(ctx context.Context, secret string, now time.Time) (Grant, error) {
	p := providerNamed(s.Provider)
	release, err := hold(ctx, s.RefreshFile)
	if err == nil {
		defer release()
		err = writable(s.RefreshFile)
	}
	if err != nil && p.rotates {
		return Grant{}, fmt.Errorf("%w: a new refresh token could not be kept in %s: %w", ErrFile, s.RefreshFile, err)
	}
	refresh, err := readLine(s.RefreshFile)
	if err != nil {
		return Grant{}, fmt.Errorf("%w: %s: %w", ErrFile, s.RefreshFile, err)
	}
	if secret == "" { // nobody to prove: the id alone goes into the request
		p.style = oauth2.AuthStyleInParams
	}
	config := oauth2.Config{ClientID: s.ClientID, ClientSecret: secret, Endpoint: oauth2.Endpoint{TokenURL: s.url(), AuthStyle: p.style}, Scopes: s.scopes(p.person)}
	answer, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
	grant, err := granted(answer, err, now, secret, refresh)
	if err != nil {
		return Grant{}, err
	}
	if grant.refresh == refresh {
		grant.refresh = ""
	}
	if grant.refresh != "" { // here, while we hold the file; renew tries again what fails
		if err := replace(s.RefreshFile, grant.refresh); err == nil {
			grant.refresh = ""
		}
	}
	return grant, nil
}

// askWithKey signs with a service account's key (RFC 7523 section 2.1).
func (s Settings) askWithKey(ctx context.Context, now time.Time) (Grant, error) {
	raw, err := readBounded(s.KeyFile)
	if err != nil {
		return Grant{}, fmt.Errorf("%w: %s: %w", ErrFile, s.KeyFile, err)
	}
	var key struct {
		Email string `json:"client_email"`
		Key   string `json:"private_key"`
		ID    string `json:"private_key_id"`
	}
	if err := json.Unmarshal(raw, &key); err != nil || key.Email == "" || !isPEM(key.Key) {
		return Grant{}, fmt.Errorf("%w: %s is not the key of a service account as JSON", ErrFile, s.KeyFile)
	}
	config := jwt.Config{Email: key.Email, PrivateKey: []byte(key.Key), PrivateKeyID: key.ID, Subject: s.Subject, TokenURL: s.url(),
		Scopes: s.scopes(providerNamed(s.Provider).application), UseIDToken: false}
	answer, err := config.TokenSource(ctx).Token()
	return granted(answer, err, now, key.Key)
}

// isPEM says whether a text looks like a private key.
func isPEM(text string) bool {
	block, _ := pem.Decode([]byte(text))
	return block != nil
}

// granted reads the service's answer; secrets are taken out of what it says.
func granted(answer *oauth2.Token, err error, now time.Time, secrets ...string) (Grant, error) {
	if err != nil {
		return Grant{}, refusal(err, secrets)
	}
	if strings.ContainsFunc(answer.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }) { // it goes into a line of a protocol
		return Grant{}, fmt.Errorf("%w: it gives something that is no token", ErrUnavailable)
	}
	grant := Grant{Access: answer.AccessToken, From: now, Until: answer.Expiry, refresh: answer.RefreshToken}
	if grant.Until.IsZero() {
		grant.Until = now.Add(assumedLife)
	}
	grant.Until = later(grant.Until, now.Add(shortestLife))
	if seconds, ok := answer.Extra("refresh_token_expires_in").(float64); ok && seconds > 0 && seconds < 1e9 {
		grant.RefreshUntil = now.Add(time.Duration(seconds) * time.Second)
	}
	if strings.ContainsFunc(grant.refresh, unicode.IsControl) {
		grant.refresh = ""
	}
	return grant, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refusal tells what somebody must mend from what mends itself (RFC 6749 section
// 5.2).
func refusal(err error, secrets []string) error {
	var said *oauth2.RetrieveError
	if !errors.As(err, &said) || said.Response == nil {
		return fmt.Errorf("%w: %s", ErrUnavailable, printed(err.Error(), secrets))
	}
	var body struct {
		Code string `json:"error"`
		Text string `json:"error_description"`
	}
	_ = json.Unmarshal(said.Body, &body) // what is no JSON says nothing
	text := fmt.Sprintf("status %d", said.Response.StatusCode)
	if body.Code != "" {
		text = body.Code
	}
	if body.Text != "" {
		text += ": " + body.Text
	}
	kind := ErrRefused
	if status := said.Response.StatusCode; status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout ||
		status < 400 || body.Code == "temporarily_unavailable" || body.Code == "server_error" {
		kind = ErrUnavailable
	}
	return fmt.Errorf("%w: %s", kind, printed(text, secrets))
}

// printed is what a service said, on one line, of bounded length, without what
// we had sent it.
func printed(text string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) >= 4 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + "…"
	}
	return text
}
