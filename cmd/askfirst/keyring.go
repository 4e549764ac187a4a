package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
)

// keyring finds the public keys of DKIM signatures in the DNS, for
// senders.verify: dkim. Mail waits while it asks, so a sender must not be able
// to make it wait for long: a domain whose DNS does not answer is left alone for
// a while, and all domains together that nobody on the staff list writes from
// get a few seconds a minute. A mail whose key is not asked for is unproven,
// which costs its writer a question and not the mail.
type keyring struct {
	lookup mailbox.LookupTXT

	mu     sync.Mutex
	silent map[string]time.Time // domains that did not answer, and until when they are left alone
	spent  time.Duration        // of this minute, on others' domains
	minute time.Time
}

const (
	silentTime   = time.Minute
	othersTime   = 5 * time.Second
	mostSilent   = 1000
	staffPatient = 5 * time.Second
)

var (
	errSilentDomain = errors.New("the DNS of its domain did not answer a moment ago")
	errOthersSpent  = errors.New("too much time went into the DNS of other domains")
)

func newKeyring() *keyring {
	return &keyring{lookup: net.DefaultResolver.LookupTXT, silent: map[string]time.Time{}}
}

// verify notes in a message whose signatures hold, if the configuration wants
// to know.
func (k *keyring) verify(ctx context.Context, config *Config, message *parse.Message, raw []byte, now time.Time) {
	if config.Senders.Verify != mailbox.VerifyDKIM || k == nil {
		return
	}
	message.Signers, message.SignersWhy = mailbox.Signers(ctx, message, raw, now, func(ctx context.Context, name string) ([]string, error) {
		return k.find(ctx, name, config.writesFrom(domainOfKey(name)), now)
	})
}

// domainOfKey is the domain in "selector._domainkey.domain" (RFC 6376 section 3.6.2.1).
func domainOfKey(name string) string {
	_, domain, _ := strings.Cut(strings.ToLower(name), "._domainkey.")
	return domain
}

// writesFrom says whether somebody on the staff list has an address in or below
// that domain, or in one above it.
func (c *Config) writesFrom(domain string) bool {
	for _, p := range c.People() {
		for _, address := range append([]string{p.Email}, p.Aliases...) {
			_, theirs, _ := strings.Cut(address, "@")
			if theirs == domain || strings.HasSuffix(theirs, "."+domain) || strings.HasSuffix(domain, "."+theirs) {
				return true
			}
		}
	}
	return false
}

// find asks the DNS, within what is left to spend.
func (k *keyring) find(ctx context.Context, name string, known bool, now time.Time) ([]string, error) {
	domain := domainOfKey(name)
	patience, err := k.patience(domain, known, now)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	records, err := k.lookup(ctx, name)
	k.learn(domain, known, time.Since(began), err, now)
	return records, err
}

func (k *keyring) patience(domain string, known bool, now time.Time) (time.Duration, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if until, ok := k.silent[domain]; ok && now.Before(until) {
		return 0, errSilentDomain
	}
	if known {
		return staffPatient, nil
	}
	if now.Sub(k.minute) >= time.Minute || now.Before(k.minute) {
		k.minute, k.spent = now, 0
	}
	if k.spent >= othersTime {
		return 0, errOthersSpent
	}
	return othersTime - k.spent, nil
}

func (k *keyring) learn(domain string, known bool, took time.Duration, err error, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !known {
		k.spent += took
	}
	delete(k.silent, domain)
	var dns *net.DNSError
	if err == nil || errors.As(err, &dns) && dns.IsNotFound {
		return
	}
	if len(k.silent) >= mostSilent {
		clear(k.silent)
	}
	k.silent[domain] = now.Add(silentTime)
}
