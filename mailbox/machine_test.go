package mailbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// headed is an answer to the digest with fields of its own.
func headed(from, subject string, fields ...string) *parse.Message {
	raw := "Received: from a by b\r\nFrom: " + from + "\r\nTo: help@green.example\r\nSubject: " + subject + "\r\nMessage-ID: <1@x>\r\n" +
		strings.Join(append(fields, "Content-Type: text/plain"), "\r\n") + "\r\n\r\nI am away and cannot help with 17.\r\n"
	return parse.Read([]byte(raw), parse.Standard())
}

func TestMachines(t *testing.T) {
	const person = "accepted"
	for _, row := range []struct {
		from, subject, letter, field, want string
	}{
		{"mark@green.example", "Re: x", "digest", "", person},
		{"mark@green.example", "Re: x", "digest", "Auto-Submitted: no", person},
		{"mark@green.example", "Re: x", "digest", "Auto-Submitted: No ; why", person},
		{"mark@green.example", "Re: x", "digest", "X-Auto-Response-Suppress: All", person},
		{"mark@green.example", "Re: x", "digest", "X-Autoreply: no", person},
		{"mark@green.example", "Out of office posters", "", "", person},
		{"mark@green.example", "Out of office until Monday", "", "", person},
		{"mark@green.example", "Read: the new curriculum", "digest", "", person},
		{"mark@green.example", "Accepted methods of marking", "digest", "", person},
		{"mark@green.example", "Re: x", "digest", "List-Id: <help.green.example>", person},
		{"mark@green.example", "Re: x", "digest", "Precedence: list", person},
		{"mark@green.example", "Re: x", "digest", "Return-Path: <mark@green.example>", person},
		{"mark@green.example", "Re: x", "digest", "Auto-Submitted: auto-replied", ReasonAutoSubmitted},
		{"mark@green.example", "Re: x", "digest", "Auto-Submitted: auto-replied; vacation", ReasonAutoSubmitted},
		{"mark@green.example", "Re: x", "digest", "auto-submitted: auto-generated (cron)", ReasonAutoSubmitted},
		{"mark@green.example", "Re: x", "digest", "X-Autoreply: yes", ReasonAutoSubmitted},
		{"mark@green.example", "Re: x", "digest", "X-Autorespond: away", ReasonAutoSubmitted},
		{"mark@green.example", "Re: x", "digest", "Precedence: auto_reply", ReasonAutoSubmitted},
		{"mark@green.example", "Re: x", "digest", "Precedence: bulk", ReasonBulkMail},
		{"mark@green.example", "Re: x", "digest", "Precedence: junk", ReasonBulkMail},
		{"mark@green.example", "Re: x", "digest", "Return-Path: <>", ReasonNullReturnPath},
		{"mark@green.example", "Automatic reply: " + digestSubject, "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Automatic reply: 3 asks", "", "X-Auto-Response-Suppress: All", ReasonOutOfOffice},
		{"mark@green.example", "Out of Office: Re: hello", "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Abwesend: hallo", "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Automatische Antwort: " + digestSubject, "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Réponse automatique : x", "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Respuesta automática: x", "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Automatisch antwoord: x", "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Risposta automatica: x", "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "自動応答: x", "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Vacaciones: " + digestSubject, "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Réponse d'absence : " + digestSubject, "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Ich bin im Urlaub Re: " + digestSubject, "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "On vacation Re: " + digestSubject, "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Mark Evans is out of the office.", "digest", "", ReasonOutOfOffice},
		{"mark@green.example", "Mark is away, who covers his class?", "", "", person},
		{"mark@green.example", "Vacation club helpers", "", "", person},
		{"mark@green.example", "Read: " + digestSubject, "digest", "", ReasonReadReceipt},
		{"mark@green.example", "Gelesen: " + digestSubject, "digest", "", ReasonReadReceipt},
		{"help@green.example", "Re: x", "digest", "", ReasonOwnLetter},
		{"help+r.1@green.example", "Re: x", "digest", "", ReasonOwnLetter},
		{"mark@green.example", "x", "", "X-Askfirst-Loop: other", ReasonOwnLetter},
		{"MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender", "", "", ReasonBounce},
		{"postmaster@mx.example", "Delivery failed", "", "", ReasonBounce},
		{"no-reply@shop.example", "Your order", "", "", ReasonNoreply},
		{"noreply-2@shop.example", "Your order", "", "", ReasonNoreply},
		{"list-request@shop.example", "confirm", "", "", ReasonNoreply},
		{"news@shop.example", "Offer", "", "List-Unsubscribe: <mailto:x@y>", ReasonListMail},
		{"a@b.example, c@d.example", "hello", "", "", ReasonNoSender},
		{"undisclosed", "hello", "", "", ReasonNoSender},
		{"stranger@b.example", "hello", "", "", ReasonNotStaff},
		{"stranger@b.example", "Re: x", "digest", "", ReasonStrangerReply},
	} {
		var fields []string
		if row.field != "" {
			fields = append(fields, row.field)
		}
		m := headed(row.from, row.subject, fields...)
		v := testWorld(store.Member{}, row.letter)
		if strings.Contains(strings.ToLower(row.from), "mark@") {
			v = testWorld(mark, row.letter)
		}
		e := Understand(m, v, Policy{Verify: "none"})
		got := e.Reason
		if e.Verdict == store.Accepted {
			got = person
		}
		if got != row.want {
			t.Errorf("%v: %s, want %s\n%s", row, got, row.want, strings.Join(e.Trace, "\n"))
		}
		if e.Verdict != store.Accepted && len(e.Acts) > 0 {
			t.Errorf("%v: acts %v", row, e.Acts)
		}
		if e.Text == "" || e.Subject == "" {
			t.Errorf("%v: text %q, subject %q", row, e.Text, e.Subject)
		}
	}
}

// On real bounces and vacation notices of many servers nothing acts; on mail
// from people nothing but what is on a list counts as a machine's.
func TestMachinesInCorpora(t *testing.T) {
	root := filepath.Join(mailboxtest.Corpora(t), "raw")
	machines, all := map[string]int{}, map[string]int{}
	reasons := map[string]int{}
	var missed, elsewhere []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		m := parse.Read(raw, parse.Standard())
		set := strings.Split(strings.TrimPrefix(path, root+"/"), "/")[0]
		if set == "sisimai" && strings.Contains(path, "__not__") {
			set = "not"
		}
		RefsOf(m, exchangeAddress)
		v := testWorld(store.Member{}, "")
		from, _ := sender(m)
		if set != "sisimai" && from != "" { // as if a colleague had written it
			v = testWorld(store.Member{ID: 77, Name: "Somebody Else", Email: from}, "")
			m.To = append(m.To, parse.Address{Email: exchangeAddress})
		}
		e := Understand(m, v, Policy{Verify: "none"})
		all[set]++
		if problem := sound(e); problem != "" {
			t.Errorf("%s: %s", path, problem)
		}
		if r := machine(m, v); r != nil {
			machines[set]++
			reasons[set+" "+r.reason]++
			if set != "sisimai" {
				elsewhere = append(elsewhere, r.reason+" "+r.sign+" "+filepath.Base(path))
			}
		} else if set == "sisimai" {
			missed = append(missed, filepath.Base(path)+" "+e.Reason)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("machines %v of %v", machines, all)
	t.Logf("%v", reasons)
	t.Logf("not recognised in sisimai: %d %v", len(missed), missed)
	t.Logf("recognised elsewhere: %v", elsewhere)
	if len(missed) > 0 {
		t.Errorf("%d of %d automatic messages were not recognised", len(missed), all["sisimai"])
	}
	for _, set := range []string{"letters", "mail-parser", "talon", "activecollab", "enmime-parts"} {
		if machines[set] > 0 {
			t.Errorf("%d of %d messages from people in %s count as a machine's", machines[set], all[set], set)
		}
	}
}
