package mailbox

import (
	"strings"

	"askfirst/mailbox/parse"
	"askfirst/mailbox/words"
	"askfirst/store"
)

// Mail from machines is recorded and never answered and never acts: a vacation
// notice must not volunteer, and two robots must not talk to each other (RFC
// 3834 sections 2 and 5). Only header fields and subjects tell machines, never
// the words of a text. X-Auto-Response-Suppress alone is a person: Exchange
// puts it on ordinary mail.

// robot is why a message counts as a machine's.
type robot struct {
	reason string
	sign   string // what gave it away, for the story
	bounce *store.Bounce
}

// machine returns nil for a person's message.
func machine(m *parse.Message, view store.View) *robot {
	signs := [...]func(*parse.Message, store.View) *robot{
		ownLetter, deliveryReport, otherReport, automatic, bulkSender, tooManyHops, outOfOffice,
	}
	for _, sign := range signs {
		if r := sign(m, view); r != nil {
			return r
		}
	}
	return nil
}

// loopField is in every letter of ours.
const loopField = "X-Askfirst-Loop"

// ownLetter recognises what we wrote ourselves, coming home.
func ownLetter(m *parse.Message, view store.View) *robot {
	from, _ := sender(m)
	switch {
	case view.Ours:
		return &robot{reason: ReasonOwnLetter, sign: "its Message-ID is one of ours"}
	case m.Header.Has(loopField):
		return &robot{reason: ReasonOwnLetter, sign: loopField}
	case ours(from, view.Exchange.Address):
		return &robot{reason: ReasonOwnLetter, sign: "From is the help address"}
	}
	return nil
}

// deliveryReport recognises bounces: RFC 3464, and what old servers write.
func deliveryReport(m *parse.Message, view store.View) *robot {
	from, _ := sender(m)
	local, _, _ := strings.Cut(from, "@")
	daemon := postmasters(local) || from == "" && strings.Contains(strings.ToLower(m.Header.Get("From")), "mailer-daemon")
	structured := strings.HasPrefix(contentType(m), "multipart/report")
	switch {
	case m.Kind != "report" && m.Report == nil:
		if view.Writer != nil || !daemon && !handedOn(m) {
			return nil // the colleague behind postmaster@ is a person
		}
	case view.Writer != nil && !daemon && !nullReturnPath(m) && !structured:
		return nil // a colleague who shows us the text of a bounce
	case view.Writer != nil && !daemon && !structured && repliedByItself(m):
		return nil // a vacation notice that says what happens to the letter
	}
	return &robot{reason: ReasonBounce, sign: "a delivery report", bounce: bounceOf(m)}
}

// bounceOf is what a report says of the first recipient that failed. The
// address that the letter was sent to counts for more than the one it was
// forwarded to: the book knows only the former.
func bounceOf(m *parse.Message) *store.Bounce {
	b := &store.Bounce{}
	if m.Report != nil {
		b.MessageID = m.Report.MessageID
		if len(m.Report.Recipients) > 0 {
			first := m.Report.Recipients[0]
			b.Recipient, b.Action, b.Status = first.Address, first.Action, first.Status
			if strings.Contains(first.Original, "@") {
				b.Recipient = first.Original
			}
		}
	}
	if b.MessageID == "" {
		b.MessageID = strings.TrimSpace(m.Enclosed.Get("Message-ID"))
	}
	return b
}

// handedOn says whether a stranger's mail is somebody's bounce, forwarded: it
// quotes the fields of RFC 3464. No letter of ours is its business.
func handedOn(m *parse.Message) bool {
	text := strings.ToLower(head(textOf(m), readable))
	return strings.Contains(text, "final-recipient: rfc822;") && strings.Contains(text, "action: failed") && strings.Contains(text, "status: ")
}

// postmasters says whether a local part is that of a mail system.
func postmasters(local string) bool {
	switch strings.ReplaceAll(strings.ReplaceAll(local, "-", ""), "_", "") {
	case "mailerdaemon", "postmaster", "maildeliverysubsystem", "maildaemon":
		return true
	}
	return false
}

func contentType(m *parse.Message) string {
	return strings.ToLower(strings.TrimSpace(m.Header.Get("Content-Type")))
}

// otherReport recognises receipts, abuse reports and answers to invitations.
func otherReport(m *parse.Message, view store.View) *robot {
	switch m.Kind {
	case "receipt":
		return &robot{reason: ReasonReadReceipt, sign: "a disposition notification (RFC 8098)"}
	case "feedback":
		return &robot{reason: ReasonFeedback, sign: "a feedback report (RFC 5965)"}
	case "calendar":
		if _, _, ok := subjectMark(m.Subject, "calendar", true); ok || strings.Contains(contentType(m), "reply") {
			return &robot{reason: ReasonCalendarReply, sign: "an answer to an invitation"}
		}
	}
	if view.Writer == nil && m.Enclosed != nil && strings.HasPrefix(strings.ToLower(m.Subject), "complaint about message from") {
		return &robot{reason: ReasonFeedback, sign: "a complaint with the letter it is about"}
	}
	if _, rest, ok := subjectMark(m.Subject, "receipt", true); ok && ourSubject(rest, view) {
		return &robot{reason: ReasonReadReceipt, sign: "the subject of a read receipt"}
	}
	return nil
}

// automatic recognises RFC 3834's field and its older relatives.
func automatic(m *parse.Message, view store.View) *robot {
	for _, value := range m.Header.All("Auto-Submitted") {
		token, _, _ := strings.Cut(strings.TrimSpace(value), ";")
		token, _, _ = strings.Cut(strings.TrimSpace(token), " ")
		if !strings.EqualFold(token, "no") && token != "" {
			return &robot{reason: ReasonAutoSubmitted, sign: "Auto-Submitted: " + head(token, 60)}
		}
	}
	for _, f := range m.Header {
		if autoField(f) {
			return &robot{reason: ReasonAutoSubmitted, sign: f.Name}
		}
	}
	if nullReturnPath(m) {
		return &robot{reason: ReasonNullReturnPath, sign: "an empty Return-Path"}
	}
	return nil
}

// repliedByItself says whether the message is marked as an automatic answer, or
// reads like one by its subject.
func repliedByItself(m *parse.Message) bool {
	_, _, away := subjectMark(m.Subject, "autoreply", false)
	return away || strings.HasPrefix(strings.ToLower(strings.TrimSpace(m.Header.Get("Auto-Submitted"))), "auto-replied")
}

// autoField says whether a field is put on automatic answers only.
func autoField(f parse.Field) bool {
	name, value := strings.ToLower(f.Name), strings.ToLower(strings.TrimSpace(f.Value))
	switch name {
	case "x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply", "x-autoreply-from", "x-autogenerated", "x-auto-replied", "x-autoresponse", "x-vacation":
		return value != "no" && value != "false"
	case "x-delivery-agent": // programs that challenge whoever writes for the first time
		return strings.Contains(value, "tmda")
	case "x-tmda-fingerprint", "x-boxtrapper", "x-challenge", "x-spamarrest-auth":
		return true
	case "x-fc-machinegenerated":
		return value == "true"
	case "x-apple-action":
		return strings.HasPrefix(value, "vacation")
	case "delivered-to":
		return value == "autoresponder"
	case "x-post-messageclass":
		return strings.Contains(value, "autoresponder")
	case "precedence", "x-precedence", "preference":
		return strings.HasPrefix(strings.NewReplacer("-", "", "_", "", " ", "").Replace(value), "autoreply")
	}
	return false
}

// nullReturnPath says whether the envelope had no sender.
func nullReturnPath(m *parse.Message) bool {
	for _, value := range m.Header.All("Return-Path") {
		return strings.ReplaceAll(strings.TrimSpace(value), " ", "") == "<>" // the topmost one is ours
	}
	return false
}

// bulkSender recognises lists, newsletters and addresses nobody reads. A
// colleague may write to us through a list that the help address stands behind.
func bulkSender(m *parse.Message, view store.View) *robot {
	colleague := view.Writer != nil && (writtenTo(m.To, view.Exchange.Address) || writtenTo(m.Cc, view.Exchange.Address))
	for _, name := range [...]string{"Precedence", "X-Precedence"} {
		switch value := strings.ToLower(strings.TrimSpace(m.Header.Get(name))); value {
		case "bulk", "junk":
			return &robot{reason: ReasonBulkMail, sign: "Precedence: " + value}
		case "list":
			if !colleague {
				return &robot{reason: ReasonListMail, sign: "Precedence: list"}
			}
		}
	}
	from, _ := sender(m)
	if local, _, _ := strings.Cut(from, "@"); view.Writer == nil && nobodyReads(local) {
		return &robot{reason: ReasonNoreply, sign: "From is an address that nobody reads"}
	}
	for _, name := range [...]string{
		"List-Id", "List-Post", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help", "List-Subscribe", "List-Owner",
		"List-Archive", "X-BeenThere", "X-Mailman-Version", "X-Mailing-List", "Mailing-List", "Feedback-ID", "X-Campaign-Id",
	} {
		if m.Header.Has(name) && !colleague {
			return &robot{reason: ReasonListMail, sign: name}
		}
	}
	return nil
}

// nobodyReads says whether a local part names a machine.
func nobodyReads(local string) bool {
	plain := strings.NewReplacer("-", "", "_", "", ".", "", "+", "").Replace(local)
	switch plain {
	case "noreply", "donotreply", "dontreply", "nepasrepondre", "keineantwort", "nichtantworten", "noresponder", "nobody", "root", "bounce", "bounces", "autoreply", "autoresponder", "listserv", "majordomo":
		return true
	}
	return strings.HasPrefix(plain, "noreply") || strings.HasPrefix(plain, "donotreply") || strings.HasPrefix(local, "owner-") ||
		strings.HasSuffix(local, "-request") || strings.HasSuffix(local, "-owner") || strings.HasSuffix(local, "-bounces")
}

// tooManyHops recognises a loop between mail servers by its trace fields (RFC
// 5321 section 6.3 suggests a limit of at least 100; staff mail needs ten).
func tooManyHops(m *parse.Message, _ store.View) *robot {
	if len(m.Header.All("Received")) > 50 {
		return &robot{reason: ReasonMailLoop, sign: "more than 50 Received fields"}
	}
	return nil
}

// outOfOffice recognises vacation notices by their subject, but only in answer
// to a letter of ours or with another sign: people, too, write "Out of office".
func outOfOffice(m *parse.Message, view store.View) *robot {
	phrase, rest, ok := subjectMark(m.Subject, "autoreply", false)
	if !ok {
		if phrase, rest, ok = subjectMark(m.Subject, "autoreplyweak", false); ok && !ourSubject(rest, view) {
			phrase, rest, ok = subjectMark(m.Subject, "autoreplyweak", true)
		}
		if !ok {
			phrase, ok = absentee(m.Subject)
		}
		if !ok {
			return nil
		}
	}
	other := m.Header.Has("X-Auto-Response-Suppress") || m.Header.Has("X-MS-Exchange-Inbox-Rules-Loop") || m.Header.Has("X-MS-Exchange-Generated-Message-Source")
	if len(view.Letters) == 0 && !ourSubject(rest, view) && !other {
		return nil
	}
	return &robot{reason: ReasonOutOfOffice, sign: "the subject begins \"" + phrase + "\""}
}

// absentee recognises the subject that consists of a name and of words that say
// it is away: "Lena Fischer is out of the office."
func absentee(subject string) (phrase string, ok bool) {
	tokens := words.Tokens(head(subject, 300))
	for i := 1; i < len(tokens) && i <= 4 && tokens[i-1].Name(); i++ {
		if words.Standard().IsLine("autoreplyweak", joinFolded(tokens[i:])) {
			return head(subject, 60), true
		}
	}
	return "", false
}

// subjectMark finds an entry of a class at the beginning of a subject. Some
// count only if a colon or nothing follows: "Accepted: lunch", not "Accepted
// methods of marking".
func subjectMark(subject string, class words.Class, colon bool) (phrase, rest string, ok bool) {
	subject = head(subject, 300)
	for range 2 {
		tokens := words.Tokens(subject)
		for n := min(6, len(tokens)); n >= 1; n-- {
			if !words.Standard().IsLine(class, joinFolded(tokens[:n])) {
				continue
			}
			end := tokens[n-1].End
			rest = strings.TrimSpace(subject[end:])
			if colon && rest != "" && !strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "：") && !strings.HasPrefix(rest, "(") {
				continue
			}
			return subject[:end], strings.TrimSpace(strings.TrimLeft(rest, ":： -")), true
		}
		base, _, _ := parse.BaseSubject(subject) // "Re: Automatic reply: …"
		if base == subject {
			break
		}
		subject = base
	}
	return "", "", false
}

// ourSubject says whether a subject is that of a letter we sent to the writer.
func ourSubject(subject string, view store.View) bool {
	base, _, _ := parse.BaseSubject(subject)
	if len(base) < 8 {
		return false
	}
	for _, list := range [...][]store.Sent{view.Letters, view.Recent} {
		for _, l := range list {
			if sameSubject(base, l.Subject) {
				return true
			}
		}
	}
	return false
}

// sameSubject compares base subjects, case and blanks aside.
func sameSubject(a, b string) bool {
	a, _, _ = parse.BaseSubject(a)
	b, _, _ = parse.BaseSubject(b)
	a, b = strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " ")
	return a != "" && strings.EqualFold(a, b)
}
