package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"askfirst/mailbox"
	"askfirst/store"
)

// What the trial's mails looked like when they came back, in sentences.

// byServer says whether the configuration believes what a server has written.
func byServer(verify string) bool {
	return verify == "authentication-results" || verify == "microsoft365"
}

// arrived is what there is to say of an ordinary mail to ourselves.
func (t *trial) arrived(m mailbox.Trial, traced mailbox.Traced, after time.Duration) {
	t.say(SeverityOK, fmt.Sprintf("a mail to %s arrived after %s, through %d servers", m.To, after.Round(100*time.Millisecond), traced.Received), "")
	if traced.From != t.config.Exchange.Address {
		t.say(SeverityWarning, fmt.Sprintf("it was sent from %s and arrived from %s", t.config.Exchange.Address, quoted(traced.From)), "let the server leave From as it is, or write that address as exchange.address")
	}
	if traced.MessageID != m.MessageID() {
		t.say(SeverityWarning, "the server gave it another Message-ID, so answers are tied to their letter by numbers, words and tags only", "ask whether the server can leave Message-ID as it is")
	}
	if len(traced.Results) == 0 {
		t.say(SeverityOK, "the server writes no Authentication-Results on mail from inside; what it writes on mail from outside, the message from outside will show", "")
		return
	}
	for _, r := range traced.Results {
		t.results(r, "inside")
	}
}

// results is what a server wrote, and what the configuration would need for it.
func (t *trial) results(r mailbox.TracedResult, from string) {
	cause := fmt.Sprintf("on mail from %s %s writes Authentication-Results (%s), with %d Received above", from, quoted(r.ServerID), strings.Join(r.Verdicts, " "), r.Above)
	remedy := fmt.Sprintf("senders: { verify: authentication-results, authserv_ids: [%s], hops: %d } believes it", r.ServerID, r.Above)
	senders := t.config.Senders
	fold := func(id string) bool { return strings.EqualFold(id, r.ServerID) }
	if senders.Verify == "authentication-results" && slices.ContainsFunc(senders.AuthservIDs, fold) && senders.Hops >= r.Above {
		remedy = ""
	}
	severity := SeverityOK
	if remedy != "" && senders.Verify == "authentication-results" && from == "outside" {
		severity = SeverityWarning
	}
	t.say(severity, cause, remedy)
}

// stripped is what became of the fields that we had forged; it returns whether
// nothing came through that would be believed.
func (t *trial) stripped(traced mailbox.Traced, from string) (clean bool) {
	clean = true
	senders := t.config.Senders
	trusted := func(above int) bool { return above >= 0 && above <= senders.Hops }
	switch i := slices.IndexFunc(traced.Forged, func(r mailbox.TracedResult) bool { return trusted(r.Above) }); {
	case i >= 0:
		clean = false
		severity, remedy := SeverityWarning, fmt.Sprintf("let the mail server remove Authentication-Results of its own name (%s) from what comes in (RFC 8601 section 5), or choose a smaller senders.hops; until then use senders: { verify: confirm }", traced.Forged[i].ServerID)
		if byServer(senders.Verify) {
			severity = SeverityProblem
		}
		t.say(severity, fmt.Sprintf("a forged Authentication-Results in the name of %s came through from %s, with %d Received above: with hops %d it would be believed",
			quoted(traced.Forged[i].ServerID), from, traced.Forged[i].Above, senders.Hops), remedy)
	case len(traced.Forged) > 0:
		t.say(SeverityOK, fmt.Sprintf("a forged Authentication-Results from %s comes through, with %d Received above: with hops %d it is not looked at", from, traced.Forged[0].Above, senders.Hops), "")
	default:
		t.say(SeverityOK, fmt.Sprintf("a forged Authentication-Results from %s is removed", from), "")
	}
	if senders.Verify == "microsoft365" && from == "outside" && traced.Internal >= 0 {
		clean = false
		t.say(SeverityProblem, "a forged X-MS-Exchange-Organization-AuthAs came through from outside: this mailbox is not behind Exchange's header firewall", "use senders: { verify: confirm }")
	}
	return clean
}

// plus is whether the help address takes tags.
func (t *trial) plus(refused bool, r mailbox.Receipt) {
	remedy := "nothing has to be done: answers are tied to their letter in other ways; with Postfix, recipient_delimiter = + switches it on"
	switch {
	case t.known.Plus:
		t.say(SeverityOK, "mail to the help address with a plus tag arrives: letters get one in Reply-To, by which answers find them", "")
	case refused:
		t.say(SeverityWarning, fmt.Sprintf("mail to the help address with a plus tag is refused: %d %s", r.Code, quoted(r.Text)), remedy)
	default:
		t.say(SeverityWarning, "mail to the help address with a plus tag does not arrive", remedy)
	}
}

// cameFromOutside judges the message that the admin has sent.
func (t *trial) cameFromOutside(traced mailbox.Traced) {
	t.known.Outside, t.known.ServerIDs, t.known.Above = t.options.Now, nil, 0
	for i, r := range traced.Results {
		if i == 0 {
			t.known.Above = r.Above
		}
		t.results(r, "outside")
		if r.ServerID != "" && !slices.Contains(t.known.ServerIDs, r.ServerID) && len(t.known.ServerIDs) < 5 {
			t.known.ServerIDs = append(t.known.ServerIDs, r.ServerID)
		}
	}
	if len(traced.Results) == 0 {
		severity := SeverityOK
		if t.config.Senders.Verify == "authentication-results" {
			severity = SeverityWarning
		}
		t.say(severity, "the server writes no Authentication-Results on mail from outside, so that nobody can be believed by them", "use senders: { verify: confirm }, or dkim")
	}
	t.known.Clean = t.stripped(traced, "outside")
	for _, id := range append(slices.Clone(t.config.Senders.AuthservIDs), t.known.ServerIDs...) {
		if !slices.ContainsFunc(t.known.Forged, func(f string) bool { return strings.EqualFold(f, id) }) {
			t.known.Clean = false // it was not tried in that name
		}
	}
}

// askOutside tells the admin what to send.
func (t *trial) askOutside(path string) {
	severity, cause := SeverityOK, "a mail from outside has not been tried"
	if byServer(t.config.Senders.Verify) {
		severity = SeverityProblem
		cause += ", so nobody knows whether a stranger can write what senders.verify believes"
	}
	if !t.known.Outside.IsZero() {
		cause = strings.Replace(cause, "has not been tried", "has not come back clean", 1)
	}
	_, domain, _ := strings.Cut(t.config.Exchange.Address, "@")
	t.say(severity, cause, fmt.Sprintf("put an address of yours elsewhere into From of %s, send that file as it is from a computer outside your network to the mail server of %s (curl --url smtp://SERVER --mail-from YOU@ELSEWHERE --mail-rcpt %s --upload-file outside-test.eml), and repeat askfirst check --send-test",
		path, domain, t.config.Exchange.Address))
}

// untried warns of trust that nobody has tried: for `check` without mails.
func untried(c *Config, known store.Trial) []Finding {
	if !byServer(c.Senders.Verify) {
		return nil
	}
	cause := ""
	switch {
	case known.Address != c.Exchange.Address || known.Outside.IsZero():
		cause = "senders.verify believes what the mail server writes, and nobody has tried whether a stranger can write it, too"
	case !known.Clean:
		cause = "senders.verify believes what the mail server writes, and the message from outside did not come back clean"
	case slices.ContainsFunc(c.Senders.AuthservIDs, func(id string) bool { return !slices.Contains(known.Forged, strings.ToLower(id)) }):
		cause = "senders.authserv_ids has a name in which no forged mail from outside was tried"
	default:
		return nil
	}
	return []Finding{{Severity: SeverityWarning, What: "senders", Cause: cause, Remedy: "askfirst check --send-test shows how to try it"}}
}
