package main

import (
	"askfirst/mailbox"
	"askfirst/store"
)

// The reasons that the daemon itself gives, beside those of understanding.
const (
	reasonPanic      = "panic"
	reasonEndsReader = "ends_reader"
	reasonNoAnswer   = "cannot_answer"
	reasonUnread     = "cannot_fetch"
)

// ourReasons explains them, and the one of the ledger.
func ourReasons() map[string]string {
	return map[string]string{
		reasonPanic:              "Reading it failed inside the program; it is kept aside, and the stack is in the log.",
		reasonEndsReader:         "It ended the program whenever it was read, so it is kept aside unread.",
		reasonNoAnswer:           "It was understood, but no answer could be composed; a template is wrong. It is kept aside.",
		reasonUnread:             "The mail server could not give it to us, however often we asked; it is kept aside on the server.",
		store.ReasonTooMany:      "The sender wrote far more than people write; what was too much is not acted on, and a letter a day says so.",
		store.ReasonForgotten:    "It was kept aside when its writer was forgotten; nobody reads it.",
		store.ReasonDropped:      "It was kept aside, and an admin decided to leave it undecided.",
		store.ReasonForged:       "A server that we trust says that somebody else wrote this than it claims. It is kept aside and nobody is answered; released, its writer is asked whether it was him.",
		store.ReasonNotConfirmed: "Nobody said yes to \"did you just write this?\" in time; nothing was done.",
		store.ReasonDenied:       "The member in whose name it came says: that was not me. Nothing was done.",
		"seen_before":            "The server shows a message under a new UIDVALIDITY that was decided before.",
	}
}

// why is a reason in one sentence; "" when there is none.
func why(reason string) string {
	if sentence := ourReasons()[reason]; sentence != "" {
		return sentence
	}
	return mailbox.Reasons()[reason]
}
