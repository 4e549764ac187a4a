package main

import "strings"

// provider is what we know of a mail provider from its public documentation.
type provider struct {
	name      string
	hosts     []string // a host is the provider's when it ends in one of these
	perMinute int      // messages a minute it accepts from one mailbox; 0: not published
	perDay    int      // messages or recipients a day; 0: not published
	noLogin   string   // why a password does not work there; ""
}

// providerOf is the provider a server belongs to; nil for everybody else.
func providerOf(host string) *provider {
	all := []provider{
		{
			name: "Microsoft 365", hosts: []string{"office365.com", "outlook.com", "protection.outlook.com"},
			perMinute: 30, perDay: 10_000,
			noLogin: "Microsoft 365 has not accepted passwords over IMAP since 2022",
		},
		{name: "Google", hosts: []string{"gmail.com", "googlemail.com", "google.com"}, perDay: 2_000},
	}
	host = strings.ToLower(host)
	for i := range all {
		for _, suffix := range all[i].hosts {
			if host == suffix || strings.HasSuffix(host, "."+suffix) {
				return &all[i]
			}
		}
	}
	return nil
}
