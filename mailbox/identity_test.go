package mailbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// identityCase is a mail of testdata/identity and what must come of it.
type identityCase struct {
	name, want, from string
	policy           Policy
	raw              string
}

// identityCases reads the tables.
func identityCases(t *testing.T, file string) []identityCase {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "identity", file))
	if err != nil {
		t.Fatal(err)
	}
	signs := strings.NewReplacer(
		"{in}\n", "Received: from mail.sender.example (192.0.2.1) by mx.carpenter.example with ESMTPS id 4ZcX1; Mon, 23 Nov 2026 08:00:00 +0000\n",
		"{out}\n", "Received: from [10.0.0.7] by mail.sender.example with ESMTPSA id 77; Mon, 23 Nov 2026 07:59:59 +0000\n",
		"{ok}\n", "Authentication-Results: mx.carpenter.example; dmarc=pass header.from=carpenter.example; dkim=pass header.d=carpenter.example\nReceived: from x by mx.carpenter.example; Mon, 23 Nov 2026 08:00:00 +0000\n",
		"{rest}\n", "To: help@carpenter.example\nSubject: Microscopes\nMessage-ID: <1@carpenter.example>\nDate: Mon, 23 Nov 2026 07:59:58 +0000\n\nCould somebody lend me two microscopes on Friday?\n",
		"\\0", "\x00", "\\r", "\r", "\\t", "\t")
	var cases []identityCase
	for _, block := range strings.Split("\n"+string(data), "\n--- ")[1:] {
		head, body, _ := strings.Cut(block, "\n")
		columns := strings.Split(head, " | ")
		if len(columns) != 3 {
			t.Fatalf("%s: %q is not a case", file, head)
		}
		c := identityCase{name: columns[0], policy: Policy{AuthservIDs: []string{"mx.carpenter.example", "mx2.carpenter.example"}}}
		c.want, c.from, _ = strings.Cut(columns[1], " from=")
		settings := strings.Fields(columns[2])
		c.policy.Verify = map[string]string{"ar": VerifyAuthRes, "m365": VerifyMicrosoft365, "dkim": VerifyDKIM, "confirm": VerifyConfirm, "none": VerifyNone}[settings[0]]
		for _, s := range settings[1:] {
			if ids, ok := strings.CutPrefix(s, "ids="); ok {
				c.policy.AuthservIDs = strings.Split(ids, ",")
			} else {
				c.policy.Hops = int(strings.TrimPrefix(s, "hops=")[0] - '0')
			}
		}
		c.raw = signs.Replace(strings.TrimSpace(body) + "\n")
		cases = append(cases, c)
	}
	return cases
}

// Every mail of the tables is believed, or not, as it says there: with LF and
// with CRLF, and by everything that understands mail.
func TestIdentity(t *testing.T) {
	priya := store.Member{ID: 1, Name: "Priya Nair", Email: "priya@carpenter.example"}
	accepts, refusals, count := 0, 0, 0
	for _, file := range []string{"honest.txt", "forged.txt"} {
		for _, c := range identityCases(t, file) {
			count++
			for _, raw := range []string{c.raw, strings.ReplaceAll(c.raw, "\n", "\r\n")} {
				m := parse.Read([]byte(raw), parse.Standard())
				auth, why := Identify(m, c.policy)
				if string(auth) != c.want {
					t.Errorf("%s: %s: %s (%s), want %s", file, c.name, auth, why, c.want)
					if auth == store.Believed {
						accepts++
					} else if c.want == string(store.Believed) {
						refusals++
					}
				}
				if from, _ := sender(m); c.from != "" && from != c.from {
					t.Errorf("%s: %s: From is %q, want %q", file, c.name, from, c.from)
				}
				view := store.View{Exchange: store.Exchange{Address: "help@carpenter.example"}}
				if RefsOf(m, "help@carpenter.example").From == priya.Email {
					view.Writer = &priya
				}
				e := Understand(m, view, c.policy)
				if e.Auth != auth || !strings.Contains(strings.Join(e.Trace, "\n"), why) {
					t.Errorf("%s: %s: the event says %s, and %q", file, c.name, e.Auth, e.Trace)
				}
			}
		}
	}
	t.Logf("%d cases: %d wrong accepts, %d wrong refusals", count, accepts, refusals)
}
