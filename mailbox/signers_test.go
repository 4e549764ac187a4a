package mailbox

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// zone is the DNS of a test.
type zone map[string][]string

func (z zone) lookup(_ context.Context, name string) ([]string, error) {
	if records, ok := z[name]; ok {
		return records, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

const signedMail = "From: Priya Nair <priya@carpenter.example>\r\nTo: help@carpenter.example\r\nSubject: Microscopes\r\nMessage-ID: <1@carpenter.example>\r\nDate: Mon, 23 Nov 2026 07:59:58 +0000\r\n\r\nCould somebody lend me two microscopes on Friday?\r\n"

// signing is a key and how it signs.
type signing struct {
	key    crypto.Signer
	record string
}

func ed25519Signing(seed byte) signing {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return signing{key, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))}
}

func rsaSigning(t *testing.T, bits int) signing {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	var seed [32]byte
	key, err := rsa.GenerateKey(rand.NewChaCha8(seed), bits)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return signing{key, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)}
}

func (s signing) sign(t *testing.T, mail string, change func(*dkim.SignOptions)) string {
	t.Helper()
	options := &dkim.SignOptions{Domain: "carpenter.example", Selector: "a", Signer: s.key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}
	if change != nil {
		change(options)
	}
	var b bytes.Buffer
	if err := dkim.Sign(&b, strings.NewReader(mail), options); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What a signature proves, and what it does not.
func TestSigners(t *testing.T) {
	good, other := ed25519Signing(1), ed25519Signing(2)
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	const at = "a._domainkey.carpenter.example"
	dns := zone{at: {good.record}}
	plain := good.sign(t, signedMail, nil)
	as := func(domain string) func(*dkim.SignOptions) {
		return func(o *dkim.SignOptions) { o.Domain = domain }
	}
	evil := "DKIM-Signature: v=1; a=ed25519-sha256; d=evil.example; s=a; h=From; bh=x; b=y\r\n"
	for _, row := range []struct {
		name, raw string
		dns       zone
		believed  bool
	}{
		{"a good signature", plain, dns, true},
		{"the same with LF alone", strings.ReplaceAll(plain, "\r\n", "\n"), dns, true},
		{"behind the separator of an mbox file", "From priya@x Mon Nov 23 08:00:00 2026\n" + strings.ReplaceAll(plain, "\r\n", "\n"), dns, true},
		{"fields of servers above it", "Received: from a by b; Mon, 23 Nov 2026 08:00:00 +0000\r\nX-Spam: no\r\n" + plain, dns, true},
		{"signed by the domain above From's", good.sign(t, strings.Replace(signedMail, "@carpenter.example>", "@science.carpenter.example>", 1), nil), dns, true},
		{"signed by a domain below From's", good.sign(t, signedMail, as("mail.carpenter.example")), zone{"a._domainkey.mail.carpenter.example": {good.record}}, true},
		{"beside four of others", evil + evil + evil + evil + plain, dns, true},
		{"the sixth near one does not count", strings.Repeat(strings.Replace(evil, "evil", "x.carpenter", 1), 5) + plain, dns, false},
		{"two, of which one broke", good.sign(t, plain, func(o *dkim.SignOptions) { o.Selector = "gone" }), dns, true},

		{"no signature", signedMail, dns, false},
		{"a changed body", strings.Replace(plain, "two", "all", 1), dns, false},
		{"something behind the body", plain + "and your keys\r\n", dns, false},
		{"a changed subject", strings.Replace(plain, "Subject: M", "Subject: m", 1), dns, false},
		{"another From", strings.Replace(plain, "priya@", "sam@", 1), dns, false},
		{"a second From above", "From: sam@carpenter.example\r\n" + plain, dns, false},
		{"a second Subject above", "Subject: stop\r\n" + plain, dns, false},
		{"a signature of somebody else", good.sign(t, signedMail, as("evil.example")), zone{"a._domainkey.evil.example": {good.record}}, false},
		{"a signature of a cousin", good.sign(t, signedMail, as("evilcarpenter.example")), zone{"a._domainkey.evilcarpenter.example": {good.record}}, false},
		{"a signature of the top domain", good.sign(t, signedMail, as("example")), zone{"a._domainkey.example": {good.record}}, false},
		{"another key", other.sign(t, signedMail, nil), dns, false},
		{"no key in the DNS", plain, zone{}, false},
		{"a revoked key", plain, zone{at: {"v=DKIM1; k=ed25519; p="}}, false},
		{"two keys in one place", plain, zone{at: {good.record, other.record}}, false},
		{"a key that is tested only", plain, zone{at: {good.record + "; t=y"}}, false},
		{"a key for other things than mail", plain, zone{at: {good.record + "; s=tlsrpt"}}, false},
		{"a key for other hashes", plain, zone{at: {good.record + "; h=sha1"}}, false},
		{"a key that is an essay", plain, zone{at: {good.record + "; n=" + strings.Repeat("x", 5000)}}, false},
		{"no From among what is signed", unsignedFrom(plain), dns, false},
		{"no Subject among what is signed", good.sign(t, signedMail, func(o *dkim.SignOptions) { o.HeaderKeys = []string{"From", "To", "Date"} }), dns, false},
		{"a length, behind which anybody may write", strings.Replace(plain, "; d=", "; l=10; d=", 1), dns, false},
		{"expired", good.sign(t, signedMail, func(o *dkim.SignOptions) { o.Expiration = now.Add(-time.Hour) }), dns, false},
		{"expired by the time of the pass", good.sign(t, signedMail, func(o *dkim.SignOptions) { o.Expiration = now.Add(-time.Second) }), dns, false},
		{"an identity below a domain that forbids it", good.sign(t, signedMail, func(o *dkim.SignOptions) { o.Identifier = "@x.carpenter.example" }), zone{at: {good.record + "; t=s"}}, false},
		{"an identity below a domain that allows it", good.sign(t, signedMail, func(o *dkim.SignOptions) { o.Identifier = "@x.carpenter.example" }), dns, true},
		{"two tags d", strings.Replace(plain, "; d=", "; d=evil.example; d=", 1), dns, false},
		{"garbage", "DKIM-Signature: ;;==\x00\r\n" + signedMail, dns, false},
		{"no body", "DKIM-Signature: v=1; d=carpenter.example\r\nFrom: priya@carpenter.example\r\n", dns, false},
	} {
		m := parse.Read([]byte(row.raw), parse.Standard())
		domains, why := Signers(t.Context(), m, []byte(row.raw), now, row.dns.lookup)
		if (len(domains) > 0) != row.believed || (why == "") != row.believed {
			t.Errorf("%s: %v %q, want %v", row.name, domains, why, row.believed)
		}
		m.Signers, m.SignersWhy = domains, why
		if auth, _ := Identify(m, Policy{Verify: VerifyDKIM}); (auth == store.Believed) != row.believed || auth == store.Failed {
			t.Errorf("%s: %s", row.name, auth)
		}
	}
}

// unsignedFrom takes From out of what a signature says it covers.
func unsignedFrom(mail string) string {
	head, rest, _ := strings.Cut(mail, "; h=")
	list, rest, _ := strings.Cut(rest, ";")
	names := slices.DeleteFunc(strings.Split(strings.Join(strings.Fields(list), ""), ":"), func(s string) bool { return strings.EqualFold(s, "From") })
	return head + "; h=" + strings.Join(names, ":") + ";" + rest
}

func TestSignersKeySize(t *testing.T) {
	for bits, want := range map[int]bool{768: false, 1024: true, 2048: true} {
		s := rsaSigning(t, bits)
		raw := []byte(s.sign(t, signedMail, nil))
		domains, why := Signers(t.Context(), parse.Read(raw, parse.Standard()), raw, time.Now(), zone{"a._domainkey.carpenter.example": {s.record}}.lookup)
		if (len(domains) == 1) != want {
			t.Errorf("%d bits: %v %s", bits, domains, why)
		}
	}
}

// A DNS that fails, hangs or is asked for something odd proves nothing and
// stops nothing, and nobody makes us ask for domains that are not From's.
func TestSignersLookup(t *testing.T) {
	good := ed25519Signing(1)
	raw := []byte(good.sign(t, signedMail, nil))
	m := parse.Read(raw, parse.Standard())
	for name, lookup := range map[string]LookupTXT{
		"none":     nil,
		"an error": func(context.Context, string) ([]string, error) { return nil, errors.New("broken") },
		"no answer": func(context.Context, string) ([]string, error) {
			return nil, &net.DNSError{Err: "timeout", IsTimeout: true, IsTemporary: true}
		},
		"it hangs": func(ctx context.Context, _ string) ([]string, error) { <-ctx.Done(); return nil, ctx.Err() },
		"nothing":  func(context.Context, string) ([]string, error) { return nil, nil },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if domains, why := Signers(ctx, m, raw, time.Now(), lookup); len(domains) != 0 || why == "" {
			t.Errorf("%s: %v %q", name, domains, why)
		}
		cancel()
	}
	asked := 0
	count := func(context.Context, string) ([]string, error) { asked++; return nil, errors.New("no") }
	var others strings.Builder
	for i := range 100 {
		fmt.Fprintf(&others, "DKIM-Signature: v=1; a=rsa-sha256; d=evil%d.example; s=a; h=From:Subject; bh=x; b=y\r\n", i)
	}
	bad := []byte(others.String() + signedMail)
	Signers(t.Context(), parse.Read(bad, parse.Standard()), bad, time.Now(), count)
	if asked != 0 {
		t.Errorf("the DNS was asked %d times for others", asked)
	}
	near := []byte(strings.ReplaceAll(others.String(), "d=evil", "d=x") + signedMail)
	near = bytes.ReplaceAll(near, []byte(".example; s=a"), []byte(".carpenter.example; s=a"))
	Signers(t.Context(), parse.Read(near, parse.Standard()), near, time.Now(), count)
	if asked > mostSignatures {
		t.Errorf("the DNS was asked %d times", asked)
	}
}

// However a signed mail is damaged, the verifier survives, and where it still
// holds, sender, subject and text are the signed ones.
func TestSignersDamage(t *testing.T) {
	good := ed25519Signing(1)
	raw := []byte(good.sign(t, signedMail, nil))
	dns := zone{"a._domainkey.carpenter.example": {good.record}}
	r := rand.New(rand.NewPCG(6376, 5))
	held := 0
	for range 3000 {
		b := bytes.Clone(raw)
		for range 1 + r.IntN(2) {
			at := r.IntN(len(b))
			switch r.IntN(4) {
			case 0:
				b[at] = byte(r.IntN(256))
			case 1:
				b = slices.Delete(b, at, min(len(b), at+1+r.IntN(3)))
			case 2:
				b = slices.Insert(b, at, []byte("From: sam@carpenter.example\r\n")...)
			case 3:
				b = slices.Insert(b, at, "\r\n \t;=:\x00"[r.IntN(7)])
			}
		}
		m := parse.Read(b, parse.Standard())
		domains, _ := Signers(t.Context(), m, b, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), dns.lookup)
		if len(domains) == 0 {
			continue
		}
		held++
		from, _ := sender(m)
		if from != "priya@carpenter.example" || strings.Join(strings.Fields(m.Subject), " ") != "Microscopes" || strings.Join(strings.Fields(m.Plain), " ") != "Could somebody lend me two microscopes on Friday?" {
			t.Fatalf("a damaged mail holds: %q", b)
		}
	}
	t.Logf("%d of 3000 damaged mails still hold", held)
}
