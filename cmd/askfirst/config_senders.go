package main

import (
	"slices"
	"strings"

	"askfirst/mailbox"
)

// Whose mail is believed: the keys under senders.

// verify reads the way in which senders are checked. It has no default: what
// fits depends on the mail server, and a wrong guess would believe everybody.
func (d *decoder) verify(key string, v *value) {
	s, ok := d.scalar(key, v, 4096)
	if !ok {
		return
	}
	ways := []string{mailbox.VerifyConfirm, mailbox.VerifyAuthRes, mailbox.VerifyMicrosoft365, mailbox.VerifyDKIM, mailbox.VerifyNone}
	if slices.Contains(ways, s) {
		d.c.Senders.Verify = s
		return
	}
	remedy := ""
	if guess := nearest(s, ways); guess != "" {
		remedy = "did you mean " + guess + "?"
	}
	d.complain(v.at, key, remedy, "%s must be one of %s, not %s", key, listed(ways, "or"), shown(s))
}

// authservIDs reads the names by which the mail server signs what it found out
// (RFC 8601 section 2.5): tokens, nearly always the name of a host.
func (d *decoder) authservIDs(key string, v *value) {
	d.c.Senders.AuthservIDs = nil
	for _, item := range d.items(key, v) {
		if item.text == "" || len(item.text) > 255 || strings.ContainsFunc(item.text, func(r rune) bool {
			return r <= ' ' || r == 0x7f || strings.ContainsRune(`;=()<>[]@,:"\/?`, r)
		}) {
			d.complain(item.at, key, "write what stands before the first semicolon of an Authentication-Results line in a mail that you received, for example mx.carpenter.example",
				"%s is no name of a mail server", shown(item.text))
			continue
		}
		d.c.Senders.AuthservIDs = append(d.c.Senders.AuthservIDs, item.text)
	}
}

// finishSenders checks that a way of checking senders has what it needs.
func (d *decoder) finishSenders() {
	s := d.c.Senders
	if s.Verify == "" || d.complained("senders.verify") {
		return
	}
	if s.Verify == mailbox.VerifyAuthRes {
		if len(s.AuthservIDs) == 0 && !d.complained("senders.authserv_ids") {
			key := "senders.verify"
			if d.given["senders.authserv_ids"] {
				key = "senders.authserv_ids"
			}
			d.complain(d.place(key), "senders.authserv_ids", "write what stands before the first semicolon of an Authentication-Results line in a mail that you received, for example authserv_ids: [mx.carpenter.example]",
				"senders.verify: authentication-results needs senders.authserv_ids, or anybody could forge what your mail server says")
		}
		return
	}
	for _, key := range []string{"senders.authserv_ids", "senders.hops"} {
		if d.given[key] {
			d.note(d.place(key), key, "", "%s is not used while senders.verify is %s", key, s.Verify)
		}
	}
}
