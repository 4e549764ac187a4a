package mailbox

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// bounced is a report as its server words it, and what must be made of it.
type bounced struct {
	from, subject, fields, text string
	want                        string // recipient action status message-id
	hard                        bool
}

const gone = "ben@green.example"

// Reports without a part for machines, in the words and languages of servers.
func bouncesInWords() map[string]bounced {
	const outlook = "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@green.example>"
	headers := func(title string) string {
		return "\n\n" + title + "\nReceived: from EX1.green.example (10.0.0.1) by EX2.green.example\nFrom: Help Exchange <help@green.example>\nTo: Ben Okafor <ben@green.example>\nSubject: 3 asks\nMessage-ID: <letter.1@green.example>\n"
	}
	return map[string]bounced{
		"exchange en": {outlook, "Undeliverable: 3 asks", "X-MS-Exchange-Message-Is-Ndr:\n", "Delivery has failed to these recipients or groups:\n\nBen Okafor (ben@green.example)<mailto:ben@green.example>\nThe email address you entered couldn't be found. Please check the recipient's email address and try to resend the message.\n\nDiagnostic information for administrators:\n\nGenerating server: EX1.green.example\n\nben@green.example\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ben@green.example not found by SMTP address lookup'" + headers("Original message headers:"),
			gone + " failed 5.1.10 <letter.1@green.example>", true},
		"exchange de": {outlook, "Unzustellbar: 3 asks", "", "Fehler bei der Zustellung an folgende Empfänger oder Gruppen:\n\nBen Okafor (ben@green.example)\nDie Nachricht konnte nicht zugestellt werden, weil das Postfach des Empfängers voll ist. Das Postfach ist voll.\n\nDiagnoseinformationen für Administratoren:\n\nben@green.example\nRemote Server returned '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException'" + headers("Ursprüngliche Nachrichtenkopfzeilen:"),
			gone + " failed 5.2.2 <letter.1@green.example>", false},
		"exchange fr": {outlook, "Non remis : 3 asks", "", "Échec de la remise aux destinataires ou groupes suivants :\n\nBen Okafor (ben@green.example)\nL’adresse de messagerie entrée est introuvable. Vérifiez l’adresse du destinataire.\n\nInformations de diagnostic pour les administrateurs :\n\nben@green.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##" + headers("En-têtes de message d'origine :"),
			gone + " failed 5.1.1 <letter.1@green.example>", true},
		"exchange es": {outlook, "No se puede entregar: 3 asks", "", "Error de entrega a estos destinatarios o grupos:\n\nBen Okafor (ben@green.example)\nEl mensaje es demasiado grande para el buzón de destino.\n\nInformación de diagnóstico para los administradores:\n\nben@green.example\n#550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient ##" + headers("Encabezados del mensaje original:"),
			gone + " failed 5.2.3 <letter.1@green.example>", false},
		"exchange nl": {outlook, "Onbestelbaar: 3 asks", "", "De bezorging is mislukt voor deze geadresseerden of groepen:\n\nBen Okafor (ben@green.example)\nHet e-mailadres dat u hebt ingevoerd is niet gevonden.\n" + headers("Oorspronkelijke berichtkoppen:"),
			gone + " failed 5.1.1 <letter.1@green.example>", true},
		"gmail": {"Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "X-Failed-Recipients: ben@green.example\nAuto-Submitted: auto-replied\nIn-Reply-To: <letter.1@green.example>\n", "** Address not found **\n\nYour message wasn't delivered to ben@green.example because the address couldn't be found, or is unable to receive mail.\n\nThe response from the remote server was:\n550 5.1.1 The email account that you tried to reach does not exist.",
			gone + " failed 5.1.1 <letter.1@green.example>", true},
		"postfix": {"MAILER-DAEMON@mx.green.example (Mail Delivery System)", "Undelivered Mail Returned to Sender", "Return-Path: <>\n", "This is the mail system at host mx.green.example.\n\n<ben@green.example>: host mail.green.example[192.0.2.1] said: 550 5.1.1\n    <ben@green.example>: Recipient address rejected: User unknown in virtual mailbox\n    table (in reply to RCPT TO command)",
			gone + " failed 5.1.1 ", true},
		"qmail": {"MAILER-DAEMON@mx.green.example", "failure notice", "Return-Path: <>\n", "Hi. This is the qmail-send program at mx.green.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ben@green.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <help@green.example>\nMessage-ID: <letter.1@green.example>\nTo: ben@green.example\nSubject: 3 asks\n",
			gone + " failed 5.1.1 <letter.1@green.example>", true},
		"exim delay": {"Mail Delivery System <Mailer-Daemon@mx.green.example>", "Warning: message 1a2b delayed 24 hours", "Return-Path: <>\n", "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n  ben@green.example\n    Delay reason: Connection timed out\n\nNo action is required on your part. Delivery attempts will continue for some time.",
			gone + " delayed 4.4.7 ", false},
		"gmx": {"mailer-daemon@gmx.net", "Mail delivery failed: returning message to sender", "", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its recipients. The following address failed:\n\n\"ben@green.example\":\nSMTP error from remote server after RCPT command:\nhost: mx.green.example\n5.2.2 mailbox full\n",
			gone + " failed 5.2.2 ", false},
		"german": {"Mail Delivery System <mailer-daemon@blau.example>", "Nachricht konnte nicht zugestellt werden", "", "Ihre Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: ben@green.example\nGrund: Benutzer unbekannt\n\nMessage-ID: <letter.1@green.example>",
			gone + " failed 5.1.1 <letter.1@green.example>", true},
		"french": {"MAILER-DAEMON@bleu.example", "Votre message n'a pas pu être distribué", "", "Votre message n'a pas pu être distribué à :\n\nben@green.example\n\nLa boîte aux lettres est pleine.",
			gone + " failed 5.2.2 ", false},
		"spanish": {"postmaster@azul.example", "Error de entrega", "", "No se ha podido entregar el mensaje a ben@green.example: el usuario no existe.", gone + " failed 5.1.1 ", true},
		"dutch":   {"postmaster@blauw.example", "Uw bericht kon niet worden afgeleverd", "", "Uw bericht aan ben@green.example kon niet worden afgeleverd: de mailbox bestaat niet.", gone + " failed 5.1.1 ", true},
		"noreply": {"noreply@relay.example", "Your message could not be delivered", "", "Your mail could not be delivered to: <ben@green.example>\nAs their mailbox is full.", gone + " failed 5.2.2 ", false},
		"json": {"SES <no-reply@sns.amazonaws.com>", "AWS Notification Message", "", `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"ben@green.example","action":"failed","status":"5.1.1"}]},"mail":{"headers":[{"name":"Message-ID","value":"<letter.1@green.example>"}]}}`,
			gone + " failed 5.1.1 <letter.1@green.example>", true},
		"policy": {"MAILER-DAEMON@mx.green.example", "Undelivered Mail Returned to Sender", "", "<ben@green.example>: host mx said: 554 5.7.1 Message rejected as spam (in reply to end of DATA command)", gone + " failed 5.7.1 ", false},
		"quoted": {"MAILER-DAEMON@mx.green.example", "Returned mail: see transcript for details", "", "   ----- The following addresses had permanent fatal errors -----\n<ben@green.example>\n    (reason: 550 5.1.1 User unknown)\n\n> Message-Id:\n> <letter.1@green.example>\n> To: ben@green.example\n",
			gone + " failed 5.1.1 <letter.1@green.example>", true},
	}
}

func TestBouncesInWords(t *testing.T) {
	for name, row := range bouncesInWords() {
		raw := "From: " + row.from + "\nTo: help@green.example\nSubject: " + row.subject + "\n" + row.fields + "Message-ID: <1@x>\nContent-Type: text/plain; charset=utf-8\n\n" + row.text + "\n"
		v := testWorld(store.Member{}, "")
		e := Understand(parse.Read([]byte(raw), parse.Standard()), v, Policy{Verify: "none"})
		if e.Bounce == nil || e.Reason != ReasonBounce {
			t.Errorf("%s: %s %s", name, e.Verdict, e.Reason)
			continue
		}
		b := *e.Bounce
		if got := fmt.Sprintf("%s %s %s %s", b.Recipient, b.Action, b.Status, b.MessageID); got != row.want || b.Hard() != row.hard {
			t.Errorf("%s:\n got %s, hard %v\nwant %s, hard %v", name, got, b.Hard(), row.want, row.hard)
		}
		if len(e.Acts) > 0 {
			t.Errorf("%s acts: %v", name, e.Acts)
		}
	}
}

// Of several recipients the one that failed counts; of an address and the one
// it forwards to, the one we know.
func TestBounceOfSeveral(t *testing.T) {
	raw := "From: MAILER-DAEMON@x.example\nTo: help@green.example\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; anna@green.example\nAction: delivered\nStatus: 2.1.5\n\nFinal-Recipient: rfc822; sam@green.example\nAction: delayed\nStatus: 4.4.1\n\nOriginal-Recipient: rfc822; ben@green.example\nFinal-Recipient: rfc822; ben1999@mail.example\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <letter.1@green.example>\nTo: ben@green.example\n\nhello\n--b--\n"
	e := Understand(parse.Read([]byte(raw), parse.Standard()), testWorld(store.Member{}, ""), Policy{Verify: "none"})
	want := store.Bounce{Recipient: "ben@green.example", Action: "failed", Status: "5.1.1", MessageID: "<letter.1@green.example>"}
	if e.Bounce == nil || *e.Bounce != want {
		t.Errorf("%+v", e.Bounce)
	}
}

// Vacation notices act on nothing and are answered by nothing, whatever they
// promise, and are no bounces though some speak of letters not delivered.
func TestVacationNotices(t *testing.T) {
	for _, row := range []struct{ subject, text, fields string }{
		{"Automatic reply: " + digestSubject, "I can help with 17 when I am back. Mail is not delivered to me.", ""},
		{"Out of Office: " + digestSubject, "17", ""},
		{"Automatische Antwort: " + digestSubject, "Ihre Nachricht wird nicht weitergeleitet und konnte nicht zugestellt werden. Bitte an ben@green.example wenden.", ""},
		{"Abwesenheitsnotiz: Re: " + digestSubject, "Ich helfe gern bei 17.", ""},
		{"Réponse automatique : " + digestSubject, "Je suis absente. Je peux aider pour le 17.", ""},
		{"Absence du bureau : " + digestSubject, "De retour lundi.", ""},
		{"Respuesta automática: " + digestSubject, "Estoy de vacaciones. Contacte con ben@green.example.", ""},
		{"Fuera de la oficina: " + digestSubject, "Vuelvo el lunes.", ""},
		{"Automatisch antwoord: " + digestSubject, "Ik ben afwezig tot maandag.", ""},
		{"Afwezig: " + digestSubject, "Ik help graag met 17.", ""},
		{"Re: " + digestSubject, "I am away. Your message could not be delivered to me in person, write to ben@green.example.", "Auto-Submitted: auto-replied\nReturn-Path: <>\n"},
		{"Re: " + digestSubject, "I am away.", "Auto-Submitted: auto-replied (vacation)\n"},
		{"Re: " + digestSubject, "Please confirm that you are a person by answering this mail.", "X-Delivery-Agent: TMDA/1.1.12\n"},
		{"Re: " + digestSubject, "Away", "X-Autoreply: yes\nPrecedence: bulk\n"},
	} {
		v := testWorld(mark, "digest")
		raw := "From: mark@green.example\nTo: help@green.example\nSubject: " + row.subject + "\nMessage-ID: <1@x>\nIn-Reply-To: <digest@green.example>\n" + row.fields + "Content-Type: text/plain; charset=utf-8\n\n" + row.text + "\n"
		e := Understand(parse.Read([]byte(raw), parse.Standard()), v, Policy{Verify: "none"})
		if e.Verdict != store.Ignored || len(e.Acts) > 0 || e.Bounce != nil {
			t.Errorf("%s %q: %s %s %v %v", row.subject, row.fields, e.Verdict, e.Reason, e.Acts, e.Bounce)
		}
	}
}

// Recognition and recipients on the reports of seventy mail servers. A bounce
// is every file of the set but complaints and vacation notices. Two of them are
// something else and are recognised as that: a complaint under a wrong name,
// and a bounce that a person forwarded. The right recipient is read without
// this package: from lines of RFC 3464, else from X-Failed-Recipients, else
// from the To of the returned letter; where that is not whom the report names,
// from the list of testdata, made by reading those files with the eyes.
func TestBouncesOfSeventyServers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(mailboxtest.Corpora(t), "raw", "sisimai", "maildir__bsd__*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	eyes := labelled(t)
	field := regexp.MustCompile(`(?im)^[> \t]*(?:final-recipient|original-recipient|x-actual-recipient):\s*(?:[\w-]+\s*;)?\s*<?([^\s<>;,]+@[^\s<>;,]+)`)
	failed := regexp.MustCompile(`(?im)^x-failed-recipients:\s*([^\s,]+@[^\s,]+)`)
	to := regexp.MustCompile(`(?im)^[> \t]*to:[^@\n]*?([^\s<>;,"]+@[^\s<>;,"]+)`)
	all, known, scored, right := 0, 0, 0, 0
	var wrong []string
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "maildir__bsd__"), ".eml")
		if strings.Contains(name, "rfc3834") || strings.HasPrefix(name, "arf") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all++
		m := parse.Read(raw, parse.Standard())
		r := machine(m, testWorld(store.Member{}, ""))
		if r == nil || r.reason != ReasonBounce && r.reason != ReasonFeedback {
			wrong = append(wrong, name+" not recognised")
			continue
		}
		known++
		want := map[string]bool{}
		_, body, _ := bytes.Cut(raw, []byte("\n\n"))
		for i, rule := range []*regexp.Regexp{field, failed, to} {
			text := raw
			if i == 2 {
				text = body
			}
			for _, hit := range rule.FindAllSubmatch(text, -1) {
				want[strings.ToLower(string(hit[1]))] = true
			}
			if len(want) > 0 {
				break
			}
		}
		if e, ok := eyes[name]; ok {
			want = map[string]bool{e: true}
		}
		if len(want) == 0 || r.bounce == nil {
			continue
		}
		scored++
		if m.Report != nil && len(m.Report.Recipients) > 0 && (want[m.Report.Recipients[0].Address] || want[r.bounce.Recipient]) {
			right++
		} else {
			wrong = append(wrong, fmt.Sprintf("%s %s, not %v", name, r.bounce.Recipient, want))
		}
	}
	sort.Strings(wrong)
	t.Logf("recognised %d of %d; recipient right in %d of %d (%.1f %%)\n%s", known, all, right, scored, 100*float64(right)/float64(scored), strings.Join(wrong, "\n"))
	if known < all || right*100 < scored*95 {
		t.Errorf("recognised %d of %d, recipients %d of %d", known, all, right, scored)
	}
}

// labelled is who was meant in the reports that no field tells it of.
func labelled(t *testing.T) map[string]string {
	b, err := os.ReadFile("testdata/recipients.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, line := range strings.Split(string(b), "\n") {
		if name, address, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(name, "#") {
			out[name] = address
		}
	}
	return out
}
