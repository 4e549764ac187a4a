package mailbox

import (
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

const someToken = "aeaaaaaaaaaaaaaaaaaaaaaaaaaaaa27"

func TestTokensOf(t *testing.T) {
	for header, want := range map[string]int{
		"To: Help <help+" + someToken + "@x.example>":                                            1,
		"To: HELP+" + strings.ToUpper(someToken) + "@X.example":                                  1,
		"Cc: a@x.example, help+" + someToken + "@x.example":                                      1,
		"Delivered-To: help+" + someToken + "@x.example":                                         1,
		"X-Original-To: help+" + someToken + "@x.example":                                        1,
		"X-Forwarded-To: a@x.example help+" + someToken + "@x.example":                           1,
		"Envelope-To: <help+" + someToken + "@x.example>,":                                       1,
		"To: help+" + someToken + "@x.example\r\nDelivered-To: HELP+" + someToken + "@x.example": 1,
		"To: help+" + someToken + "a@x.example":                                                  0,
		"To: help+" + someToken[1:] + "@x.example":                                               0,
		"To: help+anonymous@x.example":                                                           0,
		"To: help-" + someToken + "@x.example":                                                   0,
		"To: help+" + someToken[:31] + "1@x.example":                                             0,
		"Subject: help+" + someToken + "@x.example":                                              0,
		"Bcc: help+" + someToken + "@x.example":                                                  0,
		"Delivered-To: help+" + someToken:                                                        0,
		"X-Original-To: " + strings.Repeat("x ", 3000) + "help+" + someToken + "@x.example":      0,
		"To: " + manyTokens(9):                                                                   mostTokens,
	} {
		m := parse.Read([]byte("From: a@x.example\r\n"+header+"\r\n\r\nx\r\n"), parse.Standard())
		if got := tokensOf(m); len(got) != want {
			t.Errorf("%.80s: %q, want %d", header, got, want)
		}
	}
}

func manyTokens(n int) string {
	var list []string
	for i := range n {
		list = append(list, "help+"+string(rune('a'+i))+someToken[1:]+"@x.example")
	}
	return strings.Join(list, ", ")
}

func FuzzTokensOf(f *testing.F) {
	f.Add("To", "help+"+someToken+"@x.example")
	f.Add("Delivered-To", "\"help+"+someToken+"\"@x.example")
	f.Fuzz(func(t *testing.T, name, value string) {
		m := parse.Read([]byte(name+": "+value+"\r\n\r\n"), parse.Standard())
		got := tokensOf(m)
		if len(got) > mostTokens {
			t.Errorf("%d tokens", len(got))
		}
		for _, token := range got {
			if len(token) != tokenLetters || !base32Alphabet(token) {
				t.Errorf("%q", token)
			}
		}
	})
}

// Only a stranger who is believed, whose letter went to one colleague, and who
// wrote something, causes a question; everybody else is met with silence.
func TestStrangersAnswers(t *testing.T) {
	went := testWorld(mark, "digest")
	went.Writer = nil
	addressee := anna
	for name, row := range map[string]struct {
		change func(*store.View, *parse.Message)
		reason string
	}{
		"may be asked": {func(v *store.View, _ *parse.Message) { v.Addressee, v.AskAddressee = &addressee, true }, ReasonOtherAddress},
		"asked enough": {func(v *store.View, _ *parse.Message) { v.Addressee = &addressee }, ReasonStrangerReply},
		"two copies":   {func(*store.View, *parse.Message) {}, ReasonStrangerReply},
		"nothing new":  {func(v *store.View, m *parse.Message) { v.Addressee, v.AskAddressee, m.Plain = &addressee, true, "" }, ReasonStrangerReply},
		"a machine": {func(v *store.View, m *parse.Message) {
			v.Addressee, v.AskAddressee, m.Header = &addressee, true, parse.Header{{Name: "Auto-Submitted", Value: "auto-replied"}}
		}, ReasonAutoSubmitted},
		"without a name": {func(v *store.View, m *parse.Message) {
			v.Addressee, v.AskAddressee, m.Subject = &addressee, true, "Anonymous: a quiet word"
		}, ReasonStrangerReply},
		"unproven": {func(v *store.View, m *parse.Message) {
			v.Addressee, v.AskAddressee, m.Header = &addressee, true, parse.Header{{Name: "X-Verify", Value: "confirm"}}
		}, ReasonStrangerUnproven},
		"not proved by a trusted server": {func(v *store.View, m *parse.Message) {
			v.Addressee, v.AskAddressee, m.Header = &addressee, true, parse.Header{{Name: "X-Verify", Value: "authentication-results"}}
		}, ReasonStrangerUnproven},
		"proved by one": {func(v *store.View, m *parse.Message) {
			v.Addressee, v.AskAddressee, m.Header = &addressee, true, parse.Header{{Name: "X-Verify", Value: "authentication-results"}, {Name: "From", Value: "x@else.example"}, {Name: "Authentication-Results", Value: "mx.green.example; dmarc=pass header.from=else.example"}}
		}, ReasonOtherAddress},
		"forged": {func(v *store.View, m *parse.Message) {
			v.Addressee, v.AskAddressee, m.Header = &addressee, true, parse.Header{{Name: "X-Verify", Value: "authentication-results"}, {Name: "From", Value: "x@else.example"}, {Name: "Authentication-Results", Value: "mx.green.example; dmarc=fail header.from=else.example"}}
		}, store.ReasonForged},
		"decided before": {func(v *store.View, _ *parse.Message) { v.Addressee, v.AskAddressee, v.Seen = &addressee, true, true }, ReasonDuplicate},
	} {
		view, m := went, &parse.Message{From: []parse.Address{{Email: "x@else.example"}}, Subject: "Re: asks", Plain: "17, I have one"}
		row.change(&view, m)
		policy := Policy{Verify: "none", AuthservIDs: []string{"mx.green.example"}}
		if verify := m.Header.Get("X-Verify"); verify != "" {
			policy.Verify = verify
		}
		e := Understand(m, view, policy)
		if e.Reason != row.reason || len(e.Acts) != 0 || e.Verdict == store.Accepted {
			t.Errorf("%s: %s %s %v", name, e.Verdict, e.Reason, e.Acts)
		}
	}
}

// The answer to "Was this you?" in the languages that we understand; what is
// neither yes nor no does nothing.
func TestWasItYou(t *testing.T) {
	for text, want := range map[string]store.ActKind{
		"yes": store.ActConfirm, "Yes.": store.ActConfirm, "YES": store.ActConfirm, "Yes, that was me": store.ActConfirm, "yep": store.ActConfirm,
		"That was me.": store.ActConfirm, "Das war ich": store.ActConfirm, "Yes, that is my private address. Thanks, Mark": store.ActConfirm, "Oui, c'est moi": store.ActConfirm,
		"That was not me": store.ActDecline, "not me": store.ActDecline, "Das war ich nicht.": store.ActDecline,
		"Yes please, thanks!": store.ActConfirm, "👍": store.ActConfirm, "Ja": store.ActConfirm, "Ja, das war ich.": store.ActConfirm,
		"Oui, c'était moi": store.ActConfirm, "Sí, fui yo": store.ActConfirm, "Ja, dat was ik": store.ActConfirm, "Hi, yes that was me. Mark": store.ActConfirm,
		"no": store.ActDecline, "No, that wasn't me": store.ActDecline, "Nein": store.ActDecline, "Non, ce n'était pas moi": store.ActDecline, "No, no fui yo": store.ActDecline,
		"Nee, dat was ik niet": store.ActDecline, "No!": store.ActDecline, "❌": store.ActDecline,
		"What is this?": store.ActUnclear, "Was it me? Yes?": store.ActUnclear, "yesterday I wrote something": store.ActUnclear, "who wrote that": store.ActUnclear,
		"thanks":                            store.ActChat,
		"Yes, I got this, but it wasn't me": store.ActUnclear, "Yes I saw it. That was not me.": store.ActUnclear, "Ja, aber das war ich nicht": store.ActUnclear,
		"Yes it is my husband's address, he wrote that": store.ActUnclear, "ok I'll look at it": store.ActUnclear, "Oui mais ce n'est pas mon adresse": store.ActUnclear,
		"Yes, never seen that address": store.ActUnclear, "Yes, somebody else wrote that": store.ActUnclear,
	} {
		view := testWorld(mark, "")
		view.Letters = []store.Sent{{Key: "known_address/x", Kind: store.KindKnownAddress, To: mark.ID, MessageID: "<q@green.example>", Subject: "Was this you, from another address?"}}
		view.Pending = &store.Question{ID: 1, Letter: "known_address/x", Kind: store.KindKnownAddress}
		e := Understand(&parse.Message{From: []parse.Address{{Email: mark.Email}}, Subject: "Re: Was this you, from another address?", Plain: text}, view, Policy{})
		if len(e.Acts) != 1 || e.Acts[0].Kind != want || want == store.ActConfirm && e.Acts[0].Via != store.ViaAddress {
			t.Errorf("%q: %s (%s), want %s", text, actsOf(e), e.Reason, want)
		}
	}
}
