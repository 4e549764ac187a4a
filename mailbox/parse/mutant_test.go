package parse_test

import (
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"askfirst/mailbox/parse"
)

// mutate breaks a message the way broken transport, bad gateways and worse
// intentions do.
func mutate(r *rand.Rand, raw, other []byte) []byte {
	out := append([]byte(nil), raw...)
	for range 1 + r.IntN(6) {
		if len(out) == 0 {
			return out
		}
		i := r.IntN(len(out))
		j := min(len(out), i+1+r.IntN(200))
		switch r.IntN(8) {
		case 0:
			out[i] = byte(r.IntN(256))
		case 1:
			out = append(out[:i], out[j:]...)
		case 2:
			out = append(out[:i:i], append(append([]byte(nil), out[i:j]...), out[i:]...)...)
		case 3:
			out = out[:i]
		case 4:
			if len(other) > 0 {
				k := r.IntN(len(other))
				out = append(out[:i:i], append(append([]byte(nil), other[k:min(len(other), k+300)]...), out[j:]...)...)
			}
		case 5:
			out[i] = "\r\n:;=?\"<>()-\x00 \t"[r.IntN(15)]
		case 6:
			out = append(out[:i:i], append([]byte("\n--"), out[i:]...)...)
		case 7:
			for k := i; k < j; k++ {
				out[k] ^= 0x80
			}
		}
	}
	return out
}

// Twenty thousand broken messages: none panics, each is read quickly and clean.
func TestMutants(t *testing.T) {
	count := 20_000
	if testing.Short() {
		count = 500
	}
	all := raws(t)
	var names []string
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	r := rand.New(rand.NewPCG(2, 2026))
	for n := range count {
		name := names[r.IntN(len(names))]
		raw := mutate(r, all[name], all[names[r.IntN(len(names))]])
		start := time.Now()
		m := parse.Read(raw, parse.Standard())
		text := m.Text()
		if took := time.Since(start); took > time.Second*slow {
			t.Errorf("mutant %d of %s: %v", n, name, took)
		}
		if !utf8.ValidString(text + m.Subject) {
			t.Fatalf("mutant %d of %s: not UTF-8", n, name)
		}
	}
}

// Reports of seventy mail servers, and mail of people that is none.
func TestBouncesOfTheWorld(t *testing.T) {
	bounces, found, recipients, status, ids := 0, 0, 0, 0, 0
	for name, raw := range raws(t) {
		m := parse.Read(raw, parse.Standard())
		switch {
		case bounce(name):
			bounces++
			if m.Report == nil {
				if testing.Verbose() {
					t.Logf("no report: %s (%q, %q)", name, m.From, m.Subject)
				}
				continue
			}
			found++
			if len(m.Report.Recipients) > 0 {
				recipients++
				if m.Report.Recipients[0].Status != "" {
					status++
				}
			}
			if m.Report.MessageID != "" {
				ids++
			}
		case human(name) && m.Report != nil:
			t.Errorf("%s: a person's mail read as a report: %+v", name, m.Report)
		}
	}
	t.Logf("%d bounces: %d with a report, %d with a recipient, %d with a status, %d with the message they answer", bounces, found, recipients, status, ids)
	if found < 604 || recipients < 604 {
		t.Errorf("%d reports, %d recipients", found, recipients)
	}
}

// bounce says whether a file of the corpora is a bounce.
func bounce(name string) bool {
	return strings.HasPrefix(name, "sisimai/maildir__bsd__") && !strings.Contains(name, "rfc3834") && !strings.Contains(name, "__arf")
}

// human says whether a file of the corpora is no machine's report.
func human(name string) bool {
	folder, _, _ := strings.Cut(name, "/")
	return folder == "activecollab" || folder == "talon" || folder == "letters"
}
