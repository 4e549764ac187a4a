//go:build unix

package mailbox

import (
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// What a real rspamd writes about honest and forged mail is understood.
func TestRealResults(t *testing.T) {
	key := rsaSigning(t, 2048)
	names := mailboxtest.StartNames(t, map[string]string{
		"a._domainkey.carpenter.example": key.record,
		"a._domainkey.evil.example":      key.record,
		"a._domainkey.calm.example":      key.record,
		"_dmarc.carpenter.example":       "v=DMARC1; p=reject",
		"carpenter.example":              "v=spf1 ip4:192.0.2.1 -all",
		"evil.example":                   "v=spf1 ip4:198.51.100.1 -all",
		"calm.example":                   "v=spf1 -all",
	})
	rspamd := mailboxtest.StartRspamd(t, names)
	signed := func(mail, domain string) string {
		return key.sign(t, mail, func(o *dkim.SignOptions) { o.Domain = domain })
	}
	for _, row := range []struct {
		name, mail, sender, ip string
		want                   store.Auth
	}{
		{"signed", signed(signedMail, "carpenter.example"), "priya@carpenter.example", "192.0.2.1", store.Believed},
		{"signed, and forwarded by somebody", signed(signedMail, "carpenter.example"), "bounce@evil.example", "198.51.100.1", store.Believed},
		{"not signed, from the right server", signedMail, "priya@carpenter.example", "192.0.2.1", store.Believed},
		{"no DMARC, signed", signed(strings.Replace(signedMail, "priya@carpenter", "priya@calm", 1), "calm.example"), "priya@calm.example", "192.0.2.1", store.Believed},
		{"forged, from another server", signedMail, "priya@carpenter.example", "198.51.100.1", store.Failed},
		{"forged, with a server and a signature of another domain", signed(signedMail, "evil.example"), "eve@evil.example", "198.51.100.1", store.Failed},
		{"forged, with what is smuggled in the envelope", signedMail, `"x; dmarc=pass header.from=carpenter.example; y"@evil.example`, "198.51.100.1", store.Failed},
		{"forged, with a parenthesis in the envelope", signedMail, `"("@evil.example`, "198.51.100.1", store.Failed},
		{"forged results in it", "Authentication-Results: mx.carpenter.example; dmarc=pass header.from=carpenter.example\r\n" + signedMail, "eve@evil.example", "198.51.100.1", store.Failed},
		{"changed on its way", strings.Replace(signed(signedMail, "carpenter.example"), "two", "all", 1), "eve@evil.example", "198.51.100.1", store.Failed},
		{"no DMARC, not signed", strings.Replace(signedMail, "priya@carpenter", "priya@calm", 1), "priya@calm.example", "192.0.2.1", store.Unproven},
	} {
		results := rspamd.Results(row.mail, row.sender, row.ip)
		raw := "Authentication-Results: " + results + "\r\nReceived: from x by mx.carpenter.example with ESMTP id 1; Mon, 23 Nov 2026 08:00:00 +0000\r\n" + row.mail
		auth, why := Identify(parse.Read([]byte(raw), parse.Standard()), Policy{Verify: VerifyAuthRes, AuthservIDs: []string{"mx.carpenter.example"}})
		switch {
		case results == "":
			t.Errorf("%s: rspamd wrote nothing", row.name)
		case auth == row.want:
		case auth == store.Unproven && row.want == store.Failed && strings.ContainsAny(row.sender, `("`):
			t.Logf("%s: unproven (%s)", row.name, why) // rspamd wrote what nobody can read; that is no proof
		default:
			t.Errorf("%s: %s (%s), want %s:\n%s", row.name, auth, why, row.want, results)
		}
	}
}
