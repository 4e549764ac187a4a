package mailbox

import (
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// dsn is the text of a bounce that people show to each other.
const dsn = `This is the mail system at host mx.green.example.

I'm sorry to have to inform you that your message could not be delivered to one or more recipients.

<parents@blue.example>: host mx.blue.example said: 550 5.1.1 <parents@blue.example>: Recipient address rejected: User unknown

Reporting-MTA: dns; mx.green.example
Final-Recipient: rfc822; parents@blue.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown`

// Mail of people that speaks of bounces, parcels and absences, looks like what
// machines write, or passed through machines. None of it is a machine's.
func TestPeopleWhoSoundLikeMachines(t *testing.T) {
	forwarded := "What does this mean? Can anyone help?\n\n---------- Forwarded message ---------\nFrom: Mail Delivery System <MAILER-DAEMON@mx.green.example>\nDate: Fri, 20 Nov 2026\nSubject: Undelivered Mail Returned to Sender\nTo: <mark@green.example>\n\n" + dsn
	quoted := "Can somebody tell me what this is?\n\n> " + strings.ReplaceAll(dsn, "\n", "\n> ")
	for _, row := range []struct{ subject, text, fields, letter string }{
		{"Fwd: Undelivered Mail Returned to Sender", forwarded, "", ""},
		{"Undelivered Mail Returned to Sender", forwarded, "", ""},
		{"WG: Unzustellbar: Elternbrief", "Was heißt das?\n\n" + dsn, "", ""},
		{"TR : Non remis : Réunion", "Qu'est-ce que cela veut dire ?\n\n" + dsn, "", ""},
		{"RV: No se pudo entregar: Reunión", "¿Qué significa esto?\n\n" + dsn, "", ""},
		{"FW: Onbestelbaar: ouderavond", "Wat betekent dit?\n\n" + dsn, "", ""},
		{"mail problem", quoted, "", ""},
		{"mail problem", dsn, "", ""},
		{"Delivery Status Notification (Failure)", "I keep getting these for the parents' list. Who knows about mail?", "", ""},
		{"failure notice", "Year 9 boiler failure: notice to all, room 4 is cold. Does anyone have a heater?", "", ""},
		{"Returned mail", "I have a pile of returned mail (paper!) for families who moved. Who has new addresses?", "", ""},
		{"Mail delivery failed: returning message to sender", "Does anybody know how to make these stop?", "", ""},
		{"Undelivered parcel", "The microscope parcel was returned to sender. Who can lend one until it comes back?", "", ""},
		{"Parcel could not be delivered", "DHL says it could not be delivered to the office. Did anyone take it in?", "", ""},
		{"Paket unzustellbar", "Das Paket mit den Heften war unzustellbar. Hat es jemand angenommen?", "", ""},
		{"Colis non remis", "Le colis n'a pas pu être remis hier. Quelqu'un l'a-t-il vu ?", "", ""},
		{"Paquete no entregado", "No se pudo entregar el paquete. ¿Alguien lo ha recogido?", "", ""},
		{"Pakket niet bezorgd", "Het pakket kon niet worden bezorgd. Heeft iemand het gezien?", "", ""},
		{"Out of office posters", "Has anyone got a design for out of office posters?", "", ""},
		{"Out of office", "How do I set an out of office message? Please help.", "", ""},
		{"How do I write an automatic reply?", "For the half-term holiday.", "", ""},
		{"Automatic replies in Outlook", "Who can show me how they work?", "", ""},
		{"Automatic reply cards", "I need fifty reply cards printed.", "", ""},
		{"Away day ideas", "Looking for ideas for our away day in June.", "", ""},
		{"Vacation club helpers", "We need three people.", "", ""},
		{"Holiday cover", "Can anyone cover my club on Monday?", "", ""},
		{"Urlaubsvertretung gesucht", "Wer kann am Montag?", "", ""},
		{"Abwesenheitsnotiz einrichten", "Wer zeigt mir, wie das geht?", "", ""},
		{"Absence de matériel", "Qui peut prêter un projecteur ?", "", ""},
		{"Ausencia de libros", "¿Quién tiene libros?", "", ""},
		{"Afwezigheidslijst", "Wie heeft de lijst van groep 6?", "", ""},
		{"Auto parts for the workshop", "Does anyone have an old car battery?", "", ""},
		{"Re: " + digestSubject, "Automatic reply: yes! (just joking, it is really me) I can help with 17", "", "digest"},
		{"Re: " + digestSubject, "I am out of the office until Monday, but on Tuesday I can help with 17.", "", "digest"},
		{"Re: " + digestSubject, "My mailbox was full, sorry. I can help with 17.", "", "digest"},
		{"Re: " + digestSubject, "Your last mail bounced: user unknown. Anyway, 17: happy to help.", "", "digest"},
		{"Re: " + digestSubject, "Ich bin bis Montag im Urlaub, danach helfe ich gern bei 17.", "", "digest"},
		{"Re: " + digestSubject, "17", "X-Auto-Response-Suppress: All", "digest"},
		{"Re: " + digestSubject, "17", "X-Auto-Response-Suppress: DR, OOF, AutoReply", "digest"},
		{"Re: " + digestSubject, "17", "X-MS-Exchange-Inbox-Rules-Loop: someone@else.example", "digest"},
		{"Re: " + digestSubject, "17", "Auto-Submitted: no", "digest"},
		{"Re: " + digestSubject, "17", "Auto-Submitted: no\r\nX-Auto-Response-Suppress: All", "digest"},
		{"Re: " + digestSubject, "17", "Precedence: normal", "digest"},
		{"Re: " + digestSubject, "17", "Precedence: first-class", "digest"},
		{"Re: " + digestSubject, "17", "Precedence: special-delivery", "digest"},
		{"Re: " + digestSubject, "17", "X-Mailer: Vacation Mailer 2\r\nImportance: high", "digest"},
		{"Re: " + digestSubject, "17", "X-Autoreply: no", "digest"},
		{"Re: " + digestSubject, "17", "Return-Path: <mark@green.example>\r\nX-Failed-Attempts: 0", "digest"},
		{"Re: " + digestSubject, "17", "Disposition-Notification-To: mark@green.example", "digest"},
		{"Re: " + digestSubject, "17", "Return-Receipt-To: mark@green.example", "digest"},
		{"Re: " + digestSubject, "17", "List-Unsubscribe: <mailto:x@green.example>", "digest"},
		{"Re: " + digestSubject, "17", "Feedback-ID: 1:2:gmail", "digest"},
		{"Read: the new curriculum", "Has anybody read it already?", "", ""},
		{"Accepted methods of marking", "Where is the list?", "", ""},
		{"Declined forms", "I need the forms of last year.", "", ""},
		{"Delivery of the new chairs", "When is the delivery? It failed last time.", "", ""},
		{"Undeliverable promises", "A book I am looking for, by that title.", "", ""},
		{"Postmaster costume", "For the play on Friday I need a postmaster costume.", "", ""},
		{"Mailer daemon", "Who is mailer-daemon@green.example and why does he write to me?", "", ""},
		{"Delayed", "The coach is delayed, can somebody wait with Year 5?", "", ""},
		{"Bounce", "Bouncy castle for the fair: who knows a good one? Bounce safely.", "", ""},
		{"User unknown", "A user unknown to me asks for the wifi password. What shall I do?", "", ""},
		{"Spam", "Is this spam? It says: your account has been suspended.", "", ""},
		{"{\"notificationType\":\"Bounce\"}", "{\"notificationType\":\"Bounced\"} what is this text on the office screen?", "", ""},
	} {
		raw := "Received: from a by b\r\nFrom: Mark Evans <mark@green.example>\r\nTo: help@green.example\r\nMessage-ID: <1@x>\r\nSubject: " + row.subject + "\r\nContent-Type: text/plain; charset=utf-8\r\n"
		if row.fields != "" {
			raw += row.fields + "\r\n"
		}
		v := testWorld(mark, row.letter)
		m := parse.Read([]byte(raw+"\r\n"+strings.ReplaceAll(row.text, "\n", "\r\n")+"\r\n"), parse.Standard())
		if r := machine(m, v); r != nil {
			t.Errorf("%q %q: %s (%s)", row.subject, row.fields, r.reason, r.sign)
		}
		e := Understand(m, v, Policy{Verify: "none"})
		if e.Bounce != nil || e.Verdict != store.Accepted {
			t.Errorf("%q %q: %s %s, bounce %v", row.subject, row.fields, e.Verdict, e.Reason, e.Bounce)
		}
	}
}

// A colleague sends a bounce on as an attachment, or with all its parts.
func TestBounceSentOnByAColleague(t *testing.T) {
	parts := "--b\r\nContent-Type: text/plain\r\n\r\nDoes anyone understand this?\r\n--b\r\n"
	for name, rest := range map[string]string{
		"attached": "Content-Type: message/rfc822\r\n\r\nFrom: MAILER-DAEMON@x.example\r\nSubject: failure notice\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=c\r\n\r\n--c\r\n\r\n" + dsn + "\r\n--c\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--c--\r\n",
		"inline":   "Content-Type: text/plain\r\n\r\n" + dsn + "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n",
	} {
		m := parse.Read([]byte("From: mark@green.example\r\nTo: help@green.example\r\nSubject: Fwd: failure notice\r\nMessage-ID: <1@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"+parts+rest+"--b--\r\n"), parse.Standard())
		v := testWorld(mark, "")
		if r := machine(m, v); r != nil {
			t.Errorf("%s: %s (%s)", name, r.reason, r.sign)
		}
	}
}

// The colleague who reads postmaster@ is a person when he writes.
func TestPostmasterOnTheStaff(t *testing.T) {
	v := testWorld(store.Member{ID: 9, Name: "Pat Master", Email: "postmaster@green.example"}, "")
	m := parse.Read([]byte("From: Pat <postmaster@green.example>\r\nTo: help@green.example\r\nMessage-ID: <1@x>\r\nSubject: Old laptops\r\n\r\nDoes anyone need three old laptops?\r\n"), parse.Standard())
	if r := machine(m, v); r != nil {
		t.Errorf("%s (%s)", r.reason, r.sign)
	}
}
