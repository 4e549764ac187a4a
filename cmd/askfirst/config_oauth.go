package main

import (
	"net/url"
	"slices"
	"strings"

	"askfirst/mailbox/oauth"
)

// oauthConfig is how to get access tokens where a server takes no password.
type oauthConfig struct {
	Provider    string
	Tenant      string
	TokenURL    string
	Scopes      []string
	ClientID    string
	RefreshFile string
	KeyFile     string

	secret secretSource
}

// oauthOptions are the keys below oauth2.
func (d *decoder) oauthOptions(o *oauthConfig) []option {
	return []option{
		{key: "provider", read: d.text(&o.Provider, 40)},
		{key: "tenant", read: d.text(&o.Tenant, 200)},
		{key: "client_id", read: d.text(&o.ClientID, 400)},
		{key: "client_secret_file", read: d.text(&o.secret.file, 4096)},
		{key: "client_secret_env", read: d.variable(&o.secret.variable)},
		{key: "client_secret_command", read: d.command(&o.secret.command)},
		{key: "refresh_token_file", read: d.text(&o.RefreshFile, 4096)},
		{key: "key_file", read: d.text(&o.KeyFile, 4096)},
		{key: "token_url", read: d.text(&o.TokenURL, 2000)},
		{key: "scopes", read: d.words(&o.Scopes)},
	}
}

// finishOAuth checks how tokens are to be had, and makes their source.
func (d *decoder) finishOAuth(name string, e *Endpoint) {
	path, o := name+".oauth2", &e.oauth
	if slices.ContainsFunc(d.problems, func(p Problem) bool { return strings.HasPrefix(p.Key, path) }) {
		return
	}
	complain := func(key, remedy, format string, args ...any) {
		d.complain(d.place(path+"."+key), path+"."+key, remedy, format, args...)
	}
	given := func(key string) bool { return d.given[path+"."+key] }
	var secrets []string
	for _, key := range []string{"client_secret_file", "client_secret_env", "client_secret_command"} {
		if given(key) {
			secrets = append(secrets, path+"."+key)
		}
	}
	switch {
	case e.Username == "" && !d.complained(name+".username"):
		complain("provider", "write for example username: help@carpenter.example", "%s is given without %s.username", path, name)
	case !slices.Contains(oauth.Providers(), o.Provider):
		complain("provider", "it is one of "+listed(oauth.Providers(), "or"), "%s.provider is missing, or none that is known", path)
	case o.Provider == "microsoft" && o.Tenant == "" && o.TokenURL == "":
		complain("tenant", "it is the directory's id in the Microsoft Entra admin center, like 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "%s.tenant is missing", path)
	case strings.ContainsFunc(o.Tenant, func(r rune) bool {
		return r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}):
		complain("tenant", "", "%s.tenant must be an id or a domain name", path)
	case o.Provider == "custom" && o.TokenURL == "":
		complain("token_url", "the service's documentation names it", "%s.token_url is missing", path)
	case o.TokenURL != "" && !safeURL(o.TokenURL):
		complain("token_url", "", "%s.token_url must begin with https:// and hold neither user nor password", path)
	case o.KeyFile != "" && (o.RefreshFile != "" || len(secrets) > 0):
		complain("key_file", "keep one of them", "a service account's key needs neither a refresh token nor a client's secret")
	case o.KeyFile != "":
	case o.ClientID == "":
		complain("client_id", "the provider shows it where the application was registered", "%s.client_id is missing", path)
	case len(secrets) > 1:
		d.complain(d.place(secrets[1]), secrets[1], "keep one of them", "%s are given, and only one can hold the secret", listed(secrets, "and"))
	case o.RefreshFile == "" && len(secrets) == 0:
		complain("refresh_token_file", "name a file with the application's secret as client_secret_file, or with a refresh token as refresh_token_file",
			"%s says who we are and not by what we prove it", path)
	case o.Provider == "google" && o.RefreshFile == "":
		complain("refresh_token_file", "name a file with a refresh token, or a service account's key as key_file", "Google opens no mailbox to an application's secret alone")
	}
	if slices.ContainsFunc(d.problems, func(p Problem) bool { return strings.HasPrefix(p.Key, path) }) {
		return
	}
	e.Tokens = d.tokens(path, e, secrets)
}

// tokens is the source for these settings: the same one for the same settings,
// since two that use one refresh token are taken for thieves.
func (d *decoder) tokens(path string, e *Endpoint, secrets []string) *oauth.Source {
	o := e.oauth
	s := oauth.Settings{Provider: o.Provider, Tenant: o.Tenant, TokenURL: o.TokenURL, Scopes: o.Scopes, ClientID: o.ClientID}
	if o.KeyFile != "" {
		s.Subject = e.Username
	}
	for _, f := range []struct {
		into *string
		name string
	}{{&s.RefreshFile, o.RefreshFile}, {&s.KeyFile, o.KeyFile}, {&s.SecretFile, o.secret.file}} {
		if f.name != "" {
			*f.into = d.c.resolve(f.name)
		}
	}
	if len(secrets) == 1 {
		environ := d.environ
		o.secret.key, o.secret.at, o.secret.dir, o.secret.file = secrets[0], d.place(secrets[0]), d.c.Dir, s.SecretFile
		o.secret.environ = func() []string { return environ }
		s.ClientSecret = o.secret.read
	}
	if other := d.c.Inbox.Tokens; other != nil && path != "inbox.oauth2" && sameSignIn(other.Settings(), s) && d.c.Inbox.oauth.secret.same(e.oauth.secret) {
		return other
	}
	return oauth.New(s)
}

// sameSignIn says whether two servers can share their tokens.
func sameSignIn(a, b oauth.Settings) bool {
	return a.Provider == b.Provider && a.Tenant == b.Tenant && a.TokenURL == b.TokenURL && slices.Equal(a.Scopes, b.Scopes) &&
		a.ClientID == b.ClientID && a.RefreshFile == b.RefreshFile && a.KeyFile == b.KeyFile && a.Subject == b.Subject
}

// same says whether two secrets come from one place.
func (s secretSource) same(o secretSource) bool {
	return s.file == o.file && s.variable == o.variable && slices.Equal(s.command, o.command)
}

// safeURL says whether secrets may be sent there: encrypted, or to this machine.
func safeURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}
