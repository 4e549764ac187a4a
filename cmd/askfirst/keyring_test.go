package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// A DNS that does not answer costs a domain a minute, and all domains of
// strangers together a few seconds: a storm of forged signatures cannot hold up
// the mail of colleagues.
func TestKeyringPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		k := newKeyring()
		k.lookup = func(ctx context.Context, _ string) ([]string, error) {
			asked++
			<-ctx.Done()
			return nil, ctx.Err()
		}
		now, began := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), time.Now()
		for i := range 200 {
			name := "s._domainkey.evil" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + ".example"
			if _, err := k.find(t.Context(), name, false, now); err == nil {
				t.Fatal("a key out of nothing")
			}
		}
		if took := time.Since(began); took > othersTime+time.Second || asked > 2 {
			t.Errorf("strangers held us up for %s with %d questions", took, asked)
		}
		for range 10 {
			if _, err := k.find(t.Context(), "s._domainkey.carpenter.example", true, now); err == nil {
				t.Fatal("a key out of nothing")
			}
		}
		if took := time.Since(began); took > othersTime+staffPatient+time.Second || asked > 3 {
			t.Errorf("our own domain held us up: %s with %d questions", took, asked)
		}
		k.lookup = func(context.Context, string) ([]string, error) { return []string{"key"}, nil }
		if _, err := k.find(t.Context(), "s._domainkey.carpenter.example", true, now.Add(30*time.Second)); !errors.Is(err, errSilentDomain) {
			t.Errorf("asked again too soon: %v", err)
		}
		for _, known := range []bool{true, false} {
			if records, err := k.find(t.Context(), "s._domainkey.carpenter.example", known, now.Add(2*time.Minute)); err != nil || len(records) != 1 {
				t.Errorf("never asked again: %v", err)
			}
		}
		k.lookup = func(_ context.Context, name string) ([]string, error) {
			return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		}
		for range 3 { // a name that does not exist is an answer
			if _, err := k.find(t.Context(), "s._domainkey.carpenter.example", true, now.Add(3*time.Minute)); errors.Is(err, errSilentDomain) {
				t.Errorf("a missing name silences its domain: %v", err)
			}
		}
	})
}

// With senders.verify: dkim the daemon and explain believe a signature that
// holds, and decide mail without one, or with a DNS that is down, all the same.
func TestSignedMailIsBelieved(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	config, err := parseConfig("c.yaml", onBase([]byte("# base\nsenders: { verify: dkim }")), nil)
	if err != nil {
		t.Fatal(err)
	}
	const mail = "From: Ann Lee <ann@x.example>\r\nTo: help@x.example\r\nSubject: Chairs\r\nMessage-ID: <1@x.example>\r\n\r\nCould somebody lend me two chairs?\r\n"
	var signed bytes.Buffer
	if err := dkim.Sign(&signed, strings.NewReader(mail), &dkim.SignOptions{Domain: "x.example", Selector: "a", Signer: key}); err != nil {
		t.Fatal(err)
	}
	up := func(_ context.Context, name string) ([]string, error) {
		if name == "a._domainkey.x.example" {
			return []string{record}, nil
		}
		return nil, errors.New("no")
	}
	down := func(context.Context, string) ([]string, error) { return nil, errors.New("the DNS is down") }
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name, raw string
		lookup    mailbox.LookupTXT
		want      store.Auth
	}{
		{"signed", signed.String(), up, store.Believed},
		{"not signed", mail, up, store.Unproven},
		{"changed", strings.Replace(signed.String(), "two", "all", 1), up, store.Unproven},
		{"no DNS", signed.String(), down, store.Unproven},
	} {
		keys := newKeyring()
		keys.lookup = row.lookup
		d := &daemon{config: config, keys: keys}
		read := d.read(t.Context(), store.Intake{Raw: []byte(row.raw)}, now)
		if auth, why := mailbox.Identify(read.message, config.Policy()); auth != row.want {
			t.Errorf("%s: the daemon says %s: %s", row.name, auth, why)
		}
		config.Book = t.TempDir() + "/book.db"
		x, err := newExplainer(t.Context(), config, now)
		if err != nil {
			t.Fatal(err)
		}
		x.keys.lookup = row.lookup
		voice, err := newVoice(config)
		if err != nil {
			t.Fatal(err)
		}
		e, err := x.explain(t.Context(), voice, "mail.eml", []byte(row.raw))
		if err != nil || e.Auth != string(row.want) || e.Member != "ann@x.example" {
			t.Errorf("%s: explain says %q of %q: %v", row.name, e.Auth, e.Member, err)
		}
		if err := x.close(); err != nil {
			t.Fatal(err)
		}
	}
	// Nobody asks the DNS where nothing depends on it.
	config.Senders.Verify = mailbox.VerifyNone
	keys := newKeyring()
	keys.lookup = func(context.Context, string) ([]string, error) {
		t.Error("the DNS is asked with senders.verify: none")
		return nil, nil
	}
	keys.verify(t.Context(), config, parse.Read(signed.Bytes(), parse.Standard()), signed.Bytes(), now)
}
